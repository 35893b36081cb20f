//! `Decrypt`.

use bytes::Bytes;
use engine::{
    names,
    op::{Decrypt, Decrypted},
};
use model::algorithm::EncryptionAlgorithm;
use serde::Deserialize;

use super::member::{self, Blob, Foreign, Pairs, Text};
use crate::{call::Call, error::Refusal, json::Object, key_ref::Accept, validate::Checks};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input<'a> {
    #[serde(borrow)]
    key_id: Option<Text<'a>>,
    ciphertext_blob: Option<Blob>,
    #[serde(borrow)]
    encryption_context: Option<Pairs<'a>>,
    #[serde(borrow)]
    encryption_algorithm: Option<Text<'a>>,
    #[serde(borrow)]
    grant_tokens: Option<Vec<Text<'a>>>,
    dry_run: Option<bool>,
    dry_run_modifiers: Option<Foreign>,
    recipient: Option<Foreign>,
}

/// Answers `Decrypt`.
pub(crate) async fn run(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: Input<'_> = call.input()?;
    let dry_run = input.dry_run;
    let operation = from_wire(input, &call)?;
    let algorithm = operation.algorithm;
    let reply = call.perform_or_try(operation, dry_run).await?;
    Ok(to_wire(&reply, algorithm))
}

fn from_wire(input: Input<'_>, call: &Call<'_>) -> Result<Decrypt, Refusal> {
    let mut checks = Checks::default();
    let key = member::maybe_key_id(&mut checks, "keyId", input.key_id);
    let ciphertext = member::ciphertext(&mut checks, "ciphertextBlob", input.ciphertext_blob);
    let algorithm = input.encryption_algorithm.as_ref();
    let algorithm = member::encryption_algorithm(&mut checks, "encryptionAlgorithm", algorithm);
    let (Some(key), Some(ciphertext), Some(algorithm)) = (key, ciphertext, algorithm) else {
        return Err(checks.refusal());
    };
    member::absent("Recipient", input.recipient.as_ref())?;
    member::absent("DryRunModifiers", input.dry_run_modifiers.as_ref())?;
    member::no_grants(input.grant_tokens.as_ref())?;
    if key.is_none() && algorithm != EncryptionAlgorithm::Envelope {
        return Err(Refusal::validation("KeyId is required with an asymmetric algorithm."));
    }
    Ok(Decrypt {
        key: key.map(|key| call.key(&key, Accept::KeyOrAlias)).transpose()?,
        place: call.place().pair(),
        algorithm,
        context: member::context(input.encryption_context)?,
        ciphertext,
    })
}

fn to_wire(reply: &Decrypted, algorithm: EncryptionAlgorithm) -> Bytes {
    Object::with_blobs(reply.plaintext.len())
        .text("KeyId", &reply.key.arn())
        .blob("Plaintext", reply.plaintext.expose())
        .text("EncryptionAlgorithm", names::encryption_algorithm(algorithm))
        .text("KeyMaterialId", &member::material(reply.material))
        .wiped_body()
}
