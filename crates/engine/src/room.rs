//! What an operation may touch while it runs, and nothing else: keys and records to read, and
//! changes that are committed together with the audit entry.

mod certificate;
mod latest;
mod limit;
mod object;
mod role;
mod root;
mod usable;

use std::{cell::Cell, sync::Arc};

use crypto::{
    Loaded,
    root::{AccountKeys, RootKey},
};
use model::{
    AccountId, At, Error, KeyId, ObjectName, PrincipalName, Region, Result, Secret,
    canon::Canonical, error::Missing, key::Version, limits, object::Kind, policy::Document,
};
use store::{Place, Write};

use crate::{
    Engine,
    allowance::{Allowance, Spent},
    object::{KeyObject, Used},
    open::{self, Open, Read},
    place::{self, Due},
    record::{AccessKeyRecord, AliasRecord, KeyRecord, PrincipalRecord},
    reference::{AliasRef, By, KeyRef},
    view::{Changes, View},
};

/// How long an operation may take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Pace {
    /// As long as it takes: it runs on the pool.
    Any,
    /// Some tens of microseconds: what would read the store, open material or compute for longer
    /// answers [`Error::Conflict`] instead, nothing having happened, to be called again.
    Quick,
}

/// See the module's page.
pub struct Room<'e> {
    engine: &'e Engine,
    open: &'e Open,
    view: View<'e>,
    at: At,
    pace: Pace,
    used: Cell<Used>,
    /// Whether the store was read for the key that is asked for, or its alias.
    has_read: Cell<bool>,
    changes: Vec<Write>,
    made: Vec<String>,
    allowances: Vec<Allowance>,
    aftermath: Aftermath,
}

/// What the engine does once an operation is recorded for good, before it replies.
pub(crate) enum Aftermath {
    /// Nothing more.
    Nothing,
    /// Forgets every key.
    Seal,
    /// Works with this root key: what is committed is under it.
    Adopt(Arc<RootKey>),
}

/// What an operation leaves behind.
pub(crate) struct Made {
    /// What is to be committed.
    pub(crate) changes: Vec<Write>,
    /// The names of what it makes, for its entry.
    pub(crate) names: Vec<String>,
    /// What comes after.
    pub(crate) aftermath: Aftermath,
    /// What was used of limits.
    pub(crate) spent: Vec<Spent>,
}

/// Random bytes for a caller.
pub(crate) fn random_secret(len: usize) -> Result<Secret> {
    let mut bytes = vec![0; len];
    crypto::random::fill(&mut bytes)?;
    Ok(Secret::new(bytes))
}

impl<'e> Room<'e> {
    pub(crate) fn new(engine: &'e Engine, open: &'e Open, at: At, pace: Pace) -> Self {
        let (view, used, has_read) = (engine.view(), Cell::default(), Cell::default());
        let (changes, made, allowances) = (Vec::new(), Vec::new(), Vec::new());
        let aftermath = Aftermath::Nothing;
        Self { engine, open, view, at, pace, used, has_read, changes, made, allowances, aftermath }
    }

    /// The same after changes that are to be committed together with those that are made in here.
    pub(crate) fn over(self, changes: &'e Changes) -> Self {
        Self { view: self.view.over(changes), ..self }
    }

    /// The moment of the request.
    pub(crate) fn at(&self) -> At {
        self.at
    }

    pub(crate) fn engine(&self) -> &'e Engine {
        self.engine
    }

    /// The versions of keys that were used.
    pub(crate) fn used(&self) -> Used {
        self.used.get()
    }

    /// Has the entry name a version as used.
    pub(crate) fn note_use(&self, version: &Version) {
        let mut used = self.used.get();
        used.note(version.material);
        self.used.set(used);
    }

    /// What is to be done about what happened in here.
    pub(crate) fn into_made(self) -> Made {
        let spent = self.allowances.into_iter().map(Allowance::spend).collect();
        Made { changes: self.changes, names: self.made, aftermath: self.aftermath, spent }
    }

    /// Has what was taken of a limit be used when this is done, and go back when it is not.
    pub(crate) fn note_allowance(&mut self, allowance: Allowance) {
        self.allowances.push(allowance);
    }

    fn keys(&self, account: AccountId) -> Result<Arc<AccountKeys>> {
        self.open.account(self.engine.store(), account)
    }

    // Keys.

    /// The key that `reference` names, unless it is destroyed.
    pub(crate) fn key(&self, reference: &KeyRef) -> Result<Arc<KeyObject>> {
        let key = self.object(reference)?;
        key.held()?;
        Ok(key)
    }

    /// The object that `reference` names, destroyed or not.
    pub(crate) fn object(&self, reference: &KeyRef) -> Result<Arc<KeyObject>> {
        let KeyRef { account, region, by } = reference;
        let id = match by {
            By::Id(id) => *id,
            By::Alias(alias) => {
                let alias =
                    AliasRef { account: *account, region: region.clone(), alias: alias.clone() };
                let missing = || Error::NotFound(Missing::Alias(alias.alias.clone()));
                self.alias_target(&alias)?.ok_or_else(missing)?
            }
        };
        self.object_named(&ObjectName { account: *account, region: region.clone(), id })
    }

    /// The key of this name, unless it is destroyed.
    pub(crate) fn key_named(&self, name: &ObjectName) -> Result<Arc<KeyObject>> {
        let key = self.object_named(name)?;
        key.held()?;
        Ok(key)
    }

    /// The object of this name, destroyed or not.
    pub(crate) fn object_named(&self, name: &ObjectName) -> Result<Arc<KeyObject>> {
        if self.is_changed(|| place::key(name))? {
            return self.read_key(name).map(Arc::new);
        }
        let now = self.at.monotonic_ms;
        let keys = &self.engine.caches().keys;
        keys.find_or_load(name, now, || self.unhurried().and_then(|()| self.read_key(name)))
    }

    /// Refuses what is too long for the pace, in bytes.
    pub(crate) fn unhurried_from(&self, len: usize) -> Result<()> {
        if len > limits::QUICK_LEN_MAX { self.unhurried() } else { Ok(()) }
    }

    /// Whether what stands at a place is not committed yet, and so is no cache's.
    fn is_changed(&self, place: impl FnOnce() -> Result<Place>) -> Result<bool> {
        Ok(self.view.has_changes() && self.view.change(&place()?).is_some())
    }

    /// Refuses what takes longer than the pace allows.
    pub(crate) fn unhurried(&self) -> Result<()> {
        match self.pace {
            Pace::Any => Ok(()),
            Pace::Quick => Err(Error::Conflict),
        }
    }

    /// What is asked for from now on has not been read.
    pub(crate) fn begin_look(&self) {
        self.has_read.set(false);
    }

    /// Goes the way to a key that is not there: on the pool, to the store once. Who is denied a key
    /// must not be answered sooner because it is there, and in the cache.
    pub(crate) fn look_in_vain(&self, reference: &KeyRef) -> Result<()> {
        self.unhurried()?;
        if self.has_read.get() {
            return Ok(());
        }
        let KeyRef { account, region, by } = reference.clone();
        let place = match by {
            By::Id(id) => place::key(&ObjectName { account, region, id })?,
            By::Alias(alias) => place::alias(&AliasRef { account, region, alias })?,
        };
        self.view.get(&place)?;
        Ok(())
    }

    fn read_key(&self, name: &ObjectName) -> Result<KeyObject> {
        let missing = || Error::NotFound(Missing::Key(name.clone()));
        self.has_read.set(true);
        if !self.open.has_account(self.engine.store(), name.account)? {
            return Err(missing());
        }
        let keys = self.keys(name.account)?;
        let place = place::key(name)?;
        let read: Read<KeyRecord> = self.open.read(self.view, &keys, &place)?;
        let record = read.value.ok_or_else(missing)?;
        let policy = self.policy(&record)?;
        Ok(KeyObject::new(record, read.revision, policy))
    }

    /// The policy of a record, read.
    fn policy(&self, record: &KeyRecord) -> Result<Arc<Document>> {
        let (policies, now) = (&self.engine.caches().policies, self.at.monotonic_ms);
        policies.find_or_load(record.policy.as_str(), now, || {
            (self.engine.language().key_policy)(&record.policy)
        })
    }

    /// The loaded material of a version that is used: opened once, and kept with the key in the
    /// cache.
    pub(crate) fn load<'k>(&self, key: &'k KeyObject, version: &Version) -> Result<&'k Loaded> {
        self.note_use(version);
        // Also of what is loaded: it may have expired since.
        let sealed = version.content.at(self.at).map_err(|obstacle| key.wrong_state(obstacle))?;
        let slot =
            key.loaded_slot(version.material).ok_or(Error::Internal("a version of another key"))?;
        if let Some(loaded) = slot.get() {
            return Ok(loaded);
        }
        self.unhurried()?;
        let name = key.name();
        let keys = self.keys(name.account)?;
        let held = key.held()?;
        let (spec, id) = (held.spec, version.material);
        let loaded = match held.kind {
            Kind::PublicKey => keys.load_public(name.account, spec, id, sealed),
            _ => keys.load(name.account, spec, id, sealed),
        }?;
        Ok(slot.get_or_init(|| loaded))
    }

    /// New material for a key of `account`.
    pub(crate) fn generate(
        &self,
        account: AccountId,
        spec: model::algorithm::KeySpec,
    ) -> Result<crypto::root::NewMaterial> {
        self.keys(account)?.generate(account, spec)
    }

    /// Writes a new key.
    pub(crate) fn create_key(&mut self, record: &KeyRecord) -> Result<()> {
        let place = place::key(record.name())?;
        self.made.push(record.name().arn());
        self.put_due(None, record)?;
        self.put(record.name().account, place, 0, record)
    }

    /// Replaces a key's record as it was admitted.
    pub(crate) fn replace_key(&mut self, admitted: &KeyObject, record: &KeyRecord) -> Result<()> {
        let place = place::key(admitted.name())?;
        self.put_due(Some(admitted.record()), record)?;
        self.put(admitted.name().account, place, admitted.revision(), record)
    }

    /// Notes what is to be done to a key and when, where its record says otherwise than before.
    fn put_due(&mut self, before: Option<&KeyRecord>, record: &KeyRecord) -> Result<()> {
        for due in Due::ALL {
            let dates = [before.and_then(|before| before.due(due)), record.due(due)];
            if dates[0] == dates[1] {
                continue;
            }
            for (date, is_due) in dates.into_iter().zip([false, true]) {
                let Some(date) = date else { continue };
                let place = place::due(due, date, record.name())?;
                let revision = self.view.get(&place)?.revision();
                if is_due {
                    self.put(record.name().account, place, revision, &Nothing)?;
                } else {
                    self.remove(place, revision);
                }
            }
        }
        Ok(())
    }

    /// Records of the keys of a region, after an id, in order of id.
    pub(crate) fn keys_after(
        &self,
        account: AccountId,
        region: &Region,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<KeyId>> {
        let prefix = place::keys(account, region);
        let records = self.scan(&prefix, after, limit)?;
        Ok(records.iter().filter_map(|record| place::key_id(&record.place, &prefix)).collect())
    }

    // Aliases.

    fn alias_target(&self, alias: &AliasRef) -> Result<Option<KeyId>> {
        if self.is_changed(|| place::alias(alias))? {
            return self.alias(alias).map(|read| read.value.map(|record| record.key));
        }
        let now = self.at.monotonic_ms;
        let load = || {
            self.unhurried()?;
            self.alias(alias).map(|read| read.value.map(|record| record.key))
        };
        self.engine.caches().aliases.find_or_load(alias, now, load).map(|target| *target)
    }

    /// An alias's record.
    pub(crate) fn alias(&self, alias: &AliasRef) -> Result<Read<AliasRecord>> {
        self.has_read.set(true);
        if !self.open.has_account(self.engine.store(), alias.account)? {
            return Ok(Read { value: None, revision: 0 });
        }
        let keys = self.keys(alias.account)?;
        self.open.read(self.view, &keys, &place::alias(alias)?)
    }

    /// Writes or removes an alias's record, which was read at `revision`.
    pub(crate) fn put_alias(
        &mut self,
        alias: &AliasRef,
        revision: u64,
        record: Option<&AliasRecord>,
    ) -> Result<()> {
        let place = place::alias(alias)?;
        match record {
            Some(record) => self.put(alias.account, place, revision, record),
            None => {
                self.remove(place, revision);
                Ok(())
            }
        }
    }

    /// The aliases of a region, after a name, in byte order.
    pub(crate) fn aliases_after(
        &self,
        account: AccountId,
        region: &Region,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(AliasRef, AliasRecord)>> {
        let prefix = place::aliases(account, region);
        let keys = self.keys(account)?;
        let records = self.scan(&prefix, after, limit)?;
        let named = records.iter().map(|record| {
            let alias = place::alias_name(&record.place, &prefix)
                .ok_or(Error::Internal("an alias at a wrong place"))?;
            let alias = AliasRef { account, region: region.clone(), alias };
            Ok((alias, open::unseal(&keys, record)?))
        });
        named.collect()
    }

    // Principals and access keys.

    /// A principal's record.
    pub(crate) fn principal(&self, name: &PrincipalName) -> Result<Read<PrincipalRecord>> {
        let keys = self.keys(name.account)?;
        self.open.read(self.view, &keys, &place::principal(name)?)
    }

    /// Writes or removes a principal's record, which was read at `revision`.
    pub(crate) fn put_principal(
        &mut self,
        name: &PrincipalName,
        revision: u64,
        record: Option<&PrincipalRecord>,
    ) -> Result<()> {
        let place = place::principal(name)?;
        match record {
            Some(record) => self.put(name.account, place, revision, record),
            None => {
                self.remove(place, revision);
                Ok(())
            }
        }
    }

    /// The users of an account, after a name, in byte order.
    pub(crate) fn users_after(
        &self,
        account: AccountId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, PrincipalRecord)>> {
        let prefix = place::users(account);
        let keys = self.keys(account)?;
        let records = self.scan(&prefix, after, limit)?;
        let named = records.iter().map(|record| {
            let name = place::user_name(&record.place, &prefix)
                .ok_or(Error::Internal("a principal at a wrong place"))?;
            Ok((name.to_owned(), open::unseal(&keys, record)?))
        });
        named.collect()
    }

    /// Makes an access key's record. The secret is returned once and kept sealed.
    pub(crate) fn create_access_key(
        &mut self,
        principal: &PrincipalName,
        id: &str,
        secret: &Secret,
    ) -> Result<()> {
        let system = self.open.system().clone();
        let guarded = crypto::secmem::Guarded::copy_of(secret.expose())?;
        let sealed = system.seal_secret(id.as_bytes(), &guarded)?;
        let record =
            AccessKeyRecord { principal: principal.clone(), created: self.at.wall, secret: sealed };
        self.made.push(id.to_owned());
        self.put(place::system_account()?, place::access_key(id)?, 0, &record)
    }

    /// An access key's record.
    pub(crate) fn access_key(&self, id: &str) -> Result<Read<AccessKeyRecord>> {
        self.open.read(self.view, self.open.system(), &place::access_key(id)?)
    }

    /// Removes an access key's record, which was read at `revision`.
    pub(crate) fn remove_access_key(&mut self, id: &str, revision: u64) -> Result<()> {
        self.remove(place::access_key(id)?, revision);
        Ok(())
    }

    // All of them.

    fn put<T: Canonical>(
        &mut self,
        account: AccountId,
        place: Place,
        expected: u64,
        record: &T,
    ) -> Result<()> {
        let expected = self.expected_in_all(&place, expected);
        let keys = self.keys(account)?;
        let plain = record.to_canonical();
        let sealed = keys.seal_record(place.as_bytes(), expected + 1, &plain)?;
        self.changes.push(Write { place, expected, value: Some(sealed) });
        Ok(())
    }

    /// The revision that the one write of a place must expect which does what is done here, on
    /// `expected`, and what was done to the place before and is not committed yet.
    fn expected_in_all(&self, place: &Place, expected: u64) -> u64 {
        match self.view.change(place) {
            Some(before) if before.expected + 1 == expected => before.expected,
            // What was not read as it was changed is a conflict with it.
            Some(_) | None => expected,
        }
    }

    fn remove(&mut self, place: Place, expected: u64) {
        let expected = self.expected_in_all(&place, expected);
        self.changes.push(Write { place, expected, value: None });
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<store::Record>> {
        let after = after
            .map(|after| Place::new(format!("{prefix}{after}")))
            .transpose()
            .map_err(|_| Error::Invalid(model::error::Invalid::Marker))?;
        Ok(self.view.scan(prefix.as_bytes(), after.as_ref(), limit)?)
    }
}

/// A record that says all it has to say by its place.
pub(crate) struct Nothing;

impl Canonical for Nothing {
    fn write(&self, to: &mut model::canon::Writer) {
        to.u8(1);
    }

    fn read(from: &mut model::canon::Reader<'_>) -> Result<Self, model::canon::Malformed> {
        if from.u8()? == 1 { Ok(Self) } else { Err(model::canon::Malformed) }
    }
}
