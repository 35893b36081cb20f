//! Issuers of tokens: whose word an account takes, by which keys, and for whom.

use std::collections::HashSet;

use model::{
    AccountId, Action, Error, PrincipalName, Result, Wall,
    error::{Existing, Invalid, Missing},
    limits,
    token::IssuerKey,
};

use super::listing::{Listing, Page};
use crate::{
    gate::{Demand, Operation, Permit, Weight},
    open::Read,
    record::{IssuerRecord, RecordedKey},
    room::Room,
};

/// Take an issuer's word for who somebody is.
pub struct RegisterIssuer {
    /// It, by its address.
    pub name: PrincipalName,
    /// The audiences that its tokens may be for.
    pub audiences: Vec<String>,
    /// Its keys.
    pub keys: Vec<IssuerKey>,
}

/// List the issuers of an account.
pub struct ListIssuers {
    /// The account.
    pub account: AccountId,
    /// Which part.
    pub page: Page,
}

/// An issuer.
#[derive(Debug)]
pub struct IssuerEntry {
    /// Its address without the scheme.
    pub address: String,
    /// When it was registered.
    pub registered: Wall,
    /// The audiences that its tokens may be for.
    pub audiences: Vec<String>,
    /// What its tokens call its keys; of a key without a name nothing.
    pub keys: Vec<Option<String>>,
}

/// Change an issuer: what is not said stays.
pub struct ChangeIssuer {
    /// It, by its address.
    pub name: PrincipalName,
    /// All of the audiences that its tokens may be for.
    pub audiences: Option<Vec<String>>,
    /// All of its keys.
    pub keys: Option<Vec<IssuerKey>>,
}

/// Take an issuer's word no more.
pub struct RemoveIssuer {
    /// It, by its address.
    pub name: PrincipalName,
}

fn refused<T>(sentence: &'static str) -> Result<T> {
    Err(Error::Invalid(Invalid::Role(sentence)))
}

fn standing(room: &Room<'_>, name: &PrincipalName) -> Result<(IssuerRecord, u64)> {
    let Read { value, revision } = room.issuer(name)?;
    let missing = || Error::NotFound(Missing::Issuer(name.name().to_owned()));
    Ok((value.ok_or_else(missing)?, revision))
}

fn check_audiences(audiences: &[String]) -> Result<()> {
    let fits = |text: &String| (1..=limits::TOKEN_CLAIM_LEN_MAX).contains(&text.len());
    if !(1..=limits::AUDIENCES_MAX).contains(&audiences.len()) || !audiences.iter().all(fits) {
        return refused("An issuer has 1 to 100 audiences, of 1 to 255 bytes each.");
    }
    Ok(())
}

/// The keys as they are kept.
fn recorded(keys: &[IssuerKey]) -> Result<Vec<RecordedKey>> {
    if !(1..=limits::ISSUER_KEYS_MAX).contains(&keys.len()) {
        return refused("An issuer has 1 to 32 keys for RS256 or ES256.");
    }
    let mut named = HashSet::new();
    let mut recorded = Vec::with_capacity(keys.len());
    for IssuerKey { id, numbers } in keys {
        let algorithm = numbers.algorithm();
        if !named.insert((id, algorithm)) {
            return refused("Two keys of an issuer have the same name, or both have none.");
        }
        if id.as_ref().is_some_and(|id| id.len() > limits::TOKEN_CLAIM_LEN_MAX) {
            return refused("The name of a key has more than 255 bytes.");
        }
        let spki = crypto::token::public_key(numbers).map_err(|error| match error {
            Error::Invalid(_) => Error::Invalid(Invalid::Role(
                "A key is neither an RSA key of 2048, 3072 or 4096 bits nor a point on P-256.",
            )),
            error => error,
        })?;
        recorded.push(RecordedKey { id: id.clone(), algorithm, spki });
    }
    Ok(recorded)
}

impl Operation for RegisterIssuer {
    type Reply = ();
    const ACTION: Action = Action::RegisterIssuer;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::principal(Self::ACTION, &self.name)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<()> {
        check_audiences(&self.audiences)?;
        let keys = recorded(&self.keys)?;
        let Read { value, revision } = room.issuer(&self.name)?;
        if value.is_some() {
            return Err(Error::AlreadyExists(Existing::Issuer(self.name.name().to_owned())));
        }
        let (registered, audiences) = (room.at().wall, self.audiences.clone());
        room.put_issuer(&self.name, revision, Some(&IssuerRecord { registered, audiences, keys }))
    }
}

impl Operation for ListIssuers {
    type Reply = Listing<IssuerEntry>;
    const ACTION: Action = Action::ListIssuers;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::account(Self::ACTION, self.account)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Listing<IssuerEntry>> {
        let after = self.page.after.as_deref();
        let issuers = room.issuers_after(self.account, after, self.page.limit + 1)?;
        let items = issuers.into_iter().map(|(address, record)| IssuerEntry {
            address,
            registered: record.registered,
            audiences: record.audiences,
            keys: record.keys.into_iter().map(|key| key.id).collect(),
        });
        Ok(Listing::cut(items.collect(), &self.page, |entry| entry.address.clone()))
    }
}

impl Operation for ChangeIssuer {
    type Reply = ();
    const ACTION: Action = Action::ChangeIssuer;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::principal(Self::ACTION, &self.name)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<()> {
        let (mut record, revision) = standing(room, &self.name)?;
        if let Some(audiences) = &self.audiences {
            check_audiences(audiences)?;
            record.audiences.clone_from(audiences);
        }
        if let Some(keys) = &self.keys {
            record.keys = recorded(keys)?;
        }
        room.put_issuer(&self.name, revision, Some(&record))
    }
}

impl Operation for RemoveIssuer {
    type Reply = ();
    const ACTION: Action = Action::RemoveIssuer;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::principal(Self::ACTION, &self.name)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<()> {
        let (_, revision) = standing(room, &self.name)?;
        room.put_issuer(&self.name, revision, None)
    }
}
