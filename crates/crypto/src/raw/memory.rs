//! AWS-LC's allocator, directed into secret memory while private keys are handled.
//!
//! Inside [`in_secret_memory`] every allocation that this thread's calls make in AWS-LC is a
//! slot of the slab: the parsed key, its bignums and Montgomery contexts, blinding factors, and
//! the temporaries of its use. Outside (TLS, hashing, public keys) they come from the C heap and
//! are wiped when freed, as AWS-LC's own allocator does. So TLS cannot use up secret memory.
//!
//! The functions are installed before `main`, because AWS-LC must never free with one allocator
//! what it allocated with another. They only pass through until the slab exists.

use std::{
    cell::Cell,
    ffi::{c_char, c_int, c_void},
    ptr::{self, NonNull},
};

use aws_lc_sys as sys;
use model::{Error, Result, error::Unavailable::SecretMemory};

use super::cleanse;
use crate::secmem;

thread_local! {
    /// How many `in_secret_memory` calls are on the stack.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// Whether the slab ran out within the outermost of them.
    static EXHAUSTED: Cell<bool> = const { Cell::new(false) };
    /// Whether this thread's generator has been allocated, outside of a section: AWS-LC aborts
    /// when it cannot be, and a full slab must not end the process.
    static SEEDED: Cell<bool> = const { Cell::new(false) };
}

#[used]
#[unsafe(link_section = ".init_array")]
static INSTALL: extern "C" fn() = install;

extern "C" fn install() {
    // SAFETY: stores three function pointers, before any other thread exists.
    unsafe {
        sys::CRYPTO_set_mem_functions(Some(allocate), Some(reallocate), Some(free));
    }
}

/// Whether AWS-LC allocates with the functions below: asked once, by the self-tests.
pub(crate) fn allocator_is_ours() -> Result<bool> {
    in_secret_memory(|| {
        // SAFETY: a context of our own, freed at once.
        unsafe {
            let context = sys::EVP_MD_CTX_new();
            let ours = NonNull::new(context.cast::<u8>()).and_then(secmem::slot_len).is_some();
            sys::EVP_MD_CTX_free(context);
            Ok(ours)
        }
    })
}

/// Leaves the section however it ends.
struct Section;

impl Section {
    fn enter() -> Self {
        if !SEEDED.replace(true) {
            let mut byte = 0;
            // SAFETY: writes one byte.
            unsafe { sys::RAND_bytes(&raw mut byte, 1) };
        }
        DEPTH.with(|depth| {
            if depth.get() == 0 {
                EXHAUSTED.set(false);
            }
            depth.set(depth.get() + 1);
        });
        Self
    }
}

impl Drop for Section {
    fn drop(&mut self) {
        DEPTH.with(|depth| depth.set(depth.get() - 1));
    }
}

/// Runs `work` with AWS-LC's allocations in secret memory. An error of a `work` for which the
/// slab was too small is that, not a defect.
pub(crate) fn in_secret_memory<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let _section = Section::enter();
    work().map_err(|error| match error {
        Error::Internal(_) if EXHAUSTED.get() => Error::Unavailable(SecretMemory),
        error => error,
    })
}

unsafe extern "C" fn allocate(len: usize, _file: *const c_char, _line: c_int) -> *mut c_void {
    // A thread that is ending has no section.
    let secret = DEPTH.try_with(Cell::get).unwrap_or(0) > 0;
    if secret && secmem::fits(len) {
        return match secmem::take(len) {
            Some(slot) => slot.as_ptr().cast(),
            None => {
                EXHAUSTED.set(true);
                ptr::null_mut()
            }
        };
    }
    // SAFETY: the C allocator.
    unsafe { libc::malloc(len) }
}

unsafe extern "C" fn reallocate(
    old: *mut c_void,
    len: usize,
    file: *const c_char,
    line: c_int,
) -> *mut c_void {
    // SAFETY: AWS-LC gives what `allocate` gave it; the copy is within both.
    unsafe {
        let new = allocate(len, file, line);
        let Some(from) = NonNull::new(old.cast::<u8>()) else { return new };
        if !new.is_null() {
            let old_len = secmem::slot_len(from).unwrap_or_else(|| libc::malloc_usable_size(old));
            ptr::copy_nonoverlapping(old.cast::<u8>(), new.cast::<u8>(), old_len.min(len));
            free(old, file, line);
        }
        new
    }
}

unsafe extern "C" fn free(at: *mut c_void, _file: *const c_char, _line: c_int) {
    let Some(slot) = NonNull::new(at.cast::<u8>()) else { return };
    if secmem::give_back(slot) {
        return;
    }
    // SAFETY: not the slab's, so `malloc` gave it, and all of its usable size may be written.
    unsafe {
        let len = libc::malloc_usable_size(at);
        cleanse(std::slice::from_raw_parts_mut(at.cast(), len));
        libc::free(at);
    }
}
