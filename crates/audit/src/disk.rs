//! Files that appear whole or not at all, for their owner's eyes only.

use std::{
    collections::BTreeSet,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use crate::Failure;

/// Opens a file for writing, made with mode 0600 and emptied if it exists.
pub(crate) fn create_file(path: &Path) -> Result<File, Failure> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| Failure::io("create", path, &error))
}

/// Makes the names in a folder durable.
pub(crate) fn sync_dir(path: &Path) -> Result<(), Failure> {
    File::open(path)
        .and_then(|dir| dir.sync_all())
        .map_err(|error| Failure::io("sync the folder", path, &error))
}

/// Reads a file; `None` when there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::io("read", path, &error)),
    }
}

/// Removes a file, which need not exist.
pub(crate) fn remove_file(path: &Path) -> Result<(), Failure> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Failure::io("remove", path, &error))
        }
        _ => Ok(()),
    }
}

/// Files that are written one by one and become durable together.
///
/// Each file is written under another name, synced and then renamed, so that no reader sees half
/// of one, and a failed attempt is repeated with new files rather than believed.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    changed: BTreeSet<PathBuf>,
}

impl Batch {
    /// Writes a file, replacing one of that name.
    pub(crate) fn write(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        let Some(dir) = path.parent() else { return Ok(()) };
        self.create_dir(dir)?;
        let new = path.with_added_extension("new");
        let mut file = create_file(&new)?;
        file.write_all(bytes)
            .and_then(|()| file.sync_all())
            .map_err(|error| Failure::io("write", &new, &error))?;
        fs::rename(&new, path).map_err(|error| Failure::io("rename", &new, &error))?;
        self.changed.insert(dir.to_owned());
        Ok(())
    }

    /// Makes a folder and those above it, with mode 0700.
    pub(crate) fn create_dir(&mut self, dir: &Path) -> Result<(), Failure> {
        if dir.as_os_str().is_empty() || dir.is_dir() {
            return Ok(());
        }
        if let Some(parent) = dir.parent() {
            self.create_dir(parent)?;
            self.changed.insert(parent.to_owned());
        }
        DirBuilder::new()
            .mode(0o700)
            .create(dir)
            .map_err(|error| Failure::io("create the folder", dir, &error))
    }

    /// Makes the names durable.
    pub(crate) fn sync(self) -> Result<(), Failure> {
        self.changed.iter().filter(|dir| !dir.as_os_str().is_empty()).try_for_each(|d| sync_dir(d))
    }
}
