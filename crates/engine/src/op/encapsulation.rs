//! Key encapsulation: a secret that only the holder of a private key recovers.

use model::{Action, ObjectName, Process, Protect, Result, Secret, algorithm::Algorithm};

use super::agreement::SharedSecret;
use crate::{
    gate::{Demand, Operation, Permit, Weight},
    reference::KeyRef,
    room::Room,
};

/// Make a shared secret and encapsulate it to a key.
pub struct Encapsulate {
    /// The key pair.
    pub key: KeyRef,
}

/// A shared secret, both ways.
#[derive(Debug)]
pub struct Encapsulated {
    /// The key.
    pub key: ObjectName,
    /// In the clear: 32 bytes.
    pub secret: Secret,
    /// Encapsulated: 768, 1088 or 1568 bytes, by the key's spec (FIPS 203).
    pub ciphertext: Vec<u8>,
}

/// Recover a shared secret that was encapsulated to a key.
pub struct Decapsulate {
    /// The key pair.
    pub key: KeyRef,
    /// The encapsulation. One that is not genuine gives a secret that nobody else has (implicit
    /// rejection); one of another length than the key's is not authentic.
    pub ciphertext: Vec<u8>,
}

impl Operation for Encapsulate {
    type Reply = Encapsulated;
    const ACTION: Action = Action::Encapsulate;
    const WEIGHT: Weight = Weight::ByKey;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Encapsulated> {
        let key = permit.key()?;
        let usable = room.usable::<Protect>(key, Self::ACTION, Algorithm::Encapsulation)?;
        let loaded = room.load(key, usable.version())?;
        let (ciphertext, secret) = crypto::kem::encapsulate(usable, loaded)?;
        Ok(Encapsulated { key: key.name().clone(), secret, ciphertext })
    }
}

impl Operation for Decapsulate {
    type Reply = SharedSecret;
    const ACTION: Action = Action::Decapsulate;
    const WEIGHT: Weight = Weight::ByKey;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<SharedSecret> {
        let key = permit.key()?;
        let usable = room.usable::<Process>(key, Self::ACTION, Algorithm::Encapsulation)?;
        let loaded = room.load(key, usable.version())?;
        let secret = crypto::kem::decapsulate(usable, loaded, &self.ciphertext)?;
        Ok(SharedSecret { key: key.name().clone(), secret })
    }
}
