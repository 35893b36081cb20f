//! X.509 certificates (RFC 5280), built and read. A key signs through a callback and stays where
//! it is.
//!
//! **Invariant:** no private key, no clock and no randomness: a validity and a serial number are
//! parameters. Hashing goes through `crypto`, signing through [`Signer`].

mod certificate;
mod read;
mod signer;
mod subject;

pub use certificate::{SERIAL_LEN, self_signed_ca, self_signed_client, server_certificate};
pub use read::{Summary, from_pem, summary, to_pem, validity};
pub use signer::Signer;
pub use subject::SubjectName;
