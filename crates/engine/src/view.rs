//! The store as an operation sees it: what is committed, and over it what was changed before in
//! the same transaction and is not committed yet.

use std::collections::BTreeMap;

use store::{Failure, Place, Record, Slot, Store, Write};

/// What is to be committed together: one write a place, since a commit writes a place once.
pub(crate) type Changes = BTreeMap<Place, Write>;

/// Those of an operation that stands alone.
static NONE: Changes = Changes::new();

/// See the module's page.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    store: &'a dyn Store,
    changes: &'a Changes,
}

impl<'a> View<'a> {
    /// What is committed, and nothing over it.
    pub(crate) fn of(store: &'a dyn Store) -> Self {
        Self { store, changes: &NONE }
    }

    /// The same with these changes over it.
    pub(crate) fn over(self, changes: &'a Changes) -> Self {
        Self { changes, ..self }
    }

    /// Whether there are changes over what is committed.
    pub(crate) fn has_changes(self) -> bool {
        !self.changes.is_empty()
    }

    /// The change of this place.
    pub(crate) fn change(self, place: &Place) -> Option<&'a Write> {
        self.changes.get(place)
    }

    /// What stands at `place`. A place that is changed has the revision it will have.
    pub(crate) fn get(self, place: &Place) -> Result<Slot, Failure> {
        match self.change(place) {
            Some(write) => Ok(match record(write) {
                Some(record) => Slot::Held(record),
                None => Slot::Vacant { revision: write.expected + 1 },
            }),
            None => self.store.get(place),
        }
    }

    /// As [`Store::scan`]: fewer than `limit` records mean that there are no more.
    pub(crate) fn scan(
        self,
        prefix: &[u8],
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Vec<Record>, Failure> {
        let is_in =
            |place: &Place| place.starts_with(prefix) && after.is_none_or(|after| place > after);
        let changed: Vec<&Write> =
            self.changes.values().filter(|write| is_in(&write.place)).collect();
        // As many more as may be gone of them.
        let gone = changed.iter().filter(|write| write.value.is_none()).count();
        let committed = self.store.scan(prefix, after, limit.saturating_add(gone))?;
        if changed.is_empty() {
            return Ok(committed);
        }
        let mut records: BTreeMap<Place, Record> =
            committed.into_iter().map(|record| (record.place.clone(), record)).collect();
        for write in changed {
            match record(write) {
                Some(record) => records.insert(write.place.clone(), record),
                None => records.remove(&write.place),
            };
        }
        Ok(records.into_values().take(limit).collect())
    }
}

/// What a write puts there.
fn record(write: &Write) -> Option<Record> {
    let (place, revision) = (write.place.clone(), write.expected + 1);
    write.value.clone().map(|value| Record { place, revision, value })
}

#[cfg(test)]
mod tests {
    use model::Sealed;
    use store::{Batch, OutboxEntry, memory::Memory};

    use super::*;

    fn place(text: &str) -> Place {
        Place::new(text).unwrap()
    }

    fn write(at: &str, expected: u64, value: Option<&str>) -> Write {
        let value = value.map(|value| Sealed::assertion(value.as_bytes().to_vec()));
        Write { place: place(at), expected, value }
    }

    fn store(writes: impl IntoIterator<Item = Write>) -> Memory {
        let (store, sealed) = (Memory::new(), Sealed::assertion(vec![0]));
        let mut batch = Batch::new(OutboxEntry { id: [1; 16], sealed });
        for write in writes {
            batch.write(write);
        }
        store::commit_and_wait(&store, batch).unwrap();
        store
    }

    fn changes(writes: impl IntoIterator<Item = Write>) -> Changes {
        writes.into_iter().map(|write| (write.place.clone(), write)).collect()
    }

    fn shown(records: &[Record]) -> Vec<(String, u64)> {
        let shown = |record: &Record| {
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            let (place, value) = (record.place.as_bytes(), record.value.as_bytes());
            (format!("{}={}", text(place), text(value)), record.revision)
        };
        records.iter().map(shown).collect()
    }

    #[test]
    fn a_changed_place_has_the_revision_that_it_will_have() {
        let store = store([write("a", 0, Some("old")), write("b", 0, Some("old"))]);
        let changes = changes([write("a", 1, Some("new")), write("b", 1, None)]);
        let view = View::of(&store).over(&changes);
        let slot = view.get(&place("a")).unwrap();
        assert_eq!((slot.revision(), slot.record().unwrap().value.as_bytes()), (2, &b"new"[..]));
        assert_eq!(view.get(&place("b")).unwrap(), Slot::Vacant { revision: 2 });
        assert_eq!(view.get(&place("c")).unwrap(), Slot::Vacant { revision: 0 });
        assert_eq!(store.get(&place("a")).unwrap().revision(), 1);
    }

    #[test]
    fn a_scan_finds_what_was_put_and_not_what_was_removed_page_by_page() {
        let all = ["k/1", "k/2", "k/3", "k/4", "k/5", "l/1"];
        let store = store(all.map(|at| write(at, 0, Some("old"))));
        let changes = changes([
            write("k/0", 0, Some("new")),
            write("k/1", 1, None),
            write("k/2", 1, None),
            write("k/4", 1, Some("new")),
            write("k/6", 0, Some("new")),
            write("l/0", 0, Some("new")),
        ]);
        let view = View::of(&store).over(&changes);
        let expected =
            [("k/0=new", 1), ("k/3=old", 1), ("k/4=new", 2), ("k/5=old", 1), ("k/6=new", 1)]
                .map(|(text, revision)| (text.to_owned(), revision));
        for limit in 1..=6 {
            let mut found: Vec<Record> = Vec::new();
            loop {
                let after = found.last().map(|record| record.place.clone());
                let page = view.scan(b"k/", after.as_ref(), limit).unwrap();
                let is_last = page.len() < limit;
                found.extend(page);
                if is_last {
                    break;
                }
            }
            assert_eq!(shown(&found), expected, "by {limit}");
        }
        assert!(view.scan(b"k/", Some(&place("k/6")), 9).unwrap().is_empty());
    }
}
