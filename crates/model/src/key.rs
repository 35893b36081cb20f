//! The managed key: its versions, its facts, and the proof that it may be used now.

use std::marker::PhantomData;

use crate::{
    algorithm::{KeyUsage, Spec},
    error::Obstacle,
    material::{Content, KeyOrigin},
    name::{MaterialId, ObjectName},
    object::{Kind, Purposes},
    rotation::{Rotated, RotationKind, Schedule},
    time::{At, Wall},
};

/// A key, across its versions.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "most keys are held: a box would be one more look")]
pub enum Key {
    /// It has material.
    Held(HeldKey),
    /// Its material is gone; the name is never used again.
    Destroyed(Tombstone),
}

/// What remains of a destroyed key. There is no material to leak.
#[derive(Clone, Debug)]
pub struct Tombstone {
    /// Its name.
    pub name: ObjectName,
    /// What kind of object it was.
    pub kind: Kind,
    /// What its material was.
    pub spec: Spec,
    /// What it might be used for.
    pub purposes: Purposes,
    /// When it was made.
    pub created: Wall,
    /// The dates of its life.
    pub life: Life,
    /// The cryptoperiod.
    pub period: Cryptoperiod,
    /// When it was destroyed.
    pub destroyed: Wall,
}

/// A key that has material.
#[derive(Clone, Debug)]
pub struct HeldKey {
    /// Its name.
    pub name: ObjectName,
    /// What kind of object it is.
    pub kind: Kind,
    /// Algorithm and size.
    pub spec: Spec,
    /// What it may be used for.
    pub purposes: Purposes,
    /// When it was made.
    pub created: Wall,
    /// Set aside, and may return (AWS: disabled).
    pub suspended: bool,
    /// When it is to be destroyed, if it is to be.
    pub deletion: Option<Wall>,
    /// The cryptoperiod.
    pub period: Cryptoperiod,
    /// Who makes its material.
    pub origin: KeyOrigin,
    /// When it is rotated by itself, if it is.
    pub schedule: Option<Schedule>,
    /// Its versions by number, the current one last; never empty.
    pub versions: Versions,
}

/// How long a key may be used in each direction (SP 800-57 part 1, 5.3).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Cryptoperiod {
    /// Start of the recipient-usage period: nothing is processed before.
    pub recipient_from: Option<Wall>,
    /// End of the originator-usage period: no protection is applied from then on.
    pub originator_until: Option<Wall>,
    /// End of the recipient-usage period: nothing is processed from then on.
    pub recipient_until: Option<Wall>,
}

/// One generation of material.
#[derive(Clone, Debug)]
pub struct Version {
    /// From 1, counting up; a number never means two things.
    pub number: u32,
    /// The material's identity.
    pub material: MaterialId,
    /// The dates that give its SP 800-57 state.
    pub life: Life,
    /// When it was made.
    pub created: Wall,
    /// The material, as far as it is here.
    pub content: Content,
    /// The public key, as a DER SubjectPublicKeyInfo, where there is one.
    pub public: Option<Vec<u8>>,
    /// How it took the place of the one before; `None` of a key's first version, and of one that
    /// waits for its turn.
    pub rotated: Option<Rotated>,
    /// What people say of material that they brought.
    pub description: Option<String>,
}

/// When material became, or is to become, usable and no longer so. A date that has not come is a
/// plan: the state follows from the dates and the time, and nobody has to change it on the day.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Life {
    /// From when it is active; never, if there is none.
    pub activation: Option<Wall>,
    /// From when it is deactivated.
    pub deactivation: Option<Wall>,
    /// When it was found to be compromised.
    pub compromise: Option<Wall>,
}

impl Life {
    /// Of what is active from its making on.
    pub const fn active_from(created: Wall) -> Self {
        Self { activation: Some(created), deactivation: None, compromise: None }
    }

    /// The state at a moment. What has ended stays ended when the clock is set back.
    pub fn state(&self, at: At) -> State {
        let has_come = |date: Option<Wall>| date.is_some_and(|date| at.has_come(date));
        if self.compromise.is_some() {
            State::Compromised
        } else if has_come(self.deactivation) {
            State::Deactivated
        } else if has_come(self.activation) {
            State::Active
        } else {
            State::PreActive
        }
    }
}

/// SP 800-57 part 1, section 7, for a version that has material.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum State {
    /// Made, not yet usable.
    PreActive,
    /// Both directions.
    Active,
    /// May process, not protect.
    Deactivated,
    /// May process at the recipient's risk, with an explicit right.
    Compromised,
}

/// A key's versions: at least one, numbers counting up.
#[derive(Clone, Debug)]
pub struct Versions {
    earlier: Vec<Version>,
    current: Version,
    next: Option<Version>,
}

impl Versions {
    /// A key's first version.
    pub fn first(version: Version) -> Self {
        Self { earlier: Vec::new(), current: version, next: None }
    }

    /// From all versions in order; `None` when there are none or the numbers do not count up.
    pub fn new(mut all: Vec<Version>) -> Option<Self> {
        let current = all.pop()?;
        let counts_up = all.iter().chain([&current]).is_sorted_by(|a, b| a.number < b.number);
        counts_up.then_some(Self { earlier: all, current, next: None })
    }

    /// Puts a version where the current one is, under the next number. The one before processes
    /// for as long as the key does, and protects nothing more.
    pub fn advance(&mut self, version: Version, rotated: Rotated) {
        let number = self.current.number.saturating_add(1);
        let next = Version { number, rotated: Some(rotated), ..version };
        let mut before = std::mem::replace(&mut self.current, next);
        before.life.deactivation = before.life.deactivation.or(Some(rotated.date));
        self.earlier.push(before);
        self.next = None;
    }

    /// What is to become current when the key is rotated next, if that was brought already.
    pub fn next(&self) -> Option<&Version> {
        self.next.as_ref()
    }

    /// Keeps, replaces or gives up what is to become current next.
    pub fn set_next(&mut self, version: Option<Version>) {
        self.next = version;
    }

    /// Those that have been current and the one that is, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Version> {
        self.earlier.iter_mut().chain([&mut self.current])
    }

    /// How many times somebody asked for a rotation.
    pub fn rotations_on_demand(&self) -> usize {
        let on_demand = |it: &&Version| {
            it.rotated.is_some_and(|rotated| rotated.kind == RotationKind::OnDemand)
        };
        self.iter().filter(on_demand).count()
    }

    /// The one that protects.
    pub fn current(&self) -> &Version {
        &self.current
    }

    /// The one that protects, to change its dates.
    pub fn current_mut(&mut self) -> &mut Version {
        &mut self.current
    }

    /// The one of a number.
    pub fn numbered(&self, number: u32) -> Option<&Version> {
        self.iter().find(|version| version.number == number)
    }

    /// Those that have been current, oldest first, and the one that is.
    pub fn iter(&self) -> impl Iterator<Item = &Version> {
        self.earlier.iter().chain([&self.current])
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.earlier.len() + 1
    }
}

/// SP 800-57: to apply cryptographic protection (encrypt, sign, wrap, authenticate).
pub enum Protect {}
/// SP 800-57: to process protected information (decrypt, verify, unwrap).
pub enum Process {}

mod direction {
    /// One of the two directions of use.
    pub trait Direction {
        /// Whether it applies protection.
        const PROTECTS: bool;
    }
    impl Direction for super::Protect {
        const PROTECTS: bool = true;
    }
    impl Direction for super::Process {
        const PROTECTS: bool = false;
    }
}
pub use direction::Direction;

/// Proof that a key's state, facts and cryptoperiod allow direction `D` at the moment it was
/// asked for. Only [`HeldKey::usable`] and [`HeldKey::usable_version`] make one.
///
/// ```compile_fail
/// fn forge(version: &model::key::Version) -> model::Usable<'_, model::Protect> {
///     model::Usable { version, direction: std::marker::PhantomData }
/// }
/// ```
/// A key cleared for processing is not cleared for protecting:
/// ```compile_fail
/// fn confuse(key: model::Usable<'_, model::Process>) -> model::Usable<'_, model::Protect> { key }
/// ```
#[derive(Debug)]
pub struct Usable<'k, D> {
    version: &'k Version,
    direction: PhantomData<fn(D)>,
}

impl<'k, D> Usable<'k, D> {
    /// The version that may be used.
    pub fn version(&self) -> &'k Version {
        self.version
    }
}

impl HeldKey {
    /// Its one usage as the native and AWS APIs see it: the first that its spec allows and its
    /// purposes touch. `None` for what those APIs do not know: raw keys, what is only stored, and
    /// public keys that are objects of their own.
    pub fn usage(&self) -> Option<KeyUsage> {
        if !matches!(self.kind, Kind::SymmetricKey | Kind::PrivateKey) {
            return None;
        }
        let usages = self.spec.key()?.usages();
        usages.iter().copied().find(|usage| self.purposes.overlap(usage.purposes()))
    }

    /// What remains of it once its material is gone. The dates are the current version's.
    pub fn destroyed(self, destroyed: Wall) -> Tombstone {
        let life = self.versions.current.life;
        let Self { name, kind, spec, purposes, created, period, .. } = self;
        Tombstone { name, kind, spec, purposes, created, life, period, destroyed }
    }

    /// The current version, if it may be used in direction `D` now.
    pub fn usable<D: Direction>(&self, at: At) -> Result<Usable<'_, D>, Obstacle> {
        self.check::<D>(&self.versions.current, at)
    }

    /// The version numbered `number`, if there is one; and whether it may be used so now.
    pub fn usable_version<D: Direction>(
        &self,
        number: u32,
        at: At,
    ) -> Option<Result<Usable<'_, D>, Obstacle>> {
        self.versions.numbered(number).map(|version| self.check(version, at))
    }

    /// Refuses a key some of whose material is not here: one that waits for its first, or one that
    /// could not decrypt all that it encrypted.
    pub fn complete(&self, at: At) -> Result<(), Obstacle> {
        match self.origin {
            KeyOrigin::Internal => Ok(()),
            KeyOrigin::External => {
                self.versions.iter().try_for_each(|version| version.content.at(at).map(drop))
            }
        }
    }

    /// Refuses what is suspended or waits to be destroyed, for whatever it is wanted.
    pub fn in_service(&self) -> Result<(), Obstacle> {
        match (self.deletion, self.suspended) {
            (Some(_), _) => Err(Obstacle::PendingDeletion),
            (None, true) => Err(Obstacle::Suspended),
            (None, false) => Ok(()),
        }
    }

    fn check<'k, D: Direction>(
        &self,
        version: &'k Version,
        at: At,
    ) -> Result<Usable<'k, D>, Obstacle> {
        if self.deletion.is_none() {
            self.complete(at)?;
        }
        self.in_service()?;
        match (version.life.state(at), D::PROTECTS) {
            (State::Active, _) | (State::Deactivated, false) => {}
            (State::PreActive, _) => return Err(Obstacle::PreActive),
            (State::Deactivated, true) => return Err(Obstacle::Deactivated),
            (State::Compromised, _) => return Err(Obstacle::Compromised),
        }
        let from = if D::PROTECTS { None } else { self.period.recipient_from };
        if from.is_some_and(|from| !at.has_come(from)) {
            return Err(Obstacle::OutsideCryptoperiod);
        }
        let until =
            if D::PROTECTS { self.period.originator_until } else { self.period.recipient_until };
        if until.is_some_and(|until| at.has_come(until)) {
            return Err(Obstacle::OutsideCryptoperiod);
        }
        Ok(Usable { version, direction: PhantomData })
    }
}
