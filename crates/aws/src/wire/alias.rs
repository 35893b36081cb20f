//! `CreateAlias`, `UpdateAlias`, `DeleteAlias`, `ListAliases`.

use bytes::Bytes;
use engine::{
    AliasRef, KeyRef,
    op::{CreateAlias, DeleteAlias, ListAliases, UpdateAlias},
};
use serde::Deserialize;

use super::member::{self, Text};
use crate::{
    call::Call,
    error::Refusal,
    json::Object,
    key_ref::{self, Accept},
    validate::Checks,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input<'a> {
    #[serde(borrow)]
    alias_name: Option<Text<'a>>,
    #[serde(borrow)]
    target_key_id: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListInput<'a> {
    #[serde(borrow)]
    key_id: Option<Text<'a>>,
    limit: Option<i32>,
    #[serde(borrow)]
    marker: Option<Text<'a>>,
}

/// Answers `CreateAlias`.
pub(crate) async fn create(call: Call<'_>) -> Result<Bytes, Refusal> {
    let (alias, key) = from_wire(&call)?;
    call.perform(CreateAlias { alias, key }).await?;
    Ok(Bytes::new())
}

/// Answers `UpdateAlias`.
pub(crate) async fn update(call: Call<'_>) -> Result<Bytes, Refusal> {
    let (alias, key) = from_wire(&call)?;
    call.perform(UpdateAlias { alias, key }).await?;
    Ok(Bytes::new())
}

/// Answers `DeleteAlias`.
pub(crate) async fn delete(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: Input<'_> = call.input()?;
    let mut checks = Checks::default();
    let Some(name) = alias_name(&mut checks, input.alias_name) else {
        return Err(checks.refusal());
    };
    let alias = key_ref::alias(&name, call.place())?;
    call.perform(DeleteAlias { alias }).await?;
    Ok(Bytes::new())
}

fn from_wire(call: &Call<'_>) -> Result<(AliasRef, KeyRef), Refusal> {
    let input: Input<'_> = call.input()?;
    let mut checks = Checks::default();
    let name = alias_name(&mut checks, input.alias_name);
    let key = member::key_id_at(&mut checks, "targetKeyId", input.target_key_id);
    let (Some(name), Some(key)) = (name, key) else {
        return Err(checks.refusal());
    };
    Ok((key_ref::alias(&name, call.place())?, call.key(&key, Accept::Key)?))
}

fn alias_name<'a>(checks: &mut Checks, member: Option<Text<'a>>) -> Option<Text<'a>> {
    let plain = |c: char| c.is_ascii_alphanumeric() || ":/_-".contains(c);
    let text = checks.required("aliasName", member)?;
    let text = checks.text("aliasName", text, 1..=256)?;
    checks.pattern("aliasName", text, plain, "^[a-zA-Z0-9:/_-]+$")
}

/// Answers `ListAliases`.
pub(crate) async fn list(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: ListInput<'_> = call.input()?;
    let mut checks = Checks::default();
    let key = member::maybe_key_id(&mut checks, "keyId", input.key_id);
    let page = member::page(&mut checks, input.limit, input.marker, 100, 50);
    let (Some(key), Some(page)) = (key, page) else {
        return Err(checks.refusal());
    };
    let key = key.map(|key| call.key(&key, Accept::Key)).transpose()?;
    let (account, region) = call.place().pair();
    let reply = call.perform(ListAliases { account, region, key, page }).await?;
    let object = Object::new().objects("Aliases", &reply.items, |object, entry| {
        object
            .text("AliasName", &member::alias_name(&entry.alias.alias))
            .text("AliasArn", &entry.alias.arn())
            .text("TargetKeyId", &entry.key.to_string())
            .time("CreationDate", entry.created)
            .time("LastUpdatedDate", entry.updated)
    });
    Ok(member::page_end(object, reply.next.as_deref()).body())
}
