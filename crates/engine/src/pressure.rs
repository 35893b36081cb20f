//! What is done when secret memory is full: keys that are kept ready make room, and what lacked
//! it is tried again.
//!
//! Every use of a key takes secret memory, for the key and for what is worked out with it, and
//! the cache keeps keys by their number, not by their size. So a full slab is no failure as long
//! as the cache holds a key that nobody is using.

use model::{At, Error, Result, error::Unavailable};

use crate::{Caches, Engine, object::KeyObject};

/// One in how many of the keys with loaded material goes, the first time and the second: some,
/// and when that was not enough, all.
const SHARES: [usize; 2] = [8, 1];

/// The ways to make room that are left for one request.
#[derive(Default)]
pub(crate) struct Relief {
    given: usize,
}

impl Relief {
    /// Whether secret memory was full, and something is left to be done about it.
    pub(crate) fn is_left(&self, failure: &Error) -> bool {
        *failure == Error::Unavailable(Unavailable::SecretMemory) && self.given < SHARES.len()
    }

    /// Makes room: what is past its age goes, then the least recently used.
    pub(crate) fn give(&mut self, caches: &Caches, now_ms: u64) {
        caches.expire(now_ms);
        if let Some(&share) = SHARES.get(self.given) {
            caches.keys.evict(share, KeyObject::has_loaded);
            caches.credentials.evict(share, |_| true);
            caches.sessions.evict(share, |_| true);
        }
        self.given += 1;
    }
}

impl Engine {
    /// Lets go of what was kept ready for longer than it may be, and records how many claims did
    /// not hold that have no entry yet. To be called from time to time: what nobody asks for is
    /// not noticed otherwise.
    pub fn expire(&self, at: At) {
        self.caches().expire(at.monotonic_ms);
        // If the log takes nothing, nothing else works either, and that is told elsewhere.
        let _ = self.record_withheld_claims(at);
    }

    /// Does `work`, and does it again once there is room in secret memory if that was lacking.
    pub(crate) fn with_room<T>(&self, at: At, work: impl Fn() -> Result<T>) -> Result<T> {
        let mut relief = Relief::default();
        loop {
            match work() {
                Err(failure) if relief.is_left(&failure) => {
                    relief.give(self.caches(), at.monotonic_ms);
                }
                done => return done,
            }
        }
    }
}
