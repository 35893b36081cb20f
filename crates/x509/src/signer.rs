//! The key that signs, seen from outside, and its adaptor to the certificate builder.

use const_oid::db::rfc5912::{ECDSA_WITH_SHA_256, ID_EC_PUBLIC_KEY, SECP_256_R_1};
use der::{Decode, Document, asn1::ObjectIdentifier};
use model::{Error, Result};
use signature::Keypair;
use spki::{
    AlgorithmIdentifierOwned, DynSignatureAlgorithmIdentifier, EncodePublicKey,
    SubjectPublicKeyInfoRef,
};

/// A P-256 private key that signs with ECDSA and SHA-256 (RFC 5758) and cannot be read.
pub trait Signer {
    /// The public key as a DER-encoded `SubjectPublicKeyInfo`.
    fn spki(&self) -> &[u8];

    /// Signs `tbs`, hashing it first; answers a DER-encoded `Ecdsa-Sig-Value`.
    ///
    /// # Errors
    /// Whatever keeps the key from signing now.
    fn sign(&self, tbs: &[u8]) -> Result<Vec<u8>>;
}

/// What the builder needs to know of a signer: its public key and its signature algorithm.
pub(crate) struct PublicPart(VerifyingKey);

/// A public key in its DER encoding.
#[derive(Clone)]
pub(crate) struct VerifyingKey(Document);

impl PublicPart {
    /// Reads the public key of `signer`.
    ///
    /// # Errors
    /// `Internal` when it is not a P-256 key: the builder would name the wrong algorithm.
    pub(crate) fn of(signer: &dyn Signer) -> Result<Self> {
        let spki = SubjectPublicKeyInfoRef::from_der(signer.spki())
            .map_err(|_| Error::Internal("a signer's public key is not a SubjectPublicKeyInfo"))?;
        let curve: Option<ObjectIdentifier> =
            spki.algorithm.parameters.and_then(|curve| curve.decode_as().ok());
        if spki.algorithm.oid != ID_EC_PUBLIC_KEY || curve != Some(SECP_256_R_1) {
            return Err(Error::Internal("certificates are signed with P-256 keys only"));
        }
        let document = Document::from_der(signer.spki())
            .map_err(|_| Error::Internal("a signer's public key is not DER"))?;
        Ok(Self(VerifyingKey(document)))
    }
}

impl Keypair for PublicPart {
    type VerifyingKey = VerifyingKey;

    fn verifying_key(&self) -> VerifyingKey {
        self.0.clone()
    }
}

impl DynSignatureAlgorithmIdentifier for PublicPart {
    fn signature_algorithm_identifier(&self) -> spki::Result<AlgorithmIdentifierOwned> {
        // RFC 5758, section 3.2: the parameters are absent.
        Ok(AlgorithmIdentifierOwned { oid: ECDSA_WITH_SHA_256, parameters: None })
    }
}

impl EncodePublicKey for VerifyingKey {
    fn to_public_key_der(&self) -> spki::Result<Document> {
        Ok(self.0.clone())
    }
}
