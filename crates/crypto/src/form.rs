//! Forms of key material (RFC 5280, RFC 5958).

use model::{Error, Result, Secret, algorithm::KeySpec, error::Invalid, object::Form};

use crate::{raw::Pkey, secmem::Guarded};

const NO_KEY: Error = Error::Invalid(Invalid::OutOfRange("the key"));

/// A private key from a form: its spec, and its PKCS #8.
pub fn private(form: Form, bytes: &[u8]) -> Result<(KeySpec, Guarded)> {
    crate::state::ready()?;
    let key = match form {
        Form::Pkcs8 => Pkey::from_pkcs8(bytes).map_err(|_| NO_KEY)?,
        _ => return Err(NO_KEY),
    };
    let spec = KeySpec::ALL.iter().copied().find(|spec| key.is(*spec)).ok_or(NO_KEY)?;
    Ok((spec, key.pkcs8()?))
}

/// A public key from a form: its spec, and its SubjectPublicKeyInfo.
pub fn public(form: Form, bytes: &[u8]) -> Result<(KeySpec, Vec<u8>)> {
    crate::state::ready()?;
    let key = match form {
        Form::Spki => Pkey::from_spki(bytes).ok_or(NO_KEY)?,
        _ => return Err(NO_KEY),
    };
    let spec = KeySpec::ALL.iter().copied().find(|spec| key.is(*spec)).ok_or(NO_KEY)?;
    Ok((spec, key.spki()?))
}

/// A private key's PKCS #8 in another form.
pub fn write_private(pkcs8: &Guarded, form: Form) -> Result<Secret> {
    crate::state::ready()?;
    match form {
        Form::Pkcs8 => Ok(Secret::new(pkcs8.expose().to_vec())),
        _ => Err(NO_KEY),
    }
}

/// A public key's SubjectPublicKeyInfo in another form.
pub fn write_public(spki: &[u8], form: Form) -> Result<Vec<u8>> {
    crate::state::ready()?;
    match form {
        Form::Spki => Ok(spki.to_vec()),
        _ => Err(NO_KEY),
    }
}
