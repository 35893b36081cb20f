//! A promise that an entry will be on the disk, kept by the syncing thread.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use crate::{Failure, Position};

/// Resolves once its entry is synced, or once it is certain that it will not be.
///
/// It is a future, and can also be waited for by a thread; both may be done from anywhere.
#[derive(Debug)]
pub struct Ticket {
    position: Position,
    promise: Arc<Promise>,
}

impl Ticket {
    /// A ticket, and the promise that its maker has to keep.
    pub(crate) fn new(position: Position) -> (Self, Arc<Promise>) {
        let promise = Arc::new(Promise::default());
        (Self { position, promise: Arc::clone(&promise) }, promise)
    }

    /// The position of the entry this is about.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Blocks until the entry is synced, or until it is certain that it will not be.
    pub fn wait(self) -> Result<Position, Failure> {
        let mut state = self.promise.state();
        loop {
            if let Some(outcome) = &state.outcome {
                return outcome.clone().map(|()| self.position);
            }
            state = self.promise.kept.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Future for Ticket {
    type Output = Result<Position, Failure>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.promise.state();
        if let Some(outcome) = &state.outcome {
            return Poll::Ready(outcome.clone().map(|()| self.position));
        }
        match &mut state.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Poll::Pending
    }
}

/// The maker's side of a ticket.
#[derive(Debug, Default)]
pub(crate) struct Promise {
    state: Mutex<State>,
    kept: Condvar,
}

#[derive(Debug, Default)]
struct State {
    outcome: Option<Result<(), Failure>>,
    waker: Option<Waker>,
}

impl Promise {
    /// Resolves the ticket. The first outcome stands.
    pub(crate) fn keep(&self, outcome: Result<(), Failure>) {
        let mut state = self.state();
        if state.outcome.is_none() {
            state.outcome = Some(outcome);
        }
        let waker = state.waker.take();
        drop(state);
        self.kept.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under this lock, so a poisoned state is a whole one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_resolves_once_whether_polled_or_waited_for() {
        let (ticket, promise) = Ticket::new(Position { index: 7 });
        let (second, other) = Ticket::new(Position { index: 8 });
        let mut pinned = Box::pin(ticket);
        let mut cx = Context::from_waker(Waker::noop());
        assert!(pinned.as_mut().poll(&mut cx).is_pending());
        promise.keep(Ok(()));
        promise.keep(Err(Failure::Closed));
        assert_eq!(pinned.as_mut().poll(&mut cx), Poll::Ready(Ok(Position { index: 7 })));

        let waiting = std::thread::spawn(move || second.wait());
        other.keep(Err(Failure::Closed));
        assert_eq!(waiting.join().unwrap(), Err(Failure::Closed));
    }
}
