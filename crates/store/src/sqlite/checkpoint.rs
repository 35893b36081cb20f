//! Folding the log into the database, off the path of commits.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::Ordering,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
};

use rusqlite::{Connection, ErrorCode};

use super::{
    Shared,
    connection::{self, Role},
    fault::{Fault, fault},
};
use crate::Failure;

/// The thread that folds. Dropping it ends the thread and waits for that.
pub(super) struct Checkpointer {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    /// Starts the thread with a connection of its own.
    pub(super) fn start(path: &Path, shared: &Arc<Shared>) -> Result<Self, Failure> {
        let connection = connection::open(path, Role::Writer)?;
        let shared = Arc::clone(shared);
        let (wake, woken) = sync_channel(1);
        let thread = thread::Builder::new()
            .name("store-checkpoint".to_owned())
            .spawn(move || run(&connection, &shared, &woken))
            .map_err(|e| Failure::Unavailable(format!("no thread can be started ({e})")))?;
        Ok(Self { wake: Some(wake), thread: Some(thread) })
    }

    /// Asks for a checkpoint, soon.
    pub(super) fn wake(&self) {
        if let Some(wake) = &self.wake {
            // One that is asked for already will do.
            let _ = wake.try_send(());
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            // A checkpoint that was cut short is made up for by the next.
            let _ = thread.join();
        }
    }
}

fn run(connection: &Connection, shared: &Shared, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        fold(connection, shared);
    }
}

/// Folds what can be folded without making anyone wait. A full disk is no matter, since the log
/// keeps everything; any other failure of the disk stops the store.
pub(super) fn fold(connection: &Connection, shared: &Shared) {
    let folded =
        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get::<_, i64>(1));
    match folded {
        Ok(frames) => shared.wal_frames.store(frames.try_into().unwrap_or(0), Ordering::Relaxed),
        Err(e) if e.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {}
        Err(e) => {
            if let Fault::Final(failure) = fault(&e, true) {
                // The first reason stands.
                let _ = shared.stopped.set(failure);
            }
        }
    }
}

/// Folds everything and empties the log, waiting a while for readers; false if they took longer.
pub(super) fn empty(connection: &Connection) -> rusqlite::Result<bool> {
    let busy: i64 =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok(busy == 0)
}
