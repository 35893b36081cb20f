//! Shamir's secret sharing over GF(2^8) with the polynomial of AES (0x11b).
//!
//! What is shared is the secret followed by 8 bytes of its digest, so that wrong shares are noticed
//! and the check value gives nothing away: below the threshold, shares are independent of both.

use model::{Error, Result, Secret, error::Invalid};
use subtle::{ConditionallySelectable, ConstantTimeGreater};

use super::UnsealFailure;
use crate::{digest::Sha256, gf256, mac, random, secmem::Guarded};

/// What a share's text starts with.
const PREFIX: &str = "srshare1-";
/// Length of a split's identity in bytes.
const SET_LEN: usize = 8;
/// Length of the secret's check value in bytes.
const CHECK_LEN: usize = 8;
/// Length of a share's own check value in bytes.
const SUM_LEN: usize = 4;
/// Set, threshold, index.
const HEAD_LEN: usize = SET_LEN + 2;
/// Longest secret that is split, in bytes.
const SECRET_LEN_MAX: usize = 64;

/// One of several shares of a secret; a threshold of them gives it back.
pub struct Share {
    set: [u8; SET_LEN],
    threshold: u8,
    index: u8,
    value: Guarded,
}

impl Share {
    /// Which split it belongs to.
    pub fn set(&self) -> [u8; SET_LEN] {
        self.set
    }

    /// Its number in the split, from 1.
    pub fn index(&self) -> u8 {
        self.index
    }

    /// How many shares are needed.
    pub fn threshold(&self) -> u8 {
        self.threshold
    }

    /// The share as text: `srshare1-` and base 32 (RFC 4648, lower case, no padding) of set,
    /// threshold, index, value, and 4 bytes of the digest of these.
    pub fn text(&self) -> Secret {
        let mut bytes = Vec::with_capacity(HEAD_LEN + self.value.len() + SUM_LEN);
        bytes.extend_from_slice(&self.set);
        bytes.extend_from_slice(&[self.threshold, self.index]);
        bytes.extend_from_slice(self.value.expose());
        let sum = sum(&bytes);
        bytes.extend_from_slice(&sum);
        let bytes = Secret::new(bytes);
        let mut text = Vec::with_capacity(PREFIX.len() + bytes.len().div_ceil(5) * 8);
        text.extend_from_slice(PREFIX.as_bytes());
        base32_write(bytes.expose(), &mut text);
        Secret::new(text)
    }

    /// Reads a share's text; white space and capitals do not matter.
    pub fn parse(text: &str) -> Result<Self, UnsealFailure> {
        let mut plain = Vec::with_capacity(text.len());
        plain.extend(text.bytes().filter(|byte| !byte.is_ascii_whitespace()));
        plain.make_ascii_lowercase();
        let plain = Secret::new(plain);
        let digits =
            plain.expose().strip_prefix(PREFIX.as_bytes()).ok_or(UnsealFailure::NotAShare)?;
        let bytes = base32_read(digits).ok_or(UnsealFailure::DamagedShare)?;
        let body_len = bytes.len().checked_sub(SUM_LEN).ok_or(UnsealFailure::DamagedShare)?;
        let (body, check) = bytes.expose().split_at(body_len);
        let (head, value) = body.split_at_checked(HEAD_LEN).ok_or(UnsealFailure::DamagedShare)?;
        let lengths = CHECK_LEN + 1..=CHECK_LEN + SECRET_LEN_MAX;
        if !mac::equal(&sum(body), check) || !lengths.contains(&value.len()) {
            return Err(UnsealFailure::DamagedShare);
        }
        let set = head[..SET_LEN].try_into().map_err(|_| UnsealFailure::DamagedShare)?;
        let (threshold, index) = (head[SET_LEN], head[SET_LEN + 1]);
        if threshold == 0 || index == 0 {
            return Err(UnsealFailure::DamagedShare);
        }
        Ok(Self { set, threshold, index, value: Guarded::copy_of(value)? })
    }
}

fn sum(body: &[u8]) -> [u8; SUM_LEN] {
    let mut hash = Sha256::new();
    hash.update(PREFIX.as_bytes());
    hash.update(body);
    let [a, b, c, d, ..] = hash.finish();
    [a, b, c, d]
}

fn check_value(set: &[u8; SET_LEN], secret: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"strongroom shared secret 1");
    hash.update(set);
    hash.update(secret);
    hash.finish()
}

/// Splits a secret of 1 to 64 bytes into `count` shares, any `threshold` of which give it back.
pub fn split(secret: &Secret, threshold: u8, count: u8) -> Result<Vec<Share>> {
    split_bytes(secret.expose(), threshold, count)
}

pub(super) fn split_bytes(secret: &[u8], threshold: u8, count: u8) -> Result<Vec<Share>> {
    if threshold == 0 || threshold > count {
        return Err(Error::Invalid(Invalid::OutOfRange("the number of shares needed")));
    }
    if secret.is_empty() || secret.len() > SECRET_LEN_MAX {
        return Err(Error::Invalid(Invalid::OutOfRange("the length of a secret to be shared")));
    }
    let set = random::array()?;
    let len = secret.len() + CHECK_LEN;
    // Row by row the coefficients of each degree, the constant terms first.
    let rows = Guarded::filled(usize::from(threshold) * len, |rows| {
        let (constant, others) = rows.split_at_mut(len);
        constant[..secret.len()].copy_from_slice(secret);
        constant[secret.len()..].copy_from_slice(&check_value(&set, secret)[..CHECK_LEN]);
        random::fill(others)
    })?;
    (1..=count)
        .map(|index| {
            let value = Guarded::filled(len, |value| {
                // Horner's rule, from the highest degree down.
                for row in rows.expose().chunks(len).rev() {
                    for (byte, coefficient) in value.iter_mut().zip(row) {
                        *byte = multiply(*byte, index) ^ coefficient;
                    }
                }
                Ok(())
            })?;
            Ok(Share { set, threshold, index, value })
        })
        .collect()
}

/// Gives back the secret that a threshold of shares was split from.
pub fn combine(shares: &[Share]) -> Result<Secret, UnsealFailure> {
    combine_guarded(shares).map(|secret| Secret::new(secret.expose().to_vec()))
}

pub(super) fn combine_guarded(shares: &[Share]) -> Result<Guarded, UnsealFailure> {
    let Some(first) = shares.first() else {
        return Err(UnsealFailure::TooFewShares { given: 0, needed: 1 });
    };
    let alike = |share: &Share| {
        share.set == first.set
            && share.threshold == first.threshold
            && share.value.len() == first.value.len()
    };
    if !shares.iter().all(alike) {
        return Err(UnsealFailure::MixedShares);
    }
    for (i, share) in shares.iter().enumerate() {
        if shares[..i].iter().any(|earlier| earlier.index == share.index) {
            return Err(UnsealFailure::RepeatedShare(share.index));
        }
    }
    let needed = first.threshold;
    let Some(shares) = shares.get(..usize::from(needed)) else {
        return Err(UnsealFailure::TooFewShares { given: shares.len(), needed });
    };
    let mut secret = Guarded::filled(first.value.len(), |secret| {
        for share in shares {
            let weight = weight(share.index, shares);
            for (byte, value) in secret.iter_mut().zip(share.value.expose()) {
                *byte ^= multiply(weight, *value);
            }
        }
        Ok(())
    })?;
    let len = secret.len() - CHECK_LEN;
    let (plain, check) = secret.expose().split_at(len);
    if !mac::equal(&check_value(&first.set, plain)[..CHECK_LEN], check) {
        return Err(UnsealFailure::WrongShares);
    }
    secret.truncate(len);
    Ok(secret)
}

/// Lagrange's weight at zero: the product over the other shares of x / (x + own), where
/// subtraction is addition.
fn weight(own: u8, shares: &[Share]) -> u8 {
    let others = shares.iter().map(|share| share.index).filter(|index| *index != own);
    others.fold(1, |product, x| multiply(product, multiply(x, invert(x ^ own))))
}

/// Product in the field.
fn multiply(a: u8, b: u8) -> u8 {
    gf256::multiply(a, b, gf256::FIPS_197)
}

/// Inverse in the field; 0 for 0.
fn invert(a: u8) -> u8 {
    gf256::invert(a, gf256::FIPS_197)
}

/// Appends base 32, five bits a digit, zeros after the last.
fn base32_write(bytes: &[u8], out: &mut Vec<u8>) {
    let (mut bits, mut held) = (0_u16, 0);
    let mut digit = |value: u8| {
        let is_number = value.ct_gt(&25);
        let (letter, number) =
            (b'a'.wrapping_add(value), b'2'.wrapping_add(value.wrapping_sub(26)));
        out.push(u8::conditional_select(&letter, &number, is_number));
    };
    for &byte in bytes {
        bits = bits << 8 | u16::from(byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            digit((bits >> held) as u8 & 31);
        }
    }
    if held > 0 {
        digit((bits << (5 - held)) as u8 & 31);
    }
}

/// Reads base 32; `None` for another digit, or bits after the last byte that are not zero.
fn base32_read(digits: &[u8]) -> Option<Secret> {
    let mut bytes = Vec::with_capacity(digits.len() * 5 / 8);
    let (mut bits, mut held) = (0_u16, 0);
    for &digit in digits {
        let value = match digit {
            b'a'..=b'z' => digit - b'a',
            b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        bits = bits << 5 | u16::from(value);
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    let bytes = Secret::new(bytes);
    (held < 5 && bits & ((1 << held) - 1) == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(threshold: u8, count: u8) -> Vec<Share> {
        crate::test_start();
        split(&Secret::new(b"0123456789abcdef0123456789abcdef".to_vec()), threshold, count).unwrap()
    }

    fn copy(share: &Share) -> Share {
        Share::parse(std::str::from_utf8(share.text().expose()).unwrap()).unwrap()
    }

    #[test]
    fn any_threshold_of_shares_gives_the_secret_back() {
        let all = shares(3, 5);
        for a in 0..5 {
            for b in (0..5).filter(|b| *b != a) {
                for c in (0..5).filter(|c| *c != a && *c != b) {
                    let chosen = [copy(&all[a]), copy(&all[b]), copy(&all[c])];
                    let secret = combine(&chosen).ok().unwrap();
                    assert_eq!(secret.expose(), b"0123456789abcdef0123456789abcdef");
                }
            }
        }
    }

    #[test]
    fn each_mistake_has_its_own_sentence() {
        let (all, others) = (shares(2, 3), shares(2, 3));
        let fails = |shares: &[Share]| combine(shares).err().unwrap();
        assert_eq!(fails(&[copy(&all[0])]), UnsealFailure::TooFewShares { given: 1, needed: 2 });
        assert_eq!(fails(&[copy(&all[0]), copy(&others[1])]), UnsealFailure::MixedShares);
        assert_eq!(fails(&[copy(&all[1]), copy(&all[1])]), UnsealFailure::RepeatedShare(2));
        let mut forged = copy(&others[1]);
        forged.set = all[0].set;
        assert_eq!(fails(&[copy(&all[0]), forged]), UnsealFailure::WrongShares);
    }

    #[test]
    fn a_mistyped_share_is_noticed() {
        let all = shares(2, 2);
        let text = String::from_utf8(all[0].text().expose().to_vec()).unwrap();
        assert!(text.starts_with(PREFIX));
        for i in PREFIX.len()..text.len() {
            let mut typed = text.clone().into_bytes();
            typed[i] = if typed[i] == b'a' { b'b' } else { b'a' };
            let typed = String::from_utf8(typed).unwrap();
            assert!(matches!(Share::parse(&typed), Err(UnsealFailure::DamagedShare)));
        }
        assert!(matches!(Share::parse("srshare1-"), Err(UnsealFailure::DamagedShare)));
        assert!(matches!(Share::parse("password"), Err(UnsealFailure::NotAShare)));
        assert!(Share::parse(&format!(" {} \n", text.to_uppercase())).is_ok());
    }

    #[test]
    fn a_threshold_out_of_range_is_refused() {
        crate::test_start();
        let secret = Secret::new(vec![1; 32]);
        assert!(split(&secret, 0, 3).is_err());
        assert!(split(&secret, 4, 3).is_err());
        assert_eq!(split(&secret, 255, 255).map(|shares| shares.len()), Ok(255));
    }
}
