//! Shamir's polynomials over the integers modulo a prime.

use model::{Error, Result, limits};

use super::{no_such_parts, no_such_prime, out_of_range};
use crate::{
    raw::{Modulus, Number, in_secret_memory},
    secmem::Guarded,
};

/// Rounds of the test that a prime is one: a number that is none passes with a probability of at
/// most 4^-5, and it is its owner's secret that is split with it.
const ROUNDS: i32 = 5;

/// Splits a secret of fewer bits than the prime.
pub(super) fn split(
    prime: &[u8],
    threshold: u32,
    parts: u32,
    secret: &Guarded,
) -> Result<Vec<Guarded>> {
    let prime = read(prime)?;
    if prime.bits() <= 8 * secret.len() {
        return Err(out_of_range("the length of a split key"));
    }
    in_secret_memory(|| {
        let modulus = Modulus::new(&prime).map_err(no_prime)?;
        if !prime.is_prime(ROUNDS, modulus.scratch())? || !Number::of(parts)?.is_less_than(&prime) {
            return Err(no_such_prime());
        }
        let mut coefficients = vec![Number::from_bytes(secret.expose())?];
        for _ in 1..threshold {
            coefficients.push(modulus.random()?);
        }
        (1..=parts).map(|number| value(&modulus, &coefficients, number)).collect()
    })
}

/// The value of a polynomial, whose coefficients are given from the lowest degree up.
fn value(modulus: &Modulus<'_>, coefficients: &[Number], number: u32) -> Result<Guarded> {
    let x = modulus.factor(&Number::of(number)?)?;
    // Horner's rule, from the highest degree down.
    let mut value = Number::of(0)?;
    for coefficient in coefficients.iter().rev() {
        value = modulus.sum(&modulus.product(&value, &x)?, coefficient)?;
    }
    Guarded::filled(modulus.number().len(), |part| value.write(part))
}

/// Joins parts, each below the prime; it is taken to be one.
pub(super) fn join(prime: &[u8], parts: &[(u32, &Guarded)], len: usize) -> Result<Guarded> {
    let prime = read(prime)?;
    in_secret_memory(|| {
        let modulus = Modulus::new(&prime).map_err(no_prime)?;
        let numbers = parts.iter().map(|part| below(&prime, &part.0.to_be_bytes()));
        let numbers = numbers.collect::<Result<Vec<_>>>()?;
        let mut secret = Number::of(0)?;
        for (at, part) in parts.iter().enumerate() {
            let weight = modulus.factor(&weight(&modulus, at, &numbers)?)?;
            let share = modulus.product(&below(&prime, part.1.expose())?, &weight)?;
            secret = modulus.sum(&secret, &share)?;
        }
        if len == 0 || secret.len() > len {
            return Err(no_such_parts());
        }
        Guarded::filled(len, |out| secret.write(out))
    })
}

/// Lagrange's weight at zero of the number at `at`: the product over the others of x / (x - own).
/// Nothing of it is secret.
fn weight(modulus: &Modulus<'_>, at: usize, numbers: &[Number]) -> Result<Number> {
    let (mut over, mut under) = (Number::of(1)?, Number::of(1)?);
    for x in numbers[..at].iter().chain(&numbers[at + 1..]) {
        let difference = modulus.difference(x, &numbers[at])?;
        over = modulus.product(&over, &modulus.factor(x)?)?;
        under = modulus.product(&under, &modulus.factor(&difference)?)?;
    }
    let inverse = modulus.inverse(&under).map_err(no_prime)?;
    modulus.product(&over, &modulus.factor(&inverse)?)
}

/// A prime as far as its length tells; it is no secret.
fn read(prime: &[u8]) -> Result<Number> {
    let prime = Number::from_bytes(prime)?;
    let fits = (2..=limits::SPLIT_PRIME_BITS_MAX).contains(&prime.bits()) && prime.is_odd();
    if fits { Ok(prime) } else { Err(no_such_prime()) }
}

/// A number that has to be below the prime.
fn below(prime: &Number, bytes: &[u8]) -> Result<Number> {
    let number = Number::from_bytes(bytes)?;
    if number.is_less_than(prime) { Ok(number) } else { Err(no_such_parts()) }
}

/// What the library refuses to calculate with is no prime.
fn no_prime(error: Error) -> Error {
    match error {
        Error::Internal(_) => no_such_prime(),
        error => error,
    }
}
