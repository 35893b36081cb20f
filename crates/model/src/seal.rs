//! Ciphertext the crypto module vouches for.

/// Bytes encrypted and authenticated under an account's keys or the root key, bound to their
/// place: the only form of a record or of key material that the store accepts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Asserts that `bytes` came out of the crypto module's authenticated encryption, now or
    /// before they were read back from a store. `cargo xtask tidy` lists every call.
    pub fn assertion(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The ciphertext.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The ciphertext, taken over.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}
