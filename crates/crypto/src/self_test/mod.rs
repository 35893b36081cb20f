//! Known-answer tests, run before the module gives any output (FIPS 140-3, 7.10).

mod ciphers;
mod vectors;

use model::{
    EncryptionContext, Error, KeyId, MaterialId, Result,
    algorithm::{Hash, KeySpec, MessageType, SigningAlgorithm},
    raw::{CipherMode, Oaep},
};
use vectors as v;

use crate::{
    digest, envelope, kdf,
    kdf::label,
    mac::{self, PreparedKey},
    message, random,
    raw::{self, AesKey, Pkey, Scheme, Wiped},
    root,
    secmem::Guarded,
    sign,
};

/// A test: its name, and whether the answer was the known one.
type Test = (&'static str, fn() -> Result<bool>);

const TESTS: &[Test] = &[
    ("secret memory serves the library", raw::allocator_is_ours),
    ("random numbers", random::is_healthy),
    ("SHA-1", || Ok(digest::digest(Hash::Sha1, b"abc") == v::SHA1)),
    ("SHA-224", || Ok(digest::digest(Hash::Sha224, b"abc") == v::SHA224)),
    ("SHA-256", || Ok(digest::sha256(b"abc") == v::SHA256)),
    ("SHA-384", || Ok(digest::digest(Hash::Sha384, b"abc") == v::SHA384)),
    ("SHA-512", || Ok(digest::digest(Hash::Sha512, b"abc") == v::SHA512)),
    ("SHA3-224", || Ok(digest::digest(Hash::Sha3_224, b"abc") == v::SHA3_224)),
    ("SHA3-256", || Ok(digest::digest(Hash::Sha3_256, b"abc") == v::SHA3_256)),
    ("SHA3-384", || Ok(digest::digest(Hash::Sha3_384, b"abc") == v::SHA3_384)),
    ("SHA3-512", || Ok(digest::digest(Hash::Sha3_512, b"abc") == v::SHA3_512)),
    ("HMAC-SHA-1", || hmac(Hash::Sha1, &v::HMAC_SHA1)),
    ("HMAC-SHA-224", || hmac(Hash::Sha224, &v::HMAC_SHA224)),
    ("HMAC-SHA-256", || hmac(Hash::Sha256, &v::HMAC_SHA256)),
    ("HMAC-SHA-384", || hmac(Hash::Sha384, &v::HMAC_SHA384)),
    ("HMAC-SHA-512", || hmac(Hash::Sha512, &v::HMAC_SHA512)),
    ("HMAC-SHA3-224", || hmac_once(Hash::Sha3_224, &v::HMAC_SHA3_224)),
    ("HMAC-SHA3-256", || hmac_once(Hash::Sha3_256, &v::HMAC_SHA3_256)),
    ("HMAC-SHA3-384", || hmac_once(Hash::Sha3_384, &v::HMAC_SHA3_384)),
    ("HMAC-SHA3-512", || hmac_once(Hash::Sha3_512, &v::HMAC_SHA3_512)),
    ("SP 800-108 KDF", kbkdf),
    ("HKDF", hkdf),
    ("AES-256-GCM", gcm),
    ("AES-ECB", || ciphers::mode(CipherMode::Ecb, &v::ECB)),
    ("AES-CBC", || ciphers::mode(CipherMode::Cbc, &v::CBC)),
    ("AES-CTR", || ciphers::mode(CipherMode::Ctr, &v::CTR)),
    ("AES-CFB", || ciphers::mode(CipherMode::Cfb, &v::CFB)),
    ("AES-OFB", || ciphers::mode(CipherMode::Ofb, &v::OFB)),
    ("AES-128-GCM", || ciphers::gcm(&v::GCM_ZEROS.1)),
    ("triple DES", || ciphers::tdes(&v::TDES.3)),
    ("ChaCha20", || Ok(ciphers::chacha20(&v::CHACHA20))),
    ("ChaCha20-Poly1305", || ciphers::poly1305(&v::POLY1305.2)),
    ("AES-KW", key_wrap),
    ("AES-KWP", key_wrap_padded),
    ("sealed record", sealed_record),
    ("ciphertext", ciphertext),
    ("RSASSA-PKCS1-v1_5", rsa_pkcs1),
    ("RSASSA-PSS", rsa_pss),
    ("RSAES-OAEP", rsa_oaep),
    ("ECDSA P-256", || ecdsa(KeySpec::P256, &v::P256, &v::P256_SIGNATURE)),
    ("ECDSA P-384", || ecdsa(KeySpec::P384, &v::P384, &v::P384_SIGNATURE)),
    ("ECDSA P-521", || ecdsa(KeySpec::P521, &v::P521, &v::P521_SIGNATURE)),
    ("ECDSA secp256k1", || ecdsa(KeySpec::Secp256k1, &v::SECP256K1, &v::SECP256K1_SIGNATURE)),
    ("ECDH P-256", || agree(&v::P256, &v::P256_PEER, &v::P256_SHARED)),
    ("ECDH P-384", || agree(&v::P384, &v::P384_PEER, &v::P384_SHARED)),
    ("ECDH P-521", || agree(&v::P521, &v::P521_PEER, &v::P521_SHARED)),
    ("X25519", || agree(&v::X25519, &v::X25519_PEER, &v::X25519_SHARED)),
    ("Ed25519", ed25519),
    ("Ed25519ph", ed25519ph),
    ("ML-DSA-44", ml_dsa_44),
    ("ML-DSA-65", || ml_dsa(KeySpec::MlDsa65, &v::ML_DSA_65, &v::ML_DSA_65_PUBLIC)),
    ("ML-DSA-87", || ml_dsa(KeySpec::MlDsa87, &v::ML_DSA_87, &v::ML_DSA_87_PUBLIC)),
    ("ML-KEM-512", || ml_kem(&v::ML_KEM_512, 768, &v::ML_KEM_512_REJECTED)),
    ("ML-KEM-768", || {
        Ok(public_is(&v::ML_KEM_768, &v::ML_KEM_768_PUBLIC)?
            && ml_kem(&v::ML_KEM_768, 1088, &v::ML_KEM_768_REJECTED)?)
    }),
    ("ML-KEM-1024", || {
        Ok(public_is(&v::ML_KEM_1024, &v::ML_KEM_1024_PUBLIC)?
            && ml_kem(&v::ML_KEM_1024, 1568, &v::ML_KEM_1024_REJECTED)?)
    }),
];

/// Runs all of them. The number that passed, or the name of the first that did not.
pub(crate) fn run() -> Result<usize, &'static str> {
    run_each(TESTS)
}

fn run_each(tests: &[Test]) -> Result<usize, &'static str> {
    for (name, test) in tests {
        if !test().unwrap_or(false) {
            return Err(name);
        }
    }
    Ok(tests.len())
}

/// The same, but that one bit of a known answer is wrong.
#[cfg(test)]
pub(crate) fn run_with_a_wrong_answer() -> Result<usize, &'static str> {
    run_each(tests::WRONG)
}

/// Key and data of RFC 4231, 4.3.
const JEFE: (&[u8], &[u8]) = (b"Jefe", b"what do ya want for nothing?");

/// The prepared form, which all codes but the one-shot ones go through, and the one-shot form.
fn hmac(hash: Hash, known: &[u8]) -> Result<bool> {
    let (key, data) = JEFE;
    let prepared = PreparedKey::new(hash, key)?;
    let mut code = vec![0; hash.digest_len()];
    prepared.codes(&[data], &mut code);
    Ok(code == known && hmac_once(hash, known)?)
}

fn hmac_once(hash: Hash, known: &[u8]) -> Result<bool> {
    let (key, data) = JEFE;
    Ok(mac::hmac(hash, &Guarded::copy_of(key)?, data)? == known)
}

/// The bytes 0, 1, 2 and so on.
fn counting<const N: usize>() -> [u8; N] {
    std::array::from_fn(|i| i as u8)
}

fn kbkdf() -> Result<bool> {
    let mut out = [0; 80];
    kdf::kbkdf(&counting::<32>(), b"label", b"context", &mut out)?;
    Ok(out == v::KBKDF)
}

fn hkdf() -> Result<bool> {
    let mut out = [0; 42];
    let info: [u8; 10] = std::array::from_fn(|i| 0xf0 + i as u8);
    kdf::hkdf(Hash::Sha256, &counting::<13>(), &[0x0b; 22], &info, &mut out)?;
    Ok(out == v::HKDF)
}

fn gcm() -> Result<bool> {
    let mut sealed = [0; v::GCM_SEALED.len()];
    raw::gcm_seal(&v::GCM_KEY, &v::GCM_IV, &v::GCM_AAD, &v::GCM_PLAIN, &mut sealed)?;
    let mut plain = [0; v::GCM_PLAIN.len()];
    let opened = raw::gcm_open(&v::GCM_KEY, &v::GCM_IV, &v::GCM_AAD, &sealed, &mut plain)?;
    let right = sealed == v::GCM_SEALED && opened && plain == v::GCM_PLAIN;
    sealed[0] ^= 1;
    let forged = raw::gcm_open(&v::GCM_KEY, &v::GCM_IV, &v::GCM_AAD, &sealed, &mut plain)?;
    Ok(right && !forged)
}

fn aes_key(key: &[u8]) -> Result<AesKey<'_>> {
    AesKey::new(key).ok_or(Error::Internal("a wrapping key has another length"))
}

fn key_wrap() -> Result<bool> {
    let kek = counting::<32>();
    let key = aes_key(&kek)?;
    let (mut wrapped, mut plain) = (v::KW_WRAPPED, v::KW_PLAIN);
    wrapped.fill(0);
    let mut right = key.wrap(&v::KW_PLAIN, &mut wrapped)? && wrapped == v::KW_WRAPPED;
    plain.fill(0);
    right &= key.unwrap(&wrapped, &mut plain)? && plain == v::KW_PLAIN;
    wrapped[0] ^= 1;
    Ok(right && !key.unwrap(&wrapped, &mut plain)?)
}

fn key_wrap_padded() -> Result<bool> {
    let key = aes_key(&v::KWP_KEY)?;
    let (mut wrapped, mut plain) = ([0; v::KWP_WRAPPED.len()], [0; v::KWP_WRAPPED.len()]);
    let written = key.wrap_padded(&v::KWP_PLAIN, &mut wrapped)?;
    let mut right = written == Some(wrapped.len()) && wrapped == v::KWP_WRAPPED;
    let read = key.unwrap_padded(&wrapped, &mut plain)?;
    right &= read == Some(v::KWP_PLAIN.len()) && plain[..v::KWP_PLAIN.len()] == v::KWP_PLAIN;
    wrapped[0] ^= 1;
    Ok(right && key.unwrap_padded(&wrapped, &mut plain)?.is_none())
}

/// The key of the two known answers of `docs/formats.md`.
fn documented_key() -> Result<PreparedKey> {
    PreparedKey::new(Hash::Sha256, &[0x42; 32])
}

fn sealed_record() -> Result<bool> {
    let (key, binding) = (documented_key()?, root::record_binding(b"place", 7));
    let sealed = message::seal_bound_with(&key, label::RECORD, &[0x24; 16], binding, b"record")?;
    let again = root::record_binding(b"place", 7);
    let opened = message::open_bound(&key, label::RECORD, again, &sealed, "known answer")?;
    let moved = root::record_binding(b"place", 8);
    let refused = message::open_bound(&key, label::RECORD, moved, &sealed, "moved").is_err();
    Ok(sealed.as_bytes() == v::SEALED_RECORD && opened == b"record" && refused)
}

fn ciphertext() -> Result<bool> {
    let context = EncryptionContext::new([("name", "value")])?;
    let header = envelope::Header { key: KeyId([0x11; 16]), material: MaterialId([0x22; 16]) };
    let (key, nonce) = (documented_key()?, [0x24; 16]);
    let ciphertext = envelope::encrypt_with(&key, header, &nonce, &context, b"plaintext")?;
    Ok(ciphertext == v::CIPHERTEXT && envelope::header(&ciphertext)? == header)
}

/// Verifies `signature`, refuses it for another message, and verifies a new one.
fn signature(
    key: &Pkey,
    algorithm: SigningAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<bool> {
    let kind = match algorithm {
        SigningAlgorithm::Ed25519Ph => MessageType::Digest,
        _ => MessageType::Raw,
    };
    let (scheme, input) = sign::input(algorithm, kind, message)?;
    let mut other = input.to_vec();
    other[0] ^= 1;
    Ok(key.verify(scheme, &input, signature)?
        && !key.verify(scheme, &other, signature)?
        && key.verify(scheme, &input, &key.sign(scheme, &input)?)?)
}

fn rsa_pkcs1() -> Result<bool> {
    use SigningAlgorithm::{RsaPkcs1Sha256, RsaPkcs1Sha384, RsaPkcs1Sha512};
    let key = Pkey::from_pkcs8(v::RSA)?;
    let mut right = key.is(KeySpec::Rsa2048);
    for (algorithm, known) in [
        (RsaPkcs1Sha256, &v::RSA_PKCS1_SHA256),
        (RsaPkcs1Sha384, &v::RSA_PKCS1_SHA384),
        (RsaPkcs1Sha512, &v::RSA_PKCS1_SHA512),
    ] {
        let (scheme, input) = sign::input(algorithm, MessageType::Raw, v::MESSAGE)?;
        right &= key.sign(scheme, &input)? == known;
        right &= signature(&key, algorithm, v::MESSAGE, known)?;
    }
    Ok(right)
}

fn rsa_pss() -> Result<bool> {
    use SigningAlgorithm::{RsaPssSha256, RsaPssSha384, RsaPssSha512};
    let key = Pkey::from_pkcs8(v::RSA)?;
    Ok(signature(&key, RsaPssSha256, v::MESSAGE, &v::RSA_PSS_SHA256)?
        && signature(&key, RsaPssSha384, v::MESSAGE, &v::RSA_PSS_SHA384)?
        && signature(&key, RsaPssSha512, v::MESSAGE, &v::RSA_PSS_SHA512)?)
}

fn rsa_oaep() -> Result<bool> {
    let key = Pkey::from_pkcs8(v::RSA)?;
    let mut right = true;
    for (hash, known) in [(Hash::Sha1, v::RSA_OAEP_SHA1), (Hash::Sha256, v::RSA_OAEP_SHA256)] {
        let oaep = Oaep::plain(hash);
        let again = key.oaep_encrypt(&oaep, v::MESSAGE)?;
        for ciphertext in [&known[..], &again] {
            let plaintext = key.oaep_decrypt(&oaep, ciphertext)?;
            right &= plaintext.is_some_and(|plaintext| plaintext.expose() == v::MESSAGE);
        }
        let mut forged = known;
        forged[255] ^= 1;
        right &= key.oaep_decrypt(&oaep, &forged)?.is_none();
    }
    Ok(right)
}

fn ecdsa(spec: KeySpec, pkcs8: &[u8], known: &[u8]) -> Result<bool> {
    let key = Pkey::from_pkcs8(pkcs8)?;
    let mut right = key.is(spec);
    for &algorithm in spec.signing_algorithms() {
        right &= signature(&key, algorithm, v::MESSAGE, known)?;
    }
    Ok(right)
}

fn agree(pkcs8: &[u8], peer: &[u8], known: &[u8]) -> Result<bool> {
    let private = Pkey::from_pkcs8(pkcs8)?;
    let shared = Pkey::from_spki(peer).map(|peer| private.agree(&peer)).transpose()?.flatten();
    Ok(shared.is_some_and(|shared| shared.expose() == known))
}

fn ed25519() -> Result<bool> {
    let (key, message) = (Pkey::from_pkcs8(&v::ED25519)?, [0xaf, 0x82]);
    let mut pair = Wiped::<64>::zeroed();
    let seed = v::ED25519.last_chunk().ok_or(Error::Internal("a seed has another length"))?;
    raw::ed25519_expand(seed, &mut pair.0);
    Ok(raw::ed25519_sign(&pair.0, &message) == v::ED25519_SIGNATURE
        && key.sign(Scheme::of(SigningAlgorithm::Ed25519), &message)? == v::ED25519_SIGNATURE
        && signature(&key, SigningAlgorithm::Ed25519, &message, &v::ED25519_SIGNATURE)?)
}

fn ed25519ph() -> Result<bool> {
    let key = Pkey::from_pkcs8(&v::ED25519PH)?;
    let digest = digest::digest(Hash::Sha512, b"abc");
    let signed = key.sign(Scheme::of(SigningAlgorithm::Ed25519Ph), &digest)?;
    Ok(signed == v::ED25519PH_SIGNATURE
        && signature(&key, SigningAlgorithm::Ed25519Ph, &digest, &v::ED25519PH_SIGNATURE)?)
}

/// Whether a private key gives the public key of a known digest.
fn public_is(pkcs8: &[u8], known: &[u8; 32]) -> Result<bool> {
    let spki = Pkey::from_pkcs8(pkcs8)?.spki()?;
    Ok(digest::sha256(&spki) == *known)
}

fn ml_dsa_44() -> Result<bool> {
    let key = Pkey::from_pkcs8(&v::ML_DSA_44)?;
    let signed = v::ML_DSA_44_SIGNATURE;
    Ok(ml_dsa(KeySpec::MlDsa44, &v::ML_DSA_44, &v::ML_DSA_44_PUBLIC)?
        && signature(&key, SigningAlgorithm::MlDsa, v::MESSAGE, signed)?)
}

/// Key generation from a seed has a known answer; signing is randomised.
fn ml_dsa(spec: KeySpec, pkcs8: &[u8], public: &[u8; 32]) -> Result<bool> {
    let key = Pkey::from_pkcs8(pkcs8)?;
    let (scheme, input) = sign::input(SigningAlgorithm::MlDsa, MessageType::Raw, v::MESSAGE)?;
    let signed = key.sign(scheme, &input)?;
    Ok(key.is(spec)
        && public_is(pkcs8, public)?
        && signature(&key, SigningAlgorithm::MlDsa, v::MESSAGE, &signed)?)
}

/// Decapsulation has a known answer for a ciphertext that is rejected, which takes all of it:
/// decryption, encryption again, comparison, and the rejection key.
fn ml_kem(pkcs8: &[u8], ciphertext_len: usize, rejected: &[u8; 32]) -> Result<bool> {
    let key = Pkey::from_pkcs8(pkcs8)?;
    let zeros = key.decapsulate(&vec![0; ciphertext_len])?;
    let (ciphertext, shared) = key.encapsulate()?;
    let opened = key.decapsulate(&ciphertext)?;
    Ok(zeros.is_some_and(|zeros| zeros.expose() == rejected)
        && opened.is_some_and(|opened| opened.expose() == shared.expose()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A known answer with one wrong bit.
    fn flipped<const N: usize>(known: &[u8; N]) -> [u8; N] {
        let mut wrong = *known;
        wrong[N / 2] ^= 1;
        wrong
    }

    /// Tests as above, whose known answers have one wrong bit.
    pub(super) const WRONG: &[Test] = &[
        ("SHA-256", || Ok(digest::sha256(b"abc") == flipped(&v::SHA256))),
        ("SHA3-256", || Ok(digest::digest(Hash::Sha3_256, b"abc") == flipped(&v::SHA3_256))),
        ("HMAC-SHA-1", || hmac(Hash::Sha1, &flipped(&v::HMAC_SHA1))),
        ("HMAC-SHA-224", || hmac(Hash::Sha224, &flipped(&v::HMAC_SHA224))),
        ("HMAC-SHA-256", || hmac(Hash::Sha256, &flipped(&v::HMAC_SHA256))),
        ("HMAC-SHA-384", || hmac(Hash::Sha384, &flipped(&v::HMAC_SHA384))),
        ("HMAC-SHA-512", || hmac(Hash::Sha512, &flipped(&v::HMAC_SHA512))),
        ("HMAC-SHA3-512", || hmac_once(Hash::Sha3_512, &flipped(&v::HMAC_SHA3_512))),
        ("AES-ECB", || ciphers::mode(CipherMode::Ecb, &flipped(&v::ECB))),
        ("AES-CBC", || ciphers::mode(CipherMode::Cbc, &flipped(&v::CBC))),
        ("AES-CTR", || ciphers::mode(CipherMode::Ctr, &flipped(&v::CTR))),
        ("AES-CFB", || ciphers::mode(CipherMode::Cfb, &flipped(&v::CFB))),
        ("AES-OFB", || ciphers::mode(CipherMode::Ofb, &flipped(&v::OFB))),
        ("AES-128-GCM", || ciphers::gcm(&flipped(&v::GCM_ZEROS.1))),
        ("triple DES", || ciphers::tdes(&flipped(&v::TDES.3))),
        ("ChaCha20", || Ok(ciphers::chacha20(&flipped(&v::CHACHA20)))),
        ("ChaCha20-Poly1305", || ciphers::poly1305(&flipped(&v::POLY1305.2))),
        ("ECDSA P-256", || ecdsa(KeySpec::P256, &v::P256, &flipped(&v::P256_SIGNATURE))),
        ("ECDSA P-384", || ecdsa(KeySpec::P384, &v::P384, &flipped(&v::P384_SIGNATURE))),
        ("ECDSA P-521", || ecdsa(KeySpec::P521, &v::P521, &flipped(&v::P521_SIGNATURE))),
        ("ECDSA of another spec", || ecdsa(KeySpec::P384, &v::P256, &v::P256_SIGNATURE)),
        ("ECDH P-256", || agree(&v::P256, &v::P256_PEER, &flipped(&v::P256_SHARED))),
        ("ECDH P-384", || agree(&v::P384, &v::P384_PEER, &flipped(&v::P384_SHARED))),
        ("ECDH P-521", || agree(&v::P521, &v::P521_PEER, &flipped(&v::P521_SHARED))),
        ("X25519", || agree(&v::X25519, &v::X25519_PEER, &flipped(&v::X25519_SHARED))),
        ("ML-DSA-44", || ml_dsa(KeySpec::MlDsa44, &v::ML_DSA_44, &flipped(&v::ML_DSA_44_PUBLIC))),
        ("ML-DSA-65", || ml_dsa(KeySpec::MlDsa65, &v::ML_DSA_65, &flipped(&v::ML_DSA_65_PUBLIC))),
        ("ML-DSA-87", || ml_dsa(KeySpec::MlDsa87, &v::ML_DSA_87, &flipped(&v::ML_DSA_87_PUBLIC))),
        ("ML-KEM-512", || ml_kem(&v::ML_KEM_512, 768, &flipped(&v::ML_KEM_512_REJECTED))),
        ("ML-KEM-768", || ml_kem(&v::ML_KEM_768, 1088, &flipped(&v::ML_KEM_768_REJECTED))),
        ("ML-KEM-1024", || ml_kem(&v::ML_KEM_1024, 1568, &flipped(&v::ML_KEM_1024_REJECTED))),
    ];

    #[test]
    fn every_test_passes() {
        crate::test_start();
        for (name, test) in TESTS {
            assert_eq!(test(), Ok(true), "{name}");
        }
    }

    #[test]
    fn one_wrong_bit_of_an_answer_fails_its_test() {
        crate::test_start();
        for (name, test) in WRONG {
            assert_eq!(run_each(&[(*name, *test)]), Err(*name));
        }
    }
}
