//! Objects for tests.

use engine::op::{ObjectState, ObjectView};
use kmip::attribute::{Attribute, Name};
use kmip::names::enumeration::NameType;
use model::{
    KeyId, ObjectName, Wall,
    algorithm::{RawSpec, Spec},
    key::{Cryptoperiod, Life, State},
    object::{Attributes, Kind, Purposes},
};

use super::label_of;

/// When the object was made.
pub(crate) const MADE: Wall = Wall::from_secs(1_000);

/// An AES key that was made here and has no label yet.
pub(crate) fn key() -> ObjectView {
    ObjectView {
        name: ObjectName {
            account: "000000000001".parse().unwrap(),
            region: "here".parse().unwrap(),
            id: KeyId([0xab; 16]),
        },
        kind: Kind::SymmetricKey,
        spec: Spec::Raw(RawSpec::Aes128),
        purposes: Purposes::ENCRYPT.and(Purposes::DECRYPT),
        created: MADE,
        life: Life::default(),
        period: Cryptoperiod::default(),
        state: ObjectState::Held(State::PreActive),
        destroyed: None,
        attributes: Attributes {
            bits: 128,
            generated: true,
            digest: vec![7; 32],
            extractable: true,
            fresh: true,
            last_change: MADE,
            ..Attributes::default()
        },
        usage_left: None,
    }
}

/// The same, with labels of these attributes.
pub(crate) fn labelled(attributes: &[Attribute]) -> ObjectView {
    let mut view = key();
    for attribute in attributes {
        let (name, value) = label_of(attribute);
        view.attributes.add_label(&name, value);
    }
    view
}

/// A name.
pub(crate) fn name(value: &str) -> Attribute {
    Attribute::Name(Name { value: value.into(), kind: NameType::UNINTERPRETED_TEXT_STRING })
}
