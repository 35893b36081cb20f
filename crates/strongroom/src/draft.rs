//! A server that is being founded: all of it stays, or nothing does.

use std::{
    fs::{self, File, TryLockError},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use crate::{failure::Failure, folder::Folder};

/// What is made while a server is founded. Unless it is kept, it is removed again.
pub(crate) struct Draft {
    /// What was not there before.
    new: Vec<PathBuf>,
    /// Held locked, so that nobody else founds a server in this folder meanwhile.
    _turn: File,
}

impl Draft {
    /// Notes what is not there yet: of the folder, and of files elsewhere.
    pub(crate) fn begin(folder: &Folder, elsewhere: &[&Path]) -> Result<Self, Failure> {
        let turn = turn(&folder.founding())?;
        let mut paths = folder.parts();
        for path in elsewhere {
            // A file's folder goes with it, if it was made for it.
            paths.extend(path.parent().map(Path::to_owned));
            paths.push((*path).to_owned());
        }
        let is_new = |path: &PathBuf| !path.as_os_str().is_empty() && !path.exists();
        paths.retain(is_new);
        Ok(Self { new: paths, _turn: turn })
    }

    /// Keeps it all.
    pub(crate) fn keep(mut self) {
        self.new.clear();
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        for path in self.new.iter().rev() {
            let removed = match fs::symlink_metadata(path) {
                Ok(there) if there.is_dir() => fs::remove_dir_all(path),
                Ok(_) => fs::remove_file(path),
                Err(error) => Err(error),
            };
            if let Err(error) = removed
                && error.kind() != ErrorKind::NotFound
            {
                // There is nobody to hand it to, and it must be known.
                let _ = left_behind(path, &error).report();
            }
        }
    }
}

fn left_behind(path: &Path, error: &io::Error) -> Failure {
    let path = path.display();
    Failure::new(format!("{path} is of no use and must be removed by hand: {error}"))
}

fn turn(path: &Path) -> Result<File, Failure> {
    let doing = format!("lock {}", path.display());
    let file = File::options().create(true).truncate(false).write(true).open(path);
    let file = file.map_err(|error| Failure::during(&doing, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(Failure::during(&doing, "a server is being founded in this folder already"))
        }
        Err(TryLockError::Error(error)) => Err(Failure::during(&doing, error)),
    }
}

/// Refuses a folder in which the founding of a server was cut off.
pub(crate) fn is_not_cut_off(folder: &Folder) -> Result<(), Failure> {
    if fs::read_dir(folder.audit()).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Failure::new(format!(
            "{} holds an audit log, but the store was never founded: an earlier first start was \
             interrupted; remove the folder and start again",
            folder.audit().display()
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_not_kept_is_removed_and_what_was_there_before_stays() {
        let outer = tempfile::tempdir().unwrap();
        let folder = Folder::prepare(&outer.path().join("data")).unwrap();
        fs::create_dir(folder.audit()).unwrap();
        let key_file = outer.path().join("elsewhere").join("key");
        let draft = Draft::begin(&folder, &[&key_file]).unwrap();
        for path in [&key_file, &folder.store(), &folder.server_key()] {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"x").unwrap();
        }
        fs::write(folder.audit().join("old"), b"x").unwrap();
        drop(draft);
        assert_eq!(names(outer.path()), ["data"]);
        assert_eq!(names(folder.path()), ["audit", "founding.lock"]);
        assert_eq!(names(&folder.audit()), ["old"]);
    }

    #[test]
    fn what_is_kept_stays() {
        let outer = tempfile::tempdir().unwrap();
        let folder = Folder::prepare(outer.path()).unwrap();
        let draft = Draft::begin(&folder, &[]).unwrap();
        fs::write(folder.audit_key(), b"x").unwrap();
        draft.keep();
        assert!(folder.audit_key().exists());
    }

    #[test]
    fn two_do_not_found_in_one_folder_at_once() {
        let outer = tempfile::tempdir().unwrap();
        let folder = Folder::prepare(outer.path()).unwrap();
        let _draft = Draft::begin(&folder, &[]).unwrap();
        let second = Draft::begin(&folder, &[]).err().unwrap().to_string();
        assert!(second.contains("being founded in this folder already"), "{second}");
    }
}
