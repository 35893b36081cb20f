//! Attributes as labels of objects, and back.
//!
//! The value is TTLV of the attribute as the newest version that has it writes it. That version
//! follows from the label's name, so that nothing has to say it.

use kmip::{
    Version,
    attribute::{Attribute, AttributeName, CustomName, Instance, Standard},
    names::Tag,
    ttlv::{self, Item, Value},
    wire::{Field as _, Fields},
};
use model::object::Label;

/// Which attribute it is.
pub(crate) fn name_of(attribute: &Attribute) -> AttributeName {
    match attribute {
        Attribute::Custom(custom) => AttributeName::Custom(custom.name.clone()),
        attribute => match attribute.standard() {
            Some(standard) => AttributeName::Standard(standard),
            None => {
                AttributeName::Custom(CustomName { vendor: String::new(), name: String::new() })
            }
        },
    }
}

/// The name of the labels of an attribute: that of 1.x, or a vendor, a slash and the vendor's name
/// for it. No label that begins with a dot is an attribute's.
pub(crate) fn label_name(name: &AttributeName) -> String {
    match name {
        AttributeName::Standard(standard) => standard.rules().name.to_owned(),
        AttributeName::Custom(CustomName { vendor, name }) => {
            let vendor = vendor.replace('%', "%25").replace('/', "%2F").replace('.', "%2E");
            format!("{vendor}/{name}")
        }
    }
}

/// The label of an attribute: its name and value.
pub(crate) fn label_of(attribute: &Attribute) -> (String, Vec<u8>) {
    // What was read from a message can be written: it is no deeper within this than within that.
    let written = item_of(attribute).and_then(|item| ttlv::encode(&item).ok());
    let value = written.map(|bytes| bytes.expose().to_vec()).unwrap_or_default();
    (label_name(&name_of(attribute)), value)
}

/// The attribute as the newest version that has it writes it.
pub(crate) fn item_of(attribute: &Attribute) -> Option<Item> {
    let mut items = Vec::new();
    let version = newest(attribute.standard());
    Some(Instance::from(attribute.clone())).put(Tag::NEW_ATTRIBUTE, &mut items, version);
    items.pop()
}

/// The attribute that is written so.
pub(crate) fn of_item(standard: Option<Standard>, item: Item) -> Option<Attribute> {
    let within = Item::new(Tag::ATTRIBUTES, Value::Structure(vec![item]));
    let mut fields = Fields::of(within, newest(standard)).ok()?;
    let instance = Option::<Instance>::taken(&mut fields, Tag::NEW_ATTRIBUTE).ok()??;
    Some(instance.attribute)
}

/// The attribute of a label, if it is one's.
pub(crate) fn of_label(label: &Label) -> Option<Attribute> {
    let standard = Standard::named(&label.name);
    if standard.is_none() && (label.name.starts_with('.') || !label.name.contains('/')) {
        return None;
    }
    of_item(standard, ttlv::decode(&label.value).ok()?)
}

/// The newest version that has an attribute.
fn newest(standard: Option<Standard>) -> Version {
    standard.map_or(Version::V2_1, |standard| standard.rules().until)
}
