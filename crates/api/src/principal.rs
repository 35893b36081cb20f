//! Principals and their policies.

use bytes::Bytes;
use engine::op;
use model::{Error, PrincipalName, limits};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    call::{Call, json},
    error::Refusal,
    query,
    shape::{Kind, Member, Shape},
};

/// The input of [`create`].
pub(crate) static NEW: Shape = Shape {
    name: "NewPrincipal",
    members: &[
        Member::new("name", Kind::Text, "Its name: 1 to 64 of a-z A-Z 0-9 + = , . @ _ -."),
        Member::optional(
            "policies",
            Kind::List(&Kind::PolicyOrText),
            "What it may do; nothing unless said.",
        ),
    ],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New<'a> {
    name: String,
    #[serde(borrow, default)]
    policies: Vec<&'a RawValue>,
}

/// The output of [`create`].
pub(crate) static NAMED: Shape = Shape {
    name: "Principal",
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

/// Make a principal.
pub(crate) async fn create(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let New { name, policies } = call.input()?;
    let name = PrincipalName::user(call.account(), &name)?;
    let policies = texts(&policies)?;
    call.perform(op::CreatePrincipal { name: name.clone(), policies }).await?;
    json(&Named { name: name.name(), arn: name.arn() })
}

/// The output of [`list`].
pub(crate) static PAGE: Shape = Shape {
    name: "Principals",
    members: &[
        Member::new("principals", Kind::List(&Kind::Object(&ENTRY)), "In order of their names."),
        Member::optional("next", Kind::Text, "Where the next page begins; absent on the last."),
    ],
};

static ENTRY: Shape = Shape {
    name: "PrincipalEntry",
    members: &[
        Member::new("name", Kind::Text, "Its name."),
        Member::new("arn", Kind::Text, "Its name in policies."),
        Member::new("created", Kind::Time, "When it was made."),
        Member::new("access_keys", Kind::Count, "How many access keys it has."),
    ],
};

#[derive(Serialize)]
struct Principals {
    principals: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Serialize)]
struct Entry {
    arn: String,
    name: String,
    created: String,
    access_keys: usize,
}

/// List principals.
pub(crate) async fn list(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let page = query::page(call.query)?;
    let account = call.account();
    if let Some(after) = &page.after {
        PrincipalName::user(account, after)
            .map_err(|_| Error::Invalid(model::error::Invalid::Marker))?;
    }
    let listing = call.perform(op::ListPrincipals { account, page }).await?;
    let entry = |op::PrincipalEntry { name, created, access_keys }| {
        let arn = PrincipalName::user(account, &name)?.arn();
        Ok(Entry { arn, name, created: created.to_iso8601(), access_keys })
    };
    let principals = listing.items.into_iter().map(entry).collect::<Result<_, Error>>()?;
    json(&Principals { principals, next: listing.next })
}

/// Remove a principal.
pub(crate) async fn delete(call: &Call<'_>) -> Result<Bytes, Refusal> {
    call.perform(op::DeletePrincipal { name: call.principal()? }).await?;
    Ok(Bytes::new())
}

/// The output of [`read_policies`].
pub(crate) static POLICIES: Shape = Shape {
    name: "Policies",
    members: &[Member::new("policies", Kind::List(&Kind::Policy), "All of them, in their order.")],
};

#[derive(Serialize)]
struct Policies {
    policies: Vec<Box<RawValue>>,
}

/// Read a principal's policies.
pub(crate) async fn read_policies(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let texts = call.perform(op::GetPrincipalPolicy { name: call.principal()? }).await?;
    // A policy is JSON, or it would not have been taken.
    let policies = texts.into_iter().map(RawValue::from_string).collect::<Result<_, _>>();
    json(&Policies { policies: policies.map_err(|_| Error::Internal("a policy is not JSON"))? })
}

/// The input of [`replace_policies`].
pub(crate) static NEW_POLICIES: Shape = Shape {
    name: "NewPolicies",
    members: &[Member::new("policies", Kind::List(&Kind::PolicyOrText), "All of them.")],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPolicies<'a> {
    #[serde(borrow)]
    policies: Vec<&'a RawValue>,
}

/// Replace a principal's policies.
pub(crate) async fn replace_policies(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let name = call.principal()?;
    let NewPolicies { policies } = call.input()?;
    let policies = texts(&policies)?;
    call.perform(op::PutPrincipalPolicy { name, policies }).await?;
    Ok(Bytes::new())
}

/// The texts of policies that come as objects or as strings. An object's text is taken as it
/// stands, so that whoever judges it sees all that was sent.
pub(crate) fn texts(policies: &[&RawValue]) -> Result<Vec<String>, Refusal> {
    if policies.len() > limits::IDENTITY_POLICIES_MAX {
        return Err(Error::TooMany(model::error::Limit::PolicyLength).into());
    }
    policies.iter().map(|policy| text(policy)).collect()
}

/// The text of one document.
pub(crate) fn text(document: &RawValue) -> Result<String, Refusal> {
    let refused = || Refusal::invalid("A document is a JSON object, or a string that holds one.");
    match document.get().as_bytes().first() {
        Some(b'{') => Ok(document.get().to_owned()),
        Some(b'"') => serde_json::from_str(document.get()).map_err(|_| refused()),
        _ => Err(refused()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_keeps_its_text_whether_object_or_string() {
        let input = br#"{"policies":[{"B": 1, "A":2,"A":3},"{\"x\":1}"]}"#;
        let NewPolicies { policies } = serde_json::from_slice(input).unwrap();
        assert_eq!(texts(&policies).unwrap(), [r#"{"B": 1, "A":2,"A":3}"#, r#"{"x":1}"#]);
    }

    #[test]
    fn a_policy_is_nothing_else() {
        let NewPolicies { policies } = serde_json::from_slice(br#"{"policies":[[1]]}"#).unwrap();
        assert!(texts(&policies).is_err());
    }
}
