//! How fast a peer must be. One look at each connection from time to time, instead of a timer
//! for each request.

use std::{
    sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use crate::clock::Clock;

/// Longest time between requests and for a request's head, together.
const HEAD_MS_MAX: u64 = 60_000;
/// Longest time for a request's body.
const BODY_MS_MAX: u64 = 30_000;
/// How often a connection is looked at: a limit may be overrun by as much.
const LOOK_INTERVAL: Duration = Duration::from_secs(5);

/// What a connection waits for.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Phase {
    /// The peer: the next request's head.
    Head = 0,
    /// The peer: the rest of the request.
    Body = 1,
    /// The server: the answer takes as long as it takes.
    Answer = 2,
}

/// What one connection is at, and since when.
pub(crate) struct Pace {
    clock: Clock,
    phase: AtomicU8,
    since_ms: AtomicU64,
}

impl Pace {
    /// A connection that waits for its first request.
    pub(crate) fn new(clock: Clock) -> Self {
        let since_ms = AtomicU64::new(clock.now().monotonic_ms);
        Self { clock, phase: AtomicU8::new(Phase::Head as u8), since_ms }
    }

    fn enter(&self, phase: Phase) {
        self.since_ms.store(self.clock.now().monotonic_ms, Relaxed);
        self.phase.store(phase as u8, Relaxed);
    }

    /// A head has come, and the body is read.
    pub(crate) fn body(&self) {
        self.enter(Phase::Body);
    }

    /// The body has come, and the answer is worked out.
    pub(crate) fn answer(&self) {
        self.phase.store(Phase::Answer as u8, Relaxed);
    }

    /// The answer is given, and the next head is waited for.
    pub(crate) fn head(&self) {
        self.enter(Phase::Head);
    }

    fn is_too_slow(&self, now_ms: u64) -> bool {
        let waited = now_ms.saturating_sub(self.since_ms.load(Relaxed));
        match self.phase.load(Relaxed) {
            phase if phase == Phase::Head as u8 => waited > HEAD_MS_MAX,
            phase if phase == Phase::Body as u8 => waited > BODY_MS_MAX,
            _ => false,
        }
    }

    /// Returns once the peer is too slow.
    pub(crate) async fn lost(&self) {
        loop {
            tokio::time::sleep(LOOK_INTERVAL).await;
            if self.is_too_slow(self.clock.now().monotonic_ms) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_is_too_slow_between_requests_and_within_one_but_never_while_it_waits_for_us() {
        let pace = Pace::new(Clock::start());
        let start = pace.since_ms.load(Relaxed);
        assert!(!pace.is_too_slow(start + HEAD_MS_MAX));
        assert!(pace.is_too_slow(start + HEAD_MS_MAX + 1));
        pace.body();
        let start = pace.since_ms.load(Relaxed);
        assert!(!pace.is_too_slow(start + BODY_MS_MAX));
        assert!(pace.is_too_slow(start + BODY_MS_MAX + 1));
        pace.answer();
        assert!(!pace.is_too_slow(u64::MAX));
    }
}
