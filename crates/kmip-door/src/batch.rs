//! A message: its header, its items one after the other, and the answer.

use engine::Caller;
use kmip::{
    Encoding, Version,
    message::{
        Refused, RequestHeader, RequestItem, RequestMessage, ResponseItem, ResponseMessage,
        reason_of,
    },
    names::Tag,
    names::enumeration::{BatchErrorContinuationOption, ResultReason},
    payload::NoRequest,
    ttlv::{self, Item},
    wire::{DateTime, Unfit, Why},
};
use model::{
    Secret,
    claim::{CertificateClaim, Claim, Door as At, Origin},
};

use crate::{
    Answer, Door, Request,
    call::{Call, Placeholder},
    dispatch,
    failed::Failed,
};

/// Answers a message.
pub(crate) async fn answer(door: &Door, request: Request<'_>) -> Answer {
    let encoding = request.encoding;
    let now = DateTime(i64::try_from(request.at.wall.secs()).unwrap_or(i64::MAX));
    let Ok(item) = encoding.decode(request.message) else {
        let refused = Refused {
            version: Version::V1_0.into(),
            reason: ResultReason::INVALID_MESSAGE,
            unfit: Some(Unfit::new(Tag::REQUEST_MESSAGE, Why::Value)),
        };
        return written(encoding, ResponseMessage::refusal(&refused, now).write(), true, None);
    };
    let message = match RequestMessage::read(item) {
        Ok(message) => message,
        Err(refused) => {
            let response = ResponseMessage::refusal(&refused, now).write();
            return written(encoding, response, false, None);
        }
    };
    let (header, version) = (message.header, message.version);
    let limit = size_limit(&header);
    let mut defect = None;
    let caller = identify(door, &request).and_then(|caller| {
        may_run(&header, message.items.len())?;
        Ok(caller)
    });
    let items = match caller {
        Ok(caller) => {
            let batch =
                Batch { door, request: &request, caller: &caller, version, header: &header };
            batch.run(message.items, limit, now, &mut defect).await
        }
        Err(failed) => {
            defect = failed.defect;
            message.items.into_iter().map(|item| refusal(item, &failed, version)).collect()
        }
    };
    let number = header.protocol_version;
    let response = ResponseMessage::of(number, version, now, items);
    written(encoding, response.write(), false, defect)
}

/// Who is asking: by the certificate of the connection, for every message anew.
fn identify(door: &Door, request: &Request<'_>) -> Result<Caller, Failed> {
    let origin = Origin { door: At::Kmip, source: request.source, request: request.id };
    let claim = Claim::Certificate(CertificateClaim { chain: request.certificates });
    Ok(door.engine.identify(&claim, origin, request.at)?)
}

/// A batch that is to be undone when an item fails is refused before any item runs, since what is
/// done here is done. One item alone leaves nothing to undo.
fn may_run(header: &RequestHeader, items: usize) -> Result<(), Failed> {
    let undo = header.batch_error_continuation == Some(BatchErrorContinuationOption::UNDO);
    if undo && items > 1 {
        let message = "A batch is not undone here; ask to stop or to continue after an error.";
        return Err(Failed::new(ResultReason::FEATURE_NOT_SUPPORTED, message));
    }
    Ok(())
}

/// The longest answer that the client takes, in bytes of TTLV, whatever the encoding.
fn size_limit(header: &RequestHeader) -> Option<usize> {
    header.maximum_response_size.map(|size| usize::try_from(size).unwrap_or(0))
}

fn refusal(item: RequestItem, failed: &Failed, version: Version) -> ResponseItem {
    let message = failed.message.clone();
    ResponseItem::failed(Some(item.operation), item.id, failed.reason, message, version)
}

struct Batch<'a> {
    door: &'a Door,
    request: &'a Request<'a>,
    caller: &'a Caller,
    version: Version,
    header: &'a RequestHeader,
}

impl Batch<'_> {
    /// Does the items one after the other.
    async fn run(
        &self,
        items: Vec<RequestItem>,
        limit: Option<usize>,
        now: DateTime,
        defect: &mut Option<&'static str>,
    ) -> Vec<ResponseItem> {
        let option = self.header.batch_error_continuation;
        let goes_on = option == Some(BatchErrorContinuationOption::CONTINUE);
        let placeholder = Placeholder::default();
        let mut answers = Vec::with_capacity(items.len());
        let mut size = envelope_size(self.header, self.version, now);
        for item in items {
            let (operation, id) = (item.operation, item.id.clone());
            let done = self.item(item, &placeholder).await;
            let is_done = done.is_ok();
            let mut answer = match done {
                Ok(response) => ResponseItem::success(response, id.clone(), self.version),
                Err(failed) => {
                    *defect = defect.or(failed.defect);
                    let Failed { reason, message, .. } = failed;
                    ResponseItem::failed(Some(operation), id.clone(), reason, message, self.version)
                }
            };
            if let Some(limit) = limit {
                let len;
                (answer, len) = measured(answer, self.version);
                if size + len > limit {
                    let reason = ResultReason::RESPONSE_TOO_LARGE;
                    let message = "The answer is longer than the client takes.";
                    answer =
                        ResponseItem::failed(Some(operation), id, reason, message, self.version);
                }
                size += len;
            }
            answers.push(answer);
            if !is_done && !goes_on {
                break;
            }
        }
        answers
    }

    async fn item(
        &self,
        item: RequestItem,
        placeholder: &Placeholder,
    ) -> Result<kmip::payload::Response, Failed> {
        if item.extensions.iter().any(|extension| extension.is_critical) {
            let message = "A message extension that is said to be critical is not known here.";
            return Err(Failed::new(ResultReason::FEATURE_NOT_SUPPORTED, message));
        }
        let version = self.version;
        let request = item.request(version).map_err(|why| unread(why, version))?;
        let call = Call {
            engine: &self.door.engine,
            pool: &*self.door.pool,
            caller: self.caller,
            version,
            at: self.request.at,
            placeholder,
        };
        dispatch::run(&call, request).await
    }
}

fn unread(why: NoRequest, version: Version) -> Failed {
    let message = match why {
        NoRequest::NotSupported => "This operation is not supported here.".to_owned(),
        NoRequest::Unfit(unfit) => unfit.to_string(),
    };
    Failed::new(reason_of(why, version), message)
}

/// Bytes of TTLV that an answer has beside its items.
fn envelope_size(header: &RequestHeader, version: Version, now: DateTime) -> usize {
    let empty = ResponseMessage::of(header.protocol_version, version, now, Vec::new());
    encoded_len(&empty.write())
}

/// An item and how many bytes of TTLV it takes.
fn measured(item: ResponseItem, version: Version) -> (ResponseItem, usize) {
    use kmip::wire::Wire as _;
    let written = item.write(Tag::BATCH_ITEM, version);
    let len = encoded_len(&written);
    let again = ResponseItem::read(written, version);
    let lost = |_| {
        let reason = ResultReason::GENERAL_FAILURE;
        ResponseItem::failed(None, None, reason, "The answer cannot be written.", version)
    };
    (again.unwrap_or_else(lost), len)
}

fn encoded_len(item: &Item) -> usize {
    ttlv::encode(item).map_or(usize::MAX / 2, |bytes| bytes.len())
}

fn written(
    encoding: Encoding,
    response: Item,
    closes: bool,
    defect: Option<&'static str>,
) -> Answer {
    match encoding.encode(&response) {
        Ok(message) => Answer { message, closes, defect },
        Err(_) => {
            let defect = Some("an answer cannot be encoded");
            Answer { message: Secret::new(Vec::new()), closes: true, defect }
        }
    }
}
