//! The tree that every encoding of KMIP is read into and written from.
//!
//! An item is a tag, a type and a value; a value is a structure of items or a leaf. Whatever is in
//! a leaf may be a secret, so texts and bytes are wiped when they are dropped, and `Debug` shows
//! neither.

mod binary;
mod text;

use std::fmt;

pub use binary::{HEAD_LEN, decode, encode, message_len};
use model::Secret;
pub use text::Text;

use crate::names::Tag;

/// A value with what it is.
#[derive(Debug)]
pub struct Item {
    /// What it is.
    pub tag: Tag,
    /// The value.
    pub value: Value,
}

impl Item {
    /// A value with what it is.
    pub fn new(tag: Tag, value: Value) -> Self {
        Self { tag, value }
    }
}

/// A value of one of the eleven types (1.4 section 9.1.1.2, 2.1 section 10.1.2).
pub enum Value {
    /// Items, in the order in which they were.
    Structure(Vec<Item>),
    /// 32 bits, signed. Masks are integers.
    Integer(i32),
    /// 64 bits, signed.
    LongInteger(i64),
    /// Two's complement, big-endian, a multiple of eight bytes and not empty.
    BigInteger(Secret),
    /// One of the values of the enumeration that the tag has.
    Enumeration(u32),
    /// A truth value.
    Boolean(bool),
    /// Text.
    TextString(Text),
    /// Bytes.
    ByteString(Secret),
    /// Seconds since 1970-01-01T00:00:00Z.
    DateTime(i64),
    /// Seconds.
    Interval(u32),
    /// Microseconds since 1970-01-01T00:00:00Z.
    DateTimeExtended(i64),
}

impl Value {
    /// The value's type.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Structure(_) => Kind::Structure,
            Self::Integer(_) => Kind::Integer,
            Self::LongInteger(_) => Kind::LongInteger,
            Self::BigInteger(_) => Kind::BigInteger,
            Self::Enumeration(_) => Kind::Enumeration,
            Self::Boolean(_) => Kind::Boolean,
            Self::TextString(_) => Kind::TextString,
            Self::ByteString(_) => Kind::ByteString,
            Self::DateTime(_) => Kind::DateTime,
            Self::Interval(_) => Kind::Interval,
            Self::DateTimeExtended(_) => Kind::DateTimeExtended,
        }
    }

    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::TextString(Text::new(text.into()))
    }

    /// Bytes.
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self::ByteString(Secret::new(bytes.into()))
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Structure(items) => f.debug_list().entries(items).finish(),
            Self::Integer(value) => value.fmt(f),
            Self::LongInteger(value) | Self::DateTime(value) | Self::DateTimeExtended(value) => {
                value.fmt(f)
            }
            Self::Enumeration(value) => write!(f, "{value:#010x}"),
            Self::Boolean(value) => value.fmt(f),
            Self::Interval(value) => value.fmt(f),
            Self::BigInteger(_) | Self::TextString(_) | Self::ByteString(_) => {
                write!(f, "{}(..)", self.kind().name())
            }
        }
    }
}

/// A value's type: its number is the byte that TTLV writes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Items.
    Structure = 1,
    /// 32 bits, signed.
    Integer = 2,
    /// 64 bits, signed.
    LongInteger = 3,
    /// Signed, of any length.
    BigInteger = 4,
    /// A value of an enumeration.
    Enumeration = 5,
    /// A truth value.
    Boolean = 6,
    /// Text.
    TextString = 7,
    /// Bytes.
    ByteString = 8,
    /// A moment, to the second.
    DateTime = 9,
    /// A number of seconds.
    Interval = 10,
    /// A moment, to the microsecond.
    DateTimeExtended = 11,
}

impl Kind {
    const ALL: [Kind; 11] = [
        Self::Structure,
        Self::Integer,
        Self::LongInteger,
        Self::BigInteger,
        Self::Enumeration,
        Self::Boolean,
        Self::TextString,
        Self::ByteString,
        Self::DateTime,
        Self::Interval,
        Self::DateTimeExtended,
    ];

    /// The type of a byte.
    pub fn of(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|&kind| kind as u8 == byte)
    }

    /// The type's name as XML and JSON write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Structure => "Structure",
            Self::Integer => "Integer",
            Self::LongInteger => "LongInteger",
            Self::BigInteger => "BigInteger",
            Self::Enumeration => "Enumeration",
            Self::Boolean => "Boolean",
            Self::TextString => "TextString",
            Self::ByteString => "ByteString",
            Self::DateTime => "DateTime",
            Self::Interval => "Interval",
            Self::DateTimeExtended => "DateTimeExtended",
        }
    }

    /// The type of a name as XML and JSON write it.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Why bytes are no message. The client is at fault, and there is no more to say to it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Malformed {
    /// There are fewer bytes than an item or its length asks for.
    Truncated,
    /// There are bytes after the item.
    Trailing,
    /// The tag is neither one of the specifications' nor one for vendors.
    Tag,
    /// There is no such type.
    Type,
    /// The length is not one that the type may have.
    Length,
    /// The padding is not zero.
    Padding,
    /// The text is not UTF-8.
    NotUtf8,
    /// The value is not one that the type may have, or is not written as it must be.
    Value,
    /// The name is not one of a tag, type or value.
    Name,
    /// Structures are nested deeper than `limits::KMIP_DEPTH_MAX`.
    TooDeep,
    /// There are more items than `limits::KMIP_ITEMS_MAX`.
    TooMany,
    /// The message is longer than `limits::KMIP_MESSAGE_LEN_MAX`.
    TooLong,
    /// The document is not XML or JSON of the kind that the profiles describe.
    Document,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "The message ends too early.",
            Self::Trailing => "There is more after the message.",
            Self::Tag => "A tag is outside the ranges that there are.",
            Self::Type => "An item has no type that there is.",
            Self::Length => "An item's length is not one of its type.",
            Self::Padding => "The padding of an item is not zero.",
            Self::NotUtf8 => "A text is not UTF-8.",
            Self::Value => "A value is not one of its type.",
            Self::Name => "A name is not one of a tag, type or value.",
            Self::TooDeep => "Structures are nested too deep.",
            Self::TooMany => "There are too many items.",
            Self::TooLong => "The message is too long.",
            Self::Document => "The document is not one of this protocol.",
        })
    }
}

// What `limits::KMIP_ITEMS_MAX` counts on.
const _: () = assert!(size_of::<Item>() <= 40);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_has_one_number_and_one_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::of(kind as u8), Some(kind));
            assert_eq!(Kind::named(kind.name()), Some(kind));
        }
        assert_eq!((Kind::of(0), Kind::of(12), Kind::named("structure")), (None, None, None));
    }

    #[test]
    fn what_may_be_a_secret_is_not_shown() {
        let shown = [
            Value::text("password"),
            Value::bytes(*b"password"),
            Value::BigInteger(Secret::new(b"password".to_vec())),
        ];
        let item = Item::new(Tag::CREDENTIAL, Value::Structure(vec![]));
        assert_eq!(format!("{item:?}"), "Item { tag: Credential, value: [] }");
        for value in shown {
            assert_eq!(format!("{value:?}"), format!("{}(..)", value.kind().name()));
        }
    }
}
