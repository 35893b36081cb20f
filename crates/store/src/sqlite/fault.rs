//! What SQLite reports, in our words.

use rusqlite::{Error, ErrorCode, ffi};

use crate::Failure;

/// Whether the store goes on after a failed change.
pub(super) enum Fault {
    /// The change was undone and another may be tried: the disk was full, or the database locked.
    Passing(Failure),
    /// Nobody knows what is on the disk until it is read again.
    Final(Failure),
}

/// A failed reading or opening.
pub(super) fn failure(error: &Error) -> Failure {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt) => Failure::Damaged(format!("SQLite reports: {error}")),
        Some(ErrorCode::NotADatabase) => {
            Failure::Damaged("its file is not an SQLite database".to_owned())
        }
        Some(ErrorCode::DiskFull) => disk_full(),
        Some(ErrorCode::SystemIoFailure) => Failure::Unavailable(format!(
            "the disk failed ({error}, code {}); check it",
            extended_code(error)
        )),
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            Failure::Unavailable(format!(
                "its files cannot be opened ({error}); check that they belong to this user"
            ))
        }
        _ => match error {
            // A column of another type, or too large for its type.
            Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::InvalidColumnType(..)
            | Error::QueryReturnedNoRows => Failure::Damaged(format!("a row is wrong: {error}")),
            _ => Failure::Unavailable(format!("SQLite reports: {error}")),
        },
    }
}

/// A failed change; `undone` says whether its transaction is certainly rolled back.
pub(super) fn fault(error: &Error, undone: bool) -> Fault {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) if undone => Fault::Passing(disk_full()),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) if undone => {
            Fault::Passing(Failure::Unavailable(
                "another program has locked its database; end that program".to_owned(),
            ))
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Fault::Final(failure(error)),
        _ => Fault::Final(Failure::Unavailable(format!(
            "a change could not be written ({error}, code {}); none is accepted until the store \
             is opened again, so check the disk and restart",
            extended_code(error)
        ))),
    }
}

fn disk_full() -> Failure {
    Failure::Unavailable(
        "the disk is full; free some space, and changes go on by themselves".to_owned(),
    )
}

/// SQLite's extended result code, which names the system call that failed.
fn extended_code(error: &Error) -> i32 {
    error.sqlite_error().map_or(ffi::SQLITE_ERROR, |e| e.extended_code)
}
