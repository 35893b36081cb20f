//! JSON (RFC 8259) as a tree that keeps the order of members and refuses a member said twice.

use std::fmt;

use model::limits;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::malformed::{Malformed, Quoted, Spot};

/// A JSON value. Numbers keep their text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Node {
    /// Reads a whole text, at most [`limits::POLICY_LEN_MAX`] bytes long and
    /// [`limits::JSON_DEPTH_MAX`] deep.
    pub(crate) fn parse(text: &str) -> Result<Self, Malformed> {
        if text.len() > limits::POLICY_LEN_MAX {
            let (len, max) = (text.len(), limits::POLICY_LEN_MAX);
            return Err(Malformed::new("The policy", format!("has {len} bytes, more than {max}")));
        }
        let mut from = serde_json::Deserializer::from_str(text);
        let node = Seed { depth: 0 }.deserialize(&mut from);
        node.and_then(|node| from.end().map(|()| node))
            .map_err(|wrong| Malformed::new("The policy", format!("is not valid JSON: {wrong}")))
    }

    /// What it is, with its article.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a truth value",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// The string that is due at `spot`.
    pub(crate) fn text(&self, spot: Spot<'_>) -> Result<&str, Malformed> {
        match self {
            Self::Text(text) => Ok(text),
            other => Err(spot.wrong(format!("is {}, not a string", other.kind()))),
        }
    }

    /// The string or list of strings that is due at `spot`; at least one.
    pub(crate) fn texts(&self, spot: Spot<'_>) -> Result<Vec<&str>, Malformed> {
        let nodes = match self {
            Self::List(nodes) if nodes.is_empty() => return Err(spot.wrong("is an empty list")),
            Self::List(nodes) => nodes,
            one => std::slice::from_ref(one),
        };
        nodes
            .iter()
            .map(|node| match node {
                Self::Text(text) => Ok(text.as_str()),
                other => Err(spot.wrong(format!("has {} where a string is due", other.kind()))),
            })
            .collect()
    }
}

/// How deep a value stands.
#[derive(Clone, Copy)]
struct Seed {
    depth: usize,
}

impl Seed {
    fn inner<E: Error>(self) -> Result<Self, E> {
        if self.depth == limits::JSON_DEPTH_MAX {
            return Err(E::custom("nested too deeply"));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Node, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Node, A::Error> {
        let inner = self.inner()?;
        let mut list = Vec::new();
        while let Some(node) = from.next_element_seed(inner)? {
            list.push(node);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Node, A::Error> {
        let inner = self.inner()?;
        let mut names = std::collections::HashSet::new();
        let mut members = Vec::new();
        while let Some(name) = from.next_key::<String>()? {
            if !names.insert(name.clone()) {
                return Err(A::Error::custom(format_args!("{} said twice", Quoted(&name))));
            }
            members.push((name, from.next_value_seed(inner)?));
        }
        Ok(Node::Object(members))
    }
}
