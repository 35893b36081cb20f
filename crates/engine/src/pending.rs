//! A reply that is held back until what it rests on is recorded.

use std::{
    pin::Pin,
    sync::{Arc, Condvar, Mutex, PoisonError},
    task::{Context, Poll, Waker},
};

use audit::Position;
use model::{Error, Result};

use crate::{entry::STOPPED, open::Open, turn::Turn};

/// A reply, with the ticket of the commit or of the audit entry that it waits for.
///
/// A future that gives the reply once it may be given; or [`Pending::wait`] blocks for it.
#[must_use = "the reply is released only by its ticket"]
pub struct Pending<R> {
    reply: Option<R>,
    ticket: Ticket,
}

/// What a reply waits for.
pub(crate) enum Ticket {
    /// Nothing more: what it rests on is recorded.
    Recorded,
    /// The write that puts the entry into the log's file, with those of all who wait here.
    Entered { open: Arc<Open>, position: Position, turn: Turn },
    /// The commit of a change together with its entry.
    Commit(Arc<Commit>),
    /// The synchronisation of the log that covers the entry.
    Synced(audit::Ticket),
}

/// The outcome of a commit, once there is one.
#[derive(Default)]
pub(crate) struct Commit {
    state: Mutex<CommitState>,
    settled: Condvar,
}

#[derive(Default)]
struct CommitState {
    outcome: Option<Result<()>>,
    waker: Option<Waker>,
}

impl Commit {
    /// Says how it went, once.
    pub(crate) fn settle(&self, outcome: Result<()>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.outcome = Some(outcome);
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
        self.settled.notify_all();
    }

    fn poll(&self, context: &Context<'_>) -> Poll<Result<()>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.outcome.take() {
            Some(outcome) => Poll::Ready(outcome),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }

    fn wait(&self) -> Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match state.outcome.take() {
                Some(outcome) => return outcome,
                None => state = self.settled.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

/// An entry that cannot be written has not happened.
fn write(open: &Open, position: Position) -> Result<()> {
    open.log().write(position).map_err(|_| STOPPED)
}

impl<R> Pending<R> {
    pub(crate) fn new(reply: R, ticket: Ticket) -> Self {
        Self { reply: Some(reply), ticket }
    }

    /// Blocks until the reply may be given.
    pub fn wait(mut self) -> Result<R> {
        match self.ticket {
            Ticket::Recorded => {}
            Ticket::Entered { open, position, .. } => write(&open, position)?,
            Ticket::Commit(commit) => commit.wait()?,
            Ticket::Synced(ticket) => {
                ticket.wait().map_err(|_| STOPPED)?;
            }
        }
        self.reply.take().ok_or(Error::Internal("a reply was taken twice"))
    }
}

// Nothing in it is pinned: the reply is only moved out.
impl<R> Unpin for Pending<R> {}

impl<R> Future for Pending<R> {
    type Output = Result<R>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<R>> {
        let settled = match &mut self.ticket {
            Ticket::Recorded => Poll::Ready(Ok(())),
            Ticket::Entered { open, position, turn } => {
                Pin::new(turn).poll(context).map(|()| write(open, *position))
            }
            Ticket::Commit(commit) => commit.poll(context),
            Ticket::Synced(ticket) => {
                let synced = Pin::new(ticket).poll(context);
                synced.map(|outcome| outcome.map(|_| ()).map_err(|_| STOPPED))
            }
        };
        settled.map(|outcome| {
            outcome?;
            self.reply.take().ok_or(Error::Internal("a reply was taken twice"))
        })
    }
}
