//! Client certificates of principals: who holds the key of one acts as the principal.

use model::{
    Action, Error, PrincipalName, Result, Wall,
    error::{Existing, Invalid, Limit, Missing},
    limits,
};

use super::{
    certificate_rule::{self, CertificateRuleEntry},
    principal::standing,
};
use crate::{
    gate::{Demand, Operation, Permit, Weight},
    identify,
    open::Read,
    record::CertificateRecord,
    room::Room,
};

/// Let the holder of a certificate's key act as a user.
///
/// The certificate itself is registered, not who issued it: it holds until it is removed or
/// expires, whatever its issuer does.
pub struct RegisterCertificate {
    /// As whom.
    pub principal: PrincipalName,
    /// The certificate in DER.
    pub certificate: Vec<u8>,
    /// Whether its holder has to show an access key of the user besides.
    pub with_credential: bool,
}

/// List a user's certificates, the rules for further ones, and those that are blocked.
pub struct ListCertificates {
    /// Whose.
    pub principal: PrincipalName,
}

/// A certificate that is registered.
#[derive(Debug)]
pub struct CertificateEntry {
    /// The SHA-256 of its DER form, in lower-case hexadecimal: what it is known by.
    pub fingerprint: String,
    /// Its subject as RFC 4514 writes it.
    pub subject: String,
    /// When it was registered.
    pub registered: Wall,
    /// The first moment at which it is valid, to the second.
    pub not_before: Wall,
    /// The last moment at which it is valid, to the second.
    pub not_after: Wall,
    /// Whether its holder has to show an access key besides.
    pub with_credential: bool,
}

/// By which certificates somebody is a user.
#[derive(Debug)]
pub struct Certificates {
    /// Those that are registered.
    pub registered: Vec<CertificateEntry>,
    /// The rules for others.
    pub rules: Vec<CertificateRuleEntry>,
    /// The fingerprints of those that are blocked.
    pub blocked: Vec<String>,
}

/// Remove a certificate, or a rule for some; they are refused from then on.
pub struct RemoveCertificate {
    /// Whose.
    pub principal: PrincipalName,
    /// The certificate's fingerprint, or what the rule is known by.
    pub id: String,
}

/// Block a certificate: nobody is the user by it, nor by what it issued, whatever is registered.
pub struct BlockCertificate {
    /// Whom.
    pub principal: PrincipalName,
    /// Its fingerprint.
    pub fingerprint: String,
}

/// Block a certificate no longer. It needs what it needs to register it.
pub struct UnblockCertificate {
    /// Whom.
    pub principal: PrincipalName,
    /// Its fingerprint.
    pub fingerprint: String,
}

fn entry(fingerprint: String, record: CertificateRecord) -> CertificateEntry {
    let CertificateRecord { registered, subject, not_before, not_after, with_credential, .. } =
        record;
    CertificateEntry { fingerprint, subject, registered, not_before, not_after, with_credential }
}

impl Operation for RegisterCertificate {
    type Reply = CertificateEntry;
    const ACTION: Action = Action::RegisterCertificate;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::principal(Self::ACTION, &self.principal)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<CertificateEntry> {
        let (fingerprint, record) =
            registered(room, &self.principal, &self.certificate, self.with_credential)?;
        let (mut principal, of_principal) = standing(room, &self.principal)?;
        if principal.blocked.contains(&fingerprint) {
            let sentence = "The certificate is blocked for this principal.";
            return Err(Error::Invalid(Invalid::Certificate(sentence)));
        }
        let Read { value, revision } = room.certificate(&fingerprint)?;
        if value.is_some() {
            return Err(Error::AlreadyExists(Existing::Certificate(fingerprint)));
        }
        if principal.certificates.len() >= limits::CERTIFICATES_MAX {
            return Err(Error::TooMany(Limit::Certificates));
        }
        room.put_certificate(&fingerprint, revision, Some(&record))?;
        principal.certificates.push(fingerprint.clone());
        room.put_principal(&self.principal, of_principal, Some(&principal))?;
        Ok(entry(fingerprint, record))
    }
}

/// The fingerprint and the record of a certificate in DER that is registered now.
pub(super) fn registered(
    room: &Room<'_>,
    principal: &PrincipalName,
    certificate: &[u8],
    with_credential: bool,
) -> Result<(String, CertificateRecord)> {
    let refused = |sentence| Err(Error::Invalid(Invalid::Certificate(sentence)));
    if certificate.len() > limits::CERTIFICATE_LEN_MAX {
        return refused("The certificate is longer than 16 KiB.");
    }
    let read = x509::summary(certificate)?;
    if room.at().has_come(read.not_after.plus_secs(1)) {
        return refused("The certificate has expired.");
    }
    let record = CertificateRecord {
        principal: principal.clone(),
        registered: room.at().wall,
        subject: read.subject,
        not_before: read.not_before,
        not_after: read.not_after,
        with_credential,
    };
    Ok((identify::fingerprint(certificate), record))
}

impl Operation for ListCertificates {
    type Reply = Certificates;
    const ACTION: Action = Action::ListCertificates;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::principal(Self::ACTION, &self.principal)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Certificates> {
        let (principal, _) = standing(room, &self.principal)?;
        let rules = certificate_rule::entries(room, &principal)?;
        let named = principal.certificates.into_iter().map(|fingerprint| {
            let record = room.certificate(&fingerprint)?.value;
            // One that is removed at this moment is no longer there to be listed.
            Ok(record.map(|record| entry(fingerprint, record)))
        });
        let registered = named.filter_map(Result::transpose).collect::<Result<_>>()?;
        Ok(Certificates { registered, rules, blocked: principal.blocked })
    }
}

impl Operation for RemoveCertificate {
    type Reply = ();
    const ACTION: Action = Action::RemoveCertificate;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::principal(Self::ACTION, &self.principal)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<()> {
        let (mut principal, of_principal) = standing(room, &self.principal)?;
        match principal.certificates.iter().position(|it| *it == self.id) {
            Some(index) => {
                principal.certificates.remove(index);
                let revision = room.certificate(&self.id)?.revision;
                room.put_certificate(&self.id, revision, None)?;
            }
            None => certificate_rule::remove(room, &mut principal, &self.id)?,
        }
        room.put_principal(&self.principal, of_principal, Some(&principal))
    }
}

impl Operation for BlockCertificate {
    type Reply = ();
    const ACTION: Action = Action::RemoveCertificate;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::principal(Self::ACTION, &self.principal)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<()> {
        let (mut principal, of_principal) = standing(room, &self.principal)?;
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if self.fingerprint.len() != 64 || !self.fingerprint.bytes().all(is_digit) {
            let sentence = "A fingerprint is a SHA-256: 64 hexadecimal digits.";
            return Err(Error::Invalid(Invalid::Certificate(sentence)));
        }
        if principal.blocked.contains(&self.fingerprint) {
            return Err(Error::AlreadyExists(Existing::Certificate(self.fingerprint.clone())));
        }
        if principal.blocked.len() >= limits::CERTIFICATES_BLOCKED_MAX {
            return Err(Error::TooMany(Limit::BlockedCertificates));
        }
        room.note_name(self.fingerprint.clone());
        principal.blocked.push(self.fingerprint.clone());
        room.put_principal(&self.principal, of_principal, Some(&principal))
    }
}

impl Operation for UnblockCertificate {
    type Reply = ();
    const ACTION: Action = Action::RegisterCertificate;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::principal(Self::ACTION, &self.principal)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<()> {
        let (mut principal, of_principal) = standing(room, &self.principal)?;
        let Some(index) = principal.blocked.iter().position(|it| *it == self.fingerprint) else {
            return Err(Error::NotFound(Missing::Certificate(self.fingerprint.clone())));
        };
        room.note_name(self.fingerprint.clone());
        principal.blocked.remove(index);
        room.put_principal(&self.principal, of_principal, Some(&principal))
    }
}
