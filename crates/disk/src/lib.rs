//! For tests: a disk that fails when told to, and that loses what was not synced.
//!
//! A [`Disk`] watches one folder. What SQLite does to the files there, or a program that tells
//! each operation to [`Watched::pass`], goes to the real file system as always, and into a trace.
//! The power is cut afterwards and on paper: a [`Platter`] replays the trace up to any operation
//! and gives the files as they may be found after a cut there. So one run of a scenario is cut at
//! every point, as often as one likes.
//!
//! **The disk of this model** keeps what was synced. Of anything else it keeps any part, in any
//! order: each sector of a write, each truncation, each name made, changed or removed,
//! independently. It writes a sector whole or not at all, and leaves bytes alone that no one wrote.
//! A sync that failed leaves what it should have written in doubt for good, whatever later syncs
//! say. Where files are in folders, a name is on the disk once its folder was synced, no sooner.
//!
//! No program depends on this crate. It is one so that the crate under test stays without
//! `unsafe`.

mod platter;
mod trace;
#[expect(unsafe_code, reason = "SQLite's file system interface is in C only")]
mod vfs;
mod watched;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub use platter::{Cut, Platter};
pub use trace::{Fault, Kind, Operation, Trouble};
pub use watched::Watched;

/// The files of a folder: their names and what is in them. The name of a file further down is its
/// path; the folders on it are there too, with names that end in `/` and nothing in them.
pub type Image = BTreeMap<String, Vec<u8>>;

/// The disk under one folder, until it is dropped.
#[derive(Debug)]
pub struct Disk {
    folder: PathBuf,
    trace: Arc<Mutex<trace::Trace>>,
}

impl Disk {
    /// Watches what SQLite does, from now on, to databases and their logs in `folder`, which is an
    /// absolute path without links. No database in it is open.
    ///
    /// Fails, with SQLite's result code, if SQLite cannot be watched.
    pub fn watch(folder: &Path) -> Result<Self, i32> {
        vfs::install()?;
        Ok(Self::told(folder))
    }

    /// Watches what a program other than SQLite does in `folder`, as far as it tells.
    pub fn told(folder: &Path) -> Self {
        let trace = Arc::<Mutex<trace::Trace>>::default();
        watched::watch(folder, &trace);
        Self { folder: folder.to_owned(), trace }
    }

    /// Notes in the trace that what was done until now has been acknowledged as `turn` of
    /// `worker`, whatever the two mean to the test.
    pub fn acknowledge(&self, worker: u8, turn: u64) {
        lock(&self.trace).operations.push(Operation::Acknowledged { worker, turn });
    }

    /// Has an operation fail, counted from now on. `None`: nothing fails any more.
    pub fn fail(&self, fault: Option<Fault>) {
        lock(&self.trace).arm(fault);
    }

    /// Whether the last fault that was asked for has come to pass.
    pub fn has_failed(&self) -> bool {
        self.failed().is_some()
    }

    /// What kind of operation the last fault that was asked for came to pass in first.
    pub fn failed(&self) -> Option<Kind> {
        lock(&self.trace).failed
    }

    /// What was done to the files, in order.
    pub fn operations(&self) -> Vec<Operation> {
        lock(&self.trace).operations.clone()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        watched::unwatch(&self.folder);
    }
}

/// The content of `mutex`, also after a panic: no change of it is in two steps.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
