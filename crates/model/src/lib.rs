//! The vocabulary: what a key is, what may be done with it, by whom, and how doing so can fail.
//!
//! **Invariant:** no I/O, no clock, no randomness, no async, no serde, no cryptography, and no
//! wire format of any door.

pub mod action;
pub mod algorithm;
pub mod algorithm_policy;
pub mod canon;
pub mod claim;
pub mod context;
pub mod error;
pub mod holder;
pub mod key;
pub mod limits;
pub mod material;
pub mod mode;
pub mod name;
pub mod numbers;
pub mod object;
pub mod policy;
pub mod purpose;
pub mod raw;
pub mod rotation;
pub mod seal;
pub mod secret;
pub mod time;
pub mod token;

pub use action::{Action, ActionSet};
pub use claim::Claim;
pub use context::EncryptionContext;
pub use error::{Error, Obstacle, Result};
pub use key::{Key, Process, Protect, Usable};
pub use name::{AccountId, KeyId, MaterialId, ObjectName, PrincipalName, Region};
pub use seal::Sealed;
pub use secret::Secret;
pub use time::{At, Wall};
