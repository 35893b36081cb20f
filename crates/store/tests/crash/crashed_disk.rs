//! A disk that loses, tears and reorders what was not synced takes back nothing acknowledged.
//!
//! The store runs once, and its files are kept after each acknowledged commit. A power cut during
//! the commit after that one leaves the files of then, with any part of what has been written
//! since: each such state is made, opened and looked at.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::workload::{self, Random};
use rusqlite::Connection;
use store::{Failure, Store, sqlite::Sqlite};
use tempfile::TempDir;

/// What a disk writes whole, in bytes.
const SECTOR: usize = 512;
/// What a file system writes at once, in bytes.
const BLOCK: usize = 4096;
/// Length of the log's head, which is synced before anything follows it.
const LOG_HEAD: usize = 32;
const TURNS: u64 = 14;
/// The turns after which the log is folded into the database, and so starts again.
const FOLDED_AFTER: [u64; 2] = [4, 9];
/// Random subsets tried for each commit.
const SUBSETS: u64 = 12;

/// The files after a turn was acknowledged.
#[derive(Clone)]
struct Disk {
    turn: u64,
    database: Vec<u8>,
    log: Vec<u8>,
}

#[test]
fn a_commit_cut_at_any_sector_is_whole_or_absent() {
    let mut states = 0;
    for [before, after] in steps() {
        let log = &after.log;
        let Some(first) = changed(&before.log, log, SECTOR).first().copied() else {
            continue;
        };
        for cut in (first..=log.len().div_ceil(SECTOR)).map(|sector| sector * SECTOR) {
            let cut = cut.min(log.len());
            // What follows the cut is what was there before.
            let mut overwritten = log[..cut].to_vec();
            overwritten.extend(before.log.get(cut..).unwrap_or_default());
            survives(&before.database, &overwritten, before.turn);
            states += 1;
        }
    }
    println!("{states} states");
}

#[test]
fn blocks_of_a_commit_may_be_lost_in_any_order() {
    let mut states = 0;
    let mut random = Random::new(7);
    for [before, after] in steps() {
        for size in [SECTOR, BLOCK] {
            let parts = changed(&before.log, &after.log, size);
            let one_lost = parts.iter().map(|lost| {
                let kept = parts.iter().filter(|part| *part != lost);
                kept.copied().collect::<BTreeSet<_>>()
            });
            let one_kept = parts.iter().map(|kept| BTreeSet::from([*kept]));
            let some = (0..SUBSETS).map(|_| {
                let kept = parts.iter().filter(|_| random.below(2) == 0);
                kept.copied().collect()
            });
            for kept in one_lost.chain(one_kept).chain(some) {
                let log = mixed(&before.log, &after.log, size, &kept);
                survives(&before.database, &log, before.turn);
                states += 1;
            }
        }
    }
    println!("{states} states");
}

#[test]
fn a_fold_may_be_cut_anywhere() {
    let mut states = 0;
    let mut random = Random::new(8);
    for [before, after] in steps() {
        let parts = changed(&before.database, &after.database, SECTOR);
        if parts.is_empty() {
            continue;
        }
        for _ in 0..40 {
            let kept = parts.iter().filter(|_| random.below(2) == 0).copied().collect();
            let database = mixed(&before.database, &after.database, SECTOR, &kept);
            assert!(survives(&database, &before.log, before.turn) == before.turn);
            states += 1;
        }
    }
    assert!(states >= 40 * FOLDED_AFTER.len());
    println!("{states} states");
}

#[test]
fn a_cut_while_recovering_from_a_cut_is_survived() {
    let steps = steps();
    let [before, after] = &steps[2];
    let torn = &after.log[..after.log.len() - BLOCK];
    let (_folder, path) = disk(&before.database, torn);
    drop(workload::open(&path).unwrap());
    // Opening folds the log: any part of that may be missing while the log is still there.
    let folded = fs::read(&path).unwrap();
    let parts = changed(&before.database, &folded, SECTOR);
    let mut random = Random::new(9);
    for _ in 0..40 {
        let kept = parts.iter().filter(|_| random.below(2) == 0).copied().collect();
        let database = mixed(&before.database, &folded, SECTOR, &kept);
        assert_eq!(survives(&database, torn, before.turn), before.turn);
    }
}

#[test]
fn a_log_without_its_database_is_reported() {
    let steps = steps();
    let [before, _] = &steps[2];
    let (_folder, path) = disk(&[], &before.log);
    let outcome = workload::open(&path).err();
    assert!(matches!(outcome, Some(Failure::Damaged(_))), "{outcome:?}");
}

#[test]
fn an_unfinished_creation_is_begun_again() {
    let (_folder, path) = disk(&[], &[]);
    let store = workload::open(&path).unwrap();
    workload::commit(&store, 0, 1).unwrap();
}

/// Runs the scenario: the files before and after each commit, a fold counting as of the one
/// before it.
fn steps() -> Vec<[Disk; 2]> {
    let folder = workload::folder();
    let path = folder.path().join("store.db");
    let store = workload::open(&path).unwrap();
    let mut steps = Vec::new();
    let mut before = snapshot(&path, 0);
    for turn in 1..=TURNS {
        workload::commit(&store, 0, turn).unwrap();
        let after = snapshot(&path, turn);
        steps.push([before, after.clone()]);
        before = after;
        if FOLDED_AFTER.contains(&turn) {
            fold(&path);
            let folded = snapshot(&path, turn);
            steps.push([before, folded.clone()]);
            before = folded;
        }
    }
    steps
}

fn fold(path: &Path) {
    let connection = Connection::open(path).unwrap();
    let (frames, folded): (i64, i64) = connection
        .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| Ok((row.get(1)?, row.get(2)?)))
        .unwrap();
    assert!(frames > 0 && frames == folded);
}

fn snapshot(path: &Path, turn: u64) -> Disk {
    // Copied by another process: to close the database's file in this one would drop its locks.
    let copy = |path: &Path| {
        let folder = workload::folder();
        let to = folder.path().join("copy");
        let copied = std::process::Command::new("cp").arg(path).arg(&to).status().unwrap();
        assert!(copied.success());
        fs::read(to).unwrap()
    };
    Disk { turn, database: copy(path), log: copy(&log_of(path)) }
}

/// The parts of `size` bytes, by number, in which `after` differs from `before`.
fn changed(before: &[u8], after: &[u8], size: usize) -> Vec<usize> {
    let part = |bytes: &[u8], number: usize| {
        let from = (number * size).min(bytes.len());
        bytes[from..(from + size).min(bytes.len())].to_vec()
    };
    let count = after.len().div_ceil(size);
    let differs = |number: &usize| part(before, *number) != part(after, *number);
    (0..count).filter(differs).collect()
}

/// `before` with the parts `kept` of `after`; what was never written reads as zeros. The head of
/// the log is there if anything is, since it is synced first.
fn mixed(before: &[u8], after: &[u8], size: usize, kept: &BTreeSet<usize>) -> Vec<u8> {
    let mut bytes = before.to_vec();
    if !kept.is_empty() {
        bytes.resize(before.len().max(after.len()), 0);
        bytes[..LOG_HEAD].copy_from_slice(&after[..LOG_HEAD]);
    }
    for part in kept {
        let range = part * size..((part + 1) * size).min(after.len());
        bytes[range.clone()].copy_from_slice(&after[range]);
    }
    bytes
}

fn disk(database: &[u8], log: &[u8]) -> (TempDir, PathBuf) {
    let folder = workload::folder();
    let path = folder.path().join("store.db");
    fs::write(&path, database).unwrap();
    fs::write(log_of(&path), log).unwrap();
    (folder, path)
}

/// Opens the state and checks it: every turn up to `acknowledged` is there, the one after it
/// whole or not at all, and the store goes on, also after it is closed. Gives the turn found.
fn survives(database: &[u8], log: &[u8], acknowledged: u64) -> u64 {
    let (_folder, path) = disk(database, log);
    let store = workload::open(&path).unwrap();
    let found = assert_whole(&store);
    assert!((acknowledged..=acknowledged + 1).contains(&found), "{acknowledged} → {found}");
    workload::commit(&store, 0, found + 1).unwrap();
    drop(store);
    let store = workload::open(&path).unwrap();
    assert_eq!(assert_whole(&store), found + 1);
    found
}

fn assert_whole(store: &Sqlite) -> u64 {
    let found = workload::turn(store, 0);
    assert_eq!(store.revision(), found);
    workload::assert_recorded(&store.outbox().unwrap(), 0, 0, found);
    found
}

fn log_of(path: &Path) -> PathBuf {
    path.with_extension("db-wal")
}
