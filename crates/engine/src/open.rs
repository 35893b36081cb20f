//! What an unsealed engine holds, and a sealed one does not: the root key, the accounts' keys,
//! and the audit log, whose checkpoints need a key of their own.

use std::{
    collections::HashMap,
    sync::{Arc, Condvar, Mutex, PoisonError, RwLock},
    time::Duration,
};

use audit::Log;
use crypto::root::{AccountKeys, RootKey};
use model::{AccountId, Error, Result, Sealed, canon::Canonical};
use store::{Place, Store};

use crate::{place, view::View};

/// See the module's page. Dropping it wipes every key in it.
pub(crate) struct Open {
    roots: RwLock<Roots>,
    accounts: RwLock<HashMap<AccountId, Arc<AccountKeys>>>,
    system: Arc<AccountKeys>,
    operator: AccountId,
    log: Arc<Log>,
    /// The last member: it tells when all others are gone.
    departure: Departure,
}

/// The root key, and those that are about to take its place: from before the commit that puts
/// everything under one of them until it is the root key, a record may be under either.
struct Roots {
    current: Arc<RootKey>,
    candidates: Vec<Arc<RootKey>>,
}

impl Roots {
    fn open_account(&self, account: AccountId, sealed: &Sealed) -> Result<AccountKeys> {
        let opened = self.current.open_account(account, sealed);
        self.candidates.iter().fold(opened, |opened, root| {
            opened.or_else(|failure| root.open_account(account, sealed).map_err(|_| failure))
        })
    }
}

/// Tells that an [`Open`] is gone, with every operation that was running on it.
#[derive(Default)]
pub(crate) struct Gone {
    gone: Mutex<bool>,
    told: Condvar,
}

impl Gone {
    /// Waits for it, but not longer than this.
    pub(crate) fn wait(&self, at_most: Duration) {
        let gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
        // Whether it came or the time ran out, there is nothing more to wait for.
        let _ = self.told.wait_timeout_while(gone, at_most, |gone| !*gone);
    }
}

/// Its end is the end of what holds it.
#[derive(Default)]
struct Departure(Arc<Gone>);

impl Drop for Departure {
    fn drop(&mut self) {
        *self.0.gone.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.told.notify_all();
    }
}

/// A record and the revision that a change of its place must expect.
pub(crate) struct Read<T> {
    pub(crate) value: Option<T>,
    pub(crate) revision: u64,
}

impl Open {
    pub(crate) fn new(root: RootKey, system: AccountKeys, operator: AccountId, log: Log) -> Self {
        Self {
            roots: RwLock::new(Roots { current: Arc::new(root), candidates: Vec::new() }),
            accounts: RwLock::default(),
            system: Arc::new(system),
            operator,
            log: Arc::new(log),
            departure: Departure::default(),
        }
    }

    /// The same with the keys of an account that the store does not have yet.
    pub(crate) fn with_account(self, account: AccountId, keys: AccountKeys) -> Self {
        let accounts = RwLock::new(HashMap::from([(account, Arc::new(keys))]));
        Self { accounts, ..self }
    }

    pub(crate) fn root(&self) -> Arc<RootKey> {
        self.roots.read().unwrap_or_else(PoisonError::into_inner).current.clone()
    }

    /// Expects that a root key takes the place of the one in use.
    pub(crate) fn expect_root(&self, root: Arc<RootKey>) {
        self.roots.write().unwrap_or_else(PoisonError::into_inner).candidates.push(root);
    }

    /// The commit that puts everything under an expected root key was made, or was not.
    pub(crate) fn settle_root(&self, root: Arc<RootKey>, made: bool) {
        let mut roots = self.roots.write().unwrap_or_else(PoisonError::into_inner);
        if made {
            *roots = Roots { current: root, candidates: Vec::new() };
        } else {
            roots.candidates.retain(|candidate| !Arc::ptr_eq(candidate, &root));
        }
    }

    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    /// The log, for whoever closes it.
    pub(crate) fn shared_log(&self) -> Arc<Log> {
        self.log.clone()
    }

    /// What tells that this is gone.
    pub(crate) fn gone(&self) -> Arc<Gone> {
        self.departure.0.clone()
    }

    /// The keys of what belongs to no tenant.
    pub(crate) fn system(&self) -> &Arc<AccountKeys> {
        &self.system
    }

    /// The account whose principals may look after the server itself.
    pub(crate) fn operator(&self) -> AccountId {
        self.operator
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
        // Held while the record is read, so that it is under one of these root keys.
        let roots = self.roots.read().unwrap_or_else(PoisonError::into_inner);
        let slot = store.get(&place::account_keys(account)?)?;
        let Some(record) = slot.record() else {
            return Err(Error::Internal("an account without keys"));
        };
        let keys = Arc::new(roots.open_account(account, &record.value)?);
        drop(roots);
        let mut accounts = self.accounts.write().unwrap_or_else(PoisonError::into_inner);
        Ok(accounts.entry(account).or_insert(keys).clone())
    }

    /// Whether there is such an account.
    pub(crate) fn has_account(&self, store: &dyn Store, account: AccountId) -> Result<bool> {
        // One whose keys were opened was there, and accounts stay.
        if self.accounts.read().unwrap_or_else(PoisonError::into_inner).contains_key(&account) {
            return Ok(true);
        }
        Ok(store.get(&place::account_keys(account)?)?.record().is_some())
    }

    /// Reads what stands at `place`, checking its seal against its place and revision.
    pub(crate) fn read<T: Canonical>(
        &self,
        view: View<'_>,
        keys: &AccountKeys,
        place: &Place,
    ) -> Result<Read<T>> {
        let slot = view.get(place)?;
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
