//! The one thread that changes the database.

use std::{
    fs::File,
    sync::{Arc, atomic::Ordering, mpsc::Receiver},
};

use rusqlite::Connection;

use super::{
    Shared,
    checkpoint::{self, Checkpointer},
    fault::{Fault, fault},
    lock,
    row::{self, Meta},
};
use crate::{Batch, Committed, Done, Failure, Watcher};

/// What the writer is told.
pub(super) enum Message {
    /// Commit this.
    Commit(Batch, Done),
    /// There is something to settle.
    Wake,
}

/// Most batches in one SQLite transaction.
const GROUP_COUNT_MAX: usize = 256;
/// Bytes of batches after which a transaction takes no more of them.
const GROUP_LEN_MAX: usize = 16 << 20;
/// Pages written, as estimated, after which the log is to be folded.
const PAGES_BETWEEN_FOLDS: usize = 1000;
/// Frames in the log at which the writer itself folds it: under a load that never pauses the log
/// starts again only if nobody writes meanwhile.
const WAL_FRAMES_MAX: u64 = 16_384;
/// Bytes in a page.
const PAGE_LEN: usize = 4096;

/// The state of the thread.
pub(super) struct Writer {
    // Dropped in this order: the connection is the last one to close, and the lock goes after it.
    checkpoints: Checkpointer,
    connection: Connection,
    _lock: File,
    shared: Arc<Shared>,
    meta: Meta,
    /// Whether the log may hold the leavings of a transaction that was not committed.
    soiled: bool,
    pages: usize,
}

type Outcome = Result<Committed, Failure>;

impl Writer {
    /// A writer with the only lock and the first connection. `clean_log` says that the log was
    /// emptied.
    pub(super) fn new(
        connection: Connection,
        lock: File,
        shared: Arc<Shared>,
        checkpoints: Checkpointer,
        clean_log: bool,
    ) -> Result<Self, Failure> {
        let meta = row::read_meta(&connection)?;
        Ok(Self {
            checkpoints,
            connection,
            _lock: lock,
            shared,
            meta,
            soiled: !clean_log,
            pages: 0,
        })
    }

    /// Commits what arrives until nobody can send any more.
    pub(super) fn run(mut self, messages: &Receiver<Message>) {
        while let Ok(first) = messages.recv() {
            let group = gather(first, messages);
            self.commit(group);
        }
    }

    /// Commits a group in one transaction and answers each of its batches.
    fn commit(&mut self, group: Vec<(Batch, Done)>) {
        let settled = std::mem::take(&mut *lock(&self.shared.settled));
        match self.write(&group, &settled) {
            Ok((meta, outcomes)) => {
                self.meta = meta;
                self.shared.revision.store(meta.revision, Ordering::Release);
                self.answer(group, outcomes);
                self.fold_if_due();
            }
            Err(failure) => {
                // Entries that could not be deleted are deleted later, if there is a later.
                lock(&self.shared.settled).extend(settled);
                for (_, done) in group {
                    done(Err(failure.clone()));
                }
            }
        }
    }

    /// Tells watchers, then the committer, batch by batch in their order.
    fn answer(&self, group: Vec<(Batch, Done)>, outcomes: Vec<Outcome>) {
        let watchers: Vec<Arc<Watcher>> = lock(&self.shared.watchers).clone();
        for ((batch, done), outcome) in group.into_iter().zip(outcomes) {
            if let Ok(committed) = outcome {
                let places = batch.places();
                for watcher in &watchers {
                    watcher(&places, committed.revision);
                }
            }
            done(outcome);
        }
    }

    /// Makes the group durable. An error is that of the whole group.
    fn write(
        &mut self,
        group: &[(Batch, Done)],
        settled: &[[u8; 16]],
    ) -> Result<(Meta, Vec<Outcome>), Failure> {
        if let Some(failure) = self.shared.stopped.get() {
            return Err(failure.clone());
        }
        if group.is_empty() && settled.is_empty() {
            return Ok((self.meta, Vec::new()));
        }
        if self.soiled {
            self.soiled = !checkpoint::empty(&self.connection).map_err(|e| self.failed(&e))?;
        }
        if self.soiled {
            return Err(Failure::Unavailable(
                "its log is being read and cannot be emptied now; try again".to_owned(),
            ));
        }
        self.transaction(group, settled).map_err(|error| {
            // SQLite has rolled back by itself after some errors; then this one fails, and says
            // nothing new.
            let _ = self.connection.execute_batch("ROLLBACK");
            self.soiled = true;
            self.failed(&error)
        })
    }

    /// What to answer after `error`, which may be the last thing this store does.
    fn failed(&self, error: &rusqlite::Error) -> Failure {
        match fault(error, self.connection.is_autocommit()) {
            Fault::Passing(failure) => failure,
            Fault::Final(failure) => {
                // The first reason stands.
                let _ = self.shared.stopped.set(failure.clone());
                failure
            }
        }
    }

    fn transaction(
        &mut self,
        group: &[(Batch, Done)],
        settled: &[[u8; 16]],
    ) -> rusqlite::Result<(Meta, Vec<Outcome>)> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let mut meta = self.meta;
        let mut outcomes = Vec::with_capacity(group.len());
        for (batch, _) in group {
            outcomes.push(self.apply(batch, &mut meta)?);
        }
        for id in settled {
            row::settle(&self.connection, id)?;
        }
        if meta.revision == self.meta.revision && settled.is_empty() {
            self.connection.execute_batch("ROLLBACK")?;
            return Ok((meta, outcomes));
        }
        meta.transactions += 1;
        row::write_meta(&self.connection, meta)?;
        self.connection.execute_batch("COMMIT")?;
        self.pages += 4 + settled.len() / 16;
        Ok((meta, outcomes))
    }

    /// Applies one batch, or finds that it conflicts and writes nothing of it: so it needs no
    /// savepoint.
    fn apply(&mut self, batch: &Batch, meta: &mut Meta) -> rusqlite::Result<Outcome> {
        for (place, expected) in batch.expectations() {
            if row::read_revision(&self.connection, place)? != expected {
                return Ok(Err(Failure::Conflict(place.clone())));
            }
        }
        for write in batch.writes() {
            row::apply(&self.connection, write)?;
        }
        let revision = meta.revision + 1;
        for (nth, entry) in (0..).zip(batch.entries()) {
            row::add_to_outbox(&self.connection, revision, nth, entry)?;
        }
        meta.revision = revision;
        self.pages += 1 + batch.writes().len() + batch.len() / PAGE_LEN;
        Ok(Ok(Committed { revision }))
    }

    fn fold_if_due(&mut self) {
        if self.pages < PAGES_BETWEEN_FOLDS {
            return;
        }
        self.pages = 0;
        if self.shared.wal_frames.load(Ordering::Relaxed) > WAL_FRAMES_MAX {
            checkpoint::fold(&self.connection, &self.shared);
        } else {
            self.checkpoints.wake();
        }
    }
}

/// `first` and whatever waits behind it, within the bounds of a group.
fn gather(first: Message, messages: &Receiver<Message>) -> Vec<(Batch, Done)> {
    let mut group = Vec::new();
    let mut len = 0;
    let mut next = Some(first);
    while let Some(message) = next {
        if let Message::Commit(batch, done) = message {
            len += batch.len();
            group.push((batch, done));
        }
        next = (group.len() < GROUP_COUNT_MAX && len < GROUP_LEN_MAX)
            .then(|| messages.try_recv().ok())
            .flatten();
    }
    group
}
