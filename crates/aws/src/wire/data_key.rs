//! `GenerateDataKey` and `GenerateDataKeyWithoutPlaintext`.

use bytes::Bytes;
use engine::op::{DataKey, GenerateDataKey, GenerateDataKeyWithoutPlaintext, SealedDataKey};
use serde::Deserialize;

use super::member::{self, Foreign, Pairs, Text};
use crate::{call::Call, error::Refusal, json::Object, key_ref::Accept, validate::Checks};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input<'a> {
    #[serde(borrow)]
    key_id: Option<Text<'a>>,
    #[serde(borrow)]
    encryption_context: Option<Pairs<'a>>,
    number_of_bytes: Option<i32>,
    #[serde(borrow)]
    key_spec: Option<Text<'a>>,
    #[serde(borrow)]
    grant_tokens: Option<Vec<Text<'a>>>,
    dry_run: Option<bool>,
    recipient: Option<Foreign>,
}

/// The lengths that have a name, in bytes.
const SPECS: &[usize] = &[32, 16];

fn spec_name(len: usize) -> &'static str {
    if len == 32 { "AES_256" } else { "AES_128" }
}

/// Answers `GenerateDataKey`.
pub(crate) async fn with_plaintext(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: Input<'_> = call.input()?;
    member::absent("Recipient", input.recipient.as_ref())?;
    let dry_run = input.dry_run;
    let operation = from_wire(input, &call)?;
    let reply = call.perform_or_try(operation, dry_run).await?;
    Ok(to_wire(&reply))
}

/// Answers `GenerateDataKeyWithoutPlaintext`.
pub(crate) async fn without_plaintext(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: Input<'_> = call.input()?;
    let dry_run = input.dry_run;
    let operation = GenerateDataKeyWithoutPlaintext(from_wire(input, &call)?);
    let reply = call.perform_or_try(operation, dry_run).await?;
    Ok(sealed(Object::with_blobs(reply.ciphertext.len()), &reply).body())
}

fn from_wire(input: Input<'_>, call: &Call<'_>) -> Result<GenerateDataKey, Refusal> {
    let mut checks = Checks::default();
    let key = member::key_id(&mut checks, input.key_id);
    let number = checks.optional(input.number_of_bytes, |checks, number| {
        checks.number("numberOfBytes", number, 1..=1024)
    });
    let spec = checks
        .optional(input.key_spec, |checks, text| checks.one_of("keySpec", &text, SPECS, spec_name));
    let (Some(key), Some(number), Some(spec)) = (key, number, spec) else {
        return Err(checks.refusal());
    };
    member::no_grants(input.grant_tokens.as_ref())?;
    let len = match (number, spec) {
        (Some(number), None) => number as usize,
        (None, Some(len)) => len,
        (None, None) | (Some(_), Some(_)) => {
            let message = "Please specify either number of bytes or key spec.";
            return Err(Refusal::validation(message));
        }
    };
    let key = call.key(&key, Accept::KeyOrAlias)?;
    Ok(GenerateDataKey { key, context: member::context(input.encryption_context)?, len })
}

fn to_wire(reply: &DataKey) -> Bytes {
    let object = Object::with_blobs(reply.plaintext.len() + reply.sealed.ciphertext.len())
        .blob("Plaintext", reply.plaintext.expose());
    sealed(object, &reply.sealed).wiped_body()
}

fn sealed(object: Object, reply: &SealedDataKey) -> Object {
    object
        .blob("CiphertextBlob", &reply.ciphertext)
        .text("KeyId", &reply.key.arn())
        .text("KeyMaterialId", &member::material(reply.material))
}

#[cfg(test)]
mod tests {
    use model::{KeyId, MaterialId, ObjectName, Secret};

    use super::*;

    #[test]
    fn a_data_key_is_written_both_ways() {
        let sealed = SealedDataKey {
            key: ObjectName {
                account: "111122223333".parse().unwrap(),
                region: "eu-west-1".parse().unwrap(),
                id: KeyId::from_random([0xab; 16]),
            },
            material: MaterialId([0xcd; 16]),
            ciphertext: b"sealed".to_vec(),
        };
        let reply = DataKey { plaintext: Secret::new(b"plain".to_vec()), sealed };
        let written: serde_json::Value = serde_json::from_slice(&to_wire(&reply)).unwrap();
        let expected = serde_json::json!({
            "Plaintext": "cGxhaW4=",
            "CiphertextBlob": "c2VhbGVk",
            "KeyId": reply.sealed.key.arn(),
            "KeyMaterialId": member::material(reply.sealed.material),
        });
        assert_eq!(written, expected);
    }
}
