//! What the door says when it says no: one `match` from the engine's errors to the API's.
//!
//! AWS answers 400 for every fault of the caller; 5xx are ours. An exception's `message` is
//! absent where AWS leaves it out, so that a forged ciphertext learns nothing.

use std::borrow::Cow;

use engine::names;
use http::StatusCode;
use model::{
    Action, Error, ObjectName, Obstacle,
    algorithm::KeyUsage,
    error::{Existing, Invalid, Limit, Missing, Unauthentic, Unauthenticated, Unavailable},
    material::KeyOrigin,
    name::BadName,
};

use crate::place::Place;

/// A refusal as it goes over the wire.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Refusal {
    status: StatusCode,
    kind: &'static str,
    message: Option<Cow<'static, str>>,
    detail: Option<&'static str>,
}

type Text = Cow<'static, str>;

impl Refusal {
    /// The caller's fault: 400.
    pub(crate) fn new(kind: &'static str, message: impl Into<Text>) -> Self {
        let message = Some(message.into());
        Self { status: StatusCode::BAD_REQUEST, kind, message, detail: None }
    }

    fn silent(kind: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, kind, message: None, detail: None }
    }

    fn fault(status: StatusCode, kind: &'static str, message: &'static str) -> Self {
        Self { status, kind, message: Some(message.into()), detail: None }
    }

    /// `ValidationException`.
    pub(crate) fn validation(message: impl Into<Text>) -> Self {
        Self::new("ValidationException", message)
    }

    /// `UnsupportedOperationException`: something AWS has and this server has not, or not here.
    pub(crate) fn unsupported(message: impl Into<Text>) -> Self {
        Self::new("UnsupportedOperationException", message)
    }

    /// `NotFoundException` for a text that names no key.
    pub(crate) fn no_such_key(text: &str) -> Self {
        Self::new("NotFoundException", format!("Invalid keyId '{text}'"))
    }

    /// `UnknownOperationException`: the target is not an operation of this API.
    pub(crate) fn unknown_operation() -> Self {
        Self::new("UnknownOperationException", "The requested operation is not known here.")
    }

    /// `UnknownOperationException` under an HTTP status of its own: not even a request of the API.
    pub(crate) fn not_of_the_api(status: StatusCode, message: &'static str) -> Self {
        Self::fault(status, "UnknownOperationException", message)
    }

    /// The HTTP status.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// The exception's name, the `__type` of the body.
    pub(crate) fn kind(&self) -> &'static str {
        self.kind
    }

    /// The exception's message.
    pub(crate) fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// What went wrong inside, for the log only.
    pub(crate) fn detail(&self) -> Option<&'static str> {
        self.detail
    }

    /// The engine's refusal in the API's words, to a caller in `place`: `None` before there is one.
    pub(crate) fn of(error: Error, asked: Option<&Place<'_>>) -> Self {
        match error {
            Error::Unauthenticated(why) => of_unauthenticated(why),
            Error::Denied(action) => denied(action, asked),
            Error::NotFound(missing) => of_missing(missing),
            Error::AlreadyExists(existing) => of_existing(existing, asked),
            Error::Invalid(invalid) => of_invalid(invalid),
            Error::WrongUsage { key, usage, action } => wrong_usage(&key, usage, action),
            Error::WrongAlgorithm { spec, algorithm } => {
                let algorithm = names::algorithm(algorithm);
                let spec = names::spec(spec);
                let message =
                    format!("Algorithm {algorithm} is incompatible with key spec {spec}.");
                Self::new("InvalidKeyUsageException", message)
            }
            Error::Disallowed { subject, way, profile } => {
                Self::unsupported(names::disallowed(subject, way, profile))
            }
            Error::WrongKey => Self::new(
                "IncorrectKeyException",
                "The key ID in the request does not identify a CMK that can perform this operation.",
            ),
            Error::TooMany(limit) => of_limit(limit),
            Error::DryRun => Self::new(
                "DryRunOperationException",
                "The request would have succeeded, but the DryRun option is set.",
            ),
            Error::WrongState { key, obstacle } => of_obstacle(&key, obstacle),
            Error::NotAuthentic(Unauthentic::Ciphertext) => {
                Self::silent("InvalidCiphertextException")
            }
            Error::NotAuthentic(Unauthentic::Signature) => {
                Self::silent("KMSInvalidSignatureException")
            }
            Error::NotAuthentic(Unauthentic::Mac) => Self::silent("KMSInvalidMacException"),
            Error::Sealed => Self::fault(
                StatusCode::SERVICE_UNAVAILABLE,
                "KMSInternalException",
                "The server is sealed: an operator must unseal it before it can answer.",
            ),
            Error::Conflict => Self::fault(
                StatusCode::SERVICE_UNAVAILABLE,
                "DependencyTimeoutException",
                "Other changes kept coming first. Try again.",
            ),
            Error::Unavailable(what) => of_unavailable(what),
            Error::Internal(detail) => Self {
                detail: Some(detail),
                ..Self::fault(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "KMSInternalException",
                    "The request failed for a reason of the server's. Its log says more.",
                )
            },
        }
    }
}

fn denied(action: Action, asked: Option<&Place<'_>>) -> Refusal {
    let name = action.name();
    let message = match asked {
        Some(place) => format!("User: {} is not authorized to perform: {name}", place.caller_arn),
        None => format!("Not authorized to perform: {name}"),
    };
    Refusal::new("AccessDeniedException", message)
}

fn wrong_usage(key: &ObjectName, usage: Option<KeyUsage>, action: Action) -> Refusal {
    if action == Action::GetPublicKey || is_of_rotation(action) {
        // A symmetric key has no public half, and only symmetric keys that encrypt are rotated: not
        // a matter of what it is used for.
        return Refusal::silent("UnsupportedOperationException");
    }
    let (arn, usage, name) = (key.arn(), names::usage(usage), action.name());
    let verb = name.strip_prefix("kms:").unwrap_or(name);
    let message = format!("{arn} key usage is {usage} which is not valid for {verb}.");
    Refusal::new("InvalidKeyUsageException", message)
}

fn is_of_rotation(action: Action) -> bool {
    use Action::*;
    matches!(
        action,
        EnableKeyRotation
            | DisableKeyRotation
            | GetKeyRotationStatus
            | ListKeyRotations
            | RotateKeyOnDemand
    )
}

impl From<sigv4::Malformed> for Refusal {
    fn from(malformed: sigv4::Malformed) -> Self {
        match malformed {
            sigv4::Malformed::Missing => Self::new(
                "MissingAuthenticationTokenException",
                "Request is missing Authentication Token",
            ),
            sigv4::Malformed::Incomplete(message) => Self::new("IncompleteSignature", message),
            sigv4::Malformed::Bad(message) => Self::new("InvalidSignatureException", message),
            sigv4::Malformed::UnknownCredential => unknown_credential(),
        }
    }
}

fn unknown_credential() -> Refusal {
    let message = "The security token included in the request is invalid.";
    Refusal::new("UnrecognizedClientException", message)
}

fn of_unauthenticated(why: Unauthenticated) -> Refusal {
    Refusal::new(
        "InvalidSignatureException",
        match why {
            Unauthenticated::UnknownCredential => return unknown_credential(),
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
            Unauthenticated::WrongService => {
                "Credential should be scoped to correct service: 'kms'."
            }
            Unauthenticated::WrongRegion => "Credential should be scoped to a valid region.",
            // Of certificates, which nobody shows here.
            Unauthenticated::Ambiguous
            | Unauthenticated::Blocked
            | Unauthenticated::CredentialNeeded => return unknown_credential(),
            Unauthenticated::TokenExpired => {
                let message = "The security token included in the request is expired";
                return Refusal::new("ExpiredTokenException", message);
            }
            // Nobody shows such a token here.
            Unauthenticated::InvalidToken
            | Unauthenticated::UnknownIssuer
            | Unauthenticated::WrongAudience => return unknown_credential(),
        },
    )
}

fn of_missing(missing: Missing) -> Refusal {
    let message = match missing {
        Missing::Key(name) => format!("Key '{}' does not exist", name.arn()),
        Missing::KeyText(text) => return Refusal::no_such_key(&text),
        Missing::Alias(alias) => format!("Alias alias/{alias} is not found."),
        Missing::Principal(name) => format!("Principal {name} is not found."),
        Missing::UnsealSource(name) => format!("Way to unseal {name} is not found."),
        Missing::AccessKey(id) => format!("Access key {id} is not found."),
        Missing::Certificate(id) => format!("Certificate {id} is not found."),
        Missing::Role(name) => format!("Role {name} is not found."),
        Missing::Issuer(address) => format!("Issuer {address} is not found."),
    };
    Refusal::new("NotFoundException", message)
}

fn of_existing(existing: Existing, asked: Option<&Place<'_>>) -> Refusal {
    let message = match (existing, asked) {
        (Existing::Alias(alias), Some(place)) => format!(
            "An alias with the name arn:aws:kms:{}:{}:alias/{alias} already exists",
            place.region, place.account
        ),
        (Existing::Alias(alias), None) => format!("An alias with the name {alias} already exists"),
        (Existing::Principal(name), _) => format!("Principal {name} already exists"),
        (Existing::UnsealSource(name), _) => format!("Way to unseal {name} already exists"),
        (Existing::Key(id), _) => format!("Key {id} already exists"),
        (Existing::ObjectLabel, _) => "An object of that name already exists".to_owned(),
        (Existing::Certificate(id), _) => format!("Certificate {id} already exists"),
        (Existing::Role(name), _) => format!("Role {name} already exists"),
        (Existing::Issuer(address), _) => format!("Issuer {address} already exists"),
    };
    Refusal::new("AlreadyExistsException", message)
}

fn of_invalid(invalid: Invalid) -> Refusal {
    Refusal::validation(match invalid {
        Invalid::Name(BadName::AccountId) => Text::from("The account id is not twelve digits."),
        Invalid::Name(BadName::Region) => Text::from("The region is not a region's name."),
        Invalid::Name(BadName::KeyId) => Text::from("The key id is not a key id."),
        Invalid::Name(BadName::AliasName) => return bad_alias(),
        Invalid::Name(BadName::PrincipalName) => Text::from("The principal's name is not one."),
        Invalid::Name(BadName::SessionName) => Text::from("The session's name is not one."),
        Invalid::Name(BadName::Issuer) => Text::from("The issuer's address is not one."),
        Invalid::ContextTooLarge => Text::from("The encryption context is too large."),
        Invalid::ContextNotSupported(spec) => {
            let spec = names::spec(spec);
            format!("EncryptionContext is not supported by key spec {spec}.").into()
        }
        Invalid::UsageNeeded => Text::from(
            "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
        ),
        Invalid::UsageNotForSpec(usage, spec) => {
            let (usage, spec) = (names::key_usage(usage), names::spec(spec));
            format!("KeyUsage {usage} is not compatible with KeySpec {spec}").into()
        }
        Invalid::PolicyLocksOut => {
            return malformed_policy(
                "The new key policy will not allow you to update the key policy in the future."
                    .into(),
            );
        }
        Invalid::Policy(sentence) => return malformed_policy(sentence.into()),
        Invalid::PlaintextTooLong { spec, algorithm, max } => {
            let (spec, algorithm) = (names::spec(spec), names::encryption_algorithm(algorithm));
            format!(
                "Algorithm {algorithm} and key spec {spec} cannot encrypt data larger than {max} bytes."
            )
            .into()
        }
        Invalid::DigestLength(algorithm) => {
            let algorithm = names::signing_algorithm(algorithm);
            format!("Digest is invalid length for algorithm {algorithm}.").into()
        }
        Invalid::MessageType(algorithm, message_type) => format!(
            "MessageType {} is not compatible with algorithm {}.",
            names::message_type(message_type),
            names::signing_algorithm(algorithm)
        )
        .into(),
        Invalid::OutOfRange(what) => format!("The {what} is out of range.").into(),
        Invalid::Parameters(sentence) => Text::from(sentence),
        Invalid::Missing(what) => format!("The {what} is missing.").into(),
        Invalid::PeerKey => {
            Text::from("PublicKey is not a valid public key of the same curve as the KMS key.")
        }
        Invalid::TagLength => Text::from("No tag of this mode is that long."),
        Invalid::Stream => Text::from("There is no such text in parts."),
        Invalid::DuplicateTag => return Refusal::new("TagException", "Duplicate tag keys"),
        Invalid::ReservedTag => {
            return Refusal::new("TagException", "Tags beginning with aws: are reserved");
        }
        Invalid::OtherPlace => {
            Text::from("The key and the alias must be of the same account and Region.")
        }
        Invalid::AliasForOtherUsage => Text::from(
            "The alias can move only to a key of the same type and KeyUsage as its key has now.",
        ),
        Invalid::Certificate(sentence) | Invalid::Session(sentence) | Invalid::Role(sentence) => {
            Text::from(sentence)
        }
        Invalid::Marker => {
            let message = "The marker is not one that this operation returned.";
            return Refusal::new("InvalidMarkerException", message);
        }
    })
}

/// `InvalidAliasNameException`.
pub(crate) fn bad_alias() -> Refusal {
    let message = "The alias name is reserved, or has characters that an alias name has not.";
    Refusal::new("InvalidAliasNameException", message)
}

fn malformed_policy(message: Text) -> Refusal {
    Refusal::new("MalformedPolicyDocumentException", message)
}

fn of_limit(limit: Limit) -> Refusal {
    let (kind, message) = match limit {
        Limit::Tags => ("TagException", "Too many tags"),
        Limit::AccessKeys => ("LimitExceededException", "The principal has its most access keys."),
        Limit::Certificates => {
            ("LimitExceededException", "The principal has its most certificates.")
        }
        Limit::CertificateRules | Limit::BlockedCertificates => {
            ("LimitExceededException", "There are as many rules for certificates as there can be.")
        }
        Limit::Aliases => ("LimitExceededException", "The key has its most aliases."),
        Limit::Labels => ("LimitExceededException", "The object has its most attributes."),
        Limit::PolicyLength => ("LimitExceededException", "The policy is longer than 32768 bytes."),
    };
    Refusal::new(kind, message)
}

fn of_obstacle(key: &ObjectName, obstacle: Obstacle) -> Refusal {
    let arn = key.arn();
    let state = match obstacle {
        Obstacle::Suspended => {
            return Refusal::new("DisabledException", format!("{arn} is disabled."));
        }
        Obstacle::Destroyed => return of_missing(Missing::Key(key.clone())),
        Obstacle::PendingDeletion => "pending deletion",
        Obstacle::NotPendingDeletion => "not pending deletion",
        Obstacle::PendingImport => "pending import",
        Obstacle::PreActive => "not active yet",
        Obstacle::Deactivated => "deactivated",
        Obstacle::Compromised => "compromised",
        Obstacle::OutsideCryptoperiod => "outside its cryptoperiod",
        Obstacle::Active => "active",
        Obstacle::NotPreActive => "no longer pre-active",
        Obstacle::Archived => "archived",
        Obstacle::LimitReached => "used as much as it may be",
        Obstacle::Sensitive => "sensitive: its material leaves only wrapped",
        Obstacle::NotExtractable => "not extractable",
        Obstacle::NotDue => "not due",
        Obstacle::External => return wrong_origin(&arn, KeyOrigin::External),
        Obstacle::NotExternal => return wrong_origin(&arn, KeyOrigin::Internal),
        Obstacle::RotationDue => {
            let message = format!("{arn} is about to be rotated automatically.");
            return Refusal::new("ConflictException", message);
        }
        Obstacle::RotationsSpent => {
            return Refusal::new(
                "LimitExceededException",
                format!(
                    "The on-demand rotations limit has been reached for the given keyId. No more \
                     on-demand rotations can be performed for this key: {arn}"
                ),
            );
        }
        Obstacle::NothingToRotateTo => {
            return Refusal::new(
                "KMSInvalidStateException",
                format!("No available key material pending rotation for the key: {arn}."),
            );
        }
    };
    Refusal::new("KMSInvalidStateException", format!("{arn} is {state}."))
}

fn wrong_origin(arn: &str, origin: KeyOrigin) -> Refusal {
    let origin = names::key_origin(origin);
    Refusal::unsupported(format!("{arn} origin is {origin} which is not valid for this operation."))
}

fn of_unavailable(what: Unavailable) -> Refusal {
    const BUSY: StatusCode = StatusCode::SERVICE_UNAVAILABLE;
    const BROKEN: StatusCode = StatusCode::INTERNAL_SERVER_ERROR;
    let (status, kind, message) = match what {
        Unavailable::Audit => (
            BUSY,
            "DependencyTimeoutException",
            "The audit log cannot be written, so nothing is done.",
        ),
        Unavailable::Store => (BUSY, "DependencyTimeoutException", "The store does not answer."),
        Unavailable::Crypto => (
            BROKEN,
            "KMSInternalException",
            "The cryptographic module is in its error state and gives no output.",
        ),
        Unavailable::SecretMemory => {
            (BROKEN, "KeyUnavailableException", "There is no secret memory left for the key.")
        }
        // What AWS's clients know to slow down on.
        Unavailable::Overload => (
            StatusCode::BAD_REQUEST,
            "ThrottlingException",
            "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
        ),
    };
    Refusal::fault(status, kind, message)
}

#[cfg(test)]
mod tests {
    use model::{
        KeyId,
        algorithm::{Algorithm, EncryptionAlgorithm, Hash, KeySpec},
    };

    use super::*;

    fn name() -> ObjectName {
        ObjectName {
            account: "111122223333".parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            id: KeyId::from_random([0xab; 16]),
        }
    }

    const ARN: &str = "arn:aws:kms:eu-west-1:111122223333:key/abababab-abab-4bab-abab-abababababab";

    #[track_caller]
    fn answers(error: Error, kind: &str, message: Option<&str>) {
        let refusal = Refusal::of(error, None);
        assert_eq!(refusal.status(), StatusCode::BAD_REQUEST);
        assert_eq!((refusal.kind(), refusal.message()), (kind, message));
    }

    #[test]
    fn the_messages_that_clients_know_are_verbatim() {
        let missing = Error::NotFound(Missing::Key(name()));
        answers(missing, "NotFoundException", Some(&format!("Key '{ARN}' does not exist")));
        let disabled = Error::WrongState { key: name(), obstacle: Obstacle::Suspended };
        answers(disabled, "DisabledException", Some(&format!("{ARN} is disabled.")));
        let pending = Error::WrongState { key: name(), obstacle: Obstacle::PendingDeletion };
        let message = format!("{ARN} is pending deletion.");
        answers(pending, "KMSInvalidStateException", Some(&message));
        let usage = Error::WrongUsage {
            key: name(),
            usage: Some(KeyUsage::SignVerify),
            action: Action::Encrypt,
        };
        let message = format!("{ARN} key usage is SIGN_VERIFY which is not valid for Encrypt.");
        answers(usage, "InvalidKeyUsageException", Some(&message));
        answers(
            Error::WrongAlgorithm {
                spec: KeySpec::Hmac224.into(),
                algorithm: Algorithm::Mac(Hash::Sha256),
            },
            "InvalidKeyUsageException",
            Some("Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224."),
        );
        answers(
            Error::Invalid(Invalid::PlaintextTooLong {
                spec: KeySpec::Rsa2048.into(),
                algorithm: EncryptionAlgorithm::OaepSha256,
                max: 190,
            }),
            "ValidationException",
            Some(
                "Algorithm RSAES_OAEP_SHA_256 and key spec RSA_2048 cannot encrypt data larger \
                 than 190 bytes.",
            ),
        );
    }

    #[test]
    fn what_is_not_authentic_says_nothing_more() {
        answers(Error::NotAuthentic(Unauthentic::Ciphertext), "InvalidCiphertextException", None);
        answers(Error::NotAuthentic(Unauthentic::Mac), "KMSInvalidMacException", None);
        answers(Error::NotAuthentic(Unauthentic::Signature), "KMSInvalidSignatureException", None);
    }

    #[test]
    fn a_defect_of_ours_is_500_and_keeps_its_detail_to_the_log() {
        let refusal = Refusal::of(Error::Internal("record 7 does not authenticate"), None);
        assert_eq!(refusal.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!refusal.message().unwrap().contains("record 7"));
        assert_eq!(refusal.detail(), Some("record 7 does not authenticate"));
    }

    #[test]
    fn a_sealed_server_says_that_it_is_sealed() {
        let refusal = Refusal::of(Error::Sealed, None);
        assert_eq!(refusal.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(refusal.message().unwrap().contains("sealed"));
    }

    #[test]
    fn only_our_own_faults_are_5xx() {
        let ours = [
            Error::Sealed,
            Error::Conflict,
            Error::Unavailable(Unavailable::Audit),
            Error::Unavailable(Unavailable::Store),
            Error::Unavailable(Unavailable::Crypto),
            Error::Unavailable(Unavailable::SecretMemory),
            Error::Internal(""),
        ];
        for error in ours {
            assert!(Refusal::of(error.clone(), None).status().is_server_error(), "{error:?}");
        }
        let theirs = [
            Error::Denied(Action::Encrypt),
            Error::Unauthenticated(Unauthenticated::Expired),
            Error::AlreadyExists(Existing::Principal("p".into())),
            Error::Invalid(Invalid::Marker),
            Error::TooMany(Limit::Tags),
            Error::WrongKey,
            Error::DryRun,
            Error::Unavailable(Unavailable::Overload),
            Error::WrongState { key: name(), obstacle: Obstacle::Destroyed },
        ];
        for error in theirs {
            assert_eq!(Refusal::of(error.clone(), None).status(), 400, "{error:?}");
        }
    }

    #[test]
    fn a_denial_names_the_caller_and_the_action() {
        let region = "eu-west-1".parse().unwrap();
        let account = "111122223333".parse().unwrap();
        let place = Place { account, region: &region, caller_arn: "arn:aws:iam::1:user/alice" };
        let refusal = Refusal::of(Error::Denied(Action::ReEncryptTo), Some(&place));
        assert_eq!(refusal.kind(), "AccessDeniedException");
        let message =
            "User: arn:aws:iam::1:user/alice is not authorized to perform: kms:ReEncryptTo";
        assert_eq!(refusal.message(), Some(message));
    }

    #[test]
    fn a_session_that_has_ended_is_told_from_one_that_never_was() {
        let expired = Error::Unauthenticated(Unauthenticated::TokenExpired);
        let message = "The security token included in the request is expired";
        answers(expired, "ExpiredTokenException", Some(message));
        let unknown = Error::Unauthenticated(Unauthenticated::UnknownCredential);
        let message = "The security token included in the request is invalid.";
        answers(unknown, "UnrecognizedClientException", Some(message));
    }

    #[test]
    fn a_missing_public_half_is_not_a_matter_of_usage() {
        let error = Error::WrongUsage {
            key: name(),
            usage: Some(KeyUsage::EncryptDecrypt),
            action: Action::GetPublicKey,
        };
        answers(error, "UnsupportedOperationException", None);
    }
}
