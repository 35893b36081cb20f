//! How XML and JSON write a leaf: the rules that both share (KMIP Profiles 1.4 and 2.1,
//! "XML encoding" and "JSON encoding").
//!
//! A number that has a name is written by it and is read by it or in hexadecimal. What names a
//! number may have depends on the item's tag; that of an `AttributeValue` goes by the
//! `AttributeName` before it.

use std::{
    borrow::Cow,
    fmt::{self, Write},
};

use model::{Secret, Wall, limits};

use crate::{
    names::{Tag, enumeration_on, mask_on},
    ttlv::{Item, Kind, Malformed, Text, Value},
};

/// Most items of a document of so many bytes. One that is written as it must be has more bytes for
/// each; another cannot make a server allocate much more than its own length.
pub(crate) fn items_max(len: usize) -> usize {
    const ITEM_LEN_MIN: usize = 32;
    const ITEMS_FREE: usize = 512;
    (len / ITEM_LEN_MIN + ITEMS_FREE).min(limits::KMIP_ITEMS_MAX)
}

/// Adds an item to a structure. A vector begins with room for four, most of which would be wasted
/// on structures of one item; and a document may be full of these.
pub(crate) fn push(items: &mut Vec<Item>, item: Item) {
    if items.len() == items.capacity() {
        items.reserve_exact(items.len().max(1));
    }
    items.push(item);
}

/// The tag whose names a leaf's numbers have, given the items before it in its structure.
pub(crate) fn naming(tag: Tag, before: &[Item]) -> Tag {
    if tag != Tag::ATTRIBUTE_VALUE {
        return tag;
    }
    let name = before.iter().find_map(|item| match (item.tag, &item.value) {
        (Tag::ATTRIBUTE_NAME, Value::TextString(name)) => Tag::named(&joined(name.as_str())),
        _ => None,
    });
    name.unwrap_or(tag)
}

/// A name of a specification's text as XML and JSON write it: `X.509 Certificate Issuer` becomes
/// `X_509CertificateIssuer`.
fn joined(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut starts = true;
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        let mut ahead = chars.clone();
        let word_follows = ahead.next().is_some_and(char::is_alphabetic)
            && ahead.next().is_some_and(char::is_lowercase);
        match c {
            _ if c.is_alphanumeric() || c == '_' => {
                if starts {
                    out.extend(c.to_uppercase())
                } else {
                    out.push(c)
                }
                starts = false;
            }
            ' ' | '(' | ')' => starts = true,
            _ if word_follows => starts = true,
            _ => out.push('_'),
        }
    }
    out
}

/// Whether the values of the items with this tag are tags.
fn names_tags(naming: Tag) -> bool {
    matches!(naming, Tag::ATTRIBUTE_REFERENCE | Tag::TAG | Tag::EXTENSION_PARENT_STRUCTURE_TAG)
}

/// Reads a leaf.
pub(crate) fn read(kind: Kind, naming: Tag, text: Cow<'_, str>) -> Result<Value, Malformed> {
    if kind == Kind::TextString {
        return Ok(Value::TextString(Text::new(text.into_owned())));
    }
    // What is copied here may be a secret in hexadecimal.
    let owned;
    let text = match text {
        Cow::Borrowed(text) => text,
        Cow::Owned(text) => {
            owned = Text::new(text);
            owned.as_str()
        }
    };
    Ok(match kind {
        Kind::Structure | Kind::TextString => return Err(Malformed::Value),
        Kind::Integer => Value::Integer(integer(naming, text)?),
        Kind::LongInteger => Value::LongInteger(long(text)?),
        Kind::BigInteger => Value::BigInteger(big(text)?),
        Kind::Enumeration => Value::Enumeration(enumerated(naming, text)?),
        Kind::Boolean => match (text, hexadecimal(text)?) {
            ("true", _) | (_, Some(1)) => Value::Boolean(true),
            ("false", _) | (_, Some(0)) => Value::Boolean(false),
            _ => return Err(Malformed::Value),
        },
        Kind::ByteString => Value::ByteString(Secret::new(bytes(text, 0)?)),
        Kind::DateTime => Value::DateTime(moment(text)?),
        Kind::Interval => Value::Interval(narrow(text)?),
        Kind::DateTimeExtended => Value::DateTimeExtended(long(text)?),
    })
}

/// A number that is written `0x..`, or none.
fn hexadecimal(text: &str) -> Result<Option<u64>, Malformed> {
    let Some(digits) = text.strip_prefix("0x") else { return Ok(None) };
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(Malformed::Value);
    }
    u64::from_str_radix(digits, 16).map(Some).map_err(|_| Malformed::Value)
}

fn narrow(text: &str) -> Result<u32, Malformed> {
    match hexadecimal(text)? {
        Some(number) => u32::try_from(number).map_err(|_| Malformed::Value),
        None => text.parse().map_err(|_| Malformed::Value),
    }
}

fn long(text: &str) -> Result<i64, Malformed> {
    match hexadecimal(text)? {
        Some(number) => Ok(number.cast_signed()),
        None => text.parse().map_err(|_| Malformed::Value),
    }
}

fn integer(naming: Tag, text: &str) -> Result<i32, Malformed> {
    if let Ok(number) = text.parse() {
        return Ok(number);
    }
    let Some(names) = mask_on(naming) else { return Ok(narrow(text)?.cast_signed()) };
    let parts = text.split([' ', '|']).filter(|part| !part.is_empty());
    let mask = parts.map(|part| match names.value(part) {
        Some(bit) => Ok(bit),
        None => narrow(part),
    });
    mask.reduce(|one, other| Ok(one? | other?)).ok_or(Malformed::Value)?.map(u32::cast_signed)
}

fn enumerated(naming: Tag, text: &str) -> Result<u32, Malformed> {
    if let Some(number) = hexadecimal(text)? {
        return u32::try_from(number).map_err(|_| Malformed::Value);
    }
    let number = if names_tags(naming) {
        Tag::named(text).map(|tag| tag.0)
    } else {
        enumeration_on(naming).and_then(|names| names.value(text))
    };
    number.ok_or(Malformed::Name)
}

/// A big integer; one whose length is not a multiple of eight bytes is extended by its sign.
fn big(text: &str) -> Result<Secret, Malformed> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let negative = digits.bytes().next().is_some_and(|digit| digit >= b'8');
    let missing = (digits.len() / 2).wrapping_neg() % 8;
    let mut bytes = bytes(digits, missing)?;
    if negative {
        bytes.iter_mut().take(missing).for_each(|byte| *byte = 0xff);
    }
    if bytes.is_empty() { Err(Malformed::Value) } else { Ok(Secret::new(bytes)) }
}

/// Bytes from hexadecimal, with zeros before them.
fn bytes(text: &str, zeros: usize) -> Result<Vec<u8>, Malformed> {
    let digit = |digit: u8| char::from(digit).to_digit(16).ok_or(Malformed::Value);
    if !text.len().is_multiple_of(2) {
        return Err(Malformed::Value);
    }
    let mut bytes = Vec::with_capacity(zeros + text.len() / 2);
    bytes.resize(zeros, 0);
    for pair in text.as_bytes().chunks_exact(2) {
        let &[high, low] = pair else { return Err(Malformed::Value) };
        bytes.push((digit(high)? << 4 | digit(low)?) as u8);
    }
    Ok(bytes)
}

/// Seconds since the epoch, from hexadecimal or ISO 8601, e.g. `2000-02-01T00:00:00+10:00`.
/// Fractions of a second are cut off; a time without a zone is one in UTC.
fn moment(text: &str) -> Result<i64, Malformed> {
    if let Some(number) = hexadecimal(text)? {
        return Ok(number.cast_signed());
    }
    iso8601(text).ok_or(Malformed::Value)
}

fn iso8601(text: &str) -> Option<i64> {
    let (date, time) = text.split_once('T')?;
    let zone_at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (time, zone) = time.split_at_checked(zone_at)?;
    let offset_secs = match zone.split_at_checked(1) {
        None | Some(("Z", "")) => 0,
        Some((sign, zone)) => {
            let [hours, mins] = numbers(zone, ':')?;
            if hours > 23 || mins > 59 {
                return None;
            }
            let offset = i64::from(hours * 3600 + mins * 60);
            if sign == "+" { offset } else { -offset }
        }
    };
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let [year, month, day] = numbers(date, '-')?;
    let [hour, min, sec] = numbers(time, ':')?;
    let wall = Wall::from_utc(i64::from(year), month, day, hour, min, sec)?;
    i64::try_from(wall.secs()).ok()?.checked_sub(offset_secs)
}

/// Numbers of two to four digits with a sign between them.
fn numbers<const N: usize>(text: &str, between: char) -> Option<[u32; N]> {
    let mut numbers = [0; N];
    let mut parts = text.split(between);
    for number in &mut numbers {
        let part = parts.next()?;
        let right = matches!(part.len(), 2 | 4) && part.bytes().all(|c| c.is_ascii_digit());
        *number = if right { part.parse().ok()? } else { return None };
    }
    parts.next().is_none().then_some(numbers)
}

/// Writes a leaf but for its quotes. Text is not escaped; the names of bits have `between` between
/// them.
pub(crate) fn write(value: &Value, naming: Tag, between: char, out: &mut dyn Write) -> fmt::Result {
    match value {
        Value::Structure(_) => Ok(()),
        Value::Integer(number) => match mask_on(naming) {
            Some(_) if *number != 0 => write_mask(number.cast_unsigned(), naming, between, out),
            _ => write!(out, "{number}"),
        },
        Value::LongInteger(number) => write!(out, "{number}"),
        Value::Enumeration(number) => match name(*number, naming) {
            Some(name) => out.write_str(name),
            None => write!(out, "{number:#010x}"),
        },
        Value::Boolean(value) => write!(out, "{value}"),
        Value::TextString(text) => out.write_str(text.as_str()),
        Value::BigInteger(bytes) | Value::ByteString(bytes) => {
            bytes.expose().iter().try_for_each(|byte| write!(out, "{byte:02x}"))
        }
        Value::DateTime(secs) => match u64::try_from(*secs) {
            // Years of four digits.
            Ok(secs @ ..253_402_300_800) => {
                let (year, month, day, hour, min, sec) = Wall::from_secs(secs).to_utc();
                write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{min:02}:{sec:02}+00:00")
            }
            _ => write!(out, "{secs:#018x}"),
        },
        Value::Interval(secs) => write!(out, "{secs}"),
        Value::DateTimeExtended(micros) => write!(out, "{micros:#018x}"),
    }
}

fn name(number: u32, naming: Tag) -> Option<&'static str> {
    if names_tags(naming) {
        return Tag(number).name();
    }
    enumeration_on(naming)?.name(number)
}

fn write_mask(mask: u32, naming: Tag, between: char, out: &mut dyn Write) -> fmt::Result {
    let mut rest = mask;
    let names = mask_on(naming).map_or(&[][..], |names| names.all());
    for (bit, name) in names.iter().filter(|(bit, _)| mask & bit != 0) {
        if rest != mask {
            out.write_char(between)?;
        }
        out.write_str(name)?;
        rest &= !bit;
    }
    match (rest, rest == mask) {
        (0, _) => Ok(()),
        (_, true) => write!(out, "{rest:#010x}"),
        (_, false) => write!(out, "{between}{rest:#010x}"),
    }
}

/// Counts what is written, so that it can be written where it stays.
#[derive(Default)]
struct Length(usize);

impl Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

/// A document, written twice: a buffer that grows would leave copies of secrets behind.
pub(crate) fn document(write: impl Fn(&mut dyn Write) -> fmt::Result) -> Result<Text, Malformed> {
    let mut length = Length::default();
    write(&mut length).map_err(|_| Malformed::Value)?;
    let mut out = String::with_capacity(length.0);
    match write(&mut out) {
        Ok(()) => Ok(Text::new(out)),
        Err(_) => {
            drop(Text::new(out));
            Err(Malformed::Value)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(kind: Kind, tag: Tag, text: &str) -> Result<String, Malformed> {
        let value = read(kind, tag, Cow::Borrowed(text))?;
        let mut out = String::new();
        write(&value, tag, '|', &mut out).unwrap();
        Ok(out)
    }

    #[test]
    fn a_name_is_joined_as_the_profiles_say() {
        for (name, joined_name) in [
            ("Cryptographic Algorithm", "CryptographicAlgorithm"),
            ("X.509 Certificate Issuer", "X_509CertificateIssuer"),
            ("PKCS#12 Friendly Name", "PKCS_12FriendlyName"),
            ("x-Product_Version", "XProduct_Version"),
            ("Re-key", "ReKey"),
        ] {
            assert_eq!(joined(name), joined_name);
        }
    }

    #[test]
    fn numbers_are_read_by_name_and_in_hexadecimal() {
        let mask = Tag::CRYPTOGRAPHIC_USAGE_MASK;
        let masked = |text| again(Kind::Integer, mask, text);
        assert_eq!(masked("Decrypt Encrypt").unwrap(), "Encrypt|Decrypt");
        assert_eq!(masked("Sign|0x80000000").unwrap(), "Sign|0x80000000");
        assert_eq!(
            (masked("12").unwrap(), masked("0").unwrap()),
            ("Encrypt|Decrypt".into(), "0".into())
        );
        assert_eq!((masked(""), masked("Cut")), (Err(Malformed::Value), Err(Malformed::Value)));
        let algorithm = |text| again(Kind::Enumeration, Tag::CRYPTOGRAPHIC_ALGORITHM, text);
        assert_eq!(algorithm("0x00000003").unwrap(), "AES");
        assert_eq!(algorithm("0x80000001").unwrap(), "0x80000001");
        assert_eq!(algorithm("aes"), Err(Malformed::Name));
        let reference = |text| again(Kind::Enumeration, Tag::ATTRIBUTE_REFERENCE, text);
        assert_eq!(reference("CryptographicLength").unwrap(), "CryptographicLength");
        assert_eq!(again(Kind::Integer, Tag::BATCH_COUNT, "0xffffffff").unwrap(), "-1");
        assert_eq!(again(Kind::Boolean, Tag::FRESH, "0x1").unwrap(), "true");
        assert_eq!(again(Kind::Boolean, Tag::FRESH, "1"), Err(Malformed::Value));
        assert_eq!(again(Kind::LongInteger, Tag::FRESH, "0x+1"), Err(Malformed::Value));
    }

    #[test]
    fn a_big_integer_is_extended_by_its_sign() {
        let big = |text| again(Kind::BigInteger, Tag::MODULUS, text);
        assert_eq!(big("0x010001").unwrap(), "0000000000010001");
        assert_eq!(big("80").unwrap(), "ffffffffffffff80");
        assert_eq!(big("0000000000000000ff00000000000000").unwrap().len(), 32);
        assert_eq!((big(""), big("0x1")), (Err(Malformed::Value), Err(Malformed::Value)));
    }

    #[test]
    fn a_moment_is_read_in_any_zone_and_written_in_utc() {
        let moment = |text| again(Kind::DateTime, Tag::ACTIVATION_DATE, text);
        assert_eq!(moment("2000-02-01T00:00:00+10:00").unwrap(), "2000-01-31T14:00:00+00:00");
        assert_eq!(moment("2008-03-14T11:56:40.5Z").unwrap(), "2008-03-14T11:56:40+00:00");
        assert_eq!(moment("2008-03-14T11:56:40").unwrap(), "2008-03-14T11:56:40+00:00");
        assert_eq!(moment("0x47DA67F8").unwrap(), "2008-03-14T11:56:40+00:00");
        assert_eq!(moment("0xffffffffffffffff").unwrap(), "0xffffffffffffffff");
        assert_eq!(moment("1970-01-01T00:00:00+10:00").unwrap(), "0xffffffffffff7360");
        for wrong in
            ["", "2008-03-14", "2008-03-14T11:56", "2008-02-30T00:00:00Z", "20080-1-1T0:0:0"]
        {
            assert_eq!(moment(wrong), Err(Malformed::Value), "{wrong}");
        }
    }
}
