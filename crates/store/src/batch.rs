//! A change of the store, and the audit entries it cannot be without.

use std::collections::HashSet;

use model::Sealed;

use crate::{BATCH_COUNT_MAX, BATCH_LEN_MAX, Failure, Place, VALUE_LEN_MAX};

/// A write of one place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Write {
    /// Where.
    pub place: Place,
    /// The revision the place must have: that of the [`Slot`](crate::Slot) it was read as, 0 if
    /// it was never written. Afterwards it has the next one.
    pub expected: u64,
    /// The new value; `None` deletes.
    pub value: Option<Sealed>,
}

/// A place that must not have changed, though the batch does not write it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Check {
    /// Where.
    pub place: Place,
    /// The revision the place must have.
    pub expected: u64,
}

/// The audit entry of a change, durable with it and kept until it is settled.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OutboxEntry {
    /// Unique among all entries ever: whoever appends entries to the log drops repeats by it.
    pub id: [u8; 16],
    /// The entry.
    pub sealed: Sealed,
}

/// A commit that is durable.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Committed {
    /// The store's revision after it.
    pub revision: u64,
}

/// Writes that happen together, or not at all, with the audit entries that tell of them: one, or
/// one for each of the operations that are done together.
///
/// There is no batch without an entry, so there is no change without one:
///
/// ```compile_fail,E0061
/// let unrecorded = store::Batch::new();
/// ```
///
/// ```compile_fail,E0451
/// let unrecorded = store::Batch { writes: Vec::new(), checks: Vec::new() };
/// ```
///
/// ```compile_fail,E0277
/// fn unrecorded<T: Default>() -> T { T::default() }
/// let batch: store::Batch = unrecorded();
/// ```
///
/// A batch may have an entry alone: what happened needs to be told even if nothing changed.
#[derive(Debug)]
pub struct Batch {
    /// At least one.
    entries: Vec<OutboxEntry>,
    writes: Vec<Write>,
    checks: Vec<Check>,
}

impl Batch {
    /// A batch that as yet only tells of `entry`.
    pub fn new(entry: OutboxEntry) -> Self {
        Self { entries: vec![entry], writes: Vec::new(), checks: Vec::new() }
    }

    /// Adds an entry, which comes after those that are there.
    pub fn also(&mut self, entry: OutboxEntry) -> &mut Self {
        self.entries.push(entry);
        self
    }

    /// Adds a write. A second write of the same place in a batch is a conflict with the first.
    pub fn write(&mut self, write: Write) -> &mut Self {
        self.writes.push(write);
        self
    }

    /// Adds a precondition. Preconditions are of the state before the batch.
    pub fn check(&mut self, check: Check) -> &mut Self {
        self.checks.push(check);
        self
    }

    /// The audit entries, in the order they were added.
    pub fn entries(&self) -> &[OutboxEntry] {
        &self.entries
    }

    /// The writes, in the order they were added.
    pub fn writes(&self) -> &[Write] {
        &self.writes
    }

    /// The preconditions that are not those of a write.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// The places that the batch writes.
    pub(crate) fn places(&self) -> Vec<Place> {
        self.writes.iter().map(|w| w.place.clone()).collect()
    }

    /// What each place must be at, of writes and checks alike.
    pub(crate) fn expectations(&self) -> impl Iterator<Item = (&Place, u64)> {
        let writes = self.writes.iter().map(|w| (&w.place, w.expected));
        writes.chain(self.checks.iter().map(|c| (&c.place, c.expected)))
    }

    /// What is sealed in it: values and entries.
    fn sealed(&self) -> impl Iterator<Item = &Sealed> {
        let values = self.writes.iter().filter_map(|w| w.value.as_ref());
        values.chain(self.entries.iter().map(|entry| &entry.sealed))
    }

    /// The bytes in it: places, values and entries.
    pub(crate) fn len(&self) -> usize {
        self.sealed().map(|sealed| sealed.as_bytes().len()).sum::<usize>()
            + self.expectations().map(|(place, _)| place.as_bytes().len()).sum::<usize>()
    }

    /// Refuses what no state of the store could accept.
    pub(crate) fn validate(&self) -> Result<(), Failure> {
        let too_long = self.sealed().any(|sealed| sealed.as_bytes().len() > VALUE_LEN_MAX);
        let count = self.writes.len() + self.checks.len() + self.entries.len() - 1;
        if too_long || self.len() > BATCH_LEN_MAX || count > BATCH_COUNT_MAX {
            return Err(Failure::TooLarge);
        }
        let mut seen = HashSet::new();
        match self.writes.iter().find(|w| !seen.insert(&w.place)) {
            Some(twice) => Err(Failure::Conflict(twice.place.clone())),
            None => Ok(()),
        }
    }
}
