//! Key agreement: ECDH on P-256, P-384 and P-521 (SP 800-56A), X25519 (RFC 7748).

use model::{Error, Process, Result, Secret, Usable, algorithm::KeyUsage, error::Invalid};

use crate::{material::Loaded, raw::Pkey};

/// The shared secret with the owner of `peer_spki`, a DER SubjectPublicKeyInfo of the same spec:
/// the x-coordinate (32, 48 or 66 bytes) or X25519's 32 bytes. A peer's key that is no valid
/// point of the curve, or that gives zero, is refused.
pub fn shared_secret(
    key: Usable<'_, Process>,
    loaded: &Loaded,
    peer_spki: &[u8],
) -> Result<Secret> {
    loaded.cleared(&key)?;
    let spec = loaded.spec();
    let private = loaded
        .asymmetric()
        .filter(|_| spec.usages().contains(&KeyUsage::KeyAgreement))
        .ok_or(Error::Invalid(Invalid::UsageNotForSpec(KeyUsage::KeyAgreement, spec)))?;
    Pkey::from_spki(peer_spki)
        .filter(|peer| spec.key().is_some_and(|spec| peer.is(spec)))
        .map(|peer| private.agree(&peer))
        .transpose()?
        .flatten()
        .ok_or(Error::Invalid(Invalid::PeerKey))
}
