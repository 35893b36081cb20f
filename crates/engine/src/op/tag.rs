//! Tags on keys.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Action, Error, Result,
    error::{Invalid, Limit},
    limits,
    policy::Value,
};

use super::attributes::alter;
use crate::{
    gate::{Demand, Operation, Permit, Weight},
    record::KeyRecord,
    reference::KeyRef,
    room::Room,
};

/// A tag.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tag {
    /// 1 to 128 characters, not beginning with `aws:`.
    pub name: String,
    /// At most 256 characters.
    pub value: String,
}

/// Set tags on a key; a tag of the same name is replaced.
pub struct TagResource {
    /// The key.
    pub key: KeyRef,
    /// The tags.
    pub tags: Vec<Tag>,
}

/// Remove tags from a key; those it has not are passed over.
pub struct UntagResource {
    /// The key.
    pub key: KeyRef,
    /// Their names.
    pub names: Vec<String>,
}

/// Sets `tags` in `record`, within the rules for tags.
pub(super) fn set(record: &mut KeyRecord, tags: &[Tag]) -> Result<()> {
    set_in(&mut record.tags, tags)
}

/// Sets `tags` among those that stand, within the rules for tags.
pub(super) fn set_in(standing: &mut BTreeMap<String, String>, tags: &[Tag]) -> Result<()> {
    let names: BTreeSet<_> = tags.iter().map(|tag| &tag.name).collect();
    if names.len() != tags.len() {
        return Err(Error::Invalid(Invalid::DuplicateTag));
    }
    for tag in tags {
        if tag.name.starts_with("aws:") {
            return Err(Error::Invalid(Invalid::ReservedTag));
        }
        let name_len = tag.name.chars().count();
        let value_len = tag.value.chars().count();
        if !(1..=limits::TAG_KEY_LEN_MAX).contains(&name_len)
            || value_len > limits::TAG_VALUE_LEN_MAX
        {
            return Err(Error::Invalid(Invalid::OutOfRange("tag")));
        }
        standing.insert(tag.name.clone(), tag.value.clone());
    }
    if standing.len() > limits::TAGS_MAX {
        return Err(Error::TooMany(Limit::Tags));
    }
    Ok(())
}

/// What a request that brings tags says of them.
pub(super) fn fact<'a>(key: &str, tags: &'a [Tag]) -> Option<Value<'a>> {
    if key == "aws:tagkeys" && !tags.is_empty() {
        return Some(Value::Many(tags.iter().map(|tag| tag.name.as_str().into()).collect()));
    }
    let wanted = key.strip_prefix("aws:requesttag/")?;
    let tag = tags.iter().find(|tag| tag.name == wanted)?;
    Some(Value::one(&tag.value))
}

impl Operation for TagResource {
    type Reply = ();
    const ACTION: Action = Action::TagResource;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn fact(&self, key: &str) -> Option<Value<'_>> {
        fact(key, &self.tags)
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<()> {
        alter(permit.key()?, room, |record| set(record, &self.tags)).map(|_| ())
    }
}

impl Operation for UntagResource {
    type Reply = ();
    const ACTION: Action = Action::UntagResource;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn fact(&self, key: &str) -> Option<Value<'_>> {
        (key == "aws:tagkeys" && !self.names.is_empty())
            .then(|| Value::Many(self.names.iter().map(|name| name.as_str().into()).collect()))
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<()> {
        let removed = alter(permit.key()?, room, |record| {
            record.tags.retain(|name, _| !self.names.contains(name));
            Ok(())
        });
        removed.map(|_| ())
    }
}
