//! Rotation: a key goes on under new material. What was encrypted before is decrypted as ever, by
//! the version that its ciphertext names.

use model::{
    Action, Error, Key, MaterialId, ObjectName, Obstacle, Protect, Result, Wall,
    algorithm::{KeySpec, KeyUsage},
    error::Invalid,
    key::{HeldKey, Life, Version},
    limits,
    material::KeyOrigin,
    policy::Value,
    rotation::{Rotated, RotationKind, Schedule},
};

use super::listing::{Listing, Page};
use crate::{
    gate::{Demand, Operation, Permit, Weight},
    object::KeyObject,
    place::Due,
    record::KeyRecord,
    reference::KeyRef,
    room::Room,
};

/// Have a key rotated from time to time, for the first time a period from now.
pub struct EnableKeyRotation {
    /// The key.
    pub key: KeyRef,
    /// 90 to 2560 days from one rotation to the next.
    pub period_days: u32,
}

/// Have a key no longer rotated by itself.
pub struct DisableKeyRotation {
    /// The key.
    pub key: KeyRef,
}

/// Read when a key is rotated.
pub struct GetKeyRotationStatus {
    /// The key.
    pub key: KeyRef,
}

/// When a key is rotated.
#[derive(Debug)]
pub struct RotationStatus {
    /// The key.
    pub key: ObjectName,
    /// When it is rotated by itself, if it is.
    pub schedule: Option<Schedule>,
}

/// Rotate a key now: to new material, or to what was brought for that.
pub struct RotateKeyOnDemand {
    /// The key.
    pub key: KeyRef,
}

/// List a key's versions, oldest first.
pub struct ListKeyRotations {
    /// The key.
    pub key: KeyRef,
    /// Whether also those that took no other's place: its first, and one that waits for its turn.
    pub all: bool,
    /// Which part.
    pub page: Page,
}

/// A version, as it is listed.
#[derive(Debug)]
pub struct MaterialEntry {
    /// The key.
    pub key: ObjectName,
    /// The material.
    pub material: MaterialId,
    /// Whether it is the one that encrypts.
    pub state: MaterialState,
    /// How it took the place of the one before, if it did.
    pub rotated: Option<Rotated>,
    /// Of material that is brought: whether it is here, when it expires, and what people say of it.
    pub brought: Option<Brought>,
}

/// What is known of material that is brought by its owner.
#[derive(Debug)]
pub struct Brought {
    /// Whether it is here now.
    pub is_here: bool,
    /// When it expires, if it is here and does.
    pub expiry: Option<Wall>,
    /// What people say of it.
    pub description: Option<String>,
}

/// What a version is to its key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MaterialState {
    /// It decrypts.
    NonCurrent,
    /// It encrypts and decrypts.
    Current,
    /// It does when the key is rotated next.
    PendingRotation,
}

/// The key, if it is of the kind that is rotated: one that encrypts by our own scheme.
fn rotatable(key: &KeyObject, action: Action) -> Result<&HeldKey> {
    let held = key.held()?;
    match key.kms(action)? {
        (KeySpec::Aes256, KeyUsage::EncryptDecrypt) => Ok(held),
        (_, usage) => {
            let key = held.name.clone();
            Err(Error::WrongUsage { key, usage: Some(usage), action })
        }
    }
}

/// The same of a key whose material is made here.
fn scheduled(key: &KeyObject, action: Action) -> Result<&HeldKey> {
    let held = rotatable(key, action)?;
    match held.origin {
        KeyOrigin::Internal => Ok(held),
        KeyOrigin::External => Err(key.wrong_state(Obstacle::External)),
    }
}

/// Changes when a key is rotated by itself, unless it is set aside.
fn set_schedule(key: &KeyObject, room: &mut Room<'_>, schedule: Option<Schedule>) -> Result<()> {
    key.online()?;
    let mut record = key.record().clone();
    if let Key::Held(held) = &mut record.key {
        held.in_service().map_err(|obstacle| key.wrong_state(obstacle))?;
        held.schedule = schedule;
    }
    room.replace_key(key, &record)
}

impl Operation for EnableKeyRotation {
    type Reply = ();
    const ACTION: Action = Action::EnableKeyRotation;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn fact(&self, key: &str) -> Option<Value<'_>> {
        (key == "kms:rotationperiodindays").then(|| Value::One(self.period_days.to_string().into()))
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<()> {
        let period = limits::ROTATION_PERIOD_DAYS_MIN..=limits::ROTATION_PERIOD_DAYS_MAX;
        if !period.contains(&self.period_days) {
            return Err(Error::Invalid(Invalid::OutOfRange("rotation period")));
        }
        let key = permit.key()?;
        scheduled(key, Self::ACTION)?;
        let schedule = Schedule::starting(room.at().latest(), self.period_days);
        set_schedule(key, room, Some(schedule))
    }
}

impl Operation for DisableKeyRotation {
    type Reply = ();
    const ACTION: Action = Action::DisableKeyRotation;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<()> {
        let key = permit.key()?;
        scheduled(key, Self::ACTION)?;
        set_schedule(key, room, None)
    }
}

impl Operation for GetKeyRotationStatus {
    type Reply = RotationStatus;
    const ACTION: Action = Action::GetKeyRotationStatus;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn run(&self, permit: &Permit<'_, Self>, _room: &mut Room<'_>) -> Result<RotationStatus> {
        let held = scheduled(permit.key()?, Self::ACTION)?;
        // What waits to be destroyed is not rotated; it is again when that is taken back.
        let schedule = held.schedule.filter(|_| held.deletion.is_none());
        Ok(RotationStatus { key: held.name.clone(), schedule })
    }
}

impl Operation for RotateKeyOnDemand {
    type Reply = ObjectName;
    const ACTION: Action = Action::RotateKeyOnDemand;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<ObjectName> {
        let key = permit.key()?;
        let held = rotatable(key, Self::ACTION)?;
        protects(key, held, room)?;
        if held.versions.rotations_on_demand() >= limits::ROTATIONS_ON_DEMAND_MAX {
            return Err(key.wrong_state(Obstacle::RotationsSpent));
        }
        let soon = room.at().latest().0.saturating_add(limits::ROTATION_AHEAD_MS);
        if held.schedule.is_some_and(|schedule| schedule.next.0 <= soon) {
            return Err(key.wrong_state(Obstacle::RotationDue));
        }
        rotate(key, room, RotationKind::OnDemand)?;
        Ok(key.name().clone())
    }
}

/// Rotates a key whose date has come.
///
/// # Errors
///
/// [`Obstacle::NotDue`] when the date is another by now, or the key is set aside.
pub(crate) fn rotate_by_itself(key: &KeyObject, room: &mut Room<'_>, date: Wall) -> Result<()> {
    let held = key.held()?;
    if key.record().due(Due::Rotation) != Some(date) || date > room.at().wall {
        return Err(key.wrong_state(Obstacle::NotDue));
    }
    if protects(key, held, room).is_ok() {
        return rotate(key, room, RotationKind::Automatic);
    }
    // What protects nothing any more needs nothing new to do it with: until the next date.
    let schedule = held.schedule.map(|schedule| schedule.after(room.at().wall));
    set_schedule(key, room, schedule)
}

/// Refuses to rotate what may not encrypt now.
fn protects(key: &KeyObject, held: &HeldKey, room: &Room<'_>) -> Result<()> {
    key.online()?;
    held.usable::<Protect>(room.at()).map_err(|obstacle| key.wrong_state(obstacle))?;
    Ok(())
}

/// Puts new material in the place of what a key has.
fn rotate(key: &KeyObject, room: &mut Room<'_>, kind: RotationKind) -> Result<()> {
    let mut record = key.record().clone();
    let Key::Held(held) = &mut record.key else {
        return Err(key.wrong_state(Obstacle::Destroyed));
    };
    let date = room.at().latest();
    let version = next_version(key, held, room, date)?;
    if kind == RotationKind::Automatic {
        held.schedule = held.schedule.map(|schedule| schedule.after(date));
    }
    held.versions.advance(version, Rotated { kind, date });
    renew(&mut record, room)?;
    room.replace_object(key, record)?;
    Ok(())
}

/// What a key is rotated to: what was brought for that, or new material.
fn next_version(key: &KeyObject, held: &HeldKey, room: &Room<'_>, date: Wall) -> Result<Version> {
    let current = held.versions.current();
    // What is planned for the key as a whole stays planned.
    let life = Life { deactivation: current.life.deactivation, ..Life::active_from(date) };
    if held.origin == KeyOrigin::External {
        let next = held.versions.next().filter(|next| next.content.at(room.at()).is_ok());
        let next = next.ok_or_else(|| key.wrong_state(Obstacle::NothingToRotateTo))?;
        return Ok(Version { life, ..next.clone() });
    }
    room.makeable(KeySpec::Aes256)?;
    let made = room.generate(held.name.account, KeySpec::Aes256)?;
    Ok(Version {
        number: current.number,
        material: made.material,
        life,
        created: date,
        content: made.sealed.into(),
        public: made.public,
        rotated: None,
        description: None,
    })
}

/// What is known of a key's material is known of its new one.
fn renew(record: &mut KeyRecord, room: &Room<'_>) -> Result<()> {
    let Key::Held(held) = &record.key else { return Ok(()) };
    let attributes = &mut record.attributes;
    attributes.fresh = true;
    if !attributes.digest.is_empty() {
        attributes.digest = room.digest_of_version(held, held.versions.current())?;
    }
    Ok(())
}

impl Operation for ListKeyRotations {
    type Reply = Listing<MaterialEntry>;
    const ACTION: Action = Action::ListKeyRotations;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn run(
        &self,
        permit: &Permit<'_, Self>,
        room: &mut Room<'_>,
    ) -> Result<Listing<MaterialEntry>> {
        let held = rotatable(permit.key()?, Self::ACTION)?;
        let after = match &self.page.after {
            None => 0,
            Some(text) => text.parse::<u32>().map_err(|_| Error::Invalid(Invalid::Marker))?,
        };
        let versions = held.versions.iter().chain(held.versions.next());
        let listed = versions
            .filter(|version| version.number > after && !version.content.is_awaited())
            .filter(|version| self.all || version.rotated.is_some())
            .take(self.page.limit + 1)
            .map(|version| (version.number, entry(held, version, room)));
        let page = Listing::cut(listed.collect(), &self.page, |(number, _)| number.to_string());
        let items = page.items.into_iter().map(|(_, entry)| entry).collect();
        Ok(Listing { items, next: page.next })
    }
}

fn entry(held: &HeldKey, version: &Version, room: &Room<'_>) -> MaterialEntry {
    let is_of = |other: &Version| other.number == version.number;
    let is_here = version.content.at(room.at()).is_ok();
    MaterialEntry {
        key: held.name.clone(),
        material: version.material,
        state: if is_of(held.versions.current()) {
            MaterialState::Current
        } else if held.versions.next().is_some_and(is_of) {
            MaterialState::PendingRotation
        } else {
            MaterialState::NonCurrent
        },
        rotated: version.rotated,
        brought: (held.origin == KeyOrigin::External).then(|| Brought {
            is_here,
            expiry: version.content.expiry().filter(|_| is_here),
            description: version.description.clone(),
        }),
    }
}
