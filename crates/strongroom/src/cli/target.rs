//! A file that appears under its name when it is whole, and not before.
//!
//! Where the file system can do it, it has no name until then, so however the command ends,
//! nothing of it is left. Elsewhere it has a name of its own beside the target, which a command
//! that is killed leaves behind.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::{
        fd::AsRawFd,
        unix::fs::{OpenOptionsExt, PermissionsExt},
    },
    path::{Path, PathBuf},
};

use rustix::fs::{AtFlags, CWD, OFlags};

use super::failure::Failure;

/// Readable and writable by its owner alone.
const MODE: u32 = 0o600;

/// A file that is being written.
#[derive(Debug)]
pub(super) struct Target {
    path: PathBuf,
    folder: PathBuf,
    file: File,
    /// The name it has until it is whole, if it has one.
    draft: Option<Draft>,
    force: bool,
}

/// A name that is gone when this is.
#[derive(Debug)]
struct Draft(PathBuf);

impl Drop for Draft {
    fn drop(&mut self) {
        // It is gone already when it was renamed; and there is nobody left to tell.
        let _ = fs::remove_file(&self.0);
    }
}

impl Target {
    /// Starts a file that is to be `path`. A file that is there is replaced only by `force`, and
    /// anything else that is there (a folder, a link, a device) never.
    pub(super) fn new(path: &Path, force: bool) -> Result<Self, Failure> {
        match fs::symlink_metadata(path) {
            Ok(there) if !there.is_file() => {
                let sentence = "is there and is not a plain file; it is not replaced";
                return Err(Failure::Usage(format!("{} {sentence}", path.display())));
            }
            Ok(_) if !force => return Err(exists(path)),
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(unwritable(path, &error));
            }
            Ok(_) | Err(_) => {}
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).to_owned();
        let (file, draft) = match nameless(&folder) {
            Some(file) => (file, None),
            None => {
                let name = draft_name(path, &folder)?;
                let file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(&name);
                (file.map_err(|error| unwritable(path, &error))?, Some(Draft(name)))
            }
        };
        Ok(Self { path: path.to_owned(), folder, file, draft, force })
    }

    /// Makes it durable and gives it its name.
    pub(super) fn finish(self) -> Result<(), Failure> {
        let placed = self.place();
        placed.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => exists(&self.path),
            _ => unwritable(&self.path, &error),
        })
    }

    fn place(&self) -> io::Result<()> {
        // What the umask took away or the folder's defaults added.
        self.file.set_permissions(fs::Permissions::from_mode(MODE))?;
        self.file.sync_all()?;
        match (&self.draft, self.force) {
            // Neither of the two replaces what has come there in the meantime.
            (None, false) => link(&self.file, &self.path)?,
            (Some(draft), false) => fs::hard_link(&draft.0, &self.path)?,
            (Some(draft), true) => fs::rename(&draft.0, &self.path)?,
            (None, true) => {
                let name = draft_name(&self.path, &self.folder)
                    .map_err(|failure| io::Error::other(failure.to_string()))?;
                link(&self.file, &name)?;
                let draft = Draft(name);
                fs::rename(&draft.0, &self.path)?;
            }
        }
        File::open(&self.folder)?.sync_all()
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A file in the folder that has no name, and can be given one.
fn nameless(folder: &Path) -> Option<File> {
    let flags = i32::try_from(OFlags::TMPFILE.bits()).ok()?;
    let file = OpenOptions::new().write(true).custom_flags(flags).mode(MODE).open(folder).ok()?;
    descriptor(&file).exists().then_some(file)
}

fn descriptor(file: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

/// Gives a nameless file a name that is not taken.
fn link(file: &File, name: &Path) -> io::Result<()> {
    rustix::fs::linkat(CWD, descriptor(file), CWD, name, AtFlags::SYMLINK_FOLLOW)?;
    Ok(())
}

/// A hidden name beside the target that nothing else has.
fn draft_name(path: &Path, folder: &Path) -> Result<PathBuf, Failure> {
    let number = u64::from_be_bytes(
        crypto::random::array().map_err(|_| Failure::module("it has no random bytes"))?,
    );
    let name = path
        .file_name()
        .ok_or_else(|| Failure::Usage(format!("{} does not name a file", path.display())))?;
    Ok(folder.join(format!(".{}.{number:016x}", name.to_string_lossy())))
}

fn exists(path: &Path) -> Failure {
    Failure::Usage(format!("{} is there already; --force replaces it", path.display()))
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::Failed(format!("cannot write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    fn start() {
        crypto::start(crypto::Options { secret_memory_bytes: 1 << 20 }).unwrap();
    }

    #[test]
    fn a_file_appears_when_it_is_finished_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let mut target = Target::new(&path, false).unwrap();
        target.write_all(b"whole").unwrap();
        assert!(!path.exists());
        target.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, MODE);
        assert_eq!(names(folder.path()), ["out"]);
    }

    #[test]
    fn what_is_given_up_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut target = Target::new(&folder.path().join("out"), false).unwrap();
        target.write_all(b"half").unwrap();
        drop(target);
        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[test]
    fn what_is_there_is_replaced_by_force_alone() {
        start();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        fs::write(&path, b"old").unwrap();
        assert_eq!(Target::new(&path, false).unwrap_err().exit_code(), 2);
        let mut target = Target::new(&path, true).unwrap();
        target.write_all(b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        target.finish().unwrap();
        assert_eq!(
            (fs::read(&path).unwrap(), names(folder.path())),
            (b"new".into(), vec!["out".into()])
        );
    }

    #[test]
    fn what_comes_in_the_meantime_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let target = Target::new(&path, false).unwrap();
        fs::write(&path, b"other").unwrap();
        assert_eq!(target.finish().unwrap_err().exit_code(), 2);
        assert_eq!(fs::read(&path).unwrap(), b"other");
    }

    #[test]
    fn folders_links_and_devices_are_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        for path in [folder.path(), &link, Path::new("/dev/null")] {
            assert_eq!(Target::new(path, true).unwrap_err().exit_code(), 2, "{}", path.display());
        }
    }

    #[test]
    fn a_draft_with_a_name_becomes_the_file_too() {
        start();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        for force in [false, true] {
            let name = draft_name(&path, folder.path()).unwrap();
            let file = File::create_new(&name).unwrap();
            let (path, draft) = (path.clone(), Some(Draft(name)));
            let mut target = Target { path, folder: folder.path().to_owned(), file, draft, force };
            target.write_all(b"whole").unwrap();
            target.finish().unwrap();
            assert_eq!(names(folder.path()), ["out"]);
        }
    }
}
