//! Who gets past the door: a server in memory, a right request for every operation, and what is
//! tried with them.

#[path = "../../../fuzz/claims.rs"]
mod claims;
mod credentials;
#[path = "../../../fuzz/draft.rs"]
mod draft;
#[path = "../../../fuzz/house.rs"]
mod house;
mod names;
#[path = "../../../fuzz/people.rs"]
mod people;
#[path = "../../../fuzz/second_account.rs"]
mod second_account;

use std::{
    cell::Cell,
    net::{IpAddr, Ipv4Addr},
};

use bytes::Bytes;
use draft::{Draft, Sent};
use house::{Ground, House, Inline, NOW, at, block_on};
use http::{Response, StatusCode};
use model::{At, claim::RequestId};
use serde_json::{Value, json};

use crate::{Request, answer};

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
        let encapsulates = || {
            let key = self.key("ML_KEM_768", "ENCAPSULATE_DECAPSULATE");
            json!({ "KeyId": key, "EncapsulationAlgorithm": "ML_KEM" })
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
            | "EnableKeyRotation"
            | "DisableKeyRotation"
            | "GetKeyRotationStatus"
            | "ListKeyRotations"
            | "RotateKeyOnDemand"
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
            "DeriveSharedSecret" => {
                let key = self.key("ECC_NIST_P384", "KEY_AGREEMENT");
                let public = self.call("GetPublicKey", &json!({ "KeyId": key }));
                let peer = public["PublicKey"].clone();
                json!({ "KeyId": key, "KeyAgreementAlgorithm": "ECDH", "PublicKey": peer })
            }
            "Encapsulate" => encapsulates(),
            "Decapsulate" => {
                let mut input = encapsulates();
                let made = self.call("Encapsulate", &input);
                let blob = made["SharedSecretCiphertextBlob"].clone();
                input["SharedSecretCiphertextBlob"] = blob;
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

fn body(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap_or_default()
}
