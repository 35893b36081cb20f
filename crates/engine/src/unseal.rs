//! From sealed to unsealed and back: the root key comes in, opens the log and is kept in secret
//! memory; or everything is forgotten.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, PoisonError, atomic::AtomicU64, atomic::Ordering::Relaxed},
    time::Duration,
};

use audit::{Log, Recovered, Synced};
use crypto::{
    certificate_key::CertificateKey,
    root::{AccountKeys, RootKey},
    unseal::Source,
};
use model::{Error, Result, error::Unavailable};
use store::Store;

use crate::{
    Engine,
    call::outbox_place,
    open::{self, Open},
    place,
    record::OperatorRecord,
    source,
};

/// How long sealing waits for the operations that are running: none takes as long.
const RUNNING_MAX: Duration = Duration::from_secs(30);

impl Engine {
    /// The ways to the root key, by name.
    pub fn unseal_sources(&self) -> Result<Vec<(String, Source)>> {
        let sources = source::all(self.view())?;
        Ok(sources.into_iter().map(|named| (named.name, named.source)).collect())
    }

    /// Whether the store was ever initialised.
    pub fn is_initialised(&self) -> Result<bool> {
        Ok(self.store().get(&place::log_key()?)?.record().is_some())
    }

    /// Unseals with the root key, and records nothing of it: [`Engine::offer`] does. Entries of
    /// changes that a crash kept out of the log are appended to it first.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`] when the root key is not this store's, or the store is older than the
    /// log; [`Error::Unavailable`] when the log cannot be opened.
    pub fn unseal(&self, root: RootKey) -> Result<()> {
        let log_key = self.system_record(place::log_key()?)?;
        let system = self.system_record(place::account_keys(place::system_account()?)?)?;
        let system = root.open_account(place::system_account()?, &system.value)?;
        let operator = self.system_record(place::operator()?)?;
        let OperatorRecord { account } = open::unseal(&system, &operator)?;
        let log_key = root.open_log_key(&log_key.value)?;
        let (log, recovered) = self.open_log(log_key)?;
        self.refuse_older_store(&system, recovered.next_index)?;
        let told = self.replay_outbox(&system, &log, &recovered)?;
        self.install(Open::new(root, system, account, log), Some(told));
        Ok(())
    }

    /// Forgets every key. What is asked from now on is refused as [`Error::Sealed`]; operations
    /// that are running end first, then their keys are wiped and the log is closed.
    pub fn seal(&self) {
        let attempt = || self.attempt.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody unseals before the log is closed.
        attempt().begin_sealing();
        self.close();
        attempt().end_sealing();
    }

    pub(crate) fn close(&self) {
        let open = self.open.swap(None);
        self.caches().clear();
        self.streams().clear();
        let Some(open) = open else { return };
        let (log, gone) = (open.shared_log(), open.gone());
        drop(open);
        gone.wait(RUNNING_MAX);
        // Here and not on a thread of its own or of the store, which it would wait for.
        drop(log);
        // What the last operations put there.
        self.caches().clear();
        self.streams().clear();
    }

    /// The key of the authority that vouches for the server's certificate.
    pub fn authority_key(&self) -> Result<CertificateKey> {
        let open = self.opened()?;
        let root = open.root();
        root.open_certificate_key(&self.system_record(place::authority_key()?)?.value)
    }

    /// What verifies the audit log's checkpoints: its name and its public key.
    pub fn log_verifier(&self) -> Result<audit::VerifierKey> {
        Ok(self.opened()?.log().verifier().clone())
    }

    /// How far the audit log is.
    pub fn log_status(&self) -> Result<audit::Status> {
        Ok(self.opened()?.log().status())
    }

    /// What the cache of keys has done, by metric name.
    pub fn key_cache_counters(&self) -> [(&'static str, u64); 4] {
        let keys = &self.caches().keys;
        let counters = keys.counters();
        let value = |counter: &AtomicU64| counter.load(Relaxed);
        [
            ("strongroom_key_cache_hits_total", keys.hits()),
            ("strongroom_key_cache_loads_total", value(&counters.loads)),
            ("strongroom_key_cache_evictions_total", value(&counters.evictions)),
            ("strongroom_key_cache_forgotten_total", value(&counters.forgotten)),
        ]
    }

    fn system_record(&self, place: store::Place) -> Result<store::Record> {
        let record = self.store().get(&place)?.record();
        record.ok_or(Error::Internal("the store was never initialised"))
    }

    fn open_log(&self, key: crypto::log_key::LogKey) -> Result<(Log, Recovered)> {
        let options = audit::Options::default();
        Log::open(&self.log_dir, key, &self.log_origin, options).map_err(unavailable)
    }

    /// Appends the entries of changes that a crash kept out of the log, and says which the log
    /// had already.
    fn replay_outbox(
        &self,
        system: &AccountKeys,
        log: &Log,
        recovered: &Recovered,
    ) -> Result<Synced> {
        let (known, unknown): (Vec<_>, Vec<_>) = self
            .store()
            .outbox()?
            .into_iter()
            .partition(|waiting| recovered.recent_ids.contains(&waiting.id));
        for waiting in unknown {
            let leaf = system.open_record(&outbox_place(&waiting.id), 1, &waiting.sealed)?;
            log.append_change(&leaf).map_err(unavailable)?;
        }
        let changes: Vec<_> = known.into_iter().map(|waiting| waiting.id).collect();
        Ok(Synced { through: recovered.next_index, changes })
    }

    /// `told` are the entries that stand in the log already and may stand in the outbox still.
    pub(crate) fn install(&self, open: Open, told: Option<Synced>) {
        let open = Arc::new(open);
        let told: VecDeque<_> = told.into_iter().collect();
        told.iter().for_each(|synced| self.store.settle(&synced.changes));
        let mut settler = Settler { store: self.store.clone(), told };
        let log = Arc::downgrade(&open);
        open.log().on_synced(move |synced| {
            if let Some(through) = settler.settle(synced)
                && let Some(open) = log.upgrade()
            {
                open.log().settled_through(through);
            }
        });
        self.open.store(Some(open));
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.close();
    }
}

/// Removes synced entries from the store's outbox, and says how far they are gone for certain.
struct Settler {
    store: Arc<dyn Store>,
    told: VecDeque<Synced>,
}

impl Settler {
    fn settle(&mut self, synced: Synced) -> Option<u64> {
        if !synced.changes.is_empty() {
            self.store.settle(&synced.changes);
        }
        self.told.push_back(synced);
        // The store forgets soon, not at once: what still stands in the outbox is not gone.
        let standing: HashSet<_> = self.store.outbox().ok()?.into_iter().map(|e| e.id).collect();
        let mut through = None;
        while let Some(first) = self.told.front() {
            if first.changes.iter().any(|id| standing.contains(id)) {
                break;
            }
            through = self.told.pop_front().map(|synced| synced.through);
        }
        through
    }
}

fn unavailable(_failure: audit::Failure) -> Error {
    Error::Unavailable(Unavailable::Audit)
}
