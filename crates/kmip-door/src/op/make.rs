//! Operations that make objects, or bring them in.

use engine::op::{CreateObject, CreatePair, Draft, ObjectView, RegisterObject};
use kmip::{
    attribute::Attribute,
    names::enumeration::{CryptographicAlgorithm as Algorithm, ObjectType, ResultReason},
    object::Object,
    payload::{
        CreateKeyPairRequest, CreateKeyPairResponse, CreateRequest, CreateResponse, MadeResponse,
        RegisterRequest, Response,
    },
};
use model::{
    Error, Obstacle,
    algorithm::Spec,
    error::Missing,
    object::{Form, Kind},
};

use crate::{
    algorithms,
    attributes::{self, Wanted},
    call::Call,
    failed::Failed,
    material::{self, Brought, Said},
    split_part, templates, unwrap,
};

/// `Create`.
pub(crate) async fn create(call: &Call<'_>, request: CreateRequest) -> Result<Response, Failed> {
    let view = made(call, request).await?;
    Ok(Response::Create(Box::new(CreateResponse {
        object_type: material::object_type(view.kind),
        unique_identifier: call.about(&view.name),
        attributes: None,
    })))
}

async fn made(call: &Call<'_>, request: CreateRequest) -> Result<ObjectView, Failed> {
    let kind = match request.object_type {
        ObjectType::SYMMETRIC_KEY => Kind::SymmetricKey,
        ObjectType::SECRET_DATA => Kind::SecretData,
        _ => {
            let message = "Only symmetric keys and secret data are created so.";
            return Err(Failed::new(ResultReason::INVALID_FIELD, message));
        }
    };
    let attributes = [templates::resolved(call, request.attributes).await?];
    let wanted = attributes::wanted(request.object_type, &attributes)?;
    let (spec, len, draft) = to_be(kind, wanted)?;
    let (account, region) = (call.account(), call.region());
    call.perform(CreateObject { account, region, kind, spec, len, draft }).await
}

/// What is to be made of random bytes: its spec, its length in bytes, and the rest.
pub(crate) fn to_be(kind: Kind, mut wanted: Wanted) -> Result<(Spec, usize, Draft), Failed> {
    let missing = |what| {
        let message = format!("The attributes do not say the {what}.");
        Failed::new(ResultReason::INVALID_FIELD, message)
    };
    let bits = wanted.length.map(|bits| u32::try_from(bits).unwrap_or(0));
    let algorithm = match (kind, wanted.algorithm) {
        (_, Some(algorithm)) => algorithm,
        (Kind::SecretData, None) => Algorithm::ONE_TIME_PAD,
        _ => return Err(missing("cryptographic algorithm")),
    };
    let bits = bits.or_else(|| usual_bits(algorithm));
    let bits = bits.ok_or_else(|| missing("cryptographic length"))?;
    let refused = || Failed::field("A key of this algorithm does not have that length.");
    let len = material::len_of(algorithm, bits).ok_or_else(refused)?;
    attributes::check_protection(&wanted, algorithm, bits)?;
    let spec = match kind {
        Kind::SymmetricKey => material::raw_spec(algorithm, bits),
        _ => Spec::Stored,
    };
    // Its length is said with the bits of parity or without: as it was said it is told.
    if let (Algorithm::DES3, Ok(bits)) = (algorithm, i32::try_from(bits)) {
        material::label(&mut wanted.draft, &Attribute::CryptographicLength(bits));
    }
    if spec == Spec::Stored {
        if algorithms::is_asymmetric(algorithm)
            || matches!(algorithm, Algorithm::AES | Algorithm::DES3)
        {
            return Err(refused());
        }
        if wanted.algorithm.is_some() {
            material::label(&mut wanted.draft, &Attribute::CryptographicAlgorithm(algorithm));
        }
        if let Ok(bits) = i32::try_from(bits) {
            material::label(&mut wanted.draft, &Attribute::CryptographicLength(bits));
        }
    }
    Ok((spec, len, wanted.draft))
}

/// The length in bits of keys whose request does not say one.
fn usual_bits(algorithm: Algorithm) -> Option<u32> {
    Some(match algorithm {
        Algorithm::CHACHA20 | Algorithm::CHACHA20POLY1305 => 256,
        Algorithm::HMAC_SHA1 => 160,
        Algorithm::HMAC_SHA224 | Algorithm::HMAC_SHA3_224 => 224,
        Algorithm::HMAC_SHA256 | Algorithm::HMAC_SHA3_256 => 256,
        Algorithm::HMAC_SHA384 | Algorithm::HMAC_SHA3_384 => 384,
        Algorithm::HMAC_SHA512 | Algorithm::HMAC_SHA3_512 => 512,
        _ => return None,
    })
}

/// `CreateKeyPair`.
pub(crate) async fn create_key_pair(
    call: &Call<'_>,
    request: CreateKeyPairRequest,
) -> Result<Response, Failed> {
    let CreateKeyPairRequest { common, private_key, public_key, .. } = request;
    let common = templates::resolved(call, common.unwrap_or_default()).await?;
    let private_key = templates::resolved(call, private_key.unwrap_or_default()).await?;
    let public_key = templates::resolved(call, public_key.unwrap_or_default()).await?;
    let of = |object_type, own| attributes::wanted(object_type, &[common.clone(), own]);
    let mut private = of(ObjectType::PRIVATE_KEY, private_key)?;
    let mut public = of(ObjectType::PUBLIC_KEY, public_key)?;
    let algorithm = private
        .algorithm
        .or(public.algorithm)
        .ok_or_else(|| Failed::field("The attributes do not say the cryptographic algorithm."))?;
    let bits = private.length.or(public.length).map(|bits| u32::try_from(bits).unwrap_or(0));
    let curve = private.curve.or(public.curve);
    let spec = material::pair_spec(algorithm, bits, curve).ok_or_else(|| {
        Failed::field(
            "A key pair of this algorithm and length, or on this curve, is not made here.",
        )
    })?;
    let formats = material::formats_of_pair(spec);
    for (wanted, format) in [(&mut private, formats.0), (&mut public, formats.1)] {
        material::label(&mut wanted.draft, &Attribute::KeyFormatType(format));
        if algorithm != Algorithm::RSA {
            material::label(&mut wanted.draft, &Attribute::CryptographicAlgorithm(algorithm));
        }
    }
    let forms = (
        material::form(formats.0).unwrap_or(Form::Pkcs8),
        material::form(formats.1).unwrap_or(Form::Spki),
    );
    let (account, region) = (call.account(), call.region());
    let (private, public) = (private.draft, public.draft);
    let pair = CreatePair { account, region, spec, private, public, forms };
    let made = call.perform(pair).await?;
    let public_key = call.about(&made.public.name);
    Ok(Response::CreateKeyPair(Box::new(CreateKeyPairResponse {
        // The placeholder is the private key (1.4 section 4.2, 2.1 section 6.1.9).
        private_key: call.about(&made.private.name),
        public_key,
        private_attributes: None,
        public_attributes: None,
    })))
}

/// `Register`.
pub(crate) async fn register(
    call: &Call<'_>,
    request: RegisterRequest,
) -> Result<Response, Failed> {
    if request.object.object_type() != request.object_type {
        return Err(Failed::field("The object is not of the object type that is said."));
    }
    let attributes = [templates::resolved(call, request.attributes).await?];
    let wanted = attributes::wanted(request.object_type, &attributes)?;
    let (brought, draft) = brought(call, request.object, wanted)?;
    let (account, region) = (call.account(), call.region());
    let (id, replaces) = (None, false);
    let (kind, material) = (brought.kind, brought.material);
    let register = RegisterObject { account, region, id, replaces, kind, material, draft };
    let view = keep(call, register).await?;
    let unique_identifier = call.about(&view.name);
    Ok(Response::Register(Box::new(MadeResponse { unique_identifier, attributes: None })))
}

/// Reads an object that is to be kept, with what is said of it.
pub(crate) fn brought(
    call: &Call<'_>,
    object: Object,
    wanted: Wanted,
) -> Result<(Brought, Draft), Failed> {
    let bits = wanted.length.map(|bits| u32::try_from(bits).unwrap_or(0));
    let said = Said { algorithm: wanted.algorithm, bits };
    let mut draft = wanted.draft;
    if let Object::SplitKey(part) = &object {
        draft.split = Some(split_part::part_of(part, said, call.version)?);
    }
    if object.key_block().is_none_or(|block| block.key_wrapping_data.is_none()) {
        let brought = material::brought(object, said, &mut draft)?;
        return Ok((brought, draft));
    }
    let object_type = object.object_type();
    let (Some(kind), Ok((holder, mut block))) =
        (material::kind(object_type), material::blocked(object))
    else {
        return Err(Failed::unsupported("This object type"));
    };
    let Some(data) = block.key_wrapping_data.take() else {
        return Err(Failed::field("The key block is not wrapped."));
    };
    let (material, draft) = unwrap::brought(call, (holder, block), data, (said, draft))?;
    Ok((Brought { kind, material }, draft))
}

/// Has an object kept. Of what is not found, it can only be the key that unwraps it.
pub(crate) async fn keep(call: &Call<'_>, register: RegisterObject) -> Result<ObjectView, Failed> {
    call.attempt(register).await.map_err(|error| match error {
        Error::NotFound(Missing::Key(_)) => Failed::new(
            ResultReason::WRAPPING_OBJECT_NOT_FOUND,
            "There is no such key here that could unwrap the object.",
        ),
        Error::WrongState { obstacle: Obstacle::Archived, .. } => Failed::new(
            ResultReason::WRAPPING_OBJECT_ARCHIVED,
            "The key that unwraps the object is archived; recover it first.",
        ),
        error => error.into(),
    })
}
