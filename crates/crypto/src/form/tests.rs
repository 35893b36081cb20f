//! Keys that OpenSSL wrote, and keys that are none.

use super::*;
use crate::{
    der::der,
    test_start,
    vectors::{Vector, counts::ran, parse},
};

const OWN: &str = include_str!("../../../../vectors/openssl/keys.txt");
const OTHER: &str = include_str!("../../../../vectors/openssl/other_keys.txt");

fn spec(vector: &Vector<'_>) -> KeySpec {
    match vector.text("spec") {
        "RSA-2048" => KeySpec::Rsa2048,
        "P-256" => KeySpec::P256,
        "P-384" => KeySpec::P384,
        "P-521" => KeySpec::P521,
        "secp256k1" => KeySpec::Secp256k1,
        "Ed25519" => KeySpec::Ed25519,
        "X25519" => KeySpec::X25519,
        other => panic!("no spec {other}"),
    }
}

/// The form of the algorithm's own, if it has one.
fn own(spec: KeySpec) -> Option<Form> {
    match spec {
        KeySpec::Rsa2048 => Some(Form::Pkcs1),
        KeySpec::Ed25519 | KeySpec::X25519 => None,
        _ => Some(Form::EcPrivateKey),
    }
}

fn is_refused<T>(result: Result<T>) -> bool {
    matches!(result, Err(Error::Invalid(Invalid::OutOfRange("the key"))))
}

#[test]
fn every_form_of_a_private_key_gives_the_same_pkcs8() {
    test_start();
    for vector in parse(OWN) {
        let expected = spec(&vector);
        let (read, pkcs8) = private(Form::Pkcs8, &vector.bytes("pkcs8")).unwrap();
        assert_eq!(read, expected);
        // What is kept is what is written and read again.
        assert_eq!(private(Form::Pkcs8, pkcs8.expose()).unwrap().1.expose(), pkcs8.expose());
        let forms: &[&str] = match own(expected) {
            Some(Form::Pkcs1) => &["own"],
            Some(_) => &["own", "no_public", "explicit"],
            None => &[],
        };
        for name in forms {
            let (read, same) = private(own(expected).unwrap(), &vector.bytes(name)).unwrap();
            assert_eq!(read, expected);
            assert_eq!(same.expose(), pkcs8.expose(), "{expected:?} {name}");
        }
    }
}

#[test]
fn what_is_written_is_what_openssl_writes() {
    test_start();
    for vector in parse(OWN) {
        let expected = spec(&vector);
        let (_, pkcs8) = private(Form::Pkcs8, &vector.bytes("pkcs8")).unwrap();
        let written = write_private(&pkcs8, Form::Pkcs8).unwrap();
        assert_eq!(written.expose(), vector.bytes("pkcs8"));
        let spki = public_of(&pkcs8).unwrap();
        assert_eq!(spki, vector.bytes("spki"));
        assert_eq!(write_public(&spki, Form::Spki).unwrap(), spki);
        for form in [Form::Pkcs1, Form::EcPrivateKey] {
            match write_private(&pkcs8, form) {
                Ok(written) => assert_eq!(written.expose(), vector.bytes("own")),
                Err(error) => assert_eq!(error, no_such_form()),
            }
        }
        let forms = [Form::Pkcs1, Form::EcPrivateKey];
        let written = forms.iter().filter(|form| write_private(&pkcs8, **form).is_ok());
        assert_eq!(written.copied().collect::<Vec<_>>(), Vec::from_iter(own(expected)));
    }
    ran("OpenSSL", "private and public keys", parse(OWN).len(), &[], 7);
}

#[test]
fn every_form_of_a_public_key_gives_the_same_spki() {
    test_start();
    for vector in parse(OWN) {
        let (expected, spki) = (spec(&vector), vector.bytes("spki"));
        assert_eq!(public(Form::Spki, &spki), Ok((expected, spki.clone())));
        match own(expected) {
            Some(Form::Pkcs1) => {
                let own = vector.bytes("own_public");
                assert_eq!(write_public(&spki, Form::Pkcs1).as_ref(), Ok(&own));
                assert_eq!(public(Form::Pkcs1, &own), Ok((expected, spki.clone())));
                assert_eq!(write_compressed(&spki, Form::Spki), Err(no_such_form()));
            }
            Some(_) => {
                let compressed = vector.bytes("compressed");
                assert_eq!(write_compressed(&spki, Form::Spki).as_ref(), Ok(&compressed));
                assert_eq!(public(Form::Spki, &compressed), Ok((expected, spki.clone())));
                assert_eq!(write_public(&spki, Form::Pkcs1), Err(no_such_form()));
            }
            None => assert_eq!(write_compressed(&spki, Form::Spki), Err(no_such_form())),
        }
    }
}

#[test]
fn new_keys_of_every_spec_are_read_again() {
    test_start();
    for &spec in KeySpec::ALL.iter().filter(|spec| !spec.is_symmetric() && !spec.has_primes()) {
        let (pkcs8, spki) = material::generate_pair(spec).unwrap();
        let (read, again) = private(Form::Pkcs8, pkcs8.expose()).unwrap();
        assert_eq!((read, again.expose()), (spec, pkcs8.expose()));
        assert_eq!(public(Form::Spki, &spki), Ok((spec, spki.clone())));
        assert_eq!(public_of(&pkcs8), Ok(spki));
    }
}

#[test]
fn keys_that_are_not_used_are_refused() {
    test_start();
    for vector in parse(OTHER) {
        let name = vector.text("name");
        assert!(is_refused(private(Form::Pkcs8, &vector.bytes("pkcs8"))), "{name}");
        assert!(is_refused(public(Form::Spki, &vector.bytes("spki"))), "{name}");
    }
}

#[test]
fn a_form_that_the_bytes_are_not_in_is_refused() {
    test_start();
    let forms = [Form::Raw, Form::Pkcs1, Form::Pkcs8, Form::Spki, Form::EcPrivateKey];
    for vector in parse(OWN) {
        let (pkcs8, spki) = (vector.bytes("pkcs8"), vector.bytes("spki"));
        for form in forms {
            assert_eq!(private(form, &pkcs8).is_ok(), form == Form::Pkcs8);
            assert!(is_refused(private(form, &spki)));
            assert_eq!(public(form, &spki).is_ok(), form == Form::Spki);
            assert!(is_refused(public(form, &pkcs8)));
            assert!(is_refused(private(form, b"")));
        }
        assert!(is_refused(private(Form::Pkcs8, &[&pkcs8[..], &[0]].concat())));
        assert!(is_refused(public(Form::Spki, &[&spki[..], &[0]].concat())));
    }
}

#[test]
fn a_private_key_of_another_public_key_is_refused() {
    test_start();
    for vector in parse(OWN).iter().filter(|vector| own(spec(vector)) == Some(Form::EcPrivateKey)) {
        let mut own = vector.bytes("own");
        // The last byte of the private key: behind version, and the head of the octets.
        let at = if own[1] < 0x80 { 6 } else { 7 } + usize::from(own[6].min(own[5])) - 1;
        assert!(private(Form::EcPrivateKey, &own).is_ok());
        own[at] ^= 1;
        assert!(is_refused(private(Form::EcPrivateKey, &own)));
    }
}

/// The numbers of an RSAPrivateKey, of which one is changed.
fn rsa_with(change: impl FnOnce(&mut Vec<Vec<u8>>)) -> Vec<u8> {
    let own = parse(OWN)[0].bytes("own");
    let (mut numbers, mut rest) = (Vec::new(), &own[4..]);
    while let [2, head @ ..] = rest {
        let (len, body) = match head {
            [0x82, high, low, body @ ..] => (usize::from(*high) << 8 | usize::from(*low), body),
            [0x81, len, body @ ..] => (usize::from(*len), body),
            [len, body @ ..] => (usize::from(*len), body),
            [] => break,
        };
        numbers.push(body[..len].to_vec());
        rest = &body[len..];
    }
    assert_eq!(numbers.len(), 9);
    change(&mut numbers);
    let numbers: Vec<_> = numbers.iter().map(|number| der(2, &[number])).collect();
    der(0x30, &numbers.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

#[test]
fn rsa_numbers_that_do_not_belong_together_are_refused() {
    test_start();
    assert!(private(Form::Pkcs1, &rsa_with(|_| {})).is_ok());
    for which in 1..9 {
        let wrong = rsa_with(|numbers| {
            let last = numbers[which].last_mut().unwrap();
            *last = last.wrapping_add(2);
        });
        assert!(is_refused(private(Form::Pkcs1, &wrong)), "number {which}");
    }
    let one = rsa_with(|numbers| (numbers[2], numbers[3]) = (vec![1], vec![1]));
    assert!(is_refused(private(Form::Pkcs1, &one)));
    // Without the public exponent and the factors some libraries write zeros: not usable here.
    let stripped = rsa_with(|numbers| {
        for which in [2, 4, 5, 6, 7, 8] {
            numbers[which] = vec![0];
        }
    });
    assert!(is_refused(private(Form::Pkcs1, &stripped)));
    let swapped = rsa_with(|numbers| {
        numbers.swap(4, 5);
        numbers.swap(6, 7);
    });
    assert!(is_refused(private(Form::Pkcs1, &swapped)));
}
