//! The embedded engine: SQLite in WAL mode, one writer with group commit, a pool of readers, and
//! checkpoints on a thread of their own.
//!
//! Files, next to each other in a folder that only their owner may enter: the database, its
//! `-wal` and `-shm`, and a `.lock` that is held while the store is open.

mod checkpoint;
mod connection;
mod fault;
mod folder;
mod reader;
mod row;
mod schema;
mod wal;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
};

use rusqlite::Connection;

use crate::{Batch, Done, Failure, OutboxEntry, Place, Record, Slot, Store, Watcher};
use connection::Role;
use reader::Readers;
use writer::{Message, Writer};

/// How a store is opened.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Connections that read, and so reads at the same time: at least 1.
    pub readers: usize,
    /// Batches that may wait to be written before more are refused: at least 1.
    pub queue: usize,
    /// Up to this size, in bytes, the whole database is checked before it is opened; beyond,
    /// only what is read is checked, and [`Sqlite::check`] is there to be called later.
    pub check_len_max: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { readers: 4, queue: 4096, check_len_max: 256 << 20 }
    }
}

/// A store in one SQLite database, open for one process.
pub struct Sqlite {
    shared: Arc<Shared>,
    /// `None` only while the store is being closed.
    queue: Option<SyncSender<Message>>,
    writer: Option<JoinHandle<()>>,
    path: PathBuf,
}

/// What the threads of one store share.
#[derive(Default)]
struct Shared {
    readers: Readers,
    /// The revision of the last durable commit.
    revision: AtomicU64,
    watchers: Mutex<Vec<Arc<Watcher>>>,
    /// Ids of audit entries to be deleted with the next group.
    settled: Mutex<Vec<[u8; 16]>>,
    /// Why no change is accepted any more, once that is so. A disk that failed to sync may have
    /// dropped what it failed to write and say next time that all is well, so there is no next
    /// time: only opening again reads what is really there.
    stopped: OnceLock<Failure>,
    /// Frames in the write-ahead log, when it was last looked at.
    wal_frames: AtomicU64,
}

/// Opens the store whose database is the file `path`, making it if there is none.
///
/// Fails with [`Failure::Unavailable`] if another process has it open, if it is of a newer
/// version or of another program, or if others may write to its folder; with
/// [`Failure::Damaged`] if what is there is not what was written.
pub fn open(path: &Path, options: Options) -> Result<Sqlite, Failure> {
    folder::prepare(path)?;
    let lock = folder::lock(path)?;
    folder::create_database(path)?;
    wal::check(path)?;
    let mut connection = connection::open(path, Role::Writer)?;
    if folder::database_len(path)? <= options.check_len_max {
        connection::check_structure(&connection)?;
    }
    // One generation of the log never holds the leavings of an interrupted one (see `wal`).
    let clean_log = checkpoint::empty(&connection).unwrap_or(false);
    schema::migrate(&mut connection, schema::MIGRATIONS)?;
    if folder::database_len(path)? <= options.check_len_max {
        row::check_all(&connection)?;
    }
    let revision = row::read_meta(&connection)?.revision;

    let shared = Arc::new(Shared {
        readers: Readers::open(path, options.readers)?,
        revision: AtomicU64::new(revision),
        ..Shared::default()
    });
    let (queue, jobs) = sync_channel(options.queue.max(1));
    let checkpoints = checkpoint::Checkpointer::start(path, &shared)?;
    let writer = Writer::new(connection, lock, Arc::clone(&shared), checkpoints, clean_log)?;
    let writer = thread::Builder::new()
        .name("store-writer".to_owned())
        .spawn(move || writer.run(&jobs))
        .map_err(|e| Failure::Unavailable(format!("no thread can be started ({e})")))?;
    Ok(Sqlite { shared, queue: Some(queue), writer: Some(writer), path: path.to_owned() })
}

impl Sqlite {
    /// Reads everything and reports the first thing that is not as it was written. Takes about a
    /// second for each few hundred megabytes; other work goes on meanwhile.
    pub fn check(&self) -> Result<(), Failure> {
        // A connection of its own: it is busy for long, and the pool is for the short.
        let connection = connection::open(&self.path, Role::Reader)?;
        connection::check_structure(&connection)?;
        row::check_all(&connection)
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T, Failure> {
        self.shared.readers.with(work)
    }
}

impl Store for Sqlite {
    fn get(&self, place: &Place) -> Result<Slot, Failure> {
        self.read(|connection| row::read_slot(connection, place))
    }

    fn scan(
        &self,
        prefix: &[u8],
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Vec<Record>, Failure> {
        self.read(|connection| row::scan(connection, prefix, after, limit))
    }

    fn commit(&self, batch: Batch, done: Done) {
        if let Err(failure) = batch.validate() {
            return done(Err(failure));
        }
        if let Some(failure) = self.shared.stopped.get() {
            return done(Err(failure.clone()));
        }
        let Some(queue) = &self.queue else {
            return done(Err(Failure::stopped()));
        };
        match queue.try_send(Message::Commit(batch, done)) {
            Err(TrySendError::Full(Message::Commit(_, done))) => done(Err(Failure::Overloaded)),
            Err(TrySendError::Disconnected(Message::Commit(_, done))) => {
                done(Err(Failure::stopped()));
            }
            Err(_) | Ok(()) => {}
        }
    }

    fn watch(&self, watcher: Watcher) {
        lock(&self.shared.watchers).push(Arc::new(watcher));
    }

    fn outbox(&self) -> Result<Vec<OutboxEntry>, Failure> {
        self.read(row::read_outbox)
    }

    fn settle(&self, ids: &[[u8; 16]]) {
        lock(&self.shared.settled).extend_from_slice(ids);
        if let Some(queue) = &self.queue {
            // A full queue needs no waking, and a writer that is gone settles nothing.
            let _ = queue.try_send(Message::Wake);
        }
    }

    fn revision(&self) -> u64 {
        self.shared.revision.load(Ordering::Acquire)
    }
}

impl Drop for Sqlite {
    /// Writes what is waiting, folds the log into the database and lets go of the lock.
    fn drop(&mut self) {
        // The writer's connection must be the last one open: closing that one folds the log.
        self.shared.readers.close();
        self.queue = None;
        if let Some(writer) = self.writer.take()
            && writer.thread().id() != thread::current().id()
        {
            // A writer that panicked has said so; what was acknowledged is on the disk.
            let _ = writer.join();
        }
    }
}

/// The content of `mutex`, also after a panic: no change of it is in two steps.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
