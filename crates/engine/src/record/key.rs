//! A key's record: the key, and everything known of it but its secret bytes.

use std::collections::BTreeMap;

use model::{
    Key, KeyId, MaterialId, ObjectName, Sealed, Wall,
    algorithm::Spec,
    canon::{Canonical, Malformed, Reader, Writer},
    key::{Cryptoperiod, HeldKey, Life, Tombstone, Version, Versions},
    name::AliasName,
    object::{Attributes, Kind, Purposes},
};

use super::{parsed, read_form, write_form};

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
    let HeldKey { name: _, kind, spec, purposes, created, suspended, deletion, period, versions } =
        held;
    to.u8(kind.code());
    to.u8(spec.code());
    to.u32(purposes.0);
    to.u64(created.0);
    to.bool(*suspended);
    to.option(*deletion, |to, date| to.u64(date.0));
    write_period(to, period);
    to.count(versions.count());
    for version in versions.iter() {
        write_version(to, version);
    }
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
        versions: Versions::new(from.list(read_version)?).ok_or(Malformed)?,
    })
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
    let Version { number, material, life, created, sealed, public } = version;
    to.u32(*number);
    to.fixed(&material.0);
    write_life(to, life);
    to.u64(created.0);
    to.bytes(sealed.as_bytes());
    to.option(public.as_deref(), Writer::bytes);
}

fn read_version(from: &mut Reader<'_>) -> Result<Version, Malformed> {
    Ok(Version {
        number: from.u32()?,
        material: MaterialId(from.array()?),
        life: read_life(from)?,
        created: Wall(from.u64()?),
        sealed: Sealed::assertion(from.bytes()?.to_vec()),
        public: from.option(|from| from.bytes().map(<[u8]>::to_vec))?,
    })
}
