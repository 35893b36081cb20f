//! For tests: the two ends of a TLS handshake, without a socket between them.

use std::sync::Arc;

use crypto::certificate_key::CertificateKey;
use model::Wall;
use rustls::{
    ClientConfig, ClientConnection, ConnectionCommon, Error, RootCertStore, ServerConfig,
    ServerConnection, SupportedProtocolVersion,
    pki_types::{CertificateDer, ServerName},
    sign::{CertifiedKey, SingleCertAndKey},
};
use x509::SubjectName;

use super::{
    certificate::Signing,
    tls::{Protocol, configure},
};

pub(super) fn key() -> CertificateKey {
    assert!(crypto::start(crypto::Options::default()).is_ok());
    CertificateKey::generate().unwrap()
}

/// A certificate that has long expired: TLS leaves that to the engine.
pub(super) fn expired(key: &CertificateKey) -> Vec<u8> {
    let validity = (Wall::from_secs(1), Wall::from_secs(2));
    x509::self_signed_client(&Signing(key), "client", validity, [3; 16]).unwrap()
}

fn identity(chain: Vec<Vec<u8>>, key: &CertificateKey) -> Arc<SingleCertAndKey> {
    let chain = chain.into_iter().map(CertificateDer::from).collect();
    Arc::new(CertifiedKey::new(chain, key.rustls_signing_key()).into())
}

/// A server, and the certificate of the authority that vouches for it.
pub(super) struct Server {
    pub(super) config: Arc<ServerConfig>,
    authority: Vec<u8>,
}

/// One as it is when it runs.
pub(super) fn server(protocol: Protocol) -> Server {
    let ca = key();
    let validity = (Wall::from_secs(1_600_000_000), Wall::from_secs(4_000_000_000));
    let authority = x509::self_signed_ca(&Signing(&ca), "authority", validity, [1; 16]).unwrap();
    let own = key();
    let (names, spki) = ([SubjectName::Dns("localhost".to_owned())], own.public_spki());
    let certificate =
        x509::server_certificate(&authority, &Signing(&ca), spki, &names, validity, [2; 16]);
    let config = configure(protocol, identity(vec![certificate.unwrap()], &own)).unwrap();
    Server { config: Arc::new(config), authority }
}

/// A client of that server that speaks this version, shows `chain` and signs with `key`.
pub(super) fn client(
    server: &Server,
    version: &'static SupportedProtocolVersion,
    chain: Vec<Vec<u8>>,
    key: &CertificateKey,
) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(server.authority.clone())).unwrap();
    let client = ClientConfig::builder_with_provider(crypto::tls_provider())
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots);
    Arc::new(match chain.is_empty() {
        true => client.with_no_client_auth(),
        false => client.with_client_cert_resolver(identity(chain, key)),
    })
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

/// The server's end of a connection between them.
pub(super) fn connect(
    client: &Arc<ClientConfig>,
    server: &Server,
) -> Result<ServerConnection, Error> {
    let name = ServerName::try_from("localhost").unwrap();
    let mut client = ClientConnection::new(client.clone(), name)?;
    let mut server = ServerConnection::new(server.config.clone())?;
    while client.is_handshaking() || server.is_handshaking() {
        carry(&mut client, &mut server);
        server.process_new_packets()?;
        carry(&mut server, &mut client);
        client.process_new_packets()?;
    }
    Ok(server)
}
