//! Secret memory: one slab of pages that are never paged out, dumped or inherited by fork.
//!
//! In the slab: the root key, account keys, symmetric and HMAC keys (as their HMAC states), raw
//! keys, ciphers in the middle of a text, access-key secrets and SigV4 signing keys, the log key,
//! and, through AWS-LC's allocator (see `raw/memory.rs`), parsed private keys and the heap
//! temporaries of their use.
//! Every slot is wiped when it is given back.
//!
//! Not in the slab: what passes through a request (plaintexts, data keys: [`model::Secret`],
//! wiped on drop), the stack during an operation (message keys and key schedules there are
//! wiped before it returns), TLS session keys, and the generator's state.
//!
//! The mapping is `MADV_DONTFORK`: a child of `fork` has no page there, so the use of any key in
//! a child faults instead of working with a copy.

use std::{
    io,
    ptr::{self, NonNull},
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU8, Ordering::Relaxed},
    },
};

use model::{
    Error, Result,
    error::Unavailable::{Crypto, SecretMemory},
};

/// Smallest slot, in bytes; class `c` has slots of `SLOT_MIN << c`.
const SLOT_MIN: usize = 32;
/// Slots of 32 bytes to 32 KiB. Keys need at most 8 KiB; AWS-LC's tables for RSA the rest.
const CLASSES: usize = 11;
/// The class of a unit at which no slot starts.
const NO_SLOT: u8 = u8::MAX;

static SLAB: OnceLock<Slab> = OnceLock::new();

/// How the pages of secret memory are protected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Protection {
    /// `memfd_secret(2)`: the kernel itself has no mapping of the pages; neither ptrace nor
    /// `/proc/pid/mem` reads them.
    MemfdSecret,
    /// `mlock(2)`: never paged and not dumped, but a privileged debugger can read them.
    Locked,
}

/// How full secret memory is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Counters {
    /// Bytes in slots that are taken.
    pub bytes_used: usize,
    /// Size of the slab in bytes.
    pub bytes_total: usize,
    /// Slots that are taken.
    pub slots: usize,
}

struct Slab {
    base: NonNull<u8>,
    len: usize,
    protection: Protection,
    /// The class of the slot that starts at each unit. Written by the slot's owner only: on
    /// taking it, before anyone has its address, and on giving it back.
    class: Box<[AtomicU8]>,
    slots: Mutex<Slots>,
}

/// Which parts of the slab are taken. Offsets count units of [`SLOT_MIN`].
#[derive(Default)]
struct Slots {
    /// Units that were never given out start here.
    fresh: u32,
    /// Slots given back, by class. A larger one is split when a smaller class runs out, and those
    /// that lie side by side are joined when nothing fits.
    free: [Vec<u32>; CLASSES],
    /// Whether a slot was given back since they were last joined.
    loose: bool,
    used: usize,
    taken: usize,
}

impl Slots {
    fn take(&mut self, class: usize, units: u32) -> Option<u32> {
        let unit = self.find(class, units)?;
        self.used += SLOT_MIN << class;
        self.taken += 1;
        Some(unit)
    }

    fn find(&mut self, class: usize, units: u32) -> Option<u32> {
        if let Some(unit) = self.find_fitting(class, units) {
            return Some(unit);
        }
        if !std::mem::take(&mut self.loose) {
            return None;
        }
        self.join();
        self.find_fitting(class, units)
    }

    fn find_fitting(&mut self, class: usize, units: u32) -> Option<u32> {
        if let Some(unit) = self.free[class].pop() {
            return Some(unit);
        }
        let size = 1_u32 << class;
        if units - self.fresh >= size {
            self.fresh += size;
            return Some(self.fresh - size);
        }
        let larger = (class + 1..CLASSES).find(|&larger| !self.free[larger].is_empty())?;
        let unit = self.free[larger].pop()?;
        for half in class..larger {
            self.free[half].push(unit + (1 << half));
        }
        Some(unit)
    }

    /// Makes slots as large as can be of those that were given back: many small keys make room
    /// for a large one.
    fn join(&mut self) {
        let mut pieces = Vec::new();
        for (class, free) in self.free.iter_mut().enumerate() {
            pieces.extend(free.drain(..).map(|unit| (unit, unit + (1 << class))));
        }
        pieces.sort_unstable();
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for (from, to) in pieces {
            match runs.last_mut() {
                Some((_, end)) if *end == from => *end = to,
                _ => runs.push((from, to)),
            }
        }
        for (mut from, to) in runs {
            if to == self.fresh {
                self.fresh = from;
                continue;
            }
            while from < to {
                let class = ((to - from).ilog2() as usize).min(CLASSES - 1);
                self.free[class].push(from);
                from += 1 << class;
            }
        }
    }
}

// SAFETY: the slab is never unmapped, slots do not overlap, and `slots` is behind a mutex.
unsafe impl Send for Slab {}
// SAFETY: as above.
unsafe impl Sync for Slab {}

impl Slab {
    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The unit at which `at` lies, if it is in the slab.
    fn unit(&self, at: *const u8) -> Option<usize> {
        let offset = (at as usize).checked_sub(self.base.as_ptr() as usize)?;
        (offset < self.len).then_some(offset / SLOT_MIN)
    }

    fn take(&self, len: usize) -> Option<NonNull<u8>> {
        let class = (0..CLASSES).find(|class| len <= SLOT_MIN << class)?;
        let unit = self.slots().take(class, self.class.len() as u32)?;
        self.class.get(unit as usize)?.store(class as u8, Relaxed);
        // SAFETY: `take` gives units inside the mapping only.
        Some(unsafe { self.base.add(unit as usize * SLOT_MIN) })
    }

    fn slot_len(&self, at: *const u8) -> Option<usize> {
        let class = self.class.get(self.unit(at)?)?.load(Relaxed);
        (class != NO_SLOT).then(|| SLOT_MIN << class)
    }

    fn give_back(&self, at: NonNull<u8>) {
        let unit = self.unit(at.as_ptr());
        let Some((unit, entry)) = unit.and_then(|unit| Some((unit, self.class.get(unit)?))) else {
            return;
        };
        let class = usize::from(entry.swap(NO_SLOT, Relaxed));
        if class >= CLASSES {
            return;
        }
        let len = SLOT_MIN << class;
        // SAFETY: the slot starts at `at`, is `len` bytes long and its owner is done with it.
        cleanse(unsafe { std::slice::from_raw_parts_mut(at.as_ptr(), len) });
        let mut slots = self.slots();
        slots.free[class].push(unit as u32);
        slots.loose = true;
        slots.used -= len;
        slots.taken -= 1;
    }
}

/// Maps the slab, once. A second call changes nothing.
pub(crate) fn set_up(bytes: usize) -> io::Result<Protection> {
    if let Some(slab) = SLAB.get() {
        return Ok(slab.protection);
    }
    // SAFETY: sysconf only reads.
    let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096);
    let len = bytes
        .max(page)
        .checked_next_multiple_of(page)
        .filter(|len| u32::try_from(len / SLOT_MIN).is_ok())
        .ok_or(io::ErrorKind::OutOfMemory)?;
    let (base, protection) = map(len, page)?;
    let slots = Slots::default();
    let class = (0..len / SLOT_MIN).map(|_| AtomicU8::new(NO_SLOT)).collect();
    let slab = SLAB.get_or_init(|| Slab { base, len, protection, class, slots: Mutex::new(slots) });
    Ok(slab.protection)
}

fn map(len: usize, page: usize) -> io::Result<(NonNull<u8>, Protection)> {
    // SAFETY: a fresh mapping without access: the guard pages, and the place between them.
    let outer = unsafe {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        libc::mmap(ptr::null_mut(), len + 2 * page, libc::PROT_NONE, flags, -1, 0)
    };
    if outer == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: inside the mapping just made.
    let inner = unsafe { outer.cast::<u8>().add(page) };
    let protection = match map_memfd_secret(inner, len) {
        Ok(()) => Protection::MemfdSecret,
        Err(_) => map_locked(inner, len).map(|()| Protection::Locked)?,
    };
    for advice in [libc::MADV_DONTDUMP, libc::MADV_DONTFORK] {
        // SAFETY: advice on our own mapping.
        if unsafe { libc::madvise(inner.cast(), len, advice) } != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    let base = NonNull::new(inner).ok_or(io::ErrorKind::OutOfMemory)?;
    Ok((base, protection))
}

fn map_memfd_secret(at: *mut u8, len: usize) -> io::Result<()> {
    let size = libc::off_t::try_from(len).map_err(io::Error::other)?;
    // SAFETY: a descriptor of our own is made, sized, mapped over our own reservation and closed;
    // the mapping outlives the descriptor.
    unsafe {
        let fd = libc::syscall(libc::SYS_memfd_secret, libc::O_CLOEXEC) as libc::c_int;
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        let mut result = Ok(());
        let access = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_SHARED | libc::MAP_FIXED;
        if libc::ftruncate(fd, size) != 0
            || libc::mmap(at.cast(), len, access, flags, fd, 0) == libc::MAP_FAILED
        {
            result = Err(io::Error::last_os_error());
        }
        libc::close(fd);
        result
    }
}

fn map_locked(at: *mut u8, len: usize) -> io::Result<()> {
    // SAFETY: maps over our own reservation.
    let locked = unsafe {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED;
        libc::mmap(at.cast(), len, access, flags, -1, 0) != libc::MAP_FAILED
            && libc::mlock(at.cast(), len) == 0
    };
    if locked { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Overwrites `bytes` with zeros in a way that is not optimised away.
pub(crate) fn cleanse(bytes: &mut [u8]) {
    // SAFETY: the pointer and length are a slice's.
    unsafe { aws_lc_sys::OPENSSL_cleanse(bytes.as_mut_ptr().cast(), bytes.len()) }
}

/// How full secret memory is; zeros before [`crate::start`].
pub fn counters() -> Counters {
    let Some(slab) = SLAB.get() else {
        return Counters { bytes_used: 0, bytes_total: 0, slots: 0 };
    };
    let slots = slab.slots();
    Counters { bytes_used: slots.used, bytes_total: slab.len, slots: slots.taken }
}

/// A slot for AWS-LC. `None` when the slab is full or `len` is above the largest slot.
pub(crate) fn take(len: usize) -> Option<NonNull<u8>> {
    SLAB.get()?.take(len)
}

/// Whether a slot of `len` bytes can exist.
pub(crate) fn fits(len: usize) -> bool {
    SLAB.get().is_some() && len <= SLOT_MIN << (CLASSES - 1)
}

/// The size of the slot that starts at `at`; `None` when `at` is not in the slab.
pub(crate) fn slot_len(at: NonNull<u8>) -> Option<usize> {
    SLAB.get()?.slot_len(at.as_ptr())
}

/// Wipes a slot and gives it back. False, and nothing is done, when `at` is not in the slab.
pub(crate) fn give_back(at: NonNull<u8>) -> bool {
    match SLAB.get() {
        Some(slab) if slab.unit(at.as_ptr()).is_some() => {
            slab.give_back(at);
            true
        }
        _ => false,
    }
}

/// Bytes in secret memory: their number is fixed, and they are wiped when dropped.
///
/// ```compile_fail
/// fn copy(key: &crypto::secmem::Guarded) -> crypto::secmem::Guarded { key.clone() }
/// ```
/// ```compile_fail
/// fn print(key: &crypto::secmem::Guarded) -> String { format!("{key:?}") }
/// ```
pub struct Guarded {
    at: NonNull<u8>,
    len: usize,
}

// SAFETY: it owns its slot.
unsafe impl Send for Guarded {}
// SAFETY: a shared reference only reads.
unsafe impl Sync for Guarded {}

impl Guarded {
    /// A copy of `bytes`, at most 32 KiB. Fails with [`SecretMemory`] when the slab is full.
    pub fn copy_of(bytes: &[u8]) -> Result<Self> {
        Self::filled(bytes.len(), |slot| {
            slot.copy_from_slice(bytes);
            Ok(())
        })
    }

    /// `len` zero bytes that `fill` then fills in place.
    pub fn filled(len: usize, fill: impl FnOnce(&mut [u8]) -> Result<()>) -> Result<Self> {
        crate::state::ready()?;
        let slab = SLAB.get().ok_or(Error::Unavailable(Crypto))?;
        let at = slab.take(len).ok_or(Error::Unavailable(SecretMemory))?;
        let guarded = Self { at, len };
        // SAFETY: the slot is ours alone and at least `len` long; slots are zero when given out.
        fill(unsafe { std::slice::from_raw_parts_mut(at.as_ptr(), len) })?;
        Ok(guarded)
    }

    /// The bytes. `cargo xtask tidy` lists every call.
    pub fn expose(&self) -> &[u8] {
        // SAFETY: the slot is ours and at least `len` long.
        unsafe { std::slice::from_raw_parts(self.at.as_ptr(), self.len) }
    }

    /// Number of bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Keeps the first `len` bytes and wipes the rest.
    pub(crate) fn truncate(&mut self, len: usize) {
        let len = len.min(self.len);
        // SAFETY: the slot is ours and at least `self.len` long.
        cleanse(unsafe {
            std::slice::from_raw_parts_mut(self.at.as_ptr().add(len), self.len - len)
        });
        self.len = len;
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        give_back(self.at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_wiped_when_it_is_given_back() {
        // A slab of its own, of one slot: no other test can take the slot meanwhile.
        const LEN: usize = 4096;
        let (base, protection) = map(LEN, LEN).unwrap();
        let slots = Slots::default();
        let class = (0..LEN / SLOT_MIN).map(|_| AtomicU8::new(NO_SLOT)).collect();
        let slab = Slab { base, len: LEN, protection, class, slots: Mutex::new(slots) };

        let at = slab.take(LEN).unwrap();
        assert_eq!(slab.take(1), None);
        // SAFETY: the slot is ours and `LEN` bytes long.
        unsafe { at.as_ptr().write_bytes(0xa5, LEN) };
        slab.give_back(at);
        // SAFETY: nobody has the slot, and its pages stay mapped.
        let bytes = unsafe { std::slice::from_raw_parts(at.as_ptr(), LEN) };
        assert!(bytes.iter().all(|&byte| byte == 0));
        assert_eq!(slab.take(LEN), Some(at));
    }

    #[test]
    fn truncation_wipes_the_rest() {
        crate::test_start();
        let mut guarded = Guarded::copy_of(&[0xa5; 8192]).unwrap();
        let (at, len) = (guarded.at, guarded.len);
        guarded.truncate(1);
        // SAFETY: the slot is still ours.
        let bytes = unsafe { std::slice::from_raw_parts(at.as_ptr(), len) };
        assert_eq!(bytes[0], 0xa5);
        assert!(bytes[1..].iter().all(|&byte| byte == 0));
    }

    #[test]
    fn slots_do_not_overlap_and_come_zeroed() {
        crate::test_start();
        let mut held = Vec::new();
        for i in 0..2000_usize {
            let len = 1 + i * 37 % 700;
            let slot = Guarded::filled(len, |bytes| {
                assert!(bytes.iter().all(|&byte| byte == 0));
                bytes.fill(i as u8);
                Ok(())
            });
            held.push(slot.unwrap());
            if i % 3 == 0 {
                held.swap_remove(i * 7 % held.len());
            }
        }
        for slot in &held {
            assert!(slot.expose().iter().all(|byte| *byte == slot.expose()[0]));
        }
    }

    #[test]
    fn a_larger_slot_is_split_when_the_slab_is_full() {
        let mut slots = Slots::default();
        let whole = slots.take(3, 8).unwrap();
        assert_eq!(slots.take(0, 8), None);
        slots.free[3].push(whole);
        let mut units: Vec<u32> = (0..8).map_while(|_| slots.take(0, 8)).collect();
        units.sort_unstable();
        assert_eq!(units, [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn slots_side_by_side_are_joined_when_nothing_fits() {
        const UNITS: u32 = 64;
        let mut slots = Slots::default();
        let give_back = |slots: &mut Slots, class: usize, unit: u32| {
            slots.free[class].push(unit);
            slots.loose = true;
        };
        let small: Vec<u32> = (0..UNITS).map_while(|_| slots.take(0, UNITS)).collect();
        assert_eq!(small.len(), 64);
        // All but one, and at first none beside another.
        for unit in small.iter().copied().filter(|unit| unit % 2 == 0 && *unit != 30) {
            give_back(&mut slots, 0, unit);
        }
        assert_eq!(slots.take(1, UNITS), None);
        for unit in small.iter().copied().filter(|unit| unit % 2 == 1) {
            give_back(&mut slots, 0, unit);
        }
        // Before it there are 16, 8, 4 and 2; behind it, twice 16 and 1.
        let mut sizes = Vec::new();
        for class in [4, 4, 4, 3, 2, 1, 0] {
            while let Some(unit) = slots.take(class, UNITS) {
                assert!((unit..unit + (1 << class)).all(|taken| taken != 30));
                sizes.push(1 << class);
            }
        }
        assert_eq!(sizes.iter().sum::<u32>(), 63);
        assert_eq!(sizes.iter().filter(|size| **size == 16).count(), 3);
        // And all of it is one again.
        slots.free.iter_mut().for_each(Vec::clear);
        small.iter().for_each(|unit| give_back(&mut slots, 0, *unit));
        slots.join();
        assert_eq!(slots.fresh, 0);
    }

    #[test]
    fn a_child_of_fork_has_no_secret_memory() {
        crate::test_start();
        let guarded = Guarded::copy_of(b"secret").unwrap();
        // SAFETY: between fork and exit the child only reads one byte, which faults.
        let status = unsafe {
            let child = libc::fork();
            assert!(child >= 0);
            if child == 0 {
                let byte = ptr::read_volatile(guarded.at.as_ptr());
                libc::_exit(i32::from(byte != 0));
            }
            let mut status = 0;
            assert_eq!(libc::waitpid(child, &raw mut status, 0), child);
            status
        };
        assert!(libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGSEGV);
    }

    #[test]
    fn locked_pages_serve_where_the_kernel_has_no_memfd_secret() {
        // SAFETY: a reservation of our own, mapped over, used and unmapped.
        unsafe {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            let at = libc::mmap(ptr::null_mut(), 8192, libc::PROT_NONE, flags, -1, 0);
            assert!(map_locked(at.cast(), 8192).is_ok());
            at.cast::<u8>().write(1);
            assert_eq!(libc::munmap(at, 8192), 0);
        }
    }

    #[test]
    fn too_long_is_refused_as_full() {
        crate::test_start();
        let refused = Guarded::random(1 << 20).err();
        assert_eq!(refused, Some(Error::Unavailable(SecretMemory)));
    }
}
