//! How typed values are read from items and written as items.
//!
//! A structure is stated once, as a list of its fields with their tags and the versions that have
//! them, and `structure!` makes both directions of it. What is written has only what the version
//! has; what is read may have fields of other versions, in any order, since clients do that. A
//! field that no version has in that place is refused, unless its tag is a vendor's.

mod leaf;

use std::fmt;

pub use leaf::{BigInteger, Bytes, DateTime, Identifier, Interval, Microseconds, Password};

use crate::{
    names::Tag,
    ttlv::{Item, Value},
    version::Version,
};

/// An item that is not what its place asks for. The client is at fault.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Unfit {
    /// What the item is, or would be.
    pub tag: Tag,
    /// What is wrong with it.
    pub why: Why,
}

/// What is wrong with an item.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Why {
    /// It is not there and must be.
    Missing,
    /// It is there and must not be, or is there too often.
    Unexpected,
    /// Its value is of another type.
    Type,
    /// Its value is not one that it may have.
    Value,
}

impl Unfit {
    /// What is wrong with the item of a tag.
    pub fn new(tag: Tag, why: Why) -> Self {
        Self { tag, why }
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.why {
            Why::Missing => "is missing",
            Why::Unexpected => "is not expected there",
            Why::Type => "has a value of another type",
            Why::Value => "has a value that it may not have",
        };
        write!(f, "{:?} {what}.", self.tag)
    }
}

/// A value that is one item.
pub trait Wire: Sized {
    /// Reads the item.
    ///
    /// # Errors
    /// When it is not such a value.
    fn read(item: Item, version: Version) -> Result<Self, Unfit>;

    /// Writes the item.
    fn write(self, tag: Tag, version: Version) -> Item;
}

/// A value that is a field of a structure: one item, one or none, or any number of them.
pub trait Field: Sized {
    /// Takes the field's items out of those of a structure.
    ///
    /// # Errors
    /// When there are too few, or they are not such values.
    fn taken(fields: &mut Fields, tag: Tag) -> Result<Self, Unfit>;

    /// Adds the field's items to those of a structure.
    fn put(self, tag: Tag, items: &mut Vec<Item>, version: Version);
}

/// The items of a structure that no field has taken yet.
#[derive(Debug)]
pub struct Fields {
    items: Vec<Item>,
    version: Version,
    of: Tag,
}

impl Fields {
    /// The items of a structure.
    ///
    /// # Errors
    /// When the item is no structure.
    pub fn of(item: Item, version: Version) -> Result<Self, Unfit> {
        match item.value {
            Value::Structure(items) => Ok(Self { items, version, of: item.tag }),
            _ => Err(Unfit::new(item.tag, Why::Type)),
        }
    }

    /// The version in which the structure is written.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The structure's own tag.
    pub fn tag(&self) -> Tag {
        self.of
    }

    /// The first item that has one of `tags`.
    pub fn first_of(&mut self, tags: &[Tag]) -> Option<Item> {
        let at = self.items.iter().position(|item| tags.contains(&item.tag))?;
        Some(self.items.remove(at))
    }

    /// The items that have one of `tags`, in their order.
    pub fn all_of(&mut self, tags: &[Tag]) -> Vec<Item> {
        self.items.extract_if(.., |item| tags.contains(&item.tag)).collect()
    }

    /// All items that are left, in their order.
    pub fn rest(&mut self) -> Vec<Item> {
        std::mem::take(&mut self.items)
    }

    /// Refuses items that nothing has taken, unless they are a vendor's.
    ///
    /// # Errors
    /// When there are such items.
    pub fn end(&mut self) -> Result<(), Unfit> {
        match self.items.iter().find(|item| !item.tag.is_of_a_vendor()) {
            None => Ok(()),
            Some(item) => Err(Unfit::new(item.tag, Why::Unexpected)),
        }
    }
}

impl<T: Wire> Field for T {
    fn taken(fields: &mut Fields, tag: Tag) -> Result<Self, Unfit> {
        let item = fields.first_of(&[tag]).ok_or(Unfit::new(tag, Why::Missing))?;
        T::read(item, fields.version)
    }

    fn put(self, tag: Tag, items: &mut Vec<Item>, version: Version) {
        items.push(self.write(tag, version));
    }
}

impl<T: Wire> Field for Option<T> {
    fn taken(fields: &mut Fields, tag: Tag) -> Result<Self, Unfit> {
        fields.first_of(&[tag]).map(|item| T::read(item, fields.version)).transpose()
    }

    fn put(self, tag: Tag, items: &mut Vec<Item>, version: Version) {
        items.extend(self.map(|value| value.write(tag, version)));
    }
}

impl<T: Wire> Field for Vec<T> {
    fn taken(fields: &mut Fields, tag: Tag) -> Result<Self, Unfit> {
        let items = fields.all_of(&[tag]);
        items.into_iter().map(|item| T::read(item, fields.version)).collect()
    }

    fn put(self, tag: Tag, items: &mut Vec<Item>, version: Version) {
        items.extend(self.into_iter().map(|value| value.write(tag, version)));
    }
}

/// States a structure: its fields in the order of the specification, each with its type, its tag
/// and, where not all versions have it, those that do.
macro_rules! structure {
    (
        $(#[$meta:meta])*
        $vis:vis struct $Name:ident {
            $(
                $(#[$doc:meta])*
                $field:ident: $Type:ty = $tag:ident
                    $(since $since:ident)? $(until $until:ident)?
            ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        $vis struct $Name {
            $($(#[$doc])* pub $field: $Type,)*
        }

        impl $crate::wire::Wire for $Name {
            fn read(
                item: $crate::ttlv::Item,
                version: $crate::version::Version,
            ) -> Result<Self, $crate::wire::Unfit> {
                let mut fields = $crate::wire::Fields::of(item, version)?;
                let read = Self {
                    $($field: $crate::wire::Field::taken(
                        &mut fields,
                        $crate::names::Tag::$tag,
                    )?,)*
                };
                fields.end()?;
                Ok(read)
            }

            fn write(
                self,
                tag: $crate::names::Tag,
                version: $crate::version::Version,
            ) -> $crate::ttlv::Item {
                let mut items = Vec::new();
                let Self { $($field),* } = self;
                $(
                    let has = true
                        $(&& version >= $crate::version::Version::$since)?
                        $(&& version <= $crate::version::Version::$until)?;
                    if has {
                        $crate::wire::Field::put(
                            $field,
                            $crate::names::Tag::$tag,
                            &mut items,
                            version,
                        );
                    }
                )*
                $crate::ttlv::Item::new(tag, $crate::ttlv::Value::Structure(items))
            }
        }
    };
}

pub(crate) use structure;

#[cfg(test)]
mod tests {
    use super::*;

    structure! {
        /// An example.
        #[derive(Debug, Eq, PartialEq)]
        struct Example {
            /// One.
            name: String = NAME_VALUE,
            /// One or none, until a version.
            comment: Option<String> = COMMENT until V1_4,
            /// Any number, since a version.
            groups: Vec<String> = OBJECT_GROUP since V1_2,
        }
    }

    fn read(items: Vec<Item>) -> Result<Example, Unfit> {
        Example::read(Item::new(Tag::ATTRIBUTE, Value::Structure(items)), Version::V1_0)
    }

    fn text(tag: Tag, text: &str) -> Item {
        Item::new(tag, Value::text(text))
    }

    #[test]
    fn fields_are_read_in_any_order_and_written_in_theirs() {
        let read = read(vec![
            text(Tag::OBJECT_GROUP, "a"),
            text(Tag::VENDOR_FIRST, "ignored"),
            text(Tag::NAME_VALUE, "n"),
            text(Tag::OBJECT_GROUP, "b"),
        ])
        .unwrap();
        assert_eq!(read.groups, ["a", "b"]);
        let Value::Structure(items) = read.write(Tag::ATTRIBUTE, Version::V1_4).value else {
            panic!()
        };
        let tags: Vec<_> = items.iter().map(|item| item.tag).collect();
        assert_eq!(tags, [Tag::NAME_VALUE, Tag::OBJECT_GROUP, Tag::OBJECT_GROUP]);
    }

    #[test]
    fn a_version_is_not_sent_what_it_does_not_have() {
        let example =
            || Example { name: "n".into(), comment: Some("c".into()), groups: vec!["g".into()] };
        let tags = |version| match example().write(Tag::ATTRIBUTE, version).value {
            Value::Structure(items) => items.into_iter().map(|item| item.tag).collect(),
            _ => vec![],
        };
        assert_eq!(tags(Version::V1_1), [Tag::NAME_VALUE, Tag::COMMENT]);
        assert_eq!(tags(Version::V1_2), [Tag::NAME_VALUE, Tag::COMMENT, Tag::OBJECT_GROUP]);
        assert_eq!(tags(Version::V2_0), [Tag::NAME_VALUE, Tag::OBJECT_GROUP]);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let unfit = |items| read(items).unwrap_err();
        let name = || text(Tag::NAME_VALUE, "n");
        assert_eq!(unfit(vec![]), Unfit::new(Tag::NAME_VALUE, Why::Missing));
        assert_eq!(unfit(vec![name(), name()]), Unfit::new(Tag::NAME_VALUE, Why::Unexpected));
        let other = text(Tag::DESCRIPTION, "d");
        assert_eq!(unfit(vec![name(), other]), Unfit::new(Tag::DESCRIPTION, Why::Unexpected));
        let number = Item::new(Tag::NAME_VALUE, Value::Integer(1));
        assert_eq!(unfit(vec![number]), Unfit::new(Tag::NAME_VALUE, Why::Type));
    }
}
