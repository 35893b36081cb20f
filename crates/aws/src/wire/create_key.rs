//! `CreateKey`.

use bytes::Bytes;
use engine::{names, op::CreateKey};
use model::algorithm::{KeySpec, KeyUsage};
use serde::Deserialize;

use super::{
    member::{self, Foreign, Text},
    metadata, tag,
};
use crate::{call::Call, error::Refusal, place::Place, validate::Checks};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input<'a> {
    #[serde(borrow)]
    policy: Option<Text<'a>>,
    #[serde(borrow)]
    description: Option<Text<'a>>,
    #[serde(borrow)]
    key_usage: Option<Text<'a>>,
    #[serde(borrow)]
    customer_master_key_spec: Option<Text<'a>>,
    #[serde(borrow)]
    key_spec: Option<Text<'a>>,
    #[serde(borrow)]
    origin: Option<Text<'a>>,
    bypass_policy_lockout_safety_check: Option<bool>,
    #[serde(borrow)]
    tags: Option<Vec<tag::Entry<'a>>>,
    multi_region: Option<bool>,
    custom_key_store_id: Option<Foreign>,
    xks_key_id: Option<Foreign>,
}

const ORIGINS: &[&str] = &["AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"];

/// Answers `CreateKey`.
pub(crate) async fn run(call: Call<'_>) -> Result<Bytes, Refusal> {
    let operation = from_wire(call.input()?, call.place())?;
    let reply = call.perform(operation).await?;
    Ok(metadata::to_wire(&reply))
}

fn from_wire(input: Input<'_>, place: &Place<'_>) -> Result<CreateKey, Refusal> {
    let mut checks = Checks::default();
    let old = spec(&mut checks, "customerMasterKeySpec", input.customer_master_key_spec);
    let new = spec(&mut checks, "keySpec", input.key_spec);
    let usage = checks.optional(input.key_usage, |checks, text| {
        checks.one_of("keyUsage", &text, KeyUsage::ALL, names::key_usage)
    });
    let origin = checks.optional(input.origin, |checks, text| {
        checks.one_of("origin", &text, ORIGINS, |name| name)
    });
    let description = checks.optional(input.description, metadata::description);
    let policy = checks.optional(input.policy, super::key_policy::policy);
    let tags = tag::entries(&mut checks, input.tags.unwrap_or_default());
    let all = (old, new, usage, origin, description, policy, tags);
    let (
        Some(old),
        Some(new),
        Some(usage),
        Some(origin),
        Some(description),
        Some(policy),
        Some(tags),
    ) = all
    else {
        return Err(checks.refusal());
    };
    if old.is_some() && new.is_some() {
        return Err(Refusal::validation(
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. \
             CustomerMasterKeySpec is deprecated.",
        ));
    }
    member::absent("CustomKeyStoreId", input.custom_key_store_id.as_ref())?;
    member::absent("XksKeyId", input.xks_key_id.as_ref())?;
    if origin.is_some_and(|origin| origin != "AWS_KMS") {
        return Err(Refusal::unsupported("Only keys of origin AWS_KMS are supported."));
    }
    if input.multi_region == Some(true) {
        return Err(Refusal::unsupported("Multi-Region keys are not supported."));
    }
    let (account, region) = place.pair();
    Ok(CreateKey {
        account,
        region,
        spec: new.or(old).unwrap_or(KeySpec::Aes256),
        usage,
        description: description.unwrap_or_default().into_owned(),
        policy: policy.map(Text::into_owned),
        tags,
        bypass_lockout_check: input.bypass_policy_lockout_safety_check.unwrap_or(false),
    })
}

fn spec(checks: &mut Checks, path: &str, member: Option<Text<'_>>) -> Option<Option<KeySpec>> {
    checks.optional(member, |checks, text| {
        checks.one_of(path, &text, &member::key_specs(), names::key_spec)
    })
}

#[cfg(test)]
mod tests {
    use model::{AccountId, Region};

    use super::*;
    use crate::call::from_json;

    fn read(body: &str) -> Result<CreateKey, (&'static str, String)> {
        let region: Region = "eu-west-1".parse().unwrap();
        let account: AccountId = "111122223333".parse().unwrap();
        let place = Place { account, region: &region, caller_arn: "" };
        from_json(body.as_bytes())
            .and_then(|input| from_wire(input, &place))
            .map_err(|refusal| (refusal.kind(), refusal.message().unwrap_or_default().to_owned()))
    }

    fn refused(body: &str) -> (&'static str, String) {
        read(body).err().unwrap_or_default()
    }

    #[test]
    fn a_key_is_symmetric_unless_it_is_said_otherwise() {
        let operation = read("{}").unwrap();
        assert_eq!((operation.spec, operation.usage), (KeySpec::Aes256, None));
        assert!(operation.policy.is_none() && operation.tags.is_empty());
        let operation = read("{\"KeySpec\":\"RSA_2048\",\"KeyUsage\":\"SIGN_VERIFY\"}").unwrap();
        assert_eq!(operation.spec, KeySpec::Rsa2048);
        assert_eq!(operation.usage, Some(KeyUsage::SignVerify));
        let operation = read("{\"CustomerMasterKeySpec\":\"HMAC_256\"}").unwrap();
        assert_eq!(operation.spec, KeySpec::Hmac256);
    }

    #[test]
    fn an_unknown_spec_is_told_the_known_ones() {
        let (kind, message) = refused("{\"KeySpec\":\"AES_1\"}");
        assert_eq!(kind, "ValidationException");
        let start = "1 validation error detected: Value 'AES_1' at 'keySpec' failed to satisfy \
                     constraint: Member must satisfy enum value set: [SYMMETRIC_DEFAULT, RSA_2048, ";
        assert!(message.starts_with(start), "{message}");
        assert!(!message.contains("X25519") && message.contains("ML_KEM_768"));
    }

    #[test]
    fn what_is_not_here_is_refused_not_ignored() {
        for body in [
            "{\"Origin\":\"EXTERNAL\"}",
            "{\"MultiRegion\":true}",
            "{\"CustomKeyStoreId\":\"cks-1\"}",
            "{\"XksKeyId\":\"x\"}",
        ] {
            assert_eq!(read(body).err().map(|e| e.0), Some("UnsupportedOperationException"));
        }
        assert!(read("{\"Origin\":\"AWS_KMS\",\"MultiRegion\":false}").is_ok());
    }

    #[test]
    fn tags_are_checked_by_their_place_in_the_list() {
        let (_, message) = refused(
            "{\"Tags\":[{\"TagKey\":\"a\",\"TagValue\":\"\"},{\"TagKey\":\"\",\"TagValue\":\"b\"}]}",
        );
        assert!(message.contains("at 'tags.2.member.tagKey'"), "{message}");
    }
}
