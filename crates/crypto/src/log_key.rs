//! The audit log's signing key: Ed25519 (RFC 8032), as checkpoints need.

use model::{Error, Result};

use crate::{
    raw::{self, Pkey, Scheme},
    secmem::Guarded,
};

/// Length of an Ed25519 seed in bytes.
const SEED_LEN: usize = 32;
/// DER before the 32 bytes of an Ed25519 SubjectPublicKeyInfo (RFC 8410).
const SPKI_PREFIX: [u8; 12] =
    [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// The key that signs checkpoints.
pub struct LogKey {
    /// Seed and public key, 64 bytes: what signing reads, without the heap.
    pair: Guarded,
    public: [u8; 32],
}

impl LogKey {
    /// A new one, which has signed and verified.
    pub fn generate() -> Result<Self> {
        let key = Self::from_seed(&Guarded::random(SEED_LEN)?)?;
        if !verify(&key.public, b"consistency", &key.sign(b"consistency")?) {
            crate::state::enter_error_state("a new log key failed its consistency test");
            return Err(Error::Unavailable(model::error::Unavailable::Crypto));
        }
        Ok(key)
    }

    pub(crate) fn from_seed(seed: &Guarded) -> Result<Self> {
        let length = |_| Error::Internal("a log key has another length");
        let seed: &[u8; SEED_LEN] = seed.expose().try_into().map_err(length)?;
        let mut public = [0; 32];
        let pair = Guarded::filled(2 * SEED_LEN, |pair| {
            let pair = pair.try_into().map_err(length)?;
            public = raw::ed25519_expand(seed, pair);
            Ok(())
        })?;
        Ok(Self { pair, public })
    }

    pub(crate) fn seed(&self) -> &[u8] {
        &self.pair.expose()[..SEED_LEN]
    }

    /// Signs. It needs no memory, so a full secret memory does not stop the log; only the
    /// module's error state does.
    pub fn sign(&self, message: &[u8]) -> Result<[u8; 64]> {
        crate::state::ready()?;
        Ok(raw::ed25519_sign(self.pair.expose(), message))
    }

    /// The 32 bytes of the public key.
    pub fn public(&self) -> [u8; 32] {
        self.public
    }
}

/// Whether `signature` is one of `message` by the key of `public`. It holds no secret, so it
/// works before [`crate::start`]: an auditor's tool needs no secret memory. Nothing is genuine to
/// a module in its error state.
pub fn verify(public: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    let spki = [&SPKI_PREFIX[..], public].concat();
    let genuine = |key: Pkey| key.verify(Scheme::Message, message, signature);
    crate::state::not_failed().is_ok()
        && Pkey::from_spki(&spki).is_some_and(|key| genuine(key).unwrap_or(false))
}
