//! Parts of keys, in the words of the protocol and of the model.

use kmip::{
    Version,
    names::enumeration::SplitKeyMethod,
    object::{KeyBlock, KeyMaterial, KeyValue, SplitKey},
    wire::BigInteger,
};
use model::{
    algorithm::Spec,
    object::SplitPart,
    raw::{ByteField, SplitMethod},
};

use crate::{
    algorithms::{self, Said},
    failed::Failed,
    transparent,
};

/// What a part that is brought says of itself.
pub(crate) fn part_of(part: &SplitKey, said: Said, version: Version) -> Result<SplitPart, Failed> {
    let block = &part.key_block;
    let bits = block.cryptographic_length.and_then(|bits| u32::try_from(bits).ok()).or(said.bits);
    let algorithm = block.cryptographic_algorithm.or(said.algorithm);
    let whole = match (algorithm, bits) {
        (Some(algorithm), Some(bits)) => algorithms::raw_spec(algorithm, bits),
        _ => Spec::Stored,
    };
    let len = algorithm.zip(bits).and_then(|(algorithm, bits)| algorithms::len_of(algorithm, bits));
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
pub(crate) fn written(part: &SplitPart, key_block: KeyBlock) -> SplitKey {
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
        prime_field_size: part.prime.as_deref().map(transparent::big),
        key_block,
    }
}

/// The method, in the field of the client's version: they differ (1.4 section 2.2.5, 2.1 section
/// 13.1).
pub(crate) fn method(method: SplitKeyMethod, version: Version) -> Result<SplitMethod, Failed> {
    let field = if version < Version::V2_0 { ByteField::Fips197 } else { ByteField::ReedSolomon };
    Ok(match method {
        SplitKeyMethod::XOR => SplitMethod::Xor,
        SplitKeyMethod::POLYNOMIAL_SHARING_GF_2_16 => SplitMethod::Gf65536(field),
        SplitKeyMethod::POLYNOMIAL_SHARING_PRIME_FIELD => SplitMethod::PrimeField,
        SplitKeyMethod::POLYNOMIAL_SHARING_GF_2_8 => SplitMethod::Gf256(field),
        _ => return Err(Failed::field("A key is not split so here.")),
    })
}

pub(crate) fn count(number: i32) -> Result<u32, Failed> {
    u32::try_from(number)
        .map_err(|_| Failed::field("A number of parts of a split key is less than nothing."))
}

/// A positive number without leading zeros.
pub(crate) fn positive(number: &BigInteger) -> Result<Vec<u8>, Failed> {
    let bytes = number.0.expose();
    if bytes.first().is_none_or(|first| first & 0x80 != 0) {
        return Err(Failed::field("The prime field's size is not a positive number."));
    }
    Ok(bytes.iter().copied().skip_while(|byte| *byte == 0).collect())
}
