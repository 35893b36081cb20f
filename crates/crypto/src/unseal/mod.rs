//! Unseal sources: where the root key is when the server is not running.
//!
//! A source holds the root key sealed under a wrapping key of 256 bits, which a key file, a
//! passphrase or enough shares give back. Several sources may hold the same root key. Each also
//! holds its wrapping key sealed under the root key, so that a new root key can be given to every
//! source without asking its holders; hence a holder who must no longer unseal needs a new
//! source, not only a new root key.

mod failure;
mod shamir;
mod source;

pub use failure::UnsealFailure;
pub use shamir::{Share, combine, split};
pub use source::{Method, Source, new_key_file};
