//! Operations on what a client and the server have between them.

use engine::op::WriteLog;
use kmip::{
    names::enumeration::{EndpointRole, InteropFunction, ResultReason},
    payload::{EndpointRoleMessage, InteropRequest, LogRequest, Nothing, Response},
};

use crate::{call::Call, failed::Failed};

/// `Log`: the audit log's entry of the request carries the message.
pub(crate) async fn log(call: &Call<'_>, request: LogRequest) -> Result<Response, Failed> {
    call.perform(WriteLog::new(&request.message)?).await?;
    Ok(Response::Log(Box::new(Nothing)))
}

/// `Interop`: where a test case begins and ends. Nothing depends on it, and nothing is reset.
pub(crate) fn interop(request: &InteropRequest) -> Result<Response, Failed> {
    match request.function {
        InteropFunction::BEGIN | InteropFunction::END => Ok(Response::Interop(Box::new(Nothing))),
        _ => Err(Failed::new(
            ResultReason::PERMISSION_DENIED,
            "Interop Reset is not supported: nothing is reset for a test.",
        )),
    }
}

/// `SetEndpointRole`: this side stays the server. It asks its clients for nothing, so that the roles
/// are never exchanged (2.1 section 6.1.54).
pub(crate) fn set_endpoint_role(asked: EndpointRoleMessage) -> Result<Response, Failed> {
    match asked.role {
        EndpointRole::SERVER => Ok(Response::SetEndpointRole(Box::new(asked))),
        _ => Err(Failed::unsupported("A server that asks its clients")),
    }
}

/// `Ping`.
pub(crate) fn ping() -> Response {
    Response::Ping(Box::new(Nothing))
}
