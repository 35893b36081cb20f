//! A pool of connections that read.

use std::{
    path::Path,
    sync::{Condvar, Mutex, PoisonError},
};

use rusqlite::Connection;

use super::{
    connection::{self, Role},
    lock,
};
use crate::Failure;

/// The connections that are free, and a bell for whoever waits for one.
#[derive(Default)]
pub(super) struct Readers {
    free: Mutex<Vec<Connection>>,
    returned: Condvar,
}

impl Readers {
    /// Opens `count` connections, at least one.
    pub(super) fn open(path: &Path, count: usize) -> Result<Self, Failure> {
        let connections: Result<Vec<_>, _> =
            (0..count.max(1)).map(|_| connection::open(path, Role::Reader)).collect();
        Ok(Self { free: Mutex::new(connections?), returned: Condvar::new() })
    }

    /// Does `work` with a connection, waiting for a free one.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let lease = Lease { readers: self, connection: Some(self.take()?) };
        match &lease.connection {
            Some(connection) => work(connection),
            None => Err(Failure::stopped()),
        }
    }

    /// Closes the connections. Called when no one can read any more.
    pub(super) fn close(&self) {
        lock(&self.free).clear();
    }

    fn take(&self) -> Result<Connection, Failure> {
        let free = lock(&self.free);
        let mut free = self
            .returned
            .wait_while(free, |free| free.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        free.pop().ok_or_else(Failure::stopped)
    }
}

/// A connection that goes back to the pool, also when the work with it panics.
struct Lease<'a> {
    readers: &'a Readers,
    connection: Option<Connection>,
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            lock(&self.readers.free).push(connection);
            self.readers.returned.notify_one();
        }
    }
}
