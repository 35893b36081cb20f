//! Random bytes from the approved generator.

use model::{Action, Error, Result, Secret, error::Invalid, limits};

use crate::{
    gate::{Demand, Operation, Permit, Weight},
    room::{self, Room},
};

/// Random bytes.
pub struct GenerateRandom {
    /// 1 to 1024 of them.
    pub len: usize,
}

impl Operation for GenerateRandom {
    type Reply = Secret;
    const ACTION: Action = Action::GenerateRandom;
    const WEIGHT: Weight = Weight::Light;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::nothing(Self::ACTION)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, _room: &mut Room<'_>) -> Result<Secret> {
        if !(1..=limits::RANDOM_BYTES_MAX).contains(&self.len) {
            return Err(Error::Invalid(Invalid::OutOfRange("number of bytes")));
        }
        room::random_secret(self.len)
    }
}
