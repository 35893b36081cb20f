//! How the asynchronous world calls: where an operation runs, and again when another change came
//! first. A convenience over [`Engine::call`], not a third way in.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Waker},
};

use model::{At, Error, PrincipalName, Result, error::Unavailable, limits};

use crate::{
    Engine,
    call::Mode,
    caller::Caller,
    gate::{Demand, Operation, Target, Weight},
    pending::Pending,
    room::Pace,
    together::Together,
};

/// Work for the pool. Who waits for it hears of it once what it gives is dropped.
pub type Job = Box<dyn FnOnce() -> Told + Send>;

/// Whom a job has answered, and who hears of it when this is dropped: so that several who are
/// answered by one thread soon after each other can be told together.
#[derive(Debug, Default)]
pub struct Told(Option<Waker>);

impl Told {
    /// Whoever this wakes.
    pub fn by(waker: Waker) -> Self {
        Self(Some(waker))
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        if let Some(waker) = self.0.take() {
            waker.wake();
        }
    }
}

/// The pool takes no more work for now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Full;

/// Which jobs wait for each other. Whoever fills one lane holds up no other.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Lane {
    /// What is done to the server itself: sealing it must not wait for its users.
    Server,
    /// Uses of keys that are not quick: up to milliseconds of processor time, or a read.
    Use,
    /// Changes, and what else waits for the store.
    Usual,
    /// Seconds: finding primes, stretching passwords. Here principals take turns, so that whoever
    /// asks for much waits for it alone.
    Slow(PrincipalName),
}

impl Lane {
    fn of<O: Operation>(operation: &O, caller: &Caller) -> Self {
        let server = |demand: &Demand| matches!(demand.target, Target::Server);
        match operation.demands() {
            Ok(demands) if demands.iter().any(server) => Self::Server,
            _ if operation.is_slow() => Self::Slow(caller.principal().clone()),
            _ if O::WEIGHT == Weight::Heavy => Self::Usual,
            _ => Self::Use,
        }
    }
}

/// A bounded pool of threads for what would hold up the threads that serve connections.
pub trait Offload: Send + Sync {
    /// Runs `job` on the pool, when its lane comes to it, or drops it when too much is waiting.
    fn offload(&self, lane: Lane, job: Job) -> std::result::Result<(), Full>;
}

/// Calls `operation` where its weight allows, waits for its ticket, and calls again when another
/// change came first. A server too busy to get to it, or where other changes always came first,
/// answers [`Unavailable::Overload`], and records that it did.
pub async fn perform<O: Operation>(
    engine: &Arc<Engine>,
    pool: &dyn Offload,
    caller: &Caller,
    operation: O,
    at: At,
    mode: Mode,
) -> Result<O::Reply> {
    if operation.may_be_quick() {
        // Nothing happened yet when it is not quick: then the pool has the time for it.
        let quick = match engine.call_at_pace(caller, &operation, at, mode, Pace::Quick) {
            Ok(pending) => pending.await,
            Err(error) => Err(error),
        };
        match quick {
            Err(Error::Conflict) => {}
            outcome => return outcome,
        }
    }
    // Boxed, so that a use of a key does not carry room for what it seldom does.
    Box::pin(perform_on_pool(engine, pool, caller, operation, at, mode)).await
}

async fn perform_on_pool<O: Operation>(
    engine: &Arc<Engine>,
    pool: &dyn Offload,
    caller: &Caller,
    operation: O,
    at: At,
    mode: Mode,
) -> Result<O::Reply> {
    let lane = Lane::of(&operation, caller);
    let operation = Arc::new(operation);
    for _ in 0..limits::CONFLICT_RETRIES_MAX {
        let (server, by, asked) = (engine.clone(), caller.clone(), operation.clone());
        match on_pool(pool, lane.clone(), move || server.call(&by, &*asked, at, mode)).await {
            Ok(Err(Error::Conflict)) => {}
            Ok(outcome) => return outcome,
            Err(Full) => break,
        }
    }
    Err(engine.refuse(caller, &*operation, at, Error::Unavailable(Unavailable::Overload)))
}

/// Calls `operation` on the pool as one of those that are done together, and waits for its ticket.
pub async fn perform_together<O: Operation>(
    engine: &Arc<Engine>,
    pool: &dyn Offload,
    together: &Arc<Together>,
    operation: O,
    at: At,
) -> Result<O::Reply> {
    let lane = Lane::of(&operation, together.caller());
    let operation = Arc::new(operation);
    let (server, others, asked) = (engine.clone(), together.clone(), operation.clone());
    match on_pool(pool, lane, move || server.call_together(&others, &*asked, at)).await {
        Ok(outcome) => outcome,
        Err(Full) => {
            let overload = Error::Unavailable(Unavailable::Overload);
            Err(engine.refuse(together.caller(), &*operation, at, overload))
        }
    }
}

/// Does work on the pool and waits for its ticket.
async fn on_pool<R: Send + 'static>(
    pool: &dyn Offload,
    lane: Lane,
    work: impl FnOnce() -> Result<Pending<R>> + Send + 'static,
) -> std::result::Result<Result<R>, Full> {
    let (giver, answered) = Answer::ends();
    let job = move || {
        // Whoever has gone meanwhile wants nothing done.
        if giver.is_awaited() { giver.give(work()) } else { Told::default() }
    };
    pool.offload(lane, Box::new(job))?;
    Ok(match answered.await {
        Ok(pending) => pending.await,
        Err(error) => Err(error),
    })
}

/// What a job on the pool answered.
pub(crate) struct Answer<R>(Mutex<AnswerState<R>>);

struct AnswerState<R> {
    outcome: Option<Result<Pending<R>>>,
    waker: Option<Waker>,
}

impl<R> Answer<R> {
    /// Both ends of an answer that is still to come.
    pub(crate) fn ends() -> (Giver<R>, Answered<R>) {
        let state = AnswerState { outcome: None, waker: None };
        let answer = Arc::new(Self(Mutex::new(state)));
        (Giver(Some(answer.clone())), Answered(answer))
    }

    fn give(&self, outcome: Result<Pending<R>>) -> Told {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.outcome = Some(outcome);
        Told(state.waker.take())
    }
}

/// Gives an answer once: the job's, or that there will be none, when the job is dropped or
/// panics.
pub(crate) struct Giver<R>(Option<Arc<Answer<R>>>);

impl<R> Giver<R> {
    /// Whether the other end is still there.
    fn is_awaited(&self) -> bool {
        self.0.as_ref().is_some_and(|answer| Arc::strong_count(answer) > 1)
    }

    pub(crate) fn give(mut self, outcome: Result<Pending<R>>) -> Told {
        self.0.take().map(|answer| answer.give(outcome)).unwrap_or_default()
    }
}

impl<R> Drop for Giver<R> {
    fn drop(&mut self) {
        if let Some(answer) = self.0.take() {
            answer.give(Err(Error::Internal("a job on the pool did not finish")));
        }
    }
}

pub(crate) struct Answered<R>(Arc<Answer<R>>);

impl<R> Future for Answered<R> {
    type Output = Result<Pending<R>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state.outcome.take() {
            Some(outcome) => Poll::Ready(outcome),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}
