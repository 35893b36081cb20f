//! Why unsealing failed: one clear sentence each.

use std::fmt;

use model::Error;

/// Why a share, passphrase or key file did not unseal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum UnsealFailure {
    /// The text is not a share at all.
    NotAShare,
    /// The share was mistyped or damaged: its own check does not hold.
    DamagedShare,
    /// Fewer shares than the threshold.
    TooFewShares {
        /// How many were given.
        given: usize,
        /// How many are needed.
        needed: u8,
    },
    /// Shares of different splits.
    MixedShares,
    /// The same share twice; its number.
    RepeatedShare(u8),
    /// The shares give no key, or not the one of this source.
    WrongShares,
    /// Not the passphrase.
    WrongPassphrase,
    /// Not the key file.
    WrongKeyFile,
    /// The source is of another kind.
    WrongMethod,
    /// The module cannot work now.
    Module(Error),
}

impl fmt::Display for UnsealFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAShare => f.write_str("this is not a share; a share starts with srshare1-"),
            Self::DamagedShare => {
                f.write_str("this share is mistyped or damaged: its check value does not match")
            }
            Self::TooFewShares { given, needed } => {
                write!(f, "{needed} shares are needed, and {given} were given")
            }
            Self::MixedShares => f.write_str("these shares do not belong together"),
            Self::RepeatedShare(index) => write!(f, "share {index} was given twice"),
            Self::WrongShares => f.write_str("these shares do not open this server's root key"),
            Self::WrongPassphrase => f.write_str("this is not the passphrase"),
            Self::WrongKeyFile => f.write_str("this is not the key file of this server"),
            Self::WrongMethod => f.write_str("this server's root key is not sealed in that way"),
            Self::Module(Error::Unavailable(_)) => {
                f.write_str("the cryptographic module is not available")
            }
            Self::Module(_) => f.write_str("the sealed root key cannot be read"),
        }
    }
}

impl std::error::Error for UnsealFailure {}

impl From<Error> for UnsealFailure {
    fn from(error: Error) -> Self {
        Self::Module(error)
    }
}
