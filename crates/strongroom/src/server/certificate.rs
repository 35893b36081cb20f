//! The server's own certificate, for which a CA made when the server was founded vouches.
//!
//! The CA's key is sealed under the root key. The server's is not: a sealed server has to prove
//! itself to whoever sends it a passphrase or a share, and cannot open anything then. So it lies in
//! a file that the server's user alone can read. Who has that file can pose as the server, also to
//! those who unseal it, until its certificate ends, and nothing more: it opens no recorded connection (every one has keys of
//! its own), it vouches for nobody, and no key of the store is under it.

use std::{
    fmt,
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use crypto::certificate_key::CertificateKey;
use engine::Engine;
use model::{At, Secret, Wall};
use rustls::{
    pki_types::CertificateDer,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use x509::{Signer, SubjectName};

use crate::{
    failure::{self, Failure},
    folder::{self, Folder},
};

const DAY_SECS: u64 = 86_400;
/// How long the CA's certificate is valid.
const CA_SECS: u64 = 3650 * DAY_SECS;
/// How long the server's is.
const SERVER_SECS: u64 = 397 * DAY_SECS;
/// After how long it is issued anew.
const RENEWAL_SECS: u64 = 180 * DAY_SECS;
/// How far the clocks of clients may be behind.
const BACKDATE_SECS: u64 = 3600;

/// See the module's page.
pub(crate) struct OwnCertificate {
    folder: Folder,
    names: Vec<SubjectName>,
    key: CertificateKey,
    current: RwLock<Arc<CertifiedKey>>,
    /// When it was issued by this process, if it was.
    issued: Mutex<Option<Wall>>,
}

impl fmt::Debug for OwnCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnCertificate({:?})", self.names)
    }
}

impl ResolvesServerCert for OwnCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

struct Ca<'k>(&'k CertificateKey);

impl Signer for Ca<'_> {
    fn spki(&self) -> &[u8] {
        self.0.public_spki()
    }

    fn sign(&self, tbs: &[u8]) -> model::Result<Vec<u8>> {
        self.0.sign(tbs)
    }
}

impl OwnCertificate {
    /// The certificate of a server, issued anew when the engine is unsealed, and as it was left
    /// when it is sealed.
    pub(crate) fn open(
        engine: &Engine,
        folder: &Folder,
        names: Vec<SubjectName>,
        at: At,
    ) -> Result<Self, Failure> {
        let (key_path, chain_path) = (folder.server_key(), folder.server_certificate());
        let known = folder::read(&key_path)?.map(Secret::new);
        let sealed = engine.is_sealed();
        let key = match known {
            Some(content) => CertificateKey::from_file(&content).map_err(failure::engine(
                &format!("use {} as the server's key", key_path.display()),
            ))?,
            None if sealed => return Err(missing(&key_path)),
            None => new_key(&key_path)?,
        };
        let (certificate, issued) = if sealed {
            (folder::read(&chain_path)?.ok_or_else(|| missing(&chain_path))?, None)
        } else {
            (issue(engine, folder, &names, &key, at)?, Some(at.wall))
        };
        let (current, issued) = (RwLock::new(certified(certificate, &key)), Mutex::new(issued));
        Ok(Self { folder: folder.clone(), names, key, current, issued })
    }

    /// Issues it anew when it is time to, or when this process has not done so yet: its names may
    /// be others. Does nothing while the engine is sealed.
    pub(crate) fn renew(&self, engine: &Engine, at: At) -> Result<(), Failure> {
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = issued.is_none_or(|issued| at.wall >= issued.plus_secs(RENEWAL_SECS));
        if engine.is_sealed() || !is_due {
            return Ok(());
        }
        let certificate = issue(engine, &self.folder, &self.names, &self.key, at)?;
        let certified = certified(certificate, &self.key);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = certified;
        *issued = Some(at.wall);
        Ok(())
    }
}

fn missing(path: &Path) -> Failure {
    Failure::new(format!(
        "{} is missing, by which a sealed server proves itself; put it back",
        path.display()
    ))
}

fn new_key(path: &Path) -> Result<CertificateKey, Failure> {
    let failed = failure::engine("make the server's key");
    let key = CertificateKey::generate().map_err(&failed)?;
    folder::write_private(path, key.export_for_file().map_err(&failed)?.expose())?;
    Ok(key)
}

fn certified(certificate: Vec<u8>, key: &CertificateKey) -> Arc<CertifiedKey> {
    let chain = vec![CertificateDer::from(certificate)];
    Arc::new(CertifiedKey::new(chain, key.rustls_signing_key()))
}

/// Issues the server's certificate and writes it, and the CA's for clients to trust.
fn issue(
    engine: &Engine,
    folder: &Folder,
    names: &[SubjectName],
    key: &CertificateKey,
    at: At,
) -> Result<Vec<u8>, Failure> {
    let failed = failure::engine("issue the server's certificate");
    let ca_key = engine.authority_key().map_err(&failed)?;
    let ca_path = folder.authority_certificate();
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
    let (serial, spki) = (crypto::random::array().map_err(&failed)?, key.public_spki());
    let validity = validity(at, SERVER_SECS);
    let issued = x509::server_certificate(&ca, &Ca(&ca_key), spki, names, validity, serial);
    let issued = issued.map_err(&failed)?;
    folder::write_private(&folder.server_certificate(), &issued)?;
    Ok(issued)
}

fn validity(at: At, secs: u64) -> (Wall, Wall) {
    let from = Wall::from_secs(at.wall.secs().saturating_sub(BACKDATE_SECS));
    (from, from.plus_secs(secs))
}
