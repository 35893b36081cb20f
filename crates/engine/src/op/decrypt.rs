//! SP 800-57: process protected information: from ciphertext to plaintext.

use model::{
    AccountId, Action, EncryptionContext, Error, MaterialId, ObjectName, Process, Region, Result,
    Secret,
    algorithm::{Algorithm, EncryptionAlgorithm},
    error::{Invalid, Unauthentic},
    policy::Value,
};

use crate::{
    facts,
    gate::{Demand, Operation, Permit, Weight},
    object::KeyObject,
    reference::{By, KeyRef},
    room::Room,
};

/// Decrypt a ciphertext.
pub struct Decrypt {
    /// The key. A self-describing ciphertext names its own: then this may be left out, and is
    /// checked against it when it is not.
    pub key: Option<KeyRef>,
    /// Where a ciphertext's own key is looked for when `key` is left out.
    pub place: (AccountId, Region),
    /// How.
    pub algorithm: EncryptionAlgorithm,
    /// What the ciphertext is bound to.
    pub context: EncryptionContext,
    /// 1 to 6144 bytes.
    pub ciphertext: Vec<u8>,
}

/// A plaintext, and what recovered it.
#[derive(Debug)]
pub struct Decrypted {
    /// The key.
    pub key: ObjectName,
    /// Its material.
    pub material: MaterialId,
    /// The plaintext.
    pub plaintext: Secret,
}

impl Operation for Decrypt {
    type Reply = Decrypted;
    const ACTION: Action = Action::Decrypt;
    const WEIGHT: Weight = Weight::ByKey;

    fn demands(&self) -> Result<Vec<Demand>> {
        let key = source(self.key.as_ref(), &self.place, self.algorithm, &self.ciphertext)?;
        Ok(vec![Demand::key(Action::Decrypt, &key)])
    }

    fn fact(&self, key: &str) -> Option<Value<'_>> {
        facts::of_encryption(key, self.algorithm, &self.context)
    }

    fn context(&self) -> Option<&EncryptionContext> {
        Some(&self.context)
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Decrypted> {
        let key = permit.key()?;
        recover(room, key, Action::Decrypt, self.algorithm, &self.context, &self.ciphertext)
    }
}

/// The key a ciphertext is to be decrypted with: the one that is named, else its own.
pub(super) fn source(
    named: Option<&KeyRef>,
    place: &(AccountId, Region),
    algorithm: EncryptionAlgorithm,
    ciphertext: &[u8],
) -> Result<KeyRef> {
    match (named, algorithm) {
        (Some(key), _) => Ok(key.clone()),
        (None, EncryptionAlgorithm::Envelope) => {
            let header = crypto::envelope::header(ciphertext)?;
            Ok(KeyRef { account: place.0, region: place.1.clone(), by: By::Id(header.key) })
        }
        (None, _) => Err(Error::NotAuthentic(Unauthentic::Ciphertext)),
    }
}

/// Decrypts with an admitted key: shared with re-encryption.
pub(super) fn recover(
    room: &Room<'_>,
    key: &KeyObject,
    action: Action,
    algorithm: EncryptionAlgorithm,
    context: &EncryptionContext,
    ciphertext: &[u8],
) -> Result<Decrypted> {
    const FORGED: Error = Error::NotAuthentic(Unauthentic::Ciphertext);
    let current = room.usable::<Process>(key, action, Algorithm::Encryption(algorithm))?;
    let (material, plaintext) = match algorithm {
        EncryptionAlgorithm::Envelope => {
            let header = crypto::envelope::header(ciphertext)?;
            if header.key != key.name().id {
                return Err(Error::WrongKey);
            }
            let usable =
                key.usable_material::<Process>(header.material, room.at())?.ok_or(FORGED)?;
            let loaded = room.load(key, usable.version())?;
            let id = key.name().id;
            let plaintext = crypto::envelope::decrypt(usable, loaded, id, context, ciphertext)?;
            (header.material, plaintext)
        }
        EncryptionAlgorithm::OaepSha1 | EncryptionAlgorithm::OaepSha256 => {
            if !context.is_empty() {
                let spec = key.held()?.spec;
                return Err(Error::Invalid(Invalid::ContextNotSupported(spec)));
            }
            let material = current.version().material;
            let loaded = room.load(key, current.version())?;
            (material, crypto::oaep::decrypt(current, loaded, algorithm, ciphertext)?)
        }
    };
    Ok(Decrypted { key: key.name().clone(), material, plaintext })
}
