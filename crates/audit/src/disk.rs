//! The log's way to the disk: every operation on its files is one of these.
//!
//! Files are for their owner's eyes only. Those of a [`Batch`] appear whole or not at all. In
//! tests a simulated disk stands before the real one ([`before`]); it has no other effect.

#[cfg(test)]
mod watch;

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs::{self, DirBuilder, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

#[cfg(test)]
use self::watch::before;
use crate::Failure;

/// What is about to be done.
#[cfg_attr(not(test), expect(dead_code, reason = "only a simulated disk looks at it"))]
enum Step<'a> {
    /// Open a file, make it if there is none, empty it if there is one.
    Make(&'a Path),
    MakeFolder(&'a Path),
    Open(&'a Path),
    /// Read a file, or list a folder.
    Read(&'a Path),
    /// Write bytes to a file, from a place on.
    Write(&'a File, &'a [u8], u64),
    Empty(&'a Path),
    Sync(&'a File),
    SyncFolder(&'a Path),
    Rename(&'a Path, &'a Path),
    Remove(&'a Path),
    RemoveFolder(&'a Path),
}

/// Lets a simulated disk refuse a step. There is one in tests only.
#[cfg(not(test))]
#[inline(always)]
fn before(_: &Step<'_>) -> io::Result<()> {
    Ok(())
}

/// An open file that knows its name.
#[derive(Debug)]
pub(crate) struct File {
    file: fs::File,
    path: PathBuf,
}

impl File {
    /// Opens a file for reading, or a folder.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        before(&Step::Open(path))
            .and_then(|()| fs::File::open(path))
            .map(|file| Self { file, path: path.to_owned() })
            .map_err(|error| Failure::io("open", path, &error))
    }

    /// Opens a file for writing and reading, made with mode 0600 and emptied if it exists.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true).mode(0o600);
        before(&Step::Make(path))
            .and_then(|()| options.open(path))
            .map(|file| Self { file, path: path.to_owned() })
            .map_err(|error| Failure::io("create", path, &error))
    }

    /// A file that is open already.
    #[cfg(test)]
    pub(crate) fn of(file: fs::File, path: &Path) -> Self {
        Self { file, path: path.to_owned() }
    }

    /// Its name.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes all of `bytes` from byte `at` on.
    pub(crate) fn write_at(&self, bytes: &[u8], at: u64) -> Result<(), Failure> {
        before(&Step::Write(self, bytes, at))
            .and_then(|()| self.file.write_all_at(bytes, at))
            .map_err(|error| Failure::io("write", &self.path, &error))
    }

    /// Reads as many bytes as `into` has, from the beginning.
    fn read_back(&self, into: &mut [u8]) -> Result<(), Failure> {
        before(&Step::Read(&self.path))
            .and_then(|()| self.file.read_exact_at(into, 0))
            .map_err(|error| Failure::io("read", &self.path, &error))
    }

    /// Makes durable what was written, and the length if it has grown.
    pub(crate) fn sync(&self) -> Result<(), Failure> {
        before(&Step::Sync(self))
            .and_then(|()| self.file.sync_data())
            .map_err(|error| Failure::io("sync", &self.path, &error))
    }

    /// Makes durable the names in it, if it is a folder.
    pub(crate) fn sync_names(&self) -> Result<(), Failure> {
        before(&Step::SyncFolder(&self.path))
            .and_then(|()| self.file.sync_all())
            .map_err(|error| Failure::io("sync the folder", &self.path, &error))
    }

    /// Has what was written begin to go to the disk, so that a sync has less to wait for. Only a
    /// hint: what becomes of it is for the sync to say.
    pub(crate) fn hasten(&self) {
        // The kernel writes out what it shall not need to keep.
        let _ = rustix::fs::fadvise(&self.file, 0, None, rustix::fs::Advice::DontNeed);
    }

    /// Gives it another name, in the place of another file if there is one.
    pub(crate) fn rename(&mut self, to: &Path) -> Result<(), Failure> {
        before(&Step::Rename(&self.path, to))
            .and_then(|()| fs::rename(&self.path, to))
            .map_err(|error| Failure::io("rename", &self.path, &error))?;
        to.clone_into(&mut self.path);
        Ok(())
    }

    /// Locks it against other processes until it is closed.
    pub(crate) fn try_lock(&self) -> Result<(), TryLockError> {
        self.file.try_lock()
    }
}

/// Makes the names in a folder durable.
pub(crate) fn sync_dir(path: &Path) -> Result<(), Failure> {
    before(&Step::SyncFolder(path))
        .and_then(|()| fs::File::open(path)?.sync_all())
        .map_err(|error| Failure::io("sync the folder", path, &error))
}

/// Reads a file; `None` when there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    found(before(&Step::Read(path)).and_then(|()| fs::read(path)))
        .map_err(|error| Failure::io("read", path, &error))
}

/// The names in a folder, in no order; `None` when there is no such folder.
pub(crate) fn list(dir: &Path) -> Result<Option<Vec<OsString>>, Failure> {
    let names = |items: fs::ReadDir| items.map(|item| item.map(|item| item.file_name())).collect();
    found(before(&Step::Read(dir)).and_then(|()| fs::read_dir(dir)).and_then(names))
        .map_err(|error| Failure::io("list", dir, &error))
}

/// Whether there is something of that name.
pub(crate) fn exists(path: &Path) -> Result<bool, Failure> {
    before(&Step::Read(path))
        .and_then(|()| path.try_exists())
        .map_err(|error| Failure::io("look for", path, &error))
}

fn found<T>(outcome: io::Result<T>) -> io::Result<Option<T>> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Takes everything out of a file.
pub(crate) fn empty(path: &Path) -> Result<(), Failure> {
    before(&Step::Empty(path))
        .and_then(|()| OpenOptions::new().write(true).open(path)?.set_len(0))
        .map_err(|error| Failure::io("empty", path, &error))
}

/// Removes a file, which need not exist.
pub(crate) fn remove_file(path: &Path) -> Result<(), Failure> {
    found(before(&Step::Remove(path)).and_then(|()| fs::remove_file(path)))
        .map(drop)
        .map_err(|error| Failure::io("remove", path, &error))
}

/// Removes a folder with all in it, which need not exist.
pub(crate) fn remove_dir(path: &Path) -> Result<(), Failure> {
    found(before(&Step::RemoveFolder(path)).and_then(|()| fs::remove_dir_all(path)))
        .map(drop)
        .map_err(|error| Failure::io("remove the folder", path, &error))
}

/// Makes a folder with mode 0700, and those above it, durably.
pub(crate) fn create_dirs(dir: &Path) -> Result<(), Failure> {
    let Some(above) = dir.parent() else { return Ok(()) };
    let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
    if !above.is_dir() {
        create_dirs(above)?;
    }
    create_dir(dir)?;
    sync_dir(above)
}

/// Makes a folder with mode 0700, unless it exists.
fn create_dir(dir: &Path) -> Result<(), Failure> {
    if dir.is_dir() {
        return Ok(());
    }
    before(&Step::MakeFolder(dir))
        .and_then(|()| DirBuilder::new().mode(0o700).create(dir))
        .map_err(|error| Failure::io("create the folder", dir, &error))
}

/// Files that are written one by one and become durable together.
///
/// Each file is written under another name, synced and then renamed, so that no reader sees half
/// of one, and a failed attempt is repeated with new files rather than believed. All of them are
/// on their way to the disk before the first is waited for: then one commit of the file system
/// does for all, and the other syncs find nothing to do.
#[derive(Debug)]
pub(crate) struct Batch {
    root: PathBuf,
    /// Files that are written and have not got their names, which stand beside them.
    written: Vec<(File, PathBuf)>,
    /// Folders that exist durably once those in `changed` are synced. A folder that is found is
    /// not one: whoever made it may have died before it was synced.
    known: BTreeSet<PathBuf>,
    changed: BTreeSet<PathBuf>,
    /// What was read back last.
    found: Vec<u8>,
}

impl Batch {
    /// As many folders as are remembered.
    const KNOWN_MAX: usize = 1000;
    /// As many files as are open at the same time.
    const WRITTEN_MAX: usize = 128;

    /// Files in `root`, which exists durably, and in folders within.
    pub(crate) fn within(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            written: Vec::new(),
            known: BTreeSet::new(),
            changed: BTreeSet::new(),
            found: Vec::new(),
        }
    }

    /// Writes a file, replacing one of that name. When it cannot be written, none of those that
    /// wait for their names gets one: the next attempt writes all of them.
    pub(crate) fn write(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        self.write_known(path, bytes, |_| true)
    }

    /// The same, of a file that is read back and must be what `is_so` knows it as.
    pub(crate) fn write_known(
        &mut self,
        path: &Path,
        bytes: &[u8],
        is_so: impl FnOnce(&[u8]) -> bool,
    ) -> Result<(), Failure> {
        let outcome = self.write_one(path, bytes, is_so);
        if outcome.is_err() {
            self.written.clear();
        }
        outcome
    }

    fn write_one(
        &mut self,
        path: &Path,
        bytes: &[u8],
        is_so: impl FnOnce(&[u8]) -> bool,
    ) -> Result<(), Failure> {
        let Some(dir) = path.parent() else { return Ok(()) };
        self.create_dir(dir)?;
        let new = path.with_added_extension("new");
        let file = match File::create(&new) {
            // Some of those that are open are this batch's own.
            Err(Failure::TooManyFiles) if !self.written.is_empty() => {
                self.name_written()?;
                File::create(&new)?
            }
            made => made?,
        };
        file.write_at(bytes, 0)?;
        self.found.resize(bytes.len(), 0);
        file.read_back(&mut self.found)?;
        if !is_so(&self.found) {
            return Err(Failure::damaged(format!("{} is not what was written", path.display())));
        }
        file.hasten();
        self.written.push((file, path.to_owned()));
        if self.written.len() == Self::WRITTEN_MAX {
            self.name_written()?;
        }
        Ok(())
    }

    /// Gives the files that are written their names. Those of a failed attempt are forgotten.
    fn name_written(&mut self) -> Result<(), Failure> {
        let written = std::mem::take(&mut self.written);
        written.iter().try_for_each(|(file, _)| file.sync())?;
        for (mut file, path) in written {
            file.rename(&path)?;
            self.changed.extend(path.parent().map(Path::to_owned));
        }
        Ok(())
    }

    /// Makes a folder and those above it, with mode 0700.
    pub(crate) fn create_dir(&mut self, dir: &Path) -> Result<(), Failure> {
        if dir == self.root || self.known.contains(dir) {
            return Ok(());
        }
        if let Some(parent) = dir.parent() {
            self.create_dir(parent)?;
            self.changed.insert(parent.to_owned());
        }
        create_dir(dir)?;
        self.known.insert(dir.to_owned());
        Ok(())
    }

    /// Gives the files their names, durably. A name that could not be made durable is tried again
    /// by the next call.
    pub(crate) fn sync(&mut self) -> Result<(), Failure> {
        self.name_written()?;
        self.changed.iter().try_for_each(|dir| sync_dir(dir))?;
        self.changed.clear();
        if self.known.len() > Self::KNOWN_MAX {
            self.known.clear();
        }
        Ok(())
    }
}
