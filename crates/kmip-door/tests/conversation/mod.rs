//! A conversation with the door, in XML, for tests.

#[path = "../../../../fuzz/certificate.rs"]
mod certificate;

use std::{
    net::{IpAddr, Ipv4Addr},
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use engine::{
    Bounds, Durability, Engine, FirstClient, Founding, Full, Job, Lane, Offload, Parts,
    PolicyLanguage,
};
use kmip::Encoding;
use kmip_door::{Door, Request};
use model::{At, Wall, claim::RequestId, time::Trust};
use store::memory::Memory;

const NOW: Wall = Wall::from_secs(1_800_000_000);
const ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// Work is done at once, where it is.
struct Inline;

impl Offload for Inline {
    fn offload(&self, _: Lane, job: Job) -> Result<(), Full> {
        job();
        Ok(())
    }
}

/// A server, and a client whose certificate it knows.
pub(crate) struct Conversation {
    door: Door,
    certificate: Vec<u8>,
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
        let door = Door::new(Arc::new(engine), Arc::new(Inline));
        Self { door, certificate, minor, _folder: folder }
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
        let request = Request {
            encoding: Encoding::Xml,
            message: message.as_bytes(),
            certificates: std::slice::from_ref(&self.certificate),
            source: IpAddr::V4(Ipv4Addr::LOCALHOST),
            id: RequestId([1; 16]),
            at: at(),
        };
        let mut answer = pin!(self.door.answer(request));
        let mut context = Context::from_waker(Waker::noop());
        loop {
            if let Poll::Ready(answer) = answer.as_mut().poll(&mut context) {
                assert!(!answer.closes);
                return String::from_utf8(answer.message.expose().to_vec()).unwrap();
            }
            std::thread::yield_now();
        }
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
