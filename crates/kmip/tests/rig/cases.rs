//! The messages of the profiles' test cases, where their folder is beside this repository.

use std::{fs, path::Path};

/// Each message of each case: the case's name, and the message with the server's choices filled in.
pub(crate) fn messages() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/kmip");
    let mut messages = Vec::new();
    for folder in ["1.4/mandatory", "1.4/optional", "2.1/mandatory", "2.1/optional"] {
        let Ok(files) = fs::read_dir(root.join(format!("cases-{folder}"))) else { continue };
        for file in files {
            let path = file.expect("a folder that is read").path();
            let name = path.file_stem().expect("the name of a case").to_string_lossy().into_owned();
            let text = fs::read_to_string(path).expect("a case that is read");
            messages.extend(split(&text).into_iter().map(|message| (name.clone(), message)));
        }
    }
    messages
}

/// The messages of a conversation.
fn split(text: &str) -> Vec<String> {
    let mut messages = Vec::new();
    let mut rest = text;
    while let Some(from) = rest.find("<Re").filter(|_| rest.contains("Message>")) {
        let end = rest.find("</RequestMessage>").into_iter().chain(rest.find("</ResponseMessage>"));
        let end = end.min().expect("a message that ends");
        let end = end + rest[end..].find('>').expect("a tag that ends") + 1;
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
        out.push_str(&part[part.find('"').expect("a value that ends")..]);
    }
    out
}
