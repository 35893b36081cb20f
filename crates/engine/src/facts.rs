//! The values of condition keys: what policies may ask about a request.
//!
//! Keys come in canonical form, lower-case but for the name after `kms:EncryptionContext:` or a
//! tag's `/`. What is not listed here has no value, and a condition on it does not hold.

use std::borrow::Cow;

use model::{
    Action, At, EncryptionContext,
    algorithm::{EncryptionAlgorithm, MessageType},
    name::AliasName,
    policy::{Facts, Value},
};

use crate::{
    caller::{Acting, Caller},
    names,
    object::KeyObject,
};

/// A single fixed text.
pub(crate) fn text(value: &'static str) -> Value<'static> {
    Value::One(Cow::Borrowed(value))
}

fn owned<'a>(value: impl Into<String>) -> Value<'a> {
    Value::One(Cow::Owned(value.into()))
}

/// What an encryption or decryption says about itself.
pub(crate) fn of_encryption<'a>(
    key: &str,
    algorithm: EncryptionAlgorithm,
    context: &'a EncryptionContext,
) -> Option<Value<'a>> {
    match key {
        "kms:encryptionalgorithm" => Some(text(names::encryption_algorithm(algorithm))),
        "kms:encryptioncontextkeys" if !context.is_empty() => {
            Some(Value::Many(context.pairs().map(|(name, _)| Cow::Borrowed(name)).collect()))
        }
        _ => {
            let wanted = key.strip_prefix("kms:encryptioncontext:")?;
            let named = context.pairs().filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
            let values: Vec<_> = named.map(|(_, value)| Cow::Borrowed(value)).collect();
            match values.as_slice() {
                [] => None,
                [one] => Some(Value::One(one.clone())),
                _ => Some(Value::Many(values)),
            }
        }
    }
}

/// How an object is used, where that is known only when the object is: the names that policies know
/// it by, see [`names`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scheme {
    /// It encrypts or decrypts so.
    Encryption(&'static str),
    /// It signs or verifies so, and this is what the message is.
    Signature(&'static str, MessageType),
    /// It makes or verifies message authentication codes so.
    Mac(&'static str),
}

impl Scheme {
    fn fact(self, key: &str) -> Option<Value<'static>> {
        match (self, key) {
            (Self::Encryption(name), "kms:encryptionalgorithm")
            | (Self::Signature(name, _), "kms:signingalgorithm")
            | (Self::Mac(name), "kms:macalgorithm") => Some(text(name)),
            (Self::Signature(_, kind), "kms:messagetype") => Some(text(names::message_type(kind))),
            _ => None,
        }
    }
}

/// What an operation says of itself.
pub(crate) trait OwnFacts {
    /// The value of a condition key that the operation determines.
    fn own_fact(&self, action: Action, key: &str) -> Option<Value<'_>>;
}

/// Everything a policy may ask about one demand of one request.
pub(crate) struct RequestFacts<'a> {
    operation: &'a dyn OwnFacts,
    action: Action,
    caller: &'a Caller,
    at: At,
    key: Option<&'a KeyObject>,
    alias: Option<&'a AliasName>,
    scheme: Option<Scheme>,
}

impl<'a> RequestFacts<'a> {
    pub(crate) fn new(
        operation: &'a dyn OwnFacts,
        action: Action,
        caller: &'a Caller,
        at: At,
    ) -> Self {
        Self { operation, action, caller, at, key: None, alias: None, scheme: None }
    }

    pub(crate) fn with_key(self, key: &'a KeyObject) -> Self {
        Self { key: Some(key), ..self }
    }

    pub(crate) fn with_alias(self, alias: Option<&'a AliasName>) -> Self {
        Self { alias, ..self }
    }

    pub(crate) fn with_scheme(self, scheme: Option<Scheme>) -> Self {
        Self { scheme, ..self }
    }

    fn of_caller(&self, key: &str) -> Option<Value<'_>> {
        let principal = self.caller.principal();
        Some(match key {
            // Of a session it is the role's.
            "aws:principalarn" => Value::one(&self.caller.identity().arn),
            "aws:userid" => owned(self.caller.user_id()),
            "aws:principalaccount" | "kms:calleraccount" => {
                Value::One(Cow::Borrowed(principal.account.as_str()))
            }
            "aws:username" if self.caller.is_user() => Value::One(Cow::Borrowed(principal.name())),
            "aws:principaltype" if self.caller.is_user() => text("User"),
            "aws:sourceip" => owned(self.caller.origin().source.to_string()),
            "aws:securetransport" => text("true"),
            "aws:requestedregion" => Value::One(Cow::Borrowed(self.caller.region().as_str())),
            "aws:currenttime" => owned(self.at.wall.to_iso8601()),
            "aws:epochtime" => owned(self.at.wall.secs().to_string()),
            _ => return self.of_acting(key),
        })
    }

    /// What there is to ask of a role, its sessions, and whom an issuer vouches for.
    fn of_acting(&self, key: &str) -> Option<Value<'_>> {
        if let Some(tag) = key.strip_prefix("aws:principaltag/") {
            return self.caller.identity().tags.get(tag).map(|value| Value::one(value));
        }
        match self.caller.acting() {
            Acting::Itself => None,
            Acting::Session(session) => {
                let record = session.record();
                match key {
                    "aws:principaltype" => Some(text("AssumedRole")),
                    "aws:tokenissuetime" => Some(owned(record.issued.to_iso8601())),
                    "aws:sourceidentity" => record.source_identity.as_deref().map(Value::one),
                    _ => None,
                }
            }
            Acting::Vouched(vouched) => match vouched.claim(key)? {
                "sub" => Some(Value::one(&vouched.subject)),
                "aud" => match vouched.audiences.as_slice() {
                    [one] => Some(Value::one(one)),
                    many => Some(Value::Many(many.iter().map(|one| one.into()).collect())),
                },
                _ => None,
            },
        }
    }

    fn of_key(&self, key: &str) -> Option<Value<'_>> {
        let object = self.key?;
        if let Some(tag) = key.strip_prefix("aws:resourcetag/") {
            let value = object.record().tags.get(tag)?;
            return Some(Value::One(Cow::Borrowed(value)));
        }
        let held = object.held().ok()?;
        Some(match key {
            "kms:keyspec" | "kms:customermasterkeyspec" => text(names::spec(held.spec)),
            "kms:keyusage" | "kms:customermasterkeyusage" => text(names::key_usage(held.usage()?)),
            "kms:keyorigin" => text(names::key_origin(held.origin)),
            "kms:multiregion" => text("false"),
            "aws:resourceaccount" => Value::One(Cow::Borrowed(held.name.account.as_str())),
            "kms:requestalias" => owned(format!("alias/{}", self.alias?)),
            "kms:resourcealiases" if !object.aliases().is_empty() => {
                let texts = object.aliases().iter().map(|a| Cow::Owned(format!("alias/{a}")));
                Value::Many(texts.collect())
            }
            _ => return None,
        })
    }
}

impl Facts for RequestFacts<'_> {
    fn value(&self, key: &str) -> Option<Value<'_>> {
        self.operation
            .own_fact(self.action, key)
            .or_else(|| self.scheme.and_then(|scheme| scheme.fact(key)))
            .or_else(|| self.of_caller(key))
            .or_else(|| self.of_key(key))
    }
}
