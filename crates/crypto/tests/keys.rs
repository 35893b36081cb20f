//! Keys of every spec, from their making to their use, and what is refused.

#![expect(clippy::unwrap_used, reason = "what fails here is a failed test")]

mod rig;

use crypto::{RootKey, agree, data_key, envelope, hmac_key, kem, oaep, secmem::Guarded, sign};
use model::{
    EncryptionContext, Error, KeyId, Sealed,
    algorithm::{
        EncryptionAlgorithm, Hash, KeySpec, KeyUsage, MessageType, SigningAlgorithm, Spec,
    },
    error::{Algorithm, Invalid, Unauthentic},
};
use rig::{Key, Rig};

const ID: KeyId = KeyId([9; 16]);

fn context(pairs: &[(&str, &str)]) -> EncryptionContext {
    EncryptionContext::new(pairs.iter().copied()).unwrap()
}

fn encrypt(key: &Key, context: &EncryptionContext, plaintext: &[u8]) -> Vec<u8> {
    envelope::encrypt(key.protect(), &key.loaded, ID, context, plaintext).unwrap()
}

fn decrypt(key: &Key, context: &EncryptionContext, ciphertext: &[u8]) -> Result<Vec<u8>, Error> {
    envelope::decrypt(key.process(), &key.loaded, ID, context, ciphertext)
        .map(|plain| plain.expose().to_vec())
}

/// A new key.
fn generated(rig: &Rig, spec: KeySpec) -> Key {
    rig.load(spec, rig.keys.generate(rig.account, spec).unwrap())
}

/// A key from outside, if it is one of `spec`.
fn imported(rig: &Rig, spec: KeySpec, plain: &[u8]) -> Option<Key> {
    let plain = Guarded::copy_of(plain).unwrap();
    Some(rig.load(spec, rig.keys.import(rig.account, spec, &plain).ok()?))
}

const NOT_AUTHENTIC: Error = Error::NotAuthentic(Unauthentic::Ciphertext);

#[test]
fn a_ciphertext_opens_and_names_its_key() {
    let key = generated(&Rig::new(), KeySpec::Aes256);
    for len in [0, 1, 16, 4096] {
        let (plain, bound) = (vec![7; len], context(&[("a", "b")]));
        let ciphertext = encrypt(&key, &bound, &plain);
        assert_eq!(ciphertext.len(), len + 65);
        let header = envelope::header(&ciphertext).unwrap();
        assert_eq!((header.key, header.material), (ID, key.loaded.material()));
        assert_eq!(decrypt(&key, &bound, &ciphertext), Ok(plain));
    }
}

#[test]
fn two_ciphertexts_of_the_same_differ() {
    let key = generated(&Rig::new(), KeySpec::Aes256);
    let mut seen = std::collections::HashSet::new();
    for _ in 0..1000 {
        assert!(seen.insert(encrypt(&key, &context(&[]), b"the same")));
    }
}

#[test]
fn any_change_of_a_ciphertext_is_one_error() {
    let key = generated(&Rig::new(), KeySpec::Aes256);
    let bound = context(&[("a", "b")]);
    let ciphertext = encrypt(&key, &bound, b"plain");
    for i in 0..ciphertext.len() {
        let mut forged = ciphertext.clone();
        forged[i] ^= 1;
        assert_eq!(decrypt(&key, &bound, &forged), Err(NOT_AUTHENTIC), "byte {i}");
    }
    for len in 0..ciphertext.len() {
        assert_eq!(decrypt(&key, &bound, &ciphertext[..len]), Err(NOT_AUTHENTIC));
    }
    let longer = [&ciphertext[..], &[0]].concat();
    assert_eq!(decrypt(&key, &bound, &longer), Err(NOT_AUTHENTIC));
    for other in [context(&[]), context(&[("a", "c")]), context(&[("a", "b"), ("c", "d")])] {
        assert_eq!(decrypt(&key, &other, &ciphertext), Err(NOT_AUTHENTIC));
    }
    assert_eq!(envelope::header(&[]), Err(NOT_AUTHENTIC));
}

#[test]
fn too_long_a_plaintext_is_refused() {
    let key = generated(&Rig::new(), KeySpec::Aes256);
    let refused = envelope::encrypt(key.protect(), &key.loaded, ID, &context(&[]), &[0; 4097]);
    assert!(matches!(refused, Err(Error::Invalid(Invalid::PlaintextTooLong { max: 4096, .. }))));
}

#[test]
fn a_proof_for_other_material_is_a_defect() {
    let rig = Rig::new();
    let (one, other) = (generated(&rig, KeySpec::Aes256), generated(&rig, KeySpec::Aes256));
    let used = envelope::encrypt(one.protect(), &other.loaded, ID, &context(&[]), b"plain");
    assert!(matches!(used, Err(Error::Internal(_))));
}

#[test]
fn every_signing_key_signs_with_each_of_its_algorithms() {
    let rig = Rig::new();
    for &spec in KeySpec::ALL.iter().filter(|spec| !spec.signing_algorithms().is_empty()) {
        let key = generated(&rig, spec);
        for &algorithm in spec.signing_algorithms() {
            let digest = algorithm.digest().map(|hash| crypto::digest::digest(hash, b"message"));
            let inputs = match (algorithm, digest) {
                (SigningAlgorithm::Ed25519Ph, Some(digest)) => {
                    vec![(MessageType::Digest, digest)]
                }
                (_, Some(digest)) => {
                    vec![(MessageType::Raw, b"message".to_vec()), (MessageType::Digest, digest)]
                }
                (_, None) => vec![(MessageType::Raw, b"message".to_vec())],
            };
            signs(&key, algorithm, &inputs);
        }
    }
}

/// Each input is signed, and each signature holds for every form of the same message only.
fn signs(key: &Key, algorithm: SigningAlgorithm, inputs: &[(MessageType, Vec<u8>)]) {
    for (kind, input) in inputs {
        let mut made = sign::sign(key.protect(), &key.loaded, algorithm, *kind, input).unwrap();
        let verify = |kind, input: &[u8], signature: &[u8]| {
            sign::verify(key.process(), &key.loaded, algorithm, kind, input, signature)
        };
        for (kind, input) in inputs {
            assert_eq!(verify(*kind, input, &made), Ok(()), "{algorithm:?}");
        }
        let spec = key.loaded.spec();
        let public = sign::verify_spki(key.public(), spec, algorithm, *kind, input, &made);
        assert_eq!(public, Ok(()));
        let mut other = input.clone();
        other[0] ^= 1;
        let forged = Err(Error::NotAuthentic(Unauthentic::Signature));
        assert_eq!(verify(*kind, &other, &made), forged);
        let middle = made.len() / 2;
        made[middle] ^= 1;
        assert_eq!(verify(*kind, input, &made), forged);
        assert_eq!(verify(*kind, input, &[]), forged);
    }
}

#[test]
fn digests_and_message_types_are_checked() {
    let rig = Rig::new();
    let (p256, ed25519) = (generated(&rig, KeySpec::P256), generated(&rig, KeySpec::Ed25519));
    let refusal = |key: &Key, algorithm, kind, message: &[u8]| {
        sign::sign(key.protect(), &key.loaded, algorithm, kind, message).err()
    };
    let ecdsa = SigningAlgorithm::EcdsaSha256;
    assert_eq!(
        refusal(&p256, ecdsa, MessageType::Digest, &[0; 31]),
        Some(Error::Invalid(Invalid::DigestLength(ecdsa)))
    );
    assert_eq!(
        refusal(&p256, ecdsa, MessageType::ExternalMu, &[0; 64]),
        Some(Error::Invalid(Invalid::MessageType(ecdsa, MessageType::ExternalMu)))
    );
    for (algorithm, kind) in [
        (SigningAlgorithm::Ed25519, MessageType::Digest),
        (SigningAlgorithm::Ed25519Ph, MessageType::Raw),
    ] {
        assert_eq!(
            refusal(&ed25519, algorithm, kind, &[0; 64]),
            Some(Error::Invalid(Invalid::MessageType(algorithm, kind)))
        );
    }
    assert!(matches!(
        refusal(&p256, SigningAlgorithm::MlDsa, MessageType::Raw, b"m"),
        Some(Error::WrongAlgorithm {
            spec: Spec::Key(KeySpec::P256),
            algorithm: Algorithm::Signing(_)
        })
    ));
}

#[test]
fn rsa_encrypts_to_the_last_byte_and_no_further() {
    let key = generated(&Rig::new(), KeySpec::Rsa2048);
    for algorithm in [EncryptionAlgorithm::OaepSha1, EncryptionAlgorithm::OaepSha256] {
        let max = oaep::max_plaintext(KeySpec::Rsa2048, algorithm);
        for len in [0, 1, max] {
            let plain = vec![3; len];
            let ciphertext = oaep::encrypt(key.protect(), &key.loaded, algorithm, &plain).unwrap();
            let opened = oaep::decrypt(key.process(), &key.loaded, algorithm, &ciphertext);
            assert_eq!(opened.map(|opened| opened.expose().to_vec()), Ok(plain));
        }
        let refused = oaep::encrypt(key.protect(), &key.loaded, algorithm, &vec![0; max + 1]);
        assert!(matches!(refused, Err(Error::Invalid(Invalid::PlaintextTooLong { .. }))));
        for forged in [vec![1; 256], vec![0; 256], vec![0xff; 256], vec![], vec![1; 257]] {
            let opened = oaep::decrypt(key.process(), &key.loaded, algorithm, &forged);
            assert_eq!(opened.err(), Some(NOT_AUTHENTIC));
        }
    }
    let envelope = EncryptionAlgorithm::Envelope;
    let refused = oaep::encrypt(key.protect(), &key.loaded, envelope, b"plain");
    assert!(matches!(refused, Err(Error::WrongAlgorithm { .. })));
}

#[test]
fn a_code_verifies_whole_and_with_its_own_hash() {
    let rig = Rig::new();
    for (spec, hash) in [
        (KeySpec::Hmac224, Hash::Sha224),
        (KeySpec::Hmac256, Hash::Sha256),
        (KeySpec::Hmac384, Hash::Sha384),
        (KeySpec::Hmac512, Hash::Sha512),
    ] {
        let key = generated(&rig, spec);
        let code = hmac_key::generate(key.protect(), &key.loaded, hash, b"message").unwrap();
        assert_eq!(code.len(), hash.digest_len());
        let verify = |message: &[u8], code: &[u8]| {
            hmac_key::verify(key.process(), &key.loaded, hash, message, code)
        };
        assert_eq!(verify(b"message", &code), Ok(()));
        let refused = Err(Error::NotAuthentic(Unauthentic::Mac));
        assert_eq!(verify(b"massage", &code), refused);
        assert_eq!(verify(b"message", &code[..code.len() - 1]), refused);
        assert_eq!(verify(b"message", &[]), refused);
        let other = hmac_key::generate(key.protect(), &key.loaded, Hash::Sha1, b"message");
        assert!(matches!(other, Err(Error::WrongAlgorithm { .. })));
    }
}

#[test]
fn two_parties_agree() {
    let rig = Rig::new();
    for spec in [KeySpec::P256, KeySpec::P384, KeySpec::P521, KeySpec::X25519] {
        let (one, other) = (generated(&rig, spec), generated(&rig, spec));
        let ours = agree::shared_secret(one.process(), &one.loaded, other.public()).unwrap();
        let theirs = agree::shared_secret(other.process(), &other.loaded, one.public()).unwrap();
        assert_eq!(ours.expose(), theirs.expose());
        let foreign = generated(&rig, KeySpec::Ed25519);
        let refused = agree::shared_secret(one.process(), &one.loaded, foreign.public());
        assert!(matches!(refused, Err(Error::Invalid(_))));
    }
}

#[test]
fn what_is_encapsulated_is_decapsulated() {
    let rig = Rig::new();
    for (spec, len) in
        [(KeySpec::MlKem512, 768), (KeySpec::MlKem768, 1088), (KeySpec::MlKem1024, 1568)]
    {
        let key = generated(&rig, spec);
        let (ciphertext, ours) = kem::encapsulate(key.protect(), &key.loaded).unwrap();
        assert_eq!(ciphertext.len(), len);
        let theirs = kem::decapsulate(key.process(), &key.loaded, &ciphertext).unwrap();
        assert_eq!(ours.expose(), theirs.expose());
        let short = kem::decapsulate(key.process(), &key.loaded, &ciphertext[1..]);
        assert_eq!(short.err(), Some(NOT_AUTHENTIC));
    }
}

#[test]
fn data_key_pairs_of_every_asymmetric_spec_are_pkcs8_of_that_spec() {
    let rig = Rig::new();
    for &spec in KeySpec::ALL.iter().filter(|spec| !spec.is_symmetric()) {
        if matches!(spec, KeySpec::Rsa3072 | KeySpec::Rsa4096) {
            continue; // As RSA-2048, and slow.
        }
        let pair = data_key::pair(spec).unwrap();
        let key = imported(&rig, spec, pair.private_pkcs8.expose()).expect("it is imported again");
        assert_eq!(key.public(), pair.public_spki, "{spec:?}");
    }
    assert!(data_key::pair(KeySpec::Aes256).is_err());
}

#[test]
fn material_is_bound_to_account_identity_and_spec() {
    let rig = Rig::new();
    let new = rig.keys.generate(rig.account, KeySpec::Hmac256).unwrap();
    let load = |account, spec, material| rig.keys.load(account, spec, material, &new.sealed).err();
    let failure = Some(Error::Internal("key material fails authentication"));
    assert_eq!(load(rig.account, KeySpec::Hmac256, new.material), None);
    let other = "999999999999".parse().unwrap();
    assert_eq!(load(other, KeySpec::Hmac256, new.material), failure);
    assert_eq!(load(rig.account, KeySpec::Aes256, new.material), failure);
    let another = model::MaterialId([1; 16]);
    assert_eq!(load(rig.account, KeySpec::Hmac256, another), failure);
}

#[test]
fn a_record_is_bound_to_its_place_and_revision() {
    let rig = Rig::new();
    let sealed = rig.keys.seal_record(b"keys/1", 3, b"record").unwrap();
    assert_eq!(rig.keys.open_record(b"keys/1", 3, &sealed), Ok(b"record".to_vec()));
    let failure = Err(Error::Internal("a record fails authentication"));
    assert_eq!(rig.keys.open_record(b"keys/2", 3, &sealed), failure);
    assert_eq!(rig.keys.open_record(b"keys/1", 4, &sealed), failure);
    for i in 0..sealed.as_bytes().len() {
        let mut bytes = sealed.as_bytes().to_vec();
        bytes[i] ^= 0x80;
        assert_eq!(rig.keys.open_record(b"keys/1", 3, &Sealed::assertion(bytes)), failure);
    }
    let empty = Sealed::assertion(Vec::new());
    assert_eq!(rig.keys.open_record(b"keys/1", 3, &empty), failure);
}

#[test]
fn a_secret_is_bound_to_its_purpose() {
    let rig = Rig::new();
    let secret = Guarded::copy_of(b"wJalrXUtnFEMI").unwrap();
    let sealed = rig.keys.seal_secret(b"access key 1", &secret).unwrap();
    let opened = rig.keys.open_secret(b"access key 1", &sealed).unwrap();
    assert_eq!(opened.expose(), secret.expose());
    assert!(rig.keys.open_secret(b"access key 2", &sealed).is_err());
    assert!(rig.keys.open_record(b"access key 1", 0, &sealed).is_err());
}

#[test]
fn accounts_open_under_the_root_key_that_sealed_them() {
    let rig = Rig::new();
    let root = RootKey::generate().unwrap();
    let (keys, sealed) = root.new_account(rig.account).unwrap();
    let record = keys.seal_record(b"place", 1, b"record").unwrap();
    let next = root.successor().unwrap();
    assert_eq!((root.version(), next.version()), (1, 2));
    let rewrapped = root.rewrap_account(&next, rig.account, &sealed).unwrap();
    let again = next.open_account(rig.account, &rewrapped).unwrap();
    assert_eq!(again.open_record(b"place", 1, &record), Ok(b"record".to_vec()));
    assert!(root.open_account(rig.account, &rewrapped).is_err());
    assert!(next.open_account(rig.account, &sealed).is_err());
    let other = "999999999999".parse().unwrap();
    assert!(root.open_account(other, &sealed).is_err());
    assert!(rig.keys.open_record(b"place", 1, &record).is_err());
}

#[test]
fn the_log_and_certificate_keys_survive_sealing() {
    Rig::new();
    let root = RootKey::generate().unwrap();
    let log = crypto::log_key::LogKey::generate().unwrap();
    let again = root.open_log_key(&root.seal_log_key(&log).unwrap()).unwrap();
    let signature = again.sign(b"checkpoint").unwrap();
    assert!(crypto::log_key::verify(&log.public(), b"checkpoint", &signature));
    assert!(!crypto::log_key::verify(&log.public(), b"checkpaint", &signature));
    assert!(!crypto::log_key::verify(&[2; 32], b"checkpoint", &signature));

    let key = crypto::certificate_key::CertificateKey::generate().unwrap();
    let sealed = root.seal_certificate_key(&key).unwrap();
    let again = root.open_certificate_key(&sealed).unwrap();
    assert_eq!(again.public_spki(), key.public_spki());
    let signature = again.sign(b"certificate").unwrap();
    let (spec, algorithm) = (KeySpec::P256, SigningAlgorithm::EcdsaSha256);
    let (spki, raw) = (key.public_spki(), MessageType::Raw);
    let verified = sign::verify_spki(spki, spec, algorithm, raw, b"certificate", &signature);
    assert_eq!(verified, Ok(()));
    assert!(root.open_log_key(&sealed).is_err());
    let offered = [rustls::SignatureScheme::ECDSA_NISTP256_SHA256];
    let signer = again.rustls_signing_key().choose_scheme(&offered).expect("a scheme");
    let signature = signer.sign(b"handshake").unwrap();
    let verified = sign::verify_spki(spki, spec, algorithm, raw, b"handshake", &signature);
    assert_eq!(verified, Ok(()));
}

#[test]
fn a_key_agreement_spec_signs_too_but_never_encrypts() {
    let key = generated(&Rig::new(), KeySpec::P256);
    assert!(KeySpec::P256.usages().contains(&KeyUsage::KeyAgreement));
    let refused = envelope::encrypt(key.protect(), &key.loaded, ID, &context(&[]), b"plain");
    assert!(matches!(refused, Err(Error::WrongAlgorithm { .. })));
}
