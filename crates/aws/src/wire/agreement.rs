//! `DeriveSharedSecret`.

use bytes::Bytes;
use engine::{
    names,
    op::{DeriveSharedSecret, SharedSecret},
};
use serde::Deserialize;

use super::member::{self, Blob, Foreign, Text};
use crate::{call::Call, error::Refusal, json::Object, key_ref::Accept, validate::Checks};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input<'a> {
    #[serde(borrow)]
    key_id: Option<Text<'a>>,
    #[serde(borrow)]
    key_agreement_algorithm: Option<Text<'a>>,
    public_key: Option<Blob>,
    #[serde(borrow)]
    grant_tokens: Option<Vec<Text<'a>>>,
    dry_run: Option<bool>,
    recipient: Option<Foreign>,
}

/// Longest public key, in bytes.
const PUBLIC_KEY_LEN_MAX: usize = 8192;

/// Answers `DeriveSharedSecret`.
pub(crate) async fn run(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: Input<'_> = call.input()?;
    let dry_run = input.dry_run;
    let operation = from_wire(input, &call)?;
    let reply = call.perform_or_try(operation, dry_run).await?;
    Ok(to_wire(&reply))
}

fn from_wire(input: Input<'_>, call: &Call<'_>) -> Result<DeriveSharedSecret, Refusal> {
    let mut checks = Checks::default();
    let key = member::key_id(&mut checks, input.key_id);
    let algorithm = member::only(
        &mut checks,
        "keyAgreementAlgorithm",
        input.key_agreement_algorithm,
        names::KEY_AGREEMENT_ALGORITHM,
    );
    let peer = checks.required("publicKey", input.public_key).and_then(|Blob(bytes)| {
        let len = bytes.len();
        checks.bytes("publicKey", bytes, len, 1..=PUBLIC_KEY_LEN_MAX)
    });
    let (Some(key), Some(()), Some(peer)) = (key, algorithm, peer) else {
        return Err(checks.refusal());
    };
    member::absent("Recipient", input.recipient.as_ref())?;
    member::no_grants(input.grant_tokens.as_ref())?;
    Ok(DeriveSharedSecret { key: call.key(&key, Accept::KeyOrAlias)?, peer })
}

fn to_wire(reply: &SharedSecret) -> Bytes {
    Object::with_blobs(reply.secret.len())
        .text("KeyId", &reply.key.arn())
        .blob("SharedSecret", reply.secret.expose())
        .text("KeyAgreementAlgorithm", names::KEY_AGREEMENT_ALGORITHM)
        .text("KeyOrigin", "AWS_KMS")
        .wiped_body()
}
