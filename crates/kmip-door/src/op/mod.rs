//! The operations, by what they are about.

pub(crate) mod check;
pub(crate) mod cipher;
pub(crate) mod get;
pub(crate) mod hash;
pub(crate) mod life;
pub(crate) mod mac;
pub(crate) mod make;
pub(crate) mod random;
pub(crate) mod server;
pub(crate) mod sign;
