//! `EnableKey` and `DisableKey`.

use bytes::Bytes;
use engine::{
    KeyRef,
    op::{DisableKey, EnableKey},
};
use serde::Deserialize;

use super::member::{self, Text};
use crate::{call::Call, error::Refusal, key_ref::Accept, validate::Checks};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input<'a> {
    #[serde(borrow)]
    key_id: Option<Text<'a>>,
}

/// Answers `EnableKey`.
pub(crate) async fn enable(call: Call<'_>) -> Result<Bytes, Refusal> {
    let key = from_wire(&call)?;
    call.perform(EnableKey { key }).await?;
    Ok(Bytes::new())
}

/// Answers `DisableKey`.
pub(crate) async fn disable(call: Call<'_>) -> Result<Bytes, Refusal> {
    let key = from_wire(&call)?;
    call.perform(DisableKey { key }).await?;
    Ok(Bytes::new())
}

/// An input that is a key's id or ARN and nothing else.
pub(super) fn from_wire(call: &Call<'_>) -> Result<KeyRef, Refusal> {
    let input: Input<'_> = call.input()?;
    let mut checks = Checks::default();
    match member::key_id(&mut checks, input.key_id) {
        Some(key) => call.key(&key, Accept::Key),
        None => Err(checks.refusal()),
    }
}
