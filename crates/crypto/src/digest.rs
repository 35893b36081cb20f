//! Hash functions (FIPS 180-4). They hold no key, so they work before [`crate::start`] too.

use aws_lc_rs::digest as aws;
use model::algorithm::Hash;

fn algorithm(hash: Hash) -> &'static aws::Algorithm {
    match hash {
        Hash::Sha1 => &aws::SHA1_FOR_LEGACY_USE_ONLY,
        Hash::Sha224 => &aws::SHA224,
        Hash::Sha256 => &aws::SHA256,
        Hash::Sha384 => &aws::SHA384,
        Hash::Sha512 => &aws::SHA512,
    }
}

/// SHA-256 of `data`.
pub fn sha256(data: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(data);
    hash.finish()
}

/// The digest of `data`, `hash.digest_len()` bytes.
pub fn digest(hash: Hash, data: &[u8]) -> Vec<u8> {
    aws::digest(algorithm(hash), data).as_ref().to_vec()
}

/// SHA-256 of a message that comes in pieces.
pub struct Sha256(aws::Context);

impl Sha256 {
    /// Of nothing yet.
    pub fn new() -> Self {
        Self(aws::Context::new(&aws::SHA256))
    }

    /// Of what came before and then `data`.
    pub fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    /// The digest.
    pub fn finish(self) -> [u8; 32] {
        let mut out = [0; 32];
        out.copy_from_slice(self.0.finish().as_ref());
        out
    }
}

impl Default for Sha256 {
    fn default() -> Self {
        Self::new()
    }
}
