//! The simulated disk before the real one, for folders that a test watches.

use std::{io, os::unix::fs::FileExt as _, path::Path};

use ::disk::{Kind, Operation, Trouble, Watched};

use super::Step;

/// Tells the disk of the step, and fails as it says. A write that fails has been done by half.
pub(super) fn before(step: &Step<'_>) -> io::Result<()> {
    let path = match step {
        Step::Write(file, ..) | Step::Sync(file) => file.path(),
        Step::Make(path)
        | Step::MakeFolder(path)
        | Step::Open(path)
        | Step::Read(path)
        | Step::Empty(path)
        | Step::SyncFolder(path)
        | Step::Rename(path, _)
        | Step::Remove(path)
        | Step::RemoveFolder(path) => path,
    };
    let Some(watched) = Watched::at(path) else { return Ok(()) };
    let name = || watched.name().to_owned();
    let (kind, note) = match step {
        Step::Make(_) => {
            (Kind::Make, vec![Operation::Made(name()), Operation::Cut { file: name(), len: 0 }])
        }
        Step::MakeFolder(_) => (Kind::Make, vec![Operation::Made(watched.folder())]),
        Step::Open(_) => (Kind::Open, vec![]),
        Step::Read(_) => (Kind::Read, vec![]),
        Step::Write(_, bytes, at) => (Kind::Write, vec![written(&watched, bytes, *at)]),
        Step::Empty(_) => (Kind::Cut, vec![Operation::Cut { file: name(), len: 0 }]),
        Step::Sync(_) => (Kind::Sync, vec![Operation::Synced(name())]),
        Step::SyncFolder(_) => (Kind::Sync, vec![Operation::FolderSynced(watched.folder())]),
        Step::Rename(_, to) => (Kind::Rename, vec![renamed(name(), to)]),
        Step::Remove(_) => (Kind::Remove, vec![removed(name())]),
        Step::RemoveFolder(_) => (Kind::Remove, vec![removed(watched.folder())]),
    };
    let Some(trouble) = watched.pass(kind, note) else { return Ok(()) };
    match step {
        Step::Write(file, bytes, at) => {
            let half = &bytes[..bytes.len() / 2];
            file.file.write_all_at(half, *at)?;
            watched.note(written(&watched, half, *at));
        }
        Step::Sync(_) => watched.note(Operation::Unsynced(name())),
        Step::SyncFolder(_) => watched.note(Operation::FolderUnsynced(watched.folder())),
        _ => {}
    }
    Err(match trouble {
        Trouble::Broken => io::Error::other("the simulated disk is broken"),
        Trouble::Full => io::ErrorKind::StorageFull.into(),
        Trouble::TooManyFiles => rustix::io::Errno::MFILE.into(),
    })
}

fn written(watched: &Watched, bytes: &[u8], at: u64) -> Operation {
    Operation::Written { file: watched.name().to_owned(), at, bytes: bytes.to_vec() }
}

fn renamed(from: String, to: &Path) -> Operation {
    let to = Watched::at(to).map(|watched| watched.name().to_owned()).unwrap_or_default();
    Operation::Renamed { from, to }
}

fn removed(file: String) -> Operation {
    Operation::Removed { file, durably: false }
}
