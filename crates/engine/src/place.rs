//! Where each record stands in the store, and back again.
//!
//! Places are plain text: names and ids, nothing secret.

use model::{
    AccountId, Error, KeyId, ObjectName, PrincipalName, Region, Result, Wall,
    name::{AliasName, PrincipalKind},
};
use store::Place;

use crate::reference::AliasRef;

/// The record keys of the server itself: what belongs to no tenant.
pub(crate) fn system_account() -> Result<AccountId> {
    Ok("000000000000".parse()?)
}

fn place(text: String) -> Result<Place> {
    Place::new(text).map_err(|_| Error::Internal("a name too long for the store"))
}

/// The account whose keys stand at a place.
pub(crate) fn account(place: &Place) -> Option<AccountId> {
    str::from_utf8(place.as_bytes()).ok()?.strip_prefix("a/")?.parse().ok()
}

/// What the places of accounts' keys start with.
pub(crate) const ACCOUNT_KEYS: &[u8] = b"a/";

/// An account's keys, sealed under the root key.
pub(crate) fn account_keys(account: AccountId) -> Result<Place> {
    place(format!("a/{account}"))
}

/// A key.
pub(crate) fn key(name: &ObjectName) -> Result<Place> {
    place(format!("k/{}/{}/{}", name.account, name.region, name.id))
}

/// What the places of a region's keys start with.
pub(crate) fn keys(account: AccountId, region: &Region) -> String {
    format!("k/{account}/{region}/")
}

/// An alias.
pub(crate) fn alias(alias: &AliasRef) -> Result<Place> {
    place(format!("n/{}/{}/{}", alias.account, alias.region, alias.alias))
}

/// What the places of a region's aliases start with.
pub(crate) fn aliases(account: AccountId, region: &Region) -> String {
    format!("n/{account}/{region}/")
}

/// A principal.
pub(crate) fn principal(name: &PrincipalName) -> Result<Place> {
    let kind = match name.kind {
        PrincipalKind::Account => "account",
        PrincipalKind::User => "user",
        PrincipalKind::Role => "role",
        PrincipalKind::System => "system",
        PrincipalKind::Issuer => "issuer",
    };
    place(format!("p/{}/{kind}/{}", name.account, name.name()))
}

/// What the places of an account's users start with.
pub(crate) fn users(account: AccountId) -> String {
    format!("p/{account}/user/")
}

/// What the places of an account's roles start with.
pub(crate) fn roles(account: AccountId) -> String {
    format!("p/{account}/role/")
}

/// What the places of an account's issuers start with.
pub(crate) fn issuers(account: AccountId) -> String {
    format!("p/{account}/issuer/")
}

/// An access key.
pub(crate) fn access_key(id: &str) -> Result<Place> {
    place(format!("c/{id}"))
}

/// The latest time that was reached.
pub(crate) fn latest_time() -> Result<Place> {
    place("s/latest-time".to_owned())
}

/// A client certificate, by its fingerprint.
pub(crate) fn certificate(fingerprint: &str) -> Result<Place> {
    place(format!("x/{fingerprint}"))
}

/// A rule for certificates, by its key: see [`crate::record::CertificateRuleRecord::key`].
pub(crate) fn certificate_rule(key: &str) -> Result<Place> {
    place(format!("t/{key}"))
}

/// What the places of rules begin with whose keys begin so.
pub(crate) fn certificate_rules(beginning: &str) -> String {
    format!("t/{beginning}/")
}

/// What is done to a key when a date comes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Due {
    /// It is destroyed.
    Destruction,
    /// It is rotated.
    Rotation,
}

impl Due {
    /// Everything that can be due.
    pub(crate) const ALL: [Self; 2] = [Self::Destruction, Self::Rotation];

    /// What the places of what is due so start with.
    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Self::Destruction => "d/",
            Self::Rotation => "dr/",
        }
    }
}

/// That something is to be done to a key at a date: in the order of the dates.
pub(crate) fn due(due: Due, date: Wall, name: &ObjectName) -> Result<Place> {
    let (prefix, date) = (due.prefix(), date.0);
    place(format!("{prefix}{date:020}/{}/{}/{}", name.account, name.region, name.id))
}

/// The audit log's signing key, sealed under the root key.
pub(crate) fn log_key() -> Result<Place> {
    place("s/log-key".to_owned())
}

/// The key of the authority that vouches for the server's certificate, sealed under the root key.
pub(crate) fn authority_key() -> Result<Place> {
    place("s/authority-key".to_owned())
}

/// Which account is the operator's.
pub(crate) fn operator() -> Result<Place> {
    place("s/operator".to_owned())
}

/// Which root key all of the above is under. Whatever seals something under the root key writes
/// this too, so that of two such changes at once one is a conflict.
pub(crate) fn root() -> Result<Place> {
    place("s/root".to_owned())
}

/// A named way to the root key: the root key wrapped by a file's, a passphrase's or shares' key.
pub(crate) fn unseal_source(name: &str) -> Result<Place> {
    place(format!("u/{name}"))
}

/// What the places of unseal sources start with.
pub(crate) const UNSEAL_SOURCES: &[u8] = b"u/";

/// That an object of a region has a label, by the label's index.
pub(crate) fn label(name: &ObjectName, index: &str) -> Result<Place> {
    place(format!("{}{}", labels(name.account, &name.region, index), name.id))
}

/// What the places of a region's objects with a label start with.
pub(crate) fn labels(account: AccountId, region: &Region, index: &str) -> String {
    format!("l/{account}/{region}/{index}/")
}

/// Which object of a region is named by a label, by the label's index.
pub(crate) fn naming(account: AccountId, region: &Region, index: &str) -> Result<Place> {
    place(format!("m/{account}/{region}/{index}"))
}

/// How much a key has protected of what it may.
pub(crate) fn usage(name: &ObjectName) -> Result<Place> {
    place(format!("g/{}/{}/{}", name.account, name.region, name.id))
}

/// What a place in the store is about, as far as caches must know.
pub(crate) enum Subject {
    Key(ObjectName),
    Alias(AliasRef),
    Principal(Place),
    AccessKey(String),
    Certificate(String),
    CertificateRule,
    Other,
}

/// Reads a place back.
pub(crate) fn subject(place: &Place) -> Subject {
    parse(place).unwrap_or(Subject::Other)
}

fn parse(place: &Place) -> Option<Subject> {
    let text = str::from_utf8(place.as_bytes()).ok()?;
    let (kind, rest) = text.split_once('/')?;
    match kind {
        "k" => {
            let (account, rest) = rest.split_once('/')?;
            let (region, id) = rest.split_once('/')?;
            let (account, region, id) =
                (account.parse().ok()?, region.parse().ok()?, id.parse().ok()?);
            Some(Subject::Key(ObjectName { account, region, id }))
        }
        "n" => {
            let (account, rest) = rest.split_once('/')?;
            let (region, alias) = rest.split_once('/')?;
            let (account, region, alias) =
                (account.parse().ok()?, region.parse().ok()?, alias.parse().ok()?);
            Some(Subject::Alias(AliasRef { account, region, alias }))
        }
        "p" => Some(Subject::Principal(place.clone())),
        "c" => Some(Subject::AccessKey(rest.to_owned())),
        "x" => Some(Subject::Certificate(rest.to_owned())),
        "t" => Some(Subject::CertificateRule),
        _ => None,
    }
}

/// The key id that a key's place ends with.
pub(crate) fn key_id(place: &Place, prefix: &str) -> Option<KeyId> {
    str::from_utf8(place.as_bytes()).ok()?.strip_prefix(prefix)?.parse().ok()
}

/// The alias that an alias's place ends with.
pub(crate) fn alias_name(place: &Place, prefix: &str) -> Option<AliasName> {
    str::from_utf8(place.as_bytes()).ok()?.strip_prefix(prefix)?.parse().ok()
}

/// The name that a principal's place ends with.
pub(crate) fn user_name<'p>(place: &'p Place, prefix: &str) -> Option<&'p str> {
    str::from_utf8(place.as_bytes()).ok()?.strip_prefix(prefix)
}

/// The date and the key of what is due.
pub(crate) fn due_key(due: Due, place: &Place) -> Option<(Wall, ObjectName)> {
    let text = str::from_utf8(place.as_bytes()).ok()?.strip_prefix(due.prefix())?;
    let mut parts = text.split('/');
    let date = Wall(parts.next()?.parse().ok()?);
    let account = parts.next()?.parse().ok()?;
    let region = parts.next()?.parse().ok()?;
    let id = parts.next()?.parse().ok()?;
    Some((date, ObjectName { account, region, id }))
}
