//! What the engine promises, proved on a founded server in memory: one binary, a module a
//! promise.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod algorithms;
mod authorization;
#[path = "../../../../fuzz/certificate.rs"]
mod certificate;
mod certificate_rules;
mod certificates;
mod certified;
mod clock;
mod crash;
mod ends;
mod golden;
mod grants;
mod house;
mod inherited;
#[path = "../../../../fuzz/issued.rs"]
#[expect(dead_code, reason = "other tests use other parts of it")]
mod issued;
mod kin;
mod objects;
mod oracle;
mod races;
mod record;
mod rollback;
mod root;
mod rotation;
mod schemes;
mod sessions;
mod spine;
mod stage;
mod states;
mod together;
mod uses;
mod verbs;
mod web_identity;
mod wrapped;
