//! The operations, by what they are about.

pub(crate) mod get;
pub(crate) mod life;
pub(crate) mod make;
pub(crate) mod server;
