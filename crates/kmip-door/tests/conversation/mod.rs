//! A conversation with the door, in XML, for tests.

#[path = "../../../../fuzz/certificate.rs"]
mod certificate;

use std::{
    cell::{Cell, RefCell},
    net::{IpAddr, Ipv4Addr},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker},
};

use engine::{
    Bounds, Caller, Durability, Engine, FirstClient, Founding, Full, Job, Lane, Mode, Offload,
    Operation, Parts, PolicyLanguage, op,
};
use kmip::Encoding;
use kmip_door::{Answer, Door, Request, Work};
use model::{
    At, PrincipalName, Wall,
    claim::{self, Claim, Origin, RequestId},
    time::Trust,
};
use store::memory::Memory;

const NOW: Wall = Wall::from_secs(1_800_000_000);
/// A policy that allows everything.
pub(crate) const ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// Work is done at once, where it is.
struct Inline;

impl Offload for Inline {
    fn offload(&self, _: Lane, job: Job) -> Result<(), Full> {
        drop(job());
        Ok(())
    }
}

/// A server, and a client whose certificate it knows.
pub(crate) struct Conversation {
    engine: Arc<Engine>,
    door: Door,
    certificate: RefCell<Vec<u8>>,
    /// What is to be answered later, as it came.
    work: RefCell<Vec<Work>>,
    /// How many messages there were.
    messages: Cell<u8>,
    /// How much later it is, in milliseconds.
    later_ms: Cell<u64>,
    pub(crate) minor: u32,
    _folder: tempfile::TempDir,
}

impl Conversation {
    /// In version 2.1, or in 1.4.
    pub(crate) fn new(minor: u32) -> Self {
        crypto::start(crypto::Options::default()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::new(Parts {
            store: Arc::new(Memory::new()),
            log_dir: folder.path().join("audit"),
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
        let key_file = crypto::unseal::new_key_file().unwrap();
        let source = crypto::unseal::Source::key_file(&root, &key_file).unwrap();
        let certificate = certificate::certificate((Wall(0), NOW.plus_secs(86_400)));
        let client = FirstClient {
            name: "client".to_owned(),
            policy: ALL.to_owned(),
            certificate: certificate.clone(),
        };
        let founding = Founding {
            root,
            sources: vec![("key-file".to_owned(), source)],
            account: "111122223333".parse().unwrap(),
            administrator: "admin".to_owned(),
            policy: ALL.to_owned(),
            client: Some(client),
        };
        engine.initialise(founding, at()).unwrap();
        let engine = Arc::new(engine);
        let door = Door::new(engine.clone(), Arc::new(Inline));
        Self {
            engine,
            door,
            certificate: RefCell::new(certificate),
            work: RefCell::default(),
            messages: Cell::default(),
            later_ms: Cell::default(),
            minor,
            _folder: folder,
        }
    }

    /// What time it is.
    fn at(&self) -> At {
        let now = at();
        At {
            wall: Wall(now.wall.0 + self.later_ms.get()),
            monotonic_ms: now.monotonic_ms + self.later_ms.get(),
            ..now
        }
    }

    /// Lets time pass, and what is too old be forgotten. Whether any request is outstanding.
    pub(crate) fn wait(&self, ms: u64) -> bool {
        self.later_ms.set(self.later_ms.get() + ms);
        self.door.expire(self.at())
    }

    /// Does what is to be answered later.
    pub(crate) fn work(&self) {
        for work in self.work.take() {
            assert_eq!(driven(pin!(work)), None);
        }
    }

    /// Has what is to be answered later end before it is done.
    pub(crate) fn lose_work(&self) {
        self.work.take();
    }

    /// Goes on as another client, whose certificate the server knows, and gives the certificate of
    /// the one before.
    pub(crate) fn become_other(&self, certificate: Vec<u8>) -> Vec<u8> {
        self.certificate.replace(certificate)
    }

    /// A client of a name with a policy: its certificate.
    pub(crate) fn other(&self, name: &str, policy: &str) -> Vec<u8> {
        let account = self.caller().principal().account;
        let principal = PrincipalName::user(account, name).unwrap();
        let (name, policies) = (principal.clone(), vec![policy.to_owned()]);
        self.call(op::CreatePrincipal { name, policies });
        let certificate = certificate::certificate((Wall(0), NOW.plus_secs(86_400)));
        self.call(op::RegisterCertificate {
            principal,
            certificate: certificate.clone(),
            with_credential: false,
        });
        certificate
    }

    /// Has the client seal the server.
    pub(crate) fn seal(&self) {
        self.call(op::Seal);
    }

    fn caller(&self) -> Caller {
        let chain = vec![self.certificate.borrow().clone()].into();
        let claim = Claim::Certificate(claim::CertificateClaim { chain: &chain, credential: None });
        let source = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let origin = Origin { door: claim::Door::Kmip, source, request: RequestId([0; 16]) };
        self.engine.identify(&claim, origin, self.at()).unwrap()
    }

    fn call<O: Operation>(&self, operation: O) -> O::Reply {
        let (caller, mode) = (self.caller(), Mode::Run);
        let call = engine::perform(&self.engine, &Inline, &caller, operation, self.at(), mode);
        driven(pin!(call)).unwrap()
    }

    /// Asks, and gives the answer.
    pub(crate) fn ask(&self, operation: &str, payload: &str) -> String {
        self.ask_all("", &[(operation, payload)])
    }

    /// Asks for several things in one message, with these fields in its header.
    pub(crate) fn ask_all(&self, fields: &str, items: &[(&str, &str)]) -> String {
        let version = format!(
            r#"<ProtocolVersion><ProtocolVersionMajor type="Integer" value="{}"/>
            <ProtocolVersionMinor type="Integer" value="{}"/></ProtocolVersion>"#,
            if self.minor == 4 { 1 } else { 2 },
            self.minor,
        );
        let count = items.len();
        let items = items.iter().map(|(operation, payload)| {
            format!(
                r#"<BatchItem><Operation type="Enumeration" value="{operation}"/>
                <RequestPayload>{payload}</RequestPayload></BatchItem>"#
            )
        });
        let items: String = items.collect();
        let message = format!(
            r#"<RequestMessage><RequestHeader>{version}{fields}
            <BatchCount type="Integer" value="{count}"/></RequestHeader>{items}</RequestMessage>"#
        );
        self.messages.set(self.messages.get().wrapping_add(1));
        let chain = vec![self.certificate.borrow().clone()].into();
        let request = Request {
            encoding: Encoding::Xml,
            message: message.as_bytes(),
            certificates: &chain,
            source: IpAddr::V4(Ipv4Addr::LOCALHOST),
            id: RequestId([self.messages.get(); 16]),
            at: self.at(),
        };
        let Answer { message, closes, later, .. } = driven(pin!(self.door.answer(request)));
        assert!(!closes);
        self.work.borrow_mut().extend(later);
        String::from_utf8(message.expose().to_vec()).unwrap()
    }

    /// Asks for what is done, and gives the identifiers in the answer.
    pub(crate) fn made(&self, operation: &str, payload: &str) -> Vec<String> {
        let answer = self.ask(operation, payload);
        assert!(answer.contains(r#"value="Success""#), "{operation}: {answer}");
        values(&answer, "UniqueIdentifier")
    }

    /// Makes an AES key that is active, and gives its identifier.
    pub(crate) fn create(&self) -> String {
        self.made("Create", &format!("{SYMMETRIC}{}", self.attributes(AES))).remove(0)
    }

    /// Attributes as the version writes them.
    pub(crate) fn attributes(&self, these: &[(&str, &str, &str)]) -> String {
        let tagged = these.iter().map(|(name, kind, value)| {
            let tag = name.replace(' ', "");
            if self.minor == 4 {
                format!(
                    r#"<Attribute><AttributeName type="TextString" value="{name}"/>
                    <AttributeValue type="{kind}" value="{value}"/></Attribute>"#
                )
            } else {
                format!(r#"<{tag} type="{kind}" value="{value}"/>"#)
            }
        });
        let structure = if self.minor == 4 { "TemplateAttribute" } else { "Attributes" };
        format!("<{structure}>{}</{structure}>", tagged.collect::<String>())
    }
}

/// The type of a symmetric key.
pub(crate) const SYMMETRIC: &str = r#"<ObjectType type="Enumeration" value="SymmetricKey"/>"#;
/// A date that has come.
pub(crate) const ACTIVE: (&str, &str, &str) =
    ("Activation Date", "DateTime", "2020-01-01T00:00:00Z");
/// An AES key for many things.
pub(crate) const AES: &[(&str, &str, &str)] = &[
    ("Cryptographic Algorithm", "Enumeration", "AES"),
    ("Cryptographic Length", "Integer", "256"),
    ("Cryptographic Usage Mask", "Integer", "Encrypt Decrypt DeriveKey"),
    ACTIVE,
];

/// What comes of a future.
fn driven<T>(mut future: Pin<&mut impl Future<Output = T>>) -> T {
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(it) = future.as_mut().poll(&mut context) {
            return it;
        }
        std::thread::yield_now();
    }
}

fn at() -> At {
    At { wall: NOW, monotonic_ms: NOW.0, trust: Trust::Steady }
}

/// What names an object in a request.
pub(crate) fn named(id: &str) -> String {
    format!(r#"<UniqueIdentifier type="TextString" value="{id}"/>"#)
}

/// The values of all elements of a name.
pub(crate) fn values(answer: &str, element: &str) -> Vec<String> {
    let of = |rest: &str| {
        let rest = &rest[rest.find(r#"value=""#)? + 7..];
        Some(rest[..rest.find('"')?].to_owned())
    };
    answer.split(&format!("<{element} ")).skip(1).filter_map(of).collect()
}

/// Holds in 1.4 and in 2.1.
pub(crate) fn in_both_versions(test: impl Fn(&Conversation)) {
    test(&Conversation::new(4));
    test(&Conversation::new(1));
}
