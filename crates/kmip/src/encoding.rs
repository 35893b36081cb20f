//! Which of the encodings a message is in.

use model::Secret;

use crate::{
    json,
    ttlv::{self, Item, Malformed},
    xml,
};

/// An encoding of messages. The answer to a request is in the request's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Encoding {
    /// Binary, which every client can do and the raw port takes only.
    Ttlv,
    /// XML.
    Xml,
    /// JSON.
    Json,
}

impl Encoding {
    /// The encoding of a body that HTTP says is of a media type; parameters of it do not matter.
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        let is_one_of = |types: &[&str]| types.iter().any(|it| essence.eq_ignore_ascii_case(it));
        if is_one_of(&["text/xml", "application/xml"]) {
            return Some(Self::Xml);
        }
        if is_one_of(&["application/json", "text/json"]) {
            return Some(Self::Json);
        }
        is_one_of(&["application/octet-stream"]).then_some(Self::Ttlv)
    }

    /// The media type that HTTP says of a body.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Ttlv => "application/octet-stream",
            Self::Xml => "text/xml",
            Self::Json => "application/json",
        }
    }

    /// Reads a message.
    ///
    /// # Errors
    /// When the bytes are none, and when one of the bounds is exceeded.
    pub fn decode(self, bytes: &[u8]) -> Result<Item, Malformed> {
        match self {
            Self::Ttlv => ttlv::decode(bytes),
            Self::Xml => xml::decode(bytes),
            Self::Json => json::decode(bytes),
        }
    }

    /// Writes a message.
    ///
    /// # Errors
    /// None that a message can cause which was read or is typed, but for its length.
    pub fn encode(self, message: &Item) -> Result<Secret, Malformed> {
        match self {
            Self::Ttlv => ttlv::encode(message),
            Self::Xml => xml::encode(message).map(ttlv::Text::into_secret),
            Self::Json => json::encode(message).map(ttlv::Text::into_secret),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{names::Tag, ttlv::Value};

    #[test]
    fn a_message_is_read_in_the_encoding_in_which_it_was_written() {
        let message = Item::new(Tag::RESPONSE_MESSAGE, Value::Structure(vec![]));
        for encoding in [Encoding::Ttlv, Encoding::Xml, Encoding::Json] {
            let written = encoding.encode(&message).unwrap();
            assert_eq!(encoding.decode(written.expose()).unwrap().tag, message.tag);
            assert_eq!(Encoding::of_media_type(encoding.media_type()), Some(encoding));
        }
        let xml = Encoding::of_media_type("Application/XML; charset=utf-8");
        assert_eq!((xml, Encoding::of_media_type("text/plain")), (Some(Encoding::Xml), None));
    }
}
