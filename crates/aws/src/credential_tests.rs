//! Who is not known is told so, whatever is asked; nothing is done, and the log has who tried.

#[path = "../../../fuzz/claims.rs"]
mod claims;
#[path = "../../../fuzz/draft.rs"]
mod draft;
#[path = "../../../fuzz/house.rs"]
mod house;
#[path = "../../../fuzz/people.rs"]
mod people;

use std::{
    cell::Cell,
    collections::HashMap,
    net::{IpAddr, Ipv4Addr},
};

use bytes::Bytes;
use claims::Fault;
use draft::{Draft, Sent};
use house::{Ground, House, Inline, NOW, at, block_on};
use http::{Response, StatusCode};
use model::{At, claim::RequestId, error::Unauthenticated};
use people::{Others, user};
use serde_json::{Value, json};

use crate::{Request, answer, table::NAMES};

/// A server in memory, and the door.
struct Door {
    ground: Ground,
    house: House,
    seconds: Cell<u64>,
}

impl Door {
    fn new() -> Self {
        let ground = Ground::new();
        let house = House::on(&ground);
        Self { ground, house, seconds: Cell::new(0) }
    }

    /// Each request comes a second after the one before, so that no entry is withheld; the time
    /// of day stands.
    fn send(&self, sent: &Sent) -> Response<Bytes> {
        self.seconds.set(self.seconds.get() + 1);
        let monotonic_ms = NOW.0 + self.seconds.get() * 1000;
        let request = Request {
            head: sent.head(),
            body: Bytes::copy_from_slice(&sent.body),
            source: IpAddr::V4(Ipv4Addr::LOCALHOST),
            id: RequestId([0xab; 16]),
            at: At { monotonic_ms, ..at() },
        };
        block_on(answer(&self.house.engine, &Inline, request))
    }

    fn draft(&self, who: &client::Credentials, operation: &str, input: &Value) -> Draft {
        let target = format!("TrentService.{operation}");
        let headers =
            [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
        Draft::new(("POST", "/"), &headers, input.to_string().as_bytes(), who, ("kms", NOW))
    }

    /// What an operation answers the administrator.
    fn call(&self, operation: &str, input: &Value) -> Value {
        let response = self.send(&self.draft(&self.house.admin, operation, input).sign());
        assert_eq!(response.status(), StatusCode::OK, "{operation}: {:?}", response.body());
        serde_json::from_slice(response.body()).unwrap_or(Value::Null)
    }

    fn key(&self, spec: &str, usage: &str) -> String {
        let made = self.call("CreateKey", &json!({ "KeySpec": spec, "KeyUsage": usage }));
        made["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned()
    }

    fn entries(&self) -> u64 {
        self.house.engine.log_status().unwrap().next_index
    }

    /// What an operation does for who may: on a key of its own.
    fn input(&self, operation: &str) -> Value {
        const MESSAGE: &str = "bWVzc2FnZQ==";
        let encrypting = || self.key("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
        let blob = |key: &str| {
            self.call("Encrypt", &json!({ "KeyId": key, "Plaintext": MESSAGE }))["CiphertextBlob"]
                .clone()
        };
        let signs = || {
            let key = self.key("ECC_NIST_P256", "SIGN_VERIFY");
            json!({ "KeyId": key, "Message": MESSAGE, "SigningAlgorithm": "ECDSA_SHA_256" })
        };
        let codes = || {
            let key = self.key("HMAC_256", "GENERATE_VERIFY_MAC");
            json!({ "KeyId": key, "Message": MESSAGE, "MacAlgorithm": "HMAC_SHA_256" })
        };
        let alias = |name: &str| {
            let alias = json!({ "AliasName": name, "TargetKeyId": encrypting() });
            self.call("CreateAlias", &alias);
            alias
        };
        let of_key = |more: Value| {
            let mut input = json!({ "KeyId": encrypting() });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            input
        };
        match operation {
            "CreateKey" | "ListKeys" | "ListAliases" => json!({}),
            "GenerateRandom" => json!({ "NumberOfBytes": 32 }),
            "DescribeKey"
            | "ListResourceTags"
            | "ListKeyPolicies"
            | "DisableKey"
            | "EnableKey"
            | "ScheduleKeyDeletion" => of_key(json!({})),
            "GetKeyPolicy" => of_key(json!({ "PolicyName": "default" })),
            "UpdateKeyDescription" => of_key(json!({ "Description": "d" })),
            "TagResource" => of_key(json!({ "Tags": [{ "TagKey": "a", "TagValue": "b" }] })),
            "UntagResource" => of_key(json!({ "TagKeys": ["a"] })),
            "PutKeyPolicy" => of_key(json!({
                "Policy": iam::default_key_policy("111122223333".parse().unwrap())
            })),
            "CancelKeyDeletion" => {
                let input = of_key(json!({}));
                self.call("ScheduleKeyDeletion", &input);
                input
            }
            "CreateAlias" => json!({ "AliasName": "alias/new", "TargetKeyId": encrypting() }),
            "UpdateAlias" => alias("alias/moved"),
            "DeleteAlias" => json!({ "AliasName": alias("alias/removed")["AliasName"] }),
            "Encrypt" => of_key(json!({ "Plaintext": MESSAGE })),
            "Decrypt" => json!({ "CiphertextBlob": blob(&encrypting()) }),
            "ReEncrypt" => json!({
                "CiphertextBlob": blob(&encrypting()), "DestinationKeyId": encrypting()
            }),
            "GenerateDataKey" | "GenerateDataKeyWithoutPlaintext" => {
                of_key(json!({ "KeySpec": "AES_256" }))
            }
            "GenerateDataKeyPair" | "GenerateDataKeyPairWithoutPlaintext" => {
                of_key(json!({ "KeyPairSpec": "ECC_NIST_P256" }))
            }
            "GetPublicKey" => json!({ "KeyId": self.key("ECC_NIST_P256", "SIGN_VERIFY") }),
            "Sign" => signs(),
            "Verify" => {
                let mut input = signs();
                input["Signature"] = self.call("Sign", &input)["Signature"].clone();
                input
            }
            "GenerateMac" => codes(),
            "VerifyMac" => {
                let mut input = codes();
                input["Mac"] = self.call("GenerateMac", &input)["Mac"].clone();
                input
            }
            other => panic!("say what {other} does"),
        }
    }
}

/// The exception of a fault, what its message must say, and the code of its entry if it has one.
fn told(fault: Fault) -> (&'static str, &'static str, Option<&'static str>) {
    let signature = "InvalidSignatureException";
    match fault {
        Fault::Missing => ("MissingAuthenticationTokenException", "missing Authentication", None),
        Fault::Incomplete(sentence) => ("IncompleteSignature", sentence, None),
        Fault::Bad(sentence) => (signature, sentence, None),
        Fault::Session => ("UnrecognizedClientException", "security token", None),
        Fault::Refused(reason) => match reason {
            Unauthenticated::UnknownCredential => {
                ("UnrecognizedClientException", "security token", Some("unknown-credential"))
            }
            Unauthenticated::BadSignature => (signature, "does not match", Some("bad-signature")),
            Unauthenticated::Expired => (signature, "Signature expired", Some("expired")),
            Unauthenticated::NotYetValid => (signature, "not yet current", Some("not-yet-valid")),
            Unauthenticated::WrongService => (signature, "service: 'kms'", Some("wrong-service")),
            Unauthenticated::WrongRegion => (signature, "valid region", Some("wrong-region")),
        },
    }
}

/// All of a response.
fn whole(response: &Response<Bytes>) -> (StatusCode, Vec<(String, String)>, Bytes) {
    let headers = response.headers().iter();
    let headers = headers.map(|(n, v)| (n.to_string(), v.to_str().unwrap().to_owned())).collect();
    (response.status(), headers, response.body().clone())
}

#[test]
fn a_claim_that_does_not_hold_is_refused_whatever_is_asked_and_changes_nothing() {
    let door = Door::new();
    let others = Others::new(&door.ground, &door.house);
    let from = door.entries();
    let (mut answers, mut expected, mut cells) = (HashMap::new(), Vec::new(), 0);
    for operation in NAMES {
        let input = door.input(operation);
        let right = door.draft(&door.house.admin, operation, &input);
        let revision = door.ground.store.revision();
        for claims::Row { says, sent, fault, alleged } in claims::rows(&right, &others) {
            let what = format!("{operation}: {says}");
            let before = door.entries();
            let response = door.send(&sent);
            let body: Value = serde_json::from_slice(response.body()).unwrap();
            let (kind, sentence, code) = told(fault);
            assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{what}: {body}");
            assert_eq!(body["__type"], kind, "{what}: {body}");
            assert!(body["message"].as_str().unwrap().contains(sentence), "{what}: {body}");
            assert_eq!(door.entries() - before, u64::from(code.is_some()), "{what}");
            expected.extend(code.map(|code| (alleged, code.to_owned())));
            // Why a claim does not hold is all there is to be learned, and not from which row.
            let answer = answers.entry(fault).or_insert_with(|| whole(&response));
            assert_eq!(*answer, whole(&response), "{what}");
            cells += 1;
        }
        assert_eq!(door.ground.store.revision(), revision, "{operation}");
        assert_eq!(door.send(&right.sign()).status(), StatusCode::OK, "{operation}");
    }
    let unknown = Fault::Refused(Unauthenticated::UnknownCredential);
    assert_eq!(answers[&Fault::Session], answers[&unknown]);
    assert!(cells >= 120 * NAMES.len(), "{cells}");
    assert_eq!(door.refusals(from), expected);
}

impl Door {
    /// Who was not known from this entry of the log on, as it was alleged, and why.
    fn refusals(&self, from: u64) -> Vec<(String, String)> {
        let size = self.entries();
        self.house.engine.seal();
        let log = audit::Folder::new(&self.ground.folder.path().join("audit"));
        let entries = log.entries(from, usize::MAX, size).unwrap();
        let identify = |entry: &audit::Entry| entry.action == model::Action::Identify;
        let entries = entries.into_iter().map(|(_, entry)| entry).filter(identify);
        let told = entries.map(|entry| {
            let audit::Outcome::Denied(code) = entry.outcome else { panic!("it was let in") };
            assert_eq!((entry.principal, entry.account), (None, None));
            assert_eq!(entry.request, RequestId([0xab; 16]));
            (entry.resources.concat(), code.into_owned())
        });
        told.collect()
    }
}

#[test]
fn what_is_signed_in_an_unusual_way_is_taken() {
    let door = Door::new();
    let right = door.draft(&door.house.admin, "ListKeys", &json!({}));
    for (says, sent) in claims::unusual(&right) {
        let response = door.send(&sent);
        assert_eq!(response.status(), StatusCode::OK, "{says}: {:?}", response.body());
    }
}

#[test]
fn a_target_said_twice_is_no_operation_however_it_is_signed() {
    let door = Door::new();
    for other in ["TrentService.ListKeys", "TrentService.ListAliases", ""] {
        let mut draft = door.draft(&door.house.admin, "ListKeys", &json!({}));
        draft.add("x-amz-target", other);
        let response = door.send(&draft.sign());
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(body["__type"], "UnknownOperationException", "{other}");
    }
}

#[test]
fn who_is_known_and_may_nothing_is_denied_and_changes_nothing() {
    let door = Door::new();
    let nobody = user(&door.house, "nobody", &[]);
    for operation in NAMES {
        let input = door.input(operation);
        let (revision, before) = (door.ground.store.revision(), door.entries());
        let response = door.send(&door.draft(&nobody, operation, &input).sign());
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(body["__type"], "AccessDeniedException", "{operation}: {body}");
        assert_eq!(door.ground.store.revision(), revision, "{operation}");
        assert_eq!(door.entries(), before + 1, "{operation}");
    }
}
