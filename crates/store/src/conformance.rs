//! What every engine must do, as tests that an engine's own tests call. A failed one panics.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
};

use model::Sealed;

use crate::{
    BadPlace, Batch, Check, Committed, Failure, OutboxEntry, Place, Record, Slot, Store,
    VALUE_LEN_MAX, Write, commit_and_wait,
};

/// Gives a store.
pub type Open<'a> = &'a dyn Fn() -> Arc<dyn Store>;

/// Runs the suite; `fresh` gives a new, empty store each time.
pub fn run(fresh: Open<'_>) {
    for (name, test) in TESTS {
        // Shown by the test runner if the test fails.
        thread::scope(|scope| {
            let store = fresh();
            if scope.spawn(move || test(&store)).join().is_err() {
                panic!("the engine does not conform: {name}");
            }
        });
    }
}

/// Checks that a store keeps everything over being closed and opened; `open` opens the same one
/// each time, which is empty at first.
pub fn keeps_everything_when_reopened(open: Open<'_>) {
    let store = open();
    let held = ok(put(&*store, b"held", b"one")).revision;
    ok(put(&*store, b"held", b"two"));
    ok(put(&*store, b"gone", b"three"));
    ok(delete(&*store, b"gone"));
    let (slots, outbox) = (slots(&*store), ok(store.outbox()));
    assert_eq!(held, 1);
    drop(store);

    let store = open();
    assert_eq!(store.revision(), 4);
    assert_eq!(self::slots(&*store), slots);
    assert_eq!(ok(store.outbox()), outbox);
    assert_eq!(ok(put(&*store, b"gone", b"again")).revision, 5);
    assert_eq!(slot(&*store, b"gone").revision(), 3);
}

type Test = fn(&Arc<dyn Store>);

const TESTS: &[(&str, Test)] = &[
    ("an empty store is empty", an_empty_store_is_empty),
    ("what is written is read", what_is_written_is_read),
    ("a stale expectation conflicts", a_stale_expectation_conflicts),
    ("a check guards without writing", a_check_guards_without_writing),
    ("a batch is whole or nothing", a_batch_is_whole_or_nothing),
    ("a place is written once a batch", a_place_is_written_once_a_batch),
    ("a deleted place goes on counting", a_deleted_place_goes_on_counting),
    ("a scan is in bytewise order", a_scan_is_in_bytewise_order),
    ("a scan goes page by page", a_scan_goes_page_by_page),
    ("every change leaves its entry", every_change_leaves_its_entry),
    ("several entries of a batch are in order", several_entries_of_a_batch_are_in_order),
    ("a settled entry is forgotten", a_settled_entry_is_forgotten),
    ("large values are kept", large_values_are_kept),
    ("too large is refused", too_large_is_refused),
    ("watchers hear before committers", watchers_hear_before_committers),
    ("callbacks keep commit order", callbacks_keep_commit_order),
    ("a callback may commit", a_callback_may_commit),
    ("concurrent committers are linearizable", concurrent_committers_are_linearizable),
];

fn an_empty_store_is_empty(store: &Arc<dyn Store>) {
    assert_eq!(store.revision(), 0);
    assert_eq!(slot(&**store, b"a"), Slot::Vacant { revision: 0 });
    assert!(scan(&**store, b"", None, 10).is_empty());
    assert!(ok(store.outbox()).is_empty());
}

fn what_is_written_is_read(store: &Arc<dyn Store>) {
    let store = &**store;
    assert_eq!(ok(put(store, b"a", b"one")).revision, 1);
    assert_eq!(ok(put(store, b"b", b"")).revision, 2);
    assert_eq!(ok(put(store, b"a", b"two")).revision, 3);
    assert_eq!(store.revision(), 3);
    assert_eq!(slot(store, b"a"), Slot::Held(record(b"a", 2, b"two")));
    assert_eq!(slot(store, b"b"), Slot::Held(record(b"b", 1, b"")));
    assert_eq!(slot(store, b"a").next_revision(), 3);
}

fn a_stale_expectation_conflicts(store: &Arc<dyn Store>) {
    let store = &**store;
    ok(put(store, b"a", b"one"));
    ok(put(store, b"a", b"two"));
    for stale in [0, 1, 3] {
        let outcome = commit(store, |b| {
            b.write(write(b"a", stale, Some(b"x")));
        });
        assert_eq!(outcome, Err(Failure::Conflict(place(b"a"))));
        let outcome = commit(store, |b| {
            b.write(write(b"a", stale, None));
        });
        assert_eq!(outcome, Err(Failure::Conflict(place(b"a"))));
    }
    assert_eq!(slot(store, b"a"), Slot::Held(record(b"a", 2, b"two")));
    assert_eq!(store.revision(), 2);
    assert_eq!(ok(store.outbox()).len(), 2);
}

fn a_check_guards_without_writing(store: &Arc<dyn Store>) {
    let store = &**store;
    ok(put(store, b"policy", b"one"));
    let guarded = |expected| {
        commit(store, |batch| {
            let place = place(b"policy");
            batch.check(Check { place, expected });
            let next = slot(store, b"key").revision();
            batch.write(write(b"key", next, Some(b"x")));
        })
    };
    assert_eq!(guarded(0), Err(Failure::Conflict(place(b"policy"))));
    assert_eq!(ok(guarded(1)).revision, 2);
    ok(put(store, b"policy", b"two"));
    assert_eq!(guarded(1), Err(Failure::Conflict(place(b"policy"))));
    assert_eq!(slot(store, b"key").revision(), 1);
    assert_eq!(slot(store, b"policy").revision(), 2);
}

fn a_batch_is_whole_or_nothing(store: &Arc<dyn Store>) {
    let store = &**store;
    ok(put(store, b"b", b"one"));
    let torn = commit(store, |batch| {
        batch.write(write(b"a", 0, Some(b"x")));
        batch.write(write(b"b", 0, Some(b"x")));
        batch.write(write(b"c", 0, Some(b"x")));
    });
    assert_eq!(torn, Err(Failure::Conflict(place(b"b"))));
    assert_eq!(slots(store), [record(b"b", 1, b"one")]);
    ok(commit(store, |batch| {
        batch.write(write(b"a", 0, Some(b"x")));
        batch.write(write(b"b", 1, None));
        batch.write(write(b"c", 0, Some(b"z")));
    }));
    assert_eq!(slots(store), [record(b"a", 1, b"x"), record(b"c", 1, b"z")]);
}

fn a_place_is_written_once_a_batch(store: &Arc<dyn Store>) {
    let twice = commit(&**store, |batch| {
        batch.write(write(b"a", 0, Some(b"x")));
        batch.write(write(b"a", 0, Some(b"y")));
    });
    assert_eq!(twice, Err(Failure::Conflict(place(b"a"))));
    assert_eq!(store.revision(), 0);
}

fn a_deleted_place_goes_on_counting(store: &Arc<dyn Store>) {
    let store = &**store;
    ok(put(store, b"a", b"one"));
    ok(delete(store, b"a"));
    assert_eq!(slot(store, b"a"), Slot::Vacant { revision: 2 });
    assert!(slots(store).is_empty());
    let reborn = commit(store, |b| {
        b.write(write(b"a", 0, Some(b"x")));
    });
    assert_eq!(reborn, Err(Failure::Conflict(place(b"a"))));
    ok(put(store, b"a", b"two"));
    assert_eq!(slot(store, b"a"), Slot::Held(record(b"a", 3, b"two")));
    ok(delete(store, b"a"));
    ok(delete(store, b"a"));
    assert_eq!(slot(store, b"a"), Slot::Vacant { revision: 5 });
}

fn a_scan_is_in_bytewise_order(store: &Arc<dyn Store>) {
    let store = &**store;
    let places: [&[u8]; 9] =
        [b"b", b"\xff\xff", b"a\x00", b"\x00", b"a", b"ab", b"\xff", b"a\xff", b"aa"];
    for at in places {
        ok(put(store, at, at));
    }
    let mut sorted = places;
    sorted.sort_unstable();
    assert_eq!(places_of(&slots(store)), sorted);
    let under = |prefix: &[u8]| places_of(&scan(store, prefix, None, 99));
    let expected: [&[u8]; 5] = [b"a", b"a\x00", b"aa", b"ab", b"a\xff"];
    assert_eq!(under(b"a"), expected);
    let expected: [&[u8]; 2] = [b"\xff", b"\xff\xff"];
    assert_eq!(under(b"\xff"), expected);
    assert!(under(b"c").is_empty());
    assert!(under(&[b'a'; 600]).is_empty());
}

fn a_scan_goes_page_by_page(store: &Arc<dyn Store>) {
    let store = &**store;
    for number in 0..25_u8 {
        ok(put(store, &[b'k', number], &[number]));
        ok(put(store, &[b'l', number], &[number]));
    }
    ok(delete(store, &[b'k', 10]));
    let mut found = Vec::new();
    loop {
        let after = found.last().map(|r: &Record| r.place.clone());
        let page = scan(store, b"k", after.as_ref(), 7);
        let last = page.len() < 7;
        found.extend(page);
        if last {
            break;
        }
    }
    assert_eq!(found.len(), 24);
    assert!(found.is_sorted_by_key(|r| r.place.clone()));
    assert!(scan(store, b"k", None, 0).is_empty());
    let before = scan(store, b"l", Some(&place(b"a")), 99);
    assert_eq!(before.len(), 25);
    assert!(scan(store, b"k", Some(&place(b"l")), 99).is_empty());
    // A page may begin after a place that has been deleted since.
    let after = scan(store, b"k", Some(&place(&[b'k', 10])), 1);
    assert_eq!(after, [record(&[b'k', 11], 1, &[11])]);
}

fn every_change_leaves_its_entry(store: &Arc<dyn Store>) {
    let store = &**store;
    ok(put(store, b"a", b"one"));
    let refused = commit(store, |b| {
        b.write(write(b"a", 7, None));
    });
    assert!(refused.is_err());
    ok(commit(store, |_| {}));
    ok(delete(store, b"a"));
    let outbox = ok(store.outbox());
    let revisions: Vec<_> = outbox.iter().map(|e| e.sealed.as_bytes().to_vec()).collect();
    assert_eq!(revisions, [b"entry 0", b"entry 1", b"entry 2"]);
    assert_eq!(store.revision(), 3);
}

fn several_entries_of_a_batch_are_in_order(store: &Arc<dyn Store>) {
    let store = &**store;
    let with_entries = |numbers: [u64; 3], expected| {
        let mut batch = Batch::new(entry(numbers[0]));
        batch.also(entry(numbers[1])).also(entry(numbers[2]));
        batch.write(write(b"a", expected, Some(b"x")));
        commit_and_wait(store, batch)
    };
    let ids = || ok(store.outbox()).iter().map(|e| e.id).collect::<Vec<_>>();
    // Their ids are in no order.
    assert_eq!(ok(with_entries([9, 3, 6], 0)).revision, 1);
    assert_eq!(with_entries([8, 1, 7], 0), Err(Failure::Conflict(place(b"a"))));
    assert_eq!(ok(with_entries([5, 2, 4], 1)).revision, 2);
    assert_eq!(ids(), [9, 3, 6, 5, 2, 4].map(|number| entry(number).id));
    // Each is settled for itself.
    store.settle(&[entry(3).id, entry(5).id]);
    ok(commit(store, |_| {}));
    assert_eq!(ids()[..4], [9, 6, 2, 4].map(|number| entry(number).id));
}

fn a_settled_entry_is_forgotten(store: &Arc<dyn Store>) {
    let store = &**store;
    for _ in 0..3 {
        ok(commit(store, |_| {}));
    }
    let outbox = ok(store.outbox());
    store.settle(&[outbox[0].id, outbox[2].id, [0xee; 16]]);
    // Soon: with the next commit at the latest.
    ok(commit(store, |_| {}));
    let left: Vec<_> = ok(store.outbox()).iter().map(|e| e.id).collect();
    assert_eq!(left.len(), 2);
    assert_eq!(left[0], outbox[1].id);
}

fn large_values_are_kept(store: &Arc<dyn Store>) {
    let store = &**store;
    let value: Vec<u8> = (0..VALUE_LEN_MAX).map(|i| ((i * 31) >> 3) as u8).collect();
    let longest = [b'p'; Place::LEN_MAX];
    ok(put(store, &longest, &value));
    ok(put(store, b"small", b"x"));
    assert_eq!(slot(store, &longest), Slot::Held(record(&longest, 1, &value)));
    assert_eq!(scan(store, b"p", None, 9)[0].value.as_bytes(), value);
}

fn too_large_is_refused(store: &Arc<dyn Store>) {
    let store = &**store;
    let talkative = commit(store, |batch| {
        for number in 0..=crate::BATCH_COUNT_MAX {
            batch.also(entry(number as u64));
        }
    });
    assert_eq!(talkative, Err(Failure::TooLarge));
    assert_eq!(put(store, b"a", &vec![0; VALUE_LEN_MAX + 1]), Err(Failure::TooLarge));
    let many = commit(store, |batch| {
        for number in 0..=crate::BATCH_COUNT_MAX {
            batch.write(write(&number.to_be_bytes(), 0, Some(b"x")));
        }
    });
    assert_eq!(many, Err(Failure::TooLarge));
    let much = commit(store, |batch| {
        for number in 0..9 {
            batch.write(write(&[number], 0, Some(&vec![0; VALUE_LEN_MAX])));
        }
    });
    assert_eq!(much, Err(Failure::TooLarge));
    assert_eq!(Place::new(Vec::new()), Err(BadPlace));
    assert_eq!(Place::new(vec![0; 513]), Err(BadPlace));
    assert_eq!(store.revision(), 0);
}

fn watchers_hear_before_committers(store: &Arc<dyn Store>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    for _ in 0..2 {
        let (heard, store_too) = (Arc::clone(&heard), Arc::downgrade(store));
        store.watch(Box::new(move |places, revision| {
            let seen = store_too.upgrade().map(|store| {
                assert!(store.revision() >= revision, "a watcher hears of what is visible");
                places.iter().map(|place| ok(store.get(place)).revision()).collect::<Vec<_>>()
            });
            let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
            heard.push((places.to_vec(), revision, seen));
        }));
    }
    let mut batch = Batch::new(entry(1));
    batch.write(write(b"a", 0, Some(b"x")));
    batch.write(write(b"b", 0, None));
    let (sender, receiver) = mpsc::channel();
    let told = Arc::clone(&heard);
    store.commit(
        batch,
        Box::new(move |outcome| {
            let before = told.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let _ = sender.send((outcome, before));
        }),
    );
    let (outcome, before) = receiver.recv().unwrap_or_else(|_| panic!("no answer came"));
    assert_eq!(outcome, Ok(Committed { revision: 1 }));
    let expected = (vec![place(b"a"), place(b"b")], 1, Some(vec![1, 1]));
    assert_eq!(before, [expected.clone(), expected]);
    // A refused batch is nobody's news.
    assert!(
        commit(&**store, |b| {
            b.write(write(b"a", 9, None));
        })
        .is_err()
    );
    assert_eq!(heard.lock().map(|heard| heard.len()).ok(), Some(2));
}

fn callbacks_keep_commit_order(store: &Arc<dyn Store>) {
    let (sender, receiver) = mpsc::channel();
    let watched = sender.clone();
    store.watch(Box::new(move |_, revision| {
        let _ = watched.send(("watched", revision));
    }));
    for number in 0..200_u32 {
        let mut batch = Batch::new(entry(u64::from(number)));
        batch.write(write(&number.to_be_bytes(), 0, Some(b"x")));
        let sender = sender.clone();
        store.commit(
            batch,
            Box::new(move |outcome| {
                let _ = sender.send(("done", ok(outcome).revision));
            }),
        );
    }
    let expected = (1..=200).flat_map(|revision| [("watched", revision), ("done", revision)]);
    assert!(receiver.iter().take(400).eq(expected));
    for number in 0..200_u32 {
        assert_eq!(slot(&**store, &number.to_be_bytes()).revision(), 1);
    }
}

fn a_callback_may_commit(store: &Arc<dyn Store>) {
    let (sender, receiver) = mpsc::channel();
    let again = Arc::clone(store);
    let mut batch = Batch::new(entry(1));
    batch.write(write(b"a", 0, Some(b"x")));
    store.commit(
        batch,
        Box::new(move |_| {
            let mut batch = Batch::new(entry(2));
            batch.write(write(b"a", 1, Some(b"y")));
            again.settle(&[entry(1).id]);
            again.commit(batch, Box::new(move |outcome| drop(sender.send(outcome))));
        }),
    );
    assert_eq!(receiver.recv(), Ok(Ok(Committed { revision: 2 })));
}

fn concurrent_committers_are_linearizable(store: &Arc<dyn Store>) {
    const THREADS: u64 = 8;
    const EACH: u64 = 40;
    let acknowledged = Mutex::new(BTreeMap::new());
    let conflicts = AtomicU64::new(0);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (acknowledged, conflicts) = (&acknowledged, &conflicts);
            scope.spawn(move || {
                for turn in 0..EACH {
                    let (revision, count) = increment(&**store, thread, turn, conflicts);
                    assert!(store.revision() >= revision);
                    assert!(slot(&**store, b"count").revision() >= count);
                    let mut all = acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
                    assert_eq!(all.insert(revision, count), None, "a revision came twice");
                }
            });
        }
    });
    // In the order of their revisions, each saw exactly those before it.
    let all = acknowledged.into_inner().unwrap_or_else(PoisonError::into_inner);
    let expected = (1..=THREADS * EACH).map(|number| (number, number));
    assert!(all.into_iter().eq(expected));
    assert_eq!(store.revision(), THREADS * EACH);
}

/// Adds one to a counter; gives the store's revision and the counter after it.
fn increment(store: &dyn Store, thread: u64, turn: u64, conflicts: &AtomicU64) -> (u64, u64) {
    loop {
        let (at, count) = match slot(store, b"count") {
            Slot::Vacant { revision } => (revision, 0),
            Slot::Held(record) => {
                let mut count = [0; 8];
                count.copy_from_slice(record.value.as_bytes());
                (record.revision, u64::from_be_bytes(count))
            }
        };
        assert_eq!(at, count, "the counter and its revision go together");
        let tries = conflicts.load(Ordering::Relaxed);
        let mut batch = Batch::new(entry(thread << 40 | turn << 20 | tries));
        batch.write(write(b"count", at, Some(&(count + 1).to_be_bytes())));
        match commit_and_wait(store, batch) {
            Ok(committed) => return (committed.revision, count + 1),
            Err(Failure::Conflict(_)) => drop(conflicts.fetch_add(1, Ordering::Relaxed)),
            Err(failure) => panic!("{failure}"),
        }
    }
}

fn ok<T>(outcome: Result<T, Failure>) -> T {
    outcome.unwrap_or_else(|failure| panic!("{failure}"))
}

fn place(bytes: &[u8]) -> Place {
    ok(Place::new(bytes).map_err(Failure::from))
}

fn record(at: &[u8], revision: u64, value: &[u8]) -> Record {
    Record { place: place(at), revision, value: Sealed::assertion(value.to_vec()) }
}

fn write(at: &[u8], expected: u64, value: Option<&[u8]>) -> Write {
    Write {
        place: place(at),
        expected,
        value: value.map(|value| Sealed::assertion(value.to_vec())),
    }
}

fn entry(number: u64) -> OutboxEntry {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number.to_be_bytes());
    let sealed = Sealed::assertion(format!("entry {number}").into_bytes());
    OutboxEntry { id, sealed }
}

fn slot(store: &dyn Store, at: &[u8]) -> Slot {
    ok(store.get(&place(at)))
}

fn slots(store: &dyn Store) -> Vec<Record> {
    scan(store, b"", None, usize::MAX)
}

fn scan(store: &dyn Store, prefix: &[u8], after: Option<&Place>, limit: usize) -> Vec<Record> {
    ok(store.scan(prefix, after, limit))
}

fn places_of(records: &[Record]) -> Vec<Vec<u8>> {
    records.iter().map(|r| r.place.as_bytes().to_vec()).collect()
}

fn commit(store: &dyn Store, fill: impl FnOnce(&mut Batch)) -> Result<Committed, Failure> {
    let mut batch = Batch::new(entry(store.revision()));
    fill(&mut batch);
    commit_and_wait(store, batch)
}

fn put(store: &dyn Store, at: &[u8], value: &[u8]) -> Result<Committed, Failure> {
    let expected = slot(store, at).revision();
    commit(store, |batch| {
        batch.write(write(at, expected, Some(value)));
    })
}

fn delete(store: &dyn Store, at: &[u8]) -> Result<Committed, Failure> {
    let expected = slot(store, at).revision();
    commit(store, |batch| {
        batch.write(write(at, expected, None));
    })
}
