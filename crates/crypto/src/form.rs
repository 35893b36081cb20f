//! Key pairs in the forms in which others hand them over ([`Form`]): read into the encodings that
//! Strongroom keeps, and written from them.
//!
//! What is read is a key that Strongroom uses, or none: [`Invalid::OutOfRange`] `("the key")` for
//! other algorithms and sizes, for other curves, and for keys whose parts do not belong together.

use model::{
    Error, Result, Secret,
    algorithm::KeySpec,
    canon::Canonical as _,
    error::Invalid,
    numbers::{EcNumbers, Numbers},
    object::Form,
};

use crate::{
    material,
    numbers::{self, no_key},
    raw::Pkey,
    secmem::Guarded,
};

/// Reads a private key in PKCS #1 (RSAPrivateKey), PKCS #8, ECPrivateKey or numbers. What it is, and
/// its PKCS #8 as Strongroom keeps it: curves by name, with the public key, uncompressed.
///
/// AWS-LC checks the numbers to belong together, and the pair then passes the same test as a new
/// one (FIPS 140-3 IG 10.3.A). Numbers that do not are [`Invalid::Parameters`].
pub fn private(form: Form, bytes: &[u8]) -> Result<(KeySpec, Guarded)> {
    crate::state::ready()?;
    read_private(form, bytes).and_then(|key| kept_private(&key)).map_err(refused)
}

/// Reads a public key in PKCS #1 (RSAPublicKey), SubjectPublicKeyInfo or numbers, points compressed
/// or not. What it is, and its SubjectPublicKeyInfo as Strongroom keeps it. Fails as [`private`].
pub fn public(form: Form, bytes: &[u8]) -> Result<(KeySpec, Vec<u8>)> {
    crate::state::ready()?;
    read_public(form, bytes).and_then(|key| kept_public(&key)).map_err(refused)
}

fn read_private(form: Form, bytes: &[u8]) -> Result<Pkey> {
    match form {
        Form::Pkcs1 => Pkey::from_pkcs1(bytes),
        Form::Pkcs8 => Pkey::from_foreign_pkcs8(bytes),
        Form::EcPrivateKey => Pkey::from_ec_private_key(bytes),
        Form::Numbers => numbers::private(&read_numbers(bytes)?),
        Form::Raw | Form::Spki => Err(no_key()),
    }
}

fn read_public(form: Form, bytes: &[u8]) -> Result<Pkey> {
    match form {
        Form::Pkcs1 => Pkey::from_public_pkcs1(bytes),
        Form::Spki => Pkey::from_foreign_spki(bytes),
        Form::Numbers => numbers::public(&read_numbers(bytes)?),
        Form::Raw | Form::Pkcs8 | Form::EcPrivateKey => Err(no_key()),
    }
}

fn read_numbers(bytes: &[u8]) -> Result<Numbers> {
    Numbers::from_canonical(bytes).map_err(|_| no_key())
}

/// The SubjectPublicKeyInfo of a private key, both as Strongroom keeps them.
pub fn public_of(pkcs8: &Guarded) -> Result<Vec<u8>> {
    crate::state::ready()?;
    Pkey::from_pkcs8(pkcs8.expose())?.spki()
}

/// Writes a private key, from the PKCS #8 that Strongroom keeps, as PKCS #8, PKCS #1 (RSA only),
/// ECPrivateKey (keys on curves only) or numbers (both). For a form that the key has none of, fails
/// with [`Invalid::OutOfRange`] `("the form of a key")`.
pub fn write_private(pkcs8: &Guarded, form: Form) -> Result<Secret> {
    crate::state::ready()?;
    private_as(&Pkey::from_pkcs8(pkcs8.expose())?, form)
}

/// Writes a public key, from the SubjectPublicKeyInfo that Strongroom keeps, as that, PKCS #1
/// (RSA only) or numbers. Fails as [`write_private`].
pub fn write_public(spki: &[u8], form: Form) -> Result<Vec<u8>> {
    crate::state::ready()?;
    public_as(&kept(spki)?, form)
}

/// Writes a public key on a curve as a SubjectPublicKeyInfo or numbers, with a compressed point
/// (SEC 1, 2.3.3). Fails as [`write_private`].
pub fn write_compressed(spki: &[u8], form: Form) -> Result<Vec<u8>> {
    crate::state::ready()?;
    let key = kept(spki)?;
    let written = match (form, numbers::of_key(&key, false)?) {
        (Form::Spki, _) => key.compressed_spki()?,
        (Form::Numbers, Some(Numbers::Ec(numbers))) => {
            let q = key.compressed_ec_point()?;
            let compressed = Numbers::Ec(EcNumbers { q, ..numbers });
            Some(compressed.to_canonical())
        }
        _ => None,
    };
    written.ok_or_else(no_such_form)
}

/// Writes a private key that is only stored, as it came in one form, in another. It is of an
/// algorithm or size that Strongroom does not use; what is no key at all has no other form, and
/// fails as [`write_private`].
pub fn rewrite_private((from, bytes): (Form, &[u8]), to: Form) -> Result<Secret> {
    crate::state::ready()?;
    private_as(&read_private(from, bytes).map_err(|_| no_such_form())?, to)
}

/// The same of a public key.
pub fn rewrite_public((from, bytes): (Form, &[u8]), to: Form) -> Result<Vec<u8>> {
    crate::state::ready()?;
    public_as(&read_public(from, bytes).map_err(|_| no_such_form())?, to)
}

/// Length in bits of a key in one of these forms, of any size, as its algorithm counts it; none of
/// what is no key here.
pub fn bits(is_private: bool, form: Form, bytes: &[u8]) -> Option<u32> {
    crate::state::ready().ok()?;
    let read = if is_private { read_private } else { read_public };
    let key = read(form, bytes).ok()?;
    let numbers = numbers::of_key(&key, false).ok()??;
    Some(numbers.bits())
}

fn private_as(key: &Pkey, form: Form) -> Result<Secret> {
    let written = match form {
        Form::Pkcs1 => key.pkcs1()?,
        Form::Pkcs8 => Some(key.pkcs8()?),
        Form::EcPrivateKey => key.ec_private_key()?,
        Form::Numbers => {
            let numbers = numbers::of_key(key, true)?;
            return numbers.map(|numbers| numbers.to_secret()).ok_or_else(no_such_form);
        }
        Form::Raw | Form::Spki => None,
    };
    written.map(|written| Secret::new(written.expose().to_vec())).ok_or_else(no_such_form)
}

fn public_as(key: &Pkey, form: Form) -> Result<Vec<u8>> {
    let written = match form {
        Form::Pkcs1 => key.public_pkcs1()?,
        Form::Spki => Some(key.spki()?),
        Form::Numbers => numbers::of_key(key, false)?.map(|numbers| numbers.to_canonical()),
        Form::Raw | Form::Pkcs8 | Form::EcPrivateKey => None,
    };
    written.ok_or_else(no_such_form)
}

/// The public key of a SubjectPublicKeyInfo that Strongroom wrote.
pub(crate) fn kept(spki: &[u8]) -> Result<Pkey> {
    Pkey::from_spki(spki).ok_or(Error::Internal("a kept public key is none"))
}

/// What a private key is that came from outside, and its PKCS #8; [`refused`] says of what.
pub(crate) fn kept_private(key: &Pkey) -> Result<(KeySpec, Guarded)> {
    let spec = key.spec().ok_or_else(no_key)?;
    let pkcs8 = key.pkcs8()?;
    let public = Pkey::from_spki(&key.spki()?).ok_or_else(no_key)?;
    if material::is_consistent(spec, &Pkey::from_pkcs8(pkcs8.expose())?, &public)? {
        Ok((spec, pkcs8))
    } else {
        Err(no_key())
    }
}

/// What a public key is that came from outside, and its SubjectPublicKeyInfo.
pub(crate) fn kept_public(key: &Pkey) -> Result<(KeySpec, Vec<u8>)> {
    Ok((key.spec().ok_or_else(no_key)?, key.spki()?))
}

/// Of what came from outside, whatever the library refuses is no key of ours.
pub(crate) fn refused(error: Error) -> Error {
    match error {
        Error::Internal(_) => no_key(),
        error => error,
    }
}

pub(crate) fn no_such_form() -> Error {
    Error::Invalid(Invalid::OutOfRange("the form of a key"))
}

#[cfg(test)]
mod tests;
