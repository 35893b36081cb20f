//! How much limited keys may still protect.
//!
//! The limit is in a key's record, and beside it a counter of what is set aside of it. A block is
//! set aside by a change of its own, recorded and durable like every change, before anything of it
//! is used; what is left of the block is in memory. A crash forfeits that: a key never protects
//! more than it may, and at most one block less, which shrinks to one unit near the limit.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError},
};

use model::{Action, At, Error, ObjectName, Obstacle, Result, limits, object::LimitUnit};

use crate::{
    Engine,
    call::Mode,
    gate::{Demand, Operation, Permit, Weight},
    object::KeyObject,
    reference::{By, KeyRef},
    room::Room,
};

/// What part of the rest of a limit a block is at most.
const SHARE: u64 = 16;

/// What is left of the blocks of all keys.
#[derive(Default)]
pub(crate) struct Allowances(Mutex<HashMap<ObjectName, Arc<Mutex<u64>>>>);

impl Allowances {
    /// What is left of a key's block, to be locked by whoever takes of it or sets more aside.
    fn of(&self, name: &ObjectName) -> Arc<Mutex<u64>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(left) = all.get(name) {
            return left.clone();
        }
        // What nothing is left of and nobody looks at now says nothing.
        all.retain(|_, left| Arc::strong_count(left) > 1 || *locked(left) > 0);
        all.entry(name.clone()).or_default().clone()
    }
}

fn locked(left: &Mutex<u64>) -> MutexGuard<'_, u64> {
    left.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Units that an operation takes. They go back when it is dropped, unless they are spent.
pub(crate) struct Allowance {
    left: Arc<Mutex<u64>>,
    units: u64,
}

impl Allowance {
    /// What was taken is used.
    pub(crate) fn spend(mut self) {
        self.units = 0;
    }
}

impl Drop for Allowance {
    fn drop(&mut self) {
        if self.units > 0 {
            *locked(&self.left) += self.units;
        }
    }
}

impl Room<'_> {
    /// Counts a protection of `len` bytes against what an object may protect, if that is limited;
    /// `is_call` unless it goes on with one that was counted.
    ///
    /// # Errors
    ///
    /// [`Obstacle::LimitReached`] when less is left.
    pub(crate) fn count_use(&mut self, object: &KeyObject, len: usize, is_call: bool) -> Result<()> {
        let units = match object.record().attributes.usage_limit {
            None => return Ok(()),
            Some(limit) => match limit.unit {
                LimitUnit::Bytes => len as u64,
                LimitUnit::Calls => u64::from(is_call),
            },
        };
        self.take_units(object, units)
    }

    /// Takes so many units of what a limited object may protect.
    pub(crate) fn take_units(&mut self, object: &KeyObject, units: u64) -> Result<()> {
        if units == 0 || object.record().attributes.usage_limit.is_none() {
            return Ok(());
        }
        let slot = self.engine().allowances().of(object.name());
        let mut left = match slot.try_lock() {
            Ok(left) => left,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => {
                // Somebody sets more aside, which takes as long as a commit.
                self.unhurried()?;
                locked(&slot)
            }
        };
        if *left < units {
            self.unhurried()?;
            let missing = units - *left;
            if self.units_not_set_aside(object)? < missing {
                return Err(object.wrong_state(Obstacle::LimitReached));
            }
            *left += self.engine().set_aside(object.name(), missing, self.at())?;
        }
        *left = left.saturating_sub(units);
        drop(left);
        self.note_allowance(Allowance { left: slot, units });
        Ok(())
    }

    /// How much an object may still protect, if that is limited.
    pub(crate) fn usage_left(&self, object: &KeyObject) -> Result<Option<u64>> {
        if object.record().attributes.usage_limit.is_none() {
            return Ok(None);
        }
        self.unhurried()?;
        let slot = self.engine().allowances().of(object.name());
        let left = locked(&slot);
        Ok(Some(self.units_not_set_aside(object)?.saturating_add(*left)))
    }

    fn units_not_set_aside(&self, object: &KeyObject) -> Result<u64> {
        let total = object.record().attributes.usage_limit.map_or(0, |limit| limit.total);
        Ok(total.saturating_sub(self.units_set_aside(object.name())?.value.unwrap_or_default().0))
    }
}

impl Engine {
    /// Sets units of a limited key aside, at least so many, and says how many.
    fn set_aside(&self, name: &ObjectName, at_least: u64, at: At) -> Result<u64> {
        let caller = self.system_caller(name.account)?;
        let key = KeyRef {
            account: name.account,
            region: name.region.clone(),
            by: By::Id(name.id),
        };
        let operation = SetAside { key, at_least };
        for _ in 0..limits::CONFLICT_RETRIES_MAX {
            let done = self.call(&caller, &operation, at, Mode::Run).and_then(|it| it.wait());
            match done {
                Err(Error::Conflict) => {}
                outcome => return outcome,
            }
        }
        Err(Error::Conflict)
    }
}

/// Set a block aside of what a key may protect: what Strongroom does of itself.
struct SetAside {
    key: KeyRef,
    at_least: u64,
}

impl Operation for SetAside {
    type Reply = u64;
    const ACTION: Action = Action::AllocateUsage;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<u64> {
        let key = permit.key()?;
        let rest = room.units_not_set_aside(key)?;
        if rest < self.at_least {
            return Err(key.wrong_state(Obstacle::LimitReached));
        }
        let block = block(rest, self.at_least);
        room.set_units_aside(key.name(), block)?;
        Ok(block)
    }
}

/// How much is set aside at a time.
fn block(rest: u64, at_least: u64) -> u64 {
    at_least.max((rest / SHARE).min(limits::USAGE_BLOCK_MAX)).min(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_shrink_to_what_is_asked_for_near_the_limit() {
        assert_eq!(block(u64::MAX, 1), limits::USAGE_BLOCK_MAX);
        assert_eq!(block(160, 1), 10);
        assert_eq!(block(31, 1), 1);
        assert_eq!(block(1, 1), 1);
        assert_eq!(block(16, 16), 16);
        assert_eq!(block(1 << 20, 1 << 19), 1 << 19);
    }
}
