//! Items of a message that are answered later: which they are, and the work that is then left for
//! the program to drive. It is what would have been done at once: each item is one call, under the
//! identity that the message proved, in the order of the items, which share what a batch shares.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use engine::{Caller, Engine, Offload};
use kmip::{
    Version,
    message::{Asynchronous, RequestHeader, RequestItem},
    names::enumeration::{AsynchronousIndicator, Operation, ResultReason},
    payload::Request,
    ttlv::Item,
};
use model::{At, limits};

use crate::{
    answers::{Done, encoded_len},
    call::{Call, Shared},
    dispatch,
    failed::Failed,
    outstanding::{Outstanding, Ticket},
};

/// Whether the items of a message are answered later: all of them where the client insists, and one
/// alone that takes long where it leaves that to the server.
pub(crate) fn is_later(header: &RequestHeader, items: &[RequestItem]) -> bool {
    match header.asynchronous {
        Some(Asynchronous(AsynchronousIndicator::MANDATORY)) => true,
        Some(Asynchronous(AsynchronousIndicator::OPTIONAL)) => {
            matches!(items, [item] if is_long(item.operation))
        }
        _ => false,
    }
}

/// Whether an operation may take seconds: it finds primes, stretches a password, or reads all
/// objects.
fn is_long(operation: Operation) -> bool {
    const LONG: [Operation; 4] = [
        Operation::CREATE_KEY_PAIR,
        Operation::RE_KEY_KEY_PAIR,
        Operation::DERIVE_KEY,
        Operation::LOCATE,
    ];
    LONG.contains(&operation)
}

/// Refuses what is never answered later: what is asked about requests that are.
pub(crate) fn check(item: &RequestItem) -> Result<(), Failed> {
    const NEVER: [Operation; 4] = [
        Operation::POLL,
        Operation::CANCEL,
        Operation::PROCESS,
        Operation::QUERY_ASYNCHRONOUS_REQUESTS,
    ];
    if NEVER.contains(&item.operation) {
        return Err(Failed::unsupported("An answer to this operation that comes later"));
    }
    if encoded_len(&item.payload) > limits::KMIP_OUTSTANDING_LEN_MAX {
        let message = "The request is too long to be answered later.";
        return Err(Failed::new(ResultReason::SERVER_LIMIT_EXCEEDED, message));
    }
    Ok(())
}

/// What is left to be done when a message has been answered. It gives the defect behind the first
/// general failure, if there was one. Dropped before its end, what is left of it has failed.
#[must_use = "nothing is done unless it is driven"]
pub struct Work(Pin<Box<dyn Future<Output = Option<&'static str>> + Send>>);

impl Future for Work {
    type Output = Option<&'static str>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

/// What the items of a message are done with later.
pub(crate) struct Line {
    pub(crate) engine: Arc<Engine>,
    pub(crate) pool: Arc<dyn Offload>,
    pub(crate) outstanding: Arc<Outstanding>,
    pub(crate) caller: Caller,
    pub(crate) version: Version,
    pub(crate) at: At,
    /// Whether the items after one that failed are done.
    pub(crate) goes_on: bool,
    pub(crate) items: Vec<(Ticket, Request)>,
}

impl Line {
    pub(crate) fn work(self) -> Work {
        Work(Box::pin(self.run()))
    }

    async fn run(mut self) -> Option<&'static str> {
        let shared = Shared::default();
        let mut defect = None;
        let mut is_over = false;
        for (ticket, request) in std::mem::take(&mut self.items) {
            if is_over {
                let message = "It was not done, since an item before it failed.";
                ticket.finish(Err(Failed::new(ResultReason::GENERAL_FAILURE, message)));
                continue;
            }
            // What is cancelled has failed.
            let mut result = match ticket.begin() {
                true => self.item(request, &shared).await.and_then(bounded).map(Some),
                false => Ok(None),
            };
            if let Err(failed) = &mut result {
                defect = defect.or(failed.defect.take());
            }
            is_over = !matches!(result, Ok(Some(_))) && !self.goes_on;
            if let Some(result) = result.transpose() {
                ticket.finish(result);
            }
        }
        defect
    }

    async fn item(&self, request: Request, shared: &Shared) -> Result<Item, Failed> {
        let call = Call {
            engine: &self.engine,
            pool: &*self.pool,
            outstanding: &self.outstanding,
            caller: &self.caller,
            version: self.version,
            at: self.at,
            shared,
            together: None,
        };
        match dispatch::run(&call, request).await? {
            Done::Now(response) => Ok(response.write(self.version)),
            Done::Later(_) | Done::Before(..) => {
                Err(model::Error::Internal("an answer that comes later than later").into())
            }
        }
    }
}

/// An answer that is not too long to be kept.
fn bounded(answer: Item) -> Result<Item, Failed> {
    if encoded_len(&answer) <= limits::KMIP_OUTSTANDING_LEN_MAX {
        return Ok(answer);
    }
    let message = "It was done, and the answer is too long to be kept: ask for it at once.";
    Err(Failed::new(ResultReason::RESPONSE_TOO_LARGE, message))
}

#[cfg(test)]
mod tests {
    use kmip::{names::Tag, ttlv::Value};
    use model::Secret;

    use super::*;

    #[test]
    fn an_answer_that_is_too_long_is_not_kept() {
        let answer = |len| Item::new(Tag::DATA, Value::ByteString(Secret::new(vec![0; len])));
        // Tag, type and length take eight bytes.
        let most = limits::KMIP_OUTSTANDING_LEN_MAX - 8;
        assert!(bounded(answer(most)).is_ok());
        let refused = bounded(answer(most + 1)).unwrap_err();
        assert_eq!(refused.reason, ResultReason::RESPONSE_TOO_LARGE);
    }
}
