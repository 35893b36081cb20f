//! What a certificate says, for those who keep it: whom it is about, who issued it, of what key.

use std::net::IpAddr;

use const_oid::db::rfc5912::{
    ID_EC_PUBLIC_KEY, RSA_ENCRYPTION, SECP_256_R_1, SECP_384_R_1, SECP_521_R_1,
};
use const_oid::db::rfc8410::ID_ED_25519;
use der::{
    Decode, Encode, Tag, Tagged,
    asn1::{Any, AnyRef, ObjectIdentifier, OctetString, UintRef},
};
use model::{Result, Wall, raw::SignatureScheme};
use spki::SubjectPublicKeyInfoOwned;
use x509_cert::{
    ext::pkix::{IssuerAltName, SubjectAltName, name::GeneralName},
    name::Name,
};

use crate::{read, signature_of};

/// Most parts of a name that are read.
const PARTS_MAX: usize = 32;
/// Most other names that are read.
const OTHER_NAMES_MAX: usize = 32;
/// secp256k1 (SEC 2).
const SECP_256_K_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.10");

/// What a part of a distinguished name says (RFC 4519, RFC 5280 appendix A).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum NamePart {
    /// CN.
    CommonName,
    /// O.
    Organization,
    /// OU.
    OrganizationalUnit,
    /// emailAddress.
    Email,
    /// C.
    Country,
    /// ST.
    State,
    /// L.
    Locality,
    /// UID.
    UserId,
    /// serialNumber.
    SerialNumber,
    /// title.
    Title,
    /// DC.
    DomainComponent,
    /// dnQualifier.
    DnQualifier,
}

impl NamePart {
    const ALL: [Self; 12] = [
        Self::CommonName,
        Self::Organization,
        Self::OrganizationalUnit,
        Self::Email,
        Self::Country,
        Self::State,
        Self::Locality,
        Self::UserId,
        Self::SerialNumber,
        Self::Title,
        Self::DomainComponent,
        Self::DnQualifier,
    ];

    pub(crate) const fn oid(self) -> ObjectIdentifier {
        ObjectIdentifier::new_unwrap(match self {
            Self::CommonName => "2.5.4.3",
            Self::SerialNumber => "2.5.4.5",
            Self::Country => "2.5.4.6",
            Self::Locality => "2.5.4.7",
            Self::State => "2.5.4.8",
            Self::Organization => "2.5.4.10",
            Self::OrganizationalUnit => "2.5.4.11",
            Self::Title => "2.5.4.12",
            Self::DnQualifier => "2.5.4.46",
            Self::UserId => "0.9.2342.19200300.100.1.1",
            Self::DomainComponent => "0.9.2342.19200300.100.1.25",
            Self::Email => "1.2.840.113549.1.9.1",
        })
    }

    /// The type of string in which it is written.
    pub(crate) const fn tag(self) -> Tag {
        match self {
            Self::Country | Self::SerialNumber | Self::DnQualifier => Tag::PrintableString,
            Self::Email | Self::DomainComponent => Tag::Ia5String,
            _ => Tag::Utf8String,
        }
    }
}

/// A name of a certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DistinguishedName {
    /// Its DER form.
    pub der: Vec<u8>,
    /// As RFC 4514 writes it.
    pub text: String,
    /// The first 32 of those of its parts that are text, in their order.
    pub parts: Vec<(NamePart, String)>,
    /// Up to 32 other names of the same: the DER form of each.
    pub others: Vec<Vec<u8>>,
    /// Those of them that have a text: addresses, host names, identifiers.
    pub others_text: Vec<String>,
}

/// The algorithm of a certified key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyAlgorithm {
    /// RSA.
    Rsa,
    /// On a curve in short Weierstrass form.
    Ec,
    /// Ed25519.
    Ed25519,
}

/// What a certificate says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Facts {
    /// Whom it is about.
    pub subject: DistinguishedName,
    /// Who issued it.
    pub issuer: DistinguishedName,
    /// Its number, big-endian, as its DER form has it.
    pub serial: Vec<u8>,
    /// The first and the last moment at which it is valid, to the second.
    pub validity: (Wall, Wall),
    /// How it is signed, if that is known here.
    pub signature: Option<SignatureScheme>,
    /// The algorithm of the certified key and its length in bits, if they are known here.
    pub key: Option<(KeyAlgorithm, u32)>,
    /// The certified key, a DER SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
    /// The DER form of the subject's other names together, if it has any.
    pub alternative_names: Option<Vec<u8>>,
    /// Whether it is signed by the key that it certifies.
    pub is_self_signed: bool,
}

/// Reads what a DER-encoded certificate says, which anybody may have issued.
///
/// # Errors
/// `Invalid` when `der` is not a certificate; `Unavailable` when signatures cannot be verified now.
pub fn facts(der: &[u8]) -> Result<Facts> {
    let certificate = read::parse(der)?;
    let tbs = certificate.tbs_certificate();
    let subject_names = tbs.get_extension::<SubjectAltName>().ok().flatten();
    let issuer_names = tbs.get_extension::<IssuerAltName>().ok().flatten();
    let subject_names = subject_names.map(|(_, SubjectAltName(names))| names);
    let issuer_names = issuer_names.map(|(_, IssuerAltName(names))| names).unwrap_or_default();
    let spki = read::encoded(tbs.subject_public_key_info())?;
    let alternative_names = subject_names.as_ref().and_then(|names| names.to_der().ok());
    let subject = distinguished(tbs.subject(), &subject_names.unwrap_or_default())?;
    let issuer = distinguished(tbs.issuer(), &issuer_names)?;
    let is_self_signed = subject.der == issuer.der
        && read::signature(der, &certificate, &spki)? == signature_of::Signature::Holds;
    let validity = tbs.validity();
    Ok(Facts {
        serial: tbs.serial_number().as_bytes().to_vec(),
        validity: (read::wall(validity.not_before), read::wall(validity.not_after)),
        signature: signature_of::scheme(certificate.signature_algorithm().oid),
        key: key_of(tbs.subject_public_key_info()),
        subject,
        issuer,
        spki,
        alternative_names,
        is_self_signed,
    })
}

fn distinguished(name: &Name, others: &[GeneralName]) -> Result<DistinguishedName> {
    let part_of = |oid| NamePart::ALL.into_iter().find(|part| part.oid() == oid);
    let parts = name.iter().filter_map(|it| Some((part_of(it.oid)?, text_of(&it.value)?)));
    let others = others.iter().take(OTHER_NAMES_MAX);
    Ok(DistinguishedName {
        der: read::encoded(name)?,
        text: name.to_string(),
        parts: parts.take(PARTS_MAX).collect(),
        others: others.clone().filter_map(|other| other.to_der().ok()).collect(),
        others_text: others.filter_map(text_of_other).collect(),
    })
}

fn text_of(value: &Any) -> Option<String> {
    let bytes = value.value();
    Some(match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString => {
            String::from_utf8(bytes.to_vec()).ok()?
        }
        // Read as Latin-1, as everybody wrote it.
        Tag::TeletexString => bytes.iter().copied().map(char::from).collect(),
        Tag::BmpString => {
            let units: Vec<u16> = bytes
                .chunks(2)
                .map(|it| it.iter().fold(0, |n, b| n << 8 | u16::from(*b)))
                .collect();
            String::from_utf16(&units).ok()?
        }
        _ => return None,
    })
}

fn text_of_other(name: &GeneralName) -> Option<String> {
    Some(match name {
        GeneralName::Rfc822Name(text)
        | GeneralName::DnsName(text)
        | GeneralName::UniformResourceIdentifier(text) => text.to_string(),
        GeneralName::DirectoryName(name) => name.to_string(),
        GeneralName::IpAddress(address) => address_of(address)?.to_string(),
        _ => return None,
    })
}

/// The address of a name that is one: 4 bytes or 16.
pub(crate) fn address_of(name: &OctetString) -> Option<IpAddr> {
    match <[u8; 4]>::try_from(name.as_bytes()) {
        Ok(v4) => Some(v4.into()),
        Err(_) => <[u8; 16]>::try_from(name.as_bytes()).ok().map(IpAddr::from),
    }
}

/// The algorithm of a certified key and its length in bits, if they are known here.
pub(crate) fn key_of(key: &SubjectPublicKeyInfoOwned) -> Option<(KeyAlgorithm, u32)> {
    let bits = key.subject_public_key.as_bytes()?;
    match key.algorithm.oid {
        RSA_ENCRYPTION => {
            // RSAPublicKey: the modulus comes first (RFC 8017, appendix A.1.1).
            let sequence = AnyRef::from_der(bits).ok()?;
            let modulus = sequence.sequence(|within| {
                let modulus = UintRef::decode(within)?;
                UintRef::decode(within)?;
                Ok::<_, der::Error>(modulus)
            });
            let modulus = modulus.ok()?;
            let first = modulus.as_bytes().first()?;
            let whole = u32::try_from(modulus.as_bytes().len()).ok()?.checked_mul(8)?;
            Some((KeyAlgorithm::Rsa, whole - first.leading_zeros()))
        }
        ID_EC_PUBLIC_KEY => {
            let curve = key.algorithm.parameters.as_ref()?.decode_as::<ObjectIdentifier>().ok()?;
            let bits = match curve {
                SECP_256_R_1 | SECP_256_K_1 => 256,
                SECP_384_R_1 => 384,
                SECP_521_R_1 => 521,
                _ => return None,
            };
            Some((KeyAlgorithm::Ec, bits))
        }
        ID_ED_25519 => Some((KeyAlgorithm::Ed25519, 256)),
        _ => None,
    }
}
