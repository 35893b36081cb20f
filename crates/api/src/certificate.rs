//! Client certificates of principals.

use base64ct::{Base64, Encoding as _};
use bytes::Bytes;
use engine::op::{self, CertificateEntry, CertificateRuleEntry};
use model::{Error, error::Invalid, holder::HolderName};
use serde::{Deserialize, Serialize};

use crate::{
    call::{Call, json},
    error::Refusal,
    shape::{Kind, Member, Shape},
};

/// The input of [`register`].
pub(crate) static NEW: Shape = Shape {
    name: "NewCertificate",
    members: &[
        Member::new("certificate", Kind::Text, "The certificate in PEM: one block."),
        Member::optional("with_credential", Kind::Flag, WITH_CREDENTIAL),
    ],
};

const WITH_CREDENTIAL: &str =
    "Whether its holder has to show an access key of the principal in each request besides.";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    certificate: String,
    #[serde(default)]
    with_credential: bool,
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
        Member::new("with_credential", Kind::Flag, WITH_CREDENTIAL),
    ],
};

#[derive(Serialize)]
struct Entry {
    fingerprint: String,
    subject: String,
    registered: String,
    not_before: String,
    not_after: String,
    with_credential: bool,
}

impl From<CertificateEntry> for Entry {
    fn from(entry: CertificateEntry) -> Self {
        Self {
            fingerprint: entry.fingerprint,
            subject: entry.subject,
            registered: entry.registered.to_iso8601(),
            not_before: entry.not_before.to_iso8601(),
            not_after: entry.not_after.to_iso8601(),
            with_credential: entry.with_credential,
        }
    }
}

/// Let the holder of a certificate's key act as a principal.
pub(crate) async fn register(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let principal = call.principal()?;
    let New { certificate, with_credential } = call.input()?;
    let certificate = from_pem(&certificate)?;
    let operation = op::RegisterCertificate { principal, certificate, with_credential };
    let made = call.perform(operation).await?;
    json(&Entry::from(made))
}

/// The output of [`list`].
pub(crate) static LIST: Shape = Shape {
    name: "Certificates",
    members: &[
        Member::new("certificates", Kind::List(&Kind::Object(&ENTRY)), "Those registered."),
        Member::new("rules", Kind::List(&Kind::Object(&RULE)), "The rules for others."),
        Member::new("blocked", Kind::List(&Kind::Text), "The fingerprints of the blocked ones."),
    ],
};

#[derive(Serialize)]
struct Certificates {
    certificates: Vec<Entry>,
    rules: Vec<Rule>,
    blocked: Vec<String>,
}

/// List a principal's certificates, rules for certificates, and blocked certificates.
pub(crate) async fn list(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let listed = call.perform(op::ListCertificates { principal: call.principal()? }).await?;
    json(&Certificates {
        certificates: listed.registered.into_iter().map(Entry::from).collect(),
        rules: listed.rules.into_iter().map(Rule::from).collect(),
        blocked: listed.blocked,
    })
}

/// Remove a certificate or a rule.
pub(crate) async fn remove(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let (principal, id) = (call.principal()?, fingerprint(call.value(1)));
    call.perform(op::RemoveCertificate { principal, id }).await?;
    Ok(Bytes::new())
}

/// The input of [`register_rule`].
pub(crate) static NEW_RULE: Shape = Shape {
    name: "NewCertificateRule",
    members: &[
        Member::new("authority", Kind::Text, "The authority's certificate in PEM: one block."),
        Member::new("names", Kind::List(&Kind::Object(&HOLDER_NAME)), NAMES),
        Member::optional("with_credential", Kind::Flag, WITH_CREDENTIAL),
    ],
};

const NAMES: &str = "The names that a certificate must have, all of them; an empty list is met by \
                     every certificate of the authority.";

/// A name of a certificate's holder.
static HOLDER_NAME: Shape = Shape {
    name: "HolderName",
    members: &[
        Member::new("kind", Kind::Text, "What it is: subject, dns, uri, email or ip."),
        Member::new("value", Kind::Text, "The name; a subject as RFC 4514 writes it."),
    ],
};

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Name {
    kind: String,
    value: String,
}

impl Name {
    fn read(&self) -> Result<HolderName, Error> {
        let sentence = "A name's kind is subject, dns, uri, email or ip, and an ip an address.";
        let malformed = || Error::Invalid(Invalid::Certificate(sentence));
        HolderName::parse(&self.kind, &self.value).ok_or_else(malformed)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRule {
    authority: String,
    names: Vec<Name>,
    #[serde(default)]
    with_credential: bool,
}

/// The output of [`register_rule`], and an entry of [`list`]'s.
pub(crate) static RULE: Shape = Shape {
    name: "CertificateRule",
    members: &[
        Member::new("id", Kind::Text, "What it is removed by: 32 hexadecimal digits."),
        Member::new("authority", Kind::Text, "The authority's subject as RFC 4514 writes it."),
        Member::new("authority_fingerprint", Kind::Text, "SHA-256 of its certificate's DER form."),
        Member::new("names", Kind::List(&Kind::Object(&HOLDER_NAME)), NAMES),
        Member::new("registered", Kind::Time, "When it was registered."),
        Member::new("not_after", Kind::Time, "The last moment at which the authority is valid."),
        Member::new("with_credential", Kind::Flag, WITH_CREDENTIAL),
    ],
};

#[derive(Serialize)]
struct Rule {
    id: String,
    authority: String,
    authority_fingerprint: String,
    names: Vec<Name>,
    registered: String,
    not_after: String,
    with_credential: bool,
}

impl From<CertificateRuleEntry> for Rule {
    fn from(entry: CertificateRuleEntry) -> Self {
        let name =
            |name: &HolderName| Name { kind: name.kind().to_owned(), value: name.to_string() };
        Self {
            id: entry.id,
            authority: entry.authority,
            authority_fingerprint: entry.authority_fingerprint,
            names: entry.names.iter().map(name).collect(),
            registered: entry.registered.to_iso8601(),
            not_after: entry.not_after.to_iso8601(),
            with_credential: entry.with_credential,
        }
    }
}

/// Let the holders of certificates of an authority act as a principal.
pub(crate) async fn register_rule(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let principal = call.principal()?;
    let NewRule { authority, names, with_credential } = call.input()?;
    let names = names.iter().map(Name::read).collect::<Result<_, _>>()?;
    let authority = from_pem(&authority)?;
    let operation = op::RegisterCertificateRule { principal, authority, names, with_credential };
    let made = call.perform(operation).await?;
    json(&Rule::from(made))
}

/// Block a certificate.
pub(crate) async fn block(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let (principal, fingerprint) = (call.principal()?, fingerprint(call.value(1)));
    call.perform(op::BlockCertificate { principal, fingerprint }).await?;
    Ok(Bytes::new())
}

/// Block a certificate no longer.
pub(crate) async fn unblock(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let (principal, fingerprint) = (call.principal()?, fingerprint(call.value(1)));
    call.perform(op::UnblockCertificate { principal, fingerprint }).await?;
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
