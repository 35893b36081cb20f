//! How much limited keys may still protect.
//!
//! The limit is in a key's record, and beside it a counter of what is set aside of it. A block is
//! set aside by a change of its own, recorded and durable like every change, before anything of it
//! is used; what is left of the block is in memory. A crash forfeits that: a key never protects
//! more than it may, and at most one block less, which shrinks to one unit near the limit.
//!
//! A block belongs to the material and the limit under which it was set aside: when an object is
//! replaced or its limit changed, it is counted anew, and what is left in memory is worth nothing.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError},
};

use model::{Key, MaterialId, ObjectName, object::UsageLimit};

use crate::record::KeyRecord;

/// What is left of the blocks of all keys.
#[derive(Default)]
pub(crate) struct Allowances(Mutex<HashMap<ObjectName, Left>>);

impl Allowances {
    /// What is left of a key's block, to be locked by whoever takes of it or sets more aside.
    pub(crate) fn of(&self, name: &ObjectName) -> Left {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(left) = all.get(name) {
            return left.clone();
        }
        if all.len() == all.capacity() {
            // What nothing is left of and nobody looks at now says nothing.
            all.retain(|_, left| Arc::strong_count(&left.0) > 1 || left.lock().units > 0);
        }
        all.entry(name.clone()).or_default().clone()
    }
}

/// What is counted together: the protections by some material under one limit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Counted {
    /// The oldest of a key's versions: a key that is rotated is still the same.
    material: Option<MaterialId>,
    limit: Option<UsageLimit>,
}

impl Counted {
    /// What is counted of an object as its record is.
    pub(crate) fn of(record: &KeyRecord) -> Self {
        let material = match &record.key {
            Key::Held(held) => held.versions.iter().next().map(|version| version.material),
            Key::Destroyed(_) => None,
        };
        Self { material, limit: record.attributes.usage_limit }
    }
}

/// What is left of a block, and of what it was set aside.
#[derive(Default)]
pub(crate) struct Block {
    of: Option<Counted>,
    units: u64,
}

impl Block {
    /// What is left of it, if it was set aside of this.
    pub(crate) fn worth(&self, of: Counted) -> u64 {
        if self.of == Some(of) { self.units } else { 0 }
    }

    /// Has so much of this be left.
    pub(crate) fn put(&mut self, of: Counted, units: u64) {
        *self = Self { of: Some(of), units };
    }

    /// Takes so many units of what is left.
    pub(crate) fn take(&mut self, of: Counted, units: u64) {
        self.put(of, self.worth(of).saturating_sub(units));
    }

    /// Takes units back, unless something else is counted by now.
    fn give_back(&mut self, of: Counted, units: u64) {
        if self.of == Some(of) {
            self.units = self.units.saturating_add(units);
        }
    }
}

/// What is left of a key's block.
#[derive(Clone, Default)]
pub(crate) struct Left(Arc<Slot>);

#[derive(Default)]
struct Slot {
    block: Mutex<Block>,
    /// What was given back and is not in the block yet: it is given back also where a commit ends,
    /// for which whoever has the block may be waiting.
    returned: Mutex<Vec<(Counted, u64)>>,
}

impl Left {
    /// For whoever takes of it or sets more aside; it may be held as long as a commit takes.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Block> {
        self.gathered(self.0.block.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The same, unless somebody else has it.
    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, Block>> {
        match self.0.block.try_lock() {
            Ok(block) => Some(self.gathered(block)),
            Err(TryLockError::Poisoned(poisoned)) => Some(self.gathered(poisoned.into_inner())),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Gives units back, and waits for nobody.
    fn give_back(&self, of: Counted, units: u64) {
        self.returned().push((of, units));
    }

    /// The block with what was given back.
    fn gathered<'b>(&self, mut block: MutexGuard<'b, Block>) -> MutexGuard<'b, Block> {
        for (of, units) in self.returned().drain(..) {
            block.give_back(of, units);
        }
        block
    }

    fn returned(&self) -> MutexGuard<'_, Vec<(Counted, u64)>> {
        self.0.returned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Units that an operation takes. They go back when it is dropped, unless they are spent.
pub(crate) struct Allowance {
    left: Left,
    of: Counted,
    units: u64,
}

impl Allowance {
    /// Units that were taken of what is left.
    pub(crate) fn new(left: Left, of: Counted, units: u64) -> Self {
        Self { left, of, units }
    }

    /// What was taken is used.
    pub(crate) fn spend(mut self) -> Spent {
        let units = mem::take(&mut self.units);
        Spent { left: self.left.clone(), of: self.of, units }
    }
}

/// Units that are used, unless it turns out that nothing was done.
pub(crate) struct Spent {
    left: Left,
    of: Counted,
    units: u64,
}

impl Spent {
    /// Nothing was done, and it will be tried again.
    pub(crate) fn give_back(self) {
        self.left.give_back(self.of, self.units);
    }
}

impl Drop for Allowance {
    fn drop(&mut self) {
        if self.units > 0 {
            self.left.give_back(self.of, self.units);
        }
    }
}
