//! A server in memory, for the tests of doors: its engine, its administrator, and no threads.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use client::Credentials;
use engine::{
    Bounds, Durability, Engine, Founding, Full, Job, Lane, Offload, Parts, PolicyLanguage,
};
use model::{At, Secret, Wall, time::Trust};
use store::{Store, memory::Memory};

/// When everything happens.
pub(crate) const NOW: Wall = Wall::from_secs(1_800_000_000);
/// What the administrator may do.
pub(crate) const ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// A pool of no threads: work is done at once.
pub(crate) struct Inline;

impl Offload for Inline {
    fn offload(&self, _lane: Lane, job: Job) -> Result<(), Full> {
        drop(job());
        Ok(())
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for what a door answers.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

/// What a server stands on.
pub(crate) struct Ground {
    pub(crate) store: Arc<dyn Store>,
    /// Its log is in `audit` within.
    pub(crate) folder: tempfile::TempDir,
    /// What unseals it.
    pub(crate) key_file: Secret,
}

impl Ground {
    /// New ground, with nothing on it.
    pub(crate) fn new() -> Self {
        assert!(crypto::start(crypto::Options::default()).is_ok());
        Self {
            store: Arc::new(Memory::new()),
            folder: tempfile::tempdir().unwrap(),
            key_file: crypto::unseal::new_key_file().unwrap(),
        }
    }
}

/// A founded server, and its administrator.
pub(crate) struct House {
    pub(crate) engine: Arc<Engine>,
    pub(crate) admin: Credentials,
}

/// The moment of every request.
pub(crate) fn at() -> At {
    At { wall: NOW, monotonic_ms: NOW.0, trust: Trust::Steady }
}

impl House {
    /// Founds a server.
    pub(crate) fn on(ground: &Ground) -> Self {
        let engine = Engine::new(Parts {
            store: ground.store.clone(),
            log_dir: ground.folder.path().join("audit"),
            log_origin: "test/audit".to_owned(),
            durability: Durability::Buffered,
            regions: vec!["eu-west-1".parse().unwrap()],
            language: PolicyLanguage {
                key_policy: |text| Ok(iam::parse_key_policy(text)?),
                identity_policy: |text| Ok(iam::parse_identity_policy(text)?),
                trust_policy: |text| Ok(iam::parse_trust_policy(text)?),
                default_key_policy: iam::default_key_policy,
                default_object_policy: iam::default_object_policy,
            },
            key_cache: Bounds { count: 64, age_ms: 300_000 },
        });
        let root = crypto::root::RootKey::generate().unwrap();
        let source = crypto::unseal::Source::key_file(&root, &ground.key_file).unwrap();
        let founding = Founding {
            root,
            sources: vec![("key-file".to_owned(), source)],
            account: "111122223333".parse().unwrap(),
            administrator: "admin".to_owned(),
            policy: ALL.to_owned(),
            client: None,
        };
        let key = engine.initialise(founding, at()).unwrap();
        let region = "eu-west-1".parse().unwrap();
        let admin =
            Credentials { access_key_id: key.id, secret: key.secret, session_token: None, region };
        Self { engine: Arc::new(engine), admin }
    }
}
