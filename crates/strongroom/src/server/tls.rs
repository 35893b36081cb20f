//! What the server offers and demands in TLS.

use std::sync::Arc;

use rustls::server::ServerConfig;

use super::{certificate::OwnCertificate, peer::AnyHolder};
use crate::failure::Failure;

/// The TLS configuration of a server with this certificate.
pub(crate) fn configure(certificate: Arc<OwnCertificate>) -> Result<Arc<ServerConfig>, Failure> {
    let provider = crypto::tls_provider();
    let clients = AnyHolder::new(provider.signature_verification_algorithms);
    let versions = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::during("set up TLS", error))?;
    let mut config = versions.with_client_cert_verifier(clients).with_cert_resolver(certificate);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // Without it, a session of TLS 1.2 that is resumed is not bound to the handshake in which the
    // client proved who it is (RFC 7627).
    config.require_ems = true;
    Ok(Arc::new(config))
}
