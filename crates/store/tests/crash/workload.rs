//! What the crash tests write, and how they know whether it is all there.
//!
//! A *worker* commits turns 1, 2, 3 … Each turn is one batch over the worker's three places and
//! an audit entry, so that what is found shows which turns were applied, and whether whole.

use std::path::Path;

use model::Sealed;
use store::{
    Batch, Failure, OutboxEntry, Place, Slot, Store, Write, commit_and_wait,
    sqlite::{self, Options, Sqlite},
};
use tempfile::TempDir;

/// Opens the store at `path` as the server does.
pub(crate) fn open(path: &Path) -> Result<Sqlite, Failure> {
    sqlite::open(path, Options::default())
}

/// A folder for files that are thrown away, in memory if there is such a place: the simulated
/// disks are opened thousands of times, and a real one would sync each time.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Commits the turn of the worker and waits.
pub(crate) fn commit(store: &dyn Store, worker: u8, turn: u64) -> Result<(), Failure> {
    commit_and_wait(store, batch(worker, turn)).map(drop)
}

/// The batch of a turn: two places with the same value, and one that every fifth turn deletes.
fn batch(worker: u8, turn: u64) -> Batch {
    let mut batch = Batch::new(OutboxEntry { id: id(worker, turn), sealed: value(worker, turn) });
    for side in ["left", "right", "maybe"] {
        let kept = side != "maybe" || !turn.is_multiple_of(5);
        batch.write(Write {
            place: place(side, worker),
            expected: turn - 1,
            value: kept.then(|| value(worker, turn)),
        });
    }
    batch
}

/// The turn that the worker is found at. Panics if one is there in part.
pub(crate) fn turn(store: &dyn Store, worker: u8) -> u64 {
    let slot = |side| store.get(&place(side, worker)).unwrap();
    let turn = slot("left").revision();
    for side in ["left", "right", "maybe"] {
        let slot = slot(side);
        assert_eq!(slot.revision(), turn, "{side} of worker {worker}");
        let kept = turn > 0 && (side != "maybe" || !turn.is_multiple_of(5));
        match slot {
            Slot::Vacant { .. } => assert!(!kept, "{side} of worker {worker} is gone"),
            Slot::Held(record) => {
                assert!(kept, "{side} of worker {worker} came back");
                assert_eq!(record.value, value(worker, turn));
            }
        }
    }
    turn
}

/// Panics unless the outbox has the entries of the worker's turns `from + 1 ..= to`, in order.
pub(crate) fn assert_recorded(outbox: &[OutboxEntry], worker: u8, from: u64, to: u64) {
    let found = outbox.iter().filter(|e| e.id[0] == worker);
    let expected = (from + 1..=to)
        .map(|turn| OutboxEntry { id: id(worker, turn), sealed: value(worker, turn) });
    assert!(found.cloned().eq(expected), "entries of worker {worker}");
}

fn place(side: &str, worker: u8) -> Place {
    Place::new(format!("{side}/{worker}")).unwrap()
}

fn id(worker: u8, turn: u64) -> [u8; 16] {
    let mut id = [0; 16];
    id[0] = worker;
    id[8..].copy_from_slice(&turn.to_be_bytes());
    id
}

/// Of many lengths: some in a cell, some over several pages.
fn value(worker: u8, turn: u64) -> Sealed {
    let mut random = Random::new(u64::from(worker) << 32 | turn);
    let len = if turn % 7 == 3 { 9000 } else { 40 + random.below(900) };
    Sealed::assertion((0..len).map(|_| random.below(256) as u8).collect())
}

/// Numbers that look random and are the same in every run (SplitMix64).
pub(crate) struct Random(u64);

impl Random {
    /// A sequence of its own for each seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}
