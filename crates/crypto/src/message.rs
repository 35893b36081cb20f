//! One key per message: the scheme behind ciphertexts, records, material and account keys.
//!
//! A fresh 128-bit nonce and a 256-bit key give, by SP 800-108, a key and IV that encrypt this
//! message only. So AES-256-GCM's limit on messages under one key does not arise: what may not
//! repeat is the nonce, and 2^64 draws make that likely, not 2^32.

use model::{Error, Result, Sealed, canon::Writer};

use crate::{kdf, mac::PreparedKey, random, raw, secmem::Guarded};

/// Length of a nonce in bytes.
pub(crate) const NONCE_LEN: usize = 16;
/// Length of a tag in bytes.
pub(crate) const TAG_LEN: usize = 16;
/// Version of the sealed form, its first byte.
const SEALED_FORMAT: u8 = 1;
/// Format and nonce.
const SEALED_HEAD_LEN: usize = 1 + NONCE_LEN;

/// Encrypts `plain` into `out`, 16 bytes longer.
pub(crate) fn seal(
    key: &PreparedKey,
    label: &[u8],
    nonce: &[u8; NONCE_LEN],
    aad: &[u8],
    plain: &[u8],
    out: &mut [u8],
) -> Result<()> {
    kdf::with_message_key(key, label, nonce, |key, iv| raw::gcm_seal(key, iv, aad, plain, out))
}

/// Whether `sealed` is authentic; then `out`, 16 bytes shorter, holds the plaintext.
pub(crate) fn open(
    key: &PreparedKey,
    label: &[u8],
    nonce: &[u8; NONCE_LEN],
    aad: &[u8],
    sealed: &[u8],
    out: &mut [u8],
) -> Result<bool> {
    kdf::with_message_key(key, label, nonce, |key, iv| raw::gcm_open(key, iv, aad, sealed, out))
}

/// What a sealed form is bound to, encoded; the place for the head is kept before it.
pub(crate) struct Binding(Writer);

impl Binding {
    /// For a binding of about `len` bytes.
    pub(crate) fn with_capacity(len: usize) -> Self {
        let mut writer = Writer::with_capacity(SEALED_HEAD_LEN + len);
        writer.fixed(&[0; SEALED_HEAD_LEN]);
        Self(writer)
    }

    /// The encoding of the bound values goes here.
    pub(crate) fn writer(&mut self) -> &mut Writer {
        &mut self.0
    }

    fn into_aad(self, head: &[u8]) -> Vec<u8> {
        let mut aad = self.0.into_bytes();
        aad[..SEALED_HEAD_LEN].copy_from_slice(head);
        aad
    }
}

/// Seals `plain`: format, nonce, ciphertext, tag; bound to `binding` and by `label` to what
/// kind of thing it is.
pub(crate) fn seal_bound(
    key: &PreparedKey,
    label: &[u8],
    binding: Binding,
    plain: &[u8],
) -> Result<Sealed> {
    let nonce = random::array()?;
    seal_bound_with(key, label, &nonce, binding, plain)
}

/// [`seal_bound`] with a nonce that is given: for the known-answer test.
pub(crate) fn seal_bound_with(
    key: &PreparedKey,
    label: &[u8],
    nonce: &[u8; NONCE_LEN],
    binding: Binding,
    plain: &[u8],
) -> Result<Sealed> {
    let mut bytes = vec![0; SEALED_HEAD_LEN + plain.len() + TAG_LEN];
    let (head, body) = bytes.split_at_mut(SEALED_HEAD_LEN);
    head[0] = SEALED_FORMAT;
    head[1..].copy_from_slice(nonce);
    seal(key, label, nonce, &binding.into_aad(head), plain, body)?;
    Ok(Sealed::assertion(bytes))
}

/// A sealed form taken apart.
struct Parts<'a> {
    nonce: [u8; NONCE_LEN],
    aad: Vec<u8>,
    body: &'a [u8],
    plain_len: usize,
}

fn take_apart(binding: Binding, sealed: &[u8]) -> Option<Parts<'_>> {
    let (head, body) = sealed.split_at_checked(SEALED_HEAD_LEN)?;
    let (&format, nonce) = head.split_first()?;
    let nonce = nonce.try_into().ok()?;
    let plain_len = body.len().checked_sub(TAG_LEN)?;
    (format == SEALED_FORMAT).then(|| Parts { nonce, aad: binding.into_aad(head), body, plain_len })
}

/// Opens a sealed form that is no secret.
pub(crate) fn open_bound(
    key: &PreparedKey,
    label: &[u8],
    binding: Binding,
    sealed: &Sealed,
    failure: &'static str,
) -> Result<Vec<u8>> {
    crate::state::ready()?;
    open_foreign(key, label, binding, sealed.as_bytes())?.ok_or(Error::Internal(failure))
}

/// Opens what is said to be a sealed form, by whom it was given to: `None` when it is none.
pub(crate) fn open_foreign(
    key: &PreparedKey,
    label: &[u8],
    binding: Binding,
    sealed: &[u8],
) -> Result<Option<Vec<u8>>> {
    crate::state::ready()?;
    let Some(parts) = take_apart(binding, sealed) else { return Ok(None) };
    let mut plain = vec![0; parts.plain_len];
    let is_authentic = open(key, label, &parts.nonce, &parts.aad, parts.body, &mut plain)?;
    Ok(is_authentic.then_some(plain))
}

/// Opens a sealed form into secret memory.
pub(crate) fn open_bound_secret(
    key: &PreparedKey,
    label: &[u8],
    binding: Binding,
    sealed: &Sealed,
    failure: &'static str,
) -> Result<Guarded> {
    let parts = take_apart(binding, sealed.as_bytes()).ok_or(Error::Internal(failure))?;
    Guarded::filled(parts.plain_len, |plain| {
        if open(key, label, &parts.nonce, &parts.aad, parts.body, plain)? {
            Ok(())
        } else {
            Err(Error::Internal(failure))
        }
    })
}
