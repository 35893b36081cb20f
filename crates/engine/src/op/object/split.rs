//! Secrets that are split into parts, and made of them again.

use crypto::{
    secmem::Guarded,
    split::{self, Scheme},
};
use model::{
    AccountId, Action, Error, Obstacle, Process, Region, Result, Wall,
    algorithm::Spec,
    error::{Invalid, Unauthentic},
    key::{HeldKey, State, Version},
    limits,
    object::{DIGEST_HASH, Kind, Purposes, SplitPart},
    policy::Value,
    raw::SplitMethod,
};

use super::{
    make::{self, Draft},
    read::ObjectView,
};
use crate::{
    gate::{Demand, Operation, Permit, Weight},
    object::KeyObject,
    reference::KeyRef,
    room::Room,
};

/// What is split.
#[derive(Clone, Debug)]
pub enum Whole {
    /// A key or secret that is here, and stays.
    Kept(KeyRef),
    /// A new key of random bytes, which is nowhere but in its parts.
    New {
        /// What it is to be.
        spec: Spec,
        /// Its length in bytes.
        len: usize,
    },
}

/// Split a secret into parts, each of them an object. They are as bound as what is split: under
/// its policy, for its purposes, and no freer to leave. What has ended its service or is limited in
/// what it may protect is not split, lest it begin anew when it is joined; nor are keys of our own
/// schemes.
pub struct SplitObject {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// What is split.
    pub whole: Whole,
    /// How.
    pub method: SplitMethod,
    /// The order of the field, big-endian, where the method needs one.
    pub prime: Option<Vec<u8>>,
    /// Into how many parts.
    pub parts: u32,
    /// How many of them make the secret.
    pub threshold: u32,
    /// What the parts are to be.
    pub draft: Draft,
}

/// Make a secret of its parts: as many as its threshold, of one split and under one policy. It is
/// no freer to leave than the least free of them, for nothing that one of them is not for, and no
/// longer than each of them. To join processes what a part protects: it must be in a state for
/// that, or was never activated.
pub struct JoinObject {
    /// The parts.
    pub parts: Vec<KeyRef>,
    /// What they make.
    pub kind: Kind,
    /// What it is to be; left out, what the parts say.
    pub spec: Option<Spec>,
    /// The rest.
    pub draft: Draft,
}

fn out_of_range(what: &'static str) -> Error {
    Error::Invalid(Invalid::OutOfRange(what))
}

impl Operation for SplitObject {
    /// The parts, in order of their numbers.
    type Reply = Vec<ObjectView>;
    const ACTION: Action = Action::SplitObject;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        let split = match &self.whole {
            Whole::Kept(object) => Demand::object(Self::ACTION, object),
            Whole::New { .. } => Demand::account(Self::ACTION, self.account),
        };
        Ok(vec![split, Demand::account(Action::CreateKey, self.account)])
    }

    fn fact_of(&self, action: Action, key: &str) -> Option<Value<'_>> {
        match &self.whole {
            Whole::New { spec, .. } if action == Action::CreateKey => make::fact(key, *spec),
            _ => None,
        }
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Vec<ObjectView>> {
        let mut draft = self.draft.clone();
        let (whole, secret) = match &self.whole {
            Whole::Kept(_) => kept(permit.key()?, &mut draft, room)?,
            Whole::New { spec, len } => (*spec, self.random(*spec, *len, &mut draft, room)?),
        };
        let Self { method, parts, threshold, .. } = *self;
        let prime = self.prime.as_deref();
        let made = split::split(&Scheme { method, threshold, prime }, parts, &secret)?;
        let of = SplitPart {
            method,
            prime: self.prime.clone(),
            parts,
            threshold,
            number: 0,
            whole,
            len: u32::try_from(secret.len()).map_err(|_| out_of_range("the length of a key"))?,
            digest: Some(crypto::digest::digest(DIGEST_HASH, secret.expose())),
        };
        let mut views = Vec::with_capacity(made.len());
        for (number, part) in (1..).zip(&made) {
            draft.split = Some(SplitPart { number, ..of.clone() });
            let name = make::new_name(self.account, &self.region)?;
            let what = (Kind::SplitKey, Spec::Stored);
            let record = make::record_of(room, name, what, part, (&draft, true))?;
            room.create_object(&record)?;
            views.push(make::view_of_new(&record, room));
        }
        Ok(views)
    }
}

/// What a key that is here is, and its bytes. Its parts are to be as bound as it is.
fn kept(object: &KeyObject, draft: &mut Draft, room: &Room<'_>) -> Result<(Spec, Guarded)> {
    let (held, record) = (object.at_hand()?, object.record());
    let is_ours = held.spec.key().is_some_and(|spec| spec.is_symmetric());
    if is_ours || !matches!(held.kind, Kind::SymmetricKey | Kind::PrivateKey | Kind::SecretData) {
        let (key, usage) = (held.name.clone(), held.usage());
        return Err(Error::WrongUsage { key, usage, action: Action::SplitObject });
    }
    let version = held.versions.current();
    match version.life.state(room.at()) {
        State::PreActive | State::Active => {}
        State::Deactivated => return Err(object.wrong_state(Obstacle::Deactivated)),
        State::Compromised => return Err(object.wrong_state(Obstacle::Compromised)),
    }
    if record.attributes.usage_limit.is_some() {
        return Err(out_of_range("the usage limit of what is split"));
    }
    draft.purposes = held.purposes;
    draft.sensitive |= record.attributes.sensitive;
    draft.unextractable |= !record.attributes.extractable;
    draft.bits = Some(record.attributes.bits);
    draft.policy = Some(record.policy.clone());
    room.note_use(version);
    Ok((held.spec, room.open_material(object, version)?))
}

impl SplitObject {
    fn random(
        &self,
        spec: Spec,
        len: usize,
        draft: &mut Draft,
        room: &Room<'_>,
    ) -> Result<Guarded> {
        if spec.key().is_some() {
            return Err(out_of_range("the algorithm of a key"));
        }
        make::check_len(spec, len)?;
        room.spec_makeable(spec)?;
        draft.bits = draft.bits.or(u32::try_from(len * 8).ok());
        let made = room.generate_raw(self.account, spec, len)?;
        room.opened(self.account, spec, made.material, &made.sealed)
    }
}

impl Operation for JoinObject {
    type Reply = ObjectView;
    const ACTION: Action = Action::JoinObject;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        let count = u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
        let first = self.parts.first().filter(|_| count <= limits::SPLIT_PARTS_MAX);
        let first = first.ok_or_else(|| out_of_range("the number of parts"))?;
        let parts = self.parts.iter().map(|part| Demand::object(Self::ACTION, part));
        Ok(parts.chain([Demand::account(Action::CreateKey, first.account)]).collect())
    }

    fn fact_of(&self, action: Action, key: &str) -> Option<Value<'_>> {
        let spec = match self.kind {
            Kind::SecretData => Some(Spec::Stored),
            // What is not said, only the parts know.
            _ => self.spec,
        };
        spec.filter(|_| action == Action::CreateKey).and_then(|spec| make::fact(key, spec))
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<ObjectView> {
        let parts = (0..self.parts.len()).map(|n| permit.nth_key(n).map(|part| &**part));
        let parts = parts.collect::<Result<Vec<&KeyObject>>>()?;
        let split = self.split_of(&parts)?;
        let secret = joined(&split, &parts, room)?;
        let spec = self.spec_of(&split)?;
        if self.kind != Kind::PrivateKey {
            make::check_len(spec, secret.len())?;
        }
        let first = parts.first().ok_or_else(|| out_of_range("the number of parts"))?;
        let mut draft = self.draft.clone();
        draft.purposes = self.purposes(first, &parts)?;
        let attributes = || parts.iter().map(|part| &part.record().attributes);
        draft.sensitive |= attributes().any(|it| it.sensitive);
        draft.unextractable |= attributes().any(|it| !it.extractable);
        for part in &parts {
            outlast_not(&mut draft, part.at_hand()?);
        }
        draft.bits = draft.bits.or(Some(first.record().attributes.bits));
        draft.policy = Some(first.record().policy.clone());
        let (account, region) = (first.name().account, &first.name().region);
        let name = make::new_name(account, region)?;
        let what = (self.kind, spec);
        let record = make::record_of(room, name, what, &secret, (&draft, false))?;
        room.create_object(&record)?;
        Ok(make::view_of_new(&record, room))
    }
}

impl JoinObject {
    /// Of which split the parts are, all of them.
    fn split_of(&self, parts: &[&KeyObject]) -> Result<SplitPart> {
        let strangers = || out_of_range("parts that do not belong together");
        let mut of: Option<(SplitPart, &str)> = None;
        for part in parts {
            let record = part.record();
            if part.at_hand()?.kind != Kind::SplitKey {
                return Err(strangers());
            }
            let split = record.attributes.split.clone().ok_or_else(strangers)?;
            let this = (SplitPart { number: 0, ..split }, record.policy.as_str());
            match &of {
                None => of = Some(this),
                Some(of) if *of == this => {}
                Some(_) => return Err(strangers()),
            }
        }
        of.map(|(split, _)| split).ok_or_else(strangers)
    }

    /// What it may be used for: what all of its parts are for, or as much of that as is asked for.
    fn purposes(&self, first: &KeyObject, parts: &[&KeyObject]) -> Result<Purposes> {
        let first = first.at_hand()?;
        let mut common = first.purposes;
        for part in parts {
            common = common.common(part.at_hand()?.purposes);
        }
        match self.draft.purposes {
            Purposes::NONE => Ok(common),
            asked if common.allow(asked) => Ok(asked),
            _ => {
                let (key, usage, action) = (first.name.clone(), first.usage(), Self::ACTION);
                Err(Error::WrongUsage { key, usage, action })
            }
        }
    }

    /// What the secret is to be. What is known of it cannot be made something else.
    fn spec_of(&self, split: &SplitPart) -> Result<Spec> {
        let known = (split.whole != Spec::Stored).then_some(split.whole);
        let spec = match (self.kind, known) {
            (Kind::SecretData, Some(Spec::Key(_))) => None,
            (Kind::SecretData, _) => Some(Spec::Stored),
            (Kind::SymmetricKey, Some(Spec::Key(_))) => None,
            (Kind::SymmetricKey, Some(known)) => {
                self.spec.is_none_or(|spec| spec == known).then_some(known)
            }
            (Kind::SymmetricKey, None) => {
                let spec = self.spec.unwrap_or(Spec::Stored);
                spec.key().is_none().then_some(spec)
            }
            (Kind::PrivateKey, known) => known.filter(|known| known.key().is_some()),
            _ => None,
        };
        spec.ok_or_else(|| out_of_range("the algorithm of a key"))
    }
}

/// The version of a part that may be joined now.
fn joinable<'k>(part: &'k KeyObject, room: &Room<'_>) -> Result<&'k Version> {
    let held = part.at_hand()?;
    match held.usable::<Process>(room.at()) {
        Ok(usable) => Ok(usable.version()),
        // Nothing was protected by it yet, and its being made whole does not end that.
        Err(Obstacle::PreActive) => Ok(held.versions.current()),
        Err(obstacle) => Err(part.wrong_state(obstacle)),
    }
}

/// Has what is joined end with a part of it: what has ended is not begun anew by joining it.
fn outlast_not(draft: &mut Draft, part: &HeldKey) {
    let (life, period) = (part.versions.current().life, part.period);
    let earlier = |one: Option<Wall>, other| one.into_iter().chain(other).min();
    draft.life.deactivation = earlier(draft.life.deactivation, life.deactivation);
    let own = &mut draft.period;
    own.recipient_from = own.recipient_from.max(period.recipient_from);
    own.originator_until = earlier(own.originator_until, period.originator_until);
    own.recipient_until = earlier(own.recipient_until, period.recipient_until);
}

/// The secret, which is what was split if that is known.
fn joined(split: &SplitPart, parts: &[&KeyObject], room: &Room<'_>) -> Result<Guarded> {
    let mut opened = Vec::with_capacity(parts.len());
    for part in parts {
        let version = joinable(part, room)?;
        room.note_use(version);
        let number = part.record().attributes.split.as_ref().map_or(0, |split| split.number);
        let plain = room.open_material(part, version)?;
        // What was brought says of itself how long the secret is.
        if plain.len() < split.len as usize {
            return Err(out_of_range("the length of a part"));
        }
        opened.push((number, plain));
    }
    let numbered: Vec<(u32, &Guarded)> = opened.iter().map(|(n, part)| (*n, part)).collect();
    let (method, threshold, prime) = (split.method, split.threshold, split.prime.as_deref());
    let scheme = Scheme { method, threshold, prime };
    let secret = split::join(&scheme, &numbered, split.len as usize)?;
    let digest = crypto::digest::digest(DIGEST_HASH, secret.expose());
    match &split.digest {
        Some(known) if *known != digest => Err(Error::NotAuthentic(Unauthentic::Ciphertext)),
        _ => Ok(secret),
    }
}
