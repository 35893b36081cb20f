//! KMIP messages in bytes: the requests that are measured, and how their answers are told apart.
//!
//! Requests are written down in XML, in which they can be read, and sent in TTLV; all in KMIP 1.4.

use std::{
    iter,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use kmip::{
    Encoding, Version,
    message::{Outcome, ResponseItem, ResponseMessage},
    names::Tag,
    ttlv::{HEAD_LEN, Value},
};

use crate::load::{Connection, OK, Place, Requests};

/// What is measured.
pub(crate) const OPERATIONS: &[&str] = &["KmipGet", "KmipLocateGet", "KmipEncrypt", "KmipCreate"];

/// Length of what is encrypted, in bytes.
const PLAIN_LEN: usize = 64;

/// Prepares an operation: its key is made, and it is tried once. What it sends, and what came back.
pub(crate) async fn prepare(place: &Place, name: &str) -> Result<(Requests, Vec<u8>), String> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let label = format!("benchmark-{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let mut connection = Connection::open(place).await?;
    let made = ask(&mut connection, "Create", &bytes(&create(Some(&label)))?).await?;
    let id = identifier(&made)?;
    let request = match name {
        "KmipGet" => get(&id),
        "KmipLocateGet" => locate_get(&label),
        "KmipEncrypt" => {
            ask(&mut connection, "Activate", &bytes(&activate(&id))?).await?;
            encrypt(&id)
        }
        "KmipCreate" => create(None),
        _ => return Err(format!("there is no operation {name}; see --help")),
    };
    let request = bytes(&request)?;
    let answer = ask(&mut connection, name, &request).await?;
    Ok((Arc::new(vec![request]), answer))
}

async fn ask(connection: &mut Connection, what: &str, request: &[u8]) -> Result<Vec<u8>, String> {
    match connection.exchange(request).await? {
        (OK, message) => Ok(message.to_vec()),
        (_, message) => Err(format!("{what}: {}", failure(message))),
    }
}

/// A key for AES-256, with a name or without.
fn create(name: Option<&str>) -> String {
    let name = name.map_or(String::new(), named);
    let payload = format!(
        "<ObjectType type='Enumeration' value='SymmetricKey'/><TemplateAttribute>{}{}{}{name}\
         </TemplateAttribute>",
        attribute("Cryptographic Algorithm", "type='Enumeration' value='AES'"),
        attribute("Cryptographic Length", "type='Integer' value='256'"),
        attribute("Cryptographic Usage Mask", "type='Integer' value='Encrypt Decrypt'"),
    );
    message(&[("Create", payload)])
}

fn activate(id: &str) -> String {
    message(&[("Activate", unique_identifier(id))])
}

fn get(id: &str) -> String {
    message(&[("Get", unique_identifier(id))])
}

/// One message: what is found by its name is got in the same batch, by the placeholder.
fn locate_get(name: &str) -> String {
    message(&[("Locate", named(name)), ("Get", String::new())])
}

/// In AES-256-CBC, padded, with a vector that the server draws.
fn encrypt(id: &str) -> String {
    let payload = format!(
        "{}<CryptographicParameters><BlockCipherMode type='Enumeration' value='CBC'/>\
         <PaddingMethod type='Enumeration' value='PKCS5'/>\
         <CryptographicAlgorithm type='Enumeration' value='AES'/>\
         <RandomIV type='Boolean' value='true'/></CryptographicParameters>\
         <Data type='ByteString' value='{}'/>",
        unique_identifier(id),
        "07".repeat(PLAIN_LEN)
    );
    message(&[("Encrypt", payload)])
}

fn unique_identifier(id: &str) -> String {
    format!("<UniqueIdentifier type='TextString' value='{id}'/>")
}

fn named(name: &str) -> String {
    format!(
        "<Attribute><AttributeName type='TextString' value='Name'/><AttributeValue>\
         <NameValue type='TextString' value='{name}'/>\
         <NameType type='Enumeration' value='UninterpretedTextString'/>\
         </AttributeValue></Attribute>"
    )
}

fn attribute(name: &str, value: &str) -> String {
    format!(
        "<Attribute><AttributeName type='TextString' value='{name}'/>\
         <AttributeValue {value}/></Attribute>"
    )
}

/// A request of operations and their payloads. Several are done in their order.
fn message(items: &[(&str, String)]) -> String {
    let is_batch = items.len() > 1;
    let order = if is_batch { "<BatchOrderOption type='Boolean' value='true'/>" } else { "" };
    let item = |(at, (operation, payload)): (usize, &(&str, String))| {
        let id = format!("<UniqueBatchItemID type='ByteString' value='{at:02x}'/>");
        let id = if is_batch { &id } else { "" };
        format!(
            "<BatchItem><Operation type='Enumeration' value='{operation}'/>{id}\
             <RequestPayload>{payload}</RequestPayload></BatchItem>"
        )
    };
    format!(
        "<RequestMessage><RequestHeader><ProtocolVersion>\
         <ProtocolVersionMajor type='Integer' value='1'/>\
         <ProtocolVersionMinor type='Integer' value='4'/></ProtocolVersion>{order}\
         <BatchCount type='Integer' value='{}'/></RequestHeader>{}</RequestMessage>",
        items.len(),
        items.iter().enumerate().map(item).collect::<String>()
    )
}

/// A message in TTLV.
fn bytes(message: &str) -> Result<Vec<u8>, String> {
    let item = Encoding::Xml.decode(message.as_bytes()).map_err(|why| format!("{why}"))?;
    let bytes = Encoding::Ttlv.encode(&item).map_err(|why| format!("{why}"))?;
    Ok(bytes.expose().to_vec())
}

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
fn identifier(message: &[u8]) -> Result<String, String> {
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
        message::{RequestMessage, ResponseItem},
        names::enumeration::{Operation, ResultReason},
        payload::{Named, ProtocolVersion, Request, Response},
        wire::{DateTime, Identifier},
    };

    use super::*;

    fn requests(message: &str) -> Vec<Request> {
        let bytes = bytes(message).unwrap();
        assert_eq!(message_len(&bytes), Ok(Some(bytes.len())));
        let read = RequestMessage::read(Encoding::Ttlv.decode(&bytes).unwrap()).unwrap();
        assert_eq!(read.version, Version::V1_4);
        read.items.into_iter().map(|item| item.request(Version::V1_4).unwrap()).collect()
    }

    #[test]
    fn every_request_is_one_that_servers_read() {
        assert!(matches!(&requests(&create(None))[..], [Request::Create(_)]));
        assert!(matches!(&requests(&create(Some("a")))[..], [Request::Create(_)]));
        assert!(matches!(&requests(&get("a"))[..], [Request::Get(_)]));
        assert!(matches!(&requests(&activate("a"))[..], [Request::Activate(_)]));
        let batch = requests(&locate_get("a"));
        let [Request::Locate(_), Request::Get(get)] = &batch[..] else { panic!("{batch:?}") };
        assert!(get.unique_identifier.is_none());
        let requests = requests(&encrypt("a"));
        let [Request::Encrypt(encrypt)] = &requests[..] else { panic!("{requests:?}") };
        let parameters = encrypt.cryptographic_parameters.as_ref().unwrap();
        assert_eq!(parameters.random_iv, Some(true));
    }

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
