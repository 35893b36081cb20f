//! Whole numbers of any length, of AWS-LC. Those that are made inside
//! [`in_secret_memory`](super::in_secret_memory) are there; all are wiped when dropped.

use std::ptr::{self, NonNull};

use aws_lc_sys as sys;
use model::{Result, Secret};

use super::{check, failed};

/// A number that is not negative.
pub(crate) struct Number(NonNull<sys::BIGNUM>);

impl Drop for Number {
    fn drop(&mut self) {
        // SAFETY: owned since `new`.
        unsafe { sys::BN_clear_free(self.0.as_ptr()) }
    }
}

/// Room for what arithmetic needs besides its operands.
pub(crate) struct Scratch(NonNull<sys::BN_CTX>);

impl Drop for Scratch {
    fn drop(&mut self) {
        // SAFETY: owned since `new`.
        unsafe { sys::BN_CTX_free(self.0.as_ptr()) }
    }
}

impl Scratch {
    pub(crate) fn new() -> Result<Self> {
        // SAFETY: of our own.
        NonNull::new(unsafe { sys::BN_CTX_new() }).map(Self).ok_or_else(failed)
    }

    fn at(&self) -> *mut sys::BN_CTX {
        self.0.as_ptr()
    }
}

/// What a calculation of AWS-LC writes into a new number.
fn result(calculate: impl FnOnce(*mut sys::BIGNUM) -> i32) -> Result<Number> {
    let number = Number::zero()?;
    check(calculate(number.at_mut()))?;
    Ok(number)
}

impl Number {
    pub(crate) fn zero() -> Result<Self> {
        // SAFETY: of our own.
        NonNull::new(unsafe { sys::BN_new() }).map(Self).ok_or_else(failed)
    }

    /// Of big-endian bytes.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let number = Self::zero()?;
        // SAFETY: pointer and length are a slice's; the number is live.
        let at = unsafe { sys::BN_bin2bn(bytes.as_ptr(), bytes.len(), number.at_mut()) };
        if at.is_null() { Err(failed()) } else { Ok(number) }
    }

    /// Of a small number.
    pub(crate) fn of(small: u32) -> Result<Self> {
        Self::from_bytes(&small.to_be_bytes())
    }

    pub(super) fn at(&self) -> *const sys::BIGNUM {
        self.0.as_ptr()
    }

    fn at_mut(&self) -> *mut sys::BIGNUM {
        self.0.as_ptr()
    }

    /// Gives it away: whoever takes it frees it.
    pub(super) fn into_raw(self) -> *mut sys::BIGNUM {
        let at = self.0.as_ptr();
        std::mem::forget(self);
        at
    }

    /// How many bytes it takes without leading zeros.
    pub(crate) fn len(&self) -> usize {
        // SAFETY: a live number.
        unsafe { len(self.at()) }
    }

    /// How many bits it takes.
    pub(crate) fn bits(&self) -> usize {
        // SAFETY: a live number.
        unsafe { sys::BN_num_bits(self.at()) as usize }
    }

    /// Writes it big-endian, with leading zeros. Fails when it is longer than `out`.
    pub(crate) fn write(&self, out: &mut [u8]) -> Result<()> {
        // SAFETY: pointer and length are a slice's; the number is live.
        check(unsafe { sys::BN_bn2bin_padded(out.as_mut_ptr(), out.len(), self.at()) })
    }

    pub(crate) fn is_one(&self) -> bool {
        // SAFETY: a live number.
        unsafe { sys::BN_is_one(self.at()) == 1 }
    }

    pub(crate) fn is_odd(&self) -> bool {
        // SAFETY: a live number.
        unsafe { sys::BN_is_odd(self.at()) == 1 }
    }

    pub(crate) fn is_less_than(&self, other: &Self) -> bool {
        // SAFETY: live numbers.
        unsafe { sys::BN_ucmp(self.at(), other.at()) < 0 }
    }

    pub(crate) fn equals(&self, other: &Self) -> bool {
        // SAFETY: live numbers.
        unsafe { sys::BN_ucmp(self.at(), other.at()) == 0 }
    }

    /// Less one; it is not zero.
    pub(crate) fn less_one(&self) -> Result<Self> {
        let one = Self::of(1)?;
        // SAFETY: live numbers.
        result(|out| unsafe { sys::BN_sub(out, self.at(), one.at()) })
    }

    /// Without its factors of two, and how many these are.
    pub(crate) fn odd_part(&self) -> Result<(Self, usize)> {
        // SAFETY: a live number.
        let twos = unsafe { sys::BN_count_low_zero_bits(self.at()) };
        // SAFETY: live numbers.
        let odd = result(|out| unsafe { sys::BN_rshift(out, self.at(), twos) })?;
        Ok((odd, usize::try_from(twos).map_err(|_| failed())?))
    }

    pub(crate) fn times(&self, other: &Self, scratch: &Scratch) -> Result<Self> {
        // SAFETY: live numbers and a live context.
        result(|out| unsafe { sys::BN_mul(out, self.at(), other.at(), scratch.at()) })
    }

    /// The greatest common divisor.
    pub(crate) fn common_divisor(&self, other: &Self, scratch: &Scratch) -> Result<Self> {
        // SAFETY: live numbers and a live context.
        result(|out| unsafe { sys::BN_gcd(out, self.at(), other.at(), scratch.at()) })
    }

    /// The quotient, rounded down.
    pub(crate) fn over(&self, divisor: &Self, scratch: &Scratch) -> Result<Self> {
        let (from, by) = (self.at(), divisor.at());
        // SAFETY: live numbers and a live context; the remainder is not asked for.
        result(|out| unsafe { sys::BN_div(out, ptr::null_mut(), from, by, scratch.at()) })
    }

    /// The remainder.
    pub(crate) fn modulo(&self, modulus: &Self, scratch: &Scratch) -> Result<Self> {
        // SAFETY: live numbers and a live context.
        result(|out| unsafe { sys::BN_nnmod(out, self.at(), modulus.at(), scratch.at()) })
    }

    /// The inverse; fails when there is none.
    pub(crate) fn inverse(&self, modulus: &Self, scratch: &Scratch) -> Result<Self> {
        let inverse = Self::zero()?;
        // SAFETY: live numbers and a live context; the result goes where we say.
        let at =
            unsafe { sys::BN_mod_inverse(inverse.at_mut(), self.at(), modulus.at(), scratch.at()) };
        if at.is_null() { Err(failed()) } else { Ok(inverse) }
    }

    /// Whether it is prime, as far as `rounds` of Miller and Rabin's test with random bases say:
    /// what is not passes with a probability of at most 4^-rounds.
    pub(crate) fn is_prime(&self, rounds: i32, scratch: &Scratch) -> Result<bool> {
        let mut prime = 0;
        // SAFETY: a live number and a live context; no callback.
        check(unsafe {
            let (at, none) = (self.at(), ptr::null_mut());
            sys::BN_primality_test(&raw mut prime, at, rounds, scratch.at(), 1, none)
        })?;
        Ok(prime == 1)
    }
}

/// An odd modulus, and arithmetic with it in a time that depends on its length only (Montgomery
/// multiplication).
pub(crate) struct Modulus<'a> {
    number: &'a Number,
    montgomery: NonNull<sys::BN_MONT_CTX>,
    scratch: Scratch,
}

impl Drop for Modulus<'_> {
    fn drop(&mut self) {
        // SAFETY: owned since `new`.
        unsafe { sys::BN_MONT_CTX_free(self.montgomery.as_ptr()) }
    }
}

/// A factor that other numbers are multiplied by.
pub(crate) struct Factor(Number);

impl<'a> Modulus<'a> {
    /// Fails when it is even.
    pub(crate) fn new(number: &'a Number) -> Result<Self> {
        let scratch = Scratch::new()?;
        // SAFETY: a live number and a live context.
        let made = unsafe { sys::BN_MONT_CTX_new_for_modulus(number.at(), scratch.at()) };
        let montgomery = NonNull::new(made).ok_or_else(failed)?;
        Ok(Self { number, montgomery, scratch })
    }

    pub(crate) fn number(&self) -> &Number {
        self.number
    }

    pub(crate) fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    /// Any number below the modulus, as likely as any other.
    pub(crate) fn random(&self) -> Result<Number> {
        // SAFETY: live numbers.
        result(|out| unsafe { sys::BN_rand_range_ex(out, 0, self.number.at()) })
    }

    /// A number below the modulus, to multiply by.
    pub(crate) fn factor(&self, number: &Number) -> Result<Factor> {
        let montgomery = self.montgomery.as_ptr();
        // SAFETY: live numbers and contexts.
        result(|out| unsafe {
            sys::BN_to_montgomery(out, number.at(), montgomery, self.scratch.at())
        })
        .map(Factor)
    }

    /// The product; both are below the modulus.
    pub(crate) fn product(&self, number: &Number, factor: &Factor) -> Result<Number> {
        let (a, b, montgomery) = (number.at(), factor.0.at(), self.montgomery.as_ptr());
        // SAFETY: live numbers and contexts.
        result(|out| unsafe {
            sys::BN_mod_mul_montgomery(out, a, b, montgomery, self.scratch.at())
        })
    }

    /// The sum; both are below the modulus.
    pub(crate) fn sum(&self, a: &Number, b: &Number) -> Result<Number> {
        // SAFETY: live numbers.
        result(|out| unsafe { sys::BN_mod_add_quick(out, a.at(), b.at(), self.number.at()) })
    }

    /// The difference; both are below the modulus.
    pub(crate) fn difference(&self, a: &Number, b: &Number) -> Result<Number> {
        // SAFETY: live numbers.
        result(|out| unsafe { sys::BN_mod_sub_quick(out, a.at(), b.at(), self.number.at()) })
    }

    /// The inverse of a number below the modulus that is no secret; fails when there is none.
    pub(crate) fn inverse(&self, number: &Number) -> Result<Number> {
        number.inverse(self.number, &self.scratch)
    }

    /// A number below the modulus to the power of another.
    pub(crate) fn power(&self, base: &Number, exponent: &Number) -> Result<Number> {
        let (a, p, m) = (base.at(), exponent.at(), self.number.at());
        // SAFETY: live numbers and contexts.
        result(|out| unsafe {
            let montgomery = self.montgomery.as_ptr();
            sys::BN_mod_exp_mont_consttime(out, a, p, m, self.scratch.at(), montgomery)
        })
    }
}

/// How many bytes a number takes without leading zeros.
///
/// # Safety
/// `number` is live.
unsafe fn len(number: *const sys::BIGNUM) -> usize {
    // SAFETY: as the caller says.
    unsafe { sys::BN_num_bytes(number) as usize }
}

/// The bytes of a number of AWS-LC's, without leading zeros; `None` where there is none.
///
/// # Safety
/// `number` is live or null.
pub(super) unsafe fn bytes(number: *const sys::BIGNUM) -> Result<Option<Vec<u8>>> {
    if number.is_null() {
        return Ok(None);
    }
    // SAFETY: it is live; pointer and length are a slice's.
    unsafe {
        let mut out = vec![0; len(number)];
        check(sys::BN_bn2bin_padded(out.as_mut_ptr(), out.len(), number))?;
        Ok(Some(out))
    }
}

/// The same of a number that is secret.
///
/// # Safety
/// `number` is live or null.
pub(super) unsafe fn secret(number: *const sys::BIGNUM) -> Result<Option<Secret>> {
    // SAFETY: as the caller says. The vector is never grown.
    Ok(unsafe { bytes(number)? }.map(Secret::new))
}
