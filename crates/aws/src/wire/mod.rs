//! The API's operations, one shape a file: JSON in, an operation of the engine, JSON out.
//!
//! Constraints of members are checked here, all at once; what depends on a key, a policy or a
//! state is the engine's to say. Members AWS has and this server has not yet are refused when
//! they are used, never ignored.

pub(crate) mod agreement;
pub(crate) mod alias;
pub(crate) mod create_key;
pub(crate) mod data_key;
pub(crate) mod data_key_pair;
pub(crate) mod decrypt;
pub(crate) mod deletion;
pub(crate) mod encapsulation;
pub(crate) mod encrypt;
pub(crate) mod key_policy;
pub(crate) mod keys;
pub(crate) mod mac;
pub(crate) mod member;
pub(crate) mod metadata;
pub(crate) mod public_key;
pub(crate) mod random;
pub(crate) mod re_encrypt;
pub(crate) mod rotation;
pub(crate) mod sign;
pub(crate) mod suspension;
pub(crate) mod tag;
