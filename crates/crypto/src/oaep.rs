//! RSAES-OAEP (RFC 8017, 7.1): by our names for it, with MGF1 by the label's hash and an empty
//! label, or as its users say.

use model::{
    Error, Process, Protect, Result, Secret, Usable,
    algorithm::{EncryptionAlgorithm, Hash, Spec},
    error::{Algorithm, Invalid, Unauthentic},
    limits::OAEP_LABEL_LEN_MAX,
    raw::Oaep,
};

use crate::{
    material::{Loaded, modulus_len},
    raw::Pkey,
};

/// Encrypts at most [`max_plaintext`] bytes.
pub fn encrypt(
    key: Usable<'_, Protect>,
    loaded: &Loaded,
    algorithm: EncryptionAlgorithm,
    plaintext: &[u8],
) -> Result<Vec<u8>> {
    let (rsa, hash) = rsa_key(&key, loaded, algorithm, Loaded::either_half)?;
    let (spec, max) = (loaded.spec(), max_plaintext_with(loaded.spec(), hash));
    if plaintext.len() > max {
        return Err(Error::Invalid(Invalid::PlaintextTooLong { spec, algorithm, max }));
    }
    rsa.oaep_encrypt(&Oaep::plain(hash), plaintext)
}

/// The reverse; whatever is wrong is [`Unauthentic::Ciphertext`].
pub fn decrypt(
    key: Usable<'_, Process>,
    loaded: &Loaded,
    algorithm: EncryptionAlgorithm,
    ciphertext: &[u8],
) -> Result<Secret> {
    let (rsa, hash) = rsa_key(&key, loaded, algorithm, Loaded::asymmetric)?;
    rsa.oaep_decrypt(&Oaep::plain(hash), ciphertext)?.ok_or(NOT_AUTHENTIC)
}

/// Encrypts at most [`max_plaintext_with`] bytes as the key's user says, by either half of a pair.
///
/// # Errors
/// [`Error::WrongAlgorithm`] when the key is not one of RSA, [`Invalid::OutOfRange`] for a
/// plaintext or a label (of at most [`OAEP_LABEL_LEN_MAX`] bytes) that is too long.
pub fn encrypt_with(
    key: Usable<'_, Protect>,
    loaded: &Loaded,
    oaep: &Oaep,
    plaintext: &[u8],
) -> Result<Vec<u8>> {
    let rsa = free_key(&key, loaded, oaep, Loaded::either_half)?;
    if plaintext.len() > max_plaintext_with(loaded.spec(), oaep.hash) {
        return Err(Error::Invalid(Invalid::OutOfRange("the length of a plaintext")));
    }
    rsa.oaep_encrypt(oaep, plaintext)
}

/// The reverse, by the private half; whatever is wrong with the ciphertext is
/// [`Unauthentic::Ciphertext`].
pub fn decrypt_with(
    key: Usable<'_, Process>,
    loaded: &Loaded,
    oaep: &Oaep,
    ciphertext: &[u8],
) -> Result<Secret> {
    let rsa = free_key(&key, loaded, oaep, Loaded::asymmetric)?;
    rsa.oaep_decrypt(oaep, ciphertext)?.ok_or(NOT_AUTHENTIC)
}

/// The longest plaintext in bytes: the modulus less two digests and two bytes. Zero for a
/// spec or algorithm that is not RSAES-OAEP's.
pub fn max_plaintext(spec: impl Into<Spec>, algorithm: EncryptionAlgorithm) -> usize {
    hash(algorithm).map_or(0, |hash| max_plaintext_with(spec, hash))
}

/// The same with any hash of the label.
pub fn max_plaintext_with(spec: impl Into<Spec>, hash: Hash) -> usize {
    modulus_len(spec.into()).map_or(0, |modulus| modulus - 2 * hash.digest_len() - 2)
}

const NOT_AUTHENTIC: Error = Error::NotAuthentic(Unauthentic::Ciphertext);

fn hash(algorithm: EncryptionAlgorithm) -> Option<Hash> {
    match algorithm {
        EncryptionAlgorithm::OaepSha1 => Some(Hash::Sha1),
        EncryptionAlgorithm::OaepSha256 => Some(Hash::Sha256),
        EncryptionAlgorithm::Envelope => None,
    }
}

fn rsa_key<'l, D>(
    key: &Usable<'_, D>,
    loaded: &'l Loaded,
    algorithm: EncryptionAlgorithm,
    half: fn(&'l Loaded) -> Option<&'l Pkey>,
) -> Result<(&'l Pkey, Hash)> {
    loaded.cleared(key)?;
    let spec = loaded.spec();
    let can = spec.encryption_algorithms().contains(&algorithm);
    match (half(loaded), hash(algorithm)) {
        (Some(rsa), Some(hash)) if can => Ok((rsa, hash)),
        _ => Err(Error::WrongAlgorithm { spec, algorithm: Algorithm::Encryption(algorithm) }),
    }
}

fn free_key<'l, D>(
    key: &Usable<'_, D>,
    loaded: &'l Loaded,
    oaep: &Oaep,
    half: fn(&'l Loaded) -> Option<&'l Pkey>,
) -> Result<&'l Pkey> {
    loaded.cleared(key)?;
    let spec = loaded.spec();
    if oaep.label.len() > OAEP_LABEL_LEN_MAX {
        return Err(Error::Invalid(Invalid::OutOfRange("the length of a label")));
    }
    match half(loaded) {
        Some(rsa) if max_plaintext_with(spec, oaep.hash) > 0 => Ok(rsa),
        _ => Err(Error::WrongAlgorithm { spec, algorithm: Algorithm::Oaep(oaep.hash) }),
    }
}

#[cfg(test)]
mod tests {
    use model::algorithm::KeySpec;

    use super::*;

    #[test]
    fn the_longest_plaintexts_are_those_aws_documents() {
        use EncryptionAlgorithm::{OaepSha1, OaepSha256};
        let of = |algorithm| {
            [KeySpec::Rsa2048, KeySpec::Rsa3072, KeySpec::Rsa4096]
                .map(|spec| max_plaintext(spec, algorithm))
        };
        assert_eq!(of(OaepSha256), [190, 318, 446]);
        assert_eq!(of(OaepSha1), [214, 342, 470]);
    }
}
