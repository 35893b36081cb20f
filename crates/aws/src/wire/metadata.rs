//! `DescribeKey` and `UpdateKeyDescription`, and a key's metadata as the API writes it.

use bytes::Bytes;
use engine::{
    names,
    op::{DescribeKey, KeyAttributes, KeyStatus, UpdateKeyDescription},
};
use model::{
    algorithm::{KeySpec, KeyUsage},
    limits,
};
use serde::Deserialize;

use super::member::{self, Text};
use crate::{call::Call, error::Refusal, json::Object, key_ref::Accept, validate::Checks};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeInput<'a> {
    #[serde(borrow)]
    key_id: Option<Text<'a>>,
    #[serde(borrow)]
    grant_tokens: Option<Vec<Text<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateInput<'a> {
    #[serde(borrow)]
    key_id: Option<Text<'a>>,
    #[serde(borrow)]
    description: Option<Text<'a>>,
}

/// Answers `DescribeKey`.
pub(crate) async fn describe(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: DescribeInput<'_> = call.input()?;
    let mut checks = Checks::default();
    let Some(key) = member::key_id(&mut checks, input.key_id) else {
        return Err(checks.refusal());
    };
    member::no_grants(input.grant_tokens.as_ref())?;
    let key = call.key(&key, Accept::KeyOrAlias)?;
    let reply = call.perform(DescribeKey { key }).await?;
    Ok(to_wire(&reply))
}

/// Answers `UpdateKeyDescription`.
pub(crate) async fn update_description(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: UpdateInput<'_> = call.input()?;
    let mut checks = Checks::default();
    let key = member::key_id(&mut checks, input.key_id);
    let description = checks.required("description", input.description);
    let description = description.and_then(|text| self::description(&mut checks, text));
    let (Some(key), Some(description)) = (key, description) else {
        return Err(checks.refusal());
    };
    let key = call.key(&key, Accept::Key)?;
    let description = description.into_owned();
    call.perform(UpdateKeyDescription { key, description }).await?;
    Ok(Bytes::new())
}

/// A key's description.
pub(crate) fn description<'a>(checks: &mut Checks, text: Text<'a>) -> Option<Text<'a>> {
    checks.text("description", text, 0..=limits::DESCRIPTION_LEN_MAX)
}

/// A reply that is a key's metadata.
pub(crate) fn to_wire(key: &KeyAttributes) -> Bytes {
    Object::with_blobs(key.description.len())
        .object("KeyMetadata", |object| metadata(object, key))
        .body()
}

fn metadata(object: Object, key: &KeyAttributes) -> Object {
    let spec = names::spec(key.spec);
    let mut object = object
        .text("AWSAccountId", key.name.account.as_str())
        .text("KeyId", &key.name.id.to_string())
        .text("Arn", &key.name.arn())
        .time("CreationDate", key.created)
        .bool("Enabled", matches!(key.status, KeyStatus::Enabled))
        .text("Description", &key.description)
        .text("KeyUsage", names::usage(key.usage))
        .text("KeyState", state(&key.status));
    if let Some(date) = key.deletion {
        object = object.time("DeletionDate", date);
    }
    object = object.text("Origin", names::key_origin(key.origin)).text("KeyManager", "CUSTOMER");
    object =
        object.text("CustomerMasterKeySpec", spec).text("KeySpec", spec).bool("MultiRegion", false);
    if let (true, Some(material)) = (key.spec == KeySpec::Aes256.into(), key.material) {
        object = object.text("CurrentKeyMaterialId", &member::material(material));
    }
    match (key.spec.key(), key.usage) {
        (Some(spec), Some(usage)) => algorithms(object, spec, usage),
        _ => object,
    }
}

/// A key's state in the API's words.
fn state(status: &KeyStatus) -> &'static str {
    match status {
        KeyStatus::Enabled => "Enabled",
        KeyStatus::Disabled => "Disabled",
        KeyStatus::PendingDeletion => "PendingDeletion",
        KeyStatus::PendingImport => "PendingImport",
    }
}

/// What a key of this spec can do in its one usage.
pub(crate) fn algorithms(object: Object, spec: KeySpec, usage: KeyUsage) -> Object {
    match usage {
        KeyUsage::EncryptDecrypt => {
            let all = spec.encryption_algorithms().iter();
            object.texts("EncryptionAlgorithms", all.map(|a| names::encryption_algorithm(*a)))
        }
        KeyUsage::SignVerify => {
            let all = spec.signing_algorithms().iter();
            object.texts("SigningAlgorithms", all.map(|a| names::signing_algorithm(*a)))
        }
        KeyUsage::GenerateVerifyMac => {
            object.texts("MacAlgorithms", spec.mac_hash().into_iter().map(names::mac_algorithm))
        }
        KeyUsage::KeyAgreement => {
            let all = [names::KEY_AGREEMENT_ALGORITHM];
            object.texts("KeyAgreementAlgorithms", all.into_iter())
        }
        KeyUsage::EncapsulateDecapsulate => {
            object.texts("EncapsulationAlgorithms", [names::ENCAPSULATION_ALGORITHM].into_iter())
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{KeyId, MaterialId, ObjectName, Wall, material::KeyOrigin};

    use super::*;

    fn written(spec: KeySpec, usage: KeyUsage, status: KeyStatus) -> serde_json::Value {
        let key = KeyAttributes {
            name: ObjectName {
                account: "111122223333".parse().unwrap(),
                region: "eu-west-1".parse().unwrap(),
                id: KeyId::from_random([0xab; 16]),
            },
            spec: spec.into(),
            usage: Some(usage),
            created: Wall(1_700_000_000_250),
            description: "a \"key\"".into(),
            deletion: matches!(status, KeyStatus::PendingDeletion)
                .then_some(Wall(1_700_600_000_000)),
            status,
            origin: KeyOrigin::Internal,
            material: Some(MaterialId([0xcd; 16])),
            expiry: None,
        };
        serde_json::from_slice(&to_wire(&key)).unwrap()
    }

    #[test]
    fn a_symmetric_key_is_described_whole() {
        let id = "abababab-abab-4bab-abab-abababababab";
        let metadata = serde_json::json!({ "KeyMetadata": {
            "AWSAccountId": "111122223333",
            "KeyId": id,
            "Arn": format!("arn:aws:kms:eu-west-1:111122223333:key/{id}"),
            "CreationDate": 1_700_000_000.25,
            "Enabled": true,
            "Description": "a \"key\"",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeyState": "Enabled",
            "Origin": "AWS_KMS",
            "KeyManager": "CUSTOMER",
            "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "MultiRegion": false,
            "CurrentKeyMaterialId": format!("{}{}", "0".repeat(32), "cd".repeat(16)),
            "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        }});
        let key = written(KeySpec::Aes256, KeyUsage::EncryptDecrypt, KeyStatus::Enabled);
        assert_eq!(key, metadata);
    }

    #[test]
    fn a_key_that_is_to_be_destroyed_has_a_date_and_is_not_enabled() {
        let key = written(KeySpec::P256, KeyUsage::SignVerify, KeyStatus::PendingDeletion);
        let metadata = &key["KeyMetadata"];
        assert_eq!(metadata["KeyState"], "PendingDeletion");
        assert_eq!(metadata["Enabled"], false);
        assert_eq!(metadata["DeletionDate"], 1_700_600_000.0);
        assert_eq!(metadata["SigningAlgorithms"], serde_json::json!(["ECDSA_SHA_256"]));
        assert!(metadata.get("CurrentKeyMaterialId").is_none());
    }

    #[test]
    fn a_key_lists_the_algorithms_of_its_one_usage() {
        for &spec in KeySpec::ALL {
            for &usage in spec.usages() {
                let key = written(spec, usage, KeyStatus::Disabled);
                let members = key["KeyMetadata"].as_object().unwrap().iter();
                let lists: Vec<_> = members.filter(|(_, value)| value.is_array()).collect();
                assert_eq!(lists.len(), 1, "{spec:?} {usage:?}");
                assert!(!lists[0].1.as_array().unwrap().is_empty(), "{spec:?} {usage:?}");
            }
        }
    }
}
