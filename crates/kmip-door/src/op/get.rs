//! Objects handed out, in the clear or wrapped.

use engine::op::{GetMaterial, ObjectView, RevealedMaterial, WrapMaterial};
use kmip::{
    Version,
    names::{
        Tag,
        enumeration::{KeyFormatType as Format, KeyWrapType, ResultReason},
    },
    object::{KeyValue, KeyWrappingData, KeyWrappingSpecification, Object},
    payload::{GetRequest, GetResponse, Response},
    ttlv,
    wire::Wire as _,
};
use model::{
    Error, Secret,
    object::{Kind, Link},
};

use crate::{
    call::Call,
    failed::Failed,
    material::{self, Content},
    unwrap::Way,
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
    if request.key_compression_type.is_some() {
        return Err(Failed::new(
            ResultReason::KEY_COMPRESSION_TYPE_NOT_SUPPORTED,
            "Points of curves are given as the key's format writes them.",
        ));
    }
    let object = call.object(request.unique_identifier.as_ref())?;
    let asked = request.key_format_type;
    let (view, given) = match request.key_wrapping_specification {
        None => {
            let form = asked.map(form_of).transpose()?.flatten();
            let revealed = call.perform(GetMaterial { object, form }).await?;
            in_the_clear(revealed, asked)?
        }
        Some(how) => wrapped(call, object, asked, how).await?,
    };
    let came_wrapped = view.attributes.links.iter().any(|link| link.kind == Link::WRAPPING_KEY);
    if came_wrapped && request.key_wrap_type == Some(KeyWrapType::AS_REGISTERED) {
        return Err(Failed::new(
            ResultReason::KEY_WRAP_TYPE_NOT_SUPPORTED,
            "What comes wrapped is kept unwrapped here.",
        ));
    }
    Ok((view, given))
}

/// The form to ask the engine for; none for that in which the object came.
fn form_of(format: Format) -> Result<Option<model::object::Form>, Failed> {
    match material::form(format) {
        Some(form) => Ok(Some(form)),
        None if format == Format::TRANSPARENT_SYMMETRIC_KEY => Ok(None),
        None => Err(material::format_refused()),
    }
}

fn in_the_clear(
    revealed: RevealedMaterial,
    asked: Option<Format>,
) -> Result<(ObjectView, Object), Failed> {
    let RevealedMaterial { view, material, .. } = revealed;
    let content = match has_key_block(view.kind) {
        false => Content::Bytes(material),
        true => {
            let format = given_format(&view, asked)?;
            let value = material::key_value(format, material)?;
            Content::Key(KeyValue::Plain(value), None)
        }
    };
    let format = material::format(&view, asked);
    let object = material::object(&view, format, None, content)?;
    Ok((view, object))
}

/// The format of what the engine gave. What is only stored is in the one in which it came.
fn given_format(view: &ObjectView, asked: Option<Format>) -> Result<Format, Failed> {
    let own = material::format(view, None);
    match asked {
        Some(asked) if asked != own && view.spec == model::algorithm::Spec::Stored => {
            Err(material::format_refused())
        }
        asked => Ok(asked.unwrap_or(own)),
    }
}

fn has_key_block(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::OpaqueData | Kind::Certificate | Kind::CertificateRequest | Kind::Template
    )
}

async fn wrapped(
    call: &Call<'_>,
    object: engine::KeyRef,
    asked: Option<Format>,
    how: KeyWrappingSpecification,
) -> Result<(ObjectView, Object), Failed> {
    if !how.attribute_names.is_empty() {
        return Err(Failed::unsupported("Wrapping attributes with the material"));
    }
    let mac_key = how.mac_key.as_ref();
    let way = Way::of(how.wrapping_method, how.encryption_key, mac_key, how.encoding_option)?;
    let Way { information, method, is_encoded } = way;
    let by = call.object(Some(&information.unique_identifier))?;
    let form = asked.map(form_of).transpose()?.flatten();
    let dress = Box::new(move |view: &ObjectView, _, material: Secret| match is_encoded {
        false => Ok(material),
        true => encoded(view, asked, material),
    });
    let placeholder = call.placeholder.get();
    let done = call.perform(WrapMaterial { object, form, by, method, dress }).await?;
    call.placeholder.set(placeholder);
    let view = done.view;
    if !has_key_block(view.kind) {
        return Err(Failed::new(ResultReason::ILLEGAL_OPERATION, "Only keys are wrapped."));
    }
    let value = match is_encoded {
        true => KeyValue::Wrapped(Secret::new(done.wrapped)),
        false => KeyValue::Plain(material::key_value(Format::RAW, Secret::new(done.wrapped))?),
    };
    let data = KeyWrappingData {
        wrapping_method: how.wrapping_method,
        encryption_key: Some(information),
        mac_key: None,
        mac: None,
        iv_counter_nonce: None,
        encoding_option: how.encoding_option,
    };
    let format = material::format(&view, asked);
    let object = material::object(&view, format, None, Content::Key(value, Some(Box::new(data))))?;
    Ok((view, object))
}

/// The key value in TTLV: what is wrapped unless the client says otherwise.
fn encoded(view: &ObjectView, asked: Option<Format>, material: Secret) -> model::Result<Secret> {
    let failed = || Error::Invalid(model::error::Invalid::OutOfRange("the key format"));
    let format = given_format(view, asked).map_err(|_| failed())?;
    let value = material::key_value(format, material).map_err(|_| failed())?;
    let item = KeyValue::Plain(value).write(Tag::KEY_VALUE, Version::V2_1);
    ttlv::encode(&item).map_err(|_| failed())
}
