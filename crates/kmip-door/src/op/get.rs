//! Objects handed out, in the clear or wrapped.

use engine::op::{GetMaterial, ObjectView, RevealedMaterial, Wanted, WrapMaterial};
use kmip::{
    Version,
    names::{
        Tag,
        enumeration::{
            KeyCompressionType as Compression, KeyFormatType as Format, KeyWrapType, ResultReason,
        },
    },
    object::{
        KeyMaterial, KeyValue, KeyWrappingData, KeyWrappingSpecification, Object, PlainKeyValue,
    },
    payload::{GetRequest, GetResponse, Response},
    ttlv,
    wire::Wire as _,
};
use model::{
    Error, Secret,
    error::Invalid,
    object::{Form, Kind, Link},
};

use crate::{
    algorithms,
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
    let asked = Asked::of(&request)?;
    let object = call.object(request.unique_identifier.as_ref())?;
    let (view, given) = match request.key_wrapping_specification {
        None => {
            let get = GetMaterial { object, wanted: asked.wanted()? };
            let revealed = call.attempt(get).await.map_err(|error| asked.failed(error))?;
            in_the_clear(revealed, asked)?
        }
        Some(how) => wrapped(call, object, asked, how).await?,
    };
    let has_point = view.kind == Kind::PublicKey
        && view.spec.key().is_some_and(|spec| algorithms::curve(spec).is_some());
    if asked.compression.is_some() && !has_point {
        return Err(material::compression_refused());
    }
    let came_wrapped = view.attributes.links.iter().any(|link| link.kind == Link::WRAPPING_KEY);
    if came_wrapped && request.key_wrap_type == Some(KeyWrapType::AS_REGISTERED) {
        return Err(Failed::new(
            ResultReason::KEY_WRAP_TYPE_NOT_SUPPORTED,
            "What comes wrapped is kept unwrapped here.",
        ));
    }
    Ok((view, given))
}

/// How a key is asked for.
#[derive(Clone, Copy)]
struct Asked {
    format: Option<Format>,
    compression: Option<Compression>,
}

impl Asked {
    fn of(request: &GetRequest) -> Result<Self, Failed> {
        let compression = request.key_compression_type;
        material::check_compression(compression)?;
        Ok(Self { format: request.key_format_type, compression })
    }

    /// What to ask the engine for: in no form that in which the object came.
    fn wanted(self) -> Result<Wanted, Failed> {
        let form = match self.format {
            None => None,
            Some(format) => match material::form(format) {
                Some(form) => Some(form),
                None if format == Format::TRANSPARENT_SYMMETRIC_KEY => None,
                None if algorithms::transparent(format).is_some() => None,
                None => return Err(Failed::key_format()),
            },
        };
        Ok(Wanted { form, compressed: self.is_compressed() })
    }

    fn is_compressed(self) -> bool {
        self.compression == Some(Compression::EC_PUBLIC_KEY_TYPE_X9_62_COMPRESSED_PRIME)
    }

    /// Why it is not given so.
    fn failed(self, error: Error) -> Failed {
        match error {
            Error::Invalid(Invalid::OutOfRange("the form of a key")) if self.is_compressed() => {
                material::compression_refused()
            }
            Error::Invalid(Invalid::OutOfRange("the form of a key")) => Failed::key_format(),
            error => error.into(),
        }
    }

    /// How the points of the key that is given are written, where that is not as usual.
    fn said(self) -> Option<Compression> {
        self.compression.filter(|_| self.is_compressed())
    }
}

fn in_the_clear(revealed: RevealedMaterial, asked: Asked) -> Result<(ObjectView, Object), Failed> {
    let RevealedMaterial { view, material, form } = revealed;
    let (format, content) = match has_key_block(view.kind) {
        false => (Format::OPAQUE, Content::Bytes(material)),
        true => {
            let format = material::given_format(&view, form, asked.format)?;
            let value = material::key_value(format, (form, material))?;
            (format, Content::Key(KeyValue::Plain(value), None))
        }
    };
    let object = material::object(&view, format, asked.said(), content)?;
    Ok((view, object))
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
    asked: Asked,
    how: KeyWrappingSpecification,
) -> Result<(ObjectView, Object), Failed> {
    if !how.attribute_names.is_empty() {
        return Err(Failed::unsupported("Wrapping attributes with the material"));
    }
    let mac_key = how.mac_key.as_ref();
    let way = Way::of(how.wrapping_method, how.encryption_key, mac_key, how.encoding_option)?;
    let Way { information, method, is_encoded } = way;
    let by = call.object(Some(&information.unique_identifier))?;
    let wanted = asked.wanted()?;
    let dress = Box::new(move |view: &ObjectView, form, material: Secret| {
        dressed(view, (form, material), asked.format, is_encoded)
    });
    let placeholder = call.shared.placeholder.get();
    let wrap = WrapMaterial { object, wanted, by, method, dress };
    let done = call.attempt(wrap).await.map_err(|error| asked.failed(error))?;
    call.shared.placeholder.set(placeholder);
    let view = done.view;
    if !has_key_block(view.kind) {
        return Err(Failed::new(ResultReason::ILLEGAL_OPERATION, "Only keys are wrapped."));
    }
    let wrapped = Secret::new(done.wrapped);
    let value = match is_encoded {
        true => KeyValue::Wrapped(wrapped),
        false => {
            let material = KeyMaterial::Bytes(wrapped);
            KeyValue::Plain(PlainKeyValue { material, attributes: None })
        }
    };
    let data = KeyWrappingData {
        wrapping_method: how.wrapping_method,
        encryption_key: Some(information),
        mac_key: None,
        mac: None,
        iv_counter_nonce: None,
        encoding_option: how.encoding_option,
    };
    let format = material::given_format(&view, done.form, asked.format)?;
    let content = Content::Key(value, Some(Box::new(data)));
    let object = material::object(&view, format, asked.said(), content)?;
    Ok((view, object))
}

/// What is wrapped: the key value in TTLV, or the material's bytes, which numbers have none of.
fn dressed(
    view: &ObjectView,
    (form, material): (Form, Secret),
    asked: Option<Format>,
    is_encoded: bool,
) -> model::Result<Secret> {
    let failed = || Error::Invalid(Invalid::OutOfRange("the form of a key"));
    let format = material::given_format(view, form, asked).map_err(|_| failed())?;
    if !is_encoded {
        return match algorithms::transparent(format) {
            None => Ok(material),
            Some(_) => Err(failed()),
        };
    }
    let value = material::key_value(format, (form, material)).map_err(|_| failed())?;
    let item = KeyValue::Plain(value).write(Tag::KEY_VALUE, Version::V2_1);
    ttlv::encode(&item).map_err(|_| failed())
}
