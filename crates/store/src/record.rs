//! What stands at a place.

use model::Sealed;

use crate::Place;

/// A sealed value at its place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Record {
    /// Where it stands.
    pub place: Place,
    /// How often this place was changed, deletions included: at least 1.
    pub revision: u64,
    /// What stands there.
    pub value: Sealed,
}

/// What stands at a place, with the revision a change of it must expect.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Slot {
    /// No record. The revision is 0 if there never was one, else that of the last deletion.
    Vacant {
        /// How often this place was changed.
        revision: u64,
    },
    /// A record.
    Held(Record),
}

impl Slot {
    /// The current revision: what a write or check of this place expects.
    pub fn revision(&self) -> u64 {
        match self {
            Self::Vacant { revision } => *revision,
            Self::Held(record) => record.revision,
        }
    }

    /// The revision of the next value written here: what its seal is bound to.
    pub fn next_revision(&self) -> u64 {
        self.revision() + 1
    }

    /// The record, if there is one.
    pub fn record(self) -> Option<Record> {
        match self {
            Self::Vacant { .. } => None,
            Self::Held(record) => Some(record),
        }
    }
}
