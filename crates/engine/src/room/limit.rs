//! Limits of what keys may protect: what is used of them, and what is left.

use model::{Obstacle, Result, object::LimitUnit};

use super::Room;
use crate::{
    allowance::{Allowance, Counted},
    object::KeyObject,
    place,
};

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
        if self.is_changed(|| place::key(object.name()))? {
            // What is changed and not committed yet has no block: it is counted in that change.
            if self.units_not_set_aside(object)? < units {
                return Err(object.wrong_state(Obstacle::LimitReached));
            }
            return self.set_units_aside(object.name(), units);
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
        let of = Counted::of(object.record());
        let at_hand = left.worth(of);
        if at_hand < units {
            self.unhurried()?;
            let missing = units - at_hand;
            if self.units_not_set_aside(object)? < missing {
                return Err(object.wrong_state(Obstacle::LimitReached));
            }
            let block = self.engine().set_aside(object.name(), missing, self.at())?;
            left.put(of, at_hand.saturating_add(block));
        }
        left.take(of, units);
        drop(left);
        self.note_allowance(Allowance::new(slot, of, units));
        Ok(())
    }

    /// Has an object's units be counted from zero when its limit is changed: what is set aside
    /// under the old one is worth nothing under the new one.
    ///
    /// # Errors
    ///
    /// [`Obstacle::LimitReached`] when some of the old limit is used.
    pub(crate) fn count_anew(&mut self, object: &KeyObject) -> Result<()> {
        if let Some(limit) = object.record().attributes.usage_limit {
            let slot = self.engine().allowances().of(object.name());
            let of = Counted::of(object.record());
            let mut left = slot.lock();
            let at_hand = left.worth(of);
            // What others are about to use is not at hand, and counts as used.
            if self.units_not_set_aside(object)?.saturating_add(at_hand) != limit.total {
                return Err(object.wrong_state(Obstacle::LimitReached));
            }
            left.take(of, at_hand);
            drop(left);
            self.note_allowance(Allowance::new(slot, of, at_hand));
        }
        self.restart_usage(object.name())
    }

    /// How much an object may still protect, if that is limited.
    pub(crate) fn usage_left(&self, object: &KeyObject) -> Result<Option<u64>> {
        if object.record().attributes.usage_limit.is_none() {
            return Ok(None);
        }
        self.unhurried()?;
        let slot = self.engine().allowances().of(object.name());
        let left = slot.lock();
        Ok(Some(
            self.units_not_set_aside(object)?
                .saturating_add(left.worth(Counted::of(object.record()))),
        ))
    }

    /// What is not set aside yet of what an object may protect.
    pub(crate) fn units_not_set_aside(&self, object: &KeyObject) -> Result<u64> {
        let total = object.record().attributes.usage_limit.map_or(0, |limit| limit.total);
        Ok(total.saturating_sub(self.units_set_aside(object.name())?.value.unwrap_or_default().0))
    }
}
