//! Objects that were made elsewhere, and are brought in the clear or wrapped.

use std::{fmt, sync::Arc};

use model::{
    AccountId, Action, Error, Key, KeyId, ObjectName, Process, Region, Result, Secret,
    algorithm::{KeySpec, RawSpec, Spec},
    error::{Existing, Invalid},
    limits,
    object::{DIGEST_HASH, Form, Kind, Purposes},
    policy::Value,
};

use super::{
    authority,
    life::remove_aliases,
    links,
    make::{Draft, New, bits_of, new_name, new_record, view_of_new},
    read::ObjectView,
    wrap::WrapMethod,
};
use crate::{
    gate::{self, Demand, Operation, Permit, Weight},
    object::KeyObject,
    record::KeyRecord,
    reference::KeyRef,
    room::Room,
};

/// Material that is brought.
#[derive(Debug)]
pub enum RegisteredMaterial {
    /// A raw key.
    Raw(RawSpec, Secret),
    /// A symmetric key for one of our schemes.
    Symmetric(KeySpec, Secret),
    /// A private key; one that Strongroom cannot use is only stored, as it came.
    Private(Form, Secret),
    /// A public key; likewise.
    Public(Form, Secret),
    /// Bytes that are stored.
    Stored(Secret),
    /// Whatever comes out of this.
    Wrapped(Wrapped),
}

/// Material and what else its object is to be: what came of unwrapped bytes.
pub type Unwrapped = (RegisteredMaterial, Draft);

/// How unwrapped bytes are read, as the door's protocol wrote them before they were wrapped.
pub type Undress = Box<dyn Fn(Secret) -> Result<Unwrapped> + Send + Sync>;

/// Material that came wrapped by a key that is here. It is unwrapped before it is kept: nothing is
/// kept under another object's protection.
pub struct Wrapped {
    /// The key that unwraps it, which is for that.
    pub by: KeyRef,
    /// How it was wrapped.
    pub method: WrapMethod,
    /// What was wrapped, as it came.
    pub bytes: Vec<u8>,
    /// How it is read.
    pub undress: Undress,
}

impl fmt::Debug for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wrapped({:?})", self.method)
    }
}

impl Wrapped {
    /// Whatever is wrong with the bytes is one error.
    fn open(&self, by: &KeyObject, room: &mut Room<'_>) -> Result<Unwrapped> {
        let asked = (Action::UnwrapKey, Purposes::UNWRAP);
        let usable = self.method.usable::<Process>(by, asked, room)?;
        let loaded = room.load(by, usable.version())?;
        let plain = match &self.method {
            WrapMethod::Aes(wrapping) => {
                crypto::wrap::unwrap_by(usable, loaded, *wrapping, &self.bytes)?
            }
            WrapMethod::Oaep(oaep) => {
                crypto::oaep::decrypt_with(usable, loaded, oaep, &self.bytes)?
            }
        };
        (self.undress)(plain)
    }
}

/// Keep an object that was made elsewhere.
pub struct RegisterObject {
    /// Its account.
    pub account: AccountId,
    /// Its region.
    pub region: Region,
    /// The id that it has, if it is to keep one that it had elsewhere.
    pub id: Option<KeyId>,
    /// Whether it takes the place of an object that has this id: who may destroy that one may
    /// replace it. What is destroyed has an id for ever.
    pub replaces: bool,
    /// What kind of object.
    pub kind: Kind,
    /// Its material.
    pub material: RegisteredMaterial,
    /// The rest.
    pub draft: Draft,
}

impl Operation for RegisterObject {
    type Reply = ObjectView;
    const ACTION: Action = Action::RegisterObject;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        let mut demands = vec![Demand::account(Self::ACTION, self.account)];
        if self.id.is_some() {
            demands.push(Demand::account(Action::ImportObject, self.account));
        }
        if let RegisteredMaterial::Wrapped(wrapped) = &self.material {
            demands.push(Demand::key(Action::UnwrapKey, &wrapped.by));
        }
        Ok(demands)
    }

    fn fact_of(&self, action: Action, key: &str) -> Option<Value<'_>> {
        match (&self.material, action) {
            (RegisteredMaterial::Wrapped(wrapped), Action::UnwrapKey) => wrapped.method.fact(key),
            _ => None,
        }
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<ObjectView> {
        let name = match self.id {
            Some(id) => ObjectName { account: self.account, region: self.region.clone(), id },
            None => new_name(self.account, &self.region)?,
        };
        let replaced = match self.id {
            Some(_) if room.is_taken(&name)? => Some(self.replaced(&name, permit, room)?),
            _ => None,
        };
        let unwrapped = match &self.material {
            RegisteredMaterial::Wrapped(wrapped) => Some(wrapped.open(permit.key()?, room)?),
            _ => None,
        };
        let (material, draft) = match &unwrapped {
            Some((material, draft)) => (material, draft),
            None => (&self.material, &self.draft),
        };
        let (spec, made, brought) = material.keep(self.account, room)?;
        let digest = crypto::digest::digest(DIGEST_HASH, brought.expose());
        let bits = match (material.bits(spec), draft.bits) {
            (Some(bits), Some(said)) if bits != said => {
                return Err(Error::Invalid(Invalid::OutOfRange("the length of a key")));
            }
            (bits, said) => bits.or(said).unwrap_or(bits_of(brought.len())),
        };
        let (kind, generated, form) = (self.kind, false, material.form());
        let new = New { name, kind, spec, made, generated, digest, bits, form, draft };
        let mut record = new_record(new, room);
        authority::note_root(&mut record, brought.expose());
        match replaced {
            Some(replaced) => put_in_place(&replaced, &mut record, room)?,
            None => room.create_object(&record)?,
        }
        Ok(view_of_new(&record, room))
    }
}

/// Writes an object in the place of another, whose material is gone for good: its numbers of
/// versions go on, so that none means two things.
fn put_in_place(replaced: &KeyObject, record: &mut KeyRecord, room: &mut Room<'_>) -> Result<()> {
    let old = replaced.held()?;
    remove_aliases(replaced, room)?;
    if let Key::Held(held) = &mut record.key {
        let number = old.versions.current().number.saturating_add(1);
        held.versions.current_mut().number = number;
    }
    room.note_change(replaced);
    links::part(replaced, record, room)?;
    let limits = [replaced.record(), record].map(|record| record.attributes.usage_limit);
    if limits.iter().any(Option::is_some) {
        room.restart_usage(replaced.name())?;
    }
    room.replace_object(replaced, record.clone())?;
    Ok(())
}

impl RegisterObject {
    /// The object that has the id, if this one may take its place.
    fn replaced(
        &self,
        name: &ObjectName,
        permit: &Permit<'_, Self>,
        room: &Room<'_>,
    ) -> Result<Arc<KeyObject>> {
        let taken = Error::AlreadyExists(Existing::Key(name.id));
        if !self.replaces {
            return Err(taken);
        }
        let object = room.object_named(name)?;
        let action = Action::DestroyObject;
        if !gate::allows(self, permit.caller(), room.at(), action, &object) {
            return Err(Error::Denied(action));
        }
        object.online()?;
        if object.held().is_err() { Err(taken) } else { Ok(object) }
    }
}

impl RegisteredMaterial {
    /// The form in which a key of a pair came.
    fn form(&self) -> Option<Form> {
        match self {
            Self::Private(form, _) | Self::Public(form, _) => Some(*form),
            Self::Raw(..) | Self::Symmetric(..) | Self::Stored(_) | Self::Wrapped(_) => None,
        }
    }

    /// Length in bits of a key of a pair, if it is one that is known here, used or not.
    fn bits(&self, spec: Spec) -> Option<u32> {
        match (self, spec) {
            (Self::Private(..) | Self::Public(..), Spec::Key(spec)) => Some(spec.bits()),
            (Self::Private(form, bytes), _) => crypto::form::bits(true, *form, bytes.expose()),
            (Self::Public(form, bytes), _) => crypto::form::bits(false, *form, bytes.expose()),
            _ => None,
        }
    }

    /// Seals the material: what it is, and the bytes as they came.
    fn keep(
        &self,
        account: AccountId,
        room: &Room<'_>,
    ) -> Result<(Spec, crypto::root::NewMaterial, &Secret)> {
        let store = |bytes: &Secret| {
            if !(0..=limits::STORED_LEN_MAX).contains(&bytes.len()) {
                return Err(Error::Invalid(Invalid::OutOfRange("the length of an object")));
            }
            room.import(account, Spec::Stored, bytes.expose())
        };
        let kept = match self {
            Self::Raw(spec, bytes) => {
                if !spec.fits(bytes.len()) {
                    return Err(Error::Invalid(Invalid::OutOfRange("the length of a key")));
                }
                let spec = Spec::Raw(*spec);
                room.spec_makeable(spec)?;
                (spec, room.import(account, spec, bytes.expose())?, bytes)
            }
            Self::Symmetric(spec, bytes) => {
                if !spec.is_symmetric() || spec.bits() as usize != bytes.len() * 8 {
                    return Err(Error::Invalid(Invalid::OutOfRange("the length of a key")));
                }
                room.makeable(*spec)?;
                ((*spec).into(), room.import(account, (*spec).into(), bytes.expose())?, bytes)
            }
            Self::Private(form, bytes) => match crypto::form::private(*form, bytes.expose()) {
                Ok((spec, pkcs8)) => {
                    (spec.into(), room.import(account, spec.into(), pkcs8.expose())?, bytes)
                }
                Err(Error::Invalid(Invalid::OutOfRange(_))) => (Spec::Stored, store(bytes)?, bytes),
                Err(error) => return Err(error),
            },
            Self::Public(form, bytes) => match crypto::form::public(*form, bytes.expose()) {
                Ok((spec, spki)) => {
                    (spec.into(), room.import_public(account, spec.into(), &spki)?, bytes)
                }
                Err(Error::Invalid(Invalid::OutOfRange(_))) => (Spec::Stored, store(bytes)?, bytes),
                Err(error) => return Err(error),
            },
            Self::Stored(bytes) => (Spec::Stored, store(bytes)?, bytes),
            Self::Wrapped(_) => return Err(Error::Internal("what was unwrapped is wrapped")),
        };
        Ok(kept)
    }
}
