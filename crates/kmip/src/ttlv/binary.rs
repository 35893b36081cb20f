//! TTLV: tag, type, length, value (1.4 section 9.1, 2.1 section 10.1).
//!
//! ```text
//!  0      3      4         8                 8 + length   a multiple of 8
//! +------+------+---------+------------------+------------+
//! | tag  | type | length  | value            | zeros      |
//! +------+------+---------+------------------+------------+
//! ```
//!
//! An item has one encoding, and bytes are one item or none. A declared length is never more than
//! a claim: it is compared with the bytes that there are before anything is allocated.

use model::{Secret, limits};

use crate::{
    names::Tag,
    ttlv::{Item, Kind, Malformed, Value},
};

/// Bytes of an item before its value.
pub const HEAD_LEN: usize = 8;

/// The length of a whole message of which `head` is the beginning: how much to read off a
/// connection.
///
/// # Errors
/// When this is not the beginning of a structure, or of more than
/// [`limits::KMIP_MESSAGE_LEN_MAX`] bytes.
pub fn message_len(head: [u8; HEAD_LEN]) -> Result<usize, Malformed> {
    let mut reader = Reader(&head);
    let (_, kind, len) = reader.head()?;
    if kind != Kind::Structure {
        return Err(Malformed::Type);
    }
    let whole = len.checked_add(HEAD_LEN).ok_or(Malformed::TooLong)?;
    match whole {
        ..=limits::KMIP_MESSAGE_LEN_MAX => Ok(whole),
        _ => Err(Malformed::TooLong),
    }
}

/// Reads an item, which must be all there is.
///
/// # Errors
/// When the bytes are not what [`encode`] would have made, and when one of the bounds is exceeded.
pub fn decode(bytes: &[u8]) -> Result<Item, Malformed> {
    if bytes.len() > limits::KMIP_MESSAGE_LEN_MAX {
        return Err(Malformed::TooLong);
    }
    let mut reader = Reader(bytes);
    let mut room = limits::KMIP_ITEMS_MAX - 1;
    let item = reader.item(limits::KMIP_DEPTH_MAX, &mut room)?;
    if reader.0.is_empty() { Ok(item) } else { Err(Malformed::Trailing) }
}

/// The bytes that are left.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], Malformed> {
        let (head, tail) = self.0.split_at_checked(len).ok_or(Malformed::Truncated)?;
        self.0 = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.take(N)?.try_into().map_err(|_| Malformed::Truncated)
    }

    /// An item's tag, type and length. A structure's length is that of its padded items.
    fn head(&mut self) -> Result<(Tag, Kind, usize), Malformed> {
        let [first, second, third, kind] = self.array()?;
        if !matches!(first, 0x42 | 0x54) {
            return Err(Malformed::Tag);
        }
        let tag = Tag(u32::from_be_bytes([0, first, second, third]));
        let kind = Kind::of(kind).ok_or(Malformed::Type)?;
        let len = u32::from_be_bytes(self.array()?);
        let len = usize::try_from(len).map_err(|_| Malformed::TooLong)?;
        let right = match kind {
            Kind::Structure => len.is_multiple_of(8),
            Kind::BigInteger => len.is_multiple_of(8) && len > 0,
            Kind::Integer | Kind::Enumeration | Kind::Interval => len == 4,
            Kind::LongInteger | Kind::Boolean | Kind::DateTime | Kind::DateTimeExtended => len == 8,
            Kind::TextString | Kind::ByteString => true,
        };
        if right { Ok((tag, kind, len)) } else { Err(Malformed::Length) }
    }

    /// An item. `depth` is how many structures there may be in each other, `room` how many items.
    fn item(&mut self, depth: usize, room: &mut usize) -> Result<Item, Malformed> {
        let (tag, kind, len) = self.head()?;
        let body = self.take(len)?;
        let value = match kind {
            Kind::Structure => Value::Structure(structure(body, depth, room)?),
            Kind::TextString => {
                let text = str::from_utf8(body).map_err(|_| Malformed::NotUtf8)?;
                Value::text(text)
            }
            Kind::ByteString => Value::bytes(body),
            Kind::BigInteger => Value::BigInteger(Secret::new(body.to_vec())),
            _ => scalar(kind, body)?,
        };
        if self.take(padding(len))?.iter().any(|&byte| byte != 0) {
            return Err(Malformed::Padding);
        }
        Ok(Item { tag, value })
    }
}

/// The items of a structure. They are counted first, so that they are stored where they stay.
fn structure(body: &[u8], depth: usize, room: &mut usize) -> Result<Vec<Item>, Malformed> {
    let depth = depth.checked_sub(1).ok_or(Malformed::TooDeep)?;
    let (mut count, mut ahead) = (0, Reader(body));
    while !ahead.0.is_empty() {
        let (_, _, len) = ahead.head()?;
        ahead.take(len)?;
        ahead.take(padding(len))?;
        count += 1;
    }
    *room = room.checked_sub(count).ok_or(Malformed::TooMany)?;
    let (mut items, mut reader) = (Vec::with_capacity(count), Reader(body));
    for _ in 0..count {
        items.push(reader.item(depth, room)?);
    }
    Ok(items)
}

/// A value of fixed length.
fn scalar(kind: Kind, body: &[u8]) -> Result<Value, Malformed> {
    let mut body = Reader(body);
    Ok(match kind {
        Kind::Integer => Value::Integer(i32::from_be_bytes(body.array()?)),
        Kind::Enumeration => Value::Enumeration(u32::from_be_bytes(body.array()?)),
        Kind::Interval => Value::Interval(u32::from_be_bytes(body.array()?)),
        Kind::LongInteger => Value::LongInteger(i64::from_be_bytes(body.array()?)),
        Kind::DateTime => Value::DateTime(i64::from_be_bytes(body.array()?)),
        Kind::DateTimeExtended => Value::DateTimeExtended(i64::from_be_bytes(body.array()?)),
        Kind::Boolean => match u64::from_be_bytes(body.array()?) {
            0 => Value::Boolean(false),
            1 => Value::Boolean(true),
            _ => return Err(Malformed::Value),
        },
        Kind::Structure | Kind::BigInteger | Kind::TextString | Kind::ByteString => {
            return Err(Malformed::Type);
        }
    })
}

/// Zeros after a value of this length.
fn padding(len: usize) -> usize {
    len.wrapping_neg() % 8
}

/// Writes an item.
///
/// # Errors
/// [`Malformed::TooLong`] when a length would not fit the 32 bits that there are for it, and
/// [`Malformed::Length`] for a big integer whose length is not one that it may have.
pub fn encode(item: &Item) -> Result<Secret, Malformed> {
    let len = item_len(item)?;
    u32::try_from(len).map_err(|_| Malformed::TooLong)?;
    // The whole length at once: a buffer that grows leaves copies of secrets behind.
    let mut out = Vec::with_capacity(len);
    write(item, &mut out);
    Ok(Secret::new(out))
}

fn item_len(item: &Item) -> Result<usize, Malformed> {
    let len = match &item.value {
        Value::Structure(items) => items.iter().try_fold(0, |sum: usize, item| {
            sum.checked_add(item_len(item)?).ok_or(Malformed::TooLong)
        })?,
        Value::BigInteger(bytes) if bytes.is_empty() || !bytes.len().is_multiple_of(8) => {
            return Err(Malformed::Length);
        }
        Value::BigInteger(bytes) | Value::ByteString(bytes) => bytes.len(),
        Value::TextString(text) => text.as_str().len(),
        _ => 8,
    };
    (HEAD_LEN + padding(len)).checked_add(len).ok_or(Malformed::TooLong)
}

fn write(item: &Item, out: &mut Vec<u8>) {
    let [_, tag @ ..] = item.tag.0.to_be_bytes();
    out.extend_from_slice(&tag);
    out.push(item.value.kind() as u8);
    let at = out.len();
    out.extend_from_slice(&[0; 4]);
    match &item.value {
        Value::Structure(items) => items.iter().for_each(|item| write(item, out)),
        Value::Integer(value) => out.extend_from_slice(&value.to_be_bytes()),
        Value::Enumeration(value) | Value::Interval(value) => {
            out.extend_from_slice(&value.to_be_bytes());
        }
        Value::LongInteger(value) | Value::DateTime(value) | Value::DateTimeExtended(value) => {
            out.extend_from_slice(&value.to_be_bytes());
        }
        Value::Boolean(value) => out.extend_from_slice(&u64::from(*value).to_be_bytes()),
        Value::BigInteger(bytes) | Value::ByteString(bytes) => {
            out.extend_from_slice(bytes.expose());
        }
        Value::TextString(text) => out.extend_from_slice(text.as_str().as_bytes()),
    }
    let len = out.len() - at - 4;
    // `encode` has seen that the whole length fits 32 bits.
    out[at..at + 4].copy_from_slice(&(len as u32).to_be_bytes());
    out.resize(out.len() + padding(len), 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
        let byte = |pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.chunks(2).map(byte).collect()
    }

    /// The examples of the specification (1.4 section 9.1.2), all with the tag 420020.
    const EXAMPLES: [(&str, &str); 10] = [
        ("8", "42 00 20 | 02 | 00 00 00 04 | 00 00 00 08 00 00 00 00"),
        ("123456789000000000", "420020 | 03 | 00 00 00 08 | 01 B6 9B 4B A5 74 92 00"),
        (
            "BigInteger(..)",
            "420020 | 04 | 00000010 | 00 00 00 00 03 FD 35 EB 6B C2 DF 46 18 08 00 00",
        ),
        ("0x000000ff", "42 00 20 | 05 | 00 00 00 04 | 00 00 00 FF 00 00 00 00"),
        ("true", "42 00 20 | 06 | 00 00 00 08 | 00 00 00 00 00 00 00 01"),
        (
            "TextString(..)",
            "420020 | 07 | 0000000B | 48 65 6C 6C 6F 20 57 6F 72 6C 64 00 00 00 00 00",
        ),
        ("ByteString(..)", "42 00 20 | 08 | 00 00 00 03 | 01 02 03 00 00 00 00 00"),
        ("1205495800", "42 00 20 | 09 | 00 00 00 08 | 00 00 00 00 47 DA 67 F8"),
        ("864000", "42 00 20 | 0A | 00 00 00 04 | 00 0D 2F 00 00 00 00 00"),
        (
            "[Item { tag: ApplicationSpecificInformation, value: 0x000000fe }, \
          Item { tag: ArchiveDate, value: 255 }]",
            "42 00 20 | 01 | 00 00 00 20 | 42 00 04 | 05 | 00 00 00 04 | 00 00 00 FE 00 00 00 00 |
          42 00 05 | 02 | 00 00 00 04 | 00 00 00 FF 00 00 00 00",
        ),
    ];

    #[test]
    fn the_examples_of_the_specification_are_read_and_written_back() {
        for (shown, bytes) in EXAMPLES {
            let bytes = hex(bytes);
            let item = decode(&bytes).unwrap();
            assert_eq!(item.tag, Tag::COMPROMISE_DATE);
            assert_eq!(format!("{:?}", item.value), shown);
            assert_eq!(encode(&item).unwrap().expose(), bytes);
        }
        println!("vectors: OASIS: TTLV's examples: {}", EXAMPLES.len());
    }

    fn refused(bytes: &str) -> Malformed {
        decode(&hex(bytes)).unwrap_err()
    }

    #[test]
    fn what_is_not_written_as_it_must_be_is_refused() {
        use Malformed::*;
        assert_eq!(refused(""), Truncated);
        assert_eq!(refused("420020 02 00000004 00000008"), Truncated);
        assert_eq!(refused("420020 02 00000004 00000008 00000000 00"), Trailing);
        assert_eq!(refused("420020 02 00000004 00000008 00000001"), Padding);
        assert_eq!(refused("420020 02 00000008 00000008 00000000"), Length);
        assert_eq!(refused("420020 04 00000000"), Length);
        assert_eq!(refused("420020 01 00000004 00000000"), Length);
        assert_eq!(refused("420020 06 00000008 00000000 00000002"), Value);
        assert_eq!(refused("420020 07 00000001 FF00000000000000"), NotUtf8);
        assert_eq!(refused("420020 0C 00000000"), Type);
        assert_eq!(refused("430020 02 00000004 00000008 00000000"), Tag);
        assert_eq!(refused("420020 08 FFFFFFFF 00000000 00000000"), Truncated);
        assert_eq!(refused("420020 01 00000010 420020 08 00000009 0000000000000000"), Truncated);
    }

    fn nested(depth: usize) -> Item {
        (1..depth).fold(Item::new(Tag::ATTRIBUTES, Value::Structure(vec![])), |inner, _| {
            Item::new(Tag::ATTRIBUTES, Value::Structure(vec![inner]))
        })
    }

    #[test]
    fn depth_number_and_length_are_bounded() {
        let bytes = |item| encode(&item).unwrap();
        assert!(decode(bytes(nested(limits::KMIP_DEPTH_MAX)).expose()).is_ok());
        let deep = bytes(nested(limits::KMIP_DEPTH_MAX + 1));
        assert_eq!(decode(deep.expose()).unwrap_err(), Malformed::TooDeep);
        let many = |count| {
            let items = (1..count).map(|_| Item::new(Tag::DATA, Value::bytes([]))).collect();
            bytes(Item::new(Tag::ATTRIBUTES, Value::Structure(items)))
        };
        assert!(decode(many(limits::KMIP_ITEMS_MAX).expose()).is_ok());
        let more = many(limits::KMIP_ITEMS_MAX + 1);
        assert_eq!(decode(more.expose()).unwrap_err(), Malformed::TooMany);
        let long = vec![0; limits::KMIP_MESSAGE_LEN_MAX - 8];
        let long = bytes(Item::new(Tag::DATA, Value::bytes(long)));
        assert!(decode(long.expose()).is_ok());
        let longer = vec![0; limits::KMIP_MESSAGE_LEN_MAX];
        let longer = bytes(Item::new(Tag::DATA, Value::bytes(longer)));
        assert_eq!(decode(longer.expose()).unwrap_err(), Malformed::TooLong);
    }

    #[test]
    fn a_message_says_how_long_it_is() {
        assert_eq!(message_len([0x42, 0, 0x78, 1, 0, 0, 0, 16]), Ok(24));
        assert_eq!(message_len([0x42, 0, 0x78, 2, 0, 0, 0, 4]), Err(Malformed::Type));
        let too_long = message_len([0x42, 0, 0x78, 1, 0x7f, 0xff, 0xff, 0xf8]);
        assert_eq!(too_long, Err(Malformed::TooLong));
        assert_eq!(message_len(*b"GET /kmi"), Err(Malformed::Tag));
    }
}
