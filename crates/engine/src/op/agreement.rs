//! Key agreement: the secret that a key pair shares with another party's.

use model::{Action, ObjectName, Process, Result, Secret, algorithm::Algorithm, policy::Value};

use crate::{
    facts,
    gate::{Demand, Operation, Permit, Weight},
    names,
    reference::KeyRef,
    room::Room,
};

/// Agree on a shared secret with another party.
pub struct DeriveSharedSecret {
    /// The key pair whose private half agrees: of a curve of NIST's.
    pub key: KeyRef,
    /// The other party's public key, a DER SubjectPublicKeyInfo (RFC 5280) of the same curve.
    pub peer: Vec<u8>,
}

/// A secret that two parties share.
#[derive(Debug)]
pub struct SharedSecret {
    /// The key.
    pub key: ObjectName,
    /// Of an agreement the x-coordinate of the common point, 32, 48 or 66 bytes (SP 800-56A,
    /// 5.7.1.2); of an encapsulation 32 bytes.
    pub secret: Secret,
}

impl Operation for DeriveSharedSecret {
    type Reply = SharedSecret;
    const ACTION: Action = Action::DeriveSharedSecret;
    const WEIGHT: Weight = Weight::ByKey;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn fact(&self, key: &str) -> Option<Value<'_>> {
        (key == "kms:keyagreementalgorithm").then(|| facts::text(names::KEY_AGREEMENT_ALGORITHM))
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<SharedSecret> {
        let key = permit.key()?;
        let usable = room.usable::<Process>(key, Self::ACTION, Algorithm::Agreement)?;
        let loaded = room.load(key, usable.version())?;
        let secret = crypto::agree::shared_secret(usable, loaded, &self.peer)?;
        Ok(SharedSecret { key: key.name().clone(), secret })
    }
}
