//! The decisions. Two ways in: [`Engine::identify`] (who are you?) and [`Engine::call`] (what do
//! you want?).
//!
//! `call` does, for every operation of every door, in this order: **admit** (resolve the objects,
//! decide by policy), **run**, **record**, **commit**, **reply**. Nothing is done unauthorised or
//! unrecorded; a refusal is recorded too; what cannot be recorded does not happen. Operations that
//! are to be done all or not at all are admitted and run in the same way one after the other, and
//! committed with their entries in one: see [`Together`].
//!
//! The engine is synchronous and its time is a parameter; its waits are the tickets of
//! [`Pending`] replies. It contains no word of HTTP, JSON or any other wire format: the policy
//! language's text form is read by functions it is given ([`PolicyLanguage`]).
//!
//! A change cannot be committed without its audit entry, whatever code in here does:
//! ```compile_fail
//! fn change(store: &dyn store::Store) { store.commit(store::Batch::new(), Box::new(|_| ())); }
//! ```
//! A key that may be used for processing cannot be used to protect:
//! ```compile_fail
//! use model::{EncryptionContext, KeyId, Process, Usable};
//! fn confuse(key: Usable<'_, Process>, loaded: &crypto::Loaded, id: KeyId) {
//!     let _ = crypto::envelope::encrypt(key, loaded, id, &EncryptionContext::default(), b"");
//! }
//! ```

mod allowance;
mod cache;
mod call;
mod caller;
pub mod certified;
mod entry;
mod facts;
mod gate;
mod identify;
mod initialise;
mod latest;
pub mod names;
mod object;
mod offer;
pub mod op;
mod open;
mod pending;
mod perform;
mod place;
mod pressure;
mod record;
mod reference;
mod rollback;
mod room;
mod schedule;
mod session;
mod set_aside;
mod source;
mod streams;
mod together;
mod turn;
mod unseal;
mod view;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock, atomic::AtomicU64},
};

use arc_swap::ArcSwapOption;
use model::{
    AccountId, Error, KeyId, ObjectName, Region, Result, algorithm_policy::Profile,
    policy::Document,
};
use store::{Place, Store};

pub use cache::Bounds;
pub use call::Mode;
pub use caller::Caller;
pub use facts::Scheme;
pub use gate::{Demand, Operation, Permit, Target, Weight};
pub use initialise::{FirstClient, Founding};
pub use object::KeyObject;
pub use offer::{Given, Progress, Refused, Way, neighbourhood, offer};
pub use pending::Pending;
pub use perform::{Full, Job, Lane, Offload, Told, perform, perform_together};
pub use reference::{AliasRef, By, KeyRef};
pub use room::Room;
pub use schedule::Destroyed;
pub use streams::StreamId;
pub use together::Together;

use crate::{
    allowance::Allowances,
    cache::Cache,
    identify::{Certificate, Credential, Restraint, SessionCredential},
    latest::Latest,
    offer::Attempt,
    open::Open,
    streams::Streams,
    view::View,
};

/// How the text of a policy is read. The JSON of it is no business of the engine.
#[derive(Clone, Copy)]
pub struct PolicyLanguage {
    /// Reads a key policy.
    pub key_policy: fn(&str) -> Result<Document>,
    /// Reads an identity policy.
    pub identity_policy: fn(&str) -> Result<Document>,
    /// Reads the trust policy of a role.
    pub trust_policy: fn(&str) -> Result<Document>,
    /// The policy of a key that is made without one.
    pub default_key_policy: fn(AccountId) -> String,
    /// The policy of an object that is made without one, by a protocol that hands objects out.
    pub default_object_policy: fn(AccountId) -> String,
}

/// When the use of a key is durable.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Durability {
    /// Its entry is in the log file before the reply and synchronised within 100 ms: a killed
    /// process loses none, a power cut at most those.
    Buffered,
    /// Its entry is synchronised before the reply.
    Durable,
}

/// What an engine is made of.
pub struct Parts {
    /// Where records are.
    pub store: Arc<dyn Store>,
    /// The folder of the audit log.
    pub log_dir: PathBuf,
    /// The log's name in its checkpoints.
    pub log_origin: String,
    /// When the use of a key is durable.
    pub durability: Durability,
    /// The regions that are served.
    pub regions: Vec<Region>,
    /// How policies are read.
    pub language: PolicyLanguage,
    /// How many keys are kept ready, and for how long.
    pub key_cache: Bounds,
}

/// See the crate's page.
pub struct Engine {
    store: Arc<dyn Store>,
    log_dir: PathBuf,
    log_origin: String,
    durability: Durability,
    regions: Vec<Region>,
    language: PolicyLanguage,
    caches: Arc<Caches>,
    latest: Latest,
    algorithms: Profile,
    /// Looked at by every request: so in a way that counts nothing that processors share.
    open: ArcSwapOption<Open>,
    attempt: Mutex<Attempt>,
    /// Held while a passphrase is tried.
    stretching: Mutex<()>,
    unseal_refusals: AtomicU64,
    restraint: Restraint,
    allowances: Allowances,
    streams: Streams,
    confinement: OnceLock<Confinement>,
}

/// How far the process is confined, as the program that runs the engine found it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Confinement {
    /// To its folder, by Landlock: `enforced`, `partly enforced` or `not enforced`.
    pub landlock: &'static str,
    /// To the system calls it makes, by seccomp: `enforced` or `not enforced`.
    pub seccomp: &'static str,
    /// To the rights of its user: `dropped` if it has given up all beyond, or `kept`.
    pub privileges: &'static str,
}

/// How many policies are kept as they were read: of at most 32 KiB of text each.
const POLICIES_MAX: usize = 128;

/// What was read and opened, until a commit replaces it.
pub(crate) struct Caches {
    pub(crate) keys: Cache<ObjectName, KeyObject>,
    pub(crate) aliases: Cache<AliasRef, Option<KeyId>>,
    pub(crate) credentials: Cache<String, Credential>,
    /// Sessions by their tokens.
    pub(crate) sessions: Cache<String, SessionCredential>,
    pub(crate) certificates: Cache<String, Certificate>,
    pub(crate) identities: Cache<Place, caller::Identity>,
    /// Key policies by their texts: most keys of an account have the same.
    pub(crate) policies: Cache<String, Document>,
}

impl Caches {
    fn forget(&self, place: &Place) {
        match place::subject(place) {
            place::Subject::Key(name) => self.keys.forget(&name),
            place::Subject::Alias(alias) => self.aliases.forget(&alias),
            place::Subject::Principal(place) => self.identities.forget(&place),
            place::Subject::AccessKey(id) => self.credentials.forget(&id),
            place::Subject::Certificate(id) => self.certificates.forget(&id),
            // Whose certificates it is about nobody knows, and rules change seldom.
            place::Subject::CertificateRule => self.certificates.clear(),
            place::Subject::Other => {}
        }
    }

    fn expire(&self, now_ms: u64) {
        self.keys.expire(now_ms);
        self.aliases.expire(now_ms);
        self.credentials.expire(now_ms);
        self.sessions.expire(now_ms);
        self.certificates.expire(now_ms);
        self.identities.expire(now_ms);
    }

    fn clear(&self) {
        self.keys.clear();
        self.aliases.clear();
        self.credentials.clear();
        self.sessions.clear();
        self.certificates.clear();
        self.identities.clear();
        self.policies.clear();
    }
}

impl Engine {
    /// A sealed engine. It answers nothing until it is unsealed.
    pub fn new(parts: Parts) -> Self {
        let bounds = parts.key_cache;
        let caches = Arc::new(Caches {
            keys: Cache::new(bounds),
            aliases: Cache::new(bounds),
            credentials: Cache::new(bounds),
            sessions: Cache::new(bounds),
            certificates: Cache::new(bounds),
            identities: Cache::new(bounds),
            policies: Cache::new(Bounds { count: POLICIES_MAX, ..bounds }),
        });
        let told = caches.clone();
        parts.store.watch(Box::new(move |places, _| places.iter().for_each(|p| told.forget(p))));
        Self {
            store: parts.store,
            log_dir: parts.log_dir,
            log_origin: parts.log_origin,
            durability: parts.durability,
            regions: parts.regions,
            language: parts.language,
            caches,
            latest: Latest::default(),
            algorithms: Profile::Default,
            open: ArcSwapOption::empty(),
            attempt: Mutex::default(),
            stretching: Mutex::default(),
            unseal_refusals: AtomicU64::new(0),
            restraint: Restraint::default(),
            allowances: Allowances::default(),
            streams: Streams::default(),
            confinement: OnceLock::new(),
        }
    }

    /// The same under the rules of an algorithm policy; [`Profile::Default`] unless said.
    #[must_use]
    pub fn with_algorithms(mut self, profile: Profile) -> Self {
        self.algorithms = profile;
        self
    }

    /// Whose rules for algorithms hold.
    pub fn algorithms(&self) -> Profile {
        self.algorithms
    }

    /// Whether it is sealed.
    pub fn is_sealed(&self) -> bool {
        self.open.load().is_none()
    }

    /// Says once how far the process is confined, for [`op::ReadStatus`].
    pub fn tell_confinement(&self, confinement: Confinement) {
        // What was said first stays: a process does not become less confined.
        let _ = self.confinement.set(confinement);
    }

    pub(crate) fn confinement(&self) -> Option<&Confinement> {
        self.confinement.get()
    }

    /// The regions that are served.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    pub(crate) fn opened(&self) -> Result<Arc<Open>> {
        self.open.load_full().ok_or(Error::Sealed)
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// What is committed.
    pub(crate) fn view(&self) -> View<'_> {
        View::of(self.store())
    }

    pub(crate) fn caches(&self) -> &Caches {
        &self.caches
    }

    pub(crate) fn allowances(&self) -> &Allowances {
        &self.allowances
    }

    pub(crate) fn streams(&self) -> &Streams {
        &self.streams
    }

    pub(crate) fn language(&self) -> &PolicyLanguage {
        &self.language
    }
}
