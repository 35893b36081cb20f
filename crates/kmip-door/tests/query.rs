//! What the server says of itself, over the protocol in XML.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the other tests use the rest")]
mod conversation;

use std::collections::BTreeSet;

use conversation::{Conversation, values};
use kmip::payload::OPERATIONS;

/// Operations of 2.1 that the codec reads and the server refuses (docs/kmip-divergences.md).
const REFUSED: [&str; 8] = [
    "DelegatedLogin",
    "GetConstraints",
    "Login",
    "Logout",
    "PKCS_11",
    "ReProvision",
    "SetConstraints",
    "SetDefaults",
];

#[test]
fn query_names_every_operation_but_those_that_are_refused() {
    let talk = Conversation::new(1);
    let answer =
        talk.ask("Query", r#"<QueryFunction type="Enumeration" value="QueryOperations"/>"#);
    let named: BTreeSet<String> = values(&answer, "Operation").into_iter().collect();
    assert_eq!(named.len(), OPERATIONS.len() - REFUSED.len(), "{answer}");
    for operation in REFUSED {
        assert!(!named.contains(operation), "{operation} in {answer}");
    }
}

#[test]
fn an_operation_that_query_does_not_name_is_not_supported() {
    let talk = Conversation::new(1);
    for operation in ["Login", "GetConstraints", "SetDefaults"] {
        let answer = talk.ask(operation, "");
        assert!(answer.contains(r#"value="OperationNotSupported""#), "{operation}: {answer}");
    }
}
