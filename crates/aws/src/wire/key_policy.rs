//! `GetKeyPolicy`, `PutKeyPolicy`, `ListKeyPolicies`.

use bytes::Bytes;
use engine::op::{GetKeyPolicy, ListKeyPolicies, PutKeyPolicy};
use serde::Deserialize;

use super::member::{self, Text};
use crate::{call::Call, error::Refusal, json::Object, key_ref::Accept, validate::Checks};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input<'a> {
    #[serde(borrow)]
    key_id: Option<Text<'a>>,
    #[serde(borrow)]
    policy_name: Option<Text<'a>>,
    /// Only for `PutKeyPolicy`.
    #[serde(borrow)]
    policy: Option<Text<'a>>,
    /// Only for `PutKeyPolicy`.
    bypass_policy_lockout_safety_check: Option<bool>,
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

/// The one name that a key's policy has.
const DEFAULT: &str = "default";

/// A policy document's constraints as a member; what it says is the engine's to read.
pub(super) fn policy<'a>(checks: &mut Checks, text: Text<'a>) -> Option<Text<'a>> {
    let plain = |c: char| matches!(c, '\u{9}' | '\u{a}' | '\u{d}' | '\u{20}'..='\u{ff}');
    let text = checks.text("policy", text, 1..=131_072)?;
    checks.pattern("policy", text, plain, "[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+")
}

fn policy_name<'a>(checks: &mut Checks, member: Option<Text<'a>>) -> Option<Option<Text<'a>>> {
    checks.optional(member, |checks, text| {
        let text = checks.text("policyName", text, 1..=128)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        checks.pattern("policyName", text, plain, "[\\w]+")
    })
}

fn only_default(name: Option<&Text<'_>>) -> Result<(), Refusal> {
    if name.is_none_or(|name| &**name == DEFAULT) {
        Ok(())
    } else {
        Err(Refusal::new("NotFoundException", "No such policy exists"))
    }
}

/// Answers `GetKeyPolicy`.
pub(crate) async fn read(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: Input<'_> = call.input()?;
    let mut checks = Checks::default();
    let key = member::key_id(&mut checks, input.key_id);
    let name = policy_name(&mut checks, input.policy_name);
    let (Some(key), Some(name)) = (key, name) else {
        return Err(checks.refusal());
    };
    let key = call.key(&key, Accept::Key)?;
    let is_there = only_default(name.as_ref());
    let policy = call.perform(GetKeyPolicy { key }).await?;
    // Only those who may read the key's policy learn that it has no other.
    is_there?;
    Ok(Object::with_blobs(policy.len()).text("Policy", &policy).text("PolicyName", DEFAULT).body())
}

/// Answers `PutKeyPolicy`.
pub(crate) async fn put(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: Input<'_> = call.input()?;
    let mut checks = Checks::default();
    let key = member::key_id(&mut checks, input.key_id);
    let name = policy_name(&mut checks, input.policy_name);
    let policy = checks.required("policy", input.policy);
    let policy = policy.and_then(|text| self::policy(&mut checks, text));
    let (Some(key), Some(name), Some(policy)) = (key, name, policy) else {
        return Err(checks.refusal());
    };
    only_default(name.as_ref())?;
    let key = call.key(&key, Accept::Key)?;
    let bypass_lockout_check = input.bypass_policy_lockout_safety_check.unwrap_or(false);
    let policy = policy.into_owned();
    call.perform(PutKeyPolicy { key, policy, bypass_lockout_check }).await?;
    Ok(Bytes::new())
}

/// Answers `ListKeyPolicies`. There is one, so there is one page.
pub(crate) async fn list(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: ListInput<'_> = call.input()?;
    let mut checks = Checks::default();
    let key = member::key_id(&mut checks, input.key_id);
    let page = member::page(&mut checks, input.limit, input.marker, 1000, 100);
    let (Some(key), Some(page)) = (key, page) else {
        return Err(checks.refusal());
    };
    if page.after.is_some() {
        return Err(Refusal::of(model::Error::Invalid(model::error::Invalid::Marker), None));
    }
    let key = call.key(&key, Accept::Key)?;
    let reply = call.perform(ListKeyPolicies { key }).await?;
    let object = Object::new().texts("PolicyNames", reply.iter().map(String::as_str));
    Ok(member::page_end(object, None).body())
}
