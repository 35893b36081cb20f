//! Keys that OpenSSL wrote, taken apart and put together.

use model::{Secret, algorithm::KeySpec, numbers::RsaPrivateNumbers, object::Form};

use super::*;
use crate::{
    form::{self, refused},
    secmem::Guarded,
    test_start,
    vectors::{Vector, parse},
};

const KEYS: &str = include_str!("../../../../vectors/openssl/keys.txt");

fn is_refused<T>(result: Result<T>) -> bool {
    matches!(result, Err(Error::Invalid(_)))
}

/// Numbers of one algorithm.
trait Of: Sized {
    fn one(numbers: Numbers) -> Option<Self>;
    fn private(&self) -> Result<Pkey>;
    fn public(&self) -> Result<Pkey>;

    fn of_private(pkcs8: &Guarded) -> Result<Self> {
        let key = Pkey::from_pkcs8(pkcs8.expose())?;
        of_key(&key, true)?.and_then(Self::one).ok_or_else(form::no_such_form)
    }

    fn of_public(spki: &[u8]) -> Result<Self> {
        of_key(&form::kept(spki)?, false)?.and_then(Self::one).ok_or_else(form::no_such_form)
    }

    fn private_key(&self) -> Result<(KeySpec, Guarded)> {
        form::kept_private(&self.private()?).map_err(refused)
    }

    fn public_key(&self) -> Result<(KeySpec, Vec<u8>)> {
        form::kept_public(&self.public()?).map_err(refused)
    }
}

impl Of for RsaNumbers {
    fn one(numbers: Numbers) -> Option<Self> {
        if let Numbers::Rsa(numbers) = numbers { Some(numbers) } else { None }
    }

    fn private(&self) -> Result<Pkey> {
        rsa_private(self)
    }

    fn public(&self) -> Result<Pkey> {
        rsa_public(self)
    }
}

impl Of for EcNumbers {
    fn one(numbers: Numbers) -> Option<Self> {
        if let Numbers::Ec(numbers) = numbers { Some(numbers) } else { None }
    }

    fn private(&self) -> Result<Pkey> {
        ec_private(self)
    }

    fn public(&self) -> Result<Pkey> {
        ec_public(self)
    }
}

fn kept_key(vector: &Vector<'_>) -> (KeySpec, Guarded, Vec<u8>) {
    let (spec, pkcs8) = form::private(Form::Pkcs8, &vector.bytes("pkcs8")).unwrap();
    (spec, pkcs8, vector.bytes("spki"))
}

fn rsa() -> (RsaNumbers, Guarded, Vec<u8>) {
    test_start();
    let (_, pkcs8, spki) = kept_key(&parse(KEYS)[0]);
    (RsaNumbers::of_private(&pkcs8).unwrap(), pkcs8, spki)
}

/// The fields of the private numbers.
fn fields(private: &mut RsaPrivateNumbers) -> [&mut Option<Secret>; 6] {
    let RsaPrivateNumbers { exponent, p, q, p_exponent, q_exponent, q_inverse } = private;
    [exponent, p, q, p_exponent, q_exponent, q_inverse]
}

#[test]
fn an_rsa_key_is_its_numbers() {
    let (numbers, pkcs8, spki) = rsa();
    assert_eq!(numbers.public_exponent, [1, 0, 1]);
    assert_eq!(numbers.modulus.len(), 256);
    let (spec, again) = numbers.private_key().unwrap();
    assert_eq!((spec, again.expose()), (KeySpec::Rsa2048, pkcs8.expose()));
    assert_eq!(numbers.public_key(), Ok((KeySpec::Rsa2048, spki.clone())));
    let public = RsaNumbers::of_public(&spki).unwrap();
    assert!(public.private.is_none());
    assert_eq!(public.modulus, numbers.modulus);
    assert_eq!(public.public_key(), Ok((KeySpec::Rsa2048, spki)));
    assert!(is_refused(public.private_key()));
}

#[test]
fn an_exponent_or_both_primes_are_enough() {
    // Bits as the fields stand: exponent, p, q, and what follows from these.
    for given in 0..64_u8 {
        let (mut numbers, pkcs8, _) = rsa();
        let private = numbers.private.as_mut().unwrap();
        for (bit, field) in fields(private).into_iter().enumerate() {
            if given >> bit & 1 == 0 {
                *field = None;
            }
        }
        match numbers.private_key() {
            Ok((_, again)) => assert_eq!(again.expose(), pkcs8.expose(), "{given:06b}"),
            Err(_) => {
                let by_exponent = given & 7 == 0 && given >> 3 & 1 == 1;
                assert!(given & 1 == 0 && given & 6 != 6 && !by_exponent, "{given:06b}");
            }
        }
    }
}

#[test]
fn rsa_numbers_may_have_leading_zeros() {
    let (mut numbers, pkcs8, _) = rsa();
    numbers.modulus.insert(0, 0);
    numbers.public_exponent.insert(0, 0);
    for field in fields(numbers.private.as_mut().unwrap()) {
        let padded = [&[0], field.as_ref().unwrap().expose()].concat();
        *field = Some(Secret::new(padded));
    }
    assert_eq!(numbers.private_key().unwrap().1.expose(), pkcs8.expose());
}

#[test]
fn a_wrong_rsa_number_is_refused() {
    for which in 0..6 {
        for alone in [false, true] {
            let (mut numbers, ..) = rsa();
            let private = numbers.private.as_mut().unwrap();
            if alone && which < 3 {
                fields(private)[3..].iter_mut().for_each(|field| **field = None);
            }
            if alone && which == 0 {
                fields(private)[1..].iter_mut().for_each(|field| **field = None);
            }
            let field = &mut fields(private)[which];
            let mut wrong = field.as_ref().unwrap().expose().to_vec();
            *wrong.last_mut().unwrap() ^= 2;
            **field = Some(Secret::new(wrong));
            assert!(is_refused(numbers.private_key()), "{which}");
        }
    }
    for public_exponent in [vec![], vec![1], vec![3], vec![2], vec![1, 0, 3], vec![0xff; 5]] {
        let (numbers, ..) = rsa();
        let wrong = RsaNumbers { public_exponent, ..numbers };
        assert!(is_refused(wrong.private_key()));
    }
    for prime in [vec![], vec![1], vec![2], vec![3], vec![0xff; 512]] {
        let (mut numbers, ..) = rsa();
        let mut private = RsaPrivateNumbers::default();
        private.p = Some(Secret::new(prime));
        private.exponent = numbers.private.take().unwrap().exponent;
        numbers.private = Some(private);
        assert!(is_refused(numbers.private_key()));
    }
}

#[test]
fn numbers_of_no_size_of_ours_are_refused() {
    test_start();
    for modulus in [vec![], vec![3], vec![0xff; 128], vec![0xff; 1024], vec![0xfe; 256]] {
        let public_exponent = vec![1, 0, 1];
        let one = || Some(Secret::new(vec![1]));
        let private = RsaPrivateNumbers { exponent: one(), ..Default::default() };
        let numbers = RsaNumbers { modulus, public_exponent, private: Some(private) };
        assert!(is_refused(numbers.public_key()));
        assert!(is_refused(numbers.private_key()));
    }
}

#[test]
fn a_key_on_a_curve_is_its_numbers() {
    test_start();
    for vector in &parse(KEYS)[1..] {
        let (spec, pkcs8, spki) = kept_key(vector);
        if matches!(spec, KeySpec::Ed25519 | KeySpec::X25519) {
            assert_eq!(EcNumbers::of_public(&spki).err(), Some(form::no_such_form()));
            assert_eq!(EcNumbers::of_private(&pkcs8).err(), Some(form::no_such_form()));
            continue;
        }
        let numbers = EcNumbers::of_private(&pkcs8).unwrap();
        let point = numbers.q.clone().unwrap();
        assert!(spki.ends_with(&point) && point[0] == 4);
        let (read, again) = numbers.private_key().unwrap();
        assert_eq!((read, again.expose()), (spec, pkcs8.expose()));
        assert_eq!(numbers.public_key(), Ok((spec, spki.clone())));
        let public = EcNumbers::of_public(&spki).unwrap();
        assert!(public.d.is_none() && public.q.as_ref() == Some(&point));
        assert!(is_refused(public.private_key()));
        // The number alone is enough, and may have leading zeros.
        let d = Secret::new([&[0, 0], numbers.d.as_ref().unwrap().expose()].concat());
        let alone = EcNumbers { spec, d: Some(d), q: None };
        assert_eq!(alone.private_key().unwrap().1.expose(), pkcs8.expose());
        assert!(is_refused(alone.public_key()));
        assert!(RsaNumbers::of_private(&pkcs8).is_err());

        let compressed = Pkey::from_ec_point(spec, &point).unwrap();
        let compressed = compressed.compressed_ec_point().unwrap().unwrap();
        assert!(vector.bytes("compressed").ends_with(&compressed));
        assert_eq!(compressed.len(), point.len().div_ceil(2));
        let q = Some(compressed);
        assert_eq!(EcNumbers { spec, d: None, q }.public_key(), Ok((spec, spki)));
    }
}

#[test]
fn numbers_that_are_no_key_on_the_curve_are_refused() {
    test_start();
    let (spec, pkcs8, _) = kept_key(&parse(KEYS)[1]);
    assert_eq!(spec, KeySpec::P256);
    let point = || EcNumbers::of_private(&pkcs8).unwrap().q.unwrap();
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut q = point();
        change(&mut q);
        let mut numbers = EcNumbers::of_private(&pkcs8).unwrap();
        numbers.q = Some(q);
        assert!(is_refused(numbers.public_key()));
        assert!(is_refused(numbers.private_key()));
    };
    let parity = 6 | point()[64] & 1;
    with(&|q| q[0] = parity);
    with(&|q| q[64] ^= 1);
    with(&|q| q.truncate(64));
    with(&|q| *q = vec![0]);
    with(&|q| q.clear());
    // The point of another key.
    let (other, _) = crate::material::generate_pair(spec).unwrap();
    let mut numbers = EcNumbers::of_private(&pkcs8).unwrap();
    numbers.q = EcNumbers::of_private(&other).unwrap().q;
    assert!(is_refused(numbers.private_key()));
    // Out of range: zero, and all ones.
    for d in [vec![], vec![0], vec![0xff; 32], vec![1; 33]] {
        let numbers = EcNumbers { spec, d: Some(Secret::new(d)), q: None };
        assert!(is_refused(numbers.private_key()));
    }
    let numbers = EcNumbers { spec: KeySpec::Ed25519, q: Some(point()), d: None };
    assert!(is_refused(numbers.public_key()));
}

const OTHER: &str = include_str!("../../../../vectors/openssl/other_keys.txt");

fn other(name: &str) -> Vector<'static> {
    parse(OTHER).into_iter().find(|vector| vector.text("name") == name).unwrap()
}

fn dsa_numbers() -> DsaNumbers {
    test_start();
    let key = Pkey::from_foreign_pkcs8(&other("DSA-2048").bytes("pkcs8")).unwrap();
    let Some(Numbers::Dsa(numbers)) = of_key(&key, true).unwrap() else { panic!("a DSA key") };
    numbers
}

#[test]
fn a_dsa_key_is_its_numbers_and_none_of_ours() {
    let vector = other("DSA-2048");
    let numbers = dsa_numbers();
    assert_eq!((numbers.p.len(), Numbers::Dsa(dsa_numbers()).bits()), (256, 2048));
    for y in [None, numbers.y.clone()] {
        let numbers = DsaNumbers { y, ..dsa_numbers() };
        let key = private(&Numbers::Dsa(numbers)).unwrap();
        assert_eq!(key.pkcs8().unwrap().expose(), vector.bytes("pkcs8"));
        assert_eq!(key.spki().unwrap(), vector.bytes("spki"));
        assert!(is_refused(form::kept_private(&key)));
    }
    let alone = DsaNumbers { x: None, ..dsa_numbers() };
    assert_eq!(public(&Numbers::Dsa(alone)).unwrap().spki().unwrap(), vector.bytes("spki"));
}

#[test]
fn a_wrong_dsa_number_is_refused() {
    for which in 0..5 {
        let mut numbers = dsa_numbers();
        let mut x = numbers.x.take().unwrap().expose().to_vec();
        let y = numbers.y.as_mut().unwrap();
        let all = [&mut numbers.p, &mut numbers.q, &mut numbers.g, y, &mut x];
        let number = all.into_iter().nth(which).unwrap();
        *number.last_mut().unwrap() ^= 2;
        numbers.x = Some(Secret::new(x));
        let numbers = Numbers::Dsa(numbers);
        assert!(is_refused(private(&numbers)), "{which}");
        assert!(which == 4 || is_refused(public(&numbers)), "{which}");
    }
    for trivial in [vec![], vec![0], vec![1], vec![0xff; 300]] {
        let none = || trivial.clone();
        for numbers in [
            DsaNumbers { g: none(), ..dsa_numbers() },
            DsaNumbers { q: none(), ..dsa_numbers() },
            DsaNumbers { x: Some(Secret::new(none())), ..dsa_numbers() },
            DsaNumbers { y: Some(none()), ..dsa_numbers() },
        ] {
            assert!(is_refused(private(&Numbers::Dsa(numbers))));
        }
    }
}

#[test]
fn a_key_of_another_size_is_written_in_every_form_of_its_algorithm() {
    test_start();
    for (name, bits, forms) in [
        ("RSA-1024", 1024, vec![Form::Pkcs1, Form::Numbers, Form::Pkcs8]),
        ("DSA-2048", 2048, vec![Form::Numbers, Form::Pkcs8]),
        ("P-224", 0, vec![Form::EcPrivateKey, Form::Pkcs8]),
    ] {
        let vector = other(name);
        let (pkcs8, spki) = (vector.bytes("pkcs8"), vector.bytes("spki"));
        let known = (bits > 0).then_some(bits);
        assert_eq!(form::bits(true, Form::Pkcs8, &pkcs8), known);
        assert_eq!(form::bits(false, Form::Spki, &spki), known);
        for form in forms {
            let other = form::rewrite_private((Form::Pkcs8, &pkcs8), form).unwrap();
            assert_eq!(form::bits(true, form, other.expose()), known, "{name} {form:?}");
            let again = form::rewrite_private((form, other.expose()), Form::Pkcs8).unwrap();
            assert_eq!(again.expose(), pkcs8, "{name} {form:?}");
            if matches!(form, Form::Pkcs1 | Form::Numbers) {
                let other = form::rewrite_public((Form::Spki, &spki), form).unwrap();
                let again = form::rewrite_public((form, &other), Form::Spki).unwrap();
                assert_eq!(again, spki, "{name} {form:?}");
            }
        }
    }
    let none = form::rewrite_private((Form::Pkcs8, b"none"), Form::Pkcs1);
    assert_eq!(none.err(), Some(form::no_such_form()));
}
