//! The store on a disk that forgets what was not synced, and on one that fails.
#![cfg(test)]

mod failures;
mod power_cuts;
#[path = "../crash/workload.rs"]
mod workload;

use std::{
    fs,
    path::{Path, PathBuf},
};

use disk::{Disk, Image};
use store::{
    Store,
    sqlite::{self, Options, Sqlite},
};
use tempfile::TempDir;

/// The name of the database.
const DATABASE: &str = "store.db";

/// A disk with `image` on it: its folder, the path of the database, and what watches it.
fn disk_of(image: &Image) -> (TempDir, PathBuf, Disk) {
    let folder = workload::folder();
    for (name, bytes) in image {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let disk = Disk::watch(folder.path()).unwrap();
    let path = folder.path().join(DATABASE);
    (folder, path, disk)
}

/// A disk on which a store is about to be made: the store makes and syncs the empty file itself.
fn unused() -> Image {
    Image::from([(DATABASE.to_owned(), Vec::new())])
}

/// The files of a store that was opened and used for `turns` turns of worker 0, and closed.
fn used(turns: u64) -> Image {
    let folder = workload::folder();
    let path = folder.path().join(DATABASE);
    let store = workload::open(&path).unwrap();
    (1..=turns).for_each(|turn| workload::commit(&store, 0, turn).unwrap());
    drop(store);
    Image::from([(DATABASE.to_owned(), fs::read(&path).unwrap())])
}

/// Opens the store and checks it: every worker has all turns that it was told of, and at most the
/// next one, whole and with its entry. Then the store goes on, also when it is opened again.
fn assert_kept(path: &Path, told: &[u64]) {
    let store = open(path);
    let mut found = assert_whole(&store, told.len());
    for (worker, (found, told)) in found.iter().zip(told).enumerate() {
        assert!((*told..=told + 1).contains(found), "worker {worker}: {told} became {found}");
    }
    found[0] += 1;
    workload::commit(&store, 0, found[0]).unwrap();
    drop(store);
    assert_eq!(assert_whole(&open(path), told.len()), found);
}

/// Opens the store for one reader: it is done thousands of times.
fn open(path: &Path) -> Sqlite {
    sqlite::open(path, Options { readers: 1, ..Options::default() }).unwrap()
}

/// The turns that are found, none of them in part.
fn assert_whole(store: &Sqlite, workers: usize) -> Vec<u64> {
    let outbox = store.outbox().unwrap();
    let workers = 0..u8::try_from(workers).unwrap();
    let found: Vec<_> = workers.map(|worker| workload::turn(store, worker)).collect();
    for (worker, found) in (0..).zip(&found) {
        workload::assert_recorded(&outbox, worker, 0, *found);
    }
    assert_eq!(store.revision(), found.iter().sum::<u64>());
    assert_eq!(outbox.len() as u64, store.revision());
    found
}
