//! The date of a key's destruction: set, and taken back.

use model::{
    Action, Error, Key, ObjectName, Obstacle, Result, Wall, error::Invalid, limits, policy::Value,
};

use crate::{
    gate::{Demand, Operation, Permit, Weight},
    reference::KeyRef,
    room::Room,
};

/// Set the date of a key's destruction. Until then it cannot be used.
pub struct ScheduleKeyDeletion {
    /// The key.
    pub key: KeyRef,
    /// 7 to 30 days from now.
    pub window_days: u32,
}

/// The date that was set.
#[derive(Debug)]
pub struct Deletion {
    /// The key.
    pub key: ObjectName,
    /// When it will be destroyed.
    pub date: Wall,
    /// Days from the request to then.
    pub window_days: u32,
}

/// Take back the date of a key's destruction. The key stays suspended.
pub struct CancelKeyDeletion {
    /// The key.
    pub key: KeyRef,
}

impl Operation for ScheduleKeyDeletion {
    type Reply = Deletion;
    const ACTION: Action = Action::ScheduleKeyDeletion;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn fact(&self, key: &str) -> Option<Value<'_>> {
        (key == "kms:schedulekeydeletionpendingwindowindays")
            .then(|| Value::One(self.window_days.to_string().into()))
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Deletion> {
        let window = limits::DELETION_WINDOW_DAYS_MIN..=limits::DELETION_WINDOW_DAYS_MAX;
        if !window.contains(&self.window_days) {
            return Err(Error::Invalid(Invalid::OutOfRange("deletion window")));
        }
        let key = permit.key()?;
        let mut record = key.record().clone();
        let Key::Held(held) = &mut record.key else {
            return Err(key.wrong_state(Obstacle::Destroyed));
        };
        if held.deletion.is_some() {
            return Err(key.wrong_state(Obstacle::PendingDeletion));
        }
        // From the latest time there was: a clock that is set right does not shorten the wait.
        let date = room.at().latest().plus_secs(u64::from(self.window_days) * 86_400);
        held.deletion = Some(date);
        room.replace_key(key, &record)?;
        Ok(Deletion { key: key.name().clone(), date, window_days: self.window_days })
    }
}

impl Operation for CancelKeyDeletion {
    type Reply = ObjectName;
    const ACTION: Action = Action::CancelKeyDeletion;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<ObjectName> {
        let key = permit.key()?;
        let mut record = key.record().clone();
        let Key::Held(held) = &mut record.key else {
            return Err(key.wrong_state(Obstacle::Destroyed));
        };
        if held.deletion.take().is_none() {
            return Err(key.wrong_state(Obstacle::NotPendingDeletion));
        }
        held.suspended = true;
        room.replace_key(key, &record)?;
        Ok(key.name().clone())
    }
}
