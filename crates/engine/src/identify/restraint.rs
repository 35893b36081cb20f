//! How much of the audit log is written for those who prove nothing: some entries a second for an
//! address, and then one that says how many more there were. Anybody can fill a disk otherwise.

use std::{
    hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher},
    sync::{Mutex, PoisonError},
};

use model::claim::Origin;

use crate::offer::neighbourhood;

/// Most entries within a second of claims that did not hold, for one address.
const ENTRIES_MAX: u32 = 20;
/// How long they count, in milliseconds.
const PERIOD_MS: u64 = 1000;
/// Among how many tallies all addresses are shared out: addresses that have the same one are
/// counted as one, so that no number of them asks for more memory.
const TALLIES: usize = 256;

/// Claims that were refused without an entry of their own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Withheld {
    /// How many.
    pub(super) count: u64,
    /// Where the last of them came from.
    pub(super) last: Origin,
}

/// What an address, or a few, have had of late.
#[derive(Clone, Default)]
struct Tally {
    since_ms: u64,
    entries: u32,
    withheld: Option<Withheld>,
}

/// What all addresses have had of late.
pub(crate) struct Restraint(Mutex<Vec<Tally>>);

impl Default for Restraint {
    fn default() -> Self {
        Self(Mutex::new(vec![Tally::default(); TALLIES]))
    }
}

impl Restraint {
    /// Whether a claim that did not hold gets an entry; if so, the claims before it that got none
    /// and are not told of yet.
    pub(super) fn admit(&self, origin: Origin, now_ms: u64) -> Option<Option<Withheld>> {
        let mut tallies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let hash =
            BuildHasherDefault::<DefaultHasher>::new().hash_one(neighbourhood(origin.source));
        let len = tallies.len() as u64;
        let tally = tallies.get_mut((hash % len) as usize)?;
        if now_ms.saturating_sub(tally.since_ms) >= PERIOD_MS {
            tally.since_ms = now_ms;
            tally.entries = 0;
        }
        if tally.entries < ENTRIES_MAX {
            tally.entries += 1;
            return Some(tally.withheld.take());
        }
        let count = tally.withheld.map_or(0, |withheld| withheld.count) + 1;
        tally.withheld = Some(Withheld { count, last: origin });
        None
    }

    /// The claims that got no entry and are not told of yet, where no more are to be expected.
    pub(super) fn take_past(&self, now_ms: u64) -> Vec<Withheld> {
        let mut tallies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let past = |tally: &&mut Tally| now_ms.saturating_sub(tally.since_ms) >= PERIOD_MS;
        tallies.iter_mut().filter(past).filter_map(|tally| tally.withheld.take()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use model::claim::{Door, RequestId};

    use super::*;

    fn from(address: &str) -> Origin {
        let source: IpAddr = address.parse().unwrap();
        Origin { door: Door::Aws, source, request: RequestId([1; 16]) }
    }

    fn entries(restraint: &Restraint, origin: Origin, now_ms: u64) -> usize {
        (0..100).filter(|_| restraint.admit(origin, now_ms).is_some()).count()
    }

    #[test]
    fn an_address_has_so_many_entries_a_second_and_the_rest_is_counted() {
        let restraint = Restraint::default();
        let (one, other) = (from("192.0.2.1"), from("192.0.2.2"));
        assert_eq!(entries(&restraint, one, 5_000), 20);
        assert_eq!(entries(&restraint, other, 5_000), 20);
        assert_eq!(entries(&restraint, one, 5_999), 0);
        assert!(restraint.take_past(5_999).is_empty());
        // The next second's first entry tells of them, once.
        let told = restraint.admit(one, 6_000).unwrap().unwrap();
        assert_eq!((told.count, told.last.source), (180, one.source));
        assert!(restraint.admit(one, 6_000).unwrap().is_none());
        // Where none follows, they are told of all the same.
        let told = restraint.take_past(6_000);
        assert_eq!(told.iter().map(|told| told.count).collect::<Vec<_>>(), [80]);
        assert!(restraint.take_past(9_000).is_empty());
    }

    #[test]
    fn any_number_of_addresses_has_no_more_than_all_tallies() {
        let restraint = Restraint::default();
        let total: usize = (0..2_000_u32)
            .map(|number| entries(&restraint, from(&format!("2001:db8:0:{number:x}::")), 5_000))
            .sum();
        assert!(total <= TALLIES * ENTRIES_MAX as usize, "{total}");
    }
}
