//! `ReEncrypt`.

use bytes::Bytes;
use engine::{
    names,
    op::{ReEncrypt, ReEncrypted},
};
use model::algorithm::EncryptionAlgorithm;
use serde::Deserialize;

use super::member::{self, Blob, Foreign, Pairs, Text};
use crate::{call::Call, error::Refusal, json::Object, key_ref::Accept, validate::Checks};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input<'a> {
    ciphertext_blob: Option<Blob>,
    #[serde(borrow)]
    source_encryption_context: Option<Pairs<'a>>,
    #[serde(borrow)]
    source_key_id: Option<Text<'a>>,
    #[serde(borrow)]
    source_encryption_algorithm: Option<Text<'a>>,
    #[serde(borrow)]
    destination_key_id: Option<Text<'a>>,
    #[serde(borrow)]
    destination_encryption_context: Option<Pairs<'a>>,
    #[serde(borrow)]
    destination_encryption_algorithm: Option<Text<'a>>,
    #[serde(borrow)]
    grant_tokens: Option<Vec<Text<'a>>>,
    dry_run: Option<bool>,
    dry_run_modifiers: Option<Foreign>,
}

/// Answers `ReEncrypt`.
pub(crate) async fn run(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: Input<'_> = call.input()?;
    let dry_run = input.dry_run;
    let operation = from_wire(input, &call)?;
    let algorithms = (operation.source_algorithm, operation.destination_algorithm);
    let reply = call.perform_or_try(operation, dry_run).await?;
    Ok(to_wire(&reply, algorithms))
}

fn from_wire(input: Input<'_>, call: &Call<'_>) -> Result<ReEncrypt, Refusal> {
    let mut checks = Checks::default();
    let ciphertext = member::ciphertext(&mut checks, "ciphertextBlob", input.ciphertext_blob);
    let source = member::maybe_key_id(&mut checks, "sourceKeyId", input.source_key_id);
    let from = input.source_encryption_algorithm.as_ref();
    let from = member::encryption_algorithm(&mut checks, "sourceEncryptionAlgorithm", from);
    let to = member::key_id_at(&mut checks, "destinationKeyId", input.destination_key_id);
    let how = input.destination_encryption_algorithm.as_ref();
    let how = member::encryption_algorithm(&mut checks, "destinationEncryptionAlgorithm", how);
    let all = (ciphertext, source, from, to, how);
    let (Some(ciphertext), Some(source), Some(from), Some(to), Some(how)) = all else {
        return Err(checks.refusal());
    };
    member::absent("DryRunModifiers", input.dry_run_modifiers.as_ref())?;
    member::no_grants(input.grant_tokens.as_ref())?;
    if source.is_none() && from != EncryptionAlgorithm::Envelope {
        return Err(Refusal::validation("SourceKeyId is required with an asymmetric algorithm."));
    }
    Ok(ReEncrypt {
        source: source.map(|key| call.key(&key, Accept::KeyOrAlias)).transpose()?,
        place: call.place().pair(),
        source_algorithm: from,
        source_context: member::context(input.source_encryption_context)?,
        ciphertext,
        destination: call.key(&to, Accept::KeyOrAlias)?,
        destination_algorithm: how,
        destination_context: member::context(input.destination_encryption_context)?,
    })
}

fn to_wire(reply: &ReEncrypted, (from, to): (EncryptionAlgorithm, EncryptionAlgorithm)) -> Bytes {
    let (source, destination) = (&reply.source, &reply.destination);
    Object::with_blobs(reply.ciphertext.len())
        .blob("CiphertextBlob", &reply.ciphertext)
        .text("SourceKeyId", &source.0.arn())
        .text("KeyId", &destination.0.arn())
        .text("SourceEncryptionAlgorithm", names::encryption_algorithm(from))
        .text("DestinationEncryptionAlgorithm", names::encryption_algorithm(to))
        .text("SourceKeyMaterialId", &member::material(source.1))
        .text("DestinationKeyMaterialId", &member::material(destination.1))
        .body()
}
