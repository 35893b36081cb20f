//! The cryptographic module: secret memory, algorithms, key hierarchy, self-tests.
//!
//! **Invariants:** no output before the self-tests have passed, and none after one has failed
//! (only a hash function, which holds no key, answers always, and verification by a public key
//! before the start); unsealed material never leaves, except data keys, shares, the root key's one
//! export and the key of the TLS server for its file; a key is used only with the proof
//! ([`model::Usable`]) that it may be, for that direction, now; whatever makes a ciphertext, tag or
//! signature not authentic, the error is the same.
//!
//! One library, AWS-LC, does the arithmetic. No other crate names it.

pub mod agree;
pub mod certificate_key;
pub mod cipher;
pub mod data_key;
pub mod derive;
pub mod digest;
pub mod envelope;
pub mod form;
mod gf256;
pub mod hmac_key;
pub mod kdf;
pub mod kem;
pub mod log_key;
pub mod mac;
mod material;
mod message;
mod module;
mod numbers;
pub mod oaep;
pub mod random;
#[expect(unsafe_code, reason = "the raw bindings of AWS-LC")]
mod raw;
pub mod root;
#[expect(unsafe_code, reason = "pages that the allocator does not know")]
pub mod secmem;
mod self_test;
pub mod sign;
pub mod split;
mod state;
pub mod stream;
mod tls;
pub mod token;
pub mod unseal;
pub mod wrap;

pub use module::{Options, StartFailure, Status, start, status};
pub use root::{AccountKeys, Loaded, NewMaterial, RootKey};
pub use tls::tls_provider;

// As the tests outside call it: they share some code with those inside.
#[cfg(test)]
extern crate self as crypto;

#[cfg(test)]
#[path = "../tests/der/mod.rs"]
mod der;
#[cfg(test)]
#[path = "../tests/rig/mod.rs"]
mod rig;
#[cfg(test)]
#[path = "../tests/vectors/mod.rs"]
mod vectors;

/// Starts the module for a unit test.
#[cfg(test)]
fn test_start() {
    assert!(start(Options::default()).is_ok());
}
