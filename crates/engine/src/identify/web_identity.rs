//! Who are you, by the token of an issuer?
//!
//! The account says whose word it takes, by which keys and for whom. Whoever comes of it is nobody
//! of the account yet: a role must trust them.

use std::sync::Arc;

use model::{
    At, Error, PrincipalName, Result,
    claim::{Origin, WebIdentityClaim},
    error::Unauthenticated,
    limits,
    token::Token,
};

use crate::{
    Engine,
    caller::{Acting, Caller, Identity, unique_id},
    open::Open,
    record::{IssuerRecord, RecordedKey},
    room::{Pace, Room},
    session::Vouched,
};

const fn refused<T>(reason: Unauthenticated) -> Result<T> {
    Err(Error::Unauthenticated(reason))
}

impl Engine {
    pub(super) fn identify_web_identity(
        &self,
        open: &Open,
        claim: &WebIdentityClaim<'_>,
        origin: Origin,
        at: At,
    ) -> Result<Caller> {
        // A token is of no region: who shows one asks the server's home region.
        let region = || self.regions().first().cloned();
        match self.with_room(at, || self.check_web_identity(open, claim, at)) {
            Ok((identity, vouched)) => {
                let region = region().ok_or(Error::Internal("no region is served"))?;
                Ok(Caller::new(identity, Acting::Vouched(vouched), origin, region))
            }
            Err(error) => Err(self.refuse_claim(open, &origin, at, &claim.token.issuer, error)),
        }
    }

    fn check_web_identity(
        &self,
        open: &Open,
        claim: &WebIdentityClaim<'_>,
        at: At,
    ) -> Result<(Arc<Identity>, Arc<Vouched>)> {
        let unknown = Error::Unauthenticated(Unauthenticated::UnknownIssuer);
        let token = claim.token;
        let address = token.issuer.strip_prefix("https://").ok_or(unknown.clone())?;
        let address = address.strip_suffix('/').unwrap_or(address);
        let name = PrincipalName::issuer(claim.account, address).map_err(|_| unknown.clone())?;
        let record = Room::new(self, open, at, Pace::Any).issuer(&name)?.value.ok_or(unknown)?;
        check(&record, token, at)?;
        let vouched = Arc::new(Vouched::new(&name, token));
        let (arn, unique_id) = (name.arn().into(), unique_id(&name, record.registered));
        let (policies, tags) = Default::default();
        Ok((
            Arc::new(Identity { name, arn, unique_id, policies, blocked: Vec::new(), tags }),
            vouched,
        ))
    }
}

/// Whether the issuer of this record made the token, for now and for an audience of the record.
/// Only of a genuine one is more said than that it is not.
fn check(record: &IssuerRecord, token: &Token<'_>, at: At) -> Result<()> {
    let Some(key) = key_of(&record.keys, token) else {
        return refused(Unauthenticated::InvalidToken);
    };
    match crypto::token::verify(&key.spki, token.algorithm, token.signing_input, &token.signature) {
        Ok(()) => {}
        Err(Error::NotAuthentic(_)) => return refused(Unauthenticated::InvalidToken),
        Err(error) => return Err(error),
    }
    if at.has_come(token.expires) {
        return refused(Unauthenticated::TokenExpired);
    }
    let latest = at.wall.plus_secs(limits::ISSUER_SKEW_SECS);
    if token.issued > latest || token.not_before.is_some_and(|from| from > latest) {
        return refused(Unauthenticated::InvalidToken);
    }
    if !token.audiences.iter().any(|audience| record.audiences.contains(audience)) {
        return refused(Unauthenticated::WrongAudience);
    }
    Ok(())
}

/// The key that a token says it is signed by; if it says none, the only one of its algorithm.
fn key_of<'k>(keys: &'k [RecordedKey], token: &Token<'_>) -> Option<&'k RecordedKey> {
    let mut fitting = keys.iter().filter(|key| {
        key.algorithm == token.algorithm && (token.key_id.is_none() || key.id == token.key_id)
    });
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first)
}
