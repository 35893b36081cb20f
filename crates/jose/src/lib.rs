//! JSON Web Tokens (RFC 7519) and JSON Web Key Sets (RFC 7517), read into the model's terms.
//!
//! Nothing is verified here: the engine looks at keys, signatures and the clock. What is read is
//! what Strongroom takes: tokens in the compact form that are signed with RS256 or ES256, and the
//! public keys for these two.

mod key_set;
mod token;

pub use key_set::{Malformed as MalformedKeySet, key_set};
pub use token::{Malformed as MalformedToken, token};

use base64ct::{Base64UrlUnpadded, Encoding as _};

/// The bytes that base64url without padding stands for (RFC 7515, section 2).
fn bytes(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).ok()
}
