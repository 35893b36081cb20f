//! `Encrypt`.

use bytes::Bytes;
use engine::{
    names,
    op::{Encrypt, Encrypted},
};
use model::{algorithm::EncryptionAlgorithm, limits};
use serde::Deserialize;

use super::member::{self, Pairs, SecretBlob, Text};
use crate::{call::Call, error::Refusal, json::Object, key_ref::Accept, validate::Checks};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input<'a> {
    #[serde(borrow)]
    key_id: Option<Text<'a>>,
    plaintext: Option<SecretBlob>,
    #[serde(borrow)]
    encryption_context: Option<Pairs<'a>>,
    #[serde(borrow)]
    encryption_algorithm: Option<Text<'a>>,
    #[serde(borrow)]
    grant_tokens: Option<Vec<Text<'a>>>,
    dry_run: Option<bool>,
}

/// Answers `Encrypt`.
pub(crate) async fn run(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: Input<'_> = call.input()?;
    let dry_run = input.dry_run;
    let operation = from_wire(input, &call)?;
    let algorithm = operation.algorithm;
    let reply = call.perform_or_try(operation, dry_run).await?;
    Ok(to_wire(&reply, algorithm))
}

fn from_wire(input: Input<'_>, call: &Call<'_>) -> Result<Encrypt, Refusal> {
    let mut checks = Checks::default();
    let key = member::key_id(&mut checks, input.key_id);
    let plaintext = checks.required("plaintext", input.plaintext).and_then(|blob| {
        let len = blob.0.len();
        checks.bytes("plaintext", blob.0, len, 1..=limits::PLAINTEXT_LEN_MAX)
    });
    let algorithm = input.encryption_algorithm.as_ref();
    let algorithm = member::encryption_algorithm(&mut checks, "encryptionAlgorithm", algorithm);
    let (Some(key), Some(plaintext), Some(algorithm)) = (key, plaintext, algorithm) else {
        return Err(checks.refusal());
    };
    member::no_grants(input.grant_tokens.as_ref())?;
    Ok(Encrypt {
        key: call.key(&key, Accept::KeyOrAlias)?,
        algorithm,
        context: member::context(input.encryption_context)?,
        plaintext,
    })
}

fn to_wire(reply: &Encrypted, algorithm: EncryptionAlgorithm) -> Bytes {
    Object::with_blobs(reply.ciphertext.len())
        .blob("CiphertextBlob", &reply.ciphertext)
        .text("KeyId", &reply.key.arn())
        .text("EncryptionAlgorithm", names::encryption_algorithm(algorithm))
        .body()
}
