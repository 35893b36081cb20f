//! Making a log, and opening one after whatever happened to it.

use std::{
    collections::{HashSet, VecDeque},
    fs::TryLockError,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, atomic::AtomicU64},
    thread,
};

use crypto::log_key::LogKey;

use super::{
    Log, Options, Recovered, Shared, Spare, State,
    publish::{self, Publisher, Tree, write_checkpoint},
    sync,
};
use crate::{
    Checkpoint, EntryId, Failure, Folder, VerifierKey,
    disk::{self, Batch, File},
    entry::entry_id,
    journal::{self, FRAME_HEAD, Frame, Leaves, Segment},
    merkle::{Range, empty_root, leaf_hash},
    tiles::{self, Edge, WIDTH},
};

/// See [`Log::create`].
pub(super) fn create(
    dir: &Path,
    key: LogKey,
    origin: &str,
    options: Options,
) -> Result<Log, Failure> {
    let verifier = VerifierKey::new(origin, key.public())?;
    disk::create_dirs(dir)?;
    if disk::list(dir)?.is_some_and(|names| !names.is_empty()) {
        return Err(Failure::NotEmpty(dir.display().to_string().into()));
    }
    let folder = Folder::new(dir);
    let lock = lock(dir)?;
    let mut batch = Batch::within(dir);
    batch.create_dir(&folder.journal())?;
    batch.sync()?;
    write_checkpoint(&folder, &Checkpoint::sign(&key, &verifier, 0, empty_root())?)?;
    let tree = Tree { edge: Edge::default(), read: Range::default(), bundle: Vec::new() };
    let publisher = Publisher::new(folder.clone(), key, verifier.clone(), tree);
    start(Opened { folder, verifier, options, lock, next: 0, kept: VecDeque::new(), publisher })
}

/// See [`Log::open`].
pub(super) fn open(
    dir: &Path,
    key: LogKey,
    origin: &str,
    options: Options,
) -> Result<(Log, Recovered), Failure> {
    let verifier = VerifierKey::new(origin, key.public())?;
    let folder = Folder::new(dir);
    if !disk::exists(&folder.path("checkpoint"))? {
        return Err(Failure::NoLog(dir.display().to_string().into()));
    }
    let lock = lock(dir)?;
    let checkpoint = folder.checkpoint(&verifier)?;
    let tree = read_tree(&folder, &checkpoint)?;
    let replay = replay(&folder, checkpoint.size)?;

    let next = checkpoint.size + replay.frames.len() as u64;
    refuse_older_checkpoint(&folder, &checkpoint, &replay, next)?;
    let replayed = replay.frames.len() as u64;
    let mut publisher = Publisher::new(folder.clone(), key, verifier.clone(), tree);
    if replayed > 0 {
        preserve(&folder, &replay.uncovered)?;
        publisher.add(replay.frames.iter().map(Frame::leaf).collect());
        publisher.publish(true)?;
    } else {
        // Its name may be in memory only, and what it covers is about to leave the journal.
        write_checkpoint(&folder, &checkpoint)?;
    }
    // From here on the tree has every entry. Segments stay for their names, which say from
    // where on changes may be unsettled.
    let kept = keep_segments(&folder, next, &replay.segments)?;
    let recovered = Recovered {
        next_index: next,
        recent_ids: replay.recent_ids,
        replayed,
        dropped_bytes: replay.dropped_bytes,
    };
    let log = start(Opened { folder, verifier, options, lock, next, kept, publisher })?;
    Ok((log, recovered))
}

/// Makes this process the only writer.
fn lock(dir: &Path) -> Result<File, Failure> {
    let path = dir.join("lock");
    let file = File::create(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Failure::InUse(dir.display().to_string().into())),
        Err(TryLockError::Error(error)) => Err(Failure::io("lock", &path, &error)),
    }
}

/// Reads the right edge of the tree and recomputes its root, which must be the signed one.
pub(super) fn read_tree(folder: &Folder, checkpoint: &Checkpoint) -> Result<Tree, Failure> {
    let edge = folder.edge(checkpoint.size)?;
    if edge.range().root() != checkpoint.root {
        return Err(Failure::damaged(format!(
            "its tiles are not those of the signed checkpoint ({checkpoint})"
        )));
    }
    let (index, width) = (checkpoint.size / WIDTH, checkpoint.size % WIDTH);
    let mut bundle = Vec::new();
    if width > 0 {
        for leaf in covered(folder, index, width)? {
            tiles::push_entry(&mut bundle, &leaf);
        }
    }
    Ok(Tree { read: edge.above(), edge, bundle })
}

/// The leaves of a bundle, which must be those of the tree.
fn covered(folder: &Folder, index: u64, width: u64) -> Result<Vec<Vec<u8>>, Failure> {
    let leaves = folder.bundle(index, width)?;
    let hashes = folder.tile(0, index, width)?;
    match leaves.iter().zip(&hashes).position(|(leaf, hash)| leaf_hash(leaf) != *hash) {
        None => Ok(leaves),
        Some(at) => {
            let entry = index * WIDTH + at as u64;
            Err(Failure::damaged(format!("entry {entry} is not the one that was signed")))
        }
    }
}

/// What the journal has beyond the checkpoint.
struct Replay {
    frames: Vec<Frame>,
    recent_ids: HashSet<EntryId>,
    segments: Vec<(u64, PathBuf)>,
    /// The segments with these frames, without what was torn off.
    uncovered: Vec<(PathBuf, Vec<u8>)>,
    dropped_bytes: u64,
}

/// Reads the journal. What the checkpoint covers is taken from the bundles, which are verified,
/// and not from the segments; of those only the frames from `size` on matter.
fn replay(folder: &Folder, size: u64) -> Result<Replay, Failure> {
    let segments = journal::segments(&folder.journal())?;
    let begin = segments.first().map_or(size, |(first, _)| *first).min(size);
    let straddling = segments.iter().rfind(|(first, _)| *first <= size).map(|(first, _)| *first);
    let mut recent_ids = HashSet::new();
    let mut offset = 0;
    for number in begin / WIDTH..size.div_ceil(WIDTH) {
        let leaves = covered(folder, number, (size - number * WIDTH).min(WIDTH))?;
        for (index, leaf) in (number * WIDTH..).zip(&leaves) {
            if index >= begin {
                recent_ids.extend(entry_id(leaf));
            }
            if straddling.is_some_and(|first| index >= first) {
                offset += FRAME_HEAD + leaf.len();
            }
        }
    }
    let (mut frames, mut uncovered) = (Vec::<Frame>::new(), Vec::new());
    let mut dropped_bytes = 0;
    for (first, path) in segments.iter().filter(|(first, _)| Some(*first) >= straddling) {
        let next = size + frames.len() as u64;
        let mut bytes = disk::read(path)?.unwrap_or_default();
        let from = if Some(*first) == straddling { offset } else { 0 };
        if from == 0 && *first != next {
            dropped_bytes += journal::used(&bytes, 0);
            continue;
        }
        let (found, end) = journal::frames(&bytes, from, next);
        recent_ids.extend(found.iter().filter_map(Frame::id));
        dropped_bytes += journal::used(&bytes, end);
        if !found.is_empty() {
            bytes.truncate(end);
            uncovered.push((path.clone(), bytes));
        }
        frames.extend(found);
    }
    Ok(Replay { frames, recent_ids, segments, uncovered, dropped_bytes })
}

/// Writes segments anew, durably. What was read of them may be in memory only, after a process
/// that was killed or a sync that failed; and if the power went while they are published, there
/// would be tiles of entries that the journal does not have.
fn preserve(folder: &Folder, segments: &[(PathBuf, Vec<u8>)]) -> Result<(), Failure> {
    let mut batch = Batch::within(&folder.journal());
    segments.iter().try_for_each(|(path, bytes)| batch.write(path, bytes))?;
    batch.sync()
}

/// Refuses a folder in which the log once was longer than the journal and this checkpoint say:
/// going on would give indexes a second meaning. Entries reach the tiles only once they are
/// durable in the journal, so no crash leaves a folder like that.
fn refuse_older_checkpoint(
    folder: &Folder,
    checkpoint: &Checkpoint,
    replay: &Replay,
    next: u64,
) -> Result<(), Failure> {
    let gap = replay.segments.first().is_some_and(|(first, _)| *first > checkpoint.size);
    let index = next / WIDTH;
    let full = folder.path(tiles::bundle_path(index, WIDTH));
    let partial = full.with_added_extension("p");
    let longer = |name: &str| name.parse::<u64>().is_ok_and(|width| width > next % WIDTH);
    let names = disk::list(&partial)?.unwrap_or_default();
    let beyond = names.iter().any(|name| name.to_str().is_some_and(longer));
    if gap || beyond || disk::exists(&full)? {
        return Err(Failure::damaged(format!(
            "there are entries after the {next} that the checkpoint and the journal account for; \
             an older checkpoint or journal was put in the place of the last one"
        )));
    }
    Ok(())
}

/// Removes segments without entries, and cuts what was torn off the last.
fn keep_segments(
    folder: &Folder,
    next: u64,
    segments: &[(u64, PathBuf)],
) -> Result<VecDeque<Segment>, Failure> {
    let mut kept = VecDeque::new();
    for (at, (first, path)) in segments.iter().enumerate() {
        if *first >= next {
            disk::remove_file(path)?;
            continue;
        }
        let end = segments.get(at + 1).map_or(next, |(first, _)| (*first).min(next));
        // Nothing reads these frames again: the tree has the entries, durably.
        disk::empty(path)?;
        kept.push_back(Segment::kept(path, *first, end)?);
    }
    disk::sync_dir(&folder.journal())?;
    Ok(kept)
}

/// What a log is started with.
struct Opened {
    folder: Folder,
    verifier: VerifierKey,
    options: Options,
    lock: File,
    next: u64,
    kept: VecDeque<Segment>,
    publisher: Publisher,
}

/// Starts a segment and the threads.
fn start(opened: Opened) -> Result<Log, Failure> {
    let Opened { folder, verifier, options, lock, next, kept, publisher } = opened;
    let journal = folder.journal();
    let prepared = Segment::prepare(&journal, options.segment_bytes)?;
    let active = Segment::start(&journal, prepared, next, options.segment_bytes)?;
    let journal = File::open(&journal)?;
    journal.sync_names()?;
    let state = State {
        next,
        synced: next,
        taken: next,
        checkpoint: next,
        settled: 0,
        active,
        older: kept,
        unsynced: Vec::new(),
        new_name: false,
        spare: Spare::Wanted,
        pending: Leaves::default(),
        ready: Vec::new(),
        waiters: Vec::new(),
        untold: Vec::new(),
        sync_idle: false,
        checkpoint_wanted: 0,
        publish_failure: None,
        stopped: None,
        closing: false,
    };
    let shared = Arc::new(Shared {
        state: Mutex::new(state),
        written: AtomicU64::new(next),
        to_sync: Condvar::new(),
        to_publish: Condvar::new(),
        progress: Condvar::new(),
        receiver: Mutex::new(None),
        folder,
        journal,
        verifier,
        options,
        _lock: lock,
    });
    let mut log = Log { shared: Arc::clone(&shared), threads: Vec::new() };
    let spawn = |name: &str, run: Box<dyn FnOnce() + Send>| {
        let spawned = thread::Builder::new().name(name.to_owned()).spawn(run);
        spawned.map_err(|error| Failure::Io(format!("cannot start a thread: {error}").into()))
    };
    let syncing = Arc::clone(&shared);
    log.threads.push(spawn("audit-sync", Box::new(move || sync::run(&syncing)))?);
    log.threads.push(spawn("audit-publish", Box::new(move || publish::run(&shared, publisher)))?);
    Ok(log)
}
