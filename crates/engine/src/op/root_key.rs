//! Replacing the root key while the server works.

use model::{Action, Result};

use crate::{
    gate::{Demand, Operation, Permit, Weight},
    room::Room,
};

/// Replace the root key by a new one. The accounts' keys are put under it, and every way to unseal
/// leads to it: the same file, passphrase or shares as before. The old one opens nothing any more.
pub struct RotateRootKey;

impl Operation for RotateRootKey {
    /// The version of the new root key.
    type Reply = u32;
    const ACTION: Action = Action::RotateRootKey;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::server(Self::ACTION)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<u32> {
        room.replace_root()
    }
}
