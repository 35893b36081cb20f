//! Operations on requests whose answers come later.

use super::Operations;
use crate::{
    names::enumeration::{CancellationResult, Operation, ProcessingStage},
    wire::{Bytes, Microseconds, structure},
};

structure! {
    /// A request that is worked on: of `Poll`, `Cancel` and `Process`.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct CorrelatedRequest {
        /// The request.
        correlation_value: Bytes = ASYNCHRONOUS_CORRELATION_VALUE,
    }
}

structure! {
    /// Whether it was cancelled.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct CancelResponse {
        /// The request.
        correlation_value: Bytes = ASYNCHRONOUS_CORRELATION_VALUE,
        /// Whether it was cancelled.
        cancellation_result: CancellationResult = CANCELLATION_RESULT,
    }
}

structure! {
    /// Requests that are worked on.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct CorrelationValues {
        /// The requests.
        correlation_values: Vec<Bytes> = ASYNCHRONOUS_CORRELATION_VALUE,
    }
}

structure! {
    /// A question which requests are worked on. Since 2.1.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct QueryAsynchronousRequestsRequest {
        /// Of these.
        correlation_values: Option<CorrelationValues> = ASYNCHRONOUS_CORRELATION_VALUES,
        /// Of these operations.
        operations: Option<Operations> = OPERATIONS,
    }
}

structure! {
    /// The requests that are worked on.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct QueryAsynchronousRequestsResponse {
        /// The requests.
        requests: Vec<AsynchronousRequest> = ASYNCHRONOUS_REQUEST,
    }
}

structure! {
    /// A request that is worked on.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct AsynchronousRequest {
        /// The request.
        correlation_value: Bytes = ASYNCHRONOUS_CORRELATION_VALUE,
        /// What is asked.
        operation: Operation = OPERATION,
        /// When it came.
        submission_date: Microseconds = SUBMISSION_DATE,
        /// How far it is.
        processing_stage: ProcessingStage = PROCESSING_STAGE,
    }
}
