//! Where a record stands.

use std::fmt;

/// Bytes that are no [`Place`]: none, or too many.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BadPlace;

/// The name of a record: 1 to 512 bytes, ordered bytewise.
///
/// It is not secret and not sealed, so it must hold nothing that is.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Place(Vec<u8>);

impl Place {
    /// Longest place, in bytes.
    pub const LEN_MAX: usize = 512;

    /// A place of these bytes; fails unless there are 1 to 512.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, BadPlace> {
        let bytes = bytes.into();
        if (1..=Self::LEN_MAX).contains(&bytes.len()) { Ok(Self(bytes)) } else { Err(BadPlace) }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether the place starts with `prefix`.
    pub fn starts_with(&self, prefix: &[u8]) -> bool {
        self.0.starts_with(prefix)
    }
}

impl fmt::Display for Place {
    /// As printable ASCII, every other byte escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.escape_ascii().fmt(f)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({self})")
    }
}
