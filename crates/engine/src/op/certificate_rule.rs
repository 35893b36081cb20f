//! Rules for client certificates: who holds one that a certain authority issued, to holders of
//! certain names, acts as a principal.

use model::{
    Action, Error, PrincipalName, Result, Wall,
    error::{Existing, Invalid, Limit, Missing},
    holder::HolderName,
    limits,
};

use super::principal::standing;
use crate::{
    gate::{Demand, Operation, Permit, Weight},
    identify,
    open::Read,
    record::{self, CertificateRuleRecord, PrincipalRecord},
    room::Room,
};

/// Let the holders of certificates of an authority act as a user. It needs what it needs to
/// register one of them.
pub struct RegisterCertificateRule {
    /// As whom.
    pub principal: PrincipalName,
    /// The certificate of the authority, in DER. It is trusted for this rule and for nothing else,
    /// whoever issued it.
    pub authority: Vec<u8>,
    /// The names that a certificate must have, all of them; with none, every certificate of the
    /// authority is the user's.
    pub names: Vec<HolderName>,
    /// Whether holders have to show an access key of the user besides.
    pub with_credential: bool,
}

/// A rule for certificates.
#[derive(Debug)]
pub struct CertificateRuleEntry {
    /// What it is known by: 32 hexadecimal digits.
    pub id: String,
    /// The subject of the authority as RFC 4514 writes it.
    pub authority: String,
    /// The SHA-256 of the authority's certificate in DER, in lower-case hexadecimal.
    pub authority_fingerprint: String,
    /// The names that a certificate must have.
    pub names: Vec<HolderName>,
    /// Whether holders have to show an access key besides.
    pub with_credential: bool,
    /// When it was registered.
    pub registered: Wall,
    /// The last moment at which the authority's certificate is valid, to the second.
    pub not_after: Wall,
}

fn entry(key: &str, record: CertificateRuleRecord) -> Result<CertificateRuleEntry> {
    let authority = x509::summary(&record.authority)?;
    Ok(CertificateRuleEntry {
        id: record::id_of(key).to_owned(),
        authority: authority.subject,
        authority_fingerprint: identify::fingerprint(&record.authority),
        names: record.names,
        with_credential: record.with_credential,
        registered: record.registered,
        not_after: authority.not_after,
    })
}

/// The rules of a principal.
pub(super) fn entries(
    room: &Room<'_>,
    principal: &PrincipalRecord,
) -> Result<Vec<CertificateRuleEntry>> {
    let named = principal.certificate_rules.iter().map(|key| {
        // One that is removed at this moment is no longer there to be listed.
        room.certificate_rule(key)?.value.map(|record| entry(key, record)).transpose()
    });
    named.filter_map(Result::transpose).collect()
}

/// Removes a rule, by what it is known by, and from its principal's record.
pub(super) fn remove(room: &mut Room<'_>, principal: &mut PrincipalRecord, id: &str) -> Result<()> {
    let rules = &mut principal.certificate_rules;
    let Some(index) = rules.iter().position(|key| record::id_of(key) == id) else {
        return Err(Error::NotFound(Missing::Certificate(id.to_owned())));
    };
    let key = rules.remove(index);
    let revision = room.certificate_rule(&key)?.revision;
    room.put_certificate_rule(&key, revision, None)
}

impl RegisterCertificateRule {
    /// The record of the rule, and the name of its authority in DER.
    fn record(&self, room: &Room<'_>) -> Result<(CertificateRuleRecord, Vec<u8>)> {
        let refused = |sentence| Err(Error::Invalid(Invalid::Certificate(sentence)));
        if self.authority.len() > limits::CERTIFICATE_LEN_MAX {
            return refused("The certificate is longer than 16 KiB.");
        }
        x509::check_authority(&self.authority)?;
        let facts = x509::facts(&self.authority)?;
        if room.at().has_come(facts.validity.1.plus_secs(1)) {
            return refused("The certificate has expired.");
        }
        if self.names.len() > limits::CERTIFICATE_RULE_NAMES_MAX {
            return refused("A rule asks for at most 8 names.");
        }
        let names = self.names.iter().cloned().map(x509::canonical_name);
        let mut names = names.collect::<Result<Vec<_>>>()?;
        names.sort_unstable();
        names.dedup();
        let record = CertificateRuleRecord {
            principal: self.principal.clone(),
            registered: room.at().wall,
            authority: self.authority.clone(),
            names,
            with_credential: self.with_credential,
        };
        Ok((record, facts.subject.der))
    }
}

impl Operation for RegisterCertificateRule {
    type Reply = CertificateRuleEntry;
    const ACTION: Action = Action::RegisterCertificate;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::principal(Self::ACTION, &self.principal)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<CertificateRuleEntry> {
        let (record, authority) = self.record(room)?;
        let (mut principal, of_principal) = standing(room, &self.principal)?;
        let key = record.key(&authority);
        let Read { value, revision } = room.certificate_rule(&key)?;
        if value.is_some() {
            let id = record::id_of(&key).to_owned();
            return Err(Error::AlreadyExists(Existing::Certificate(id)));
        }
        let alike = room.certificate_rules_alike(&authority, record.names.first())?;
        if principal.certificate_rules.len() >= limits::CERTIFICATE_RULES_MAX
            || alike >= limits::CERTIFICATE_RULES_ALIKE_MAX
        {
            return Err(Error::TooMany(Limit::CertificateRules));
        }
        room.put_certificate_rule(&key, revision, Some(&record))?;
        room.note_name(identify::fingerprint(&record.authority));
        for name in &record.names {
            room.note_name(format!("{} {name}", name.kind()));
        }
        principal.certificate_rules.push(key.clone());
        room.put_principal(&self.principal, of_principal, Some(&principal))?;
        entry(&key, record)
    }
}
