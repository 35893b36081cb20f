//! Objects handed out, in the clear or wrapped.

use engine::op::{GetMaterial, ObjectView, RevealedMaterial, WrapMaterial};
use kmip::{
    Version,
    names::{
        Tag,
        enumeration::{
            BlockCipherMode, EncodingOption, KeyFormatType as Format, KeyWrapType, ResultReason,
            WrappingMethod,
        },
    },
    object::{KeyInformation, KeyValue, KeyWrappingData, KeyWrappingSpecification, Object},
    payload::{GetRequest, GetResponse, Response},
    ttlv,
    wire::{Identifier, Wire as _},
};
use model::{Error, KeyId, Secret, object::Kind, raw::Wrapping};

use crate::{
    call::Call,
    failed::Failed,
    material::{self, Content},
};

/// `Get`.
pub(crate) async fn get(call: &Call<'_>, request: GetRequest) -> Result<Response, Failed> {
    let (view, object) = handed_out(call, request).await?;
    Ok(Response::Get(Box::new(GetResponse {
        object_type: material::object_type(view.kind),
        unique_identifier: call.about(&view.name),
        object,
    })))
}

/// The object that a request asks for, and what is known of it.
pub(crate) async fn handed_out(
    call: &Call<'_>,
    request: GetRequest,
) -> Result<(ObjectView, Object), Failed> {
    if request.key_wrap_type == Some(KeyWrapType::AS_REGISTERED) {
        return Err(Failed::new(
            ResultReason::KEY_WRAP_TYPE_NOT_SUPPORTED,
            "Objects are kept unwrapped here.",
        ));
    }
    if request.key_compression_type.is_some() {
        return Err(Failed::new(
            ResultReason::KEY_COMPRESSION_TYPE_NOT_SUPPORTED,
            "Points of curves are given as the key's format writes them.",
        ));
    }
    let object = call.object(request.unique_identifier.as_ref())?;
    let asked = request.key_format_type;
    match request.key_wrapping_specification {
        None => {
            let form = asked.map(form_of).transpose()?.flatten();
            let revealed = call.perform(GetMaterial { object, form: form.into() }).await?;
            in_the_clear(revealed, asked)
        }
        Some(how) => wrapped(call, object, asked, how).await,
    }
}

/// The form to ask the engine for; none for that in which the object came.
fn form_of(format: Format) -> Result<Option<model::object::Form>, Failed> {
    match material::form(format) {
        Some(form) => Ok(Some(form)),
        None if format == Format::TRANSPARENT_SYMMETRIC_KEY => Ok(None),
        None => Err(material::format_refused()),
    }
}
