//! Algorithms and sizes: what a key is made for.
//!
//! The names in the codes below are records' and audit entries' canonical numbers: they are
//! never reused.

use crate::{
    canon::Malformed,
    mode::{CipherMode, Wrapping},
    purpose::Purposes,
};

macro_rules! coded {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// Every value, in order of its code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The canonical number, stable for ever.
            pub const fn code(self) -> u8 {
                match self { $(Self::$variant => $code),+ }
            }

            /// The value of a canonical number.
            pub fn from_code(code: u8) -> Result<Self, Malformed> {
                match code { $($code => Ok(Self::$variant),)+ _ => Err(Malformed) }
            }
        }
    };
}

coded! {
    /// Algorithm and size of a key.
    KeySpec {
        /// AES-256 (FIPS 197).
        Aes256 = 1,
        /// RSA, 2048-bit modulus (FIPS 186-5).
        Rsa2048 = 2,
        /// RSA, 3072-bit modulus.
        Rsa3072 = 3,
        /// RSA, 4096-bit modulus.
        Rsa4096 = 4,
        /// NIST P-256 (SP 800-186).
        P256 = 5,
        /// NIST P-384.
        P384 = 6,
        /// NIST P-521.
        P521 = 7,
        /// secp256k1 (SEC 2).
        Secp256k1 = 8,
        /// Ed25519 (FIPS 186-5, RFC 8032).
        Ed25519 = 9,
        /// HMAC with SHA-224, 28-byte key (FIPS 198-1).
        Hmac224 = 10,
        /// HMAC with SHA-256, 32-byte key.
        Hmac256 = 11,
        /// HMAC with SHA-384, 48-byte key.
        Hmac384 = 12,
        /// HMAC with SHA-512, 64-byte key.
        Hmac512 = 13,
        /// ML-DSA-44 (FIPS 204).
        MlDsa44 = 14,
        /// ML-DSA-65.
        MlDsa65 = 15,
        /// ML-DSA-87.
        MlDsa87 = 16,
        /// ML-KEM-512 (FIPS 203).
        MlKem512 = 17,
        /// ML-KEM-768.
        MlKem768 = 18,
        /// ML-KEM-1024.
        MlKem1024 = 19,
        /// X25519 (RFC 7748).
        X25519 = 20,
    }
}

coded! {
    /// Algorithm and size of a key whose users choose modes, vectors and padding themselves: for
    /// protocols that want it so. Never an `Aes256` of [`KeySpec`]: the same bytes are not used
    /// both ways.
    RawSpec {
        /// AES-128 (FIPS 197).
        Aes128 = 1,
        /// AES-192.
        Aes192 = 2,
        /// AES-256.
        Aes256 = 3,
        /// Triple DES with two or three keys, 16 or 24 bytes (SP 800-67).
        Tdes = 4,
        /// ChaCha20, 32 bytes (RFC 8439).
        ChaCha20 = 5,
        /// ChaCha20-Poly1305, 32 bytes (RFC 8439).
        ChaCha20Poly1305 = 6,
        /// HMAC with SHA-1 and a key of any length (FIPS 198-1).
        HmacSha1 = 7,
        /// HMAC with SHA-224 and a key of any length.
        Hmac224 = 8,
        /// HMAC with SHA-256 and a key of any length.
        Hmac256 = 9,
        /// HMAC with SHA-384 and a key of any length.
        Hmac384 = 10,
        /// HMAC with SHA-512 and a key of any length.
        Hmac512 = 11,
        /// HMAC with SHA3-224 and a key of any length.
        HmacSha3_224 = 12,
        /// HMAC with SHA3-256 and a key of any length.
        HmacSha3_256 = 13,
        /// HMAC with SHA3-384 and a key of any length.
        HmacSha3_384 = 14,
        /// HMAC with SHA3-512 and a key of any length.
        HmacSha3_512 = 15,
    }
}

/// What an object's material is: a key that Strongroom uses in its own ways, one that is used as
/// its users say, or bytes that it keeps and hands out and does not use.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Spec {
    /// With a scheme of ours for symmetric keys, and the standards' for pairs.
    Key(KeySpec),
    /// As its users say.
    Raw(RawSpec),
    /// Not used.
    Stored,
}

impl From<KeySpec> for Spec {
    fn from(spec: KeySpec) -> Self {
        Self::Key(spec)
    }
}

impl From<RawSpec> for Spec {
    fn from(spec: RawSpec) -> Self {
        Self::Raw(spec)
    }
}

impl Spec {
    /// Where the codes of raw keys start.
    const RAW: u8 = 64;
    /// The code of what is stored.
    const STORED: u8 = 127;

    /// The canonical number, stable for ever.
    pub const fn code(self) -> u8 {
        match self {
            Self::Key(spec) => spec.code(),
            Self::Raw(spec) => Self::RAW + spec.code(),
            Self::Stored => Self::STORED,
        }
    }

    /// The value of a canonical number.
    pub fn from_code(code: u8) -> Result<Self, Malformed> {
        match code {
            Self::STORED => Ok(Self::Stored),
            0..=Self::RAW => KeySpec::from_code(code).map(Self::Key),
            _ => RawSpec::from_code(code - Self::RAW).map(Self::Raw),
        }
    }

    /// The purposes that such a key may be made for, of those the native and AWS APIs know.
    pub fn usages(self) -> &'static [KeyUsage] {
        self.key().map_or(&[], KeySpec::usages)
    }

    /// Whether one secret serves both directions.
    pub fn is_symmetric(self) -> bool {
        match self {
            Self::Key(spec) => spec.is_symmetric(),
            Self::Raw(_) => true,
            Self::Stored => false,
        }
    }

    /// How such a key may encrypt by a scheme of [`EncryptionAlgorithm`]; empty when it cannot.
    pub fn encryption_algorithms(self) -> &'static [EncryptionAlgorithm] {
        self.key().map_or(&[], KeySpec::encryption_algorithms)
    }

    /// How such a key may sign; empty when it cannot.
    pub fn signing_algorithms(self) -> &'static [SigningAlgorithm] {
        self.key().map_or(&[], KeySpec::signing_algorithms)
    }

    /// The hash of the message authentication code that such a key makes.
    pub fn mac_hash(self) -> Option<Hash> {
        match self {
            Self::Key(spec) => spec.mac_hash(),
            Self::Raw(spec) => spec.mac_hash(),
            Self::Stored => None,
        }
    }

    /// The key of our own schemes that it is, if it is one.
    pub fn key(self) -> Option<KeySpec> {
        match self {
            Self::Key(spec) => Some(spec),
            Self::Raw(_) | Self::Stored => None,
        }
    }
}

impl RawSpec {
    /// Whether a key of so many bytes is one of this spec.
    pub fn fits(self, len: usize) -> bool {
        match self {
            Self::Aes128 => len == 16,
            Self::Aes192 => len == 24,
            Self::Aes256 | Self::ChaCha20 | Self::ChaCha20Poly1305 => len == 32,
            Self::Tdes => len == 16 || len == 24,
            _ => (1..=RAW_HMAC_LEN_MAX).contains(&len),
        }
    }

    /// The hash of the message authentication codes that a key of this spec makes.
    pub fn mac_hash(self) -> Option<Hash> {
        Some(match self {
            Self::HmacSha1 => Hash::Sha1,
            Self::Hmac224 => Hash::Sha224,
            Self::Hmac256 => Hash::Sha256,
            Self::Hmac384 => Hash::Sha384,
            Self::Hmac512 => Hash::Sha512,
            Self::HmacSha3_224 => Hash::Sha3_224,
            Self::HmacSha3_256 => Hash::Sha3_256,
            Self::HmacSha3_384 => Hash::Sha3_384,
            Self::HmacSha3_512 => Hash::Sha3_512,
            _ => return None,
        })
    }
}

/// Longest raw key for HMAC, in bytes.
const RAW_HMAC_LEN_MAX: usize = 1024;

coded! {
    /// The one purpose of a key (SP 800-57 part 1, 5.2).
    KeyUsage {
        /// Encrypt and decrypt.
        EncryptDecrypt = 1,
        /// Sign and verify.
        SignVerify = 2,
        /// Make and verify message authentication codes.
        GenerateVerifyMac = 3,
        /// Agree on a shared secret.
        KeyAgreement = 4,
        /// Encapsulate and decapsulate.
        EncapsulateDecapsulate = 5,
    }
}

coded! {
    /// A hash function (FIPS 180-4, FIPS 202).
    Hash {
        /// SHA-224.
        Sha224 = 1,
        /// SHA-256.
        Sha256 = 2,
        /// SHA-384.
        Sha384 = 3,
        /// SHA-512.
        Sha512 = 4,
        /// SHA-1: only inside OAEP, where no collision resistance is asked of it.
        Sha1 = 5,
        /// SHA3-224.
        Sha3_224 = 6,
        /// SHA3-256.
        Sha3_256 = 7,
        /// SHA3-384.
        Sha3_384 = 8,
        /// SHA3-512.
        Sha3_512 = 9,
    }
}

coded! {
    /// How a key encrypts.
    EncryptionAlgorithm {
        /// The self-describing ciphertext of `Envelope` keys.
        Envelope = 1,
        /// RSAES-OAEP with SHA-1 and MGF1-SHA-1 (RFC 8017).
        OaepSha1 = 2,
        /// RSAES-OAEP with SHA-256 and MGF1-SHA-256.
        OaepSha256 = 3,
    }
}

coded! {
    /// How a key signs.
    SigningAlgorithm {
        /// RSASSA-PSS, salt as long as the hash (RFC 8017).
        RsaPssSha256 = 1,
        /// RSASSA-PSS with SHA-384.
        RsaPssSha384 = 2,
        /// RSASSA-PSS with SHA-512.
        RsaPssSha512 = 3,
        /// RSASSA-PKCS1-v1_5 with SHA-256.
        RsaPkcs1Sha256 = 4,
        /// RSASSA-PKCS1-v1_5 with SHA-384.
        RsaPkcs1Sha384 = 5,
        /// RSASSA-PKCS1-v1_5 with SHA-512.
        RsaPkcs1Sha512 = 6,
        /// ECDSA with SHA-256, DER signature (FIPS 186-5).
        EcdsaSha256 = 7,
        /// ECDSA with SHA-384.
        EcdsaSha384 = 8,
        /// ECDSA with SHA-512.
        EcdsaSha512 = 9,
        /// Pure Ed25519 (RFC 8032).
        Ed25519 = 10,
        /// Ed25519ph: the message is already its SHA-512 digest.
        Ed25519Ph = 11,
        /// Pure ML-DSA with an empty context (FIPS 204).
        MlDsa = 12,
    }
}

coded! {
    /// What the bytes to be signed are.
    MessageType {
        /// The message itself.
        Raw = 1,
        /// Its digest, by the hash of the signing algorithm.
        Digest = 2,
        /// ML-DSA's 64-byte message representative (FIPS 204, 6.2).
        ExternalMu = 3,
    }
}

/// A way to use a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Algorithm {
    /// For encryption.
    Encryption(EncryptionAlgorithm),
    /// For signing.
    Signing(SigningAlgorithm),
    /// For message authentication codes: HMAC with this hash.
    Mac(Hash),
    /// For encryption by a raw key in this mode.
    Cipher(CipherMode),
    /// For wrapping by a raw AES key.
    Wrapping(Wrapping),
    /// For RSAES-OAEP as its users say, with this hash of the label.
    Oaep(Hash),
    /// For signing as its users say, with this hash of the message.
    Signature(Hash),
    /// For MGF1 with this hash, in RSAES-OAEP or RSASSA-PSS as their users say.
    Mask(Hash),
    /// For agreeing on a shared secret by ECDH (SP 800-56A).
    Agreement,
    /// For encapsulating a shared secret by ML-KEM (FIPS 203).
    Encapsulation,
}

impl KeyUsage {
    /// What a key of this usage may be used for.
    pub const fn purposes(self) -> Purposes {
        match self {
            Self::EncryptDecrypt => Purposes::ENCRYPT.and(Purposes::DECRYPT),
            Self::SignVerify => Purposes::SIGN.and(Purposes::VERIFY),
            Self::GenerateVerifyMac => Purposes::MAC.and(Purposes::VERIFY_MAC),
            Self::KeyAgreement | Self::EncapsulateDecapsulate => Purposes::AGREE,
        }
    }
}

impl KeySpec {
    /// The purposes a key of this spec may be made for.
    pub fn usages(self) -> &'static [KeyUsage] {
        use KeyUsage::*;
        match self {
            Self::Aes256 => &[EncryptDecrypt],
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[EncryptDecrypt, SignVerify],
            Self::P256 | Self::P384 | Self::P521 => &[SignVerify, KeyAgreement],
            Self::Secp256k1 | Self::Ed25519 => &[SignVerify],
            Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => &[SignVerify],
            Self::Hmac224 | Self::Hmac256 | Self::Hmac384 | Self::Hmac512 => &[GenerateVerifyMac],
            Self::MlKem512 | Self::MlKem768 | Self::MlKem1024 => &[EncapsulateDecapsulate],
            Self::X25519 => &[KeyAgreement],
        }
    }

    /// Whether its keys are made of primes that must be found, which takes up to seconds.
    pub fn has_primes(self) -> bool {
        matches!(self, Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096)
    }

    /// Length of the key in bits, as its algorithm counts it: of the modulus, of the field, of the
    /// secret; of a lattice key, of its public key.
    pub fn bits(self) -> u32 {
        match self {
            Self::Hmac224 => 224,
            Self::Aes256 | Self::P256 | Self::Secp256k1 | Self::Hmac256 => 256,
            Self::Ed25519 | Self::X25519 => 256,
            Self::P384 | Self::Hmac384 => 384,
            Self::P521 => 521,
            Self::Hmac512 => 512,
            Self::Rsa2048 => 2048,
            Self::Rsa3072 => 3072,
            Self::Rsa4096 => 4096,
            Self::MlDsa44 => 1312 * 8,
            Self::MlDsa65 => 1952 * 8,
            Self::MlDsa87 => 2592 * 8,
            Self::MlKem512 => 800 * 8,
            Self::MlKem768 => 1184 * 8,
            Self::MlKem1024 => 1568 * 8,
        }
    }

    /// Whether one secret serves both directions.
    pub fn is_symmetric(self) -> bool {
        use KeySpec::*;
        matches!(self, Aes256 | Hmac224 | Hmac256 | Hmac384 | Hmac512)
    }

    /// How a key of this spec may encrypt; empty when it cannot.
    pub fn encryption_algorithms(self) -> &'static [EncryptionAlgorithm] {
        use EncryptionAlgorithm::*;
        match self {
            Self::Aes256 => &[Envelope],
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[OaepSha1, OaepSha256],
            _ => &[],
        }
    }

    /// How a key of this spec may sign; empty when it cannot.
    pub fn signing_algorithms(self) -> &'static [SigningAlgorithm] {
        use SigningAlgorithm::*;
        match self {
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[
                RsaPssSha256,
                RsaPssSha384,
                RsaPssSha512,
                RsaPkcs1Sha256,
                RsaPkcs1Sha384,
                RsaPkcs1Sha512,
            ],
            Self::P256 | Self::Secp256k1 => &[EcdsaSha256],
            Self::P384 => &[EcdsaSha384],
            Self::P521 => &[EcdsaSha512],
            Self::Ed25519 => &[Ed25519, Ed25519Ph],
            Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => &[MlDsa],
            _ => &[],
        }
    }

    /// The hash of the message authentication code that a key of this spec makes.
    pub fn mac_hash(self) -> Option<Hash> {
        match self {
            Self::Hmac224 => Some(Hash::Sha224),
            Self::Hmac256 => Some(Hash::Sha256),
            Self::Hmac384 => Some(Hash::Sha384),
            Self::Hmac512 => Some(Hash::Sha512),
            _ => None,
        }
    }
}

impl SigningAlgorithm {
    /// The hash whose digest `MessageType::Digest` carries; `None` when a digest cannot be signed.
    pub fn digest(self) -> Option<Hash> {
        use SigningAlgorithm::*;
        match self {
            RsaPssSha256 | RsaPkcs1Sha256 | EcdsaSha256 => Some(Hash::Sha256),
            RsaPssSha384 | RsaPkcs1Sha384 | EcdsaSha384 => Some(Hash::Sha384),
            RsaPssSha512 | RsaPkcs1Sha512 | EcdsaSha512 | Ed25519Ph => Some(Hash::Sha512),
            Ed25519 | MlDsa => None,
        }
    }
}

impl Hash {
    /// Length of a digest in bytes.
    pub const fn digest_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha224 | Self::Sha3_224 => 28,
            Self::Sha256 | Self::Sha3_256 => 32,
            Self::Sha384 | Self::Sha3_384 => 48,
            Self::Sha512 | Self::Sha3_512 => 64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_round_trip() {
        for &spec in KeySpec::ALL {
            assert_eq!(KeySpec::from_code(spec.code()), Ok(spec));
        }
        assert!(KeySpec::from_code(0).is_err());
    }

    #[test]
    fn every_spec_can_do_what_its_usages_promise() {
        for &spec in KeySpec::ALL {
            let signs = spec.usages().contains(&KeyUsage::SignVerify);
            let encrypts = spec.usages().contains(&KeyUsage::EncryptDecrypt);
            let macs = spec.usages().contains(&KeyUsage::GenerateVerifyMac);
            assert_eq!(signs, !spec.signing_algorithms().is_empty(), "{spec:?}");
            assert_eq!(encrypts, !spec.encryption_algorithms().is_empty(), "{spec:?}");
            assert_eq!(macs, spec.mac_hash().is_some(), "{spec:?}");
        }
    }
}
