//! Keys in parts.

use engine::op::{JoinObject, SplitObject, Whole};
use kmip::{
    Version,
    names::enumeration::{ObjectType, SplitKeyMethod},
    object::{KeyBlock, KeyMaterial, KeyValue, SplitKey},
    payload::{
        CreateSplitKeyRequest, CreateSplitKeyResponse, JoinSplitKeyRequest, MadeResponse, Response,
    },
    wire::BigInteger,
};
use model::{
    Secret,
    algorithm::Spec,
    object::{Kind, SplitPart},
    raw::{ByteField, SplitMethod},
};

use super::make;
use crate::{
    attributes,
    call::Call,
    failed::Failed,
    material::{self, Said},
};

/// `CreateSplitKey`.
pub(crate) async fn create_split_key(
    call: &Call<'_>,
    request: CreateSplitKeyRequest,
) -> Result<Response, Failed> {
    let wanted = attributes::wanted(request.object_type, &[request.attributes], call.version)?;
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
        method: method(request.method, call.version)?,
        prime: request.prime_field_size.as_ref().map(positive).transpose()?,
        parts: count(request.parts)?,
        threshold: count(request.threshold)?,
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
    let attributes = [request.attributes.unwrap_or_default()];
    let wanted = attributes::wanted(request.object_type, &attributes, call.version)?;
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

/// What a part that is brought says of itself.
pub(crate) fn part_of(part: &SplitKey, said: Said, version: Version) -> Result<SplitPart, Failed> {
    let block = &part.key_block;
    let bits = block.cryptographic_length.and_then(|bits| u32::try_from(bits).ok()).or(said.bits);
    let algorithm = block.cryptographic_algorithm.or(said.algorithm);
    let whole = match (algorithm, bits) {
        (Some(algorithm), Some(bits)) => material::raw_spec(algorithm, bits),
        _ => Spec::Stored,
    };
    let len = algorithm.zip(bits).and_then(|(algorithm, bits)| material::len_of(algorithm, bits));
    let len = len.or(bits.map(|bits| bits.div_ceil(8) as usize)).or(material_len(block));
    Ok(SplitPart {
        method: method(part.method, version)?,
        prime: part.prime_field_size.as_ref().map(positive).transpose()?,
        parts: count(part.parts)?,
        threshold: count(part.threshold)?,
        number: count(part.part)?,
        whole,
        len: len.and_then(|len| u32::try_from(len).ok()).unwrap_or(0),
        digest: None,
    })
}

fn material_len(block: &KeyBlock) -> Option<usize> {
    match block.key_value.as_ref()? {
        KeyValue::Plain(value) => match &value.material {
            KeyMaterial::Bytes(bytes) => Some(bytes.len()),
            KeyMaterial::Transparent(_) => None,
        },
        KeyValue::Wrapped(_) => None,
    }
}

/// A part as the protocol writes it.
pub(crate) fn part(part: &SplitPart, key_block: KeyBlock) -> SplitKey {
    let number = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    SplitKey {
        parts: number(part.parts),
        part: number(part.number),
        threshold: number(part.threshold),
        method: match part.method {
            SplitMethod::Xor => SplitKeyMethod::XOR,
            SplitMethod::Gf65536(_) => SplitKeyMethod::POLYNOMIAL_SHARING_GF_2_16,
            SplitMethod::PrimeField => SplitKeyMethod::POLYNOMIAL_SHARING_PRIME_FIELD,
            SplitMethod::Gf256(_) => SplitKeyMethod::POLYNOMIAL_SHARING_GF_2_8,
        },
        prime_field_size: part.prime.as_deref().map(big),
        key_block,
    }
}

/// The method, in the field of the client's version: they differ (1.4 section 2.2.5, 2.1 section
/// 13.1).
fn method(method: SplitKeyMethod, version: Version) -> Result<SplitMethod, Failed> {
    let field = if version < Version::V2_0 { ByteField::Fips197 } else { ByteField::ReedSolomon };
    Ok(match method {
        SplitKeyMethod::XOR => SplitMethod::Xor,
        SplitKeyMethod::POLYNOMIAL_SHARING_GF_2_16 => SplitMethod::Gf65536(field),
        SplitKeyMethod::POLYNOMIAL_SHARING_PRIME_FIELD => SplitMethod::PrimeField,
        SplitKeyMethod::POLYNOMIAL_SHARING_GF_2_8 => SplitMethod::Gf256(field),
        _ => return Err(Failed::field("A key is not split so here.")),
    })
}

fn count(number: i32) -> Result<u32, Failed> {
    u32::try_from(number)
        .map_err(|_| Failed::field("A number of parts of a split key is less than nothing."))
}

/// A positive number without leading zeros.
fn positive(number: &BigInteger) -> Result<Vec<u8>, Failed> {
    let bytes = number.0.expose();
    if bytes.first().is_none_or(|first| first & 0x80 != 0) {
        return Err(Failed::field("The prime field's size is not a positive number."));
    }
    Ok(bytes.iter().copied().skip_while(|byte| *byte == 0).collect())
}

/// A positive number as the protocol writes it: with a sign, in units of eight bytes.
fn big(bytes: &[u8]) -> BigInteger {
    let mut padded = vec![0; (bytes.len() / 8 + 1) * 8 - bytes.len()];
    padded.extend(bytes);
    BigInteger(Secret::new(padded))
}
