//! Keys as the numbers that they are made of: what protocols call transparent keys.
//!
//! Numbers are big-endian. They are read with or without leading zeros, and written without.

use model::{Error, Result, Secret, algorithm::KeySpec, error::Invalid};

pub use crate::raw::RsaPrivateNumbers;
use crate::{
    form::{self, kept, no_key, refused},
    raw::Pkey,
    secmem::Guarded,
};

/// The numbers of an RSA key (RFC 8017, 3).
pub struct RsaNumbers {
    /// n.
    pub modulus: Vec<u8>,
    /// e. Who has a private key without it may try 65537: it is checked.
    pub public_exponent: Vec<u8>,
    /// Of a private key.
    pub private: Option<RsaPrivateNumbers>,
}

/// The numbers of a key on a curve (SEC 1, 3.2).
pub struct EcNumbers {
    /// The curve.
    pub spec: KeySpec,
    /// The private key, if it is known.
    pub d: Option<Secret>,
    /// The public key as a point (SEC 1, 2.3.3): written uncompressed, read compressed too.
    pub q: Option<Vec<u8>>,
}

impl RsaNumbers {
    /// Of a private key, from the PKCS #8 that Strongroom keeps. Another key than RSA has none:
    /// [`Invalid::OutOfRange`] `("the form of a key")`.
    pub fn of_private(pkcs8: &Guarded) -> Result<Self> {
        crate::state::ready()?;
        Self::of(&Pkey::from_pkcs8(pkcs8.expose())?, true)
    }

    /// Of a public key, from the SubjectPublicKeyInfo that Strongroom keeps. Fails as
    /// [`Self::of_private`].
    pub fn of_public(spki: &[u8]) -> Result<Self> {
        crate::state::ready()?;
        Self::of(&kept(spki)?, false)
    }

    fn of(key: &Pkey, private: bool) -> Result<Self> {
        let (modulus, public_exponent) =
            key.rsa_public_numbers()?.ok_or_else(form::no_such_form)?;
        let private = if private { key.rsa_private_numbers()? } else { None };
        Ok(Self { modulus, public_exponent, private })
    }

    /// The private key of these numbers: what it is, and its PKCS #8. Numbers that are no key of
    /// Strongroom's fail as in [`form::private`].
    pub fn private_key(&self) -> Result<(KeySpec, Guarded)> {
        crate::state::ready()?;
        let private = self.private.as_ref().ok_or_else(no_key)?;
        Pkey::from_rsa_numbers(&self.modulus, &self.public_exponent, private)
            .and_then(|key| form::kept_private(&key))
            .map_err(refused)
    }

    /// The public key of these numbers: what it is, and its SubjectPublicKeyInfo. Fails as
    /// [`form::public`].
    pub fn public_key(&self) -> Result<(KeySpec, Vec<u8>)> {
        crate::state::ready()?;
        Pkey::from_public_rsa_numbers(&self.modulus, &self.public_exponent)
            .and_then(|key| form::kept_public(&key))
            .map_err(refused)
    }
}

impl EcNumbers {
    /// Of a private key, from the PKCS #8 that Strongroom keeps: both numbers. Another key than
    /// one on a curve has none: [`Invalid::OutOfRange`] `("the form of a key")`.
    pub fn of_private(pkcs8: &Guarded) -> Result<Self> {
        crate::state::ready()?;
        Self::of(&Pkey::from_pkcs8(pkcs8.expose())?, true)
    }

    /// Of a public key, from the SubjectPublicKeyInfo that Strongroom keeps. Fails as
    /// [`Self::of_private`].
    pub fn of_public(spki: &[u8]) -> Result<Self> {
        crate::state::ready()?;
        Self::of(&kept(spki)?, false)
    }

    fn of(key: &Pkey, private: bool) -> Result<Self> {
        let spec = key.spec().ok_or(Error::Internal("a kept key is of no spec"))?;
        let q = key.ec_point()?.ok_or_else(form::no_such_form)?;
        let d = if private { key.ec_private_number()? } else { None };
        Ok(Self { spec, d, q: Some(q) })
    }

    /// The private key: what it is, and its PKCS #8. A point that is given is checked to be its
    /// public key. Numbers that are no key of Strongroom's fail as in [`form::private`].
    pub fn private_key(&self) -> Result<(KeySpec, Guarded)> {
        crate::state::ready()?;
        let d = self.d.as_ref().ok_or_else(no_key)?;
        let q = self.q.as_deref().map(encoded).transpose()?;
        Pkey::from_ec_private_number(self.spec, d, q)
            .and_then(|key| form::kept_private(&key))
            .map_err(refused)
    }

    /// The public key: what it is, and its SubjectPublicKeyInfo. Fails as [`form::public`].
    pub fn public_key(&self) -> Result<(KeySpec, Vec<u8>)> {
        crate::state::ready()?;
        let q = encoded(self.q.as_deref().ok_or_else(no_key)?)?;
        Pkey::from_ec_point(self.spec, q).and_then(|key| form::kept_public(&key)).map_err(refused)
    }
}

/// A point on the curve of `spec`, compressed (SEC 1, 2.3.3). Fails as [`form::public`].
pub fn compress(spec: KeySpec, point: &[u8]) -> Result<Vec<u8>> {
    crate::state::ready()?;
    let key = Pkey::from_ec_point(spec, encoded(point)?).map_err(refused)?;
    key.compressed_ec_point()?.ok_or_else(no_key)
}

/// A point on the curve of `spec`, compressed or not, uncompressed. Fails as [`form::public`].
pub fn decompress(spec: KeySpec, point: &[u8]) -> Result<Vec<u8>> {
    crate::state::ready()?;
    let key = Pkey::from_ec_point(spec, encoded(point)?).map_err(refused)?;
    key.ec_point()?.ok_or_else(no_key)
}

/// A point that is encoded in one of SEC 1's two ways: not hybrid, as X9.62 also has it.
fn encoded(point: &[u8]) -> Result<&[u8]> {
    match point {
        [2..=4, ..] => Ok(point),
        _ => Err(Error::Invalid(Invalid::OutOfRange("the key"))),
    }
}

#[cfg(test)]
mod tests;
