//! Who are you? A claim is checked for every request; what it is checked against is cached until
//! a commit changes it.

mod certificate;
mod restraint;
mod session;
mod web_identity;

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use crypto::{mac::SigV4Key, secmem::Guarded};
use model::{
    At, Claim, EncryptionContext, Error, PrincipalName, Region, Result,
    claim::{Door, Origin, PasswordClaim, SigV4Claim},
    error::Unauthenticated,
    limits,
    policy::Document,
};

use store::Place;

use crate::{
    Engine,
    caller::{Acting, Caller, Identity, unique_id},
    entry::{self, STOPPED},
    open::Open,
    place,
    record::PrincipalRecord,
    room::{Pace, Room},
};

pub(crate) use certificate::{Certificate, fingerprint};
pub(crate) use restraint::Restraint;
use restraint::Withheld;
pub(crate) use session::SessionCredential;

/// How many day-scoped signing keys are kept for one access key, as long as the key itself is kept:
/// today's and, around midnight, yesterday's, at two doors. Of further scopes they are derived anew.
const SIGNING_KEYS_MAX: usize = 4;

/// An access key, opened.
pub(crate) struct Credential {
    principal: PrincipalName,
    /// Where the principal's record is.
    place: Place,
    secret: Guarded,
    /// Filled one after the other, and never emptied: looking takes no lock.
    signing_keys: [OnceLock<(Scope, SigV4Key)>; SIGNING_KEYS_MAX],
}

#[derive(Eq, PartialEq)]
struct Scope {
    date: String,
    region: Region,
    service: String,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({:?})", self.principal)
    }
}

impl Credential {
    /// Whether the claim was signed with this access key, and not long ago.
    fn check(&self, claim: &SigV4Claim<'_>, at: At) -> Result<()> {
        let fail = |reason| Err(Error::Unauthenticated(reason));
        let key = self.signing_key(claim)?;
        let signature = key.sign(&string_to_sign(claim))?;
        if !crypto::mac::equal(&signature, &claim.signature) {
            return fail(Unauthenticated::BadSignature);
        }
        // Only now: who cannot sign learns nothing of our clock.
        if claim.signed_at.distance_ms(at.wall) > limits::CLOCK_SKEW_MS_MAX {
            return fail(if claim.signed_at < at.wall {
                Unauthenticated::Expired
            } else {
                Unauthenticated::NotYetValid
            });
        }
        self.keep(claim, key);
        Ok(())
    }

    /// The key of the claim's scope.
    fn signing_key(&self, claim: &SigV4Claim<'_>) -> Result<SigningKey<'_>> {
        let wanted = |scope: &Scope| {
            scope.date == claim.date
                && scope.region == claim.region
                && scope.service == claim.service
        };
        let kept = self.signing_keys.iter().map_while(OnceLock::get);
        match kept.into_iter().find(|(scope, _)| wanted(scope)) {
            Some((_, key)) => Ok(SigningKey::Kept(key)),
            None => {
                let (date, region) = (claim.date, claim.region.as_str());
                SigV4Key::derive(&self.secret, date, region, claim.service).map(SigningKey::Derived)
            }
        }
    }

    /// Keeps a key for the next claim of the same scope, if there is room. Only the key of a claim
    /// that held: otherwise anybody could have the room filled with dates of their choice.
    fn keep(&self, claim: &SigV4Claim<'_>, key: SigningKey<'_>) {
        let SigningKey::Derived(key) = key else { return };
        let scope = Scope {
            date: claim.date.to_owned(),
            region: claim.region.clone(),
            service: claim.service.to_owned(),
        };
        if let Some(place) = self.signing_keys.iter().find(|place| place.get().is_none()) {
            // Where another has filled it meanwhile, that stays.
            let _ = place.set((scope, key));
        }
    }
}

/// A key that claims are signed with.
enum SigningKey<'c> {
    /// One that was derived before.
    Kept(&'c SigV4Key),
    Derived(SigV4Key),
}

impl SigningKey<'_> {
    fn sign(&self, text: &[u8]) -> Result<[u8; 32]> {
        match self {
            Self::Kept(key) => key.sign(text),
            Self::Derived(key) => key.sign(text),
        }
    }
}

impl Engine {
    /// Who are you?
    ///
    /// # Errors
    ///
    /// [`Error::Unauthenticated`] when the claim does not hold: recorded before it is returned; of
    /// an address that makes many such claims, only counted, and the count is recorded later.
    pub fn identify(&self, claim: &Claim<'_>, origin: Origin, at: At) -> Result<Caller> {
        let open = self.open.load();
        let open = open.as_deref().ok_or(Error::Sealed)?;
        let at = self.judged(open, at)?;
        let claim = match claim {
            Claim::SigV4(claim) => claim,
            Claim::Certificate(claim) => {
                return self.identify_certificate(open, claim, origin, at);
            }
            Claim::WebIdentity(claim) => {
                return self.identify_web_identity(open, claim, origin, at);
            }
        };
        match self.with_room(at, || self.check_sigv4(open, claim, &origin, at)) {
            Ok((identity, acting)) => {
                Ok(Caller::new(identity, acting, origin, claim.region.clone()))
            }
            Err(error) => Err(self.refuse_claim(open, &origin, at, claim.access_key_id, error)),
        }
    }

    /// Records that a claim did not hold, and says why as the claimant hears it.
    fn refuse_claim(
        &self,
        open: &Open,
        origin: &Origin,
        at: At,
        alleged: &str,
        error: Error,
    ) -> Error {
        let Error::Unauthenticated(reason) = error else {
            return error;
        };
        let Some(withheld) = self.restraint.admit(*origin, at.monotonic_ms) else {
            return error;
        };
        let alleged = [alleged];
        let recorded = withheld
            .map_or(Ok(()), |withheld| record_withheld(open, withheld, at))
            .and_then(|()| entry::of_failed_claim(origin, at, &alleged, reason))
            .and_then(|entry| open.log().append(&entry).map_err(|_| STOPPED));
        recorded.err().unwrap_or(error)
    }

    /// Records how many claims did not hold that have no entry of their own.
    pub(crate) fn record_withheld_claims(&self, at: At) -> Result<()> {
        let open = self.opened()?;
        let past = self.restraint.take_past(at.monotonic_ms);
        past.into_iter().try_for_each(|withheld| record_withheld(&open, withheld, at))
    }

    fn check_sigv4(
        &self,
        open: &Open,
        claim: &SigV4Claim<'_>,
        origin: &Origin,
        at: At,
    ) -> Result<(Arc<Identity>, Acting)> {
        let fail = |reason| Err(Error::Unauthenticated(reason));
        if claim.service != service_of(origin.door) {
            return fail(Unauthenticated::WrongService);
        }
        if !self.regions.contains(&claim.region) && !is_global(origin.door, &claim.region) {
            return fail(Unauthenticated::WrongRegion);
        }
        if let Some(token) = claim.session_token {
            return self.check_session(open, claim, token, at);
        }
        let credential = self.credential(open, claim.access_key_id, at)?;
        credential.check(claim, at)?;
        let identity = self.identity(open, &credential.principal, &credential.place, at)?;
        Ok((identity, Acting::Itself))
    }

    /// Checks that a claim shows an access key of a principal. Whatever it lacks is told alike.
    fn check_password(
        &self,
        open: &Open,
        claim: Option<PasswordClaim<'_>>,
        principal: &PrincipalName,
        at: At,
    ) -> Result<()> {
        let needed = Error::Unauthenticated(Unauthenticated::CredentialNeeded);
        let Some(PasswordClaim { access_key_id, secret }) = claim else { return Err(needed) };
        let credential = match self.credential(open, access_key_id, at) {
            Err(Error::Unauthenticated(_)) => return Err(needed),
            found => found?,
        };
        let is_right = crypto::mac::equal(credential.secret.expose(), secret.expose());
        if is_right && credential.principal == *principal { Ok(()) } else { Err(needed) }
    }

    fn credential(&self, open: &Open, id: &str, at: At) -> Result<Arc<Credential>> {
        const UNKNOWN: Error = Error::Unauthenticated(Unauthenticated::UnknownCredential);
        // An id that could not have been made here is not worth a look in the store.
        if !(16..=128).contains(&id.len()) || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(UNKNOWN);
        }
        self.caches.credentials.find_or_load(id, at.monotonic_ms, || {
            let record =
                Room::new(self, open, at, Pace::Any).access_key(id)?.value.ok_or(UNKNOWN)?;
            let secret = open.system().open_secret(id.as_bytes(), &record.secret)?;
            let place = place::principal(&record.principal)?;
            let signing_keys = Default::default();
            Ok(Credential { principal: record.principal, place, secret, signing_keys })
        })
    }

    /// A principal's policies; `place` is where its record is.
    fn identity(
        &self,
        open: &Open,
        name: &PrincipalName,
        place: &Place,
        at: At,
    ) -> Result<Arc<Identity>> {
        self.caches.identities.find_or_load(place, at.monotonic_ms, || {
            let unknown = Error::Unauthenticated(Unauthenticated::UnknownCredential);
            let record = Room::new(self, open, at, Pace::Any).principal(name)?.value;
            let PrincipalRecord { created, policies, blocked, .. } = record.ok_or(unknown)?;
            let (arn, unique_id) = (name.arn().into(), unique_id(name, created));
            let (policies, tags) = (self.read_policies(&policies)?, Default::default());
            Ok(Identity { name: name.clone(), arn, unique_id, policies, blocked, tags })
        })
    }

    fn read_policies(&self, texts: &[String]) -> Result<Vec<Arc<Document>>> {
        texts.iter().map(|text| (self.language.identity_policy)(text).map(Arc::new)).collect()
    }
}

fn record_withheld(open: &Open, withheld: Withheld, at: At) -> Result<()> {
    let context = EncryptionContext::new([("more-refused", &*withheld.count.to_string())])?;
    let entry = entry::of_withheld_claims(&withheld.last, at, &context)?;
    open.log().append(&entry).map(|_| ()).map_err(|_| STOPPED)
}

/// What a signature's credential scope must name as its service, so that a request that was
/// signed for one door is worth nothing at another.
fn service_of(door: Door) -> &'static str {
    match door {
        Door::Aws => "kms",
        Door::Sts => "sts",
        Door::Api | Door::Kmip | Door::System => "strongroom",
    }
}

/// Whether a signature is for AWS's one STS of all regions: older clients ask it, in this region's
/// name, wherever they are told that it is.
fn is_global(door: Door, region: &Region) -> bool {
    door == Door::Sts && region.as_str() == "us-east-1"
}

/// AWS Signature Version 4: the string that is signed.
fn string_to_sign(claim: &SigV4Claim<'_>) -> Vec<u8> {
    let mut canonical = crypto::digest::Sha256::new();
    canonical.update(claim.canonical_head);
    canonical.update(&hex(&crypto::digest::sha256(claim.body)));
    let mut text = Vec::with_capacity(160);
    text.extend_from_slice(b"AWS4-HMAC-SHA256\n");
    text.extend_from_slice(claim.timestamp.as_bytes());
    text.push(b'\n');
    for part in [claim.date, claim.region.as_str(), claim.service] {
        text.extend_from_slice(part.as_bytes());
        text.push(b'/');
    }
    text.extend_from_slice(b"aws4_request\n");
    text.extend_from_slice(&hex(&canonical.finish()));
    text
}

/// Lower-case hexadecimal digits.
fn hex(bytes: &[u8; 32]) -> [u8; 64] {
    // Worked out, not looked up: then all of them are worked out at once.
    let digit = |value: u8| value + b'0' + if value > 9 { b'a' - b'0' - 10 } else { 0 };
    let mut digits = [0; 64];
    for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *pair = [digit(byte >> 4), digit(byte & 15)];
    }
    digits
}

#[cfg(test)]
mod tests {
    use model::{Wall, time::Trust};

    use super::*;

    const DATES: [&str; 4] = ["20260101", "20260102", "20260103", "20260104"];
    const NOW: At =
        At { wall: Wall::from_secs(1_800_000_000), monotonic_ms: 0, trust: Trust::Steady };

    fn claim(date: &'static str) -> SigV4Claim<'static> {
        SigV4Claim {
            access_key_id: "AKIAEXAMPLEEXAMPLE00",
            signature: [0; 32],
            canonical_head: b"POST",
            body: b"{}",
            timestamp: "20270115T080000Z",
            signed_at: NOW.wall,
            date,
            region: "eu-west-1".parse().unwrap(),
            service: "kms",
            session_token: None,
        }
    }

    fn credential() -> Credential {
        // Whether it was started before does not matter.
        let _ = crypto::start(crypto::Options::default());
        let principal = PrincipalName::user("111122223333".parse().unwrap(), "user").unwrap();
        let place = place::principal(&principal).unwrap();
        let secret = Guarded::copy_of(b"secret").unwrap();
        Credential { principal, place, secret, signing_keys: Default::default() }
    }

    fn kept(credential: &Credential) -> Vec<&str> {
        let kept = credential.signing_keys.iter().filter_map(OnceLock::get);
        kept.map(|(scope, _)| scope.date.as_str()).collect()
    }

    fn signed(credential: &Credential, date: &'static str) -> SigV4Claim<'static> {
        let claim = claim(date);
        let key = credential.signing_key(&claim).unwrap();
        SigV4Claim { signature: key.sign(&string_to_sign(&claim)).unwrap(), ..claim }
    }

    #[test]
    fn claims_that_do_not_hold_leave_no_signing_key_behind() {
        let credential = credential();
        for date in DATES {
            let refused = credential.check(&claim(date), NOW);
            assert_eq!(refused, Err(Error::Unauthenticated(Unauthenticated::BadSignature)));
            let old = SigV4Claim { signed_at: Wall::from_secs(1), ..signed(&credential, date) };
            let refused = credential.check(&old, NOW);
            assert_eq!(refused, Err(Error::Unauthenticated(Unauthenticated::Expired)));
        }
        assert!(kept(&credential).is_empty());
    }

    #[test]
    fn the_signing_keys_of_the_first_scopes_that_hold_are_kept_and_all_others_are_derived() {
        let credential = credential();
        for date in DATES.into_iter().chain(DATES).chain(["20260105", "20260105"]) {
            assert_eq!(credential.check(&signed(&credential, date), NOW), Ok(()));
        }
        assert_eq!(kept(&credential), DATES);
        let kept = |date| matches!(credential.signing_key(&claim(date)), Ok(SigningKey::Kept(_)));
        assert!(DATES.into_iter().all(kept) && !kept("20260105"));
    }
}
