//! `ListKeys`.

use bytes::Bytes;
use engine::op::ListKeys;
use serde::Deserialize;

use super::member::{self, Text};
use crate::{call::Call, error::Refusal, json::Object, validate::Checks};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input<'a> {
    limit: Option<i32>,
    #[serde(borrow)]
    marker: Option<Text<'a>>,
}

/// Answers `ListKeys`.
pub(crate) async fn run(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: Input<'_> = call.input()?;
    let mut checks = Checks::default();
    let Some(page) = member::page(&mut checks, input.limit, input.marker, 1000, 100) else {
        return Err(checks.refusal());
    };
    let (account, region) = call.place().pair();
    let reply = call.perform(ListKeys { account, region, page }).await?;
    let object = Object::new().objects("Keys", &reply.items, |object, key| {
        object.text("KeyId", &key.id.to_string()).text("KeyArn", &key.arn())
    });
    Ok(member::page_end(object, reply.next.as_deref()).body())
}
