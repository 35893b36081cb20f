//! `GenerateDataKeyPair` and `GenerateDataKeyPairWithoutPlaintext`.

use bytes::Bytes;
use engine::{
    names,
    op::{
        DataKeyPair, GenerateDataKeyPair, GenerateDataKeyPairWithoutPlaintext, SealedDataKeyPair,
    },
};
use model::algorithm::KeySpec::{self, *};
use serde::Deserialize;

use super::member::{self, Foreign, Pairs, Text};
use crate::{call::Call, error::Refusal, json::Object, key_ref::Accept, validate::Checks};

/// The pairs that may be asked for.
const SPECS: &[KeySpec] = &[
    Rsa2048, Rsa3072, Rsa4096, P256, P384, P521, Secp256k1, Ed25519, MlKem512, MlKem768, MlKem1024,
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input<'a> {
    #[serde(borrow)]
    key_id: Option<Text<'a>>,
    #[serde(borrow)]
    encryption_context: Option<Pairs<'a>>,
    #[serde(borrow)]
    key_pair_spec: Option<Text<'a>>,
    #[serde(borrow)]
    grant_tokens: Option<Vec<Text<'a>>>,
    dry_run: Option<bool>,
    recipient: Option<Foreign>,
}

/// Answers `GenerateDataKeyPair`.
pub(crate) async fn with_plaintext(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: Input<'_> = call.input()?;
    member::absent("Recipient", input.recipient.as_ref())?;
    let dry_run = input.dry_run;
    let operation = from_wire(input, &call)?;
    let spec = operation.spec;
    let reply = call.perform_or_try(operation, dry_run).await?;
    Ok(to_wire(&reply, spec))
}

/// Answers `GenerateDataKeyPairWithoutPlaintext`.
pub(crate) async fn without_plaintext(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: Input<'_> = call.input()?;
    let dry_run = input.dry_run;
    let operation = GenerateDataKeyPairWithoutPlaintext(from_wire(input, &call)?);
    let spec = operation.0.spec;
    let reply = call.perform_or_try(operation, dry_run).await?;
    Ok(sealed(Object::with_blobs(sealed_len(&reply)), &reply, spec).body())
}

fn from_wire(input: Input<'_>, call: &Call<'_>) -> Result<GenerateDataKeyPair, Refusal> {
    let mut checks = Checks::default();
    let key = member::key_id(&mut checks, input.key_id);
    let spec = checks
        .required("keyPairSpec", input.key_pair_spec)
        .and_then(|text| checks.one_of("keyPairSpec", &text, SPECS, names::key_spec));
    let (Some(key), Some(spec)) = (key, spec) else {
        return Err(checks.refusal());
    };
    member::no_grants(input.grant_tokens.as_ref())?;
    let key = call.key(&key, Accept::KeyOrAlias)?;
    Ok(GenerateDataKeyPair { key, context: member::context(input.encryption_context)?, spec })
}

fn to_wire(reply: &DataKeyPair, spec: KeySpec) -> Bytes {
    let object = Object::with_blobs(reply.private.len() + sealed_len(&reply.sealed))
        .blob("PrivateKeyPlaintext", reply.private.expose());
    sealed(object, &reply.sealed, spec).wiped_body()
}

fn sealed_len(reply: &SealedDataKeyPair) -> usize {
    reply.ciphertext.len() + reply.public.len()
}

fn sealed(object: Object, reply: &SealedDataKeyPair, spec: KeySpec) -> Object {
    object
        .blob("PrivateKeyCiphertextBlob", &reply.ciphertext)
        .blob("PublicKey", &reply.public)
        .text("KeyId", &reply.key.arn())
        .text("KeyPairSpec", names::key_spec(spec))
        .text("KeyMaterialId", &member::material(reply.material))
}
