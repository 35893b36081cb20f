//! What clients ask about an object that they use themselves: whether they may, for how long, and
//! how much.

use model::{Action, Error, Protect, Result, error::Invalid, limits, object::Purposes};

use super::read::ObjectView;
use crate::{
    gate::{Demand, Operation, Permit, Weight},
    reference::KeyRef,
    room::Room,
};

/// Ask whether an object may be used in a certain way.
pub struct CheckObject {
    /// The object.
    pub object: KeyRef,
    /// For what. Not to be for all of it is an error.
    pub purposes: Option<Purposes>,
    /// For how much, in the units of its limit.
    pub units: Option<u64>,
    /// For how long, in seconds.
    pub lease_secs: Option<u32>,
}

/// What stands in the way of a use, of what was asked.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The object.
    pub view: ObjectView,
    /// How much it may protect, if that is less than was asked.
    pub units: Option<u64>,
    /// For how long, if that is less.
    pub lease_secs: Option<u32>,
}

/// Learn for how long a copy of an object may be used.
pub struct ObtainLease {
    /// The object.
    pub object: KeyRef,
}

/// For how long a copy may be used.
#[derive(Clone, Debug)]
pub struct Lease {
    /// The object.
    pub view: ObjectView,
    /// In seconds, from now.
    pub secs: u32,
}

/// Set units aside of what a key may protect, for whoever protects by a copy of it. They are used
/// then, whatever becomes of them.
pub struct AllocateUsage {
    /// The object.
    pub object: KeyRef,
    /// How many, in the units of its limit.
    pub units: u64,
}

impl Operation for CheckObject {
    type Reply = Checked;
    const ACTION: Action = Action::CheckObject;
    const WEIGHT: Weight = Weight::ByKey;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::object(Self::ACTION, &self.object)])
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Checked> {
        let object = permit.key()?;
        let held = object.at_hand()?;
        if self.purposes.is_some_and(|purposes| !held.purposes.allow(purposes)) {
            let (key, action) = (held.name.clone(), Self::ACTION);
            return Err(Error::WrongUsage { key, usage: held.usage(), action });
        }
        let view = ObjectView::of_admitted(object, room)?;
        let units = view.usage_left.filter(|left| self.units.is_some_and(|asked| asked > *left));
        let is_long = self.lease_secs.is_some_and(|asked| asked > limits::LEASE_SECS);
        Ok(Checked { view, units, lease_secs: is_long.then_some(limits::LEASE_SECS) })
    }
}

impl Operation for ObtainLease {
    type Reply = Lease;
    const ACTION: Action = Action::ObtainLease;
    const WEIGHT: Weight = Weight::ByKey;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::object(Self::ACTION, &self.object)])
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Lease> {
        let object = permit.key()?;
        object.at_hand()?;
        Ok(Lease { view: ObjectView::of_admitted(object, room)?, secs: limits::LEASE_SECS })
    }
}

impl Operation for AllocateUsage {
    type Reply = ObjectView;
    const ACTION: Action = Action::AllocateUsage;
    const WEIGHT: Weight = Weight::ByKey;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::object(Self::ACTION, &self.object)])
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<ObjectView> {
        let object = permit.key()?;
        room.usable_for::<Protect>(object, Self::ACTION, Purposes::NONE, &[])?;
        if object.record().attributes.usage_limit.is_none() {
            return Err(Error::Invalid(Invalid::OutOfRange("the usage limit of the object")));
        }
        room.take_units(object, self.units)?;
        ObjectView::of_admitted(object, room)
    }
}
