//! Keys and secrets that are derived from others.

use engine::op::DeriveObject;
use kmip::{
    attribute::CryptographicParameters,
    names::enumeration::{
        BlockCipherMode, CryptographicAlgorithm, DerivationMethod, ObjectType, PaddingMethod,
        ResultReason,
    },
    payload::{DerivationParameters, DeriveKeyRequest, MadeResponse, Response},
};
use model::{
    algorithm::{Hash, Spec},
    object::Kind,
    raw::{BlockPadding, Cipher, CipherMode, Derivation},
};

use super::make;
use crate::{attributes, call::Call, failed::Failed, material, parameters};

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
    let derivation = derivation(request.derivation_method, given)?;
    let wanted = attributes::wanted(request.object_type, &[request.attributes])?;
    if wanted.length.is_none() {
        return Err(Failed::field("The attributes do not say the cryptographic length."));
    }
    let (spec, len, draft) = make::to_be(kind, wanted)?;
    let derive = DeriveObject { base, other, data, derivation, kind, spec, len, draft };
    let view = call.perform(derive).await?;
    let unique_identifier = call.about(&view.name);
    Ok(Response::DeriveKey(Box::new(MadeResponse { unique_identifier, attributes: None })))
}

/// How it is derived (1.4 section 4.6, 2.1 section 7.12).
fn derivation(method: DerivationMethod, given: DerivationParameters) -> Result<Derivation, Failed> {
    let said = given.cryptographic_parameters.unwrap_or_default();
    let hash = hash(&said)?;
    let needed = || hash.ok_or_else(|| Failed::field("The derivation needs a hash."));
    let iv = given.initialization_vector.map(|iv| iv.0).unwrap_or_default();
    let salt = given.salt.map(|salt| salt.0);
    Ok(match method {
        DerivationMethod::PBKDF2 => Derivation::Pbkdf2 {
            // RFC 8018, appendix A.2.
            hash: hash.unwrap_or(Hash::Sha1),
            salt: salt.ok_or_else(|| Failed::field("PBKDF2 needs a salt."))?,
            iterations: given
                .iteration_count
                .and_then(|count| u32::try_from(count).ok())
                .ok_or_else(|| Failed::field("PBKDF2 needs an iteration count."))?,
        },
        DerivationMethod::HASH => Derivation::Hash(needed()?),
        DerivationMethod::HMAC => Derivation::Hmac(hash),
        DerivationMethod::ENCRYPT => Derivation::Encrypt { cipher: cipher(&said)?, iv },
        DerivationMethod::NIST800_108_C => Derivation::Counter(hash),
        DerivationMethod::NIST800_108_F => Derivation::Feedback { hash, iv },
        DerivationMethod::NIST800_108_DPI => Derivation::DoublePipeline(hash),
        DerivationMethod::HKDF => {
            Derivation::Hkdf { hash: hash.unwrap_or(Hash::Sha256), salt: salt.unwrap_or_default() }
        }
        DerivationMethod::ASYMMETRIC_KEY => Derivation::Agreement,
        _ => return Err(Failed::field("A key is not derived so here.")),
    })
}

/// The hash: by itself, or of an algorithm for HMAC.
fn hash(said: &CryptographicParameters) -> Result<Option<Hash>, Failed> {
    let unknown = || {
        let message = "That hash is not known here.";
        Failed::new(ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS, message)
    };
    if let Some(hash) = said.hashing_algorithm {
        return parameters::hash(hash).map(Some).ok_or_else(unknown);
    }
    Ok(said.cryptographic_algorithm.and_then(of_hmac))
}

fn of_hmac(algorithm: CryptographicAlgorithm) -> Option<Hash> {
    match material::raw_spec(algorithm, 0) {
        Spec::Raw(spec) => spec.mac_hash(),
        Spec::Key(_) | Spec::Stored => None,
    }
}

fn cipher(said: &CryptographicParameters) -> Result<Cipher, Failed> {
    let refused =
        |message| Failed::new(ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS, message);
    let mode = match said.block_cipher_mode {
        Some(BlockCipherMode::ECB) => CipherMode::Ecb,
        Some(BlockCipherMode::CBC) => CipherMode::Cbc,
        Some(BlockCipherMode::CTR) => CipherMode::Ctr,
        Some(BlockCipherMode::CFB) => CipherMode::Cfb,
        Some(BlockCipherMode::OFB) => CipherMode::Ofb,
        Some(_) => return Err(refused("A key is not derived by that mode here.")),
        None => return Err(Failed::field("The parameters do not say the block cipher mode.")),
    };
    let padding = match said.padding_method {
        None | Some(PaddingMethod::NONE) => BlockPadding::None,
        Some(PaddingMethod::PKCS5) => BlockPadding::Pkcs7,
        Some(PaddingMethod::ANSI_X9_23) => BlockPadding::X923,
        Some(_) => return Err(refused("That padding is not known here.")),
    };
    Ok(Cipher { mode, padding, tag_len: 16 })
}
