//! The verbs, one a file. All fields are required: a door parses, the engine decides.

mod agreement;
mod alias;
mod attributes;
mod certificate;
mod certificate_rule;
mod create_key;
mod data_key;
mod decrypt;
mod deletion;
mod encapsulation;
mod encrypt;
mod issuer;
mod key_policy;
mod listing;
mod log;
mod mac;
mod object;
mod principal;
mod public_key;
mod random;
mod re_encrypt;
mod role;
mod root_key;
mod rotation;
mod seal;
mod session;
mod sign;
mod status;
mod suspension;
mod tag;
mod unseal_source;

pub use agreement::{DeriveSharedSecret, SharedSecret};
pub use alias::{CreateAlias, DeleteAlias, UpdateAlias};
pub use attributes::{DescribeKey, KeyAttributes, KeyStatus, UpdateKeyDescription};
pub use certificate::{
    BlockCertificate, CertificateEntry, Certificates, ListCertificates, RegisterCertificate,
    RemoveCertificate, UnblockCertificate,
};
pub use certificate_rule::{CertificateRuleEntry, RegisterCertificateRule};
pub use create_key::CreateKey;
pub use data_key::{
    DataKey, DataKeyPair, GenerateDataKey, GenerateDataKeyPair,
    GenerateDataKeyPairWithoutPlaintext, GenerateDataKeyWithoutPlaintext, SealedDataKey,
    SealedDataKeyPair,
};
pub use decrypt::{Decrypt, Decrypted};
pub use deletion::{CancelKeyDeletion, Deletion, ScheduleKeyDeletion};
pub use encapsulation::{Decapsulate, Encapsulate, Encapsulated};
pub use encrypt::{Encrypt, Encrypted};
pub use issuer::{ChangeIssuer, IssuerEntry, ListIssuers, RegisterIssuer, RemoveIssuer};
pub use key_policy::{GetKeyPolicy, ListKeyPolicies, PutKeyPolicy};
pub use listing::{AliasEntry, ListAliases, ListKeys, ListResourceTags, Listing, Page};
pub use log::WriteLog;
pub use mac::{GenerateMac, Mac, VerifyMac};
pub(crate) use object::remove_aliases;
pub use object::{
    ActivateObject, AllocateUsage, ArchiveObject, Certified, CertifyObject, ChainValidity, Change,
    ChangeObject, CheckObject, Checked, CreateObject, CreatePair, CreatedPair, DecryptWith,
    DecryptedWith, DeriveObject, Describe, DestroyObject, Draft, Dress, EncryptWith, EncryptedWith,
    EncryptionScheme, GenerateMacWith, GetMaterial, HashMessage, Hashed, How, JoinObject, Lease,
    Locate, Located, MacWith, Matches, ObjectState, ObjectView, ObtainLease, Part, ReCertifyObject,
    ReKeyObject, ReKeyPair, ReadObject, RecoverObject, RegisterObject, RegisteredMaterial,
    RevealedMaterial, RevokeObject, SignWith, SignedWith, SplitObject, Undress, Unwrapped,
    ValidateCertificates, VerifiedWith, VerifyMacWith, VerifyWith, Wanted, Whole, WrapMaterial,
    WrapMethod, Wrapped, WrappedMaterial,
};
pub use principal::{
    AccessKeyEntry, CreateAccessKey, CreatePrincipal, DeleteAccessKey, DeletePrincipal,
    GetPrincipalPolicy, ListAccessKeys, ListPrincipals, NewAccessKey, PrincipalEntry,
    PutPrincipalPolicy,
};
pub(crate) use principal::{new_administrator, new_client};
pub use public_key::{GetPublicKey, PublicKey};
pub use random::GenerateRandom;
pub use re_encrypt::{ReEncrypt, ReEncrypted};
pub use role::{ChangeRole, CreateRole, DeleteRole, GetRole, ListRoles, RoleEntry};
pub use root_key::RotateRootKey;
pub(crate) use rotation::rotate_by_itself;
pub use rotation::{
    Brought, DisableKeyRotation, EnableKeyRotation, GetKeyRotationStatus, ListKeyRotations,
    MaterialEntry, MaterialState, RotateKeyOnDemand, RotationStatus,
};
pub use seal::Seal;
pub use session::{
    AssumeRole, AssumeRoleWithWebIdentity, CallerIdentity, GetCallerIdentity, NewSession,
};
pub use sign::{Sign, Signed, Verified, Verify};
pub use status::{ReadStatus, Status};
pub use suspension::{DisableKey, EnableKey};
pub use tag::{Tag, TagResource, UntagResource};
pub use unseal_source::{AddUnsealSource, Means, RemoveUnsealSource};
