//! Principals, their policies and their access keys.

use model::{
    AccountId, Action, Error, PrincipalName, Result, Secret, Wall,
    error::{Existing, Limit, Missing},
    limits,
};

use super::{
    certificate::registered,
    listing::{Listing, Page},
};
use crate::{
    caller::base32_letter,
    gate::{Demand, Operation, Permit, Weight},
    open::Read,
    record::PrincipalRecord,
    room::{self, Room},
};

/// Make a user.
pub struct CreatePrincipal {
    /// Its name.
    pub name: PrincipalName,
    /// Its identity policies.
    pub policies: Vec<String>,
}

/// List the users of an account.
pub struct ListPrincipals {
    /// The account.
    pub account: AccountId,
    /// Which part.
    pub page: Page,
}

/// A user.
#[derive(Debug)]
pub struct PrincipalEntry {
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created: Wall,
    /// How many access keys it has.
    pub access_keys: usize,
}

/// Remove a user, its access keys, its certificates and the rules for them.
pub struct DeletePrincipal {
    /// Its name.
    pub name: PrincipalName,
}

/// Replace a user's identity policies.
pub struct PutPrincipalPolicy {
    /// Its name.
    pub name: PrincipalName,
    /// All of its policies.
    pub policies: Vec<String>,
}

/// Read a user's identity policies.
pub struct GetPrincipalPolicy {
    /// Its name.
    pub name: PrincipalName,
}

/// Make an access key for a user.
pub struct CreateAccessKey {
    /// Whose.
    pub principal: PrincipalName,
}

/// An access key, as it is shown once.
#[derive(Debug)]
pub struct NewAccessKey {
    /// Its id: `AKIA` and 16 letters and digits.
    pub id: String,
    /// Its secret: 40 characters.
    pub secret: Secret,
}

/// List a user's access keys.
pub struct ListAccessKeys {
    /// Whose.
    pub principal: PrincipalName,
}

/// An access key.
#[derive(Debug)]
pub struct AccessKeyEntry {
    /// Its id.
    pub id: String,
}

/// Remove an access key.
pub struct DeleteAccessKey {
    /// Whose.
    pub principal: PrincipalName,
    /// Its id.
    pub id: String,
}

/// The record of a principal that there is.
pub(super) fn standing(room: &Room<'_>, name: &PrincipalName) -> Result<(PrincipalRecord, u64)> {
    let Read { value, revision } = room.principal(name)?;
    let missing = || Error::NotFound(Missing::Principal(name.name().to_owned()));
    Ok((value.ok_or_else(missing)?, revision))
}

pub(super) fn check(room: &Room<'_>, policies: &[String]) -> Result<()> {
    if policies.len() > limits::IDENTITY_POLICIES_MAX {
        return Err(Error::TooMany(Limit::PolicyLength));
    }
    policies
        .iter()
        .try_for_each(|text| (room.engine().language().identity_policy)(text).map(|_| ()))
}

impl Operation for CreatePrincipal {
    type Reply = ();
    const ACTION: Action = Action::CreatePrincipal;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::principal(Self::ACTION, &self.name)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<()> {
        check(room, &self.policies)?;
        let Read { value, revision } = room.principal(&self.name)?;
        if value.is_some() {
            let name = self.name.name().to_owned();
            return Err(Error::AlreadyExists(Existing::Principal(name)));
        }
        let record = PrincipalRecord {
            created: room.at().wall,
            policies: self.policies.clone(),
            ..PrincipalRecord::default()
        };
        room.put_principal(&self.name, revision, Some(&record))
    }
}

/// Makes the administrator of a server that is being founded, with one policy and one access key.
pub(crate) fn new_administrator(
    room: &mut Room<'_>,
    name: &PrincipalName,
    policy: String,
) -> Result<NewAccessKey> {
    let policies = vec![policy];
    check(room, &policies)?;
    let (id, secret) = (new_id()?, new_secret()?);
    room.create_access_key(name, &id, &secret)?;
    let record = PrincipalRecord {
        created: room.at().wall,
        policies,
        access_keys: vec![id.clone()],
        ..PrincipalRecord::default()
    };
    room.put_principal(name, 0, Some(&record))?;
    Ok(NewAccessKey { id, secret })
}

/// Makes a user of a server that is being founded, with one policy and one certificate (DER); the
/// certificate's fingerprint.
pub(crate) fn new_client(
    room: &mut Room<'_>,
    name: &PrincipalName,
    policy: String,
    certificate: &[u8],
) -> Result<String> {
    let policies = vec![policy];
    check(room, &policies)?;
    let (fingerprint, certificate) = registered(room, name, certificate, false)?;
    room.put_certificate(&fingerprint, 0, Some(&certificate))?;
    let record = PrincipalRecord {
        created: room.at().wall,
        policies,
        certificates: vec![fingerprint.clone()],
        ..PrincipalRecord::default()
    };
    room.put_principal(name, 0, Some(&record))?;
    Ok(fingerprint)
}

impl Operation for ListPrincipals {
    type Reply = Listing<PrincipalEntry>;
    const ACTION: Action = Action::ListPrincipals;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::account(Self::ACTION, self.account)])
    }

    fn run(
        &self,
        _permit: &Permit<'_, Self>,
        room: &mut Room<'_>,
    ) -> Result<Listing<PrincipalEntry>> {
        let after = self.page.after.as_deref();
        let users = room.users_after(self.account, after, self.page.limit + 1)?;
        let items = users.into_iter().map(|(name, record)| PrincipalEntry {
            name,
            created: record.created,
            access_keys: record.access_keys.len(),
        });
        Ok(Listing::cut(items.collect(), &self.page, |entry| entry.name.clone()))
    }
}

impl Operation for DeletePrincipal {
    type Reply = ();
    const ACTION: Action = Action::DeletePrincipal;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::principal(Self::ACTION, &self.name)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<()> {
        let (record, revision) = standing(room, &self.name)?;
        for id in &record.access_keys {
            let revision = room.access_key(id)?.revision;
            room.remove_access_key(id, revision)?;
        }
        for fingerprint in &record.certificates {
            let revision = room.certificate(fingerprint)?.revision;
            room.put_certificate(fingerprint, revision, None)?;
        }
        for key in &record.certificate_rules {
            let revision = room.certificate_rule(key)?.revision;
            room.put_certificate_rule(key, revision, None)?;
        }
        room.put_principal(&self.name, revision, None)
    }
}

impl Operation for PutPrincipalPolicy {
    type Reply = ();
    const ACTION: Action = Action::PutPrincipalPolicy;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::principal(Self::ACTION, &self.name)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<()> {
        check(room, &self.policies)?;
        let (record, revision) = standing(room, &self.name)?;
        let record = PrincipalRecord { policies: self.policies.clone(), ..record };
        room.put_principal(&self.name, revision, Some(&record))
    }
}

impl Operation for GetPrincipalPolicy {
    type Reply = Vec<String>;
    const ACTION: Action = Action::GetPrincipalPolicy;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::principal(Self::ACTION, &self.name)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Vec<String>> {
        standing(room, &self.name).map(|(record, _)| record.policies)
    }
}

impl Operation for CreateAccessKey {
    type Reply = NewAccessKey;
    const ACTION: Action = Action::CreateAccessKey;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::principal(Self::ACTION, &self.principal)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<NewAccessKey> {
        let (mut record, revision) = standing(room, &self.principal)?;
        if record.access_keys.len() >= limits::ACCESS_KEYS_MAX {
            return Err(Error::TooMany(Limit::AccessKeys));
        }
        let id = new_id()?;
        let secret = new_secret()?;
        room.create_access_key(&self.principal, &id, &secret)?;
        record.access_keys.push(id.clone());
        room.put_principal(&self.principal, revision, Some(&record))?;
        Ok(NewAccessKey { id, secret })
    }
}

impl Operation for ListAccessKeys {
    type Reply = Vec<AccessKeyEntry>;
    const ACTION: Action = Action::ListAccessKeys;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::principal(Self::ACTION, &self.principal)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Vec<AccessKeyEntry>> {
        let (record, _) = standing(room, &self.principal)?;
        Ok(record.access_keys.into_iter().map(|id| AccessKeyEntry { id }).collect())
    }
}

impl Operation for DeleteAccessKey {
    type Reply = ();
    const ACTION: Action = Action::DeleteAccessKey;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::principal(Self::ACTION, &self.principal)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<()> {
        let (mut record, revision) = standing(room, &self.principal)?;
        let Some(index) = record.access_keys.iter().position(|id| *id == self.id) else {
            return Err(Error::NotFound(Missing::AccessKey(self.id.clone())));
        };
        record.access_keys.remove(index);
        let standing = room.access_key(&self.id)?.revision;
        room.remove_access_key(&self.id, standing)?;
        room.put_principal(&self.principal, revision, Some(&record))
    }
}

/// Four letters that say of what kind it is, and 16 of RFC 4648's base32 letters: 80 random bits.
pub(super) fn id_of_kind(kind: &str) -> Result<String> {
    let random: [u8; 16] = crypto::random::array()?;
    Ok(kind.chars().chain(random.map(base32_letter)).collect())
}

/// `AKIA` and 16 of RFC 4648's base32 letters: 80 random bits.
fn new_id() -> Result<String> {
    id_of_kind("AKIA")
}

/// 40 of base64's characters: 240 random bits.
fn new_secret() -> Result<Secret> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let random = room::random_secret(40)?;
    let letters = random.expose().iter().map(|byte| LETTERS[usize::from(byte & 63)]);
    Ok(Secret::new(letters.collect()))
}
