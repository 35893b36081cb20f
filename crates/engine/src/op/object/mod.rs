//! Verbs on objects of every kind, as the protocols know them that keep and hand out objects.
//!
//! What a key of the native and AWS APIs is, is an object too: it is found, read and used by these
//! verbs as far as its policy and its spec let it be.

mod alter;
mod authority;
mod certify;
mod check;
mod cipher;
mod code;
mod derive;
mod life;
mod links;
mod locate;
mod make;
mod part;
mod read;
mod register;
mod rekey;
mod signature;
mod split;
mod validate;
mod wrap;

pub use alter::{Change, ChangeObject};
pub use certify::{Certified, CertifyObject, Describe, ReCertifyObject};
pub use check::{AllocateUsage, CheckObject, Checked, Lease, ObtainLease};
pub use cipher::{DecryptWith, DecryptedWith, EncryptWith, EncryptedWith, EncryptionScheme};
pub use code::{GenerateMacWith, HashMessage, Hashed, MacWith, VerifyMacWith};
pub use derive::DeriveObject;
pub(crate) use life::remove_aliases;
pub use life::{ActivateObject, ArchiveObject, DestroyObject, RecoverObject, RevokeObject};
pub use locate::{Locate, Located, Matches};
pub use make::{CreateObject, CreatePair, CreatedPair, Draft};
pub use part::{How, Part};
pub use read::{GetMaterial, ObjectState, ObjectView, ReadObject, RevealedMaterial, Wanted};
pub use register::{RegisterObject, RegisteredMaterial, Undress, Unwrapped, Wrapped};
pub use rekey::{ReKeyObject, ReKeyPair};
pub use signature::{SignWith, SignedWith, VerifiedWith, VerifyWith};
pub use split::{JoinObject, SplitObject, Whole};
pub use validate::{ChainValidity, ValidateCertificates};
pub use wrap::{Dress, WrapMaterial, WrapMethod, WrappedMaterial};
