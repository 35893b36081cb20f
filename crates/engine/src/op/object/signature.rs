//! Signatures as a key's user says: with the hash, the salt and the mask of their choice.

use model::{
    Action, ObjectName, Process, Protect, Result, algorithm::MessageType, object::Purposes,
    raw::SignatureScheme,
};

use super::part::{self, Gathered, How, Part};
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

/// Sign by an object as its user says. A message in parts is signed when all of it is there.
pub struct SignWith {
    /// The object.
    pub object: KeyRef,
    /// How. Only the first part of a message is asked.
    pub how: How<SignatureScheme>,
    /// Which part of the message.
    pub part: Part,
    /// What the message is.
    pub kind: MessageType,
    /// The message: at most 1 MiB, or a digest of the scheme's length.
    pub message: Vec<u8>,
}

/// What was signed.
#[derive(Debug)]
pub struct SignedWith {
    /// The object.
    pub object: ObjectName,
    /// The signature, unless more is to come: DER for ECDSA, else the scheme's own form.
    pub signature: Option<Vec<u8>>,
    /// What goes on, unless this was the end.
    pub stream: Option<StreamId>,
}

/// Verify a signature by an object as its user says. One that is not genuine is an error.
pub struct VerifyWith {
    /// The object.
    pub object: KeyRef,
    /// How it was signed. Only the first part of a message is asked.
    pub how: How<SignatureScheme>,
    /// Which part of the message.
    pub part: Part,
    /// What the message is.
    pub kind: MessageType,
    /// The message, as for [`SignWith`].
    pub message: Vec<u8>,
    /// The signature, with the last part.
    pub signature: Vec<u8>,
}

/// That what was given is genuine, or that more is to come.
#[derive(Debug)]
pub struct VerifiedWith {
    /// The object.
    pub object: ObjectName,
    /// What goes on, unless this was the end.
    pub stream: Option<StreamId>,
}

/// What policies call a signature over a message or a digest.
fn scheme(scheme: &SignatureScheme, kind: MessageType) -> Scheme {
    Scheme::Signature(names::signature_scheme(*scheme), kind)
}

impl Operation for SignWith {
    type Reply = SignedWith;
    const ACTION: Action = Action::Sign;
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
        self.part.scheme_by(&self.how, object, caller, room, |how| scheme(how, self.kind))
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<SignedWith> {
        let (object, caller) = (permit.key()?, permit.caller());
        let usable = |room: &Room<'_>, scheme: SignatureScheme| {
            room.usable_for::<Protect>(object, Self::ACTION, Purposes::SIGN, &scheme.uses())
        };
        let start = || part::checked(&self.how, object, |scheme| usable(room, *scheme));
        let name = object.name().clone();
        let all = match self.part.gather(room, caller, Some(object), &self.message, start)? {
            Gathered::Open(id) => {
                return Ok(SignedWith { object: name, signature: None, stream: Some(id) });
            }
            Gathered::All(all) => all,
        };
        let (scheme, message) = (all.how, all.text());
        let usable = usable(room, scheme)?;
        let loaded = room.load(object, usable.version())?;
        room.count_use(object, message.len(), true)?;
        let signature = crypto::sign::sign_with(usable, loaded, scheme, self.kind, message)?;
        all.close()?;
        Ok(SignedWith { object: name, signature: Some(signature), stream: None })
    }
}

impl Operation for VerifyWith {
    type Reply = VerifiedWith;
    const ACTION: Action = Action::Verify;
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
        self.part.scheme_by(&self.how, object, caller, room, |how| scheme(how, self.kind))
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<VerifiedWith> {
        let (object, caller) = (permit.key()?, permit.caller());
        let usable = |scheme: SignatureScheme| {
            room.usable_for::<Process>(object, Self::ACTION, Purposes::VERIFY, &scheme.uses())
        };
        let start = || part::checked(&self.how, object, |scheme| usable(*scheme));
        let name = object.name().clone();
        let all = match self.part.gather(room, caller, Some(object), &self.message, start)? {
            Gathered::Open(id) => return Ok(VerifiedWith { object: name, stream: Some(id) }),
            Gathered::All(all) => all,
        };
        let (scheme, message) = (all.how, all.text());
        let usable = usable(scheme)?;
        let loaded = room.load(object, usable.version())?;
        let (kind, signature) = (self.kind, &self.signature);
        let verified = crypto::sign::verify_with(usable, loaded, scheme, kind, message, signature);
        // The message is at its end, genuine or not.
        all.close()?;
        verified.map(|()| VerifiedWith { object: name, stream: None })
    }
}
