//! A key out of the numbers that it is made of, and these out of it.

use std::ptr::{self, NonNull};

use aws_lc_sys as sys;
use model::{
    Result, Secret,
    algorithm::KeySpec,
    numbers::{DsaNumbers, RsaPrivateNumbers},
};
use sys::point_conversion_form_t as PointForm;

use super::{
    Pkey, failed,
    form::{Dsa, EcKey, Rsa},
    kind,
};
use crate::raw::{
    bignum::{self, Modulus, Number, Scratch},
    check, in_secret_memory,
};

/// Longest modulus of which a private key is made, in bits.
const MODULUS_BITS_MAX: usize = 8192;
/// Longest public exponent, in bits: AWS-LC's.
const EXPONENT_BITS_MAX: usize = 33;
/// Bases that are tried to factor a modulus; each fails with a probability of at most a half.
const BASES: u32 = 100;

/// A point of our own.
struct Point(NonNull<sys::EC_POINT>);

impl Drop for Point {
    fn drop(&mut self) {
        // SAFETY: owned since `new`.
        unsafe { sys::EC_POINT_free(self.0.as_ptr()) }
    }
}

impl Point {
    fn new(group: *const sys::EC_GROUP) -> Result<Self> {
        // SAFETY: the groups are static.
        NonNull::new(unsafe { sys::EC_POINT_new(group) }).map(Self).ok_or_else(failed)
    }

    fn at(&self) -> *mut sys::EC_POINT {
        self.0.as_ptr()
    }
}

impl Pkey {
    /// n and e of an RSA key; `None` when it is not RSA.
    pub(crate) fn rsa_public_numbers(&self) -> Result<Option<(Vec<u8>, Vec<u8>)>> {
        let Some(rsa) = self.rsa() else { return Ok(None) };
        // SAFETY: a live key; its numbers live as long, or are null.
        let (n, e) =
            unsafe { (bignum::bytes(sys::RSA_get0_n(rsa))?, bignum::bytes(sys::RSA_get0_e(rsa))?) };
        Ok(Some((n.ok_or_else(failed)?, e.ok_or_else(failed)?)))
    }

    /// The other numbers of a private RSA key; `None` when it is not RSA.
    pub(crate) fn rsa_private_numbers(&self) -> Result<Option<RsaPrivateNumbers>> {
        let Some(rsa) = self.rsa() else { return Ok(None) };
        // SAFETY: a live key; its numbers live as long, or are null.
        unsafe {
            Ok(Some(RsaPrivateNumbers {
                exponent: bignum::secret(sys::RSA_get0_d(rsa))?,
                p: bignum::secret(sys::RSA_get0_p(rsa))?,
                q: bignum::secret(sys::RSA_get0_q(rsa))?,
                p_exponent: bignum::secret(sys::RSA_get0_dmp1(rsa))?,
                q_exponent: bignum::secret(sys::RSA_get0_dmq1(rsa))?,
                q_inverse: bignum::secret(sys::RSA_get0_iqmp(rsa))?,
            }))
        }
    }

    /// An RSA key of n, e and what there is of the private numbers. AWS-LC checks them to belong
    /// together.
    pub(crate) fn from_rsa_numbers(
        n: &[u8],
        e: &[u8],
        private: &RsaPrivateNumbers,
    ) -> Result<Self> {
        in_secret_memory(|| {
            let (n, e) = (Number::from_bytes(n)?, Number::from_bytes(e)?);
            if !n.is_odd() || n.bits() > MODULUS_BITS_MAX || e.bits() > EXPONENT_BITS_MAX {
                return Err(failed());
            }
            let whole = WholeRsa::of(&n, &e, private)?;
            // SAFETY: live numbers, which are copied.
            let made = unsafe {
                let ([d, p, q], [dp, dq, inverse]) = (whole.first(), whole.second());
                sys::RSA_new_private_key(n.at(), e.at(), d, p, q, dp, dq, inverse)
            };
            Rsa::of(made)?.pkey()
        })
    }

    /// An RSA public key of n and e.
    pub(crate) fn from_public_rsa_numbers(n: &[u8], e: &[u8]) -> Result<Self> {
        let (n, e) = (Number::from_bytes(n)?, Number::from_bytes(e)?);
        // SAFETY: live numbers, which are copied.
        Rsa::of(unsafe { sys::RSA_new_public_key(n.at(), e.at()) })?.pkey()
    }

    /// The numbers of a DSA key, its private one if it is asked for; `None` when it is not DSA.
    pub(crate) fn dsa_numbers(&self, with_private: bool) -> Result<Option<DsaNumbers>> {
        let Some(dsa) = self.dsa() else { return Ok(None) };
        // SAFETY: a live key; its numbers live as long, or are null.
        let [p, q, g, y] = unsafe {
            [
                bignum::bytes(sys::DSA_get0_p(dsa))?,
                bignum::bytes(sys::DSA_get0_q(dsa))?,
                bignum::bytes(sys::DSA_get0_g(dsa))?,
                bignum::bytes(sys::DSA_get0_pub_key(dsa))?,
            ]
        };
        let x = match with_private {
            // SAFETY: the same.
            true => unsafe { bignum::secret(sys::DSA_get0_priv_key(dsa))? },
            false => None,
        };
        let (Some(p), Some(q), Some(g)) = (p, q, g) else { return Err(failed()) };
        Ok(Some(DsaNumbers { p, q, g, x, y }))
    }

    /// A DSA key of its numbers. A public key that is missing beside a private one is computed, one
    /// that is given is checked to be its; and the generator is one of a subgroup of order q. That
    /// p and q are primes is not checked.
    pub(crate) fn from_dsa_numbers(numbers: &DsaNumbers, is_private: bool) -> Result<Self> {
        in_secret_memory(|| {
            let [p, q, g] =
                [&numbers.p, &numbers.q, &numbers.g].map(|number| Number::from_bytes(number));
            let (p, q, g) = (p?, q?, g?);
            if p.bits() > MODULUS_BITS_MAX || !q.is_odd() || !q.is_less_than(&p) {
                return Err(failed());
            }
            let field = Modulus::new(&p)?;
            let fits = |number: &Number| number.is_less_than(&p) && number.bits() > 1;
            if !fits(&g) || !field.power(&g, &q)?.is_one() {
                return Err(failed());
            }
            let x = match (&numbers.x, is_private) {
                (Some(x), true) => Some(Number::from_bytes(x.expose())?),
                (None, true) => return Err(failed()),
                (_, false) => None,
            };
            if x.as_ref().is_some_and(|x| x.bits() == 0 || !x.is_less_than(&q)) {
                return Err(failed());
            }
            let given = numbers.y.as_deref().map(Number::from_bytes).transpose()?;
            let y = match (&x, given) {
                (Some(x), given) => {
                    let y = field.power(&g, x)?;
                    if given.is_some_and(|given| !given.equals(&y)) {
                        return Err(failed());
                    }
                    y
                }
                (None, Some(y)) => y,
                (None, None) => return Err(failed()),
            };
            if !fits(&y) || !field.power(&y, &q)?.is_one() {
                return Err(failed());
            }
            drop(field);
            let dsa = Dsa::new()?;
            dsa.set_domain(p, q, g)?;
            dsa.set_key(y, x)?;
            dsa.pkey()
        })
    }

    /// The public key on a curve, as an uncompressed point; `None` when it is on none.
    pub(crate) fn ec_point(&self) -> Result<Option<Vec<u8>>> {
        self.ec().map(|ec| point_bytes(ec, PointForm::POINT_CONVERSION_UNCOMPRESSED)).transpose()
    }

    /// The same compressed.
    pub(crate) fn compressed_ec_point(&self) -> Result<Option<Vec<u8>>> {
        self.ec().map(|ec| point_bytes(ec, PointForm::POINT_CONVERSION_COMPRESSED)).transpose()
    }

    /// The private key on a curve; `None` when it is on none.
    pub(crate) fn ec_private_number(&self) -> Result<Option<Secret>> {
        let Some(ec) = self.ec() else { return Ok(None) };
        // SAFETY: a live key; its number lives as long, or is null.
        unsafe { bignum::secret(sys::EC_KEY_get0_private_key(ec)) }
    }

    /// A public key on the curve of `spec`, of an encoded point.
    pub(crate) fn from_ec_point(spec: KeySpec, point: &[u8]) -> Result<Self> {
        let (key, group) = on_curve(spec)?;
        let point = decoded(group, point)?;
        // SAFETY: live key and point, which is copied.
        check(unsafe { sys::EC_KEY_set_public_key(key.at(), point.at()) })?;
        key.pkey()
    }

    /// A private key on the curve of `spec`, of its number. A public key that is given as an
    /// encoded point is checked to be its.
    pub(crate) fn from_ec_private_number(
        spec: KeySpec,
        number: &Secret,
        public: Option<&[u8]>,
    ) -> Result<Self> {
        in_secret_memory(|| {
            let (key, group) = on_curve(spec)?;
            let number = Number::from_bytes(number.expose())?;
            // SAFETY: live key and number, which is copied and checked to be in range.
            check(unsafe { sys::EC_KEY_set_private_key(key.at(), number.at()) })?;
            let point = match public {
                Some(public) => decoded(group, public)?,
                None => multiple(group, &number)?,
            };
            // SAFETY: live key and point, which is copied. The check tells whether the two fit.
            unsafe {
                check(sys::EC_KEY_set_public_key(key.at(), point.at()))?;
                check(sys::EC_KEY_check_key(key.at()))?;
            }
            key.pkey()
        })
    }
}

/// An empty key on the curve of `spec`, and the curve.
fn on_curve(spec: KeySpec) -> Result<(EcKey, *const sys::EC_GROUP)> {
    let Some((sys::EVP_PKEY_EC, curve)) = kind(spec) else { return Err(failed()) };
    // SAFETY: the key is our own; its group is static.
    unsafe {
        let key = EcKey::of(sys::EC_KEY_new_by_curve_name(curve))?;
        let group = sys::EC_KEY_get0_group(key.at());
        Ok((key, group))
    }
}

/// A point from its encoding; it is on the curve.
fn decoded(group: *const sys::EC_GROUP, bytes: &[u8]) -> Result<Point> {
    let point = Point::new(group)?;
    // SAFETY: live point; pointer and length are a slice's; no context is needed.
    check(unsafe {
        let (from, len) = (bytes.as_ptr(), bytes.len());
        sys::EC_POINT_oct2point(group, point.at(), from, len, ptr::null_mut())
    })?;
    Ok(point)
}

/// The generator times a number that is in range.
fn multiple(group: *const sys::EC_GROUP, number: &Number) -> Result<Point> {
    let point = Point::new(group)?;
    // SAFETY: live point and number; no other point is added, and no context is needed.
    check(unsafe {
        let (none, number) = (ptr::null(), number.at());
        sys::EC_POINT_mul(group, point.at(), number, none, ptr::null(), ptr::null_mut())
    })?;
    Ok(point)
}

fn point_bytes(ec: *mut sys::EC_KEY, form: PointForm) -> Result<Vec<u8>> {
    // The longest: two coordinates of P-521.
    let mut out = vec![0; 1 + 2 * 66];
    // SAFETY: a live key; writes no more than the length says; no context is needed.
    let len = unsafe {
        let (group, point) = (sys::EC_KEY_get0_group(ec), sys::EC_KEY_get0_public_key(ec));
        let (to, len) = (out.as_mut_ptr(), out.len());
        sys::EC_POINT_point2oct(group, point, form, to, len, ptr::null_mut())
    };
    out.truncate(len);
    if len == 0 { Err(failed()) } else { Ok(out) }
}

/// All private numbers of an RSA key. Those that were missing are computed with arithmetic whose
/// time depends on them: once in the life of a key, which came from elsewhere.
struct WholeRsa {
    d: Number,
    p: Number,
    q: Number,
    p_exponent: Number,
    q_exponent: Number,
    q_inverse: Number,
}

impl WholeRsa {
    fn of(n: &Number, e: &Number, given: &RsaPrivateNumbers) -> Result<Self> {
        let scratch = Scratch::new()?;
        let read = |secret: &Option<Secret>| match secret {
            Some(secret) => Number::from_bytes(secret.expose()).map(Some),
            None => Ok(None),
        };
        let exponent = read(&given.exponent)?;
        let (p, q) = match (read(&given.p)?, read(&given.q)?, &exponent) {
            (Some(p), Some(q), _) => (p, q),
            (Some(p), None, Some(_)) => other_prime(n, p, &scratch)?,
            (None, Some(q), Some(_)) => other_prime(n, q, &scratch).map(|(q, p)| (p, q))?,
            (None, None, Some(d)) => factors(n, e, d, &scratch)?,
            (None, None, None) => match read(&given.p_exponent)? {
                Some(exponent) => prime_of(n, e, &exponent, &scratch)?,
                None => return Err(failed()),
            },
            _ => return Err(failed()),
        };
        let prime = |number: &Number| number.is_odd() && !number.is_one() && number.is_less_than(n);
        if !prime(&p) || !prime(&q) {
            return Err(failed());
        }
        let (p_less, q_less) = (p.less_one()?, q.less_one()?);
        let d = match exponent {
            Some(d) if d.is_less_than(n) => d,
            Some(_) => return Err(failed()),
            None => {
                let order = p_less.times(&q_less, &scratch)?;
                let common = p_less.common_divisor(&q_less, &scratch)?;
                e.inverse(&order.over(&common, &scratch)?, &scratch)?
            }
        };
        let or = |given: Option<Number>, number: &Number, modulus: &Number| match given {
            Some(given) => Ok(given),
            None => number.modulo(modulus, &scratch),
        };
        let q_inverse = match read(&given.q_inverse)? {
            Some(inverse) => inverse,
            None => q.modulo(&p, &scratch)?.inverse(&p, &scratch)?,
        };
        Ok(Self {
            p_exponent: or(read(&given.p_exponent)?, &d, &p_less)?,
            q_exponent: or(read(&given.q_exponent)?, &d, &q_less)?,
            q_inverse,
            d,
            p,
            q,
        })
    }

    fn first(&self) -> [*const sys::BIGNUM; 3] {
        [&self.d, &self.p, &self.q].map(Number::at)
    }

    fn second(&self) -> [*const sys::BIGNUM; 3] {
        [&self.p_exponent, &self.q_exponent, &self.q_inverse].map(Number::at)
    }
}

/// A prime of n and the other one; AWS-LC will check that they are.
fn other_prime(n: &Number, prime: Number, scratch: &Scratch) -> Result<(Number, Number)> {
    let other = n.over(&prime, scratch)?;
    Ok((prime, other))
}

/// The primes of n from the exponent modulo the first less one: to the power of it and e, any base
/// is itself modulo that prime, and hardly any is modulo the other.
fn prime_of(
    n: &Number,
    e: &Number,
    exponent: &Number,
    scratch: &Scratch,
) -> Result<(Number, Number)> {
    if !exponent.is_less_than(n) {
        return Err(failed());
    }
    let modulus = Modulus::new(n)?;
    let whole = exponent.times(e, scratch)?;
    for base in 2..2 + BASES {
        let base = Number::of(base)?;
        if !base.is_less_than(n) {
            break;
        }
        let power = modulus.power(&base, &whole)?;
        let p = modulus.difference(&power, &base)?.common_divisor(n, scratch)?;
        if !p.is_one() && p.is_less_than(n) {
            return other_prime(n, p, scratch);
        }
    }
    Err(failed())
}

/// The primes of n, the larger first, from an exponent pair (SP 800-56B, appendix C.1).
fn factors(n: &Number, e: &Number, d: &Number, scratch: &Scratch) -> Result<(Number, Number)> {
    if !d.is_less_than(n) {
        return Err(failed());
    }
    let multiple = d.times(e, scratch)?.less_one()?;
    let (odd, twos) = multiple.odd_part()?;
    let modulus = Modulus::new(n)?;
    let minus_one = n.less_one()?;
    for base in 2..2 + BASES {
        let mut root = modulus.power(&Number::of(base)?, &odd)?;
        if root.is_one() || root.equals(&minus_one) {
            continue;
        }
        for _ in 0..twos {
            let square = modulus.product(&root, &modulus.factor(&root)?)?;
            if square.is_one() {
                let p = root.less_one()?.common_divisor(n, scratch)?;
                let (p, q) = other_prime(n, p, scratch)?;
                return Ok(if p.is_less_than(&q) { (q, p) } else { (p, q) });
            }
            root = square;
            if root.equals(&minus_one) {
                break;
            }
        }
        if !root.equals(&minus_one) {
            // The base to the power of a multiple of the order is not one: it is none.
            break;
        }
    }
    Err(failed())
}
