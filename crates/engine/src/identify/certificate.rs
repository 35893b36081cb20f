//! Who are you, by a client certificate?
//!
//! The TLS connection has proved that the peer holds the certificate's key, and nothing else. Here
//! the certificate is looked up by its fingerprint, for every request: one that is not registered
//! is nobody's, and one that was removed or has expired is refused from then on, on connections
//! that are open too. Who issued it does not count.

use std::sync::Arc;

use model::{
    At, Error, PrincipalName, Result, Wall,
    claim::{CertificateClaim, Origin},
    error::Unauthenticated,
};
use store::Place;

use super::hex;
use crate::{
    Engine,
    caller::{Acting, Caller, Identity},
    open::Open,
    place,
    room::{Pace, Room},
};

/// A registered certificate, as far as requests need it.
#[derive(Debug)]
pub(crate) struct Certificate {
    principal: PrincipalName,
    /// Where the principal's record is.
    place: Place,
    not_before: Wall,
    not_after: Wall,
}

/// What a certificate is known by: the SHA-256 of its DER form, in lower-case hexadecimal.
pub(crate) fn fingerprint(certificate: &[u8]) -> String {
    hex(&crypto::digest::sha256(certificate)).map(char::from).iter().collect()
}

impl Engine {
    pub(super) fn identify_certificate(
        &self,
        open: &Open,
        claim: &CertificateClaim<'_>,
        origin: Origin,
        at: At,
    ) -> Result<Caller> {
        let Some(own) = claim.chain.first() else {
            let unknown = Error::Unauthenticated(Unauthenticated::UnknownCredential);
            return Err(self.refuse_claim(open, &origin, at, "no certificate", unknown));
        };
        let fingerprint = fingerprint(own);
        // A certificate is of no region: who shows one asks the server's home region.
        let region = || self.regions.first().cloned().ok_or(Error::Internal("no region is served"));
        match self.with_room(at, || self.check_certificate(open, &fingerprint, at)) {
            Ok(identity) => Ok(Caller::new(identity, Acting::Itself, origin, region()?)),
            Err(error) => Err(self.refuse_claim(open, &origin, at, &fingerprint, error)),
        }
    }

    fn check_certificate(&self, open: &Open, fingerprint: &str, at: At) -> Result<Arc<Identity>> {
        let fail = |reason| Err(Error::Unauthenticated(reason));
        let certificate = self.certificate(open, fingerprint, at)?;
        // The last moment is inclusive, to the second (RFC 5280, section 4.1.2.5).
        if at.has_come(certificate.not_after.plus_secs(1)) {
            return fail(Unauthenticated::Expired);
        }
        if at.wall < certificate.not_before {
            return fail(Unauthenticated::NotYetValid);
        }
        self.identity(open, &certificate.principal, &certificate.place, at)
    }

    fn certificate(&self, open: &Open, fingerprint: &str, at: At) -> Result<Arc<Certificate>> {
        self.caches.certificates.find_or_load(&fingerprint.to_owned(), at.monotonic_ms, || {
            let unknown = Error::Unauthenticated(Unauthenticated::UnknownCredential);
            let read = Room::new(self, open, at, Pace::Any).certificate(fingerprint)?;
            let record = read.value.ok_or(unknown)?;
            let place = place::principal(&record.principal)?;
            let (not_before, not_after) = (record.not_before, record.not_after);
            Ok(Certificate { principal: record.principal, place, not_before, not_after })
        })
    }
}
