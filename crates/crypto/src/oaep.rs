//! RSAES-OAEP (RFC 8017, 7.1), MGF1 with the label's hash, empty label.

use model::{
    Error, Process, Protect, Result, Secret, Usable,
    algorithm::{EncryptionAlgorithm, Hash, KeySpec, Spec},
    error::{Algorithm, Invalid, Unauthentic},
};

use crate::{material::Loaded, raw::Pkey};

/// Encrypts at most [`max_plaintext`] bytes.
pub fn encrypt(
    key: Usable<'_, Protect>,
    loaded: &Loaded,
    algorithm: EncryptionAlgorithm,
    plaintext: &[u8],
) -> Result<Vec<u8>> {
    let (rsa, hash) = rsa_key(&key, loaded, algorithm, Loaded::either_half)?;
    let (spec, max) = (loaded.spec(), max_plaintext(loaded.spec(), algorithm));
    if plaintext.len() > max {
        return Err(Error::Invalid(Invalid::PlaintextTooLong { spec, algorithm, max }));
    }
    rsa.oaep_encrypt(hash, plaintext)
}

/// The reverse; whatever is wrong is [`Unauthentic::Ciphertext`].
pub fn decrypt(
    key: Usable<'_, Process>,
    loaded: &Loaded,
    algorithm: EncryptionAlgorithm,
    ciphertext: &[u8],
) -> Result<Secret> {
    let (rsa, hash) = rsa_key(&key, loaded, algorithm, Loaded::asymmetric)?;
    rsa.oaep_decrypt(hash, ciphertext)?.ok_or(Error::NotAuthentic(Unauthentic::Ciphertext))
}

/// The longest plaintext in bytes: the modulus less two digests and two bytes. Zero for a
/// spec or algorithm that is not RSAES-OAEP's.
pub fn max_plaintext(spec: impl Into<Spec>, algorithm: EncryptionAlgorithm) -> usize {
    let modulus: usize = match spec.into() {
        Spec::Key(KeySpec::Rsa2048) => 256,
        Spec::Key(KeySpec::Rsa3072) => 384,
        Spec::Key(KeySpec::Rsa4096) => 512,
        _ => return 0,
    };
    hash(algorithm).map_or(0, |hash| modulus - 2 * hash.digest_len() - 2)
}

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

#[cfg(test)]
mod tests {
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
