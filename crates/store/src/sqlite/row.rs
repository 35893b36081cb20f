//! Rows, read and written, each with a checksum over its columns.
//!
//! Seals reveal a changed value, but not a changed place: a record whose place lost a bit would
//! simply not be found. So each row has a sum, checked whenever it is read, and all rows are
//! checked when the store is opened. It is against decay, not against an enemy.

use model::Sealed;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::fault::failure;
use crate::{Failure, OutboxEntry, Place, Record, Slot, Write};

/// What the store counts.
#[derive(Clone, Copy)]
pub(super) struct Meta {
    /// Batches that were ever committed.
    pub(super) revision: u64,
    /// SQLite transactions that were ever committed by the writer.
    pub(super) transactions: u64,
}

// What tells the rows of one table from those of another with the same columns.
const META: u8 = 0;
const RECORD: u8 = 1;
const TOMBSTONE: u8 = 2;
const OUTBOX: u8 = 3;

/// Adds the row of `meta` to a new store.
pub(super) fn insert_meta(connection: &Connection) -> rusqlite::Result<()> {
    let sum = sum(META, &[&number(0), &number(0)]);
    connection.execute("INSERT INTO meta VALUES (0, 0, 0, ?1)", [sum]).map(drop)
}

/// Reads the row of `meta`.
pub(super) fn read_meta(connection: &Connection) -> Result<Meta, Failure> {
    let (revision, transactions, found) = connection
        .prepare_cached("SELECT revision, transactions, sum FROM meta WHERE only = 0")
        .and_then(|mut select| {
            select.query_row([], |row| Ok((count(row, 0)?, count(row, 1)?, row.get(2)?)))
        })
        .map_err(|e| failure(&e))?;
    let expected = sum(META, &[&number(revision), &number(transactions)]);
    matches(found, expected, || "the store's count of commits".to_owned())?;
    Ok(Meta { revision, transactions })
}

/// Writes the row of `meta`.
pub(super) fn write_meta(connection: &Connection, meta: Meta) -> rusqlite::Result<()> {
    let sum = sum(META, &[&number(meta.revision), &number(meta.transactions)]);
    connection
        .prepare_cached(
            "UPDATE meta SET revision = ?1, transactions = ?2, sum = ?3 WHERE only = 0",
        )?
        .execute(params![signed(meta.revision), signed(meta.transactions), sum])
        .map(drop)
}

/// What stands at `place`.
pub(super) fn read_slot(connection: &Connection, place: &Place) -> Result<Slot, Failure> {
    // One statement, so that both tables are seen at one moment.
    let row = connection
        .prepare_cached(
            "SELECT revision, value, sum FROM record WHERE place = ?1
             UNION ALL SELECT revision, NULL, sum FROM tombstone WHERE place = ?1",
        )
        .and_then(|mut select| {
            select
                .query_row([place.as_bytes()], |row| {
                    Ok((count(row, 0)?, row.get::<_, Option<Vec<u8>>>(1)?, row.get(2)?))
                })
                .optional()
        })
        .map_err(|e| failure(&e))?;
    match row {
        None => Ok(Slot::Vacant { revision: 0 }),
        Some((revision, None, found)) => {
            tombstone(place, revision, found).map(|()| Slot::Vacant { revision })
        }
        Some((revision, Some(value), found)) => {
            record(place.clone(), revision, value, found).map(Slot::Held)
        }
    }
}

/// The current revision of `place`, unchecked: for the writer, which compares it.
pub(super) fn read_revision(connection: &Connection, place: &Place) -> rusqlite::Result<u64> {
    let revision = connection
        .prepare_cached(
            "SELECT revision FROM record WHERE place = ?1
             UNION ALL SELECT revision FROM tombstone WHERE place = ?1",
        )?
        .query_row([place.as_bytes()], |row| count(row, 0))
        .optional()?;
    Ok(revision.unwrap_or(0))
}

/// Carries out one write, whose expectation holds.
pub(super) fn apply(connection: &Connection, write: &Write) -> rusqlite::Result<()> {
    let (place, revision) = (write.place.as_bytes(), write.expected + 1);
    match &write.value {
        Some(value) => {
            if write.expected > 0 {
                connection
                    .prepare_cached("DELETE FROM tombstone WHERE place = ?1")?
                    .execute([place])?;
            }
            let value = value.as_bytes();
            let sum = sum(RECORD, &[place, &number(revision), value]);
            connection
                .prepare_cached("INSERT OR REPLACE INTO record VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![place, signed(revision), value, sum])
        }
        None => {
            connection.prepare_cached("DELETE FROM record WHERE place = ?1")?.execute([place])?;
            let sum = sum(TOMBSTONE, &[place, &number(revision)]);
            connection
                .prepare_cached("INSERT OR REPLACE INTO tombstone VALUES (?1, ?2, ?3)")?
                .execute(params![place, signed(revision), sum])
        }
    }
    .map(drop)
}

/// The records under `prefix` after `after`, at most `limit`.
pub(super) fn scan(
    connection: &Connection,
    prefix: &[u8],
    after: Option<&Place>,
    limit: usize,
) -> Result<Vec<Record>, Failure> {
    // The next place after `after` in bytewise order is `after` with a zero byte.
    let next = after.map(|place| [place.as_bytes(), &[0]].concat());
    let from = next.as_deref().map_or(prefix, |next| next.max(prefix));
    let sql = "SELECT place, revision, value, sum FROM record WHERE place >= ?1 ORDER BY place";
    let mut select = connection.prepare_cached(sql).map_err(|e| failure(&e))?;
    let mut rows = select.query([from]).map_err(|e| failure(&e))?;
    let mut records = Vec::new();
    while records.len() < limit
        && let Some(row) = rows.next().map_err(|e| failure(&e))?
    {
        let record = read_record(row)?;
        if !record.place.starts_with(prefix) {
            break;
        }
        records.push(record);
    }
    Ok(records)
}

/// Adds the `nth` audit entry, counted from 0, of the commit that makes `revision`.
pub(super) fn add_to_outbox(
    connection: &Connection,
    revision: u64,
    nth: u64,
    entry: &OutboxEntry,
) -> rusqlite::Result<()> {
    let sealed = entry.sealed.as_bytes();
    let sum = outbox_sum(revision, nth, &entry.id, sealed);
    connection
        .prepare_cached("INSERT INTO outbox VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![signed(revision), signed(nth), entry.id, sealed, sum])
        .map(drop)
}

/// The first entry of a commit has the sum that it had before a commit could have several.
fn outbox_sum(revision: u64, nth: u64, id: &[u8; 16], sealed: &[u8]) -> i64 {
    let (revision, place) = (number(revision), number(nth));
    match nth {
        0 => sum(OUTBOX, &[&revision, id, sealed]),
        _ => sum(OUTBOX, &[&revision, id, sealed, &place]),
    }
}

/// Deletes an audit entry.
pub(super) fn settle(connection: &Connection, id: &[u8; 16]) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM outbox WHERE id = ?1")?.execute([id]).map(drop)
}

/// The audit entries, oldest first.
pub(super) fn read_outbox(connection: &Connection) -> Result<Vec<OutboxEntry>, Failure> {
    let sql = "SELECT revision, nth, id, sealed, sum FROM outbox ORDER BY revision, nth";
    let mut select = connection.prepare_cached(sql).map_err(|e| failure(&e))?;
    let mut rows = select.query([]).map_err(|e| failure(&e))?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next().map_err(|e| failure(&e))? {
        let columns =
            || Ok((count(row, 0)?, count(row, 1)?, row.get(2)?, row.get(3)?, row.get(4)?));
        let (revision, nth, id, sealed, found): (u64, u64, [u8; 16], Vec<u8>, i64) =
            columns().map_err(|e: rusqlite::Error| failure(&e))?;
        let expected = outbox_sum(revision, nth, &id, &sealed);
        matches(found, expected, || format!("an audit entry of commit {revision}"))?;
        let sealed = Sealed::assertion(sealed);
        entries.push(OutboxEntry { id, sealed });
    }
    Ok(entries)
}

/// Reads every row of every table and reports the first that is not as it was written.
pub(super) fn check_all(connection: &Connection) -> Result<(), Failure> {
    read_meta(connection)?;
    read_outbox(connection)?;
    let sql = "SELECT place, revision, value, sum FROM record";
    each(connection, sql, |row| read_record(row).map(drop))?;
    each(connection, "SELECT place, revision, sum FROM tombstone", |row| {
        let columns = || Ok((row.get(0)?, count(row, 1)?, row.get(2)?));
        let (place, revision, found): (Vec<u8>, u64, i64) =
            columns().map_err(|e: rusqlite::Error| failure(&e))?;
        tombstone(&found_place(place)?, revision, found)
    })
}

fn each(
    connection: &Connection,
    sql: &str,
    mut check: impl FnMut(&Row<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut select = connection.prepare(sql).map_err(|e| failure(&e))?;
    let mut rows = select.query([]).map_err(|e| failure(&e))?;
    while let Some(row) = rows.next().map_err(|e| failure(&e))? {
        check(row)?;
    }
    Ok(())
}

fn read_record(row: &Row<'_>) -> Result<Record, Failure> {
    let columns = || Ok((row.get(0)?, count(row, 1)?, row.get(2)?, row.get(3)?));
    let (place, revision, value, found): (Vec<u8>, u64, Vec<u8>, i64) =
        columns().map_err(|e: rusqlite::Error| failure(&e))?;
    record(found_place(place)?, revision, value, found)
}

fn record(place: Place, revision: u64, value: Vec<u8>, found: i64) -> Result<Record, Failure> {
    let expected = sum(RECORD, &[place.as_bytes(), &number(revision), &value]);
    matches(found, expected, || format!("the record at {place}"))?;
    Ok(Record { place, revision, value: Sealed::assertion(value) })
}

fn tombstone(place: &Place, revision: u64, found: i64) -> Result<(), Failure> {
    let expected = sum(TOMBSTONE, &[place.as_bytes(), &number(revision)]);
    matches(found, expected, || format!("the mark of a deletion at {place}"))
}

fn found_place(bytes: Vec<u8>) -> Result<Place, Failure> {
    Place::new(bytes).map_err(|_| Failure::Damaged("a place is empty or too long".to_owned()))
}

fn matches(found: i64, expected: i64, what: impl FnOnce() -> String) -> Result<(), Failure> {
    if found == expected {
        Ok(())
    } else {
        Err(Failure::Damaged(format!("{} is not as it was written", what())))
    }
}

/// A column that counts something.
fn count(row: &Row<'_>, index: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(index)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(index, value))
}

/// A count as SQLite keeps it; 2⁶³ commits do not happen.
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn number(count: u64) -> [u8; 8] {
    count.to_be_bytes()
}

/// A sum over the columns of a row, each with its length (FNV-1a, 64 bits: every step is a
/// bijection of the state, so a change confined to one byte always shows).
fn sum(table: u8, columns: &[&[u8]]) -> i64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let step = |state: u64, byte: &u8| (state ^ u64::from(*byte)).wrapping_mul(PRIME);
    let start = step(OFFSET, &table);
    let state = columns.iter().fold(start, |state, column| {
        let state = number(column.len() as u64).iter().fold(state, step);
        column.iter().fold(state, step)
    });
    state.cast_signed()
}
