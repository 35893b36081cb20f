//! The raw bindings of AWS-LC: everything that its safe Rust interface lacks, or where it would
//! copy key material out of secret memory.
//!
//! Each function here is safe to call, whatever its arguments. Lengths are slices'; outputs are
//! written in place; every context that held a key is wiped.

mod bignum;
mod cipher;
mod digest;
mod hmac;
mod memory;
mod pkey;
mod symmetric;

use std::{ffi::c_int, mem::MaybeUninit};

use aws_lc_sys as sys;
use model::{Error, algorithm::Hash};

pub(crate) use bignum::{Modulus, Number};
pub(crate) use cipher::{BLOCK_LEN_MAX, CipherContext, Direction, chacha20};
pub(crate) use digest::Sha256;
pub(crate) use hmac::{PREPARED_LEN_MAX, hmac, hmac_prepare, hmac_prepared, hmac_prepares};
pub(crate) use memory::{allocator_is_ours, in_secret_memory};
pub(crate) use pkey::{Pkey, Scheme, ed25519_expand, ed25519_sign};
pub(crate) use symmetric::{AesKey, digest, digest_into, gcm_open, gcm_seal, hkdf, pbkdf2};

use crate::secmem::cleanse;

/// Bytes on the stack that are wiped when they go out of scope. To be filled in place: moving
/// them leaves a copy behind.
pub(crate) struct Wiped<const N: usize>(pub(crate) [u8; N]);

impl<const N: usize> Wiped<N> {
    /// All zeros.
    pub(crate) fn zeroed() -> Self {
        Self([0; N])
    }
}

impl<const N: usize> Drop for Wiped<N> {
    fn drop(&mut self) {
        cleanse(&mut self.0);
    }
}

/// Overwrites the stack below its caller, where calls that it made before may have left a key.
#[inline(never)]
fn wipe_stack() {
    let mut below = Wiped::<8192>::zeroed();
    std::hint::black_box(&mut below.0);
}

/// A C structure that holds key material: all its bytes are wiped, where they are, on drop. To be
/// used where it stands, as [`Wiped`].
struct Place<T>(MaybeUninit<T>);

impl<T> Place<T> {
    /// All zeros.
    fn zeroed() -> Self {
        Self(MaybeUninit::zeroed())
    }

    /// Where it is.
    fn at(&mut self) -> *mut T {
        self.0.as_mut_ptr()
    }
}

impl<T> Drop for Place<T> {
    fn drop(&mut self) {
        // SAFETY: overwrites the place, and nobody reads a `T` after this.
        unsafe { sys::OPENSSL_cleanse(self.at().cast(), size_of::<T>()) }
    }
}

/// AWS-LC's description of a hash function.
fn message_digest(hash: Hash) -> *const sys::EVP_MD {
    // SAFETY: these return pointers to static data.
    unsafe {
        match hash {
            Hash::Sha1 => sys::EVP_sha1(),
            Hash::Sha224 => sys::EVP_sha224(),
            Hash::Sha256 => sys::EVP_sha256(),
            Hash::Sha384 => sys::EVP_sha384(),
            Hash::Sha512 => sys::EVP_sha512(),
            Hash::Sha3_224 => sys::EVP_sha3_224(),
            Hash::Sha3_256 => sys::EVP_sha3_256(),
            Hash::Sha3_384 => sys::EVP_sha3_384(),
            Hash::Sha3_512 => sys::EVP_sha3_512(),
        }
    }
}

/// A call failed that cannot fail but for want of memory or a defect.
fn failed() -> Error {
    // SAFETY: clears this thread's queue of AWS-LC errors.
    unsafe { sys::ERR_clear_error() };
    Error::Internal("the cryptographic library refused a valid call")
}

/// Turns AWS-LC's 1 into success.
fn check(returned: c_int) -> model::Result<()> {
    if returned == 1 { Ok(()) } else { Err(failed()) }
}

/// For what fails only by a defect or when memory is damaged, and whose callers have no way to
/// fail. An output that could be foreseen (zeros) must not leave, so nothing does.
fn or_abort(done: bool) {
    if !done {
        std::process::abort();
    }
}

/// AWS-LC's version.
pub(crate) fn library_version() -> String {
    let text = sys::AWSLC_VERSION_NUMBER_STRING;
    String::from_utf8_lossy(text.strip_suffix(b"\0").unwrap_or(text)).into_owned()
}
