//! A key's record: the key, and everything known of it but its secret bytes.

use std::collections::BTreeMap;

use model::{
    Key, KeyId, MaterialId, ObjectName, Sealed, Wall,
    algorithm::Spec,
    canon::{Canonical, Malformed, Reader, Writer},
    key::{Cryptoperiod, HeldKey, Life, Tombstone, Version, Versions},
    material::{Content, KeyOrigin, Stored},
    name::AliasName,
    object::{Attributes, Kind, Purposes},
    rotation::{Rotated, RotationKind, Schedule},
};

use super::{parsed, read_form, write_form};
use crate::place::Due;

/// A key with its attributes.
#[derive(Clone, Debug)]
pub(crate) struct KeyRecord {
    /// The key.
    pub key: Key,
    /// What people say of it.
    pub description: String,
    /// The key policy, as it was given.
    pub policy: String,
    /// Tags by name.
    pub tags: BTreeMap<String, String>,
    /// The aliases that point here, in byte order.
    pub aliases: Vec<AliasName>,
    /// What else is known of it.
    pub attributes: Attributes,
}

impl KeyRecord {
    pub(crate) fn name(&self) -> &ObjectName {
        match &self.key {
            Key::Held(held) => &held.name,
            Key::Destroyed(gone) => &gone.name,
        }
    }
}

impl KeyRecord {
    /// When something is to be done to it, if it is. What is set aside is not rotated: it is due
    /// again once it is taken back into use.
    pub(crate) fn due(&self, due: Due) -> Option<Wall> {
        let Key::Held(held) = &self.key else { return None };
        let is_set_aside = held.in_service().is_err() || self.attributes.archived.is_some();
        match due {
            Due::Destruction => held.deletion,
            Due::Rotation if is_set_aside => None,
            Due::Rotation => held.schedule.map(|schedule| schedule.next),
        }
    }
}

impl Canonical for KeyRecord {
    fn write(&self, to: &mut Writer) {
        write_form(to);
        let name = self.name();
        to.text(name.account.as_str());
        to.text(name.region.as_str());
        to.fixed(&name.id.0);
        match &self.key {
            Key::Held(held) => {
                to.u8(1);
                write_held(to, held);
            }
            Key::Destroyed(gone) => {
                to.u8(2);
                write_tombstone(to, gone);
            }
        }
        to.text(&self.description);
        to.text(&self.policy);
        to.count(self.tags.len());
        for (tag, value) in &self.tags {
            to.text(tag);
            to.text(value);
        }
        to.list(&self.aliases, |to, alias| to.text(alias.as_str()));
        to.value(&self.attributes);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        read_form(from)?;
        let account = parsed(from.text()?)?;
        let region = parsed(from.text()?)?;
        let name = ObjectName { account, region, id: KeyId(from.array()?) };
        let key = match from.u8()? {
            1 => Key::Held(read_held(from, name)?),
            2 => Key::Destroyed(read_tombstone(from, name)?),
            _ => return Err(Malformed),
        };
        let description = from.text()?.to_owned();
        let policy = from.text()?.to_owned();
        let tags = from.list(|from| Ok((from.text()?.to_owned(), from.text()?.to_owned())))?;
        let aliases = from.list(|from| parsed(from.text()?))?;
        let tags = tags.into_iter().collect();
        let attributes = Attributes::read(from)?;
        Ok(Self { key, description, policy, tags, aliases, attributes })
    }
}

fn write_held(to: &mut Writer, held: &HeldKey) {
    let HeldKey { name: _, kind, spec, purposes, created, suspended, deletion, .. } = held;
    let HeldKey { period, origin, schedule, versions, .. } = held;
    to.u8(kind.code());
    to.u8(spec.code());
    to.u32(purposes.0);
    to.u64(created.0);
    to.bool(*suspended);
    to.option(*deletion, |to, date| to.u64(date.0));
    write_period(to, period);
    to.u8(match origin {
        KeyOrigin::Internal => 1,
        KeyOrigin::External => 2,
    });
    to.option(*schedule, |to, Schedule { period_days, next }| {
        to.u32(period_days);
        to.u64(next.0);
    });
    to.count(versions.count());
    for version in versions.iter() {
        write_version(to, version);
    }
    to.option(versions.next(), write_version);
}

fn read_held(from: &mut Reader<'_>, name: ObjectName) -> Result<HeldKey, Malformed> {
    let wall = |from: &mut Reader<'_>| from.u64().map(Wall);
    Ok(HeldKey {
        name,
        kind: Kind::from_code(from.u8()?)?,
        spec: Spec::from_code(from.u8()?)?,
        purposes: Purposes(from.u32()?),
        created: wall(from)?,
        suspended: from.bool()?,
        deletion: from.option(wall)?,
        period: read_period(from)?,
        origin: match from.u8()? {
            1 => KeyOrigin::Internal,
            2 => KeyOrigin::External,
            _ => return Err(Malformed),
        },
        schedule: from
            .option(|from| Ok(Schedule { period_days: from.u32()?, next: Wall(from.u64()?) }))?,
        versions: read_versions(from)?,
    })
}

fn read_versions(from: &mut Reader<'_>) -> Result<Versions, Malformed> {
    let mut versions = Versions::new(from.list(read_version)?).ok_or(Malformed)?;
    versions.set_next(from.option(read_version)?);
    Ok(versions)
}

fn write_tombstone(to: &mut Writer, gone: &Tombstone) {
    let Tombstone { name: _, kind, spec, purposes, created, life, period, destroyed } = gone;
    to.u8(kind.code());
    to.u8(spec.code());
    to.u32(purposes.0);
    to.u64(created.0);
    write_life(to, life);
    write_period(to, period);
    to.u64(destroyed.0);
}

fn read_tombstone(from: &mut Reader<'_>, name: ObjectName) -> Result<Tombstone, Malformed> {
    Ok(Tombstone {
        name,
        kind: Kind::from_code(from.u8()?)?,
        spec: Spec::from_code(from.u8()?)?,
        purposes: Purposes(from.u32()?),
        created: Wall(from.u64()?),
        life: read_life(from)?,
        period: read_period(from)?,
        destroyed: Wall(from.u64()?),
    })
}

fn write_dates<const N: usize>(to: &mut Writer, dates: [Option<Wall>; N]) {
    for date in dates {
        to.option(date, |to, date| to.u64(date.0));
    }
}

fn read_date(from: &mut Reader<'_>) -> Result<Option<Wall>, Malformed> {
    from.option(|from| from.u64().map(Wall))
}

fn write_life(to: &mut Writer, life: &Life) {
    let Life { activation, deactivation, compromise } = *life;
    write_dates(to, [activation, deactivation, compromise]);
}

fn read_life(from: &mut Reader<'_>) -> Result<Life, Malformed> {
    Ok(Life {
        activation: read_date(from)?,
        deactivation: read_date(from)?,
        compromise: read_date(from)?,
    })
}

fn write_period(to: &mut Writer, period: &Cryptoperiod) {
    let Cryptoperiod { recipient_from, originator_until, recipient_until } = *period;
    write_dates(to, [recipient_from, originator_until, recipient_until]);
}

fn read_period(from: &mut Reader<'_>) -> Result<Cryptoperiod, Malformed> {
    Ok(Cryptoperiod {
        recipient_from: read_date(from)?,
        originator_until: read_date(from)?,
        recipient_until: read_date(from)?,
    })
}

fn write_version(to: &mut Writer, version: &Version) {
    let Version { number, material, life, created, content, public, rotated, description } =
        version;
    to.u32(*number);
    to.fixed(&material.0);
    write_life(to, life);
    to.u64(created.0);
    match content.stored() {
        Stored::Awaited => to.u8(1),
        Stored::Held { sealed, expiry } => {
            to.u8(2);
            to.bytes(sealed.as_bytes());
            to.option(expiry, |to, date| to.u64(date.0));
        }
        Stored::Gone => to.u8(3),
    }
    to.option(public.as_deref(), Writer::bytes);
    to.option(*rotated, |to, Rotated { kind, date }| {
        to.u8(match kind {
            RotationKind::Automatic => 1,
            RotationKind::OnDemand => 2,
        });
        to.u64(date.0);
    });
    to.option(description.as_deref(), Writer::text);
}

fn read_version(from: &mut Reader<'_>) -> Result<Version, Malformed> {
    Ok(Version {
        number: from.u32()?,
        material: MaterialId(from.array()?),
        life: read_life(from)?,
        created: Wall(from.u64()?),
        content: match from.u8()? {
            1 => Content::AWAITED,
            2 => {
                let sealed = Sealed::assertion(from.bytes()?.to_vec());
                Content::held(sealed, read_date(from)?)
            }
            3 => Content::GONE,
            _ => return Err(Malformed),
        },
        public: from.option(|from| from.bytes().map(<[u8]>::to_vec))?,
        rotated: from.option(read_rotated)?,
        description: from.option(|from| from.text().map(str::to_owned))?,
    })
}

fn read_rotated(from: &mut Reader<'_>) -> Result<Rotated, Malformed> {
    let kind = match from.u8()? {
        1 => RotationKind::Automatic,
        2 => RotationKind::OnDemand,
        _ => return Err(Malformed),
    };
    Ok(Rotated { kind, date: Wall(from.u64()?) })
}
