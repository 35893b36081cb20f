//! Whether the module may give output: not yet, now, or never again.

use std::{
    cell::Cell,
    sync::atomic::{AtomicU8, Ordering::Acquire, Ordering::SeqCst},
};

use model::{Error, Result, error::Unavailable};

/// Not started, or the self-tests are running.
const OFF: u8 = 0;
/// The self-tests have passed.
const READY: u8 = 1;
/// A test has failed. It stays so until the process ends.
const FAILED: u8 = 2;

static STATE: AtomicU8 = AtomicU8::new(OFF);

thread_local! {
    /// Whether this thread is running the self-tests, for which the module must work.
    static TESTING: Cell<bool> = const { Cell::new(false) };
}

/// Whether operations may give output. On the path of every one of them.
pub(crate) fn ready() -> Result<()> {
    let state = STATE.load(Acquire);
    if state == READY || (state == OFF && TESTING.get()) {
        Ok(())
    } else {
        Err(Error::Unavailable(Unavailable::Crypto))
    }
}

/// Whether what holds no secret may answer: always, but in the error state.
pub(crate) fn not_failed() -> Result<()> {
    if STATE.load(Acquire) == FAILED {
        Err(Error::Unavailable(Unavailable::Crypto))
    } else {
        Ok(())
    }
}

/// Runs the self-tests, while the module works for this thread only. It works for all when they
/// have passed, and for none ever after when one, whose name they give, has not.
pub(crate) fn ready_after(
    self_tests: impl FnOnce() -> Result<usize, &'static str>,
) -> Result<usize, &'static str> {
    TESTING.set(true);
    let outcome = self_tests();
    TESTING.set(false);
    match outcome {
        Ok(_) => {
            // A failure that came first stays.
            let _ = STATE.compare_exchange(OFF, READY, SeqCst, SeqCst);
        }
        Err(test) => enter_error_state(test),
    }
    outcome
}

/// Stops all output until the process ends. `_reason` names the test for a debugger.
pub(crate) fn enter_error_state(_reason: &'static str) {
    STATE.store(FAILED, SeqCst);
}

#[cfg(test)]
mod tests;
