//! `GetPublicKey`.

use bytes::Bytes;
use engine::{
    names,
    op::{GetPublicKey, PublicKey},
};
use serde::Deserialize;

use super::{
    member::{self, Text},
    metadata,
};
use crate::{call::Call, error::Refusal, json::Object, key_ref::Accept, validate::Checks};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input<'a> {
    #[serde(borrow)]
    key_id: Option<Text<'a>>,
    #[serde(borrow)]
    grant_tokens: Option<Vec<Text<'a>>>,
}

/// Answers `GetPublicKey`.
pub(crate) async fn run(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: Input<'_> = call.input()?;
    let mut checks = Checks::default();
    let Some(key) = member::key_id(&mut checks, input.key_id) else {
        return Err(checks.refusal());
    };
    member::no_grants(input.grant_tokens.as_ref())?;
    let key = call.key(&key, Accept::KeyOrAlias)?;
    let reply = call.perform(GetPublicKey { key }).await?;
    Ok(to_wire(&reply))
}

fn to_wire(reply: &PublicKey) -> Bytes {
    let spec = names::key_spec(reply.spec);
    let object = Object::with_blobs(reply.spki.len())
        .text("KeyId", &reply.key.arn())
        .blob("PublicKey", &reply.spki)
        .text("CustomerMasterKeySpec", spec)
        .text("KeySpec", spec)
        .text("KeyUsage", names::key_usage(reply.usage));
    metadata::algorithms(object, reply.spec, reply.usage).body()
}
