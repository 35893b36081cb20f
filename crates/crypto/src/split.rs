//! Secrets split into parts, as protocols have it (KMIP 1.4, 2.2.5; 2.1, 13.1): by XOR, or by
//! Shamir's polynomials, whose values at 1, 2 and so on are the parts.
//!
//! Unlike [`crate::unseal`]'s shares these say nothing of themselves: who keeps them keeps their
//! numbers, threshold and method, and wrong parts give a wrong secret.

use model::{
    Error, Result,
    error::Invalid,
    limits,
    raw::{ByteField, SplitMethod},
};

use crate::{gf256, secmem::Guarded};

mod prime;

/// How a secret is split.
#[derive(Clone, Copy)]
pub struct Scheme<'a> {
    /// By which method.
    pub method: SplitMethod,
    /// How many parts give the secret back: with XOR, all.
    pub threshold: u32,
    /// The prime of [`SplitMethod::PrimeField`], big-endian; nothing else has one.
    pub prime: Option<&'a [u8]>,
}

/// Splits a secret into `parts` parts, at most [`limits::SPLIT_PARTS_MAX`], the first of which has
/// number 1. Parts are as long as the secret, or, in a prime field, as the prime.
///
/// The secret is of whole elements of the field: two bytes each in that of 65,536 elements. A prime
/// field's prime is longer than the secret, at most [`limits::SPLIT_PRIME_BITS_MAX`] bits, and
/// is tested to be one. Anything else fails with [`Invalid::OutOfRange`].
pub fn split(scheme: &Scheme<'_>, parts: u32, secret: &Guarded) -> Result<Vec<Guarded>> {
    crate::state::ready()?;
    if scheme.threshold == 0 || scheme.threshold > parts {
        return Err(out_of_range("the threshold of a split key"));
    }
    if parts > limits::SPLIT_PARTS_MAX {
        return Err(out_of_range("the number of parts of a split key"));
    }
    if secret.is_empty() {
        return Err(out_of_range("the length of a split key"));
    }
    match (scheme.method, scheme.prime) {
        (SplitMethod::Xor, None) if scheme.threshold == parts => split_xor(parts, secret),
        (SplitMethod::Xor, None) => Err(out_of_range("the threshold of a split key")),
        (SplitMethod::Gf256(field), None) => {
            BinaryField::of_bytes(field).split(scheme.threshold, parts, secret)
        }
        (SplitMethod::Gf65536(field), None) => {
            BinaryField::of_pairs(field).split(scheme.threshold, parts, secret)
        }
        (SplitMethod::PrimeField, Some(prime)) => {
            prime::split(prime, scheme.threshold, parts, secret)
        }
        (_, Some(_)) | (SplitMethod::PrimeField, None) => Err(no_such_prime()),
    }
}

/// Gives back the secret of `len` bytes from numbered parts, of which there are at least as many
/// as the threshold; more than that are not looked at.
///
/// Fails with [`Invalid::OutOfRange`] when there are too few or a number stands twice or is none,
/// when parts have not the length that `len` and the method imply, and when what they give is
/// longer than `len`, which only a prime field notices.
pub fn join(scheme: &Scheme<'_>, parts: &[(u32, &Guarded)], len: usize) -> Result<Guarded> {
    crate::state::ready()?;
    let distinct = |(i, part): (usize, &(u32, _))| {
        part.0 != 0 && parts[..i].iter().all(|earlier| earlier.0 != part.0)
    };
    if !parts.iter().enumerate().all(distinct) {
        return Err(no_such_parts());
    }
    let threshold = usize::try_from(scheme.threshold).unwrap_or(usize::MAX);
    let enough = parts.get(..threshold).filter(|enough| !enough.is_empty());
    let enough = enough.ok_or_else(no_such_parts)?;
    match (scheme.method, scheme.prime) {
        (SplitMethod::Xor, None) if parts.len() == threshold => join_xor(parts, len),
        (SplitMethod::Xor, None) => Err(no_such_parts()),
        (SplitMethod::Gf256(field), None) => BinaryField::of_bytes(field).join(enough, len),
        (SplitMethod::Gf65536(field), None) => BinaryField::of_pairs(field).join(enough, len),
        (SplitMethod::PrimeField, Some(prime)) => prime::join(prime, enough, len),
        (_, Some(_)) | (SplitMethod::PrimeField, None) => Err(no_such_prime()),
    }
}

fn out_of_range(what: &'static str) -> Error {
    Error::Invalid(Invalid::OutOfRange(what))
}

fn no_such_parts() -> Error {
    out_of_range("the parts of a split key")
}

fn no_such_prime() -> Error {
    out_of_range("the prime of a split key")
}

/// All parts but the last are random.
fn split_xor(parts: u32, secret: &Guarded) -> Result<Vec<Guarded>> {
    let mut split = Vec::new();
    for _ in 1..parts {
        split.push(Guarded::random(secret.len())?);
    }
    split.push(xor(split.iter().chain([secret]), secret.len())?);
    Ok(split)
}

fn join_xor(parts: &[(u32, &Guarded)], len: usize) -> Result<Guarded> {
    check_lengths(parts, len)?;
    xor(parts.iter().map(|part| part.1), len)
}

fn xor<'a>(parts: impl Iterator<Item = &'a Guarded>, len: usize) -> Result<Guarded> {
    Guarded::filled(len, |sum| {
        for part in parts {
            for (byte, other) in sum.iter_mut().zip(part.expose()) {
                *byte ^= other;
            }
        }
        Ok(())
    })
}

fn check_lengths(parts: &[(u32, &Guarded)], len: usize) -> Result<()> {
    let fits = len != 0 && parts.iter().all(|part| part.1.len() == len);
    if fits { Ok(()) } else { Err(no_such_parts()) }
}

/// A field of 256 or 65,536 elements, where addition and subtraction are XOR. As in [`gf256`], the
/// time does not depend on the values.
#[derive(Clone, Copy)]
struct BinaryField {
    /// Of the field of bytes: see [`gf256`].
    reduction: u8,
    /// Bytes of an element: one, or two, those of u y + v being u and v.
    width: usize,
}

impl BinaryField {
    /// m of y^2 + y + m, modulo which the elements are that have two bytes.
    const M: u8 = 0x3a;

    fn of_bytes(field: ByteField) -> Self {
        let reduction = match field {
            ByteField::Fips197 => gf256::FIPS_197,
            ByteField::ReedSolomon => gf256::REED_SOLOMON,
        };
        Self { reduction, width: 1 }
    }

    fn of_pairs(field: ByteField) -> Self {
        Self { width: 2, ..Self::of_bytes(field) }
    }

    /// How many elements there are besides zero.
    fn units(self) -> u32 {
        if self.width == 1 { u8::MAX.into() } else { u16::MAX.into() }
    }

    fn split(self, threshold: u32, parts: u32, secret: &Guarded) -> Result<Vec<Guarded>> {
        if !secret.len().is_multiple_of(self.width) {
            return Err(out_of_range("the length of a split key"));
        }
        // The coefficients of each degree from 1 up, of all elements.
        let mut rows = Vec::new();
        for _ in 1..threshold {
            rows.push(Guarded::random(secret.len())?);
        }
        (1..=parts)
            .map(|number| {
                let x = self.element(number).ok_or_else(no_such_parts)?;
                Guarded::filled(secret.len(), |part| {
                    // Horner's rule, from the highest degree down.
                    for row in rows.iter().rev().chain([secret]) {
                        self.add_to_multiple(part, x, row.expose());
                    }
                    Ok(())
                })
            })
            .collect()
    }

    fn join(self, parts: &[(u32, &Guarded)], len: usize) -> Result<Guarded> {
        check_lengths(parts, len)?;
        if !len.is_multiple_of(self.width) {
            return Err(no_such_parts());
        }
        let numbers = parts.iter().map(|part| self.element(part.0));
        let numbers = numbers.collect::<Option<Vec<_>>>().ok_or_else(no_such_parts)?;
        Guarded::filled(len, |secret| {
            for (&x, part) in numbers.iter().zip(parts) {
                let weight = self.weight(x, &numbers);
                let elements = part.1.expose().chunks(self.width);
                for (at, element) in secret.chunks_mut(self.width).zip(elements) {
                    let share = self.multiply(read(element), weight);
                    write(read(at) ^ share, at);
                }
            }
            Ok(())
        })
    }

    /// Every element of `sum` times x, plus that of `row`.
    fn add_to_multiple(self, sum: &mut [u8], x: u16, row: &[u8]) {
        for (at, element) in sum.chunks_mut(self.width).zip(row.chunks(self.width)) {
            write(self.multiply(read(at), x) ^ read(element), at);
        }
    }

    /// Lagrange's weight at zero: the product over the other numbers of x / (x + own).
    fn weight(self, own: u16, numbers: &[u16]) -> u16 {
        let others = numbers.iter().filter(|x| **x != own);
        others.fold(1, |product, &x| self.multiply(product, self.multiply(x, self.invert(x ^ own))))
    }

    /// The element that a part's number stands for, if it is one besides zero.
    fn element(self, number: u32) -> Option<u16> {
        let fits = (1..=self.units()).contains(&number);
        u16::try_from(number).ok().filter(|_| fits)
    }

    fn byte_product(self, a: u8, b: u8) -> u8 {
        gf256::multiply(a, b, self.reduction)
    }

    /// Product. Of (r y + s) (u y + v) with y^2 = y + m: ((r + s)(u + v) + s v) y + (s v + r u m).
    /// An element of one byte has no y.
    fn multiply(self, a: u16, b: u16) -> u16 {
        let ([r, s], [u, v]) = (a.to_be_bytes(), b.to_be_bytes());
        let low = self.byte_product(s, v);
        if self.width == 1 {
            return low.into();
        }
        let high = self.byte_product(r ^ s, u ^ v) ^ low;
        u16::from_be_bytes([high, low ^ self.byte_product(self.byte_product(r, u), Self::M)])
    }

    /// Inverse; 0 for 0. Of u y + v: u / d y + (u + v) / d, where d is v (u + v) + u^2 m.
    fn invert(self, a: u16) -> u16 {
        let [u, v] = a.to_be_bytes();
        if self.width == 1 {
            return gf256::invert(v, self.reduction).into();
        }
        let squared = self.byte_product(self.byte_product(u, u), Self::M);
        let inverse = gf256::invert(self.byte_product(v, u ^ v) ^ squared, self.reduction);
        u16::from_be_bytes([self.byte_product(u, inverse), self.byte_product(u ^ v, inverse)])
    }
}

/// An element from its one or two bytes.
fn read(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |element, &byte| element << 8 | u16::from(byte))
}

/// An element to its one or two bytes.
fn write(element: u16, bytes: &mut [u8]) {
    let len = bytes.len();
    bytes.copy_from_slice(&element.to_be_bytes()[2 - len..]);
}

#[cfg(test)]
mod tests;
