//! Message authentication codes: HMAC (FIPS 198-1), and the signing keys of AWS Signature
//! Version 4.

use model::{Result, algorithm::Hash};
use subtle::ConstantTimeEq;

use crate::{
    raw::{self, PREPARED_LEN_MAX, Wiped},
    secmem::Guarded,
};

/// HMAC of `data`, `hash.digest_len()` bytes.
pub fn hmac(hash: Hash, key: &Guarded, data: &[u8]) -> Result<Vec<u8>> {
    crate::state::ready()?;
    let mut code = vec![0; hash.digest_len()];
    raw::hmac(hash, key.expose(), data, &mut code);
    Ok(code)
}

/// Whether `a` and `b` are the same bytes, in a time that depends on their lengths only.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// An HMAC key in secret memory, as HMAC's two states after its key blocks: half the work of
/// each short code is done once. With SHA-3 it is the key itself.
pub(crate) struct PreparedKey {
    hash: Hash,
    prepared: Guarded,
}

impl PreparedKey {
    pub(crate) fn new(hash: Hash, key: &[u8]) -> Result<Self> {
        if !raw::hmac_prepares(hash) {
            return Ok(Self { hash, prepared: Guarded::copy_of(key)? });
        }
        let mut states = Wiped::<PREPARED_LEN_MAX>::zeroed();
        let len = raw::hmac_prepare(hash, key, &mut states.0)?;
        Ok(Self { hash, prepared: Guarded::copy_of(&states.0[..len])? })
    }

    /// The codes of the inputs, one after the other into `out`, which is as long as they are
    /// together.
    pub(crate) fn codes(&self, inputs: &[&[u8]], out: &mut [u8]) {
        if raw::hmac_prepares(self.hash) {
            raw::hmac_prepared(self.hash, self.prepared.expose(), inputs, out);
            return;
        }
        for (input, code) in inputs.iter().zip(out.chunks_mut(self.hash.digest_len())) {
            raw::hmac(self.hash, self.prepared.expose(), input, code);
        }
    }
}

/// The key of one day, region and service that an access key's secret gives (SigV4), in secret
/// memory and ready to use.
pub struct SigV4Key(PreparedKey);

impl SigV4Key {
    /// Derives it: `date` as `YYYYMMDD`.
    pub fn derive(secret: &Guarded, date: &str, region: &str, service: &str) -> Result<Self> {
        crate::state::ready()?;
        let secret = secret.expose();
        let first = Guarded::filled(4 + secret.len(), |key| {
            key[..4].copy_from_slice(b"AWS4");
            key[4..].copy_from_slice(secret);
            Ok(())
        })?;
        let (mut key, mut next) = (Wiped::<32>::zeroed(), Wiped::<32>::zeroed());
        raw::hmac(Hash::Sha256, first.expose(), date.as_bytes(), &mut key.0);
        for part in [region, service, "aws4_request"] {
            raw::hmac(Hash::Sha256, &key.0, part.as_bytes(), &mut next.0);
            key.0.copy_from_slice(&next.0);
        }
        Ok(Self(PreparedKey::new(Hash::Sha256, &key.0)?))
    }

    /// The signature of a string to sign.
    pub fn sign(&self, string_to_sign: &[u8]) -> Result<[u8; 32]> {
        crate::state::ready()?;
        let mut signature = [0; 32];
        self.0.codes(&[string_to_sign], &mut signature);
        Ok(signature)
    }
}
