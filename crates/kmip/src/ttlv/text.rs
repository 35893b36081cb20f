//! Text that may be a secret.

use std::{fmt, mem};

use model::Secret;
use zeroize::Zeroize;

/// A text off the wire: a name, or a password. Wiped when it is dropped, and not shown by `Debug`.
pub struct Text(String);

impl Text {
    /// Takes a text over. It must not have been grown by reallocation if it is a secret.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text as bytes that cannot be shown by accident, without a copy.
    pub fn into_secret(mut self) -> Secret {
        Secret::new(mem::take(&mut self.0).into_bytes())
    }

    /// The text as one that is no secret, without a copy.
    pub fn into_string(mut self) -> String {
        mem::take(&mut self.0)
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(..)")
    }
}
