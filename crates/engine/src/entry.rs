//! What the audit log says of a request.

use std::borrow::Cow;

use audit::{Outcome, Statement};
use model::{
    Action, At, EncryptionContext, Error, Result,
    claim::Origin,
    error::{Unauthenticated, Unavailable},
};

use crate::caller::Caller;

/// What everyone hears when the log cannot be written: nothing is done unrecorded.
pub(crate) const STOPPED: Error = Error::Unavailable(Unavailable::Audit);

/// The entry of a request that an identified caller made.
pub(crate) fn of_call<'a>(
    caller: &'a Caller,
    at: At,
    action: Action,
    resources: &'a [&'a str],
    context: Option<&'a EncryptionContext>,
    outcome: Outcome,
) -> Result<Statement<'a>> {
    Ok(Statement {
        id: crypto::random::id()?,
        time: at.wall,
        account: Some(caller.principal().account),
        principal: Some(caller.recorded_as()),
        door: caller.origin().door,
        source: caller.origin().source,
        action,
        resources,
        context,
        outcome,
        request: caller.origin().request,
    })
}

/// The entry of a claim that did not hold. It names the credential that was alleged.
pub(crate) fn of_failed_claim<'a>(
    origin: &Origin,
    at: At,
    alleged: &'a [&'a str],
    reason: Unauthenticated,
) -> Result<Statement<'a>> {
    Ok(Statement {
        id: crypto::random::id()?,
        time: at.wall,
        account: None,
        principal: None,
        door: origin.door,
        source: origin.source,
        action: Action::Identify,
        resources: alleged,
        context: None,
        outcome: Outcome::Denied(Cow::Borrowed(reason_code(reason))),
        request: origin.request,
    })
}

/// The entry of claims that did not hold and have no entry of their own; `context` says how many.
pub(crate) fn of_withheld_claims<'a>(
    last: &Origin,
    at: At,
    context: &'a EncryptionContext,
) -> Result<Statement<'a>> {
    Ok(Statement {
        id: crypto::random::id()?,
        time: at.wall,
        account: None,
        principal: None,
        door: last.door,
        source: last.source,
        action: Action::Identify,
        resources: &[],
        context: Some(context),
        outcome: Outcome::Denied(Cow::Borrowed("too-many-claims")),
        request: last.request,
    })
}

fn reason_code(reason: Unauthenticated) -> &'static str {
    match reason {
        Unauthenticated::UnknownCredential => "unknown-credential",
        Unauthenticated::BadSignature => "bad-signature",
        Unauthenticated::Expired => "expired",
        Unauthenticated::NotYetValid => "not-yet-valid",
        Unauthenticated::WrongService => "wrong-service",
        Unauthenticated::WrongRegion => "wrong-region",
        Unauthenticated::Ambiguous => "ambiguous-certificate",
        Unauthenticated::Blocked => "blocked-certificate",
        Unauthenticated::CredentialNeeded => "credential-needed",
        Unauthenticated::TokenExpired => "token-expired",
        Unauthenticated::InvalidToken => "invalid-token",
        Unauthenticated::UnknownIssuer => "unknown-issuer",
        Unauthenticated::WrongAudience => "wrong-audience",
    }
}

/// How the log writes that something was tried among others and not done, since not all could be.
pub(crate) fn undone() -> Outcome {
    Outcome::Failed(Cow::Borrowed("undone"))
}

/// How the log writes an error: a code, never a text that a caller wrote.
pub(crate) fn outcome(error: &Error) -> Outcome {
    let code = match error {
        Error::Denied(_) => return Outcome::Denied(Cow::Borrowed("denied")),
        Error::Unauthenticated(reason) => {
            return Outcome::Denied(Cow::Borrowed(reason_code(*reason)));
        }
        Error::NotFound(_) => "not-found",
        Error::AlreadyExists(_) => "already-exists",
        Error::Invalid(_) => "invalid",
        Error::WrongUsage { .. } => "wrong-usage",
        Error::WrongAlgorithm { .. } => "wrong-algorithm",
        Error::WrongKey => "wrong-key",
        Error::Disallowed { .. } => "disallowed",
        Error::TooMany(_) => "too-many",
        Error::DryRun => "dry-run",
        Error::WrongState { .. } => "wrong-state",
        Error::NotAuthentic(_) => "not-authentic",
        Error::Sealed => "sealed",
        Error::Conflict => "conflict",
        Error::Unavailable(_) => "unavailable",
        Error::Internal(_) => "internal",
    };
    Outcome::Failed(Cow::Borrowed(code))
}
