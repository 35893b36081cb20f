//! A crash between a commit and its entry in the log: the entry is made good from the outbox, and
//! appears once.

use std::{fs, path::Path, sync::Arc};

use engine::{Engine, op};
use model::{
    Action, Secret,
    algorithm::{KeySpec, KeyUsage},
};
use store::{
    Batch, Done, Failure, OutboxEntry, Place, Record, Slot, Store, Watcher, memory::Memory,
};

use crate::house::{House, engine_on, house_on};

/// A store that crashes before it forgets an audit entry: all are found in its outbox again.
#[derive(Default)]
struct NeverSettles(Memory);

impl Store for NeverSettles {
    fn get(&self, place: &Place) -> Result<Slot, Failure> {
        self.0.get(place)
    }

    fn scan(
        &self,
        prefix: &[u8],
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Vec<Record>, Failure> {
        self.0.scan(prefix, after, limit)
    }

    fn commit(&self, batch: Batch, done: Done) {
        self.0.commit(batch, done);
    }

    fn watch(&self, watcher: Watcher) {
        self.0.watch(watcher);
    }

    fn outbox(&self) -> Result<Vec<OutboxEntry>, Failure> {
        self.0.outbox()
    }

    fn settle(&self, _ids: &[[u8; 16]]) {}

    fn revision(&self) -> u64 {
        self.0.revision()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

fn unseal(engine: &Engine, key_file: &Secret) {
    let (_, source) = engine.unseal_sources().unwrap().remove(0);
    engine.unseal(source.open_with_key_file(key_file).unwrap()).unwrap();
}

/// Stops the engine, puts what `change` says in its place, and starts another.
fn restarted(house: House, change: impl FnOnce(&Path)) -> House {
    let House { engine, store, folder, key_file, access } = house;
    drop(engine);
    change(&folder.path().join("audit"));
    let engine = engine_on(store.clone(), &folder);
    unseal(&engine, &key_file);
    House { engine, store, folder, key_file, access }
}

/// How often the log tells of an action, and how many entries it has.
fn told(house: House, action: Action) -> (House, usize, u64) {
    let size = house.engine.log_status().unwrap().next_index;
    let mut times = 0;
    // Starting again signs all that there is.
    let house = restarted(house, |log| {
        let entries = audit::Folder::new(log).entries(0, usize::MAX, size).unwrap();
        assert_eq!(entries.len() as u64, size);
        times = entries.iter().filter(|(_, entry)| entry.action == action).count();
    });
    (house, times, size)
}

#[test]
fn an_entry_that_a_crash_kept_out_of_the_log_is_in_it_once() {
    let house = house_on(Arc::new(NeverSettles::default()));
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
    assert_eq!((first, second), (1, 1));
    assert_eq!((size, same), (before + 2, before + 2));
}
