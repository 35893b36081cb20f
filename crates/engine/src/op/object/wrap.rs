//! Material handed out under another key's protection.

use std::fmt;

use model::{
    Action, Protect, Result, Secret, Usable,
    algorithm::Algorithm,
    key::Direction,
    object::{Form, Purposes},
    policy::Value,
    raw::{Oaep, Wrapping},
};

use super::read::{ObjectView, Wanted, reveal};
use crate::{
    facts,
    gate::{Demand, Operation, Permit, Weight},
    names,
    object::KeyObject,
    reference::KeyRef,
    room::Room,
};

/// How material is wrapped.
#[derive(Clone, Debug)]
pub enum WrapMethod {
    /// By a raw AES key.
    Aes(Wrapping),
    /// By an RSA key.
    Oaep(Oaep),
}

impl WrapMethod {
    /// The key that wraps or unwraps, if it is one that can and may be used so now.
    pub(crate) fn usable<'k, D: Direction>(
        &self,
        by: &'k KeyObject,
        (action, purposes): (Action, Purposes),
        room: &Room<'_>,
    ) -> Result<Usable<'k, D>> {
        let uses = match self {
            Self::Aes(wrapping) => [Algorithm::Wrapping(*wrapping); 2],
            Self::Oaep(oaep) => oaep.uses(),
        };
        room.usable_for::<D>(by, action, purposes, &uses)
    }

    /// What policies may ask of the key that wraps or unwraps.
    pub(crate) fn fact(&self, key: &str) -> Option<Value<'static>> {
        (key == "kms:encryptionalgorithm").then(|| {
            facts::text(match self {
                Self::Aes(wrapping) => names::wrapping(*wrapping),
                Self::Oaep(oaep) => names::oaep_scheme(oaep),
            })
        })
    }
}

/// What is wrapped of an object: its material, dressed as the door's protocol wants it.
pub type Dress = Box<dyn Fn(&ObjectView, Form, Secret) -> Result<Secret> + Send + Sync>;

/// Read an object's material, wrapped by a key.
pub struct WrapMaterial {
    /// The object.
    pub object: KeyRef,
    /// In what form its material is wrapped.
    pub wanted: Wanted,
    /// The key that wraps.
    pub by: KeyRef,
    /// How.
    pub method: WrapMethod,
    /// What is wrapped.
    pub dress: Dress,
}

impl fmt::Debug for WrapMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrapMaterial({:?})", self.method)
    }
}

/// An object's material, wrapped.
#[derive(Debug)]
pub struct WrappedMaterial {
    /// What is known of the object.
    pub view: ObjectView,
    /// In what form the material was, before it was dressed and wrapped.
    pub form: Form,
    /// What came out.
    pub wrapped: Vec<u8>,
}

impl Operation for WrapMaterial {
    type Reply = WrappedMaterial;
    const ACTION: Action = Action::GetKeyMaterial;
    const WEIGHT: Weight = Weight::ByKey;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::object(Self::ACTION, &self.object), Demand::key(Action::WrapKey, &self.by)])
    }

    fn fact_of(&self, action: Action, key: &str) -> Option<Value<'_>> {
        if action == Action::WrapKey { self.method.fact(key) } else { None }
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<WrappedMaterial> {
        let (object, by) = (permit.nth_key(0)?, permit.nth_key(1)?);
        let asked = (Action::WrapKey, Purposes::WRAP);
        let usable = self.method.usable::<Protect>(by, asked, room)?;
        let (form, material) = reveal(object, self.wanted, room)?;
        let view = ObjectView::of_admitted(object, room)?;
        let dressed = (self.dress)(&view, form, material)?;
        let loaded = room.load(by, usable.version())?;
        room.count_use(by, dressed.len(), true)?;
        let wrapped = match &self.method {
            WrapMethod::Aes(wrapping) => {
                crypto::wrap::wrap_by(usable, loaded, *wrapping, dressed.expose())?
            }
            WrapMethod::Oaep(oaep) => {
                crypto::oaep::encrypt_with(usable, loaded, oaep, dressed.expose())?
            }
        };
        if object.record().attributes.fresh {
            let mut record = object.record().clone();
            record.attributes.fresh = false;
            room.replace_object_unchanged(object, &record)?;
        }
        Ok(WrappedMaterial { view, form, wrapped })
    }
}
