//! What the policy language calls algorithms, purposes and states: the values of `kms:` condition
//! keys. The AWS door writes the same names, from here.

use model::{
    algorithm::{
        Algorithm, EncryptionAlgorithm, Hash, KeySpec, KeyUsage, MessageType, RawSpec,
        SigningAlgorithm, Spec,
    },
    algorithm_policy::{Profile, Subject, Way},
    material::KeyOrigin,
    raw::{CipherMode, Oaep, SignatureScheme, Wrapping},
};

/// E.g. `SYMMETRIC_DEFAULT`, `ECC_NIST_P256`.
pub fn key_spec(spec: KeySpec) -> &'static str {
    match spec {
        KeySpec::Aes256 => "SYMMETRIC_DEFAULT",
        KeySpec::Rsa2048 => "RSA_2048",
        KeySpec::Rsa3072 => "RSA_3072",
        KeySpec::Rsa4096 => "RSA_4096",
        KeySpec::P256 => "ECC_NIST_P256",
        KeySpec::P384 => "ECC_NIST_P384",
        KeySpec::P521 => "ECC_NIST_P521",
        KeySpec::Secp256k1 => "ECC_SECG_P256K1",
        KeySpec::Ed25519 => "ECC_NIST_EDWARDS25519",
        KeySpec::Hmac224 => "HMAC_224",
        KeySpec::Hmac256 => "HMAC_256",
        KeySpec::Hmac384 => "HMAC_384",
        KeySpec::Hmac512 => "HMAC_512",
        KeySpec::MlDsa44 => "ML_DSA_44",
        KeySpec::MlDsa65 => "ML_DSA_65",
        KeySpec::MlDsa87 => "ML_DSA_87",
        KeySpec::MlKem512 => "ML_KEM_512",
        KeySpec::MlKem768 => "ML_KEM_768",
        KeySpec::MlKem1024 => "ML_KEM_1024",
        KeySpec::X25519 => "X25519",
    }
}

/// The same of whatever an object's material is, e.g. `RAW_AES_256`.
pub fn spec(spec: Spec) -> &'static str {
    match spec {
        Spec::Key(spec) => key_spec(spec),
        Spec::Raw(spec) => raw_spec(spec),
        Spec::Stored => "STORED",
    }
}

/// E.g. `RAW_AES_256`.
pub fn raw_spec(spec: RawSpec) -> &'static str {
    match spec {
        RawSpec::Aes128 => "RAW_AES_128",
        RawSpec::Aes192 => "RAW_AES_192",
        RawSpec::Aes256 => "RAW_AES_256",
        RawSpec::Tdes => "RAW_TDES",
        RawSpec::ChaCha20 => "RAW_CHACHA20",
        RawSpec::ChaCha20Poly1305 => "RAW_CHACHA20_POLY1305",
        RawSpec::HmacSha1 => "RAW_HMAC_SHA1",
        RawSpec::Hmac224 => "RAW_HMAC_224",
        RawSpec::Hmac256 => "RAW_HMAC_256",
        RawSpec::Hmac384 => "RAW_HMAC_384",
        RawSpec::Hmac512 => "RAW_HMAC_512",
        RawSpec::HmacSha3_224 => "RAW_HMAC_SHA3_224",
        RawSpec::HmacSha3_256 => "RAW_HMAC_SHA3_256",
        RawSpec::HmacSha3_384 => "RAW_HMAC_SHA3_384",
        RawSpec::HmacSha3_512 => "RAW_HMAC_SHA3_512",
    }
}

/// `KEY_MATERIAL_EXPIRES` or not.
pub fn expiration_model(expires: bool) -> &'static str {
    if expires { "KEY_MATERIAL_EXPIRES" } else { "KEY_MATERIAL_DOES_NOT_EXPIRE" }
}

/// `AWS_KMS` or `EXTERNAL`.
pub fn key_origin(origin: KeyOrigin) -> &'static str {
    match origin {
        KeyOrigin::Internal => "AWS_KMS",
        KeyOrigin::External => "EXTERNAL",
    }
}

/// E.g. `ENCRYPT_DECRYPT`.
pub fn key_usage(usage: KeyUsage) -> &'static str {
    match usage {
        KeyUsage::EncryptDecrypt => "ENCRYPT_DECRYPT",
        KeyUsage::SignVerify => "SIGN_VERIFY",
        KeyUsage::GenerateVerifyMac => "GENERATE_VERIFY_MAC",
        KeyUsage::KeyAgreement => "KEY_AGREEMENT",
        KeyUsage::EncapsulateDecapsulate => "ENCAPSULATE_DECAPSULATE",
    }
}

/// The same where a key has none of the usages that have a name.
pub fn usage(usage: Option<KeyUsage>) -> &'static str {
    usage.map_or("OTHER", key_usage)
}

/// E.g. `RSAES_OAEP_SHA_256`.
pub fn encryption_algorithm(algorithm: EncryptionAlgorithm) -> &'static str {
    match algorithm {
        EncryptionAlgorithm::Envelope => "SYMMETRIC_DEFAULT",
        EncryptionAlgorithm::OaepSha1 => "RSAES_OAEP_SHA_1",
        EncryptionAlgorithm::OaepSha256 => "RSAES_OAEP_SHA_256",
    }
}

/// E.g. `RSASSA_PSS_SHA_256`.
pub fn signing_algorithm(algorithm: SigningAlgorithm) -> &'static str {
    match algorithm {
        SigningAlgorithm::RsaPssSha256 => "RSASSA_PSS_SHA_256",
        SigningAlgorithm::RsaPssSha384 => "RSASSA_PSS_SHA_384",
        SigningAlgorithm::RsaPssSha512 => "RSASSA_PSS_SHA_512",
        SigningAlgorithm::RsaPkcs1Sha256 => "RSASSA_PKCS1_V1_5_SHA_256",
        SigningAlgorithm::RsaPkcs1Sha384 => "RSASSA_PKCS1_V1_5_SHA_384",
        SigningAlgorithm::RsaPkcs1Sha512 => "RSASSA_PKCS1_V1_5_SHA_512",
        SigningAlgorithm::EcdsaSha256 => "ECDSA_SHA_256",
        SigningAlgorithm::EcdsaSha384 => "ECDSA_SHA_384",
        SigningAlgorithm::EcdsaSha512 => "ECDSA_SHA_512",
        SigningAlgorithm::Ed25519 => "ED25519_SHA_512",
        SigningAlgorithm::Ed25519Ph => "ED25519_PH_SHA_512",
        SigningAlgorithm::MlDsa => "ML_DSA_SHAKE_256",
    }
}

/// E.g. `RAW`.
pub fn message_type(message_type: MessageType) -> &'static str {
    match message_type {
        MessageType::Raw => "RAW",
        MessageType::Digest => "DIGEST",
        MessageType::ExternalMu => "EXTERNAL_MU",
    }
}

/// E.g. `HMAC_SHA_256`.
pub fn mac_algorithm(hash: Hash) -> &'static str {
    match hash {
        Hash::Sha1 => "HMAC_SHA_1",
        Hash::Sha224 => "HMAC_SHA_224",
        Hash::Sha256 => "HMAC_SHA_256",
        Hash::Sha384 => "HMAC_SHA_384",
        Hash::Sha512 => "HMAC_SHA_512",
        Hash::Sha3_224 => "HMAC_SHA3_224",
        Hash::Sha3_256 => "HMAC_SHA3_256",
        Hash::Sha3_384 => "HMAC_SHA3_384",
        Hash::Sha3_512 => "HMAC_SHA3_512",
    }
}

/// The one way in which keys agree on a secret.
pub const KEY_AGREEMENT_ALGORITHM: &str = "ECDH";

/// The one way in which keys encapsulate a secret.
pub const ENCAPSULATION_ALGORITHM: &str = "ML_KEM";

/// The mode of a raw key's cipher, e.g. `RAW_CBC`.
pub fn cipher_mode(mode: CipherMode) -> &'static str {
    match mode {
        CipherMode::Ecb => "RAW_ECB",
        CipherMode::Cbc => "RAW_CBC",
        CipherMode::Ctr => "RAW_CTR",
        CipherMode::Cfb => "RAW_CFB",
        CipherMode::Ofb => "RAW_OFB",
        CipherMode::Gcm => "RAW_GCM",
        CipherMode::Xts => "RAW_XTS",
        CipherMode::Stream => "RAW_STREAM",
        CipherMode::Poly1305 => "RAW_POLY1305",
    }
}

/// E.g. `AES_KW`.
pub fn wrapping(wrapping: Wrapping) -> &'static str {
    match wrapping {
        Wrapping::KeyWrap => "AES_KW",
        Wrapping::KeyWrapPadded => "AES_KWP",
    }
}

/// RSAES-OAEP as its users say, e.g. `OAEP_WITH_SHA_256`.
pub fn oaep(hash: Hash) -> &'static str {
    match hash {
        Hash::Sha1 => "OAEP_WITH_SHA_1",
        Hash::Sha224 => "OAEP_WITH_SHA_224",
        Hash::Sha256 => "OAEP_WITH_SHA_256",
        Hash::Sha384 => "OAEP_WITH_SHA_384",
        Hash::Sha512 => "OAEP_WITH_SHA_512",
        Hash::Sha3_224 => "OAEP_WITH_SHA3_224",
        Hash::Sha3_256 => "OAEP_WITH_SHA3_256",
        Hash::Sha3_384 => "OAEP_WITH_SHA3_384",
        Hash::Sha3_512 => "OAEP_WITH_SHA3_512",
    }
}

/// The same with all that its users say: AWS's name, e.g. `RSAES_OAEP_SHA_256`, where it is what
/// AWS means by that.
pub fn oaep_scheme(scheme: &Oaep) -> &'static str {
    let is_plain = scheme.mask_hash == scheme.hash && scheme.label.is_empty();
    match scheme.hash {
        Hash::Sha1 if is_plain => encryption_algorithm(EncryptionAlgorithm::OaepSha1),
        Hash::Sha256 if is_plain => encryption_algorithm(EncryptionAlgorithm::OaepSha256),
        hash => oaep(hash),
    }
}

/// A signature as its users say, e.g. `SIGNATURE_WITH_SHA_256`.
pub fn signature(hash: Hash) -> &'static str {
    match hash {
        Hash::Sha1 => "SIGNATURE_WITH_SHA_1",
        Hash::Sha224 => "SIGNATURE_WITH_SHA_224",
        Hash::Sha256 => "SIGNATURE_WITH_SHA_256",
        Hash::Sha384 => "SIGNATURE_WITH_SHA_384",
        Hash::Sha512 => "SIGNATURE_WITH_SHA_512",
        Hash::Sha3_224 => "SIGNATURE_WITH_SHA3_224",
        Hash::Sha3_256 => "SIGNATURE_WITH_SHA3_256",
        Hash::Sha3_384 => "SIGNATURE_WITH_SHA3_384",
        Hash::Sha3_512 => "SIGNATURE_WITH_SHA3_512",
    }
}

/// The same with all that its users say: AWS's name, e.g. `RSASSA_PSS_SHA_256`, where it is what
/// AWS means by that. A salt of any length is one of the usual length too.
pub fn signature_scheme(scheme: SignatureScheme) -> &'static str {
    use SigningAlgorithm::*;
    let of_aws = match scheme {
        SignatureScheme::Pss { hash, mask_hash, salt_len }
            if mask_hash == hash && salt_len.is_none_or(|len| len == hash.digest_len()) =>
        {
            by_hash(hash, [RsaPssSha256, RsaPssSha384, RsaPssSha512])
        }
        SignatureScheme::Pss { .. } => None,
        SignatureScheme::Pkcs1(hash) => {
            by_hash(hash, [RsaPkcs1Sha256, RsaPkcs1Sha384, RsaPkcs1Sha512])
        }
        SignatureScheme::Ecdsa(hash) => by_hash(hash, [EcdsaSha256, EcdsaSha384, EcdsaSha512]),
        SignatureScheme::Ed25519 => Some(Ed25519),
        SignatureScheme::MlDsa => Some(MlDsa),
    };
    of_aws.map_or_else(|| algorithm(scheme.algorithm()), signing_algorithm)
}

/// Of three algorithms the one with this hash.
fn by_hash(
    hash: Hash,
    [sha256, sha384, sha512]: [SigningAlgorithm; 3],
) -> Option<SigningAlgorithm> {
    match hash {
        Hash::Sha256 => Some(sha256),
        Hash::Sha384 => Some(sha384),
        Hash::Sha512 => Some(sha512),
        _ => None,
    }
}

/// The mask of one of these, e.g. `MGF1_WITH_SHA_256`.
pub fn mask(hash: Hash) -> &'static str {
    match hash {
        Hash::Sha1 => "MGF1_WITH_SHA_1",
        Hash::Sha224 => "MGF1_WITH_SHA_224",
        Hash::Sha256 => "MGF1_WITH_SHA_256",
        Hash::Sha384 => "MGF1_WITH_SHA_384",
        Hash::Sha512 => "MGF1_WITH_SHA_512",
        Hash::Sha3_224 => "MGF1_WITH_SHA3_224",
        Hash::Sha3_256 => "MGF1_WITH_SHA3_256",
        Hash::Sha3_384 => "MGF1_WITH_SHA3_384",
        Hash::Sha3_512 => "MGF1_WITH_SHA3_512",
    }
}

/// E.g. `RSAES_OAEP_SHA_256`: what a condition on any way to use a key compares with.
pub fn algorithm(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Encryption(algorithm) => encryption_algorithm(algorithm),
        Algorithm::Signing(algorithm) => signing_algorithm(algorithm),
        Algorithm::Mac(hash) => mac_algorithm(hash),
        Algorithm::Cipher(mode) => cipher_mode(mode),
        Algorithm::Wrapping(by) => wrapping(by),
        Algorithm::Oaep(hash) => oaep(hash),
        Algorithm::Signature(hash) => signature(hash),
        Algorithm::Mask(hash) => mask(hash),
        Algorithm::Agreement => KEY_AGREEMENT_ALGORITHM,
        Algorithm::Encapsulation => ENCAPSULATION_ALGORITHM,
    }
}

/// What a row of the algorithm policy is about, e.g. `RSA_2048` or `ECDSA_SHA_256`.
pub fn subject(subject: Subject) -> &'static str {
    match subject {
        Subject::Key(spec) => key_spec(spec),
        Subject::Raw(spec) => raw_spec(spec),
        Subject::Use(used) => algorithm(used),
    }
}

/// Why the algorithm policy refuses something, in a sentence.
pub fn disallowed(what: Subject, way: Way, profile: Profile) -> String {
    let name = subject(what);
    let way = match way {
        Way::Protect => "to make keys or protect data",
        Way::Process => "to process data",
    };
    let profile = profile.name();
    format!("The algorithm policy of this server ({profile}) does not allow {name} {way}.")
}
