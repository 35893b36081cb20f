//! From sealed to unsealed and back: the root key comes in, opens the log and is kept in secret
//! memory; or everything is forgotten.

use std::{
    collections::{HashSet, VecDeque},
    sync::{
        Arc, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use audit::{Log, Outcome, Recovered, Synced};
use crypto::{
    certificate_key::CertificateKey,
    root::{AccountKeys, RootKey},
    unseal::Source,
};
use model::{
    Action, At, Error, Result, Sealed,
    canon::Canonical,
    error::{Invalid, Unavailable},
};
use store::{Store, Write};

use crate::{Engine, call::outbox_place, entry, open::Open, pending::Pending, place};

/// Longest name of an unseal source.
const SOURCE_NAME_LEN_MAX: usize = 64;

impl Engine {
    /// The ways to the root key, by name.
    pub fn unseal_sources(&self) -> Result<Vec<(String, Source)>> {
        let records = self.store().scan(place::UNSEAL_SOURCES, None, 64)?;
        let sources = records.iter().map(|record| {
            let name = record.place.as_bytes().strip_prefix(place::UNSEAL_SOURCES);
            let name = name.and_then(|name| str::from_utf8(name).ok()).unwrap_or_default();
            let source = Source::from_canonical(record.value.as_bytes())
                .map_err(|_| Error::Internal("an unseal source is malformed"))?;
            Ok((name.to_owned(), source))
        });
        sources.collect()
    }

    /// Adds a way to the root key, while unsealed, under a name of its own.
    ///
    /// # Errors
    ///
    /// [`Error::Sealed`]; [`Error::Invalid`] when the name is not 1 to 64 lower-case letters,
    /// digits and hyphens; [`Error::WrongKey`] when the source holds another root key than the
    /// one in use; [`Error::Conflict`] when there is a source of that name: it is not replaced.
    pub fn add_unseal_source(&self, name: &str, source: &Source, at: At) -> Result<()> {
        let open = self.opened()?;
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=SOURCE_NAME_LEN_MAX).contains(&name.len()) || !name.bytes().all(fits) {
            return Err(Error::Invalid(Invalid::OutOfRange("the name of an unseal source")));
        }
        // A source proves that it is of this root key by what it keeps under it.
        match source.rewrap(open.root(), open.root()) {
            Ok(_) => {}
            Err(Error::Internal(_)) => return Err(Error::WrongKey),
            Err(error) => return Err(error),
        }
        let value = Sealed::assertion(source.to_canonical());
        let change = Write { place: place::unseal_source(name)?, expected: 0, value: Some(value) };
        let entry = entry::of_call(
            &self.system_caller(place::system_account()?)?,
            at,
            Action::AddUnsealSource,
            vec![name.to_owned()],
            None,
            Outcome::Allowed,
        )?;
        Pending::new((), self.commit(&open, vec![change], &entry)?).wait()
    }

    /// Whether the store was ever initialised.
    pub fn is_initialised(&self) -> Result<bool> {
        Ok(self.store().get(&place::log_key()?)?.record().is_some())
    }

    /// Unseals with the root key. Entries of changes that a crash kept out of the log are
    /// appended to it first.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`] when the root key is not this store's; [`Error::Unavailable`] when the
    /// log cannot be opened.
    pub fn unseal(&self, root: RootKey) -> Result<()> {
        let log_key = self.system_record(place::log_key()?)?;
        let system = self.system_record(place::account_keys(place::system_account()?)?)?;
        let system = root.open_account(place::system_account()?, &system)?;
        let log_key = root.open_log_key(&log_key)?;
        let (log, recovered) = self.open_log(log_key)?;
        let told = self.replay_outbox(&system, &log, &recovered)?;
        self.install(Open::new(root, system, log), Some(told));
        Ok(())
    }

    /// Forgets every key. Requests that are running end first in their own time.
    pub fn seal(&self) {
        *self.open.write().unwrap_or_else(PoisonError::into_inner) = None;
        self.caches().clear();
    }

    /// Seals the key of a TLS certificate under the root key, for keeping in a file.
    pub fn seal_certificate_key(&self, key: &CertificateKey) -> Result<Sealed> {
        self.opened()?.root().seal_certificate_key(key)
    }

    /// Opens what [`Engine::seal_certificate_key`] sealed.
    pub fn open_certificate_key(&self, sealed: &Sealed) -> Result<CertificateKey> {
        self.opened()?.root().open_certificate_key(sealed)
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
        let counters = self.caches().keys.counters();
        let value = |counter: &AtomicU64| counter.load(Relaxed);
        [
            ("strongroom_key_cache_hits_total", value(&counters.hits)),
            ("strongroom_key_cache_loads_total", value(&counters.loads)),
            ("strongroom_key_cache_evictions_total", value(&counters.evictions)),
            ("strongroom_key_cache_forgotten_total", value(&counters.forgotten)),
        ]
    }

    fn system_record(&self, place: store::Place) -> Result<Sealed> {
        let record = self.store().get(&place)?.record();
        Ok(record.ok_or(Error::Internal("the store was never initialised"))?.value)
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
        *self.open.write().unwrap_or_else(PoisonError::into_inner) = Some(open);
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

#[cfg(test)]
mod tests {
    use model::{Secret, Wall, time::Trust};

    use super::*;
    use crate::{Bounds, Durability, Founding, Parts, PolicyLanguage};

    const AT: At =
        At { wall: Wall::from_secs(1_800_000_000), monotonic_ms: 0, trust: Trust::Steady };

    fn malformed(_: iam::Malformed) -> Error {
        Error::Internal("a policy of this test")
    }

    fn engine(folder: &tempfile::TempDir) -> Engine {
        Engine::new(Parts {
            store: Arc::new(store::memory::Memory::new()),
            log_dir: folder.path().join("audit"),
            log_origin: "test/audit".to_owned(),
            durability: Durability::Buffered,
            regions: vec!["eu-west-1".parse().unwrap()],
            language: PolicyLanguage {
                key_policy: |text| iam::parse_key_policy(text).map_err(malformed),
                identity_policy: |text| iam::parse_identity_policy(text).map_err(malformed),
                default_key_policy: iam::default_key_policy,
            },
            key_cache: Bounds { count: 16, age_ms: 1000 },
        })
    }

    /// A founded engine, unsealed, and its root key once more.
    fn founded(folder: &tempfile::TempDir) -> (Engine, RootKey) {
        crypto::start(crypto::Options::default()).unwrap();
        let engine = engine(folder);
        let root = RootKey::generate().unwrap();
        let file = crypto::unseal::new_key_file().unwrap();
        let source = Source::key_file(&root, &file).unwrap();
        let again = source.open_with_key_file(&file).unwrap();
        let policy = r#"{"Version":"2012-10-17",
            "Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
        let founding = Founding {
            root,
            source: ("key-file".to_owned(), source),
            account: "111122223333".parse().unwrap(),
            administrator: "admin".to_owned(),
            policy: policy.to_owned(),
        };
        engine.initialise(founding, AT).unwrap();
        (engine, again)
    }

    #[test]
    fn a_source_that_is_added_unseals_and_is_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let (engine, root) = founded(&folder);
        let before = engine.log_status().unwrap().next_index;
        let (source, shares) = Source::shares(&root, 2, 3).unwrap();
        engine.add_unseal_source("shares", &source, AT).unwrap();
        assert_eq!(engine.log_status().unwrap().next_index, before + 1);
        engine.seal();
        let sources = engine.unseal_sources().unwrap();
        let names: Vec<_> = sources.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["key-file", "shares"]);
        engine.unseal(sources[1].1.open_with_shares(&shares[1..]).unwrap()).unwrap();
        assert!(!engine.is_sealed());
    }

    #[test]
    fn a_source_is_not_replaced_and_not_of_another_root_key() {
        let folder = tempfile::tempdir().unwrap();
        let (engine, root) = founded(&folder);
        let file = Secret::new(vec![7; 32]);
        let source = Source::key_file(&root, &file).unwrap();
        let add = |name: &str, source: &Source| engine.add_unseal_source(name, source, AT);
        assert_eq!(add("key-file", &source), Err(Error::Conflict));
        let foreign = Source::key_file(&RootKey::generate().unwrap(), &file).unwrap();
        assert_eq!(add("foreign", &foreign), Err(Error::WrongKey));
        for name in ["", "a/b", "Upper", &"x".repeat(65)] {
            assert!(matches!(add(name, &source), Err(Error::Invalid(_))), "{name}");
        }
        assert_eq!(engine.unseal_sources().unwrap().len(), 1);
        engine.seal();
        assert_eq!(add("second", &source), Err(Error::Sealed));
    }
}
