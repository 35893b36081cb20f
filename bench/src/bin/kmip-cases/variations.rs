//! In what an answer may differ from a case's: what the KMIP Profiles (1.4 and 2.1, the section
//! on permitted test case variations) let a conformant server choose, and nothing else.
//!
//! - Identifiers, moments and whatever else the cases have as variables: bound when first seen, and
//!   the same from then on.
//! - `ResultMessage` and `ServerCorrelationValue`: there or not, and whatever they say.
//! - Material of keys that the server made, and what is computed with such keys: of the same
//!   length, and the same wherever the case has the same value.
//! - What is different each time: a random number, a ciphertext of a public key, a ciphertext whose
//!   nonce the server chose.
//! - What is inside `Digest`, `RandomNumberGenerator` and `ServerInformation`, and whose server it
//!   is.
//! - `AttributeIndex` 0 (1.x).
//! - More attributes than the case lists, where all are asked for.
//! - In an answer to Query: more operations, object types and application namespaces than the case
//!   lists. Those that it lists must be there, except Put and Notify, which are no client's to ask
//!   for. Which operations each profile asks for is in its text; the cases list at least those, so
//!   this is the stricter rule.

use std::collections::BTreeSet;

use kmip::names::{
    Tag,
    enumeration::{ObjectType, Operation, QueryFunction},
};

use crate::tree::{LeafContent, Node};

/// What is known about a server's objects, from case to case.
#[derive(Default)]
pub(crate) struct Objects {
    /// Identifiers of objects whose material the server made.
    made: BTreeSet<String>,
    /// Identifiers of public keys.
    public: BTreeSet<String>,
}

impl Objects {
    /// Keeps what an item of a batch has made.
    pub(crate) fn see(&mut self, request: &Node, response: &Node) {
        let Some(payload) = response.field(Tag::RESPONSE_PAYLOAD) else { return };
        let identifiers = [
            Tag::UNIQUE_IDENTIFIER,
            Tag::PRIVATE_KEY_UNIQUE_IDENTIFIER,
            Tag::PUBLIC_KEY_UNIQUE_IDENTIFIER,
        ];
        let operation = operation(request);
        if matches!(
            operation,
            Some(
                Operation::CREATE
                    | Operation::CREATE_KEY_PAIR
                    | Operation::RE_KEY
                    | Operation::RE_KEY_KEY_PAIR
            )
        ) {
            let made = identifiers.iter().filter_map(|&tag| payload.text(tag));
            self.made.extend(made.map(str::to_owned));
        }
        let kind = request.field(Tag::REQUEST_PAYLOAD).and_then(|it| it.number(Tag::OBJECT_TYPE));
        let is_public = kind == Some(i64::from(ObjectType::PUBLIC_KEY.0));
        let registered = payload
            .text(Tag::UNIQUE_IDENTIFIER)
            .filter(|_| operation == Some(Operation::REGISTER) && is_public);
        let public = payload.text(Tag::PUBLIC_KEY_UNIQUE_IDENTIFIER).or(registered);
        self.public.extend(public.map(str::to_owned));
    }
}

/// In what one item of a batch may differ, or the header.
#[derive(Default)]
pub(crate) struct Variations {
    operation: Option<Operation>,
    /// Whether the server made the object's material.
    is_made: bool,
    /// Whether what is computed is different each time.
    is_random: bool,
    /// Whether all attributes are asked for.
    asks_for_all: bool,
    /// Whether application namespaces are asked for.
    asks_for_namespaces: bool,
}

impl Variations {
    /// Those of an item, from what is asked, what the case answers and what the server does.
    pub(crate) fn of(request: &Node, expected: &Node, actual: &Node, objects: &Objects) -> Self {
        let operation = operation(request);
        let asked = request.field(Tag::REQUEST_PAYLOAD);
        let asks = |tag| asked.is_some_and(|asked| asked.field(tag).is_some());
        let functions = asked.into_iter().flat_map(Node::fields);
        let namespaces = QueryFunction::QUERY_APPLICATION_NAMESPACES.name();
        let chooses_nonce = expected
            .field(Tag::RESPONSE_PAYLOAD)
            .is_some_and(|payload| payload.field(Tag::IV_COUNTER_NONCE).is_some());
        let object = actual
            .field(Tag::RESPONSE_PAYLOAD)
            .and_then(|payload| payload.text(Tag::UNIQUE_IDENTIFIER))
            .unwrap_or_default();
        Self {
            operation,
            is_made: objects.made.contains(object),
            is_random: match operation {
                Some(Operation::RNG_RETRIEVE) => true,
                Some(Operation::ENCRYPT) => chooses_nonce || objects.public.contains(object),
                _ => false,
            },
            asks_for_all: operation == Some(Operation::GET_ATTRIBUTES)
                && !asks(Tag::ATTRIBUTE_NAME)
                && !asks(Tag::ATTRIBUTE_REFERENCE),
            asks_for_namespaces: functions
                .filter_map(|field| field.leaf().map(|leaf| leaf.named(field.tag)))
                .any(|name| Some(name.as_str()) == namespaces),
        }
    }

    /// Whether a field that the case has may be missing.
    pub(crate) fn may_lack(&self, field: &Node) -> bool {
        let is_servers = || {
            let name = field.leaf().map(|leaf| leaf.named(field.tag)).unwrap_or_default();
            [Operation::PUT, Operation::NOTIFY].iter().any(|it| it.name() == Some(&name))
        };
        match field.tag {
            Tag::RESULT_MESSAGE | Tag::SERVER_CORRELATION_VALUE => true,
            Tag::OPERATION => self.operation == Some(Operation::QUERY) && is_servers(),
            _ => false,
        }
    }

    /// Whether a field that the case does not have may be among those of `parent`. There is no
    /// second one of what the case has.
    pub(crate) fn may_have(&self, parent: &Node, field: &Node) -> bool {
        if parent.fields().iter().any(|its| is_one_thing(its, field)) {
            return false;
        }
        let is =
            |operation| self.operation == Some(operation) && parent.tag == Tag::RESPONSE_PAYLOAD;
        match field.tag {
            Tag::RESULT_MESSAGE => parent.tag == Tag::BATCH_ITEM,
            Tag::SERVER_CORRELATION_VALUE => parent.tag == Tag::RESPONSE_HEADER,
            Tag::ATTRIBUTE_INDEX => {
                parent.tag == Tag::ATTRIBUTE
                    && field.leaf().is_some_and(|leaf| leaf.content == LeafContent::Number(0))
            }
            _ if parent.tag == Tag::ATTRIBUTES => self.asks_for_all,
            Tag::ATTRIBUTE => self.asks_for_all && is(Operation::GET_ATTRIBUTES),
            Tag::ATTRIBUTE_NAME | Tag::ATTRIBUTE_REFERENCE => is(Operation::GET_ATTRIBUTE_LIST),
            Tag::OPERATION | Tag::OBJECT_TYPE => {
                is(Operation::QUERY) && parent.field(field.tag).is_some()
            }
            Tag::APPLICATION_NAMESPACE => is(Operation::QUERY) && self.asks_for_namespaces,
            _ => false,
        }
    }

    /// Whether a field's value does not matter.
    pub(crate) fn is_any(&self, field: &Node) -> bool {
        match field.tag {
            Tag::RESULT_MESSAGE | Tag::SERVER_CORRELATION_VALUE => true,
            Tag::VENDOR_IDENTIFICATION => self.operation == Some(Operation::QUERY),
            _ => false,
        }
    }

    /// What must be inside a field, where what it says does not matter.
    pub(crate) fn essence(&self, parent: &Node, field: &Node) -> Option<&'static [Tag]> {
        const DIGEST: &[Tag] = &[Tag::HASHING_ALGORITHM, Tag::DIGEST_VALUE, Tag::KEY_FORMAT_TYPE];
        const GENERATOR: &[Tag] = &[Tag::RNG_ALGORITHM];
        let attribute = match field.tag {
            Tag::ATTRIBUTE_VALUE => parent.text(Tag::ATTRIBUTE_NAME),
            tag => tag.name(),
        };
        match attribute? {
            "Digest" => Some(DIGEST),
            "RandomNumberGenerator" | "Random Number Generator" => Some(GENERATOR),
            "ServerInformation" => Some(&[]),
            _ => None,
        }
    }

    /// Whether the server chooses the bytes under a tag.
    pub(crate) fn is_chosen(&self, tag: Tag) -> bool {
        match tag {
            Tag::KEY_MATERIAL => self.is_made,
            Tag::DATA
            | Tag::SIGNATURE_DATA
            | Tag::MAC_DATA
            | Tag::IV_COUNTER_NONCE
            | Tag::AUTHENTICATED_ENCRYPTION_TAG => self.is_made || self.is_random,
            _ => false,
        }
    }
}

/// Whether two fields of a structure are one thing, whatever they say of it.
fn is_one_thing(one: &Node, other: &Node) -> bool {
    let name = |node: &Node| node.text(Tag::ATTRIBUTE_NAME).map(str::to_owned);
    one.tag == other.tag
        && match one.tag {
            Tag::ATTRIBUTE => name(one) == name(other),
            Tag::ATTRIBUTE_NAME
            | Tag::ATTRIBUTE_REFERENCE
            | Tag::OPERATION
            | Tag::OBJECT_TYPE
            | Tag::APPLICATION_NAMESPACE => one == other,
            _ => true,
        }
}

/// The operation of an item of a batch.
fn operation(item: &Node) -> Option<Operation> {
    item.number(Tag::OPERATION).and_then(|number| number.try_into().ok()).map(Operation)
}
