//! Files of any size under one data key, version 1 (`docs/formats.md`, "Encrypted file").
//!
//! The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption
//! and its Nonce-Reuse Misuse-Resistance, CRYPTO 2015) over AES-256-GCM: each chunk's nonce says
//! which one it is and whether it is the last, so a chunk that is moved, dropped or added is as
//! wrong as one that is altered. Key and nonce prefix are derived from the data key and the hash
//! of the whole header: with another header no chunk is authentic.

use std::{
    io::{self, Read, Write},
    mem,
};

use model::{
    EncryptionContext, Error, Result,
    canon::{Canonical, Malformed, Reader, Writer},
    limits,
};
use zeroize::Zeroizing;

use crate::{
    digest::sha256,
    kdf::{kbkdf, label},
    message::{NONCE_LEN, TAG_LEN},
    random, raw,
    secmem::Guarded,
};

/// Plaintext of every chunk but the last, in bytes.
pub const CHUNK_LEN: usize = 64 << 10;
/// Length of a data key in bytes.
pub const DATA_KEY_LEN: usize = 32;
/// What a file starts with; the last byte is the version of the form.
const MAGIC: [u8; 8] = *b"SRMFILE\x01";
/// Magic, chunk length, nonce.
const FIXED_LEN: usize = MAGIC.len() + 4 + NONCE_LEN;
/// Longest encoding of an encryption context, in bytes.
const CONTEXT_ENCODED_LEN_MAX: usize = 4 + 8 * limits::CONTEXT_PAIRS_MAX + limits::CONTEXT_LEN_MAX;
/// Length of the part of a chunk's nonce that is derived, in bytes.
const PREFIX_LEN: usize = 7;
/// An AES-256 key and the prefix.
const DERIVED_LEN: usize = 32 + PREFIX_LEN;

/// Why a file was not sealed or opened.
#[derive(Debug)]
pub enum Failure {
    /// The input cannot be read.
    Read(io::Error),
    /// The output cannot be written.
    Write(io::Error),
    /// It does not start as an encrypted file does.
    Foreign,
    /// It is not what was sealed: altered, cut short, extended, or of another key.
    Broken {
        /// Bytes of plaintext before this; they were authentic, and were written.
        at: u64,
    },
    /// It has more than 2^32 chunks, 256 TiB.
    TooLong,
    /// The module does not work.
    Module(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Module(error)
    }
}

/// What stands before the chunks. It is in the open, and authenticated with them.
pub struct Header {
    bytes: Vec<u8>,
    wrapped_key: Vec<u8>,
    context: EncryptionContext,
}

impl Header {
    /// Of a new file, with a nonce of its own: the data key as its key encrypted it, and the
    /// encryption context that this was bound to.
    ///
    /// # Errors
    /// [`Error::Internal`] when the wrapped key is longer than [`limits::CIPHERTEXT_LEN_MAX`].
    pub fn new(wrapped_key: &[u8], context: EncryptionContext) -> Result<Self> {
        Self::with_nonce(&random::array()?, wrapped_key, context)
    }

    fn with_nonce(
        nonce: &[u8; NONCE_LEN],
        wrapped_key: &[u8],
        context: EncryptionContext,
    ) -> Result<Self> {
        if wrapped_key.len() > limits::CIPHERTEXT_LEN_MAX {
            return Err(Error::Internal("a wrapped data key is too long"));
        }
        let mut to = Writer::default();
        to.fixed(&MAGIC);
        to.count(CHUNK_LEN);
        to.fixed(nonce);
        to.bytes(wrapped_key);
        to.bytes(&context.to_canonical());
        Ok(Self { bytes: to.into_bytes(), wrapped_key: wrapped_key.to_vec(), context })
    }

    /// Reads it from the start of a file, and not a byte more.
    ///
    /// # Errors
    /// [`Failure::Foreign`] when there is none; [`Failure::Read`].
    pub fn read(from: &mut impl Read) -> Result<Self, Failure> {
        let mut bytes = Vec::new();
        append(from, FIXED_LEN, &mut bytes)?;
        if !bytes.starts_with(&MAGIC) {
            return Err(Failure::Foreign);
        }
        for max in [limits::CIPHERTEXT_LEN_MAX, CONTEXT_ENCODED_LEN_MAX] {
            append(from, 4, &mut bytes)?;
            let len = bytes.last_chunk().map_or(u32::MAX, |len| u32::from_be_bytes(*len));
            let len = usize::try_from(len).ok().filter(|len| *len <= max);
            append(from, len.ok_or(Failure::Foreign)?, &mut bytes)?;
        }
        Self::parse(bytes).map_err(|Malformed| Failure::Foreign)
    }

    fn parse(bytes: Vec<u8>) -> Result<Self, Malformed> {
        let mut from = Reader::new(&bytes);
        let (magic, chunk_len) = (from.array()?, from.u32()?);
        let _nonce: [u8; NONCE_LEN] = from.array()?;
        let wrapped_key = from.bytes()?.to_vec();
        let context = EncryptionContext::from_canonical(from.bytes()?)?;
        from.end()?;
        let known = magic == MAGIC && chunk_len == CHUNK_LEN as u32;
        known.then_some(Self { bytes, wrapped_key, context }).ok_or(Malformed)
    }

    /// The data key, encrypted. Not authenticated before the key that encrypted it says so.
    pub fn wrapped_key(&self) -> &[u8] {
        &self.wrapped_key
    }

    /// The encryption context. Not authenticated before the data key is decrypted with it.
    pub fn context(&self) -> &EncryptionContext {
        &self.context
    }
}

/// Exactly `len` bytes more of a header.
fn append(from: &mut impl Read, len: usize, to: &mut Vec<u8>) -> Result<(), Failure> {
    let read = from.by_ref().take(len as u64).read_to_end(to).map_err(Failure::Read)?;
    if read == len { Ok(()) } else { Err(Failure::Foreign) }
}

/// Writes the header, then all of `from`, sealed; returns its length in bytes. The memory it
/// takes does not depend on that.
///
/// # Errors
/// [`Failure::Read`], [`Failure::Write`], [`Failure::TooLong`], [`Failure::Module`]. What was
/// written until then opens to a part of the input, and not as a whole.
pub fn seal(
    data_key: &Guarded,
    header: &Header,
    from: &mut impl Read,
    to: &mut impl Write,
) -> Result<u64, Failure> {
    let cipher = Cipher::new(data_key, header)?;
    to.write_all(&header.bytes).map_err(Failure::Write)?;
    let mut sealed = vec![0; CHUNK_LEN + TAG_LEN];
    let mut total = 0;
    each_chunk(from, CHUNK_LEN, |place, plain| {
        let sealed = &mut sealed[..plain.len() + TAG_LEN];
        cipher.with(place, |key, iv| raw::gcm_seal(key, iv, &[], plain, sealed))?;
        total += plain.len() as u64;
        to.write_all(sealed).map_err(Failure::Write)
    })?;
    to.flush().map_err(Failure::Write)?;
    Ok(total)
}

/// Opens what follows a header that was read from `from`, to the end of it; returns the
/// plaintext's length in bytes. Each chunk is written when it has proved authentic; only after
/// success is it known that they are all.
///
/// # Errors
/// [`Failure::Broken`] when it is not what was sealed; [`Failure::Read`], [`Failure::Write`],
/// [`Failure::TooLong`], [`Failure::Module`].
pub fn open(
    data_key: &Guarded,
    header: &Header,
    from: &mut impl Read,
    to: &mut impl Write,
) -> Result<u64, Failure> {
    let cipher = Cipher::new(data_key, header)?;
    let mut plain = Zeroizing::new(vec![0; CHUNK_LEN]);
    let mut total = 0;
    each_chunk(from, CHUNK_LEN + TAG_LEN, |place, sealed| {
        let broken = Failure::Broken { at: total };
        let len = sealed.len().checked_sub(TAG_LEN);
        // Only an empty file has an empty chunk: there is one form for one content.
        let len = len.filter(|len| *len > 0 || place.number == 0);
        let Some(plain) = len.and_then(|len| plain.get_mut(..len)) else { return Err(broken) };
        if !cipher.with(place, |key, iv| raw::gcm_open(key, iv, &[], sealed, plain))? {
            return Err(broken);
        }
        total += plain.len() as u64;
        to.write_all(plain).map_err(Failure::Write)
    })?;
    to.flush().map_err(Failure::Write)?;
    Ok(total)
}

/// Where a chunk stands in its file.
#[derive(Clone, Copy)]
struct Place {
    number: u64,
    last: bool,
}

/// A file's key and nonce prefix, in secret memory.
struct Cipher(Guarded);

impl Cipher {
    fn new(data_key: &Guarded, header: &Header) -> Result<Self> {
        if data_key.len() != DATA_KEY_LEN {
            return Err(Error::Internal("a data key of another length"));
        }
        let header = sha256(&header.bytes);
        let derived = Guarded::filled(DERIVED_LEN, |out| {
            kbkdf(data_key.expose(), label::FILE, &header, out)
        })?;
        Ok(Self(derived))
    }

    /// Runs `work` with the key and the nonce of one chunk: prefix, number, whether it is the
    /// last.
    fn with<T>(
        &self,
        Place { number, last }: Place,
        work: impl FnOnce(&[u8; 32], &[u8; 12]) -> Result<T>,
    ) -> Result<T, Failure> {
        let number = u32::try_from(number).map_err(|_| Failure::TooLong)?;
        let Some((key, prefix)) = self.0.expose().split_first_chunk() else {
            return Err(Error::Internal("a file key is too short").into());
        };
        let mut iv = [0; 12];
        iv[..PREFIX_LEN].copy_from_slice(prefix);
        iv[PREFIX_LEN..11].copy_from_slice(&number.to_be_bytes());
        iv[11] = u8::from(last);
        Ok(work(key, &iv)?)
    }
}

/// Gives `work` all of `from` in chunks of `len` bytes, the last with what is left; it reads one
/// chunk ahead, to know which is the last. There is at least one, be it empty.
fn each_chunk(
    from: &mut impl Read,
    len: usize,
    mut work: impl FnMut(Place, &[u8]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut chunk = Zeroizing::new(vec![0; len]);
    let mut ahead = Zeroizing::new(vec![0; len]);
    let mut filled = fill(from, &mut chunk)?;
    for number in 0.. {
        let next = if filled == len { fill(from, &mut ahead)? } else { 0 };
        let last = next == 0;
        work(Place { number, last }, &chunk[..filled])?;
        if last {
            break;
        }
        mem::swap(&mut chunk, &mut ahead);
        filled = next;
    }
    Ok(())
}

/// Reads until the buffer is full or the input ends; returns how many bytes.
fn fill(from: &mut impl Read, buffer: &mut [u8]) -> Result<usize, Failure> {
    let mut filled = 0;
    while filled < buffer.len() {
        match from.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Failure::Read(error)),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> EncryptionContext {
        EncryptionContext::new([("name", "value")]).unwrap()
    }

    fn key(byte: u8) -> Guarded {
        crate::test_start();
        Guarded::copy_of(&[byte; DATA_KEY_LEN]).unwrap()
    }

    fn sealed(plain: &[u8]) -> Vec<u8> {
        let (key, mut to) = (key(0x42), Vec::new());
        let header = Header::with_nonce(&[0x24; NONCE_LEN], &[0x11; 5], context()).unwrap();
        assert_eq!(seal(&key, &header, &mut &*plain, &mut to).unwrap(), plain.len() as u64);
        to
    }

    /// What is written before the end, and how that is.
    fn opened(key: &Guarded, mut file: &[u8]) -> (Vec<u8>, Result<u64, Failure>) {
        let mut to = Vec::new();
        let header = Header::read(&mut file);
        let end = header.and_then(|header| open(key, &header, &mut file, &mut to));
        (to, end)
    }

    fn content(len: usize) -> Vec<u8> {
        (0..len).map(|i| (i % 251) as u8).collect()
    }

    fn header_len() -> usize {
        sealed(b"").len() - TAG_LEN
    }

    #[test]
    fn files_of_every_length_around_a_chunk_come_back() {
        let near = [0, 1, CHUNK_LEN - 1, CHUNK_LEN, CHUNK_LEN + 1, 2 * CHUNK_LEN, 200_000];
        for len in near {
            let plain = content(len);
            let file = sealed(&plain);
            let chunks = len.div_ceil(CHUNK_LEN).max(1);
            assert_eq!(file.len(), header_len() + len + chunks * TAG_LEN);
            let (out, end) = opened(&key(0x42), &file);
            assert!(out == plain && matches!(end, Ok(n) if n == len as u64), "{len}");
        }
    }

    #[test]
    fn the_known_answer_of_the_manual_is_the_answer() {
        let text: String = sealed(b"plaintext").iter().map(|b| format!("{b:02x}")).collect();
        let manual = include_str!("../../../docs/formats.md");
        let manual: String = manual.split_whitespace().collect();
        assert!(manual.contains(&text), "{text}");
        let two: String =
            sha256(&sealed(&content(70_000))).iter().map(|b| format!("{b:02x}")).collect();
        assert!(manual.contains(&two), "{two}");
    }

    #[test]
    fn no_bit_of_a_file_can_be_altered() {
        let (key, file) = (key(0x42), sealed(b"plaintext"));
        for bit in 0..file.len() * 8 {
            let mut file = file.clone();
            file[bit / 8] ^= 1 << (bit % 8);
            let (out, end) = opened(&key, &file);
            assert!(end.is_err() && out.is_empty(), "bit {bit}");
        }
    }

    #[test]
    fn a_file_that_is_cut_anywhere_is_broken_and_only_whole_chunks_were_released() {
        let (key, plain) = (key(0x42), content(2 * CHUNK_LEN + 5));
        let file = sealed(&plain);
        let start = header_len();
        let boundaries = [start, start + CHUNK_LEN + TAG_LEN, start + 2 * (CHUNK_LEN + TAG_LEN)];
        for cut in boundaries.into_iter().chain([file.len() - 1, start + 7, start + 16]) {
            let (out, end) = opened(&key, &file[..cut]);
            let Err(Failure::Broken { at }) = end else { panic!("{cut}: {end:?}") };
            assert!(at == out.len() as u64 && plain.starts_with(&out) && out.len() < cut, "{cut}");
        }
        for cut in 0..start {
            assert!(matches!(opened(&key, &file[..cut]).1, Err(Failure::Foreign)), "{cut}");
        }
    }

    #[test]
    fn chunks_cannot_be_swapped_repeated_dropped_or_added() {
        let (key, file) = (key(0x42), sealed(&content(3 * CHUNK_LEN)));
        let (head, body) = file.split_at(header_len());
        let chunks: Vec<&[u8]> = body.chunks(CHUNK_LEN + TAG_LEN).collect();
        let empty = &sealed(b"")[head.len()..];
        let orders: [&[&[u8]]; 6] = [
            &[chunks[1], chunks[0], chunks[2]],
            &[chunks[0], chunks[0], chunks[2]],
            &[chunks[0], chunks[2]],
            &[chunks[0], chunks[1]],
            &[chunks[0], chunks[1], chunks[2], chunks[2]],
            &[chunks[0], chunks[1], chunks[2], empty],
        ];
        for (i, order) in orders.iter().enumerate() {
            let file = [head, &order.concat()].concat();
            assert!(matches!(opened(&key, &file).1, Err(Failure::Broken { .. })), "order {i}");
        }
        assert!(opened(&key, &[head, &chunks.concat()].concat()).1.is_ok());
    }

    #[test]
    fn another_key_opens_nothing_and_two_files_of_one_key_differ() {
        let (out, end) = opened(&key(0x43), &sealed(b"plaintext"));
        assert!(matches!(end, Err(Failure::Broken { at: 0 })) && out.is_empty());
        let nonces = [1, 2].map(|nonce| {
            let mut to = Vec::new();
            let header = Header::with_nonce(&[nonce; NONCE_LEN], b"key", context()).unwrap();
            seal(&key(0x42), &header, &mut &b"plaintext"[..], &mut to).unwrap();
            to.split_off(to.len() - 25)
        });
        assert_ne!(nonces[0], nonces[1]);
    }

    #[test]
    fn the_header_gives_back_what_it_was_made_of() {
        let file = sealed(b"x");
        let header = Header::read(&mut &*file).unwrap();
        assert_eq!((header.wrapped_key(), header.context()), (&[0x11; 5][..], &context()));
    }
}
