//! Keys that take the place of others: new material, everything else as it was.
//!
//! The new key is an object of its own, linked to the old one, which gives its names up and stays.
//! What passes over, and how dates are moved, is in KMIP 2.1, sections 6.1.46 and 6.1.47.

use std::sync::Arc;

use model::{
    Action, Error, ObjectName, Result, Wall,
    algorithm::Spec,
    error::Invalid,
    key::{Cryptoperiod, HeldKey, Life},
    object::{Form, Kind, Label, Link, Purposes},
};

use super::{
    links,
    make::{self, CreatedPair, Draft, PairOf},
};
use crate::{
    gate::{self, Demand, Operation, Permit, Weight},
    object::KeyObject,
    record::KeyRecord,
    reference::KeyRef,
    room::Room,
};

/// Replace a symmetric key by a new one that is linked to it. Keys of our own schemes have
/// versions instead, and are refused.
pub struct ReKeyObject {
    /// The key.
    pub object: KeyRef,
    /// From the making of the new key to its activation; left out, its dates are the old ones.
    pub offset_secs: Option<u32>,
    /// What is to be different: what is left out of it is as it was.
    pub changes: Draft,
}

/// Replace a key pair, of which both halves are objects here, by a new one that is linked to it.
pub struct ReKeyPair {
    /// The private key.
    pub private: KeyRef,
    /// From the making of the new pair to its activation; left out, its dates are the old ones.
    pub offset_secs: Option<u32>,
    /// What is to be different of the private key.
    pub private_changes: Draft,
    /// What is to be different of the public key.
    pub public_changes: Draft,
}

impl Operation for ReKeyObject {
    type Reply = super::ObjectView;
    const ACTION: Action = Action::ReKeyObject;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(demands(Self::ACTION, &self.object))
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Self::Reply> {
        let old = permit.key()?;
        let held = old.at_hand()?;
        if held.kind != Kind::SymmetricKey || held.spec.key().is_some() {
            return Err(refused(old, Self::ACTION));
        }
        let draft = successor(old, self.offset_secs, &self.changes, room.at().wall)?;
        let name = make::new_name(held.name.account, &held.name.region)?;
        let len = room.open_material(old, held.versions.current())?.len();
        let mut new = make::random_record(room, name, (held.kind, held.spec), len, &draft)?;
        replace(old, &mut new, room)?;
        room.create_object(&new)?;
        Ok(make::view_of_new(&new, room))
    }
}

impl Operation for ReKeyPair {
    type Reply = CreatedPair;
    const ACTION: Action = Action::ReKeyObject;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(demands(Self::ACTION, &self.private))
    }

    fn is_slow(&self) -> bool {
        // Which algorithm it is, the key says, which is not read yet.
        true
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<CreatedPair> {
        let old = permit.key()?;
        let held = old.at_hand()?;
        let (Spec::Key(spec), Kind::PrivateKey) = (held.spec, held.kind) else {
            return Err(refused(old, Self::ACTION));
        };
        room.makeable(spec)?;
        let old_public = self.public_half(old, permit, room)?;
        let (now, offset) = (room.at().wall, self.offset_secs);
        let drafts = (
            successor(old, offset, &self.private_changes, now)?,
            successor(&old_public, offset, &self.public_changes, now)?,
        );
        let shown = |half: &KeyObject, own| half.record().attributes.form.unwrap_or(own);
        let forms = (shown(old, Form::Pkcs8), shown(&old_public, Form::Spki));
        let of = PairOf { spec, forms };
        let place = (held.name.account, &held.name.region);
        let (mut private, mut public) = make::pair_records(room, place, of, drafts)?;
        replace(old, &mut private, room)?;
        replace(&old_public, &mut public, room)?;
        room.note_change(&old_public);
        room.create_object(&private)?;
        room.create_object(&public)?;
        let (private, public) =
            (make::view_of_new(&private, room), make::view_of_new(&public, room));
        Ok(CreatedPair { private, public })
    }
}

impl ReKeyPair {
    /// The other half of a pair, if the caller may replace it too.
    fn public_half(
        &self,
        private: &KeyObject,
        permit: &Permit<'_, Self>,
        room: &Room<'_>,
    ) -> Result<Arc<KeyObject>> {
        let mut links = private.record().attributes.links.iter();
        let link = links.find(|link| link.kind == Link::PUBLIC_KEY);
        let id = link.ok_or_else(|| refused(private, Self::ACTION))?.to;
        let public = room.object_named(&ObjectName { id, ..private.name().clone() })?;
        if !gate::allows(self, permit.caller(), room.at(), Self::ACTION, &public) {
            return Err(Error::Denied(Self::ACTION));
        }
        let held = public.at_hand()?;
        if held.kind != Kind::PublicKey || !links::are_halves(private, &public)? {
            return Err(refused(&public, Self::ACTION));
        }
        Ok(public)
    }
}

fn demands(action: Action, old: &KeyRef) -> Vec<Demand> {
    vec![Demand::object(action, old), Demand::account(Action::CreateKey, old.account)]
}

pub(super) fn refused(object: &KeyObject, action: Action) -> Error {
    let usage = object.held().ok().and_then(HeldKey::usage);
    Error::WrongUsage { key: object.name().clone(), usage, action }
}

/// Has a new object take over the names of an old one, and what else is said of it; links both.
pub(super) fn replace(old: &KeyObject, new: &mut KeyRecord, room: &mut Room<'_>) -> Result<()> {
    new.tags = old.record().tags.clone();
    new.description = old.record().description.clone();
    let mut record = old.record().clone();
    record.attributes.labels.retain(|label| label.name != Label::NAME);
    // There is one (KMIP 1.4 section 3.35, 2.1 section 11.28): the newest.
    record.attributes.links.retain(|link| link.kind != Link::REPLACEMENT);
    record.attributes.links.push(Link { kind: Link::REPLACEMENT, to: new.name().id });
    // Before the new one is written: a name is given up before it is taken.
    room.replace_object(old, record)?;
    Ok(())
}

/// What the key that replaces an old one is to be.
pub(super) fn successor(
    old: &KeyObject,
    offset: Option<u32>,
    changes: &Draft,
    now: Wall,
) -> Result<Draft> {
    let (held, attributes) = (old.held()?, &old.record().attributes);
    if changes.bits.is_some_and(|bits| bits != attributes.bits) {
        return Err(Error::Invalid(Invalid::OutOfRange("the length of a key")));
    }
    let was = held.versions.current().life;
    let was = Life { compromise: None, ..was };
    let (life, period) = match offset {
        Some(secs) => moved(was, held.period, now.plus_secs(u64::from(secs)))?,
        None => (was, held.period),
    };
    let mut labels = changes.labels.clone();
    let kept = attributes.labels.iter();
    let kept = kept.filter(|label| changes.labels.iter().all(|(name, _)| *name != label.name));
    labels.extend(kept.map(|label| (label.name.clone(), label.value.clone())));
    let replaced = Link { kind: Link::REPLACED, to: old.name().id };
    let links = changes.links.iter().cloned().chain([replaced]).collect();
    let purposes = match changes.purposes {
        Purposes::NONE => held.purposes,
        purposes => purposes,
    };
    Ok(Draft {
        purposes,
        life: Life {
            activation: changes.life.activation.or(life.activation),
            deactivation: changes.life.deactivation.or(life.deactivation),
            compromise: None,
        },
        period: Cryptoperiod {
            recipient_from: changes.period.recipient_from.or(period.recipient_from),
            originator_until: changes.period.originator_until.or(period.originator_until),
            recipient_until: changes.period.recipient_until.or(period.recipient_until),
        },
        sensitive: changes.sensitive || attributes.sensitive,
        unextractable: changes.unextractable || !attributes.extractable,
        usage_limit: changes.usage_limit.or(attributes.usage_limit),
        original_creation: None,
        bits: Some(attributes.bits),
        split: None,
        links,
        labels,
        policy: Some(changes.policy.clone().unwrap_or_else(|| old.record().policy.clone())),
    })
}

/// Dates as far from a new activation as they are from the old one.
fn moved(life: Life, period: Cryptoperiod, to: Wall) -> Result<(Life, Cryptoperiod)> {
    let Cryptoperiod { recipient_from, originator_until, recipient_until } = period;
    let others = [life.deactivation, recipient_from, originator_until, recipient_until];
    let Some(from) = life.activation else {
        if others.iter().any(Option::is_some) {
            let what = "an offset for dates of a key without an activation date";
            return Err(Error::Invalid(Invalid::OutOfRange(what)));
        }
        return Ok((Life { activation: Some(to), ..life }, period));
    };
    let [deactivation, recipient_from, originator_until, recipient_until] = others.map(|date| {
        date.map(|date| match to.0.checked_sub(from.0) {
            Some(later) => Wall(date.0.saturating_add(later)),
            None => Wall(date.0.saturating_sub(from.0 - to.0)),
        })
    });
    let life = Life { activation: Some(to), deactivation, ..life };
    Ok((life, Cryptoperiod { recipient_from, originator_until, recipient_until }))
}
