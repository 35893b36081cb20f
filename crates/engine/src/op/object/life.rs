//! An object's way through the states of SP 800-57 part 1, section 7.

use model::{
    Action, Key, Obstacle, Result, Wall,
    key::{HeldKey, State},
    object::Revocation,
};

use super::read::ObjectView;
use crate::{
    gate::{Demand, Operation, Permit, Weight},
    object::KeyObject,
    record::KeyRecord,
    reference::{AliasRef, KeyRef},
    room::Room,
};

/// Let an object be used from now on.
pub struct ActivateObject {
    /// The object.
    pub object: KeyRef,
}

/// Let an object protect nothing more, or say that it is compromised.
pub struct RevokeObject {
    /// The object.
    pub object: KeyRef,
    /// Why.
    pub revocation: Revocation,
    /// Whether it is compromised, and since when, as far as that is known.
    pub compromised: Option<Option<Wall>>,
}

/// Destroy an object at once: its material is gone for good. What is active is not destroyed.
pub struct DestroyObject {
    /// The object.
    pub object: KeyRef,
}

/// Put an object aside: nothing is done with it until it is recovered, and only looking for
/// objects tells of it.
pub struct ArchiveObject {
    /// The object.
    pub object: KeyRef,
}

/// Take an object up again. One that is not archived stays as it is.
pub struct RecoverObject {
    /// The object.
    pub object: KeyRef,
}

macro_rules! verb {
    ($Verb:ident, of $demand:ident, $($work:tt)+) => {
        impl Operation for $Verb {
            type Reply = ObjectView;
            const ACTION: Action = Action::$Verb;
            const WEIGHT: Weight = Weight::Heavy;

            fn demands(&self) -> Result<Vec<Demand>> {
                Ok(vec![Demand::$demand(Self::ACTION, &self.object)])
            }

            fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<ObjectView> {
                let object = permit.key()?;
                let work: fn(&Self, &KeyObject, &mut KeyRecord, &mut Room<'_>) -> Result<()> =
                    $($work)+;
                let mut record = object.record().clone();
                work(self, object, &mut record, room)?;
                let record = room.replace_object(object, record)?;
                Ok(ObjectView::of(&record, room.usage_left(object)?, room.at()))
            }
        }
    };
    ($Verb:ident, $($work:tt)+) => { verb!($Verb, of object, $($work)+); };
}

/// The key of a record, which must not be destroyed.
fn held<'r>(object: &KeyObject, record: &'r mut KeyRecord) -> Result<&'r mut HeldKey> {
    match &mut record.key {
        Key::Held(held) => Ok(held),
        Key::Destroyed(_) => Err(object.wrong_state(Obstacle::Destroyed)),
    }
}

verb!(ActivateObject, |_, object, record, room| {
    let at = room.at();
    object.lasting()?;
    let life = &mut held(object, record)?.versions.current_mut().life;
    if life.state(at) != State::PreActive {
        return Err(object.wrong_state(Obstacle::NotPreActive));
    }
    life.activation = Some(at.latest());
    Ok(())
});

verb!(RevokeObject, |this, object, record, room| {
    let at = room.at();
    let held = held(object, record)?;
    let life = &mut held.versions.current_mut().life;
    // Why and since when it is compromised is not overwritten.
    if life.compromise.is_some() {
        return Ok(());
    }
    match this.compromised {
        // What it was before is not trusted more than what it is.
        Some(_) => held.versions.iter_mut().for_each(|it| it.life.compromise = Some(at.wall)),
        None => match life.state(at) {
            State::PreActive => return Err(object.wrong_state(Obstacle::PreActive)),
            State::Active => life.deactivation = Some(at.latest()),
            State::Deactivated | State::Compromised => {}
        },
    }
    if let Some(since) = this.compromised {
        record.attributes.compromise_occurrence = since.or(Some(at.wall));
    }
    record.attributes.revocation = Some(this.revocation.clone());
    Ok(())
});

verb!(DestroyObject, |_, object, record, room| {
    let at = room.at();
    let held = held(object, record)?;
    if held.kind.has_states() && held.versions.current().life.state(at) == State::Active {
        return Err(object.wrong_state(Obstacle::Active));
    }
    let gone = held.clone().destroyed(at.wall);
    remove_aliases(object, room)?;
    record.aliases.clear();
    record.key = Key::Destroyed(gone);
    Ok(())
});

verb!(ArchiveObject, |_, object, record, room| {
    object.lasting()?;
    held(object, record)?;
    record.attributes.archived = Some(room.at().wall);
    Ok(())
});

verb!(RecoverObject, of any_object, |_, object, record, _| {
    object.lasting()?;
    held(object, record)?;
    record.attributes.archived = None;
    Ok(())
});

/// Removes the aliases of a key that is destroyed.
pub(crate) fn remove_aliases(object: &KeyObject, room: &mut Room<'_>) -> Result<()> {
    let name = object.name();
    for alias in object.aliases() {
        let (account, region) = (name.account, name.region.clone());
        let alias = AliasRef { account, region, alias: alias.clone() };
        let revision = room.alias(&alias)?.revision;
        room.put_alias(&alias, revision, None)?;
    }
    Ok(())
}
