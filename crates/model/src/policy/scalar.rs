//! Numbers, dates, truth values and networks as policies write them.

use std::net::IpAddr;

use crate::time::Wall;

/// A decimal number, exact: up to 18 digits before and 18 after the point.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Number(i128);

impl Number {
    /// From e.g. `42`, `-1.50`. No exponent, no blank, no sign but `-`; `None` otherwise.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return None,
            None => (digits, ""),
        };
        if whole.is_empty() || whole.len() > 18 || fraction.len() > 18 {
            return None;
        }
        let mut scaled: i128 = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            if !digit.is_ascii_digit() {
                return None;
            }
            scaled = scaled * 10 + i128::from(digit - b'0');
        }
        for _ in fraction.len()..18 {
            scaled *= 10;
        }
        Some(Self(if negative { -scaled } else { scaled }))
    }
}

/// A date as policies write it: `2026-11-24`, `2026-11-24T05:00Z`, `2026-11-24T05:00:00Z`, either
/// of the latter with a fraction of a second or an offset (`+01:00`); or seconds since the epoch.
/// Four digits alone could be a year and are refused. `None` for anything else, and before 1970.
pub fn parse_date(text: &str) -> Option<Wall> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        let plain = (1..=12).contains(&text.len()) && text.len() != 4;
        return plain.then(|| text.parse().ok().map(Wall::from_secs))?;
    }
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let [year, month, day] = fields(date, '-', [4, 2, 2])?;
    let midnight = Wall::from_utc(i64::from(year), month, day, 0, 0, 0)?;
    let Some(time) = time else { return Some(midnight) };
    let zone_at = time.find(['Z', '+', '-'])?;
    let (time, zone) = time.split_at(zone_at);
    let of_day = time_of_day(time)?;
    let utc = i64::try_from(midnight.0).ok()? + i64::from(of_day) - zone_offset(zone)?;
    u64::try_from(utc).ok().map(Wall)
}

/// Milliseconds of `hh:mm`, `hh:mm:ss` or `hh:mm:ss.fff`.
fn time_of_day(text: &str) -> Option<u32> {
    let (text, fraction) = match text.split_once('.') {
        Some((text, fraction)) => (text, Some(fraction)),
        None => (text, None),
    };
    let [hour, min, sec] = match text.len() {
        5 if fraction.is_none() => {
            let [hour, min] = fields(text, ':', [2, 2])?;
            [hour, min, 0]
        }
        _ => fields(text, ':', [2, 2, 2])?,
    };
    let millis = match fraction {
        None => 0,
        Some(digits) if (1..=9).contains(&digits.len()) => {
            if !digits.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            format!("{digits:0<3}").get(..3)?.parse().ok()?
        }
        Some(_) => return None,
    };
    let in_range = hour < 24 && min < 60 && sec < 60;
    in_range.then_some(((hour * 60 + min) * 60 + sec) * 1000 + millis)
}

/// Milliseconds east of UTC of `Z`, `+hh:mm` or `-hh:mm`.
fn zone_offset(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    let [hour, min] = fields(text, ':', [2, 2])?;
    (hour < 24 && min < 60).then_some(sign * i64::from(hour * 60 + min) * 60_000)
}

/// Decimal fields of exactly these lengths, with `separator` between them.
fn fields<const N: usize>(text: &str, separator: char, lens: [usize; N]) -> Option<[u32; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, len) in numbers.iter_mut().zip(lens) {
        let part = parts.next()?;
        if part.len() != len || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

/// `true` or `false`, in any case.
pub fn parse_bool(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// An IP network in CIDR notation (RFC 4632, RFC 4291), or one address.
///
/// An IPv4 address written as IPv6 (`::ffff:192.0.2.1`) is the IPv4 address, here and in requests:
/// what a socket calls its peer must not decide.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Network {
    /// The network, bits beyond the prefix cleared, at the top of 128 bits.
    bits: u128,
    prefix: u32,
    v6: bool,
}

impl Network {
    /// From e.g. `192.0.2.0/24`, `2001:db8::/32`, `192.0.2.1`. Bits beyond the prefix do not
    /// count. `None` when it is not of that form.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let max: u32 = if address.is_ipv6() { 128 } else { 32 };
        let prefix = match prefix {
            None => max,
            Some(digits) => {
                let plain = digits.bytes().all(|b| b.is_ascii_digit())
                    && !(digits.len() > 1 && digits.starts_with('0'));
                plain.then(|| digits.parse().ok())?.filter(|&prefix| prefix <= max)?
            }
        };
        // A mapped network narrower than all of IPv4 is an IPv4 network.
        let canonical = address.to_canonical();
        let (address, prefix) = if canonical.is_ipv4() && address.is_ipv6() && prefix >= 96 {
            (canonical, prefix - 96)
        } else {
            (address, prefix)
        };
        let (bits, v6) = top_bits(address);
        Some(Self { bits: bits & mask(prefix), prefix, v6 })
    }

    /// Whether the address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let (bits, v6) = top_bits(address.to_canonical());
        v6 == self.v6 && bits & mask(self.prefix) == self.bits
    }
}

fn mask(prefix: u32) -> u128 {
    u128::MAX.checked_shl(128 - prefix).unwrap_or(0)
}

fn top_bits(address: IpAddr) -> (u128, bool) {
    match address {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()) << 96, false),
        IpAddr::V6(v6) => (v6.to_bits(), true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_and_have_no_other_spelling() {
        let number = |text| Number::parse(text).unwrap();
        assert!(number("999999999999999999") > number("999999999999999998.999999999999999999"));
        assert_eq!(number("-0"), number("0.0"));
        assert!(number("-1.5") < number("-1.25") && number("-1.25") < number("0"));
        for text in ["", "-", ".5", "5.", "+5", " 5", "5 ", "1e3", "0x1", "1,0", "--1", "1.-1"] {
            assert_eq!(Number::parse(text), None, "{text:?}");
        }
        assert_eq!(Number::parse("1234567890123456789"), None);
    }

    #[test]
    fn dates_have_a_zone_or_no_time() {
        let new_year = Some(Wall::from_secs(1_767_225_600));
        for text in [
            "2026-01-01",
            "2026-01-01T00:00Z",
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00.000Z",
            "2026-01-01T01:30:00+01:30",
            "2025-12-31T23:00:00-01:00",
            "1767225600",
        ] {
            assert_eq!(parse_date(text), new_year, "{text:?}");
        }
        assert_eq!(parse_date("2026-01-01T00:00:00.5Z"), Some(Wall(1_767_225_600_500)));
        for text in [
            "",
            "2026",
            "2026-01",
            "2026-1-1",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00.5Z",
            "2026-01-01T00:00:60Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00Z ",
            "2026-01-01T00:00:00ZZ",
            "2026-01-01 00:00:00Z",
            "2026-01-01t00:00:00Z",
            "1970-01-01T00:00:00+01:00",
            "1969-12-31",
            "-1",
        ] {
            assert_eq!(parse_date(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_network_is_its_prefix() {
        let holds = |network: &str, address: &str| {
            Network::parse(network).unwrap().contains(address.parse().unwrap())
        };
        assert!(holds("192.0.2.77/24", "192.0.2.1") && !holds("192.0.2.77/24", "192.0.3.1"));
        assert!(holds("192.0.2.1", "192.0.2.1") && !holds("192.0.2.1", "192.0.2.2"));
        assert!(holds("2001:db8::/32", "2001:db8:1::") && !holds("2001:db8::/32", "2001:db9::"));
        assert!(holds("::/0", "::") && holds("0.0.0.0/0", "255.255.255.255"));
        assert!(holds("::ffff:192.0.2.0/120", "::ffff:192.0.2.9"));
        assert!(!holds("::/0", "::ffff:192.0.2.9"));
        for text in ["", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/+8", "10.0.0/8", "::/129"] {
            assert_eq!(Network::parse(text), None, "{text:?}");
        }
    }
}
