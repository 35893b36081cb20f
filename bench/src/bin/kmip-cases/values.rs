//! What is learnt while a case is replayed, and what is sent for it.

use std::collections::BTreeMap;

use kmip::{names::Tag, ttlv::Kind};

use crate::tree::{Leaf, LeafContent, Node};

/// The values of a case's variables, as far as they are known.
#[derive(Default)]
pub(crate) struct Values {
    /// By name.
    variables: Vec<(String, Leaf)>,
    /// What the server chose where the case has a value that another server chose.
    choices: Vec<(Leaf, Leaf)>,
    /// The last value under each tag in a response.
    last: BTreeMap<Tag, Leaf>,
    /// Bytes that the case's requests have.
    sent: Vec<Leaf>,
}

/// How much was known at a time.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    variables: usize,
    choices: usize,
}

impl Values {
    /// The value of a variable.
    pub(crate) fn variable(&self, name: &str) -> Option<&Leaf> {
        self.variables.iter().find(|(its, _)| its == name).map(|(_, value)| value)
    }

    /// Says what the value of a variable is.
    pub(crate) fn set_variable(&mut self, name: &str, value: &Leaf) {
        self.variables.push((name.to_owned(), value.clone()));
    }

    /// What the server chose where the case has `value`.
    pub(crate) fn choice(&self, value: &Leaf) -> Option<&Leaf> {
        self.choices.iter().find(|(its, _)| its == value).map(|(_, choice)| choice)
    }

    /// Says what the server chose where the case has `value`.
    pub(crate) fn set_choice(&mut self, value: &Leaf, choice: &Leaf) {
        self.choices.push((value.clone(), choice.clone()));
    }

    /// Whether a request of the case had the value: then no server chooses it.
    pub(crate) fn was_sent(&self, value: &Leaf) -> bool {
        self.sent.contains(value)
    }

    /// How much is known now.
    pub(crate) fn mark(&self) -> Mark {
        Mark { variables: self.variables.len(), choices: self.choices.len() }
    }

    /// Forgets what has been learnt since.
    pub(crate) fn back_to(&mut self, mark: Mark) {
        self.variables.truncate(mark.variables);
        self.choices.truncate(mark.choices);
    }

    /// Keeps what a response said for requests that refer to it by its tag.
    pub(crate) fn see(&mut self, response: &Node) {
        response.each(&mut |tag, leaf| {
            self.last.insert(tag, leaf.clone());
        });
    }

    /// The request to send: with values for variables, and with what this server chose for what
    /// another did.
    ///
    /// # Errors
    /// When a variable has no value.
    pub(crate) fn fill(&mut self, request: &Node, now: i64) -> Result<Node, String> {
        let filled = request.map(&mut |_, leaf: &Leaf| match &leaf.content {
            LeafContent::Now(offset) => {
                Ok(Leaf { kind: leaf.kind, content: LeafContent::Number(now + offset) })
            }
            LeafContent::Variable(name) => self.value_of(name, leaf.kind),
            LeafContent::Bytes(_) => Ok(self.choice(leaf).unwrap_or(leaf).clone()),
            LeafContent::Number(_) | LeafContent::Text(_) => Ok(leaf.clone()),
        })?;
        request.each(&mut |_, leaf| {
            if matches!(leaf.content, LeafContent::Bytes(_)) {
                self.sent.push(leaf.clone());
            }
        });
        Ok(filled)
    }

    /// A variable's value. One that no response has, e.g. `$MAC_DATA`, is the last under the tag of
    /// that name.
    fn value_of(&self, name: &str, kind: Kind) -> Result<Leaf, String> {
        let plain = |name: &str| name.replace('_', "").to_ascii_lowercase();
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let by_tag = || {
            let named = |tag: &Tag| tag.name().is_some_and(|its| plain(its) == plain(stem));
            self.last.iter().find(|(tag, _)| named(tag)).map(|(_, leaf)| leaf)
        };
        let value = self.variable(name).or_else(by_tag).filter(|leaf| leaf.kind == kind);
        value.cloned().ok_or(format!("no response has said what ${name} is"))
    }
}
