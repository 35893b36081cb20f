//! Keys derived from other secrets, as protocols have it whose users choose the method: PBKDF2
//! (RFC 8018, 5.2), a hash, HMAC, the modes of SP 800-108, and HKDF (RFC 5869).
//!
//! Strongroom's own keys are derived by [`crate::kdf`] only. Lengths are in bytes; a key of no
//! length, or longer than the method or [`limits::DERIVED_LEN_MAX`] allows, fails with
//! [`Invalid::OutOfRange`] `("the length of a derived key")`.

use model::{Error, Result, algorithm::Hash, error::Invalid, limits, raw::pbkdf2_iterations};

use crate::{
    kdf,
    raw::{self, Wiped},
    secmem::Guarded,
};

/// Longest digest, in bytes.
const DIGEST_LEN_MAX: usize = 64;

/// PBKDF2 with HMAC of `hash`. It takes a time in proportion to `iterations`, of which there is
/// at least one and at most [`limits::PBKDF2_ITERATIONS_MAX`], for each digest's length of key.
pub fn pbkdf2(
    hash: Hash,
    password: &Guarded,
    salt: &[u8],
    iterations: u32,
    len: usize,
) -> Result<Guarded> {
    let all = pbkdf2_iterations(hash, iterations, len);
    if iterations == 0 || all > limits::PBKDF2_ITERATIONS_MAX {
        return Err(Error::Invalid(Invalid::OutOfRange("the iteration count")));
    }
    derived(len, limits::DERIVED_LEN_MAX, |out| {
        raw::pbkdf2(hash, password.expose(), salt, iterations, out)
    })
}

/// The first bytes of the digest of `input`.
pub fn hash(hash: Hash, input: &Guarded, len: usize) -> Result<Guarded> {
    derived(len, hash.digest_len(), |out| {
        let mut digest = Wiped::<DIGEST_LEN_MAX>::zeroed();
        raw::digest_into(hash, input.expose(), &mut digest.0[..hash.digest_len()]);
        out.copy_from_slice(&digest.0[..out.len()]);
        Ok(())
    })
}

/// The first bytes of the HMAC of `data`.
pub fn hmac(hash: Hash, key: &Guarded, data: &[u8], len: usize) -> Result<Guarded> {
    derived(len, hash.digest_len(), |out| {
        let mut code = Wiped::<DIGEST_LEN_MAX>::zeroed();
        raw::hmac(hash, key.expose(), data, &mut code.0[..hash.digest_len()]);
        out.copy_from_slice(&code.0[..out.len()]);
        Ok(())
    })
}

/// SP 800-108r1, 4.1: counter mode with HMAC and a 32-bit counter before `fixed`, all of the fixed
/// input. Nothing is added to it: a caller that wants the length in it appends that.
pub fn counter(hash: Hash, key: &Guarded, fixed: &[u8], len: usize) -> Result<Guarded> {
    derived(len, limits::DERIVED_LEN_MAX, |out| {
        kdf::counter_mode(hash, key.expose(), fixed, out);
        Ok(())
    })
}

/// SP 800-108r1, 4.2: feedback mode with HMAC, from `iv`, which may be empty, and a 32-bit counter
/// between the last code and `fixed`.
pub fn feedback(hash: Hash, key: &Guarded, iv: &[u8], fixed: &[u8], len: usize) -> Result<Guarded> {
    derived(len, limits::DERIVED_LEN_MAX, |out| {
        let digest_len = hash.digest_len();
        let mut code = Wiped::<DIGEST_LEN_MAX>::zeroed();
        for (i, block) in (1_u32..).zip(out.chunks_mut(digest_len)) {
            let last = if i == 1 { iv } else { &code.0[..digest_len] };
            let input = joined(&[last, &i.to_be_bytes(), fixed])?;
            raw::hmac(hash, key.expose(), input.expose(), &mut code.0[..digest_len]);
            block.copy_from_slice(&code.0[..block.len()]);
        }
        Ok(())
    })
}

/// SP 800-108r1, 4.3: double-pipeline mode with HMAC, and a 32-bit counter between the first
/// pipeline's code and `fixed`.
pub fn double_pipeline(hash: Hash, key: &Guarded, fixed: &[u8], len: usize) -> Result<Guarded> {
    derived(len, limits::DERIVED_LEN_MAX, |out| {
        let digest_len = hash.digest_len();
        let mut first = Wiped::<DIGEST_LEN_MAX>::zeroed();
        let mut next = Wiped::<DIGEST_LEN_MAX>::zeroed();
        let mut code = Wiped::<DIGEST_LEN_MAX>::zeroed();
        raw::hmac(hash, key.expose(), fixed, &mut first.0[..digest_len]);
        for (i, block) in (1_u32..).zip(out.chunks_mut(digest_len)) {
            let input = joined(&[&first.0[..digest_len], &i.to_be_bytes(), fixed])?;
            raw::hmac(hash, key.expose(), input.expose(), &mut code.0[..digest_len]);
            block.copy_from_slice(&code.0[..block.len()]);
            raw::hmac(hash, key.expose(), &first.0[..digest_len], &mut next.0[..digest_len]);
            first.0.copy_from_slice(&next.0);
        }
        Ok(())
    })
}

/// HKDF, extract and expand: at most 255 digests.
pub fn hkdf(hash: Hash, key: &Guarded, salt: &[u8], info: &[u8], len: usize) -> Result<Guarded> {
    derived(len, (255 * hash.digest_len()).min(limits::DERIVED_LEN_MAX), |out| {
        kdf::hkdf(hash, salt, key.expose(), info, out)
    })
}

/// A key of `len` bytes, at most `max`, that `derive` writes.
fn derived(
    len: usize,
    max: usize,
    derive: impl FnOnce(&mut [u8]) -> Result<()>,
) -> Result<Guarded> {
    crate::state::ready()?;
    if len == 0 || len > max {
        return Err(Error::Invalid(Invalid::OutOfRange("the length of a derived key")));
    }
    Guarded::filled(len, derive)
}

/// The parts one after the other, of which one is part of a key.
fn joined(parts: &[&[u8]]) -> Result<Guarded> {
    Guarded::filled(parts.iter().map(|part| part.len()).sum(), |out| {
        let mut rest = out;
        for part in parts {
            let (here, after) = rest.split_at_mut(part.len());
            here.copy_from_slice(part);
            rest = after;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests;
