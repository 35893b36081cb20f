//! Rotation: how a key comes by its next version, and when that is to be.

use crate::time::Wall;

/// Why a version took the place of the one before.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RotationKind {
    /// Its date had come.
    Automatic,
    /// Somebody asked for it.
    OnDemand,
}

/// That a version took the place of another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rotated {
    /// Why.
    pub kind: RotationKind,
    /// When.
    pub date: Wall,
}

/// When a key is rotated by itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Schedule {
    /// Days from one rotation to the next.
    pub period_days: u32,
    /// The date of the next one.
    pub next: Wall,
}

impl Schedule {
    /// The first rotation is a period after `from`.
    pub const fn starting(from: Wall, period_days: u32) -> Self {
        Self { period_days, next: days_after(from, period_days) }
    }

    /// The same once its date has come and was dealt with: the dates keep their distance, and those
    /// that were missed by `now` are not made up for.
    #[must_use]
    pub const fn after(self, now: Wall) -> Self {
        let next = days_after(self.next, self.period_days);
        if next.0 > now.0 { Self { next, ..self } } else { Self::starting(now, self.period_days) }
    }
}

const fn days_after(from: Wall, days: u32) -> Wall {
    from.plus_secs(days as u64 * 86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: u64 = 86_400_000;

    #[test]
    fn rotations_keep_their_distance_and_a_missed_one_is_not_made_up_for() {
        let schedule = Schedule::starting(Wall(5), 100);
        assert_eq!(schedule.next, Wall(100 * DAY_MS + 5));
        let late = Wall(101 * DAY_MS);
        assert_eq!(schedule.after(late).next, Wall(200 * DAY_MS + 5));
        let very_late = Wall(350 * DAY_MS);
        assert_eq!(schedule.after(very_late).next, Wall(450 * DAY_MS));
    }
}
