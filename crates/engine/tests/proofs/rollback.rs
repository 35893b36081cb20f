//! A store that is put back alone, from an earlier copy, is not worked with.

use std::{fs, path::Path, sync::Arc};

use engine::op;
use model::{At, Error, time::Trust};
use store::sqlite;

use crate::house::{House, NOW, copy, engine_on, house_on};

/// A server on a store on the disk.
struct Site {
    folder: tempfile::TempDir,
    house: House,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = sqlite::open(&folder.path().join("store"), sqlite::Options::default());
        Self { folder, house: house_on(Arc::new(store.unwrap())) }
    }

    /// Stops it in order, puts things elsewhere, and starts it: what that says.
    fn again(self, between: impl FnOnce(&Path, &Path)) -> (Self, Result<(), Error>) {
        let Self { folder, house: House { engine, store, folder: log, key_file, access } } = self;
        drop((engine, store));
        between(folder.path(), log.path());
        let store = sqlite::open(&folder.path().join("store"), sqlite::Options::default());
        let store: Arc<dyn store::Store> = Arc::new(store.unwrap());
        let engine = engine_on(store.clone(), &log);
        let house = House { engine, store, folder: log, key_file, access };
        let unsealed = house.engine.unseal(house.root());
        (Self { folder, house }, unsealed)
    }

    fn keep_time(&self, after_s: u64) {
        let wall = NOW.plus_secs(after_s);
        let at = At { wall, monotonic_ms: wall.0, trust: Trust::Steady };
        self.house.engine.keep_time(at, 0).unwrap();
    }
}

fn put_back(from: &Path, to: &Path) {
    fs::remove_dir_all(to).unwrap();
    copy(from, to);
}

#[test]
fn a_store_that_is_put_back_alone_is_refused_and_with_its_log_it_is_not() {
    let (stores, logs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (newer_stores, newer_logs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let site = Site::new();
    site.keep_time(10);
    let (site, unsealed) = site.again(|store, log| {
        copy(store, stores.path());
        copy(log, logs.path());
    });
    assert_eq!(unsealed, Ok(()));
    site.keep_time(20);
    // What is done after the time was kept does not hide it.
    for _ in 0..300 {
        site.house.call(&site.house.admin(), op::GenerateRandom { len: 8 }).unwrap();
    }
    let (site, unsealed) = site.again(|store, log| {
        copy(store, newer_stores.path());
        copy(log, newer_logs.path());
        put_back(stores.path(), store);
    });
    let Err(Error::Internal(says)) = unsealed else { panic!("{unsealed:?}") };
    assert!(says.contains("older than the audit log"), "{says}");
    // The newer store again, and then the older log with the older store.
    let (site, unsealed) = site.again(|store, _| put_back(newer_stores.path(), store));
    assert_eq!(unsealed, Ok(()));
    let (_, unsealed) = site.again(|store, log| {
        put_back(stores.path(), store);
        put_back(logs.path(), log);
    });
    assert_eq!(unsealed, Ok(()));
}
