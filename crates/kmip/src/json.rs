//! KMIP in JSON: an item is an object of tag, type and value.
//!
//! ```json
//! {"tag":"ProtocolVersion", "value":[
//!   {"tag":"ProtocolVersionMajor", "type":"Integer", "value":2}
//! ]}
//! ```
//!
//! A tag or type that has no name is written in hexadecimal, and so is a number that not every
//! reader of JSON can hold.

use std::{
    borrow::Cow,
    fmt::{self, Write},
    mem,
};

use model::limits;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::{
    names::Tag,
    notation,
    ttlv::{Item, Kind, Malformed, Text, Value},
    xml,
};

/// Integers beyond this are not exact everywhere (RFC 8259, section 6, and the profiles).
const EXACT: u64 = 1 << 52;

/// Reads a document of one item, e.g. a `RequestMessage`.
///
/// # Errors
/// When the bytes are not such a document, and when one of the bounds is exceeded.
pub fn decode(bytes: &[u8]) -> Result<Item, Malformed> {
    if bytes.len() > limits::KMIP_MESSAGE_LEN_MAX {
        return Err(Malformed::TooLong);
    }
    let text = str::from_utf8(bytes).map_err(|_| Malformed::NotUtf8)?;
    let mut reader = Reader { rest: text, room: notation::items_max(bytes.len()) - 1 };
    let item = reader.item(&[], limits::KMIP_DEPTH_MAX)?;
    reader.skip_blanks();
    if reader.rest.is_empty() { Ok(item) } else { Err(Malformed::Document) }
}

/// The text that is left, which is gone through once, however deep its structures are; and how many
/// more items there may be.
struct Reader<'a> {
    rest: &'a str,
    room: usize,
}

/// A value of which the type may still be to come.
enum Found<'a> {
    Items(Vec<Item>),
    Leaf(&'a str),
}

impl<'a> Reader<'a> {
    fn item(&mut self, before: &[Item], depth: usize) -> Result<Item, Malformed> {
        let (mut tag, mut kind, mut name, mut value) = (None, None, None, None);
        self.must_take('{')?;
        loop {
            let member = self.string()?;
            self.must_take(':')?;
            let is_there_already = match &*member {
                "tag" => tag.replace(self.string()?).is_some(),
                "type" => kind.replace(self.string()?).is_some(),
                "name" => name.replace(self.string()?).is_some(),
                "value" => value.replace(self.value(depth)?).is_some(),
                _ => true,
            };
            if is_there_already {
                return Err(Malformed::Document);
            }
            if self.takes('}') {
                break;
            }
            self.must_take(',')?;
        }
        let tag = tag.ok_or(Malformed::Document)?;
        let tag = match Tag::named(&tag) {
            Some(tag) => tag,
            None => xml::tag(&tag)?,
        };
        let kind = match kind {
            None => Kind::Structure,
            Some(name) => Kind::named(&name).ok_or(Malformed::Name)?,
        };
        let value = match (kind, value.ok_or(Malformed::Document)?) {
            (Kind::Structure, Found::Items(items)) => Value::Structure(items),
            (Kind::Structure, Found::Leaf(_)) => return Err(Malformed::Document),
            (_, Found::Items(_)) => return Err(Malformed::Value),
            (kind, Found::Leaf(text)) => {
                notation::read(kind, notation::naming(tag, before), leaf(kind, text)?)?
            }
        };
        Ok(Item { tag, value })
    }

    fn value(&mut self, depth: usize) -> Result<Found<'a>, Malformed> {
        if !self.takes('[') {
            return self.token().map(Found::Leaf);
        }
        let depth = depth.checked_sub(1).ok_or(Malformed::TooDeep)?;
        let mut items = Vec::new();
        if self.takes(']') {
            return Ok(Found::Items(items));
        }
        loop {
            self.room = self.room.checked_sub(1).ok_or(Malformed::TooMany)?;
            let item = self.item(&items, depth)?;
            notation::push(&mut items, item);
            if self.takes(']') {
                return Ok(Found::Items(items));
            }
            self.must_take(',')?;
        }
    }

    /// A string without its quotes and escapes.
    fn string(&mut self) -> Result<Cow<'a, str>, Malformed> {
        unquoted(self.token()?)
    }

    /// A string with its quotes, a number or a word. It is right by RFC 8259, and copied nowhere.
    fn token(&mut self) -> Result<&'a str, Malformed> {
        self.skip_blanks();
        let len = match self.rest.strip_prefix('"') {
            Some(inner) => string_len(inner).ok_or(Malformed::Document)? + 2,
            None => self.rest.find(|c| BLANKS.contains(&c) || MARKS.contains(&c)).unwrap_or(0),
        };
        let (token, rest) = self.rest.split_at_checked(len).ok_or(Malformed::Document)?;
        serde_json::from_str::<&RawValue>(token).map_err(|_| Malformed::Document)?;
        self.rest = rest;
        Ok(token)
    }

    fn must_take(&mut self, mark: char) -> Result<(), Malformed> {
        if self.takes(mark) { Ok(()) } else { Err(Malformed::Document) }
    }

    /// Takes a mark, if that is what is next.
    fn takes(&mut self, mark: char) -> bool {
        self.skip_blanks();
        let after = self.rest.strip_prefix(mark);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches(BLANKS);
    }
}

/// What may be between tokens, and what ends one that is no string.
const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];
const MARKS: [char; 4] = [',', ':', ']', '}'];

/// The length of a string, given what is after its first quote.
fn string_len(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    })
}

/// The text of a leaf: that of a string without its quotes, or a number or truth value as it is.
fn leaf(kind: Kind, text: &str) -> Result<Cow<'_, str>, Malformed> {
    if !text.starts_with('"') {
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let right = match kind {
            Kind::TextString | Kind::ByteString | Kind::BigInteger | Kind::Enumeration => false,
            Kind::Boolean => true,
            _ => !text.starts_with(|c: char| c.is_ascii_alphabetic()),
        };
        return if plain && right { Ok(Cow::Borrowed(text)) } else { Err(Malformed::Value) };
    }
    unquoted(text)
}

/// The text of a string that is written with its quotes.
fn unquoted(text: &str) -> Result<Cow<'_, str>, Malformed> {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let inner = inner.ok_or(Malformed::Document)?;
    match inner.contains('\\') {
        false => Ok(Cow::Borrowed(inner)),
        true => unescaped(inner).map(Cow::Owned).ok_or(Malformed::Document),
    }
}

/// The text of a string that is known to be right but for its escapes (RFC 8259, section 7). It may
/// be a secret, and is written where it stays: it is not longer than its escapes.
fn unescaped(text: &str) -> Option<String> {
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        let kind = escape.chars().next()?;
        rest = escape.get(kind.len_utf8()..)?;
        let c = match kind {
            '"' | '\\' | '/' => kind,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let (unit, after) = unit(rest)?;
                rest = after;
                match char::from_u32(unit) {
                    Some(c) => c,
                    None => {
                        let (low, after) = unit_of_pair(rest)?;
                        rest = after;
                        char::decode_utf16([unit as u16, low as u16]).next()?.ok()?
                    }
                }
            }
            _ => return None,
        };
        out.push(c);
    }
    out.push_str(rest);
    Some(mem::take(&mut *out))
}

/// Four hexadecimal digits, and what is after them.
fn unit(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    let right = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    right.then_some((u32::from_str_radix(digits, 16).ok()?, rest))
}

/// The second escape of a pair that makes one character.
fn unit_of_pair(text: &str) -> Option<(u32, &str)> {
    unit(text.strip_prefix("\\u")?)
}

/// Writes an item as a document.
///
/// # Errors
/// None that a tree from a decoder can cause.
pub fn encode(item: &Item) -> Result<Text, Malformed> {
    notation::document(|out| write(item, &[], out))
}

fn write(item: &Item, before: &[Item], out: &mut dyn Write) -> fmt::Result {
    match item.tag.name() {
        Some(name) => write!(out, "{{\"tag\":\"{name}\",")?,
        None => write!(out, "{{\"tag\":\"{:#08x}\",", item.tag.0)?,
    }
    if let Value::Structure(items) = &item.value {
        out.write_str("\"value\":[")?;
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                out.write_char(',')?;
            }
            write(item, items.get(..at).unwrap_or_default(), out)?;
        }
        return out.write_str("]}");
    }
    write!(out, "\"type\":\"{}\",\"value\":", item.value.kind().name())?;
    write_leaf(&item.value, notation::naming(item.tag, before), out)?;
    out.write_char('}')
}

fn write_leaf(value: &Value, naming: Tag, out: &mut dyn Write) -> fmt::Result {
    match value {
        Value::LongInteger(number) if number.unsigned_abs() >= EXACT => {
            return write!(out, "\"{number:#018x}\"");
        }
        Value::Integer(number) if *number == 0 || crate::names::mask_on(naming).is_none() => {
            return write!(out, "{number}");
        }
        Value::LongInteger(_) | Value::Interval(_) | Value::Boolean(_) => {
            return notation::write(value, naming, '|', out);
        }
        Value::BigInteger(_) => out.write_str("\"0x")?,
        _ => out.write_char('"')?,
    }
    notation::write(value, naming, '|', &mut Escaped(out))?;
    out.write_char('"')
}

/// Text within the quotes of a string.
struct Escaped<'a>(&'a mut dyn Write);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| match c {
            '"' | '\\' => write!(self.0, "\\{c}"),
            '\0'..=' ' if c != ' ' => write!(self.0, "\\u{:04x}", u32::from(c)),
            c => self.0.write_char(c),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_and_written_back() {
        let document = concat!(
            r#"{"tag":"Attributes","value":["#,
            r#"{"tag":"CryptographicUsageMask","type":"Integer","value":"Encrypt|Decrypt"},"#,
            r#"{"tag":"CryptographicLength","type":"Integer","value":256},"#,
            r#"{"tag":"UsageLimitsTotal","type":"LongInteger","value":-7},"#,
            r#"{"tag":"UsageLimitsTotal","type":"LongInteger","value":"0x0010000000000000"},"#,
            r#"{"tag":"Modulus","type":"BigInteger","value":"0x0000000000010001"},"#,
            r#"{"tag":"Description","type":"TextString","value":"\"\\\u000aä"},"#,
            r#"{"tag":"0x540001","value":[]},"#,
            r#"{"tag":"Fresh","type":"Boolean","value":true}]}"#
        );
        let item = decode(document.as_bytes()).unwrap();
        assert_eq!(encode(&item).unwrap().as_str(), document);
        let other_order = r#" { "value" : "0x7", "type":"Integer", "tag":"BatchCount" } "#;
        assert!(matches!(decode(other_order.as_bytes()).unwrap().value, Value::Integer(7)));
    }

    #[test]
    fn escapes_are_read_as_the_characters_that_they_stand_for() {
        let read = |text: &str| {
            let document = format!(r#"{{"tag":"Username","type":"TextString","value":"{text}"}}"#);
            decode(document.as_bytes()).map(|item| match item.value {
                Value::TextString(text) => text.as_str().to_owned(),
                _ => String::new(),
            })
        };
        let all = r#"\"\\\/\b\f\n\r\t\u00e4\ud83d\udd11é"#;
        assert_eq!(read(all).unwrap(), "\"\\/\u{8}\u{c}\n\r\tä\u{1f511}é");
        for wrong in [r"\ud83d", r"\ud83d\u0041", r"\udd11", r"\x", r"\u12", r"\u+123"] {
            assert_eq!(read(wrong), Err(Malformed::Document), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_such_document_is_refused() {
        use Malformed::*;
        for (text, why) in [
            ("", Document),
            ("[]", Document),
            (r#"{"tag":"Name"}"#, Document),
            (r#"{"tag":"Name","value":{}}"#, Document),
            (r#"{"tag":"Name","value":[]} 1"#, Document),
            (r#"{"tag":"Name","value":[],"a":1}"#, Document),
            (r#"{"tag":"Name","value":[],"tag":"Name"}"#, Document),
            (r#"{"tag":"Name","value":[],}"#, Document),
            (r#"{"tag":"Name","value":[{"tag":"Name","value":[]},]}"#, Document),
            (r#"{"tag":"Name","value":[]"#, Document),
            (r#"{"tag":"Name","type":"Integer","value":01}"#, Document),
            (r#"{"tag":"Name","type":"Integer","value":[]}"#, Value),
            ("{\"tag\":\"Name\",\"type\":\"TextString\",\"value\":\"\n\"}", Document),
            (r#"{"tag":"Nothing","value":[]}"#, Name),
            (r#"{"tag":"Name","type":"Text","value":""}"#, Name),
            (r#"{"tag":"Name","type":"TextString","value":1}"#, Value),
            (r#"{"tag":"Name","type":"Integer","value":1.0}"#, Value),
            (r#"{"tag":"Name","type":"Integer","value":null}"#, Value),
            (r#"{"tag":"CryptographicUsageMask","type":"Integer","value":Sign}"#, Document),
        ] {
            assert_eq!(decode(text.as_bytes()).unwrap_err(), why, "{text}");
        }
    }

    #[test]
    fn depth_and_number_are_bounded_as_in_binary() {
        let nested =
            |depth: usize| r#"{"tag":"Name","value":["#.repeat(depth) + &"]}".repeat(depth);
        assert!(decode(nested(limits::KMIP_DEPTH_MAX).as_bytes()).is_ok());
        let deep = decode(nested(limits::KMIP_DEPTH_MAX + 1).as_bytes());
        assert_eq!(deep.unwrap_err(), Malformed::TooDeep);
        let leaf = r#"{"tag":"Name","value":[]}"#;
        let many =
            format!(r#"{{"tag":"Name","value":[{leaf}{}]}}"#, format!(",{leaf}").repeat(4000));
        assert_eq!(decode(many.as_bytes()).unwrap_err(), Malformed::TooMany);
    }
}
