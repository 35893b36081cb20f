//! Setting a block aside of what a limited key may protect: by the gate and the log, as the
//! system's own principal.

use model::{Action, At, Error, ObjectName, Obstacle, Result, limits};

use crate::{
    Engine,
    call::Mode,
    gate::{Demand, Operation, Permit, Weight},
    reference::{By, KeyRef},
    room::Room,
};

/// A block is at most this part of what is left of the limit.
const SHARE: u64 = 16;

impl Engine {
    /// Sets units of a limited key aside, at least so many, and says how many.
    pub(crate) fn set_aside(&self, name: &ObjectName, at_least: u64, at: At) -> Result<u64> {
        let caller = self.system_caller(name.account)?;
        let key =
            KeyRef { account: name.account, region: name.region.clone(), by: By::Id(name.id) };
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

/// Set a block aside of what a key may protect.
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
