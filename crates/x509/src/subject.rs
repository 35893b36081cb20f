//! Whom a certificate names.

use std::{net::IpAddr, str::FromStr as _};

use const_oid::db::rfc4519::COMMON_NAME;
use der::{
    Decode, Encode, Tag,
    asn1::{Any, Ia5String, Ia5StringRef, PrintableStringRef, SetOfVec},
};
use model::{Error, Result, error::Invalid};
use x509_cert::{
    attr::AttributeTypeAndValue,
    ext::pkix::name::GeneralName,
    name::{Name, RdnSequence, RelativeDistinguishedName},
};

use crate::facts::NamePart;

/// Longest part of a name, in characters.
const PART_LEN_MAX: usize = 256;
/// Longest common name, in characters (RFC 5280, `ub-common-name`).
const COMMON_NAME_LEN_MAX: usize = 64;
/// Longest DNS name, in bytes without a final dot (RFC 1035).
const DNS_NAME_LEN_MAX: usize = 253;
/// Longest label of a DNS name, in bytes (RFC 1035).
const DNS_LABEL_LEN_MAX: usize = 63;

/// A name under which a server is reached.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum SubjectName {
    /// A DNS name in ASCII, its first label possibly `*`.
    Dns(String),
    /// An IP address.
    Ip(IpAddr),
}

impl SubjectName {
    /// The form of a subject alternative name.
    pub(crate) fn to_general_name(&self) -> Result<GeneralName> {
        match self {
            Self::Dns(name) if is_dns_name(name) => Ia5String::new(name)
                .map(GeneralName::DnsName)
                .map_err(|_| Error::Internal("a DNS name is not ASCII")),
            Self::Dns(_) => Err(Error::Invalid(Invalid::OutOfRange("a DNS name"))),
            Self::Ip(address) => Ok(GeneralName::from(*address)),
        }
    }

    fn to_text(&self) -> String {
        match self {
            Self::Dns(name) => name.clone(),
            Self::Ip(address) => address.to_string(),
        }
    }
}

/// How the subject of a certificate is said.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Subject {
    /// By the parts of its name, each by itself, in this order.
    Parts(Vec<(NamePart, String)>),
    /// As RFC 4514 writes it.
    Text(String),
    /// In DER.
    Der(Vec<u8>),
}

impl Subject {
    /// The name in DER.
    ///
    /// # Errors
    /// `Invalid` when it is not one, or is empty.
    pub fn to_der(&self) -> Result<Vec<u8>> {
        let malformed = |_| Error::Invalid(Invalid::OutOfRange("the subject of a certificate"));
        let name = match self {
            Self::Parts(parts) => encode_parts(parts),
            Self::Text(text) => Name::from_str(text),
            Self::Der(der) => Name::from_der(der),
        };
        let name = name.map_err(malformed)?;
        if name.is_empty() {
            return Err(Error::Invalid(Invalid::OutOfRange("the subject of a certificate")));
        }
        name.to_der().map_err(malformed)
    }
}

fn encode_parts(parts: &[(NamePart, String)]) -> der::Result<Name> {
    let encode = |(part, text): &(NamePart, String)| {
        let value = Any::new(part.tag(), text.as_bytes())?;
        let is_text = match part.tag() {
            Tag::PrintableString => PrintableStringRef::new(text).is_ok(),
            Tag::Ia5String => Ia5StringRef::new(text).is_ok(),
            _ => true,
        };
        let length = text.chars().count();
        if !is_text || length == 0 || length > PART_LEN_MAX || text.chars().any(char::is_control) {
            return Err(Tag::Utf8String.value_error().into());
        }
        let attribute = AttributeTypeAndValue { oid: part.oid(), value };
        Ok(RelativeDistinguishedName::from(SetOfVec::try_from([attribute])?))
    };
    let parts = parts.iter().map(encode).collect::<der::Result<Vec<_>>>()?;
    Name::from_der(&RdnSequence::from(parts).to_der()?)
}

/// The distinguished name of a server: its first name when that fits, else none at all, and then
/// the alternative names are critical (RFC 5280, section 4.2.1.6).
pub(crate) fn server_subject(names: &[SubjectName]) -> Result<Name> {
    match names.first().map(SubjectName::to_text) {
        Some(first) if first.len() <= COMMON_NAME_LEN_MAX => common_name(&first),
        Some(_) => Ok(Name::default()),
        None => Err(Error::Invalid(Invalid::OutOfRange("the number of a server's names"))),
    }
}

/// A distinguished name of one attribute, the common name.
///
/// # Errors
/// `Invalid` when `text` is empty, longer than 64 characters or holds a control character.
pub(crate) fn common_name(text: &str) -> Result<Name> {
    let length = text.chars().count();
    if length == 0 || length > COMMON_NAME_LEN_MAX || text.chars().any(char::is_control) {
        return Err(Error::Invalid(Invalid::OutOfRange("a common name")));
    }
    encode_common_name(text).map_err(|_| Error::Internal("a common name has no DER encoding"))
}

/// Built as structures, not through the text form of RFC 4514, so that no character is special.
fn encode_common_name(text: &str) -> der::Result<Name> {
    let value = Any::new(Tag::Utf8String, text.as_bytes())?;
    let attribute = AttributeTypeAndValue { oid: COMMON_NAME, value };
    let rdn = RelativeDistinguishedName::from(SetOfVec::try_from([attribute])?);
    Name::from_der(&RdnSequence::from(vec![rdn]).to_der()?)
}

/// The same name as [`Subject::Text`] and certificates have it, if it is one.
pub(crate) fn canonical_text(text: &str) -> Option<String> {
    let written = |text: &str| Name::from_str(text).ok().filter(|name| !name.is_empty());
    let name = written(text)?;
    let canonical = name.to_string();
    // What is not read back as it is written would match what nobody meant.
    (written(&canonical)? == name).then_some(canonical)
}

fn is_dns_name(name: &str) -> bool {
    is_host_name(name.strip_prefix("*.").unwrap_or(name)) && name.len() <= DNS_NAME_LEN_MAX
}

/// Whether it is a DNS name without a wildcard.
pub(crate) fn is_host_name(name: &str) -> bool {
    name.len() <= DNS_NAME_LEN_MAX && name.split('.').all(is_dns_label)
}

fn is_dns_label(label: &str) -> bool {
    (1..=DNS_LABEL_LEN_MAX).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dns_name_is_made_of_labels() {
        for good in ["localhost", "kms.example.com", "*.example.com", "a_b.c-d"] {
            assert!(is_dns_name(good), "{good}");
        }
        let long = format!("{}.com", "a".repeat(64));
        for bad in ["", ".", "a..b", "a b", "-a", "a-", "*", "x.*.y", "ä.example", &long] {
            assert!(!is_dns_name(bad), "{bad}");
        }
    }

    #[test]
    fn a_common_name_keeps_characters_that_are_special_elsewhere() {
        let name = common_name("a=b, c+d/#e").unwrap();
        assert!(name.to_der().unwrap().windows(11).any(|part| part == b"a=b, c+d/#e"));
        assert!(common_name("").is_err());
        assert!(common_name("a\nb").is_err());
        assert!(common_name(&"a".repeat(65)).is_err());
    }
}
