//! Keys that come wrapped: what is said of how, in the words of the engine, which unwraps them.
//!
//! What is wrapped is the key value in TTLV, or the bytes of the material (1.4 section 2.1.5, 2.1
//! section 3.3). A Byte String in place of the Key Value is what the specifications have for both;
//! clients also write the wrapped bytes of the material in place of the material.

use engine::op::{Draft, RegisteredMaterial, Unwrapped, WrapMethod, Wrapped};
use kmip::{
    Version,
    attribute::CryptographicParameters,
    names::enumeration::WrappingMethod,
    names::enumeration::{BlockCipherMode, EncodingOption, PaddingMethod, ResultReason},
    object::{KeyBlock, KeyInformation, KeyMaterial, KeyValue, KeyWrappingData, PlainKeyValue},
    ttlv,
    wire::Wire as _,
};
use model::{Error, Secret, error::Invalid, object::Link, raw::Wrapping};

use crate::{
    algorithms::Said,
    call::Call,
    failed::Failed,
    material::{self, Holder},
    parameters,
};

/// How material is wrapped or to be wrapped, as far as that is done here: by which key, in what
/// way, and whether the key value is encoded.
pub(crate) struct Way {
    pub(crate) information: KeyInformation,
    pub(crate) method: WrapMethod,
    pub(crate) is_encoded: bool,
}

impl Way {
    /// As a request or an object says it; a code or signature beside the encryption is refused.
    pub(crate) fn of(
        method: WrappingMethod,
        encryption_key: Option<KeyInformation>,
        mac_key: Option<&KeyInformation>,
        encoding: Option<EncodingOption>,
    ) -> Result<Self, Failed> {
        if method != WrappingMethod::ENCRYPT || mac_key.is_some() {
            return Err(Failed::unsupported("A wrapping other than by encryption"));
        }
        let is_encoded = match encoding {
            None | Some(EncodingOption::TTLV_ENCODING) => true,
            Some(EncodingOption::NO_ENCODING) => false,
            Some(_) => {
                let message = "What is wrapped is the key value in TTLV, or the material's bytes.";
                return Err(Failed::new(ResultReason::ENCODING_OPTION_ERROR, message));
            }
        };
        let information = encryption_key.ok_or_else(|| {
            Failed::new(ResultReason::MISSING_DATA, "The wrapping does not say which key wraps.")
        })?;
        let parameters = information.cryptographic_parameters.clone().unwrap_or_default();
        Ok(Self { method: method_of(&parameters)?, information, is_encoded })
    }
}

/// How the wrapping key is applied: as is said, or AES key wrap.
fn method_of(parameters: &CryptographicParameters) -> Result<WrapMethod, Failed> {
    match (parameters.block_cipher_mode, parameters.padding_method) {
        (Some(BlockCipherMode::NISTKEYWRAP), _) | (None, None) => {
            Ok(WrapMethod::Aes(Wrapping::KeyWrap))
        }
        (Some(BlockCipherMode::AESKEYWRAPPADDING), _) => {
            Ok(WrapMethod::Aes(Wrapping::KeyWrapPadded))
        }
        (None, Some(PaddingMethod::OAEP)) => {
            let message = "RSA-OAEP needs a hash that is known here.";
            let oaep = parameters::oaep(parameters);
            oaep.map(WrapMethod::Oaep).ok_or_else(|| {
                Failed::new(ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS, message)
            })
        }
        _ => Err(Failed::new(
            ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS,
            "Material is wrapped by NISTKeyWrap, AESKeyWrapPadding or RSA-OAEP.",
        )),
    }
}

/// Material that came wrapped, which the engine unwraps; that it was wrapped is noted in the draft.
pub(crate) fn brought(
    call: &Call<'_>,
    (holder, block): (Holder, KeyBlock),
    data: KeyWrappingData,
    (said, mut draft): (Said, Draft),
) -> Result<(RegisteredMaterial, Draft), Failed> {
    let KeyWrappingData { wrapping_method, encryption_key, mac_key, mac, .. } = data;
    if mac.is_some() {
        return Err(Failed::unsupported("A wrapping other than by encryption"));
    }
    if data.iv_counter_nonce.is_some_and(|iv| !iv.0.is_empty()) {
        return Err(Failed::field("Keys are wrapped here in ways that take no IV."));
    }
    let way = Way::of(wrapping_method, encryption_key, mac_key.as_ref(), data.encoding_option)?;
    let by = call.object(Some(&way.information.unique_identifier))?;
    if let engine::By::Id(to) = by.by {
        let link = Link { kind: Link::WRAPPING_KEY, to };
        if !draft.links.contains(&link) {
            draft.links.push(link);
        }
    }
    let bytes = match &block.key_value {
        Some(
            KeyValue::Wrapped(bytes)
            | KeyValue::Plain(PlainKeyValue { material: KeyMaterial::Bytes(bytes), .. }),
        ) => bytes.expose().to_vec(),
        Some(KeyValue::Plain(_)) => return Err(Failed::field("What is wrapped is bytes.")),
        None => {
            let message = "The key block has no key value.";
            return Err(Failed::new(ResultReason::MISSING_DATA, message));
        }
    };
    let shell = Shell { holder, block: KeyBlock { key_value: None, ..block }, said };
    let (version, kept) = (call.version, draft.clone());
    let undress = Box::new(move |plain: Secret| {
        let value = match way.is_encoded {
            true => decoded(&plain, version)?,
            false => PlainKeyValue { material: KeyMaterial::Bytes(plain), attributes: None },
        };
        shell.filled(value, kept.clone())
    });
    let wrapped = Wrapped { by, method: way.method, bytes, undress };
    Ok((RegisteredMaterial::Wrapped(wrapped), draft))
}

/// What is known of an object while its key value is wrapped.
struct Shell {
    holder: Holder,
    block: KeyBlock,
    said: Said,
}

impl Shell {
    fn filled(&self, value: PlainKeyValue, mut draft: Draft) -> model::Result<Unwrapped> {
        let block = KeyBlock {
            key_format_type: self.block.key_format_type,
            key_compression_type: self.block.key_compression_type,
            key_value: Some(KeyValue::Plain(value)),
            cryptographic_algorithm: self.block.cryptographic_algorithm,
            cryptographic_length: self.block.cryptographic_length,
            key_wrapping_data: None,
        };
        let material = material::in_block(self.holder, block, self.said, &mut draft);
        Ok((material.map_err(|_| unfit())?, draft))
    }
}

/// A key value that was wrapped in TTLV.
fn decoded(plain: &Secret, version: Version) -> model::Result<PlainKeyValue> {
    let item = ttlv::decode(plain.expose()).map_err(|_| unfit())?;
    match KeyValue::read(item, version) {
        Ok(KeyValue::Plain(value)) => Ok(value),
        _ => Err(unfit()),
    }
}

/// What was unwrapped is authentic, and not what the key block says.
fn unfit() -> Error {
    Error::Invalid(Invalid::OutOfRange("the wrapped key"))
}
