//! The profiles' test cases, in every encoding. They are not in this repository: where their
//! folder is not there, the tests say so.
#![cfg(test)]

#[path = "rig/cases.rs"]
mod cases;

use kmip::{
    Version, json,
    message::{Outcome, RequestMessage, ResponseMessage},
    names::{Tag, enumeration::Operation},
    payload::{NoRequest, Request, Response},
    ttlv::{self, Item, Value},
    xml,
};

/// What they are among the vectors.
const CASES: &str = "messages of the profiles' test cases";

/// Each message of each case; says so where there are none.
fn messages() -> Vec<(String, String)> {
    let messages = cases::messages();
    if messages.is_empty() {
        println!("skipped: the profiles' test cases are not beside this repository");
        println!("vectors left out: OASIS: {CASES}: 1: they are not beside this repository");
    }
    messages
}

#[test]
fn each_message_is_the_same_tree_in_every_encoding() {
    let messages = messages();
    for (case, message) in &messages {
        let tree = xml::decode(message.as_bytes()).unwrap_or_else(|why| panic!("{case}: {why:?}"));
        let binary = ttlv::encode(&tree).unwrap();
        let again = ttlv::decode(binary.expose()).unwrap();
        let document = xml::encode(&again).unwrap();
        let again = xml::decode(document.as_str().as_bytes()).unwrap();
        assert_eq!(ttlv::encode(&again).unwrap().expose(), binary.expose(), "{case}");
        let document = json::encode(&again).unwrap();
        let again = json::decode(document.as_str().as_bytes()).unwrap();
        assert_eq!(ttlv::encode(&again).unwrap().expose(), binary.expose(), "{case}");
    }
    if !messages.is_empty() {
        println!("vectors: OASIS: {CASES}: {}", messages.len());
    }
    assert!(messages.is_empty() || messages.len() > 2000);
}

#[test]
fn each_message_is_written_as_it_was_read() {
    let messages = messages();
    let mut operations = Vec::new();
    let mut different = 0;
    for (case, message) in &messages {
        let version = if case.ends_with("-21") { Version::V2_1 } else { Version::V1_4 };
        let tree = xml::decode(message.as_bytes()).unwrap();
        let before = xml::encode(&tree).unwrap();
        let written = if tree.tag == Tag::REQUEST_MESSAGE {
            request_again(case, tree, &mut operations)
        } else {
            response_again(case, tree, version)
        };
        let after = xml::encode(&written).unwrap();
        if before.as_str() != after.as_str() {
            different += 1;
            if different < 12 {
                println!("{case}:\n{}\n---\n{}", before.as_str(), after.as_str());
            }
        }
    }
    operations.sort();
    operations.dedup();
    println!("{} operations, {different} differ", operations.len());
    assert_eq!(different, 0);
}

/// A request, read whole and written again.
fn request_again(case: &str, tree: Item, operations: &mut Vec<Operation>) -> Item {
    let mut message = RequestMessage::read(tree).unwrap_or_else(|why| panic!("{case}: {why:?}"));
    let version = message.version;
    for item in &mut message.items {
        let payload = std::mem::replace(&mut item.payload, nothing());
        item.payload = match Request::read(item.operation, payload, version) {
            Ok(request) => request.write(version),
            Err(NoRequest::NotSupported) => continue,
            Err(why) => panic!("{case}: {:?}: {why:?}", item.operation),
        };
        operations.push(item.operation);
    }
    message.write()
}

/// A response, read whole and written again.
fn response_again(case: &str, tree: Item, version: Version) -> Item {
    let mut message =
        ResponseMessage::read(tree, version).unwrap_or_else(|why| panic!("{case}: {why:?}"));
    for item in &mut message.items {
        let (Outcome::Success(payload), Some(operation)) = (&mut item.outcome, item.operation)
        else {
            continue;
        };
        let read = Response::read(operation, std::mem::replace(payload, nothing()), version);
        *payload = match read {
            Ok(response) => response.write(version),
            Err(why) => panic!("{case}: {operation:?}: {why:?}"),
        };
    }
    message.write()
}

fn nothing() -> Item {
    Item::new(Tag::REQUEST_PAYLOAD, Value::Structure(vec![]))
}
