//! How late it is at least. A clock that is set back revives nothing that had ended, and one that
//! leaps ahead destroys nothing on its word alone.
//!
//! The engine remembers the latest time at which it was asked, in this run and, every few minutes,
//! in the store. Each moment it is given is held against that.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use model::{Action, At, Error, Result, Wall, time::Trust};

use crate::{
    Engine,
    call::Mode,
    gate::{Demand, Operation, Permit, Weight},
    open::{Open, Read},
    place,
    record::LatestTime,
    room::Room,
};

/// How far back a clock may step, in milliseconds: time stands still until it has caught up.
/// Farther back, it is not to be relied on.
const BACK_MS_MAX: u64 = 5 * 60 * 1000;
/// How far ahead of the time that passed in this run a clock may be, in milliseconds. Farther
/// ahead, it must prove itself.
const LEAP_MS_MAX: u64 = 5 * 60 * 1000;
/// The same since an earlier run: for as long may a server be switched off without further ado.
const OFF_MS_MAX: u64 = 24 * 3600 * 1000;
/// For how long a clock that is farther ahead must go on, in milliseconds of this run, before it
/// is relied on again: time for people to see that it is wrong.
const SETTLE_MS: u64 = 24 * 3600 * 1000;
/// How exactly the latest time is remembered in a run, in milliseconds.
const GRAIN_MS: u64 = 1000;

/// See the module's page.
#[derive(Default)]
pub(crate) struct Latest {
    /// The wall time up to which all is in order, for a look without waiting; 0 when it is not.
    steady: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Whether it was read what an earlier run kept.
    recalled: bool,
    reached: Option<Reached>,
    /// What the store knows.
    kept: Wall,
    /// Since when in this run the clock is far ahead.
    ahead_since_ms: Option<u64>,
}

/// A time that was reached.
#[derive(Clone, Copy)]
struct Reached {
    wall: Wall,
    /// When that was in this run; nothing when it was in an earlier one.
    monotonic_ms: Option<u64>,
}

impl State {
    fn recall(&mut self, kept: Option<Wall>) {
        self.recalled = true;
        self.kept = kept.unwrap_or_default();
        self.reached = self.reached.or(kept.map(|wall| Reached { wall, monotonic_ms: None }));
    }

    /// The moment as it is to be taken.
    fn judge(&mut self, at: At) -> At {
        let Some(reached) = self.reached else {
            return self.reach(at);
        };
        if at.wall < reached.wall {
            self.ahead_since_ms = None;
            return if at.wall.distance_ms(reached.wall) <= BACK_MS_MAX {
                At { wall: reached.wall, ..at }
            } else {
                At { trust: Trust::Behind(reached.wall), ..at }
            };
        }
        let may_pass = match reached.monotonic_ms {
            Some(then) => at.monotonic_ms.saturating_sub(then).saturating_add(LEAP_MS_MAX),
            None => OFF_MS_MAX,
        };
        if at.wall.distance_ms(reached.wall) > may_pass {
            let since = *self.ahead_since_ms.get_or_insert(at.monotonic_ms);
            if at.monotonic_ms.saturating_sub(since) < SETTLE_MS {
                return At { trust: Trust::Jumped, ..at };
            }
        }
        self.ahead_since_ms = None;
        self.reach(at)
    }

    /// Takes a moment as it is, and remembers it if its clock is sure of itself.
    fn reach(&mut self, at: At) -> At {
        if at.trust == Trust::Steady {
            let monotonic_ms = Some(at.monotonic_ms);
            self.reached = Some(Reached { wall: at.wall, monotonic_ms });
        }
        at
    }
}

impl Engine {
    /// A moment as it is to be taken, given how late it is known to be.
    pub(crate) fn judged(&self, open: &Open, at: At) -> Result<At> {
        let steady = self.latest.steady.load(Relaxed);
        let since = at.wall.0.checked_sub(steady);
        if at.trust == Trust::Steady && steady != 0 && since.is_some_and(|ms| ms < GRAIN_MS) {
            return Ok(at);
        }
        let mut state = self.latest.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.recalled {
            let kept: Read<LatestTime> =
                open.read(self.store(), open.system(), &place::latest_time()?)?;
            state.recall(kept.value.map(|LatestTime(wall)| wall));
        }
        let at = state.judge(at);
        let steady = if at.trust == Trust::Steady { at.wall.0 } else { 0 };
        self.latest.steady.store(steady, Relaxed);
        Ok(at)
    }

    /// Whether this moment's clock is relied on for what cannot be undone.
    ///
    /// # Errors
    ///
    /// [`Error::Sealed`]: a sealed server does not know how late it was.
    pub fn trust(&self, at: At) -> Result<Trust> {
        let open = self.opened()?;
        self.judged(&open, at).map(|at| at.trust)
    }

    /// Keeps the time in the store, unless what is there is at most `behind_ms` milliseconds
    /// behind, or the clock is not relied on. A later run that finds an earlier time on its clock
    /// knows then that it is wrong.
    ///
    /// # Errors
    ///
    /// Those of [`Engine::call`].
    pub fn keep_time(&self, at: At, behind_ms: u64) -> Result<()> {
        let at = self.judged(&*self.opened()?, at)?;
        let kept = self.latest.state.lock().unwrap_or_else(PoisonError::into_inner).kept;
        if at.trust != Trust::Steady || at.wall.0.saturating_sub(kept.0) <= behind_ms {
            return Ok(());
        }
        let caller = self.system_caller(place::system_account()?)?;
        match self.call(&caller, &KeepTime, at, Mode::Run)?.wait() {
            Ok(kept) => {
                let state = &self.latest.state;
                state.lock().unwrap_or_else(PoisonError::into_inner).kept = kept;
                Ok(())
            }
            // Somebody else has kept it.
            Err(Error::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Note in the store how late it is. Answers what stands there now.
struct KeepTime;

impl Operation for KeepTime {
    type Reply = Wall;
    const ACTION: Action = Action::KeepTime;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::nothing(Self::ACTION)])
    }

    fn run(&self, _permit: &Permit<Self>, room: &mut Room<'_>) -> Result<Wall> {
        let Read { value, revision } = room.latest_time()?;
        let at = room.at();
        match value {
            Some(LatestTime(kept)) if kept >= at.wall || at.trust != Trust::Steady => Ok(kept),
            _ => {
                room.put_latest_time(revision, &LatestTime(at.wall))?;
                Ok(at.wall)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Wall = Wall::from_secs(1_800_000_000);
    const HOUR_MS: u64 = 3_600_000;
    const DAY_MS: u64 = 24 * HOUR_MS;

    /// A moment: so long after noon by the wall clock, so long into the run.
    fn at(after_ms: i64, monotonic_ms: u64) -> At {
        let wall = Wall(NOON.0.saturating_add_signed(after_ms));
        At { wall, monotonic_ms, trust: Trust::Steady }
    }

    fn recalled(kept: Option<Wall>) -> State {
        let mut state = State::default();
        state.recall(kept);
        state
    }

    fn after_noon(at: At) -> (i64, Trust) {
        (at.wall.0 as i64 - NOON.0 as i64, at.trust)
    }

    #[test]
    fn time_stands_still_until_a_clock_that_stepped_back_has_caught_up() {
        let mut state = recalled(None);
        state.judge(at(0, 0));
        assert_eq!(after_noon(state.judge(at(-300_000, 1))), (0, Trust::Steady));
        assert_eq!(after_noon(state.judge(at(-1, 2))), (0, Trust::Steady));
        assert_eq!(after_noon(state.judge(at(1, 3))), (1, Trust::Steady));
    }

    #[test]
    fn a_clock_that_is_far_behind_is_told_what_had_been_reached() {
        for jump in [-300_001, -DAY_MS.cast_signed(), -NOON.0.cast_signed()] {
            let mut state = recalled(Some(NOON));
            assert_eq!(after_noon(state.judge(at(jump, 0))), (jump, Trust::Behind(NOON)));
            // It does not come to be believed by going on.
            let later = state.judge(at(jump, 30 * DAY_MS));
            assert_eq!(later.trust, Trust::Behind(NOON));
            assert_eq!(after_noon(state.judge(at(5, 1))), (5, Trust::Steady));
        }
    }

    #[test]
    fn a_clock_that_leaps_ahead_is_relied_on_after_a_day_of_the_run() {
        let ten_years = 3650 * DAY_MS.cast_signed();
        for mut state in [recalled(Some(NOON)), recalled(None)] {
            if state.reached.is_none() {
                state.judge(at(0, 0));
                assert_eq!(state.judge(at(300_011, 10)).trust, Trust::Jumped);
            }
            assert_eq!(state.judge(at(ten_years, 10)).trust, Trust::Jumped);
            assert_eq!(state.judge(at(ten_years, DAY_MS + 9)).trust, Trust::Jumped);
            // It comes back before: nothing has happened.
            assert_eq!(state.judge(at(100, DAY_MS + 10)).trust, Trust::Steady);
            assert_eq!(state.judge(at(ten_years, DAY_MS + 20)).trust, Trust::Jumped);
            assert_eq!(state.judge(at(ten_years, 2 * DAY_MS + 20)).trust, Trust::Steady);
        }
    }

    #[test]
    fn time_that_passes_is_no_leap() {
        let mut state = recalled(Some(NOON));
        // Switched off for less than a day, then busy once in ten days.
        assert_eq!(state.judge(at(DAY_MS.cast_signed(), 5)).trust, Trust::Steady);
        let ten_days = 10 * DAY_MS;
        let next = at((DAY_MS + ten_days).cast_signed(), 5 + ten_days);
        assert_eq!(state.judge(next).trust, Trust::Steady);
    }

    #[test]
    fn a_moment_that_is_not_sure_of_itself_is_not_remembered() {
        let mut state = recalled(Some(NOON));
        let unsure = At { trust: Trust::Jumped, ..at(1000, 1) };
        assert_eq!(state.judge(unsure).trust, Trust::Jumped);
        assert_eq!(after_noon(state.judge(at(1, 2))), (1, Trust::Steady));
    }
}
