//! NIST's vectors of `vectors/cavp`, through the module's public interface, counted per
//! algorithm. (What has no public interface runs in unit tests: AES-GCM in `raw::symmetric`,
//! HMAC from a prepared key in `raw::hmac`, the fixed input of SP 800-108 in `kdf`, ML-KEM's
//! randomness and expanded keys in `raw::pkey`.)

#![expect(clippy::unwrap_used, reason = "what fails here is a failed test")]

mod der;
mod rig;
mod vectors;

use std::collections::BTreeMap;

use crypto::{agree, digest, mac, secmem::Guarded, sign, wrap};
use der::{der, pkcs8, spki};
use model::{
    Error,
    algorithm::{Hash, KeySpec, MessageType, SigningAlgorithm},
    error::Unauthentic,
};
use rig::{Key, Rig};
use vectors::{Vector, parse, report};

/// How many vectors ran, by algorithm.
#[derive(Default)]
struct Tally(BTreeMap<String, usize>);

impl Tally {
    fn count(&mut self, algorithm: &str) {
        *self.0.entry(algorithm.to_owned()).or_default() += 1;
    }

    /// Prints the counts; there were to be so many of each.
    fn report(&self, least: &[(&str, usize)]) {
        for (algorithm, least) in least {
            report(algorithm, self.0.get(*algorithm).copied().unwrap_or(0), *least);
        }
    }
}

fn hash(name: &str) -> Hash {
    match name {
        "SHA-1" => Hash::Sha1,
        "SHA-224" => Hash::Sha224,
        "SHA-256" => Hash::Sha256,
        "SHA-384" => Hash::Sha384,
        "SHA-512" => Hash::Sha512,
        "SHA3-224" => Hash::Sha3_224,
        "SHA3-256" => Hash::Sha3_256,
        "SHA3-384" => Hash::Sha3_384,
        "SHA3-512" => Hash::Sha3_512,
        _ => panic!("{name} is no hash function"),
    }
}

/// DER of a positive integer.
fn integer(digits: &[u8]) -> Vec<u8> {
    let zeros = digits.iter().take_while(|digit| **digit == 0).count();
    let digits = &digits[zeros..];
    let sign: &[u8] = if digits.first().is_none_or(|first| *first >= 0x80) { &[0] } else { &[] };
    der(2, &[sign, digits])
}

/// A number as `len` bytes.
fn padded(digits: &[u8], len: usize) -> Vec<u8> {
    let digits = &digits[digits.len().saturating_sub(len)..];
    [&vec![0; len - digits.len()], digits].concat()
}

/// A key from outside.
fn imported(rig: &Rig, spec: KeySpec, plain: &[u8]) -> Key {
    let plain = Guarded::copy_of(plain).unwrap();
    rig.load(spec, rig.keys.import(rig.account, spec, &plain).unwrap())
}

#[test]
fn hash_functions() {
    let mut tally = Tally::default();
    let files = [
        include_str!("../../../vectors/cavp/sha2.txt"),
        include_str!("../../../vectors/cavp/sha3.txt"),
    ];
    for vector in files.into_iter().flat_map(parse) {
        let (name, message) = (vector.text("hash"), vector.bytes("msg"));
        assert_eq!(digest::digest(hash(name), &message), vector.bytes("digest"), "{name}");
        if name == "SHA-256" {
            assert_eq!(digest::sha256(&message).as_slice(), vector.bytes("digest"));
        }
        tally.count(name);
    }
    tally.report(&[
        ("SHA-1", 67),
        ("SHA-224", 67),
        ("SHA-256", 67),
        ("SHA-384", 131),
        ("SHA-512", 131),
        ("SHA3-224", 59),
        ("SHA3-256", 58),
        ("SHA3-384", 54),
        ("SHA3-512", 50),
    ]);
}

#[test]
fn hmac() {
    Rig::new();
    let mut tally = Tally::default();
    for vector in parse(include_str!("../../../vectors/cavp/hmac.txt")) {
        let name = vector.text("hash");
        let key = Guarded::copy_of(&vector.bytes("key")).unwrap();
        let code = mac::hmac(hash(name), &key, &vector.bytes("msg")).unwrap();
        let known = vector.bytes("mac");
        assert_eq!(code[..known.len()], known, "HMAC-{name}");
        tally.count(&format!("HMAC-{name}"));
    }
    tally.report(&[
        ("HMAC-SHA-224", 9),
        ("HMAC-SHA-256", 9),
        ("HMAC-SHA-384", 7),
        ("HMAC-SHA-512", 7),
        ("HMAC-SHA3-256", 3),
    ]);
}

#[test]
fn key_wrap() {
    Rig::new();
    let mut tally = Tally::default();
    for (file, name) in [
        (include_str!("../../../vectors/cavp/aes_kw.txt"), "AES-KW"),
        (include_str!("../../../vectors/cavp/aes_kwp.txt"), "AES-KWP"),
    ] {
        for vector in parse(file) {
            let kek = Guarded::copy_of(&vector.bytes("key")).unwrap();
            let ciphertext = vector.bytes("ct");
            let unwrapped = match name {
                "AES-KW" => wrap::unwrap(&kek, &ciphertext),
                _ => wrap::unwrap_padded(&kek, &ciphertext),
            };
            if vector.passes() {
                let plain = vector.bytes("pt");
                assert_eq!(unwrapped.unwrap().expose(), plain);
                let wrapped = match name {
                    "AES-KW" => wrap::wrap(&kek, &plain),
                    _ => wrap::wrap_padded(&kek, &plain),
                };
                assert_eq!(wrapped, Ok(ciphertext));
            } else {
                let refused = Some(Error::NotAuthentic(Unauthentic::Ciphertext));
                assert_eq!(unwrapped.err(), refused);
            }
            let bits = 8 * kek.len();
            tally.count(&format!("{name} of {bits} bits, {}", vector.text("direction")));
        }
    }
    for name in ["AES-KW", "AES-KWP"] {
        for bits in [128, 192, 256] {
            tally.report(&[
                (&format!("{name} of {bits} bits, wrap"), 34),
                (&format!("{name} of {bits} bits, unwrap"), 51),
            ]);
        }
    }
}

/// Verifies what the vector gives, as it says.
fn verify(
    vector: &Vector<'_>,
    public: &[u8],
    spec: KeySpec,
    algorithm: SigningAlgorithm,
    signature: &[u8],
) {
    let (kind, message) = (MessageType::Raw, vector.bytes("msg"));
    let verified = sign::verify_spki(public, spec, algorithm, kind, &message, signature);
    let forged = Err(Error::NotAuthentic(Unauthentic::Signature));
    assert_eq!(verified, if vector.passes() { Ok(()) } else { forged }, "{algorithm:?}");
}

fn rsa(file: &str, name: &str, of: fn(Hash) -> SigningAlgorithm, least: &[(&str, usize)]) {
    const RSA: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];
    let mut tally = Tally::default();
    for vector in parse(file) {
        let spec = match vector.text("bits") {
            "2048" => KeySpec::Rsa2048,
            "3072" => KeySpec::Rsa3072,
            _ => KeySpec::Rsa4096,
        };
        let (n, e) = (integer(&vector.bytes("n")), integer(&vector.bytes("e")));
        let public = spki(RSA, &der(0x30, &[&n, &e]));
        verify(&vector, &public, spec, of(hash(vector.text("hash"))), &vector.bytes("sig"));
        tally.count(&format!("{name} {}", vector.text("hash")));
    }
    tally.report(least);
}

#[test]
fn rsa_pkcs1() {
    let of = |hash| match hash {
        Hash::Sha256 => SigningAlgorithm::RsaPkcs1Sha256,
        Hash::Sha384 => SigningAlgorithm::RsaPkcs1Sha384,
        _ => SigningAlgorithm::RsaPkcs1Sha512,
    };
    let least = [
        ("RSASSA-PKCS1-v1_5 SHA-256", 30),
        ("RSASSA-PKCS1-v1_5 SHA-384", 30),
        ("RSASSA-PKCS1-v1_5 SHA-512", 30),
    ];
    let file = include_str!("../../../vectors/cavp/rsa_pkcs1.txt");
    rsa(file, "RSASSA-PKCS1-v1_5", of, &least);
}

/// NIST also has salts of other lengths: those are refused.
#[test]
fn rsa_pss() {
    let of = |hash| match hash {
        Hash::Sha256 => SigningAlgorithm::RsaPssSha256,
        Hash::Sha384 => SigningAlgorithm::RsaPssSha384,
        _ => SigningAlgorithm::RsaPssSha512,
    };
    let least =
        [("RSASSA-PSS SHA-256", 19), ("RSASSA-PSS SHA-384", 19), ("RSASSA-PSS SHA-512", 11)];
    rsa(include_str!("../../../vectors/cavp/rsa_pss.txt"), "RSASSA-PSS", of, &least);
}

/// The spec of one of NIST's curves, and the algorithm identifier's content.
fn curve(name: &str) -> (KeySpec, Vec<u8>, usize) {
    const EC: &[u8] = &[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
    let (spec, oid, len): (_, &[u8], _) = match name {
        "P-256" => (KeySpec::P256, &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7], 32),
        "P-384" => (KeySpec::P384, &[6, 5, 0x2b, 0x81, 4, 0, 0x22], 48),
        _ => (KeySpec::P521, &[6, 5, 0x2b, 0x81, 4, 0, 0x23], 66),
    };
    (spec, [EC, oid].concat(), len)
}

/// The point of two coordinates as a SubjectPublicKeyInfo.
fn point(algorithm: &[u8], len: usize, x: &[u8], y: &[u8]) -> Vec<u8> {
    spki(algorithm, &[&[4], &padded(x, len)[..], &padded(y, len)].concat())
}

#[test]
fn ecdsa() {
    let mut tally = Tally::default();
    for vector in parse(include_str!("../../../vectors/cavp/ecdsa.txt")) {
        let (spec, identifier, len) = curve(vector.text("curve"));
        let public = point(&identifier, len, &vector.bytes("x"), &vector.bytes("y"));
        let (r, s) = (integer(&vector.bytes("r")), integer(&vector.bytes("s")));
        verify(&vector, &public, spec, spec.signing_algorithms()[0], &der(0x30, &[&r, &s]));
        tally.count(&format!("ECDSA {}", vector.text("curve")));
    }
    tally.report(&[("ECDSA P-256", 30), ("ECDSA P-384", 30), ("ECDSA P-521", 30)]);
}

#[test]
fn ecdh() {
    let (rig, mut tally) = (Rig::new(), Tally::default());
    for vector in parse(include_str!("../../../vectors/cavp/ecdh.txt")) {
        let (spec, identifier, len) = curve(vector.text("curve"));
        let private = der(4, &[&padded(&vector.bytes("d"), len)]);
        let sec1 = der(0x30, &[&[2, 1, 1], &private]);
        let key = imported(&rig, spec, &pkcs8(&identifier, &sec1));
        let peer = point(&identifier, len, &vector.bytes("peer_x"), &vector.bytes("peer_y"));
        let shared = agree::shared_secret(key.process(), &key.loaded, &peer).unwrap();
        assert_eq!(shared.expose(), vector.bytes("z"));
        tally.count(&format!("ECDH {}", vector.text("curve")));
    }
    tally.report(&[("ECDH P-256", 25), ("ECDH P-384", 25), ("ECDH P-521", 25)]);
}

/// Valid ones are made again, since the signature is determined by key and message.
#[test]
fn ed25519() {
    const ED25519: &[u8] = &[6, 3, 0x2b, 0x65, 0x70];
    let (rig, mut tally) = (Rig::new(), Tally::default());
    for vector in parse(include_str!("../../../vectors/cavp/ed25519.txt")) {
        let (message, known) = (vector.bytes("msg"), vector.bytes("sig"));
        let (algorithm, kind, input, name) = match vector.text("form") {
            "pure" => (SigningAlgorithm::Ed25519, MessageType::Raw, message, "Ed25519"),
            _ => {
                let hashed = digest::digest(Hash::Sha512, &message);
                (SigningAlgorithm::Ed25519Ph, MessageType::Digest, hashed, "Ed25519ph")
            }
        };
        let (public, spec) = (spki(ED25519, &vector.bytes("public")), KeySpec::Ed25519);
        let verified = sign::verify_spki(&public, spec, algorithm, kind, &input, &known);
        assert_eq!(verified.is_ok(), vector.passes(), "{name}");
        if vector.passes() {
            let private = pkcs8(ED25519, &der(4, &[&vector.bytes("seed")]));
            let key = imported(&rig, spec, &private);
            assert_eq!(key.public(), public);
            let made = sign::sign(key.protect(), &key.loaded, algorithm, kind, &input);
            assert_eq!(made, Ok(known), "{name}");
        }
        tally.count(name);
    }
    tally.report(&[("Ed25519", 67), ("Ed25519ph", 5)]);
}

/// The spec of an ML-DSA set, the algorithm identifier's content, and the length of a public key.
fn ml_dsa(set: &str) -> (KeySpec, Vec<u8>, usize) {
    let (spec, last, len) = match set {
        "ML-DSA-44" => (KeySpec::MlDsa44, 0x11, 1312),
        "ML-DSA-65" => (KeySpec::MlDsa65, 0x12, 1952),
        _ => (KeySpec::MlDsa87, 0x13, 2592),
    };
    (spec, vec![6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, last], len)
}

/// The spec of an ML-KEM set, the algorithm identifier's content, and the length of a public key.
fn ml_kem(set: &str) -> (KeySpec, Vec<u8>, usize) {
    let (spec, last, len) = match set {
        "ML-KEM-512" => (KeySpec::MlKem512, 1, 800),
        "ML-KEM-768" => (KeySpec::MlKem768, 2, 1184),
        _ => (KeySpec::MlKem1024, 3, 1568),
    };
    (spec, vec![6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 4, last], len)
}

#[test]
fn key_generation_from_seeds() {
    let (rig, mut tally) = (Rig::new(), Tally::default());
    let files = [
        include_str!("../../../vectors/cavp/ml_dsa_keygen.txt"),
        include_str!("../../../vectors/cavp/ml_kem_keygen.txt"),
    ];
    for vector in files.into_iter().flat_map(parse) {
        let set = vector.text("set");
        let (spec, identifier, len) =
            if set.starts_with("ML-DSA") { ml_dsa(set) } else { ml_kem(set) };
        let private = pkcs8(&identifier, &der(0x80, &[&vector.bytes("seed")]));
        let key = imported(&rig, spec, &private);
        let public = &key.public()[key.public().len() - len..];
        assert_eq!(key.public(), spki(&identifier, public));
        assert_eq!(digest::sha256(public).as_slice(), vector.bytes("public_sha256"), "{set}");
        tally.count(&format!("{set} key generation"));
    }
    for set in ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87", "ML-KEM-512", "ML-KEM-768", "ML-KEM-1024"] {
        tally.report(&[(&format!("{set} key generation"), 25)]);
    }
}

#[test]
fn ml_dsa_verification() {
    let mut tally = Tally::default();
    for vector in parse(include_str!("../../../vectors/cavp/ml_dsa_sigver.txt")) {
        let set = vector.text("set");
        let (spec, identifier, _) = ml_dsa(set);
        let public = spki(&identifier, &vector.bytes("public"));
        let (algorithm, kind) = (SigningAlgorithm::MlDsa, MessageType::ExternalMu);
        let (mu, signature) = (vector.bytes("mu"), vector.bytes("sig"));
        let verified = sign::verify_spki(&public, spec, algorithm, kind, &mu, &signature);
        assert_eq!(verified.is_ok(), vector.passes(), "{set}");
        tally.count(&format!("{set} verification"));
    }
    for set in ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87"] {
        tally.report(&[(&format!("{set} verification"), 11)]);
    }
}

/// How a signature is made is the module's choice (hedged), so NIST's are verified, and one is
/// made with the same key.
#[test]
fn ml_dsa_signing() {
    let (rig, mut tally) = (Rig::new(), Tally::default());
    for vector in parse(include_str!("../../../vectors/cavp/ml_dsa_siggen.txt")) {
        let set = vector.text("set");
        let (spec, identifier, _) = ml_dsa(set);
        let private = pkcs8(&identifier, &der(4, &[&vector.bytes("private")]));
        let key = imported(&rig, spec, &private);
        let (algorithm, kind) = (SigningAlgorithm::MlDsa, MessageType::ExternalMu);
        let mu = vector.bytes("mu");
        let made = sign::sign(key.protect(), &key.loaded, algorithm, kind, &mu).unwrap();
        for signature in [vector.bytes("sig"), made] {
            let public = key.public();
            let verified = sign::verify_spki(public, spec, algorithm, kind, &mu, &signature);
            assert_eq!(verified, Ok(()), "{set}");
        }
        tally.count(&format!("{set} signing"));
    }
    for set in ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87"] {
        tally.report(&[(&format!("{set} signing"), 2)]);
    }
}
