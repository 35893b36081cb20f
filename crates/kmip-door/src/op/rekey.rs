//! Operations that replace keys by new ones.

use engine::{
    KeyRef,
    op::{Draft, ReKeyObject, ReKeyPair, ReadObject},
};
use kmip::{
    attribute::Attributes,
    names::enumeration::{ObjectType, ResultReason},
    payload::{CreateKeyPairResponse, MadeResponse, ReKeyKeyPairRequest, ReKeyRequest, Response},
    wire::Interval,
};

use crate::{attributes, call::Call, failed::Failed, templates};

/// `ReKey`.
pub(crate) async fn re_key(call: &Call<'_>, request: ReKeyRequest) -> Result<Response, Failed> {
    let object = call.object(request.unique_identifier.as_ref())?;
    let attributes = [templates::resolved(call, request.attributes.unwrap_or_default()).await?];
    let of = (ObjectType::SYMMETRIC_KEY, &object);
    let changes = changes(call, of, &attributes, request.offset).await?;
    let offset_secs = request.offset.map(|offset| offset.0);
    let view = call.perform(ReKeyObject { object, offset_secs, changes }).await?;
    let unique_identifier = call.about(&view.name);
    Ok(Response::ReKey(Box::new(MadeResponse { unique_identifier, attributes: None })))
}

/// `ReKeyKeyPair`.
pub(crate) async fn re_key_key_pair(
    call: &Call<'_>,
    request: ReKeyKeyPairRequest,
) -> Result<Response, Failed> {
    let private = call.object(request.private_key.as_ref())?;
    let common = templates::resolved(call, request.common.unwrap_or_default()).await?;
    let private_own = request.private_attributes.unwrap_or_default();
    let public_own = request.public_attributes.unwrap_or_default();
    let of_private = [common.clone(), templates::resolved(call, private_own).await?];
    let of_public = [common, templates::resolved(call, public_own).await?];
    let of = (ObjectType::PRIVATE_KEY, &private);
    let private_changes = changes(call, of, &of_private, request.offset).await?;
    // The algorithm and length of a pair are the same of both halves.
    let of = (ObjectType::PUBLIC_KEY, &private);
    let public_changes = changes(call, of, &of_public, request.offset).await?;
    let offset_secs = request.offset.map(|offset| offset.0);
    let pair = ReKeyPair { private, offset_secs, private_changes, public_changes };
    let made = call.perform(pair).await?;
    let public_key = call.about(&made.public.name);
    Ok(Response::ReKeyKeyPair(Box::new(CreateKeyPairResponse {
        // The placeholder is the private key.
        private_key: call.about(&made.private.name),
        public_key,
        private_attributes: None,
        public_attributes: None,
    })))
}

/// What is to be different of a new key. The algorithm and length are those of the old one.
async fn changes(
    call: &Call<'_>,
    (object_type, old): (ObjectType, &KeyRef),
    said: &[Attributes],
    offset: Option<Interval>,
) -> Result<Draft, Failed> {
    let wanted = attributes::wanted(object_type, said)?;
    check_dates(offset, &wanted.draft)?;
    if wanted.algorithm.is_some() || wanted.length.is_some() {
        let view = call.perform(ReadObject { object: old.clone() }).await?;
        let (algorithm, length) = attributes::algorithm_and_length(&view);
        let differs = (wanted.algorithm.is_some() && wanted.algorithm != algorithm)
            || (wanted.length.is_some() && wanted.length != length);
        if differs {
            let message = "The new key is of the algorithm and length of the one it replaces.";
            return Err(Failed::field(message));
        }
    }
    Ok(wanted.draft)
}

/// Refuses dates beside an offset that gives them.
pub(crate) fn check_dates(offset: Option<Interval>, said: &Draft) -> Result<(), Failed> {
    let (life, period) = (&said.life, &said.period);
    let dates =
        [life.activation, life.deactivation, period.recipient_from, period.originator_until];
    if offset.is_some() && dates.iter().any(Option::is_some) {
        let message = "An offset gives the dates; say either it or them.";
        return Err(Failed::new(ResultReason::INVALID_MESSAGE, message));
    }
    Ok(())
}
