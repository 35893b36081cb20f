//! Requests whose answers come later, and those answers until they are obtained (1.4 sections 4.27
//! and 4.28, 2.1 sections 6.1.5, 6.1.38, 6.1.39 and 6.1.41).
//!
//! A request is its principal's: to everybody else its correlation value is no value. How many there
//! are, of one principal and of all, how long a request and an answer are and for how long an answer
//! is kept is in `limits`. An answer is held like one that is on its way, in buffers that are wiped
//! when they are dropped, and handed out once. All of it ends with the server, and what is kept ends
//! when that is sealed.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use kmip::{
    Version,
    names::enumeration::{CancellationResult, Operation, ProcessingStage, ResultReason},
    payload::AsynchronousRequest,
    ttlv::Item,
    wire::{Bytes, Microseconds},
};
use model::{At, PrincipalName, claim::RequestId, limits};

use crate::failed::Failed;

/// See the module's page.
#[derive(Default)]
pub(crate) struct Outstanding(Mutex<Requests>);

#[derive(Default)]
struct Requests {
    /// How many there have been.
    count: u64,
    by_number: BTreeMap<u64, Request>,
}

struct Request {
    of: PrincipalName,
    /// The message that it came in.
    message: RequestId,
    operation: Operation,
    version: Version,
    came: At,
    stage: Stage,
    /// Those that wait for it to be done.
    waiting: Vec<Waker>,
}

enum Stage {
    Submitted,
    InProcess,
    Completed(Result<Item, Failed>),
}

/// What is known of a request that is to be worked on.
pub(crate) struct Submission {
    pub(crate) of: PrincipalName,
    pub(crate) message: RequestId,
    pub(crate) operation: Operation,
    pub(crate) version: Version,
    pub(crate) came: At,
}

/// What there is of a request's answer.
pub(crate) enum Polled {
    /// Nothing yet.
    Pending,
    /// All of it, which is not kept any longer.
    Done(Operation, Result<Item, Failed>),
}

/// The right to work on a request, and the duty to say what came of it: what is dropped has failed.
pub(crate) struct Ticket {
    requests: Arc<Outstanding>,
    number: u64,
    message: RequestId,
}

impl Outstanding {
    fn lock(&self) -> MutexGuard<'_, Requests> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a request up.
    ///
    /// # Errors
    /// When there are as many as there may be, of the principal or of all.
    pub(crate) fn submit(self: &Arc<Self>, it: Submission) -> Result<Ticket, Failed> {
        let mut requests = self.lock();
        requests.expire(it.came);
        let all = requests.by_number.len();
        let own = requests.by_number.values().filter(|other| other.of == it.of).count();
        if own >= limits::KMIP_OUTSTANDING_OF_ONE_MAX || all >= limits::KMIP_OUTSTANDING_MAX {
            let message = "Too many requests are outstanding; obtain their results first.";
            return Err(Failed::new(ResultReason::SERVER_LIMIT_EXCEEDED, message));
        }
        let number = requests.count;
        requests.count += 1;
        let Submission { of, message, operation, version, came } = it;
        let (stage, waiting) = (Stage::Submitted, Vec::new());
        let request = Request { of, message, operation, version, came, stage, waiting };
        requests.by_number.insert(number, request);
        Ok(Ticket { requests: self.clone(), number, message })
    }

    /// What there is of an answer. It is handed out once, and in the version of its request.
    pub(crate) fn poll(
        &self,
        by: &PrincipalName,
        value: &Bytes,
        version: Version,
        at: At,
    ) -> Result<Polled, Failed> {
        let mut requests = self.lock();
        requests.expire(at);
        let number = requests.find(by, value).ok_or_else(unknown)?;
        let Some(request) = requests.by_number.remove(&number) else { return Err(unknown()) };
        if request.version != version {
            requests.by_number.insert(number, request);
            return Err(Failed::field("A result is obtained in the version of its request."));
        }
        match request.stage {
            Stage::Completed(result) => Ok(Polled::Done(request.operation, result)),
            Stage::Submitted | Stage::InProcess => {
                requests.by_number.insert(number, request);
                Ok(Polled::Pending)
            }
        }
    }

    /// Cancels a request that is not worked on yet. What is done can still be polled.
    pub(crate) fn cancel(&self, by: &PrincipalName, value: &Bytes, at: At) -> CancellationResult {
        let mut requests = self.lock();
        requests.expire(at);
        let found = requests.find(by, value);
        let Some(request) = found.and_then(|number| requests.by_number.get_mut(&number)) else {
            return CancellationResult::UNAVAILABLE;
        };
        match &request.stage {
            Stage::Submitted => {
                let reason = ResultReason::OPERATION_CANCELED_BY_REQUESTER;
                request.complete(Err(Failed::new(reason, "The request was cancelled.")));
                CancellationResult::CANCELED
            }
            Stage::InProcess => CancellationResult::UNABLE_TO_CANCEL,
            Stage::Completed(Ok(_)) => CancellationResult::COMPLETED,
            Stage::Completed(Err(_)) => CancellationResult::FAILED,
        }
    }

    /// Waits until a request has its answer.
    pub(crate) async fn done(&self, by: &PrincipalName, value: &Bytes) -> Result<(), Failed> {
        std::future::poll_fn(|context| self.poll_done(by, value, context)).await
    }

    fn poll_done(
        &self,
        by: &PrincipalName,
        value: &Bytes,
        context: &Context<'_>,
    ) -> Poll<Result<(), Failed>> {
        let mut requests = self.lock();
        let found = requests.find(by, value);
        match found.and_then(|number| requests.by_number.get_mut(&number)) {
            None => Poll::Ready(Err(unknown())),
            Some(Request { stage: Stage::Completed(_), .. }) => Poll::Ready(Ok(())),
            Some(request) => {
                if request.waiting.iter().any(|it| it.will_wake(context.waker())) {
                    return Poll::Pending;
                }
                if request.waiting.len() >= limits::KMIP_WAITING_MAX {
                    let message = "Too many wait for this request already.";
                    return Poll::Ready(Err(Failed::new(
                        ResultReason::SERVER_LIMIT_EXCEEDED,
                        message,
                    )));
                }
                request.waiting.push(context.waker().clone());
                Poll::Pending
            }
        }
    }

    /// The requests of a principal, in the order in which they came.
    pub(crate) fn of(&self, by: &PrincipalName, at: At) -> Vec<AsynchronousRequest> {
        let mut requests = self.lock();
        requests.expire(at);
        let own = requests.by_number.iter().filter(|(_, request)| request.of == *by);
        own.map(|(number, request)| request.shown(*number)).collect()
    }

    /// Forgets answers that nobody obtains, all of them if `all`; whether any request is left.
    pub(crate) fn expire(&self, at: At, all: bool) -> bool {
        let mut requests = self.lock();
        if all {
            requests.by_number.retain(|_, it| !matches!(it.stage, Stage::Completed(_)));
        }
        requests.expire(at);
        !requests.by_number.is_empty()
    }
}

fn unknown() -> Failed {
    Failed::new(
        ResultReason::INVALID_ASYNCHRONOUS_CORRELATION_VALUE,
        "No request is outstanding under this correlation value.",
    )
}

impl Requests {
    fn find(&self, by: &PrincipalName, value: &Bytes) -> Option<u64> {
        let number = u64::from_be_bytes(*value.0.first_chunk()?);
        let request = self.by_number.get(&number)?;
        let is_own = request.of == *by;
        (is_own && correlation(number, &request.message) == *value).then_some(number)
    }

    fn expire(&mut self, at: At) {
        let until = |request: &Request| request.came.monotonic_ms + limits::KMIP_OUTSTANDING_MS;
        let is_kept = |request: &Request| {
            !matches!(request.stage, Stage::Completed(_)) || at.monotonic_ms < until(request)
        };
        self.by_number.retain(|_, request| is_kept(request));
    }
}

/// What a client calls a request: its number here, and the message that it came in, whose id is no
/// other's after a new start either.
fn correlation(number: u64, message: &RequestId) -> Bytes {
    Bytes([&number.to_be_bytes()[..], &message.0].concat())
}

impl Request {
    fn complete(&mut self, result: Result<Item, Failed>) {
        self.stage = Stage::Completed(result);
        self.waiting.drain(..).for_each(Waker::wake);
    }

    fn shown(&self, number: u64) -> AsynchronousRequest {
        let came = i64::try_from(self.came.wall.0).unwrap_or(i64::MAX);
        AsynchronousRequest {
            correlation_value: correlation(number, &self.message),
            operation: self.operation,
            submission_date: Microseconds(came.saturating_mul(1000)),
            processing_stage: match self.stage {
                Stage::Submitted => ProcessingStage::SUBMITTED,
                Stage::InProcess => ProcessingStage::IN_PROCESS,
                Stage::Completed(_) => ProcessingStage::COMPLETED,
            },
        }
    }
}

impl Ticket {
    /// What the client calls the request.
    pub(crate) fn correlation(&self) -> Bytes {
        correlation(self.number, &self.message)
    }

    /// Begins to work on it, unless it is cancelled.
    pub(crate) fn begin(&self) -> bool {
        let mut requests = self.requests.lock();
        match requests.by_number.get_mut(&self.number) {
            Some(request) if matches!(request.stage, Stage::Submitted) => {
                request.stage = Stage::InProcess;
                true
            }
            _ => false,
        }
    }

    /// Says what came of it, unless that is known.
    pub(crate) fn finish(&self, result: Result<Item, Failed>) {
        let mut requests = self.requests.lock();
        if let Some(request) = requests.by_number.get_mut(&self.number)
            && !matches!(request.stage, Stage::Completed(_))
        {
            request.complete(result);
        }
    }

    /// Gives it up: the client is not told of it.
    pub(crate) fn withdraw(self) {
        self.requests.lock().by_number.remove(&self.number);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let message = "The work on the request ended before it was done.";
        self.finish(Err(Failed::new(ResultReason::GENERAL_FAILURE, message)));
    }
}

#[cfg(test)]
mod tests {
    use std::task::Wake;

    use kmip::{names::Tag, ttlv::Value};
    use model::{Wall, time::Trust};

    use super::*;

    fn client() -> PrincipalName {
        PrincipalName::user("111122223333".parse().unwrap(), "client").unwrap()
    }

    fn at(ms: u64) -> At {
        At { wall: Wall(ms), monotonic_ms: ms, trust: Trust::Steady }
    }

    fn submitted(requests: &Arc<Outstanding>) -> (Ticket, Bytes) {
        let (message, operation) = (RequestId([7; 16]), Operation::PING);
        let (of, version, came) = (client(), Version::V2_1, at(5));
        let ticket = requests.submit(Submission { of, message, operation, version, came });
        let ticket = ticket.ok().unwrap();
        let value = ticket.correlation();
        (ticket, value)
    }

    fn empty() -> Item {
        Item::new(Tag::RESPONSE_PAYLOAD, Value::Structure(Vec::new()))
    }

    #[test]
    fn what_is_being_done_is_not_cancelled_and_is_known_to_be() {
        let requests = Arc::<Outstanding>::default();
        let (ticket, value) = submitted(&requests);
        assert!(ticket.begin() && !ticket.begin());
        let cancelled = requests.cancel(&client(), &value, at(5));
        assert_eq!(cancelled, CancellationResult::UNABLE_TO_CANCEL);
        let shown = requests.of(&client(), at(5)).remove(0);
        assert_eq!(shown.processing_stage, ProcessingStage::IN_PROCESS);
        assert_eq!(shown.submission_date, Microseconds(5000));
        ticket.finish(Ok(empty()));
        let polled = requests.poll(&client(), &value, Version::V2_1, at(5));
        assert!(matches!(polled, Ok(Polled::Done(Operation::PING, Ok(_)))));
    }

    #[test]
    fn a_result_is_not_handed_out_in_another_version_and_stays() {
        let requests = Arc::<Outstanding>::default();
        let (ticket, value) = submitted(&requests);
        ticket.finish(Ok(empty()));
        let polled = requests.poll(&client(), &value, Version::V1_4, at(5));
        assert!(polled.is_err_and(|it| it.reason == ResultReason::INVALID_FIELD));
        let polled = requests.poll(&client(), &value, Version::V2_1, at(5));
        assert!(matches!(polled, Ok(Polled::Done(..))));
    }

    #[test]
    fn who_waits_is_woken_when_it_is_done_or_lost() {
        struct Woken(std::sync::atomic::AtomicBool);
        impl Wake for Woken {
            fn wake(self: Arc<Self>) {
                self.0.store(true, std::sync::atomic::Ordering::Relaxed);
            }
        }
        let requests = Arc::<Outstanding>::default();
        let (ticket, value) = submitted(&requests);
        let woken = Arc::new(Woken(false.into()));
        let waker = woken.clone().into();
        let mut context = Context::from_waker(&waker);
        let by = client();
        let mut done = std::pin::pin!(requests.done(&by, &value));
        assert!(done.as_mut().poll(&mut context).is_pending());
        let others = (1..limits::KMIP_WAITING_MAX).map(|_| Arc::new(Woken(false.into())).into());
        for other in others.collect::<Vec<Waker>>() {
            let mut context = Context::from_waker(&other);
            let waiting = std::pin::pin!(requests.done(&by, &value)).poll(&mut context);
            assert!(waiting.is_pending());
        }
        let refused = std::pin::pin!(requests.done(&by, &value))
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(refused, Poll::Ready(Err(_))));
        drop(ticket);
        assert!(woken.0.load(std::sync::atomic::Ordering::Relaxed));
        assert!(matches!(done.as_mut().poll(&mut context), Poll::Ready(Ok(()))));
        let polled = requests.poll(&client(), &value, Version::V2_1, at(5));
        assert!(matches!(polled, Ok(Polled::Done(_, Err(_)))));
    }

    #[test]
    fn all_principals_together_have_so_many() {
        let requests = Arc::<Outstanding>::default();
        let submit = |number: usize| {
            let name = format!("client-{}", number / limits::KMIP_OUTSTANDING_OF_ONE_MAX);
            let of = PrincipalName::user("111122223333".parse().unwrap(), &name).unwrap();
            let (message, operation) = (RequestId([7; 16]), Operation::PING);
            let (version, came) = (Version::V2_1, at(5));
            requests.submit(Submission { of, message, operation, version, came })
        };
        let taken: Vec<_> = (0..limits::KMIP_OUTSTANDING_MAX).map(submit).collect();
        assert!(taken.iter().all(Result::is_ok));
        let refused = submit(limits::KMIP_OUTSTANDING_MAX).err().unwrap();
        assert_eq!(refused.reason, ResultReason::SERVER_LIMIT_EXCEEDED);
    }
}
