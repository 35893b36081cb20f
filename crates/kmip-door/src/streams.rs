//! What is done in several parts, between its first request and its last.

/// The open streams of all callers.
#[derive(Default)]
pub(crate) struct Streams {}
