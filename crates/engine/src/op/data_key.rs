//! Data keys: made here, handed out once, kept by nobody here.

use model::{
    Action, EncryptionContext, Error, MaterialId, ObjectName, Result, Secret,
    algorithm::{EncryptionAlgorithm::Envelope, KeySpec},
    error::Invalid,
    limits,
    policy::Value,
};

use super::encrypt;
use crate::{
    facts,
    gate::{Demand, Operation, Permit, Weight},
    names,
    reference::KeyRef,
    room::{self, Room},
};

/// Make a data key: in the clear for use now, encrypted for storage.
pub struct GenerateDataKey {
    /// The key that encrypts it.
    pub key: KeyRef,
    /// What its ciphertext is bound to.
    pub context: EncryptionContext,
    /// 1 to 1024 bytes.
    pub len: usize,
}

/// As [`GenerateDataKey`], but only encrypted.
pub struct GenerateDataKeyWithoutPlaintext(pub GenerateDataKey);

/// A data key, both ways.
#[derive(Debug)]
pub struct DataKey {
    /// In the clear.
    pub plaintext: Secret,
    /// Encrypted.
    pub sealed: SealedDataKey,
}

/// A data key, encrypted.
#[derive(Debug)]
pub struct SealedDataKey {
    /// The key that encrypted it.
    pub key: ObjectName,
    /// Its material.
    pub material: MaterialId,
    /// The data key's ciphertext.
    pub ciphertext: Vec<u8>,
}

/// Make a data key pair: the private key in the clear and encrypted.
pub struct GenerateDataKeyPair {
    /// The key that encrypts the private key.
    pub key: KeyRef,
    /// What its ciphertext is bound to.
    pub context: EncryptionContext,
    /// What pair.
    pub spec: KeySpec,
}

/// As [`GenerateDataKeyPair`], the private key only encrypted.
pub struct GenerateDataKeyPairWithoutPlaintext(pub GenerateDataKeyPair);

/// A data key pair, the private key both ways.
#[derive(Debug)]
pub struct DataKeyPair {
    /// The private key as PKCS#8 DER, in the clear.
    pub private: Secret,
    /// The rest.
    pub sealed: SealedDataKeyPair,
}

/// A data key pair, the private key encrypted.
#[derive(Debug)]
pub struct SealedDataKeyPair {
    /// The key that encrypted the private key.
    pub key: ObjectName,
    /// Its material.
    pub material: MaterialId,
    /// The public key, a DER SubjectPublicKeyInfo.
    pub public: Vec<u8>,
    /// The private key's ciphertext.
    pub ciphertext: Vec<u8>,
}

impl GenerateDataKey {
    fn make(
        &self,
        action: Action,
        key: &crate::object::KeyObject,
        room: &Room<'_>,
    ) -> Result<DataKey> {
        if !(1..=limits::RANDOM_BYTES_MAX).contains(&self.len) {
            return Err(Error::Invalid(Invalid::OutOfRange("number of bytes")));
        }
        let plaintext = room::random_secret(self.len)?;
        let made = encrypt::apply(room, key, action, Envelope, &self.context, plaintext.expose())?;
        let sealed =
            SealedDataKey { key: made.key, material: made.material, ciphertext: made.ciphertext };
        Ok(DataKey { plaintext, sealed })
    }
}

impl Operation for GenerateDataKey {
    type Reply = DataKey;
    const ACTION: Action = Action::GenerateDataKey;
    const WEIGHT: Weight = Weight::ByKey;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn fact(&self, key: &str) -> Option<Value<'_>> {
        facts::of_encryption(key, Envelope, &self.context)
    }

    fn context(&self) -> Option<&EncryptionContext> {
        Some(&self.context)
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<DataKey> {
        self.make(Self::ACTION, permit.key()?, room)
    }
}

impl Operation for GenerateDataKeyWithoutPlaintext {
    type Reply = SealedDataKey;
    const ACTION: Action = Action::GenerateDataKeyWithoutPlaintext;
    const WEIGHT: Weight = Weight::ByKey;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.0.key)])
    }

    fn fact(&self, key: &str) -> Option<Value<'_>> {
        self.0.fact(key)
    }

    fn context(&self) -> Option<&EncryptionContext> {
        Some(&self.0.context)
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<SealedDataKey> {
        self.0.make(Self::ACTION, permit.key()?, room).map(|made| made.sealed)
    }
}

impl GenerateDataKeyPair {
    fn make(
        &self,
        action: Action,
        key: &crate::object::KeyObject,
        room: &Room<'_>,
    ) -> Result<DataKeyPair> {
        room.makeable(self.spec)?;
        let pair = crypto::data_key::pair(self.spec)?;
        let private = pair.private_pkcs8.expose();
        let made = encrypt::apply(room, key, action, Envelope, &self.context, private)?;
        let sealed = SealedDataKeyPair {
            key: made.key,
            material: made.material,
            public: pair.public_spki,
            ciphertext: made.ciphertext,
        };
        Ok(DataKeyPair { private: pair.private_pkcs8, sealed })
    }

    fn facts(&self, key: &str) -> Option<Value<'_>> {
        match key {
            "kms:datakeypairspec" => Some(facts::text(names::key_spec(self.spec))),
            _ => facts::of_encryption(key, Envelope, &self.context),
        }
    }
}

impl Operation for GenerateDataKeyPair {
    type Reply = DataKeyPair;
    const ACTION: Action = Action::GenerateDataKeyPair;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn is_slow(&self) -> bool {
        self.spec.has_primes()
    }

    fn fact(&self, key: &str) -> Option<Value<'_>> {
        self.facts(key)
    }

    fn context(&self) -> Option<&EncryptionContext> {
        Some(&self.context)
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<DataKeyPair> {
        self.make(Self::ACTION, permit.key()?, room)
    }
}

impl Operation for GenerateDataKeyPairWithoutPlaintext {
    type Reply = SealedDataKeyPair;
    const ACTION: Action = Action::GenerateDataKeyPairWithoutPlaintext;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.0.key)])
    }

    fn is_slow(&self) -> bool {
        self.0.is_slow()
    }

    fn fact(&self, key: &str) -> Option<Value<'_>> {
        self.0.facts(key)
    }

    fn context(&self) -> Option<&EncryptionContext> {
        Some(&self.0.context)
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<SealedDataKeyPair> {
        self.0.make(Self::ACTION, permit.key()?, room).map(|made| made.sealed)
    }
}
