//! The self-describing ciphertext of `Envelope` keys, version 1 (`docs/formats.md`, "Ciphertext").

use model::{
    EncryptionContext, Error, KeyId, MaterialId, Process, Protect, Result, Secret, Usable,
    algorithm::{EncryptionAlgorithm, KeySpec},
    canon::{Canonical, Writer},
    error::{Algorithm, Invalid, Unauthentic},
    limits,
};

use crate::{
    kdf::label,
    mac::PreparedKey,
    material::Loaded,
    message::{self, NONCE_LEN, TAG_LEN},
    random,
};

/// Version of the form, its first byte.
const FORMAT: u8 = 1;
/// Format, key id, material id, nonce.
const HEAD_LEN: usize = 1 + 16 + 16 + NONCE_LEN;
/// Where the nonce starts.
const NONCE_AT: usize = HEAD_LEN - NONCE_LEN;

/// What a ciphertext says about the key that made it. Not authenticated until decrypted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Header {
    /// The key.
    pub key: KeyId,
    /// The material of the key's version.
    pub material: MaterialId,
}

/// A ciphertext taken apart.
struct Parts<'a> {
    header: Header,
    nonce: [u8; NONCE_LEN],
    head: &'a [u8],
    body: &'a [u8],
    plain_len: usize,
}

fn take_apart(ciphertext: &[u8]) -> Result<Parts<'_>> {
    parse(ciphertext).ok_or(NOT_AUTHENTIC)
}

const NOT_AUTHENTIC: Error = Error::NotAuthentic(Unauthentic::Ciphertext);

fn parse(ciphertext: &[u8]) -> Option<Parts<'_>> {
    let (head, body) = ciphertext.split_at_checked(HEAD_LEN)?;
    let plain_len = body.len().checked_sub(TAG_LEN)?;
    let header = Header {
        key: KeyId(head[1..17].try_into().ok()?),
        material: MaterialId(head[17..NONCE_AT].try_into().ok()?),
    };
    let nonce = head[NONCE_AT..].try_into().ok()?;
    (head[0] == FORMAT && ciphertext.len() <= limits::CIPHERTEXT_LEN_MAX).then_some(Parts {
        header,
        nonce,
        head,
        body,
        plain_len,
    })
}

/// Reads a ciphertext's header. [`Unauthentic::Ciphertext`] when it is malformed.
pub fn header(ciphertext: &[u8]) -> Result<Header> {
    take_apart(ciphertext).map(|parts| parts.header)
}

/// Encrypts at most [`limits::PLAINTEXT_LEN_MAX`] bytes, bound to the context.
pub fn encrypt(
    key: Usable<'_, Protect>,
    loaded: &Loaded,
    id: KeyId,
    context: &EncryptionContext,
    plaintext: &[u8],
) -> Result<Vec<u8>> {
    let prepared = envelope_key(&key, loaded)?;
    let max = limits::PLAINTEXT_LEN_MAX;
    if plaintext.len() > max {
        let (spec, algorithm) = (loaded.spec(), EncryptionAlgorithm::Envelope);
        return Err(Error::Invalid(Invalid::PlaintextTooLong { spec, algorithm, max }));
    }
    let header = Header { key: id, material: loaded.material() };
    encrypt_with(prepared, header, &random::array()?, context, plaintext)
}

/// [`encrypt`] with a nonce that is given: for the known-answer test.
pub(crate) fn encrypt_with(
    key: &PreparedKey,
    header: Header,
    nonce: &[u8; NONCE_LEN],
    context: &EncryptionContext,
    plaintext: &[u8],
) -> Result<Vec<u8>> {
    let mut ciphertext = vec![0; HEAD_LEN + plaintext.len() + TAG_LEN];
    let (head, body) = ciphertext.split_at_mut(HEAD_LEN);
    head[0] = FORMAT;
    head[1..17].copy_from_slice(&header.key.0);
    head[17..NONCE_AT].copy_from_slice(&header.material.0);
    head[NONCE_AT..].copy_from_slice(nonce);
    message::seal(key, label::MESSAGE_KEY, nonce, &aad(head, context), plaintext, body)?;
    Ok(ciphertext)
}

/// Decrypts what [`encrypt`] made with the same key, id and context; everything else is
/// [`Unauthentic::Ciphertext`], whatever the reason.
pub fn decrypt(
    key: Usable<'_, Process>,
    loaded: &Loaded,
    id: KeyId,
    context: &EncryptionContext,
    ciphertext: &[u8],
) -> Result<Secret> {
    let prepared = envelope_key(&key, loaded)?;
    let parts = take_apart(ciphertext)?;
    if parts.header != (Header { key: id, material: loaded.material() }) {
        return Err(NOT_AUTHENTIC);
    }
    let mut plain = vec![0; parts.plain_len];
    let aad = aad(parts.head, context);
    let label = label::MESSAGE_KEY;
    if message::open(prepared, label, &parts.nonce, &aad, parts.body, &mut plain)? {
        Ok(Secret::new(plain))
    } else {
        Err(NOT_AUTHENTIC)
    }
}

fn envelope_key<'l, D>(key: &Usable<'_, D>, loaded: &'l Loaded) -> Result<&'l PreparedKey> {
    loaded.cleared(key)?;
    let spec = loaded.spec();
    let algorithm = Algorithm::Encryption(EncryptionAlgorithm::Envelope);
    match loaded.symmetric() {
        Some(prepared) if spec == KeySpec::Aes256.into() => Ok(prepared),
        _ => Err(Error::WrongAlgorithm { spec, algorithm }),
    }
}

/// The header, then the context in canonical form.
fn aad(head: &[u8], context: &EncryptionContext) -> Vec<u8> {
    let pairs: usize = context.pairs().map(|(name, value)| 8 + name.len() + value.len()).sum();
    let mut aad = Writer::with_capacity(HEAD_LEN + 4 + pairs);
    aad.fixed(head);
    context.write(&mut aad);
    aad.into_bytes()
}
