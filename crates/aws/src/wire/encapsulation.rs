//! `Encapsulate` and `Decapsulate`.

use bytes::Bytes;
use engine::{
    names,
    op::{Decapsulate, Encapsulate, Encapsulated, SharedSecret},
};
use serde::Deserialize;

use super::member::{self, Blob, Text};
use crate::{call::Call, error::Refusal, json::Object, key_ref::Accept, validate::Checks};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input<'a> {
    #[serde(borrow)]
    key_id: Option<Text<'a>>,
    /// Only for `Decapsulate`.
    shared_secret_ciphertext_blob: Option<Blob>,
    #[serde(borrow)]
    encapsulation_algorithm: Option<Text<'a>>,
    #[serde(borrow)]
    grant_tokens: Option<Vec<Text<'a>>>,
    dry_run: Option<bool>,
}

/// Answers `Encapsulate`.
pub(crate) async fn encapsulate(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: Input<'_> = call.input()?;
    let dry_run = input.dry_run;
    let mut checks = Checks::default();
    let Some(operation) = from_wire(input, &mut checks, &call) else {
        return Err(checks.refusal());
    };
    let reply = call.perform_or_try(operation?, dry_run).await?;
    Ok(encapsulated(&reply))
}

/// Answers `Decapsulate`.
pub(crate) async fn decapsulate(call: Call<'_>) -> Result<Bytes, Refusal> {
    let mut input: Input<'_> = call.input()?;
    let dry_run = input.dry_run;
    let mut checks = Checks::default();
    let blob = input.shared_secret_ciphertext_blob.take();
    let ciphertext = member::ciphertext(&mut checks, "sharedSecretCiphertextBlob", blob);
    let to = from_wire(input, &mut checks, &call);
    let (Some(ciphertext), Some(to)) = (ciphertext, to) else {
        return Err(checks.refusal());
    };
    let operation = Decapsulate { key: to?.key, ciphertext };
    let reply = call.perform_or_try(operation, dry_run).await?;
    Ok(recovered(&reply))
}

/// To which key; `None` when a constraint does not hold.
fn from_wire(
    input: Input<'_>,
    checks: &mut Checks,
    call: &Call<'_>,
) -> Option<Result<Encapsulate, Refusal>> {
    let key = member::key_id(checks, input.key_id);
    let algorithm = member::only(
        checks,
        "encapsulationAlgorithm",
        input.encapsulation_algorithm,
        names::ENCAPSULATION_ALGORITHM,
    );
    let (key, ()) = (key?, algorithm?);
    Some(
        member::no_grants(input.grant_tokens.as_ref())
            .and_then(|()| call.key(&key, Accept::KeyOrAlias))
            .map(|key| Encapsulate { key }),
    )
}

fn encapsulated(reply: &Encapsulated) -> Bytes {
    Object::with_blobs(reply.secret.len() + reply.ciphertext.len())
        .text("KeyId", &reply.key.arn())
        .blob("SharedSecret", reply.secret.expose())
        .blob("SharedSecretCiphertextBlob", &reply.ciphertext)
        .text("EncapsulationAlgorithm", names::ENCAPSULATION_ALGORITHM)
        .wiped_body()
}

fn recovered(reply: &SharedSecret) -> Bytes {
    Object::with_blobs(reply.secret.len())
        .text("KeyId", &reply.key.arn())
        .blob("SharedSecret", reply.secret.expose())
        .text("EncapsulationAlgorithm", names::ENCAPSULATION_ALGORITHM)
        .wiped_body()
}
