//! What certificates say, in plain values: doors show it and parse no certificates.

pub use x509::{DistinguishedName, Facts, KeyAlgorithm, NamePart, Subject};

/// What a DER-encoded certificate says, if it is one.
pub fn facts(der: &[u8]) -> Option<Facts> {
    x509::facts(der).ok()
}
