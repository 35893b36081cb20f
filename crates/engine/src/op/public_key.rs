//! The public half of a key pair.

use model::{
    Action, Error, ObjectName, Process, Result,
    algorithm::{KeySpec, KeyUsage},
};

use crate::{
    gate::{Demand, Operation, Permit, Weight},
    reference::KeyRef,
    room::Room,
};

/// Read a public key.
pub struct GetPublicKey {
    /// The key pair.
    pub key: KeyRef,
}

/// A public key and what it is for.
#[derive(Debug)]
pub struct PublicKey {
    /// The key pair.
    pub key: ObjectName,
    /// Algorithm and size.
    pub spec: KeySpec,
    /// Its purpose.
    pub usage: KeyUsage,
    /// A DER SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
}

impl Operation for GetPublicKey {
    type Reply = PublicKey;
    const ACTION: Action = Action::GetPublicKey;
    const WEIGHT: Weight = Weight::ByKey;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<PublicKey> {
        let key = permit.key()?;
        let held = key.held()?;
        let (spec, usage) = key.kms(Self::ACTION)?;
        let usable = key.usable::<Process>(Self::ACTION, usage, room.at())?;
        room.note_use(usable.version());
        let spki = usable.version().public.clone().ok_or_else(|| Error::WrongUsage {
            key: held.name.clone(),
            usage: Some(usage),
            action: Self::ACTION,
        })?;
        Ok(PublicKey { key: held.name.clone(), spec, usage, spki })
    }
}
