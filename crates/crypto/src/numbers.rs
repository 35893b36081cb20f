//! Keys as the numbers that they are made of ([`model::numbers`]), and of these.

use model::{
    Error, Result,
    error::Invalid,
    numbers::{DsaNumbers, EcNumbers, Numbers, RsaNumbers},
};

use crate::raw::Pkey;

/// Longest modulus, or order of a field, of which a key is made, in bytes. With a longer one no
/// arithmetic is done: it is no key of Strongroom's.
const LEN_MAX: usize = 1024;

/// The numbers of a key, if its algorithm is one whose keys are told so.
pub(crate) fn of_key(key: &Pkey, with_private: bool) -> Result<Option<Numbers>> {
    if let Some((modulus, public_exponent)) = key.rsa_public_numbers()? {
        let private = if with_private { key.rsa_private_numbers()? } else { None };
        return Ok(Some(Numbers::Rsa(RsaNumbers { modulus, public_exponent, private })));
    }
    if let (Some(q), Some(spec)) = (key.ec_point()?, key.spec()) {
        let d = if with_private { key.ec_private_number()? } else { None };
        return Ok(Some(Numbers::Ec(EcNumbers { spec, d, q: Some(q) })));
    }
    Ok(key.dsa_numbers(with_private)?.map(Numbers::Dsa))
}

/// The private key of these numbers, of any size up to 8192 bits. What may be missing is computed,
/// and what is given is checked.
///
/// # Errors
/// [`Invalid::OutOfRange`] `("the key")` for a longer one, [`Invalid::Parameters`] for numbers that
/// are none of a key, or do not belong together.
pub(crate) fn private(numbers: &Numbers) -> Result<Pkey> {
    match numbers {
        Numbers::Rsa(numbers) => rsa_private(numbers),
        Numbers::Ec(numbers) => ec_private(numbers),
        Numbers::Dsa(numbers) => dsa(numbers, true),
    }
}

/// The public key; fails as [`private`].
pub(crate) fn public(numbers: &Numbers) -> Result<Pkey> {
    match numbers {
        Numbers::Rsa(numbers) => rsa_public(numbers),
        Numbers::Ec(numbers) => ec_public(numbers),
        Numbers::Dsa(numbers) => dsa(numbers, false),
    }
}

fn rsa_private(numbers: &RsaNumbers) -> Result<Pkey> {
    let RsaNumbers { modulus, public_exponent, private } = numbers;
    let private = private.as_ref().ok_or_else(inconsistent)?;
    short(modulus)?;
    Pkey::from_rsa_numbers(modulus, public_exponent, private).map_err(none)
}

fn rsa_public(numbers: &RsaNumbers) -> Result<Pkey> {
    short(&numbers.modulus)?;
    Pkey::from_public_rsa_numbers(&numbers.modulus, &numbers.public_exponent).map_err(none)
}

fn ec_private(numbers: &EcNumbers) -> Result<Pkey> {
    let d = numbers.d.as_ref().ok_or_else(inconsistent)?;
    let q = numbers.q.as_deref().map(encoded).transpose()?;
    Pkey::from_ec_private_number(numbers.spec, d, q).map_err(none)
}

fn ec_public(numbers: &EcNumbers) -> Result<Pkey> {
    let q = encoded(numbers.q.as_deref().ok_or_else(inconsistent)?)?;
    Pkey::from_ec_point(numbers.spec, q).map_err(none)
}

fn dsa(numbers: &DsaNumbers, is_private: bool) -> Result<Pkey> {
    short(&numbers.p)?;
    Pkey::from_dsa_numbers(numbers, is_private).map_err(none)
}

/// Leading zeros do not count.
fn short(number: &[u8]) -> Result<()> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    if number.len() - zeros > LEN_MAX { Err(no_key()) } else { Ok(()) }
}

/// Of numbers that came from outside, whatever the library refuses is none of a key.
fn none(error: Error) -> Error {
    match error {
        Error::Internal(_) => inconsistent(),
        error => error,
    }
}

/// A key of no algorithm and size that Strongroom uses, in whatever form.
pub(crate) fn no_key() -> Error {
    Error::Invalid(Invalid::OutOfRange("the key"))
}

fn inconsistent() -> Error {
    Error::Invalid(Invalid::Parameters(
        "The numbers of the key are none of a key, or do not belong together.",
    ))
}

/// A point that is encoded in one of SEC 1's two ways: not hybrid, as X9.62 also has it.
fn encoded(point: &[u8]) -> Result<&[u8]> {
    match point {
        [2..=4, ..] => Ok(point),
        _ => Err(Error::Invalid(Invalid::Parameters(
            "A point of a curve is given compressed or uncompressed, not in another way.",
        ))),
    }
}

#[cfg(test)]
mod tests;
