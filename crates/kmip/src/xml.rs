//! KMIP in XML: an element is an item, named by its tag.
//!
//! ```xml
//! <ProtocolVersion>
//!   <ProtocolVersionMajor type="Integer" value="2"/>
//! </ProtocolVersion>
//! ```
//!
//! A tag without a name is an element `TTLV` with an attribute `tag="0x540001"`. There is no
//! DOCTYPE, no entity but the five that XML has, and no text between elements.

use std::{
    borrow::Cow,
    fmt::{self, Write},
    mem,
};

use model::limits;
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use zeroize::Zeroizing;

use crate::{
    names::Tag,
    notation,
    ttlv::{Item, Kind, Malformed, Text, Value},
};

/// Reads a document of one item, e.g. a `RequestMessage`.
///
/// # Errors
/// When the bytes are not such a document, and when one of the bounds is exceeded.
pub fn decode(bytes: &[u8]) -> Result<Item, Malformed> {
    if bytes.len() > limits::KMIP_MESSAGE_LEN_MAX {
        return Err(Malformed::TooLong);
    }
    let text = str::from_utf8(bytes).map_err(|_| Malformed::NotUtf8)?;
    let mut tree = Tree { open: Vec::new(), root: None, room: notation::items_max(bytes.len()) };
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event().map_err(|_| Malformed::Document)? {
            Event::Start(element) => tree.start(&element)?,
            Event::Empty(element) => {
                tree.start(&element)?;
                tree.end()?;
            }
            Event::End(_) => tree.end()?,
            Event::Text(text) if text.trim_ascii().is_empty() => {}
            Event::Comment(_) | Event::Decl(_) => {}
            Event::Eof => return tree.finished(),
            Event::Text(_)
            | Event::CData(_)
            | Event::PI(_)
            | Event::DocType(_)
            | Event::GeneralRef(_) => return Err(Malformed::Document),
        }
    }
}

/// The elements that have begun and not ended, and what has.
struct Tree {
    open: Vec<Item>,
    root: Option<Item>,
    room: usize,
}

impl Tree {
    fn start(&mut self, element: &BytesStart<'_>) -> Result<(), Malformed> {
        if self.root.is_some() {
            return Err(Malformed::Trailing);
        }
        self.room = self.room.checked_sub(1).ok_or(Malformed::TooMany)?;
        let (mut kind, mut value, mut number) = (Kind::Structure, None, None);
        for attribute in element.attributes() {
            let attribute = attribute.map_err(|_| Malformed::Document)?;
            let Cow::Borrowed(text) = attribute.value else { return Err(Malformed::Document) };
            let text = unescaped(text)?;
            match attribute.key.as_ref() {
                "type" => kind = Kind::named(&text).ok_or(Malformed::Name)?,
                "value" => value = Some(text),
                "tag" => number = Some(text),
                "name" => {}
                name if name.starts_with("xmlns") => {}
                _ => return Err(Malformed::Document),
            }
        }
        let tag = match (element.name().as_ref(), number) {
            ("TTLV", Some(number)) => tag(&number)?,
            (name, None) => Tag::named(name).ok_or(Malformed::Name)?,
            _ => return Err(Malformed::Document),
        };
        let value = match (kind, value) {
            (Kind::Structure, None) if self.open.len() == limits::KMIP_DEPTH_MAX => {
                return Err(Malformed::TooDeep);
            }
            (Kind::Structure, None) => Value::Structure(Vec::new()),
            (Kind::Structure, Some(_)) => return Err(Malformed::Value),
            (kind, value) => self.leaf(kind, tag, value.unwrap_or_default())?,
        };
        self.open.push(Item { tag, value });
        Ok(())
    }

    fn leaf(&self, kind: Kind, tag: Tag, text: Cow<'_, str>) -> Result<Value, Malformed> {
        if !text.chars().all(is_allowed) {
            return Err(Malformed::Document);
        }
        let before = match self.open.last() {
            Some(Item { value: Value::Structure(items), .. }) => items.as_slice(),
            _ => &[],
        };
        notation::read(kind, notation::naming(tag, before), text)
    }

    fn end(&mut self) -> Result<(), Malformed> {
        let item = self.open.pop().ok_or(Malformed::Document)?;
        match self.open.last_mut() {
            None => self.root = Some(item),
            Some(Item { value: Value::Structure(items), .. }) => notation::push(items, item),
            Some(_) => return Err(Malformed::Document),
        }
        Ok(())
    }

    fn finished(self) -> Result<Item, Malformed> {
        if self.open.is_empty() {
            self.root.ok_or(Malformed::Truncated)
        } else {
            Err(Malformed::Truncated)
        }
    }
}

/// A tag by its number, e.g. `0x540001`.
pub(crate) fn tag(text: &str) -> Result<Tag, Malformed> {
    let digits = text.strip_prefix("0x").ok_or(Malformed::Name)?;
    let right = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let number = u32::from_str_radix(digits, 16).map_err(|_| Malformed::Name)?;
    match number >> 16 {
        0x42 | 0x54 if right => Ok(Tag(number)),
        _ => Err(Malformed::Tag),
    }
}

/// An attribute's value without its references and line ends (XML 1.0, section 3.3.3). It may be a
/// secret, and is written where it stays: it is not longer than its references.
fn unescaped(text: &str) -> Result<Cow<'_, str>, Malformed> {
    if !text.contains(['&', '\t', '\n', '\r']) {
        return Ok(Cow::Borrowed(text));
    }
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some(at) = rest.find(['&', '\t', '\n', '\r']) {
        let (plain, special) = rest.split_at(at);
        out.push_str(plain);
        if let Some(reference) = special.strip_prefix('&') {
            let (name, after) = reference.split_once(';').ok_or(Malformed::Document)?;
            out.push(referred(name).ok_or(Malformed::Document)?);
            rest = after;
        } else {
            out.push(' ');
            rest = special.strip_prefix("\r\n").unwrap_or_else(|| special.split_at(1).1);
        }
    }
    out.push_str(rest);
    Ok(Cow::Owned(mem::take(&mut *out)))
}

/// The character that a reference stands for.
fn referred(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "apos" => '\'',
        "quot" => '"',
        _ => {
            let number = name.strip_prefix('#')?;
            let (digits, radix) = match number.strip_prefix('x') {
                Some(digits) => (digits, 16),
                None => (number, 10),
            };
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            char::from_u32(u32::from_str_radix(digits, radix).ok()?)?
        }
    })
}

/// Whether XML 1.0 has the character (section 2.2).
fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Writes an item as a document. A character of a text that XML has no way to write becomes
/// U+FFFD.
///
/// # Errors
/// None that a tree from a decoder can cause.
pub fn encode(item: &Item) -> Result<Text, Malformed> {
    notation::document(|out| write(item, &[], 0, out))
}

fn write(item: &Item, before: &[Item], depth: usize, out: &mut dyn Write) -> fmt::Result {
    write!(out, "{:1$}<", "", depth * 2)?;
    let name = item.tag.name();
    match name {
        Some(name) => out.write_str(name)?,
        None => write!(out, "TTLV tag=\"{:#08x}\"", item.tag.0)?,
    }
    if let Value::Structure(items) = &item.value {
        if items.is_empty() {
            return out.write_str("/>\n");
        }
        out.write_str(">\n")?;
        for (at, item) in items.iter().enumerate() {
            write(item, items.get(..at).unwrap_or_default(), depth + 1, out)?;
        }
        return writeln!(out, "{:1$}</{2}>", "", depth * 2, name.unwrap_or("TTLV"));
    }
    write!(out, " type=\"{}\" value=\"", item.value.kind().name())?;
    notation::write(&item.value, notation::naming(item.tag, before), ' ', &mut Escaped(out))?;
    out.write_str("\"/>\n")
}

/// Text within the quotes of an attribute.
struct Escaped<'a>(&'a mut dyn Write);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| match c {
            '&' => self.0.write_str("&amp;"),
            '<' => self.0.write_str("&lt;"),
            '>' => self.0.write_str("&gt;"),
            '"' => self.0.write_str("&quot;"),
            '\t' | '\n' | '\r' => write!(self.0, "&#{};", u32::from(c)),
            c if is_allowed(c) => self.0.write_char(c),
            _ => self.0.write_char('\u{fffd}'),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ttlv;

    #[test]
    fn a_document_is_read_and_written_back() {
        let document = "<Attribute>\n  \
            <AttributeName type=\"TextString\" value=\"Cryptographic Usage Mask\"/>\n  \
            <AttributeValue type=\"Integer\" value=\"Encrypt Decrypt\"/>\n  \
            <Name/>\n  \
            <TTLV tag=\"0x540001\">\n    \
              <Description type=\"TextString\" value=\"a&lt;&quot;&#10;ä\"/>\n  \
            </TTLV>\n  \
            <TTLV tag=\"0x540002\" type=\"ByteString\" value=\"0aff\"/>\n\
            </Attribute>\n";
        let item = decode(document.as_bytes()).unwrap();
        assert_eq!(encode(&item).unwrap().as_str(), document);
        let Value::Structure(items) = &item.value else { panic!("{item:?}") };
        assert!(matches!(items[1].value, Value::Integer(12)));
    }

    #[test]
    fn what_is_no_such_document_is_refused() {
        use Malformed::*;
        for (text, why) in [
            ("", Truncated),
            ("<Name>", Truncated),
            ("<Name/><Name/>", Trailing),
            ("<Name></Value>", Document),
            ("<Name>text</Name>", Document),
            ("<Name value=\"1\"/>", Value),
            ("<Name type=\"Integer\" value=\"1\"><Data/></Name>", Document),
            ("<Name type=\"Integer\" type=\"Integer\" value=\"1\"/>", Document),
            ("<Name size=\"1\"/>", Document),
            ("<Name type=\"TextString\" value=\"&#1;\"/>", Document),
            ("<Name type=\"TextString\" value=\"&a;\"/>", Document),
            ("<!DOCTYPE a [<!ENTITY a \"b\">]><Name/>", Document),
            ("<Nothing/>", Name),
            ("<TTLV tag=\"0x410000\"/>", Tag),
            ("<Name type=\"Text\" value=\"\"/>", Name),
        ] {
            assert_eq!(decode(text.as_bytes()).unwrap_err(), why, "{text}");
        }
    }

    #[test]
    fn references_are_read_as_the_characters_that_they_stand_for() {
        let read = |text: &str| unescaped(text).map(Cow::into_owned);
        assert_eq!(read("a&lt;&gt;&amp;&apos;&quot;&#228;&#xe4;&#10;b").unwrap(), "a<>&'\"ää\nb");
        assert_eq!(read("a\r\nb\tc\rd").unwrap(), "a b c d");
        for wrong in ["&", "&lt", "&;", "&a;", "&#;", "&#x;", "&#+1;", "&#xd800;", "&#1a;"] {
            assert_eq!(read(wrong), Err(Malformed::Document), "{wrong}");
        }
    }

    #[test]
    fn depth_and_number_are_bounded_as_in_binary() {
        let nested = |depth| "<Name>".repeat(depth) + &"</Name>".repeat(depth);
        let item = decode(nested(limits::KMIP_DEPTH_MAX).as_bytes()).unwrap();
        assert!(ttlv::decode(ttlv::encode(&item).unwrap().expose()).is_ok());
        let deep = decode(nested(limits::KMIP_DEPTH_MAX + 1).as_bytes());
        assert_eq!(deep.unwrap_err(), Malformed::TooDeep);
        let many = format!("<Name>{}</Name>", "<X/>".repeat(1000));
        assert_eq!(decode(many.as_bytes()).unwrap_err(), Malformed::TooMany);
    }

    #[test]
    fn what_xml_cannot_write_is_replaced() {
        let item = Item::new(Tag::DESCRIPTION, Value::text("a\u{1}b"));
        assert!(encode(&item).unwrap().as_str().contains("a\u{fffd}b"));
    }
}
