//! Message authentication codes.

use engine::op::{GenerateMacWith, VerifyMacWith};
use kmip::{
    payload::{MacRequest, MacResponse, MacVerifyRequest, MacVerifyResponse, Response},
    wire::Bytes,
};

use crate::{call::Call, failed::Failed, op::sign::Verdict, parameters, part};

/// `MAC`.
pub(crate) async fn generate(call: &Call<'_>, request: MacRequest) -> Result<Response, Failed> {
    let object = call.object(request.unique_identifier.as_ref())?;
    let (init, last) = (request.init_indicator, request.final_indicator);
    let part = part::part(request.correlation_value.as_ref(), init, last)?;
    let message = part::open_data(request.data, part)?;
    let how = parameters::mac(request.cryptographic_parameters);
    let done = call.perform(GenerateMacWith { object, how, part, message }).await?;
    Ok(Response::Mac(Box::new(MacResponse {
        unique_identifier: call.about(&done.object),
        mac_data: done.code.map(Bytes),
        correlation_value: part::correlation(done.stream),
    })))
}

/// `MAC Verify`.
pub(crate) async fn verify(call: &Call<'_>, request: MacVerifyRequest) -> Result<Response, Failed> {
    let object = call.object(request.unique_identifier.as_ref())?;
    let (init, last) = (request.init_indicator, request.final_indicator);
    let part = part::part(request.correlation_value.as_ref(), init, last)?;
    let message = part::open_data(request.data, part)?;
    let code = part::with_last(request.mac_data, part, "the code")?;
    let how = parameters::mac(request.cryptographic_parameters);
    let verify = VerifyMacWith { object: object.clone(), how, part, message, code };
    let verdict = Verdict::of(call, &object, call.attempt(verify).await)?;
    Ok(Response::MacVerify(Box::new(MacVerifyResponse {
        unique_identifier: verdict.identifier,
        validity_indicator: verdict.validity,
        correlation_value: verdict.correlation,
    })))
}
