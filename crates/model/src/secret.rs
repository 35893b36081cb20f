//! Bytes that must not be printed, compared or copied by accident.

use std::fmt;

use zeroize::Zeroize;

/// A payload in transit: a plaintext, a data key, a passphrase. Wiped when dropped.
///
/// It has no `Clone`, `Eq` or serialisation, and its `Debug` shows nothing. Keys at rest in the
/// process live in the crypto module's secret memory instead, which is also never paged.
///
/// ```compile_fail
/// fn copy(secret: &model::Secret) -> model::Secret { secret.clone() }
/// ```
pub struct Secret(Vec<u8>);

impl Secret {
    /// Takes the bytes over. The vector must not have been grown by reallocation while it held
    /// them, since the abandoned buffer would keep a copy.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The one way out. `cargo xtask tidy` lists every call.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Number of bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
