//! Each operation of the disk fails in turn, once and for good.

use std::{path::Path, thread, time::Duration};

use ::disk::{Cut, Disk, Fault, Image, Kind, Trouble};

use super::{NEVER, Told, append_and_wait, create, disk_of, open, options, replayed, used, work};
use crate::{Failure, Options, testing::TestKey};

/// Entries that are appended on the failing disk.
const APPENDED: u64 = 15;
/// More operations than the scenario has.
const ENDLESS: u64 = 2000;

#[test]
fn a_broken_disk_is_reported_and_nothing_told_is_lost() {
    each_operation_fails(Trouble::Broken, false);
}

#[test]
fn a_disk_that_stays_broken_is_reported_and_nothing_told_is_lost() {
    each_operation_fails(Trouble::Broken, true);
}

#[test]
fn a_disk_without_space_is_reported_and_nothing_told_is_lost() {
    each_operation_fails(Trouble::Full, false);
}

#[test]
fn a_disk_that_stays_full_is_reported_and_nothing_told_is_lost() {
    each_operation_fails(Trouble::Full, true);
}

#[test]
fn a_process_without_descriptors_goes_on_once_it_has_some() {
    each_operation_fails(Trouble::TooManyFiles, false);
}

#[test]
fn a_process_that_stays_without_descriptors_is_reported_and_nothing_told_is_lost() {
    each_operation_fails(Trouble::TooManyFiles, true);
}

/// Has the first operation fail, then the second, and so on until one run needs no more. After
/// each run the log is opened from the files that are there, and from those that a power cut
/// leaves, for which a failed sync has been none.
fn each_operation_fails(trouble: Trouble, lasting: bool) {
    let key = TestKey::new();
    for start in [Start::nothing(), Start::nearly_full(&key), Start::killed(&key)] {
        each_operation_fails_after(&key, &start, trouble, lasting);
    }
}

/// What is on the disk that is going to fail.
struct Start {
    what: &'static str,
    image: Image,
    told: Told,
}

impl Start {
    /// No log yet.
    fn nothing() -> Self {
        Self { what: "nothing", image: Image::new(), told: Told::default() }
    }

    /// A log whose tiles become full soon.
    fn nearly_full(key: &TestKey) -> Self {
        let image = used(key, 250);
        let told = Told::before(&image, 250);
        Self { what: "nearly full", image, told }
    }

    /// A log whose writer was killed, with entries that were not synced.
    fn killed(key: &TestKey) -> Self {
        let (_folder, path, disk) = disk_of(&Image::new());
        let log = create(key, &disk, &path, options()).unwrap();
        work(&log, &disk, 0, 20).unwrap();
        let (platter, told) = replayed(&Image::new(), &disk.operations(), Told::default());
        assert!(told.appended > told.durable);
        Self { what: "killed", image: platter.image(Cut::keeping_all()), told }
    }
}

fn each_operation_fails_after(key: &TestKey, start: &Start, trouble: Trouble, lasting: bool) {
    let (mut refused, mut unopened) = (0, 0);
    for after in 0..ENDLESS {
        let (_folder, path, disk) = disk_of(&start.image);
        disk.fail(Some(Fault { trouble, after, lasting }));
        let outcome = run(key, &path, &disk, &start.told);
        let Some(kind) = disk.failed() else {
            assert_eq!(outcome, Outcome::Closed { refused: 0 }, "a run without a fault");
            println!(
                "{trouble:?}, lasting {lasting}, {}: {after} points, {refused} refusals, \
                 {unopened} unopened; 0 lost, 0 in part, 0 forks",
                start.what
            );
            assert!(after > 10, "the scenario has operations: {after}");
            return;
        };
        disk.fail(None);
        match outcome {
            Outcome::Unopened => unopened += 1,
            Outcome::Stopped => {
                // What is opened while the log works can be opened later.
                assert!(trouble != Trouble::TooManyFiles, "{after}: {kind:?}");
                refused += 1;
            }
            Outcome::Closed { refused: some } => {
                refused += u64::from(some > 0);
                // What is left over is in nobody's way; all else that is broken is told.
                assert!(trouble != Trouble::Broken || kind == Kind::Remove, "{after}: {kind:?}");
            }
        }
        let (platter, told) = replayed(&start.image, &disk.operations(), start.told.clone());
        for cut in [Cut::losing_all(), Cut::random(after)] {
            let when = format!("{cut:?} after fault {after}");
            told.assert_kept(key, &platter.image(cut), &when);
        }
        let kept = told.compare(key, &path, told.appended);
        kept.unwrap_or_else(|wrong| panic!("restarted after fault {after}: {wrong}"));
    }
    panic!("the scenario had no end");
}

/// How a run on a failing disk ended.
#[derive(Debug, Eq, PartialEq)]
enum Outcome {
    /// The log was not opened, and said why.
    Unopened,
    /// It stopped, and said so at an append, a checkpoint or the end.
    Stopped,
    /// It came to its end, having refused some appends.
    Closed { refused: u64 },
}

/// Opens the log, or makes one, and appends, again where the disk was full.
fn run(key: &TestKey, path: &Path, disk: &Disk, told: &Told) -> Outcome {
    let short = Duration::from_millis(1);
    let options = Options { checkpoint_interval: short, sync_interval: NEVER, ..options() };
    let opened = match told.made {
        false => create(key, disk, path, options),
        true => open(key, path, options).map(|(log, _)| log),
    };
    let log = match opened {
        Ok(log) => log,
        Err(Failure::Io(_) | Failure::Full | Failure::TooManyFiles) => return Outcome::Unopened,
        Err(other) => panic!("not what has happened: {other}"),
    };
    let mut refused = 0;
    for i in told.appended..told.appended + APPENDED {
        let mut tries = 0;
        while let Err(failure) = append_and_wait(&log, disk, i) {
            refused += 1;
            tries += 1;
            match failure {
                passing if passing.is_passing() && tries < 3 => {
                    thread::sleep(Duration::from_millis(2));
                }
                passing if passing.is_passing() => return Outcome::Closed { refused },
                Failure::Stopped(_) => return Outcome::Stopped,
                other => panic!("not what has happened: {other}"),
            }
        }
    }
    match log.checkpoint_barrier().and_then(|()| log.close()) {
        Ok(()) => Outcome::Closed { refused },
        Err(failure) if failure.is_passing() => Outcome::Closed { refused },
        Err(_) => Outcome::Stopped,
    }
}
