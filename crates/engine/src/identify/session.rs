//! Who are you, by the access key of a session?
//!
//! The token says what the session is, and was sealed here; its secret follows from it. Whether the
//! role is still there, and still the same, is looked at for every request.

use std::{fmt, sync::Arc};

use model::{
    At, Error, PrincipalName, Result, Wall, canon::Canonical, claim::SigV4Claim,
    error::Unauthenticated,
};
use store::Place;

use super::Credential;
use crate::{
    Engine,
    caller::{Acting, Identity, unique_id},
    open::Open,
    place,
    record::RoleRecord,
    room::{Pace, Room},
    session::{self, Session, SessionRecord},
};

const UNKNOWN: Error = Error::Unauthenticated(Unauthenticated::UnknownCredential);

/// A session's token, opened.
pub(crate) struct SessionCredential {
    access_key_id: String,
    expires: Wall,
    credential: Credential,
    session: Arc<Session>,
}

impl fmt::Debug for SessionCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionCredential({:?})", self.session.arn())
    }
}

impl Engine {
    pub(super) fn check_session(
        &self,
        open: &Open,
        claim: &SigV4Claim<'_>,
        token: &str,
        at: At,
    ) -> Result<(Arc<Identity>, Acting)> {
        let known = self.caches().sessions.find_or_load(token, at.monotonic_ms, || {
            self.open_session(open, claim.access_key_id, token)
        })?;
        // A token is of one access key, whoever brought it first.
        if known.access_key_id != claim.access_key_id {
            return Err(UNKNOWN);
        }
        known.credential.check(claim, at)?;
        if at.has_come(known.expires) {
            return Err(Error::Unauthenticated(Unauthenticated::TokenExpired));
        }
        let Credential { principal, place, .. } = &known.credential;
        let identity = self.role_identity(open, principal, place, at)?;
        // A role that was removed and made again is another.
        if identity.unique_id != known.session.record().role_id {
            return Err(UNKNOWN);
        }
        Ok((identity, Acting::Session(known.session.clone())))
    }

    fn open_session(&self, open: &Open, id: &str, token: &str) -> Result<SessionCredential> {
        let malformed = || Error::Internal("a session's token is malformed");
        let (account, sealed) = session::read_token(token).ok_or(UNKNOWN)?;
        if !open.has_account(self.store(), account)? {
            return Err(UNKNOWN);
        }
        let keys = open.account(self.store(), account)?;
        let plain = keys.open_session(id, &sealed)?.ok_or(UNKNOWN)?;
        let record = SessionRecord::from_canonical(&plain).map_err(|_| malformed())?;
        let principal = PrincipalName::role(account, &record.role)?;
        let place = place::principal(&principal)?;
        let read = |text: &String| (self.language().identity_policy)(text).map(Arc::new);
        let policy = record.policy.as_ref().map(read).transpose()?;
        let (name, expires) = (record.name.parse()?, record.expires);
        let session = Arc::new(Session::new(&principal, &name, record, policy));
        let secret = keys.session_secret(id, &sealed)?;
        let credential = Credential { principal, place, secret, signing_keys: Default::default() };
        Ok(SessionCredential { access_key_id: id.to_owned(), expires, credential, session })
    }

    /// A role's policies; `place` is where its record is.
    fn role_identity(
        &self,
        open: &Open,
        name: &PrincipalName,
        place: &Place,
        at: At,
    ) -> Result<Arc<Identity>> {
        self.caches().identities.find_or_load(place, at.monotonic_ms, || {
            let record = Room::new(self, open, at, Pace::Any).role(name)?.value;
            let RoleRecord { created, policies, tags, .. } = record.ok_or(UNKNOWN)?;
            let (arn, unique_id) = (name.arn().into(), unique_id(name, created));
            let policies = self.read_policies(&policies)?;
            Ok(Identity { name: name.clone(), arn, unique_id, policies, blocked: Vec::new(), tags })
        })
    }
}
