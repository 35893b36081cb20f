//! Requests of the API that are nearly right, rightly signed: each has an answer, and none is our
//! fault.
#![cfg(test)]

#[path = "../../../fuzz/house.rs"]
mod house;
#[path = "../../../fuzz/mutations.rs"]
mod mutations;

use std::net::{IpAddr, Ipv4Addr};

use aws::{Request, answer};
use bytes::Bytes;
use client::{Service, Unsigned, sign};
use house::{Ground, House, Inline, NOW, at, block_on};
use http::{Response, StatusCode};
use model::{Secret, claim::RequestId};
use serde_json::{Value, json};

/// Inputs for each operation, and four times as many as for each of its members.
const COUNT: usize = mutations::COUNT / 25;

/// Sends bodies of the API.
struct Door(House);

impl Door {
    /// Sends a body, signed by the administrator.
    fn send(&self, operation: &str, body: &[u8]) -> Response<Bytes> {
        let headers = vec![
            ("content-type", "application/x-amz-json-1.1".to_owned()),
            ("host", "localhost:9443".to_owned()),
            ("x-amz-target", format!("TrentService.{operation}")),
        ];
        let sent = Secret::new(body.to_vec());
        let unsigned = Unsigned { method: "POST", path: "/", query: &[], headers, body: sent };
        let signed = sign(unsigned, &self.0.admin, Service::Kms, NOW).unwrap();
        let mut head = http::Request::post(signed.target);
        for (name, value) in signed.headers {
            head = head.header(name, value);
        }
        let request = Request {
            head: head.body(()).unwrap().into_parts().0,
            body: Bytes::copy_from_slice(body),
            source: IpAddr::V4(Ipv4Addr::LOCALHOST),
            id: RequestId([0xab; 16]),
            at: at(),
        };
        block_on(answer(&self.0.engine, &Inline, request))
    }

    /// Has an operation done, and gives the answer.
    fn call(&self, operation: &str, input: &Value) -> Value {
        let response = self.send(operation, input.to_string().as_bytes());
        assert_eq!(response.status(), StatusCode::OK, "{operation}: {:?}", response.body());
        serde_json::from_slice(response.body()).unwrap_or(Value::Null)
    }

    fn key(&self, spec: &str, usage: &str) -> String {
        let made = self.call("CreateKey", &json!({ "KeySpec": spec, "KeyUsage": usage }));
        made["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned()
    }

    /// Sends bodies that are nearly like these, and bodies of which a member is.
    fn try_operation(&self, operation: &str, inputs: &[&Value]) {
        self.try_again(operation, inputs, &|| {});
    }

    /// The same with what is to be done before each, so that it can be done again.
    fn try_again(&self, operation: &str, inputs: &[&Value], before: &dyn Fn()) {
        let seeds: Vec<_> = inputs.iter().map(|input| input.to_string().into_bytes()).collect();
        let accepted = mutations::try_all(operation, COUNT, &seeds, &mut |body| {
            before();
            self.accepts(operation, body)
        });
        assert!(accepted < COUNT);
        let members = inputs.iter().copied().flat_map(|input| {
            input.as_object().unwrap().iter().map(move |(name, value)| (input, name, value))
        });
        for (input, name, value) in members {
            let (what, seeds) = (format!("{operation}: {name}"), [value.to_string().into_bytes()]);
            mutations::try_all(&what, COUNT / 4, &seeds, &mut |bytes| {
                let text = || Value::String(String::from_utf8_lossy(bytes).into_owned());
                let mut changed = input.clone();
                changed[name] = serde_json::from_slice(bytes).unwrap_or_else(|_| text());
                before();
                self.accepts(operation, changed.to_string().as_bytes())
            });
        }
    }

    /// Whether an operation is done. If not, the answer says that it is the caller's fault.
    fn accepts(&self, operation: &str, body: &[u8]) -> bool {
        let response = self.send(operation, body);
        if response.status() == StatusCode::OK {
            return true;
        }
        assert!(response.status().is_client_error(), "{:?}", response.body());
        let refusal: Value = serde_json::from_slice(response.body()).unwrap();
        assert!(refusal["__type"].is_string(), "{refusal}");
        false
    }
}

#[test]
fn no_body_is_without_an_answer_where_keys_are_used() {
    let ground = Ground::new();
    let house = Door(House::on(&ground));
    let key = house.key("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
    let context = json!({ "App": "ä", "b": "c\u{1}" });
    let plain = json!({ "KeyId": key, "Plaintext": "cGxhaW4=", "EncryptionContext": context });
    let blob = house.call("Encrypt", &plain)["CiphertextBlob"].clone();
    let made = json!({ "CiphertextBlob": blob, "EncryptionContext": context, "KeyId": key });
    house.try_operation("Encrypt", &[&plain]);
    house.try_operation("Decrypt", &[&made]);
    house.try_operation(
        "ReEncrypt",
        &[&json!({ "CiphertextBlob": blob, "SourceEncryptionContext": context,
            "DestinationKeyId": key, "DestinationEncryptionContext": { "x": "y" } })],
    );
    house.try_operation(
        "GenerateDataKey",
        &[
            &json!({ "KeyId": key, "KeySpec": "AES_256" }),
            &json!({ "KeyId": key, "NumberOfBytes": 9 }),
        ],
    );
    house.try_operation("GenerateRandom", &[&json!({ "NumberOfBytes": 32 })]);
    let key = house.key("ECC_NIST_P256", "SIGN_VERIFY");
    let asked = json!({ "KeyId": key, "Message": "bWVzc2FnZQ==", "MessageType": "RAW",
        "SigningAlgorithm": "ECDSA_SHA_256" });
    let mut signed = asked.clone();
    signed["Signature"] = house.call("Sign", &asked)["Signature"].clone();
    house.try_operation("Sign", &[&asked]);
    house.try_operation("Verify", &[&signed]);
    house.try_operation("GetPublicKey", &[&json!({ "KeyId": key })]);
    let key = house.key("ECC_NIST_P256", "KEY_AGREEMENT");
    let peer = house.call("GetPublicKey", &json!({ "KeyId": key }))["PublicKey"].clone();
    let asked = json!({ "KeyId": key, "KeyAgreementAlgorithm": "ECDH", "PublicKey": peer });
    house.try_operation("DeriveSharedSecret", &[&asked]);
    let key = house.key("ML_KEM_512", "ENCAPSULATE_DECAPSULATE");
    let asked = json!({ "KeyId": key, "EncapsulationAlgorithm": "ML_KEM" });
    let mut made = asked.clone();
    let blob = house.call("Encapsulate", &asked)["SharedSecretCiphertextBlob"].clone();
    made["SharedSecretCiphertextBlob"] = blob;
    house.try_operation("Encapsulate", &[&asked]);
    house.try_operation("Decapsulate", &[&made]);
    let key = house.key("HMAC_256", "GENERATE_VERIFY_MAC");
    let asked = json!({ "KeyId": key, "Message": "bWVzc2FnZQ==", "MacAlgorithm": "HMAC_SHA_256" });
    let mut made = asked.clone();
    made["Mac"] = house.call("GenerateMac", &asked)["Mac"].clone();
    house.try_operation("GenerateMac", &[&asked]);
    house.try_operation("VerifyMac", &[&made]);
}

#[test]
fn no_body_is_without_an_answer_where_keys_are_kept() {
    let ground = Ground::new();
    let house = Door(House::on(&ground));
    let key = house.key("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
    house.call("CreateAlias", &json!({ "AliasName": "alias/one", "TargetKeyId": key }));
    let one = json!({ "KeyId": key });
    let tags = json!([{ "TagKey": "Cost", "TagValue": "ä" }]);
    let policy = iam::default_key_policy("111122223333".parse().unwrap());
    let described = json!({ "KeyId": key, "Description": "d" });
    house.try_operation("DescribeKey", &[&one, &json!({ "KeyId": "alias/one" })]);
    house.try_operation("UpdateKeyDescription", &[&described]);
    house.try_operation("ListKeys", &[&json!({ "Limit": 10 })]);
    house.try_operation("ListAliases", &[&json!({ "KeyId": key, "Limit": 10 })]);
    house.try_operation("TagResource", &[&json!({ "KeyId": key, "Tags": tags })]);
    house.try_operation("ListResourceTags", &[&one]);
    house.try_operation("UntagResource", &[&json!({ "KeyId": key, "TagKeys": ["Cost"] })]);
    house.try_operation("GetKeyPolicy", &[&json!({ "KeyId": key, "PolicyName": "default" })]);
    house.try_operation("ListKeyPolicies", &[&one]);
    let made = json!({ "Description": "d", "KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY",
        "Tags": tags, "Policy": policy, "Origin": "AWS_KMS", "MultiRegion": false });
    house.try_operation("CreateKey", &[&made]);
    let alias = json!({ "AliasName": "alias/two", "TargetKeyId": key });
    let name = json!({ "AliasName": "alias/two" });
    let undo = |operation: &str, input: &Value| {
        house.send(operation, input.to_string().as_bytes());
    };
    house.try_again("CreateAlias", &[&alias], &|| undo("DeleteAlias", &name));
    house.try_again("UpdateAlias", &[&alias], &|| undo("CreateAlias", &alias));
    house.try_again("DeleteAlias", &[&name], &|| undo("CreateAlias", &alias));
    house.try_operation("DisableKey", &[&one]);
    house.try_operation("EnableKey", &[&one]);
    house.try_operation("PutKeyPolicy", &[&json!({ "KeyId": key, "Policy": policy })]);
    let key = house.key("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
    let scheduled = json!({ "KeyId": key, "PendingWindowInDays": 7 });
    let cancelled = json!({ "KeyId": key });
    house.try_again("ScheduleKeyDeletion", &[&scheduled], &|| {
        undo("CancelKeyDeletion", &cancelled);
    });
    house.try_again("CancelKeyDeletion", &[&cancelled], &|| {
        undo("ScheduleKeyDeletion", &scheduled);
    });
}
