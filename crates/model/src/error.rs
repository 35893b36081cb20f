//! Every way a request can fail, and whose fault it is.
//!
//! Deliberately exhaustive: a new kind does not compile until each door has an answer for it.

pub use crate::algorithm::Algorithm;
use crate::{
    action::Action,
    algorithm::{EncryptionAlgorithm, KeyUsage, MessageType, SigningAlgorithm, Spec},
    algorithm_policy::{Profile, Subject, Way},
    name::{AliasName, BadName, KeyId, ObjectName},
};

/// A result whose failure says who is at fault.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request failed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Error {
    // The caller is at fault.
    /// The claim of identity does not hold.
    Unauthenticated(Unauthenticated),
    /// Policy does not let this caller do this.
    Denied(Action),
    /// There is no such thing. Whether a door says so or says denied is the door's protocol.
    NotFound(Missing),
    /// There is such a thing already.
    AlreadyExists(Existing),
    /// The request makes no sense, whatever the state.
    Invalid(Invalid),
    /// The key is not made for this.
    WrongUsage {
        /// The key.
        key: ObjectName,
        /// What it is for, if that is one of the usages that keys have.
        usage: Option<KeyUsage>,
        /// What was asked.
        action: Action,
    },
    /// The key cannot do this algorithm.
    WrongAlgorithm {
        /// What the key is.
        spec: Spec,
        /// What was asked of it.
        algorithm: Algorithm,
    },
    /// The server's algorithm policy does not allow it, or not any more.
    Disallowed {
        /// What it does not allow.
        subject: Subject,
        /// In which direction.
        way: Way,
        /// Under which profile.
        profile: Profile,
    },
    /// The key exists, but a ciphertext was made under another.
    WrongKey,
    /// A bound that the caller can stay within.
    TooMany(Limit),
    /// All was in order, and the caller had asked to stop there.
    DryRun,

    // The state is.
    /// The key's state or a date does not allow this now.
    WrongState {
        /// The key.
        key: ObjectName,
        /// What stands in the way.
        obstacle: Obstacle,
    },

    // The ciphertext is: one kind, whatever the reason (no oracle).
    /// A ciphertext, signature or code is not authentic.
    NotAuthentic(Unauthentic),

    // We are.
    /// The server is sealed: it holds no keys until it is unsealed.
    Sealed,
    /// A change came first; the operation is run again before anyone sees this.
    Conflict,
    /// Something that Strongroom depends on does not work now.
    Unavailable(Unavailable),
    /// A defect of ours, or a record that fails authentication. The detail is for the log.
    Internal(&'static str),
}

impl From<BadName> for Error {
    fn from(bad: BadName) -> Self {
        Self::Invalid(Invalid::Name(bad))
    }
}

/// How a claim of identity failed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Unauthenticated {
    /// No such credential, or it is not active.
    UnknownCredential,
    /// The signature is not that of the credential over the request.
    BadSignature,
    /// The signature was made too long ago.
    Expired,
    /// The signature was made in the future.
    NotYetValid,
    /// The credential scope names another service.
    WrongService,
    /// The credential scope names a region that is not served here.
    WrongRegion,
    /// By the rules that there are the certificate is several principals'.
    Ambiguous,
    /// The certificate, or one between it and its authority, is blocked.
    Blocked,
    /// The certificate's holder has to show a credential besides, and shows none that holds.
    CredentialNeeded,
    /// The session, or the token of an issuer, has ended.
    TokenExpired,
    /// The token of an issuer is not genuine, or not valid yet.
    InvalidToken,
    /// No such issuer is registered.
    UnknownIssuer,
    /// The token of an issuer is for somebody else.
    WrongAudience,
}

/// What was not found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Missing {
    /// A key, by its name.
    Key(ObjectName),
    /// A key, by a text that names none.
    KeyText(String),
    /// An alias.
    Alias(AliasName),
    /// A principal.
    Principal(String),
    /// An access key.
    AccessKey(String),
    /// A way to unseal the server.
    UnsealSource(String),
    /// A certificate, by its fingerprint, or a rule for certificates, by its id.
    Certificate(String),
    /// A role.
    Role(String),
    /// An issuer of tokens.
    Issuer(String),
}

/// What exists already.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Existing {
    /// An alias.
    Alias(AliasName),
    /// A principal.
    Principal(String),
    /// A key with this id.
    Key(KeyId),
    /// A way to unseal the server, of this name.
    UnsealSource(String),
    /// A certificate, by its fingerprint, or a rule for certificates, by its id.
    Certificate(String),
    /// An object that is named so.
    ObjectLabel,
    /// A role.
    Role(String),
    /// An issuer of tokens.
    Issuer(String),
}

/// What is wrong with a request that no state could put right.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Invalid {
    /// A text that is not the name it should be.
    Name(BadName),
    /// The encryption context is too large.
    ContextTooLarge,
    /// An encryption context was given to a key that does not bind one.
    ContextNotSupported(Spec),
    /// The usage is needed, since the spec allows several.
    UsageNeeded,
    /// The spec cannot be used so.
    UsageNotForSpec(KeyUsage, Spec),
    /// A policy that would lock everyone out of changing it.
    PolicyLocksOut,
    /// A policy that is not one; the sentence says where and why.
    Policy(String),
    /// More bytes than the key can encrypt with the algorithm.
    PlaintextTooLong {
        /// What the key is.
        spec: Spec,
        /// How it was to encrypt.
        algorithm: EncryptionAlgorithm,
        /// The most it can, in bytes.
        max: usize,
    },
    /// A digest of the wrong length.
    DigestLength(SigningAlgorithm),
    /// A message type the algorithm does not take.
    MessageType(SigningAlgorithm, MessageType),
    /// A number outside its range.
    OutOfRange(&'static str),
    /// A key cannot be applied as its user says; the sentence says why.
    Parameters(&'static str),
    /// What the key's user says is not enough to apply it: what is missing.
    Missing(&'static str),
    /// The other party's public key is none, or none of the key's curve.
    PeerKey,
    /// A length that no tag of the mode has.
    TagLength,
    /// No text in parts of this id is open for this caller and this object.
    Stream,
    /// The same tag twice.
    DuplicateTag,
    /// A reserved tag.
    ReservedTag,
    /// A ciphertext, alias and key of different accounts or regions, where one is needed.
    OtherPlace,
    /// An alias pointed from a key of one kind or purpose to one of another.
    AliasForOtherUsage,
    /// The marker of a page is not one this server made.
    Marker,
    /// A certificate, or a rule for some, that cannot be registered; the sentence says why.
    Certificate(&'static str),
    /// A session that a role does not give; the sentence says why.
    Session(&'static str),
    /// A role, or an issuer of tokens, that cannot be; the sentence says why.
    Role(&'static str),
}

/// A bound that was reached.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Limit {
    /// Tags on a key.
    Tags,
    /// Access keys of a principal.
    AccessKeys,
    /// Certificates of a principal.
    Certificates,
    /// Rules by which certificates are a principal's, or that begin with the same name.
    CertificateRules,
    /// Certificates that are blocked of a principal.
    BlockedCertificates,
    /// Aliases of a key.
    Aliases,
    /// Bytes of a policy.
    PolicyLength,
    /// Labels and links of an object.
    Labels,
}

/// What keeps a key from being used.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Obstacle {
    /// It is suspended.
    Suspended,
    /// It is waiting to be destroyed.
    PendingDeletion,
    /// It is not waiting to be destroyed.
    NotPendingDeletion,
    /// It has no material yet.
    PendingImport,
    /// It is not active yet.
    PreActive,
    /// It is deactivated: it may process, not protect.
    Deactivated,
    /// It is compromised.
    Compromised,
    /// The originator-usage or recipient-usage period does not cover this moment.
    OutsideCryptoperiod,
    /// It is destroyed.
    Destroyed,
    /// It is active, and what is active is not destroyed.
    Active,
    /// It is not pre-active any more.
    NotPreActive,
    /// It is archived: put aside until it is recovered.
    Archived,
    /// It has protected as much as it may.
    LimitReached,
    /// Its material leaves only wrapped.
    Sensitive,
    /// Its material does not leave.
    NotExtractable,
    /// Its material is brought by its owner.
    External,
    /// Its material is not brought by its owner.
    NotExternal,
    /// The date for this is another, or has not come.
    NotDue,
    /// It is about to be rotated by itself.
    RotationDue,
    /// It was rotated on demand as often as it may be.
    RotationsSpent,
    /// There is nothing that it could be rotated to.
    NothingToRotateTo,
}

/// What is not authentic.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Unauthentic {
    /// A ciphertext.
    Ciphertext,
    /// A signature.
    Signature,
    /// A message authentication code.
    Mac,
}

/// What does not work now.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Unavailable {
    /// The audit log cannot be written, so nothing is done.
    Audit,
    /// The store cannot be written or read.
    Store,
    /// The cryptographic module is in its error state.
    Crypto,
    /// Secret memory is full.
    SecretMemory,
    /// Too much is waiting.
    Overload,
}
