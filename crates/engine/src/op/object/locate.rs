//! Objects looked for by what is known of them.

use std::fmt;

use model::{AccountId, Action, Error, KeyId, ObjectName, Region, Result, object::Label};

use super::read::ObjectView;
use crate::{
    gate::{self, Demand, Operation, Permit, Weight},
    object::KeyObject,
    room::Room,
};

/// What a door looks for: whether an object is one of those.
pub type Matches = Box<dyn Fn(&ObjectView) -> bool + Send + Sync>;

/// Look for objects. What the caller may not see is not found.
pub struct Locate {
    /// In which account.
    pub account: AccountId,
    /// In which region.
    pub region: Region,
    /// A label that they have, if one is known: then nothing else is read.
    pub label: Option<Label>,
    /// An id that they have, if it is known: likewise.
    pub id: Option<KeyId>,
    /// Whether also those that are destroyed are looked for. What is left of them is found by their
    /// ids, or by reading everything: no label leads to them.
    pub destroyed: bool,
    /// What they must be.
    pub matches: Matches,
    /// How many of the newest to leave out.
    pub offset: usize,
    /// How many to give at most.
    pub limit: usize,
}

impl fmt::Debug for Locate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Locate({}, {})", self.account, self.region)
    }
}

/// Objects that were found, the newest first.
#[derive(Debug)]
pub struct Located {
    /// How many there are.
    pub total: usize,
    /// Some of them.
    pub objects: Vec<ObjectName>,
}

impl Operation for Locate {
    type Reply = Located;
    const ACTION: Action = Action::Locate;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::account(Self::ACTION, self.account)])
    }

    fn is_slow(&self) -> bool {
        // A name is one object's. Any number of objects may have another label.
        let is_name = self.label.as_ref().is_some_and(|label| label.name == Label::NAME);
        self.id.is_none() && (self.destroyed || !is_name)
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Located> {
        let mut found = Vec::new();
        let mut look = |object: &KeyObject| -> Result<()> {
            let may_see =
                || gate::allows(self, permit.caller(), room.at(), Action::DescribeKey, object);
            let is_sought = self.destroyed || object.held().is_ok();
            if !is_sought || !may_see() {
                return Ok(());
            }
            let view = ObjectView::of_admitted(object, room)?;
            // A hint says which objects may have the label.
            let is_labelled = self.label.as_ref().is_none_or(|label| {
                view.attributes.labelled(&label.name).any(|it| it.value == label.value)
            });
            if is_labelled && (self.matches)(&view) {
                found.push((view.created, view.name));
            }
            Ok(())
        };
        match (&self.label, self.id) {
            (label, None) if self.destroyed || label.is_none() => {
                room.each_object(self.account, &self.region, |object| look(&object))?;
            }
            (label, id) => {
                let mut ids: Vec<KeyId> = id.into_iter().collect();
                if let (Some(label), None) = (label, id) {
                    ids = room.labelled(self.account, &self.region, label)?;
                }
                for id in ids {
                    let region = self.region.clone();
                    match room.object_named(&ObjectName { account: self.account, region, id }) {
                        Ok(object) => look(&object)?,
                        Err(Error::NotFound(_)) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
        }
        found.sort_by(|(a, x), (b, y)| b.cmp(a).then_with(|| x.id.cmp(&y.id)));
        let total = found.len();
        let page = found.into_iter().skip(self.offset).take(self.limit);
        Ok(Located { total, objects: page.map(|(_, name)| name).collect() })
    }
}
