//! IAM policy JSON, read strictly into the policy model. Nothing that is not understood is
//! passed over: a document is read as a whole or refused with one sentence.

mod action;
mod condition;
mod default;
mod document;
mod json;
mod malformed;
mod principal;

pub use default::{default_key_policy, default_object_policy};
pub use document::{parse_identity_policy, parse_key_policy, parse_trust_policy};
pub use malformed::Malformed;
