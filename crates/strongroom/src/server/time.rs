//! Tells the operator when the clock is not relied on any more, and when it is again.

use std::sync::{Mutex, PoisonError};

use model::{Wall, time::Trust};

use super::tell;

/// How far the clock was relied on when it was last looked at.
pub(super) struct Watch(Mutex<Trust>);

impl Watch {
    /// At the start there is nothing to tell of a clock that is relied on.
    pub(super) fn new() -> Self {
        Self(Mutex::new(Trust::Steady))
    }

    /// Says in a sentence what has changed since the last look, if anything has.
    pub(super) fn look(&self, wall: Wall, trust: Trust) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::discriminant(&*last) != std::mem::discriminant(&trust) {
            tell(&sentence(wall, trust));
        }
        *last = trust;
    }
}

fn sentence(wall: Wall, trust: Trust) -> String {
    let now = wall.to_iso8601();
    match trust {
        Trust::Steady => format!("the clock says {now} and is relied on again"),
        Trust::Jumped => format!(
            "the clock says {now}, far ahead of the time that has passed: no key is destroyed by \
             date before the clock has gone on for a day or is set right"
        ),
        Trust::Behind(latest) => format!(
            "the clock says {now}, but it was {} already: set it right; until then no key is \
             destroyed by date, and what had ended stays ended",
            latest.to_iso8601()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_behind_is_told_with_both_times() {
        let (now, latest) = (Wall::from_secs(1_800_000_000), Wall::from_secs(1_900_000_000));
        let told = sentence(now, Trust::Behind(latest));
        assert!(told.contains("2027-01-15T08:00:00Z") && told.contains("2030-03-17T17:46:40Z"));
        assert!(sentence(now, Trust::Jumped).contains("2027-01-15T08:00:00Z, far ahead"));
    }
}
