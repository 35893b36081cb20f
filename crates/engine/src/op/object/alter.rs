//! What is known of an object, changed.

use model::{
    Action, Error, Key, Obstacle, Result, Wall,
    error::Invalid,
    key::State,
    object::{Label, Link, Purposes, UsageLimit},
};

use super::read::ObjectView;
use crate::{
    gate::{Demand, Operation, Permit, Weight},
    object::KeyObject,
    record::KeyRecord,
    reference::KeyRef,
    room::Room,
};

/// A change of what is known of an object. Whether the protocol lets a client make it is the door's
/// affair; whether it makes sense for this object now is decided here.
#[derive(Clone, Debug)]
pub enum Change {
    /// One more label of a name.
    AddLabel(String, Vec<u8>),
    /// The only label of a name.
    AddOnlyLabel(String, Vec<u8>),
    /// Another value for a label.
    SetLabel(Label),
    /// A label is no more; all of the name if no index is said.
    RemoveLabel(String, Option<u32>),
    /// From when it is to be active; only while it is pre-active.
    Activation(Wall),
    /// From when it is to be deactivated; only while it is not.
    Deactivation(Option<Wall>),
    /// From when it may process.
    ProcessStart(Option<Wall>),
    /// Until when it may protect.
    ProtectStop(Option<Wall>),
    /// What it may be used for.
    Purposes(Purposes),
    /// Whether its material may leave only wrapped.
    Sensitive(bool),
    /// Whether its material may leave at all.
    Extractable(bool),
    /// How much it may protect; only while nothing of a limit is used.
    UsageLimit(Option<UsageLimit>),
    /// One more link.
    AddLink(Link),
    /// A link is no more.
    RemoveLink(Link),
}

/// Change what is known of an object: all of it, or nothing.
pub struct ChangeObject {
    /// The object.
    pub object: KeyRef,
    /// The changes, one after the other.
    pub changes: Vec<Change>,
}

impl Operation for ChangeObject {
    type Reply = ObjectView;
    const ACTION: Action = Action::ChangeAttributes;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::object(Self::ACTION, &self.object)])
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<ObjectView> {
        let object = permit.key()?;
        object.lasting()?;
        let mut record = object.record().clone();
        for change in &self.changes {
            apply(object, &mut record, change, room)?;
        }
        let is_limit = |change: &Change| matches!(change, Change::UsageLimit(_));
        let left = if self.changes.iter().any(is_limit) {
            room.count_anew(object)?;
            record.attributes.usage_limit.map(|limit| limit.total)
        } else {
            room.usage_left(object)?
        };
        let record = room.replace_object(object, record)?;
        Ok(ObjectView::of(&record, left, room.at()))
    }
}

fn apply(
    object: &KeyObject,
    record: &mut KeyRecord,
    change: &Change,
    room: &mut Room<'_>,
) -> Result<()> {
    let missing = || Error::Invalid(Invalid::OutOfRange("the attribute's index"));
    let attributes = &mut record.attributes;
    match change {
        Change::AddLabel(name, value) => {
            let same = |label: &Label| label.value == *value;
            if attributes.labelled(name).any(same) {
                return Err(Error::AlreadyExists(model::error::Existing::ObjectLabel));
            }
            attributes.add_label(name, value.clone());
        }
        Change::AddOnlyLabel(name, value) => {
            if attributes.labelled(name).next().is_some() {
                return Err(Error::AlreadyExists(model::error::Existing::ObjectLabel));
            }
            attributes.add_label(name, value.clone());
        }
        Change::SetLabel(Label { name, index, value }) => {
            let mut labels = attributes.labels.iter_mut();
            let label = labels.find(|label| label.name == *name && label.index == *index);
            label.ok_or_else(missing)?.value.clone_from(value);
        }
        Change::RemoveLabel(name, index) => {
            let before = attributes.labels.len();
            let goes = |label: &Label| {
                label.name == *name && index.is_none_or(|index| label.index == index)
            };
            attributes.labels.retain(|label| !goes(label));
            if attributes.labels.len() == before {
                return Err(missing());
            }
        }
        Change::Sensitive(sensitive) => {
            attributes.sensitive = *sensitive;
            attributes.always_sensitive &= *sensitive;
        }
        Change::Extractable(extractable) => {
            attributes.extractable = *extractable;
            attributes.never_extractable &= !*extractable;
        }
        Change::UsageLimit(limit) => attributes.usage_limit = *limit,
        Change::AddLink(link) => attributes.links.push(link.clone()),
        Change::RemoveLink(link) => attributes.links.retain(|it| it != link),
        Change::Activation(_)
        | Change::Deactivation(_)
        | Change::ProcessStart(_)
        | Change::ProtectStop(_)
        | Change::Purposes(_) => return apply_to_key(object, record, change, room),
    }
    Ok(())
}

/// The changes of what decides whether it may be used: none of these of what is destroyed.
fn apply_to_key(
    object: &KeyObject,
    record: &mut KeyRecord,
    change: &Change,
    room: &Room<'_>,
) -> Result<()> {
    let Key::Held(held) = &mut record.key else {
        return Err(object.wrong_state(Obstacle::Destroyed));
    };
    let at = room.at();
    let life = &mut held.versions.current_mut().life;
    match *change {
        Change::Activation(date) => {
            if life.state(at) != State::PreActive {
                return Err(object.wrong_state(Obstacle::NotPreActive));
            }
            life.activation = Some(date);
        }
        Change::Deactivation(date) => {
            if matches!(life.state(at), State::Deactivated | State::Compromised) {
                return Err(object.wrong_state(Obstacle::Deactivated));
            }
            life.deactivation = date;
        }
        Change::ProcessStart(date) => held.period.recipient_from = date,
        Change::ProtectStop(date) => held.period.originator_until = date,
        Change::Purposes(purposes) => held.purposes = purposes,
        _ => {}
    }
    Ok(())
}
