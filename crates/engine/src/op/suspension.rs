//! Setting a key aside, and taking it back into use.

use model::{Action, Key, ObjectName, Result};

use super::attributes::alter;
use crate::{
    gate::{Demand, Operation, Permit, Weight},
    record::KeyRecord,
    reference::KeyRef,
    room::Room,
};

/// Lift a key's suspension, and nothing else.
pub struct EnableKey {
    /// The key.
    pub key: KeyRef,
}

/// Suspend a key: neither direction of use until it is enabled again.
pub struct DisableKey {
    /// The key.
    pub key: KeyRef,
}

fn suspend(record: &mut KeyRecord, suspended: bool) -> Result<()> {
    if let Key::Held(held) = &mut record.key {
        held.suspended = suspended;
    }
    Ok(())
}

impl Operation for EnableKey {
    type Reply = ObjectName;
    const ACTION: Action = Action::EnableKey;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<ObjectName> {
        alter(permit.key()?, room, |record| suspend(record, false))
    }
}

impl Operation for DisableKey {
    type Reply = ObjectName;
    const ACTION: Action = Action::DisableKey;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<ObjectName> {
        alter(permit.key()?, room, |record| suspend(record, true))
    }
}
