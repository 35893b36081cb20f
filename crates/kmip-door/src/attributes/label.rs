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

#[cfg(test)]
mod tests {
    use kmip::{
        attribute::{Custom, CustomValue, RngParameters},
        names::enumeration::{
            BlockCipherMode, CryptographicAlgorithm, RngAlgorithm, UsageLimitsUnit,
        },
        wire::{Bytes, DateTime, Interval},
    };

    use super::*;
    use crate::attributes::example::name;

    fn label((name, value): (String, Vec<u8>)) -> Label {
        Label { name, index: 0, value }
    }

    fn custom(vendor: &str, name: &str, value: CustomValue) -> Attribute {
        let name = CustomName { vendor: vendor.into(), name: name.into() };
        Attribute::Custom(Custom { name, value })
    }

    #[test]
    fn an_attribute_is_read_from_its_label_as_it_was() {
        use kmip::attribute::{
            ApplicationSpecificInformation, CertificateSubject, CryptographicParameters,
            UsageLimits,
        };
        let attributes = [
            name("a"),
            Attribute::OperationPolicyName("default".into()),
            Attribute::CertificateSubject(CertificateSubject {
                name: "CN=a".into(),
                alternative_names: vec!["b".into(), "c".into()],
            }),
            Attribute::CryptographicParameters(CryptographicParameters {
                block_cipher_mode: Some(BlockCipherMode::CBC),
                p_source: Some(Bytes(vec![1, 2])),
                ..CryptographicParameters::default()
            }),
            Attribute::ApplicationSpecificInformation(ApplicationSpecificInformation {
                namespace: "ssl".into(),
                data: Some("www".into()),
            }),
            Attribute::UsageLimits(UsageLimits {
                total: 5,
                count: None,
                unit: Some(UsageLimitsUnit::BYTE),
            }),
            Attribute::RandomNumberGenerator(RngParameters {
                rng_algorithm: RngAlgorithm::DRBG,
                cryptographic_algorithm: Some(CryptographicAlgorithm::AES),
                cryptographic_length: None,
                hashing_algorithm: None,
                drbg_algorithm: None,
                recommended_curve: None,
                fips186_variation: None,
                prediction_resistance: Some(true),
            }),
            Attribute::ProtectionPeriod(Interval(7)),
            custom("x", "Barcode", CustomValue::Text("1".into())),
            custom("x", "a/b", CustomValue::Integer(0)),
            custom("a/b", "c", CustomValue::DateTime(DateTime(3))),
            custom(
                ".a%",
                "",
                CustomValue::Structure(vec![(
                    Tag::VENDOR_FIRST,
                    CustomValue::Bytes(Bytes(vec![9])),
                )]),
            ),
        ];
        for attribute in attributes {
            assert_eq!(of_label(&label(label_of(&attribute))), Some(attribute));
        }
    }

    #[test]
    fn every_attribute_has_labels_of_its_own() {
        let names = [("x", "y"), ("x", "/y"), ("x/", "y"), ("x%2F", "y"), ("", "Name"), (".x", "")];
        let custom = names.map(|(vendor, name)| {
            AttributeName::Custom(CustomName { vendor: vendor.into(), name: name.into() })
        });
        let standard = Standard::ALL.iter().copied().map(AttributeName::Standard);
        let mut labels: Vec<String> =
            standard.chain(custom).map(|name| label_name(&name)).collect();
        assert!(labels.iter().all(|label| !label.starts_with('.')));
        let count = labels.len();
        labels.sort();
        labels.dedup();
        assert_eq!(labels.len(), count);
    }

    #[test]
    fn a_label_that_is_no_attributes_is_none() {
        let (_, value) = label_of(&name("a"));
        for other in [".Secret Data Type", ".x/y", "Nonsense"] {
            let label = Label { name: other.into(), index: 0, value: value.clone() };
            assert_eq!(of_label(&label), None);
        }
        assert_eq!(of_label(&Label { name: "Name".into(), index: 0, value: vec![1] }), None);
    }
}
