//! Operations on requests whose answers come later.

use kmip::{
    names::enumeration::ResultReason,
    payload::{
        AsynchronousRequest, CancelResponse, CorrelatedRequest, Nothing,
        QueryAsynchronousRequestsRequest, QueryAsynchronousRequestsResponse, Response,
    },
};

use crate::{answers::Done, call::Call, failed::Failed, outstanding::Polled};

/// `Poll` (1.4 section 4.28, 2.1 section 6.1.38): the answer as it would have been at once, under
/// the operation that was asked for.
pub(crate) fn poll(call: &Call<'_>, asked: CorrelatedRequest) -> Result<Done, Failed> {
    not_together(call)?;
    let value = asked.correlation_value;
    match call.outstanding.poll(call.caller.principal(), &value, call.version, call.at)? {
        Polled::Pending => Ok(Done::Later(value)),
        Polled::Done(operation, Ok(payload)) => Ok(Done::Before(operation, payload)),
        Polled::Done(operation, Err(failed)) => Err(Failed { of: Some(operation), ..failed }),
    }
}

/// `Cancel` (1.4 section 4.27, 2.1 section 6.1.5).
pub(crate) fn cancel(call: &Call<'_>, asked: CorrelatedRequest) -> Result<Response, Failed> {
    not_together(call)?;
    let correlation_value = asked.correlation_value;
    let by = call.caller.principal();
    let cancellation_result = call.outstanding.cancel(by, &correlation_value, call.at);
    let response = CancelResponse { correlation_value, cancellation_result };
    Ok(Response::Cancel(Box::new(response)))
}

/// `Process` (2.1 section 6.1.39): the answer to it comes when that to the request is there.
pub(crate) async fn process(call: &Call<'_>, asked: CorrelatedRequest) -> Result<Response, Failed> {
    call.outstanding.done(call.caller.principal(), &asked.correlation_value).await?;
    Ok(Response::Process(Box::new(Nothing)))
}

/// `QueryAsynchronousRequests` (2.1 section 6.1.41): the caller's own.
pub(crate) fn query(call: &Call<'_>, asked: QueryAsynchronousRequestsRequest) -> Response {
    let QueryAsynchronousRequestsRequest { correlation_values, operations } = asked;
    let is_asked_for = |request: &AsynchronousRequest| {
        let values = correlation_values.as_ref().map(|it| &it.correlation_values);
        let operations = operations.as_ref().map(|it| &it.operations);
        values.is_none_or(|values| values.contains(&request.correlation_value))
            && operations.is_none_or(|operations| operations.contains(&request.operation))
    };
    let mut requests = call.outstanding.of(call.caller.principal(), call.at);
    requests.retain(is_asked_for);
    let response = QueryAsynchronousRequestsResponse { requests };
    Response::QueryAsynchronousRequests(Box::new(response))
}

/// Refuses what hands an answer out once, or cancels something, where that may have to be undone.
fn not_together(call: &Call<'_>) -> Result<(), Failed> {
    match call.together {
        None => Ok(()),
        Some(_) => {
            let message = "This cannot be undone: ask for it in a message of its own.";
            Err(Failed::new(ResultReason::FEATURE_NOT_SUPPORTED, message))
        }
    }
}
