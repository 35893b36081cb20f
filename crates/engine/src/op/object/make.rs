//! Objects that are made here, or brought.

use model::{
    AccountId, Action, Error, Key, KeyId, ObjectName, Region, Result, Secret, Wall,
    algorithm::{KeySpec, RawSpec, Spec},
    error::Invalid,
    key::{Cryptoperiod, HeldKey, Life, Version, Versions},
    limits,
    object::{Attributes, DIGEST_HASH, Form, Kind, Link, Purposes, UsageLimit},
    policy::Value,
};

use super::read::ObjectView;
use crate::{
    facts,
    gate::{Demand, Operation, Permit, Weight},
    names,
    record::KeyRecord,
    room::Room,
};

/// What an object is to be, beside its material.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// What it may be used for.
    pub purposes: Purposes,
    /// From when it is to be active, and until when.
    pub life: Life,
    /// The cryptoperiod.
    pub period: Cryptoperiod,
    /// Whether its material may leave only wrapped.
    pub sensitive: bool,
    /// Whether its material may not leave at all.
    pub unextractable: bool,
    /// How much it may protect.
    pub usage_limit: Option<UsageLimit>,
    /// When it was first made, if that was elsewhere.
    pub original_creation: Option<Wall>,
    /// Length in bits, where the material does not say.
    pub bits: Option<u32>,
    /// Links to other objects.
    pub links: Vec<Link>,
    /// Labels; their indexes are given here.
    pub labels: Vec<(String, Vec<u8>)>,
    /// Its policy; left out, the account's own policies decide.
    pub policy: Option<String>,
}

impl Draft {
    fn attributes(&self, now: Wall, generated: bool) -> Attributes {
        let mut attributes = Attributes {
            generated,
            sensitive: self.sensitive,
            always_sensitive: self.sensitive,
            extractable: !self.unextractable,
            never_extractable: self.unextractable,
            fresh: true,
            last_change: now,
            original_creation: self.original_creation,
            usage_limit: self.usage_limit,
            links: self.links.clone(),
            ..Attributes::default()
        };
        for (name, value) in &self.labels {
            attributes.add_label(name, value.clone());
        }
        attributes
    }
}

/// Where an object is to be, and what it is made of.
pub(crate) struct New<'a> {
    pub(crate) name: ObjectName,
    pub(crate) kind: Kind,
    pub(crate) spec: Spec,
    pub(crate) made: crypto::root::NewMaterial,
    pub(crate) generated: bool,
    /// SHA-256 of the material as it was made or brought, and its length in bits.
    pub(crate) digest: Vec<u8>,
    pub(crate) bits: u32,
    pub(crate) form: Option<Form>,
    pub(crate) draft: &'a Draft,
}

/// The record of a new object.
pub(crate) fn new_record(new: New<'_>, room: &Room<'_>) -> KeyRecord {
    let now = room.at().wall;
    let New { name, kind, spec, made, generated, digest, bits, form, draft } = new;
    let default_policy = room.engine().language().default_object_policy;
    let policy = draft.policy.clone().unwrap_or_else(|| default_policy(name.account));
    let attributes = Attributes { digest, bits, form, ..draft.attributes(now, generated) };
    let first = Version {
        number: 1,
        material: made.material,
        life: draft.life,
        created: now,
        sealed: made.sealed,
        public: made.public,
    };
    let key = HeldKey {
        name,
        kind,
        spec,
        purposes: draft.purposes,
        created: now,
        suspended: false,
        deletion: None,
        period: draft.period,
        versions: Versions::first(first),
    };
    KeyRecord {
        key: Key::Held(key),
        description: String::new(),
        policy,
        tags: std::collections::BTreeMap::new(),
        aliases: Vec::new(),
        attributes,
    }
}

fn new_name(account: AccountId, region: &Region) -> Result<ObjectName> {
    let id = KeyId::from_random(crypto::random::array()?);
    Ok(ObjectName { account, region: region.clone(), id })
}

fn fact(key: &str, spec: Spec) -> Option<Value<'static>> {
    match key {
        "kms:keyspec" | "kms:customermasterkeyspec" => Some(facts::text(names::spec(spec))),
        _ => None,
    }
}

/// Make a symmetric key, or a secret, of random bytes.
pub struct CreateObject {
    /// Its account.
    pub account: AccountId,
    /// Its region.
    pub region: Region,
    /// What kind of object.
    pub kind: Kind,
    /// What it is to be: a raw key, one of our schemes' symmetric keys, or bytes that are stored.
    pub spec: Spec,
    /// Length in bytes.
    pub len: usize,
    /// The rest.
    pub draft: Draft,
}

impl Operation for CreateObject {
    type Reply = ObjectView;
    const ACTION: Action = Action::CreateKey;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::account(Self::ACTION, self.account)])
    }

    fn fact(&self, key: &str) -> Option<Value<'_>> {
        fact(key, self.spec)
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<ObjectView> {
        let fits = match self.spec {
            Spec::Raw(spec) => spec.fits(self.len),
            Spec::Key(spec) => spec.is_symmetric() && spec.bits() as usize == self.len * 8,
            Spec::Stored => (1..=limits::STORED_LEN_MAX).contains(&self.len),
        };
        if !fits || self.kind == Kind::PublicKey || self.kind == Kind::PrivateKey {
            return Err(Error::Invalid(Invalid::OutOfRange("the length of a key")));
        }
        room.spec_makeable(self.spec)?;
        let name = new_name(self.account, &self.region)?;
        let made = match self.spec {
            Spec::Key(spec) => room.generate(self.account, spec)?,
            spec => room.generate_raw(self.account, spec, self.len)?,
        };
        let digest = room.digest_of(self.account, self.spec, &made)?;
        let (kind, spec, draft) = (self.kind, self.spec, &self.draft);
        let bits = (self.len * 8) as u32;
        let (form, generated) = (None, true);
        let new = New { name, kind, spec, made, generated, digest, bits, form, draft };
        let record = new_record(new, room);
        room.create_object(&record)?;
        Ok(ObjectView::of(&record, draft.usage_limit.map(|limit| limit.total), room.at()))
    }
}

/// Make a key pair: two objects that are linked to each other.
pub struct CreatePair {
    /// Their account.
    pub account: AccountId,
    /// Their region.
    pub region: Region,
    /// Algorithm and size.
    pub spec: KeySpec,
    /// What the private key is to be.
    pub private: Draft,
    /// What the public key is to be.
    pub public: Draft,
    /// The form of which the digests are taken: that in which the protocol shows them.
    pub forms: (Form, Form),
}

/// A key pair that was made.
#[derive(Debug)]
pub struct CreatedPair {
    /// The private key.
    pub private: ObjectView,
    /// The public key.
    pub public: ObjectView,
}

impl Operation for CreatePair {
    type Reply = CreatedPair;
    const ACTION: Action = Action::CreateKey;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::account(Self::ACTION, self.account)])
    }

    fn is_slow(&self) -> bool {
        self.spec.has_primes()
    }

    fn fact(&self, key: &str) -> Option<Value<'_>> {
        fact(key, self.spec.into())
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<CreatedPair> {
        if self.spec.is_symmetric() {
            return Err(Error::Invalid(Invalid::OutOfRange("the algorithm of a key pair")));
        }
        room.makeable(self.spec)?;
        let names = [0; 2].map(|_| new_name(self.account, &self.region));
        let [private_name, public_name] = names;
        let (private_name, public_name) = (private_name?, public_name?);
        let spec = Spec::Key(self.spec);
        let made = room.generate(self.account, self.spec)?;
        let spki = made.public.clone().ok_or(Error::Internal("a pair without a public key"))?;
        let mut private = self.private.clone();
        private.links.push(Link { kind: Link::PUBLIC_KEY, to: public_name.id });
        let mut public = self.public.clone();
        public.links.push(Link { kind: Link::PRIVATE_KEY, to: private_name.id });
        let pkcs8 = room.opened(self.account, spec, made.material, &made.sealed)?;
        let shown = crypto::form::write_private(&pkcs8, self.forms.0)?;
        let private_record = new_record(
            New {
                name: private_name,
                kind: Kind::PrivateKey,
                spec,
                made,
                generated: true,
                digest: crypto::digest::digest(DIGEST_HASH, shown.expose()),
                bits: self.spec.bits(),
                form: Some(self.forms.0),
                draft: &private,
            },
            room,
        );
        let shown = crypto::form::write_public(&spki, self.forms.1)?;
        let public_record = new_record(
            New {
                name: public_name,
                kind: Kind::PublicKey,
                spec,
                made: room.import_public(self.account, spec, &spki)?,
                generated: true,
                digest: crypto::digest::digest(DIGEST_HASH, &shown),
                bits: self.spec.bits(),
                form: Some(self.forms.1),
                draft: &public,
            },
            room,
        );
        room.create_object(&private_record)?;
        room.create_object(&public_record)?;
        let limit = |draft: &Draft| draft.usage_limit.map(|limit| limit.total);
        Ok(CreatedPair {
            private: ObjectView::of(&private_record, limit(&private), room.at()),
            public: ObjectView::of(&public_record, limit(&public), room.at()),
        })
    }
}

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
}

/// Keep an object that was made elsewhere.
pub struct RegisterObject {
    /// Its account.
    pub account: AccountId,
    /// Its region.
    pub region: Region,
    /// The id that it has, if it is to keep one that it had elsewhere.
    pub id: Option<KeyId>,
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
        Ok(demands)
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<ObjectView> {
        let name = match self.id {
            Some(id) => ObjectName { account: self.account, region: self.region.clone(), id },
            None => new_name(self.account, &self.region)?,
        };
        if self.id.is_some() && room.is_taken(&name)? {
            return Err(Error::AlreadyExists(model::error::Existing::Key(name.id)));
        }
        let (spec, made, brought) = self.keep(room)?;
        let digest = crypto::digest::digest(DIGEST_HASH, brought.expose());
        let bits = match (self.draft.bits, spec) {
            (Some(bits), _) => bits,
            (None, Spec::Key(spec)) => spec.bits(),
            (None, _) => u32::try_from(brought.len() * 8).unwrap_or(u32::MAX),
        };
        let (kind, draft) = (self.kind, &self.draft);
        let form = match &self.material {
            RegisteredMaterial::Private(form, _) | RegisteredMaterial::Public(form, _) => {
                Some(*form)
            }
            _ => None,
        };
        let generated = false;
        let new = New { name, kind, spec, made, generated, digest, bits, form, draft };
        let record = new_record(new, room);
        room.create_object(&record)?;
        Ok(ObjectView::of(&record, draft.usage_limit.map(|limit| limit.total), room.at()))
    }
}

impl RegisterObject {
    /// Seals the material: what it is, and the bytes as they came.
    fn keep(&self, room: &Room<'_>) -> Result<(Spec, crypto::root::NewMaterial, &Secret)> {
        let account = self.account;
        let store = |bytes: &Secret| {
            if !(0..=limits::STORED_LEN_MAX).contains(&bytes.len()) {
                return Err(Error::Invalid(Invalid::OutOfRange("the length of an object")));
            }
            room.import(account, Spec::Stored, bytes.expose())
        };
        let kept = match &self.material {
            RegisteredMaterial::Raw(spec, bytes) => {
                if !spec.fits(bytes.len()) {
                    return Err(Error::Invalid(Invalid::OutOfRange("the length of a key")));
                }
                let spec = Spec::Raw(*spec);
                room.spec_makeable(spec)?;
                (spec, room.import(account, spec, bytes.expose())?, bytes)
            }
            RegisteredMaterial::Symmetric(spec, bytes) => {
                if !spec.is_symmetric() || spec.bits() as usize != bytes.len() * 8 {
                    return Err(Error::Invalid(Invalid::OutOfRange("the length of a key")));
                }
                room.makeable(*spec)?;
                ((*spec).into(), room.import(account, (*spec).into(), bytes.expose())?, bytes)
            }
            RegisteredMaterial::Private(form, bytes) => {
                match crypto::form::private(*form, bytes.expose()) {
                    Ok((spec, pkcs8)) => {
                        (spec.into(), room.import(account, spec.into(), pkcs8.expose())?, bytes)
                    }
                    Err(Error::Invalid(_)) => (Spec::Stored, store(bytes)?, bytes),
                    Err(error) => return Err(error),
                }
            }
            RegisteredMaterial::Public(form, bytes) => {
                match crypto::form::public(*form, bytes.expose()) {
                    Ok((spec, spki)) => {
                        (spec.into(), room.import_public(account, spec.into(), &spki)?, bytes)
                    }
                    Err(Error::Invalid(_)) => (Spec::Stored, store(bytes)?, bytes),
                    Err(error) => return Err(error),
                }
            }
            RegisteredMaterial::Stored(bytes) => (Spec::Stored, store(bytes)?, bytes),
        };
        Ok(kept)
    }
}
