//! Message authentication codes and hashes as their users say.

use model::{
    Action, ObjectName, Process, Protect, Result,
    algorithm::{Algorithm, Hash},
    object::Purposes,
};

use super::part::{self, Gathered, How, Part};
use super::signature::VerifiedWith;
use crate::{
    caller::Caller,
    facts::Scheme,
    gate::{Demand, Operation, Permit, Weight},
    names,
    object::KeyObject,
    reference::KeyRef,
    room::Room,
    streams::StreamId,
};

/// Make a message authentication code by an object as its user says.
pub struct GenerateMacWith {
    /// The object.
    pub object: KeyRef,
    /// HMAC with which hash. Only the first part of a message is asked.
    pub how: How<Hash>,
    /// Which part of the message.
    pub part: Part,
    /// The message: at most 1 MiB.
    pub message: Vec<u8>,
}

/// A message authentication code.
#[derive(Debug)]
pub struct MacWith {
    /// The object.
    pub object: ObjectName,
    /// The code, as long as the hash, unless more is to come.
    pub code: Option<Vec<u8>>,
    /// What goes on, unless this was the end.
    pub stream: Option<StreamId>,
}

/// Verify a message authentication code by an object as its user says. One that is not genuine is
/// an error.
pub struct VerifyMacWith {
    /// The object.
    pub object: KeyRef,
    /// HMAC with which hash. Only the first part of a message is asked.
    pub how: How<Hash>,
    /// Which part of the message.
    pub part: Part,
    /// The message: at most 1 MiB.
    pub message: Vec<u8>,
    /// The code, with the last part.
    pub code: Vec<u8>,
}

/// Hash a message. It needs no key.
pub struct HashMessage {
    /// Which hash.
    pub hash: Hash,
    /// Which part of the message.
    pub part: Part,
    /// The message: at most 1 MiB.
    pub message: Vec<u8>,
}

/// A hash.
#[derive(Debug)]
pub struct Hashed {
    /// The digest, unless more is to come.
    pub digest: Option<Vec<u8>>,
    /// What goes on, unless this was the end.
    pub stream: Option<StreamId>,
}

/// What policies call a code by HMAC with a hash.
fn scheme(hash: &Hash) -> Scheme {
    Scheme::Mac(names::mac_algorithm(*hash))
}

impl Operation for GenerateMacWith {
    type Reply = MacWith;
    const ACTION: Action = Action::GenerateMac;
    const WEIGHT: Weight = Weight::ByKey;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::object(Self::ACTION, &self.object)])
    }

    fn scheme(
        &self,
        object: &KeyObject,
        caller: &Caller,
        room: &Room<'_>,
    ) -> Result<Option<Scheme>> {
        self.part.scheme_by(&self.how, object, caller, room, scheme)
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<MacWith> {
        let (object, caller) = (permit.key()?, permit.caller());
        let usable = |room: &Room<'_>, hash: Hash| {
            let uses = [Algorithm::Mac(hash)];
            room.usable_for::<Protect>(object, Self::ACTION, Purposes::MAC, &uses)
        };
        let start = || part::checked(&self.how, object, |hash| usable(room, *hash));
        let name = object.name().clone();
        let all = match self.part.gather(room, caller, Some(object), &self.message, start)? {
            Gathered::Open(id) => {
                return Ok(MacWith { object: name, code: None, stream: Some(id) });
            }
            Gathered::All(all) => all,
        };
        let (hash, message) = (all.how, all.text());
        let usable = usable(room, hash)?;
        let loaded = room.load(object, usable.version())?;
        room.count_use(object, message.len(), true)?;
        let code = crypto::hmac_key::generate(usable, loaded, hash, message)?;
        all.close()?;
        Ok(MacWith { object: name, code: Some(code), stream: None })
    }
}

impl Operation for VerifyMacWith {
    type Reply = VerifiedWith;
    const ACTION: Action = Action::VerifyMac;
    const WEIGHT: Weight = Weight::ByKey;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::object(Self::ACTION, &self.object)])
    }

    fn scheme(
        &self,
        object: &KeyObject,
        caller: &Caller,
        room: &Room<'_>,
    ) -> Result<Option<Scheme>> {
        self.part.scheme_by(&self.how, object, caller, room, scheme)
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<VerifiedWith> {
        let (object, caller) = (permit.key()?, permit.caller());
        let usable = |hash: Hash| {
            let uses = [Algorithm::Mac(hash)];
            room.usable_for::<Process>(object, Self::ACTION, Purposes::VERIFY_MAC, &uses)
        };
        let start = || part::checked(&self.how, object, |hash| usable(*hash));
        let name = object.name().clone();
        let all = match self.part.gather(room, caller, Some(object), &self.message, start)? {
            Gathered::Open(id) => return Ok(VerifiedWith { object: name, stream: Some(id) }),
            Gathered::All(all) => all,
        };
        let (hash, message) = (all.how, all.text());
        let usable = usable(hash)?;
        let loaded = room.load(object, usable.version())?;
        let verified = crypto::hmac_key::verify(usable, loaded, hash, message, &self.code);
        // The message is at its end, genuine or not.
        all.close()?;
        verified.map(|()| VerifiedWith { object: name, stream: None })
    }
}

impl Operation for HashMessage {
    type Reply = Hashed;
    const ACTION: Action = Action::Hash;
    const WEIGHT: Weight = Weight::Light;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::nothing(Self::ACTION)])
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Hashed> {
        let all =
            match self.part.gather(room, permit.caller(), None, &self.message, || Ok(self.hash))? {
                Gathered::Open(id) => return Ok(Hashed { digest: None, stream: Some(id) }),
                Gathered::All(all) => all,
            };
        let digest = crypto::digest::digest(all.how, all.text());
        all.close()?;
        Ok(Hashed { digest: Some(digest), stream: None })
    }
}
