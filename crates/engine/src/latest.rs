//! How late it is at least. A clock that is set back revives nothing that had ended, and one that
//! leaps ahead destroys nothing on its word alone.
//!
//! The engine remembers the latest time at which it was asked, in this run and, every few minutes,
//! in the store. Each moment it is given is held against that.
//!
//! Only running accounts for time. What a clock gains beyond it is counted as its lead, over many
//! small steps and many restarts as over one leap, and running makes up for the lead in turn.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
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
/// How far ahead of the time that passed in this run a clock may be, in milliseconds; so far anew
/// after each day of it. Farther ahead, it must prove itself.
const LEAP_MS_MAX: u64 = 5 * 60 * 1000;
/// The largest lead with which a run may begin, in milliseconds: for as long may a server be
/// switched off without further ado.
const OFF_MS_MAX: u64 = 24 * 3600 * 1000;
/// For how long a run is held against one moment, in milliseconds of it.
const ANCHORED_MS: u64 = 24 * 3600 * 1000;
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

impl Latest {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lead of the clock at a moment that was judged, in milliseconds.
    pub(crate) fn lead_ms(&self, at: At) -> u64 {
        match self.state().account {
            Account::Run(anchor) => anchor.lead_ms(at),
            Account::New | Account::Kept(_) => 0,
        }
    }
}

#[derive(Default)]
struct State {
    /// Whether it was read what an earlier run kept.
    recalled: bool,
    /// The latest time that was reached, in this run or before.
    reached: Wall,
    /// What the store knows.
    kept: Wall,
    account: Account,
    /// From when on the clock is far ahead in this run.
    ahead: Option<Anchor>,
}

/// What a moment is held against.
#[derive(Clone, Copy, Default)]
enum Account {
    /// Nothing: the store has just been founded.
    #[default]
    New,
    /// What an earlier run kept.
    Kept(LatestTime),
    /// A moment of this run.
    Run(Anchor),
}

/// A moment of this run from which on time is counted.
#[derive(Clone, Copy)]
struct Anchor {
    wall: Wall,
    monotonic_ms: u64,
    /// The lead that the clock had then.
    lead_ms: u64,
}

impl Anchor {
    fn new(at: At, lead_ms: u64) -> Self {
        Self { wall: at.wall, monotonic_ms: at.monotonic_ms, lead_ms }
    }

    /// How long the server has run since.
    fn ran_ms(self, at: At) -> u64 {
        at.monotonic_ms.saturating_sub(self.monotonic_ms)
    }

    /// What the clock has gained since, beyond that.
    fn gained_ms(self, at: At) -> u64 {
        at.wall.0.saturating_sub(self.wall.0).saturating_sub(self.ran_ms(at))
    }

    /// The lead now: running has made up for what there was.
    fn lead_ms(self, at: At) -> u64 {
        self.lead_ms.saturating_sub(self.ran_ms(at)).saturating_add(self.gained_ms(at))
    }
}

impl State {
    fn recall(&mut self, kept: Option<LatestTime>) {
        self.recalled = true;
        if let Some(kept) = kept {
            self.kept = kept.wall;
            self.reached = kept.wall;
            self.account = Account::Kept(kept);
        }
    }

    /// The moment as it is to be taken.
    fn judge(&mut self, at: At) -> At {
        if at.wall < self.reached {
            self.ahead = None;
            return if at.wall.distance_ms(self.reached) <= BACK_MS_MAX {
                At { wall: self.reached, ..at }
            } else {
                At { trust: Trust::Behind(self.reached), ..at }
            };
        }
        // Only a clock that is sure of itself is remembered.
        if at.trust != Trust::Steady {
            return at;
        }
        let Some(anchor) = self.accounted(at).or_else(|| self.settled(at)) else {
            return At { trust: Trust::Jumped, ..at };
        };
        self.account = Account::Run(anchor);
        self.ahead = None;
        self.reached = at.wall;
        at
    }

    /// What later moments are held against, if the time that has passed accounts for this one.
    fn accounted(&self, at: At) -> Option<Anchor> {
        match self.account {
            Account::New => Some(Anchor::new(at, 0)),
            Account::Kept(kept) => {
                let lead_ms = kept.lead_ms.saturating_add(at.wall.distance_ms(kept.wall));
                (lead_ms <= OFF_MS_MAX).then(|| Anchor::new(at, lead_ms))
            }
            Account::Run(anchor) => {
                if anchor.gained_ms(at) > LEAP_MS_MAX {
                    return None;
                }
                let is_old = anchor.ran_ms(at) >= ANCHORED_MS;
                Some(if is_old { Anchor::new(at, anchor.lead_ms(at)) } else { anchor })
            }
        }
    }

    /// The same for a clock that is far ahead, once it has gone on from there for long enough.
    fn settled(&mut self, at: At) -> Option<Anchor> {
        let goes_on = |ahead: &Anchor| {
            let is_back = at.wall.0.saturating_add(BACK_MS_MAX) < ahead.wall.0;
            !is_back && ahead.gained_ms(at) <= LEAP_MS_MAX
        };
        let ahead = self.ahead.filter(goes_on).unwrap_or_else(|| Anchor::new(at, 0));
        self.ahead = Some(ahead);
        (ahead.ran_ms(at) >= SETTLE_MS).then(|| Anchor::new(at, 0))
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
        let mut state = self.latest.state();
        if !state.recalled {
            let kept: Read<LatestTime> =
                open.read(self.view(), open.system(), &place::latest_time()?)?;
            state.recall(kept.value);
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
        let kept = self.latest.state().kept;
        if at.trust != Trust::Steady || at.wall.0.saturating_sub(kept.0) <= behind_ms {
            return Ok(());
        }
        let caller = self.system_caller(place::system_account()?)?;
        match self.call(&caller, &KeepTime, at, Mode::Run)?.wait() {
            Ok(kept) => {
                self.latest.state().kept = kept;
                Ok(())
            }
            // Somebody else has kept it, or the clock is no longer relied on.
            Err(Error::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Note in the store how late it is. Answers what stands there now; a conflict when that is as
/// late already.
struct KeepTime;

impl Operation for KeepTime {
    type Reply = Wall;
    const ACTION: Action = Action::KeepTime;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::nothing(Self::ACTION)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Wall> {
        let Read { value, revision } = room.latest_time()?;
        let at = room.at();
        match value {
            // Nothing to change, and so no entry: one says that the store has this time.
            Some(LatestTime { wall, .. }) if wall >= at.wall => Err(Error::Conflict),
            _ if at.trust != Trust::Steady => Err(Error::Conflict),
            _ => {
                room.put_latest_time(revision)?;
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
        state.recall(kept.map(|wall| LatestTime { wall, lead_ms: 0 }));
        state
    }

    /// What is kept at this moment, recalled by the next run.
    fn again(state: State, at: At) -> State {
        let Account::Run(anchor) = state.account else { panic!("nothing was reached") };
        let mut state = State::default();
        state.recall(Some(LatestTime { wall: at.wall, lead_ms: anchor.lead_ms(at) }));
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
            if state.reached == Wall::default() {
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
    fn many_small_steps_are_one_leap() {
        let mut state = recalled(None);
        state.judge(at(0, 0));
        for step in 1..=3000 {
            let trust = state.judge(at(step * 295_000, step.unsigned_abs())).trust;
            assert_eq!(trust, if step == 1 { Trust::Steady } else { Trust::Jumped }, "{step}");
        }
    }

    #[test]
    fn a_clock_gains_at_most_five_minutes_in_a_day_of_the_run() {
        let mut state = recalled(None);
        state.judge(at(0, 0));
        let mut gained = 0_u64;
        for minute in 1..=7 * 24 * 60_u64 {
            let run = minute * 60_000;
            let honest = state.judge(at((run + gained).cast_signed(), run));
            assert_eq!(honest.trust, Trust::Steady, "{minute}");
            for _ in 0..5 {
                let ahead = gained + 295_000;
                if state.judge(at((run + ahead).cast_signed(), run)).trust == Trust::Steady {
                    gained = ahead;
                }
            }
        }
        assert_eq!(gained, 8 * 295_000);
    }

    #[test]
    fn many_restarts_are_one_leap() {
        let mut state = recalled(Some(NOON));
        for restart in 1..=30 {
            let now = at(restart * HOUR_MS.cast_signed(), 5);
            let trust = state.judge(now).trust;
            assert_eq!(trust == Trust::Steady, restart <= 24, "{restart}");
            if trust == Trust::Steady {
                state = again(state, now);
            }
        }
    }

    #[test]
    fn running_makes_up_for_the_time_that_a_server_was_off() {
        // For a year, off for 20 hours and running for as long; then not running as long.
        let (mut state, mut wall) = (recalled(Some(NOON)), 0);
        for _ in 0..220 {
            wall += 20 * HOUR_MS.cast_signed();
            assert_eq!(state.judge(at(wall, 0)).trust, Trust::Steady);
            wall += 20 * HOUR_MS.cast_signed();
            let end = at(wall, 20 * HOUR_MS);
            assert_eq!(state.judge(end).trust, Trust::Steady);
            state = again(state, end);
        }
        wall += 20 * HOUR_MS.cast_signed();
        state.judge(at(wall, 0));
        wall += 2 * HOUR_MS.cast_signed();
        state = again(state, at(wall, 2 * HOUR_MS));
        assert_eq!(state.judge(at(wall + 7 * HOUR_MS.cast_signed(), 0)).trust, Trust::Jumped);
        assert_eq!(state.judge(at(wall + 6 * HOUR_MS.cast_signed(), 0)).trust, Trust::Steady);
    }

    #[test]
    fn a_clock_that_is_slewed_and_a_reboot_every_week_are_no_leap() {
        let (mut state, mut wall) = (recalled(Some(NOON)), 0);
        for _ in 0..10 {
            // The reboot, and then a clock that gains three minutes a day.
            wall += 600_000;
            for hour in 0..=7 * 24 {
                let now = at(wall + (hour * (HOUR_MS + 7500)).cast_signed(), hour * HOUR_MS);
                assert_eq!(state.judge(now).trust, Trust::Steady, "{hour}");
            }
            wall += (7 * 24 * (HOUR_MS + 7500)).cast_signed();
            state = again(state, at(wall, 7 * DAY_MS));
        }
    }

    #[test]
    fn a_clock_that_is_ahead_settles_only_where_it_goes_on() {
        let days = |count: i64| count * DAY_MS.cast_signed();
        let mut state = recalled(None);
        state.judge(at(0, 0));
        assert_eq!(state.judge(at(days(2), 1)).trust, Trust::Jumped);
        // It leaps on, or comes back halfway, shortly before it is believed.
        assert_eq!(state.judge(at(days(3652), DAY_MS)).trust, Trust::Jumped);
        assert_eq!(state.judge(at(days(3652), DAY_MS + 1)).trust, Trust::Jumped);
        assert_eq!(state.judge(at(days(5), DAY_MS + 2)).trust, Trust::Jumped);
        assert_eq!(state.judge(at(days(3653), 2 * DAY_MS)).trust, Trust::Jumped);
        assert_eq!(state.judge(at(days(3654), 3 * DAY_MS)).trust, Trust::Steady);
        assert_eq!(state.judge(at(days(3654) + 300_001, 3 * DAY_MS)).trust, Trust::Jumped);
    }

    #[test]
    fn a_moment_that_is_not_sure_of_itself_is_not_remembered() {
        let mut state = recalled(Some(NOON));
        let unsure = At { trust: Trust::Jumped, ..at(1000, 1) };
        assert_eq!(state.judge(unsure).trust, Trust::Jumped);
        assert_eq!(after_noon(state.judge(at(1, 2))), (1, Trust::Steady));
    }
}
