//! The tables, and how an older store becomes a newer one.

use rusqlite::Connection;

use super::{fault::failure, row};
use crate::Failure;

/// Marks the file as ours: "Srm" and the number of the layout family, in SQLite's header.
pub(super) const APPLICATION_ID: i32 = 0x5372_6d01;

/// What makes version `n + 1` of version `n`, by index `n`. Only ever added to; version 0 is the
/// empty file.
///
/// Every table is small in columns and carries `sum` over the others (see `row`). A place is in
/// `record` or in `tombstone`, never in both, so that what was deleted does not slow a scan.
/// `meta` comes first and has one row, on one page, which every transaction changes (see `wal`).
pub(super) const MIGRATIONS: &[&str] = &[FIRST, OUTBOX_OF_SEVERAL];

const FIRST: &str = "
    CREATE TABLE meta (
        only INTEGER PRIMARY KEY CHECK (only = 0),
        revision INTEGER NOT NULL,
        transactions INTEGER NOT NULL,
        sum INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE record (
        place BLOB PRIMARY KEY,
        revision INTEGER NOT NULL,
        value BLOB NOT NULL,
        sum INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE tombstone (
        place BLOB PRIMARY KEY,
        revision INTEGER NOT NULL,
        sum INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE outbox (
        revision INTEGER PRIMARY KEY,
        id BLOB NOT NULL,
        sealed BLOB NOT NULL,
        sum INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX outbox_by_id ON outbox (id);
";

/// A commit has its audit entries, which are counted from 0, where it had one. What is dropped makes
/// room for what is made, so that no page is left over.
const OUTBOX_OF_SEVERAL: &str = "
    DROP INDEX outbox_by_id;
    ALTER TABLE outbox RENAME TO outbox_of_one;
    CREATE TABLE outbox (
        revision INTEGER NOT NULL,
        nth INTEGER NOT NULL,
        id BLOB NOT NULL,
        sealed BLOB NOT NULL,
        sum INTEGER NOT NULL,
        PRIMARY KEY (revision, nth)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO outbox SELECT revision, 0, id, sealed, sum FROM outbox_of_one;
    DROP TABLE outbox_of_one;
    CREATE INDEX outbox_by_id ON outbox (id);
";

/// Brings the database to the version that `migrations` ends with, a transaction a step, so that
/// an interrupted migration goes on where it was. Refuses what is not ours or is newer than us.
pub(super) fn migrate(connection: &mut Connection, migrations: &[&str]) -> Result<(), Failure> {
    let version = recognise(connection)?;
    let steps = usize::try_from(version)
        .ok()
        .and_then(|version| migrations.get(version..))
        .ok_or_else(|| {
            Failure::Unavailable(format!(
                "it was written by a newer Strongroom (schema {version}, and this one knows {}); \
                 run that one, or a newer one still",
                migrations.len()
            ))
        })?;
    (version + 1..)
        .zip(steps)
        .try_for_each(|(version, step)| advance(connection, version, step))
        .map_err(|e| failure(&e))
}

/// The schema version of a database that is ours or empty; any other is refused. Changes nothing.
pub(super) fn recognise(connection: &Connection) -> Result<i64, Failure> {
    let pragma = |name| {
        connection
            .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
            .map_err(|e| failure(&e))
    };
    let (application, version) = (pragma("application_id")?, pragma("user_version")?);
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|e| failure(&e))?;
    let empty = tables == 0 && application == 0 && version == 0;
    if empty || application == i64::from(APPLICATION_ID) {
        Ok(version)
    } else {
        Err(Failure::Unavailable(
            "its file is the database of another program; choose another path".to_owned(),
        ))
    }
}

fn advance(connection: &mut Connection, version: i64, step: &str) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(step)?;
    if version == 1 {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        row::insert_meta(&transaction)?;
    }
    transaction.pragma_update(None, "user_version", version)?;
    transaction.commit()
}

#[cfg(test)]
mod interrupted;
#[cfg(test)]
mod tests {
    use super::*;

    fn version(connection: &Connection) -> i64 {
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    }

    #[test]
    fn an_empty_database_becomes_the_latest_version() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        assert_eq!(version(&connection), 2);
        assert_eq!(row::read_meta(&connection).unwrap().revision, 0);
        migrate(&mut connection, MIGRATIONS).unwrap();
        assert_eq!(version(&connection), 2);
    }

    #[test]
    fn an_entry_of_the_first_version_is_an_entry_still() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &MIGRATIONS[..1]).unwrap();
        // Entry 7 of commit 5, as the first version wrote it.
        let insert = "INSERT INTO outbox VALUES (5, zeroblob(16), x'07', SUM)";
        let insert = insert.replace("SUM", FIRST_SUM);
        connection.execute(&insert, []).unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        let kept = row::read_outbox(&connection).unwrap();
        assert_eq!((kept.len(), kept[0].id), (1, [0; 16]));
        assert_eq!(kept[0].sealed.as_bytes(), [7]);
        row::settle(&connection, &[0; 16]).unwrap();
        assert!(row::read_outbox(&connection).unwrap().is_empty());
    }

    /// The sum of that row: FNV-1a over 3, and each column with its length before it.
    const FIRST_SUM: &str = "4282034978606079947";

    #[test]
    fn an_older_version_goes_forward_and_keeps_its_rows() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        connection.execute("INSERT INTO record VALUES (x'01', 1, x'02', 3)", []).unwrap();
        let next = [MIGRATIONS, &["ALTER TABLE record ADD COLUMN extra INTEGER"]].concat();
        migrate(&mut connection, &next).unwrap();
        assert_eq!(version(&connection), 3);
        let kept: i64 = connection
            .query_row("SELECT count(*) FROM record WHERE extra IS NULL", [], |r| r.get(0))
            .unwrap();
        assert_eq!(kept, 1);
    }

    #[test]
    fn a_step_that_fails_changes_nothing_and_can_be_repeated() {
        let mut connection = Connection::open_in_memory().unwrap();
        let broken = [MIGRATIONS, &["CREATE TABLE extra (x) ; SELECT nonsense"]].concat();
        assert!(migrate(&mut connection, &broken).is_err());
        assert_eq!(version(&connection), 2);
        let mended = [MIGRATIONS, &["CREATE TABLE extra (x)"]].concat();
        migrate(&mut connection, &mended).unwrap();
        assert_eq!(version(&connection), 3);
    }

    #[test]
    fn a_newer_version_is_refused_in_a_clear_sentence() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        connection.pragma_update(None, "user_version", 9).unwrap();
        let refusal = migrate(&mut connection, MIGRATIONS).unwrap_err();
        assert!(refusal.to_string().contains("newer Strongroom (schema 9"));
    }

    #[test]
    fn the_database_of_another_program_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE theirs (x)").unwrap();
        let refusal = migrate(&mut connection, MIGRATIONS).unwrap_err();
        assert!(refusal.to_string().contains("another program"));
    }
}
