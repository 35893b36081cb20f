//! `Sign` and `Verify`.

use bytes::Bytes;
use engine::{
    names,
    op::{Sign, Verify},
};
use model::algorithm::{MessageType, SigningAlgorithm};
use serde::Deserialize;

use super::member::{self, Blob, Text};
use crate::{call::Call, error::Refusal, json::Object, key_ref::Accept, validate::Checks};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input<'a> {
    #[serde(borrow)]
    key_id: Option<Text<'a>>,
    message: Option<Blob>,
    #[serde(borrow)]
    message_type: Option<Text<'a>>,
    #[serde(borrow)]
    signing_algorithm: Option<Text<'a>>,
    /// Only for `Verify`.
    signature: Option<Blob>,
    #[serde(borrow)]
    grant_tokens: Option<Vec<Text<'a>>>,
    dry_run: Option<bool>,
}

/// Answers `Sign`.
pub(crate) async fn sign(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: Input<'_> = call.input()?;
    let dry_run = input.dry_run;
    let mut checks = Checks::default();
    let Some(operation) = from_wire(input, &mut checks, &call) else {
        return Err(checks.refusal());
    };
    let operation = operation?;
    let algorithm = operation.algorithm;
    let reply = call.perform_or_try(operation, dry_run).await?;
    Ok(Object::with_blobs(reply.signature.len())
        .text("KeyId", &reply.key.arn())
        .blob("Signature", &reply.signature)
        .text("SigningAlgorithm", names::signing_algorithm(algorithm))
        .body())
}

/// Answers `Verify`.
pub(crate) async fn verify(call: Call<'_>) -> Result<Bytes, Refusal> {
    let mut input: Input<'_> = call.input()?;
    let dry_run = input.dry_run;
    let mut checks = Checks::default();
    let signature = member::ciphertext(&mut checks, "signature", input.signature.take());
    let signed = from_wire(input, &mut checks, &call);
    let (Some(signature), Some(signed)) = (signature, signed) else {
        return Err(checks.refusal());
    };
    let Sign { key, algorithm, message_type, message } = signed?;
    let operation = Verify { key, algorithm, message_type, message, signature };
    let reply = call.perform_or_try(operation, dry_run).await?;
    Ok(Object::new()
        .text("KeyId", &reply.key.arn())
        .bool("SignatureValid", true)
        .text("SigningAlgorithm", names::signing_algorithm(algorithm))
        .body())
}

/// What is, or was, signed; `None` when a constraint does not hold.
fn from_wire(
    input: Input<'_>,
    checks: &mut Checks,
    call: &Call<'_>,
) -> Option<Result<Sign, Refusal>> {
    let key = member::key_id(checks, input.key_id);
    let message = member::message(checks, input.message);
    let message_type = match input.message_type {
        None => Some(MessageType::Raw),
        Some(text) => checks.one_of("messageType", &text, MessageType::ALL, names::message_type),
    };
    let algorithm = checks.required("signingAlgorithm", input.signing_algorithm);
    let algorithm = algorithm.and_then(|text| {
        let all = SigningAlgorithm::ALL;
        checks.one_of("signingAlgorithm", &text, all, names::signing_algorithm)
    });
    let (key, message, message_type, algorithm) = (key?, message?, message_type?, algorithm?);
    Some(
        member::no_grants(input.grant_tokens.as_ref())
            .and_then(|()| call.key(&key, Accept::KeyOrAlias))
            .map(|key| Sign { key, algorithm, message_type, message }),
    )
}
