//! The publishing thread: prepares segments, writes bundles and tiles, signs checkpoints, and
//! drops segments that have served.

use std::sync::{MutexGuard, PoisonError};

use crypto::log_key::LogKey;

use super::{Shared, Spare, State, StopOnPanic};
use crate::{
    Checkpoint, Failure, Folder, VerifierKey, disk,
    disk::Batch,
    journal::{Leaves, Segment},
    merkle::{Hash, Range, leaf_hash, root_of},
    tiles::{self, Edge, WIDTH, bundle_path, tile_path},
};

/// As many synced entries as are published without waiting for the interval.
const MANY: u64 = 8192;

/// The tree up to the checkpoint, and the entries that are to be added to it.
pub(super) struct Publisher {
    folder: Folder,
    key: LogKey,
    verifier: VerifierKey,
    tree: Tree,
    work: Vec<Leaves>,
    batch: Batch,
}

/// The tree, the bundle that is not full, and what the files say of the full ones.
#[derive(Clone)]
pub(super) struct Tree {
    pub(super) edge: Edge,
    /// The tree above the full tiles of leaves, made of their roots as they were read back.
    pub(super) read: Range,
    pub(super) bundle: Vec<u8>,
}

impl Publisher {
    /// Goes on from the tree of the last checkpoint.
    pub(super) fn new(folder: Folder, key: LogKey, verifier: VerifierKey, tree: Tree) -> Self {
        let batch = Batch::within(folder.dir());
        Self { folder, key, verifier, tree, work: Vec::new(), batch }
    }

    /// Adds entries, in the order of their indexes.
    pub(super) fn add(&mut self, leaves: Leaves) {
        self.work.push(leaves);
    }

    /// Writes what has been added, reads it back, and signs and replaces the checkpoint. The
    /// entries must be durable in the journal, or else be known to nobody yet.
    ///
    /// Unless `all` are wanted, those that fill no tile wait for the next time, if others fill one:
    /// they would be written in files that soon go, and a file system takes the longer to make a
    /// file the more of them have just gone.
    ///
    /// On failure the checkpoint is as it was, and the same can be tried again.
    pub(super) fn publish(&mut self, all: bool) -> Result<Checkpoint, Failure> {
        let mut tree = self.tree.clone();
        let count = self.count(all);
        let mut files = Files { folder: &self.folder, batch: &mut self.batch };
        let mut full = Vec::new();
        for leaf in self.work.iter().flat_map(Leaves::iter).take(count) {
            tiles::push_entry(&mut tree.bundle, leaf.bytes);
            for tile in tree.edge.push(leaf.hash) {
                if tile.level == 0 {
                    files.write_bundle(tile.index, &tile.hashes, &tree.bundle)?;
                    tree.bundle.clear();
                }
                let read = files.write_tile(tile.level, tile.index, &tile.hashes, tile.root)?;
                if tile.level == 0 {
                    tree.read.push(read);
                }
                full.push((tile.level, tile.index));
            }
        }
        for (level, index, hashes) in tree.edge.partial() {
            if level == 0 {
                files.write_bundle(index, hashes, &tree.bundle)?;
            }
            files.write_tile(level, index, hashes, root_of(hashes).unwrap_or_default())?;
        }
        if tree.edge.above() != tree.read {
            return Err(Failure::damaged("the tree is not that of its tiles"));
        }
        self.batch.sync()?;

        let (size, root) = (tree.edge.size(), tree.edge.range().root());
        let checkpoint = Checkpoint::sign(&self.key, &self.verifier, size, root)?;
        if self.verifier.open(&checkpoint.signed).as_ref() != Some(&checkpoint) {
            return Err(Failure::damaged("the signing key makes signatures that do not verify"));
        }
        write_checkpoint(&self.folder, &checkpoint)?;
        self.tree = tree;
        let rest: Leaves = self.work.iter().flat_map(Leaves::iter).skip(count).collect();
        self.work = if rest.is_empty() { Vec::new() } else { vec![rest] };
        self.drop_partial(&full);
        Ok(checkpoint)
    }

    /// How many of the entries go into the next checkpoint.
    fn count(&self, all: bool) -> usize {
        let waiting: usize = self.work.iter().map(Leaves::len).sum();
        let size = self.tree.edge.size() + waiting as u64;
        let beyond = (size % WIDTH) as usize;
        if all || waiting <= beyond { waiting } else { waiting - beyond }
    }

    /// Removes the partial forms of tiles that are full now. What cannot be removed is in
    /// nobody's way.
    fn drop_partial(&self, full: &[(usize, u64)]) {
        for &(level, index) in full {
            let path = self.folder.path(tile_path(level, index, WIDTH));
            let _ = disk::remove_dir(&path.with_added_extension("p"));
            if level == 0 {
                let path = self.folder.path(bundle_path(index, WIDTH));
                let _ = disk::remove_dir(&path.with_added_extension("p"));
            }
        }
    }
}

/// Writes the files of the tree. Each is read back and recomputed: nothing is signed that went
/// wrong between the moment an entry was hashed and the moment it reached its file.
struct Files<'a> {
    folder: &'a Folder,
    batch: &'a mut Batch,
}

impl Files<'_> {
    /// Writes a bundle of the entries that have these hashes.
    fn write_bundle(&mut self, index: u64, hashes: &[Hash], bundle: &[u8]) -> Result<(), Failure> {
        let path = self.folder.path(bundle_path(index, hashes.len() as u64));
        self.batch.write_known(&path, bundle, |read| {
            let (leaves, is_whole) = tiles::entries(read);
            is_whole && leaves.iter().map(|leaf| leaf_hash(leaf)).eq(hashes.iter().copied())
        })
    }

    /// Writes a tile of this root, and gives the root of what was read back, which is the same.
    fn write_tile(
        &mut self,
        level: usize,
        index: u64,
        hashes: &[Hash],
        root: Hash,
    ) -> Result<Hash, Failure> {
        let path = self.folder.path(tile_path(level, index, hashes.len() as u64));
        let mut found = None;
        self.batch.write_known(&path, hashes.as_flattened(), |read| {
            found = root_of(read.as_chunks().0);
            found == Some(root)
        })?;
        Ok(found.unwrap_or(root))
    }
}

/// Replaces the checkpoint durably.
pub(super) fn write_checkpoint(folder: &Folder, checkpoint: &Checkpoint) -> Result<(), Failure> {
    let mut batch = Batch::within(folder.dir());
    batch.write(&folder.path("checkpoint"), checkpoint.signed.as_bytes())?;
    batch.sync()
}

/// Publishes until the log is closed or stops.
pub(super) fn run(shared: &Shared, mut publisher: Publisher) {
    let _guard = StopOnPanic(shared);
    loop {
        let (mut state, is_due) = shared.work_to_publish(!publisher.work.is_empty());
        if state.stopped.is_some() {
            break;
        }
        let ending = shared.finished(&state);
        let all = ending || is_due || state.checkpoint_wanted > state.checkpoint;
        std::mem::take(&mut state.ready).into_iter().for_each(|leaves| publisher.add(leaves));
        state.taken = state.synced;
        let prepares = !matches!(state.spare, Spare::Ready(_)) && !state.closing;
        drop(state);

        if prepares {
            shared.prepare_spare();
        }
        if !publisher.work.is_empty() {
            let outcome = publisher.publish(all);
            shared.published(outcome);
        }
        shared.drop_segments();
        if ending {
            break;
        }
    }
}

impl Shared {
    /// All that will ever be appended is synced.
    fn finished(&self, state: &State) -> bool {
        state.closing && state.next == state.synced
    }

    /// Waits until there is something to do, and then, if it can wait, the interval. Tells whether
    /// it has waited for all of that.
    fn work_to_publish(&self, left_over: bool) -> (MutexGuard<'_, State>, bool) {
        let must =
            |state: &State| state.stopped.is_some() || self.finished(state) || state.droppable();
        let spare_wanted = |state: &State| matches!(state.spare, Spare::Wanted) && !state.closing;
        let idle = |state: &mut State| {
            let entries = left_over || state.taken < state.synced;
            let spare = matches!(state.spare, Spare::Ready(_)) || state.closing;
            !entries && spare && !must(state)
        };
        let lazy = |state: &mut State| {
            let asked = state.checkpoint_wanted > state.checkpoint;
            let many = state.synced - state.taken >= MANY;
            !asked && !many && !spare_wanted(state) && !must(state)
        };
        let state = self.to_publish.wait_while(self.lock(), idle);
        let state = state.unwrap_or_else(PoisonError::into_inner);
        let (state, waited) = self
            .to_publish
            .wait_timeout_while(state, self.options.checkpoint_interval, lazy)
            .unwrap_or_else(PoisonError::into_inner);
        (state, waited.timed_out())
    }

    /// Prepares the next segment. What passes is tried again later; anything else stops
    /// the log.
    fn prepare_spare(&self) {
        let prepared = Segment::prepare(&self.folder.journal(), self.options.segment_bytes);
        let mut state = self.lock();
        match prepared {
            Ok(file) => state.spare = Spare::Ready(file),
            Err(failure) if failure.is_passing() => state.spare = Spare::Failed(failure),
            Err(failure) => {
                self.stop(state, &failure);
                return;
            }
        }
        drop(state);
        self.progress.notify_all();
    }

    /// Takes note of a checkpoint, or of why there is none.
    fn published(&self, outcome: Result<Checkpoint, Failure>) {
        let mut state = self.lock();
        match outcome {
            Ok(checkpoint) => {
                state.checkpoint = checkpoint.size;
                state.publish_failure = None;
            }
            // The entries are safe in the journal, and the next attempt writes new files.
            Err(failure) if failure.is_passing() => {
                state.publish_failure = Some(failure);
                state.checkpoint_wanted = 0;
            }
            Err(failure) => {
                self.stop(state, &failure);
                return;
            }
        }
        drop(state);
        self.progress.notify_all();
    }

    /// Removes the segments that nothing needs any more.
    fn drop_segments(&self) {
        loop {
            let mut state = self.lock();
            if !state.droppable() {
                return;
            }
            let oldest = state.older.pop_front();
            drop(state);
            if let Some(segment) = oldest {
                // One that cannot be removed is found, and known to be covered, at the next open.
                let _ = disk::remove_file(segment.path());
            }
        }
    }
}
