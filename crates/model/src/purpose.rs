//! What keys and other objects may be used for.

/// What an object may be used for: any of several purposes, which for a key of the native and AWS
/// APIs are those of its one usage.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Purposes(pub u32);

impl Purposes {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Sign.
    pub const SIGN: Self = Self(1);
    /// Verify signatures.
    pub const VERIFY: Self = Self(1 << 1);
    /// Encrypt.
    pub const ENCRYPT: Self = Self(1 << 2);
    /// Decrypt.
    pub const DECRYPT: Self = Self(1 << 3);
    /// Wrap keys.
    pub const WRAP: Self = Self(1 << 4);
    /// Unwrap keys.
    pub const UNWRAP: Self = Self(1 << 5);
    /// Make message authentication codes.
    pub const MAC: Self = Self(1 << 7);
    /// Verify message authentication codes.
    pub const VERIFY_MAC: Self = Self(1 << 8);
    /// Derive keys.
    pub const DERIVE: Self = Self(1 << 9);
    /// Agree on keys.
    pub const AGREE: Self = Self(1 << 11);
    /// Sign certificates.
    pub const SIGN_CERTIFICATES: Self = Self(1 << 12);

    /// All of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    pub const fn common(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether all of `other` are among them.
    pub const fn allow(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any of `other` is among them.
    pub const fn overlap(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}
