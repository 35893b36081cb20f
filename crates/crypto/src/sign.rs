//! Signatures: RSASSA-PSS and PKCS#1 v1.5 (RFC 8017), ECDSA and Ed25519 (FIPS 186-5),
//! ML-DSA (FIPS 204).

use std::borrow::Cow;

use model::{
    Error, Process, Protect, Result, Usable,
    algorithm::{MessageType, SigningAlgorithm, Spec},
    error::{Algorithm, Invalid, Unauthentic},
};

use crate::{
    digest,
    material::Loaded,
    raw::{Pkey, Scheme},
};

/// Length of ML-DSA's message representative in bytes.
const MU_LEN: usize = 64;

/// Signs. ECDSA signatures are DER; a PSS salt is as long as the hash.
pub fn sign(
    key: Usable<'_, Protect>,
    loaded: &Loaded,
    algorithm: SigningAlgorithm,
    kind: MessageType,
    message: &[u8],
) -> Result<Vec<u8>> {
    let private = signing_key(&key, loaded, algorithm, Loaded::asymmetric)?;
    let (scheme, input) = input(algorithm, kind, message)?;
    private.sign(scheme, &input)
}

/// Verifies; a signature that is not genuine is [`Unauthentic::Signature`], whatever the reason.
pub fn verify(
    key: Usable<'_, Process>,
    loaded: &Loaded,
    algorithm: SigningAlgorithm,
    kind: MessageType,
    message: &[u8],
    signature: &[u8],
) -> Result<()> {
    let key = signing_key(&key, loaded, algorithm, Loaded::either_half)?;
    let (scheme, input) = input(algorithm, kind, message)?;
    if key.verify(scheme, &input, signature)? {
        Ok(())
    } else {
        Err(Error::NotAuthentic(Unauthentic::Signature))
    }
}

/// Verifies by a public key from outside, a DER SubjectPublicKeyInfo. It holds no secret, so it
/// works before [`crate::start`], but not in the error state. A key of another spec is
/// [`Unauthentic::Signature`] too.
pub fn verify_spki(
    spki: &[u8],
    spec: impl Into<Spec>,
    algorithm: SigningAlgorithm,
    kind: MessageType,
    message: &[u8],
    signature: &[u8],
) -> Result<()> {
    crate::state::not_failed()?;
    let spec = spec.into();
    if !spec.signing_algorithms().contains(&algorithm) {
        return Err(Error::WrongAlgorithm { spec, algorithm: Algorithm::Signing(algorithm) });
    }
    let (scheme, input) = input(algorithm, kind, message)?;
    match Pkey::from_spki(spki).filter(|key| spec.key().is_some_and(|spec| key.is(spec))) {
        Some(key) if key.verify(scheme, &input, signature)? => Ok(()),
        _ => Err(Error::NotAuthentic(Unauthentic::Signature)),
    }
}

fn signing_key<'l, D>(
    key: &Usable<'_, D>,
    loaded: &'l Loaded,
    algorithm: SigningAlgorithm,
    half: fn(&'l Loaded) -> Option<&'l Pkey>,
) -> Result<&'l Pkey> {
    loaded.cleared(key)?;
    let spec = loaded.spec();
    match half(loaded) {
        Some(key) if spec.signing_algorithms().contains(&algorithm) => Ok(key),
        _ => Err(Error::WrongAlgorithm { spec, algorithm: Algorithm::Signing(algorithm) }),
    }
}

/// What is signed: the message, its digest, or its representative.
pub(crate) fn input(
    algorithm: SigningAlgorithm,
    kind: MessageType,
    message: &[u8],
) -> Result<(Scheme, Cow<'_, [u8]>)> {
    let refused = || Error::Invalid(Invalid::MessageType(algorithm, kind));
    let of_length = |len: usize| {
        if message.len() == len {
            Ok(Cow::Borrowed(message))
        } else {
            Err(Error::Invalid(Invalid::DigestLength(algorithm)))
        }
    };
    match (algorithm, algorithm.digest(), kind) {
        // The message of Ed25519ph is a digest already; hashing here would sign something else.
        (SigningAlgorithm::Ed25519Ph, _, MessageType::Raw) => Err(refused()),
        (SigningAlgorithm::MlDsa, _, MessageType::ExternalMu) => {
            Ok((Scheme::ExternalMu, of_length(MU_LEN)?))
        }
        (_, _, MessageType::ExternalMu) => Err(refused()),
        (_, Some(hash), MessageType::Digest) => {
            Ok((Scheme::of(algorithm), of_length(hash.digest_len())?))
        }
        (_, None, MessageType::Digest) => Err(refused()),
        (_, Some(hash), MessageType::Raw) => {
            Ok((Scheme::of(algorithm), Cow::Owned(digest::digest(hash, message))))
        }
        (_, None, MessageType::Raw) => Ok((Scheme::of(algorithm), Cow::Borrowed(message))),
    }
}
