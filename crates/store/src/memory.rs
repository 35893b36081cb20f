//! The store without a disk: the same semantics for tests, and nothing survives it.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use model::Sealed;

use crate::{Batch, Committed, Done, Failure, OutboxEntry, Place, Record, Slot, Store, Watcher};

/// A store in memory.
///
/// Callbacks run on the thread of whichever committer found no other at work.
#[derive(Default)]
pub struct Memory {
    state: Mutex<State>,
    queue: Mutex<Queue>,
    watchers: Mutex<Vec<Arc<Watcher>>>,
}

/// The records and what is counted.
#[derive(Default)]
struct State {
    /// A place with no value is deleted, and remembers its revision.
    rows: BTreeMap<Place, (u64, Option<Sealed>)>,
    outbox: Vec<OutboxEntry>,
    revision: u64,
}

/// Batches that wait while another is committed, so that callbacks keep the order of commits
/// and may themselves commit.
#[derive(Default)]
struct Queue {
    waiting: VecDeque<(Batch, Done)>,
    busy: bool,
}

impl Memory {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next batch, or none and then nobody is at work.
    fn next(&self) -> Option<(Batch, Done)> {
        let mut queue = lock(&self.queue);
        let next = queue.waiting.pop_front();
        queue.busy = next.is_some();
        next
    }

    /// Commits one batch and tells everyone.
    fn run(&self, batch: Batch, done: Done) {
        let outcome = lock(&self.state).apply(&batch);
        if let Ok(committed) = outcome {
            let places = batch.places();
            let watchers = lock(&self.watchers).clone();
            for watcher in watchers {
                watcher(&places, committed.revision);
            }
        }
        done(outcome);
    }
}

impl Store for Memory {
    fn get(&self, place: &Place) -> Result<Slot, Failure> {
        let state = lock(&self.state);
        Ok(match state.rows.get(place) {
            None => Slot::Vacant { revision: 0 },
            Some((revision, None)) => Slot::Vacant { revision: *revision },
            Some((revision, Some(value))) => Slot::Held(Record {
                place: place.clone(),
                revision: *revision,
                value: value.clone(),
            }),
        })
    }

    fn scan(
        &self,
        prefix: &[u8],
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Vec<Record>, Failure> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let state = lock(&self.state);
        let rows = state.rows.range::<Place, _>((start, Bound::Unbounded));
        Ok(rows
            .filter(|(place, _)| place.starts_with(prefix))
            .filter_map(|(place, (revision, value))| {
                value.as_ref().map(|value| Record {
                    place: place.clone(),
                    revision: *revision,
                    value: value.clone(),
                })
            })
            .take(limit)
            .collect())
    }

    fn commit(&self, batch: Batch, done: Done) {
        if let Err(failure) = batch.validate() {
            return done(Err(failure));
        }
        {
            let mut queue = lock(&self.queue);
            queue.waiting.push_back((batch, done));
            if std::mem::replace(&mut queue.busy, true) {
                return;
            }
        }
        while let Some((batch, done)) = self.next() {
            self.run(batch, done);
        }
    }

    fn watch(&self, watcher: Watcher) {
        lock(&self.watchers).push(Arc::new(watcher));
    }

    fn outbox(&self) -> Result<Vec<OutboxEntry>, Failure> {
        Ok(lock(&self.state).outbox.clone())
    }

    fn settle(&self, ids: &[[u8; 16]]) {
        let ids: HashSet<_> = ids.iter().collect();
        lock(&self.state).outbox.retain(|e| !ids.contains(&e.id));
    }

    fn revision(&self) -> u64 {
        lock(&self.state).revision
    }
}

impl State {
    fn apply(&mut self, batch: &Batch) -> Result<Committed, Failure> {
        let current = |place| self.rows.get(place).map_or(0, |(revision, _)| *revision);
        let mut expectations = batch.expectations();
        if let Some((place, _)) = expectations.find(|(place, r)| current(place) != *r) {
            return Err(Failure::Conflict(place.clone()));
        }
        for write in batch.writes() {
            let row = (write.expected + 1, write.value.clone());
            self.rows.insert(write.place.clone(), row);
        }
        self.outbox.extend_from_slice(batch.entries());
        self.revision += 1;
        Ok(Committed { revision: self.revision })
    }
}

/// The content of `mutex`; a panic elsewhere left it whole, since no change of it is in two steps
/// that could panic between.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_engine_conforms() {
        crate::conformance::run(&|| Arc::new(Memory::new()));
    }
}
