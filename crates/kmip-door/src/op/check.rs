//! What clients ask about an object that they use themselves.

use engine::op::{AllocateUsage, CheckObject, ObtainLease};
use kmip::{
    payload::{
        CheckRequest, CheckResponse, GetUsageAllocationRequest, Named, ObtainLeaseResponse,
        OfObject, Response,
    },
    wire::Interval,
};
use model::object::Purposes;

use crate::{attributes, call::Call, failed::Failed};

/// `Check`. A mask that the object does not have is a failure, as the profiles have it. A count or
/// a lease that is too much is answered by what may be had, without the identifier, and the
/// placeholder is no more (1.4 section 4.10, 2.1 section 6.1.7).
pub(crate) async fn check(call: &Call<'_>, request: CheckRequest) -> Result<Response, Failed> {
    let object = call.object(request.unique_identifier.as_ref())?;
    let units = request.usage_limits_count.map(units).transpose()?;
    let checked = call
        .perform(CheckObject {
            object,
            purposes: request.cryptographic_usage_mask.map(|mask| Purposes(mask.0)),
            units,
            lease_secs: request.lease_time.map(|lease| lease.0),
        })
        .await?;
    let is_denied = checked.units.is_some() || checked.lease_secs.is_some();
    let identifier = call.about(&checked.view.name);
    if is_denied {
        call.shared.placeholder.set(None);
    }
    Ok(Response::Check(Box::new(CheckResponse {
        unique_identifier: (!is_denied).then_some(identifier),
        usage_limits_count: checked.units.map(|units| i64::try_from(units).unwrap_or(i64::MAX)),
        cryptographic_usage_mask: None,
        lease_time: checked.lease_secs.map(Interval),
    })))
}

/// `Obtain Lease`.
pub(crate) async fn obtain_lease(call: &Call<'_>, of: OfObject) -> Result<Response, Failed> {
    let object = call.object(of.unique_identifier.as_ref())?;
    let lease = call.perform(ObtainLease { object }).await?;
    Ok(Response::ObtainLease(Box::new(ObtainLeaseResponse {
        unique_identifier: call.about(&lease.view.name),
        lease_time: Interval(lease.secs),
        last_change_date: attributes::date(lease.view.attributes.last_change),
    })))
}

/// `Get Usage Allocation`.
pub(crate) async fn allocate(
    call: &Call<'_>,
    request: GetUsageAllocationRequest,
) -> Result<Response, Failed> {
    let object = call.object(request.unique_identifier.as_ref())?;
    let units = units(request.usage_limits_count)?;
    let view = call.perform(AllocateUsage { object, units }).await?;
    let unique_identifier = call.about(&view.name);
    Ok(Response::GetUsageAllocation(Box::new(Named { unique_identifier })))
}

fn units(count: i64) -> Result<u64, Failed> {
    u64::try_from(count).map_err(|_| Failed::field("A usage limits count is not below zero."))
}
