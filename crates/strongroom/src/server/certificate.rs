//! The server's own certificate, for which a CA made when the server was founded vouches.
//!
//! The CA's key is sealed under the root key. The server's is not: a sealed server has to prove
//! itself to whoever sends it a passphrase or a share, and cannot open anything then. So it lies in
//! a file that the server's user alone can read. Who has that file can pose as the server, also to
//! those who unseal it, until its certificate ends, and nothing more: it opens no recorded
//! connection (every one has keys of its own), it vouches for nobody, and no key of the store is
//! under it.
//!
//! A clock that is wrong for a while leaves no certificate behind that fails once it is set right:
//! one that was issued later than it is now is issued anew, and where the time is in doubt, it is
//! valid at either.

use std::{
    fmt,
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use crypto::certificate_key::CertificateKey;
use engine::Engine;
use model::{At, Error, Secret, Wall, time::Trust};
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

/// Seconds of a day.
pub(crate) const DAY_SECS: u64 = 86_400;
/// How long the CA's certificate is valid.
const CA_SECS: u64 = 3650 * DAY_SECS;
/// How long the server's is.
const SERVER_SECS: u64 = 397 * DAY_SECS;
/// After how long it is issued anew.
const RENEWAL_SECS: u64 = 180 * DAY_SECS;
/// How far the clocks of clients may be behind.
pub(crate) const BACKDATE_SECS: u64 = 3600;

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

/// A key that signs certificates.
pub(crate) struct Signing<'k>(pub(crate) &'k CertificateKey);

impl Signer for Signing<'_> {
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
            let at = judged(engine, at).map_err(failure::engine("tell how late it is"))?;
            (issue(engine, folder, &names, &key, at)?, Some(at.wall))
        };
        let (current, issued) = (RwLock::new(certified(certificate, &key)), Mutex::new(issued));
        Ok(Self { folder: folder.clone(), names, key, current, issued })
    }

    /// Issues it anew when it is time to, or when this process has not done so yet: its names may
    /// be others. Does nothing while the engine is sealed.
    pub(crate) fn renew(&self, engine: &Engine, at: At) -> Result<(), Failure> {
        let at = match judged(engine, at) {
            Err(Error::Sealed) => return Ok(()),
            judged => judged.map_err(failure::engine("tell how late it is"))?,
        };
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        if issued.is_some_and(|issued| !is_due(issued, at)) {
            return Ok(());
        }
        let certificate = issue(engine, &self.folder, &self.names, &self.key, at)?;
        let certified = certified(certificate, &self.key);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = certified;
        *issued = Some(at.wall);
        Ok(())
    }
}

/// The moment with the engine's word on how late it is.
fn judged(engine: &Engine, at: At) -> model::Result<At> {
    engine.trust(at).map(|trust| At { trust, ..at })
}

/// Whether a certificate that was issued then is to be issued anew.
fn is_due(issued: Wall, at: At) -> bool {
    // A clock that has leapt ahead is no reason to part with one that is valid by it too.
    let after = if at.trust == Trust::Jumped { SERVER_SECS - BACKDATE_SECS } else { RENEWAL_SECS };
    at.wall < issued || at.wall >= issued.plus_secs(after)
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
    let ca = authority(folder, &ca_key, at)?;
    let pem = x509::to_pem(&ca).map_err(&failed)?;
    folder::write_private(&folder.ca_certificate(), pem.as_bytes())?;
    let (serial, spki) = (crypto::random::array().map_err(&failed)?, key.public_spki());
    let validity = validity(at, SERVER_SECS);
    let issued = x509::server_certificate(&ca, &Signing(&ca_key), spki, names, validity, serial);
    let issued = issued.map_err(&failed)?;
    folder::write_private(&folder.server_certificate(), &issued)?;
    Ok(issued)
}

/// The CA's certificate, issued anew, with the same key and name, when it is not valid for as long
/// as a server's that is issued now. Clients that have the earlier one need not notice before that
/// ends, more than a year later.
fn authority(folder: &Folder, key: &CertificateKey, at: At) -> Result<Vec<u8>, Failure> {
    let failed = failure::engine("issue the authority's certificate");
    let path = folder.authority_certificate();
    let known = folder::read(&path)?;
    let valid = known.as_deref().map(x509::validity).transpose().map_err(&failed)?;
    let validity = authority_validity(valid, at);
    match known {
        Some(known) if valid == Some(validity) => Ok(known),
        Some(_) | None => {
            let serial = crypto::random::array().map_err(&failed)?;
            let ca = x509::self_signed_ca(&Signing(key), "Strongroom CA", validity, serial);
            let ca = ca.map_err(&failed)?;
            folder::write_private(&path, &ca)?;
            Ok(ca)
        }
    }
}

/// From when until when the CA's certificate is to be valid, given how long the present one is.
/// It is only ever extended: what it vouched for by a clock that was wrong, it vouches for still.
fn authority_validity(valid: Option<(Wall, Wall)>, at: At) -> (Wall, Wall) {
    let (begin, end) = validity(at, CA_SECS);
    match valid {
        None => (begin, end),
        Some((from, until)) if from <= at.wall && until >= validity(at, SERVER_SECS).1 => {
            (from, until)
        }
        Some((from, until)) => (from.min(begin), until.max(end)),
    }
}

/// So long from now on, and a little before; where the clock is behind a time that it had reached,
/// so long from that on.
fn validity(at: At, secs: u64) -> (Wall, Wall) {
    let backdated = |wall: Wall| Wall::from_secs(wall.secs().saturating_sub(BACKDATE_SECS));
    (backdated(at.wall), backdated(at.latest()).plus_secs(secs))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Wall = Wall::from_secs(1_800_000_000);

    /// So many days from now.
    fn day(days: i64) -> Wall {
        Wall(NOW.0.saturating_add_signed(days * 1000 * DAY_SECS.cast_signed()))
    }

    fn at(days: i64, trust: Trust) -> At {
        At { wall: day(days), monotonic_ms: 0, trust }
    }

    fn holds(at: At, (from, until): (Wall, Wall)) -> bool {
        from <= at.wall && at.wall <= until
    }

    #[test]
    fn a_certificate_is_due_after_half_a_year_and_when_it_is_of_a_later_time() {
        assert!(!is_due(NOW, at(0, Trust::Steady)) && !is_due(NOW, at(179, Trust::Steady)));
        assert!(is_due(NOW, at(180, Trust::Steady)));
        let set_right = at(-2, Trust::Behind(NOW));
        assert!(is_due(NOW, set_right) && !is_due(set_right.wall, set_right));
    }

    #[test]
    fn a_clock_that_leapt_ahead_replaces_only_what_is_not_valid_by_it() {
        assert!(!is_due(NOW, at(181, Trust::Jumped)) && !is_due(NOW, at(396, Trust::Jumped)));
        assert!(is_due(NOW, at(397, Trust::Jumped)));
    }

    #[test]
    fn a_certificate_of_a_clock_that_is_behind_is_valid_at_either_time() {
        let behind = at(-1000, Trust::Behind(NOW));
        let valid = validity(behind, SERVER_SECS);
        for now in [behind, at(0, Trust::Steady), at(396, Trust::Steady)] {
            assert!(holds(now, valid));
        }
        assert!(!holds(at(397, Trust::Steady), valid));
    }

    #[test]
    fn the_authority_outlives_every_certificate_and_is_only_ever_extended() {
        let first = authority_validity(None, at(0, Trust::Steady));
        let begin = Wall::from_secs(NOW.secs() - BACKDATE_SECS);
        assert_eq!(first, (begin, begin.plus_secs(CA_SECS)));
        assert_eq!(authority_validity(Some(first), at(3253, Trust::Steady)), first);
        for now in [at(3254, Trust::Steady), at(36_500, Trust::Jumped), at(-9, Trust::Steady)] {
            let renewed = authority_validity(Some(first), now);
            assert!(renewed.0 <= first.0 && renewed.1 >= first.1 && renewed != first);
            assert!(renewed.0 < now.wall && renewed.1 >= validity(now, SERVER_SECS).1);
            assert_eq!(authority_validity(Some(renewed), now), renewed);
        }
    }
}
