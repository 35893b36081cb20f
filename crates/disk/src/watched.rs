//! What lies on a disk, found by its path.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use crate::{
    Operation, lock,
    trace::{Kind, Trace, Trouble},
};

/// The traces of the folders that are watched.
static FOLDERS: Mutex<BTreeMap<PathBuf, Arc<Mutex<Trace>>>> = Mutex::new(BTreeMap::new());

/// A file or a folder on a watched disk.
#[derive(Clone, Debug)]
pub struct Watched {
    pub(crate) name: String,
    pub(crate) trace: Arc<Mutex<Trace>>,
}

impl Watched {
    /// What `path` names; `None` when no watched folder is above it, or it has no proper name.
    pub fn at(path: &Path) -> Option<Self> {
        let folders = lock(&FOLDERS);
        let (folder, trace) = path.ancestors().find_map(|above| folders.get_key_value(above))?;
        let name = path.strip_prefix(folder).ok()?.to_str()?.to_owned();
        Some(Self { name, trace: Arc::clone(trace) })
    }

    /// Its name: the path within the folder that is watched, which itself has the empty name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its name as that of a folder, in operations.
    pub fn folder(&self) -> String {
        if self.name.is_empty() { String::new() } else { format!("{}/", self.name) }
    }

    /// Counts an operation that is about to be done. Takes a note of it, or says how it fails,
    /// which is for the caller to bring about.
    pub fn pass(&self, kind: Kind, note: impl IntoIterator<Item = Operation>) -> Option<Trouble> {
        let mut trace = lock(&self.trace);
        let trouble = trace.trouble(kind);
        if trouble.is_none() {
            trace.operations.extend(note);
        }
        trouble
    }

    /// Takes a note of what has happened whether it was to fail or not.
    pub fn note(&self, operation: Operation) {
        lock(&self.trace).operations.push(operation);
    }
}

pub(crate) fn watch(folder: &Path, trace: &Arc<Mutex<Trace>>) {
    lock(&FOLDERS).insert(folder.to_owned(), Arc::clone(trace));
}

pub(crate) fn unwatch(folder: &Path) {
    lock(&FOLDERS).remove(folder);
}
