//! Attributes over the protocol in XML: added, changed, moved, deleted, looked for.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the other tests use the rest")]
mod conversation;
mod templates;

use conversation::{ACTIVE, AES, Conversation, SYMMETRIC, in_both_versions, named, values};

/// An object of which attributes are changed.
struct Subject {
    with: Conversation,
    id: String,
}

impl Subject {
    fn new(minor: u32) -> Self {
        let with = Conversation::new(minor);
        let id = with.create();
        Self { with, id }
    }

    fn does(&self, operation: &str, payload: &str) -> String {
        let answer = self.with.ask(operation, &format!("{}{payload}", named(&self.id)));
        assert!(answer.contains(r#"value="Success""#), "{operation} {payload}: {answer}");
        answer
    }

    fn refuses(&self, operation: &str, payload: &str, reason: &str) {
        let answer = self.with.ask(operation, &format!("{}{payload}", named(&self.id)));
        let said = values(&answer, "ResultReason");
        assert_eq!(said, [reason], "{operation} {payload}: {answer}");
    }

    /// The values of an attribute of 2.1, by the element that has them.
    fn has(&self, name: &str, element: &str) -> Vec<String> {
        values(&self.does("GetAttributes", &reference(name)), element)
    }

    fn is_found(&self, attributes: &str) -> bool {
        let asked = format!("<Attributes>{attributes}</Attributes>");
        self.with.made("Locate", &asked).contains(&self.id)
    }
}

fn new(attribute: &str) -> String {
    format!("<NewAttribute>{attribute}</NewAttribute>")
}

fn current(attribute: &str) -> String {
    format!("<CurrentAttribute>{attribute}</CurrentAttribute>")
}

fn reference(name: &str) -> String {
    format!(r#"<AttributeReference type="Enumeration" value="{name}"/>"#)
}

fn text(name: &str, value: &str) -> String {
    format!(r#"<{name} type="TextString" value="{value}"/>"#)
}

fn name(value: &str) -> String {
    format!(
        r#"<Name>{}<NameType type="Enumeration" value="UninterpretedTextString"/></Name>"#,
        text("NameValue", value)
    )
}

/// An attribute as 1.4 writes it.
fn pair(name: &str, index: Option<u32>, value: &str) -> String {
    let index = index.map(|it| format!(r#"<AttributeIndex type="Integer" value="{it}"/>"#));
    let value = match name {
        "Name" => format!(
            r#"<AttributeValue>{}<NameType type="Enumeration" value="UninterpretedTextString"/>
            </AttributeValue>"#,
            text("NameValue", value)
        ),
        _ => text("AttributeValue", value),
    };
    let name = text("AttributeName", name);
    format!("<Attribute>{name}{}{value}</Attribute>", index.unwrap_or_default())
}

#[test]
fn an_attribute_is_set_once_and_then_changed() {
    let key = Subject::new(1);
    let description = |value| new(&text("Description", value));
    key.does("SetAttribute", &description("one"));
    key.does("SetAttribute", &description("two"));
    assert_eq!(key.has("Description", "Description"), ["two"]);
    key.refuses("AddAttribute", &description("three"), "AttributeSingleValued");
    key.does("DeleteAttribute", &reference("Description"));
    key.refuses("DeleteAttribute", &reference("Description"), "AttributeNotFound");
    key.refuses("ModifyAttribute", &description("four"), "AttributeNotFound");
    let state = new(r#"<State type="Enumeration" value="PreActive"/>"#);
    key.refuses("SetAttribute", &state, "ReadOnlyAttribute");
    key.refuses("ModifyAttribute", &state, "AttributeReadOnly");
    key.refuses("DeleteAttribute", &reference("State"), "AttributeReadOnly");
    let date = new(r#"<ActivationDate type="DateTime" value="2100-01-01T00:00:00Z"/>"#);
    key.refuses("ModifyAttribute", &date, "WrongKeyLifecycleState");
}

#[test]
fn one_of_several_is_said_by_its_value() {
    let key = Subject::new(1);
    key.does("AddAttribute", &new(&name("a")));
    key.does("AddAttribute", &new(&name("b")));
    key.refuses("AddAttribute", &new(&name("b")), "NonUniqueNameAttribute");
    key.refuses("SetAttribute", &new(&name("c")), "MultiValuedAttribute");
    key.refuses("ModifyAttribute", &new(&name("c")), "AttributeInstanceNotFound");
    key.does("ModifyAttribute", &format!("{}{}", current(&name("b")), new(&name("c"))));
    assert_eq!(key.has("Name", "NameValue"), ["a", "c"]);
    key.does("DeleteAttribute", &current(&name("a")));
    assert_eq!(key.has("Name", "NameValue"), ["c"]);
    let other = key.with.create();
    let answer = key.with.ask("AddAttribute", &format!("{}{}", named(&other), new(&name("c"))));
    assert_eq!(values(&answer, "ResultReason"), ["NonUniqueNameAttribute"]);
}

#[test]
fn in_1_x_one_of_several_is_said_by_its_index_and_told() {
    let key = Subject::new(4);
    for (at, value) in ["a", "b", "c"].into_iter().enumerate() {
        let answer = key.does("AddAttribute", &pair("Name", None, value));
        let told: &[String] = &[at.to_string()];
        assert_eq!(values(&answer, "AttributeIndex"), if at == 0 { &[] } else { told });
        assert_eq!(values(&answer, "NameValue"), [value]);
    }
    key.does("ModifyAttribute", &pair("Name", Some(1), "d"));
    key.refuses("ModifyAttribute", &pair("Name", Some(7), "e"), "ItemNotFound");
    key.refuses("ModifyAttribute", &pair("Comment", None, "e"), "InvalidField");
    key.refuses("AddAttribute", &pair("x-a", Some(0), "e"), "InvalidField");
    key.refuses("AddAttribute", &pair("Name", None, "a"), "IllegalOperation");
    key.refuses("DeleteAttribute", &text("AttributeName", "Comment"), "ItemNotFound");
    key.refuses("DeleteAttribute", &text("AttributeName", "State"), "PermissionDenied");
    let first = key.does("DeleteAttribute", &text("AttributeName", "Name"));
    assert_eq!(values(&first, "NameValue"), ["a"]);
    let left = key.does("GetAttributes", &text("AttributeName", "Name"));
    assert_eq!(values(&left, "NameValue"), ["d", "c"]);
    assert_eq!(values(&left, "AttributeIndex"), ["1", "2"]);
}

#[test]
fn a_number_is_moved() {
    let key = Subject::new(1);
    let by = |kind, value: &str| {
        let value = format!(r#"<AdjustmentValue type="Interval" value="{value}"/>"#);
        let kind = format!(r#"<AdjustmentType type="Enumeration" value="{kind}"/>"#);
        format!("{}{kind}{value}", reference("ProtectionPeriod"))
    };
    key.does("AdjustAttribute", &by("Increment", "60"));
    key.does("AdjustAttribute", &by("Decrement", "20"));
    assert_eq!(key.has("ProtectionPeriod", "ProtectionPeriod"), ["40"]);
    key.refuses("AdjustAttribute", &by("Decrement", "41"), "NumericRange");
}

#[test]
fn an_object_is_found_by_what_it_has_now() {
    let key = Subject::new(1);
    let group = |value| text("ObjectGroup", value);
    key.does("AddAttribute", &new(&name("n")));
    key.does("AddAttribute", &new(&group("g")));
    let active = r#"<State type="Enumeration" value="Active"/>"#;
    assert!(key.is_found("") && key.is_found(active));
    assert!(key.is_found(&format!("{}{}{active}", name("n"), group("g"))));
    assert!(!key.is_found(&format!("{}{}", name("n"), group("h"))));
    let date =
        |year| format!(r#"<ActivationDate type="DateTime" value="{year}-01-01T00:00:00Z"/>"#);
    assert!(key.is_found(&date(2020)) && !key.is_found(&date(2021)));
    assert!(key.is_found(&format!("{}{}", date(2019), date(2021))));
    key.does("DeleteAttribute", &current(&group("g")));
    assert!(!key.is_found(&group("g")));
    key.does("Archive", "");
    assert!(!key.is_found(&name("n")));
    key.refuses("AddAttribute", &new(&group("h")), "ObjectArchived");
    key.does("Recover", "");
    assert!(key.is_found(&name("n")));
    let compromise = r#"<RevocationReason>
        <RevocationReasonCode type="Enumeration" value="KeyCompromise"/></RevocationReason>"#;
    key.does("Revoke", compromise);
    key.does("Destroy", "");
    assert!(!key.is_found(&name("n")) && !key.is_found(""));
}

#[test]
fn what_is_found_is_told_in_pages() {
    let with = Conversation::new(1);
    for _ in 0..3 {
        with.create();
    }
    let page = |numbers: &str| with.ask("Locate", &format!("{numbers}<Attributes></Attributes>"));
    let all = page("");
    assert_eq!(values(&all, "UniqueIdentifier").len(), 3);
    assert!(values(&all, "LocatedItems").is_empty());
    let last =
        page(r#"<MaximumItems type="Integer" value="2"/><OffsetItems type="Integer" value="2"/>"#);
    assert_eq!(values(&last, "UniqueIdentifier").len(), 1);
    assert_eq!(values(&last, "LocatedItems"), ["3"]);
}

#[test]
fn what_the_servers_it_is_to_say_is_no_clients_to_say_of_a_new_object() {
    in_both_versions(|with| {
        let reason = if with.minor == 4 { "PermissionDenied" } else { "AttributeReadOnly" };
        let state = ("State", "Enumeration", "Active");
        let attributes = with.attributes(&[AES, &[state]].concat());
        let answer = with.ask("Create", &format!("{SYMMETRIC}{attributes}"));
        assert_eq!(values(&answer, "ResultReason"), [reason]);
        let attributes = with.attributes(&[AES, &[ACTIVE]].concat());
        let answer = with.ask("Create", &format!("{SYMMETRIC}{attributes}"));
        let reason = if with.minor == 4 { "InvalidField" } else { "AttributeSingleValued" };
        assert_eq!(values(&answer, "ResultReason"), [reason]);
    });
}
