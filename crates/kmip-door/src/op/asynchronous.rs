//! Operations on requests whose answers come later. Here every answer comes at once: there is no
//! request of which one could ask.

use kmip::{
    names::enumeration::{CancellationResult, ResultReason},
    payload::{CancelResponse, CorrelatedRequest, Response},
};

use crate::failed::Failed;

/// `Poll` (1.4 section 4.28, 2.1 section 6.1.38).
pub(crate) fn poll(_: &CorrelatedRequest) -> Result<Response, Failed> {
    Err(Failed::new(
        ResultReason::INVALID_ASYNCHRONOUS_CORRELATION_VALUE,
        "No request is worked on under this correlation value.",
    ))
}

/// `Cancel` (1.4 section 4.27, 2.1 section 6.1.5).
pub(crate) fn cancel(request: CorrelatedRequest) -> Response {
    Response::Cancel(Box::new(CancelResponse {
        correlation_value: request.correlation_value,
        cancellation_result: CancellationResult::UNAVAILABLE,
    }))
}
