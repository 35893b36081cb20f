//! A crash between a commit and its entry in the log: the entry is made good from the outbox, and
//! appears once.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use audit::{Entry, Outcome};
use engine::{Engine, op};
use model::{
    Action, Error, Secret,
    algorithm::{KeySpec, KeyUsage},
    error::Unavailable,
};
use store::{
    Batch, Done, Failure, OutboxEntry, Place, Record, Slot, Store, Watcher, memory::Memory,
};

use crate::house::{House, copy, engine_on, house_on};

/// A store on a poor disk.
#[derive(Default)]
pub(crate) struct Frail {
    pub(crate) memory: Memory,
    /// It crashes before it forgets an audit entry: all are found in its outbox again.
    pub(crate) never_settles: bool,
    /// A commit is answered with a failure, and found whole later.
    pub(crate) fails: AtomicBool,
}

impl Store for Frail {
    fn get(&self, place: &Place) -> Result<Slot, Failure> {
        self.memory.get(place)
    }

    fn scan(
        &self,
        prefix: &[u8],
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Vec<Record>, Failure> {
        self.memory.scan(prefix, after, limit)
    }

    fn commit(&self, batch: Batch, done: Done) {
        if !self.fails.load(Relaxed) {
            return self.memory.commit(batch, done);
        }
        let failure = Failure::Unavailable("the disk failed".to_owned());
        self.memory.commit(batch, Box::new(|outcome| done(outcome.and(Err(failure)))));
    }

    fn watch(&self, watcher: Watcher) {
        self.memory.watch(watcher);
    }

    fn outbox(&self) -> Result<Vec<OutboxEntry>, Failure> {
        self.memory.outbox()
    }

    fn settle(&self, ids: &[[u8; 16]]) {
        if !self.never_settles {
            self.memory.settle(ids);
        }
    }

    fn revision(&self) -> u64 {
        self.memory.revision()
    }
}

fn unseal(engine: &Engine, key_file: &Secret) {
    let (_, source) = engine.unseal_sources().unwrap().remove(0);
    engine.unseal(source.open_with_key_file(key_file).unwrap()).unwrap();
}

/// Stops the engine, puts what `change` says in its place, and starts another.
pub(crate) fn restarted(house: House, change: impl FnOnce(&Path)) -> House {
    let House { engine, store, folder, key_file, access } = house;
    drop(engine);
    change(&folder.path().join("audit"));
    let engine = engine_on(store.clone(), &folder);
    unseal(&engine, &key_file);
    House { engine, store, folder, key_file, access }
}

/// The log's entries of an action, and how many entries it has in all.
fn told(house: House, action: Action) -> (House, Vec<Entry>, u64) {
    let size = house.engine.log_status().unwrap().next_index;
    let mut told = Vec::new();
    // Starting again signs all that there is.
    let house = restarted(house, |log| {
        let entries = audit::Folder::new(log).entries(0, usize::MAX, size).unwrap();
        assert_eq!(entries.len() as u64, size);
        told = entries.into_iter().map(|(_, entry)| entry).collect();
        told.retain(|entry| entry.action == action);
    });
    (house, told, size)
}

#[test]
fn an_entry_that_a_crash_kept_out_of_the_log_is_in_it_once() {
    let house = house_on(Arc::new(Frail { never_settles: true, ..Frail::default() }));
    let key = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let elsewhere = tempfile::tempdir().unwrap();
    let house = restarted(house, |log| copy(log, elsewhere.path()));
    let before = house.engine.log_status().unwrap().next_index;
    house.call(&house.admin(), op::DisableKey { key: key.clone() }).unwrap();
    // The log as it was when the commit was made and nothing appended.
    let house = restarted(house, |log| {
        fs::remove_dir_all(log).unwrap();
        copy(elsewhere.path(), log);
    });
    assert_eq!(house.engine.log_status().unwrap().next_index, before + 1);
    let status = house.call(&house.admin(), op::DescribeKey { key }).unwrap().status;
    assert_eq!(status, op::KeyStatus::Disabled);
    // The outbox holds it still: however often the server starts, nothing is told twice.
    let (house, first, size) = told(house, Action::DisableKey);
    let (_, second, same) = told(house, Action::DisableKey);
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_eq!((size, same), (before + 2, before + 2));
}

#[test]
fn a_change_that_was_kept_by_a_disk_that_failed_is_told_as_made() {
    let store = Arc::new(Frail::default());
    let house = house_on(store.clone());
    let key = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    store.fails.store(true, Relaxed);
    let failed = house.call(&house.admin(), op::DisableKey { key: key.clone() });
    assert_eq!(failed.unwrap_err(), Error::Unavailable(Unavailable::Store));
    store.fails.store(false, Relaxed);
    let house = restarted(house, |_| ());
    let status = house.call(&house.admin(), op::DescribeKey { key }).unwrap().status;
    assert_eq!(status, op::KeyStatus::Disabled);
    let (_, told, _) = told(house, Action::DisableKey);
    let [failed, made] = told.as_slice() else { panic!("{told:?}") };
    assert!(matches!(failed.outcome, Outcome::Failed(_)));
    assert_eq!(made.outcome, Outcome::Allowed);
    assert_ne!(failed.id, made.id);
}
