//! The one place that reads the clocks. How far the wall clock can be relied on is the engine's to
//! judge: it remembers what time it was before.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use model::{At, Wall, time::Trust};

/// The wall clock and the monotonic clock, read together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    started: Instant,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub(crate) fn start() -> Self {
        Self { started: Instant::now() }
    }

    /// Now.
    pub(crate) fn now(&self) -> At {
        let monotonic_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        At { wall: wall(), monotonic_ms, trust: Trust::Steady }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn wall() -> Wall {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Wall(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
}
