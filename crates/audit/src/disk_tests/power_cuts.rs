//! The power is cut at every operation, and of what was not synced any part is found.

use std::{sync::Mutex, thread, time::Duration};

use ::disk::{Cut, Disk, Image, Operation, Platter};

use super::{
    DURABLE, Seen, Told, append, create, cuts, disk_of, folder_of, open, options, replayed, used,
    work,
};
use crate::{Options, testing::TestKey};

/// Cuts at each operation that leave a random part, beside those that leave nothing and all.
const RANDOM_CUTS: u64 = 2;

/// Opens the log, appends up to entry `to` and closes it.
fn session(key: &TestKey, disk: &Disk, folder: &std::path::Path, to: u64) {
    let (log, recovered) = open(key, folder, options()).unwrap();
    work(&log, disk, recovered.next_index, to).unwrap();
    log.close().unwrap();
}

/// A log that is made, used, and used again: its disk before, and what was done.
fn young(key: &TestKey) -> (Image, Vec<Operation>) {
    let image = Image::new();
    let (_folder, path, disk) = disk_of(&image);
    let log = create(key, &disk, &path, options()).unwrap();
    work(&log, &disk, 0, 25).unwrap();
    log.close().unwrap();
    session(key, &disk, &path, 39);
    session(key, &disk, &path, 50);
    (image, disk.operations())
}

/// A log in which tiles become full: its entries, its disk, and what was done.
fn grown(key: &TestKey) -> (u64, Image, Vec<Operation>) {
    let before = 250;
    let image = used(key, before);
    let (_folder, path, disk) = disk_of(&image);
    session(key, &disk, &path, before + 20);
    session(key, &disk, &path, before + 30);
    (before, image, disk.operations())
}

/// Replays `operations` on `image`, and after each cuts the power in several ways.
fn cut_everywhere(key: &TestKey, image: &Image, operations: &[Operation], told: Told, what: &str) {
    let (mut platter, mut told, mut seen) = (Platter::new(image), told, Seen::default());
    for (point, operation) in (0..).zip(operations) {
        platter.replay(operation);
        told.note(operation, &platter);
        for cut in cuts(point, RANDOM_CUTS) {
            let when = format!("{what}, {cut:?} after operation {point}");
            seen.look(key, &platter.image(cut), &told, &when);
        }
        // A process that is killed loses nothing that was appended.
        let folder = folder_of(&platter.image(Cut::keeping_all()));
        if matches!(operation, Operation::Acknowledged { .. }) {
            told.compare(key, folder.path(), told.appended).unwrap();
        }
    }
    let (points, states) = (operations.len(), seen.0.len());
    println!(
        "{what}: {points} points, {states} states, {} checkpoints; 0 lost, 0 in part, 0 forks",
        told.checkpoints.len()
    );
    assert!(points > 100 && told.checkpoints.len() > 1, "the scenario has operations");
}

#[test]
fn a_power_cut_at_any_operation_takes_nothing_back() {
    let key = TestKey::new();
    let (image, operations) = young(&key);
    cut_everywhere(&key, &image, &operations, Told::default(), "a new log");
}

#[test]
fn a_power_cut_while_tiles_become_full_takes_nothing_back() {
    let key = TestKey::new();
    let (before, image, operations) = grown(&key);
    let told = Told::before(&image, before);
    cut_everywhere(&key, &image, &operations, told, "full tiles");
}

/// Appends that share a sync, while checkpoints are published and segments begun.
#[test]
fn a_power_cut_in_a_group_of_appends_takes_nothing_back() {
    let (key, image) = (TestKey::new(), Image::new());
    let (_folder, path, disk) = disk_of(&image);
    let short = Duration::from_millis(1);
    let log = Options { sync_interval: short, checkpoint_interval: short, ..options() };
    let log = create(&key, &disk, &path, log).unwrap();
    let next = Mutex::new(0);
    let append = || {
        let mut next = next.lock().unwrap();
        let position = append(&log, &disk, *next).unwrap();
        *next += 1;
        drop(next);
        let position = log.synced(position).wait().unwrap();
        disk.acknowledge(DURABLE, position.index + 1);
    };
    thread::scope(|scope| {
        (0..4).for_each(|_| drop(scope.spawn(|| (0..12).for_each(|_| append()))));
    });
    log.close().unwrap();
    cut_everywhere(&key, &image, &disk.operations(), Told::default(), "a group");
}

/// The process is killed, what it wrote is read back though it is not on the disk, and then the
/// power is cut while the log is opened.
#[test]
fn a_power_cut_while_recovering_from_a_kill_takes_nothing_back() {
    let key = TestKey::new();
    let (image, operations) = young(&key);
    let (mut platter, mut told, mut seen) =
        (Platter::new(&image), Told::default(), Seen::default());
    let mut points = 0;
    for (at, operation) in (0_u64..).zip(&operations) {
        platter.replay(operation);
        told.note(operation, &platter);
        if !told.made || at % 13 != 0 {
            continue;
        }
        let found = platter.image(Cut::keeping_all());
        let (_folder, path, disk) = disk_of(&found);
        drop(open(&key, &path, options()).unwrap());
        let (mut platter, mut told) = (platter.clone(), told.clone());
        for (point, operation) in (0..).zip(&disk.operations()) {
            platter.replay(operation);
            told.note(operation, &platter);
            points += 1;
            for cut in [Cut::losing_all(), Cut::random(point)] {
                let when = format!("killed after {at}, {cut:?} after operation {point}");
                seen.look(&key, &platter.image(cut), &told, &when);
            }
        }
    }
    println!("recovering: {points} points, {} states; 0 lost, 0 in part, 0 forks", seen.0.len());
    assert!(points > 100, "the recovery is cut");
}

/// That the tests above could fail: on a disk whose syncs do nothing, or whose names are never
/// synced, what was told is lost.
#[test]
fn a_disk_that_does_not_sync_is_noticed() {
    let key = TestKey::new();
    let (image, operations) = young(&key);
    let outcome = |kept: &dyn Fn(&Operation) -> bool| {
        let done: Vec<_> = operations.iter().filter(|o| kept(o)).cloned().collect();
        let (platter, told) = replayed(&image, &done, Told::default());
        let folder = folder_of(&platter.image(Cut::losing_all()));
        told.compare(&key, folder.path(), told.durable)
    };
    assert_eq!(outcome(&|_| true), Ok(()));
    assert!(outcome(&|operation| !matches!(operation, Operation::Synced(_))).is_err());
    assert!(outcome(&|operation| !matches!(operation, Operation::FolderSynced(_))).is_err());
}
