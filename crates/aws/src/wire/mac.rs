//! `GenerateMac` and `VerifyMac`.

use bytes::Bytes;
use engine::{
    names,
    op::{GenerateMac, VerifyMac},
};
use model::algorithm::Hash;
use serde::Deserialize;

use super::member::{self, Blob, Text};
use crate::{call::Call, error::Refusal, json::Object, key_ref::Accept, validate::Checks};

const HASHES: &[Hash] = &[Hash::Sha224, Hash::Sha256, Hash::Sha384, Hash::Sha512];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input<'a> {
    #[serde(borrow)]
    key_id: Option<Text<'a>>,
    message: Option<Blob>,
    #[serde(borrow)]
    mac_algorithm: Option<Text<'a>>,
    /// Only for `VerifyMac`.
    mac: Option<Blob>,
    #[serde(borrow)]
    grant_tokens: Option<Vec<Text<'a>>>,
    dry_run: Option<bool>,
}

/// Answers `GenerateMac`.
pub(crate) async fn generate(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: Input<'_> = call.input()?;
    let dry_run = input.dry_run;
    let mut checks = Checks::default();
    let Some(operation) = from_wire(input, &mut checks, &call) else {
        return Err(checks.refusal());
    };
    let operation = operation?;
    let hash = operation.hash;
    let reply = call.perform_or_try(operation, dry_run).await?;
    Ok(Object::with_blobs(reply.code.len())
        .blob("Mac", &reply.code)
        .text("MacAlgorithm", names::mac_algorithm(hash))
        .text("KeyId", &reply.key.arn())
        .body())
}

/// Answers `VerifyMac`.
pub(crate) async fn verify(call: Call<'_>) -> Result<Bytes, Refusal> {
    let mut input: Input<'_> = call.input()?;
    let dry_run = input.dry_run;
    let mut checks = Checks::default();
    let code = member::ciphertext(&mut checks, "mac", input.mac.take());
    let made = from_wire(input, &mut checks, &call);
    let (Some(code), Some(made)) = (code, made) else {
        return Err(checks.refusal());
    };
    let GenerateMac { key, hash, message } = made?;
    let reply = call.perform_or_try(VerifyMac { key, hash, message, code }, dry_run).await?;
    Ok(Object::new()
        .text("KeyId", &reply.key.arn())
        .bool("MacValid", true)
        .text("MacAlgorithm", names::mac_algorithm(hash))
        .body())
}

/// What a code is, or was, made of; `None` when a constraint does not hold.
fn from_wire(
    input: Input<'_>,
    checks: &mut Checks,
    call: &Call<'_>,
) -> Option<Result<GenerateMac, Refusal>> {
    let key = member::key_id(checks, input.key_id);
    let message = member::message(checks, input.message);
    let hash = checks
        .required("macAlgorithm", input.mac_algorithm)
        .and_then(|text| checks.one_of("macAlgorithm", &text, HASHES, names::mac_algorithm));
    let (key, message, hash) = (key?, message?, hash?);
    Some(
        member::no_grants(input.grant_tokens.as_ref())
            .and_then(|()| call.key(&key, Accept::KeyOrAlias))
            .map(|key| GenerateMac { key, hash, message }),
    )
}
