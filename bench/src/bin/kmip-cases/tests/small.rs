//! Small conversations: for each rule one that passes by it, and one that fails by it.

use std::cell::RefCell;

use kmip::Encoding;

use super::{NOW, Server, replay};
use crate::{
    case::{Case, Step},
    replay::Run,
    tree::Node,
};

/// A request of one operation, in XML.
fn ask(operation: &str, payload: &str) -> String {
    format!(
        "<RequestMessage><RequestHeader/><BatchItem>\
         <Operation type=\"Enumeration\" value=\"{operation}\"/>\
         <RequestPayload>{payload}</RequestPayload></BatchItem></RequestMessage>"
    )
}

/// An answer to it, in XML.
fn say(operation: &str, payload: &str) -> String {
    format!(
        "<ResponseMessage><ResponseHeader/><BatchItem>\
         <Operation type=\"Enumeration\" value=\"{operation}\"/>\
         <ResponsePayload>{payload}</ResponsePayload></BatchItem></ResponseMessage>"
    )
}

fn identifier(value: &str) -> String {
    format!("<UniqueIdentifier type=\"TextString\" value=\"{value}\"/>")
}

fn bytes(tag: &str, value: &str) -> String {
    format!("<{tag} type=\"ByteString\" value=\"{value}\"/>")
}

fn enumeration(tag: &str, value: &str) -> String {
    format!("<{tag} type=\"Enumeration\" value=\"{value}\"/>")
}

fn name(value: &str) -> String {
    format!("<Name><NameValue type=\"TextString\" value=\"{value}\"/></Name>")
}

/// A case of requests with the answers that it has.
fn case(steps: &[(String, String)]) -> Case {
    let text: String = steps.iter().flat_map(|(ask, say)| [ask.as_str(), say]).collect();
    Case::read("A-M-1-21", &text).unwrap()
}

/// What is answered, in XML.
fn answer(text: &str) -> Node {
    let text = format!("{}{text}", ask("Query", ""));
    let [Step { response, .. }] =
        <[Step; 1]>::try_from(Case::read("A", &text).unwrap().steps).unwrap();
    response
}

/// Replays requests, each with the answer that the case has and the one that comes. Answers what
/// was sent, or what differs.
fn outcome(steps: &[(String, String, String)]) -> Result<Vec<Node>, String> {
    let case =
        case(&steps.iter().map(|(ask, say, _)| (ask.clone(), say.clone())).collect::<Vec<_>>());
    let mut sent = Vec::new();
    let played = replay(&case, |at, request| {
        sent.push(request);
        Ok(answer(&steps[at].2))
    });
    played.map(|_| sent).map_err(|failure| failure.why)
}

/// One operation, with what the case has and what comes in the payload.
fn one(operation: &str, asked: &str, expected: &str, actual: &str) -> Result<Vec<Node>, String> {
    let [expected, actual] = [expected, actual].map(|payload| say(operation, payload));
    outcome(&[(ask(operation, asked), expected, actual)])
}

#[test]
fn a_variable_is_what_it_was_at_first() {
    let steps = |again: &str| {
        [
            (
                ask("Locate", ""),
                say("Locate", &identifier("$ID_0")),
                say("Locate", &identifier("a")),
            ),
            (
                ask("Activate", &identifier("$ID_0")),
                say("Activate", &identifier("$ID_0")),
                say("Activate", &identifier(again)),
            ),
        ]
    };
    let sent = outcome(&steps("a")).unwrap();
    assert!(sent[1].to_string().contains("UniqueIdentifier=\"a\""), "{}", sent[1]);
    let why = outcome(&steps("b")).unwrap_err();
    assert!(why.ends_with("UniqueIdentifier is \"b\" instead of \"a\""), "{why}");
}

#[test]
fn a_variable_that_no_response_has_is_the_last_of_its_tag() {
    let steps = |variable: &str| {
        let mac = bytes("MACData", "0102");
        [
            (ask("MAC", ""), say("MAC", &mac), say("MAC", &mac)),
            (
                ask("MACVerify", &bytes("MACData", variable)),
                say("MACVerify", ""),
                say("MACVerify", ""),
            ),
        ]
    };
    assert!(outcome(&steps("$MAC_DATA_0")).unwrap()[1].to_string().contains("MACData=0102"));
    assert!(outcome(&steps("$KEY_MATERIAL")).unwrap_err().contains("$KEY_MATERIAL"));
}

#[test]
fn now_is_some_seconds_wide() {
    let date = |value: &str| format!("<InitialDate type=\"DateTime\" value=\"{value}\"/>");
    let at = |moment: i64| {
        let moment = date(&format!("{moment:#018x}"));
        one("Check", &date("$NOW-3600"), &date("$NOW"), &moment)
    };
    assert!(at(NOW - 4).is_ok() && at(NOW + 4).is_ok());
    assert!(at(NOW - 60).is_err() && at(NOW + 60).is_err());
    let sent = at(NOW).unwrap()[0].to_string();
    assert!(sent.contains(&format!("InitialDate={}", NOW + 1 - 3600)), "{sent}");
}

#[test]
fn fields_come_in_any_order_and_pairs_are_tried() {
    let expected = name("$A") + &name("b") + &identifier("c");
    let actual = |first, second| identifier("c") + &name(first) + &name(second);
    let names = |first, second| one("Get", "", &expected, &actual(first, second));
    assert!(names("b", "a").is_ok() && names("a", "b").is_ok());
    assert!(names("a", "c").is_err());
}

#[test]
fn items_of_a_batch_come_in_order() {
    let item =
        |operation: &str| format!("<BatchItem>{}</BatchItem>", enumeration("Operation", operation));
    let message = |of: &str, items: &[&str]| {
        let items: String = items.iter().map(|operation| item(operation)).collect();
        format!("<{of}Message><{of}Header/>{items}</{of}Message>")
    };
    let come = |items: &[&str]| {
        let both = ["Get", "Destroy"];
        outcome(&[(
            message("Request", &both),
            message("Response", &both),
            message("Response", items),
        )])
    };
    assert!(come(&["Get", "Destroy"]).is_ok());
    assert!(come(&["Destroy", "Get"]).is_err());
    assert!(come(&["Get"]).is_err());
    assert!(come(&["Get", "Destroy", "Destroy"]).is_err());
}

#[test]
fn nothing_is_missing_and_nothing_is_too_much() {
    let (one_name, two) = (name("a"), name("a") + &name("b"));
    assert!(one("Get", "", &one_name, &one_name).is_ok());
    assert_eq!(
        one("Get", "", &two, &one_name).unwrap_err(),
        "ResponsePayload/Name{NameValue=\"b\"} is missing"
    );
    assert_eq!(
        one("Get", "", &one_name, &two).unwrap_err(),
        "ResponsePayload/Name{NameValue=\"b\"} is not in the case"
    );
    let integer = "<UniqueIdentifier type=\"Integer\" value=\"1\"/>";
    assert!(one("Get", "", &identifier("1"), integer).is_err());
    let interval = integer.replace("Integer", "Interval");
    assert!(one("Get", "", integer, &interval).is_err(), "a type matters");
    assert!(one("Get", "", &identifier("$ID_0"), integer).is_err(), "a variable's too");
}

#[test]
fn what_differs_is_said_so_that_it_can_be_looked_for() {
    let attribute = |name: &str, value: &str| {
        format!(
            "<Attribute><AttributeName type=\"TextString\" value=\"{name}\"/>\
             <AttributeValue type=\"Enumeration\" value=\"{value}\"/></Attribute>"
        )
    };
    let [active, compromised] = ["Active", "Compromised"].map(|state| attribute("State", state));
    let kind = attribute("Object Type", "SymmetricKey");
    let both = active.clone() + &kind;
    assert_eq!(
        one("GetAttributes", "", &both, &(compromised + &kind)).unwrap_err(),
        "ResponsePayload/Attribute/AttributeValue is Compromised instead of Active"
    );
    let why = one("GetAttributes", "", &both, &active).unwrap_err();
    assert!(why.starts_with("ResponsePayload/Attribute{AttributeName=\"Object Type\""), "{why}");
    let failed = say("Get", "").replace(
        "<ResponsePayload></ResponsePayload>",
        &(enumeration("ResultReason", "PermissionDenied")
            + "<ResultMessage type=\"TextString\" value=\"No.\"/>"),
    );
    assert_eq!(
        outcome(&[(ask("Get", ""), say("Get", ""), failed)]).unwrap_err(),
        "ResponsePayload{} is missing; the server says PermissionDenied: No."
    );
}

/// A key that is made or registered, used to encrypt and to decrypt.
fn encryption(made: bool, came: &str, plain: &str) -> Result<Vec<Node>, String> {
    let operation = if made { "Create" } else { "Register" };
    let id = identifier("$ID_0");
    let data = |value: &str| identifier("$ID_0") + &bytes("Data", value);
    let comes = |value: &str| identifier("k") + &bytes("Data", value);
    outcome(&[
        (ask(operation, ""), say(operation, &id), say(operation, &identifier("k"))),
        (ask("Encrypt", &data("01")), say("Encrypt", &data("aa")), say("Encrypt", &comes(came))),
        (ask("Decrypt", &data("aa")), say("Decrypt", &data("01")), say("Decrypt", &comes(plain))),
    ])
}

#[test]
fn what_a_key_of_the_server_makes_is_its_choice() {
    let sent = encryption(true, "bb", "01").unwrap();
    assert!(sent[2].to_string().contains("Data=bb"), "{}", sent[2]);
    // Not of another length; and what was sent comes back as it was.
    assert!(encryption(true, "bbbb", "01").is_err());
    assert!(encryption(true, "bb", "02").is_err());
    assert!(encryption(false, "aa", "01").is_ok());
    assert!(encryption(false, "bb", "01").is_err());
}

#[test]
fn material_that_the_server_made_is_the_same_each_time() {
    let material = |value: &str| identifier("k") + &bytes("KeyMaterial", value);
    let id = identifier("$ID_0");
    let expected = id.clone() + &bytes("KeyMaterial", "aa");
    let gets = |operation: &str, first: &str, second: &str| {
        outcome(&[
            (ask(operation, ""), say(operation, &id), say(operation, &identifier("k"))),
            (ask("Get", &id), say("Get", &expected), say("Get", &material(first))),
            (ask("Get", &id), say("Get", &expected), say("Get", &material(second))),
        ])
    };
    assert!(gets("Create", "bb", "bb").is_ok());
    assert!(gets("Create", "bb", "cc").is_err());
    assert!(gets("Register", "bb", "bb").is_err());
}

#[test]
fn what_is_different_each_time_is_not_compared() {
    let data = |value: &str| bytes("Data", value);
    assert!(one("RNGRetrieve", "", &data("01"), &data("02")).is_ok());
    assert!(one("RNGRetrieve", "", &data("01"), &data("0203")).is_err());
    assert!(one("Hash", "", &data("01"), &data("02")).is_err());
    // With a nonce in the answer, the server chose it.
    let with_nonce =
        |data: &str, nonce: &str| bytes("Data", data) + &bytes("IVCounterNonce", nonce);
    assert!(one("Encrypt", "", &with_nonce("01", "02"), &with_nonce("03", "04")).is_ok());
    assert!(one("Encrypt", "", &data("01"), &data("03")).is_err());
    let public = |kind: &str| {
        let id = identifier("$ID_0");
        let [expected, comes] = [("$ID_0", "01"), ("k", "02")]
            .map(|(id, data)| say("Encrypt", &(identifier(id) + &bytes("Data", data))));
        outcome(&[
            (
                ask("Register", &enumeration("ObjectType", kind)),
                say("Register", &id),
                say("Register", &identifier("k")),
            ),
            (ask("Encrypt", &id), expected, comes),
        ])
    };
    assert!(public("PublicKey").is_ok());
    assert!(public("SymmetricKey").is_err());
}

#[test]
fn query_answers_more_but_not_less() {
    let operations = |names: &[&str]| -> String {
        names.iter().map(|name| enumeration("Operation", name)).collect()
    };
    let expected = operations(&["Get", "Put", "Notify", "Destroy"]);
    let comes = |names: &[&str]| one("Query", "", &expected, &operations(names));
    assert!(comes(&["Activate", "Destroy", "Get", "Put", "Notify"]).is_ok());
    assert!(comes(&["Destroy", "Get"]).is_ok());
    assert!(comes(&["Get", "Put", "Notify"]).is_err());
    assert!(comes(&["Destroy", "Get", "Get"]).is_err());
    let more = expected.clone() + &enumeration("ObjectType", "Certificate");
    assert!(one("Query", "", &expected, &more).is_err(), "object types are not asked for");
    let space = "<ApplicationNamespace type=\"TextString\" value=\"a\"/>";
    let asked = enumeration("QueryFunction", "QueryApplicationNamespaces");
    assert!(one("Query", &asked, "", space).is_ok());
    assert!(one("Query", "", "", space).is_err());
}

#[test]
fn whose_server_it_is_does_not_matter() {
    let server = |vendor: &str, inside: &str| {
        format!(
            "<VendorIdentification type=\"TextString\" value=\"{vendor}\"/>\
             <ServerInformation>{inside}</ServerInformation>"
        )
    };
    let inside = name("a");
    assert!(one("Query", "", &server("a", ""), &server("b", &inside)).is_ok());
    assert!(one("Query", "", &server("a", ""), &inside).is_err());
    assert!(one("Get", "", &server("a", ""), &server("b", "")).is_err());
}

#[test]
fn who_asks_for_all_attributes_may_get_more() {
    let reference = enumeration("AttributeReference", "State");
    let attributes = |inside: &str| format!("<Attributes>{inside}</Attributes>");
    let sensitive = "<Sensitive type=\"Boolean\" value=\"true\"/>";
    let [few, many] = [name("a"), name("a") + sensitive].map(|inside| attributes(&inside));
    assert!(one("GetAttributes", "", &few, &many).is_ok());
    assert!(one("GetAttributes", "", &many, &few).is_err());
    assert!(one("GetAttributes", &reference, &few, &many).is_err());
    let twice = attributes(&(name("a") + &name("b")));
    assert!(one("GetAttributes", "", &few, &twice).is_err());
    let more = reference.clone() + &enumeration("AttributeReference", "Name");
    assert!(one("GetAttributeList", "", &reference, &more).is_ok());
    assert!(one("GetAttributeList", "", &more, &reference).is_err());
    let told = |case: &Case| replay(case, |_, _| Ok(answer(&say("GetAttributes", &many)))).unwrap();
    let told = told(&case(&[(ask("GetAttributes", ""), say("GetAttributes", &few))]));
    assert_eq!(told, ["step 0: has Sensitive=1"]);
}

#[test]
fn attributes_of_1_x_have_names_and_may_have_an_index_of_zero() {
    let attribute = |name: &str, index: &str, value: &str| {
        let name = format!("<AttributeName type=\"TextString\" value=\"{name}\"/>");
        format!(
            "<Attribute>{name}{index}<AttributeValue type=\"Integer\" value=\"{value}\"/></Attribute>"
        )
    };
    let index = |number| format!("<AttributeIndex type=\"Integer\" value=\"{number}\"/>");
    let [plain, zero, first] =
        [String::new(), index(0), index(1)].map(|index| attribute("x-A", &index, "1"));
    assert!(one("AddAttribute", "", &plain, &zero).is_ok());
    assert!(one("AddAttribute", "", &plain, &first).is_err());
    assert!(one("AddAttribute", "", &zero, &plain).is_err());
    let more = plain.clone() + &attribute("x-B", "", "2");
    assert!(one("GetAttributes", "", &plain, &more).is_ok());
    let twice = plain.clone() + &attribute("x-A", "", "2");
    assert!(one("GetAttributes", "", &plain, &twice).is_err());
}

#[test]
fn a_digest_is_there_whatever_it_says() {
    let digest = |algorithm: &str, value: &str| {
        let value = bytes("DigestValue", value) + &enumeration("KeyFormatType", "Raw");
        format!("<Digest>{}{value}</Digest>", enumeration("HashingAlgorithm", algorithm))
    };
    let expected = digest("SHA_256", "01");
    assert!(one("GetAttributes", "", &expected, &digest("SHA_512", "0203")).is_ok());
    assert!(one("GetAttributes", "", &expected, "<Digest/>").is_err());
}

#[test]
fn messages_for_people_do_not_matter() {
    let failed = |message: &str| {
        let reason = enumeration("ResultReason", "PermissionDenied");
        say("Get", "").replace("<ResponsePayload>", &format!("{reason}{message}<ResponsePayload>"))
    };
    let message = |text: &str| format!("<ResultMessage type=\"TextString\" value=\"{text}\"/>");
    let come = |expected: &str, actual: &str| {
        outcome(&[(ask("Get", ""), failed(expected), failed(actual))])
    };
    assert!(come(&message("a"), &message("b")).is_ok());
    assert!(come(&message("a"), "").is_ok() && come("", &message("b")).is_ok());
    assert!(outcome(&[(ask("Get", ""), failed(""), say("Get", ""))]).is_err(), "a reason matters");
}

#[test]
fn a_case_that_failed_puts_its_things_away() {
    let id = identifier("$ID_0");
    let case = case(&[
        (ask("Create", ""), say("Create", &id)),
        (ask("Get", &id), say("Get", &id)),
        (ask("Get", &identifier("$ID_1")), say("Get", &id)),
        (ask("Destroy", &id), say("Destroy", &id)),
    ]);
    let sent = RefCell::new(Vec::new());
    let failure = replay(&case, |at, request| {
        sent.borrow_mut().push(request.to_string());
        Ok(answer(&say(["Create", "Get", "Destroy"][at], &identifier(["a", "b", "a"][at]))))
    });
    let failure = failure.unwrap_err();
    assert_eq!(failure.step, 1);
    let shown: Vec<&str> = failure.messages.iter().map(|(what, _)| *what).collect();
    assert_eq!(shown, ["sent", "should come back", "came back"]);
    assert!(failure.messages[1].1.contains("value=\"$ID_0\""), "{}", failure.messages[1].1);
    let sent = sent.into_inner();
    assert_eq!(sent.len(), 3, "what has no value cannot be sent");
    assert!(sent[2].contains("Destroy") && sent[2].contains("UniqueIdentifier=\"a\""));
}

#[test]
fn a_connection_that_breaks_fails_the_case() {
    let case = case(&[(ask("Get", ""), say("Get", ""))]);
    let failure = replay(&case, |_, _| Err("closed".to_owned())).unwrap_err();
    assert_eq!((failure.step, failure.why.as_str()), (0, "closed"));
}

#[test]
fn a_case_knows_what_another_has_made() {
    let (id, clock) = (identifier("$ID_0"), || NOW);
    let key = |value: &str| identifier("k") + &bytes("KeyMaterial", value);
    let made = case(&[(ask("Create", ""), say("Create", &id))]);
    let found = case(&[(ask("Get", ""), say("Get", &(id.clone() + &bytes("KeyMaterial", "01"))))]);
    let gets = |run: &mut Run<'_>| {
        let answer = |_, _| Ok(answer(&say("Get", &key("02"))));
        run.replay(&found, &mut Server(answer, 0), Encoding::Ttlv)
    };
    let mut run = Run::new(&clock);
    assert!(gets(&mut run).is_err());
    let create = |_, _| Ok(answer(&say("Create", &identifier("k"))));
    run.replay(&made, &mut Server(create, 0), Encoding::Ttlv).unwrap();
    assert!(gets(&mut run).is_ok());
}
