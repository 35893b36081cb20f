//! Messages of KMIP in bytes: where one ends, and what an answer says.

use std::iter;

use kmip::{
    Encoding, Version,
    message::{Outcome, ResponseItem, ResponseMessage},
    names::Tag,
    ttlv::{HEAD_LEN, Value},
};

/// Length of the message of which `came` is the beginning, once that can be told.
pub(crate) fn message_len(came: &[u8]) -> Result<Option<usize>, String> {
    let Some(head) = came.first_chunk::<HEAD_LEN>() else { return Ok(None) };
    kmip::ttlv::message_len(*head).map(Some).map_err(|why| format!("no message came: {why}"))
}

/// Whether every item of an answer's batch was done. It looks at nothing else: what the load costs,
/// the server has to wait for.
pub(crate) fn is_success(message: &[u8]) -> bool {
    let within = |bytes, tag: Tag| items(bytes).filter(move |(its, _)| *its == tag);
    let done = |item| within(item, Tag::RESULT_STATUS).any(|(_, status)| status == [0; 4]);
    let Some((_, content)) = within(message, Tag::RESPONSE_MESSAGE).next() else { return false };
    let mut batch = within(content, Tag::BATCH_ITEM).peekable();
    batch.peek().is_some() && batch.all(|(_, item)| done(item))
}

/// The items that bytes of TTLV are, one after the other, with their values.
fn items(mut bytes: &[u8]) -> impl Iterator<Item = (Tag, &[u8])> {
    iter::from_fn(move || {
        let (head, rest) = bytes.split_first_chunk::<HEAD_LEN>()?;
        let [first, second, third, _, len @ ..] = *head;
        let len = usize::try_from(u32::from_be_bytes(len)).ok()?;
        let value = rest.get(..len)?;
        bytes = rest.get(len.next_multiple_of(8)..)?;
        Some((Tag(u32::from_be_bytes([0, first, second, third])), value))
    })
}

/// The items of an answer, read.
fn read(message: &[u8]) -> Result<Vec<ResponseItem>, String> {
    let item = Encoding::Ttlv.decode(message).map_err(|why| format!("{why}"))?;
    let read = ResponseMessage::read(item, Version::V1_4).map_err(|why| format!("{why}"))?;
    Ok(read.items)
}

/// The identifier in an answer's first item.
pub(crate) fn identifier(message: &[u8]) -> Result<String, String> {
    let first = read(message)?.into_iter().next().map(|item| item.outcome);
    if let Some(Outcome::Success(payload)) = first
        && let Value::Structure(items) = payload.value
    {
        let id = items.into_iter().find(|item| item.tag == Tag::UNIQUE_IDENTIFIER);
        if let Some(Value::TextString(id)) = id.map(|item| item.value) {
            return Ok(id.into_string());
        }
    }
    Err("the answer has no identifier".to_owned())
}

/// What an answer says of why it is none.
pub(crate) fn failure(message: &[u8]) -> String {
    let items = match read(message) {
        Ok(items) => items,
        Err(why) => return format!("the answer cannot be read: {why}"),
    };
    let said = |item: ResponseItem| match item.outcome {
        Outcome::Failed { reason, message } => {
            Some(format!("{reason:?}: {}", message.unwrap_or_default()))
        }
        _ => None,
    };
    items.into_iter().find_map(said).unwrap_or_else(|| "it was not done".to_owned())
}

#[cfg(test)]
mod tests {
    use kmip::{
        names::enumeration::{Operation, ResultReason},
        payload::{Named, ProtocolVersion, Response},
        wire::{DateTime, Identifier},
    };

    use super::*;

    fn answer(outcomes: &[bool]) -> Vec<u8> {
        let item = |done: &bool| {
            let id = Identifier::Text("a".to_owned());
            let named = Response::Activate(Box::new(Named { unique_identifier: id }));
            let (operation, reason) = (Some(Operation::GET), ResultReason::ITEM_NOT_FOUND);
            match done {
                true => ResponseItem::success(named, None, Version::V1_4),
                false => ResponseItem::failed(operation, None, reason, "no", Version::V1_4),
            }
        };
        let number = ProtocolVersion::from(Version::V1_4);
        let items = outcomes.iter().map(item).collect();
        let answer = ResponseMessage::of(number, Version::V1_4, DateTime(1), items).write();
        Encoding::Ttlv.encode(&answer).unwrap().expose().to_vec()
    }

    #[test]
    fn an_answer_is_a_success_when_all_of_its_items_are() {
        assert!(is_success(&answer(&[true])) && is_success(&answer(&[true, true])));
        for outcomes in [&[][..], &[false], &[true, false], &[false, true]] {
            assert!(!is_success(&answer(outcomes)), "{outcomes:?}");
        }
        let whole = answer(&[true]);
        for len in 0..whole.len() {
            assert!(!is_success(&whole[..len]), "{len}");
        }
        assert_eq!(identifier(&whole), Ok("a".to_owned()));
        assert!(failure(&answer(&[true, false])).ends_with(": no"));
    }
}
