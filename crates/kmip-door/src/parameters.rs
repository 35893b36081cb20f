//! Cryptographic parameters of the protocol in the words of the model.

use kmip::{attribute::CryptographicParameters, names::enumeration::HashingAlgorithm};
use model::{algorithm::Hash, raw::Oaep};

/// A hash that is known here.
pub(crate) fn hash(hash: HashingAlgorithm) -> Option<Hash> {
    Some(match hash {
        HashingAlgorithm::SHA_1 => Hash::Sha1,
        HashingAlgorithm::SHA_224 => Hash::Sha224,
        HashingAlgorithm::SHA_256 => Hash::Sha256,
        HashingAlgorithm::SHA_384 => Hash::Sha384,
        HashingAlgorithm::SHA_512 => Hash::Sha512,
        HashingAlgorithm::SHA3_224 => Hash::Sha3_224,
        HashingAlgorithm::SHA3_256 => Hash::Sha3_256,
        HashingAlgorithm::SHA3_384 => Hash::Sha3_384,
        HashingAlgorithm::SHA3_512 => Hash::Sha3_512,
        _ => return None,
    })
}

/// RSAES-OAEP as the parameters say; the mask's hash is the label's unless it is said.
pub(crate) fn oaep(parameters: &CryptographicParameters) -> Option<Oaep> {
    let of = hash(parameters.hashing_algorithm?)?;
    let mask_hash = match parameters.mask_generator_hashing_algorithm {
        Some(mask) => hash(mask)?,
        None => of,
    };
    let label = parameters.p_source.clone().map(|label| label.0).unwrap_or_default();
    Some(Oaep { hash: of, mask_hash, label })
}
