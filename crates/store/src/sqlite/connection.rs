//! Connections that are what we need them to be.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, ffi};

use super::{fault::failure, schema};
use crate::Failure;

/// What a connection is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Role {
    /// It changes the database, or folds the log into it.
    Writer,
    /// It cannot change anything.
    Reader,
}

/// `PRAGMA synchronous` as SQLite numbers it: every commit is on the disk before it is answered.
const SYNCHRONOUS_FULL: i64 = 2;
/// How long SQLite waits for its own locks. Ours make sure that it hardly ever has to.
const BUSY: Duration = Duration::from_secs(10);
/// Prepared statements kept by a connection.
const STATEMENTS: usize = 32;
/// Size to which the log is cut when it starts again, in bytes.
const WAL_LEN_KEPT: i64 = 64 << 20;

/// Opens a connection and makes sure that its settings took.
pub(super) fn open(path: &Path, role: Role) -> Result<Connection, Failure> {
    let access = match role {
        Role::Writer => OpenFlags::SQLITE_OPEN_READ_WRITE,
        Role::Reader => OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let connection = Connection::open_with_flags(path, flags).map_err(|e| failure(&e))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    if role == Role::Writer {
        // Before anything in the file is changed.
        schema::recognise(&connection)?;
    }
    configure(&connection, role).map_err(|e| failure(&e))?;
    assert_durable(&connection)?;
    Ok(connection)
}

fn configure(connection: &Connection, role: Role) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    if role == Role::Writer {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // Checkpoints have their own thread; a commit must not pay for them.
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        connection.pragma_update(None, "journal_size_limit", WAL_LEN_KEPT)?;
        // What was deleted was key material, encrypted; it is overwritten all the same.
        connection.pragma_update(None, "secure_delete", "ON")?;
        // A page is in the log once a transaction: `wal` relies on it.
        connection.pragma_update(None, "cache_spill", "OFF")?;
        connection.pragma_update(None, "fullfsync", "ON")?;
        connection.pragma_update(None, "checkpoint_fullfsync", "ON")?;
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "mmap_size", 0)?;
    // The database may have been edited by someone: trust nothing in it.
    connection.pragma_update(None, "trusted_schema", "OFF")?;
    connection.pragma_update(None, "cell_size_check", "ON")
}

/// Reads back what durability hangs on: builds of SQLite differ in what they default to.
fn assert_durable(connection: &Connection) -> Result<(), Failure> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let synchronous = pragma("synchronous").map_err(|e| failure(&e))?;
    let journal: String = connection
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .map_err(|e| failure(&e))?;
    if synchronous != SYNCHRONOUS_FULL || !journal.eq_ignore_ascii_case("wal") {
        return Err(Failure::Unavailable(format!(
            "SQLite would not be durable here (synchronous {synchronous}, journal {journal}); \
             use a local file system with shared memory"
        )));
    }
    Ok(())
}

/// Has SQLite check every page and every order it relies on.
pub(super) fn check_structure(connection: &Connection) -> Result<(), Failure> {
    let verdict: String = connection
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(|e| failure(&e))?;
    if verdict == "ok" {
        Ok(())
    } else if unreadable(&verdict) {
        Err(Failure::Unavailable(format!("the disk failed ({verdict}); check it")))
    } else {
        Err(Failure::Damaged(format!("SQLite reports: {verdict}")))
    }
}

/// Whether a check found nothing wrong but could not read: it names the result code of that, or, of
/// a page that is free, only the page.
fn unreadable(verdict: &str) -> bool {
    if verdict.contains("failed to get page") {
        return true;
    }
    let code = verdict.split_once("error code=").map(|(_, rest)| rest.trim().parse::<i32>());
    // The lowest byte of an extended code is the code.
    matches!(code, Some(Ok(code)) if code & 0xff == ffi::SQLITE_IOERR)
}
