//! The engine as a whole: conformance, and what only it promises.

use std::{fs, os::unix::fs::PermissionsExt};

use model::Sealed;
use tempfile::TempDir;

use super::*;
use crate::{Write, commit_and_wait};

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data").join("store.db");
    (folder, path)
}

fn open_default(path: &Path) -> Result<Sqlite, Failure> {
    open(path, Options::default())
}

fn refusal(path: &Path) -> String {
    open_default(path).err().expect("it is refused").to_string()
}

fn entry(number: u64) -> OutboxEntry {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number.to_be_bytes());
    let sealed = Sealed::assertion(b"entry".to_vec());
    OutboxEntry { id, sealed }
}

fn put(store: &Sqlite, at: &str, len: usize) -> Result<u64, Failure> {
    let place = Place::new(at)?;
    let expected = store.get(&place)?.revision();
    let mut batch = Batch::new(entry(store.revision()));
    let value = Some(Sealed::assertion(vec![7; len]));
    batch.write(Write { place, expected, value });
    commit_and_wait(store, batch).map(|committed| committed.revision)
}

#[test]
fn the_sqlite_engine_conforms() {
    let folders = Mutex::new(Vec::new());
    crate::conformance::run(&|| {
        let (folder, path) = folder();
        lock(&folders).push(folder);
        Arc::new(open_default(&path).unwrap())
    });
}

#[test]
fn a_reopened_store_has_everything() {
    let (_folder, path) = folder();
    crate::conformance::keeps_everything_when_reopened(&|| Arc::new(open_default(&path).unwrap()));
}

#[test]
fn a_folder_is_open_once() {
    let (_folder, path) = folder();
    let store = open_default(&path).unwrap();
    assert!(refusal(&path).contains("another process has"));
    drop(store);
    open_default(&path).unwrap();
}

#[test]
fn a_closed_store_leaves_no_log() {
    let (_folder, path) = folder();
    let store = open_default(&path).unwrap();
    put(&store, "a", 100).unwrap();
    let wal = folder::beside(&path, "-wal");
    assert!(wal.exists());
    drop(store);
    assert!(!wal.exists());
}

#[test]
fn its_files_are_its_owners_alone() {
    let (_folder, path) = folder();
    let store = open_default(&path).unwrap();
    put(&store, "a", 1).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    for suffix in ["", "-wal", "-shm", ".lock"] {
        assert_eq!(mode(&folder::beside(&path, suffix)), 0o600, "{suffix}");
    }
    drop(store);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    drop(open_default(&path).unwrap());
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn a_folder_that_others_may_write_to_is_refused() {
    let (_folder, path) = folder();
    drop(open_default(&path).unwrap());
    let parent = path.parent().unwrap();
    fs::set_permissions(parent, fs::Permissions::from_mode(0o777)).unwrap();
    assert!(refusal(&path).contains("chmod 700"));
}

#[test]
fn the_database_of_another_program_is_left_as_it_is() {
    let (folder, _) = folder();
    let path = folder.path().join("theirs.db");
    let theirs = Connection::open(&path).unwrap();
    theirs.execute_batch("CREATE TABLE theirs (x)").unwrap();
    drop(theirs);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let before = fs::read(&path).unwrap();
    assert!(refusal(&path).contains("another program"));
    assert_eq!(fs::read(&path).unwrap(), before);
    fs::write(&path, b"not a database at all, but long enough to look at").unwrap();
    assert!(refusal(&path).contains("not an SQLite database"));
}

#[test]
fn every_connection_is_durable_and_only_the_writer_writes() {
    let (_folder, path) = folder();
    let _store = open_default(&path).unwrap();
    for role in [Role::Writer, Role::Reader] {
        let connection = connection::open(&path, role).unwrap();
        let synchronous: i64 =
            connection.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
        assert_eq!(synchronous, 2);
    }
    let reader = connection::open(&path, Role::Reader).unwrap();
    assert!(reader.execute("DELETE FROM record", []).is_err());
}

#[test]
fn the_log_does_not_grow_without_end() {
    let (_folder, path) = folder();
    let store = open_default(&path).unwrap();
    for number in 0..200 {
        put(&store, &format!("{}", number % 10), 500_000).unwrap();
    }
    let wal = fs::metadata(folder::beside(&path, "-wal")).unwrap().len();
    assert!(wal < 96 << 20, "{wal} bytes for 100 MB of writes");
}

#[test]
fn a_full_queue_refuses_and_loses_nothing() {
    let (_folder, path) = folder();
    let options = Options { queue: 1, ..Options::default() };
    let store = open(&path, options).unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    for number in 0..500 {
        let sender = sender.clone();
        let done = Box::new(move |outcome| sender.send(outcome).unwrap());
        store.commit(Batch::new(entry(number)), done);
    }
    drop(sender);
    let outcomes: Vec<_> = receiver.iter().collect();
    let committed = outcomes.iter().filter(|o| o.is_ok()).count();
    let refused = outcomes.iter().filter(|o| **o == Err(Failure::Overloaded)).count();
    assert_eq!((committed + refused, outcomes.len()), (500, 500));
    assert_eq!(store.revision(), committed as u64);
}

#[test]
fn a_stopped_store_refuses_changes_and_goes_on_reading() {
    let (_folder, path) = folder();
    let store = open_default(&path).unwrap();
    put(&store, "a", 1).unwrap();
    let why = Failure::Unavailable("a test".to_owned());
    store.shared.stopped.set(why.clone()).unwrap();
    assert_eq!(put(&store, "a", 1), Err(why));
    assert_eq!(store.get(&Place::new("a").unwrap()).unwrap().revision(), 1);
    drop(store);
    assert_eq!(put(&open_default(&path).unwrap(), "a", 1), Ok(2));
}

#[test]
fn the_last_owner_may_be_a_callback() {
    let (_folder, path) = folder();
    let store = Arc::new(open_default(&path).unwrap());
    let (sender, receiver) = std::sync::mpsc::channel();
    let owner = Arc::clone(&store);
    let (go, gone) = std::sync::mpsc::channel::<()>();
    store.commit(
        Batch::new(entry(1)),
        Box::new(move |outcome| {
            let _ = gone.recv();
            drop(owner);
            sender.send(outcome).unwrap();
        }),
    );
    drop(store);
    drop(go);
    assert!(receiver.recv().unwrap().is_ok());
}

#[test]
fn an_altered_row_is_reported() {
    let (_folder, path) = folder();
    let store = open_default(&path).unwrap();
    put(&store, "altered", 100).unwrap();
    drop(store);
    let connection = Connection::open(&path).unwrap();
    connection.execute("UPDATE record SET revision = 9", []).unwrap();
    drop(connection);
    assert!(refusal(&path).contains("the record at altered"));
    let unchecked = Options { check_len_max: 0, ..Options::default() };
    let store = open(&path, unchecked).unwrap();
    let place = Place::new("altered").unwrap();
    assert!(matches!(store.get(&place), Err(Failure::Damaged(_))));
    assert!(matches!(store.check(), Err(Failure::Damaged(_))));
}
