//! Roles: whom they trust, what may be done in them, and for how long.

use std::collections::BTreeMap;

use bytes::Bytes;
use engine::op;
use model::{Error, PrincipalName, error::Invalid, limits};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    call::{Call, json},
    error::Refusal,
    principal::{text, texts},
    query,
    shape::{Kind, Member, Shape},
};

/// The input of [`create`].
pub(crate) static NEW: Shape = Shape {
    name: "NewRole",
    members: &[
        Member::new("name", Kind::Text, "Its name: 1 to 64 of a-z A-Z 0-9 + = , . @ _ -."),
        Member::new("trust", Kind::PolicyOrText, "Its trust policy: who may act in it."),
        Member::optional(
            "policies",
            Kind::List(&Kind::PolicyOrText),
            "What may be done in it; nothing unless said.",
        ),
        SECONDS,
        Member::optional(
            "tags",
            Kind::List(&Kind::Object(&TAG)),
            "What conditions call aws:PrincipalTag of its sessions.",
        ),
    ],
};

const SECONDS: Member = Member::optional(
    "session_seconds_max",
    Kind::Count,
    "Its longest session, in seconds: 3600 to 43200; 3600 unless said.",
);

static TAG: Shape = Shape {
    name: "Tag",
    members: &[
        Member::new("name", Kind::Text, "Its name: 1 to 128 characters."),
        Member::new("value", Kind::Text, "Its value: at most 256 characters."),
    ],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New<'a> {
    name: String,
    #[serde(borrow)]
    trust: &'a RawValue,
    #[serde(borrow, default)]
    policies: Vec<&'a RawValue>,
    session_seconds_max: Option<u32>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Tag {
    name: String,
    value: String,
}

impl From<Tag> for op::Tag {
    fn from(Tag { name, value }: Tag) -> Self {
        Self { name, value }
    }
}

fn tags(tags: Vec<Tag>) -> Vec<op::Tag> {
    tags.into_iter().map(Into::into).collect()
}

/// The output of [`create`].
pub(crate) static NAMED: Shape = Shape {
    name: "NamedRole",
    members: &[
        Member::new("name", Kind::Text, "Its name."),
        Member::new("arn", Kind::Text, "Its name in policies."),
    ],
};

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
    arn: String,
}

/// Make a role.
pub(crate) async fn create(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let new: New<'_> = call.input()?;
    let name = PrincipalName::role(call.account(), &new.name)?;
    let operation = op::CreateRole {
        name: name.clone(),
        trust: text(new.trust)?,
        policies: texts(&new.policies)?,
        session_secs_max: new.session_seconds_max.unwrap_or(limits::SESSION_SECS),
        tags: tags(new.tags),
    };
    call.perform(operation).await?;
    json(&Named { name: name.name(), arn: name.arn() })
}

/// The output of [`list`].
pub(crate) static PAGE: Shape = Shape {
    name: "Roles",
    members: &[
        Member::new("roles", Kind::List(&Kind::Object(&ENTRY)), "In order of their names."),
        Member::optional("next", Kind::Text, "Where the next page begins; absent on the last."),
    ],
};

static ENTRY: Shape = Shape {
    name: "RoleEntry",
    members: &[
        Member::new("name", Kind::Text, "Its name."),
        Member::new("arn", Kind::Text, "Its name in policies."),
        Member::new("created", Kind::Time, "When it was made."),
        Member::new("session_seconds_max", Kind::Count, "Its longest session, in seconds."),
    ],
};

#[derive(Serialize)]
struct Roles {
    roles: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Serialize)]
struct Entry {
    name: String,
    arn: String,
    created: String,
    session_seconds_max: u32,
}

/// List roles.
pub(crate) async fn list(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let page = query::page(call.query)?;
    let account = call.account();
    if let Some(after) = &page.after {
        PrincipalName::role(account, after).map_err(|_| Error::Invalid(Invalid::Marker))?;
    }
    let listing = call.perform(op::ListRoles { account, page }).await?;
    let entry = |op::RoleEntry { name, created, session_secs_max, .. }| {
        let arn = PrincipalName::role(account, &name)?.arn();
        let (created, session_seconds_max) = (created.to_iso8601(), session_secs_max);
        Ok(Entry { name, arn, created, session_seconds_max })
    };
    let roles = listing.items.into_iter().map(entry).collect::<Result<_, Error>>()?;
    json(&Roles { roles, next: listing.next })
}

/// The output of [`read`].
pub(crate) static ROLE: Shape = Shape {
    name: "Role",
    members: &[
        Member::new("name", Kind::Text, "Its name."),
        Member::new("arn", Kind::Text, "Its name in policies."),
        Member::new("created", Kind::Time, "When it was made."),
        Member::new("trust", Kind::Policy, "Its trust policy."),
        Member::new("policies", Kind::List(&Kind::Policy), "All of them, in their order."),
        Member::new("session_seconds_max", Kind::Count, "Its longest session, in seconds."),
        Member::new("tags", Kind::List(&Kind::Object(&TAG)), "In order of their names."),
    ],
};

#[derive(Serialize)]
struct Role {
    name: String,
    arn: String,
    created: String,
    trust: Box<RawValue>,
    policies: Vec<Box<RawValue>>,
    session_seconds_max: u32,
    tags: Vec<Tag>,
}

/// Read a role.
pub(crate) async fn read(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let name = call.role()?;
    let arn = name.arn();
    let op::RoleEntry { name, created, trust, policies, session_secs_max, tags } =
        call.perform(op::GetRole { name }).await?;
    // A policy is JSON, or it would not have been taken.
    let raw =
        |text| RawValue::from_string(text).map_err(|_| Error::Internal("a policy is not JSON"));
    let tag = |(name, value)| Tag { name, value };
    json(&Role {
        name,
        arn,
        created: created.to_iso8601(),
        trust: raw(trust)?,
        policies: policies.into_iter().map(raw).collect::<Result<_, _>>()?,
        session_seconds_max: session_secs_max,
        tags: BTreeMap::into_iter(tags).map(tag).collect(),
    })
}

/// The input of [`change`].
pub(crate) static CHANGES: Shape = Shape {
    name: "RoleChanges",
    members: &[
        Member::optional("trust", Kind::PolicyOrText, "Its trust policy."),
        Member::optional("policies", Kind::List(&Kind::PolicyOrText), "All of its policies."),
        Member::optional(
            "session_seconds_max",
            Kind::Count,
            "Its longest session, in seconds: 3600 to 43200.",
        ),
        Member::optional("tags", Kind::List(&Kind::Object(&TAG)), "All of its tags."),
    ],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes<'a> {
    #[serde(borrow)]
    trust: Option<&'a RawValue>,
    #[serde(borrow)]
    policies: Option<Vec<&'a RawValue>>,
    session_seconds_max: Option<u32>,
    tags: Option<Vec<Tag>>,
}

/// Change a role: what is not said stays.
pub(crate) async fn change(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let name = call.role()?;
    let changes: Changes<'_> = call.input()?;
    let operation = op::ChangeRole {
        name,
        trust: changes.trust.map(text).transpose()?,
        policies: changes.policies.as_deref().map(texts).transpose()?,
        session_secs_max: changes.session_seconds_max,
        tags: changes.tags.map(tags),
    };
    call.perform(operation).await?;
    Ok(Bytes::new())
}

/// Remove a role.
pub(crate) async fn delete(call: &Call<'_>) -> Result<Bytes, Refusal> {
    call.perform(op::DeleteRole { name: call.role()? }).await?;
    Ok(Bytes::new())
}
