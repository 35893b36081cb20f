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

use model::ObjectName;

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
            all.retain(|_, left| Arc::strong_count(&left.0) > 1 || *left.lock() > 0);
        }
        all.entry(name.clone()).or_default().clone()
    }
}

/// What is left of a key's block.
#[derive(Clone, Default)]
pub(crate) struct Left(Arc<Mutex<u64>>);

impl Left {
    /// For whoever takes of it or sets more aside; it may be held as long as a commit takes.
    pub(crate) fn lock(&self) -> MutexGuard<'_, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same, unless somebody else has it.
    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, u64>> {
        match self.0.try_lock() {
            Ok(left) => Some(left),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

/// Units that an operation takes. They go back when it is dropped, unless they are spent.
pub(crate) struct Allowance {
    left: Left,
    units: u64,
}

impl Allowance {
    /// Units that were taken of what is left.
    pub(crate) fn new(left: Left, units: u64) -> Self {
        Self { left, units }
    }

    /// What was taken is used.
    pub(crate) fn spend(mut self) {
        self.units = 0;
    }
}

impl Drop for Allowance {
    fn drop(&mut self) {
        if self.units > 0 {
            *self.left.lock() += self.units;
        }
    }
}
