//! Attributes of the protocol as facts of objects, and back.
//!
//! The engine knows the facts that decide something: dates, purposes, flags, limits, links. Every
//! other attribute is a label whose value it only compares: the attribute as the newest version
//! that has it writes it, so that equal bytes are equal values. Which attributes there are, who may
//! set them and when, is in `kmip`'s table of rules.

mod adjust;
mod certificate;
mod change;
#[cfg(test)]
pub(crate) mod example;
mod kind;
mod label;
mod shown;
mod wanted;

pub(crate) use adjust::adjusted;
pub(crate) use certificate::{certificate_labels, part_of_subject};
pub(crate) use change::{Subject, index_of};
pub(crate) use kind::{kind, object_type};
pub(crate) use label::{item_of, label_name, label_of, name_of, of_label};
pub(crate) use shown::{
    GENERATOR, algorithm_and_length, certificate_type, facts, instances, key_format, named,
    opaque_type, shown,
};
pub(crate) use wanted::{
    Wanted, check_protection, check_quantum_safe, check_value, is_of_material, link, usage_limit,
    wanted,
};

use kmip::{
    attribute::{Attribute, Many},
    names::enumeration::ResultReason,
    wire::DateTime,
};
use model::Wall;

use crate::failed::Failed;

/// A moment of the protocol as one of ours: what is before 1970 is 1970.
pub(crate) fn wall(date: DateTime) -> Wall {
    Wall::from_secs(u64::try_from(date.0).unwrap_or(0))
}

/// One of our moments as the protocol has it: to the second.
pub(crate) fn date(wall: Wall) -> DateTime {
    DateTime(i64::try_from(wall.secs()).unwrap_or(i64::MAX))
}

/// Whether an object may have more than one of the attribute.
pub(crate) fn is_many(attribute: &Attribute) -> bool {
    // Those of clients and vendors may be there any number of times (1.4 section 3.39, 2.1
    // section 4.60).
    attribute.standard().is_none_or(|standard| standard.rules().many == Many::Any)
}

/// What the attribute is called in a sentence.
pub(crate) fn title(attribute: &Attribute) -> String {
    match attribute {
        Attribute::Custom(custom) => custom.name.name.clone(),
        attribute => attribute.standard().map_or("", |standard| standard.rules().name).to_owned(),
    }
}

/// The attribute is the server's to set.
pub(crate) fn read_only(attribute: &Attribute) -> Failed {
    let message = format!("{} is not set by clients.", title(attribute));
    Failed::new(ResultReason::ATTRIBUTE_READ_ONLY, message)
}

/// An object has one of the attribute, and it is to have two.
pub(crate) fn single_valued(attribute: &Attribute) -> Failed {
    let message = format!("An object has one {} at most.", title(attribute));
    Failed::new(ResultReason::ATTRIBUTE_SINGLE_VALUED, message)
}
