//! Links between objects, kept true.
//!
//! A link says something of the object that it is on, and to have it the other way round is not
//! needed. What is destroyed stays linked: what is known of it remains, its state among that, and
//! its id is never another's. Only by being replaced does an id come to mean something else.

use std::collections::BTreeSet;

use model::{
    Error, KeyId, ObjectName, Result,
    object::{Attributes, Link},
};

use crate::{object::KeyObject, record::KeyRecord, room::Room};

/// The objects to which another is linked by its material.
fn mates(attributes: &Attributes) -> BTreeSet<KeyId> {
    attributes.links.iter().filter(|link| link.is_of_material()).map(|link| link.to).collect()
}

/// Takes the links to an object that is replaced by other material from those that it was linked
/// to, unless what replaces it is linked to them too.
pub(super) fn part(old: &KeyObject, new: &KeyRecord, room: &mut Room<'_>) -> Result<()> {
    let (name, was) = (old.name(), &old.record().attributes);
    if was.digest == new.attributes.digest {
        return Ok(());
    }
    let kept = mates(&new.attributes);
    for id in mates(was).into_iter().filter(|id| *id != name.id && !kept.contains(id)) {
        let mate = match room.key_named(&ObjectName { id, ..name.clone() }) {
            Ok(mate) => mate,
            Err(Error::NotFound(_)) => continue,
            Err(error) => return Err(error),
        };
        let mut record = mate.record().clone();
        let lies = |link: &Link| link.to == name.id && link.is_of_material();
        if record.attributes.links.iter().any(lies) {
            record.attributes.links.retain(|link| !lies(link));
            room.note_change(&mate);
            room.replace_object(&mate, record)?;
        }
    }
    Ok(())
}

/// Whether a public key is the other half of a private one, whatever links say.
pub(super) fn are_halves(private: &KeyObject, public: &KeyObject) -> Result<bool> {
    let half = |of: &KeyObject| of.held().map(|held| held.versions.current().public.clone());
    let (one, other) = (half(private)?, half(public)?);
    Ok(one.is_some() && one == other)
}
