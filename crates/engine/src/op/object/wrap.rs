//! Material handed out under another key's protection.

use std::fmt;

use model::{
    Action, Protect, Result, Secret,
    algorithm::Algorithm,
    object::{Form, Purposes},
    policy::Value,
    raw::{Oaep, Wrapping},
};

use super::read::{ObjectView, reveal};
use crate::{
    facts,
    gate::{Demand, Operation, Permit, Weight},
    names,
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

/// What is wrapped of an object: its material, dressed as the door's protocol wants it.
pub type Dress = Box<dyn Fn(&ObjectView, Form, Secret) -> Result<Secret> + Send + Sync>;

/// Read an object's material, wrapped by a key.
pub struct WrapMaterial {
    /// The object.
    pub object: KeyRef,
    /// In what form its material is wrapped; `None` for that in which it came.
    pub form: Option<Form>,
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
        if (action, key) != (Action::WrapKey, "kms:encryptionalgorithm") {
            return None;
        }
        Some(facts::text(match &self.method {
            WrapMethod::Aes(wrapping) => names::wrapping(*wrapping),
            WrapMethod::Oaep(oaep) => names::oaep_scheme(oaep),
        }))
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<WrappedMaterial> {
        let (object, by) = (permit.nth_key(0)?, permit.nth_key(1)?);
        let uses = match &self.method {
            WrapMethod::Aes(wrapping) => [Algorithm::Wrapping(*wrapping); 2],
            WrapMethod::Oaep(oaep) => oaep.uses(),
        };
        let usable = room.usable_for::<Protect>(by, Action::WrapKey, Purposes::WRAP, &uses)?;
        let (form, material) = reveal(object, self.form, room)?;
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
        Ok(WrappedMaterial { view, wrapped })
    }
}
