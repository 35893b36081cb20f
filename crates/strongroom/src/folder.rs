//! A server's folder: what stands where, readable by its owner alone.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use crate::failure::Failure;

/// The paths of a server.
#[derive(Clone, Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder, mode 0700, if it is not there.
    pub(crate) fn prepare(path: &Path) -> Result<Self, Failure> {
        let doing = format!("make the folder {}", path.display());
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|error| Failure::during(&doing, error))?;
        let path = path.canonicalize().map_err(|error| Failure::during(&doing, error))?;
        Ok(Self(path))
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Locked while a server is founded in the folder.
    pub(crate) fn founding(&self) -> PathBuf {
        self.0.join("founding.lock")
    }

    /// All that founding makes here.
    pub(crate) fn parts(&self) -> Vec<PathBuf> {
        let names = ["store", "audit", "tls", "audit.pub", "ca.pem", "admin.json"];
        let of_client = [self.kmip_client_certificate(), self.kmip_client_key()];
        names.map(|name| self.0.join(name)).into_iter().chain(of_client).collect()
    }

    /// The embedded store.
    pub(crate) fn store(&self) -> PathBuf {
        self.0.join("store").join("strongroom.db")
    }

    /// The audit log.
    pub(crate) fn audit(&self) -> PathBuf {
        self.0.join("audit")
    }

    /// The audit log's verifier key, for whoever verifies the log.
    pub(crate) fn audit_key(&self) -> PathBuf {
        self.0.join("audit.pub")
    }

    /// How the command line reaches the server.
    pub(crate) fn admin(&self) -> PathBuf {
        self.0.join("admin.json")
    }

    /// The certificate of the server's own CA, for clients to trust.
    pub(crate) fn ca_certificate(&self) -> PathBuf {
        self.0.join("ca.pem")
    }

    /// The same in DER, from which the server issues its own.
    pub(crate) fn authority_certificate(&self) -> PathBuf {
        self.0.join("tls").join("ca.der")
    }

    /// The server's certificate (DER).
    pub(crate) fn server_certificate(&self) -> PathBuf {
        self.0.join("tls").join("server.der")
    }

    /// The server's own TLS key (PKCS #8).
    pub(crate) fn server_key(&self) -> PathBuf {
        self.0.join("tls").join("server.key")
    }

    /// The certificate of the first KMIP client (PEM), where there is one from the start.
    pub(crate) fn kmip_client_certificate(&self) -> PathBuf {
        self.0.join("kmip-client.pem")
    }

    /// Its key (PKCS #8 in PEM).
    pub(crate) fn kmip_client_key(&self) -> PathBuf {
        self.0.join("kmip-client.key")
    }
}

/// Writes a file of mode 0600 whole or not at all: to a new file beside it, which then replaces
/// it.
pub(crate) fn write_private(path: &Path, contents: &[u8]) -> Result<(), Failure> {
    let failed = |error| Failure::during(&format!("write {}", path.display()), error);
    let parent = path.parent().unwrap_or(Path::new("."));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(failed)?;
    let beside = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&beside).map_err(failed)?;
    file.write_all(contents).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    fs::rename(&beside, path).map_err(failed)?;
    let parent = fs::File::open(parent).map_err(failed)?;
    parent.sync_all().map_err(failed)
}

/// Reads a file, or `None` when there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match fs::read(path) {
        Ok(contents) => Ok(Some(contents)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::during(&format!("read {}", path.display()), error)),
    }
}
