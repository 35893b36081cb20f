//! What the handshake says of the peer: the client certificate whose key it holds, if it shows one.
//!
//! TLS proves that the key is there, and decides nothing else. Whether the certificate counts is
//! the engine's word, for every request: so that one that is removed or expires is refused on
//! connections that are open, and so that no list of authorities has to be kept here.

use std::sync::Arc;

use model::limits;
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

/// Asks every client for a certificate, demands none, and takes any whose key proves itself.
#[derive(Debug)]
pub(super) struct AnyHolder {
    algorithms: WebPkiSupportedAlgorithms,
}

impl AnyHolder {
    /// One that verifies signatures with these algorithms.
    pub(super) fn new(algorithms: WebPkiSupportedAlgorithms) -> Arc<Self> {
        Arc::new(Self { algorithms })
    }
}

impl ClientCertVerifier for AnyHolder {
    fn client_auth_mandatory(&self) -> bool {
        false
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
pub(super) fn certificates(connection: &ServerConnection) -> Arc<[Vec<u8>]> {
    let chain = connection.peer_certificates().unwrap_or_default();
    chain.iter().map(|certificate| certificate.to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use crypto::certificate_key::CertificateKey;
    use model::Wall;
    use rustls::{
        AlertDescription, ClientConfig, ClientConnection, ConnectionCommon, RootCertStore,
        ServerConfig, SupportedProtocolVersion,
        pki_types::ServerName,
        sign::{CertifiedKey, SingleCertAndKey},
        version::{TLS12, TLS13},
    };
    use x509::{Signer, SubjectName};

    use super::*;

    struct Key(CertificateKey);

    impl Signer for Key {
        fn spki(&self) -> &[u8] {
            self.0.public_spki()
        }

        fn sign(&self, tbs: &[u8]) -> model::Result<Vec<u8>> {
            self.0.sign(tbs)
        }
    }

    fn key() -> Key {
        assert!(crypto::start(crypto::Options::default()).is_ok());
        Key(CertificateKey::generate().unwrap())
    }

    /// A certificate that has long expired: TLS leaves that to the engine.
    fn expired(key: &Key) -> Vec<u8> {
        let validity = (Wall::from_secs(1), Wall::from_secs(2));
        x509::self_signed_ca(key, "client", validity, [3; 16]).unwrap()
    }

    fn identity(chain: Vec<Vec<u8>>, key: &Key) -> Arc<SingleCertAndKey> {
        let chain = chain.into_iter().map(CertificateDer::from).collect();
        Arc::new(CertifiedKey::new(chain, key.0.rustls_signing_key()).into())
    }

    /// Takes all that one side has to send to the other.
    fn carry<A, B>(from: &mut ConnectionCommon<A>, to: &mut ConnectionCommon<B>) {
        let mut wire = Vec::new();
        while from.wants_write() {
            from.write_tls(&mut wire).unwrap();
        }
        let mut wire = wire.as_slice();
        while !wire.is_empty() {
            to.read_tls(&mut wire).unwrap();
            // What is wrong with it is said when it is processed once more.
            let _ = to.process_new_packets();
        }
    }

    /// What a server learns of a client that shows `chain` and signs with `key`.
    fn shown(
        chain: Vec<Vec<u8>>,
        key: &Key,
        version: &'static SupportedProtocolVersion,
    ) -> Result<Arc<[Vec<u8>]>, Error> {
        connected(chain, key, version).map(|server| certificates(&server))
    }

    /// The server's end of a connection with such a client.
    fn connected(
        chain: Vec<Vec<u8>>,
        key: &Key,
        version: &'static SupportedProtocolVersion,
    ) -> Result<ServerConnection, Error> {
        let ca = self::key();
        let validity = (Wall::from_secs(1_600_000_000), Wall::from_secs(4_000_000_000));
        let authority = x509::self_signed_ca(&ca, "authority", validity, [1; 16]).unwrap();
        let own = self::key();
        let names = [SubjectName::Dns("localhost".to_owned())];
        let certificate =
            x509::server_certificate(&authority, &ca, own.spki(), &names, validity, [2; 16]);
        let provider = crypto::tls_provider();
        let clients = AnyHolder::new(provider.signature_verification_algorithms);
        let server = ServerConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(&[version])?
            .with_client_cert_verifier(clients)
            .with_cert_resolver(identity(vec![certificate.unwrap()], &own));
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(authority))?;
        let client = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])?
            .with_root_certificates(roots);
        let client = match chain.is_empty() {
            true => client.with_no_client_auth(),
            false => client.with_client_cert_resolver(identity(chain, key)),
        };
        let name = ServerName::try_from("localhost").unwrap();
        let mut client = ClientConnection::new(Arc::new(client), name)?;
        let mut server = ServerConnection::new(Arc::new(server))?;
        while client.is_handshaking() || server.is_handshaking() {
            carry(&mut client, &mut server);
            server.process_new_packets()?;
            carry(&mut server, &mut client);
            client.process_new_packets()?;
        }
        Ok(server)
    }

    #[test]
    fn who_can_agrees_on_a_key_that_no_quantum_computer_finds() {
        let server = connected(Vec::new(), &key(), &TLS13).unwrap();
        let group = server.negotiated_key_exchange_group().map(|group| group.name());
        assert_eq!(group, Some(rustls::NamedGroup::X25519MLKEM768));
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
