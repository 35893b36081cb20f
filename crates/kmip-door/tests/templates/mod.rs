//! Templates of 1.x over the protocol in XML.

use crate::conversation::{AES, Conversation, SYMMETRIC, named, values};

const TEMPLATE: &str = r#"<ObjectType type="Enumeration" value="Template"/>"#;

fn name(value: &str, times: usize) -> String {
    format!(
        r#"<Name><NameValue type="TextString" value="{value}"/>
        <NameType type="Enumeration" value="UninterpretedTextString"/></Name>"#
    )
    .repeat(times)
}

fn group(value: &str) -> String {
    format!(
        r#"<Attribute><AttributeName type="TextString" value="Object Group"/>
        <AttributeValue type="TextString" value="{value}"/></Attribute>"#
    )
}

/// Keeps a template of two groups.
fn keep(talk: &Conversation) {
    let its_name = format!(
        "<Attribute><AttributeName type='TextString' value='Name'/><AttributeValue>{}\
         </AttributeValue></Attribute>",
        name("two", 1).replace("<Name>", "").replace("</Name>", "")
    );
    talk.made(
        "Register",
        &format!(
            "{TEMPLATE}<TemplateAttribute>{its_name}</TemplateAttribute>\
             <Template>{}{}</Template>",
            group("a"),
            group("b")
        ),
    );
}

/// What is asked for a key by so many names of the template, with attributes of its own.
fn asked(talk: &Conversation, times: usize, own: &str) -> String {
    let plain = talk.attributes(AES);
    let attributes = plain.replace("<TemplateAttribute>", "").replace("</TemplateAttribute>", "");
    let names = name("two", times);
    format!("{SYMMETRIC}<TemplateAttribute>{names}{attributes}{own}</TemplateAttribute>")
}

fn groups(talk: &Conversation, id: &str) -> Vec<String> {
    let asked = r#"<AttributeName type="TextString" value="Object Group"/>"#;
    values(&talk.ask("GetAttributes", &format!("{}{asked}", named(id))), "AttributeValue")
}

#[test]
fn a_template_gives_all_its_values_and_the_request_has_precedence() {
    let talk = Conversation::new(4);
    keep(&talk);
    let made = talk.made("Create", &asked(&talk, 3, "")).remove(0);
    assert_eq!(groups(&talk, &made), ["a", "b"]);
    let made = talk.made("Create", &asked(&talk, 1, &group("c"))).remove(0);
    assert_eq!(groups(&talk, &made), ["c"]);
}

#[test]
fn a_request_names_so_many_templates_and_no_more() {
    let talk = Conversation::new(4);
    keep(&talk);
    assert!(talk.ask("Create", &asked(&talk, 17, "")).contains("InvalidField"));
}
