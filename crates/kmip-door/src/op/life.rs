//! Operations that move objects through their lives.

use engine::op::{ActivateObject, ArchiveObject, DestroyObject, RecoverObject, RevokeObject};
use kmip::{
    names::enumeration::RevocationReasonCode,
    payload::{Named, OfObject, Response, RevokeRequest},
};
use model::object::Revocation;

use crate::{attributes::wall, call::Call, failed::Failed};

/// `Activate`.
pub(crate) async fn activate(call: &Call<'_>, of: OfObject) -> Result<Response, Failed> {
    let object = call.object(of.unique_identifier.as_ref())?;
    let view = call.perform(ActivateObject { object }).await?;
    Ok(Response::Activate(Box::new(Named { unique_identifier: call.about(&view.name) })))
}

/// `Revoke`.
pub(crate) async fn revoke(call: &Call<'_>, revoke: RevokeRequest) -> Result<Response, Failed> {
    let object = call.object(revoke.unique_identifier.as_ref())?;
    let code = revoke.revocation_reason.code;
    let is_compromise =
        matches!(code, RevocationReasonCode::KEY_COMPROMISE | RevocationReasonCode::CA_COMPROMISE);
    let compromised = is_compromise.then(|| revoke.compromise_occurrence_date.map(wall));
    let revocation = Revocation { reason: code.0, message: revoke.revocation_reason.message };
    let view = call.perform(RevokeObject { object, revocation, compromised }).await?;
    Ok(Response::Revoke(Box::new(Named { unique_identifier: call.about(&view.name) })))
}

/// `Destroy`.
pub(crate) async fn destroy(call: &Call<'_>, of: OfObject) -> Result<Response, Failed> {
    let object = call.object(of.unique_identifier.as_ref())?;
    let view = call.perform(DestroyObject { object }).await?;
    Ok(Response::Destroy(Box::new(Named { unique_identifier: call.about(&view.name) })))
}

/// `Archive`.
pub(crate) async fn archive(call: &Call<'_>, of: OfObject) -> Result<Response, Failed> {
    let object = call.object(of.unique_identifier.as_ref())?;
    let view = call.perform(ArchiveObject { object }).await?;
    Ok(Response::Archive(Box::new(Named { unique_identifier: call.about(&view.name) })))
}

/// `Recover`.
pub(crate) async fn recover(call: &Call<'_>, of: OfObject) -> Result<Response, Failed> {
    let object = call.object(of.unique_identifier.as_ref())?;
    let view = call.perform(RecoverObject { object }).await?;
    Ok(Response::Recover(Box::new(Named { unique_identifier: call.about(&view.name) })))
}
