//! Ciphers of raw keys, in the mode, with the vector and the padding that the key's user chooses
//! (SP 800-38A, SP 800-38D, SP 800-67, RFC 8439).
//!
//! A text is given at once or in pieces. Each piece takes the proof again that the key may be used
//! now: a key that is suspended between two pieces stops there. No plaintext is released before
//! its tag has been verified: of a text with a tag, it is the ciphertext that is kept until then.

mod chacha20;
mod padding;

use std::mem;

use model::{
    Error, MaterialId, Process, Protect, Result, Secret, Usable,
    algorithm::RawSpec,
    error::{Algorithm, Invalid, Unauthentic},
    limits::{CIPHER_LEN_MAX, GCM_IV_LEN_MAX},
    raw::{BlockPadding, Cipher, CipherMode},
};
use zeroize::Zeroizing;

use self::chacha20::ChaCha20;
use crate::{
    material::{self, Loaded},
    raw::{BLOCK_LEN_MAX, CipherContext, Direction},
    secmem::Guarded,
};

const NOT_AUTHENTIC: Error = Error::NotAuthentic(Unauthentic::Ciphertext);

/// What an encryption makes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Encrypted {
    /// As long as the plaintext and its padding; of a text in pieces, the last of it.
    pub ciphertext: Vec<u8>,
    /// The tag, as long as was chosen; empty unless the mode is authenticated.
    pub tag: Vec<u8>,
}

/// The usual length of a vector in bytes: 0 for a mode without one, `None` when such a key
/// cannot be used in this mode.
pub fn iv_len(spec: RawSpec, mode: CipherMode) -> Option<usize> {
    use CipherMode::{Cbc, Cfb, Ctr, Ecb, Gcm, Ofb, Poly1305, Stream};
    match (spec, mode) {
        (RawSpec::Aes128 | RawSpec::Aes192 | RawSpec::Aes256, mode) => match mode {
            Ecb => Some(0),
            Cbc | Ctr | Cfb | Ofb => Some(16),
            Gcm => Some(12),
            _ => None,
        },
        (RawSpec::Tdes, Ecb) => Some(0),
        (RawSpec::Tdes, Cbc) => Some(8),
        (RawSpec::ChaCha20, Stream) | (RawSpec::ChaCha20Poly1305, Poly1305) => Some(12),
        _ => None,
    }
}

/// Encrypts a whole text of at most [`CIPHER_LEN_MAX`] bytes.
///
/// # Errors
/// As [`Encryption::start`] and [`Encryption::finish`].
pub fn encrypt(
    key: Usable<'_, Protect>,
    loaded: &Loaded,
    cipher: Cipher,
    iv: &[u8],
    aad: &[u8],
    plaintext: &[u8],
) -> Result<Encrypted> {
    Encryption::start(key, loaded, cipher, iv, aad)?.end(plaintext)
}

/// Decrypts a whole text of at most [`CIPHER_LEN_MAX`] bytes.
///
/// # Errors
/// As [`Decryption::start`] and [`Decryption::finish`].
pub fn decrypt(
    key: Usable<'_, Process>,
    loaded: &Loaded,
    cipher: Cipher,
    iv: &[u8],
    aad: &[u8],
    ciphertext: &[u8],
    tag: &[u8],
) -> Result<Secret> {
    Decryption::start(key, loaded, cipher, iv, aad)?.end(ciphertext, tag)
}

/// An encryption in pieces. It has a copy of the key in secret memory, which is wiped on drop.
pub struct Encryption {
    text: Text,
    /// Length of the plaintext until now, in bytes.
    len: usize,
}

impl Encryption {
    /// Before the first piece. `iv` is as long as [`iv_len`] says, but for [`CipherMode::Gcm`],
    /// which takes 1 to [`GCM_IV_LEN_MAX`] bytes, and [`CipherMode::Stream`], which takes 8 bytes
    /// (a nonce as it was before RFC 8439), 12 (a nonce), or 16 (a counter and a nonce). `aad` is
    /// what the tag vouches for besides, at most [`CIPHER_LEN_MAX`] bytes; it is empty for a mode
    /// without a tag.
    ///
    /// # Errors
    /// [`Error::WrongAlgorithm`] when the key cannot do the mode, [`Invalid::OutOfRange`] for a
    /// length that is not as said here or in [`Cipher`].
    pub fn start(
        key: Usable<'_, Protect>,
        loaded: &Loaded,
        cipher: Cipher,
        iv: &[u8],
        aad: &[u8],
    ) -> Result<Self> {
        loaded.cleared(&key)?;
        Ok(Self { text: Text::start(loaded, Direction::Encrypt, cipher, iv, aad)?, len: 0 })
    }

    /// The ciphertext of some more of the text, as far as whole blocks have come.
    ///
    /// # Errors
    /// [`Invalid::OutOfRange`] when it is longer than [`CIPHER_LEN_MAX`] or the counter runs over.
    pub fn update(&mut self, key: Usable<'_, Protect>, plaintext: &[u8]) -> Result<Vec<u8>> {
        material::cleared(self.text.material, &key)?;
        self.encrypt(&[bounded(plaintext)?])
    }

    /// The rest of the ciphertext, with the last of the text, and the tag.
    ///
    /// # Errors
    /// As [`Self::update`], and when the text is not whole blocks where the mode takes blocks and
    /// they are not padded.
    pub fn finish(self, key: Usable<'_, Protect>, last: &[u8]) -> Result<Encrypted> {
        material::cleared(self.text.material, &key)?;
        self.end(last)
    }

    fn end(mut self, last: &[u8]) -> Result<Encrypted> {
        let last = bounded(last)?;
        let padded = match self.text.blocks() {
            Some((padding, block_len)) => {
                padding::of(padding, block_len, self.len.wrapping_add(last.len()) % block_len)
                    .ok_or(Error::Invalid(Invalid::OutOfRange("the length of a plaintext")))?
            }
            None => Vec::new(),
        };
        let ciphertext = self.encrypt(&[last, &padded])?;
        Ok(Encrypted { ciphertext, tag: self.text.tag()? })
    }

    fn encrypt(&mut self, pieces: &[&[u8]]) -> Result<Vec<u8>> {
        // Only its remainder by a block's length counts, a power of two.
        self.len = pieces.iter().fold(self.len, |len, piece| len.wrapping_add(piece.len()));
        Ok(mem::take(&mut *self.text.run(pieces)?))
    }
}

/// A decryption in pieces. It has a copy of the key in secret memory, which is wiped on drop.
pub struct Decryption {
    text: Text,
    /// The end of the ciphertext until now, which is not decrypted yet.
    waiting: Vec<u8>,
}

impl Decryption {
    /// Before the first piece, as [`Encryption::start`].
    pub fn start(
        key: Usable<'_, Process>,
        loaded: &Loaded,
        cipher: Cipher,
        iv: &[u8],
        aad: &[u8],
    ) -> Result<Self> {
        loaded.cleared(&key)?;
        let text = Text::start(loaded, Direction::Decrypt, cipher, iv, aad)?;
        Ok(Self { text, waiting: Vec::new() })
    }

    /// The plaintext of some more of the text: of a mode with a tag nothing, and of padded blocks
    /// not that of the last one.
    ///
    /// # Errors
    /// [`Invalid::OutOfRange`] when it is longer than [`CIPHER_LEN_MAX`], or all of a text with a
    /// tag is, or the counter runs over.
    pub fn update(&mut self, key: Usable<'_, Process>, ciphertext: &[u8]) -> Result<Secret> {
        material::cleared(self.text.material, &key)?;
        let len = self.waiting.len() + bounded(ciphertext)?.len();
        let ready = match self.text.blocks() {
            _ if self.text.is_tagged() => self.all_bounded(ciphertext).map(|()| 0)?,
            Some((BlockPadding::None, _)) | None => len,
            Some((_, block_len)) => len.saturating_sub(1) / block_len * block_len,
        };
        self.waiting.extend_from_slice(ciphertext);
        let plaintext = self.text.run(&[&self.waiting[..ready]])?;
        self.waiting.drain(..ready);
        Ok(secret(plaintext))
    }

    /// The rest of the plaintext, with the last of the text; with a tag, all of it, when the tag
    /// has been verified. `tag` is as long as the cipher's tags, and empty for a mode without.
    ///
    /// # Errors
    /// [`Unauthentic::Ciphertext`] whatever is wrong with the ciphertext: its tag, its padding or
    /// its length. Else as [`Self::update`].
    pub fn finish(self, key: Usable<'_, Process>, last: &[u8], tag: &[u8]) -> Result<Secret> {
        material::cleared(self.text.material, &key)?;
        self.end(last, tag)
    }

    fn end(mut self, last: &[u8], tag: &[u8]) -> Result<Secret> {
        if self.text.is_tagged() {
            self.all_bounded(last)?;
        } else if !tag.is_empty() {
            return Err(Error::Invalid(Invalid::OutOfRange("the length of a tag")));
        }
        let mut plaintext = self.text.run(&[&self.waiting, bounded(last)?])?;
        if !self.text.is_authentic(tag)? {
            return Err(NOT_AUTHENTIC);
        }
        if let Some((padding, block_len)) = self.text.blocks() {
            let len = padding::unpadded_len(padding, block_len, &plaintext);
            plaintext.truncate(len.ok_or(NOT_AUTHENTIC)?);
        }
        Ok(secret(plaintext))
    }

    /// All of a text with a tag is kept until its end, and so it has one.
    fn all_bounded(&self, piece: &[u8]) -> Result<()> {
        if self.waiting.len() + piece.len() <= CIPHER_LEN_MAX {
            Ok(())
        } else {
            Err(Error::Invalid(Invalid::OutOfRange("the length of a text with a tag")))
        }
    }
}

/// A text that is being encrypted or decrypted.
struct Text {
    material: MaterialId,
    spec: RawSpec,
    cipher: Cipher,
    machine: Machine,
}

/// What does it.
enum Machine {
    Evp(CipherContext),
    ChaCha20(ChaCha20),
}

impl Text {
    fn start(
        loaded: &Loaded,
        direction: Direction,
        cipher: Cipher,
        iv: &[u8],
        aad: &[u8],
    ) -> Result<Self> {
        let wrong = Error::WrongAlgorithm {
            spec: loaded.spec(),
            algorithm: Algorithm::Cipher(cipher.mode),
        };
        let Some((spec, key)) = loaded.raw() else { return Err(wrong) };
        let Some(usual_len) = iv_len(spec, cipher.mode) else { return Err(wrong) };
        check_lengths(cipher, usual_len, iv, aad)?;
        let machine = Machine::new(spec, direction, cipher, key, iv)?;
        let mut text = Self { material: loaded.material(), spec, cipher, machine };
        if let (Machine::Evp(context), false) = (&mut text.machine, aad.is_empty()) {
            context.aad(aad)?;
        }
        Ok(text)
    }

    fn is_tagged(&self) -> bool {
        self.cipher.mode.is_authenticated()
    }

    /// The padding, and the length of a block in bytes, where the mode takes blocks.
    fn blocks(&self) -> Option<(BlockPadding, usize)> {
        let block_len = if self.spec == RawSpec::Tdes { 8 } else { 16 };
        self.cipher.mode.takes_blocks().then_some((self.cipher.padding, block_len))
    }

    /// What comes out for some more of the text.
    fn run(&mut self, pieces: &[&[u8]]) -> Result<Zeroizing<Vec<u8>>> {
        let len: usize = pieces.iter().map(|piece| piece.len()).sum();
        // What waited may fill a block before the last piece, which wants room for one more.
        let mut out = Zeroizing::new(vec![0; len + 2 * BLOCK_LEN_MAX]);
        let mut filled = 0;
        for piece in pieces {
            let out = out.get_mut(filled..).unwrap_or_default();
            filled += match &mut self.machine {
                Machine::Evp(context) => context.update(piece, out)?,
                Machine::ChaCha20(stream) => stream.update(piece, out)?,
            };
        }
        out.truncate(filled);
        Ok(out)
    }

    /// The tag of an encryption that ends here; empty when the mode has none.
    fn tag(&mut self) -> Result<Vec<u8>> {
        match &mut self.machine {
            Machine::Evp(context) if self.cipher.mode.is_authenticated() => {
                let mut tag = vec![0; self.cipher.tag_len];
                context.tag(&mut tag)?;
                Ok(tag)
            }
            Machine::Evp(_) | Machine::ChaCha20(_) => Ok(Vec::new()),
        }
    }

    /// Whether a decryption may end here: with this tag, or after a whole block.
    fn is_authentic(&mut self, tag: &[u8]) -> Result<bool> {
        match &mut self.machine {
            Machine::Evp(context) if self.cipher.mode.is_authenticated() => {
                Ok(tag.len() == self.cipher.tag_len && context.is_tagged(tag)?)
            }
            Machine::Evp(context) => Ok(context.end()),
            Machine::ChaCha20(_) => Ok(true),
        }
    }
}

impl Machine {
    fn new(
        spec: RawSpec,
        direction: Direction,
        cipher: Cipher,
        key: &Guarded,
        iv: &[u8],
    ) -> Result<Self> {
        if spec == RawSpec::ChaCha20 {
            return ChaCha20::new(key, iv).map(Self::ChaCha20);
        }
        let context = CipherContext::new((spec, cipher.mode), direction, key.expose(), iv)?;
        context.map(Self::Evp).ok_or(Error::Internal("a cipher that the library does not have"))
    }
}

/// Whether vector, tag and additional data are as long as the mode wants them.
fn check_lengths(cipher: Cipher, usual_iv_len: usize, iv: &[u8], aad: &[u8]) -> Result<()> {
    let out_of_range = |what| Err(Error::Invalid(Invalid::OutOfRange(what)));
    let iv_fits = match cipher.mode {
        CipherMode::Gcm => (1..=GCM_IV_LEN_MAX).contains(&iv.len()),
        CipherMode::Stream => chacha20::IV_LENS.contains(&iv.len()),
        _ => iv.len() == usual_iv_len,
    };
    if !iv_fits {
        return out_of_range("the initialisation vector");
    }
    let tag_fits = match (cipher.mode, cipher.tag_len) {
        (CipherMode::Gcm, 4 | 8) => true,
        (CipherMode::Gcm | CipherMode::Poly1305, len) => (12..=16).contains(&len),
        _ => true,
    };
    if !tag_fits {
        return Err(Error::Invalid(Invalid::TagLength));
    }
    let aad_max = if cipher.mode.is_authenticated() { CIPHER_LEN_MAX } else { 0 };
    if aad.len() > aad_max {
        return out_of_range("the length of additional data");
    }
    Ok(())
}

/// A piece that is not too long.
fn bounded(piece: &[u8]) -> Result<&[u8]> {
    if piece.len() <= CIPHER_LEN_MAX {
        Ok(piece)
    } else {
        Err(Error::Invalid(Invalid::OutOfRange("the length of a text")))
    }
}

/// Without a copy.
fn secret(mut plaintext: Zeroizing<Vec<u8>>) -> Secret {
    Secret::new(mem::take(&mut *plaintext))
}
