//! Message authentication codes.

use model::{
    Action, ObjectName, Process, Protect, Result,
    algorithm::{Algorithm, Hash},
    policy::Value,
};

use super::sign::Verified;
use crate::{
    facts,
    gate::{Demand, Operation, Permit, Weight},
    names,
    reference::KeyRef,
    room::Room,
};

/// Make a message authentication code.
pub struct GenerateMac {
    /// The key.
    pub key: KeyRef,
    /// HMAC with this hash.
    pub hash: Hash,
    /// 1 to 4096 bytes.
    pub message: Vec<u8>,
}

/// A message authentication code.
#[derive(Debug)]
pub struct Mac {
    /// The key.
    pub key: ObjectName,
    /// The code, as long as the hash.
    pub code: Vec<u8>,
}

/// Verify a message authentication code.
pub struct VerifyMac {
    /// The key.
    pub key: KeyRef,
    /// HMAC with this hash.
    pub hash: Hash,
    /// 1 to 4096 bytes.
    pub message: Vec<u8>,
    /// The code.
    pub code: Vec<u8>,
}

fn fact(key: &str, hash: Hash) -> Option<Value<'static>> {
    (key == "kms:macalgorithm").then(|| facts::text(names::mac_algorithm(hash)))
}

impl Operation for GenerateMac {
    type Reply = Mac;
    const ACTION: Action = Action::GenerateMac;
    const WEIGHT: Weight = Weight::ByKey;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn fact(&self, key: &str) -> Option<Value<'_>> {
        fact(key, self.hash)
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Mac> {
        let key = permit.key()?;
        let usable = room.usable::<Protect>(key, Self::ACTION, Algorithm::Mac(self.hash))?;
        let loaded = room.load(key, usable.version())?;
        let code = crypto::hmac_key::generate(usable, loaded, self.hash, &self.message)?;
        Ok(Mac { key: key.name().clone(), code })
    }
}

impl Operation for VerifyMac {
    type Reply = Verified;
    const ACTION: Action = Action::VerifyMac;
    const WEIGHT: Weight = Weight::ByKey;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn fact(&self, key: &str) -> Option<Value<'_>> {
        fact(key, self.hash)
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Verified> {
        let key = permit.key()?;
        let usable = room.usable::<Process>(key, Self::ACTION, Algorithm::Mac(self.hash))?;
        let loaded = room.load(key, usable.version())?;
        crypto::hmac_key::verify(usable, loaded, self.hash, &self.message, &self.code)?;
        Ok(Verified { key: key.name().clone() })
    }
}
