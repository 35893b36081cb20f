//! What the handshake says of the peer: the client certificate whose key it holds, if it shows one.
//!
//! TLS proves that the key is there, and decides nothing else. Whether the certificate counts is
//! the engine's word, for every request: so that one that is removed or expires is refused on
//! connections that are open, and so that no list of authorities has to be kept here.

use std::sync::Arc;

use model::{claim::Chain, limits};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, ServerConnection,
    SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, UnixTime},
    server::{
        ParsedCertificate,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};

/// Asks every client for a certificate, and takes any whose key proves itself.
#[derive(Debug)]
pub(super) struct AnyHolder {
    algorithms: WebPkiSupportedAlgorithms,
    mandatory: bool,
}

impl AnyHolder {
    /// A client need not show one. Signatures are verified with these algorithms.
    pub(super) fn asked(algorithms: WebPkiSupportedAlgorithms) -> Arc<Self> {
        Arc::new(Self { algorithms, mandatory: false })
    }

    /// A client has to show one.
    pub(super) fn demanded(algorithms: WebPkiSupportedAlgorithms) -> Arc<Self> {
        Arc::new(Self { algorithms, mandatory: true })
    }
}

impl ClientCertVerifier for AnyHolder {
    fn client_auth_mandatory(&self) -> bool {
        self.mandatory
    }

    /// None: a client sends the certificate it has.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let all = std::iter::once(end_entity).chain(intermediates);
        if intermediates.len() >= limits::CERTIFICATE_CHAIN_MAX
            || all.into_iter().any(|one| one.len() > limits::CERTIFICATE_LEN_MAX)
        {
            return Err(CertificateError::ApplicationVerificationFailure.into());
        }
        ParsedCertificate::try_from(end_entity)?;
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// The chain that the peer of a finished handshake showed, in DER, its own certificate first;
/// empty when it showed none.
pub(super) fn certificates(connection: &ServerConnection) -> Arc<Chain> {
    let chain = connection.peer_certificates().unwrap_or_default();
    let chain: Vec<_> = chain.iter().map(|certificate| certificate.to_vec()).collect();
    Arc::new(chain.into())
}

#[cfg(test)]
mod tests {
    use crypto::certificate_key::CertificateKey;
    use rustls::{
        AlertDescription, SupportedProtocolVersion,
        version::{TLS12, TLS13},
    };

    use super::*;
    use crate::server::{
        handshake::{client, connect, expired, key, server},
        tls::Protocol,
    };

    /// What a server learns of a client that shows `chain` and signs with `key`.
    fn shown(
        chain: Vec<Vec<u8>>,
        key: &CertificateKey,
        version: &'static SupportedProtocolVersion,
    ) -> Result<Arc<Chain>, Error> {
        let server = server(Protocol::Https);
        connect(&client(&server, version, chain, key), &server).map(|server| certificates(&server))
    }

    #[test]
    fn a_client_shows_the_certificate_whose_key_it_holds_or_none() {
        for version in [&TLS12, &TLS13] {
            let key = key();
            let chain = vec![expired(&key), expired(&self::key())];
            assert_eq!(shown(chain.clone(), &key, version).unwrap()[..], chain);
            assert!(shown(Vec::new(), &key, version).unwrap().is_empty());
        }
    }

    #[test]
    fn a_certificate_without_its_key_is_refused() {
        for version in [&TLS12, &TLS13] {
            let refused = shown(vec![expired(&key())], &key(), version).unwrap_err();
            let bad = Error::InvalidCertificate(CertificateError::BadSignature);
            assert_eq!(refused, bad, "{version:?}");
        }
    }

    #[test]
    fn what_is_no_certificate_or_too_many_or_too_long_is_refused() {
        let key = key();
        let own = expired(&key);
        let long = vec![0x30; limits::CERTIFICATE_LEN_MAX + 1];
        let chains = [
            vec![b"certificate".to_vec()],
            vec![own.clone(); limits::CERTIFICATE_CHAIN_MAX + 1],
            vec![own.clone(), long],
        ];
        for version in [&TLS12, &TLS13] {
            for chain in &chains {
                let refused = shown(chain.clone(), &key, version).unwrap_err();
                let invalid = matches!(refused, Error::InvalidCertificate(_));
                let alert = Error::AlertReceived(AlertDescription::DecodeError);
                assert!(invalid || refused == alert, "{refused:?}");
            }
            let most = vec![own.clone(); limits::CERTIFICATE_CHAIN_MAX];
            assert_eq!(shown(most, &key, version).unwrap().len(), limits::CERTIFICATE_CHAIN_MAX);
        }
    }
}
