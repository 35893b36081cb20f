//! The answers to the items of a batch, as they come, within the length that the client takes.

use kmip::{
    Version,
    message::{Outcome, RequestItem, ResponseItem},
    names::{
        Tag,
        enumeration::{Operation, ResultReason},
    },
    payload::Response,
    ttlv::{self, Item, Value},
    wire::{Bytes, Wire as _},
};

use crate::failed::Failed;

/// See the module's page.
pub(crate) struct Answers {
    version: Version,
    /// The longest answer that the client takes, in bytes of TTLV.
    limit: Option<usize>,
    /// How many it has so far.
    size: usize,
    items: Vec<ResponseItem>,
    /// The first defect that the caller is not told.
    defect: Option<&'static str>,
}

/// What an item came to, if it did not fail.
pub(crate) enum Done {
    /// This.
    Now(Response),
    /// Nothing yet: what it comes to is polled under this value.
    Later(Bytes),
    /// What was asked for before, by this operation, has come to this.
    Before(Operation, Item),
}

/// What an item asks, and what the client calls it.
pub(crate) struct Asked(Operation, Option<Bytes>);

impl Asked {
    pub(crate) fn by(item: &RequestItem) -> Self {
        Self(item.operation, item.id.clone())
    }
}

impl Answers {
    /// None as yet. `envelope` is how long an answer without items is.
    pub(crate) fn none(version: Version, limit: Option<usize>, envelope: usize) -> Self {
        Self { version, limit, size: envelope, items: Vec::new(), defect: None }
    }

    /// What is to be sent, and the defect behind it that the caller is not told.
    pub(crate) fn into_parts(self) -> (Vec<ResponseItem>, Option<&'static str>) {
        (self.items, self.defect)
    }

    /// Adds the answer to an item, and says whether it is that the item was done: an answer that
    /// is too long for the client is a failure.
    pub(crate) fn add(&mut self, asked: Asked, done: Result<Done, Failed>) -> bool {
        let Asked(operation, id) = asked;
        let is_done = done.is_ok();
        let answer = match done {
            Ok(Done::Now(response)) => ResponseItem::success(response, id.clone(), self.version),
            Ok(Done::Later(value)) => of(operation, id.clone(), Outcome::Pending(value)),
            Ok(Done::Before(asked, item)) => of(asked, id.clone(), Outcome::Success(item)),
            Err(failed) => {
                let operation = failed.of.unwrap_or(operation);
                self.failed(Some(operation), id.clone(), &failed)
            }
        };
        let Some(limit) = self.limit else {
            self.items.push(answer);
            return is_done;
        };
        let (mut answer, len) = measured(answer, self.version);
        let fits = self.size + len <= limit;
        self.size += len;
        if !fits {
            let reason = ResultReason::RESPONSE_TOO_LARGE;
            let failed = Failed::new(reason, "The answer is longer than the client takes.");
            answer = self.failed(Some(operation), id, &failed);
        }
        self.items.push(answer);
        is_done && fits
    }

    /// What was done before the last item, which failed, is undone.
    pub(crate) fn undo(&mut self) {
        let before = self.items.len().saturating_sub(1);
        for item in self.items.iter_mut().take(before) {
            let outcome = std::mem::replace(&mut item.outcome, UNDONE);
            if let Outcome::Success(payload) = outcome {
                let payload = is_of_names(&payload).then_some(payload);
                item.outcome = Outcome::Undone { reason: None, message: None, payload };
            }
        }
    }

    /// No item was done after all.
    pub(crate) fn fail(&mut self, failed: &Failed) {
        for ResponseItem { operation, id, .. } in std::mem::take(&mut self.items) {
            let item = self.failed(operation, id, failed);
            self.items.push(item);
        }
    }

    fn failed(
        &mut self,
        operation: Option<Operation>,
        id: Option<Bytes>,
        failed: &Failed,
    ) -> ResponseItem {
        self.defect = self.defect.or(failed.defect);
        ResponseItem::failed(operation, id, failed.reason, failed.message.clone(), self.version)
    }
}

fn of(operation: Operation, id: Option<Bytes>, outcome: Outcome) -> ResponseItem {
    ResponseItem { operation: Some(operation), id, outcome, extensions: Vec::new() }
}

const UNDONE: Outcome = Outcome::Undone { reason: None, message: None, payload: None };

/// Whether a payload says which objects the item was about, and nothing else. Only that is told of
/// what was undone: who asks for an object or has a key used, and then for what cannot be done,
/// would have what the log says was undone.
fn is_of_names(payload: &Item) -> bool {
    const NAMES: [Tag; 4] = [
        Tag::OBJECT_TYPE,
        Tag::UNIQUE_IDENTIFIER,
        Tag::PRIVATE_KEY_UNIQUE_IDENTIFIER,
        Tag::PUBLIC_KEY_UNIQUE_IDENTIFIER,
    ];
    match &payload.value {
        Value::Structure(fields) => fields.iter().all(|field| NAMES.contains(&field.tag)),
        _ => false,
    }
}

/// An item and how many bytes of TTLV it takes.
fn measured(item: ResponseItem, version: Version) -> (ResponseItem, usize) {
    let written = item.write(Tag::BATCH_ITEM, version);
    let len = encoded_len(&written);
    let again = ResponseItem::read(written, version);
    let lost = |_| {
        let reason = ResultReason::GENERAL_FAILURE;
        ResponseItem::failed(None, None, reason, "The answer cannot be written.", version)
    };
    (again.unwrap_or_else(lost), len)
}

/// How many bytes of TTLV it takes.
pub(crate) fn encoded_len(item: &Item) -> usize {
    ttlv::encode(item).map_or(usize::MAX / 2, |bytes| bytes.len())
}

#[cfg(test)]
mod tests {
    use kmip::{
        payload::{Named, Nothing, RngRetrieveResponse},
        wire::Identifier,
    };

    use super::*;

    fn named() -> Box<Named> {
        Box::new(Named { unique_identifier: Identifier::Text("it".to_owned()) })
    }

    fn activated() -> Done {
        Done::Now(Response::Activate(named()))
    }

    fn asked(operation: Operation) -> Asked {
        Asked(operation, Some(Bytes(operation.0.to_be_bytes().to_vec())))
    }

    fn no_such() -> Failed {
        Failed { defect: Some("what is noted"), ..Failed::not_found() }
    }

    fn answers(limit: Option<usize>) -> Answers {
        Answers::none(Version::V2_1, limit, 0)
    }

    #[test]
    fn what_is_undone_keeps_the_names_it_was_about_and_nothing_else() {
        let mut answers = answers(None);
        assert!(answers.add(asked(Operation::ACTIVATE), Ok(activated())));
        let random = RngRetrieveResponse { data: model::Secret::new(vec![7; 32]) };
        let random = Done::Now(Response::RngRetrieve(Box::new(random)));
        assert!(answers.add(asked(Operation::RNG_RETRIEVE), Ok(random)));
        assert!(
            answers.add(asked(Operation::PING), Ok(Done::Now(Response::Ping(Box::new(Nothing)))))
        );
        assert!(!answers.add(asked(Operation::GET), Err(no_such())));
        answers.undo();
        let (items, defect) = answers.into_parts();
        let has_payload = |item: &ResponseItem| match &item.outcome {
            Outcome::Undone { reason: None, message: None, payload } => Some(payload.is_some()),
            _ => None,
        };
        let kept: Vec<_> = items.iter().map(has_payload).collect();
        assert_eq!(kept, [Some(true), Some(false), Some(true), None]);
        assert!(matches!(items[3].outcome, Outcome::Failed { .. }));
        assert_eq!(defect, Some("what is noted"));
    }

    #[test]
    fn what_was_not_done_after_all_has_failed_under_its_own_name() {
        let mut answers = answers(None);
        answers.add(asked(Operation::ACTIVATE), Ok(activated()));
        answers.add(asked(Operation::DESTROY), Ok(Done::Now(Response::Destroy(named()))));
        answers.fail(&model::Error::Conflict.into());
        let (items, _) = answers.into_parts();
        for (item, operation) in items.iter().zip([Operation::ACTIVATE, Operation::DESTROY]) {
            let Asked(of, id) = asked(operation);
            assert_eq!((item.operation, &item.id), (Some(of), &id));
            let Outcome::Failed { reason, message } = &item.outcome else { panic!("{item:?}") };
            assert_eq!(*reason, ResultReason::GENERAL_FAILURE);
            assert_eq!(message.as_deref(), Some("Another change came first; try again."));
        }
        assert_eq!(items.len(), 2);
    }

    #[test]
    fn an_answer_that_is_too_long_is_none_of_what_was_done() {
        let mut answers = answers(Some(40));
        assert!(!answers.add(asked(Operation::ACTIVATE), Ok(activated())));
        let (items, _) = answers.into_parts();
        let Outcome::Failed { reason, .. } = items[0].outcome else { panic!("{items:?}") };
        assert_eq!(reason, ResultReason::RESPONSE_TOO_LARGE);
    }
}
