//! KMIP on the wire.

pub mod json;
pub mod names;
mod notation;
pub mod ttlv;
pub mod xml;
