//! Key encapsulation: ML-KEM-512, ML-KEM-768 and ML-KEM-1024 (FIPS 203).

use model::{
    Error, Process, Protect, Result, Secret, Usable,
    algorithm::KeyUsage,
    error::{Invalid, Unauthentic},
};

use crate::{material::Loaded, raw::Pkey};

/// A fresh shared secret of 32 bytes, and its encapsulation: 768, 1088 or 1568 bytes.
pub fn encapsulate(key: Usable<'_, Protect>, loaded: &Loaded) -> Result<(Vec<u8>, Secret)> {
    kem_key(&key, loaded)?.encapsulate()
}

/// The shared secret of an encapsulation. One that is not genuine gives a secret that nobody
/// else has (implicit rejection); one of another length is [`Unauthentic::Ciphertext`].
pub fn decapsulate(key: Usable<'_, Process>, loaded: &Loaded, ciphertext: &[u8]) -> Result<Secret> {
    kem_key(&key, loaded)?
        .decapsulate(ciphertext)?
        .ok_or(Error::NotAuthentic(Unauthentic::Ciphertext))
}

fn kem_key<'l, D>(key: &Usable<'_, D>, loaded: &'l Loaded) -> Result<&'l Pkey> {
    loaded.cleared(key)?;
    let (spec, usage) = (loaded.spec(), KeyUsage::EncapsulateDecapsulate);
    loaded
        .asymmetric()
        .filter(|_| spec.usages().contains(&usage))
        .ok_or(Error::Invalid(Invalid::UsageNotForSpec(usage, spec)))
}
