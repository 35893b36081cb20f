//! Objects with their labels: what is found by a label is found by records beside the object's,
//! written in the same commit. They are hints: the object's own record says which labels it has.

use crypto::{NewMaterial, secmem::Guarded};
use model::{
    AccountId, Error, Key, KeyId, MaterialId, ObjectName, Region, Result, Sealed,
    algorithm::Spec,
    canon::{Canonical, Malformed, Reader, Writer},
    error::{Existing, Limit},
    key::{HeldKey, Version},
    limits,
    object::{DIGEST_HASH, Label},
};

use super::{Nothing, Room};
use crate::{object::KeyObject, open, place, record::KeyRecord};

/// How many objects are read at a time.
const PAGE: usize = 256;

/// How much is set aside of what a key may protect.
#[derive(Default)]
pub(crate) struct SetAside(pub(crate) u64);

impl Canonical for SetAside {
    fn write(&self, to: &mut Writer) {
        to.u8(1);
        to.u64(self.0);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        if from.u8()? == 1 { Ok(Self(from.u64()?)) } else { Err(Malformed) }
    }
}

/// Which object has a name.
struct Naming(KeyId);

impl Canonical for Naming {
    fn write(&self, to: &mut Writer) {
        to.u8(1);
        to.fixed(&self.0.0);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        if from.u8()? == 1 { Ok(Self(KeyId(from.array()?))) } else { Err(Malformed) }
    }
}

impl Room<'_> {
    /// Writes a new object.
    pub(crate) fn create_object(&mut self, record: &KeyRecord) -> Result<()> {
        self.check(record)?;
        self.create_key(record)?;
        let name = record.name().clone();
        for label in &record.attributes.labels {
            self.put_label(&name, label, true)?;
        }
        Ok(())
    }

    /// A new object that is used before it is written.
    pub(crate) fn unwritten(&self, record: KeyRecord) -> Result<KeyObject> {
        let policy = self.policy(&record)?;
        Ok(KeyObject::new(record, 0, policy))
    }

    /// Replaces an object's record as it was admitted, and notes when it was changed. A destroyed
    /// object keeps its labels and is not found by them.
    pub(crate) fn replace_object(
        &mut self,
        admitted: &KeyObject,
        mut record: KeyRecord,
    ) -> Result<KeyRecord> {
        self.check(&record)?;
        record.attributes.last_change = self.at().wall;
        let found_by = |record: &KeyRecord| match record.key {
            Key::Held(_) => record.attributes.labels.clone(),
            Key::Destroyed(_) => Vec::new(),
        };
        let (old, new) = (found_by(admitted.record()), found_by(&record));
        let name = admitted.name().clone();
        let has = |labels: &[Label], label: &Label| {
            labels.iter().any(|it| it.name == label.name && it.value == label.value)
        };
        for label in old.iter().filter(|label| !has(&new, label)) {
            self.put_label(&name, label, false)?;
        }
        for label in new.iter().filter(|label| !has(&old, label)) {
            self.put_label(&name, label, true)?;
        }
        self.replace_key(admitted, &record)?;
        Ok(record)
    }

    /// Replaces an object's record without that being a change of the object: its labels stay.
    pub(crate) fn replace_object_unchanged(
        &mut self,
        admitted: &KeyObject,
        record: &KeyRecord,
    ) -> Result<()> {
        self.replace_key(admitted, record)
    }

    /// Whether there is or was an object of this name.
    pub(crate) fn is_taken(&self, name: &ObjectName) -> Result<bool> {
        Ok(self.view.get(&place::key(name)?)?.revision() != 0)
    }

    /// How much is set aside of what an object may protect.
    pub(crate) fn units_set_aside(&self, name: &ObjectName) -> Result<open::Read<SetAside>> {
        let keys = self.keys(name.account)?;
        self.open.read(self.view, &keys, &place::usage(name)?)
    }

    /// Sets more of it aside.
    pub(crate) fn set_units_aside(&mut self, name: &ObjectName, units: u64) -> Result<()> {
        let before = self.units_set_aside(name)?;
        let all = before.value.unwrap_or_default().0.saturating_add(units);
        self.put(name.account, place::usage(name)?, before.revision, &SetAside(all))
    }

    /// Counts what an object protects from zero. That is written even if nothing was counted, so
    /// that what is set aside meanwhile is a conflict.
    pub(crate) fn restart_usage(&mut self, name: &ObjectName) -> Result<()> {
        let before = self.units_set_aside(name)?;
        self.put(name.account, place::usage(name)?, before.revision, &SetAside(0))
    }

    /// Has the entry name an object that was come upon, and is changed or used.
    pub(crate) fn note_change(&mut self, object: &KeyObject) {
        self.made.push(object.arn().to_owned());
    }

    /// Random bytes as new material.
    pub(crate) fn generate_raw(
        &self,
        account: AccountId,
        spec: Spec,
        len: usize,
    ) -> Result<NewMaterial> {
        self.keys(account)?.generate_raw(account, spec, len)
    }

    /// Material that was made elsewhere.
    pub(crate) fn import(
        &self,
        account: AccountId,
        spec: Spec,
        bytes: &[u8],
    ) -> Result<NewMaterial> {
        self.keep(account, spec, &Guarded::copy_of(bytes)?)
    }

    /// Material that was made of other material.
    pub(crate) fn keep(
        &self,
        account: AccountId,
        spec: Spec,
        plain: &Guarded,
    ) -> Result<NewMaterial> {
        self.keys(account)?.import(account, spec, plain)
    }

    /// The public half of a pair as material of its own.
    pub(crate) fn import_public(
        &self,
        account: AccountId,
        spec: Spec,
        spki: &[u8],
    ) -> Result<NewMaterial> {
        self.keys(account)?.import_public(account, spec, spki)
    }

    /// The material of a version in the clear, in secret memory.
    pub(crate) fn open_material(&self, object: &KeyObject, version: &Version) -> Result<Guarded> {
        let spec = object.held()?.spec;
        let sealed = version.content.at(self.at()).map_err(|it| object.wrong_state(it))?;
        self.opened(object.name().account, spec, version.material, sealed)
    }

    /// The same of material that is no object's yet.
    pub(crate) fn opened(
        &self,
        account: AccountId,
        spec: Spec,
        material: MaterialId,
        sealed: &Sealed,
    ) -> Result<Guarded> {
        self.keys(account)?.open_material(account, spec, material, sealed)
    }

    /// The digest of new material.
    pub(crate) fn digest_of(
        &self,
        account: AccountId,
        spec: Spec,
        made: &NewMaterial,
    ) -> Result<Vec<u8>> {
        let plain = self.opened(account, spec, made.material, &made.sealed)?;
        Ok(crypto::digest::digest(DIGEST_HASH, plain.expose()))
    }

    /// The digest of a version's material.
    pub(crate) fn digest_of_version(&self, held: &HeldKey, version: &Version) -> Result<Vec<u8>> {
        let key = || held.name.clone();
        let wrong = |obstacle| Error::WrongState { key: key(), obstacle };
        let sealed = version.content.at(self.at()).map_err(wrong)?;
        let plain = self.opened(held.name.account, held.spec, version.material, sealed)?;
        Ok(crypto::digest::digest(DIGEST_HASH, plain.expose()))
    }

    fn put_label(&mut self, name: &ObjectName, label: &Label, is_there: bool) -> Result<()> {
        let index = self.label_index(name.account, &label.name, &label.value)?;
        if label.is_unique() {
            return self.put_naming(name, &index, is_there);
        }
        let place = place::label(name, &index)?;
        if self.changes.iter().any(|change| change.place == place) {
            return Ok(());
        }
        let revision = self.view.get(&place)?.revision();
        if is_there {
            self.put(name.account, place, revision, &Nothing)
        } else {
            self.remove(place, revision);
            Ok(())
        }
    }

    fn put_naming(&mut self, name: &ObjectName, index: &str, is_there: bool) -> Result<()> {
        let place = place::naming(name.account, &name.region, index)?;
        let keys = self.keys(name.account)?;
        let read: open::Read<Naming> = self.open.read(self.view, &keys, &place)?;
        // A name that passes from one object to another in one change is given up first.
        let changed = self.changes.iter().position(|change| change.place == place);
        match (is_there, changed) {
            (true, Some(at)) if self.changes[at].value.is_none() => {
                self.changes.remove(at);
                self.put(name.account, place, read.revision, &Naming(name.id))
            }
            (true, None) if read.value.is_none() => {
                self.put(name.account, place, read.revision, &Naming(name.id))
            }
            (true, _) => Err(Error::AlreadyExists(Existing::ObjectLabel)),
            (false, _) => {
                self.remove(place, read.revision);
                Ok(())
            }
        }
    }

    /// What a label is found by.
    fn label_index(&self, account: AccountId, name: &str, value: &[u8]) -> Result<String> {
        let mut of = Writer::default();
        of.text(name);
        of.bytes(value);
        let code = self.keys(account)?.index(of.as_bytes())?;
        Ok(code[..16].iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The objects of a region that have a label, as hints.
    pub(crate) fn labelled(
        &self,
        account: AccountId,
        region: &Region,
        label: &Label,
    ) -> Result<Vec<KeyId>> {
        let index = self.label_index(account, &label.name, &label.value)?;
        if label.is_unique() {
            let keys = self.keys(account)?;
            let place = place::naming(account, region, &index)?;
            let read: open::Read<Naming> = self.open.read(self.view, &keys, &place)?;
            return Ok(read.value.map(|naming| naming.0).into_iter().collect());
        }
        let prefix = place::labels(account, region, &index);
        let mut ids: Vec<KeyId> = Vec::new();
        loop {
            let after = ids.last().map(KeyId::to_string);
            let page = self.scan(&prefix, after.as_deref(), PAGE)?;
            let found = page.iter().filter_map(|record| place::key_id(&record.place, &prefix));
            ids.extend(found);
            if page.len() < PAGE {
                return Ok(ids);
            }
        }
    }

    /// Shows `look` every object of a region, destroyed ones too, and none of them to the cache.
    pub(crate) fn each_object(
        &self,
        account: AccountId,
        region: &Region,
        mut look: impl FnMut(KeyObject) -> Result<()>,
    ) -> Result<()> {
        let prefix = place::keys(account, region);
        let keys = self.keys(account)?;
        let mut after: Option<String> = None;
        loop {
            let page = self.scan(&prefix, after.as_deref(), PAGE)?;
            for row in &page {
                let record: KeyRecord = open::unseal(&keys, row)?;
                let policy = self.policy(&record)?;
                look(KeyObject::new(record, row.revision, policy))?;
            }
            after = page
                .last()
                .and_then(|row| place::key_id(&row.place, &prefix))
                .map(|id| id.to_string());
            if page.len() < PAGE || after.is_none() {
                return Ok(());
            }
        }
    }

    /// Whether a record's labels and links are within their bounds, and its policy is one.
    fn check(&self, record: &KeyRecord) -> Result<()> {
        let attributes = &record.attributes;
        let long = |label: &Label| {
            label.name.len() > limits::LABEL_LEN_MAX || label.value.len() > limits::LABEL_LEN_MAX
        };
        let many = attributes.labels.len() + attributes.links.len() > limits::LABELS_MAX;
        if many || attributes.labels.iter().any(long) {
            return Err(Error::TooMany(Limit::Labels));
        }
        if record.policy.len() > limits::POLICY_LEN_MAX {
            return Err(Error::TooMany(Limit::PolicyLength));
        }
        self.policy(record).map(drop)
    }
}
