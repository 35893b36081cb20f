//! A migration that is cut off at any operation of the disk goes on when it is tried again.

use std::{
    fs,
    path::{Path, PathBuf},
};

use disk::{Cut, Disk, Image, Platter};
use rusqlite::Connection;
use tempfile::TempDir;

use super::{super::wal, *};
use crate::sqlite::connection::{self, Role};

const DATABASE: &str = "store.db";
const ROWS: i64 = 300;

/// Steps that change the table, move every row and remove what they were in.
const LATER: &[&str] = &[
    "ALTER TABLE record ADD COLUMN extra INTEGER; UPDATE record SET extra = revision + 1000",
    "CREATE TABLE moved (
        place BLOB PRIMARY KEY,
        revision INTEGER NOT NULL,
        extra INTEGER NOT NULL,
        value BLOB NOT NULL
    ) STRICT, WITHOUT ROWID",
    "INSERT INTO moved SELECT place, revision, extra, value FROM record; DROP TABLE record",
];

#[test]
fn a_migration_cut_off_anywhere_is_finished_by_the_next_start() {
    let steps = [MIGRATIONS, LATER].concat();
    let image = first_version();
    let (_folder, path) = folder_of(&image);
    let disk = Disk::watch(path.parent().unwrap()).unwrap();
    migrate(&mut connection::open(&path, Role::Writer).unwrap(), &steps).unwrap();

    let operations = disk.operations();
    let mut platter = Platter::new(&image);
    let mut states = 0;
    for (point, operation) in (0..).zip(&operations) {
        platter.replay(operation);
        for cut in [Cut::losing_all(), Cut::keeping_all(), Cut::random(point)] {
            let (_folder, path) = folder_of(&platter.image(cut));
            assert_finished(&path, &steps);
            states += 1;
        }
    }
    println!("migration: {} points, {states} states, 0 rows lost", operations.len());
    assert!(operations.len() > 40);
}

/// A closed store of the first version, with rows.
fn first_version() -> Image {
    let (_folder, path) = folder_of(&Image::from([(DATABASE.to_owned(), Vec::new())]));
    let mut connection = connection::open(&path, Role::Writer).unwrap();
    migrate(&mut connection, MIGRATIONS).unwrap();
    let transaction = connection.transaction().unwrap();
    for row in 0..ROWS {
        let insert = "INSERT INTO record VALUES (CAST(?1 AS BLOB), ?1, zeroblob(100), 0)";
        transaction.execute(insert, [row]).unwrap();
    }
    transaction.commit().unwrap();
    drop(connection);
    Image::from([(DATABASE.to_owned(), fs::read(&path).unwrap())])
}

/// Starts as the store does, and finds every row where the last version has it.
fn assert_finished(path: &Path, steps: &[&str]) {
    wal::check(path).unwrap();
    let mut connection = connection::open(path, Role::Writer).unwrap();
    connection::check_structure(&connection).unwrap();
    migrate(&mut connection, steps).unwrap();
    assert_eq!(recognise(&connection).unwrap(), steps.len() as i64);
    assert_eq!(rows(&connection), (ROWS, ROWS * (ROWS - 1) / 2));
}

/// How many rows there are and the sum of their revisions, of those that are as they should be.
fn rows(connection: &Connection) -> (i64, i64) {
    let query = "SELECT count(*), sum(revision) FROM moved \
                 WHERE extra = revision + 1000 AND length(value) = 100";
    connection.query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
}

fn folder_of(image: &Image) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    for (name, bytes) in image {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let path = folder.path().join(DATABASE);
    (folder, path)
}
