//! The encryption context: public names and values that a ciphertext is bound to.

use crate::{
    canon::{Canonical, Malformed, Reader, Writer},
    error::{Error, Invalid, Result},
    limits,
};

/// Names and values, each name once, in byte order of the names.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct EncryptionContext {
    /// Each name and its value, one after the other: one piece of memory, whatever their number.
    text: String,
    /// Where each name and each value ends in it.
    ends: Vec<(usize, usize)>,
}

impl EncryptionContext {
    /// Of a name's several values the last counts, as in most readers of JSON. Checks the bounds
    /// of [`limits::CONTEXT_PAIRS_MAX`] and [`limits::CONTEXT_LEN_MAX`].
    pub fn new<T: AsRef<str>>(pairs: impl IntoIterator<Item = (T, T)>) -> Result<Self> {
        let mut pairs: Vec<(T, T)> = pairs.into_iter().collect();
        // Stable, so that the last of equal names stays the last.
        pairs.sort_by(|(one, _), (other, _)| one.as_ref().cmp(other.as_ref()));
        let mut context = Self::default();
        let len = pairs.iter().map(|(name, value)| name.as_ref().len() + value.as_ref().len());
        context.text.reserve_exact(len.sum());
        context.ends.reserve_exact(pairs.len());
        for (i, (name, value)) in pairs.iter().enumerate() {
            let next = pairs.get(i + 1).map(|(name, _)| name.as_ref());
            if next != Some(name.as_ref()) {
                context.push(name.as_ref(), value.as_ref());
            }
        }
        let (count, len) = (context.ends.len(), context.text.len());
        if count > limits::CONTEXT_PAIRS_MAX || len > limits::CONTEXT_LEN_MAX {
            return Err(Error::Invalid(Invalid::ContextTooLarge));
        }
        Ok(context)
    }

    /// A pair behind the others.
    fn push(&mut self, name: &str, value: &str) {
        self.text.push_str(name);
        let end = self.text.len();
        self.text.push_str(value);
        self.ends.push((end, self.text.len()));
    }

    /// The pairs, in byte order of the names.
    pub fn pairs(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        let mut start = 0;
        self.ends.iter().map(move |&(name_end, value_end)| {
            let pair = (&self.text[start..name_end], &self.text[name_end..value_end]);
            start = value_end;
            pair
        })
    }

    /// The value of a name.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.pairs().find(|(other, _)| *other == name).map(|(_, value)| value)
    }

    /// Whether there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

impl Canonical for EncryptionContext {
    fn write(&self, to: &mut Writer) {
        to.count(self.ends.len());
        for (name, value) in self.pairs() {
            to.text(name);
            to.text(value);
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let count = from.count()?;
        let (mut context, mut last) = (Self::default(), None);
        for _ in 0..count {
            let (name, value) = (from.text()?, from.text()?);
            if last.is_some_and(|last| last >= name) {
                return Err(Malformed);
            }
            last = Some(name);
            context.push(name, value);
        }
        Ok(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_stand_in_order_and_the_last_value_of_a_name_counts() {
        let context = EncryptionContext::new([("b", "2"), ("a", "1"), ("b", "3")]).unwrap();
        assert!(context.pairs().eq([("a", "1"), ("b", "3")]));
        assert_eq!((context.value("b"), context.value("c")), (Some("3"), None));
        let same = EncryptionContext::new([("a", "1"), ("b", "3")]).unwrap();
        assert_eq!(context, same);
        assert_eq!(EncryptionContext::from_canonical(&context.to_canonical()), Ok(same));
    }

    #[test]
    fn bounds_are_of_what_counts() {
        let long = "x".repeat(limits::CONTEXT_LEN_MAX - 1);
        assert!(EncryptionContext::new([("n", &*long)]).is_ok());
        assert!(EncryptionContext::new([("n", &*long), ("n", &*long)]).is_ok());
        assert!(EncryptionContext::new([("nm", &*long)]).is_err());
    }

    #[test]
    fn names_out_of_order_are_no_encoding() {
        let mut writer = Writer::default();
        writer.count(2);
        for text in ["b", "1", "a", "2"] {
            writer.text(text);
        }
        let bytes = writer.into_bytes();
        assert_eq!(EncryptionContext::from_canonical(&bytes), Err(Malformed));
    }
}
