//! Sealing the server: every key is forgotten until somebody unseals it again.

use model::{Action, Result};

use crate::{
    gate::{Demand, Operation, Permit, Weight},
    room::Room,
};

/// Seal the server. Its reply comes when no operation runs any more, every key is wiped and the
/// audit log, this entry its last, is closed.
pub struct Seal;

impl Operation for Seal {
    type Reply = ();
    const ACTION: Action = Action::Seal;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::server(Self::ACTION)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<()> {
        room.seal_afterwards();
        Ok(())
    }
}
