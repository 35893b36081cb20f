//! The power is cut at every operation, and of what was not synced any part is found.

use std::{
    collections::HashSet,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
    thread,
};

use disk::{Cut, Disk, Image, Operation, Platter};

use crate::{DATABASE, assert_kept, disk_of, unused, used, workload};

/// Cuts at each operation that leave a random part, beside those that leave nothing and all.
const RANDOM_CUTS: u64 = 3;

#[test]
fn a_power_cut_at_any_operation_takes_nothing_back() {
    let image = unused();
    let (_folder, path, disk) = disk_of(&image);
    // Closing folds the log and removes it; opening begins another.
    for turns in [1..=6, 7..=9, 10..=15] {
        let store = workload::open(&path).unwrap();
        for turn in turns {
            workload::commit(&store, 0, turn).unwrap();
            disk.acknowledge(0, turn);
            if turn.is_multiple_of(4) {
                fold(&path);
            }
        }
    }
    cut_everywhere(&image, &disk.operations(), 1, "one worker");
}

/// That the tests above could fail: on a disk whose syncs do nothing, what was told is lost.
#[test]
fn a_disk_that_does_not_sync_is_noticed() {
    let image = used(0);
    let (_folder, path, disk) = disk_of(&image);
    let store = workload::open(&path).unwrap();
    (1..=3).for_each(|turn| workload::commit(&store, 0, turn).unwrap());
    let [synced, unsynced] = [true, false].map(|syncs| {
        let mut platter = Platter::new(&image);
        let operations = disk.operations();
        let done = operations.iter().filter(|o| syncs || !matches!(o, Operation::Synced(_)));
        done.for_each(|operation| platter.replay(operation));
        let (_folder, path, _disk) = disk_of(&platter.image(Cut::losing_all()));
        workload::turn(&workload::open(&path).unwrap(), 0)
    });
    assert_eq!((synced, unsynced), (3, 0));
}

#[test]
fn a_power_cut_in_a_group_of_commits_takes_nothing_back() {
    const WORKERS: u8 = 4;
    let image = used(0);
    let (_folder, path, disk) = disk_of(&image);
    let store = workload::open(&path).unwrap();
    thread::scope(|scope| {
        for worker in 0..WORKERS {
            let (store, disk) = (&store, &disk);
            scope.spawn(move || {
                for turn in 1..=6 {
                    workload::commit(store, worker, turn).unwrap();
                    disk.acknowledge(worker, turn);
                }
            });
        }
    });
    drop(store);
    cut_everywhere(&image, &disk.operations(), usize::from(WORKERS), "several workers");
}

#[test]
fn a_power_cut_while_recovering_from_a_power_cut_takes_nothing_back() {
    let image = used(2);
    let (_folder, path, disk) = disk_of(&image);
    let store = workload::open(&path).unwrap();
    for turn in 3..=6 {
        workload::commit(&store, 0, turn).unwrap();
        disk.acknowledge(0, turn);
    }
    let mut platter = Platter::new(&image);
    let mut told = 2;
    let mut seen = Seen::default();
    for (point, operation) in (0..).zip(&disk.operations()) {
        platter.replay(operation);
        let Operation::Acknowledged { turn, .. } = operation else { continue };
        told = told.max(*turn);
        let found = platter.image(Cut::random(point));
        let (_folder, path, recovering) = disk_of(&found);
        drop(workload::open(&path).unwrap());
        cut_all(&found, &recovering, &[told], &mut seen);
    }
    let states = seen.0.len();
    println!("recovering: {states} states, 0 commits lost, 0 in part");
    assert!(states > 20, "the recovery is cut: {states}");
}

/// The states that were looked at, by their hashes: often a cut leaves what another did.
#[derive(Default)]
struct Seen(HashSet<u64>);

/// Cuts a recovery at every operation.
fn cut_all(image: &Image, disk: &Disk, told: &[u64], seen: &mut Seen) {
    let mut platter = Platter::new(image);
    for (point, operation) in (0..).zip(&disk.operations()) {
        platter.replay(operation);
        for cut in [Cut::losing_all(), Cut::random(point), Cut::random(point + 1000)] {
            seen.look(&platter.image(cut), told);
        }
    }
}

/// Replays `operations` on `image`, and after each cuts the power in several ways.
fn cut_everywhere(image: &Image, operations: &[Operation], workers: usize, what: &str) {
    let mut platter = Platter::new(image);
    let mut told = vec![0; workers];
    let mut seen = Seen::default();
    let mut points = 0;
    for operation in operations {
        platter.replay(operation);
        if let Operation::Acknowledged { worker, turn } = operation {
            told[usize::from(*worker)] = *turn;
        }
        points += 1;
        let random = (0..RANDOM_CUTS).map(|seed| Cut::random(points << 8 | seed));
        for cut in random.chain([Cut::losing_all(), Cut::keeping_all()]) {
            seen.look(&platter.image(cut), &told);
        }
    }
    let states = seen.0.len();
    println!("{what}: {points} points, {states} states, 0 commits lost, 0 in part");
    assert!(points > 100, "the scenario has operations: {points}");
}

impl Seen {
    /// Opens the store from the files and checks it, unless that was done.
    fn look(&mut self, image: &Image, told: &[u64]) {
        let mut hasher = DefaultHasher::new();
        (image, told).hash(&mut hasher);
        if !self.0.insert(hasher.finish()) {
            return;
        }
        let folder = workload::folder();
        for (name, bytes) in image {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        assert_kept(&folder.path().join(DATABASE), told);
    }
}

fn fold(path: &Path) {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap();
}
