//! A key as it stands in the store, with what was worked out from it kept beside it.

use std::sync::{Arc, OnceLock};

use crypto::Loaded;
use model::{
    Action, At, Error, Key, MaterialId, ObjectName, Result, Usable,
    algorithm::KeyUsage,
    error::Missing,
    key::{Direction, HeldKey},
    name::AliasName,
    policy::Document,
};

use crate::record::KeyRecord;

/// A key record at one revision: immutable, shared by the requests that use it, and dropped from
/// the cache when a commit replaces it. Its loaded material goes with it.
pub struct KeyObject {
    record: KeyRecord,
    revision: u64,
    arn: String,
    policy: Document,
    loaded: Vec<(MaterialId, OnceLock<Arc<Loaded>>)>,
}

impl KeyObject {
    pub(crate) fn new(record: KeyRecord, revision: u64, policy: Document) -> Self {
        let loaded = match &record.key {
            Key::Held(held) => {
                held.versions.iter().map(|version| (version.material, OnceLock::new())).collect()
            }
            Key::Destroyed(_) => Vec::new(),
        };
        let arn = record.name().arn();
        Self { record, revision, arn, policy, loaded }
    }

    /// Its name.
    pub fn name(&self) -> &ObjectName {
        self.record.name()
    }

    /// Its name, as the policy language writes it.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    pub(crate) fn record(&self) -> &KeyRecord {
        &self.record
    }

    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    pub(crate) fn policy(&self) -> &Document {
        &self.policy
    }

    pub(crate) fn aliases(&self) -> &[AliasName] {
        &self.record.aliases
    }

    /// The key, unless it is destroyed.
    pub(crate) fn held(&self) -> Result<&HeldKey> {
        match &self.record.key {
            Key::Held(held) => Ok(held),
            Key::Destroyed(gone) => Err(Error::NotFound(Missing::Key(gone.name.clone()))),
        }
    }

    /// The current version, if the key is for `usage` and may be used in direction `D` now.
    pub(crate) fn usable<D: Direction>(
        &self,
        action: Action,
        usage: KeyUsage,
        at: At,
    ) -> Result<Usable<'_, D>> {
        let held = self.held()?;
        if held.usage != usage {
            let key = held.name.clone();
            return Err(Error::WrongUsage { key, usage: held.usage, action });
        }
        held.usable::<D>(at).map_err(|obstacle| self.wrong_state(obstacle))
    }

    /// The version of this material, if the key has it and it may be used in direction `D` now.
    pub(crate) fn usable_material<D: Direction>(
        &self,
        material: MaterialId,
        at: At,
    ) -> Result<Option<Usable<'_, D>>> {
        let held = self.held()?;
        let Some(version) = held.versions.iter().find(|version| version.material == material)
        else {
            return Ok(None);
        };
        match held.usable_version::<D>(version.number, at) {
            Some(Ok(usable)) => Ok(Some(usable)),
            Some(Err(obstacle)) => Err(self.wrong_state(obstacle)),
            None => Ok(None),
        }
    }

    pub(crate) fn wrong_state(&self, obstacle: model::Obstacle) -> Error {
        Error::WrongState { key: self.name().clone(), obstacle }
    }

    /// The slot in which a version's loaded material is kept.
    pub(crate) fn loaded_slot(&self, material: MaterialId) -> Option<&OnceLock<Arc<Loaded>>> {
        self.loaded.iter().find(|(id, _)| *id == material).map(|(_, slot)| slot)
    }
}
