//! NIST's vectors of ML-KEM, where they need randomness or a private key that is given.

use super::*;
use crate::{
    der::{der, pkcs8, spki},
    digest,
    vectors::{Vector, parse, report},
};

/// The algorithm identifier's content of a vector's set.
fn identifier(vector: &Vector<'_>) -> [u8; 11] {
    let last = match vector.text("set") {
        "ML-KEM-512" => 1,
        "ML-KEM-768" => 2,
        _ => 3,
    };
    [6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 4, last]
}

fn public_key(vector: &Vector<'_>) -> Option<Pkey> {
    Pkey::from_spki(&spki(&identifier(vector), &vector.bytes("public")))
}

/// Encapsulation with the randomness `m`.
fn encapsulate_with(key: &Pkey, m: &[u8; 32]) -> (Vec<u8>, [u8; 32]) {
    let context = Context::of(key).unwrap();
    let (mut ciphertext, mut shared) = (vec![0; 1568], [0; 32]);
    let (mut len, mut shared_len, mut m_len) = (ciphertext.len(), shared.len(), m.len());
    // SAFETY: a live context; writes no more than the lengths say, and reads `m`.
    let returned = unsafe {
        sys::EVP_PKEY_encapsulate_deterministic(
            context.at(),
            ciphertext.as_mut_ptr(),
            &raw mut len,
            shared.as_mut_ptr(),
            &raw mut shared_len,
            m.as_ptr(),
            &raw mut m_len,
        )
    };
    assert_eq!(returned, 1);
    ciphertext.truncate(len);
    (ciphertext, shared)
}

#[test]
fn nist_ml_kem_encapsulation() {
    let vectors = parse(include_str!("../../../../../vectors/cavp/ml_kem_encaps.txt"));
    for vector in &vectors {
        let m = vector.bytes("m").try_into().unwrap();
        let (ciphertext, shared) = encapsulate_with(&public_key(vector).unwrap(), &m);
        assert_eq!(digest::sha256(&ciphertext).as_slice(), vector.bytes("ct_sha256"));
        assert_eq!(shared.as_slice(), vector.bytes("shared"));
    }
    report("ML-KEM encapsulation", vectors.len(), 24);
}

#[test]
fn nist_ml_kem_decapsulation() {
    let vectors = parse(include_str!("../../../../../vectors/cavp/ml_kem_decaps.txt"));
    for vector in &vectors {
        let expanded = der(4, &[&vector.bytes("private")]);
        let key = Pkey::from_pkcs8(&pkcs8(&identifier(vector), &expanded)).unwrap();
        let shared = key.decapsulate(&vector.bytes("ct")).unwrap().unwrap();
        assert_eq!(shared.expose(), vector.bytes("shared"));
    }
    report("ML-KEM decapsulation", vectors.len(), 18);
}

#[test]
fn nist_ml_kem_check_of_a_public_key() {
    let vectors = parse(include_str!("../../../../../vectors/cavp/ml_kem_public_check.txt"));
    for vector in &vectors {
        let accepted = public_key(vector).is_some_and(|key| key.encapsulate().is_ok());
        assert_eq!(accepted, vector.passes(), "{}", vector.text("set"));
    }
    report("ML-KEM check of a public key", vectors.len(), 15);
}
