//! How raw keys, and pairs in the hands of protocols that leave it to their users, are applied:
//! modes, padding, hashes and lengths that somebody else has chosen.
//!
//! For keys of our own schemes nothing of this can be chosen: see [`crate::algorithm`].

use crate::algorithm::{Algorithm, Hash, KeySpec, SigningAlgorithm, Spec};

pub use crate::mode::{CipherMode, Wrapping};

/// How a plaintext is filled up to whole blocks.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum BlockPadding {
    /// Not: it has to be whole blocks.
    None,
    /// With n bytes of value n (PKCS #7, RFC 5652 section 6.3), one whole block at most.
    Pkcs7,
    /// With zeros and a last byte that says how many (ANSI X9.23).
    X923,
    /// With a byte 0x80 and zeros (ISO/IEC 9797-1, padding method 2).
    Bit,
}

/// How a raw key encrypts.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Cipher {
    /// The mode.
    pub mode: CipherMode,
    /// The padding, where the mode takes blocks.
    pub padding: BlockPadding,
    /// Length of the tag in bytes, where there is one: 12 to 16, or for GCM 8 or 4 too.
    pub tag_len: usize,
}

/// RSAES-OAEP (RFC 8017, 7.1) with what its users choose.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Oaep {
    /// The hash of the label.
    pub hash: Hash,
    /// The hash of the mask generator MGF1.
    pub mask_hash: Hash,
    /// The label.
    pub label: Vec<u8>,
}

impl Oaep {
    /// Masked with the hash of the label, which is empty.
    pub const fn plain(hash: Hash) -> Self {
        Self { hash, mask_hash: hash, label: Vec::new() }
    }

    /// What the algorithm policy must allow, all of it, for it to be used.
    pub const fn uses(&self) -> [Algorithm; 2] {
        [Algorithm::Oaep(self.hash), Algorithm::Mask(self.mask_hash)]
    }
}

/// A signature with what its users choose.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SignatureScheme {
    /// RSASSA-PSS (RFC 8017, 8.1).
    Pss {
        /// The hash of the message.
        hash: Hash,
        /// The hash of the mask generator MGF1.
        mask_hash: Hash,
        /// Length of the salt in bytes. If it is not said, a signature is made with one as long as
        /// the hash, and verified with whatever it has.
        salt_len: Option<usize>,
    },
    /// RSASSA-PKCS1-v1_5 (RFC 8017, 8.2).
    Pkcs1(Hash),
    /// ECDSA (FIPS 186-5) with a DER signature.
    Ecdsa(Hash),
    /// Pure Ed25519 (RFC 8032).
    Ed25519,
    /// Pure ML-DSA with an empty context (FIPS 204).
    MlDsa,
}

impl SignatureScheme {
    /// The hash of the message; `None` when the whole message is signed.
    pub const fn hash(self) -> Option<Hash> {
        match self {
            Self::Pss { hash, .. } | Self::Pkcs1(hash) | Self::Ecdsa(hash) => Some(hash),
            Self::Ed25519 | Self::MlDsa => None,
        }
    }

    /// Whether a key of this spec can sign so.
    pub fn fits(self, spec: Spec) -> bool {
        use KeySpec::{
            Ed25519, MlDsa44, MlDsa65, MlDsa87, P256, P384, P521, Rsa2048, Rsa3072, Rsa4096,
            Secp256k1,
        };
        let Spec::Key(spec) = spec else { return false };
        match self {
            Self::Pss { .. } | Self::Pkcs1(_) => matches!(spec, Rsa2048 | Rsa3072 | Rsa4096),
            Self::Ecdsa(_) => matches!(spec, P256 | P384 | P521 | Secp256k1),
            Self::Ed25519 => matches!(spec, Ed25519),
            Self::MlDsa => matches!(spec, MlDsa44 | MlDsa65 | MlDsa87),
        }
    }

    /// What it is called in a refusal, and the first that the algorithm policy must allow.
    pub const fn algorithm(self) -> Algorithm {
        match self {
            Self::Pss { hash, .. } | Self::Pkcs1(hash) | Self::Ecdsa(hash) => {
                Algorithm::Signature(hash)
            }
            Self::Ed25519 => Algorithm::Signing(SigningAlgorithm::Ed25519),
            Self::MlDsa => Algorithm::Signing(SigningAlgorithm::MlDsa),
        }
    }

    /// What the algorithm policy must allow, all of it, for it to be used.
    pub const fn uses(self) -> [Algorithm; 2] {
        match self {
            Self::Pss { mask_hash, .. } => [self.algorithm(), Algorithm::Mask(mask_hash)],
            _ => [self.algorithm(), self.algorithm()],
        }
    }
}

/// How a secret is split into parts, a threshold of which give it back.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SplitMethod {
    /// Parts whose XOR is the secret: all are needed.
    Xor,
    /// Shamir's polynomials over the field of 65,536 elements, u y + v with u and v in the field
    /// of bytes, modulo y^2 + y + 0x3a (KMIP 1.4, 2.2.5): two bytes at a time.
    Gf65536(ByteField),
    /// Shamir's polynomials over the integers modulo a prime that is given.
    PrimeField,
    /// Shamir's polynomials over the field of bytes: byte by byte.
    Gf256(ByteField),
}

/// A field of 256 elements: polynomials over GF(2) modulo one of degree 8. KMIP has changed it, so
/// parts must say in which they are.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ByteField {
    /// Modulo x^8 + x^4 + x^3 + x + 1, as in FIPS 197: KMIP 1 (1.4, 2.2.5).
    Fips197,
    /// Modulo x^8 + x^4 + x^3 + x^2 + 1: KMIP 2 (2.1, 13.1).
    ReedSolomon,
}

/// How a secret is derived from others (KMIP 1.4, 4.6; 2.1, 6.1.14 and 7.12).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Derivation {
    /// PBKDF2 (RFC 8018, 5.2) with HMAC, of a password.
    Pbkdf2 {
        /// The hash.
        hash: Hash,
        /// The salt.
        salt: Vec<u8>,
        /// How often.
        iterations: u32,
    },
    /// The digest of the key.
    Hash(Hash),
    /// The HMAC of the data.
    Hmac(Hash),
    /// The encrypted data, without a tag.
    Encrypt {
        /// How they are encrypted.
        cipher: Cipher,
        /// The vector, as long as the mode wants it.
        iv: Vec<u8>,
    },
    /// SP 800-108, counter mode with HMAC; the data are the whole fixed input.
    Counter(Hash),
    /// SP 800-108, feedback mode with HMAC; likewise.
    Feedback {
        /// The hash.
        hash: Hash,
        /// The first feedback; it may be empty.
        iv: Vec<u8>,
    },
    /// SP 800-108, double-pipeline mode with HMAC; likewise.
    DoublePipeline(Hash),
    /// HKDF (RFC 5869); the data are the info, and may be left out.
    Hkdf {
        /// The hash.
        hash: Hash,
        /// The salt; it may be empty.
        salt: Vec<u8>,
    },
    /// What the private key and the public key, perhaps of another, agree on (SP 800-56A, RFC
    /// 7748).
    Agreement,
}

/// How many iterations PBKDF2 takes for a key of `len` bytes: as many as asked for, for each of its
/// blocks (RFC 8018, 5.2). What they cost is bounded by
/// [`crate::limits::PBKDF2_ITERATIONS_MAX`].
pub fn pbkdf2_iterations(hash: Hash, iterations: u32, len: usize) -> u64 {
    let blocks = len.div_ceil(hash.digest_len()).max(1);
    u64::from(iterations).saturating_mul(u64::try_from(blocks).unwrap_or(u64::MAX))
}
