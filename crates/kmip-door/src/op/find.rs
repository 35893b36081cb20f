//! What is known of objects, told.

use engine::op::{ObjectView, ReadObject};
use kmip::{
    attribute::{AttributeName, Attributes},
    payload::{
        GetAttributeListResponse, GetAttributesRequest, GetAttributesResponse, OfObject, Response,
    },
    wire::Identifier,
};

use crate::{attributes, call::Call, failed::Failed};

/// `GetAttributes`.
pub(crate) async fn attributes(
    call: &Call<'_>,
    request: GetAttributesRequest,
) -> Result<Response, Failed> {
    let view = read(call, request.unique_identifier.as_ref()).await?;
    let instances = attributes::named(&view, call.version, &request.names);
    Ok(Response::GetAttributes(Box::new(GetAttributesResponse {
        unique_identifier: Identifier::Text(view.name.id.to_string()),
        attributes: Attributes { templates: Vec::new(), instances },
    })))
}

/// `GetAttributeList`.
pub(crate) async fn attribute_list(call: &Call<'_>, of: OfObject) -> Result<Response, Failed> {
    let view = read(call, of.unique_identifier.as_ref()).await?;
    let instances = attributes::shown(&view, call.version);
    let names = instances.iter().map(|instance| attributes::name_of(&instance.attribute));
    let mut names: Vec<AttributeName> = names.collect();
    names.dedup();
    Ok(Response::GetAttributeList(Box::new(GetAttributeListResponse {
        unique_identifier: Identifier::Text(view.name.id.to_string()),
        names,
    })))
}

/// What is known of the object that a request names.
pub(crate) async fn read(
    call: &Call<'_>,
    identifier: Option<&Identifier>,
) -> Result<ObjectView, Failed> {
    let object = call.object(identifier)?;
    call.perform(ReadObject { object }).await
}
