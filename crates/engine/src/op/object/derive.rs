//! Secrets that are derived from others.

use crypto::{derive, secmem::Guarded};
use model::{
    Action, Error, Process, Protect, Result, Secret, Usable,
    algorithm::{Algorithm, Spec},
    error::Invalid,
    key::Direction,
    object::{Kind, Link, Purposes},
    policy::Value,
    raw::Derivation,
};

use super::{
    How,
    make::{self, Draft},
    part,
    read::ObjectView,
};
use crate::{
    caller::Caller,
    facts::Scheme,
    gate::{Demand, Operation, Permit, Weight},
    names,
    object::KeyObject,
    reference::KeyRef,
    room::Room,
};

/// Derive a symmetric key or a secret from objects that are for that, and active. It is no freer to
/// leave than the least free of them.
pub struct DeriveObject {
    /// The key, or what else it is derived from.
    pub base: KeyRef,
    /// The secret that is the data; for an agreement, the other key.
    pub other: Option<KeyRef>,
    /// The data, if no object holds them.
    pub data: Option<Secret>,
    /// How, by what is known of the key.
    pub derivation: How<Derivation>,
    /// Whether it takes long, as the stretching of a password does.
    pub slow: bool,
    /// What is derived: a symmetric key or a secret.
    pub kind: Kind,
    /// What it is to be.
    pub spec: Spec,
    /// Its length in bytes, at most what the derivation gives.
    pub len: usize,
    /// The rest.
    pub draft: Draft,
}

impl Operation for DeriveObject {
    type Reply = ObjectView;
    const ACTION: Action = Action::DeriveObject;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        let mut demands = vec![Demand::object(Self::ACTION, &self.base)];
        demands.extend(self.other.iter().map(|it| Demand::object(Self::ACTION, it)));
        demands.push(Demand::account(Action::CreateKey, self.base.account));
        Ok(demands)
    }

    fn fact_of(&self, action: Action, key: &str) -> Option<Value<'_>> {
        (action == Action::CreateKey).then(|| make::fact(key, self.spec)).flatten()
    }

    fn scheme(&self, object: &KeyObject, _: &Caller, _: &Room<'_>) -> Result<Option<Scheme>> {
        // Of the data there may be nothing to tell; if there is not of the key, it is not derived.
        let Ok(derivation) = part::resolve(&self.derivation, object) else { return Ok(None) };
        Ok(match derivation {
            Derivation::Encrypt { cipher, .. } => {
                Some(Scheme::Encryption(names::cipher_mode(cipher.mode)))
            }
            Derivation::Hmac(hash) => Some(Scheme::Mac(names::mac_algorithm(hash))),
            _ => None,
        })
    }

    fn is_slow(&self) -> bool {
        self.slow
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<ObjectView> {
        let mut bases = vec![&**permit.key()?];
        if self.other.is_some() {
            bases.push(permit.nth_key(1)?);
        }
        if !matches!(self.kind, Kind::SymmetricKey | Kind::SecretData) {
            return Err(out_of_range("the type of a derived object"));
        }
        make::check_len(self.spec, self.len)?;
        let derived = self.derive(&bases, room)?;
        let mut draft = self.draft.clone();
        for base in &bases {
            let attributes = &base.record().attributes;
            draft.links.push(Link { kind: Link::DERIVATION_BASE, to: base.name().id });
            draft.sensitive |= attributes.sensitive;
            draft.unextractable |= !attributes.extractable;
        }
        let name = make::new_name(self.base.account, &self.base.region)?;
        let what = (self.kind, self.spec);
        let record = make::record_of(room, name, what, &derived, (&draft, true))?;
        for base in bases {
            let mut changed = base.record().clone();
            changed.attributes.links.push(Link { kind: Link::DERIVED, to: record.name().id });
            room.replace_object(base, changed)?;
        }
        room.create_object(&record)?;
        Ok(make::view_of_new(&record, room))
    }
}

fn out_of_range(what: &'static str) -> Error {
    Error::Invalid(Invalid::OutOfRange(what))
}

const TOO_LONG: &str = "the length of a derived key";
const MISSING: &str = "the derivation data, which are missing";

/// The first bytes of what was derived.
fn first(bytes: &[u8], len: usize) -> Result<Guarded> {
    Guarded::copy_of(bytes.get(..len).ok_or_else(|| out_of_range(TOO_LONG))?)
}

impl DeriveObject {
    fn derive(&self, bases: &[&KeyObject], room: &mut Room<'_>) -> Result<Guarded> {
        if bases.len() == 2 && bases[0].name() == bases[1].name() {
            return Err(out_of_range("an object that is named twice"));
        }
        let (key, data) = parts_of(bases);
        // In one direction or the other, before anything is said of what else may be wrong.
        usable::<Protect>(key, room)
            .map(drop)
            .or_else(|_| usable::<Process>(key, room).map(drop))?;
        let derivation = part::resolve(&self.derivation, key)?;
        if derivation == Derivation::Agreement {
            return self.agree(bases, room);
        }
        if let Derivation::Encrypt { cipher, iv } = &derivation {
            // Who knows the key would decrypt what is derived, and have what an object holds.
            if data.is_some() {
                return Err(out_of_range("the data of a derivation by encryption"));
            }
            let (purpose, algorithm) = (Purposes::DERIVE, Algorithm::Cipher(cipher.mode));
            let usable = room.usable_for::<Protect>(key, Self::ACTION, purpose, &[algorithm])?;
            let data = self.data(None, room)?;
            let loaded = room.load(key, usable.version())?;
            room.count_use(key, data.expose().len(), true)?;
            let made = crypto::cipher::encrypt(usable, loaded, *cipher, iv, &[], data.expose())?;
            return first(Secret::new(made.ciphertext).expose(), self.len);
        }
        let plain = opened(key, room)?;
        let data = match (data, &self.data) {
            (None, None) => None,
            _ => Some(self.data(data, room)?),
        };
        room.count_use(key, data.as_ref().map_or(0, |data| data.expose().len()), true)?;
        let needed = || {
            let data = data.as_ref().map(Guarded::expose);
            data.ok_or_else(|| out_of_range(MISSING))
        };
        let no_data = || match data {
            None => Ok(()),
            Some(_) => Err(out_of_range("the derivation data beside the key")),
        };
        match &derivation {
            Derivation::Pbkdf2 { hash, salt, iterations } => {
                no_data()?;
                derive::pbkdf2(*hash, &plain, salt, *iterations, self.len)
            }
            Derivation::Hash(hash) => {
                no_data()?;
                derive::hash(*hash, &plain, self.len)
            }
            Derivation::Hmac(hash) => derive::hmac(*hash, &plain, needed()?, self.len),
            Derivation::Counter(hash) => derive::counter(*hash, &plain, needed()?, self.len),
            Derivation::Feedback { hash, iv } => {
                derive::feedback(*hash, &plain, iv, needed()?, self.len)
            }
            Derivation::DoublePipeline(hash) => {
                derive::double_pipeline(*hash, &plain, needed()?, self.len)
            }
            Derivation::Hkdf { hash, salt } => {
                let info = data.as_ref().map_or(&[][..], Guarded::expose);
                derive::hkdf(*hash, &plain, salt, info, self.len)
            }
            Derivation::Encrypt { .. } | Derivation::Agreement => {
                Err(Error::Internal("a derivation that was done before"))
            }
        }
    }

    /// The data: given, or held by an object, not both.
    fn data(&self, object: Option<&KeyObject>, room: &Room<'_>) -> Result<Guarded> {
        match (object, &self.data) {
            (None, Some(given)) => Guarded::copy_of(given.expose()),
            (Some(object), None) => opened(object, room),
            (None, None) => Err(out_of_range(MISSING)),
            (Some(_), Some(_)) => Err(out_of_range("the derivation data, which are given twice")),
        }
    }

    fn agree(&self, bases: &[&KeyObject], room: &mut Room<'_>) -> Result<Guarded> {
        let of_kind = |kind| {
            let mut found = bases.iter().filter(|it| kind_of(it).is_ok_and(|it| it == kind));
            found.next().copied().ok_or_else(|| out_of_range("the keys that are to agree"))
        };
        let (private, public) = (of_kind(Kind::PrivateKey)?, of_kind(Kind::PublicKey)?);
        if self.data.is_some() {
            return Err(out_of_range("the derivation data beside the key"));
        }
        let peer = usable::<Process>(public, room)?.version().public.as_deref();
        let peer = peer.ok_or_else(|| out_of_range("the keys that are to agree"))?;
        let usable = usable::<Process>(private, room)?;
        let loaded = room.load(private, usable.version())?;
        room.count_use(private, 0, true)?;
        let shared = crypto::agree::shared_secret(usable, loaded, peer)?;
        first(shared.expose(), self.len)
    }
}

/// Which of the objects is the key, and which the data: a secret is, beside a key.
fn parts_of<'k>(bases: &[&'k KeyObject]) -> (&'k KeyObject, Option<&'k KeyObject>) {
    let is_secret = |it: &KeyObject| kind_of(it).is_ok_and(|kind| kind == Kind::SecretData);
    match *bases {
        [one, other] if is_secret(one) && !is_secret(other) => (other, Some(one)),
        [one, other] => (one, Some(other)),
        _ => (bases[0], None),
    }
}

fn kind_of(object: &KeyObject) -> Result<Kind> {
    object.held().map(|held| held.kind)
}

/// The version of an object from which something may be derived now.
fn usable<'k, D: Direction>(object: &'k KeyObject, room: &Room<'_>) -> Result<Usable<'k, D>> {
    room.usable_for::<D>(object, Action::DeriveObject, Purposes::DERIVE, &[])
}

/// The bytes of a symmetric key or secret from which something may be derived now.
fn opened(object: &KeyObject, room: &Room<'_>) -> Result<Guarded> {
    let usable = usable::<Protect>(object, room)?;
    let held = object.held()?;
    // The bytes of keys of our own schemes are for those alone.
    let is_ours = held.spec.key().is_some();
    if is_ours || !matches!(held.kind, Kind::SymmetricKey | Kind::SecretData) {
        let (key, usage) = (held.name.clone(), held.usage());
        return Err(Error::WrongUsage { key, usage, action: Action::DeriveObject });
    }
    room.note_use(usable.version());
    room.open_material(object, usable.version())
}
