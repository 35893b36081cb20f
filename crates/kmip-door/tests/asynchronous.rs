//! Requests that are answered later, over the protocol in XML.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod conversation;

use conversation::{ACTIVE, AES, ALL, Conversation, SYMMETRIC, in_both_versions, named, values};
use model::limits;

/// Version 2.1's wish for an answer that comes later; 1.x has none but what the client can take.
const MANDATORY: &str = r#"<AsynchronousIndicator type="Enumeration" value="Mandatory"/>"#;

/// That the client takes answers that come later.
fn takes(talk: &Conversation) -> &'static str {
    match talk.minor {
        4 => r#"<AsynchronousIndicator type="Boolean" value="true"/>"#,
        _ => r#"<AsynchronousIndicator type="Enumeration" value="Optional"/>"#,
    }
}

fn create(talk: &Conversation) -> String {
    format!("{SYMMETRIC}{}", talk.attributes(AES))
}

fn create_pair(talk: &Conversation) -> String {
    let rename = |attributes: String, tag: &str| {
        let old = if talk.minor == 4 { "TemplateAttribute" } else { "Attributes" };
        attributes.replace(old, &format!("{tag}{old}"))
    };
    let common = [
        ("Cryptographic Algorithm", "Enumeration", "EC"),
        ("Cryptographic Length", "Integer", "256"),
        ACTIVE,
    ];
    let mask = |mask| talk.attributes(&[("Cryptographic Usage Mask", "Integer", mask)]);
    [
        rename(talk.attributes(&common), "Common"),
        rename(mask("Sign"), "PrivateKey"),
        rename(mask("Verify"), "PublicKey"),
    ]
    .concat()
}

/// The values under which the items of an answer are polled, which are all pending.
fn pending(answer: &str) -> Vec<String> {
    let values = values(answer, "AsynchronousCorrelationValue");
    let count = answer.matches(r#"value="OperationPending""#).count();
    assert!(count == values.len() && !values.is_empty(), "{answer}");
    assert!(!answer.contains("ResponsePayload"), "{answer}");
    values
}

fn later(talk: &Conversation, items: &[(&str, &str)]) -> Vec<String> {
    let values = pending(&talk.ask_all(MANDATORY, items));
    assert_eq!(values.len(), items.len());
    values
}

fn correlated(value: &str) -> String {
    format!(r#"<AsynchronousCorrelationValue type="ByteString" value="{value}"/>"#)
}

fn poll(talk: &Conversation, value: &str) -> String {
    talk.ask("Poll", &correlated(value))
}

fn cancel(talk: &Conversation, value: &str) -> String {
    let answer = talk.ask("Cancel", &correlated(value));
    assert_eq!(values(&answer, "AsynchronousCorrelationValue"), [value], "{answer}");
    values(&answer, "CancellationResult").remove(0)
}

fn reason(answer: &str) -> String {
    assert!(answer.contains(r#"value="OperationFailed""#), "{answer}");
    values(answer, "ResultReason").remove(0)
}

fn unknown(talk: &Conversation) -> &'static str {
    if talk.minor == 4 { "ItemNotFound" } else { "InvalidAsynchronousCorrelationValue" }
}

fn stages(talk: &Conversation, filter: &str) -> Vec<String> {
    values(&talk.ask("QueryAsynchronousRequests", filter), "ProcessingStage")
}

#[test]
fn what_takes_long_is_answered_later_to_who_takes_that() {
    in_both_versions(|talk| {
        let at_once = talk.ask_all(takes(talk), &[("Create", &create(talk))]);
        assert!(at_once.contains(r#"value="Success""#), "{at_once}");
        let pair = create_pair(talk);
        let several = talk.ask_all(takes(talk), &[("CreateKeyPair", &pair), ("Get", "")]);
        assert_eq!(values(&several, "ResultStatus"), ["Success"; 2], "{several}");
        let said = pending(&talk.ask_all(takes(talk), &[("CreateKeyPair", &pair)]));
        assert_eq!(pending(&poll(talk, &said[0])), said);
        talk.work();
        let answer = poll(talk, &said[0]);
        // As it would have been at once.
        assert!(answer.contains(r#"value="Success""#), "{answer}");
        assert_eq!(values(&answer, "Operation"), ["CreateKeyPair"]);
        let private = values(&answer, "PrivateKeyUniqueIdentifier").remove(0);
        assert!(talk.ask("Get", &named(&private)).contains("KeyMaterial"));
        // Once.
        assert_eq!(reason(&poll(talk, &said[0])), unknown(talk));
    });
}

#[test]
fn all_is_answered_later_to_who_insists() {
    let talk = &Conversation::new(1);
    let items = [("Create", create(talk)), ("Activate", String::new()), ("Get", String::new())];
    let mut items = items.each_ref().map(|(operation, payload)| (*operation, payload.as_str()));
    let draft = create(talk).replace("ActivationDate", "ProcessStartDate");
    items[0].1 = &draft;
    let said = later(talk, &items);
    talk.work();
    // In their order, each on what the one before was about.
    let answers: Vec<_> = said.iter().map(|value| poll(talk, value)).collect();
    for (answer, (operation, _)) in answers.iter().zip(items) {
        assert!(answer.contains(r#"value="Success""#), "{answer}");
        assert_eq!(values(answer, "Operation"), [operation]);
    }
    assert!(answers[2].contains("KeyMaterial"));
    let ids: Vec<_> = answers.iter().map(|it| values(it, "UniqueIdentifier").remove(0)).collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
}

#[test]
fn what_comes_after_a_failure_is_done_if_the_client_says_so() {
    let talk = &Conversation::new(1);
    let active = named(&talk.create());
    // What is active is not destroyed, nor activated again.
    let items = [("Destroy", active.as_str()), ("Get", &active)];
    let said = later(talk, &items);
    talk.work();
    assert_eq!(reason(&poll(talk, &said[0])), "WrongKeyLifecycleState");
    let answer = poll(talk, &said[1]);
    assert!(reason(&answer) == "GeneralFailure" && answer.contains("not done"), "{answer}");
    let goes_on = r#"<BatchErrorContinuationOption type="Enumeration" value="Continue"/>"#;
    let said = pending(&talk.ask_all(&format!("{MANDATORY}{goes_on}"), &items));
    talk.work();
    assert_eq!(values(&poll(talk, &said[0]), "Operation"), ["Destroy"]);
    assert!(poll(talk, &said[1]).contains("KeyMaterial"));
}

#[test]
fn what_is_asked_about_others_requests_is_answered_like_what_is_asked_about_none() {
    in_both_versions(|talk| {
        let said = pending(&talk.ask_all(takes(talk), &[("CreateKeyPair", &create_pair(talk))]));
        let own = talk.become_other(talk.other("other", ALL));
        let none = said[0].replace(&said[0][..16], "00000000000000ff");
        let told = |operation, value: &str| {
            let answer = talk.ask(operation, &correlated(value));
            answer.replace(value, "")
        };
        for is_done in [false, true] {
            for operation in ["Poll", "Cancel", "Process"] {
                assert_eq!(told(operation, &said[0]), told(operation, &none), "{operation}");
            }
            assert_eq!(reason(&poll(talk, &said[0])), unknown(talk));
            assert_eq!(cancel(talk, &said[0]), "Unavailable");
            if talk.minor == 1 {
                assert!(stages(talk, "").is_empty());
                assert!(
                    stages(
                        talk,
                        &format!(
                            "<AsynchronousCorrelationValues>{}</AsynchronousCorrelationValues>",
                            correlated(&said[0])
                        )
                    )
                    .is_empty()
                );
            }
            if !is_done {
                talk.work();
            }
        }
        talk.become_other(own);
        assert!(poll(talk, &said[0]).contains(r#"value="Success""#));
    });
}

#[test]
fn a_request_is_done_with_the_rights_of_who_asks() {
    let talk = &Conversation::new(1);
    let blind = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"strongroom:Locate","Resource":"*"}]}"#;
    talk.become_other(talk.other("blind", blind));
    let said = later(talk, &[("Create", &create(talk))]);
    talk.work();
    assert_eq!(reason(&poll(talk, &said[0])), "PermissionDenied");
}

#[test]
fn what_is_not_begun_is_cancelled_and_what_is_done_is_not() {
    in_both_versions(|talk| {
        let submit = |payload: &str| {
            pending(&talk.ask_all(takes(talk), &[("CreateKeyPair", payload)])).remove(0)
        };
        let locate = || values(&talk.ask("Locate", ""), "UniqueIdentifier").len();
        let value = submit(&create_pair(talk));
        assert_eq!(cancel(talk, &value), "Canceled");
        talk.work();
        assert_eq!(locate(), 0);
        assert_eq!(cancel(talk, &value), "Failed");
        assert_eq!(reason(&poll(talk, &value)), "OperationCanceledByRequester");
        assert_eq!(cancel(talk, &value), "Unavailable");
        let value = submit(&create_pair(talk));
        talk.work();
        assert_eq!((cancel(talk, &value), locate()), ("Completed".to_owned(), 2));
        assert!(poll(talk, &value).contains(r#"value="Success""#));
        let value = submit(&create_pair(talk).replace(r#""256""#, r#""257""#));
        talk.work();
        assert_eq!(cancel(talk, &value), "Failed");
    });
}

#[test]
fn what_is_asked_about_requests_is_answered_at_once() {
    let talk = &Conversation::new(1);
    let value = later(talk, &[("Create", &create(talk))]).remove(0);
    for operation in ["Poll", "Cancel", "Process", "QueryAsynchronousRequests"] {
        let payload = match operation {
            "QueryAsynchronousRequests" => String::new(),
            _ => correlated(&value),
        };
        let answer = talk.ask_all(MANDATORY, &[(operation, &payload)]);
        assert_eq!(reason(&answer), "FeatureNotSupported", "{operation}");
    }
    talk.work();
    // Nor is it where it could not be undone, or undone what is answered later.
    let undo = r#"<BatchErrorContinuationOption type="Enumeration" value="Undo"/>"#;
    for operation in ["Poll", "Cancel"] {
        let payload = correlated(&value);
        let answer = talk.ask_all(undo, &[(operation, &payload), ("Ping", "")]);
        assert_eq!(reason(&answer), "FeatureNotSupported", "{operation}");
    }
    let both = format!("{MANDATORY}{undo}");
    let answer = talk.ask_all(&both, &[("Ping", ""), ("Ping", "")]);
    assert_eq!(reason(&answer), "FeatureNotSupported");
    assert!(poll(talk, &value).contains(r#"value="Success""#));
}

#[test]
fn a_client_asks_which_requests_there_are_and_waits_for_one() {
    let talk = &Conversation::new(1);
    let first = later(talk, &[("Create", &create(talk))]).remove(0);
    talk.work();
    let second = later(talk, &[("Ping", "")]).remove(0);
    let answer = talk.ask("QueryAsynchronousRequests", "");
    assert_eq!(values(&answer, "AsynchronousCorrelationValue"), [first.as_str(), &second]);
    assert_eq!(values(&answer, "Operation")[1..], ["Create", "Ping"]);
    assert_eq!(values(&answer, "ProcessingStage"), ["Completed", "Submitted"]);
    let pings = r#"<Operations><Operation type="Enumeration" value="Ping"/></Operations>"#;
    assert_eq!(stages(talk, pings), ["Submitted"]);
    let one = format!(
        "<AsynchronousCorrelationValues>{}</AsynchronousCorrelationValues>",
        correlated(&first)
    );
    assert_eq!(stages(talk, &one), ["Completed"]);
    assert!(stages(talk, &format!("{one}{pings}")).is_empty());
    let done = talk.ask("Process", &correlated(&first));
    assert!(done.contains(r#"value="Success""#), "{done}");
    assert!(poll(talk, &first).contains(r#"value="Success""#));
    assert_eq!(reason(&talk.ask("Process", &correlated(&first))), unknown(talk));
    let capable =
        talk.ask("Query", r#"<QueryFunction type="Enumeration" value="QueryCapabilities"/>"#);
    assert_eq!(values(&capable, "AsynchronousCapability"), ["true"]);
}

#[test]
fn there_are_so_many_requests_and_no_more() {
    let talk = &Conversation::new(1);
    let most = limits::KMIP_OUTSTANDING_OF_ONE_MAX;
    let items = vec![("Ping", ""); most + 1];
    let answer = talk.ask_all(MANDATORY, &items);
    let said = values(&answer, "AsynchronousCorrelationValue");
    assert_eq!((said.len(), reason(&answer).as_str()), (most, "ServerLimitExceeded"));
    // One's own are no others'.
    let own = talk.become_other(talk.other("other", ALL));
    later(talk, &[("Ping", "")]);
    talk.become_other(own);
    talk.work();
    assert_eq!(reason(&talk.ask_all(MANDATORY, &[("Ping", "")])), "ServerLimitExceeded");
    assert!(poll(talk, &said[0]).contains(r#"value="Success""#));
    later(talk, &[("Ping", "")]);
}

#[test]
fn a_result_is_kept_for_a_while_and_a_request_until_it_is_done() {
    let talk = &Conversation::new(1);
    let done = later(talk, &[("Create", &create(talk))]).remove(0);
    talk.work();
    let open = later(talk, &[("Ping", "")]).remove(0);
    assert!(talk.wait(limits::KMIP_OUTSTANDING_MS - 1));
    assert_eq!(stages(talk, ""), ["Completed", "Submitted"]);
    assert!(talk.wait(1));
    assert_eq!(reason(&poll(talk, &done)), unknown(talk));
    assert_eq!(pending(&poll(talk, &open)), [open]);
    talk.work();
    assert!(!talk.wait(0));
}

#[test]
fn results_do_not_outlast_the_sealing_of_the_server() {
    let talk = &Conversation::new(1);
    let id = named(&talk.create());
    later(talk, &[("Get", &id)]);
    talk.work();
    assert!(talk.wait(0));
    talk.seal();
    assert!(!talk.wait(0));
}

#[test]
fn work_that_is_lost_has_failed() {
    let talk = &Conversation::new(1);
    let said = later(talk, &[("Create", &create(talk)), ("Ping", "")]);
    talk.lose_work();
    for value in said {
        assert_eq!(reason(&poll(talk, &value)), "GeneralFailure");
    }
}

#[test]
fn what_the_client_could_not_be_told_of_is_not_done() {
    let talk = &Conversation::new(1);
    let header = format!(r#"<MaximumResponseSize type="Integer" value="150"/>{MANDATORY}"#);
    let answer = talk.ask_all(&header, &[("Create", &create(talk))]);
    assert_eq!(reason(&answer), "ResponseTooLarge");
    talk.work();
    assert!(stages(talk, "").is_empty());
    assert!(values(&talk.ask("Locate", ""), "UniqueIdentifier").is_empty());
}

#[test]
fn a_request_that_is_too_long_is_answered_at_once_or_not_at_all() {
    let talk = &Conversation::new(1);
    let hash = |len: usize| {
        let parameters = r#"<CryptographicParameters>
            <HashingAlgorithm type="Enumeration" value="SHA_256"/></CryptographicParameters>"#;
        format!(r#"{parameters}<Data type="ByteString" value="{}"/>"#, "00".repeat(len))
    };
    let long = hash(limits::KMIP_OUTSTANDING_LEN_MAX);
    let answer = talk.ask_all(MANDATORY, &[("Hash", &long)]);
    assert_eq!(reason(&answer), "ServerLimitExceeded");
    assert!(talk.ask("Hash", &long).contains(r#"value="Success""#));
    let short = hash(limits::KMIP_OUTSTANDING_LEN_MAX - 1024);
    let said = later(talk, &[("Hash", &short)]);
    talk.work();
    assert!(poll(talk, &said[0]).contains("<Data "));
}
