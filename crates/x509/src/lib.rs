//! X.509 certificates (RFC 5280), built and read. A key signs through a callback and stays where
//! it is.
//!
//! **Invariant:** no private key, no clock and no randomness: a validity and a serial number are
//! parameters. Hashing and verifying go through `crypto`, signing through [`Signer`].

mod certificate;
mod chain;
mod facts;
mod path;
mod read;
mod request;
mod signature_of;
mod signer;
mod subject;

pub use certificate::{
    Holder, SERIAL_LEN, certificate, self_signed_ca, self_signed_client, server_certificate,
};
pub use chain::{CHAIN_LEN_MAX, RootsOf, Validity, validate};
pub use facts::{DistinguishedName, Facts, KeyAlgorithm, NamePart, facts};
pub use path::{HoldingPath, Presented, canonical_name, check_authority};
pub use read::{Summary, from_pem, summary, to_pem, validity};
pub use request::request;
pub use signer::Signer;
pub use subject::{Subject, SubjectName};
