//! The profiles' test cases, in every encoding. They are not in this repository: where their
//! folder is not there, the tests say so.
#![cfg(test)]

use std::{fs, path::Path};

use kmip::{
    Version, json,
    message::{Outcome, RequestMessage, ResponseMessage},
    names::{Tag, enumeration::Operation},
    payload::{NoRequest, Request, Response},
    ttlv::{self, Item, Value},
    xml,
};

/// Each message of each case: the case's name, and the message with the server's choices filled in.
fn messages() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/kmip");
    let mut messages = Vec::new();
    for folder in ["1.4/mandatory", "1.4/optional", "2.1/mandatory", "2.1/optional"] {
        let Ok(files) = fs::read_dir(root.join(format!("cases-{folder}"))) else { continue };
        for file in files {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let text = fs::read_to_string(path).unwrap();
            messages.extend(split(&text).into_iter().map(|message| (name.clone(), message)));
        }
    }
    if messages.is_empty() {
        println!("skipped: the profiles' test cases are not beside this repository");
    }
    messages
}

/// The messages of a conversation.
fn split(text: &str) -> Vec<String> {
    let mut messages = Vec::new();
    let mut rest = text;
    while let Some(from) = rest.find("<Re").filter(|_| rest.contains("Message>")) {
        let end = rest.find("</RequestMessage>").into_iter().chain(rest.find("</ResponseMessage>"));
        let end = end.min().unwrap();
        let end = end + rest[end..].find('>').unwrap() + 1;
        messages.push(filled(&rest[from..end]));
        rest = &rest[end..];
    }
    messages
}

/// A message with moments and bytes as the runner of the cases would fill them in.
fn filled(message: &str) -> String {
    let moment = "2026-11-24T16:00:00+00:00";
    let text = ["$NOW-3600", "$NOW+3600", "$NOW"]
        .iter()
        .fold(message.to_owned(), |text, name| text.replace(name, moment));
    let mut parts = text.split("type=\"ByteString\" value=\"$");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("type=\"ByteString\" value=\"00ff");
        out.push_str(&part[part.find('"').unwrap()..]);
    }
    out
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
    println!("{} messages", messages.len());
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
