//! AES key wrap (SP 800-38F): KW (RFC 3394) and KWP (RFC 5649), with 128, 192 and 256-bit keys.

use model::{
    Error, Process, Protect, Result, Secret, Usable,
    algorithm::RawSpec,
    error::{Algorithm, Invalid, Unauthentic},
    raw::Wrapping,
};

use crate::{material::Loaded, raw::AesKey, secmem::Guarded};

const NOT_AUTHENTIC: Error = Error::NotAuthentic(Unauthentic::Ciphertext);
/// Longest key that is wrapped or unwrapped, in bytes.
const WRAPPED_LEN_MAX: usize = 8192;

/// AES-KW of 16 bytes or more, a multiple of 8; the result is 8 bytes longer.
pub fn wrap(kek: &Guarded, plain: &[u8]) -> Result<Vec<u8>> {
    let key = aes_key(kek)?;
    if plain.len() < 16 || !plain.len().is_multiple_of(8) || plain.len() > WRAPPED_LEN_MAX {
        return Err(Error::Invalid(Invalid::OutOfRange("length of a key to be wrapped")));
    }
    let mut wrapped = vec![0; plain.len() + 8];
    if key.wrap(plain, &mut wrapped)? { Ok(wrapped) } else { Err(REFUSED) }
}

/// The reverse of [`wrap`].
pub fn unwrap(kek: &Guarded, wrapped: &[u8]) -> Result<Secret> {
    let key = aes_key(kek)?;
    let fits = |len: &usize| (16..=WRAPPED_LEN_MAX).contains(len) && len.is_multiple_of(8);
    let len = wrapped.len().checked_sub(8).filter(fits);
    let mut plain = vec![0; len.ok_or(NOT_AUTHENTIC)?];
    let authentic = key.unwrap(wrapped, &mut plain)?;
    let plain = Secret::new(plain);
    if authentic { Ok(plain) } else { Err(NOT_AUTHENTIC) }
}

/// AES-KWP of 1 byte or more; the result is a multiple of 8 and at least 16 bytes.
pub fn wrap_padded(kek: &Guarded, plain: &[u8]) -> Result<Vec<u8>> {
    let key = aes_key(kek)?;
    if plain.is_empty() || plain.len() > WRAPPED_LEN_MAX {
        return Err(Error::Invalid(Invalid::OutOfRange("length of a key to be wrapped")));
    }
    let mut wrapped = vec![0; plain.len().next_multiple_of(8) + 8];
    let written = key.wrap_padded(plain, &mut wrapped)?;
    if written == Some(wrapped.len()) { Ok(wrapped) } else { Err(REFUSED) }
}

/// The reverse of [`wrap_padded`].
pub fn unwrap_padded(kek: &Guarded, wrapped: &[u8]) -> Result<Secret> {
    let key = aes_key(kek)?;
    if !(16..=WRAPPED_LEN_MAX + 8).contains(&wrapped.len()) || !wrapped.len().is_multiple_of(8) {
        return Err(NOT_AUTHENTIC);
    }
    let mut buffer = vec![0; wrapped.len()];
    let written = key.unwrap_padded(wrapped, &mut buffer)?;
    let buffer = Secret::new(buffer);
    let unwrapped = written.and_then(|len| buffer.expose().get(..len)).ok_or(NOT_AUTHENTIC)?;
    Ok(Secret::new(unwrapped.to_vec()))
}

/// [`wrap`] or [`wrap_padded`] by a raw AES key.
///
/// # Errors
/// [`Error::WrongAlgorithm`] for another key, [`Invalid::OutOfRange`] for a length that cannot be
/// wrapped so.
pub fn wrap_by(
    key: Usable<'_, Protect>,
    loaded: &Loaded,
    wrapping: Wrapping,
    plain: &[u8],
) -> Result<Vec<u8>> {
    let kek = raw_aes(&key, loaded, wrapping)?;
    match wrapping {
        Wrapping::KeyWrap => wrap(kek, plain),
        Wrapping::KeyWrapPadded => wrap_padded(kek, plain),
    }
}

/// The reverse of [`wrap_by`]; whatever is wrong with `wrapped` is [`Unauthentic::Ciphertext`].
pub fn unwrap_by(
    key: Usable<'_, Process>,
    loaded: &Loaded,
    wrapping: Wrapping,
    wrapped: &[u8],
) -> Result<Secret> {
    let kek = raw_aes(&key, loaded, wrapping)?;
    match wrapping {
        Wrapping::KeyWrap => unwrap(kek, wrapped),
        Wrapping::KeyWrapPadded => unwrap_padded(kek, wrapped),
    }
}

fn raw_aes<'l, D>(
    key: &Usable<'_, D>,
    loaded: &'l Loaded,
    wrapping: Wrapping,
) -> Result<&'l Guarded> {
    loaded.cleared(key)?;
    match loaded.raw() {
        Some((RawSpec::Aes128 | RawSpec::Aes192 | RawSpec::Aes256, kek)) => Ok(kek),
        _ => {
            let algorithm = Algorithm::Wrapping(wrapping);
            Err(Error::WrongAlgorithm { spec: loaded.spec(), algorithm })
        }
    }
}

const REFUSED: Error = Error::Internal("the cryptographic library refused to wrap a key");

fn aes_key(kek: &Guarded) -> Result<AesKey<'_>> {
    crate::state::ready()?;
    AesKey::new(kek.expose()).ok_or(Error::Internal("a wrapping key has another length"))
}
