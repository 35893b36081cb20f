//! Who acts in a role for a while, and whom an issuer of tokens vouches for: what is known of them.
//!
//! Nothing is kept of a session. What it is stands in its token, which the engine has sealed and its
//! holder brings back with each request; its secret follows from the token (see `docs/formats.md`).

use std::sync::Arc;

use base64ct::{Base64, Encoding as _};
use model::{
    AccountId, PrincipalName, Wall,
    canon::{Canonical, Malformed, Reader, Writer},
    name::SessionName,
    policy::Document,
    token::Token,
};

/// The form of a token, its first byte.
const TOKEN_FORM: u8 = 1;
/// The form, and the account's twelve digits.
const TOKEN_HEAD_LEN: usize = 13;

/// What is sealed in a session's token.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct SessionRecord {
    /// The role's name in its account.
    pub(crate) role: String,
    /// The unique id of the role: of this one, and of none that has its name later.
    pub(crate) role_id: String,
    /// What the session calls itself.
    pub(crate) name: String,
    /// When it began.
    pub(crate) issued: Wall,
    /// When it ends.
    pub(crate) expires: Wall,
    /// What it may do at most, as it was given.
    pub(crate) policy: Option<String>,
    /// Who is behind it.
    pub(crate) source_identity: Option<String>,
}

impl Canonical for SessionRecord {
    fn write(&self, to: &mut Writer) {
        let Self { role, role_id, name, issued, expires, policy, source_identity } = self;
        to.u8(1);
        to.text(role);
        to.text(role_id);
        to.text(name);
        to.u64(issued.0);
        to.u64(expires.0);
        to.option(policy.as_deref(), Writer::text);
        to.option(source_identity.as_deref(), Writer::text);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let text = |from: &mut Reader<'_>| from.text().map(str::to_owned);
        if from.u8()? != 1 {
            return Err(Malformed);
        }
        Ok(Self {
            role: text(from)?,
            role_id: text(from)?,
            name: text(from)?,
            issued: Wall(from.u64()?),
            expires: Wall(from.u64()?),
            policy: from.option(text)?,
            source_identity: from.option(text)?,
        })
    }
}

/// The text of a token: in base64, the form, whose session it is a token of, and what is sealed.
pub(crate) fn write_token(account: AccountId, sealed: &[u8]) -> String {
    Base64::encode_string(&[&[TOKEN_FORM], account.as_str().as_bytes(), sealed].concat())
}

/// Reads a token's text: the account and what is sealed.
pub(crate) fn read_token(text: &str) -> Option<(AccountId, Vec<u8>)> {
    let bytes = Base64::decode_vec(text).ok()?;
    let (head, sealed) = bytes.split_at_checked(TOKEN_HEAD_LEN)?;
    let (&form, account) = head.split_first()?;
    let account = str::from_utf8(account).ok()?.parse().ok()?;
    (form == TOKEN_FORM).then(|| (account, sealed.to_vec()))
}

/// A session of a role.
#[derive(Debug)]
pub(crate) struct Session {
    arn: Box<str>,
    record: SessionRecord,
    policy: Option<Arc<Document>>,
}

impl Session {
    /// Of this role; `policy` is the record's, read.
    pub(crate) fn new(
        role: &PrincipalName,
        name: &SessionName,
        record: SessionRecord,
        policy: Option<Arc<Document>>,
    ) -> Self {
        Self { arn: name.arn(role).into(), record, policy }
    }

    pub(crate) fn arn(&self) -> &str {
        &self.arn
    }

    pub(crate) fn name(&self) -> &str {
        &self.record.name
    }

    pub(crate) fn record(&self) -> &SessionRecord {
        &self.record
    }

    pub(crate) fn policy(&self) -> Option<&Arc<Document>> {
        self.policy.as_ref()
    }
}

/// Whom an issuer vouches for: what its token says, verified.
#[derive(Debug)]
pub(crate) struct Vouched {
    /// The issuer's address in lower case, as condition keys begin.
    keys: String,
    pub(crate) subject: String,
    pub(crate) audiences: Vec<String>,
    recorded_as: String,
}

impl Vouched {
    /// What the token of this issuer says.
    pub(crate) fn new(issuer: &PrincipalName, token: &Token<'_>) -> Self {
        Self {
            keys: issuer.name().to_ascii_lowercase(),
            subject: token.subject.clone(),
            audiences: token.audiences.clone(),
            recorded_as: format!("{} {}", issuer.arn(), token.subject),
        }
    }

    pub(crate) fn recorded_as(&self) -> &str {
        &self.recorded_as
    }

    /// The name of a claim, if a condition key is about one of this issuer's.
    pub(crate) fn claim<'k>(&self, key: &'k str) -> Option<&'k str> {
        key.strip_prefix(&self.keys)?.strip_prefix(':')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written_and_nothing_else_is() {
        let account: AccountId = "111122223333".parse().unwrap();
        let text = write_token(account, b"sealed");
        assert_eq!(read_token(&text), Some((account, b"sealed".to_vec())));
        let other_form = Base64::encode_string(b"\x02111122223333sealed");
        for text in ["", "AQ==", "*", &text[1..], &other_form, &format!("{text} ")] {
            assert_eq!(read_token(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_sealed_in_a_token_round_trips() {
        let record = SessionRecord {
            role: "deploy".to_owned(),
            role_id: "AROA".to_owned(),
            name: "build".to_owned(),
            issued: Wall(1),
            expires: Wall(2),
            policy: Some("{}".to_owned()),
            source_identity: None,
        };
        assert_eq!(SessionRecord::from_canonical(&record.to_canonical()).ok(), Some(record));
    }
}
