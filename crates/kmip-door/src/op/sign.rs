//! Signatures, and what is said of what is not genuine.

use engine::{
    By, KeyRef,
    op::{Part, SignWith, VerifiedWith, VerifyWith},
};
use kmip::{
    names::enumeration::ValidityIndicator,
    payload::{
        Data, Response, SignRequest, SignResponse, SignatureVerifyRequest, SignatureVerifyResponse,
    },
    wire::{Bytes, Identifier},
};
use model::{Error, algorithm::MessageType};

use crate::{call::Call, failed::Failed, parameters, part};

/// `Sign`.
pub(crate) async fn sign(call: &Call<'_>, request: SignRequest) -> Result<Response, Failed> {
    let object = call.object(request.unique_identifier.as_ref())?;
    let (init, last) = (request.init_indicator, request.final_indicator);
    let part = part::part(request.correlation_value.as_ref(), init, last)?;
    let (kind, message) = message(request.data, request.digested_data, part)?;
    let how = parameters::signature(request.cryptographic_parameters);
    let done = call.perform(SignWith { object, how, part, kind, message }).await?;
    Ok(Response::Sign(Box::new(SignResponse {
        unique_identifier: call.about(&done.object),
        signature_data: done.signature.map(Bytes),
        correlation_value: part::correlation(done.stream),
    })))
}

/// `Signature Verify`.
pub(crate) async fn verify(
    call: &Call<'_>,
    request: SignatureVerifyRequest,
) -> Result<Response, Failed> {
    let object = call.object(request.unique_identifier.as_ref())?;
    let (init, last) = (request.init_indicator, request.final_indicator);
    let part = part::part(request.correlation_value.as_ref(), init, last)?;
    let (kind, message) = message(request.data, request.digested_data, part)?;
    let signature = part::with_last(request.signature_data, part, "the signature")?;
    let how = parameters::signature(request.cryptographic_parameters);
    let verify = VerifyWith { object: object.clone(), how, part, kind, message, signature };
    let verdict = Verdict::of(call, &object, call.attempt(verify).await)?;
    Ok(Response::SignatureVerify(Box::new(SignatureVerifyResponse {
        unique_identifier: verdict.identifier,
        validity_indicator: verdict.validity,
        data: None,
        correlation_value: verdict.correlation,
    })))
}

/// The message, or its digest in place of it.
fn message(
    data: Option<Data>,
    digest: Option<Bytes>,
    part: Part,
) -> Result<(MessageType, Vec<u8>), Failed> {
    match (data, digest) {
        (Some(_), Some(_)) => {
            Err(Failed::field("The request has both the data and their digest; one is enough."))
        }
        (None, Some(Bytes(digest))) => Ok((MessageType::Digest, digest)),
        (data, None) => Ok((MessageType::Raw, part::open_data(data, part)?)),
    }
}

/// What a verification found: that something is not genuine is an answer, not a failure.
pub(crate) struct Verdict {
    pub(crate) identifier: Identifier,
    /// Nothing is said before all of the message is there.
    pub(crate) validity: Option<ValidityIndicator>,
    pub(crate) correlation: Option<Bytes>,
}

impl Verdict {
    /// Of what the engine said about `object`.
    pub(crate) fn of(
        call: &Call<'_>,
        object: &KeyRef,
        verified: Result<VerifiedWith, Error>,
    ) -> Result<Self, Failed> {
        match verified {
            Ok(VerifiedWith { object, stream }) => Ok(Self {
                identifier: call.about(&object),
                validity: stream.is_none().then_some(ValidityIndicator::VALID),
                correlation: part::correlation(stream),
            }),
            Err(Error::NotAuthentic(_)) => {
                let By::Id(id) = object.by else { return Err(Failed::not_found()) };
                call.shared.placeholder.set(Some(id));
                Ok(Self {
                    identifier: Identifier::Text(id.to_string()),
                    validity: Some(ValidityIndicator::INVALID),
                    correlation: None,
                })
            }
            Err(error) => Err(error.into()),
        }
    }
}
