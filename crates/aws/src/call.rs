//! One request of a known caller: what an operation's file reads from and acts through.

use std::sync::Arc;

use bytes::Bytes;
use engine::{Caller, Engine, KeyRef, Mode, Offload, Operation};
use model::{At, limits};
use serde::Deserialize;

use crate::{
    error::Refusal,
    key_ref::{self, Accept},
    place::Place,
};

/// A request whose sender is known and whose body is not read yet.
pub(crate) struct Call<'a> {
    engine: &'a Arc<Engine>,
    pool: &'a dyn Offload,
    caller: &'a Caller,
    body: Bytes,
    at: At,
    place: Place<'a>,
}

impl<'a> Call<'a> {
    /// `caller` says `body`.
    pub(crate) fn new(
        engine: &'a Arc<Engine>,
        pool: &'a dyn Offload,
        caller: &'a Caller,
        body: Bytes,
        at: At,
    ) -> Self {
        Self { engine, pool, caller, body, at, place: Place::of(caller) }
    }

    /// Where bare names are read.
    pub(crate) fn place(&self) -> &Place<'a> {
        &self.place
    }

    /// The body as an operation's input.
    pub(crate) fn input<'b, T: Deserialize<'b>>(&'b self) -> Result<T, Refusal> {
        from_json(&self.body)
    }

    /// The key a member names.
    pub(crate) fn key(&self, text: &str, accept: Accept) -> Result<KeyRef, Refusal> {
        key_ref::key(text, &self.place, accept)
    }

    /// Has the engine do it.
    pub(crate) async fn perform<O: Operation>(self, operation: O) -> Result<O::Reply, Refusal> {
        self.perform_or_try(operation, None).await
    }

    /// Has the engine do it, or with `dry_run` all but that.
    pub(crate) async fn perform_or_try<O: Operation>(
        self,
        operation: O,
        dry_run: Option<bool>,
    ) -> Result<O::Reply, Refusal> {
        let mode = if dry_run == Some(true) { Mode::DryRun } else { Mode::Run };
        let Self { engine, pool, caller, body, at, place } = self;
        // It has been read: others that wait may have its memory.
        drop(body);
        engine::perform(engine, pool, caller, operation, at, mode)
            .await
            .map_err(|error| Refusal::of(error, Some(&place)))
    }
}

/// Reads a JSON object; members that the operation does not have are ignored, as AWS ignores them.
pub(crate) fn from_json<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refusal> {
    let refused = |message: String| Refusal::new("SerializationException", message);
    let body = body.trim_ascii();
    let body = if body.is_empty() { b"{}" } else { body };
    // A list would do for serde's structs.
    if body.first() != Some(&b'{') {
        return Err(refused("The body is not a JSON object.".into()));
    }
    if depth_exceeds(body, limits::JSON_DEPTH_MAX) {
        return Err(refused("The body is nested too deeply.".into()));
    }
    // Once, instead of once for each text in it.
    let body = str::from_utf8(body).map_err(|_| refused("The body is not UTF-8.".into()))?;
    serde_json::from_str(body).map_err(|error| {
        // What serde says of a value may repeat it, and it may be a plaintext: say only where.
        refused(format!(
            "The body is not JSON of the operation's input, at line {} column {}.",
            error.line(),
            error.column()
        ))
    })
}

/// Whether brackets nest deeper than `max`.
fn depth_exceeds(body: &[u8], max: usize) -> bool {
    // There is no depth without as many brackets: nearly every body is done here.
    if opening_brackets(body) <= max {
        return false;
    }
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for &byte in body {
        match (in_text, byte) {
            _ if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            (false, b'{' | b'[') => {
                depth += 1;
                if depth > max {
                    return true;
                }
            }
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

fn opening_brackets(body: &[u8]) -> usize {
    // They differ by one bit. The small sums of short pieces are what a processor adds up at once.
    let count = |piece: &[u8]| {
        piece.iter().fold(0_u8, |count, byte| count + u8::from(byte & !0x20 == b'['))
    };
    body.chunks(usize::from(u8::MAX)).map(|piece| usize::from(count(piece))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Input {
        limit: Option<i32>,
    }

    fn refused(body: &str) -> String {
        let refusal = from_json::<Input>(body.as_bytes()).unwrap_err();
        assert_eq!(refusal.kind(), "SerializationException", "{body}");
        refusal.message().unwrap().to_owned()
    }

    #[test]
    fn members_that_an_operation_does_not_have_are_ignored() {
        assert_eq!(from_json::<Input>(b"{\"Limit\":3,\"Other\":[{}]}").unwrap().limit, Some(3));
        assert_eq!(from_json::<Input>(b"").unwrap().limit, None);
    }

    #[test]
    fn what_is_not_json_of_the_input_is_a_serialization_exception() {
        for body in ["[3]", "3", "{", "{\"Limit\":\"3\"}", "{\"Limit\":3}{}", "{\"Limit\":1.5}"] {
            refused(body);
        }
    }

    #[test]
    fn a_refusal_does_not_repeat_the_body() {
        assert!(!refused("{\"Limit\":\"hunter2\"}").contains("hunter2"));
    }

    #[test]
    fn depth_is_bounded_and_brackets_in_texts_do_not_count() {
        let deep = format!("{{\"A\":{}{}}}", "[".repeat(32), "]".repeat(32));
        assert!(refused(&deep).contains("nested"));
        let flat = format!("{{\"A\":\"{}\\\"\",\"B\":[]}}", "[".repeat(100));
        assert!(from_json::<Input>(flat.as_bytes()).is_ok());
        let wide = format!("{{\"A\":[{}[]]}}", "[],".repeat(100));
        assert!(from_json::<Input>(wide.as_bytes()).is_ok());
    }
}
