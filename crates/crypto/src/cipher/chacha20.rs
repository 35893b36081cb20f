//! The stream of ChaCha20 (RFC 8439, 2.4), in pieces of any length.

use model::{Error, Result, error::Invalid::OutOfRange};

use crate::{
    raw::{self, Wiped},
    secmem::Guarded,
};

/// How long a vector may be, in bytes: a nonce as it was before RFC 8439, a nonce, a counter and a
/// nonce.
pub(super) const IV_LENS: [usize; 3] = [8, 12, 16];

/// Length of a block of the stream in bytes.
const BLOCK_LEN: usize = 64;
/// Length of a whole stream in bytes: as far as the counter goes.
const STREAM_LEN: u64 = (1 << 32) * BLOCK_LEN as u64;

/// A place in the stream of a key and a nonce.
pub(super) struct ChaCha20 {
    key: Guarded,
    nonce: [u8; 12],
    /// Bytes of the stream before this place.
    at: u64,
}

impl ChaCha20 {
    /// The counter starts at 0, or where a vector of 16 bytes says, in its first four, the least
    /// significant one first. A nonce of 8 bytes is one of 12 that starts with zeros: what was
    /// the upper half of a longer counter.
    pub(super) fn new(key: &Guarded, iv: &[u8]) -> Result<Self> {
        let mut whole = [0; 16];
        let start = whole.len().checked_sub(iv.len()).ok_or(WRONG_LENGTH)?;
        whole[start..].copy_from_slice(iv);
        let [c0, c1, c2, c3, nonce @ ..] = whole;
        let counter = u32::from_le_bytes([c0, c1, c2, c3]);
        let at = u64::from(counter) * BLOCK_LEN as u64;
        Ok(Self { key: Guarded::copy_of(key.expose())?, nonce, at })
    }

    /// `text` with the next bytes of the stream, at the start of `out`; how many.
    pub(super) fn update(&mut self, text: &[u8], out: &mut [u8]) -> Result<usize> {
        let left = STREAM_LEN - self.at;
        let out = out.get_mut(..text.len()).ok_or(WRONG_LENGTH)?;
        if text.len() as u64 > left {
            return Err(Error::Invalid(OutOfRange("the length of a text")));
        }
        out.copy_from_slice(text);
        let used = (self.at % BLOCK_LEN as u64) as usize;
        let (first, rest) = out.split_at_mut(match used {
            0 => 0,
            used => text.len().min(BLOCK_LEN - used),
        });
        if !first.is_empty() {
            let mut block = Wiped::<BLOCK_LEN>::zeroed();
            let place = used..used + first.len();
            block.0[place.clone()].copy_from_slice(first);
            self.xor(&mut block.0)?;
            first.copy_from_slice(&block.0[place]);
            self.at += first.len() as u64;
        }
        if !rest.is_empty() {
            self.xor(rest)?;
            self.at += rest.len() as u64;
        }
        Ok(text.len())
    }

    /// XORs `text` with the stream from the start of the block that has this place.
    fn xor(&self, text: &mut [u8]) -> Result<()> {
        let key = self.key.expose().as_array().ok_or(WRONG_LENGTH)?;
        let counter = u32::try_from(self.at / BLOCK_LEN as u64).map_err(|_| WRONG_LENGTH)?;
        raw::chacha20(key, &self.nonce, counter, text);
        Ok(())
    }
}

const WRONG_LENGTH: Error = Error::Internal("a key, vector or buffer of another length");
