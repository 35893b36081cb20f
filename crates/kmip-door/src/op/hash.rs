//! Hashes.

use engine::op::HashMessage;
use kmip::{
    names::enumeration::ResultReason,
    payload::{HashRequest, HashResponse, Response},
    wire::Bytes,
};

use crate::{call::Call, failed::Failed, parameters, part};

/// `Hash`.
pub(crate) async fn hash(call: &Call<'_>, request: HashRequest) -> Result<Response, Failed> {
    let (init, last) = (request.init_indicator, request.final_indicator);
    let part = part::part(request.correlation_value.as_ref(), init, last)?;
    let message = part::open_data(request.data, part)?;
    let said = request.cryptographic_parameters.hashing_algorithm;
    let said = said.ok_or_else(|| part::missing("the hashing algorithm"))?;
    let hash = parameters::hash(said).ok_or_else(|| {
        let reason = ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS;
        Failed::new(reason, "This hash is not supported here.")
    })?;
    let done = call.perform(HashMessage { hash, part, message }).await?;
    Ok(Response::Hash(Box::new(HashResponse {
        data: done.digest.map(Bytes),
        correlation_value: part::correlation(done.stream),
    })))
}
