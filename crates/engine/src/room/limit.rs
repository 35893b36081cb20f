//! Limits of what keys may protect: what is used of them, and what is left.

use model::{Obstacle, Result, object::LimitUnit};

use super::Room;
use crate::{allowance::Allowance, object::KeyObject};

impl Room<'_> {
    /// Counts a protection of `len` bytes against what an object may protect, if that is limited;
    /// `is_call` unless it goes on with one that was counted.
    ///
    /// # Errors
    ///
    /// [`Obstacle::LimitReached`] when less is left.
    pub(crate) fn count_use(
        &mut self,
        object: &KeyObject,
        len: usize,
        is_call: bool,
    ) -> Result<()> {
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
            Some(left) => left,
            // Somebody sets more aside, which takes as long as a commit.
            None => {
                self.unhurried()?;
                slot.lock()
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
        self.note_allowance(Allowance::new(slot, units));
        Ok(())
    }

    /// How much an object may still protect, if that is limited.
    pub(crate) fn usage_left(&self, object: &KeyObject) -> Result<Option<u64>> {
        if object.record().attributes.usage_limit.is_none() {
            return Ok(None);
        }
        self.unhurried()?;
        let slot = self.engine().allowances().of(object.name());
        let left = slot.lock();
        Ok(Some(self.units_not_set_aside(object)?.saturating_add(*left)))
    }

    /// What is not set aside yet of what an object may protect.
    pub(crate) fn units_not_set_aside(&self, object: &KeyObject) -> Result<u64> {
        let total = object.record().attributes.usage_limit.map_or(0, |limit| limit.total);
        Ok(total.saturating_sub(self.units_set_aside(object.name())?.value.unwrap_or_default().0))
    }
}
