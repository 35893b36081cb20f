//! What the door says when it says no: one `match` from the engine's errors to the API's.

use std::borrow::Cow;

use http::StatusCode;
use model::{
    Action, Error,
    error::{Invalid, Limit, Unauthenticated, Unavailable},
};

/// A refusal as it goes over the wire.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: Text,
    detail: Option<&'static str>,
}

type Text = Cow<'static, str>;

/// Who is refused what, as the message names them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asked<'a> {
    /// Someone who signed asks for a role, or for nothing.
    Signed {
        /// The caller's ARN.
        caller: &'a str,
        /// The role's.
        role: Option<&'a str>,
    },
    /// Someone brings a token.
    WithToken,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<Text>) -> Self {
        Self { status, code, message: message.into(), detail: None }
    }

    fn sender(code: &'static str, message: impl Into<Text>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    fn forbidden(code: &'static str, message: impl Into<Text>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    /// `ValidationError`.
    pub(crate) fn validation(message: impl Into<Text>) -> Self {
        Self::sender("ValidationError", message)
    }

    /// The parameters cannot be read.
    pub(crate) fn malformed(message: &'static str) -> Self {
        Self::sender("MalformedInput", message)
    }

    /// `MissingAction`.
    pub(crate) fn missing_action() -> Self {
        Self::sender("MissingAction", "The request must say an Action.")
    }

    /// `InvalidAction`: it is no operation of this API.
    pub(crate) fn invalid_action(action: &str, version: &str) -> Self {
        let message = format!("Could not find operation {action} for version {version}");
        Self::sender("InvalidAction", message)
    }

    /// `InvalidIdentityToken`: it is no token that could be verified here.
    pub(crate) fn invalid_token() -> Self {
        let message =
            "The ID Token provided is not a valid JWT that is signed with RS256 or ES256.";
        Self::sender("InvalidIdentityToken", message)
    }

    /// Another method.
    pub(crate) fn other_method() -> Self {
        let message = "The AWS STS API takes GET and POST requests only.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "InvalidAction", message)
    }

    /// The HTTP status.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// The exception's name.
    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    /// Its message.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// What went wrong inside, for the log only.
    pub(crate) fn detail(&self) -> Option<&'static str> {
        self.detail
    }

    /// Whose fault it is, as the API says that.
    pub(crate) fn kind(&self) -> &'static str {
        if self.status.is_server_error() { "Receiver" } else { "Sender" }
    }

    /// The engine's refusal in the API's words.
    pub(crate) fn of(error: Error, asked: Asked<'_>) -> Self {
        const BUSY: StatusCode = StatusCode::SERVICE_UNAVAILABLE;
        match error {
            Error::Unauthenticated(why) => match asked {
                Asked::Signed { .. } => of_signature(why),
                Asked::WithToken => of_token(why),
            },
            Error::Denied(action) => denied(action, asked),
            Error::Invalid(Invalid::Policy(sentence)) => {
                Self::sender("MalformedPolicyDocument", sentence)
            }
            Error::Invalid(Invalid::Session(sentence)) => Self::validation(sentence),
            Error::Invalid(_) => Self::validation("A parameter has a value that it may not have."),
            Error::TooMany(Limit::PolicyLength) => Self::sender(
                "PackedPolicyTooLarge",
                "The session policy is longer than 2048 bytes.",
            ),
            Error::Sealed => Self::new(
                BUSY,
                "ServiceUnavailable",
                "The server is sealed: an operator must unseal it before it can answer.",
            ),
            Error::Conflict => {
                Self::new(BUSY, "ServiceUnavailable", "Other changes kept coming first. Try again.")
            }
            Error::Unavailable(Unavailable::Overload) => {
                Self::sender("Throttling", "Rate exceeded")
            }
            Error::Unavailable(Unavailable::Audit) => Self::new(
                BUSY,
                "ServiceUnavailable",
                "The audit log cannot be written, so nothing is done.",
            ),
            Error::Unavailable(
                Unavailable::Store | Unavailable::Crypto | Unavailable::SecretMemory,
            ) => Self::new(BUSY, "ServiceUnavailable", "Something that the server needs fails."),
            Error::Internal(detail) => Self::internal(detail),
            // None of this API's operations is about keys, or tried only.
            Error::NotFound(_)
            | Error::AlreadyExists(_)
            | Error::WrongUsage { .. }
            | Error::WrongAlgorithm { .. }
            | Error::Disallowed { .. }
            | Error::WrongKey
            | Error::TooMany(
                Limit::Tags
                | Limit::AccessKeys
                | Limit::Certificates
                | Limit::CertificateRules
                | Limit::BlockedCertificates
                | Limit::Aliases
                | Limit::Labels,
            )
            | Error::DryRun
            | Error::WrongState { .. }
            | Error::NotAuthentic(_) => Self::internal("a refusal that no operation of STS has"),
        }
    }

    fn internal(detail: &'static str) -> Self {
        let message = "The request failed for a reason of the server's. Its log says more.";
        let refusal = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure", message);
        Self { detail: Some(detail), ..refusal }
    }
}

impl From<sigv4::Malformed> for Refusal {
    fn from(malformed: sigv4::Malformed) -> Self {
        match malformed {
            sigv4::Malformed::Missing => Self::forbidden(
                "MissingAuthenticationToken",
                "Request is missing Authentication Token",
            ),
            sigv4::Malformed::Incomplete(message) => Self::sender("IncompleteSignature", message),
            sigv4::Malformed::Bad(message) => Self::forbidden("SignatureDoesNotMatch", message),
            sigv4::Malformed::UnknownCredential => unknown_credential(),
        }
    }
}

fn unknown_credential() -> Refusal {
    let message = "The security token included in the request is invalid.";
    Refusal::forbidden("InvalidClientTokenId", message)
}

fn of_signature(why: Unauthenticated) -> Refusal {
    let message = match why {
        Unauthenticated::UnknownCredential
        | Unauthenticated::InvalidToken
        | Unauthenticated::UnknownIssuer
        | Unauthenticated::WrongAudience
        | Unauthenticated::Ambiguous
        | Unauthenticated::Blocked
        | Unauthenticated::CredentialNeeded => return unknown_credential(),
        Unauthenticated::TokenExpired => {
            let message = "The security token included in the request is expired";
            return Refusal::forbidden("ExpiredToken", message);
        }
        Unauthenticated::BadSignature => {
            "The request signature we calculated does not match the signature you provided. Check \
             your AWS Secret Access Key and signing method."
        }
        Unauthenticated::Expired => {
            "Signature expired: it was made more than 15 minutes before this server's time."
        }
        Unauthenticated::NotYetValid => {
            "Signature not yet current: it was made more than 15 minutes after this server's time."
        }
        Unauthenticated::WrongService => "Credential should be scoped to correct service: 'sts'.",
        Unauthenticated::WrongRegion => "Credential should be scoped to a valid region.",
    };
    Refusal::forbidden("SignatureDoesNotMatch", message)
}

fn of_token(why: Unauthenticated) -> Refusal {
    let message = match why {
        Unauthenticated::TokenExpired => {
            let message = "Token expired: the current time must be before its expiration.";
            return Refusal::sender("ExpiredTokenException", message);
        }
        Unauthenticated::UnknownIssuer => {
            "No OpenIDConnect provider found in your account for the token's issuer"
        }
        Unauthenticated::WrongAudience => "Incorrect token audience",
        Unauthenticated::InvalidToken
        | Unauthenticated::UnknownCredential
        | Unauthenticated::BadSignature
        | Unauthenticated::Expired
        | Unauthenticated::NotYetValid
        | Unauthenticated::WrongService
        | Unauthenticated::WrongRegion
        | Unauthenticated::Ambiguous
        | Unauthenticated::Blocked
        | Unauthenticated::CredentialNeeded => {
            "The web identity token that was passed could not be validated."
        }
    };
    Refusal::sender("InvalidIdentityToken", message)
}

fn denied(action: Action, asked: Asked<'_>) -> Refusal {
    let name = action.name();
    Refusal::forbidden(
        "AccessDenied",
        match asked {
            Asked::Signed { caller, role: Some(role) } => {
                format!("User: {caller} is not authorized to perform: {name} on resource: {role}")
            }
            Asked::Signed { caller, role: None } => {
                format!("User: {caller} is not authorized to perform: {name}")
            }
            Asked::WithToken => format!("Not authorized to perform {name}"),
        },
    )
}
