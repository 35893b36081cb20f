//! What is known of a key, and its description.

use model::{
    Action, At, Error, Key, MaterialId, ObjectName, Result, Wall,
    algorithm::{KeyUsage, Spec},
    error::Invalid,
    limits,
    material::KeyOrigin,
};

use crate::{
    gate::{Demand, Operation, Permit, Weight},
    object::KeyObject,
    record::KeyRecord,
    reference::KeyRef,
    room::Room,
};

/// Read a key's attributes.
pub struct DescribeKey {
    /// The key.
    pub key: KeyRef,
}

/// What is known of a key.
#[derive(Clone, Debug)]
pub struct KeyAttributes {
    /// Its name.
    pub name: ObjectName,
    /// Algorithm and size.
    pub spec: Spec,
    /// Its purpose; `None` where it is not one of the usages of the native and AWS APIs.
    pub usage: Option<KeyUsage>,
    /// When it was made.
    pub created: Wall,
    /// What people say of it.
    pub description: String,
    /// Whether it can be used.
    pub status: KeyStatus,
    /// When it is to be destroyed, if it is to be.
    pub deletion: Option<Wall>,
    /// Who makes its material.
    pub origin: KeyOrigin,
    /// The current version's material; `None` before the first was brought.
    pub material: Option<MaterialId>,
    /// When that expires, if it is here and does.
    pub expiry: Option<Wall>,
}

/// Whether a key can be used, from its facts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyStatus {
    /// It can.
    Enabled,
    /// It is suspended.
    Disabled,
    /// It waits to be destroyed.
    PendingDeletion,
    /// It has no material yet.
    PendingImport,
}

impl KeyAttributes {
    pub(super) fn of(record: &KeyRecord, at: At) -> Result<Self> {
        let Key::Held(held) = &record.key else {
            let name = record.name().clone();
            return Err(Error::NotFound(model::error::Missing::Key(name)));
        };
        let current = held.versions.current();
        Ok(Self {
            name: held.name.clone(),
            spec: held.spec,
            usage: held.usage(),
            created: held.created,
            description: record.description.clone(),
            status: match (held.deletion, held.complete(at), held.suspended) {
                (Some(_), _, _) => KeyStatus::PendingDeletion,
                (None, Err(_), _) => KeyStatus::PendingImport,
                (None, Ok(()), true) => KeyStatus::Disabled,
                (None, Ok(()), false) => KeyStatus::Enabled,
            },
            deletion: held.deletion,
            origin: held.origin,
            material: (!current.content.is_awaited()).then_some(current.material),
            expiry: current.content.at(at).ok().and_then(|_| current.content.expiry()),
        })
    }
}

impl Operation for DescribeKey {
    type Reply = KeyAttributes;
    const ACTION: Action = Action::DescribeKey;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<KeyAttributes> {
        KeyAttributes::of(permit.key()?.record(), room.at())
    }
}

/// Change a key's description.
pub struct UpdateKeyDescription {
    /// The key.
    pub key: KeyRef,
    /// At most 8192 characters.
    pub description: String,
}

impl Operation for UpdateKeyDescription {
    type Reply = ObjectName;
    const ACTION: Action = Action::UpdateKeyDescription;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<ObjectName> {
        check_description(&self.description)?;
        alter(permit.key()?, room, |record| {
            record.description.clone_from(&self.description);
            Ok(())
        })
    }
}

pub(super) fn check_description(description: &str) -> Result<()> {
    if description.chars().count() > limits::DESCRIPTION_LEN_MAX {
        return Err(Error::Invalid(Invalid::OutOfRange("description")));
    }
    Ok(())
}

/// Changes a key's record, unless the key waits to be destroyed.
pub(super) fn alter(
    key: &KeyObject,
    room: &mut Room<'_>,
    change: impl FnOnce(&mut KeyRecord) -> Result<()>,
) -> Result<ObjectName> {
    key.lasting()?;
    let mut record = key.record().clone();
    change(&mut record)?;
    room.replace_key(key, &record)?;
    Ok(key.name().clone())
}
