//! How the asynchronous world calls: where an operation runs, and again when another change came
//! first. A convenience over [`Engine::call`], not a third way in.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Waker},
};

use model::{At, Error, Result, algorithm::KeySpec, error::Unavailable, limits};

use crate::{
    Engine,
    call::Mode,
    caller::Caller,
    gate::{Operation, Target, Weight},
    object::KeyObject,
    pending::Pending,
    reference::By,
};

/// Work for the pool.
pub type Job = Box<dyn FnOnce() + Send>;

/// A bounded pool of threads for what would hold up the threads that serve connections.
pub trait Offload: Send + Sync {
    /// Runs `job` on the pool, some time soon.
    fn offload(&self, job: Job);
}

/// Calls `operation` where its weight allows, waits for its ticket, and calls again when another
/// change came first.
pub async fn perform<O: Operation>(
    engine: &Arc<Engine>,
    pool: &dyn Offload,
    caller: Caller,
    operation: O,
    at: At,
    mode: Mode,
) -> Result<O::Reply> {
    if is_light(engine, &operation, at) {
        match engine.call(&caller, &operation, at, mode)?.await {
            Err(Error::Conflict) => {}
            outcome => return outcome,
        }
    }
    let operation = Arc::new(operation);
    for _ in 0..limits::CONFLICT_RETRIES_MAX {
        let (giver, answered) = Answer::ends();
        let (engine, caller, operation) = (engine.clone(), caller.clone(), operation.clone());
        pool.offload(Box::new(move || {
            giver.give(engine.call(&caller, &*operation, at, mode));
        }));
        let outcome = match answered.await {
            Ok(pending) => pending.await,
            Err(error) => Err(error),
        };
        match outcome {
            Err(Error::Conflict) => {}
            outcome => return outcome,
        }
    }
    Err(Error::Unavailable(Unavailable::Overload))
}

fn is_light<O: Operation>(engine: &Engine, operation: &O, at: At) -> bool {
    match O::WEIGHT {
        Weight::Light => true,
        Weight::Heavy => false,
        Weight::ByKey => {
            let Ok(demands) = operation.demands() else {
                return true; // It fails at once.
            };
            demands.iter().all(|demand| match &demand.target {
                Target::Account | Target::Alias(_) | Target::Principal(_) => true,
                Target::Key(reference) => {
                    let caches = engine.caches();
                    let now = at.monotonic_ms;
                    let id = match &reference.by {
                        By::Id(id) => Some(*id),
                        By::Alias(alias) => {
                            let alias = crate::AliasRef {
                                account: reference.account,
                                region: reference.region.clone(),
                                alias: alias.clone(),
                            };
                            caches.aliases.find(&alias, now).and_then(|target| *target)
                        }
                    };
                    let key = id.and_then(|id| {
                        let (account, region) = (reference.account, reference.region.clone());
                        caches.keys.find(&model::ObjectName { account, region, id }, now)
                    });
                    key.is_some_and(|key| is_quick(&key))
                }
            })
        }
    }
}

/// Whether an operation with this key takes some tens of microseconds at most.
fn is_quick(key: &KeyObject) -> bool {
    use KeySpec::*;
    key.is_warm()
        && key.held().is_ok_and(|held| {
            matches!(held.spec, Aes256 | Hmac224 | Hmac256 | Hmac384 | Hmac512 | P256 | Ed25519)
        })
}

/// What a job on the pool answered.
struct Answer<R>(Mutex<AnswerState<R>>);

struct AnswerState<R> {
    outcome: Option<Result<Pending<R>>>,
    waker: Option<Waker>,
}

impl<R> Answer<R> {
    /// Both ends of an answer that is still to come.
    fn ends() -> (Giver<R>, Answered<R>) {
        let state = AnswerState { outcome: None, waker: None };
        let answer = Arc::new(Self(Mutex::new(state)));
        (Giver(Some(answer.clone())), Answered(answer))
    }

    fn give(&self, outcome: Result<Pending<R>>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.outcome = Some(outcome);
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }
}

/// Gives an answer once: the job's, or that there will be none, when the job is dropped or
/// panics.
struct Giver<R>(Option<Arc<Answer<R>>>);

impl<R> Giver<R> {
    fn give(mut self, outcome: Result<Pending<R>>) {
        if let Some(answer) = self.0.take() {
            answer.give(outcome);
        }
    }
}

impl<R> Drop for Giver<R> {
    fn drop(&mut self) {
        if let Some(answer) = self.0.take() {
            answer.give(Err(Error::Internal("a job on the pool did not finish")));
        }
    }
}

struct Answered<R>(Arc<Answer<R>>);

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
