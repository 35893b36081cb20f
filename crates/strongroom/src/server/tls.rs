//! The server's own certificate, issued at each start by a CA made at the first.
//!
//! The CA's key and the server's are kept sealed under the root key; the CA's certificate is for
//! clients to trust.

use std::{path::Path, sync::Arc};

use crypto::certificate_key::CertificateKey;
use engine::Engine;
use model::{At, Sealed, Wall};
use rustls::{
    pki_types::CertificateDer,
    server::ServerConfig,
    sign::{CertifiedKey, SingleCertAndKey},
};
use x509::{Signer, SubjectName};

use crate::{
    failure::{self, Failure},
    folder::{self, Folder},
};

const DAY_SECS: u64 = 86_400;
/// How long the CA's certificate is valid.
const CA_SECS: u64 = 3650 * DAY_SECS;
/// How long the server's is; it is issued anew at each start.
const SERVER_SECS: u64 = 397 * DAY_SECS;
/// How far the clocks of clients may be behind.
const BACKDATE_SECS: u64 = 3600;

struct Ca<'k>(&'k CertificateKey);

impl Signer for Ca<'_> {
    fn spki(&self) -> &[u8] {
        self.0.public_spki()
    }

    fn sign(&self, tbs: &[u8]) -> model::Result<Vec<u8>> {
        self.0.sign(tbs)
    }
}

/// Makes what is missing of the CA and the server's certificate, and the TLS configuration.
pub(crate) fn prepare(
    engine: &Engine,
    folder: &Folder,
    names: &[SubjectName],
    at: At,
) -> Result<Arc<ServerConfig>, Failure> {
    let dir = folder.tls();
    let failed = failure::engine("make the server's certificate");
    let ca_key = key(engine, &dir.join("ca.key.sealed"))?;
    let ca_path = dir.join("ca.der");
    let ca = match folder::read(&ca_path)? {
        Some(ca) => ca,
        None => {
            let serial = crypto::random::array().map_err(&failed)?;
            let validity = validity(at, CA_SECS);
            let ca = x509::self_signed_ca(&Ca(&ca_key), "Strongroom CA", validity, serial);
            let ca = ca.map_err(&failed)?;
            folder::write_private(&ca_path, &ca)?;
            ca
        }
    };
    let pem = x509::to_pem(&ca).map_err(&failed)?;
    folder::write_private(&folder.ca_certificate(), pem.as_bytes())?;

    let server_key = key(engine, &dir.join("server.key.sealed"))?;
    let serial = crypto::random::array().map_err(&failed)?;
    let validity = validity(at, SERVER_SECS);
    let spki = server_key.public_spki();
    let issued = x509::server_certificate(&ca, &Ca(&ca_key), spki, names, validity, serial);
    let chain = vec![CertificateDer::from(issued.map_err(&failed)?)];

    let certified = CertifiedKey::new(chain, server_key.rustls_signing_key());
    let resolver = Arc::new(SingleCertAndKey::from(certified));
    let versions = ServerConfig::builder_with_provider(crypto::tls_provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::during("set up TLS", error))?;
    let mut config = versions.with_no_client_auth().with_cert_resolver(resolver);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The key that a file holds sealed; a new one when there is no file.
fn key(engine: &Engine, path: &Path) -> Result<CertificateKey, Failure> {
    let failed = failure::engine("open a certificate's key");
    if let Some(sealed) = folder::read(path)? {
        return engine.open_certificate_key(&Sealed::assertion(sealed)).map_err(failed);
    }
    let key = CertificateKey::generate().map_err(&failed)?;
    let sealed = engine.seal_certificate_key(&key).map_err(&failed)?;
    folder::write_private(path, sealed.as_bytes())?;
    Ok(key)
}

fn validity(at: At, secs: u64) -> (Wall, Wall) {
    let from = Wall::from_secs(at.wall.secs().saturating_sub(BACKDATE_SECS));
    (from, from.plus_secs(secs))
}
