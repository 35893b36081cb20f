//! A bit that flips on the disk is reported, or changes nothing; it never takes a record away.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::workload::{self, Random};
use store::{Failure, OutboxEntry, Record, Store, sqlite::Sqlite};

const WORKERS: u8 = 4;
const TURNS: u64 = 8;
const FLIPS: u64 = 400;

/// Everything that can be read from a store.
type Content = (u64, Vec<Record>, Vec<OutboxEntry>);

#[test]
fn a_flipped_bit_in_the_database_is_reported_or_harmless() {
    let (database, _, contents) = files();
    let last = contents.last().unwrap();
    let mut random = Random::new(1);
    let mut reported = 0;
    for _ in 0..FLIPS {
        let mut flipped = database.clone();
        let (byte, bit) = flip(&mut flipped, &mut random);
        match found(&flipped, None) {
            Err(_) => reported += 1,
            Ok(found) => assert!(found == *last, "bit {bit} of byte {byte} was obeyed"),
        }
    }
    println!("{FLIPS} flips, {reported} reported, the rest harmless");
}

#[test]
fn a_flipped_bit_in_the_log_is_reported_or_harmless() {
    let (database, log, contents) = files();
    let [.., before, last] = contents.as_slice() else {
        panic!("there are several commits");
    };
    let mut random = Random::new(2);
    let (mut reported, mut cut) = (0, 0);
    for _ in 0..FLIPS {
        let mut flipped = log.clone();
        let (byte, bit) = flip(&mut flipped, &mut random);
        match found(&database, Some(&flipped)) {
            Err(_) => reported += 1,
            // The last commit of a store that was not closed cannot be told from one that was
            // being written. It is taken back whole, and the audit log has its entry.
            Ok(found) if found == *before => cut += 1,
            Ok(found) => assert!(found == *last, "bit {bit} of byte {byte} was obeyed"),
        }
    }
    println!("{FLIPS} flips, {reported} reported, {cut} in the last commit");
    assert!(reported > FLIPS / 2);
}

#[test]
fn a_page_of_zeros_is_reported_or_harmless() {
    let (database, _, contents) = files();
    for page in 0..database.len() / 4096 {
        let mut zeroed = database.clone();
        zeroed[page * 4096..][..4096].fill(0);
        if let Ok(found) = found(&zeroed, None) {
            assert!(found == *contents.last().unwrap(), "page {page} was obeyed");
        }
    }
}

#[test]
fn a_database_cut_short_is_reported() {
    let (database, _, _) = files();
    for pages in 1..database.len() / 4096 {
        let outcome = found(&database[..pages * 4096], None);
        assert!(matches!(outcome, Err(Failure::Damaged(_))), "{pages} pages");
    }
}

/// A closed database; the log of one that was not closed, with nothing of it in the database
/// yet; and what could be read after each commit.
fn files() -> (Vec<u8>, Vec<u8>, Vec<Content>) {
    let folder = workload::folder();
    let path = folder.path().join("store.db");
    drop(workload::open(&path).unwrap());
    let store = workload::open(&path).unwrap();
    let mut contents = Vec::new();
    for turn in 1..=TURNS {
        for worker in 0..WORKERS {
            workload::commit(&store, worker, turn).unwrap();
            contents.push(content(&store).unwrap());
        }
    }
    let log = fs::read(log_of(&path)).unwrap();
    drop(store);
    (fs::read(&path).unwrap(), log, contents)
}

fn found(database: &[u8], log: Option<&[u8]>) -> Result<Content, Failure> {
    let folder = workload::folder();
    let path = folder.path().join("store.db");
    fs::write(&path, database).unwrap();
    if let Some(log) = log {
        fs::write(log_of(&path), log).unwrap();
    }
    content(&workload::open(&path)?)
}

fn content(store: &Sqlite) -> Result<Content, Failure> {
    let records = store.scan(b"", None, usize::MAX)?;
    for record in &records {
        // By both ways to a record.
        assert_eq!(store.get(&record.place)?.record().as_ref(), Some(record));
    }
    Ok((store.revision(), records, store.outbox()?))
}

fn flip(bytes: &mut [u8], random: &mut Random) -> (usize, u64) {
    let byte = random.below(bytes.len() as u64) as usize;
    let bit = random.below(8);
    bytes[byte] ^= 1 << bit;
    (byte, bit)
}

fn log_of(path: &Path) -> PathBuf {
    path.with_extension("db-wal")
}
