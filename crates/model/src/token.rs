//! Tokens of identity that an issuer signs (RFC 7519), taken apart by whoever reads their form.

use crate::time::Wall;

/// How a token is signed (RFC 7518, section 3.1). There is no other way here: neither none at all
/// nor one whose key the verifier could sign with.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum TokenAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256; the signature is both numbers, 32 bytes each.
    Es256,
}

/// A public key of an issuer (RFC 7517), as its numbers, big-endian.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum IssuerKeyNumbers {
    /// An RSA key, for [`TokenAlgorithm::Rs256`].
    Rsa {
        /// The modulus.
        n: Vec<u8>,
        /// The public exponent.
        e: Vec<u8>,
    },
    /// A point on P-256, for [`TokenAlgorithm::Es256`].
    P256 {
        /// Its first coordinate.
        x: [u8; 32],
        /// Its second.
        y: [u8; 32],
    },
}

impl IssuerKeyNumbers {
    /// What such a key signs with.
    pub const fn algorithm(&self) -> TokenAlgorithm {
        match self {
            Self::Rsa { .. } => TokenAlgorithm::Rs256,
            Self::P256 { .. } => TokenAlgorithm::Es256,
        }
    }
}

/// A public key of an issuer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IssuerKey {
    /// What its tokens call it (`kid`).
    pub id: Option<String>,
    /// The key.
    pub numbers: IssuerKeyNumbers,
}

/// A token, taken apart. Nothing of it was verified.
#[derive(Clone, Debug)]
pub struct Token<'a> {
    /// What is signed: header and claims as they stand in the token.
    pub signing_input: &'a [u8],
    /// The signature.
    pub signature: Vec<u8>,
    /// How it is signed.
    pub algorithm: TokenAlgorithm,
    /// By which of the issuer's keys, if it says so (`kid`).
    pub key_id: Option<String>,
    /// Who issued it (`iss`), an `https` address.
    pub issuer: String,
    /// Of whom it speaks (`sub`).
    pub subject: String,
    /// Whom it is for: `azp` where it is there, else `aud`.
    pub audiences: Vec<String>,
    /// The moment from which it is worth nothing (`exp`).
    pub expires: Wall,
    /// The moment before which it is worth nothing (`nbf`).
    pub not_before: Option<Wall>,
    /// When it was issued (`iat`).
    pub issued: Wall,
}
