//! A batch that is to be undone when an item of it fails: all of it is done, or nothing.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the other tests use the rest")]
mod conversation;

use conversation::{AES, Conversation, SYMMETRIC, in_both_versions, named, values};

const UNDO: &str = r#"<BatchErrorContinuationOption type="Enumeration" value="Undo"/>"#;

/// An AES key that is not active yet.
fn pre_active(conversation: &Conversation, name: Option<&str>) -> String {
    let attributes = match (name, conversation.minor) {
        (None, _) => conversation.attributes(&AES[..3]),
        (Some(name), 4) => {
            format!(
                r#"<TemplateAttribute><Attribute><AttributeName type="TextString" value="Name"/>
            <AttributeValue>{}</AttributeValue></Attribute>"#,
                name_of(name)
            ) + &conversation.attributes(&AES[..3]).replace("<TemplateAttribute>", "")
        }
        (Some(name), _) => {
            let rest = conversation.attributes(&AES[..3]).replace("<Attributes>", "");
            format!("<Attributes><Name>{}</Name>{rest}", name_of(name))
        }
    };
    format!("{SYMMETRIC}{attributes}")
}

fn name_of(name: &str) -> String {
    format!(
        r#"<NameValue type="TextString" value="{name}"/>
        <NameType type="Enumeration" value="UninterpretedTextString"/>"#
    )
}

fn made(conversation: &Conversation) -> String {
    conversation.made("Create", &pre_active(conversation, None)).remove(0)
}

fn statuses(answer: &str) -> Vec<String> {
    values(answer, "ResultStatus")
}

fn state(conversation: &Conversation, id: &str) -> String {
    let attribute = match conversation.minor {
        4 => r#"<AttributeName type="TextString" value="State"/>"#,
        _ => r#"<AttributeReference type="Enumeration" value="State"/>"#,
    };
    let answer = conversation.ask("GetAttributes", &format!("{}{attribute}", named(id)));
    let element = if conversation.minor == 4 { "AttributeValue" } else { "State" };
    values(&answer, element).pop().unwrap_or(answer)
}

#[test]
fn a_batch_that_succeeds_is_done() {
    in_both_versions(|it| {
        let create = pre_active(it, None);
        let items = [("Create", create.as_str()), ("Activate", ""), ("Get", "")];
        let answer = it.ask_all(UNDO, &items);
        assert_eq!(statuses(&answer), ["Success"; 3], "{answer}");
        assert!(answer.contains("KeyMaterial"));
        let id = values(&answer, "UniqueIdentifier").remove(0);
        assert_eq!(state(it, &id), "Active");
    });
}

#[test]
fn a_batch_of_which_an_item_fails_is_undone_and_goes_no_further() {
    in_both_versions(|it| {
        let old = it.create();
        let create = pre_active(it, None);
        let destroy = named(&old);
        let items =
            [("Create", create.as_str()), ("Activate", ""), ("Destroy", &destroy), ("Get", "")];
        let answer = it.ask_all(UNDO, &items);
        // What is active is not destroyed.
        let expected = ["OperationUndone", "OperationUndone", "OperationFailed"];
        assert_eq!(statuses(&answer), expected, "{answer}");
        let ids = values(&answer, "UniqueIdentifier");
        assert_eq!((ids.len(), &ids[0]), (2, &ids[1]));
        assert_eq!(state(it, &old), "Active");
        let gone = it.ask("Get", &named(&ids[0]));
        assert!(gone.contains("NotFound"), "{gone}");
    });
}

#[test]
fn what_is_undone_hands_nothing_out() {
    in_both_versions(|it| {
        let (active, other) = (it.create(), made(it));
        let (get, activate, again) = (named(&active), named(&other), named(&active));
        let items = [("Get", get.as_str()), ("Activate", &activate), ("Activate", &again)];
        let answer = it.ask_all(UNDO, &items);
        let expected = ["OperationUndone", "OperationUndone", "OperationFailed"];
        assert_eq!(statuses(&answer), expected, "{answer}");
        assert!(!answer.contains("KeyMaterial"));
        assert_eq!(values(&answer, "UniqueIdentifier"), [other.as_str()]);
        assert_eq!(state(it, &other), "PreActive");
    });
}

#[test]
fn an_answer_that_is_too_long_undoes_the_batch() {
    in_both_versions(|it| {
        let id = made(it);
        let object = named(&id);
        let header = format!(r#"<MaximumResponseSize type="Integer" value="400"/>{UNDO}"#);
        let answer = it.ask_all(&header, &[("Activate", &object), ("GetAttributes", &object)]);
        assert_eq!(statuses(&answer), ["OperationUndone", "OperationFailed"], "{answer}");
        assert!(answer.contains("ResponseTooLarge"));
        assert_eq!(state(it, &id), "PreActive");
    });
}

#[test]
fn a_name_is_given_once_within_a_batch() {
    in_both_versions(|it| {
        let create = pre_active(it, Some("disk"));
        let twice = it.ask_all(UNDO, &[("Create", &create), ("Create", &create)]);
        assert_eq!(statuses(&twice), ["OperationUndone", "OperationFailed"], "{twice}");
        let passed_on = [("Create", create.as_str()), ("Destroy", ""), ("Create", &create)];
        let answer = it.ask_all(UNDO, &passed_on);
        assert_eq!(statuses(&answer), ["Success"; 3], "{answer}");
    });
}

#[test]
fn one_item_alone_leaves_nothing_to_undo() {
    in_both_versions(|it| {
        let id = it.create();
        let answer = it.ask_all(UNDO, &[("Destroy", &named(&id))]);
        assert_eq!(statuses(&answer), ["OperationFailed"], "{answer}");
    });
}
