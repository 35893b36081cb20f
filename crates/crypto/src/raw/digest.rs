//! SHA-256 without the heap.

use std::mem::MaybeUninit;

use aws_lc_sys as sys;

use super::or_abort;

/// The state of SHA-256 (FIPS 180-4), where it stands. It holds no key; what must not be left
/// behind is not hashed with it.
pub(crate) struct Sha256(sys::SHA256_CTX);

impl Sha256 {
    /// Of nothing yet.
    pub(crate) fn new() -> Self {
        let mut state = MaybeUninit::<sys::SHA256_CTX>::zeroed();
        // SAFETY: the call initialises the state, and all its bytes were zeros before.
        unsafe {
            or_abort(sys::SHA256_Init(state.as_mut_ptr()) == 1);
            Self(state.assume_init())
        }
    }

    /// Of what came before and then `data`.
    pub(crate) fn update(&mut self, data: &[u8]) {
        // SAFETY: the state is initialised; pointer and length are a slice's.
        or_abort(unsafe {
            sys::SHA256_Update(&raw mut self.0, data.as_ptr().cast(), data.len()) == 1
        });
    }

    /// The digest.
    pub(crate) fn finish(mut self) -> [u8; 32] {
        let mut digest = [0; 32];
        // SAFETY: the state is initialised; the digest has the 32 bytes that are written.
        or_abort(unsafe { sys::SHA256_Final(digest.as_mut_ptr(), &raw mut self.0) == 1 });
        digest
    }
}
