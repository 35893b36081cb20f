//! A founded server on a store in memory, and the requests that the proofs make of it.

use std::{
    cell::Cell,
    fs,
    net::{IpAddr, Ipv4Addr},
    path::Path,
    pin::pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use engine::{
    Bounds, By, Caller, Durability, Engine, FirstClient, Founding, Full, Job, KeyRef, Lane, Mode,
    Offload, Operation, Parts, PolicyLanguage, op,
};
use model::{
    AccountId, At, Claim, EncryptionContext, Error, ObjectName, PrincipalName, Region, Sealed,
    Secret, Wall,
    algorithm::{EncryptionAlgorithm, Hash, KeySpec, KeyUsage},
    algorithm_policy::Profile,
    canon::Canonical,
    claim::{CertificateClaim, Door, Origin, PasswordClaim, RequestId, SigV4Claim},
    time::Trust,
};
use store::{Batch, OutboxEntry, Place, Store, Write};

#[path = "../../../../fuzz/second_account.rs"]
mod second_account;

pub(crate) const NOW: Wall = Wall::from_secs(1_800_000_000);
pub(crate) const ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

pub(crate) fn at(wall: Wall) -> At {
    At { wall, monotonic_ms: wall.0, trust: Trust::Steady }
}

pub(crate) fn account() -> AccountId {
    "111122223333".parse().unwrap()
}

/// Another account than the house was founded with: see [`House::second_account`].
pub(crate) fn second() -> AccountId {
    second_account::SECOND.parse().unwrap()
}

pub(crate) fn region() -> Region {
    "eu-west-1".parse().unwrap()
}

const LANGUAGE: PolicyLanguage = PolicyLanguage {
    key_policy: |text| iam::parse_key_policy(text).map_err(malformed),
    identity_policy: |text| iam::parse_identity_policy(text).map_err(malformed),
    trust_policy: |text| iam::parse_trust_policy(text).map_err(malformed),
    default_key_policy: iam::default_key_policy,
    default_object_policy: iam::default_object_policy,
};

fn malformed(malformed: iam::Malformed) -> Error {
    Error::Invalid(model::error::Invalid::Policy(malformed.sentence().to_owned()))
}

fn start_crypto() {
    static STARTED: OnceLock<()> = OnceLock::new();
    STARTED.get_or_init(|| {
        crypto::start(crypto::Options::default()).unwrap();
    });
}

/// A founded server on a store in memory.
pub(crate) struct House {
    pub(crate) engine: Arc<Engine>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) key_file: Secret,
    pub(crate) access: op::NewAccessKey,
}

pub(crate) fn engine_on(store: Arc<dyn Store>, folder: &tempfile::TempDir) -> Arc<Engine> {
    engine_under(Profile::Default, store, folder)
}

/// The same under the rules of an algorithm policy.
pub(crate) fn engine_under(
    profile: Profile,
    store: Arc<dyn Store>,
    folder: &tempfile::TempDir,
) -> Arc<Engine> {
    let engine = Engine::new(Parts {
        store,
        log_dir: folder.path().join("audit"),
        log_origin: "test/audit".to_owned(),
        durability: Durability::Buffered,
        regions: vec![region()],
        language: LANGUAGE,
        key_cache: Bounds { count: 1024, age_ms: 300_000 },
    });
    Arc::new(engine.with_algorithms(profile))
}

pub(crate) fn house() -> House {
    house_on(Arc::new(store::memory::Memory::new()))
}

pub(crate) fn house_on(store: Arc<dyn Store>) -> House {
    house_with(store, None)
}

/// A house that has a client from the start.
pub(crate) fn house_with(store: Arc<dyn Store>, client: Option<FirstClient>) -> House {
    start_crypto();
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_on(store.clone(), &folder);
    let root = crypto::root::RootKey::generate().unwrap();
    let key_file = crypto::unseal::new_key_file().unwrap();
    let source = crypto::unseal::Source::key_file(&root, &key_file).unwrap();
    let founding = Founding {
        root,
        sources: vec![("key-file".to_owned(), source)],
        account: account(),
        administrator: "admin".to_owned(),
        policy: ALL.to_owned(),
        client,
    };
    let access = engine.initialise(founding, at(NOW)).unwrap();
    House { engine, store, folder, key_file, access }
}

pub(crate) fn origin() -> Origin {
    Origin { door: Door::Aws, source: IpAddr::V4(Ipv4Addr::LOCALHOST), request: RequestId([9; 16]) }
}

/// Signs as AWS Signature Version 4 says, from the published description.
fn signature(secret: &[u8], service: &str, head: &[u8], body: &[u8]) -> [u8; 32] {
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let canonical = [head, hex(&crypto::digest::sha256(body)).as_bytes()].concat();
    let text = format!(
        "AWS4-HMAC-SHA256\n20270115T080000Z\n20270115/eu-west-1/{service}/aws4_request\n{}",
        hex(&crypto::digest::sha256(&canonical))
    );
    let mac = |key: &[u8], data: &[u8]| -> [u8; 32] {
        let key = crypto::secmem::Guarded::copy_of(key).unwrap();
        crypto::mac::hmac(Hash::Sha256, &key, data).unwrap().try_into().unwrap()
    };
    let key = mac(&[b"AWS4", secret].concat(), b"20270115");
    let key = mac(&mac(&mac(&key, b"eu-west-1"), service.as_bytes()), b"aws4_request");
    mac(&key, text.as_bytes())
}

impl House {
    pub(crate) fn claim_with(&self, id: &str, secret: &[u8], wall: Wall) -> Result<Caller, Error> {
        self.claim_at(Door::Aws, "kms", (id, secret), wall)
    }

    pub(crate) fn claim_at(
        &self,
        door: Door,
        service: &str,
        access: (&str, &[u8]),
        wall: Wall,
    ) -> Result<Caller, Error> {
        self.claim_in_session(door, service, access, None, wall)
    }

    /// The same with the token of a session.
    pub(crate) fn claim_in_session(
        &self,
        door: Door,
        service: &str,
        (id, secret): (&str, &[u8]),
        session_token: Option<&str>,
        wall: Wall,
    ) -> Result<Caller, Error> {
        let (head, body) = (b"POST\n/\n\nhost:x\n\nhost\n".as_slice(), b"{}".as_slice());
        let claim = Claim::SigV4(SigV4Claim {
            access_key_id: id,
            signature: signature(secret, service, head, body),
            canonical_head: head,
            body,
            timestamp: "20270115T080000Z",
            signed_at: Wall::from_utc(2027, 1, 15, 8, 0, 0).unwrap(),
            date: "20270115",
            region: region(),
            service,
            session_token,
        });
        self.engine.identify(&claim, Origin { door, ..origin() }, at(wall))
    }

    /// A client certificate of a connection, its chain in DER.
    pub(crate) fn claim_by(&self, chain: &[Vec<u8>], at: At) -> Result<Caller, Error> {
        self.claim_with_password(chain, None, at)
    }

    /// The same, and a credential besides.
    pub(crate) fn claim_with_password(
        &self,
        chain: &[Vec<u8>],
        credential: Option<PasswordClaim<'_>>,
        at: At,
    ) -> Result<Caller, Error> {
        let chain = &chain.to_vec().into();
        let claim = Claim::Certificate(CertificateClaim { chain, credential });
        self.engine.identify(&claim, Origin { door: Door::Kmip, ..origin() }, at)
    }

    /// Its root key, by its key file.
    pub(crate) fn root(&self) -> crypto::root::RootKey {
        let mut sources = self.engine.unseal_sources().unwrap().into_iter();
        let (_, source) = sources.find(|(name, _)| name == "key-file").unwrap();
        source.open_with_key_file(&self.key_file).unwrap()
    }

    /// Unseals it with its key file.
    pub(crate) fn unseal(&self) {
        self.engine.unseal(self.root()).unwrap();
    }

    /// Puts a way to unseal it in the store itself, unless there is one of this name.
    pub(crate) fn plant_unseal_source(&self, name: &str) {
        let place = Place::new(format!("u/{name}")).unwrap();
        let slot = self.store.get(&place).unwrap();
        let expected = slot.revision();
        if slot.record().is_some() {
            return;
        }
        let source = crypto::unseal::Source::key_file(&self.root(), &self.key_file).unwrap();
        let (id, value) = ([0x5f; 16], Some(Sealed::assertion(source.to_canonical())));
        let mut batch = Batch::new(OutboxEntry { id, sealed: Sealed::assertion(vec![0]) });
        batch.write(Write { place, expected, value });
        store::commit_and_wait(&*self.store, batch).unwrap();
        self.store.settle(&[id]);
    }

    /// Puts rows in the store itself, at places where there are none.
    pub(crate) fn plant(&self, places: impl IntoIterator<Item = String>) {
        let id = [0x5d; 16];
        let mut batch = Batch::new(OutboxEntry { id, sealed: Sealed::assertion(vec![0]) });
        for place in places {
            let (place, value) = (Place::new(place).unwrap(), Some(Sealed::assertion(vec![0])));
            batch.write(Write { place, expected: 0, value });
        }
        store::commit_and_wait(&*self.store, batch).unwrap();
        self.store.settle(&[id]);
    }

    pub(crate) fn admin(&self) -> Caller {
        self.claim_with(&self.access.id, self.access.secret.expose(), NOW).unwrap()
    }

    /// A caller of a new user with this policy.
    pub(crate) fn user(&self, name: &str, policy: &str) -> Caller {
        self.user_with(name, &[policy])
    }

    /// A caller of a new user with these policies.
    pub(crate) fn user_with(&self, name: &str, policies: &[&str]) -> Caller {
        let access = self.make_user(&self.admin(), account(), name, policies);
        self.enter(&access)
    }

    pub(crate) fn make_user(
        &self,
        by: &Caller,
        account: AccountId,
        name: &str,
        policies: &[&str],
    ) -> op::NewAccessKey {
        let name = PrincipalName::user(account, name).unwrap();
        let policies = policies.iter().map(|text| (*text).to_owned()).collect();
        self.call(by, op::CreatePrincipal { name: name.clone(), policies }).unwrap();
        self.call(by, op::CreateAccessKey { principal: name }).unwrap()
    }

    pub(crate) fn enter(&self, access: &op::NewAccessKey) -> Caller {
        self.claim_with(&access.id, access.secret.expose(), NOW).unwrap()
    }

    /// Founds a second account and returns a caller of its administrator.
    pub(crate) fn second_account(&self) -> Caller {
        let access = self.make_user(&self.admin(), account(), "stranger", &[ALL]);
        second_account::carry_over(&*self.store, &self.root(), "stranger", &access.id);
        self.enter(&access)
    }

    pub(crate) fn call<O: Operation>(
        &self,
        caller: &Caller,
        operation: O,
    ) -> Result<O::Reply, Error> {
        self.call_at(caller, operation, NOW)
    }

    pub(crate) fn call_at<O: Operation>(
        &self,
        caller: &Caller,
        operation: O,
        wall: Wall,
    ) -> Result<O::Reply, Error> {
        self.engine.call(caller, &operation, at(wall), Mode::Run)?.wait()
    }

    /// As the doors call: where the operation's weight allows, and again after a conflict.
    pub(crate) fn perform<O: Operation>(
        &self,
        caller: &Caller,
        operation: O,
        mode: Mode,
    ) -> Result<O::Reply, Error> {
        self.perform_on(&Inline, caller, operation, mode)
    }

    /// The same, with a pool that may take no work.
    pub(crate) fn perform_on<O: Operation>(
        &self,
        pool: &dyn Offload,
        caller: &Caller,
        operation: O,
        mode: Mode,
    ) -> Result<O::Reply, Error> {
        block_on(engine::perform(&self.engine, pool, caller, operation, at(NOW), mode))
    }

    pub(crate) fn create(&self, spec: KeySpec, usage: KeyUsage) -> KeyRef {
        let made = self.call(&self.admin(), create(spec, usage)).unwrap();
        by_id(&made.name)
    }
}

thread_local! {
    /// How much this thread has offloaded.
    pub(crate) static OFFLOADED: Cell<u64> = const { Cell::new(0) };
}

/// Runs what is offloaded at once, where it is.
struct Inline;

impl Offload for Inline {
    fn offload(&self, _lane: Lane, job: Job) -> Result<(), Full> {
        OFFLOADED.set(OFFLOADED.get() + 1);
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

fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

/// Copies a folder with all in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

pub(crate) fn create(spec: KeySpec, usage: KeyUsage) -> op::CreateKey {
    op::CreateKey {
        account: account(),
        region: region(),
        spec,
        usage: Some(usage),
        description: String::new(),
        policy: None,
        tags: Vec::new(),
        bypass_lockout_check: false,
    }
}

pub(crate) fn by_id(name: &ObjectName) -> KeyRef {
    KeyRef { account: name.account, region: name.region.clone(), by: By::Id(name.id) }
}

pub(crate) fn context(pairs: &[(&str, &str)]) -> EncryptionContext {
    EncryptionContext::new(pairs.iter().copied()).unwrap()
}

pub(crate) fn encrypt(key: &KeyRef, text: &[u8]) -> op::Encrypt {
    op::Encrypt {
        key: key.clone(),
        algorithm: EncryptionAlgorithm::Envelope,
        context: context(&[("purpose", "test")]),
        plaintext: Secret::new(text.to_vec()),
    }
}

pub(crate) fn decrypt(ciphertext: &[u8]) -> op::Decrypt {
    op::Decrypt {
        key: None,
        place: (account(), region()),
        algorithm: EncryptionAlgorithm::Envelope,
        context: context(&[("purpose", "test")]),
        ciphertext: ciphertext.to_vec(),
    }
}
