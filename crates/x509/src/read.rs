//! What is read back from a certificate, and its text form.

use der::{Decode, Encode, pem::LineEnding};
use model::{Error, Result, Wall, error::Invalid};
use x509_cert::{Certificate, time::Time};

use crate::signature_of::{self, Signature};

/// Longest subject that is shown, in characters.
const SUBJECT_LEN_MAX: usize = 256;

const PEM_BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const PEM_END: &str = "-----END CERTIFICATE-----";

/// What people know a certificate by, and when it is valid.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Summary {
    /// The subject as RFC 4514 writes it, at most 256 characters, none of them for control.
    pub subject: String,
    /// The first moment at which it is valid, to the second.
    pub not_before: Wall,
    /// The last moment at which it is valid, to the second.
    pub not_after: Wall,
}

/// Reads a DER-encoded certificate that anybody may have issued.
///
/// # Errors
/// `Invalid` when `der` is not a certificate.
pub fn summary(der: &[u8]) -> Result<Summary> {
    let certificate = parse(der)?;
    let subject = certificate.tbs_certificate().subject().to_string();
    let shown = subject.chars().map(|c| if c.is_control() { '?' } else { c });
    let (not_before, not_after) = validity(der)?;
    Ok(Summary { subject: shown.take(SUBJECT_LEN_MAX).collect(), not_before, not_after })
}

/// The first certificate in a text of PEM blocks (RFC 7468), in DER. Blocks of other kinds, such
/// as a private key before it, are passed over.
///
/// # Errors
/// `Invalid` when there is none, or it is not a certificate.
pub fn from_pem(text: &str) -> Result<Vec<u8>> {
    let missing = || Error::Invalid(Invalid::Certificate("There is no PEM certificate in it."));
    let begin = text.find(PEM_BEGIN).ok_or_else(missing)?;
    let block = text.get(begin..).unwrap_or_default();
    let end = block.find(PEM_END).ok_or_else(missing)?;
    let block = block.get(..end + PEM_END.len()).unwrap_or_default();
    let (_, der) = der::pem::decode_vec(block.as_bytes()).map_err(|_| missing())?;
    parse(&der).map(|_| der)
}

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
    let malformed = Invalid::Certificate("It is not an X.509 certificate.");
    Certificate::from_der(der).map_err(|_| Error::Invalid(malformed))
}

/// A certificate's time as ours.
pub(crate) fn wall(time: Time) -> Wall {
    Wall::from_secs(time.to_unix_duration().as_secs())
}

/// Whether a certificate, given in DER and decoded, is signed by a key.
pub(crate) fn signature(der: &[u8], certificate: &Certificate, spki: &[u8]) -> Result<Signature> {
    // Both say how it is signed, and only one of them is signed (RFC 5280, section 4.1.1.2).
    let algorithm = certificate.signature_algorithm();
    if algorithm != certificate.tbs_certificate().signature() {
        return Ok(Signature::Fails);
    }
    signature_of::check(der, algorithm.oid, certificate.signature().as_bytes(), spki)
}

/// The DER form of what was decoded.
pub(crate) fn encoded(part: &impl Encode) -> Result<Vec<u8>> {
    part.to_der().map_err(|_| Error::Internal("a part of a certificate has no DER encoding"))
}
