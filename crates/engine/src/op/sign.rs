//! Signatures: made with the private key, verified with the public one.

use model::{
    Action, ObjectName, Process, Protect, Result,
    algorithm::{Algorithm, MessageType, SigningAlgorithm},
    policy::Value,
};

use crate::{
    facts,
    gate::{Demand, Operation, Permit, Weight},
    names,
    reference::KeyRef,
    room::Room,
};

/// Sign a message.
pub struct Sign {
    /// The key.
    pub key: KeyRef,
    /// How.
    pub algorithm: SigningAlgorithm,
    /// What `message` is.
    pub message_type: MessageType,
    /// 1 to 4096 bytes of message, or a digest of the algorithm's length.
    pub message: Vec<u8>,
}

/// A signature.
#[derive(Debug)]
pub struct Signed {
    /// The key.
    pub key: ObjectName,
    /// DER for ECDSA, else the algorithm's own form.
    pub signature: Vec<u8>,
}

/// Verify a signature.
pub struct Verify {
    /// The key.
    pub key: KeyRef,
    /// How it was signed.
    pub algorithm: SigningAlgorithm,
    /// What `message` is.
    pub message_type: MessageType,
    /// As for [`Sign`].
    pub message: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
}

/// That a signature is authentic: any other outcome is an error.
#[derive(Debug)]
pub struct Verified {
    /// The key.
    pub key: ObjectName,
}

fn fact(
    key: &str,
    algorithm: SigningAlgorithm,
    message_type: MessageType,
) -> Option<Value<'static>> {
    match key {
        "kms:signingalgorithm" => Some(facts::text(names::signing_algorithm(algorithm))),
        "kms:messagetype" => Some(facts::text(names::message_type(message_type))),
        _ => None,
    }
}

impl Operation for Sign {
    type Reply = Signed;
    const ACTION: Action = Action::Sign;
    const WEIGHT: Weight = Weight::ByKey;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn fact(&self, key: &str) -> Option<Value<'_>> {
        fact(key, self.algorithm, self.message_type)
    }

    fn may_be_quick(&self) -> bool {
        use SigningAlgorithm::{EcdsaSha256, Ed25519, Ed25519Ph};
        matches!(self.algorithm, EcdsaSha256 | Ed25519 | Ed25519Ph)
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Signed> {
        let key = permit.key()?;
        let algorithm = Algorithm::Signing(self.algorithm);
        let usable = room.usable::<Protect>(key, Self::ACTION, algorithm)?;
        let loaded = room.load(key, usable.version())?;
        let signature =
            crypto::sign::sign(usable, loaded, self.algorithm, self.message_type, &self.message)?;
        Ok(Signed { key: key.name().clone(), signature })
    }
}

impl Operation for Verify {
    type Reply = Verified;
    const ACTION: Action = Action::Verify;
    const WEIGHT: Weight = Weight::ByKey;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn fact(&self, key: &str) -> Option<Value<'_>> {
        fact(key, self.algorithm, self.message_type)
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Verified> {
        let key = permit.key()?;
        let algorithm = Algorithm::Signing(self.algorithm);
        let usable = room.usable::<Process>(key, Self::ACTION, algorithm)?;
        let loaded = room.load(key, usable.version())?;
        crypto::sign::verify(
            usable,
            loaded,
            self.algorithm,
            self.message_type,
            &self.message,
            &self.signature,
        )?;
        Ok(Verified { key: key.name().clone() })
    }
}
