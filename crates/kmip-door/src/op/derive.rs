//! Keys and secrets that are derived from others.

use engine::op::DeriveObject;
use kmip::{
    attribute::CryptographicParameters,
    names::enumeration::{CryptographicAlgorithm, DerivationMethod, ObjectType, ResultReason},
    payload::{DerivationParameters, DeriveKeyRequest, MadeResponse, Response},
};
use model::{
    Result,
    algorithm::{Hash, Spec},
    object::Kind,
    raw::{Derivation, pbkdf2_iterations},
};

use super::make;
use crate::{algorithms, attributes, call::Call, failed::Failed, parameters, templates};

/// `DeriveKey`.
pub(crate) async fn derive_key(
    call: &Call<'_>,
    request: DeriveKeyRequest,
) -> Result<Response, Failed> {
    let kind = match request.object_type {
        ObjectType::SYMMETRIC_KEY => Kind::SymmetricKey,
        ObjectType::SECRET_DATA => Kind::SecretData,
        _ => return Err(Failed::field("Only symmetric keys and secret data are derived.")),
    };
    let mut bases = request.unique_identifiers.iter();
    let (Some(base), other, None) = (bases.next(), bases.next(), bases.next()) else {
        return Err(Failed::field("An object is derived from one other or from two."));
    };
    let base = call.object(Some(base))?;
    let other = other.map(|other| call.object(Some(other))).transpose()?;
    let mut given = request.derivation_parameters;
    let data = given.derivation_data.take();
    if other.is_some() && data.is_some() {
        let message = "The derivation data are given, and an object that holds them is named too.";
        return Err(Failed::new(ResultReason::INVALID_MESSAGE, message));
    }
    let (method, said) = (request.derivation_method, given.cryptographic_parameters.take());
    let given_attributes = templates::resolved(call, request.attributes).await?;
    let wanted = attributes::wanted(request.object_type, &[given_attributes])?;
    if wanted.length.is_none() {
        return Err(Failed::field("The attributes do not say the cryptographic length."));
    }
    let (spec, len, draft) = make::to_be(kind, wanted)?;
    let slow = method == DerivationMethod::PBKDF2;
    if slow {
        // A hash that only the attributes of the base say has a longer digest, so fewer blocks.
        let hash = said.as_ref().map(hash).transpose()?.flatten().unwrap_or(BY_DEFAULT);
        let iterations = given.iteration_count.and_then(|count| u32::try_from(count).ok());
        call.shared.stretching.add(pbkdf2_iterations(hash, iterations.unwrap_or(0), len))?;
    }
    let derive = DeriveObject {
        base,
        other,
        data,
        derivation: Box::new(move |attributes, spec| {
            derivation(method, &given, &parameters::merged(said.as_ref(), attributes), spec)
        }),
        slow,
        kind,
        spec,
        len,
        draft,
    };
    let view = call.perform(derive).await?;
    let unique_identifier = call.about(&view.name);
    Ok(Response::DeriveKey(Box::new(MadeResponse { unique_identifier, attributes: None })))
}

/// The hash of PBKDF2 that is not said (RFC 8018, appendix A.2).
const BY_DEFAULT: Hash = Hash::Sha1;

/// How it is derived (1.4 section 4.6, 2.1 section 7.12), by a key of a spec.
fn derivation(
    method: DerivationMethod,
    given: &DerivationParameters,
    said: &CryptographicParameters,
    spec: Spec,
) -> Result<Derivation> {
    let hash = hash(said)?;
    let iv = || given.initialization_vector.clone().map(|iv| iv.0).unwrap_or_default();
    let salt = || given.salt.clone().map(|salt| salt.0);
    let needed = |hash: Option<Hash>| match hash {
        Some(hash) => Ok(hash),
        None => parameters::refused("Say the hash of the derivation."),
    };
    // A key for HMAC says with which hash.
    let of_key = || needed(spec.mac_hash().or(hash));
    Ok(match method {
        DerivationMethod::PBKDF2 => {
            let iterations = given.iteration_count.map(u32::try_from);
            let (Some(salt), Some(Ok(iterations))) = (salt(), iterations) else {
                return parameters::refused("PBKDF2 needs a salt and an iteration count.");
            };
            Derivation::Pbkdf2 { hash: hash.unwrap_or(BY_DEFAULT), salt, iterations }
        }
        DerivationMethod::HASH => Derivation::Hash(needed(hash)?),
        DerivationMethod::HMAC => Derivation::Hmac(of_key()?),
        DerivationMethod::ENCRYPT => {
            Derivation::Encrypt { cipher: parameters::cipher_of(said, spec)?, iv: iv() }
        }
        DerivationMethod::NIST800_108_C => Derivation::Counter(of_key()?),
        DerivationMethod::NIST800_108_F => Derivation::Feedback { hash: of_key()?, iv: iv() },
        DerivationMethod::NIST800_108_DPI => Derivation::DoublePipeline(of_key()?),
        DerivationMethod::HKDF => Derivation::Hkdf {
            hash: hash.unwrap_or(Hash::Sha256),
            salt: salt().unwrap_or_default(),
        },
        DerivationMethod::ASYMMETRIC_KEY => Derivation::Agreement,
        _ => return parameters::refused("A key is not derived so here."),
    })
}

/// The hash: by itself, or of an algorithm for HMAC.
fn hash(said: &CryptographicParameters) -> Result<Option<Hash>> {
    match said.hashing_algorithm {
        None => Ok(said.cryptographic_algorithm.and_then(of_hmac)),
        Some(hash) => match parameters::hash(hash) {
            Some(hash) => Ok(Some(hash)),
            None => parameters::refused("That hash is not known here."),
        },
    }
}

fn of_hmac(algorithm: CryptographicAlgorithm) -> Option<Hash> {
    match algorithms::raw_spec(algorithm, 0) {
        Spec::Raw(spec) => spec.mac_hash(),
        Spec::Key(_) | Spec::Stored => None,
    }
}
