//! What stands under the root key, and how it comes to stand under the next one.

use std::sync::Arc;

use crypto::{root::RootKey, unseal::Source};
use model::{
    AccountId, Error, Result, Sealed,
    error::{Existing, Invalid, Missing},
};
use store::{BATCH_COUNT_MAX, Record, Write};

use super::{Aftermath, Room};
use crate::{
    open::Read,
    place,
    record::{OperatorRecord, RootRecord},
    source,
};

/// Most accounts whose keys one commit can put under another root key: beside them stand the
/// sources, and what belongs to the server.
const ACCOUNTS_MAX: usize = BATCH_COUNT_MAX - 128;

impl Room<'_> {
    /// The account whose principals may look after the server itself.
    pub(crate) fn operator(&self) -> AccountId {
        self.open.operator()
    }

    /// The version of the root key in use.
    pub(crate) fn root_version(&self) -> u32 {
        self.open.root().version()
    }

    /// Notes whose server this is.
    pub(crate) fn found_operator(&mut self, account: AccountId) -> Result<()> {
        let record = OperatorRecord { account };
        self.put(place::system_account()?, place::operator()?, 0, &record)
    }

    /// Adds a change that is sealed already, and not to a revision.
    pub(crate) fn write(&mut self, write: Write) {
        let expected = self.expected_in_all(&write.place, write.expected);
        self.changes.push(Write { expected, ..write });
    }

    /// Has the engine forget every key once this operation is recorded.
    pub(crate) fn seal_afterwards(&mut self) {
        self.aftermath = Aftermath::Seal;
    }

    /// Makes this change one of those that are under this root key, so that it is a conflict
    /// when the root key is replaced meanwhile.
    pub(crate) fn seal_under(&mut self, root: &RootKey) -> Result<()> {
        let Read { value, revision } = self.root_record()?;
        if value.is_some_and(|record| record.version != root.version()) {
            return Err(Error::Conflict);
        }
        self.put_root(root, revision)
    }

    fn root_record(&self) -> Result<Read<RootRecord>> {
        self.open.read(self.view, self.open.system(), &place::root()?)
    }

    fn put_root(&mut self, root: &RootKey, revision: u64) -> Result<()> {
        let record = RootRecord { version: root.version() };
        self.put(place::system_account()?, place::root()?, revision, &record)
    }

    /// Adds a way to the root key under a name of its own, which is made from the root key in use.
    ///
    /// # Errors
    ///
    /// [`Error::AlreadyExists`] when there is one of that name; [`Error::Invalid`] when the name
    /// is none or there are too many; whatever `make` answers.
    pub(crate) fn add_unseal_source<T>(
        &mut self,
        name: &str,
        make: impl FnOnce(&RootKey) -> Result<(Source, T)>,
    ) -> Result<T> {
        let slot = self.view.get(&source::place_of(name)?)?;
        let expected = slot.revision();
        if slot.record().is_some() {
            return Err(Error::AlreadyExists(Existing::UnsealSource(name.to_owned())));
        }
        if source::all(self.view)?.len() >= source::COUNT_MAX {
            return Err(Error::Invalid(Invalid::OutOfRange("the number of ways to unseal")));
        }
        let root = self.open.root();
        let (source, told) = make(&root)?;
        self.seal_under(&root)?;
        self.write(source::write(name, &source, expected)?);
        self.made.push(name.to_owned());
        Ok(told)
    }

    /// Removes a way to the root key, of which one must stay.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is none of that name; [`Error::Invalid`] when it is the
    /// last.
    pub(crate) fn remove_unseal_source(&mut self, name: &str) -> Result<()> {
        let sources = source::all(self.view)?;
        let missing = || Error::NotFound(Missing::UnsealSource(name.to_owned()));
        let named = sources.iter().find(|named| named.name == name).ok_or_else(missing)?;
        if sources.len() == 1 {
            let what = "the number of ways to unseal, of which one must stay,";
            return Err(Error::Invalid(Invalid::OutOfRange(what)));
        }
        self.seal_under(&self.open.root())?;
        let place = source::place_of(name)?;
        self.remove(place, named.revision);
        self.made.push(name.to_owned());
        Ok(())
    }

    /// Puts everything that is under the root key under a new one, and says its version. All of
    /// it is one commit: after a crash it is either all under the one or all under the other.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] when the root key is being replaced already; [`Error::Invalid`] when
    /// there are more accounts than fit in one commit.
    pub(crate) fn replace_root(&mut self) -> Result<u32> {
        let old = self.open.root();
        let Read { value, revision } = self.root_record()?;
        if value.is_none_or(|record| record.version != old.version()) {
            return Err(Error::Conflict);
        }
        match self.put_under_successor(&old, revision) {
            // What another replacement put under its root key meanwhile, this one cannot open.
            Err(_) if self.root_record()?.revision != revision => Err(Error::Conflict),
            outcome => outcome,
        }
    }

    /// Everything that is under `old` put under its successor. `revision` is the root record's.
    fn put_under_successor(&mut self, old: &RootKey, revision: u64) -> Result<u32> {
        let new = Arc::new(old.successor()?);
        self.put_root(&new, revision)?;
        self.rewrap_accounts(old, &new)?;
        let log_key = |sealed: &Sealed| new.seal_log_key(&old.open_log_key(sealed)?);
        self.rewrap_record(place::log_key()?, log_key)?;
        let authority_key =
            |sealed: &Sealed| new.seal_certificate_key(&old.open_certificate_key(sealed)?);
        self.rewrap_record(place::authority_key()?, authority_key)?;
        for source::Named { name, source, revision } in source::all(self.view)? {
            let source = source.rewrap(old, &new)?;
            self.write(source::write(&name, &source, revision)?);
            self.made.push(name);
        }
        let version = new.version();
        self.made.push(format!("root-key/{version}"));
        self.aftermath = Aftermath::Adopt(new);
        Ok(version)
    }

    fn rewrap_accounts(&mut self, old: &RootKey, new: &RootKey) -> Result<()> {
        let accounts = self.view.scan(place::ACCOUNT_KEYS, None, ACCOUNTS_MAX + 1)?;
        if accounts.len() > ACCOUNTS_MAX {
            return Err(Error::Invalid(Invalid::OutOfRange("the number of accounts")));
        }
        for Record { place, revision, value } in accounts {
            let account = place::account(&place).ok_or(Error::Internal("keys of no account"))?;
            let sealed = old.rewrap_account(new, account, &value)?;
            self.write(Write { place, expected: revision, value: Some(sealed) });
        }
        Ok(())
    }

    fn rewrap_record(
        &mut self,
        place: store::Place,
        rewrap: impl FnOnce(&Sealed) -> Result<Sealed>,
    ) -> Result<()> {
        let record = self.view.get(&place)?.record();
        let record = record.ok_or(Error::Internal("the store was never initialised"))?;
        let value = Some(rewrap(&record.value)?);
        self.write(Write { place, expected: record.revision, value });
        Ok(())
    }
}
