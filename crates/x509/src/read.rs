//! What is read back from a certificate, and its text form.

use der::{Decode, pem::LineEnding};
use model::{Error, Result, Wall, error::Invalid};
use x509_cert::{Certificate, time::Time};

/// The PEM form (RFC 7468) of a DER-encoded certificate, with line feeds.
///
/// # Errors
/// `Invalid` when `der` is not a certificate.
pub fn to_pem(der: &[u8]) -> Result<String> {
    parse(der)?;
    der::pem::encode_string("CERTIFICATE", LineEnding::LF, der)
        .map_err(|_| Error::Internal("a certificate has no PEM encoding"))
}

/// The first and the last moment at which a DER-encoded certificate is valid, both inclusive, to
/// the second.
///
/// # Errors
/// `Invalid` when `der` is not a certificate.
pub fn validity(der: &[u8]) -> Result<(Wall, Wall)> {
    let certificate = parse(der)?;
    let validity = certificate.tbs_certificate().validity();
    Ok((wall(validity.not_before), wall(validity.not_after)))
}

/// Decodes a certificate.
pub(crate) fn parse(der: &[u8]) -> Result<Certificate> {
    Certificate::from_der(der).map_err(|_| Error::Invalid(Invalid::OutOfRange("a certificate")))
}

/// A certificate's time as ours.
pub(crate) fn wall(time: Time) -> Wall {
    Wall::from_secs(time.to_unix_duration().as_secs())
}
