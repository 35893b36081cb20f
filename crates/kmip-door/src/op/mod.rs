//! The operations, by what they are about.

pub(crate) mod asynchronous;
pub(crate) mod attributes;
pub(crate) mod certify;
pub(crate) mod check;
pub(crate) mod cipher;
pub(crate) mod derive;
pub(crate) mod find;
pub(crate) mod get;
pub(crate) mod hash;
pub(crate) mod import;
pub(crate) mod life;
pub(crate) mod locate;
pub(crate) mod mac;
pub(crate) mod make;
pub(crate) mod random;
pub(crate) mod rekey;
pub(crate) mod server;
pub(crate) mod session;
pub(crate) mod sign;
pub(crate) mod split;
