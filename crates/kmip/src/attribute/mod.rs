//! Attributes, whatever the version that brought them.
//!
//! 1.x writes an attribute as a structure of a name, an index and a value, and groups them in
//! template-attributes; 2.x writes it as an item with a tag of its own, within `Attributes`. Both
//! are read into the same type, and what a version does not have is left out of what is written
//! for it.

mod custom;
mod occasions;
mod rules;
mod table;
mod value;

pub use custom::{Custom, CustomName, CustomValue};
pub use rules::{Maker, Many, On, Presence, Rules, When};
pub use table::{Attribute, Standard};
pub use value::*;

use crate::{
    names::Tag,
    ttlv::{Item, Value},
    version::Version,
    wire::{Field, Fields, Unfit, Why, Wire},
};

/// An attribute of an object, and which of several it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Instance {
    /// The attribute.
    pub attribute: Attribute,
    /// Which of several, from 0, which it is if it is not said. Only 1.x says it.
    pub index: Option<i32>,
}

impl From<Attribute> for Instance {
    fn from(attribute: Attribute) -> Self {
        Self { attribute, index: None }
    }
}

impl Instance {
    /// Reads 1.x's structure of a name, an index and a value.
    fn read_pair(item: Item, version: Version) -> Result<Self, Unfit> {
        let mut fields = Fields::of(item, version)?;
        let name: String = Field::taken(&mut fields, Tag::ATTRIBUTE_NAME)?;
        let index: Option<i32> = Field::taken(&mut fields, Tag::ATTRIBUTE_INDEX)?;
        let value = fields.first_of(&[Tag::ATTRIBUTE_VALUE]);
        fields.end()?;
        let value = value.ok_or(Unfit::new(Tag::ATTRIBUTE_VALUE, Why::Missing))?.value;
        let attribute = match AttributeName::of_1x(&name) {
            AttributeName::Standard(standard) => {
                Attribute::read(standard, Item::new(standard.rules().tag, value), version)?
            }
            AttributeName::Custom(name) if name.vendor.is_empty() => {
                return Err(Unfit::new(Tag::ATTRIBUTE_NAME, Why::Value));
            }
            AttributeName::Custom(name) => {
                Attribute::Custom(Custom { name, value: CustomValue::of(value) })
            }
        };
        Ok(Self { attribute, index })
    }

    /// Reads 2.x's item.
    fn read_tagged(item: Item, version: Version) -> Result<Self, Unfit> {
        if item.tag == Tag::ATTRIBUTE {
            return Custom::read(item, version).map(|custom| Attribute::Custom(custom).into());
        }
        let standard = Standard::tagged(item.tag).ok_or(Unfit::new(item.tag, Why::Unexpected))?;
        Attribute::read(standard, item, version).map(Into::into)
    }

    /// Writes the attribute, if the version has it.
    fn write(self, version: Version) -> Option<Item> {
        let standard = self.attribute.standard().map(Standard::rules);
        if standard.is_some_and(|rules| !rules.is_in(version)) {
            return None;
        }
        if version.has_attributes_by_tag() {
            let tag = standard.map_or(Tag::ATTRIBUTE, |rules| rules.tag);
            return Some(self.attribute.write(tag, version));
        }
        let (name, value) = match (self.attribute, standard) {
            (Attribute::Custom(custom), _) => {
                let value = Item::new(Tag::ATTRIBUTE_VALUE, custom.value.into_value());
                (custom.name.prefixed()?, value)
            }
            (attribute, Some(rules)) => {
                (rules.name.to_owned(), attribute.write(Tag::ATTRIBUTE_VALUE, version))
            }
            (_, None) => return None,
        };
        let mut items = vec![Item::new(Tag::ATTRIBUTE_NAME, Value::text(name))];
        self.index.put(Tag::ATTRIBUTE_INDEX, &mut items, version);
        items.push(value);
        Some(Item::new(Tag::ATTRIBUTE, Value::Structure(items)))
    }
}

/// One attribute, in a field that is `NewAttribute` or `CurrentAttribute` in 2.x. 1.x writes the
/// new one only, as an `Attribute`.
impl Field for Option<Instance> {
    fn taken(fields: &mut Fields, tag: Tag) -> Result<Self, Unfit> {
        let version = fields.version();
        if !version.has_attributes_by_tag() {
            let item = match tag {
                Tag::CURRENT_ATTRIBUTE => None,
                _ => fields.first_of(&[Tag::ATTRIBUTE]),
            };
            return item.map(|item| Instance::read_pair(item, version)).transpose();
        }
        let Some(item) = fields.first_of(&[tag]) else { return Ok(None) };
        let mut within = Fields::of(item, version)?;
        let mut items = within.rest().into_iter();
        match (items.next(), items.next()) {
            (Some(item), None) => Instance::read_tagged(item, version).map(Some),
            (None, _) => Err(Unfit::new(tag, Why::Missing)),
            (_, Some(item)) => Err(Unfit::new(item.tag, Why::Unexpected)),
        }
    }

    fn put(self, tag: Tag, items: &mut Vec<Item>, version: Version) {
        let item = self.and_then(|instance| instance.write(version));
        match version.has_attributes_by_tag() {
            true => items.extend(item.map(|item| Item::new(tag, Value::Structure(vec![item])))),
            false if tag == Tag::CURRENT_ATTRIBUTE => {}
            false => items.extend(item),
        }
    }
}

impl Field for Instance {
    fn taken(fields: &mut Fields, tag: Tag) -> Result<Self, Unfit> {
        Option::<Self>::taken(fields, tag)?.ok_or(Unfit::new(tag, Why::Missing))
    }

    fn put(self, tag: Tag, items: &mut Vec<Item>, version: Version) {
        Some(self).put(tag, items, version);
    }
}

/// Attributes of an object that is asked for, or that is.
///
/// As a field, its tag is that of 1.x: `Attribute` for a list of them, or one of the
/// template-attributes. Both are read where either is asked for, since clients of 1.0 and 1.1 wrap
/// what need not be wrapped.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Attributes {
    /// Names of templates. Only 1.x has them.
    pub templates: Vec<Name>,
    /// The attributes.
    pub instances: Vec<Instance>,
}

impl Attributes {
    /// The attributes, whichever of several they are.
    pub fn iter(&self) -> impl Iterator<Item = &Attribute> {
        self.instances.iter().map(|instance| &instance.attribute)
    }

    /// Reads the items of one of the structures that there are for attributes.
    fn read(&mut self, item: Item, version: Version) -> Result<(), Unfit> {
        let by_tag = tag_in_2x(item.tag) == item.tag;
        for item in Fields::of(item, version)?.rest() {
            match item.tag {
                tag if tag.is_of_a_vendor() => {}
                _ if by_tag => self.instances.push(Instance::read_tagged(item, version)?),
                Tag::NAME => self.templates.push(Name::read(item, version)?),
                Tag::ATTRIBUTE => self.instances.push(Instance::read_pair(item, version)?),
                tag => return Err(Unfit::new(tag, Why::Unexpected)),
            }
        }
        Ok(())
    }
}

impl FromIterator<Attribute> for Attributes {
    fn from_iter<I: IntoIterator<Item = Attribute>>(attributes: I) -> Self {
        let instances = attributes.into_iter().map(Into::into).collect();
        Self { templates: Vec::new(), instances }
    }
}

/// The tag of 2.x for what 1.x writes with another.
fn tag_in_2x(tag: Tag) -> Tag {
    match tag {
        Tag::ATTRIBUTE | Tag::TEMPLATE_ATTRIBUTE => Tag::ATTRIBUTES,
        Tag::COMMON_TEMPLATE_ATTRIBUTE => Tag::COMMON_ATTRIBUTES,
        Tag::PRIVATE_KEY_TEMPLATE_ATTRIBUTE => Tag::PRIVATE_KEY_ATTRIBUTES,
        Tag::PUBLIC_KEY_TEMPLATE_ATTRIBUTE => Tag::PUBLIC_KEY_ATTRIBUTES,
        tag => tag,
    }
}

impl Field for Option<Attributes> {
    fn taken(fields: &mut Fields, tag: Tag) -> Result<Self, Unfit> {
        let version = fields.version();
        let old = match tag {
            Tag::ATTRIBUTE | Tag::TEMPLATE_ATTRIBUTE => &[Tag::ATTRIBUTE, Tag::TEMPLATE_ATTRIBUTE],
            _ => &[tag][..],
        };
        let mut items = Vec::new();
        if version.has_attributes_by_tag() {
            items.extend(fields.first_of(&[tag_in_2x(tag)]));
        }
        // A client of 2.0 is known that still sends template-attributes.
        if items.is_empty() {
            items = fields.all_of(old);
        }
        if items.is_empty() {
            return Ok(None);
        }
        let mut attributes = Attributes::default();
        for item in items {
            match item.tag {
                Tag::ATTRIBUTE => attributes.instances.push(Instance::read_pair(item, version)?),
                _ => attributes.read(item, version)?,
            }
        }
        Ok(Some(attributes))
    }

    fn put(self, tag: Tag, items: &mut Vec<Item>, version: Version) {
        let Some(attributes) = self else { return };
        let written = attributes.instances.into_iter().filter_map(|it| it.write(version));
        if version.has_attributes_by_tag() {
            items.push(Item::new(tag_in_2x(tag), Value::Structure(written.collect())));
        } else if tag == Tag::ATTRIBUTE {
            items.extend(written);
        } else {
            let names = attributes.templates.into_iter().map(|name| name.write(Tag::NAME, version));
            items.push(Item::new(tag, Value::Structure(names.chain(written).collect())));
        }
    }
}

impl Field for Attributes {
    fn taken(fields: &mut Fields, tag: Tag) -> Result<Self, Unfit> {
        Option::<Self>::taken(fields, tag).map(Option::unwrap_or_default)
    }

    fn put(self, tag: Tag, items: &mut Vec<Item>, version: Version) {
        Some(self).put(tag, items, version);
    }
}

/// Which attribute: a name in 1.x, a reference in 2.x. Its tag as a field is
/// `AttributeReference`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum AttributeName {
    /// One that specifications define.
    Standard(Standard),
    /// One that they do not.
    Custom(CustomName),
}

impl AttributeName {
    /// The attribute of a name in 1.x.
    fn of_1x(name: &str) -> Self {
        Standard::named(name)
            .map_or_else(|| Self::Custom(CustomName::from_prefixed(name)), Self::Standard)
    }

    fn read(item: Item, version: Version) -> Result<Self, Unfit> {
        match item.value {
            Value::TextString(name) => Ok(Self::of_1x(name.as_str())),
            Value::Enumeration(tag) => Standard::tagged(Tag(tag))
                .map(Self::Standard)
                .ok_or(Unfit::new(item.tag, Why::Value)),
            _ => {
                let mut fields = Fields::of(item, version)?;
                let name = CustomName {
                    vendor: Field::taken(&mut fields, Tag::VENDOR_IDENTIFICATION)?,
                    name: Field::taken(&mut fields, Tag::ATTRIBUTE_NAME)?,
                };
                fields.end()?;
                Ok(Self::Custom(name))
            }
        }
    }

    /// Writes the name, if the version has the attribute.
    fn write(self, version: Version) -> Option<Item> {
        let by_tag = version.has_attributes_by_tag();
        let tag = if by_tag { Tag::ATTRIBUTE_REFERENCE } else { Tag::ATTRIBUTE_NAME };
        let value = match self {
            Self::Standard(standard) if !standard.rules().is_in(version) => return None,
            Self::Standard(standard) if by_tag => Value::Enumeration(standard.rules().tag.0),
            Self::Standard(standard) => Value::text(standard.rules().name),
            Self::Custom(CustomName { vendor, name }) if by_tag => Value::Structure(vec![
                Item::new(Tag::VENDOR_IDENTIFICATION, Value::text(vendor)),
                Item::new(Tag::ATTRIBUTE_NAME, Value::text(name)),
            ]),
            Self::Custom(name) => Value::text(name.prefixed()?),
        };
        Some(Item::new(tag, value))
    }
}

const REFERENCES: &[Tag] = &[Tag::ATTRIBUTE_REFERENCE, Tag::ATTRIBUTE_NAME];

impl Field for Option<AttributeName> {
    fn taken(fields: &mut Fields, _: Tag) -> Result<Self, Unfit> {
        let version = fields.version();
        fields.first_of(REFERENCES).map(|item| AttributeName::read(item, version)).transpose()
    }

    fn put(self, _: Tag, items: &mut Vec<Item>, version: Version) {
        items.extend(self.and_then(|name| name.write(version)));
    }
}

impl Field for Vec<AttributeName> {
    fn taken(fields: &mut Fields, _: Tag) -> Result<Self, Unfit> {
        let version = fields.version();
        let items = fields.all_of(REFERENCES);
        items.into_iter().map(|item| AttributeName::read(item, version)).collect()
    }

    fn put(self, _: Tag, items: &mut Vec<Item>, version: Version) {
        items.extend(self.into_iter().filter_map(|name| name.write(version)));
    }
}
