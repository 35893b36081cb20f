//! Issuers of tokens: whose word the account takes, by which keys, and for whom.

use bytes::Bytes;
use engine::op;
use model::{AccountId, Error, PrincipalName, error::Invalid, name::BadName, token::IssuerKey};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    call::{Call, json},
    error::Refusal,
    principal::text,
    query,
    shape::{Kind, Member, Shape},
};

/// What an issuer's address begins with.
const SCHEME: &str = "https://";

/// The input of [`register`].
pub(crate) static NEW: Shape = Shape {
    name: "NewIssuer",
    members: &[
        Member::new("issuer", Kind::Text, "It, as its tokens write it: https:// and more."),
        Member::new(
            "audiences",
            Kind::List(&Kind::Text),
            "Whom its tokens may be for: aud, or azp.",
        ),
        Member::new("jwks", Kind::ObjectOrText, "Its JSON Web Key Set: keys for RS256 and ES256."),
    ],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New<'a> {
    issuer: String,
    audiences: Vec<String>,
    #[serde(borrow)]
    jwks: &'a RawValue,
}

/// The output of [`register`].
pub(crate) static NAMED: Shape = Shape {
    name: "NamedIssuer",
    members: &[
        Member::new("issuer", Kind::Text, "It, as its tokens write it."),
        Member::new("arn", Kind::Text, "Its name in trust policies."),
    ],
};

#[derive(Serialize)]
struct Named {
    issuer: String,
    arn: String,
}

/// An issuer of an account, by what its tokens call it.
fn named(account: AccountId, issuer: &str) -> Result<PrincipalName, Refusal> {
    let address = issuer.strip_prefix(SCHEME).ok_or(Error::from(BadName::Issuer))?;
    Ok(PrincipalName::issuer(account, address.strip_suffix('/').unwrap_or(address))?)
}

/// The issuer that the path names, by its address.
fn of_path(call: &Call<'_>) -> Result<PrincipalName, Refusal> {
    let address = call.value(0);
    Ok(PrincipalName::issuer(call.account(), address.strip_prefix(SCHEME).unwrap_or(address))?)
}

fn keys(jwks: &RawValue) -> Result<Vec<IssuerKey>, Refusal> {
    jose::key_set(&text(jwks)?).map_err(|malformed| Refusal::invalid(malformed.sentence()))
}

/// Register an issuer.
pub(crate) async fn register(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let New { issuer, audiences, jwks } = call.input()?;
    let (name, keys) = (named(call.account(), &issuer)?, keys(jwks)?);
    let arn = name.arn();
    call.perform(op::RegisterIssuer { name, audiences, keys }).await?;
    json(&Named { issuer, arn })
}

/// The output of [`list`].
pub(crate) static PAGE: Shape = Shape {
    name: "Issuers",
    members: &[
        Member::new("issuers", Kind::List(&Kind::Object(&ENTRY)), "In order of their addresses."),
        Member::optional("next", Kind::Text, "Where the next page begins; absent on the last."),
    ],
};

static ENTRY: Shape = Shape {
    name: "IssuerEntry",
    members: &[
        Member::new("issuer", Kind::Text, "It, as its tokens write it."),
        Member::new("arn", Kind::Text, "Its name in trust policies."),
        Member::new("registered", Kind::Time, "When it was registered."),
        Member::new("audiences", Kind::List(&Kind::Text), "Whom its tokens may be for."),
        Member::new("keys", Kind::List(&Kind::Text), "The names of its keys (kid); \"\" for none."),
    ],
};

#[derive(Serialize)]
struct Issuers {
    issuers: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Serialize)]
struct Entry {
    issuer: String,
    arn: String,
    registered: String,
    audiences: Vec<String>,
    keys: Vec<String>,
}

/// List issuers.
pub(crate) async fn list(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let page = query::page(call.query)?;
    let account = call.account();
    if let Some(after) = &page.after {
        PrincipalName::issuer(account, after).map_err(|_| Error::Invalid(Invalid::Marker))?;
    }
    let listing = call.perform(op::ListIssuers { account, page }).await?;
    let entry = |op::IssuerEntry { address, registered, audiences, keys }| {
        let arn = PrincipalName::issuer(account, &address)?.arn();
        let keys = keys.into_iter().map(Option::unwrap_or_default).collect();
        let (issuer, registered) = ([SCHEME, &address].concat(), registered.to_iso8601());
        Ok(Entry { issuer, arn, registered, audiences, keys })
    };
    let issuers = listing.items.into_iter().map(entry).collect::<Result<_, Error>>()?;
    json(&Issuers { issuers, next: listing.next })
}

/// The input of [`change`].
pub(crate) static CHANGES: Shape = Shape {
    name: "IssuerChanges",
    members: &[
        Member::optional("audiences", Kind::List(&Kind::Text), "All of its audiences."),
        Member::optional("jwks", Kind::ObjectOrText, "Its JSON Web Key Set, as it is now."),
    ],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes<'a> {
    audiences: Option<Vec<String>>,
    #[serde(borrow)]
    jwks: Option<&'a RawValue>,
}

/// Change an issuer: what is not said stays.
pub(crate) async fn change(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let name = of_path(call)?;
    let Changes { audiences, jwks } = call.input()?;
    let keys = jwks.map(keys).transpose()?;
    call.perform(op::ChangeIssuer { name, audiences, keys }).await?;
    Ok(Bytes::new())
}

/// Remove an issuer.
pub(crate) async fn remove(call: &Call<'_>) -> Result<Bytes, Refusal> {
    call.perform(op::RemoveIssuer { name: of_path(call)? }).await?;
    Ok(Bytes::new())
}
