//! Parts and what they give, in every field.

use super::*;
use crate::test_start;

/// 2^521 - 1.
fn prime_521() -> Vec<u8> {
    [&[1][..], &[0xff; 65]].concat()
}

/// Every method, with a prime for secrets of up to 65 bytes.
fn methods(prime: &[u8]) -> Vec<(SplitMethod, Option<&[u8]>)> {
    let mut methods = vec![(SplitMethod::Xor, None), (SplitMethod::PrimeField, Some(prime))];
    for field in [ByteField::Fips197, ByteField::ReedSolomon] {
        methods.extend([(SplitMethod::Gf256(field), None), (SplitMethod::Gf65536(field), None)]);
    }
    methods
}

fn guarded(bytes: &[u8]) -> Guarded {
    test_start();
    Guarded::copy_of(bytes).unwrap()
}

fn numbered(parts: &[Guarded]) -> Vec<(u32, &Guarded)> {
    (1..).zip(parts).collect()
}

fn refused<T>(result: Result<T>) -> &'static str {
    match result.err() {
        Some(Error::Invalid(Invalid::OutOfRange(what))) => what,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn any_threshold_of_parts_gives_the_secret_back() {
    let prime = prime_521();
    for (method, prime) in methods(&prime) {
        let secret = guarded(b"\0an even number of bytes");
        let threshold = if method == SplitMethod::Xor { 5 } else { 3 };
        let scheme = Scheme { method, threshold, prime };
        let parts = split(&scheme, 5, &secret).unwrap();
        assert_eq!(parts.len(), 5);
        let all = numbered(&parts);
        assert_eq!(join(&scheme, &all, secret.len()).unwrap().expose(), secret.expose());
        if method == SplitMethod::Xor {
            continue;
        }
        for a in 0..5 {
            for b in (0..5).filter(|b| *b != a) {
                for c in (0..5).filter(|c| *c != a && *c != b) {
                    let joined = join(&scheme, &[all[a], all[b], all[c]], secret.len());
                    assert_eq!(joined.unwrap().expose(), secret.expose(), "{method:?}");
                }
            }
        }
    }
}

#[test]
fn fewer_parts_say_nothing() {
    let prime = prime_521();
    for (method, prime) in methods(&prime) {
        let secret = guarded(&[7; 64]);
        let scheme = Scheme { method, threshold: 4, prime };
        let parts = split(&scheme, 4, &secret).unwrap();
        for part in &parts {
            assert_ne!(part.expose(), secret.expose());
        }
        let three = &numbered(&parts)[1..];
        assert_eq!(refused(join(&scheme, three, 64)), "the parts of a split key");
        // Whoever joins them all the same gets something else.
        let joined = join(&Scheme { threshold: 3, ..scheme }, three, 64);
        assert!(joined.is_err() || joined.unwrap().expose() != secret.expose());
    }
}

#[test]
fn another_split_gives_other_parts() {
    let prime = prime_521();
    for (method, prime) in methods(&prime) {
        let secret = guarded(&[7; 64]);
        let scheme = Scheme { method, threshold: 2, prime };
        let (one, other) =
            (split(&scheme, 2, &secret).unwrap(), split(&scheme, 2, &secret).unwrap());
        assert_ne!(one[0].expose(), other[0].expose());
        assert_ne!(one[1].expose(), other[1].expose());
    }
}

#[test]
fn parts_of_others_are_joined() {
    // Test vectors TV011B_1 and TV011B_3, TV011D_1 of Bouncy Castle's, and a line over GF(257):
    // 65 + 100 x.
    let fips = SplitMethod::Gf256(ByteField::Fips197);
    let joined = |method, prime, parts: &[(u32, &[u8])], len| {
        let guards: Vec<_> = parts.iter().map(|part| guarded(part.1)).collect();
        let given: Vec<_> = parts.iter().map(|part| part.0).zip(&guards).collect();
        let scheme = Scheme { method, threshold: given.len() as u32, prime };
        join(&scheme, &given, len).unwrap().expose().to_vec()
    };
    let parts: [(u32, &[u8]); 2] =
        [(1, &[0xdc, 0x1e, 0x47, 0xe5, 0xb5]), (2, &[0x3f, 0x93, 0x1b, 0x4d, 0x71])];
    assert_eq!(joined(fips, None, &parts, 5), b"test\0");
    let parts: [(u32, &[u8]); 3] = [
        (4, &[0x42, 0x9f, 0x84, 0x9e, 0x06]),
        (2, &[0xf5, 0xd5, 0x52, 0x60, 0x93]),
        (1, &[0x4e, 0x73, 0x7f, 0x91, 0x72]),
    ];
    assert_eq!(joined(fips, None, &parts, 5), b"SAMTC");
    let reed_solomon = SplitMethod::Gf256(ByteField::ReedSolomon);
    let parts: [(u32, &[u8]); 2] =
        [(1, &[0x87, 0xa7, 0x40, 0xf5, 0xf5]), (2, &[0x8f, 0xfc, 0x15, 0x6b, 0xf7])];
    assert_eq!(joined(reed_solomon, None, &parts, 5), b"test\0");
    let prime: &[u8] = &[1, 1];
    let parts: [(u32, &[u8]); 2] = [(2, &[0, 8]), (5, &[51])];
    assert_eq!(joined(SplitMethod::PrimeField, Some(prime), &parts, 1), [65]);
}

#[test]
fn the_field_of_two_bytes_is_an_extension_of_that_of_one() {
    for each in [ByteField::Fips197, ByteField::ReedSolomon] {
        let (pairs, bytes) = (BinaryField::of_pairs(each), BinaryField::of_bytes(each));
        // y^2 = y + m.
        assert_eq!(pairs.multiply(0x100, 0x100), 0x13a);
        // y^2 + y + m has no root among the bytes, so that all but zero have an inverse.
        let roots = (0..=255).filter(|&root| bytes.multiply(root, root) ^ root == 0x3a);
        assert_eq!(roots.count(), 0);
        for a in (0..=u16::MAX).step_by(7) {
            let expected = u16::from(a != 0);
            assert_eq!(pairs.multiply(a, pairs.invert(a)), expected, "{a:04x}");
        }
        for (a, b) in [(3, 200), (0x57, 0x83)] {
            assert_eq!(pairs.multiply(a, b), bytes.multiply(a, b));
            assert_eq!(pairs.multiply(a << 8, b), bytes.multiply(a, b) << 8);
            assert_eq!(pairs.invert(a), bytes.invert(a));
        }
    }
}

#[test]
fn schemes_that_are_none_are_refused() {
    let secret = guarded(&[7; 16]);
    let prime = prime_521();
    for (method, prime) in methods(&prime) {
        let scheme = |threshold| Scheme { method, threshold, prime };
        assert_eq!(refused(split(&scheme(0), 3, &secret)), "the threshold of a split key");
        assert_eq!(refused(split(&scheme(4), 3, &secret)), "the threshold of a split key");
        let many = limits::SPLIT_PARTS_MAX + 1;
        assert_eq!(
            refused(split(&scheme(many), many, &secret)),
            "the number of parts of a split key"
        );
        assert_eq!(refused(split(&scheme(2), 2, &guarded(&[]))), "the length of a split key");
        let other = if prime.is_some() { None } else { Some(&[7][..]) };
        let other = Scheme { prime: other, ..scheme(2) };
        assert_eq!(refused(split(&other, 2, &secret)), "the prime of a split key");
    }
    let xor = Scheme { method: SplitMethod::Xor, threshold: 2, prime: None };
    assert_eq!(refused(split(&xor, 3, &secret)), "the threshold of a split key");
    let pairs = SplitMethod::Gf65536(ByteField::Fips197);
    let pairs = Scheme { method: pairs, threshold: 2, prime: None };
    assert_eq!(refused(split(&pairs, 3, &guarded(&[7; 15]))), "the length of a split key");
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let prime = prime_521();
    for (method, prime) in methods(&prime) {
        let secret = guarded(&[7; 16]);
        let scheme = Scheme { method, threshold: 2, prime };
        let parts = split(&scheme, 2, &secret).unwrap();
        let (one, two) = (&parts[0], &parts[1]);
        let short = guarded(&[1; 15]);
        let long = guarded(&[0xff; 67]);
        let refuses = |parts: &[(u32, &Guarded)], len| {
            assert_eq!(refused(join(&scheme, parts, len)), "the parts of a split key");
        };
        refuses(&[], 16);
        refuses(&[(1, one)], 16);
        refuses(&[(1, one), (1, two)], 16);
        refuses(&[(0, one), (1, two)], 16);
        refuses(&[(1, one), (2, two), (2, two)], 16);
        refuses(&[(1, one), (2, two)], 14);
        refuses(&[(1, one), (2, two)], 0);
        refuses(&[(1, one), (2, &long)], 16);
        if method == SplitMethod::Xor {
            refuses(&[(1, one), (2, two), (3, two)], 16);
        }
        if prime.is_none() {
            refuses(&[(1, one), (2, two)], 18);
            refuses(&[(1, one), (2, &short)], 16);
        } else {
            // Parts are numbers: what is before them does not matter, and more room is zeros.
            let joined = join(&scheme, &[(1, one), (2, two)], 18).unwrap();
            assert_eq!(joined.expose(), [&[0; 2][..], secret.expose()].concat());
        }
        if matches!(method, SplitMethod::Gf256(_)) {
            refuses(&[(1, one), (256, two)], 16);
        }
        if matches!(method, SplitMethod::Gf65536(_)) {
            refuses(&[(1, one), (65_536, two)], 16);
        }
    }
    let none = Scheme { method: SplitMethod::Xor, threshold: 0, prime: None };
    assert_eq!(refused(join(&none, &[], 16)), "the parts of a split key");
}

#[test]
fn a_prime_is_longer_than_the_secret_and_one() {
    let secret = guarded(&[0xff; 16]);
    let with = |prime: &[u8]| {
        let scheme = Scheme { method: SplitMethod::PrimeField, threshold: 2, prime: Some(prime) };
        split(&scheme, 3, &secret).map(|parts| {
            let joined = join(&scheme, &numbered(&parts)[1..], 16).unwrap();
            assert_eq!(joined.expose(), secret.expose());
            parts.len()
        })
    };
    // 2^128 + 51 is the first prime of 129 bits; 2^128 - 159 the last of 128.
    let mut prime = [&[1][..], &[0; 16]].concat();
    prime[16] = 51;
    assert_eq!(with(&prime), Ok(3));
    let mut short = vec![0xff; 16];
    short[15] = 0x61;
    assert_eq!(refused(with(&short)), "the length of a split key");
    prime[16] = 53;
    assert_eq!(refused(with(&prime)), "the prime of a split key");
    prime[16] = 52;
    assert_eq!(refused(with(&prime)), "the prime of a split key");
    for none in [&[][..], &[0], &[1], &[2], &[0xff; 1025]] {
        assert_eq!(refused(with(none)), "the prime of a split key");
        let scheme = Scheme { method: SplitMethod::PrimeField, threshold: 1, prime: Some(none) };
        assert_eq!(refused(join(&scheme, &[(1, &secret)], 16)), "the prime of a split key");
    }
    // There must be as many numbers besides zero as parts.
    let scheme = Scheme { method: SplitMethod::PrimeField, threshold: 2, prime: Some(&[1, 1]) };
    assert_eq!(split(&scheme, 255, &guarded(&[255])).map(|parts| parts.len()), Ok(255));
}
