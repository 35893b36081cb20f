//! Keys in parts.

use engine::op::{JoinObject, SplitObject, Whole};
use kmip::{
    names::enumeration::ObjectType,
    payload::{
        CreateSplitKeyRequest, CreateSplitKeyResponse, JoinSplitKeyRequest, MadeResponse, Response,
    },
};
use model::{algorithm::Spec, object::Kind};

use super::make;
use crate::{
    algorithms::Said, attributes, call::Call, failed::Failed, material, split_part, templates,
};

/// `CreateSplitKey`.
pub(crate) async fn create_split_key(
    call: &Call<'_>,
    request: CreateSplitKeyRequest,
) -> Result<Response, Failed> {
    let given = templates::resolved(call, request.attributes).await?;
    let wanted = attributes::wanted(request.object_type, &[given])?;
    let (whole, draft) = match &request.unique_identifier {
        Some(identifier) => (Whole::Kept(call.object(Some(identifier))?), wanted.draft),
        None => {
            let (spec, len, draft) = make::to_be(Kind::SymmetricKey, wanted)?;
            (Whole::New { spec, len }, draft)
        }
    };
    let split = SplitObject {
        account: call.account(),
        region: call.region(),
        whole,
        method: split_part::method(request.method, call.version)?,
        prime: request.prime_field_size.as_ref().map(split_part::positive).transpose()?,
        parts: split_part::count(request.parts)?,
        threshold: split_part::count(request.threshold)?,
        draft,
    };
    let views = call.perform(split).await?;
    // The first is named last: the placeholder is the part of number 1.
    let named = views.iter().rev().map(|view| call.about(&view.name));
    let mut unique_identifiers: Vec<_> = named.collect();
    unique_identifiers.reverse();
    let response = CreateSplitKeyResponse { unique_identifiers, attributes: None };
    Ok(Response::CreateSplitKey(Box::new(response)))
}

/// `JoinSplitKey`.
pub(crate) async fn join_split_key(
    call: &Call<'_>,
    request: JoinSplitKeyRequest,
) -> Result<Response, Failed> {
    let kind = match request.object_type {
        ObjectType::SYMMETRIC_KEY => Kind::SymmetricKey,
        ObjectType::PRIVATE_KEY => Kind::PrivateKey,
        ObjectType::SECRET_DATA => Kind::SecretData,
        _ => return Err(Failed::field("Parts make a key or secret data.")),
    };
    let parts = request.unique_identifiers.iter().map(|part| call.object(Some(part)));
    let parts = parts.collect::<Result<Vec<_>, _>>()?;
    let attributes = [templates::resolved(call, request.attributes.unwrap_or_default()).await?];
    let wanted = attributes::wanted(request.object_type, &attributes)?;
    let mut draft = wanted.draft;
    let bits = wanted.length.and_then(|bits| u32::try_from(bits).ok());
    let spec = match (kind, wanted.algorithm, bits) {
        (Kind::SymmetricKey, Some(algorithm), Some(bits)) => {
            Some(material::raw_spec(algorithm, bits))
        }
        _ => None,
    };
    if spec.is_none_or(|spec| spec == Spec::Stored) {
        material::note(&mut draft, Said { algorithm: wanted.algorithm, bits });
    }
    if let (Kind::SecretData, Some(secret)) = (kind, request.secret_data_type) {
        material::note_secret_type(&mut draft, secret);
    }
    let view = call.perform(JoinObject { parts, kind, spec, draft }).await?;
    let unique_identifier = call.about(&view.name);
    Ok(Response::JoinSplitKey(Box::new(MadeResponse { unique_identifier, attributes: None })))
}
