//! What the server offers and demands in TLS, and how long a handshake may take.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use rustls::server::{ResolvesServerCert, ServerConfig};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{
    accept::Counters, certificate::OwnCertificate, handshakes::Handshakes, peer::AnyHolder,
};
use crate::failure::Failure;

/// Longest TLS handshake, with the wait for a place.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// Most handshakes of a listener at a time. Its workers have their part of them each, since they
/// take connections in turn.
const HANDSHAKES_MAX: usize = 512;
/// How long one more waits before the oldest gives way.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(1);

/// What is spoken over TLS.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Protocol {
    /// A client may show a certificate.
    Https,
    /// A client has to show one (KMIP Profiles, "Basic Authentication Suite").
    Kmip,
}

/// TLS on the connections of one listener, which counts them.
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    handshakes: Handshakes,
    counters: Arc<Counters>,
}

impl Tls {
    /// TLS of a server with this certificate.
    pub(crate) fn new(
        protocol: Protocol,
        certificate: Arc<OwnCertificate>,
        counters: Arc<Counters>,
    ) -> Result<Self, Failure> {
        let config = configure(protocol, certificate)?;
        let handshakes = Handshakes::new(HANDSHAKES_MAX, HANDSHAKE_PATIENCE);
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), handshakes, counters })
    }

    /// The connection once the handshake is done; none where it failed, took too long or had to
    /// give way to others.
    pub(super) async fn accept(&self, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        self.counters.connections.fetch_add(1, Relaxed);
        // Replies are small and whole: waiting to fill a segment only delays them.
        let _ = stream.set_nodelay(true);
        let handshake = self.handshakes.run(self.acceptor.accept(stream));
        match tokio::time::timeout(HANDSHAKE_MAX, handshake).await {
            Ok(Some(Ok(stream))) => Some(stream),
            Ok(Some(Err(_)) | None) | Err(_) => {
                self.counters.handshakes_failed.fetch_add(1, Relaxed);
                None
            }
        }
    }
}

/// TLS 1.3 and 1.2. Sessions are resumed from memory, so that no key for tickets has to be guarded;
/// each listener has its own, so that none that was begun without a certificate goes on where one
/// is demanded.
pub(super) fn configure(
    protocol: Protocol,
    certificate: Arc<dyn ResolvesServerCert>,
) -> Result<ServerConfig, Failure> {
    let provider = crypto::tls_provider();
    let algorithms = provider.signature_verification_algorithms;
    let (clients, alpn) = match protocol {
        Protocol::Https => (AnyHolder::asked(algorithms), vec![b"http/1.1".to_vec()]),
        Protocol::Kmip => (AnyHolder::demanded(algorithms), Vec::new()),
    };
    let versions = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::during("set up TLS", error))?;
    let mut config = versions.with_client_cert_verifier(clients).with_cert_resolver(certificate);
    config.alpn_protocols = alpn;
    // Without it, a session of TLS 1.2 that is resumed is not bound to the handshake in which the
    // client proved who it is (RFC 7627).
    config.require_ems = true;
    Ok(config)
}

#[cfg(test)]
mod tests {
    use rustls::{
        Error, HandshakeKind,
        version::{TLS12, TLS13},
    };

    use super::*;
    use crate::server::{
        handshake::{client, connect, expired, key, server},
        peer::certificates,
    };

    #[test]
    fn who_can_agrees_on_a_key_that_no_quantum_computer_finds() {
        for protocol in [Protocol::Https, Protocol::Kmip] {
            let (server, key) = (server(protocol), key());
            let client = client(&server, &TLS13, vec![expired(&key)], &key);
            let group = connect(&client, &server).unwrap().negotiated_key_exchange_group();
            assert_eq!(group.map(|it| it.name()), Some(rustls::NamedGroup::X25519MLKEM768));
        }
    }

    #[test]
    fn a_kmip_client_has_to_show_a_certificate_and_an_https_client_does_not() {
        for version in [&TLS12, &TLS13] {
            let (https, kmip) = (server(Protocol::Https), server(Protocol::Kmip));
            let without = |server| connect(&client(server, version, Vec::new(), &key()), server);
            assert!(without(&https).is_ok());
            assert_eq!(without(&kmip).unwrap_err(), Error::NoCertificatesPresented);
            let key = key();
            let chain = vec![expired(&key)];
            let connected = connect(&client(&kmip, version, chain.clone(), &key), &kmip).unwrap();
            assert_eq!(certificates(&connected)[..], chain);
        }
    }

    #[test]
    fn a_session_that_is_resumed_is_of_the_same_certificate() {
        for protocol in [Protocol::Https, Protocol::Kmip] {
            for version in [&TLS12, &TLS13] {
                let (server, key) = (server(protocol), key());
                let chain = vec![expired(&key)];
                let client = client(&server, version, chain.clone(), &key);
                let first = connect(&client, &server).unwrap();
                assert_ne!(first.handshake_kind(), Some(HandshakeKind::Resumed));
                for _ in 0..3 {
                    let next = connect(&client, &server).unwrap();
                    assert_eq!(next.handshake_kind(), Some(HandshakeKind::Resumed));
                    assert_eq!(certificates(&next)[..], chain);
                }
            }
        }
    }
}
