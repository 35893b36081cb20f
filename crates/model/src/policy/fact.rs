//! What is known about a request: the values of condition keys and policy variables.

use std::borrow::Cow;

/// The facts of one request.
pub trait Facts {
    /// The value of a condition key; `None` when the request has none.
    ///
    /// `key` is a [`FactKey`]'s text: lower case (`aws:sourceip`), except that what follows
    /// `kms:encryptioncontext:`, `aws:resourcetag/`, `aws:requesttag/` and `aws:principaltag/` is
    /// as the policy writes it. **The implementor** compares that remainder: for
    /// `kms:EncryptionContext:` AWS ignores its case, and so must the implementor; when several
    /// names of one context differ in case only, it answers [`Value::Many`] with all their values.
    fn value(&self, key: &str) -> Option<Value<'_>>;
}

/// The value of a condition key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Value<'a> {
    /// A single-valued key.
    One(Cow<'a, str>),
    /// A multivalued key. No values at all is the same as no key.
    Many(Vec<Cow<'a, str>>),
}

impl<'a> Value<'a> {
    /// A single value that is borrowed.
    pub fn one(text: &'a str) -> Self {
        Self::One(Cow::Borrowed(text))
    }

    /// The values, one or many.
    pub fn as_slice(&self) -> &[Cow<'a, str>] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

/// The families of keys whose last part is a name of the customer's choosing.
const NAMED: [&str; 4] =
    ["kms:encryptioncontext:", "aws:resourcetag/", "aws:requesttag/", "aws:principaltag/"];

/// A condition key in the one spelling that [`Facts`] is asked for.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct FactKey(Box<str>);

impl FactKey {
    /// From a key as a policy writes it, `service:name` in any case. `None` when it is not of
    /// that form, i.e. has no `:` with something printable on both sides.
    pub fn new(text: &str) -> Option<Self> {
        let (service, name) = text.split_once(':')?;
        // An issuer of tokens is a host and a path: its claims are keys too.
        let word = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
        if service.is_empty() || !service.bytes().all(word) || name.is_empty() {
            return None;
        }
        if text.chars().any(char::is_control) || name.starts_with(' ') || name.ends_with(' ') {
            return None;
        }
        let free = NAMED.iter().find(|family| {
            text.get(..family.len()).is_some_and(|head| head.eq_ignore_ascii_case(family))
        });
        let fixed = free.map_or(text.len(), |family| family.len());
        if free.is_some() && fixed == text.len() {
            return None;
        }
        let mut key = text.to_owned();
        if let Some(head) = key.get_mut(..fixed) {
            head.make_ascii_lowercase();
        }
        Some(Self(key.into()))
    }

    /// The key as [`Facts::value`] is given it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it asks for one pair of the encryption context (`kms:EncryptionContext:<name>`).
    pub fn is_of_encryption_context(&self) -> bool {
        self.0.starts_with(NAMED[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Option<String> {
        FactKey::new(text).map(|key| key.as_str().to_owned())
    }

    #[test]
    fn keys_have_one_spelling_and_customers_names_keep_theirs() {
        assert_eq!(key("AWS:SourceIp").as_deref(), Some("aws:sourceip"));
        assert_eq!(
            key("KMS:EncryptionContext:AppName").as_deref(),
            Some("kms:encryptioncontext:AppName")
        );
        assert_eq!(key("aws:ResourceTag/Team:A").as_deref(), Some("aws:resourcetag/Team:A"));
        assert_eq!(key("kms:EncryptionContextKeys").as_deref(), Some("kms:encryptioncontextkeys"));
    }

    #[test]
    fn claims_of_an_issuer_are_keys() {
        assert_eq!(key("oidc.example/id/AB:sub").as_deref(), Some("oidc.example/id/ab:sub"));
    }

    #[test]
    fn what_is_not_a_key_is_refused() {
        for text in ["", "username", ":x", "aws:", "a b:c", "kms:EncryptionContext:", "aws:x\n"] {
            assert_eq!(key(text), None, "{text:?}");
        }
    }
}
