//! TLS on both ends of what is measured. Who the other is, is not what is measured: any certificate
//! is taken, as long as its key proves itself where a client shows one.

use std::sync::Arc;

use crypto::certificate_key::CertificateKey;
use model::Wall;
use rustls::{
    ClientConfig, DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject as _},
    server::danger::{ClientCertVerified, ClientCertVerifier},
    sign::{CertifiedKey, SingleCertAndKey},
};

/// Takes any certificate whose key proves itself.
#[derive(Debug)]
struct AnyHolder(Arc<CryptoProvider>);

impl AnyHolder {
    fn proves12(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn proves13(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Of servers.
impl ServerCertVerifier for AnyHolder {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.proves12(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.proves13(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes()
    }
}

/// Of clients, who have to show one: as the KMIP listener of Strongroom has it.
impl ClientCertVerifier for AnyHolder {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.proves12(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.proves13(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes()
    }
}

/// A client of HTTPS, who shows no certificate.
pub(crate) fn https_client() -> Result<Arc<ClientConfig>, String> {
    let (provider, any) = any_holder();
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(any)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

/// A client of KMIP, who shows the certificate in one PEM file, whose key is in the other.
pub(crate) fn kmip_client(certificate: &str, key: &str) -> Result<Arc<ClientConfig>, String> {
    let read = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect);
    let chain = read.map_err(|why| format!("{certificate}: {why}"))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|why| format!("{key}: {why}"))?;
    let (provider, any) = any_holder();
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(any)
        .with_client_auth_cert(chain, key)
        .map_err(|why| format!("{certificate}: {why}"))?;
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

/// A server of HTTPS, with a certificate of its own.
pub(crate) fn https_server() -> Result<Arc<ServerConfig>, String> {
    let mut config = ServerConfig::builder_with_provider(crypto::tls_provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_no_client_auth()
        .with_cert_resolver(certificate()?);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// A server of KMIP, with a certificate of its own, who demands one of its clients.
pub(crate) fn kmip_server() -> Result<Arc<ServerConfig>, String> {
    let (provider, any) = any_holder();
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_client_cert_verifier(any)
        .with_cert_resolver(certificate()?);
    config.require_ems = true;
    Ok(Arc::new(config))
}

fn any_holder() -> (Arc<CryptoProvider>, Arc<AnyHolder>) {
    let provider = crypto::tls_provider();
    (provider.clone(), Arc::new(AnyHolder(provider)))
}

struct Signer<'k>(&'k CertificateKey);

impl x509::Signer for Signer<'_> {
    fn spki(&self) -> &[u8] {
        self.0.public_spki()
    }

    fn sign(&self, tbs: &[u8]) -> model::Result<Vec<u8>> {
        self.0.sign(tbs)
    }
}

fn certificate() -> Result<Arc<SingleCertAndKey>, String> {
    let failed = |error: model::Error| format!("{error:?}");
    let key = CertificateKey::generate().map_err(failed)?;
    let always = (Wall::from_secs(0), Wall::from_secs(4_000_000_000));
    let certificate = x509::self_signed_ca(&Signer(&key), "floor", always, [1; 16]);
    let chain = vec![CertificateDer::from(certificate.map_err(failed)?)];
    let certified = CertifiedKey::new(chain, key.rustls_signing_key());
    Ok(Arc::new(SingleCertAndKey::from(certified)))
}
