//! A JSON object, written front to back into one buffer.
//!
//! A plaintext that goes out in a reply is in two places, its `Secret` and this buffer; both are
//! wiped when they are dropped, and the buffer is never abandoned by growing.

use bytes::Bytes;
use model::{Secret, Wall};

use crate::base64;

/// Room for everything in a reply but its blobs: the longest name of a key and of an algorithm,
/// and then some. An allocation of a kilobyte is a quick one.
const FIELDS_LEN: usize = 640;

/// An object under construction.
pub(crate) struct Object {
    buffer: Vec<u8>,
}

/// A body that held a plaintext.
struct Wiped(Secret);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        self.0.expose()
    }
}

impl Object {
    /// An object that will hold blobs of `blobs_len` bytes in all, before encoding.
    pub(crate) fn with_blobs(blobs_len: usize) -> Self {
        let mut buffer = Vec::with_capacity(FIELDS_LEN + blobs_len / 3 * 4 + 64);
        buffer.push(b'{');
        Self { buffer }
    }

    /// An object without blobs.
    pub(crate) fn new() -> Self {
        Self::with_blobs(0)
    }

    fn name(&mut self, name: &'static str) {
        if self.buffer.last() != Some(&b'{') {
            self.buffer.push(b',');
        }
        self.buffer.push(b'"');
        self.buffer.extend_from_slice(name.as_bytes());
        self.buffer.extend_from_slice(b"\":");
    }

    fn string(&mut self, text: &str) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        self.buffer.push(b'"');
        let plain = |byte: u8| !matches!(byte, b'"' | b'\\' | 0..0x20);
        // All of them are looked at, without a way out: a processor does many at once.
        if text.bytes().fold(true, |all, byte| all & plain(byte)) {
            self.buffer.extend_from_slice(text.as_bytes());
            self.buffer.push(b'"');
            return;
        }
        for &byte in text.as_bytes() {
            match byte {
                b'"' | b'\\' => self.buffer.extend_from_slice(&[b'\\', byte]),
                0..0x20 => {
                    let (high, low) = (byte >> 4, byte & 0xf);
                    self.buffer.extend_from_slice(b"\\u00");
                    self.buffer.extend_from_slice(&[HEX[usize::from(high)], HEX[usize::from(low)]]);
                }
                _ => self.buffer.push(byte),
            }
        }
        self.buffer.push(b'"');
    }

    /// A text.
    pub(crate) fn text(mut self, name: &'static str, text: &str) -> Self {
        self.name(name);
        self.string(text);
        self
    }

    /// A text that may be left out.
    pub(crate) fn maybe_text(self, name: &'static str, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    /// A truth value.
    pub(crate) fn bool(mut self, name: &'static str, value: bool) -> Self {
        self.name(name);
        self.buffer.extend_from_slice(if value { b"true" } else { b"false" });
        self
    }

    /// A whole number.
    pub(crate) fn number(mut self, name: &'static str, value: u32) -> Self {
        self.name(name);
        self.buffer.extend_from_slice(value.to_string().as_bytes());
        self
    }

    /// A time, as seconds since 1970 with milliseconds as the fraction.
    pub(crate) fn time(mut self, name: &'static str, time: Wall) -> Self {
        self.name(name);
        let text = format!("{}.{:03}", time.secs(), time.0 % 1000);
        self.buffer.extend_from_slice(text.as_bytes());
        self
    }

    /// Bytes, in base64.
    pub(crate) fn blob(mut self, name: &'static str, bytes: &[u8]) -> Self {
        self.name(name);
        self.buffer.push(b'"');
        base64::encode(bytes, &mut self.buffer);
        self.buffer.push(b'"');
        self
    }

    /// A list of texts.
    pub(crate) fn texts<'a>(
        mut self,
        name: &'static str,
        texts: impl Iterator<Item = &'a str>,
    ) -> Self {
        self.name(name);
        self.buffer.push(b'[');
        for (i, text) in texts.enumerate() {
            if i > 0 {
                self.buffer.push(b',');
            }
            self.string(text);
        }
        self.buffer.push(b']');
        self
    }

    /// An object within.
    pub(crate) fn object(mut self, name: &'static str, write: impl FnOnce(Self) -> Self) -> Self {
        self.name(name);
        self.nested(write)
    }

    /// A list of objects.
    pub(crate) fn objects<T>(
        mut self,
        name: &'static str,
        items: &[T],
        mut write: impl FnMut(Self, &T) -> Self,
    ) -> Self {
        self.name(name);
        self.buffer.push(b'[');
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.buffer.push(b',');
            }
            self = self.nested(|object| write(object, item));
        }
        self.buffer.push(b']');
        self
    }

    fn nested(mut self, write: impl FnOnce(Self) -> Self) -> Self {
        self.buffer.push(b'{');
        let mut written = write(self);
        written.buffer.push(b'}');
        written
    }

    /// The body.
    pub(crate) fn body(mut self) -> Bytes {
        self.buffer.push(b'}');
        self.buffer.into()
    }

    /// The body, wiped when the last of it is dropped.
    pub(crate) fn wiped_body(mut self) -> Bytes {
        self.buffer.push(b'}');
        Bytes::from_owner(Wiped(Secret::new(self.buffer)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_reads_back_as_it_was_meant() {
        let body = Object::new()
            .text("a", "q\"\\\n\u{e9}")
            .bool("b", true)
            .number("c", 7)
            .time("d", Wall(1_700_000_000_050))
            .blob("e", b"hello")
            .maybe_text("f", None)
            .texts("g", ["x", "y"].into_iter())
            .object("h", |object| object.text("i", "j"))
            .objects("k", &["l", "m"], |object, item| object.text("n", item))
            .body();
        let read: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let expected = serde_json::json!({
            "a": "q\"\\\n\u{e9}", "b": true, "c": 7, "d": 1_700_000_000.05, "e": "aGVsbG8=",
            "g": ["x", "y"], "h": {"i": "j"}, "k": [{"n": "l"}, {"n": "m"}],
        });
        assert_eq!(read, expected);
    }

    #[test]
    fn a_buffer_with_a_plaintext_never_grows() {
        for len in [1, 2, 3, 32, 4096, 10_000] {
            let object = Object::with_blobs(2 * len);
            let before = object.buffer.capacity();
            let bytes = vec![7; len];
            let arn = "a".repeat(300);
            let object = object.text("KeyId", &arn).blob("Plaintext", &bytes);
            let object = object.blob("CiphertextBlob", &bytes);
            assert_eq!(object.buffer.capacity(), before);
            assert_eq!(object.wiped_body().first(), Some(&b'{'));
        }
    }
}
