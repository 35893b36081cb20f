//! Values of one leaf.

use model::Secret;

use crate::{
    names::{Numbered, Tag, enumeration::Placeholder},
    ttlv::{Item, Value},
    version::Version,
    wire::{Unfit, Why, Wire},
};

/// States that a type is a leaf: a pattern of the value that it is read from, and the value that
/// it is written as.
macro_rules! leaf {
    ($($Type:ty: $pattern:pat => $read:expr, $this:ident => $write:expr;)+) => {
        $(impl Wire for $Type {
            fn read(item: Item, _: Version) -> Result<Self, Unfit> {
                match item.value {
                    $pattern => Ok($read),
                    _ => Err(Unfit::new(item.tag, Why::Type)),
                }
            }

            fn write(self, tag: Tag, _: Version) -> Item {
                let $this = self;
                Item::new(tag, $write)
            }
        })+
    };
}

/// Bytes that are no secret.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Bytes(pub Vec<u8>);

/// A moment: seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DateTime(pub i64);

/// A number of seconds.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Interval(pub u32);

/// A moment: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Microseconds(pub i64);

/// A number of any length, which may be a secret: two's complement, big-endian, a multiple of
/// eight bytes.
#[derive(Debug)]
pub struct BigInteger(pub Secret);

/// A text that is a secret.
#[derive(Debug)]
pub struct Password(pub Secret);

leaf! {
    i32: Value::Integer(number) => number, this => Value::Integer(this);
    i64: Value::LongInteger(number) => number, this => Value::LongInteger(this);
    bool: Value::Boolean(truth) => truth, this => Value::Boolean(this);
    String: Value::TextString(text) => text.into_string(), this => Value::text(this);
    Secret: Value::ByteString(bytes) => bytes, this => Value::ByteString(this);
    Bytes: Value::ByteString(bytes) => Bytes(bytes.expose().to_vec()), this => Value::bytes(this.0);
    DateTime: Value::DateTime(secs) => DateTime(secs), this => Value::DateTime(this.0);
    Interval: Value::Interval(secs) => Interval(secs), this => Value::Interval(this.0);
    Microseconds: Value::DateTimeExtended(micros) => Microseconds(micros),
        this => Value::DateTimeExtended(this.0);
    BigInteger: Value::BigInteger(bytes) => BigInteger(bytes), this => Value::BigInteger(this.0);
}

impl Wire for Password {
    fn read(item: Item, _: Version) -> Result<Self, Unfit> {
        match item.value {
            Value::TextString(text) => Ok(Self(text.into_secret())),
            _ => Err(Unfit::new(item.tag, Why::Type)),
        }
    }

    fn write(self, tag: Tag, _: Version) -> Item {
        // Only a client sends one. One that was not read as text is sent as what text it is.
        Item::new(tag, Value::text(String::from_utf8_lossy(self.0.expose())))
    }
}

impl<T: Numbered> Wire for T {
    fn read(item: Item, _: Version) -> Result<Self, Unfit> {
        match item.value {
            Value::Integer(bits) if T::IS_MASK => Ok(T::from_number(bits.cast_unsigned())),
            Value::Enumeration(number) if !T::IS_MASK => Ok(T::from_number(number)),
            _ => Err(Unfit::new(item.tag, Why::Type)),
        }
    }

    fn write(self, tag: Tag, _: Version) -> Item {
        let value = match T::IS_MASK {
            true => Value::Integer(self.number().cast_signed()),
            false => Value::Enumeration(self.number()),
        };
        Item::new(tag, value)
    }
}

/// What names an object in a request (1.4 section 3.1, 2.1 section 4.58).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Identifier {
    /// By its identifier.
    Text(String),
    /// As what an operation before it in the batch gave. Since 2.0.
    Placeholder(Placeholder),
    /// As the n-th identifier in the answer so far; below zero, counted back from its end. Since
    /// 2.0.
    Nth(i32),
}

impl From<&str> for Identifier {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Wire for Identifier {
    fn read(item: Item, _: Version) -> Result<Self, Unfit> {
        match item.value {
            Value::TextString(text) => Ok(Self::Text(text.into_string())),
            Value::Enumeration(number) => Ok(Self::Placeholder(Placeholder(number))),
            Value::Integer(number) => Ok(Self::Nth(number)),
            _ => Err(Unfit::new(item.tag, Why::Type)),
        }
    }

    fn write(self, tag: Tag, _: Version) -> Item {
        let value = match self {
            Self::Text(text) => Value::text(text),
            Self::Placeholder(placeholder) => Value::Enumeration(placeholder.0),
            Self::Nth(number) => Value::Integer(number),
        };
        Item::new(tag, value)
    }
}
