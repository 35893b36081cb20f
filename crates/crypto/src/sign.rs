//! Signatures: RSASSA-PSS and PKCS#1 v1.5 (RFC 8017), ECDSA and Ed25519 (FIPS 186-5),
//! ML-DSA (FIPS 204): by our names for them, or with the hashes and the salt that users say.

use std::borrow::Cow;

use model::{
    Error, Process, Protect, Result, Usable,
    algorithm::{Hash, MessageType, SigningAlgorithm, Spec},
    error::{Algorithm, Invalid, Unauthentic},
    raw::SignatureScheme,
};

use crate::{
    digest, form,
    material::{Loaded, modulus_len},
    numbers,
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

/// Signs as the key's user says. ECDSA signatures are DER.
///
/// # Errors
/// [`Error::WrongAlgorithm`] when the key cannot sign so, and for SHA-1, whose collisions can be
/// found; [`Invalid::OutOfRange`] when `message` is not as `kind` says, `kind` does not go with
/// the scheme, or the salt is too long.
pub fn sign_with(
    key: Usable<'_, Protect>,
    loaded: &Loaded,
    scheme: SignatureScheme,
    kind: MessageType,
    message: &[u8],
) -> Result<Vec<u8>> {
    let private = free_key(&key, loaded, scheme, Loaded::asymmetric)?;
    if scheme.hash() == Some(Hash::Sha1) {
        return Err(wrong(loaded, scheme));
    }
    let scheme = salted(loaded.spec(), scheme)?;
    let (scheme, input) = free_input(scheme, kind, message)?;
    private.sign(scheme, &input)
}

/// Verifies as the key's user says, by either half of a pair; a signature that is not genuine is
/// [`Unauthentic::Signature`], whatever the reason.
///
/// # Errors
/// Else as [`sign_with`], but that SHA-1 is verified.
pub fn verify_with(
    key: Usable<'_, Process>,
    loaded: &Loaded,
    scheme: SignatureScheme,
    kind: MessageType,
    message: &[u8],
    signature: &[u8],
) -> Result<()> {
    let key = free_key(&key, loaded, scheme, Loaded::either_half)?;
    let (scheme, input) = free_input(scheme, kind, message)?;
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

/// Verifies what a public key from outside, a DER SubjectPublicKeyInfo, is said to have signed: a
/// certificate, or a request for one. Otherwise as [`verify_spki`], and as [`verify_with`].
///
/// # Errors
/// [`Invalid::OutOfRange`] for a key that is none of ours.
pub fn verify_foreign(
    spki: &[u8],
    scheme: SignatureScheme,
    message: &[u8],
    signature: &[u8],
) -> Result<()> {
    crate::state::not_failed()?;
    let key = Pkey::from_foreign_spki(spki).map_err(form::refused)?;
    let spec = key.spec().ok_or_else(numbers::no_key)?;
    if !scheme.fits(spec.into()) {
        return Err(Error::WrongAlgorithm { spec: spec.into(), algorithm: scheme.algorithm() });
    }
    let (scheme, input) = free_input(scheme, MessageType::Raw, message)?;
    if key.verify(scheme, &input, signature)? {
        Ok(())
    } else {
        Err(Error::NotAuthentic(Unauthentic::Signature))
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

fn free_key<'l, D>(
    key: &Usable<'_, D>,
    loaded: &'l Loaded,
    scheme: SignatureScheme,
    half: fn(&'l Loaded) -> Option<&'l Pkey>,
) -> Result<&'l Pkey> {
    loaded.cleared(key)?;
    half(loaded).filter(|_| scheme.fits(loaded.spec())).ok_or_else(|| wrong(loaded, scheme))
}

fn wrong(loaded: &Loaded, scheme: SignatureScheme) -> Error {
    Error::WrongAlgorithm { spec: loaded.spec(), algorithm: scheme.algorithm() }
}

/// A scheme to sign by: with a salt that has room, and that is as long as the hash where it can be.
fn salted(spec: Spec, scheme: SignatureScheme) -> Result<SignatureScheme> {
    let SignatureScheme::Pss { hash, mask_hash, salt_len } = scheme else { return Ok(scheme) };
    let max = max_salt(spec, hash);
    let len = salt_len.unwrap_or(hash.digest_len().min(max));
    if len > max {
        return Err(Error::Invalid(Invalid::OutOfRange("the length of a salt")));
    }
    Ok(SignatureScheme::Pss { hash, mask_hash, salt_len: Some(len) })
}

/// The longest salt in bytes that a signature has room for beside a digest: the modulus less the
/// digest and two bytes (RFC 8017, 9.1.1).
fn max_salt(spec: Spec, hash: Hash) -> usize {
    modulus_len(spec).map_or(0, |modulus| modulus - hash.digest_len() - 2)
}

/// What is signed as the key's user says.
fn free_input(
    scheme: SignatureScheme,
    kind: MessageType,
    message: &[u8],
) -> Result<(Scheme, Cow<'_, [u8]>)> {
    let input = match (scheme, kind) {
        (SignatureScheme::MlDsa, MessageType::ExternalMu) => representative(message),
        _ => digested(scheme.hash(), kind, message).map(|input| (scheme.into(), input)),
    };
    input.map_err(|misfit| {
        Error::Invalid(Invalid::OutOfRange(match misfit {
            Misfit::Kind => "the type of a message",
            Misfit::Length => "the length of a digest",
        }))
    })
}

/// What is signed: the message, its digest, or its representative.
pub(crate) fn input(
    algorithm: SigningAlgorithm,
    kind: MessageType,
    message: &[u8],
) -> Result<(Scheme, Cow<'_, [u8]>)> {
    let input = match (algorithm, kind) {
        // The message of Ed25519ph is a digest already; hashing here would sign something else.
        (SigningAlgorithm::Ed25519Ph, MessageType::Raw) => Err(Misfit::Kind),
        (SigningAlgorithm::MlDsa, MessageType::ExternalMu) => representative(message),
        _ => {
            digested(algorithm.digest(), kind, message).map(|input| (Scheme::of(algorithm), input))
        }
    };
    input.map_err(|misfit| {
        Error::Invalid(match misfit {
            Misfit::Kind => Invalid::MessageType(algorithm, kind),
            Misfit::Length => Invalid::DigestLength(algorithm),
        })
    })
}

/// How a message does not go with a scheme.
enum Misfit {
    /// It is of a type that the scheme does not take.
    Kind,
    /// It is a digest of another length.
    Length,
}

/// The input of a scheme that signs a digest by `hash`, or the message if there is none.
fn digested(
    hash: Option<Hash>,
    kind: MessageType,
    message: &[u8],
) -> Result<Cow<'_, [u8]>, Misfit> {
    match (hash, kind) {
        (Some(hash), MessageType::Raw) => Ok(Cow::Owned(digest::digest(hash, message))),
        (None, MessageType::Raw) => Ok(Cow::Borrowed(message)),
        (Some(hash), MessageType::Digest) => of_length(hash.digest_len(), message),
        (None, MessageType::Digest) | (_, MessageType::ExternalMu) => Err(Misfit::Kind),
    }
}

/// ML-DSA's representative of a message.
fn representative(message: &[u8]) -> Result<(Scheme, Cow<'_, [u8]>), Misfit> {
    of_length(MU_LEN, message).map(|input| (Scheme::ExternalMu, input))
}

fn of_length(len: usize, message: &[u8]) -> Result<Cow<'_, [u8]>, Misfit> {
    if message.len() == len { Ok(Cow::Borrowed(message)) } else { Err(Misfit::Length) }
}
