//! The writer of the log, and the protocol by which nothing is lost, doubled or signed too early.
//!
//! 1. *Append.* Under one lock an entry gets its index and is put behind the others, so the order
//!    in the file is the order of the leaves. It is written at once, or ([`Log::enter`]) with all
//!    that wait to be written when the first of them asks for it ([`Log::write`]). From then on it
//!    survives `kill -9`.
//! 2. *Sync.* One thread syncs the journal at most `sync_interval` after an entry, or at once
//!    when someone holds a [`Ticket`]; all that was appended meanwhile shares that sync. Then
//!    tickets resolve and the receiver of [`Log::on_synced`] learns which changes are durable.
//! 3. *Checkpoint.* Another thread writes synced entries as bundles and tiles, syncs them, reads
//!    them back, recomputes their hashes, and only then signs and replaces the checkpoint.
//!
//! *Changes.* The entry of a change is committed with it, as a row of the store's outbox; then
//! [`Log::append_change`] appends it. When [`Log::on_synced`] has reported it, the row may be
//! removed, and when removals are durable, [`Log::settled_through`] says so. A journal segment is
//! dropped once the checkpoint covers all of it and its changes are settled. So after a crash,
//! the entry of any row left in the outbox is either lost to the log, or its index is not below
//! the first of the oldest segment: [`Recovered::recent_ids`] has every id from there on. The
//! engine appends the rows whose ids are not in it, removes all rows whose entries are synced, and
//! calls `settled_through`.
//!
//! *Failure.* If a write or a sync fails, the log stops until it is opened anew: after a failed
//! sync the kernel may show as clean what never reached the disk. Opening writes what the
//! checkpoint does not cover into new files and syncs those. A full disk is no such failure where
//! nothing was half done: the next segment cannot be prepared, so appending fails with
//! [`Failure::Full`] before anything is accepted, and goes on when there is room. Nor is it one that
//! no further file can be opened ([`Failure::TooManyFiles`]): what has to be synced is open already.

mod publish;
mod recover;
mod sync;
#[cfg(test)]
mod tests;

use std::{
    collections::{HashSet, VecDeque},
    fmt,
    path::Path,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Acquire, Ordering::Release},
    },
    thread::JoinHandle,
    time::Duration,
};

use crypto::log_key::LogKey;

use crate::{
    Entry, EntryId, Failure, Folder, Leaf, Position, Ticket, VerifierKey,
    disk::File,
    journal::{Frame, Leaves, Segment},
    ticket::Promise,
};

/// How the log works.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The longest an entry waits for its sync when nobody holds a ticket.
    pub sync_interval: Duration,
    /// The longest a synced entry waits for a checkpoint that covers it.
    pub checkpoint_interval: Duration,
    /// The size of a journal segment, in bytes.
    pub segment_bytes: u64,
}

impl Default for Options {
    /// 100 ms to a sync, 1 s to a checkpoint, 4 MiB a segment.
    fn default() -> Self {
        Self {
            sync_interval: Duration::from_millis(100),
            checkpoint_interval: Duration::from_secs(1),
            segment_bytes: 4 << 20,
        }
    }
}

/// What opening a log found.
#[derive(Clone, Debug)]
pub struct Recovered {
    /// The index that the next entry gets. Everything below is durable.
    pub next_index: u64,
    /// The ids of the entries whose changes may still stand in the store's outbox. An outbox row
    /// with one of these ids is in the log already, durably; any other is to be appended.
    pub recent_ids: HashSet<EntryId>,
    /// Entries that were in the journal and not yet covered by the checkpoint.
    pub replayed: u64,
    /// Bytes after the last whole entry: what was being written when the process or the machine
    /// stopped. They were never acknowledged as synced and are dropped.
    pub dropped_bytes: u64,
}

/// What has become durable: told to the receiver given to [`Log::on_synced`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Synced {
    /// Every entry with an index below this is on the disk. Once the outbox rows of `changes`,
    /// and of all news before, are durably gone, this is what `settled_through` is to be told.
    pub through: u64,
    /// The ids of the change entries that have become durable, in log order.
    pub changes: Vec<EntryId>,
}

/// How the log stands.
#[derive(Clone, Debug)]
pub struct Status {
    /// The index that the next entry gets.
    pub next_index: u64,
    /// Entries below this are on the disk.
    pub synced: u64,
    /// Entries below this are covered by the signed checkpoint.
    pub checkpoint: u64,
    /// Why the log accepts nothing, or signs nothing, if it does not.
    pub failure: Option<Failure>,
}

/// The log, open for writing. All methods may be called from any thread.
#[derive(Debug)]
pub struct Log {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

/// Who is told of changes that have become durable.
type Receiver = Box<dyn FnMut(Synced) + Send>;

/// What the threads of a log share.
struct Shared {
    state: Mutex<State>,
    /// Entries below this are in the files of the journal.
    written: AtomicU64,
    /// Wakes the syncing thread.
    to_sync: Condvar,
    /// Wakes the publishing thread.
    to_publish: Condvar,
    /// Wakes those who wait for a segment or a checkpoint.
    progress: Condvar,
    receiver: Mutex<Option<Receiver>>,
    folder: Folder,
    /// The journal's folder, open: a sync must not fail for want of a descriptor.
    journal: File,
    verifier: VerifierKey,
    options: Options,
    /// Held locked while the log is open, so that there is one writer.
    _lock: File,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// The file that becomes the next segment.
enum Spare {
    /// To be prepared by the publishing thread.
    Wanted,
    /// Prepared.
    Ready(File),
    /// It could not be prepared; tried again at intervals.
    Failed(Failure),
}

struct State {
    next: u64,
    synced: u64,
    /// Entries below this have been taken over by the publishing thread.
    taken: u64,
    checkpoint: u64,
    settled: u64,
    active: Segment,
    /// Earlier segments, oldest first.
    older: VecDeque<Segment>,
    /// Earlier segments' files with entries that are not synced.
    unsynced: Vec<Arc<File>>,
    /// Whether the journal has a name that is not synced.
    new_name: bool,
    spare: Spare,
    /// What was appended since the last sync began.
    pending: Leaves,
    /// What is synced and not taken over: the entries of `taken..synced`.
    ready: Vec<Leaves>,
    /// Those who wait for a sync, by the index they wait for.
    waiters: Vec<(u64, Arc<Promise>)>,
    /// Changes that are durable and have not been told.
    untold: Vec<EntryId>,
    /// Whether the syncing thread sleeps until there is an entry.
    sync_idle: bool,
    /// The index below which someone waits for a checkpoint.
    checkpoint_wanted: u64,
    /// What the publishing thread last failed with, while it tries again.
    publish_failure: Option<Failure>,
    stopped: Option<Failure>,
    closing: bool,
}

impl State {
    /// Stops the log. The promises returned are to be broken after the lock is released.
    #[must_use]
    fn stop(&mut self, why: &Failure) -> Vec<(u64, Arc<Promise>)> {
        if self.stopped.is_none() {
            self.stopped = Some(match why {
                Failure::Stopped(_) => why.clone(),
                _ => Failure::Stopped(why.to_string().into()),
            });
        }
        std::mem::take(&mut self.waiters)
    }

    /// The failure that an append meets, if any.
    fn accepting(&self) -> Result<(), Failure> {
        match &self.stopped {
            Some(stopped) => Err(stopped.clone()),
            None if self.closing => Err(Failure::Closed),
            None => Ok(()),
        }
    }

    /// The oldest segment can be dropped: the checkpoint covers it and its changes are settled.
    fn droppable(&self) -> bool {
        let Some(oldest) = self.older.front() else { return false };
        let end = self.older.get(1).unwrap_or(&self.active).first;
        end <= self.checkpoint && oldest.changes_end <= self.settled
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // A thread that panics under the lock stops the log (`StopOnPanic`) or leaves the state
        // as it was before its entry; either way the state is sound.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops the log and wakes everyone who would wait for it.
    fn stop(&self, mut state: MutexGuard<'_, State>, why: &Failure) -> Failure {
        let broken = state.stop(why);
        let stopped = state.stopped.clone().unwrap_or(Failure::Closed);
        drop(state);
        self.to_sync.notify_all();
        self.to_publish.notify_all();
        self.progress.notify_all();
        for (_, promise) in broken {
            promise.keep(Err(stopped.clone()));
        }
        stopped
    }

    /// Assigns the next index to a frame and writes it to the journal.
    fn append(&self, frame: Frame) -> Result<Position, Failure> {
        let position = self.enter(frame)?;
        self.write(position)?;
        Ok(position)
    }

    /// Writes the entry at `position`, unless it is written, and all others that wait.
    fn write(&self, position: Position) -> Result<(), Failure> {
        if position.index < self.written.load(Acquire) {
            return Ok(());
        }
        let state = self.lock();
        if position.index < self.written.load(Acquire) {
            return Ok(());
        }
        if let Some(stopped) = &state.stopped {
            return Err(stopped.clone());
        }
        self.write_waiting(state).map(drop)
    }

    /// Writes the entries that wait to be written. If that fails, the log stops before anybody else
    /// comes to it.
    fn write_waiting<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
    ) -> Result<MutexGuard<'a, State>, Failure> {
        match state.active.write() {
            Ok(()) => {
                self.written.store(state.next, Release);
                Ok(state)
            }
            Err(failure) => Err(self.stop(state, &failure)),
        }
    }

    /// Assigns the next index to a frame and puts it behind the others.
    fn enter(&self, mut frame: Frame) -> Result<Position, Failure> {
        let mut state = self.lock();
        state.accepting()?;
        while !state.active.fits(frame.len()) {
            state = self.next_segment(state)?;
        }
        let index = state.next;
        state.active.put(frame.seal(index));
        state.next += 1;
        if frame.change {
            state.active.changes_end = state.next;
        }
        state.pending.push(frame.leaf());
        if std::mem::take(&mut state.sync_idle) {
            self.to_sync.notify_one();
        }
        Ok(Position { index })
    }

    /// Puts the spare segment in the place of the full one, waiting for it if need be.
    fn next_segment<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
    ) -> Result<MutexGuard<'a, State>, Failure> {
        match std::mem::replace(&mut state.spare, Spare::Wanted) {
            Spare::Ready(file) => {
                let (first, capacity) = (state.next, self.options.segment_bytes);
                state = self.write_waiting(state)?;
                match Segment::start(&self.folder.journal(), file, first, capacity) {
                    Ok(segment) => {
                        let mut full = std::mem::replace(&mut state.active, segment);
                        full.end();
                        let file = full.file();
                        state.unsynced.push(file);
                        state.older.push_back(full);
                        state.new_name = true;
                    }
                    Err(failure) => return Err(self.stop(state, &failure)),
                }
                self.to_publish.notify_one();
            }
            Spare::Wanted => {
                self.to_publish.notify_one();
                state = self.progress.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            Spare::Failed(failure) => {
                state.spare = Spare::Failed(failure.clone());
                return Err(failure);
            }
        }
        state.accepting()?;
        Ok(state)
    }
}

impl Log {
    /// Makes a new log in a folder that is empty or does not exist, and signs the checkpoint of
    /// no entries.
    ///
    /// [`Failure::NotEmpty`] when there is anything in the folder; [`Failure::Origin`] when
    /// `origin` cannot be a log's name.
    pub fn create(
        dir: &Path,
        key: LogKey,
        origin: &str,
        options: Options,
    ) -> Result<Self, Failure> {
        recover::create(dir, key, origin, options)
    }

    /// Opens a log: verifies its checkpoint and right edge, replays its journal, and signs a
    /// checkpoint of all that was found.
    ///
    /// [`Failure::NoLog`], [`Failure::InUse`], [`Failure::Damaged`] when the checkpoint is not
    /// signed with `key` or the tree on disk is not the one it speaks of.
    pub fn open(
        dir: &Path,
        key: LogKey,
        origin: &str,
        options: Options,
    ) -> Result<(Self, Recovered), Failure> {
        recover::open(dir, key, origin, options)
    }

    /// Appends an entry of a use. When this returns, the entry survives `kill -9`, and within
    /// the sync interval a power cut.
    ///
    /// On failure nothing was recorded, so what the entry speaks of must not happen.
    pub fn append(&self, entry: &impl Leaf) -> Result<Position, Failure> {
        self.shared.append(Frame::new(false, |to| entry.write_leaf(to)))
    }

    /// Gives an entry of a use its place. It is written by [`Log::write`], of it or of a later
    /// one, or else with the next sync; until then what it speaks of must not be answered.
    ///
    /// On failure nothing was recorded, so what the entry speaks of must not happen.
    pub fn enter(&self, entry: &impl Leaf) -> Result<Position, Failure> {
        self.shared.enter(Frame::new(false, |to| entry.write_leaf(to)))
    }

    /// Writes the entry at `position`, and all others that wait to be written. When this returns,
    /// it survives `kill -9`, and within the sync interval a power cut.
    pub fn write(&self, position: Position) -> Result<(), Failure> {
        self.shared.write(position)
    }

    /// Appends an entry of a use; the ticket resolves once it is synced.
    pub fn append_durable(&self, entry: &impl Leaf) -> Result<Ticket, Failure> {
        self.append(entry).map(|position| self.synced(position))
    }

    /// Appends an entry that was made before ([`Leaf::to_leaf`]).
    pub fn append_leaf(&self, leaf: &[u8]) -> Result<Position, Failure> {
        Entry::from_leaf(leaf).map_err(|_| Failure::NotAnEntry)?;
        self.shared.append(Frame::new(false, |to| to.fixed(leaf)))
    }

    /// Appends the entry of a change whose outbox row, with these bytes ([`Leaf::to_leaf`]), is
    /// committed in the store.
    ///
    /// On failure the row stays in the outbox, and is appended after the log is opened again.
    pub fn append_change(&self, leaf: &[u8]) -> Result<Position, Failure> {
        Entry::from_leaf(leaf).map_err(|_| Failure::NotAnEntry)?;
        self.shared.append(Frame::new(true, |to| to.fixed(leaf)))
    }

    /// A ticket that resolves once the entry at `position` is synced.
    pub fn synced(&self, position: Position) -> Ticket {
        let (ticket, promise) = Ticket::new(position);
        let mut state = self.shared.lock();
        let outcome = if position.index < state.synced {
            Ok(())
        } else if position.index >= state.next {
            Err(Failure::OutOfRange)
        } else if let Some(stopped) = &state.stopped {
            Err(stopped.clone())
        } else {
            state.waiters.push((position.index, promise));
            if state.waiters.len() == 1 {
                self.shared.to_sync.notify_one();
            }
            return ticket;
        };
        drop(state);
        promise.keep(outcome);
        ticket
    }

    /// Sets who is told of change entries that have become durable, those included that became
    /// so before this call (of which it is told within this call). Later it is called on the
    /// syncing thread, so it must hand the news over and return.
    pub fn on_synced(&self, receiver: impl FnMut(Synced) + Send + 'static) {
        let mut place = self.shared.receiver.lock().unwrap_or_else(PoisonError::into_inner);
        *place = Some(Box::new(receiver));
        drop(place);
        self.shared.tell();
    }

    /// Tells the log that the outbox rows of all change entries below `index` are durably gone.
    pub fn settled_through(&self, index: u64) {
        let mut state = self.shared.lock();
        state.settled = state.settled.max(index);
        if state.droppable() {
            self.shared.to_publish.notify_one();
        }
    }

    /// Blocks until everything appended before this call is synced.
    pub fn sync_barrier(&self) -> Result<(), Failure> {
        let next = self.shared.lock().next;
        match next.checked_sub(1) {
            Some(index) => self.synced(Position { index }).wait().map(|_| ()),
            None => Ok(()),
        }
    }

    /// Blocks until a signed checkpoint covers everything appended before this call.
    pub fn checkpoint_barrier(&self) -> Result<(), Failure> {
        self.sync_barrier()?;
        let mut state = self.shared.lock();
        let wanted = state.synced;
        state.checkpoint_wanted = state.checkpoint_wanted.max(wanted);
        state.publish_failure = None;
        self.shared.to_publish.notify_one();
        loop {
            if state.checkpoint >= wanted {
                return Ok(());
            }
            if let Some(failure) = state.stopped.as_ref().or(state.publish_failure.as_ref()) {
                return Err(failure.clone());
            }
            state = self.shared.progress.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// How the log stands now.
    pub fn status(&self) -> Status {
        let state = self.shared.lock();
        let spare = if let Spare::Failed(failure) = &state.spare { Some(failure) } else { None };
        let failure = state.stopped.as_ref().or(state.publish_failure.as_ref()).or(spare);
        Status {
            next_index: state.next,
            synced: state.synced,
            checkpoint: state.checkpoint,
            failure: failure.cloned(),
        }
    }

    /// At most `limit` entries with their indexes, from index `from` on, of those that the
    /// checkpoint covers.
    pub fn read(&self, from: u64, limit: usize) -> Result<Vec<(u64, Entry)>, Failure> {
        let size = self.shared.lock().checkpoint;
        self.shared.folder.entries(from, limit, size)
    }

    /// The folder, for proofs.
    pub fn folder(&self) -> &Folder {
        &self.shared.folder
    }

    /// What verifies this log's checkpoints.
    pub fn verifier(&self) -> &VerifierKey {
        &self.shared.verifier
    }

    /// Refuses further entries, syncs, and signs a last checkpoint.
    pub fn close(mut self) -> Result<(), Failure> {
        self.finish();
        let state = self.shared.lock();
        let failure = state.stopped.as_ref().or(state.publish_failure.as_ref());
        failure.cloned().map_or(Ok(()), Err)
    }

    fn finish(&mut self) {
        self.shared.lock().closing = true;
        self.shared.to_sync.notify_all();
        self.shared.to_publish.notify_all();
        self.shared.progress.notify_all();
        for thread in self.threads.drain(..) {
            // A thread that panicked has stopped the log; there is nothing to add.
            let _ = thread.join();
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Stops the log when the thread that holds it panics, so that nobody waits for ever.
struct StopOnPanic<'a>(&'a Shared);

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let why = Failure::Stopped("a thread of the log ended unexpectedly".into());
            self.0.stop(self.0.lock(), &why);
        }
    }
}
