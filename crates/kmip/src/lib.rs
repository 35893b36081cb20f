//! KMIP on the wire.

pub mod attribute;
pub mod json;
pub mod names;
mod notation;
pub mod object;
pub mod payload;
pub mod ttlv;
mod version;
pub mod wire;
pub mod xml;

pub use version::Version;
