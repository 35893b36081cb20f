//! From one key's ciphertext to another's, the plaintext never leaving.

use model::{
    AccountId, Action, EncryptionContext, MaterialId, ObjectName, Region, Result,
    algorithm::EncryptionAlgorithm, policy::Value,
};

use super::{decrypt, encrypt};
use crate::{
    facts,
    gate::{Demand, Operation, Permit, Weight},
    reference::KeyRef,
    room::Room,
};

/// Decrypt with one key, encrypt under another.
pub struct ReEncrypt {
    /// The source key; a self-describing ciphertext names its own.
    pub source: Option<KeyRef>,
    /// Where a ciphertext's own key is looked for when `source` is left out.
    pub place: (AccountId, Region),
    /// How the source encrypted.
    pub source_algorithm: EncryptionAlgorithm,
    /// What the ciphertext is bound to.
    pub source_context: EncryptionContext,
    /// 1 to 6144 bytes.
    pub ciphertext: Vec<u8>,
    /// The destination key.
    pub destination: KeyRef,
    /// How it is to encrypt.
    pub destination_algorithm: EncryptionAlgorithm,
    /// What the new ciphertext is bound to.
    pub destination_context: EncryptionContext,
}

/// The new ciphertext, and both keys.
#[derive(Debug)]
pub struct ReEncrypted {
    /// The source key and its material.
    pub source: (ObjectName, MaterialId),
    /// The destination key and its material.
    pub destination: (ObjectName, MaterialId),
    /// The ciphertext under the destination key.
    pub ciphertext: Vec<u8>,
}

impl Operation for ReEncrypt {
    type Reply = ReEncrypted;
    const ACTION: Action = Action::ReEncryptFrom;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        let source = decrypt::source(
            self.source.as_ref(),
            &self.place,
            self.source_algorithm,
            &self.ciphertext,
        )?;
        Ok(vec![
            Demand::key(Action::ReEncryptFrom, &source),
            Demand::key(Action::ReEncryptTo, &self.destination),
        ])
    }

    fn fact(&self, key: &str) -> Option<Value<'_>> {
        facts::of_encryption(key, self.source_algorithm, &self.source_context)
    }

    fn fact_of(&self, action: Action, key: &str) -> Option<Value<'_>> {
        match action {
            Action::ReEncryptTo => {
                facts::of_encryption(key, self.destination_algorithm, &self.destination_context)
            }
            _ => self.fact(key),
        }
    }

    fn context(&self) -> Option<&EncryptionContext> {
        Some(&self.source_context)
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<ReEncrypted> {
        let from = decrypt::recover(
            room,
            permit.nth_key(0)?,
            Action::ReEncryptFrom,
            self.source_algorithm,
            &self.source_context,
            &self.ciphertext,
        )?;
        let to = encrypt::apply(
            room,
            permit.nth_key(1)?,
            Action::ReEncryptTo,
            self.destination_algorithm,
            &self.destination_context,
            from.plaintext.expose(),
        )?;
        Ok(ReEncrypted {
            source: (from.key, from.material),
            destination: (to.key, to.material),
            ciphertext: to.ciphertext,
        })
    }
}
