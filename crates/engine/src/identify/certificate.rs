//! Who are you, by a client certificate?
//!
//! The TLS connection has proved that the peer holds the certificate's key, and nothing else. Here
//! the certificate is looked up by its fingerprint, for every request: one that was removed or has
//! expired is refused from then on, on connections that are open too. Of one that is not registered
//! itself the rules decide that there are for its authority: what it is by them is found once, and
//! kept until a rule changes. One that by several rules is several principals' is nobody's.

use std::sync::Arc;

use model::{
    At, Error, PrincipalName, Result, Wall,
    claim::{CertificateClaim, Origin},
    error::Unauthenticated,
};
use store::Place;
use x509::{HoldingPath, Presented};

use super::hex;
use crate::{
    Engine,
    caller::{Acting, Caller, Identity},
    open::Open,
    place,
    record::{CertificateRecord, CertificateRuleRecord},
    room::{Pace, Room},
};

/// A certificate that is somebody's, as far as requests need it.
#[derive(Debug)]
pub(crate) struct Certificate {
    principal: PrincipalName,
    /// Where the principal's record is.
    place: Place,
    not_before: Wall,
    not_after: Wall,
    /// Whether its holder has to show an access key of the principal besides.
    with_credential: bool,
    /// How it was taken, if it is not registered itself.
    ruled: Option<Ruled>,
}

/// What a certificate was taken with by a rule.
#[derive(Debug)]
struct Ruled {
    /// What was sent after it, all of it: with other certificates it is looked at anew.
    along: Vec<Vec<u8>>,
    /// The fingerprints of those of them that are between it and its authority.
    between: Vec<String>,
}

impl Certificate {
    /// Whether it was taken by what this chain shows.
    fn is_of(&self, chain: &[Vec<u8>]) -> bool {
        self.ruled.as_ref().is_none_or(|ruled| chain.get(1..) == Some(&*ruled.along))
    }

    /// Whether it, or one between it and its authority, is blocked for who it is.
    fn is_blocked(&self, fingerprint: &str, identity: &Identity) -> bool {
        let between = self.ruled.iter().flat_map(|ruled| &ruled.between).map(String::as_str);
        let mut path = between.chain([fingerprint]);
        !identity.blocked.is_empty() && path.any(|it| identity.blocked.iter().any(|no| no == it))
    }

    /// Whether it is valid now, and until when it is.
    fn rank(&self, at: At) -> (bool, Wall) {
        (at.wall >= self.not_before && !self.has_expired(at), self.not_after)
    }

    fn has_expired(&self, at: At) -> bool {
        // The last moment is inclusive, to the second (RFC 5280, section 4.1.2.5).
        at.has_come(self.not_after.plus_secs(1))
    }
}

/// What a certificate is known by: the SHA-256 of its DER form, in lower-case hexadecimal.
pub(crate) fn fingerprint(certificate: &[u8]) -> String {
    written(&crypto::digest::sha256(certificate))
}

fn written(sha256: &[u8; 32]) -> String {
    hex(sha256).map(char::from).iter().collect()
}

impl Engine {
    pub(super) fn identify_certificate(
        &self,
        open: &Open,
        claim: &CertificateClaim<'_>,
        origin: Origin,
        at: At,
    ) -> Result<Caller> {
        let Some(sha256) = claim.chain.own_sha256(crypto::digest::sha256) else {
            let unknown = Error::Unauthenticated(Unauthenticated::UnknownCredential);
            return Err(self.refuse_claim(open, &origin, at, "no certificate", unknown));
        };
        let fingerprint = written(sha256);
        // A certificate is of no region: who shows one asks the server's home region.
        let region = || self.regions.first().cloned().ok_or(Error::Internal("no region is served"));
        match self.with_room(at, || self.check_certificate(open, claim, &fingerprint, at)) {
            Ok(identity) => Ok(Caller::new(identity, Acting::Itself, origin, region()?)),
            Err(error) => Err(self.refuse_claim(open, &origin, at, &fingerprint, error)),
        }
    }

    fn check_certificate(
        &self,
        open: &Open,
        claim: &CertificateClaim<'_>,
        fingerprint: &str,
        at: At,
    ) -> Result<Arc<Identity>> {
        let fail = |reason| Err(Error::Unauthenticated(reason));
        let certificate = self.certificate(open, claim.chain, fingerprint, at)?;
        if certificate.has_expired(at) {
            return fail(Unauthenticated::Expired);
        }
        if at.wall < certificate.not_before {
            return fail(Unauthenticated::NotYetValid);
        }
        let identity = self.identity(open, &certificate.principal, &certificate.place, at)?;
        if certificate.is_blocked(fingerprint, &identity) {
            return fail(Unauthenticated::Blocked);
        }
        if certificate.with_credential {
            self.check_password(open, claim.credential, &certificate.principal, at)?;
        }
        Ok(identity)
    }

    fn certificate(
        &self,
        open: &Open,
        chain: &[Vec<u8>],
        fingerprint: &str,
        at: At,
    ) -> Result<Arc<Certificate>> {
        let load = || {
            let room = Room::new(self, open, at, Pace::Any);
            match room.certificate(fingerprint)?.value {
                Some(record) => registered(record),
                None => by_rules(&room, chain),
            }
        };
        let certificates = &self.caches.certificates;
        let known = certificates.find_or_load(&fingerprint.to_owned(), at.monotonic_ms, load)?;
        if known.is_of(chain) { Ok(known) } else { load().map(Arc::new) }
    }
}

fn registered(record: CertificateRecord) -> Result<Certificate> {
    Ok(Certificate {
        place: place::principal(&record.principal)?,
        principal: record.principal,
        not_before: record.not_before,
        not_after: record.not_after,
        with_credential: record.with_credential,
        ruled: None,
    })
}

/// Whose the first certificate of a chain is by the rules that there are. Of several rules that
/// name the same principal, a credential is asked for if one of them asks, and the path counts that
/// is valid, and for longest: an authority's next certificate can be registered before the old one
/// ends.
fn by_rules(room: &Room<'_>, chain: &[Vec<u8>]) -> Result<Certificate> {
    let unknown = Error::Unauthenticated(Unauthenticated::UnknownCredential);
    let presented = Presented::read(chain).ok_or_else(|| unknown.clone())?;
    let mut paths: Vec<(Vec<u8>, Option<HoldingPath>)> = Vec::new();
    let mut found: Option<Certificate> = None;
    for issuer in presented.issuers() {
        for rule in room.certificate_rules(issuer, presented.names())? {
            if !rule.names.iter().all(|name| presented.names().contains(name)) {
                continue;
            }
            // Rules share authorities: each path is checked once.
            let path = match paths.iter().find(|(authority, _)| *authority == rule.authority) {
                Some((_, path)) => *path,
                None => {
                    let path = presented.path_to(&rule.authority)?;
                    paths.push((rule.authority.clone(), path));
                    path
                }
            };
            let Some(path) = path else { continue };
            let next = ruled(rule, path, chain)?;
            found = Some(match found {
                None => next,
                Some(before) => joined(before, next, room.at())?,
            });
        }
    }
    found.ok_or(unknown)
}

fn ruled(rule: CertificateRuleRecord, path: HoldingPath, chain: &[Vec<u8>]) -> Result<Certificate> {
    let (along, between) = (chain.iter().skip(1), chain.iter().take(path.len).skip(1));
    let between = between.map(|der| fingerprint(der)).collect();
    Ok(Certificate {
        place: place::principal(&rule.principal)?,
        principal: rule.principal,
        not_before: path.validity.0,
        not_after: path.validity.1,
        with_credential: rule.with_credential,
        ruled: Some(Ruled { along: along.cloned().collect(), between }),
    })
}

/// What a certificate is by two rules together.
fn joined(one: Certificate, other: Certificate, at: At) -> Result<Certificate> {
    if one.principal != other.principal {
        return Err(Error::Unauthenticated(Unauthenticated::Ambiguous));
    }
    let with_credential = one.with_credential || other.with_credential;
    let better = if other.rank(at) > one.rank(at) { other } else { one };
    Ok(Certificate { with_credential, ..better })
}
