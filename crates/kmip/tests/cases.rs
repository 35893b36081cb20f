//! The profiles' test cases, in every encoding. They are not in this repository: where their
//! folder is not there, the tests say so.
#![cfg(test)]

use std::{fs, path::Path};

use kmip::{json, ttlv, xml};

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
