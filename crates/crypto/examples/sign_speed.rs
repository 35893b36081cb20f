//! How fast the module signs, makes message authentication codes and encrypts, compared with
//! AWS-LC's own Rust interface and the same key:
//! `cargo run --release -p strongroom-crypto --example sign_speed`.
//!
//! Rounds of the two alternate, so that both see the same machine. Of each pair of rounds the ratio
//! of outputs per second is taken, and the median of the ratios printed: 1.00 is as fast, more is
//! faster. Both take a message of 32 bytes, hash it where the algorithm does, and allocate the
//! output; the module also checks the proof that the key may be used. Encryption is compared with
//! AES-256-GCM alone: the difference is the key that the module derives for each message.

#[path = "../tests/rig/mod.rs"]
mod rig;

use std::time::{Duration, Instant};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, RandomizedNonceKey},
    hmac,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, ML_DSA_65_SIGNING,
        PqdsaKeyPair, RSA_PSS_SHA256, RsaKeyPair,
    },
};
use crypto::{NewMaterial, data_key, envelope, hmac_key, secmem::Guarded, sign};
use model::{
    EncryptionContext,
    algorithm::{Hash, KeySpec, MessageType, SigningAlgorithm},
    name::KeyId,
};
use rig::{Key, Rig};

const MESSAGE: &[u8] = &[7; 32];
const ROUND: Duration = Duration::from_millis(200);
const ROUNDS: usize = 15;

/// Makes an output of the message with a key of its own.
type Make = Box<dyn Fn() -> Vec<u8>>;

fn main() {
    let rig = Rig::new();
    println!("{:<12} {:>12} {:>12} {:>7}", "key", "module, µs", "AWS-LC, µs", "ratio");
    codes(&rig);
    ciphertexts(&rig);
    compare(&rig, KeySpec::Rsa2048, SigningAlgorithm::RsaPssSha256, |pkcs8| {
        let key = RsaKeyPair::from_pkcs8(pkcs8).expect("an RSA key");
        Box::new(move || {
            let mut signature = vec![0; key.public_modulus_len()];
            key.sign(&RSA_PSS_SHA256, &SystemRandom::new(), MESSAGE, &mut signature)
                .expect("a signature");
            signature
        })
    });
    compare(&rig, KeySpec::P256, SigningAlgorithm::EcdsaSha256, |pkcs8| {
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let key = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8).expect("a P-256 key");
        Box::new(move || {
            let signature = key.sign(&SystemRandom::new(), MESSAGE).expect("a signature");
            signature.as_ref().to_vec()
        })
    });
    compare(&rig, KeySpec::Ed25519, SigningAlgorithm::Ed25519, |pkcs8| {
        let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).expect("an Ed25519 key");
        Box::new(move || key.sign(MESSAGE).as_ref().to_vec())
    });
    compare(&rig, KeySpec::MlDsa65, SigningAlgorithm::MlDsa, |pkcs8| {
        let key = PqdsaKeyPair::from_pkcs8(&ML_DSA_65_SIGNING, pkcs8).expect("an ML-DSA-65 key");
        Box::new(move || {
            let mut signature = vec![0; ML_DSA_65_SIGNING.signature_len()];
            key.sign(MESSAGE, &mut signature).expect("a signature");
            signature
        })
    });
}

/// Codes of HMAC-SHA-256.
fn codes(rig: &Rig) {
    let key = rig.load(KeySpec::Hmac256, import(rig, KeySpec::Hmac256, &[5; 32]));
    let code =
        || hmac_key::generate(key.protect(), &key.loaded, Hash::Sha256, MESSAGE).expect("a code");
    let raw = hmac::Key::new(hmac::HMAC_SHA256, &[5; 32]);
    let raw_code = || hmac::sign(&raw, MESSAGE).as_ref().to_vec();
    assert_eq!(code(), raw_code());
    measure("HMAC-SHA-256", &code, &raw_code);
}

/// Ciphertexts of AES-256.
fn ciphertexts(rig: &Rig) {
    let key = rig.load(KeySpec::Aes256, import(rig, KeySpec::Aes256, &[5; 32]));
    let (id, context) = (KeyId::from_random([7; 16]), EncryptionContext::default());
    let ciphertext = || {
        envelope::encrypt(key.protect(), &key.loaded, id, &context, MESSAGE).expect("a ciphertext")
    };
    let raw = RandomizedNonceKey::new(&AES_256_GCM, &[5; 32]).expect("an AES key");
    let raw_ciphertext = || {
        let mut sealed = MESSAGE.to_vec();
        let nonce = raw.seal_in_place_append_tag(Aad::empty(), &mut sealed).expect("a ciphertext");
        sealed.extend_from_slice(nonce.as_ref());
        sealed
    };
    measure("Encrypt", &ciphertext, &raw_ciphertext);
}

/// A key from outside.
fn import(rig: &Rig, spec: KeySpec, plain: &[u8]) -> NewMaterial {
    let plain = Guarded::copy_of(plain).expect("secret memory");
    rig.keys.import(rig.account, spec, &plain).expect("material")
}

/// Measures signatures by the module and `raw` with one key.
fn compare(rig: &Rig, spec: KeySpec, algorithm: SigningAlgorithm, raw: fn(&[u8]) -> Make) {
    let pair = data_key::pair(spec).expect("a key pair");
    let raw = raw(pair.private_pkcs8.expose());
    let key = rig.load(spec, import(rig, spec, pair.private_pkcs8.expose()));
    let module = || signed(&key, algorithm, MESSAGE);
    for signature in [module(), raw()] {
        let kind = MessageType::Raw;
        let verified =
            sign::verify(key.process(), &key.loaded, algorithm, kind, MESSAGE, &signature);
        verified.expect("both signatures are genuine");
        assert_eq!(key.public(), pair.public_spki);
    }
    measure(&format!("{spec:?}"), &module, &*raw);
}

/// Measures the module and `raw` in turn and prints a line.
fn measure(name: &str, module: &dyn Fn() -> Vec<u8>, raw: &dyn Fn() -> Vec<u8>) {
    let mut rounds: Vec<(f64, f64)> = Vec::new();
    for round in 0..ROUNDS {
        // Who is second may find a warmer machine: they take turns.
        rounds.push(if round % 2 == 0 {
            let ours = per_output(module);
            (ours, per_output(raw))
        } else {
            let theirs = per_output(raw);
            (per_output(module), theirs)
        });
    }
    let median = |of: fn(&(f64, f64)) -> f64| {
        let mut values: Vec<f64> = rounds.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let (ours, theirs) = (median(|round| round.0), median(|round| round.1));
    let ratio = median(|round| round.1 / round.0);
    println!("{name:<12} {ours:>12.2} {theirs:>12.2} {ratio:>7.3}");
}

fn signed(key: &Key, algorithm: SigningAlgorithm, message: &[u8]) -> Vec<u8> {
    sign::sign(key.protect(), &key.loaded, algorithm, MessageType::Raw, message)
        .expect("a signature")
}

/// Microseconds an output takes, over one round.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn per_output(make: &dyn Fn() -> Vec<u8>) -> f64 {
    let (begun, mut count) = (Instant::now(), 0_u32);
    while begun.elapsed() < ROUND {
        for _ in 0..8 {
            std::hint::black_box(make());
        }
        count += 8;
    }
    begun.elapsed().as_secs_f64() * 1e6 / f64::from(count)
}
