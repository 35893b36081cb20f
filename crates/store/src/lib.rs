//! Durability: ordered sealed records, changed in batches that carry their own audit entries.
//!
//! A store keeps [`Record`]s by [`Place`]. It has four verbs: [`get`](Store::get),
//! [`scan`](Store::scan), [`commit`](Store::commit) and [`watch`](Store::watch). What is stored
//! is always [`Sealed`](model::Sealed): the store cannot decrypt it, knows no policy and reads
//! no clock.
//!
//! # Revisions
//!
//! Each place counts its own changes, deletions included: 1 after the first write, one more after
//! each later one. The count outlives a deletion, so a pair of place and revision never names two
//! values, and a writer knows the revision of its value *before* the commit: one more than the
//! revision it expects. It binds both into the seal. The store as a whole counts commits.
//!
//! # What an answer means
//!
//! - `Ok` from a commit: the batch, whole, is on the disk. It survives the process and the power.
//! - [`Failure::Conflict`], [`Failure::TooLarge`], [`Failure::Overloaded`]: nothing has changed.
//! - [`Failure::Unavailable`] and [`Failure::Damaged`] from a commit: the batch is not
//!   acknowledged and not visible. When the disk failed in the middle of the commit, it may be
//!   found, whole, after the store is opened again; its audit entries are then found with it.

mod batch;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod failure;
pub mod memory;
mod place;
mod record;
pub mod sqlite;

pub use batch::{Batch, Check, Committed, OutboxEntry, Write};
pub use failure::Failure;
pub use place::{BadPlace, Place};
pub use record::{Record, Slot};

/// Longest value of a record and longest audit entry, in bytes.
pub const VALUE_LEN_MAX: usize = 1 << 20;
/// Most writes and checks in one batch, together with the audit entries beyond the first.
pub const BATCH_COUNT_MAX: usize = 4096;
/// Most bytes in one batch: places, values and the audit entries together.
pub const BATCH_LEN_MAX: usize = 8 << 20;

/// Hears of a commit: once it is durable, and before the committer does.
pub type Done = Box<dyn FnOnce(Result<Committed, Failure>) + Send>;

/// Is told the places of each commit and the store's revision after it.
pub type Watcher = Box<dyn Fn(&[Place], u64) + Send + Sync>;

/// Ordered sealed records on something durable.
///
/// Callbacks run on the thread that writes: they must be short, must not panic, and must not wait
/// for another commit. They may call any method of the store.
pub trait Store: Send + Sync {
    /// What stands at `place` now, and the revision that a change of it must expect.
    fn get(&self, place: &Place) -> Result<Slot, Failure>;

    /// The records whose places start with `prefix` and come after `after`, in bytewise order of
    /// place: at most `limit` of them. Fewer than `limit` means that there are no more.
    fn scan(
        &self,
        prefix: &[u8],
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Vec<Record>, Failure>;

    /// Applies `batch` if every revision it expects is the current one, else changes nothing.
    ///
    /// Returns at once. `done` is called exactly once, in the order of the commits, after the
    /// batch is durable and after the watchers; a batch refused before it is queued
    /// ([`Failure::TooLarge`], [`Failure::Overloaded`], a stopped store) hears so on the calling
    /// thread.
    fn commit(&self, batch: Batch, done: Done);

    /// Calls `watcher` for each commit from now on, in commit order: after it is durable and
    /// visible, before its `done`. A cache that forgets the places it is told of is therefore
    /// never staler than an acknowledgement.
    ///
    /// A value read before a commit may reach a cache after the watcher ran. So a cache notes
    /// [`revision`](Store::revision) before it reads, and keeps what it read only if it has heard
    /// of no change of that place beyond that revision.
    fn watch(&self, watcher: Watcher);

    /// The audit entries that no one has settled yet, in commit order; those of one batch in its
    /// own.
    fn outbox(&self) -> Result<Vec<OutboxEntry>, Failure>;

    /// Forgets the entries with these ids, some time soon: after a crash they may be in
    /// [`outbox`](Store::outbox) again, so whoever reads it drops the ids it knows.
    fn settle(&self, ids: &[[u8; 16]]);

    /// How many batches were ever committed. What is read after this call is at least as new.
    fn revision(&self) -> u64;
}

/// Commits `batch` and waits until it is durable. Never call it from a callback of the store.
pub fn commit_and_wait(store: &dyn Store, batch: Batch) -> Result<Committed, Failure> {
    let (sender, receiver) = std::sync::mpsc::sync_channel(1);
    store.commit(
        batch,
        Box::new(move |outcome| {
            // The receiver is gone only if the waiting thread is, and then no one cares.
            let _ = sender.send(outcome);
        }),
    );
    receiver.recv().unwrap_or_else(|_| Err(Failure::stopped()))
}
