//! Attributes that specifications do not define: a client's (`x-`), a server's (`y-`), a vendor's.
//!
//! 1.x writes the name with its prefix, 2.x the vendor and the name apart; `x` and `y` are the
//! vendors of those two.

use model::Secret;

use crate::{
    names::Tag,
    ttlv::{Item, Value},
    version::Version,
    wire::{Bytes, DateTime, Interval, Unfit, Why, Wire},
};

/// The name of an attribute that specifications do not define.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CustomName {
    /// Whose attribute it is: `x` for a client's, `y` for a server's. Empty for a name in 1.x that
    /// has neither prefix; such an attribute does not exist.
    pub vendor: String,
    /// The name.
    pub name: String,
}

impl CustomName {
    /// The name that 1.x writes as `x-Product`.
    pub(super) fn from_prefixed(name: &str) -> Self {
        match name.split_once('-') {
            Some((vendor @ ("x" | "y"), name)) => {
                Self { vendor: vendor.to_owned(), name: name.to_owned() }
            }
            _ => Self { vendor: String::new(), name: name.to_owned() },
        }
    }

    /// The name as 1.x writes it, which has no way to write another vendor's.
    pub(super) fn prefixed(&self) -> Option<String> {
        match self.vendor.as_str() {
            "x" | "y" => Some(format!("{}-{}", self.vendor, self.name)),
            _ => None,
        }
    }
}

/// An attribute that specifications do not define.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Custom {
    /// Its name.
    pub name: CustomName,
    /// Its value.
    pub value: CustomValue,
}

/// A value of any type. It is no secret.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CustomValue {
    /// Items.
    Structure(Vec<(Tag, CustomValue)>),
    /// 32 bits, signed.
    Integer(i32),
    /// 64 bits, signed.
    LongInteger(i64),
    /// Two's complement, big-endian, a multiple of eight bytes.
    BigInteger(Vec<u8>),
    /// A number of an enumeration.
    Enumeration(u32),
    /// A truth value.
    Boolean(bool),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Bytes),
    /// A moment.
    DateTime(DateTime),
    /// A number of seconds.
    Interval(Interval),
    /// Microseconds since 1970-01-01T00:00:00Z.
    DateTimeExtended(i64),
}

impl CustomValue {
    /// The value of an item.
    pub(super) fn of(value: Value) -> Self {
        match value {
            Value::Structure(items) => Self::Structure(
                items.into_iter().map(|item| (item.tag, Self::of(item.value))).collect(),
            ),
            Value::Integer(number) => Self::Integer(number),
            Value::LongInteger(number) => Self::LongInteger(number),
            Value::BigInteger(bytes) => Self::BigInteger(bytes.expose().to_vec()),
            Value::Enumeration(number) => Self::Enumeration(number),
            Value::Boolean(truth) => Self::Boolean(truth),
            Value::TextString(text) => Self::Text(text.into_string()),
            Value::ByteString(bytes) => Self::Bytes(Bytes(bytes.expose().to_vec())),
            Value::DateTime(secs) => Self::DateTime(DateTime(secs)),
            Value::Interval(secs) => Self::Interval(Interval(secs)),
            Value::DateTimeExtended(micros) => Self::DateTimeExtended(micros),
        }
    }

    /// The value as that of an item.
    pub(super) fn into_value(self) -> Value {
        match self {
            Self::Structure(items) => {
                let item = |(tag, value): (Tag, Self)| Item::new(tag, value.into_value());
                Value::Structure(items.into_iter().map(item).collect())
            }
            Self::Integer(number) => Value::Integer(number),
            Self::LongInteger(number) => Value::LongInteger(number),
            Self::BigInteger(bytes) => Value::BigInteger(Secret::new(bytes)),
            Self::Enumeration(number) => Value::Enumeration(number),
            Self::Boolean(truth) => Value::Boolean(truth),
            Self::Text(text) => Value::text(text),
            Self::Bytes(Bytes(bytes)) => Value::bytes(bytes),
            Self::DateTime(DateTime(secs)) => Value::DateTime(secs),
            Self::Interval(Interval(secs)) => Value::Interval(secs),
            Self::DateTimeExtended(micros) => Value::DateTimeExtended(micros),
        }
    }
}

impl Wire for CustomValue {
    fn read(item: Item, _: Version) -> Result<Self, Unfit> {
        Ok(Self::of(item.value))
    }

    fn write(self, tag: Tag, _: Version) -> Item {
        Item::new(tag, self.into_value())
    }
}

/// 2.x: a structure of the vendor, the name and the value.
impl Wire for Custom {
    fn read(item: Item, version: Version) -> Result<Self, Unfit> {
        let mut fields = crate::wire::Fields::of(item, version)?;
        let value = fields.first_of(&[Tag::ATTRIBUTE_VALUE]);
        let name = CustomName {
            vendor: crate::wire::Field::taken(&mut fields, Tag::VENDOR_IDENTIFICATION)?,
            name: crate::wire::Field::taken(&mut fields, Tag::ATTRIBUTE_NAME)?,
        };
        fields.end()?;
        let value = value.ok_or(Unfit::new(Tag::ATTRIBUTE_VALUE, Why::Missing))?;
        Ok(Self { name, value: CustomValue::of(value.value) })
    }

    fn write(self, tag: Tag, _: Version) -> Item {
        let items = vec![
            Item::new(Tag::VENDOR_IDENTIFICATION, Value::text(self.name.vendor)),
            Item::new(Tag::ATTRIBUTE_NAME, Value::text(self.name.name)),
            Item::new(Tag::ATTRIBUTE_VALUE, self.value.into_value()),
        ];
        Item::new(tag, Value::Structure(items))
    }
}
