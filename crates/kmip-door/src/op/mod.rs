//! The operations, by what they are about.

pub(crate) mod life;
pub(crate) mod server;
