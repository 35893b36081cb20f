//! Random bytes.

use engine::op::GenerateRandom;
use kmip::payload::{
    Response, RngRetrieveRequest, RngRetrieveResponse, RngSeedRequest, RngSeedResponse,
};

use crate::{
    call::Call,
    failed::Failed,
    part::{self, missing},
};

/// `RNG Retrieve`.
pub(crate) async fn retrieve(
    call: &Call<'_>,
    request: RngRetrieveRequest,
) -> Result<Response, Failed> {
    let len = usize::try_from(request.data_length).unwrap_or(0);
    let data = call.perform(GenerateRandom { len }).await?;
    Ok(Response::RngRetrieve(Box::new(RngRetrieveResponse { data })))
}

/// `RNG Seed`. The approved generator seeds itself from the system's entropy and gains nothing from
/// a client's bytes: they are taken note of, as the profile has it, and have no effect.
pub(crate) fn seed(request: RngSeedRequest) -> Result<Response, Failed> {
    let data = part::data(Some(request.data), engine::op::Part::Whole)?;
    let data_length = i32::try_from(data.len()).map_err(|_| missing("fewer data"))?;
    Ok(Response::RngSeed(Box::new(RngSeedResponse { data_length })))
}
