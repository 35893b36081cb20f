//! Known answers of raw keys' ciphers.

use model::{Error, Result, algorithm::RawSpec, raw::CipherMode};

use super::vectors as v;
use crate::raw::{self, BLOCK_LEN_MAX, CipherContext, Direction};

/// A cipher and what it is given.
struct Case<'a> {
    cipher: (RawSpec, CipherMode),
    key: &'a [u8],
    iv: &'a [u8],
    aad: &'a [u8],
}

/// AES-128 in a mode of SP 800-38A.
pub(super) fn mode(mode: CipherMode, known: &[u8; 32]) -> Result<bool> {
    let iv: &[u8] = match mode {
        CipherMode::Ecb => &[],
        CipherMode::Ctr => &v::MODES_COUNTER,
        _ => &v::MODES_IV,
    };
    let cipher = (RawSpec::Aes128, mode);
    Case { cipher, key: &v::MODES_KEY, iv, aad: &[] }.is(&v::MODES_PLAIN, known)
}

/// Triple DES with three keys, in CBC.
pub(super) fn tdes(known: &[u8; 8]) -> Result<bool> {
    let (key, iv, plain, _) = &v::TDES;
    Case { cipher: (RawSpec::Tdes, CipherMode::Cbc), key, iv, aad: &[] }.is(plain, known)
}

/// AES-128-GCM, as raw keys use it.
pub(super) fn gcm(known_tag: &[u8; 16]) -> Result<bool> {
    let cipher = (RawSpec::Aes128, CipherMode::Gcm);
    let case = Case { cipher, key: &[0; 16], iv: &[0; 12], aad: &[] };
    case.is_tagged(&[0; 16], &v::GCM_ZEROS.0, known_tag)
}

/// ChaCha20-Poly1305.
pub(super) fn poly1305(known_tag: &[u8; 16]) -> Result<bool> {
    let key: [u8; 32] = std::array::from_fn(|i| 0x80 + i as u8);
    let (iv, aad, _) = &v::POLY1305;
    let cipher = (RawSpec::ChaCha20Poly1305, CipherMode::Poly1305);
    let case = Case { cipher, key: &key, iv, aad };
    case.is_tagged(v::POLY1305_PLAIN, &v::POLY1305_CIPHERTEXT, known_tag)
}

/// ChaCha20.
pub(super) fn chacha20(known: &[u8; 64]) -> bool {
    let mut text = [0; 64];
    raw::chacha20(&[0; 32], &[0; 12], 0, &mut text);
    text == *known
}

impl Case<'_> {
    fn start(&self, direction: Direction) -> Result<CipherContext> {
        let context = CipherContext::new(self.cipher, direction, self.key, self.iv)?;
        let mut context = context.ok_or(Error::Internal("a cipher that is not there"))?;
        if !self.aad.is_empty() {
            context.aad(self.aad)?;
        }
        Ok(context)
    }

    /// Whether the one comes of the other, both ways.
    fn is(&self, plain: &[u8], known: &[u8]) -> Result<bool> {
        let (mut to, mut from) = (self.start(Direction::Encrypt)?, self.start(Direction::Decrypt)?);
        let right = run(&mut to, plain)? == known && run(&mut from, known)? == plain;
        Ok(right && to.end() && from.end())
    }

    /// The same with a tag, of which one wrong bit is found.
    fn is_tagged(&self, plain: &[u8], known: &[u8], known_tag: &[u8; 16]) -> Result<bool> {
        let mut right = true;
        let (mut context, mut tag) = (self.start(Direction::Encrypt)?, [0; 16]);
        right &= run(&mut context, plain)? == known;
        context.tag(&mut tag)?;
        right &= tag == *known_tag;
        let mut context = self.start(Direction::Decrypt)?;
        right &= run(&mut context, known)? == plain && context.is_tagged(&tag)?;
        tag[0] ^= 1;
        let mut context = self.start(Direction::Decrypt)?;
        run(&mut context, known)?;
        Ok(right && !context.is_tagged(&tag)?)
    }
}

fn run(context: &mut CipherContext, text: &[u8]) -> Result<Vec<u8>> {
    let mut out = vec![0; text.len() + BLOCK_LEN_MAX];
    let len = context.update(text, &mut out)?;
    out.truncate(len);
    Ok(out)
}
