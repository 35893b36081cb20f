//! Certificates, as profiles of RFC 5280: an authority that signs itself, a TLS server, a TLS client
//! that signs itself, and the holder of a key of whom nothing is said but a name.

use std::time::Duration;

use const_oid::db::rfc5280::{ID_KP_CLIENT_AUTH, ID_KP_SERVER_AUTH};
use der::{
    DateTime, Decode, Encode,
    asn1::{BitString, GeneralizedTime, OctetString},
};
use model::{Error, Result, Wall, error::Invalid};
use spki::{SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef};
use x509_cert::{
    TbsCertificate,
    builder::{self, Builder, CertificateBuilder, profile::BuilderProfile},
    ext::{
        Extension, ToExtension,
        pkix::{
            AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages,
            SubjectAltName, SubjectKeyIdentifier, name::GeneralName,
        },
    },
    name::Name,
    serial_number::SerialNumber,
    time::{Time, Validity},
};

use crate::{
    read,
    signer::{PublicPart, Signer},
    subject::{self, SubjectName},
};

/// Length of a serial number, in bytes: 128 bits, of which RFC 5280 allows at most 159.
pub const SERIAL_LEN: usize = 16;

/// Length of a key identifier, in bytes (RFC 7093, method 1).
const KEY_IDENTIFIER_LEN: usize = 20;

/// The certificate of an authority that signs itself and may sign end entities only, in DER.
///
/// `validity` is its first and last moment, both inclusive, to the second. `serial` is a random
/// number drawn by the caller.
///
/// # Errors
/// `Invalid` for a common name that is empty or longer than 64 characters, an empty validity or a
/// serial number of zero; whatever the signer answers.
pub fn self_signed_ca(
    signer: &dyn Signer,
    common_name: &str,
    validity: (Wall, Wall),
    serial: [u8; SERIAL_LEN],
) -> Result<Vec<u8>> {
    self_signed(signer, common_name, Role::Authority, validity, serial)
}

/// The certificate of a TLS client that nobody but itself vouches for, in DER: for servers with
/// which it is registered.
///
/// `validity` is its first and last moment, both inclusive, to the second. `serial` is a random
/// number drawn by the caller.
///
/// # Errors
/// Those of [`self_signed_ca`].
pub fn self_signed_client(
    signer: &dyn Signer,
    common_name: &str,
    validity: (Wall, Wall),
    serial: [u8; SERIAL_LEN],
) -> Result<Vec<u8>> {
    self_signed(signer, common_name, Role::Client, validity, serial)
}

fn self_signed(
    signer: &dyn Signer,
    common_name: &str,
    role: Role,
    validity: (Wall, Wall),
    serial: [u8; SERIAL_LEN],
) -> Result<Vec<u8>> {
    let name = subject::common_name(common_name)?;
    let authority_key = key_identifier(signer.spki())?;
    let profile = Profile { issuer: name.clone(), subject: name, authority_key, role };
    issue(profile, signer, signer.spki(), validity, serial)
}

/// The certificate of a TLS server with the key `subject_spki`, in DER, signed by `ca`, whose own
/// certificate is `ca_cert` (DER).
///
/// `validity` is its first and last moment, both inclusive, to the second; `serial` is a random
/// number drawn by the caller. The first of `names` is also the common name, when it fits.
///
/// # Errors
/// `Invalid` when there is no name, one is not a DNS name, the validity is empty or ends after the
/// authority's, or the serial number is zero; `Internal` when `ca_cert` is not the certificate
/// of `ca` or `subject_spki` is not a public key; whatever the signer answers.
pub fn server_certificate(
    ca_cert: &[u8],
    ca: &dyn Signer,
    subject_spki: &[u8],
    names: &[SubjectName],
    validity: (Wall, Wall),
    serial: [u8; SERIAL_LEN],
) -> Result<Vec<u8>> {
    let authority = Authority::read(ca_cert, ca)?;
    // The beginning is not compared: a clock set back a little is no reason to stop a server.
    if validity.1.secs() > authority.not_after.secs() {
        return Err(Error::Invalid(Invalid::OutOfRange(
            "a validity that ends after the authority's",
        )));
    }
    let profile = Profile {
        issuer: authority.name,
        subject: subject::server_subject(names)?,
        authority_key: authority.key_identifier,
        role: Role::Server(names.iter().map(SubjectName::to_general_name).collect::<Result<_>>()?),
    };
    issue(profile, ca, subject_spki, validity, serial)
}

/// Who is to be certified.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Holder {
    /// The name, in DER; possibly empty when there are others.
    pub subject: Vec<u8>,
    /// Other names, in DER as a `SubjectAltName` has them.
    pub alternative_names: Option<Vec<u8>>,
    /// The public key, a DER SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
}

/// The certificate of the holder of a key, in DER, signed by `ca`, whose own certificate is
/// `ca_cert` (DER). It says nothing of what the key is for, and that it issues no certificates.
///
/// `validity` is its first and last moment, both inclusive, to the second; `serial` is a random
/// number drawn by the caller.
///
/// # Errors
/// `Invalid` when there is no name at all, a name or the key is none, the validity is empty or ends
/// after the authority's, or the serial number is zero; `Internal` when `ca_cert` is not the
/// certificate of `ca`; whatever the signer answers.
pub fn certificate(
    ca_cert: &[u8],
    ca: &dyn Signer,
    holder: &Holder,
    validity: (Wall, Wall),
    serial: [u8; SERIAL_LEN],
) -> Result<Vec<u8>> {
    let authority = Authority::read(ca_cert, ca)?;
    let refused = |what| Error::Invalid(Invalid::OutOfRange(what));
    if validity.1.secs() > authority.not_after.secs() {
        return Err(refused("a validity that ends after the authority's"));
    }
    let subject = Name::from_der(&holder.subject);
    let subject = subject.map_err(|_| refused("the subject of a certificate"))?;
    let names = holder.alternative_names.as_deref().map(SubjectAltName::from_der).transpose();
    let names = names.map_err(|_| refused("the other names of a certificate"))?;
    let names = names.map(|SubjectAltName(names)| names).unwrap_or_default();
    if subject.is_empty() && names.is_empty() {
        return Err(refused("the subject of a certificate"));
    }
    if SubjectPublicKeyInfoRef::from_der(&holder.spki).is_err() {
        return Err(refused("the key of a certificate"));
    }
    let authority_key = authority.key_identifier;
    let role = Role::Holder(names);
    let profile = Profile { issuer: authority.name, subject, authority_key, role };
    issue(profile, ca, &holder.spki, validity, serial)
}

/// What an issued certificate takes from its authority's.
struct Authority {
    name: Name,
    not_after: Wall,
    key_identifier: OctetString,
}

impl Authority {
    fn read(certificate: &[u8], signer: &dyn Signer) -> Result<Self> {
        let parsed = read::parse(certificate)?;
        let tbs = parsed.tbs_certificate();
        let spki = tbs.subject_public_key_info().to_der();
        if spki.ok().as_deref() != Some(signer.spki()) {
            return Err(Error::Internal("the authority's certificate is for another key"));
        }
        let constraints = tbs.get_extension::<BasicConstraints>().ok().flatten();
        if !constraints.is_some_and(|(_, constraints)| constraints.ca) {
            return Err(Error::Internal("the authority's certificate is not an authority's"));
        }
        let Some((_, SubjectKeyIdentifier(key_identifier))) =
            tbs.get_extension::<SubjectKeyIdentifier>().ok().flatten()
        else {
            return Err(Error::Internal("the authority's certificate has no key identifier"));
        };
        let not_after = read::wall(tbs.validity().not_after);
        Ok(Self { name: tbs.subject().clone(), not_after, key_identifier })
    }
}

/// The names and extensions of a certificate.
struct Profile {
    issuer: Name,
    subject: Name,
    authority_key: OctetString,
    role: Role,
}

/// What the certified key is for.
enum Role {
    Authority,
    Server(Vec<GeneralName>),
    Client,
    Holder(Vec<GeneralName>),
}

impl BuilderProfile for Profile {
    fn get_issuer(&self, _subject: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        spki: SubjectPublicKeyInfoRef<'_>,
        _issuer_spki: SubjectPublicKeyInfoRef<'_>,
        tbs: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        let subject_key = key_identifier(&spki.to_der()?).map_err(|_| signature::Error::new())?;
        let end = BasicConstraints { ca: false, path_len_constraint: None };
        let (constraints, usage) = match self.role {
            Role::Authority => (
                BasicConstraints { ca: true, path_len_constraint: Some(0) },
                Some(KeyUsages::KeyCertSign | KeyUsages::CRLSign),
            ),
            Role::Server(_) | Role::Client => (end, Some(KeyUsages::DigitalSignature.into())),
            Role::Holder(_) => (end, None),
        };
        let authority_key = AuthorityKeyIdentifier {
            key_identifier: Some(self.authority_key.clone()),
            authority_cert_issuer: None,
            authority_cert_serial_number: None,
        };
        let mut extensions = Vec::new();
        let subject = tbs.subject();
        extensions.push((&constraints).to_extension(subject, &extensions)?);
        if let Some(usage) = usage {
            extensions.push((&KeyUsage(usage)).to_extension(subject, &extensions)?);
        }
        extensions.push((&SubjectKeyIdentifier(subject_key)).to_extension(subject, &extensions)?);
        extensions.push((&authority_key).to_extension(subject, &extensions)?);
        let purpose = match self.role {
            Role::Authority | Role::Holder(_) => None,
            Role::Server(_) => Some(ID_KP_SERVER_AUTH),
            Role::Client => Some(ID_KP_CLIENT_AUTH),
        };
        if let Some(purpose) = purpose {
            let purposes = ExtendedKeyUsage(vec![purpose]);
            extensions.push((&purposes).to_extension(subject, &extensions)?);
        }
        if let Role::Server(names) | Role::Holder(names) = &self.role
            && !names.is_empty()
        {
            let names = SubjectAltName(names.clone());
            extensions.push((&names).to_extension(subject, &extensions)?);
        }
        Ok(extensions)
    }
}

fn issue(
    profile: Profile,
    signer: &dyn Signer,
    subject_spki: &[u8],
    (not_before, not_after): (Wall, Wall),
    serial: [u8; SERIAL_LEN],
) -> Result<Vec<u8>> {
    if not_before.secs() >= not_after.secs() {
        return Err(Error::Invalid(Invalid::OutOfRange("an empty validity")));
    }
    if serial == [0; SERIAL_LEN] {
        return Err(Error::Invalid(Invalid::OutOfRange("a serial number of zero")));
    }
    let serial = SerialNumber::new(&serial)
        .map_err(|_| Error::Internal("a serial number has no DER encoding"))?;
    let spki = SubjectPublicKeyInfoOwned::from_der(subject_spki)
        .map_err(|_| Error::Internal("a subject's public key is not a SubjectPublicKeyInfo"))?;
    let public = PublicPart::of(signer)?;
    let validity = Validity::new(to_time(not_before)?, to_time(not_after)?);
    let malformed = |_| Error::Internal("a certificate has no DER encoding");
    let mut builder =
        CertificateBuilder::new(profile, serial, validity, spki).map_err(malformed)?;
    let tbs = builder.finalize(&public).map_err(malformed)?;
    let signature = BitString::from_bytes(&signer.sign(&tbs)?)
        .map_err(|_| Error::Internal("a signature is too long"))?;
    let certificate = builder.assemble(signature, &public).map_err(malformed)?;
    certificate.to_der().map_err(|_| Error::Internal("a certificate has no DER encoding"))
}

/// The builder turns times before 2050 into `UTCTime` (RFC 5280, section 4.1.2.5).
fn to_time(wall: Wall) -> Result<Time> {
    DateTime::from_unix_duration(Duration::from_secs(wall.secs()))
        .map(|time| Time::GeneralTime(GeneralizedTime::from_date_time(time)))
        .map_err(|_| Error::Invalid(Invalid::OutOfRange("a date after the year 9999")))
}

/// The leftmost 160 bits of the SHA-256 of the public key's bits (RFC 7093, section 2, method 1).
fn key_identifier(spki: &[u8]) -> Result<OctetString> {
    let malformed = "a public key is not a SubjectPublicKeyInfo";
    let parsed = SubjectPublicKeyInfoRef::from_der(spki).map_err(|_| Error::Internal(malformed))?;
    let bits = parsed.subject_public_key.as_bytes().ok_or(Error::Internal(malformed))?;
    let digest = crypto::digest::sha256(bits);
    OctetString::new(&digest[..KEY_IDENTIFIER_LEN])
        .map_err(|_| Error::Internal("a key identifier has no DER encoding"))
}
