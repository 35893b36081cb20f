//! Client certificates of principals.

use base64ct::{Base64, Encoding as _};
use bytes::Bytes;
use engine::op::{self, CertificateEntry};
use model::{Error, error::Invalid};
use serde::{Deserialize, Serialize};

use crate::{
    call::{Call, json},
    error::Refusal,
    shape::{Kind, Member, Shape},
};

/// The input of [`register`].
pub(crate) static NEW: Shape = Shape {
    name: "NewCertificate",
    members: &[Member::new("certificate", Kind::Text, "The certificate in PEM: one block.")],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    certificate: String,
}

/// The output of [`register`], and an entry of [`list`]'s.
pub(crate) static ENTRY: Shape = Shape {
    name: "Certificate",
    members: &[
        Member::new("fingerprint", Kind::Text, "SHA-256 of its DER form, in hexadecimal."),
        Member::new("subject", Kind::Text, "Its subject as RFC 4514 writes it."),
        Member::new("registered", Kind::Time, "When it was registered."),
        Member::new("not_before", Kind::Time, "The first moment at which it is valid."),
        Member::new("not_after", Kind::Time, "The last moment at which it is valid."),
    ],
};

#[derive(Serialize)]
struct Entry {
    fingerprint: String,
    subject: String,
    registered: String,
    not_before: String,
    not_after: String,
}

impl From<CertificateEntry> for Entry {
    fn from(entry: CertificateEntry) -> Self {
        let CertificateEntry { fingerprint, subject, registered, not_before, not_after } = entry;
        Self {
            fingerprint,
            subject,
            registered: registered.to_iso8601(),
            not_before: not_before.to_iso8601(),
            not_after: not_after.to_iso8601(),
        }
    }
}

/// Let the holder of a certificate's key act as a principal.
pub(crate) async fn register(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let principal = call.principal()?;
    let New { certificate } = call.input()?;
    let certificate = from_pem(&certificate)?;
    let made = call.perform(op::RegisterCertificate { principal, certificate }).await?;
    json(&Entry::from(made))
}

/// The output of [`list`].
pub(crate) static LIST: Shape = Shape {
    name: "Certificates",
    members: &[Member::new("certificates", Kind::List(&Kind::Object(&ENTRY)), "All of them.")],
};

#[derive(Serialize)]
struct Certificates {
    certificates: Vec<Entry>,
}

/// List a principal's certificates.
pub(crate) async fn list(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let entries = call.perform(op::ListCertificates { principal: call.principal()? }).await?;
    json(&Certificates { certificates: entries.into_iter().map(Entry::from).collect() })
}

/// Remove a certificate.
pub(crate) async fn remove(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let (principal, fingerprint) = (call.principal()?, fingerprint(call.value(1)));
    call.perform(op::RemoveCertificate { principal, fingerprint }).await?;
    Ok(Bytes::new())
}

/// A fingerprint as it is kept, from the ways in which tools write it: `AB:CD:..` and `abcd..`.
fn fingerprint(text: &str) -> String {
    text.chars().filter(|c| *c != ':').map(|c| c.to_ascii_lowercase()).collect()
}

/// The DER form of a text that is one PEM block (RFC 7468). What the bytes say is not read here.
fn from_pem(text: &str) -> Result<Vec<u8>, Error> {
    let sentence = "A certificate is given as one PEM block: -----BEGIN CERTIFICATE----- and on.";
    let malformed = || Error::Invalid(Invalid::Certificate(sentence));
    let inner = text
        .trim()
        .strip_prefix("-----BEGIN CERTIFICATE-----")
        .and_then(|rest| rest.strip_suffix("-----END CERTIFICATE-----"))
        .ok_or_else(malformed)?;
    let base64: String = inner.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    Base64::decode_vec(&base64).map_err(|_| malformed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_as_tools_write_it() {
        assert_eq!(fingerprint("AB:0c:DE"), "ab0cde");
    }

    #[test]
    fn one_pem_block_is_taken_and_nothing_else() {
        let block = "-----BEGIN CERTIFICATE-----\r\nAQ\nID\r\n-----END CERTIFICATE-----\n";
        assert_eq!(from_pem(block).unwrap(), [1, 2, 3]);
        let two = format!("{block}{block}");
        let key = block.replace("CERTIFICATE", "PRIVATE KEY");
        for text in ["", "AQID", &two, &key, &block.replace("ID", "I!")] {
            assert!(from_pem(text).is_err(), "{text}");
        }
    }
}
