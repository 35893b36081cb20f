//! How certificates and requests are signed, and whether they are.

use const_oid::db::{
    rfc5912::{
        ECDSA_WITH_SHA_224, ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, ECDSA_WITH_SHA_512,
        SHA_1_WITH_RSA_ENCRYPTION, SHA_224_WITH_RSA_ENCRYPTION, SHA_256_WITH_RSA_ENCRYPTION,
        SHA_384_WITH_RSA_ENCRYPTION, SHA_512_WITH_RSA_ENCRYPTION,
    },
    rfc8410::ID_ED_25519,
};
use der::{Reader, SliceReader, asn1::ObjectIdentifier};
use model::{Error, Result, algorithm::Hash, raw::SignatureScheme};

/// ecdsa-with-SHA1 (RFC 3279, section 2.2.3).
const ECDSA_WITH_SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.1");

/// Whether a signature holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Signature {
    /// It does.
    Holds,
    /// It does not.
    Fails,
    /// It is made in a way, or with a key, that is not verified here.
    Unknown,
}

/// How the algorithm of that identifier signs, if that is known: RSASSA-PKCS1-v1_5 and ECDSA (RFC
/// 5758), Ed25519 (RFC 8410).
pub(crate) fn scheme(algorithm: ObjectIdentifier) -> Option<SignatureScheme> {
    use SignatureScheme::{Ecdsa, Ed25519, Pkcs1};
    Some(match algorithm {
        SHA_1_WITH_RSA_ENCRYPTION => Pkcs1(Hash::Sha1),
        SHA_224_WITH_RSA_ENCRYPTION => Pkcs1(Hash::Sha224),
        SHA_256_WITH_RSA_ENCRYPTION => Pkcs1(Hash::Sha256),
        SHA_384_WITH_RSA_ENCRYPTION => Pkcs1(Hash::Sha384),
        SHA_512_WITH_RSA_ENCRYPTION => Pkcs1(Hash::Sha512),
        ECDSA_WITH_SHA_1 => Ecdsa(Hash::Sha1),
        ECDSA_WITH_SHA_224 => Ecdsa(Hash::Sha224),
        ECDSA_WITH_SHA_256 => Ecdsa(Hash::Sha256),
        ECDSA_WITH_SHA_384 => Ecdsa(Hash::Sha384),
        ECDSA_WITH_SHA_512 => Ecdsa(Hash::Sha512),
        ID_ED_25519 => Ed25519,
        _ => return None,
    })
}

/// Whether the key signed the first part of `signed`, a DER sequence of what is signed, an
/// algorithm and a signature. A signature over SHA-1, whose collisions can be found, says nothing.
pub(crate) fn check(
    signed: &[u8],
    algorithm: ObjectIdentifier,
    signature: Option<&[u8]>,
    spki: &[u8],
) -> Result<Signature> {
    let scheme = scheme(algorithm).filter(|scheme| scheme.hash() != Some(Hash::Sha1));
    let (Some(scheme), Some(signature)) = (scheme, signature) else {
        return Ok(Signature::Unknown);
    };
    let Ok(message) = first_part(signed) else { return Ok(Signature::Fails) };
    match crypto::sign::verify_foreign(spki, scheme, message, signature) {
        Ok(()) => Ok(Signature::Holds),
        Err(Error::NotAuthentic(_)) => Ok(Signature::Fails),
        Err(Error::Invalid(_) | Error::WrongAlgorithm { .. }) => Ok(Signature::Unknown),
        Err(error) => Err(error),
    }
}

/// The first element of a DER sequence, as it is written.
fn first_part(sequence: &[u8]) -> der::Result<&[u8]> {
    let within = der::asn1::AnyRef::try_from(sequence)?;
    SliceReader::new(within.value())?.tlv_bytes()
}
