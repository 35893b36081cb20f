//! Hash functions (FIPS 180-4, FIPS 202). They hold no key, so they work before [`crate::start`]
//! too.

use model::algorithm::Hash;

use crate::raw;

/// SHA-256 of `data`.
pub fn sha256(data: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(data);
    hash.finish()
}

/// The digest of `data`, `hash.digest_len()` bytes.
pub fn digest(hash: Hash, data: &[u8]) -> Vec<u8> {
    raw::digest(hash, data)
}

/// SHA-256 of a message that comes in pieces.
pub struct Sha256(raw::Sha256);

impl Sha256 {
    /// Of nothing yet.
    pub fn new() -> Self {
        Self(raw::Sha256::new())
    }

    /// Of what came before and then `data`.
    pub fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    /// The digest.
    pub fn finish(self) -> [u8; 32] {
        self.0.finish()
    }
}

impl Default for Sha256 {
    fn default() -> Self {
        Self::new()
    }
}
