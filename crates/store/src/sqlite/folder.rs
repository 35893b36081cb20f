//! The folder of a store: whose it is, and that only one process has it open.

use std::{
    ffi::OsString,
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use crate::Failure;

/// The right of others to write into a folder.
const OTHERS_MAY_WRITE: u32 = 0o022;
/// Every right of others.
const OTHERS_MAY: u32 = 0o077;

/// How often the lock is tried: a process that is ending holds it for a moment more.
const LOCK_ATTEMPTS: u32 = 25;
/// The pause between two attempts.
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// Makes the folder of `database` if there is none, for its owner alone (mode 0700); refuses one
/// that others may write to, since they could swap its files.
pub(super) fn prepare(database: &Path) -> Result<(), Failure> {
    let folder = of(database);
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|e| unavailable("make the folder", folder, &e))?;
    let metadata =
        fs::metadata(folder).map_err(|e| unavailable("look at the folder", folder, &e))?;
    if metadata.mode() & OTHERS_MAY_WRITE != 0 {
        return Err(Failure::Unavailable(format!(
            "others may write to its folder {0}; run: chmod 700 {0}",
            folder.display()
        )));
    }
    Ok(())
}

/// Takes the lock of `database`; it is held until the file is dropped, or the process ends in
/// whatever way.
pub(super) fn lock(database: &Path) -> Result<File, Failure> {
    let path = beside(database, ".lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path)
        .map_err(|e| unavailable("open the lock", &path, &e))?;
    for attempt in 1.. {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if attempt < LOCK_ATTEMPTS => thread::sleep(LOCK_PAUSE),
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::Unavailable(format!(
                    "another process has {} open; stop that one first",
                    database.display()
                )));
            }
            Err(TryLockError::Error(e)) => return Err(unavailable("lock", &path, &e)),
        }
    }
    Ok(file)
}

/// Makes the file of `database`, empty and for its owner alone (mode 0600), if there is none, and
/// takes the rights of others away if they have any. SQLite gives its other files the same mode.
pub(super) fn create_database(database: &Path) -> Result<(), Failure> {
    let made = OpenOptions::new().create_new(true).write(true).mode(0o600).open(database);
    match made {
        Ok(file) => {
            let folder = of(database);
            file.sync_all()
                .and_then(|()| File::open(folder)?.sync_all())
                .map_err(|e| unavailable("sync", folder, &e))
        }
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => tighten(database),
        Err(e) => Err(unavailable("make", database, &e)),
    }
}

/// The size of the database without its log, in bytes.
pub(super) fn database_len(database: &Path) -> Result<u64, Failure> {
    let metadata = fs::metadata(database).map_err(|e| unavailable("look at", database, &e))?;
    Ok(metadata.len())
}

/// A file that belongs to `database`: its name with `suffix` added.
pub(super) fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(database);
    name.push(suffix);
    PathBuf::from(name)
}

/// A sentence about an attempt on a file that failed.
pub(super) fn unavailable(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::Unavailable(format!("cannot {what} {} ({error})", path.display()))
}

fn tighten(file: &Path) -> Result<(), Failure> {
    // By name, not by handle: closing any handle of the file would drop SQLite's own locks on it.
    let metadata = fs::metadata(file).map_err(|e| unavailable("look at", file, &e))?;
    if metadata.mode() & OTHERS_MAY == 0 {
        return Ok(());
    }
    fs::set_permissions(file, fs::Permissions::from_mode(0o600))
        .map_err(|e| unavailable("change the mode of", file, &e))
}

fn of(database: &Path) -> &Path {
    match database.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
