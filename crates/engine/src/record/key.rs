//! A key's record: the key, and everything known of it but its secret bytes.

use std::collections::BTreeMap;

use model::{
    Key, KeyId, MaterialId, ObjectName, Sealed, Wall,
    algorithm::{KeySpec, KeyUsage},
    canon::{Canonical, Malformed, Reader, Writer},
    key::{Cryptoperiod, HeldKey, State, Tombstone, Version, Versions},
    name::AliasName,
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
                to.u64(gone.destroyed.0);
                to.bool(gone.compromised);
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
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        read_form(from)?;
        let account = parsed(from.text()?)?;
        let region = parsed(from.text()?)?;
        let name = ObjectName { account, region, id: KeyId(from.array()?) };
        let key = match from.u8()? {
            1 => Key::Held(read_held(from, name)?),
            2 => Key::Destroyed(Tombstone {
                name,
                destroyed: Wall(from.u64()?),
                compromised: from.bool()?,
            }),
            _ => return Err(Malformed),
        };
        let description = from.text()?.to_owned();
        let policy = from.text()?.to_owned();
        let tags = from.list(|from| Ok((from.text()?.to_owned(), from.text()?.to_owned())))?;
        let aliases = from.list(|from| parsed(from.text()?))?;
        Ok(Self { key, description, policy, tags: tags.into_iter().collect(), aliases })
    }
}

fn write_held(to: &mut Writer, held: &HeldKey) {
    let HeldKey { name: _, spec, usage, created, suspended, deletion, period, versions } = held;
    to.u8(spec.code());
    to.u8(usage.code());
    to.u64(created.0);
    to.bool(*suspended);
    to.option(*deletion, |to, date| to.u64(date.0));
    to.option(period.originator_until, |to, date| to.u64(date.0));
    to.option(period.recipient_until, |to, date| to.u64(date.0));
    to.count(versions.count());
    for version in versions.iter() {
        write_version(to, version);
    }
}

fn read_held(from: &mut Reader<'_>, name: ObjectName) -> Result<HeldKey, Malformed> {
    let wall = |from: &mut Reader<'_>| from.u64().map(Wall);
    Ok(HeldKey {
        name,
        spec: KeySpec::from_code(from.u8()?)?,
        usage: KeyUsage::from_code(from.u8()?)?,
        created: wall(from)?,
        suspended: from.bool()?,
        deletion: from.option(wall)?,
        period: Cryptoperiod {
            originator_until: from.option(wall)?,
            recipient_until: from.option(wall)?,
        },
        versions: Versions::new(from.list(read_version)?).ok_or(Malformed)?,
    })
}

fn write_version(to: &mut Writer, version: &Version) {
    let Version { number, material, state, created, sealed, public } = version;
    to.u32(*number);
    to.fixed(&material.0);
    to.u8(match state {
        State::PreActive => 1,
        State::Active => 2,
        State::Deactivated => 3,
        State::Compromised => 4,
    });
    to.u64(created.0);
    to.bytes(sealed.as_bytes());
    to.option(public.as_deref(), Writer::bytes);
}

fn read_version(from: &mut Reader<'_>) -> Result<Version, Malformed> {
    Ok(Version {
        number: from.u32()?,
        material: MaterialId(from.array()?),
        state: match from.u8()? {
            1 => State::PreActive,
            2 => State::Active,
            3 => State::Deactivated,
            4 => State::Compromised,
            _ => return Err(Malformed),
        },
        created: Wall(from.u64()?),
        sealed: Sealed::assertion(from.bytes()?.to_vec()),
        public: from.option(|from| from.bytes().map(<[u8]>::to_vec))?,
    })
}
