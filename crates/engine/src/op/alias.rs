//! Changeable names for keys.

use model::{
    Action, Error, KeyId, Obstacle, Result,
    error::{Existing, Invalid, Limit, Missing},
};

use super::attributes::alter;
use crate::{
    gate::{Demand, Operation, Permit, Weight},
    object::KeyObject,
    record::AliasRecord,
    reference::{AliasRef, By, KeyRef},
    room::Room,
};

/// Most aliases of a key (AWS KMS's quota).
const ALIASES_MAX: usize = 50;

/// Give a key an alias.
pub struct CreateAlias {
    /// The alias.
    pub alias: AliasRef,
    /// The key, in the alias's account and region.
    pub key: KeyRef,
}

/// Point an alias at another key of the same kind and purpose.
pub struct UpdateAlias {
    /// The alias.
    pub alias: AliasRef,
    /// The key, in the alias's account and region.
    pub key: KeyRef,
}

/// Remove an alias. The key stays.
pub struct DeleteAlias {
    /// The alias.
    pub alias: AliasRef,
}

fn aliased(alias: &AliasRef) -> KeyRef {
    let by = By::Alias(alias.alias.clone());
    KeyRef { account: alias.account, region: alias.region.clone(), by }
}

fn attach(alias: &AliasRef, key: &KeyObject, room: &mut Room<'_>) -> Result<KeyId> {
    let name = key.name();
    if (name.account, &name.region) != (alias.account, &alias.region) {
        return Err(Error::Invalid(Invalid::OtherPlace));
    }
    alter(key, room, |record| {
        if record.aliases.len() >= ALIASES_MAX {
            return Err(Error::TooMany(Limit::Aliases));
        }
        if let Err(place) = record.aliases.binary_search(&alias.alias) {
            record.aliases.insert(place, alias.alias.clone());
        }
        Ok(())
    })
    .map(|name| name.id)
}

/// Also from a key that waits to be destroyed.
fn detach(alias: &AliasRef, key: &KeyObject, room: &mut Room<'_>) -> Result<()> {
    let mut record = key.record().clone();
    record.aliases.retain(|name| *name != alias.alias);
    room.replace_key(key, &record)
}

impl Operation for CreateAlias {
    type Reply = ();
    const ACTION: Action = Action::CreateAlias;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::alias(Self::ACTION, &self.alias), Demand::key(Self::ACTION, &self.key)])
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<()> {
        let standing = room.alias(&self.alias)?;
        if standing.value.is_some() {
            return Err(Error::AlreadyExists(Existing::Alias(self.alias.alias.clone())));
        }
        let key = attach(&self.alias, permit.key()?, room)?;
        let now = room.at().wall;
        let record = AliasRecord { key, created: now, updated: now };
        room.put_alias(&self.alias, standing.revision, Some(&record))
    }
}

impl Operation for UpdateAlias {
    type Reply = ();
    const ACTION: Action = Action::UpdateAlias;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![
            Demand::alias(Self::ACTION, &self.alias),
            Demand::key(Self::ACTION, &aliased(&self.alias)),
            Demand::key(Self::ACTION, &self.key),
        ])
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<()> {
        let (from, to) = (permit.nth_key(0)?, permit.nth_key(1)?);
        let standing = room.alias(&self.alias)?;
        let record = match standing.value {
            Some(record) if record.key == from.name().id => record,
            // The cache was a moment behind: another change came first.
            _ => return Err(Error::Conflict),
        };
        if from.name() == to.name() {
            let record = AliasRecord { updated: room.at().wall, ..record };
            return room.put_alias(&self.alias, standing.revision, Some(&record));
        }
        let (old, new) = (from.held()?, to.held()?);
        let same_kind = old.spec.is_symmetric() == new.spec.is_symmetric();
        if old.usage() != new.usage() || !same_kind {
            return Err(Error::Invalid(Invalid::AliasForOtherUsage));
        }
        if new.deletion.is_some() {
            return Err(to.wrong_state(Obstacle::PendingDeletion));
        }
        detach(&self.alias, from, room)?;
        let key = attach(&self.alias, to, room)?;
        let record = AliasRecord { key, updated: room.at().wall, ..record };
        room.put_alias(&self.alias, standing.revision, Some(&record))
    }
}

impl Operation for DeleteAlias {
    type Reply = ();
    const ACTION: Action = Action::DeleteAlias;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![
            Demand::alias(Self::ACTION, &self.alias),
            Demand::key(Self::ACTION, &aliased(&self.alias)),
        ])
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<()> {
        let standing = room.alias(&self.alias)?;
        let missing = || Error::NotFound(Missing::Alias(self.alias.alias.clone()));
        let record = standing.value.ok_or_else(missing)?;
        let key = permit.key()?;
        if record.key != key.name().id {
            return Err(Error::Conflict);
        }
        detach(&self.alias, key, room)?;
        room.put_alias(&self.alias, standing.revision, None)
    }
}
