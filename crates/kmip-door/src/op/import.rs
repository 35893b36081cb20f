//! Objects that move from one server to another, under the identifiers they have.

use engine::op::RegisterObject;
use kmip::{
    attribute::{Attribute, Attributes, Instance, Maker, UsageLimits},
    names::enumeration::{KeyWrapType, ResultReason},
    payload::{ExportResponse, GetRequest, ImportRequest, Named, Response},
    wire::Identifier,
};
use model::KeyId;

use super::{get, make};
use crate::{attributes, call::Call, failed::Failed, material};

/// `Export`: what `Get` gives, and all attributes.
pub(crate) async fn export(call: &Call<'_>, request: GetRequest) -> Result<Response, Failed> {
    let (view, object) = get::handed_out(call, request).await?;
    let instances = attributes::shown(&view, call.version);
    Ok(Response::Export(Box::new(ExportResponse {
        object_type: material::object_type(view.kind),
        unique_identifier: call.about(&view.name),
        attributes: Attributes { templates: Vec::new(), instances },
        object,
    })))
}

/// `Import`.
pub(crate) async fn import(call: &Call<'_>, request: ImportRequest) -> Result<Response, Failed> {
    let id = match &request.unique_identifier {
        Identifier::Text(text) => text.parse::<KeyId>().ok(),
        Identifier::Placeholder(_) | Identifier::Nth(_) => None,
    };
    let id = id.ok_or_else(|| Failed::field("An identifier here is a UUID."))?;
    let object_type = request.object.object_type();
    if request.object_type.is_some_and(|said| said != object_type) {
        return Err(Failed::field("The object is not of the object type that is said."));
    }
    let wrapping = request.object.key_block().and_then(|block| block.key_wrapping_data.as_ref());
    if wrapping.is_some() && request.key_wrap_type == Some(KeyWrapType::AS_REGISTERED) {
        return Err(Failed::new(
            ResultReason::KEY_WRAP_TYPE_NOT_SUPPORTED,
            "What comes wrapped is kept unwrapped here.",
        ));
    }
    let compromise = request.attributes.iter().find_map(|attribute| match attribute {
        Attribute::CompromiseDate(date) => Some(attributes::wall(*date)),
        _ => None,
    });
    let first_made = request.attributes.iter().find_map(|attribute| match attribute {
        Attribute::InitialDate(date) => Some(attributes::wall(*date)),
        _ => None,
    });
    let said = settable(request.attributes);
    let wanted = attributes::wanted(object_type, &[said])?;
    let (brought, mut draft) = make::brought(call, request.object, wanted)?;
    draft.life.compromise = compromise;
    draft.original_creation = draft.original_creation.or(first_made);
    let register = RegisterObject {
        account: call.account(),
        region: call.region(),
        id: Some(id),
        replaces: request.replace_existing == Some(true),
        kind: brought.kind,
        material: brought.material,
        draft,
    };
    let view = make::keep(call, register).await?;
    Ok(Response::Import(Box::new(Named { unique_identifier: call.about(&view.name) })))
}

/// What is said of an object, without what follows from the rest: its state, its digest.
fn settable(said: Attributes) -> Attributes {
    let follows = |instance: &Instance| {
        let attribute = &instance.attribute;
        matches!(attribute, Attribute::Fresh(_))
            || attribute.standard().is_some_and(|standard| {
                standard.rules().set_by == Maker::Server && !attributes::is_of_material(standard)
            })
    };
    let mut instances: Vec<Instance> =
        said.instances.into_iter().filter(|instance| !follows(instance)).collect();
    // What an object has protected elsewhere it does not protect again here.
    for instance in &mut instances {
        if let Attribute::UsageLimits(UsageLimits { total, count, .. }) = &mut instance.attribute
            && let Some(left) = count.take()
        {
            *total = left;
        }
    }
    Attributes { instances, ..said }
}
