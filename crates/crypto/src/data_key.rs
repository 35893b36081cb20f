//! Data key pairs: made for a caller, who keeps them.

use model::{Error, Result, Secret, algorithm::KeySpec};

use crate::material;

/// A key pair in a caller's encodings.
pub struct Pair {
    /// The private key as PKCS#8 (RFC 5208); ML-DSA and ML-KEM keys as their seed.
    pub private_pkcs8: Secret,
    /// The public key as a DER SubjectPublicKeyInfo (RFC 5280).
    pub public_spki: Vec<u8>,
}

/// A new pair that has passed its consistency test. For asymmetric specs only; slow for RSA.
pub fn pair(spec: KeySpec) -> Result<Pair> {
    if spec.is_symmetric() {
        return Err(Error::Internal("a data key pair of a symmetric spec"));
    }
    let (pkcs8, public_spki) = material::generate_pair(spec)?;
    Ok(Pair { private_pkcs8: Secret::new(pkcs8.expose().to_vec()), public_spki })
}
