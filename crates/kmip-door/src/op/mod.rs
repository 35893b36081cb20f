//! The operations, by what they are about.

pub(crate) mod attributes;
pub(crate) mod certify;
pub(crate) mod derive;
pub(crate) mod find;
pub(crate) mod get;
pub(crate) mod import;
pub(crate) mod life;
pub(crate) mod locate;
pub(crate) mod make;
pub(crate) mod rekey;
pub(crate) mod server;
pub(crate) mod session;
pub(crate) mod split;
