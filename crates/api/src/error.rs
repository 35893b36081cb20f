//! What the door says when it says no: one `match` from the engine's errors to a status, a code
//! and a sentence.
//!
//! Policy is asked before it is known whether a principal exists, so `denied` tells nothing about
//! what is there.

use std::borrow::Cow;

use bytes::Bytes;
use engine::names;
use http::StatusCode;
use model::{
    Error,
    error::{Existing, Invalid, Limit, Missing, Unauthentic, Unauthenticated, Unavailable},
    limits,
    name::BadName,
};

type Text = Cow<'static, str>;

/// A refusal as it goes over the wire.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: Text,
    detail: Option<&'static str>,
    allow: Option<String>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<Text>) -> Self {
        Self { status, code, message: message.into(), detail: None, allow: None }
    }

    /// 400 `invalid`: the request makes no sense.
    pub(crate) fn invalid(message: impl Into<Text>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid", message)
    }

    /// 401: who is asking cannot be told.
    pub(crate) fn unauthenticated(message: impl Into<Text>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", message)
    }

    /// 404: no such path.
    pub(crate) fn no_such_path() -> Self {
        let message =
            "There is nothing at this path; /api/v1/openapi.json describes what there is.";
        Self::new(StatusCode::NOT_FOUND, "not-found", message)
    }

    /// 405: the path takes other methods only.
    pub(crate) fn other_method(methods: String) -> Self {
        let message = format!("This path takes {methods} only.");
        let refusal = Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", message);
        Self { allow: Some(methods), ..refusal }
    }

    /// The HTTP status.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// What went wrong, for programs.
    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    /// What went wrong inside, for the log only.
    pub(crate) fn detail(&self) -> Option<&'static str> {
        self.detail
    }

    /// The methods that the path takes, when it was another.
    pub(crate) fn allow(&self) -> Option<&str> {
        self.allow.as_deref()
    }

    /// `{"error":{"code":..,"message":..}}`.
    pub(crate) fn body(&self) -> Bytes {
        let error = serde_json::json!({ "code": self.code, "message": self.message });
        serde_json::json!({ "error": error }).to_string().into()
    }
}

impl From<sigv4::Malformed> for Refusal {
    fn from(malformed: sigv4::Malformed) -> Self {
        Self::unauthenticated(match malformed {
            sigv4::Malformed::Missing => {
                "The request is not signed: sign it with AWS Signature Version 4 for the service \
                 strongroom, or connect with a registered client certificate."
            }
            sigv4::Malformed::Incomplete(message) | sigv4::Malformed::Bad(message) => message,
            sigv4::Malformed::UnknownCredential => "The access key is not one of this server.",
        })
    }
}

impl From<BadName> for Refusal {
    fn from(bad: BadName) -> Self {
        Error::from(bad).into()
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Unauthenticated(why) => Self::unauthenticated(of_unauthenticated(why)),
            Error::Denied(action) => {
                let message =
                    format!("No policy allows you {} here, or one denies it.", action.name());
                Self::new(StatusCode::FORBIDDEN, "denied", message)
            }
            Error::NotFound(missing) => {
                Self::new(StatusCode::NOT_FOUND, "not-found", of_missing(missing))
            }
            Error::AlreadyExists(existing) => {
                Self::new(StatusCode::CONFLICT, "already-exists", of_existing(existing))
            }
            Error::Invalid(invalid) => of_invalid(invalid),
            Error::WrongUsage { key, usage, action } => {
                let (key, usage) = (key.arn(), names::usage(usage));
                Self::invalid(format!("{key} is for {usage}, not for {}.", action.name()))
            }
            Error::WrongAlgorithm { spec, algorithm: _ } => {
                let spec = names::spec(spec);
                Self::invalid(format!("A key of spec {spec} cannot do this algorithm."))
            }
            Error::Disallowed { subject, way, profile } => {
                let message = names::disallowed(subject, way, profile);
                Self::new(StatusCode::CONFLICT, "algorithm-disallowed", message)
            }
            Error::WrongKey => Self::invalid("The ciphertext was made under another key."),
            Error::TooMany(limit) => {
                Self::new(StatusCode::CONFLICT, "limit-exceeded", of_limit(limit))
            }
            Error::DryRun => {
                let message = "All was in order, and the request had asked to stop there.";
                Self::new(StatusCode::CONFLICT, "dry-run", message)
            }
            Error::WrongState { key, obstacle: _ } => {
                let message = format!("The state of {} does not allow this now.", key.arn());
                Self::new(StatusCode::CONFLICT, "wrong-state", message)
            }
            Error::NotAuthentic(
                Unauthentic::Ciphertext | Unauthentic::Signature | Unauthentic::Mac,
            ) => Self::new(StatusCode::BAD_REQUEST, "not-authentic", "It is not authentic."),
            Error::Sealed => {
                let message = "The server is sealed: an operator must unseal it first.";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "sealed", message)
            }
            Error::Conflict => {
                let message = "Other changes kept coming first, and nothing was done. Try again.";
                Self::new(StatusCode::CONFLICT, "conflict", message)
            }
            Error::Unavailable(what) => of_unavailable(what),
            Error::Internal(detail) => {
                let message = "The request failed for a reason of the server's. Its log says more.";
                let refusal = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message);
                Self { detail: Some(detail), ..refusal }
            }
        }
    }
}

fn of_unauthenticated(why: Unauthenticated) -> &'static str {
    match why {
        Unauthenticated::UnknownCredential => "The access key is not one of this server.",
        Unauthenticated::BadSignature => {
            "The signature is not that of the access key over this request. Check the secret, and \
             that nothing on the way changes the request."
        }
        Unauthenticated::Expired => {
            "The request was signed more than 15 minutes before this server's time."
        }
        Unauthenticated::NotYetValid => {
            "The request was signed more than 15 minutes after this server's time."
        }
        Unauthenticated::WrongService => {
            "The signature is for another service: the native API's is strongroom."
        }
        Unauthenticated::WrongRegion => "The signature is for a region that is not served here.",
        Unauthenticated::Ambiguous
        | Unauthenticated::Blocked
        | Unauthenticated::CredentialNeeded => "The client certificate is not enough.",
        Unauthenticated::TokenExpired => "The session has ended.",
        // Nobody shows such a token here.
        Unauthenticated::InvalidToken
        | Unauthenticated::UnknownIssuer
        | Unauthenticated::WrongAudience => "The token is not one of this server.",
    }
}

fn of_missing(missing: Missing) -> String {
    match missing {
        Missing::Key(name) => format!("There is no key {}.", name.arn()),
        Missing::KeyText(text) => format!("{text:?} names no key."),
        Missing::Alias(alias) => format!("There is no alias {alias}."),
        Missing::Principal(name) => format!("There is no principal {name}."),
        Missing::UnsealSource(name) => format!("There is no way {name:?} to unseal this server."),
        Missing::AccessKey(id) => format!("The principal has no access key {id:?}."),
        Missing::Certificate(id) => format!("The principal has no certificate {id:?}."),
        Missing::Role(name) => format!("There is no role {name}."),
        Missing::Issuer(address) => format!("There is no issuer {address}."),
    }
}

fn of_existing(existing: Existing) -> String {
    match existing {
        Existing::Alias(alias) => format!("There is an alias {alias} already."),
        Existing::Principal(name) => format!("There is a principal {name} already."),
        Existing::UnsealSource(name) => {
            format!("There is a way {name:?} to unseal this server already.")
        }
        Existing::Key(id) => format!("There is a key {id} already."),
        Existing::ObjectLabel => "There is an object of that name already.".to_owned(),
        Existing::Certificate(id) => format!("The certificate {id} is registered already."),
        Existing::Role(name) => format!("There is a role {name} already."),
        Existing::Issuer(address) => format!("The issuer {address} is registered already."),
    }
}

fn of_invalid(invalid: Invalid) -> Refusal {
    Refusal::invalid(match invalid {
        Invalid::Name(BadName::AccountId) => Text::from("An account id is twelve digits."),
        Invalid::Name(BadName::Region) => {
            Text::from("A region is 1 to 32 lower-case letters, digits and hyphens.")
        }
        Invalid::Name(BadName::KeyId) => Text::from("A key id is a UUID in lower case."),
        Invalid::Name(BadName::AliasName) => {
            Text::from("An alias is 1 to 250 of a-z A-Z 0-9 : / _ -.")
        }
        Invalid::Name(BadName::PrincipalName) => {
            Text::from("A principal's name is 1 to 64 of a-z A-Z 0-9 + = , . @ _ -.")
        }
        Invalid::Name(BadName::SessionName) => {
            Text::from("A session's name is 2 to 64 of a-z A-Z 0-9 + = , . @ _ -.")
        }
        Invalid::Name(BadName::Issuer) => Text::from(
            "An issuer is https:// with a host name in lower case and, if there is one, a path, \
             without a port, a query or a slash at the end.",
        ),
        Invalid::ContextTooLarge => Text::from("The encryption context is too large."),
        Invalid::ContextNotSupported(spec) => {
            let spec = names::spec(spec);
            format!("A key of spec {spec} takes no encryption context.").into()
        }
        Invalid::UsageNeeded => Text::from("The usage of the key must be said."),
        Invalid::UsageNotForSpec(usage, spec) => {
            let (usage, spec) = (names::key_usage(usage), names::spec(spec));
            format!("A key of spec {spec} cannot be for {usage}.").into()
        }
        Invalid::PolicyLocksOut => {
            Text::from("Under that policy nobody could change the policy again.")
        }
        Invalid::Policy(sentence) => {
            return Refusal::new(StatusCode::BAD_REQUEST, "malformed-policy", sentence);
        }
        Invalid::PlaintextTooLong { spec: _, algorithm: _, max } => {
            format!("The plaintext is longer than {max} bytes.").into()
        }
        Invalid::DigestLength(algorithm) => {
            let algorithm = names::signing_algorithm(algorithm);
            format!("The digest is not as long as those of {algorithm}.").into()
        }
        Invalid::MessageType(algorithm, message_type) => {
            let (algorithm, message_type) =
                (names::signing_algorithm(algorithm), names::message_type(message_type));
            format!("{algorithm} does not take a message of type {message_type}.").into()
        }
        Invalid::OutOfRange(what) => format!("The {what} is out of range.").into(),
        Invalid::Parameters(sentence) => Text::from(sentence),
        Invalid::Missing(what) => format!("The {what} is missing.").into(),
        Invalid::PeerKey => {
            Text::from("The public key is not a valid one of the private key's curve.")
        }
        Invalid::TagLength => Text::from("No tag of this mode is that long."),
        Invalid::Stream => Text::from("There is no such text in parts."),
        Invalid::DuplicateTag => Text::from("The same tag is there twice."),
        Invalid::ReservedTag => Text::from("Tags that begin with aws: are reserved."),
        Invalid::OtherPlace => Text::from("All must be of one account and region."),
        Invalid::AliasForOtherUsage => {
            Text::from("An alias moves only between keys of one kind and purpose.")
        }
        Invalid::Marker => Text::from("\"after\" is not the \"next\" of an earlier page."),
        Invalid::Certificate(sentence) | Invalid::Session(sentence) | Invalid::Role(sentence) => {
            Text::from(sentence)
        }
    })
}

fn of_limit(limit: Limit) -> String {
    match limit {
        Limit::Tags => format!("A key has at most {} tags.", limits::TAGS_MAX),
        Limit::AccessKeys => {
            let max = limits::ACCESS_KEYS_MAX;
            format!("A principal has at most {max} access keys; remove one first.")
        }
        Limit::Certificates => {
            let max = limits::CERTIFICATES_MAX;
            format!("A principal has at most {max} certificates; remove one first.")
        }
        Limit::CertificateRules => format!(
            "A principal has at most {} rules for certificates, and an authority {} that begin \
             with the same name; remove one first.",
            limits::CERTIFICATE_RULES_MAX,
            limits::CERTIFICATE_RULES_ALIKE_MAX
        ),
        Limit::BlockedCertificates => {
            let max = limits::CERTIFICATES_BLOCKED_MAX;
            format!("A principal has at most {max} blocked certificates; remove one first.")
        }
        Limit::Aliases => "The key has as many aliases as it can have.".to_owned(),
        Limit::Labels => "The object has as many attributes as it can have.".to_owned(),
        Limit::PolicyLength => format!(
            "A policy has at most {} bytes, and a principal at most {} policies.",
            limits::POLICY_LEN_MAX,
            limits::IDENTITY_POLICIES_MAX
        ),
    }
}

fn of_unavailable(what: Unavailable) -> Refusal {
    let (status, code, message) = match what {
        Unavailable::Audit => (
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "The audit log cannot be written, so nothing is done.",
        ),
        Unavailable::Store => {
            (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The store does not answer.")
        }
        Unavailable::Crypto => (
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "The cryptographic module is in its error state and gives no output.",
        ),
        Unavailable::SecretMemory => (
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "There is no secret memory left for the key.",
        ),
        Unavailable::Overload => {
            (StatusCode::TOO_MANY_REQUESTS, "too-many-requests", "Too much is waiting. Try later.")
        }
    };
    Refusal::new(status, code, message)
}

#[cfg(test)]
mod tests {
    use model::Action;

    use super::*;

    #[track_caller]
    fn answers(error: Error, status: u16, code: &str) {
        let refusal = Refusal::from(error);
        assert_eq!((refusal.status().as_u16(), refusal.code()), (status, code));
    }

    #[test]
    fn each_kind_of_fault_has_its_status() {
        answers(Error::Unauthenticated(Unauthenticated::BadSignature), 401, "unauthenticated");
        answers(Error::Denied(Action::CreatePrincipal), 403, "denied");
        answers(Error::NotFound(Missing::Principal("bob".into())), 404, "not-found");
        answers(Error::AlreadyExists(Existing::Principal("bob".into())), 409, "already-exists");
        answers(Error::Invalid(Invalid::Name(BadName::PrincipalName)), 400, "invalid");
        answers(Error::Invalid(Invalid::Policy("It is bad.".into())), 400, "malformed-policy");
        answers(Error::TooMany(Limit::AccessKeys), 409, "limit-exceeded");
        answers(Error::Conflict, 409, "conflict");
        answers(Error::Sealed, 503, "sealed");
        answers(Error::Unavailable(Unavailable::Overload), 429, "too-many-requests");
        answers(Error::Unavailable(Unavailable::Audit), 503, "unavailable");
    }

    #[test]
    fn a_defect_of_ours_is_500_and_keeps_its_detail_to_the_log() {
        let refusal = Refusal::from(Error::Internal("record 7 does not authenticate"));
        assert_eq!(refusal.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(refusal.detail(), Some("record 7 does not authenticate"));
        assert!(!String::from_utf8_lossy(&refusal.body()).contains("record 7"));
    }

    #[test]
    fn the_body_is_one_error_with_code_and_message() {
        let body = Refusal::invalid("No \"name\".").body();
        assert_eq!(body, r#"{"error":{"code":"invalid","message":"No \"name\"."}}"#);
    }
}
