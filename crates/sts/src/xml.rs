//! The answers' XML: elements with texts in them, and nothing else.
//!
//! A secret that goes out in an answer is in two places, its `Secret` and this buffer; both are
//! wiped when they are dropped, and the buffer is never abandoned by growing.

use bytes::Bytes;
use model::{Secret, limits};

/// The namespace of the API's answers.
const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// Room for an answer: the longest session token, five texts of a token or of ours, and what is
/// around them.
const ROOM: usize = limits::SESSION_TOKEN_LEN_MAX + 16 * limits::TOKEN_CLAIM_LEN_MAX;

/// XML that grows.
pub(crate) struct Xml(Vec<u8>);

/// A body that held a secret.
struct Wiped(Secret);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        self.0.expose()
    }
}

impl Xml {
    /// A document whose outermost element has the API's namespace.
    pub(crate) fn document(name: &str, inside: impl FnOnce(&mut Self)) -> Bytes {
        let mut xml = Self(Vec::with_capacity(ROOM));
        xml.raw(&["<", name, " xmlns=\"", NAMESPACE, "\">\n"]);
        inside(&mut xml);
        xml.raw(&["</", name, ">\n"]);
        Bytes::from_owner(Wiped(Secret::new(xml.0)))
    }

    fn raw(&mut self, parts: &[&str]) {
        parts.iter().for_each(|part| self.0.extend_from_slice(part.as_bytes()));
    }

    /// An element with others in it.
    pub(crate) fn element(&mut self, name: &str, inside: impl FnOnce(&mut Self)) -> &mut Self {
        self.raw(&["<", name, ">"]);
        inside(self);
        self.raw(&["</", name, ">\n"]);
        self
    }

    /// An element with a text in it.
    pub(crate) fn text(&mut self, name: &str, text: &str) -> &mut Self {
        self.element(name, |xml| {
            for c in text.chars() {
                match c {
                    '<' => xml.raw(&["&lt;"]),
                    '>' => xml.raw(&["&gt;"]),
                    '&' => xml.raw(&["&amp;"]),
                    // What XML 1.0 has no way to write.
                    c if c.is_control() || ('\u{fffe}'..='\u{ffff}').contains(&c) => {
                        xml.raw(&["\u{fffd}"]);
                    }
                    c => xml.raw(&[c.encode_utf8(&mut [0; 4])]),
                }
            }
        })
    }

    /// The same, if there is one.
    pub(crate) fn maybe(&mut self, name: &str, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    /// An element with a secret in it, of characters that stand for themselves.
    pub(crate) fn secret(&mut self, name: &str, secret: &Secret) -> &mut Self {
        self.element(name, |xml| xml.0.extend_from_slice(secret.expose()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_written_so_that_they_stay_texts() {
        let xml = Xml::document("A", |xml| {
            xml.text("B", "<&>\u{0}é").maybe("C", None).maybe("D", Some("d"));
            xml.secret("E", &Secret::new(b"a+/".to_vec()));
        });
        let expected = "<A xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n\
            <B>&lt;&amp;&gt;\u{fffd}é</B>\n<D>d</D>\n<E>a+/</E>\n</A>\n";
        assert_eq!(xml, expected);
    }
}
