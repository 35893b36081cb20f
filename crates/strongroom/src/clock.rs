//! The one place that reads the clocks.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use model::{At, Wall, time::Trust};

/// How far the wall clock may move away from the monotonic one, in milliseconds, before it is
/// taken to have jumped. Slewing by a time daemon stays far below.
const DRIFT_MS_MAX: u64 = 5 * 60 * 1000;

/// The wall clock and the monotonic clock, read together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    started: Instant,
    started_wall: Wall,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub(crate) fn start() -> Self {
        Self { started: Instant::now(), started_wall: wall() }
    }

    /// Now.
    pub(crate) fn now(&self) -> At {
        let monotonic_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let wall = wall();
        let expected = Wall(self.started_wall.0.saturating_add(monotonic_ms));
        let steady = wall.distance_ms(expected) <= DRIFT_MS_MAX;
        At { wall, monotonic_ms, trust: if steady { Trust::Steady } else { Trust::Jumped } }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn wall() -> Wall {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Wall(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
}
