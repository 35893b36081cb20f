//! Each operation of the disk fails in turn, once and for good.

use std::path::Path;

use disk::{Cut, Disk, Fault, Platter, Trouble};
use store::{Failure, Store};

use crate::{assert_kept, disk_of, used, workload};

/// Turns before the disk fails, in a store that was closed.
const BEFORE: u64 = 2;
/// The last turn that is tried on the failing disk.
const LAST: u64 = 8;
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
fn a_write_without_space_is_reported_and_nothing_told_is_lost() {
    each_operation_fails(Trouble::Full, false);
}

#[test]
fn a_disk_that_stays_full_is_reported_and_nothing_told_is_lost() {
    each_operation_fails(Trouble::Full, true);
}

/// Has the first operation fail, then the second, and so on until one run needs no more. After
/// each run the store is opened from the files that are there, and from those that a power cut
/// leaves, for which a failed sync has been none.
fn each_operation_fails(trouble: Trouble, lasting: bool) {
    let image = used(BEFORE);
    let (mut errors, mut unopened) = (0, 0);
    for after in 0..ENDLESS {
        let (_folder, path, disk) = disk_of(&image);
        disk.fail(Some(Fault { trouble, after, lasting }));
        let (told, refused) = run(&path, &disk, trouble);
        if !disk.has_failed() {
            assert_eq!((told, refused), (LAST, 0), "a run without a fault");
            println!(
                "{trouble:?}, lasting {lasting}: {after} points, {errors} refusals, {unopened} unopened, 0 lost"
            );
            assert!(after > 10, "the scenario has operations: {after}");
            return;
        }
        errors += refused;
        unopened += u64::from(told == BEFORE);
        disk.fail(None);
        let mut platter = Platter::new(&image);
        disk.operations().iter().for_each(|operation| platter.replay(operation));
        drop(disk);
        assert_kept(&path, &[told]);
        for cut in [Cut::losing_all(), Cut::random(after)] {
            let (_folder, path, _disk) = disk_of(&platter.image(cut));
            assert_kept(&path, &[told]);
        }
    }
    panic!("the scenario had no end");
}

/// Opens the store and commits turns, each tried again once. Gives the last turn that was told to
/// be durable, and how many refusals there were.
fn run(path: &Path, disk: &Disk, trouble: Trouble) -> (u64, u64) {
    let store = match workload::open(path) {
        Ok(store) => store,
        Err(failure) => {
            assert_clear(&failure);
            return (BEFORE, 1);
        }
    };
    let mut refused = 0;
    for turn in BEFORE + 1..=LAST {
        let Err(first) = workload::commit(&store, 0, turn) else { continue };
        assert_clear(&first);
        refused += 1;
        // Refused is refused: nobody sees it while the store is open.
        assert!(disk.has_failed(), "{first}, without a cause");
        assert_eq!(store.revision(), turn - 1);
        match workload::commit(&store, 0, turn) {
            Ok(()) => assert!(first.to_string().contains("the disk is full"), "{first}"),
            Err(second) => {
                assert_clear(&second);
                // What stops for good says the same for ever.
                assert!(trouble == Trouble::Full || first == second, "{first}, then {second}");
                return (turn - 1, refused + 1);
            }
        }
    }
    (LAST, refused)
}

fn assert_clear(failure: &Failure) {
    assert!(matches!(failure, Failure::Unavailable(_)), "{failure}");
    let sentence = failure.to_string();
    let causes = ["the disk", "cannot be opened", "could not be written"];
    assert!(causes.iter().any(|cause| sentence.contains(cause)), "{sentence}");
}
