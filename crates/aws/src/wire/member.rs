//! The members that many operations share: their types on the wire and their constraints.

use std::{borrow::Cow, fmt, ops::Deref};

use engine::{names, op::Page};
use model::{
    EncryptionContext, MaterialId, Secret,
    algorithm::{EncryptionAlgorithm, KeySpec},
    limits,
};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};

use crate::{base64, error::Refusal, json::Object, validate::Checks};

/// Text of the request, borrowed from its body unless it has escapes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text<'a>(Cow<'a, str>);

impl Text<'_> {
    /// The text, no longer borrowed.
    pub(crate) fn into_owned(self) -> String {
        self.0.into_owned()
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Text<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

struct AnyText;

impl<'de> Visitor<'de> for AnyText {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }
}

// Within an `Option`, serde's own `Cow` is always a copy.
impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(AnyText)
    }
}

/// An encryption context, unchecked.
#[derive(Debug, Default)]
pub(crate) struct Pairs<'a>(Vec<(Text<'a>, Text<'a>)>);

struct AnyPairs;

impl<'de> Visitor<'de> for AnyPairs {
    type Value = Pairs<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut from: M) -> Result<Pairs<'de>, M::Error> {
        let mut pairs = Vec::with_capacity(PAIRS_USUAL);
        while let Some(pair) = from.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}

/// Room in which most contexts are.
const PAIRS_USUAL: usize = 4;

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(AnyPairs)
    }
}

/// Bytes in base64.
#[derive(Debug)]
pub(crate) struct Blob(pub(crate) Vec<u8>);

/// Bytes in base64 that are wiped when they are dropped.
#[derive(Debug)]
pub(crate) struct SecretBlob(pub(crate) Secret);

struct Base64Text;

impl Visitor<'_> for Base64Text {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("base64")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Vec<u8>, E> {
        let wipe = |bytes| drop(Secret::new(bytes));
        base64::decode(text, wipe).ok_or_else(|| E::custom("not base64"))
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(Base64Text).map(Self)
    }
}

impl<'de> Deserialize<'de> for SecretBlob {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(Base64Text).map(|bytes| Self(Secret::new(bytes)))
    }
}

/// A member of a feature that is not here yet: whatever it is, only its presence matters.
#[derive(Debug)]
pub(crate) struct Foreign;

impl<'de> Deserialize<'de> for Foreign {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(from).map(|_| Self)
    }
}

/// Refuses a request that uses a member this server does not have yet.
pub(crate) fn absent(name: &str, member: Option<&Foreign>) -> Result<(), Refusal> {
    match member {
        None => Ok(()),
        Some(Foreign) => Err(Refusal::unsupported(format!("{name} is not supported."))),
    }
}

/// There are no grants yet, so no token is one of theirs.
pub(crate) fn no_grants(tokens: Option<&Vec<Text<'_>>>) -> Result<(), Refusal> {
    match tokens {
        Some(tokens) if !tokens.is_empty() => {
            let message = "The grant token is not one that this server issued.";
            Err(Refusal::new("InvalidGrantTokenException", message))
        }
        _ => Ok(()),
    }
}

/// The encryption context a member gives: none is the empty one.
pub(crate) fn context(pairs: Option<Pairs<'_>>) -> Result<EncryptionContext, Refusal> {
    EncryptionContext::new(pairs.unwrap_or_default().0).map_err(|error| Refusal::of(error, None))
}

/// How an operation encrypts when it does not say.
pub(crate) fn encryption_algorithm(
    checks: &mut Checks,
    path: &str,
    member: Option<&Text<'_>>,
) -> Option<EncryptionAlgorithm> {
    match member {
        None => Some(EncryptionAlgorithm::Envelope),
        Some(text) => {
            checks.one_of(path, text, EncryptionAlgorithm::ALL, names::encryption_algorithm)
        }
    }
}

/// A member that must be there and has one value only.
pub(crate) fn only(
    checks: &mut Checks,
    path: &str,
    member: Option<Text<'_>>,
    value: &'static str,
) -> Option<()> {
    let text = checks.required(path, member)?;
    checks.one_of(path, &text, &[value], |value| value).map(drop)
}

/// A member that names a key and must be there.
pub(crate) fn key_id<'a>(checks: &mut Checks, member: Option<Text<'a>>) -> Option<Text<'a>> {
    key_id_at(checks, "keyId", member)
}

/// The same under another name.
pub(crate) fn key_id_at<'a>(
    checks: &mut Checks,
    path: &str,
    member: Option<Text<'a>>,
) -> Option<Text<'a>> {
    let text = checks.required(path, member)?;
    checks.text(path, text, 1..=2048)
}

/// A member that names a key and may be left out.
pub(crate) fn maybe_key_id<'a>(
    checks: &mut Checks,
    path: &str,
    member: Option<Text<'a>>,
) -> Option<Option<Text<'a>>> {
    checks.optional(member, |checks, text| checks.text(path, text, 1..=2048))
}

/// A message, 1 to 4096 bytes. It is not repeated in a refusal.
pub(crate) fn message(checks: &mut Checks, member: Option<Blob>) -> Option<Vec<u8>> {
    let Blob(bytes) = checks.required("message", member)?;
    let len = bytes.len();
    checks.bytes("message", bytes, len, 1..=limits::PLAINTEXT_LEN_MAX)
}

/// A ciphertext, signature or code that must be there: 1 to 6144 bytes.
pub(crate) fn ciphertext(checks: &mut Checks, path: &str, member: Option<Blob>) -> Option<Vec<u8>> {
    let Blob(bytes) = checks.required(path, member)?;
    let len = bytes.len();
    checks.bytes(path, bytes, len, 1..=limits::CIPHERTEXT_LEN_MAX)
}

/// Which page of a list, of at most `most` entries; of `usual` when it is not said.
pub(crate) fn page(
    checks: &mut Checks,
    limit: Option<i32>,
    marker: Option<Text<'_>>,
    most: u32,
    usual: u32,
) -> Option<Page> {
    let limit = checks.optional(limit, |checks, limit| checks.number("limit", limit, 1..=1000));
    let after = checks.optional(marker, |checks, text| checks.text("marker", text, 1..=1024));
    // A limit is an upper bound: a page may be shorter than asked for.
    let limit = limit?.unwrap_or(usual).min(most);
    Some(Page { limit: limit as usize, after: after?.map(Text::into_owned) })
}

/// Writes the end of a list's reply.
pub(crate) fn page_end(object: Object, next: Option<&str>) -> Object {
    object.bool("Truncated", next.is_some()).maybe_text("NextMarker", next)
}

/// The API's material ids have 64 hexadecimal digits, ours 32: they are padded with zeros in front.
pub(crate) fn material(id: MaterialId) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = "0".repeat(64);
    text.truncate(32);
    for byte in id.0 {
        text.push(DIGITS[usize::from(byte >> 4)].into());
        text.push(DIGITS[usize::from(byte & 15)].into());
    }
    text
}

/// The specs that `CreateKey` knows; X25519 keys are made through other doors.
pub(crate) fn key_specs() -> Vec<KeySpec> {
    KeySpec::ALL.iter().copied().filter(|spec| *spec != KeySpec::X25519).collect()
}

/// The alias as the API writes it.
pub(crate) fn alias_name(alias: &impl fmt::Display) -> String {
    format!("alias/{alias}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_into_bytes_and_nothing_else_is() {
        let blob: Blob = serde_json::from_str("\"aGVsbG8=\"").unwrap();
        assert_eq!(blob.0, b"hello");
        let escaped: Blob = serde_json::from_str("\"\\/\\/8=\"").unwrap();
        assert_eq!(escaped.0, [0xff, 0xff]);
        for text in ["\"aGVsbG8\"", "\"aGVs bG8=\"", "\"_w==\"", "7", "null"] {
            assert!(serde_json::from_str::<Blob>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_page_is_never_larger_than_the_operation_allows() {
        let mut checks = Checks::default();
        let page_of = |checks: &mut Checks, limit| page(checks, limit, None, 100, 50);
        assert_eq!(page_of(&mut checks, None).unwrap().limit, 50);
        assert_eq!(page_of(&mut checks, Some(7)).unwrap().limit, 7);
        assert_eq!(page_of(&mut checks, Some(1000)).unwrap().limit, 100);
        assert!(page_of(&mut checks, Some(1001)).is_none());
        assert!(page_of(&mut checks, Some(0)).is_none());
    }

    #[test]
    fn a_material_id_has_64_digits() {
        let text = material(MaterialId([0xab; 16]));
        assert_eq!(text, format!("{}{}", "0".repeat(32), "ab".repeat(16)));
    }

    #[test]
    fn a_feature_that_is_not_here_is_refused_when_it_is_used() {
        assert!(absent("Recipient", None).is_ok());
        let refusal = absent("Recipient", Some(&Foreign)).unwrap_err();
        assert_eq!(refusal.kind(), "UnsupportedOperationException");
        assert!(no_grants(Some(&vec![])).is_ok());
        let refusal = no_grants(Some(&vec![Text(Cow::Borrowed("t"))])).unwrap_err();
        assert_eq!(refusal.kind(), "InvalidGrantTokenException");
    }
}
