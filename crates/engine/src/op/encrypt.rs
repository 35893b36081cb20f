//! SP 800-57: apply cryptographic protection to a plaintext.

use model::{
    Action, EncryptionContext, Error, MaterialId, ObjectName, Protect, Result, Secret,
    algorithm::{Algorithm, EncryptionAlgorithm},
    error::Invalid,
    policy::Value,
};

use crate::{
    facts,
    gate::{Demand, Operation, Permit, Weight},
    object::KeyObject,
    reference::KeyRef,
    room::Room,
};

/// Encrypt a plaintext under a key.
pub struct Encrypt {
    /// The key.
    pub key: KeyRef,
    /// How.
    pub algorithm: EncryptionAlgorithm,
    /// What the ciphertext is bound to; empty for an asymmetric key.
    pub context: EncryptionContext,
    /// 1 to 4096 bytes; for OAEP fewer, by key and hash.
    pub plaintext: Secret,
}

/// A ciphertext, and what made it.
#[derive(Debug)]
pub struct Encrypted {
    /// The key.
    pub key: ObjectName,
    /// Its material.
    pub material: MaterialId,
    /// The ciphertext.
    pub ciphertext: Vec<u8>,
}

impl Operation for Encrypt {
    type Reply = Encrypted;
    const ACTION: Action = Action::Encrypt;
    const WEIGHT: Weight = Weight::ByKey;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Action::Encrypt, &self.key)])
    }

    fn fact(&self, key: &str) -> Option<Value<'_>> {
        facts::of_encryption(key, self.algorithm, &self.context)
    }

    fn context(&self) -> Option<&EncryptionContext> {
        Some(&self.context)
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Encrypted> {
        let key = permit.key()?;
        apply(room, key, Action::Encrypt, self.algorithm, &self.context, self.plaintext.expose())
    }
}

/// Encrypts under an admitted key: shared by the verbs that end in a ciphertext.
pub(super) fn apply(
    room: &Room<'_>,
    key: &KeyObject,
    action: Action,
    algorithm: EncryptionAlgorithm,
    context: &EncryptionContext,
    plaintext: &[u8],
) -> Result<Encrypted> {
    let usable = room.usable::<Protect>(key, action, Algorithm::Encryption(algorithm))?;
    let material = usable.version().material;
    let loaded = room.load(key, usable.version())?;
    let ciphertext = match algorithm {
        EncryptionAlgorithm::Envelope => {
            crypto::envelope::encrypt(usable, loaded, key.name().id, context, plaintext)?
        }
        EncryptionAlgorithm::OaepSha1 | EncryptionAlgorithm::OaepSha256 => {
            if !context.is_empty() {
                let spec = key.held()?.spec;
                return Err(Error::Invalid(Invalid::ContextNotSupported(spec)));
            }
            crypto::oaep::encrypt(usable, loaded, algorithm, plaintext)?
        }
    };
    Ok(Encrypted { key: key.name().clone(), material, ciphertext })
}
