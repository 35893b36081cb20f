//! A key as it stands in the store, with what was worked out from it kept beside it.

use std::sync::{Arc, OnceLock};

use crypto::Loaded;
use model::{
    Action, At, Error, Key, MaterialId, ObjectName, Result, Usable,
    algorithm::{KeySpec, KeyUsage},
    error::Missing,
    key::{Direction, HeldKey, Version},
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
    policy: Arc<Document>,
    versions: Vec<VersionSlot>,
}

/// What is kept of a version beside its record.
struct VersionSlot {
    material: MaterialId,
    /// The key's ARN, `#` and the version's number: how the audit log writes what was used.
    name: String,
    loaded: OnceLock<Loaded>,
}

/// The versions that an operation used, in the order of its demands: of two keys at most, the
/// source and the destination of a re-encryption.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Used([Option<MaterialId>; 2]);

impl Used {
    pub(crate) fn note(&mut self, material: MaterialId) {
        if let Some(vacant) = self.0.iter_mut().find(|slot| slot.is_none()) {
            *vacant = Some(material);
        }
    }

    /// The name of the first version that is one of `key`'s, which does not come again.
    pub(crate) fn take<'k>(&mut self, key: &'k KeyObject) -> Option<&'k str> {
        self.0.iter_mut().find_map(|slot| {
            let name = &key.slot((*slot)?)?.name;
            *slot = None;
            Some(name.as_str())
        })
    }
}

impl KeyObject {
    pub(crate) fn new(record: KeyRecord, revision: u64, policy: Arc<Document>) -> Self {
        let arn = record.name().arn();
        let slot = |version: &Version| VersionSlot {
            material: version.material,
            name: format!("{arn}#{}", version.number),
            loaded: OnceLock::new(),
        };
        let versions = match &record.key {
            Key::Held(held) => held.versions.iter().map(slot).collect(),
            Key::Destroyed(_) => Vec::new(),
        };
        Self { record, revision, arn, policy, versions }
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

    /// Algorithm and usage of a key that the native and AWS APIs can use.
    pub(crate) fn kms(&self, action: Action) -> Result<(KeySpec, KeyUsage)> {
        let held = self.held()?;
        match (held.spec.key(), held.usage()) {
            (Some(spec), Some(usage)) => Ok((spec, usage)),
            (_, usage) => Err(Error::WrongUsage { key: held.name.clone(), usage, action }),
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
        self.online()?;
        if held.usage() != Some(usage) {
            let key = held.name.clone();
            return Err(Error::WrongUsage { key, usage: held.usage(), action });
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
        self.online()?;
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

    /// The key, if its material may leave or something may be made of it: it has some, and no
    /// protocol has set it aside.
    pub(crate) fn at_hand(&self) -> Result<&HeldKey> {
        let Key::Held(held) = &self.record.key else {
            return Err(self.wrong_state(model::Obstacle::Destroyed));
        };
        self.online()?;
        held.in_service().map_err(|obstacle| self.wrong_state(obstacle))?;
        Ok(held)
    }

    /// Refuses to change what waits to be destroyed.
    pub(crate) fn lasting(&self) -> Result<()> {
        match &self.record.key {
            Key::Held(held) if held.deletion.is_some() => {
                Err(self.wrong_state(model::Obstacle::PendingDeletion))
            }
            _ => Ok(()),
        }
    }

    /// Refuses what is archived. What is destroyed is that and nothing else.
    pub(crate) fn online(&self) -> Result<()> {
        match (&self.record.key, self.record.attributes.archived) {
            (Key::Held(_), Some(_)) => Err(self.wrong_state(model::Obstacle::Archived)),
            _ => Ok(()),
        }
    }

    pub(crate) fn wrong_state(&self, obstacle: model::Obstacle) -> Error {
        Error::WrongState { key: self.name().clone(), obstacle }
    }

    fn slot(&self, material: MaterialId) -> Option<&VersionSlot> {
        self.versions.iter().find(|slot| slot.material == material)
    }

    /// The slot in which a version's loaded material is kept.
    pub(crate) fn loaded_slot(&self, material: MaterialId) -> Option<&OnceLock<Loaded>> {
        self.slot(material).map(|slot| &slot.loaded)
    }

    /// Whether material of it is in secret memory.
    pub(crate) fn has_loaded(&self) -> bool {
        self.versions.iter().any(|slot| slot.loaded.get().is_some())
    }
}
