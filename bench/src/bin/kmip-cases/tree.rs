//! A message as something to look at and compare. A case's may have variables where the server or
//! the clock chooses.

use std::fmt::{self, Write as _};

use kmip::{
    names::{Tag, enumeration_on, mask_on},
    ttlv::{Item, Kind, Value},
};
use model::Secret;

/// An item of a message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// What it is.
    pub(crate) tag: Tag,
    /// Fields, or a value.
    pub(crate) content: Content,
}

/// What an item holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    /// Items, in the order in which they were.
    Fields(Vec<Node>),
    /// A value.
    Leaf(Leaf),
}

/// A value of a type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Leaf {
    /// The type.
    pub(crate) kind: Kind,
    /// The value.
    pub(crate) content: LeafContent,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum LeafContent {
    /// Of every type that is a number: a truth value is 0 or 1, a moment is in its own unit.
    Number(i64),
    /// A text.
    Text(String),
    /// Bytes, a big integer's too.
    Bytes(Vec<u8>),
    /// What the server chooses, with the variable's name and without its `$`.
    Variable(String),
    /// As many seconds after now.
    Now(i64),
}

impl Node {
    /// The fields; of a value none.
    pub(crate) fn fields(&self) -> &[Node] {
        match &self.content {
            Content::Fields(fields) => fields,
            Content::Leaf(_) => &[],
        }
    }

    /// The first field of a tag.
    pub(crate) fn field(&self, tag: Tag) -> Option<&Node> {
        self.fields().iter().find(|field| field.tag == tag)
    }

    /// The value, unless there are fields.
    pub(crate) fn leaf(&self) -> Option<&Leaf> {
        match &self.content {
            Content::Fields(_) => None,
            Content::Leaf(leaf) => Some(leaf),
        }
    }

    /// The number that a field of a tag has.
    pub(crate) fn number(&self, tag: Tag) -> Option<i64> {
        match self.field(tag)?.leaf()?.content {
            LeafContent::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The text that a field of a tag has.
    pub(crate) fn text(&self, tag: Tag) -> Option<&str> {
        match &self.field(tag)?.leaf()?.content {
            LeafContent::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The same with every value replaced.
    ///
    /// # Errors
    /// What `replace` fails with.
    pub(crate) fn map<E>(
        &self,
        replace: &mut impl FnMut(Tag, &Leaf) -> Result<Leaf, E>,
    ) -> Result<Node, E> {
        let content = match &self.content {
            Content::Leaf(leaf) => Content::Leaf(replace(self.tag, leaf)?),
            Content::Fields(fields) => {
                let fields = fields.iter().map(|field| field.map(replace));
                Content::Fields(fields.collect::<Result<_, E>>()?)
            }
        };
        Ok(Node { tag: self.tag, content })
    }

    /// Shows every value to `see`.
    pub(crate) fn each(&self, see: &mut impl FnMut(Tag, &Leaf)) {
        match &self.content {
            Content::Leaf(leaf) => see(self.tag, leaf),
            Content::Fields(fields) => fields.iter().for_each(|field| field.each(see)),
        }
    }

    /// The item, to be written in one of the encodings.
    ///
    /// # Errors
    /// The name of a variable that has been left in it.
    pub(crate) fn item(&self) -> Result<Item, String> {
        let value = match &self.content {
            Content::Leaf(leaf) => leaf.value()?,
            Content::Fields(fields) => {
                Value::Structure(fields.iter().map(Node::item).collect::<Result<_, _>>()?)
            }
        };
        Ok(Item::new(self.tag, value))
    }
}

impl From<&Item> for Node {
    fn from(item: &Item) -> Self {
        use LeafContent::{Bytes, Number, Text};
        let content = match &item.value {
            Value::Structure(items) => {
                let fields = items.iter().map(Node::from).collect();
                return Node { tag: item.tag, content: Content::Fields(fields) };
            }
            Value::Integer(number) => Number(i64::from(*number)),
            Value::LongInteger(number)
            | Value::DateTime(number)
            | Value::DateTimeExtended(number) => Number(*number),
            Value::Enumeration(number) | Value::Interval(number) => Number(i64::from(*number)),
            Value::Boolean(truth) => Number(i64::from(*truth)),
            Value::TextString(text) => Text(text.as_str().to_owned()),
            Value::BigInteger(bytes) | Value::ByteString(bytes) => Bytes(bytes.expose().to_vec()),
        };
        let leaf = Leaf { kind: item.value.kind(), content };
        Node { tag: item.tag, content: Content::Leaf(leaf) }
    }
}

impl Leaf {
    fn value(&self) -> Result<Value, String> {
        let wrong = || format!("{self} is not of type {}", self.kind.name());
        Ok(match (&self.content, self.kind) {
            (LeafContent::Text(text), Kind::TextString) => Value::text(text.as_str()),
            (LeafContent::Bytes(bytes), Kind::ByteString) => Value::bytes(bytes.as_slice()),
            (LeafContent::Bytes(bytes), Kind::BigInteger) => {
                Value::BigInteger(Secret::new(bytes.clone()))
            }
            (&LeafContent::Number(number), kind) => match kind {
                Kind::Integer => Value::Integer(i32::try_from(number).map_err(|_| wrong())?),
                Kind::LongInteger => Value::LongInteger(number),
                Kind::Enumeration => Value::Enumeration(number.try_into().map_err(|_| wrong())?),
                Kind::Boolean => Value::Boolean(number != 0),
                Kind::DateTime => Value::DateTime(number),
                Kind::Interval => Value::Interval(number.try_into().map_err(|_| wrong())?),
                Kind::DateTimeExtended => Value::DateTimeExtended(number),
                _ => return Err(wrong()),
            },
            _ => return Err(wrong()),
        })
    }

    /// The value in words, with the name that its number has under a tag.
    pub(crate) fn named(&self, tag: Tag) -> String {
        let LeafContent::Number(number) = self.content else { return self.to_string() };
        let Ok(bits) = u32::try_from(number) else { return self.to_string() };
        let name = match self.kind {
            Kind::Enumeration if tag == Tag::ATTRIBUTE_REFERENCE => Tag(bits).name(),
            Kind::Enumeration => enumeration_on(tag).and_then(|names| names.name(bits)),
            Kind::Integer => mask_on(tag).and_then(|names| names.name(bits)),
            _ => None,
        };
        name.map_or_else(|| self.to_string(), str::to_owned)
    }
}

impl fmt::Display for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Bytes of a value that are shown.
        const SHOWN: usize = 24;
        match &self.content {
            LeafContent::Number(number) if self.kind == Kind::Enumeration => {
                write!(f, "{number:#010x}")
            }
            LeafContent::Number(number) => write!(f, "{number}"),
            LeafContent::Text(text) => write!(f, "{text:?}"),
            LeafContent::Variable(name) => write!(f, "${name}"),
            LeafContent::Now(0) => f.write_str("$NOW"),
            LeafContent::Now(offset) => write!(f, "$NOW{offset:+}"),
            LeafContent::Bytes(bytes) => {
                let shown = &bytes[..bytes.len().min(SHOWN)];
                shown.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                if bytes.len() > SHOWN { write!(f, ".. ({} bytes)", bytes.len()) } else { Ok(()) }
            }
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.content {
            Content::Leaf(leaf) => write!(f, "{:?}={}", self.tag, leaf.named(self.tag)),
            Content::Fields(fields) => {
                write!(f, "{:?}{{", self.tag)?;
                for (at, field) in fields.iter().enumerate() {
                    if at > 0 {
                        f.write_char(' ')?;
                    }
                    field.fmt(f)?;
                }
                f.write_char('}')
            }
        }
    }
}
