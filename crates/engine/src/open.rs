//! What an unsealed engine holds, and a sealed one does not: the root key, the accounts' keys,
//! and the audit log, whose checkpoints need a key of their own.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use audit::Log;
use crypto::root::{AccountKeys, RootKey};
use model::{AccountId, Error, Result, canon::Canonical};
use store::{Place, Store};

use crate::place;

/// See the module's page. Dropping it wipes every key in it.
pub(crate) struct Open {
    root: RootKey,
    accounts: RwLock<HashMap<AccountId, Arc<AccountKeys>>>,
    system: Arc<AccountKeys>,
    log: Log,
}

/// A record and the revision that a change of its place must expect.
pub(crate) struct Read<T> {
    pub(crate) value: Option<T>,
    pub(crate) revision: u64,
}

impl Open {
    pub(crate) fn new(root: RootKey, system: AccountKeys, log: Log) -> Self {
        Self { root, accounts: RwLock::default(), system: Arc::new(system), log }
    }

    pub(crate) fn root(&self) -> &RootKey {
        &self.root
    }

    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    /// The keys of what belongs to no tenant.
    pub(crate) fn system(&self) -> &Arc<AccountKeys> {
        &self.system
    }

    /// An account's keys.
    pub(crate) fn account(
        &self,
        store: &dyn Store,
        account: AccountId,
    ) -> Result<Arc<AccountKeys>> {
        if account == place::system_account()? {
            return Ok(self.system.clone());
        }
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(keys) = accounts.get(&account) {
            return Ok(keys.clone());
        }
        drop(accounts);
        let slot = store.get(&place::account_keys(account)?)?;
        let Some(record) = slot.record() else {
            return Err(Error::Internal("an account without keys"));
        };
        let keys = Arc::new(self.root.open_account(account, &record.value)?);
        let mut accounts = self.accounts.write().unwrap_or_else(PoisonError::into_inner);
        Ok(accounts.entry(account).or_insert(keys).clone())
    }

    /// Whether there is such an account.
    pub(crate) fn has_account(&self, store: &dyn Store, account: AccountId) -> Result<bool> {
        Ok(store.get(&place::account_keys(account)?)?.record().is_some())
    }

    /// Reads what stands at `place`, checking its seal against its place and revision.
    pub(crate) fn read<T: Canonical>(
        &self,
        store: &dyn Store,
        keys: &AccountKeys,
        place: &Place,
    ) -> Result<Read<T>> {
        let slot = store.get(place)?;
        let revision = slot.revision();
        let value = slot.record().map(|record| unseal(keys, &record)).transpose()?;
        Ok(Read { value, revision })
    }
}

/// Opens a record that was read.
pub(crate) fn unseal<T: Canonical>(keys: &AccountKeys, record: &store::Record) -> Result<T> {
    let plain = keys.open_record(record.place.as_bytes(), record.revision, &record.value)?;
    T::from_canonical(&plain).map_err(|_| Error::Internal("a record is malformed"))
}
