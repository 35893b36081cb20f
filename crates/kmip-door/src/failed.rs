//! Why an item failed, as the protocol says it (1.4 section 11, 2.1 section 11.1).
//!
//! One `match` tells the engine's errors, without a wildcard. What the caller may not see is not
//! found; whatever is not authentic is one cryptographic failure, and says no more.

use engine::names;
use kmip::names::enumeration::{Operation, ResultReason};
use model::{
    Error, Obstacle,
    algorithm::Spec,
    error::{Existing, Invalid, Missing, Unauthenticated, Unavailable},
};

/// Why an item failed.
#[derive(Debug)]
pub(crate) struct Failed {
    /// The reason, of those of the newest version.
    pub(crate) reason: ResultReason,
    /// In words: what was wrong, where, what to do.
    pub(crate) message: String,
    /// What the caller is not told.
    pub(crate) defect: Option<&'static str>,
    /// Of which operation, if it is another than the item's: one that was asked for before.
    pub(crate) of: Option<Operation>,
}

impl Failed {
    pub(crate) fn new(reason: ResultReason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), defect: None, of: None }
    }

    /// There is no such object, or none that the caller may see.
    pub(crate) fn not_found() -> Self {
        Self::new(ResultReason::OBJECT_NOT_FOUND, "There is no such object here.")
    }

    /// Something is not offered here.
    pub(crate) fn unsupported(what: &str) -> Self {
        Self::new(ResultReason::FEATURE_NOT_SUPPORTED, format!("{what} is not supported here."))
    }

    /// An object is not written in a format.
    pub(crate) fn key_format() -> Self {
        let message = "An object of this type is not written in that key format.";
        Self::new(ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED, message)
    }

    /// A field has a value that it may not have.
    pub(crate) fn field(message: impl Into<String>) -> Self {
        Self::new(ResultReason::INVALID_FIELD, message)
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        use ResultReason as R;
        match error {
            Error::Unauthenticated(reason) => {
                Self::new(R::AUTHENTICATION_NOT_SUCCESSFUL, of_claim(reason))
            }
            // Whether it is there is none of the caller's business.
            Error::Denied(action) => Self::new(
                R::PERMISSION_DENIED,
                format!("No policy allows you {} here, or one denies it.", action.name()),
            ),
            Error::NotFound(missing) => of_missing(&missing),
            Error::AlreadyExists(existing) => of_existing(&existing),
            Error::Invalid(invalid) => of_invalid(invalid),
            Error::WrongUsage { action, .. } => Self::new(
                R::INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK,
                format!("The object may not be used for {}.", action.name()),
            ),
            Error::WrongAlgorithm { spec: Spec::Stored, algorithm: _ } => {
                Self::new(R::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS, ONLY_STORED)
            }
            Error::WrongAlgorithm { spec, algorithm: _ } => Self::new(
                R::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS,
                format!("An object of spec {} cannot do this.", names::spec(spec)),
            ),
            Error::Disallowed { subject, way, profile } => {
                Self::new(R::PERMISSION_DENIED, names::disallowed(subject, way, profile))
            }
            Error::WrongKey => Self::new(R::CRYPTOGRAPHIC_FAILURE, NOT_AUTHENTIC),
            Error::TooMany(_) => Self::new(
                R::SERVER_LIMIT_EXCEEDED,
                "The object has as many attributes as it can have, or one is too long.",
            ),
            Error::DryRun => Self::new(R::ILLEGAL_OPERATION, "All was in order."),
            Error::WrongState { key: _, obstacle } => of_obstacle(obstacle),
            Error::NotAuthentic(_) => Self::new(R::CRYPTOGRAPHIC_FAILURE, NOT_AUTHENTIC),
            Error::Sealed => Self::new(
                R::GENERAL_FAILURE,
                "The server is sealed: its operator must unseal it first.",
            ),
            Error::Conflict => {
                Self::new(R::GENERAL_FAILURE, "Another change came first; try again.")
            }
            Error::Unavailable(what) => Self::new(R::GENERAL_FAILURE, of_unavailable(what)),
            Error::Internal(defect) => Self {
                defect: Some(defect),
                ..Self::new(R::INTERNAL_SERVER_ERROR, "A defect of the server, which is noted.")
            },
        }
    }
}

const ONLY_STORED: &str =
    "The object is only stored here: it is of no algorithm and length that are used.";
const NOT_AUTHENTIC: &str = "The data are not authentic.";

fn of_claim(reason: Unauthenticated) -> &'static str {
    match reason {
        Unauthenticated::UnknownCredential => {
            "The client's certificate is not registered here, or it was removed."
        }
        Unauthenticated::Ambiguous => "The client's certificate is several principals'.",
        Unauthenticated::Blocked => "The client's certificate is blocked.",
        Unauthenticated::CredentialNeeded => {
            "The client has to show a credential beside its certificate, and shows none that holds."
        }
        Unauthenticated::BadSignature => "The credential does not prove what it says.",
        Unauthenticated::Expired => "The client's certificate has expired.",
        Unauthenticated::NotYetValid => "The client's certificate is not valid yet.",
        Unauthenticated::WrongService
        | Unauthenticated::WrongRegion
        | Unauthenticated::TokenExpired
        | Unauthenticated::InvalidToken
        | Unauthenticated::UnknownIssuer
        | Unauthenticated::WrongAudience => "The credential is for another service.",
    }
}

fn of_missing(missing: &Missing) -> Failed {
    match missing {
        Missing::Key(_) | Missing::KeyText(_) | Missing::Alias(_) => Failed::not_found(),
        Missing::Principal(_)
        | Missing::AccessKey(_)
        | Missing::UnsealSource(_)
        | Missing::Certificate(_)
        | Missing::Role(_)
        | Missing::Issuer(_) => {
            Failed::new(ResultReason::ITEM_NOT_FOUND, "There is no such thing here.")
        }
    }
}

fn of_existing(existing: &Existing) -> Failed {
    use ResultReason as R;
    match existing {
        Existing::ObjectLabel => {
            Failed::new(R::NON_UNIQUE_NAME_ATTRIBUTE, "An object has this name already.")
        }
        Existing::Key(_)
        | Existing::Alias(_)
        | Existing::Principal(_)
        | Existing::UnsealSource(_)
        | Existing::Certificate(_)
        | Existing::Role(_)
        | Existing::Issuer(_) => {
            Failed::new(R::OBJECT_ALREADY_EXISTS, "There is an object of this identifier already.")
        }
    }
}

fn of_invalid(invalid: Invalid) -> Failed {
    use ResultReason as R;
    match invalid {
        Invalid::OutOfRange(what) => Failed::field(format!("The value of {what} is out of range.")),
        Invalid::Parameters(sentence) => {
            Failed::new(R::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS, sentence)
        }
        Invalid::Missing(what) => {
            Failed::new(R::INVALID_MESSAGE, format!("The request must say {what}."))
        }
        Invalid::PeerKey => {
            Failed::field("The public key is not a valid one of the private key's curve.")
        }
        // The profiles' cases want this reason.
        Invalid::TagLength => {
            Failed::new(R::GENERAL_FAILURE, "The tag length is not one that this mode has.")
        }
        Invalid::Stream => Failed::new(
            R::INVALID_CORRELATION_VALUE,
            "Nothing in parts is open here under this correlation value.",
        ),
        Invalid::Name(_) => Failed::not_found(),
        Invalid::DigestLength(_) | Invalid::MessageType(..) => {
            Failed::field("The data are not a digest of that hash.")
        }
        Invalid::PlaintextTooLong { max, .. } => {
            Failed::field(format!("The data are longer than {max} bytes."))
        }
        Invalid::ContextTooLarge | Invalid::ContextNotSupported(_) => {
            Failed::field("The key does not take additional data.")
        }
        Invalid::UsageNeeded | Invalid::UsageNotForSpec(..) => Failed::new(
            R::INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK,
            "An object of this kind cannot be used for that.",
        ),
        Invalid::PolicyLocksOut
        | Invalid::Policy(_)
        | Invalid::DuplicateTag
        | Invalid::ReservedTag
        | Invalid::OtherPlace
        | Invalid::AliasForOtherUsage
        | Invalid::Marker => Failed::field("A field has a value that it may not have."),
        Invalid::Certificate(sentence) => Failed::new(R::INVALID_CSR, sentence),
        Invalid::Session(sentence) | Invalid::Role(sentence) => Failed::field(sentence),
    }
}

fn of_obstacle(obstacle: Obstacle) -> Failed {
    use ResultReason as R;
    let state = R::WRONG_KEY_LIFECYCLE_STATE;
    let (reason, message) = match obstacle {
        Obstacle::Destroyed => (R::OBJECT_DESTROYED, "The object is destroyed."),
        Obstacle::Archived => (R::OBJECT_ARCHIVED, "The object is archived; recover it first."),
        Obstacle::Sensitive => (R::SENSITIVE, "The object leaves only wrapped."),
        Obstacle::NotExtractable => (R::NOT_EXTRACTABLE, "The object does not leave."),
        Obstacle::LimitReached => {
            (R::PERMISSION_DENIED, "The object has protected as much as it may.")
        }
        Obstacle::Suspended => (state, "The object is suspended."),
        Obstacle::PendingDeletion => (state, "The object waits to be destroyed."),
        Obstacle::NotPendingDeletion => (state, "The object does not wait to be destroyed."),
        Obstacle::PendingImport => (state, "The object has no material yet."),
        Obstacle::PreActive => (state, "The object is not active yet."),
        Obstacle::Deactivated => (state, "The object is deactivated."),
        Obstacle::Compromised => (state, "The object is compromised."),
        Obstacle::OutsideCryptoperiod => (state, "The object may not be used so at this time."),
        Obstacle::Active => (state, "The object is active; revoke it first."),
        Obstacle::NotPreActive => (state, "The object is not pre-active any more."),
        Obstacle::External => (state, "The object's material is brought by its owner."),
        Obstacle::NotExternal => (state, "The object's material is not brought by its owner."),
        Obstacle::NotDue => (state, "The object's date has not come."),
        Obstacle::RotationDue => (state, "The object is about to be rotated."),
        Obstacle::RotationsSpent => (state, "The object was rotated as often as it may be."),
        Obstacle::NothingToRotateTo => (state, "The object has nothing to be rotated to."),
    };
    Failed::new(reason, message)
}

fn of_unavailable(what: Unavailable) -> &'static str {
    match what {
        Unavailable::Audit => "The audit log cannot be written, so nothing is done.",
        Unavailable::Store => "The store does not answer.",
        Unavailable::Crypto => "The cryptographic module is in its error state.",
        Unavailable::SecretMemory => "Secret memory is full; try again later.",
        Unavailable::Overload => "The server is too busy; try again later.",
    }
}

#[cfg(test)]
mod tests {
    use model::error::Unauthentic;

    use super::*;

    #[test]
    fn whatever_is_not_authentic_is_one_answer() {
        let told = |error: Error| {
            let Failed { reason, message, defect, of: _ } = error.into();
            (reason, message, defect)
        };
        let wrong_key = told(Error::WrongKey);
        assert_eq!(wrong_key.0, ResultReason::CRYPTOGRAPHIC_FAILURE);
        for what in [Unauthentic::Ciphertext, Unauthentic::Signature, Unauthentic::Mac] {
            assert_eq!(told(Error::NotAuthentic(what)), wrong_key);
        }
    }
}
