//! Ciphers in the modes that users of raw keys choose: AWS-LC's `EVP_CIPHER`, and the stream of
//! ChaCha20.

use std::{
    ffi::c_int,
    ptr::{self, NonNull},
};

use aws_lc_sys as sys;
use model::{Result, algorithm::RawSpec, raw::CipherMode};

use super::{Wiped, check, failed, in_secret_memory, wipe_stack};

/// What is done with the cipher.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Direction {
    /// Encryption.
    Encrypt,
    /// Decryption.
    Decrypt,
}

/// A cipher with its key and vector, in the middle of a text. All of it is in secret memory, and
/// wiped on drop. Nothing is padded: whole blocks come out of ECB and CBC.
pub(crate) struct CipherContext {
    context: NonNull<sys::EVP_CIPHER_CTX>,
    /// AWS-LC's ChaCha20 keeps its key on the stack, and leaves it there.
    leaves_key: bool,
}

// SAFETY: nothing is bound to the thread that made it.
unsafe impl Send for CipherContext {}

impl Drop for CipherContext {
    fn drop(&mut self) {
        // SAFETY: owned since `new`. Its slots are wiped as they are given back.
        unsafe { sys::EVP_CIPHER_CTX_free(self.at()) }
    }
}

impl CipherContext {
    /// With a key and a vector whose lengths the caller has checked; `None` when AWS-LC has no
    /// such cipher.
    pub(crate) fn new(
        (spec, mode): (RawSpec, CipherMode),
        direction: Direction,
        key: &[u8],
        iv: &[u8],
    ) -> Result<Option<Self>> {
        let Some(cipher) = evp_cipher(spec, mode, key.len()) else { return Ok(None) };
        let encrypts = c_int::from(direction == Direction::Encrypt);
        let iv_len = c_int::try_from(iv.len()).map_err(|_| failed())?;
        in_secret_memory(|| {
            // SAFETY: a context of our own.
            let context = NonNull::new(unsafe { sys::EVP_CIPHER_CTX_new() });
            let context = context.ok_or_else(failed)?;
            let context = Self { context, leaves_key: mode == CipherMode::Poly1305 };
            let (at, none) = (context.at(), ptr::null_mut());
            // SAFETY: a live context; the key is as long as the cipher's, by `evp_cipher`, and
            // the vector as long as the cipher's, or as GCM is told.
            unsafe {
                check(sys::EVP_CipherInit_ex(
                    at,
                    cipher,
                    none,
                    ptr::null(),
                    ptr::null(),
                    encrypts,
                ))?;
                if mode == CipherMode::Gcm {
                    let set = sys::EVP_CTRL_AEAD_SET_IVLEN;
                    check(sys::EVP_CIPHER_CTX_ctrl(at, set, iv_len, none.cast()))?;
                } else if sys::EVP_CIPHER_iv_length(cipher) != iv_len as u32 {
                    return Err(failed());
                }
                let (none, same) = (ptr::null_mut(), -1);
                let cipher = ptr::null();
                check(sys::EVP_CipherInit_ex(at, cipher, none, key.as_ptr(), iv.as_ptr(), same))?;
                check(sys::EVP_CIPHER_CTX_set_padding(at, 0))?;
            }
            Ok(Some(context))
        })
    }

    fn at(&self) -> *mut sys::EVP_CIPHER_CTX {
        self.context.as_ptr()
    }

    /// Data that is authenticated with the text and not encrypted: before all of the text.
    pub(crate) fn aad(&mut self, aad: &[u8]) -> Result<()> {
        let len = c_int::try_from(aad.len()).map_err(|_| failed())?;
        let mut written = 0;
        // SAFETY: a live context; pointer and length are a slice's; without an output it is
        // additional data.
        let returned = unsafe {
            let (at, to) = (self.at(), ptr::null_mut());
            sys::EVP_CipherUpdate(at, to, &raw mut written, aad.as_ptr(), len)
        };
        self.clean_up();
        check(returned)
    }

    /// Some more of the text. Into `out`, which is a block longer than `input`: how many bytes.
    pub(crate) fn update(&mut self, input: &[u8], out: &mut [u8]) -> Result<usize> {
        let len = c_int::try_from(input.len()).map_err(|_| failed())?;
        if out.len() < input.len() + BLOCK_LEN_MAX {
            return Err(failed());
        }
        let mut written = 0;
        // SAFETY: a live context; pointers and lengths are slices', and no more than a block
        // that waits is written besides.
        let returned = unsafe {
            let (at, to, from) = (self.at(), out.as_mut_ptr(), input.as_ptr());
            sys::EVP_CipherUpdate(at, to, &raw mut written, from, len)
        };
        self.clean_up();
        check(returned)?;
        usize::try_from(written).ok().filter(|written| *written <= out.len()).ok_or_else(failed)
    }

    /// The end of an encryption: the first bytes of the tag, where the mode has one; at most 16.
    pub(crate) fn tag(&mut self, tag: &mut [u8]) -> Result<()> {
        if !self.end() {
            return Err(failed());
        }
        let len = c_int::try_from(tag.len()).map_err(|_| failed())?;
        // SAFETY: a live context; the call writes `len` bytes, or refuses more than 16.
        check(unsafe {
            let (at, get) = (self.at(), sys::EVP_CTRL_AEAD_GET_TAG);
            sys::EVP_CIPHER_CTX_ctrl(at, get, len, tag.as_mut_ptr().cast())
        })
    }

    /// The end of a decryption: whether these first bytes of the tag, at most 16, are right.
    pub(crate) fn is_tagged(&mut self, tag: &[u8]) -> Result<bool> {
        let len = c_int::try_from(tag.len()).map_err(|_| failed())?;
        // SAFETY: a live context; the call reads `len` bytes, or refuses more than 16.
        check(unsafe {
            let (at, set) = (self.at(), sys::EVP_CTRL_AEAD_SET_TAG);
            sys::EVP_CIPHER_CTX_ctrl(at, set, len, tag.as_ptr().cast_mut().cast())
        })?;
        Ok(self.end())
    }

    /// The end of a text without a tag: whether it was whole blocks, where the mode takes blocks.
    pub(crate) fn end(&mut self) -> bool {
        let (mut last, mut written) = (Wiped::<BLOCK_LEN_MAX>::zeroed(), 0);
        // SAFETY: a live context; without padding nothing is written, and never more than a block.
        let returned =
            unsafe { sys::EVP_CipherFinal_ex(self.at(), last.0.as_mut_ptr(), &raw mut written) };
        self.clean_up();
        if returned != 1 {
            let _ = failed();
        }
        returned == 1 && written == 0
    }

    fn clean_up(&self) {
        if self.leaves_key {
            wipe_stack();
        }
    }
}

/// Longest block of a cipher, in bytes.
pub(crate) const BLOCK_LEN_MAX: usize = 16;

/// AWS-LC's description of a cipher with a key of so many bytes.
fn evp_cipher(spec: RawSpec, mode: CipherMode, key_len: usize) -> Option<*const sys::EVP_CIPHER> {
    use CipherMode::{Cbc, Cfb, Ctr, Ecb, Gcm, Ofb, Poly1305};
    // SAFETY: these return pointers to static data.
    let cipher = unsafe {
        match (spec, mode) {
            (RawSpec::Aes128, Ecb) => sys::EVP_aes_128_ecb(),
            (RawSpec::Aes128, Cbc) => sys::EVP_aes_128_cbc(),
            (RawSpec::Aes128, Ctr) => sys::EVP_aes_128_ctr(),
            (RawSpec::Aes128, Cfb) => sys::EVP_aes_128_cfb128(),
            (RawSpec::Aes128, Ofb) => sys::EVP_aes_128_ofb(),
            (RawSpec::Aes128, Gcm) => sys::EVP_aes_128_gcm(),
            (RawSpec::Aes192, Ecb) => sys::EVP_aes_192_ecb(),
            (RawSpec::Aes192, Cbc) => sys::EVP_aes_192_cbc(),
            (RawSpec::Aes192, Ctr) => sys::EVP_aes_192_ctr(),
            (RawSpec::Aes192, Cfb) => sys::EVP_aes_192_cfb128(),
            (RawSpec::Aes192, Ofb) => sys::EVP_aes_192_ofb(),
            (RawSpec::Aes192, Gcm) => sys::EVP_aes_192_gcm(),
            (RawSpec::Aes256, Ecb) => sys::EVP_aes_256_ecb(),
            (RawSpec::Aes256, Cbc) => sys::EVP_aes_256_cbc(),
            (RawSpec::Aes256, Ctr) => sys::EVP_aes_256_ctr(),
            (RawSpec::Aes256, Cfb) => sys::EVP_aes_256_cfb128(),
            (RawSpec::Aes256, Ofb) => sys::EVP_aes_256_ofb(),
            (RawSpec::Aes256, Gcm) => sys::EVP_aes_256_gcm(),
            (RawSpec::Tdes, Ecb) if key_len == 16 => sys::EVP_des_ede(),
            (RawSpec::Tdes, Ecb) => sys::EVP_des_ede3(),
            (RawSpec::Tdes, Cbc) if key_len == 16 => sys::EVP_des_ede_cbc(),
            (RawSpec::Tdes, Cbc) => sys::EVP_des_ede3_cbc(),
            (RawSpec::ChaCha20Poly1305, Poly1305) => sys::EVP_chacha20_poly1305(),
            _ => return None,
        }
    };
    // SAFETY: static data.
    let of_length = unsafe { sys::EVP_CIPHER_key_length(cipher) } as usize == key_len;
    of_length.then_some(cipher)
}

/// XORs `text` with the stream of ChaCha20 (RFC 8439, 2.4) from the start of block `counter`. The
/// caller sees to it that the counter does not run over.
pub(crate) fn chacha20(key: &[u8; 32], nonce: &[u8; 12], counter: u32, text: &mut [u8]) {
    // SAFETY: output and input are the same slice; fixed lengths for key and nonce.
    unsafe {
        let at = text.as_mut_ptr();
        sys::CRYPTO_chacha_20(at, at, text.len(), key.as_ptr(), nonce.as_ptr(), counter);
    }
    // It keeps the key there.
    wipe_stack();
}
