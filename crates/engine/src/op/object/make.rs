//! Objects that are made here.

use crypto::secmem::Guarded;
use model::{
    AccountId, Action, Error, Key, KeyId, ObjectName, Region, Result, Wall,
    algorithm::{KeySpec, Spec},
    error::Invalid,
    key::{Cryptoperiod, HeldKey, Life, Version, Versions},
    limits,
    material::KeyOrigin,
    object::{Attributes, DIGEST_HASH, Form, Kind, Link, Purposes, SplitPart, UsageLimit},
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
    /// Of which secret it is a part, if it is one.
    pub split: Option<SplitPart>,
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
            split: self.split.clone(),
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
        content: made.sealed.into(),
        public: made.public,
        rotated: None,
        description: None,
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
        origin: KeyOrigin::Internal,
        schedule: None,
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

pub(crate) fn new_name(account: AccountId, region: &Region) -> Result<ObjectName> {
    let id = KeyId::from_random(crypto::random::array()?);
    Ok(ObjectName { account, region: region.clone(), id })
}

/// What is asked for may be known by its spec.
pub(crate) fn fact(key: &str, spec: Spec) -> Option<Value<'static>> {
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
        if self.kind == Kind::PublicKey || self.kind == Kind::PrivateKey {
            return Err(Error::Invalid(Invalid::OutOfRange("the length of a key")));
        }
        let name = new_name(self.account, &self.region)?;
        let record = random_record(room, name, (self.kind, self.spec), self.len, &self.draft)?;
        room.create_object(&record)?;
        Ok(view_of_new(&record, room))
    }
}

/// What is known of an object that was made just now.
pub(crate) fn view_of_new(record: &KeyRecord, room: &Room<'_>) -> ObjectView {
    let limit = record.attributes.usage_limit;
    ObjectView::of(record, limit.map(|limit| limit.total), room.at())
}

/// Whether material of so many bytes can be of this spec, if its material is just bytes.
pub(crate) fn check_len(spec: Spec, len: usize) -> Result<()> {
    let fits = match spec {
        Spec::Raw(spec) => spec.fits(len),
        Spec::Key(spec) => spec.is_symmetric() && spec.bits() as usize == len * 8,
        Spec::Stored => (1..=limits::STORED_LEN_MAX).contains(&len),
    };
    if fits { Ok(()) } else { Err(Error::Invalid(Invalid::OutOfRange("the length of a key"))) }
}

/// A new object of `len` random bytes, which is still to be written.
pub(crate) fn random_record(
    room: &Room<'_>,
    name: ObjectName,
    (kind, spec): (Kind, Spec),
    len: usize,
    draft: &Draft,
) -> Result<KeyRecord> {
    check_len(spec, len)?;
    room.spec_makeable(spec)?;
    let account = name.account;
    let made = match spec {
        Spec::Key(spec) => room.generate(account, spec)?,
        spec => room.generate_raw(account, spec, len)?,
    };
    let digest = room.digest_of(account, spec, &made)?;
    let (bits, form) = (draft.bits.unwrap_or(bits_of(len)), None);
    let new = New { name, kind, spec, made, generated: true, digest, bits, form, draft };
    Ok(new_record(new, room))
}

/// A new object of material that was made of others', which is still to be written.
pub(crate) fn record_of(
    room: &Room<'_>,
    name: ObjectName,
    (kind, spec): (Kind, Spec),
    plain: &Guarded,
    (draft, generated): (&Draft, bool),
) -> Result<KeyRecord> {
    room.spec_makeable(spec)?;
    let made = room.keep(name.account, spec, plain)?;
    let digest = crypto::digest::digest(DIGEST_HASH, plain.expose());
    let bits = spec.key().map_or(bits_of(plain.len()), KeySpec::bits);
    let (bits, form) = (draft.bits.unwrap_or(bits), None);
    let new = New { name, kind, spec, made, generated, digest, bits, form, draft };
    Ok(new_record(new, room))
}

pub(crate) fn bits_of(len: usize) -> u32 {
    u32::try_from(len * 8).unwrap_or(u32::MAX)
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
        let of = PairOf { spec: self.spec, forms: self.forms };
        let drafts = (self.private.clone(), self.public.clone());
        let records = pair_records(room, (self.account, &self.region), of, drafts)?;
        room.create_object(&records.0)?;
        room.create_object(&records.1)?;
        let (private, public) = (view_of_new(&records.0, room), view_of_new(&records.1, room));
        Ok(CreatedPair { private, public })
    }
}

/// What a new pair is to be.
pub(crate) struct PairOf {
    pub(crate) spec: KeySpec,
    /// The form of which the digests are taken.
    pub(crate) forms: (Form, Form),
}

/// A new pair whose halves are linked to each other, and are still to be written.
pub(crate) fn pair_records(
    room: &Room<'_>,
    (account, region): (AccountId, &Region),
    of: PairOf,
    (mut private, mut public): (Draft, Draft),
) -> Result<(KeyRecord, KeyRecord)> {
    let (private_name, public_name) = (new_name(account, region)?, new_name(account, region)?);
    private.links.push(Link { kind: Link::PUBLIC_KEY, to: public_name.id });
    public.links.push(Link { kind: Link::PRIVATE_KEY, to: private_name.id });
    let (spec, bits, generated) = (Spec::Key(of.spec), of.spec.bits(), true);
    let made = room.generate(account, of.spec)?;
    let spki = made.public.clone().ok_or(Error::Internal("a pair without a public key"))?;
    let pkcs8 = room.opened(account, spec, made.material, &made.sealed)?;
    let shown = crypto::form::write_private(&pkcs8, of.forms.0)?;
    let digest = crypto::digest::digest(DIGEST_HASH, shown.expose());
    let (name, kind, draft, form) = (private_name, Kind::PrivateKey, &private, Some(of.forms.0));
    let new = New { name, kind, spec, made, generated, digest, bits, form, draft };
    let private = new_record(new, room);
    let made = room.import_public(account, spec, &spki)?;
    let shown = crypto::form::write_public(&spki, of.forms.1)?;
    let digest = crypto::digest::digest(DIGEST_HASH, &shown);
    let (name, kind, draft, form) = (public_name, Kind::PublicKey, &public, Some(of.forms.1));
    let new = New { name, kind, spec, made, generated, digest, bits, form, draft };
    let public = new_record(new, room);
    Ok((private, public))
}
