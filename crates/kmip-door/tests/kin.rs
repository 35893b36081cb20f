//! Objects that come of other objects, over the protocol in XML: replaced, derived, split and
//! joined, taken from one place to another.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../../fuzz/certificate.rs"]
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
struct Conversation {
    door: Door,
    certificate: Vec<u8>,
    minor: u32,
    _folder: tempfile::TempDir,
}

impl Conversation {
    /// In version 2.1, or in 1.4.
    fn new(minor: u32) -> Self {
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
    fn ask(&self, operation: &str, payload: &str) -> String {
        let version = format!(
            r#"<ProtocolVersion><ProtocolVersionMajor type="Integer" value="{}"/>
            <ProtocolVersionMinor type="Integer" value="{}"/></ProtocolVersion>"#,
            if self.minor == 4 { 1 } else { 2 },
            self.minor,
        );
        let message = format!(
            r#"<RequestMessage><RequestHeader>{version}
            <BatchCount type="Integer" value="1"/></RequestHeader><BatchItem>
            <Operation type="Enumeration" value="{operation}"/>
            <RequestPayload>{payload}</RequestPayload></BatchItem></RequestMessage>"#
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
    fn made(&self, operation: &str, payload: &str) -> Vec<String> {
        let answer = self.ask(operation, payload);
        assert!(answer.contains(r#"value="Success""#), "{operation}: {answer}");
        values(&answer, "UniqueIdentifier")
    }

    /// The bytes of an object, in hexadecimal.
    fn bytes(&self, id: &str) -> String {
        let answer = self.ask("Get", &named(id));
        values(&answer, "KeyMaterial").pop().unwrap_or_else(|| answer.clone()).to_lowercase()
    }

    fn create(&self) -> String {
        self.made("Create", &format!("{SYMMETRIC}{}", self.attributes(AES))).remove(0)
    }

    /// Attributes as the version writes them.
    fn attributes(&self, these: &[(&str, &str, &str)]) -> String {
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

const SYMMETRIC: &str = r#"<ObjectType type="Enumeration" value="SymmetricKey"/>"#;
const SECRET: &str = r#"<ObjectType type="Enumeration" value="SecretData"/>"#;
const ACTIVE: (&str, &str, &str) = ("Activation Date", "DateTime", "2020-01-01T00:00:00Z");
const AES: &[(&str, &str, &str)] = &[
    ("Cryptographic Algorithm", "Enumeration", "AES"),
    ("Cryptographic Length", "Integer", "256"),
    ("Cryptographic Usage Mask", "Integer", "Encrypt Decrypt DeriveKey"),
    ACTIVE,
];

fn at() -> At {
    At { wall: NOW, monotonic_ms: NOW.0, trust: Trust::Steady }
}

fn named(id: &str) -> String {
    format!(r#"<UniqueIdentifier type="TextString" value="{id}"/>"#)
}

/// The values of all elements of a name.
fn values(answer: &str, element: &str) -> Vec<String> {
    let of = |rest: &str| {
        let rest = &rest[rest.find(r#"value=""#)? + 7..];
        Some(rest[..rest.find('"')?].to_owned())
    };
    answer.split(&format!("<{element} ")).skip(1).filter_map(of).collect()
}

fn in_both_versions(test: impl Fn(&Conversation)) {
    test(&Conversation::new(4));
    test(&Conversation::new(1));
}

#[test]
fn a_key_is_replaced_by_one_of_its_algorithm() {
    in_both_versions(|talk| {
        let old = talk.create();
        let payload = format!(r#"{}<Offset type="Interval" value="60"/>"#, named(&old));
        let new = talk.made("ReKey", &payload).remove(0);
        assert_ne!(talk.bytes(&new), talk.bytes(&old));
        assert_eq!(talk.bytes(&new).len(), 64);
        let longer = talk.attributes(&[("Cryptographic Length", "Integer", "128")]);
        let answer = talk.ask("ReKey", &format!("{}{longer}", named(&old)));
        assert!(answer.contains("InvalidField"), "{answer}");
        let dates = talk.attributes(&[ACTIVE]);
        let answer = talk.ask("ReKey", &format!("{payload}{dates}"));
        assert!(answer.contains("InvalidMessage"), "{answer}");
    });
}

#[test]
fn a_pair_is_replaced_by_a_pair() {
    in_both_versions(|talk| {
        let mask = |mask| [("Cryptographic Usage Mask", "Integer", mask)];
        let rename = |attributes: String, tag: &str| {
            let old = if talk.minor == 4 { "TemplateAttribute" } else { "Attributes" };
            attributes.replace(old, &format!("{tag}{old}"))
        };
        let common = [
            ("Cryptographic Algorithm", "Enumeration", "EC"),
            ("Cryptographic Length", "Integer", "256"),
        ];
        let payload = [
            rename(talk.attributes(&common), "Common"),
            rename(talk.attributes(&mask("Sign")), "PrivateKey"),
            rename(talk.attributes(&mask("Verify")), "PublicKey"),
        ]
        .concat();
        let answer = talk.ask("CreateKeyPair", &payload);
        let old = values(&answer, "PrivateKeyUniqueIdentifier");
        assert_eq!(old.len(), 1, "{answer}");
        let id = format!(r#"<PrivateKeyUniqueIdentifier type="TextString" value="{}"/>"#, old[0]);
        let answer = talk.ask("ReKeyKeyPair", &id);
        let new = values(&answer, "PrivateKeyUniqueIdentifier");
        assert!(new.len() == 1 && new != old, "{answer}");
        assert_eq!(values(&answer, "PublicKeyUniqueIdentifier").len(), 1);
    });
}

/// A secret with these bytes, in hexadecimal.
fn secret(talk: &Conversation, bytes: &str) -> String {
    let mask = ("Cryptographic Usage Mask", "Integer", "DeriveKey");
    let attributes = talk.attributes(&[mask, ACTIVE]);
    let object = format!(
        r#"<SecretData><SecretDataType type="Enumeration" value="Password"/>
        <KeyBlock><KeyFormatType type="Enumeration" value="Opaque"/><KeyValue>
        <KeyMaterial type="ByteString" value="{bytes}"/></KeyValue></KeyBlock></SecretData>"#
    );
    talk.made("Register", &format!("{SECRET}{attributes}{object}")).remove(0)
}

fn derive(talk: &Conversation, bases: &[&str], method: &str, parameters: &str) -> String {
    let bases: String = bases.iter().map(|base| named(base)).collect();
    let attributes = talk.attributes(&[("Cryptographic Length", "Integer", "128")]);
    format!(
        r#"{SECRET}{bases}<DerivationMethod type="Enumeration" value="{method}"/>
        <DerivationParameters>{parameters}</DerivationParameters>{attributes}"#
    )
}

#[test]
fn secrets_are_derived_as_the_parameters_say() {
    in_both_versions(|talk| {
        let sha_256 = r#"<CryptographicParameters>
            <HashingAlgorithm type="Enumeration" value="SHA_256"/></CryptographicParameters>"#;
        let abc = secret(talk, "616263");
        let derived = talk.made("DeriveKey", &derive(talk, &[&abc], "HASH", sha_256)).remove(0);
        assert_eq!(talk.bytes(&derived), "ba7816bf8f01cfea414140de5dae2223");
        let answer = talk.ask("DeriveKey", &derive(talk, &[&abc], "HASH", ""));
        assert!(answer.contains("OperationFailed"), "{answer}");
        // RFC 6070, the second, whose hash is the one by default.
        let password = secret(talk, "70617373776f7264");
        let pbkdf2 = r#"<Salt type="ByteString" value="73616c74"/>
            <IterationCount type="Integer" value="2"/>"#;
        let payload = derive(talk, &[&password], "PBKDF2", pbkdf2);
        let derived = talk.made("DeriveKey", &payload).remove(0);
        assert_eq!(talk.bytes(&derived), "ea6c014dc72d6f8ccd1ed92ace1d41f0");
        // RFC 4231, the first, with the data in another secret, and then in both places.
        let key = secret(talk, &"0b".repeat(20));
        let data = secret(talk, "4869205468657265");
        let payload = derive(talk, &[&key, &data], "HMAC", sha_256);
        let derived = talk.made("DeriveKey", &payload).remove(0);
        assert_eq!(talk.bytes(&derived), "b0344c61d8db38535ca8afceaf0bf12b");
        let both = format!(r#"{sha_256}<DerivationData type="ByteString" value="00"/>"#);
        let answer = talk.ask("DeriveKey", &derive(talk, &[&key, &data], "HMAC", &both));
        assert!(answer.contains("InvalidMessage"), "{answer}");
    });
}

#[test]
fn a_key_is_split_and_its_parts_are_handed_out_taken_back_and_joined() {
    in_both_versions(|talk| {
        let key = talk.create();
        let split = |method: &str, more: &str| {
            let payload = format!(
                r#"<ObjectType type="Enumeration" value="SplitKey"/>{}
                <SplitKeyParts type="Integer" value="3"/>
                <SplitKeyThreshold type="Integer" value="2"/>
                <SplitKeyMethod type="Enumeration" value="{method}"/>{more}{}"#,
                named(&key),
                talk.attributes(&[])
            );
            talk.made("CreateSplitKey", &payload)
        };
        // 2^521 - 1.
        let prime = format!("{}01{}", "00".repeat(6), "ff".repeat(65));
        let prime = format!(r#"<PrimeFieldSize type="BigInteger" value="{prime}"/>"#);
        for (method, more) in
            [("PolynomialSharingGF2_16", ""), ("PolynomialSharingPrimeField", &*prime)]
        {
            let parts = split(method, more);
            assert_eq!(parts.len(), 3);
            let join = |parts: &[&String]| {
                let parts: String = parts.iter().map(|part| named(part)).collect();
                talk.made("JoinSplitKey", &format!("{SYMMETRIC}{parts}")).remove(0)
            };
            let joined = join(&[&parts[2], &parts[0]]);
            assert_eq!(talk.bytes(&joined), talk.bytes(&key), "{method}");
            // A part that was brought is as good as one that was made here, with its like.
            let brought = parts[1..].iter().map(|part| {
                let answer = talk.ask("Get", &named(part));
                let at = answer.find("<SplitKey>").unwrap();
                let end = answer.find("</SplitKey>").unwrap();
                let object = &answer[at..end + 11];
                let split = r#"<ObjectType type="Enumeration" value="SplitKey"/>"#;
                let payload = format!("{split}{}{object}", talk.attributes(&[]));
                talk.made("Register", &payload).remove(0)
            });
            let brought: Vec<String> = brought.collect();
            let joined = join(&[&brought[0], &brought[1]]);
            assert_eq!(talk.bytes(&joined), talk.bytes(&key), "{method}");
        }
    });
}

#[test]
fn what_is_exported_is_imported_elsewhere_as_it_was() {
    in_both_versions(|talk| {
        let key = talk.create();
        let answer = talk.ask("Export", &named(&key));
        let at = answer.find("<ResponsePayload>").unwrap() + 17;
        let exported = &answer[at..answer.find("</ResponsePayload>").unwrap()];
        let object = &exported[exported.find("<SymmetricKey>").unwrap()..];
        let attributes = &exported[exported.find("<Attribute").unwrap()..];
        let attributes = &attributes[..attributes.find("<SymmetricKey>").unwrap()];
        let object_type = if talk.minor == 4 { "" } else { SYMMETRIC };
        let import =
            |replace: &str| format!("{}{object_type}{replace}{attributes}{object}", named(&key));
        let answer = talk.ask("Import", &import(""));
        assert!(answer.contains("ObjectAlreadyExists"), "{answer}");
        let elsewhere = Conversation::new(talk.minor);
        assert_eq!(elsewhere.made("Import", &import("")), std::slice::from_ref(&key));
        assert_eq!(elsewhere.bytes(&key), talk.bytes(&key));
        let replace = r#"<ReplaceExisting type="Boolean" value="true"/>"#;
        assert_eq!(talk.made("Import", &import(replace)), [key]);
    });
}

#[test]
fn a_line_for_the_log_a_ping_and_the_ends_of_a_test_change_nothing() {
    let talk = Conversation::new(1);
    let line = r#"<LogMessage type="TextString" value="done"/>"#;
    assert!(talk.ask("Log", line).contains("Success"));
    assert!(talk.ask("Ping", "").contains("Success"));
    let interop = |function| {
        let case = r#"<InteropIdentifier type="TextString" value="a"/>"#;
        let payload = format!(r#"<InteropFunction type="Enumeration" value="{function}"/>{case}"#);
        talk.ask("Interop", &payload)
    };
    assert!(interop("Begin").contains("Success") && interop("End").contains("Success"));
    assert!(interop("Reset").contains("PermissionDenied"));
}
