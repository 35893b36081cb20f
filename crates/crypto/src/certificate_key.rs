//! A certificate's private key: P-256, for Strongroom's own authority and its TLS server.

use std::{fmt, sync::Arc};

use model::{
    Error, Result, Secret,
    algorithm::{Hash, KeySpec},
};
use rustls::{
    SignatureAlgorithm, SignatureScheme,
    pki_types::SubjectPublicKeyInfoDer,
    sign::{Signer, SigningKey},
};

use crate::{
    digest, material,
    raw::{Pkey, Scheme},
    secmem::Guarded,
};

/// A P-256 key that signs with ECDSA and SHA-256.
pub struct CertificateKey(Arc<Pair>);

struct Pair {
    private: Pkey,
    public_spki: Vec<u8>,
}

impl CertificateKey {
    /// A new one, which has signed and verified.
    pub fn generate() -> Result<Self> {
        let (pkcs8, _) = material::generate_pair(KeySpec::P256)?;
        Self::from_pkcs8(&pkcs8)
    }

    pub(crate) fn from_pkcs8(pkcs8: &Guarded) -> Result<Self> {
        let private = Pkey::from_pkcs8(pkcs8.expose())?;
        if !private.is(KeySpec::P256) {
            return Err(Error::Internal("a certificate's key is not a P-256 key"));
        }
        let public_spki = private.spki()?;
        Ok(Self(Arc::new(Pair { private, public_spki })))
    }

    pub(crate) fn pkcs8(&self) -> Result<Guarded> {
        self.0.private.pkcs8()
    }

    /// The private key in PKCS #8 (RFC 5958): for the file of a TLS server that must prove itself
    /// while there is no root key to seal its key under.
    pub fn export_for_file(&self) -> Result<Secret> {
        crate::state::ready()?;
        Ok(Secret::new(self.pkcs8()?.expose().to_vec()))
    }

    /// From what [`Self::export_for_file`] gave.
    pub fn from_file(content: &Secret) -> Result<Self> {
        Self::from_pkcs8(&Guarded::copy_of(content.expose())?)
    }

    /// ECDSA with SHA-256 over `message`, DER.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        self.0.sign(message)
    }

    /// The public key as a DER SubjectPublicKeyInfo.
    pub fn public_spki(&self) -> &[u8] {
        &self.0.public_spki
    }

    /// The same key for a TLS server.
    pub fn rustls_signing_key(&self) -> Arc<dyn SigningKey> {
        Arc::new(TlsKey(Arc::clone(&self.0)))
    }
}

impl Pair {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        crate::state::ready()?;
        self.private.sign(Scheme::Ecdsa(Hash::Sha256), &digest::sha256(message))
    }
}

/// The key as rustls asks for it.
#[derive(Clone)]
struct TlsKey(Arc<Pair>);

impl fmt::Debug for TlsKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsKey(..)")
    }
}

impl SigningKey for TlsKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered
            .contains(&SignatureScheme::ECDSA_NISTP256_SHA256)
            .then(|| Box::new(self.clone()) as Box<dyn Signer>)
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        Some(self.0.public_spki.as_slice().into())
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for TlsKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        self.0
            .sign(message)
            .map_err(|_| rustls::Error::General("the cryptographic module cannot sign".into()))
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ECDSA_NISTP256_SHA256
    }
}
