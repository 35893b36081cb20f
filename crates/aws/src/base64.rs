//! Base64 (RFC 4648, section 4) in a time that depends on the length alone, since it carries
//! plaintexts: no table is looked into, and no way taken by what a byte is.
//!
//! Each direction goes over its bytes twice, and each time does the same to all of them; that is
//! what a processor does to sixteen at once. `base64ct`, which the tests compare with, does one
//! group after the other, and took a tenth of the time of a request.

/// 255 where `low <= byte <= high`, 0 elsewhere.
const fn within(byte: u8, low: u8, high: u8) -> u8 {
    ((byte.wrapping_sub(low) <= high - low) as u8).wrapping_neg()
}

/// The digit of a value below 64.
const fn digit(value: u8) -> u8 {
    // Letters, small letters, figures, `+`, `/`: each begins some way from where the last ended.
    let small = within(value, 26, 63) & (b'a' - b'Z' - 1);
    let figure = within(value, 52, 63) & b'0'.wrapping_sub(b'z' + 1);
    let plus = within(value, 62, 63) & b'+'.wrapping_sub(b'9' + 1);
    let slash = within(value, 63, 63) & (b'/' - b'+' - 1);
    let from_a = value.wrapping_add(b'A').wrapping_add(small).wrapping_add(figure);
    from_a.wrapping_add(plus).wrapping_add(slash)
}

/// The value of a digit, and 255 if it is one; else 0.
const fn value(digit: u8) -> (u8, u8) {
    let letter = within(digit, b'A', b'Z');
    let small = within(digit, b'a', b'z');
    let figure = within(digit, b'0', b'9');
    let plus = within(digit, b'+', b'+');
    let slash = within(digit, b'/', b'/');
    let value = letter & digit.wrapping_sub(b'A')
        | small & digit.wrapping_sub(b'a' - 26)
        | figure & digit.wrapping_sub(b'0').wrapping_add(52)
        | plus & 62
        | slash & 63;
    (value, letter | small | figure | plus | slash)
}

/// How many digits encode `len` bytes.
pub(crate) const fn encoded_len(len: usize) -> usize {
    len.div_ceil(3) * 4
}

/// Appends the digits of `bytes`.
pub(crate) fn encode(bytes: &[u8], to: &mut Vec<u8>) {
    let start = to.len();
    to.resize(start + encoded_len(bytes.len()), 0);
    let place = &mut to[start..];
    let (groups, rest) = bytes.as_chunks::<3>();
    for (values, &[a, b, c]) in place.as_chunks_mut::<4>().0.iter_mut().zip(groups) {
        *values = values_of(a, b, c);
    }
    let pads = match (rest, place.last_chunk_mut::<4>()) {
        (&[a], Some(last)) => {
            *last = values_of(a, 0, 0);
            2
        }
        (&[a, b], Some(last)) => {
            *last = values_of(a, b, 0);
            1
        }
        _ => 0,
    };
    place.iter_mut().for_each(|byte| *byte = digit(*byte));
    let end = place.len();
    place[end - pads..].fill(b'=');
}

const fn values_of(a: u8, b: u8, c: u8) -> [u8; 4] {
    [a >> 2, (a << 4 | b >> 4) & 63, (b << 2 | c >> 6) & 63, c & 63]
}

/// The bytes that `text` encodes. `None` when it is not the one encoding of any: another digit,
/// too few, unused bits that are not zero.
///
/// They are in a buffer that never grew, and what it holds behind them is theirs too, so that it
/// is to be wiped whole; `wipe` has it when there is no answer.
pub(crate) fn decode(text: &str, wipe: impl FnOnce(Vec<u8>)) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(4) {
        return None;
    }
    let pads = match digits {
        [.., b'=', b'='] => 2,
        [.., b'='] => 1,
        _ => 0,
    };
    let mut bytes = Vec::with_capacity(digits.len());
    bytes.extend_from_slice(&digits[..digits.len() - pads]);
    let valid = bytes.iter().fold(255, |all, digit| all & value(*digit).1);
    bytes.iter_mut().for_each(|digit| *digit = value(*digit).0);
    bytes.resize(digits.len(), 0);
    for group in 0..digits.len() / 4 {
        let Some(&[a, b, c, d]) = bytes[group * 4..].first_chunk() else { break };
        let three = [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d];
        bytes[group * 3..][..3].copy_from_slice(&three);
    }
    let end = digits.len() / 4 * 3;
    let len = end - pads;
    let unused = bytes[len..end].iter().fold(0, |bits, byte| bits | byte);
    bytes.truncate(len);
    if valid == 255 && unused == 0 {
        Some(bytes)
    } else {
        wipe(bytes);
        None
    }
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64, Encoding};

    use super::*;

    fn encoded(bytes: &[u8]) -> String {
        let mut text = b"before".to_vec();
        encode(bytes, &mut text);
        String::from_utf8(text).unwrap().split_off(6)
    }

    #[test]
    fn the_vectors_of_rfc_4648_section_10() {
        let vectors = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, text) in vectors {
            assert_eq!(encoded(plain.as_bytes()), text);
            assert_eq!(decode(text, drop).as_deref(), Some(plain.as_bytes()));
        }
        println!("vectors: RFC: base64 (RFC 4648): {}", vectors.len());
    }

    #[test]
    fn both_directions_are_what_another_implementation_does() {
        let mut state = 1_u64;
        let mut byte = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        };
        for len in (0..200).chain([4096, 6144]) {
            let bytes: Vec<u8> = (0..len).map(|_| byte()).collect();
            let text = encoded(&bytes);
            assert_eq!(text, Base64::encode_string(&bytes));
            assert_eq!(decode(&text, drop), Some(bytes));
        }
    }

    #[test]
    fn what_another_implementation_refuses_is_refused() {
        let spoil = |text: &str| {
            let theirs = Base64::decode_vec(text).ok();
            assert_eq!(decode(text, drop), theirs, "{text:?}");
        };
        for first in 0..=127_u8 {
            for text in ["QUJD", "QUI=", "QQ==", "QUJDQUJD"] {
                for place in 0..text.len() {
                    let mut bytes = text.as_bytes().to_vec();
                    bytes[place] = first;
                    spoil(str::from_utf8(&bytes).unwrap());
                }
                for end in 0..text.len() {
                    spoil(&text[..end]);
                }
            }
        }
        for text in ["=", "==", "===", "====", "A===", "QQ=A", "Q=Q=", "é===", "QQ==QQ=="] {
            spoil(text);
        }
    }
}
