//! The writer: order, durability, failure, recovery.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::fs::PermissionsExt as _,
    process::{Command, Stdio},
    sync::mpsc,
};

use super::*;
use crate::{
    disk,
    journal::{self, FRAME_HEAD},
    merkle::{self, leaf_hash},
    testing::{Numbers, ORIGIN, TestKey, copy_folder, entry, options},
    verify::verify,
};

/// So long that only what is asked for happens.
const NEVER: Duration = Duration::from_secs(3600);

fn assert_sound(dir: &Path, key: &TestKey) {
    let report = verify(dir, &key.verifier(), &[]);
    assert!(report.is_clean(), "{:?}", report.findings);
}

#[test]
fn entries_are_read_back_in_order_after_the_log_is_opened_again() {
    let (dir, key) = (tempfile::tempdir().unwrap(), TestKey::new());
    let mut total = 0;
    key.create(dir.path()).close().unwrap();
    for count in [0, 1, 254, 1, 1, 600, 3] {
        let (log, recovered) = key.open(dir.path());
        assert_eq!(recovered.next_index, total);
        for i in total..total + count {
            assert_eq!(log.append(&entry(i)), Ok(Position { index: i }));
        }
        total += count;
        log.checkpoint_barrier().unwrap();
        let status = log.status();
        assert_eq!((status.synced, status.checkpoint), (total, total));
        let read = log.read(0, usize::MAX).unwrap();
        assert!(read.iter().map(|(_, entry)| entry).eq(&(0..total).map(entry).collect::<Vec<_>>()));
        log.close().unwrap();
        assert_sound(dir.path(), &key);
    }
}

#[test]
fn a_log_is_made_only_in_an_empty_folder_and_opened_only_where_there_is_one() {
    let (dir, key) = (tempfile::tempdir().unwrap(), TestKey::new());
    let create = |path: &Path, origin| Log::create(path, key.key(), origin, options()).map(drop);
    let open = |origin| Log::open(dir.path(), key.key(), origin, options()).map(drop);
    assert!(matches!(open(ORIGIN), Err(Failure::NoLog(_))));
    assert!(matches!(create(dir.path(), "a b"), Err(Failure::Origin(_))));
    assert_eq!(create(&dir.path().join("deep/er"), ORIGIN), Ok(()));
    assert!(matches!(create(dir.path(), ORIGIN), Err(Failure::NotEmpty(_))));
    let (dir, other) = (tempfile::tempdir().unwrap(), TestKey::new());
    let log = key.create(dir.path());
    let open = |key: &TestKey, o| Log::open(dir.path(), key.key(), o, options()).map(drop);
    assert!(matches!(open(&key, ORIGIN), Err(Failure::InUse(_))));
    drop(log);
    assert!(matches!(open(&other, ORIGIN), Err(Failure::Damaged(_))));
    assert!(matches!(open(&key, "elsewhere"), Err(Failure::Damaged(_))));
    assert_eq!(open(&key, ORIGIN), Ok(()));
}

#[test]
fn many_threads_share_syncs_and_no_index_is_given_twice() {
    let (dir, key) = (tempfile::tempdir().unwrap(), TestKey::new());
    let log = key.create(dir.path());
    let mut indexes: Vec<u64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                let log = &log;
                scope.spawn(move || {
                    let append = |i: u64| {
                        let entry = entry(thread * 1000 + i);
                        if i.is_multiple_of(10) {
                            log.append_durable(&entry).unwrap().wait().unwrap().index
                        } else {
                            log.append(&entry).unwrap().index
                        }
                    };
                    (0..300).map(append).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    indexes.sort_unstable();
    assert!(indexes.into_iter().eq(0..2400));
    log.close().unwrap();
    assert_sound(dir.path(), &key);
}

#[test]
fn tiles_prove_inclusion_and_consistency() {
    let (dir, key) = (tempfile::tempdir().unwrap(), TestKey::new());
    key.filled(dir.path(), 1500);
    let folder = Folder::new(dir.path());
    let checkpoint = folder.checkpoint(&key.verifier()).unwrap();
    assert_eq!(folder.root(1500), Ok(checkpoint.root));
    let mut numbers = Numbers(31);
    for _ in 0..200 {
        let new = 1 + numbers.below(1500);
        let index = numbers.below(new);
        let root = folder.root(new).unwrap();
        let proof = folder.inclusion_proof(index, new).unwrap();
        let leaf = leaf_hash(&entry(index).to_leaf());
        assert!(merkle::verify_inclusion(index, new, &leaf, &proof, &root));
        let proof = folder.consistency_proof(index + 1, new).unwrap();
        let old_root = folder.root(index + 1).unwrap();
        assert!(merkle::verify_consistency(index + 1, new, &old_root, &root, &proof));
    }
    assert_eq!(folder.inclusion_proof(1500, 1500), Err(Failure::OutOfRange));
}

#[test]
fn changes_are_told_once_and_their_ids_are_kept_until_settled() {
    let (dir, key) = (tempfile::tempdir().unwrap(), TestKey::new());
    let log = key.create(dir.path());
    let (tell, told) = mpsc::channel();
    log.on_synced(move |news| tell.send(news).unwrap());
    for i in 0..500 {
        if i % 5 == 0 {
            log.append_change(&entry(i).to_leaf()).unwrap();
        } else {
            log.append(&entry(i)).unwrap();
        }
    }
    assert_eq!(log.append_change(b"not an entry"), Err(Failure::NotAnEntry));
    log.close().unwrap();
    let news: Vec<Synced> = told.iter().collect();
    let changes: Vec<_> = news.iter().flat_map(|news| news.changes.clone()).collect();
    let expected: Vec<_> = (0..500).step_by(5).map(|i| entry(i).id).collect();
    assert_eq!(changes, expected);
    assert!(news.last().is_some_and(|news| news.through > 495));

    // Opened twice without settling: the ids are still known, though all is in the tree.
    for _ in 0..2 {
        let (log, recovered) = key.open(dir.path());
        assert!(expected.iter().all(|id| recovered.recent_ids.contains(id)));
        assert_eq!(recovered.next_index, 500);
        drop(log);
    }
    let (log, recovered) = key.open(dir.path());
    log.settled_through(recovered.next_index);
    log.close().unwrap();
    let (_log, recovered) = key.open(dir.path());
    assert!(recovered.recent_ids.is_empty(), "{}", recovered.recent_ids.len());
}

#[test]
fn segments_are_dropped_when_they_have_served() {
    let (dir, key) = (tempfile::tempdir().unwrap(), TestKey::new());
    let log = key.create(dir.path());
    let segments = || journal::segments(&dir.path().join("journal")).unwrap().len();
    for i in 0..2000 {
        log.append(&entry(i)).unwrap();
    }
    log.checkpoint_barrier().unwrap();
    log.append_change(&entry(2000).to_leaf()).unwrap();
    for i in 2001..4000 {
        log.append(&entry(i)).unwrap();
    }
    log.close().unwrap();
    // Those before the change went; that of the change and those after it stay.
    let first = journal::segments(&dir.path().join("journal")).unwrap()[0].0;
    assert!((1..=2000).contains(&first), "{first}");
    assert!(segments() > 3);
    let (log, recovered) = key.open(dir.path());
    log.settled_through(recovered.next_index);
    log.close().unwrap();
    assert_eq!(segments(), 1);
}

/// A folder with `count` synced entries that no checkpoint covers, and the end of each frame.
fn unpublished(key: &TestKey, dir: &Path, count: u64) -> Vec<usize> {
    let made = tempfile::tempdir().unwrap();
    let lazy = Options { checkpoint_interval: NEVER, segment_bytes: 8 << 10, ..options() };
    let log = Log::create(made.path(), key.key(), ORIGIN, lazy).unwrap();
    let mut ends = vec![0];
    for i in 0..count {
        log.append(&entry(i)).unwrap();
        ends.push(ends.last().unwrap() + FRAME_HEAD + entry(i).to_leaf().len());
    }
    log.sync_barrier().unwrap();
    copy_folder(made.path(), dir);
    ends
}

#[test]
fn a_torn_tail_is_dropped_wherever_it_is_torn() {
    let (dir, key) = (tempfile::tempdir().unwrap(), TestKey::new());
    let ends = unpublished(&key, dir.path(), 3);
    let path = dir.path().join("journal").join(format!("{:020}", 0));
    let whole = fs::read(&path).unwrap();
    for cut in 0..=ends[3] {
        let expected = ends.iter().filter(|end| **end != 0 && **end <= cut).count() as u64;
        let mut torn = whole.clone();
        torn[cut..].fill(0);
        fs::write(&path, &torn).unwrap();
        // Replay alone at each byte, and all of opening at some.
        let (frames, end) = journal::frames(&torn, 0, 0);
        assert_eq!(frames.len() as u64, expected, "cut at {cut}");
        assert_eq!(end, ends[expected as usize]);
        if cut % 29 == 0 || cut == ends[3] {
            let copy = tempfile::tempdir().unwrap();
            copy_folder(dir.path(), copy.path());
            let tail = verify(copy.path(), &key.verifier(), &[]).tail;
            assert_eq!(tail.entries, expected);
            let (log, recovered) = key.open(copy.path());
            assert_eq!((recovered.next_index, recovered.replayed), (expected, expected));
            assert_eq!(log.append(&entry(99)), Ok(Position { index: expected }));
            log.close().unwrap();
            assert_sound(copy.path(), &key);
        }
    }
}

#[test]
fn a_frame_with_any_byte_changed_is_not_one() {
    let (dir, key) = (tempfile::tempdir().unwrap(), TestKey::new());
    let ends = unpublished(&key, dir.path(), 2);
    let whole = fs::read(dir.path().join("journal").join(format!("{:020}", 0))).unwrap();
    for at in ends[1]..ends[2] {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            assert_eq!(journal::frames(&bytes, 0, 0).0.len(), 1, "byte {at} bit {bit}");
        }
    }
}

#[test]
fn a_failed_write_stops_the_log_and_loses_nothing() {
    let (dir, key) = (tempfile::tempdir().unwrap(), TestKey::new());
    let log = key.create(dir.path());
    for i in 0..10 {
        log.append(&entry(i)).unwrap();
    }
    log.sync_barrier().unwrap();
    log.shared.lock().active.replace_file(fs::File::open("/dev/null").unwrap());
    assert!(matches!(log.append(&entry(10)), Err(Failure::Stopped(_))));
    assert!(matches!(log.append_durable(&entry(11)), Err(Failure::Stopped(_))));
    assert!(matches!(log.append_change(&entry(12).to_leaf()), Err(Failure::Stopped(_))));
    assert!(matches!(log.status().failure, Some(Failure::Stopped(_))));
    assert!(log.close().is_err());
    let (log, recovered) = key.open(dir.path());
    assert_eq!(recovered.next_index, 10);
    log.append(&entry(10)).unwrap();
    log.close().unwrap();
    assert_sound(dir.path(), &key);
}

/// A log that syncs only what it is asked for.
fn lazy_log(key: &TestKey, dir: &Path) -> Log {
    let lazy = Options { sync_interval: NEVER, checkpoint_interval: NEVER, ..options() };
    Log::create(dir, key.key(), ORIGIN, lazy).unwrap()
}

/// How many entries are in the file of the journal.
fn in_the_file(dir: &Path) -> usize {
    let bytes = fs::read(dir.join("journal").join(format!("{:020}", 0))).unwrap();
    journal::frames(&bytes, 0, 0).0.len()
}

#[test]
fn entries_that_wait_are_written_together_when_the_first_of_them_is_asked_for() {
    let (dir, key) = (tempfile::tempdir().unwrap(), TestKey::new());
    let log = lazy_log(&key, dir.path());
    let places: Vec<_> = (0..3).map(|i| log.enter(&entry(i)).unwrap()).collect();
    assert_eq!(in_the_file(dir.path()), 0);
    log.write(places[0]).unwrap();
    assert_eq!(in_the_file(dir.path()), 3);
    // Those that are written need nothing more, and whatever comes is behind them.
    log.enter(&entry(3)).unwrap();
    log.write(places[2]).unwrap();
    assert_eq!(in_the_file(dir.path()), 3);
    log.append(&entry(4)).unwrap();
    assert_eq!(in_the_file(dir.path()), 5);
    log.close().unwrap();
    assert_sound(dir.path(), &key);
}

#[test]
fn what_waits_to_be_written_is_part_of_the_next_sync_and_of_the_end() {
    let (dir, key) = (tempfile::tempdir().unwrap(), TestKey::new());
    let log = lazy_log(&key, dir.path());
    log.enter(&entry(0)).unwrap();
    log.sync_barrier().unwrap();
    assert_eq!((in_the_file(dir.path()), log.status().synced), (1, 1));
    log.enter(&entry(1)).unwrap();
    log.close().unwrap();
    assert_eq!(key.open(dir.path()).1.next_index, 2);
    assert_sound(dir.path(), &key);
}

#[test]
fn what_waits_to_be_written_fills_a_segment_before_the_next_begins() {
    let (dir, key) = (tempfile::tempdir().unwrap(), TestKey::new());
    let log = lazy_log(&key, dir.path());
    let segment = || log.shared.lock().active.first;
    let mut count = 0;
    while segment() == 0 {
        log.enter(&entry(count)).unwrap();
        count += 1;
    }
    assert_eq!((in_the_file(dir.path()) as u64, segment()), (count - 1, count - 1));
    log.close().unwrap();
    assert_eq!(key.open(dir.path()).1.next_index, count);
    assert_sound(dir.path(), &key);
}

#[test]
fn when_entries_cannot_be_written_all_who_wait_for_them_hear_of_it() {
    let (dir, key) = (tempfile::tempdir().unwrap(), TestKey::new());
    let log = lazy_log(&key, dir.path());
    let written = log.append(&entry(0)).unwrap();
    let places = [1, 2].map(|i| log.enter(&entry(i)).unwrap());
    log.shared.lock().active.replace_file(fs::File::open("/dev/null").unwrap());
    for place in places {
        assert!(matches!(log.write(place), Err(Failure::Stopped(_))));
    }
    assert_eq!(log.write(written), Ok(()));
    assert!(log.close().is_err());
    assert_eq!(key.open(dir.path()).1.next_index, 1);
}

#[test]
fn entries_that_fill_no_tile_wait_for_the_next_checkpoint_unless_they_are_asked_for() {
    let (dir, key) = (tempfile::tempdir().unwrap(), TestKey::new());
    key.filled(dir.path(), 10);
    let folder = Folder::new(dir.path());
    let checkpoint = folder.checkpoint(&key.verifier()).unwrap();
    let tree = recover::read_tree(&folder, &checkpoint).unwrap();
    let mut publisher = publish::Publisher::new(folder, key.key(), key.verifier(), tree);
    let add = |publisher: &mut publish::Publisher, range: std::ops::Range<u64>| {
        let frames: Vec<_> =
            range.map(|i| Frame::new(false, |to| entry(i).write_leaf(to))).collect();
        publisher.add(frames.iter().map(Frame::leaf).collect());
    };
    add(&mut publisher, 10..5000);
    add(&mut publisher, 5000..9000);
    assert_eq!(publisher.publish(false).unwrap().size, 8960);
    // They are few now.
    assert_eq!(publisher.publish(false).unwrap().size, 9000);
    add(&mut publisher, 9000..20_001);
    assert_eq!(publisher.publish(true).unwrap().size, 20_001);
    assert_sound(dir.path(), &key);
}

#[test]
fn a_failed_sync_breaks_the_tickets_and_is_not_tried_again() {
    let (dir, key) = (tempfile::tempdir().unwrap(), TestKey::new());
    let log = key.create(dir.path());
    // The null device takes any write and refuses to be synced.
    let null = fs::File::options().read(true).write(true).open("/dev/null").unwrap();
    log.shared.lock().active.replace_file(null);
    let ticket = log.append_durable(&entry(0)).unwrap();
    assert!(matches!(ticket.wait(), Err(Failure::Stopped(_))));
    assert!(matches!(log.append(&entry(1)), Err(Failure::Stopped(_))));
    assert!(log.sync_barrier().is_err());
    assert!(log.checkpoint_barrier().is_err());
    assert_eq!((log.status().synced, log.status().checkpoint), (0, 0));
    drop(log);
    assert_sound(dir.path(), &key);
}

#[test]
fn a_full_disk_refuses_entries_whole_and_is_left_behind() {
    let (dir, key) = (tempfile::tempdir().unwrap(), TestKey::new());
    let log = key.create(dir.path());
    let spare = dir.path().join("journal/spare");
    while !matches!(log.shared.lock().spare, Spare::Ready(_)) {
        std::thread::yield_now();
    }
    {
        let mut state = log.shared.lock();
        fs::remove_file(&spare).unwrap();
        std::os::unix::fs::symlink("/dev/full", &spare).unwrap();
        state.spare = Spare::Failed(Failure::Full);
    }
    let mut count = 0;
    let failure = loop {
        match log.append(&entry(count)) {
            Ok(_) => count += 1,
            Err(failure) => break failure,
        }
    };
    assert_eq!(failure, Failure::Full);
    assert_eq!(log.append_durable(&entry(count)).map(drop), Err(Failure::Full));
    assert_eq!(log.status().failure, Some(Failure::Full));
    log.sync_barrier().unwrap();
    fs::remove_file(&spare).unwrap();
    // No retry by us: the log finds the room by itself.
    while log.append(&entry(count)).is_err() {
        std::thread::yield_now();
    }
    assert_eq!(log.status().next_index, count + 1);
    log.close().unwrap();
    assert_sound(dir.path(), &key);
}

#[test]
fn what_was_changed_between_memory_and_disk_is_not_signed() {
    let (dir, key) = (tempfile::tempdir().unwrap(), TestKey::new());
    key.filled(dir.path(), 10);
    let folder = Folder::new(dir.path());
    let before = folder.checkpoint(&key.verifier()).unwrap();
    let tree = recover::read_tree(&folder, &before).unwrap();
    let mut publisher = publish::Publisher::new(folder.clone(), key.key(), key.verifier(), tree);
    let mut frame = Frame::new(false, |to| entry(10).write_leaf(to));
    frame.hash[0] ^= 1;
    publisher.add([frame.leaf()].into_iter().collect());
    assert!(matches!(publisher.publish(true), Err(Failure::Damaged(_))));
    assert_eq!(folder.checkpoint(&key.verifier()), Ok(before));
}

#[test]
fn a_damaged_edge_and_an_older_checkpoint_are_refused_at_opening() {
    let (dir, key) = (tempfile::tempdir().unwrap(), TestKey::new());
    let log = key.create(dir.path());
    for i in 0..300 {
        log.append(&entry(i)).unwrap();
        if i == 100 {
            log.checkpoint_barrier().unwrap();
            fs::copy(dir.path().join("checkpoint"), dir.path().join("kept")).unwrap();
        }
    }
    log.close().unwrap();
    let refused =
        || matches!(Log::open(dir.path(), key.key(), ORIGIN, options()), Err(Failure::Damaged(_)));
    for name in ["tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"] {
        let path = dir.path().join(name);
        let bytes = fs::read(&path).unwrap();
        let mut edited = bytes.clone();
        edited[20] ^= 4;
        fs::write(&path, edited).unwrap();
        assert!(refused(), "{name}");
        fs::write(&path, bytes).unwrap();
    }
    let newest = fs::read(dir.path().join("checkpoint")).unwrap();
    fs::copy(dir.path().join("kept"), dir.path().join("checkpoint")).unwrap();
    for (_, path) in journal::segments(&dir.path().join("journal")).unwrap() {
        disk::remove_file(&path).unwrap();
    }
    assert!(refused(), "older checkpoint");
    fs::write(dir.path().join("checkpoint"), newest).unwrap();
    assert!(!refused());
}

#[test]
fn files_are_for_their_owner_only() {
    fn walk(dir: &Path, seen: &mut usize) {
        for item in fs::read_dir(dir).unwrap() {
            let (path, data) = item.map(|i| (i.path(), i.metadata().unwrap())).unwrap();
            *seen += 1;
            let expected = if data.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(data.permissions().mode() & 0o7777, expected, "{}", path.display());
            if data.is_dir() {
                walk(&path, seen);
            }
        }
    }
    let (dir, key) = (tempfile::tempdir().unwrap(), TestKey::new());
    let inner = dir.path().join("log");
    key.filled(&inner, 300);
    let mut seen = 0;
    walk(dir.path(), &mut seen);
    assert!(seen > 10);
}

/// What the kill test starts: appends until it is killed, and says so after each entry. Run as
/// a test of its own it has no folder, and does nothing.
#[test]
fn child_that_appends_until_it_is_killed() {
    let Some(dir) = std::env::args().skip_while(|arg| arg != "--nocapture").nth(1) else { return };
    let dir = Path::new(&dir);
    let key = TestKey::of_bytes(fs::read(dir.join("key")).unwrap());
    let (log, recovered) = key.open(&dir.join("log"));
    for i in recovered.next_index.. {
        let position = match i % 7 {
            0 => log.append_change(&entry(i).to_leaf()).unwrap(),
            1 if i % 5 == 0 => log.append_durable(&entry(i)).unwrap().wait().unwrap(),
            _ => log.append(&entry(i)).unwrap(),
        };
        assert_eq!(position.index, i);
        println!("acknowledged {i}");
    }
}

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let (dir, key) = (tempfile::tempdir().unwrap(), TestKey::new());
    let folder = dir.path().join("log");
    fs::write(dir.path().join("key"), key.bytes()).unwrap();
    key.create(&folder).close().unwrap();
    let mut numbers = Numbers(41);
    let mut settled = 0;
    for cycle in 0..50 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "log::tests::child_that_appends_until_it_is_killed"])
            .arg("--nocapture")
            .arg(dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let wanted = 1 + numbers.below(400);
        let index = |line: std::io::Result<String>| {
            line.ok()?.strip_prefix("acknowledged ")?.parse::<u64>().ok()
        };
        let mut last = lines.by_ref().filter_map(index).take(wanted as usize).last();
        child.kill().unwrap();
        child.wait().unwrap();
        last = lines.filter_map(index).last().or(last);
        let last = last.unwrap();

        let (log, recovered) = key.open(&folder);
        assert!(recovered.next_index > last, "{} is gone in cycle {cycle}", last);
        let changes = (settled..=last).filter(|i| i % 7 == 0);
        assert!(changes.clone().all(|i| recovered.recent_ids.contains(&entry(i).id)));
        if cycle % 3 == 0 {
            settled = recovered.next_index;
            log.settled_through(settled);
        }
        log.close().unwrap();
    }
    let (log, recovered) = key.open(&folder);
    let read = log.read(0, usize::MAX).unwrap();
    assert_eq!(read.len() as u64, recovered.next_index);
    assert!(read.iter().all(|(index, read)| *read == entry(*index)));
    drop(log);
    assert_sound(&folder, &key);
}

#[test]
fn a_log_is_verified_while_it_is_written() {
    let (dir, key) = (tempfile::tempdir().unwrap(), TestKey::new());
    let log = key.create(dir.path());
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| (0..6000).try_for_each(|i| log.append(&entry(i)).map(drop)));
        while !writer.is_finished() {
            assert_sound(dir.path(), &key);
        }
        assert_eq!(writer.join().unwrap(), Ok(()));
    });
}
