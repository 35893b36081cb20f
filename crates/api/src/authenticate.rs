//! Who sends this request: from its head to the engine's word.

use engine::{Caller, Engine};
use http::request::Parts;
use model::{At, Claim, claim::Origin};

use sigv4::Signature;

use crate::error::Refusal;

/// Has the engine check the signature that `head` bears over itself and `body`.
///
/// # Errors
/// `unauthenticated` when there is no signature, it is malformed, or it does not hold.
pub(crate) fn caller(
    engine: &Engine,
    head: &Parts,
    body: &[u8],
    origin: Origin,
    at: At,
) -> Result<Caller, Refusal> {
    let signature = Signature::of(head)?;
    Ok(engine.identify(&Claim::SigV4(signature.claim(body)), origin, at)?)
}
