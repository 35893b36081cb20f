//! The syncing thread: makes the journal durable and says so.

use std::sync::{Arc, MutexGuard, PoisonError};

use super::{Shared, State, StopOnPanic, Synced};
use crate::Failure;

/// Syncs until the log is closed or stops.
pub(super) fn run(shared: &Shared) {
    let _guard = StopOnPanic(shared);
    loop {
        let state = shared.work_to_sync();
        if state.stopped.is_some() || state.next == state.synced {
            break;
        }
        match shared.sync(state) {
            Ok(()) => shared.tell(),
            Err(failure) => {
                shared.stop(shared.lock(), &failure);
                break;
            }
        }
    }
}

impl Shared {
    /// Waits until it is time to sync, to end, or both.
    fn work_to_sync(&self) -> MutexGuard<'_, State> {
        let ending = |state: &State| state.closing || state.stopped.is_some();
        let mut state = self.lock();
        state = self
            .to_sync
            .wait_while(state, |state| {
                state.sync_idle = state.next == state.synced && !ending(state);
                state.sync_idle
            })
            .unwrap_or_else(PoisonError::into_inner);
        let lazy = |state: &mut State| state.waiters.is_empty() && !ending(state);
        self.to_sync
            .wait_timeout_while(state, self.options.sync_interval, lazy)
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }

    /// Syncs what has been appended by now. Appending goes on meanwhile.
    fn sync<'a>(&'a self, state: MutexGuard<'a, State>) -> Result<(), Failure> {
        let mut state = self.write_waiting(state)?;
        let target = state.next;
        let mut files = std::mem::take(&mut state.unsynced);
        files.push(state.active.file());
        let new_name = std::mem::take(&mut state.new_name);
        let leaves = std::mem::take(&mut state.pending);
        drop(state);

        if new_name {
            self.journal.sync_names()?;
        }
        for file in files {
            file.sync()?;
        }

        let changes = leaves.changes();
        let mut state = self.lock();
        state.untold.extend(changes);
        state.ready.push(leaves);
        state.synced = target;
        let mut kept = Vec::new();
        state.waiters.retain(|(index, promise)| {
            let waits = *index >= target;
            if !waits {
                kept.push(Arc::clone(promise));
            }
            waits
        });
        drop(state);
        self.to_publish.notify_one();
        for promise in kept {
            promise.keep(Ok(()));
        }
        Ok(())
    }

    /// Tells the receiver, if there is one, of changes that have become durable.
    pub(super) fn tell(&self) {
        let mut receiver = self.receiver.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(receiver) = receiver.as_mut() else { return };
        let mut state = self.lock();
        let news = Synced { through: state.synced, changes: std::mem::take(&mut state.untold) };
        drop(state);
        if !news.changes.is_empty() {
            receiver(news);
        }
    }
}
