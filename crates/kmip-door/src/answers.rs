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
    pub(crate) fn add(&mut self, asked: Asked, done: Result<Response, Failed>) -> bool {
        let Asked(operation, id) = asked;
        let is_done = done.is_ok();
        let answer = match done {
            Ok(response) => ResponseItem::success(response, id.clone(), self.version),
            Err(failed) => self.failed(Some(operation), id.clone(), &failed),
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

const UNDONE: Outcome = Outcome::Undone { reason: None, message: None, payload: None };

/// Whether a payload says which objects the item was about, and nothing else. Only that is told of
/// what was undone: who asks for an object or has a key used, and then for what cannot be done,
/// would have what the log and the key's usage limit do not know of.
fn is_of_names(payload: &Item) -> bool {
    const NAMES: [Tag; 3] = [
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
