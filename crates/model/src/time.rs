//! Time as a value. Nothing below the binary reads a clock.

/// Wall-clock time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Wall(pub u64);

impl Wall {
    /// From whole seconds since the epoch.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn secs(self) -> u64 {
        self.0 / 1000
    }

    /// Seconds since the epoch with milliseconds as the fraction.
    pub fn secs_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// This time and `secs` seconds more, saturating.
    pub const fn plus_secs(self, secs: u64) -> Self {
        Self(self.0.saturating_add(secs.saturating_mul(1000)))
    }

    /// Distance to `other` in milliseconds, whichever comes first.
    pub const fn distance_ms(self, other: Self) -> u64 {
        self.0.abs_diff(other.0)
    }

    /// From a proleptic Gregorian UTC date and time. `None` when a field is out of its range.
    pub fn from_utc(
        year: i64,
        month: u32,
        day: u32,
        hour: u32,
        min: u32,
        sec: u32,
    ) -> Option<Self> {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let month_days = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let days = *month_days.get(month.checked_sub(1)? as usize)?;
        if !(1970..=9999).contains(&year) || day == 0 || day > days {
            return None;
        }
        if hour > 23 || min > 59 || sec > 59 {
            return None;
        }
        // Days from civil, with the year starting in March so that leap days come last.
        let y = if month <= 2 { year - 1 } else { year };
        let m = i64::from(if month > 2 { month - 3 } else { month + 9 });
        let era_day = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + i64::from(day) - 1;
        let days_since_epoch = era_day - 719_468;
        let secs = days_since_epoch * 86_400
            + i64::from(hour) * 3600
            + i64::from(min) * 60
            + i64::from(sec);
        u64::try_from(secs).ok().map(Self::from_secs)
    }

    /// The UTC date and time: year, month, day, hour, minute, second.
    pub fn to_utc(self) -> (i64, u32, u32, u32, u32, u32) {
        let secs = self.secs();
        let (days, of_day) = ((secs / 86_400) as i64 + 719_468, secs % 86_400);
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let m = (5 * day_of_year + 2) / 153;
        let day = (day_of_year - (153 * m + 2) / 5 + 1) as u32;
        let month = (if m < 10 { m + 3 } else { m - 9 }) as u32;
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let (hour, min, sec) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        (year, month, day, hour as u32, min as u32, sec as u32)
    }

    /// ISO 8601 in UTC to the second, e.g. `2026-11-24T05:00:00Z`.
    pub fn to_iso8601(self) -> String {
        let (y, mo, d, h, mi, s) = self.to_utc();
        format!("{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}Z")
    }
}

/// Whether the wall clock can be relied on for what cannot be undone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trust {
    /// The wall clock has moved with the monotonic one.
    Steady,
    /// It is far ahead of where it should be: nothing is destroyed by date.
    Jumped,
    /// It stands before this time, which it had reached before: nothing is destroyed by date, and
    /// what had ended by then stays ended.
    Behind(Wall),
}

/// The moment of a request, made only by the binary's clock and passed down as a value.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// Wall-clock time, for dates that people set.
    pub wall: Wall,
    /// Milliseconds since the process started, for intervals.
    pub monotonic_ms: u64,
    /// Whether `wall` may decide an irreversible act.
    pub trust: Trust,
}

impl At {
    /// The wall time, or the time that it was already, where the clock is behind that.
    pub fn latest(self) -> Wall {
        match self.trust {
            Trust::Steady | Trust::Jumped => self.wall,
            Trust::Behind(latest) => self.wall.max(latest),
        }
    }

    /// Whether the end of a period has come. A clock that is set back does not undo that.
    pub fn has_come(self, end: Wall) -> bool {
        self.latest() >= end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utc_conversion_round_trips_over_leap_years_and_centuries() {
        for secs in (0..253_402_300_799_u64).step_by(86_399 * 7) {
            let (y, mo, d, h, mi, s) = Wall::from_secs(secs).to_utc();
            assert_eq!(Wall::from_utc(y, mo, d, h, mi, s), Some(Wall::from_secs(secs)));
        }
        assert_eq!(Wall::from_secs(951_782_400).to_iso8601(), "2000-02-29T00:00:00Z");
        assert_eq!(Wall::from_utc(2100, 2, 29, 0, 0, 0), None);
    }

    #[test]
    fn an_end_that_came_stays_when_the_clock_is_set_back() {
        let at = |wall, trust| At { wall: Wall(wall), monotonic_ms: 0, trust };
        let end = Wall(100);
        assert!(!at(99, Trust::Steady).has_come(end) && at(100, Trust::Steady).has_come(end));
        assert!(at(100, Trust::Jumped).has_come(end));
        assert!(!at(1, Trust::Behind(Wall(99))).has_come(end));
        assert!(at(1, Trust::Behind(end)).has_come(end));
    }
}
