//! `ScheduleKeyDeletion` and `CancelKeyDeletion`.

use bytes::Bytes;
use engine::op::{CancelKeyDeletion, Deletion, ScheduleKeyDeletion};
use model::limits;
use serde::Deserialize;

use super::{
    member::{self, Text},
    suspension,
};
use crate::{call::Call, error::Refusal, json::Object, key_ref::Accept, validate::Checks};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input<'a> {
    #[serde(borrow)]
    key_id: Option<Text<'a>>,
    pending_window_in_days: Option<i32>,
}

/// Answers `ScheduleKeyDeletion`.
pub(crate) async fn schedule(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: Input<'_> = call.input()?;
    let mut checks = Checks::default();
    let key = member::key_id(&mut checks, input.key_id);
    let window = checks.optional(input.pending_window_in_days, |checks, days| {
        checks.number("pendingWindowInDays", days, 1..=365)
    });
    let (Some(key), Some(window)) = (key, window) else {
        return Err(checks.refusal());
    };
    let key = call.key(&key, Accept::Key)?;
    let window_days = window.unwrap_or(limits::DELETION_WINDOW_DAYS_MAX);
    let reply = call.perform(ScheduleKeyDeletion { key, window_days }).await?;
    Ok(to_wire(&reply))
}

fn to_wire(reply: &Deletion) -> Bytes {
    Object::new()
        .text("KeyId", &reply.key.arn())
        .time("DeletionDate", reply.date)
        .text("KeyState", "PendingDeletion")
        .number("PendingWindowInDays", reply.window_days)
        .body()
}

/// Answers `CancelKeyDeletion`.
pub(crate) async fn cancel(call: Call<'_>) -> Result<Bytes, Refusal> {
    let key = suspension::from_wire(&call)?;
    let reply = call.perform(CancelKeyDeletion { key }).await?;
    Ok(Object::new().text("KeyId", &reply.arn()).body())
}
