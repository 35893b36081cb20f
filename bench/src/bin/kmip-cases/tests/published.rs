//! The published cases, answered by what they say themselves. They are not in this repository:
//! where their folder is not there, the tests say so.

use std::{cell::Cell, collections::BTreeSet, path::Path};

use kmip::{Encoding, names::Tag, ttlv::Kind};

use super::{NOW, Server, replay};
use crate::{
    case::{Case, Step},
    cases_in,
    replay::Run,
    tree::{Content, Leaf, LeafContent, Node},
};

fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/kmip");
    let mut cases = Vec::new();
    for folder in ["1.4/mandatory", "1.4/optional", "2.1/mandatory", "2.1/optional"] {
        let folder = root.join(format!("cases-{folder}"));
        if folder.exists() {
            cases.extend(cases_in(&folder).unwrap());
        }
    }
    if cases.is_empty() {
        println!("skipped: the profiles' test cases are not beside this repository");
    }
    cases
}

/// A message with values for variables.
fn made_up(message: &Node) -> Node {
    let make_up = |_, leaf: &Leaf| -> Result<Leaf, String> {
        let content = match &leaf.content {
            LeafContent::Now(offset) => LeafContent::Number(NOW + offset),
            LeafContent::Variable(name) if leaf.kind == Kind::TextString => {
                LeafContent::Text(name.to_lowercase())
            }
            LeafContent::Variable(name) => LeafContent::Bytes(name.to_lowercase().into_bytes()),
            content => content.clone(),
        };
        Ok(Leaf { kind: leaf.kind, content })
    };
    message.map(&mut { make_up }).unwrap()
}

/// The names of the variables in a message.
fn variables(message: &Node) -> Vec<String> {
    let mut names = Vec::new();
    message.each(&mut |_, leaf| {
        if let LeafContent::Variable(name) = &leaf.content {
            names.push(name.clone());
        }
    });
    names
}

#[test]
fn a_server_that_answers_what_the_cases_say_passes_all_of_them() {
    let cases = cases();
    let clock = Cell::new(NOW);
    let clock = || clock.get();
    let mut run = Run::new(&clock);
    for case in &cases {
        let known: Vec<String> =
            case.steps.iter().flat_map(|step| variables(&step.response)).collect();
        let answer = |number: usize, request: Node| {
            let step: &Step = &case.steps[number];
            // What no response has by name is the last value of its tag.
            if variables(&step.request).iter().all(|name| known.contains(name)) {
                assert_eq!(request, made_up(&step.request), "{}: step {number}", case.name);
            }
            Ok(made_up(&step.response))
        };
        let played = run.replay(case, &mut Server(answer, 0), Encoding::Ttlv);
        let beyond = played.unwrap_or_else(|failure| panic!("{}: {failure:?}", case.name));
        assert!(beyond.is_empty(), "{}: {beyond:?}", case.name);
    }
    println!("{} cases", cases.len());
    assert!(cases.is_empty() || cases.len() == 168);
}

/// Every place in a message, as the way to it.
fn places(message: &Node, way: &mut Vec<usize>, all: &mut Vec<Vec<usize>>) {
    for (at, field) in message.fields().iter().enumerate() {
        way.push(at);
        all.push(way.clone());
        places(field, way, all);
        way.pop();
    }
}

/// The node at a place, with the tags on the way to it.
fn at<'a>(message: &'a mut Node, way: &[usize], tags: &mut Vec<Tag>) -> &'a mut Node {
    let Some((first, rest)) = way.split_first() else { return message };
    let Content::Fields(fields) = &mut message.content else { panic!("no fields") };
    tags.push(fields[*first].tag);
    at(&mut fields[*first], rest, tags)
}

/// One change of a message at a place: none where there is nothing to change.
type Change = fn(&mut Node, &[usize]) -> Option<()>;

fn other_value(message: &mut Node, way: &[usize]) -> Option<()> {
    let Content::Leaf(leaf) = &mut at(message, way, &mut vec![]).content else { return None };
    match &mut leaf.content {
        LeafContent::Number(number) if leaf.kind == Kind::Boolean => *number ^= 1,
        LeafContent::Number(number) if leaf.kind == Kind::DateTime => *number += 7200,
        LeafContent::Number(number) => *number += 1,
        LeafContent::Text(text) => text.push('x'),
        LeafContent::Bytes(bytes) => match bytes.first_mut() {
            Some(byte) => *byte ^= 0x40,
            None => bytes.extend([0; 8]),
        },
        LeafContent::Variable(_) | LeafContent::Now(_) => panic!("a message has values only"),
    }
    Some(())
}

fn one_less(message: &mut Node, way: &[usize]) -> Option<()> {
    let (last, way) = way.split_last()?;
    let Content::Fields(fields) = &mut at(message, way, &mut vec![]).content else { return None };
    fields.remove(*last);
    Some(())
}

fn one_twice(message: &mut Node, way: &[usize]) -> Option<()> {
    let (last, way) = way.split_last()?;
    let Content::Fields(fields) = &mut at(message, way, &mut vec![]).content else { return None };
    let field = fields[*last].clone();
    fields.push(field);
    Some(())
}

/// What can change in an answer without a case failing: of each kind of value in each operation's
/// answer a few are tried.
fn unnoticed(change: Change) -> BTreeSet<String> {
    const TRIED: usize = 8;
    let mut tried = std::collections::BTreeMap::<String, usize>::new();
    let mut unnoticed = BTreeSet::new();
    for case in &cases() {
        for (number, step) in case.steps.iter().enumerate() {
            let mut all = Vec::new();
            places(&step.response, &mut vec![], &mut all);
            for way in all {
                let mut changed = made_up(&step.response);
                let mut tags = Vec::new();
                at(&mut changed, &way, &mut tags);
                let kind = described(&changed, &way, &tags);
                let times = tried.entry(format!("{}{kind}", step_version(step))).or_default();
                *times += 1;
                if *times > TRIED || change(&mut changed, &way).is_none() {
                    continue;
                }
                let answer = |at: usize, _| {
                    let right = || made_up(&case.steps[at].response);
                    Ok(if at == number { changed.clone() } else { right() })
                };
                if replay(case, answer).is_ok() {
                    unnoticed.insert(kind);
                }
            }
        }
    }
    println!("{} kinds tried", tried.len());
    unnoticed
}

fn step_version(step: &Step) -> String {
    let version = step.request.field(Tag::REQUEST_HEADER).and_then(|it| it.fields().first());
    version.map(ToString::to_string).unwrap_or_default()
}

/// A place in words: the operation and the last tags on the way, with a 1.x attribute's name.
fn described(message: &Node, way: &[usize], tags: &[Tag]) -> String {
    let mut node = message;
    let mut words = Vec::new();
    for (step, tag) in way.iter().zip(tags) {
        node = &node.fields()[*step];
        if *tag == Tag::BATCH_ITEM {
            let operation = node.field(Tag::OPERATION).and_then(Node::leaf);
            words.extend(operation.map(|leaf| leaf.named(Tag::OPERATION)));
        } else if *tag == Tag::ATTRIBUTE && node.field(Tag::ATTRIBUTE_VALUE).is_some() {
            let is_digest = ["Digest", "Random Number Generator"]
                .iter()
                .any(|name| node.text(Tag::ATTRIBUTE_NAME) == Some(name));
            words.push(if is_digest { "Attribute*".to_owned() } else { "Attribute".to_owned() });
        } else if *tag != Tag::RESPONSE_PAYLOAD {
            words.push(format!("{tag:?}"));
        }
    }
    words.join("/")
}

/// What is no server's fault to say otherwise, wherever it is.
fn is_described(kind: &str) -> bool {
    let inside = ["Attribute*/AttributeValue/", "/Digest/", "/RandomNumberGenerator/"];
    kind.ends_with("/ResultMessage")
        || kind == "ResponseHeader/ServerCorrelationValue"
        || inside.iter().any(|inside| kind.contains(inside))
}

fn unnoticed_but_described(change: Change) -> Vec<String> {
    unnoticed(change).into_iter().filter(|kind| !is_described(kind)).collect()
}

#[test]
fn a_changed_value_is_noticed_unless_the_server_chooses_it() {
    let unnoticed = unnoticed_but_described(other_value);
    let known = [
        "Encrypt/CorrelationValue",
        "Encrypt/Data",
        "Encrypt/IVCounterNonce",
        "Get/SymmetricKey/KeyBlock/KeyValue",
        "Get/SymmetricKey/KeyBlock/KeyValue/KeyMaterial",
        "GetAttributes/Attributes/ShortUniqueIdentifier",
        "PKCS_11/CorrelationValue",
        "Query/VendorIdentification",
        "RNGRetrieve/Data",
        "Sign/SignatureData",
    ];
    assert!(unnoticed.is_empty() || unnoticed == known, "{unnoticed:#?}");
}

#[test]
fn a_field_that_is_missing_is_noticed() {
    assert_eq!(unnoticed_but_described(one_less), [""; 0]);
}

#[test]
fn a_field_that_is_there_twice_is_noticed() {
    assert_eq!(unnoticed_but_described(one_twice), [""; 0]);
}
