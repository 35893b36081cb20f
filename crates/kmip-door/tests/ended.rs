//! Objects that are put aside or have ended, over the protocol in XML: archived, destroyed, and the
//! parts of keys that are no longer for anything.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the other tests use the rest")]
mod conversation;

use conversation::{AES, Conversation, SYMMETRIC, in_both_versions, named, values};

const REVOCATION: &str = r#"<RevocationReason>
    <RevocationReasonCode type="Enumeration" value="CessationOfOperation"/></RevocationReason>"#;
const COMPROMISE: &str = r#"<RevocationReason>
    <RevocationReasonCode type="Enumeration" value="KeyCompromise"/></RevocationReason>"#;

fn revoke(talk: &Conversation, id: &str, why: &str) {
    talk.made("Revoke", &format!("{}{why}", named(id)));
}

fn destroy(talk: &Conversation, id: &str) {
    revoke(talk, id, REVOCATION);
    talk.made("Destroy", &named(id));
}

/// The attribute that names an object or links it to another, by the version.
fn structured(talk: &Conversation, name: &str, fields: &str) -> String {
    match talk.minor {
        4 => format!(
            r#"<Attribute><AttributeName type="TextString" value="{name}"/>
            <AttributeValue>{fields}</AttributeValue></Attribute>"#
        ),
        _ => format!("<{name}>{fields}</{name}>"),
    }
}

fn name_of(talk: &Conversation, name: &str) -> String {
    let fields = format!(
        r#"<NameValue type="TextString" value="{name}"/>
        <NameType type="Enumeration" value="UninterpretedTextString"/>"#
    );
    structured(talk, "Name", &fields)
}

/// With one more attribute among those that an object is made with.
fn with(talk: &Conversation, one: &str) -> String {
    let structure = if talk.minor == 4 { "TemplateAttribute" } else { "Attributes" };
    let tag = format!("<{structure}>");
    format!("{SYMMETRIC}{}", talk.attributes(AES).replace(&tag, &format!("{tag}{one}")))
}

/// What is sought, as a Locate of the version has it.
fn sought(talk: &Conversation, attribute: &str) -> String {
    if talk.minor == 4 {
        attribute.to_owned()
    } else {
        format!("<Attributes>{attribute}</Attributes>")
    }
}

fn located(talk: &Conversation, mask: Option<&str>, attribute: &str) -> Vec<String> {
    let mask = mask.map(|mask| format!(r#"<StorageStatusMask type="Integer" value="{mask}"/>"#));
    let payload = format!("{}{}", mask.unwrap_or_default(), sought(talk, attribute));
    let answer = talk.ask("Locate", &payload);
    assert!(answer.contains(r#"value="Success""#), "{answer}");
    values(&answer, "UniqueIdentifier")
}

#[test]
fn nothing_is_done_with_what_is_archived_until_it_is_recovered() {
    in_both_versions(|talk| {
        let id = talk.create();
        // What is not archived is recovered already.
        talk.made("Recover", &named(&id));
        talk.made("Archive", &named(&id));
        let revoke = format!("{}{REVOCATION}", named(&id));
        let compromise = format!("{}{COMPROMISE}", named(&id));
        let operations = [
            "Get",
            "Activate",
            "Destroy",
            "Archive",
            "GetAttributes",
            "GetAttributeList",
            "ReKey",
            "Check",
            "ObtainLease",
            "Export",
        ];
        let requests = operations.map(|operation| (operation, named(&id)));
        for (operation, payload) in
            requests.into_iter().chain([("Revoke", revoke), ("Revoke", compromise)])
        {
            let answer = talk.ask(operation, &payload);
            assert!(answer.contains("ObjectArchived"), "{operation}: {answer}");
        }
        assert!(located(talk, None, "").is_empty());
        assert_eq!(located(talk, Some("ArchivalStorage"), ""), [id.as_str()]);
        talk.made("Recover", &named(&id));
        assert_eq!(located(talk, None, ""), [id.as_str()]);
        assert!(talk.ask("Get", &named(&id)).contains("KeyMaterial"));
    });
}

#[test]
fn what_is_destroyed_is_found_by_who_asks_for_it_and_its_name_is_free() {
    in_both_versions(|talk| {
        let name = name_of(talk, "disk");
        let create = with(talk, &name);
        let gone = talk.made("Create", &create).remove(0);
        destroy(talk, &gone);
        assert!(located(talk, None, &name).is_empty());
        let mask = Some("OnLineStorage DestroyedStorage");
        assert_eq!(located(talk, mask, &name), [gone.as_str()]);
        let kept = talk.made("Create", &create).remove(0);
        assert_eq!(located(talk, None, &name), [kept.as_str()]);
        let both = located(talk, mask, &name);
        assert!(both.len() == 2 && both.contains(&gone) && both.contains(&kept), "{both:?}");
        let state = match talk.minor {
            4 => {
                r#"<Attribute><AttributeName type="TextString" value="State"/>
                <AttributeValue type="Enumeration" value="Destroyed"/></Attribute>"#
            }
            _ => r#"<State type="Enumeration" value="Destroyed"/>"#,
        };
        assert_eq!(located(talk, Some("DestroyedStorage"), state), [gone.as_str()]);
        // 1.x has no bit for it; 2.1 says that without it nothing destroyed is told.
        let by_state = located(talk, None, state);
        assert_eq!(by_state.len(), if talk.minor == 4 { 1 } else { 0 });
        // What is left of it is told.
        assert!(talk.ask("GetAttributes", &named(&gone)).contains("Destroyed"));
    });
}

#[test]
fn parts_make_a_key_while_they_may_process_and_it_ends_with_them() {
    in_both_versions(|talk| {
        let split = format!(
            r#"{SYMMETRIC}<SplitKeyParts type="Integer" value="2"/>
            <SplitKeyThreshold type="Integer" value="2"/>
            <SplitKeyMethod type="Enumeration" value="XOR"/>{}"#,
            talk.attributes(AES),
        );
        let parts = talk.made("CreateSplitKey", &split);
        assert_eq!(parts.len(), 2);
        let join = format!("{SYMMETRIC}{}{}", named(&parts[0]), named(&parts[1]));
        let state = |id: &str| talk.ask("GetAttributes", &named(id));
        let joined = talk.made("JoinSplitKey", &join).remove(0);
        assert!(!state(&joined).contains("Deactivated"));
        revoke(talk, &parts[0], REVOCATION);
        let joined = talk.made("JoinSplitKey", &join).remove(0);
        assert!(state(&joined).contains(r#""Deactivated""#), "{}", state(&joined));
        revoke(talk, &parts[1], COMPROMISE);
        let refused = talk.ask("JoinSplitKey", &join);
        let reason = if talk.minor == 4 { "PermissionDenied" } else { "WrongKeyLifecycleState" };
        assert!(refused.contains(reason) && refused.contains("compromised"), "{refused}");
        talk.made("Destroy", &named(&parts[1]));
        let refused = talk.ask("JoinSplitKey", &join);
        let reason = if talk.minor == 4 { "ItemNotFound" } else { "ObjectDestroyed" };
        assert!(refused.contains(reason), "{refused}");
    });
}

#[test]
fn a_link_is_its_objects_own_and_leads_to_what_is_left_of_what_is_destroyed() {
    in_both_versions(|talk| {
        let (one, other) = (talk.create(), talk.create());
        let link = format!(
            r#"<LinkType type="Enumeration" value="ParentLink"/>
            <LinkedObjectIdentifier type="TextString" value="{other}"/>"#
        );
        let link = structured(talk, "Link", &link);
        let added = match talk.minor {
            4 => link.clone(),
            _ => format!("<NewAttribute>{link}</NewAttribute>"),
        };
        talk.made("AddAttribute", &format!("{}{added}", named(&one)));
        let shown = |id: &str| talk.ask("GetAttributes", &named(id));
        assert!(shown(&one).contains("ParentLink") && !shown(&other).contains("Link"));
        destroy(talk, &other);
        assert_eq!(located(talk, None, &link), [one.as_str()]);
        assert!(shown(&one).contains(&other) && shown(&other).contains(r#""Destroyed""#));
    });
}
