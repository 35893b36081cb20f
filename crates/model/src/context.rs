//! The encryption context: public names and values that a ciphertext is bound to.

use std::collections::BTreeMap;

use crate::{
    canon::{Canonical, Malformed, Reader, Writer},
    error::{Error, Invalid, Result},
    limits,
};

/// Names and values, each name once, in byte order of the names.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct EncryptionContext(BTreeMap<String, String>);

impl EncryptionContext {
    /// Checks the bounds of [`limits::CONTEXT_PAIRS_MAX`] and [`limits::CONTEXT_LEN_MAX`].
    pub fn new(pairs: BTreeMap<String, String>) -> Result<Self> {
        let len: usize = pairs.iter().map(|(name, value)| name.len() + value.len()).sum();
        if pairs.len() > limits::CONTEXT_PAIRS_MAX || len > limits::CONTEXT_LEN_MAX {
            return Err(Error::Invalid(Invalid::ContextTooLarge));
        }
        Ok(Self(pairs))
    }

    /// The pairs, in byte order of the names.
    pub fn pairs(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of a name.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Canonical for EncryptionContext {
    fn write(&self, to: &mut Writer) {
        to.count(self.0.len());
        for (name, value) in self.pairs() {
            to.text(name);
            to.text(value);
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let count = from.count()?;
        let mut pairs = BTreeMap::new();
        for _ in 0..count {
            let (name, value) = (from.text()?.to_owned(), from.text()?.to_owned());
            if pairs.last_key_value().is_some_and(|(last, _)| *last >= name) {
                return Err(Malformed);
            }
            pairs.insert(name, value);
        }
        Ok(Self(pairs))
    }
}
