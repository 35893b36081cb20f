//! `strongroom key`: make keys, look at them, suspend them, destroy them; and their policies.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Reply, Server, failure::Failure, files, pair, policy};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Make a key.
    #[command(
        after_help = "Example:\n  strongroom key create --spec ECC_NIST_P256 --description releases --tag team=build"
    )]
    Create(Create),
    /// List keys.
    #[command(after_help = "Example:\n  strongroom key list")]
    List,
    /// Show what is known of a key.
    #[command(after_help = "Example:\n  strongroom key describe alias/releases")]
    Describe(Named),
    /// Lift a key's suspension.
    #[command(
        after_help = "Example:\n  strongroom key enable 1234abcd-12ab-44cd-a6ef-1234567890ab"
    )]
    Enable(Exact),
    /// Suspend a key: it does nothing until it is enabled again.
    #[command(
        after_help = "Example:\n  strongroom key disable 1234abcd-12ab-44cd-a6ef-1234567890ab"
    )]
    Disable(Exact),
    /// Set the date of a key's destruction. Until then it does nothing, and it can be taken back.
    #[command(
        after_help = "Example:\n  strongroom key schedule-deletion 1234abcd-12ab-44cd-a6ef-1234567890ab --days 30"
    )]
    ScheduleDeletion {
        #[command(flatten)]
        key: Exact,
        /// Days until then.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(7..=30))]
        days: u32,
    },
    /// Take a key's destruction back. It stays suspended until it is enabled.
    #[command(
        after_help = "Example:\n  strongroom key cancel-deletion 1234abcd-12ab-44cd-a6ef-1234567890ab"
    )]
    CancelDeletion(Exact),
    /// Show a key's public half in DER (SubjectPublicKeyInfo).
    #[command(
        after_help = "Example:\n  strongroom key public-key alias/releases --out releases.der"
    )]
    PublicKey {
        #[command(flatten)]
        key: Named,
        /// Where to write it; else it is printed in base64.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Give a key tags, or its tags other values.
    #[command(
        after_help = "Example:\n  strongroom key tag 1234abcd-12ab-44cd-a6ef-1234567890ab team=build stage=test"
    )]
    Tag {
        #[command(flatten)]
        key: Exact,
        /// The tags.
        #[arg(value_name = "NAME=VALUE", required = true)]
        tags: Vec<String>,
    },
    /// Take tags from a key.
    #[command(
        after_help = "Example:\n  strongroom key untag 1234abcd-12ab-44cd-a6ef-1234567890ab team stage"
    )]
    Untag {
        #[command(flatten)]
        key: Exact,
        /// The names of the tags.
        #[arg(value_name = "NAME", required = true)]
        names: Vec<String>,
    },
    /// List a key's tags.
    #[command(after_help = "Example:\n  strongroom key tags 1234abcd-12ab-44cd-a6ef-1234567890ab")]
    Tags(Exact),
    /// Who may use a key.
    #[command(subcommand)]
    Policy(PolicyVerb),
}

#[derive(Args)]
pub(crate) struct Create {
    /// Algorithm and size, e.g. RSA_2048, ECC_NIST_P256, HMAC_256, ML_DSA_65.
    #[arg(long, default_value = "SYMMETRIC_DEFAULT")]
    spec: String,
    /// What it is for, where the spec leaves a choice: ENCRYPT_DECRYPT or SIGN_VERIFY for RSA.
    #[arg(long)]
    usage: Option<String>,
    /// What people should know of it.
    #[arg(long)]
    description: Option<String>,
    /// A tag; may be given several times.
    #[arg(long, value_name = "NAME=VALUE")]
    tag: Vec<String>,
    /// A file with the key's policy; else the account's own policies decide.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

/// A key that is there.
#[derive(Args)]
pub(crate) struct Named {
    /// The key: its id, its ARN, or alias/NAME.
    key: String,
}

/// A key that is there, by a name that cannot be moved to another.
#[derive(Args)]
pub(crate) struct Exact {
    /// The key: its id or its ARN.
    key: String,
}

#[derive(Subcommand)]
pub(crate) enum PolicyVerb {
    /// Show a key's policy.
    #[command(
        after_help = "Example:\n  strongroom key policy show 1234abcd-12ab-44cd-a6ef-1234567890ab"
    )]
    Show(Exact),
    /// Replace a key's policy. One that nobody could change again is refused.
    #[command(
        after_help = "Example:\n  strongroom key policy replace 1234abcd-12ab-44cd-a6ef-1234567890ab releases.json"
    )]
    Replace {
        #[command(flatten)]
        key: Exact,
        /// The file with the policy.
        file: PathBuf,
    },
}

impl super::Verb for Verb {
    fn run(&self, server: &Server) -> Result<Reply, Failure> {
        match self {
            Self::Create(create) => metadata(server.kms("CreateKey", &create.input()?)?),
            Self::List => {
                let keys = server.kms_list("ListKeys", json!({}), "Keys")?;
                Ok(Reply::rows(keys, "Keys", &[("KeyId", "KEY ID"), ("KeyArn", "ARN")]))
            }
            Self::Describe(key) => metadata(server.kms("DescribeKey", &key.input())?),
            Self::Enable(key) => {
                server.kms("EnableKey", &key.input())?;
                Ok(Reply::done(format!("Enabled {}.", key.key)))
            }
            Self::Disable(key) => {
                server.kms("DisableKey", &key.input())?;
                Ok(Reply::done(format!("Disabled {}.", key.key)))
            }
            Self::ScheduleDeletion { key, days } => {
                let input = json!({ "KeyId": key.key, "PendingWindowInDays": days });
                let answer = server.kms("ScheduleKeyDeletion", &input)?;
                Ok(Reply::fields(answer.clone(), &answer))
            }
            Self::CancelDeletion(key) => {
                let answer = server.kms("CancelKeyDeletion", &key.input())?;
                let line = format!("{} will not be destroyed; it is disabled.", key.key);
                Ok(Reply::line(answer, line))
            }
            Self::PublicKey { key, out } => {
                let answer = server.kms("GetPublicKey", &key.input())?;
                let public = client::blob::member(&answer, "PublicKey")
                    .ok_or_else(|| Failure::incomplete("PublicKey"))?;
                files::deliver(&public, out.as_deref(), "PublicKey")
            }
            Self::Tag { key, tags } => {
                server.kms("TagResource", &json!({ "KeyId": key.key, "Tags": tags_of(tags)? }))?;
                Ok(Reply::done(format!("Tagged {}.", key.key)))
            }
            Self::Untag { key, names } => {
                server.kms("UntagResource", &json!({ "KeyId": key.key, "TagKeys": names }))?;
                Ok(Reply::done(format!("{} has these tags no more.", key.key)))
            }
            Self::Tags(key) => {
                let tags = server.kms_list("ListResourceTags", key.input(), "Tags")?;
                Ok(Reply::rows(tags, "Tags", &[("TagKey", "NAME"), ("TagValue", "VALUE")]))
            }
            Self::Policy(PolicyVerb::Show(key)) => policy::show(server, &key.key),
            Self::Policy(PolicyVerb::Replace { key, file }) => {
                policy::replace(server, &key.key, &files::policy(file)?)?;
                Ok(Reply::done(format!("{} has a new policy.", key.key)))
            }
        }
    }
}

impl Named {
    fn input(&self) -> Value {
        json!({ "KeyId": self.key })
    }
}

impl Exact {
    fn input(&self) -> Value {
        json!({ "KeyId": self.key })
    }
}

fn metadata(answer: Value) -> Result<Reply, Failure> {
    let shown =
        answer.get("KeyMetadata").ok_or_else(|| Failure::incomplete("KeyMetadata"))?.clone();
    Ok(Reply::fields(answer, &shown))
}

impl Create {
    fn input(&self) -> Result<Value, Failure> {
        let Self { spec, usage, description, tag, policy } = self;
        let mut input = json!({ "KeySpec": spec });
        if let Some(usage) = usage.as_deref().or_else(|| only_usage(spec)) {
            input["KeyUsage"] = usage.into();
        }
        if let Some(description) = description {
            input["Description"] = description.as_str().into();
        }
        if let Some(file) = policy {
            input["Policy"] = files::policy(file)?.into();
        }
        if !tag.is_empty() {
            input["Tags"] = tags_of(tag)?;
        }
        Ok(input)
    }
}

/// What a key of this spec is for, where it can be for one thing only.
fn only_usage(spec: &str) -> Option<&'static str> {
    match spec {
        "SYMMETRIC_DEFAULT" => Some("ENCRYPT_DECRYPT"),
        spec if spec.starts_with("HMAC_") => Some("GENERATE_VERIFY_MAC"),
        spec if spec.starts_with("ML_DSA_") => Some("SIGN_VERIFY"),
        "ECC_SECG_P256K1" | "ECC_NIST_EDWARDS25519" => Some("SIGN_VERIFY"),
        // Elliptic curves can also agree on keys; signing is what most want.
        spec if spec.starts_with("ECC_NIST_") => Some("SIGN_VERIFY"),
        _ => None,
    }
}

fn tags_of(texts: &[String]) -> Result<Value, Failure> {
    let tag = |text: &String| {
        let (name, value) = pair::pair(text, "tag")?;
        Ok(json!({ "TagKey": name, "TagValue": value }))
    };
    texts.iter().map(tag).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn create(spec: &str, tag: &[&str]) -> Create {
        let tag = tag.iter().map(|tag| (*tag).to_owned()).collect();
        Create { spec: spec.to_owned(), usage: None, description: None, tag, policy: None }
    }

    #[test]
    fn the_usage_is_filled_in_where_there_is_no_choice() {
        let usage = |spec| create(spec, &[]).input().ok()?.get("KeyUsage").cloned();
        assert_eq!(usage("HMAC_256"), Some("GENERATE_VERIFY_MAC".into()));
        assert_eq!(usage("ECC_NIST_P256"), Some("SIGN_VERIFY".into()));
        // Encryption or signatures: the server asks.
        assert_eq!(usage("RSA_2048"), None);
    }

    #[test]
    fn a_tag_is_a_name_and_a_value_that_may_hold_more_signs() {
        let input = create("HMAC_256", &["a=b=c"]).input().ok().unwrap();
        assert_eq!(input["Tags"], json!([{ "TagKey": "a", "TagValue": "b=c" }]));
        assert_eq!(create("HMAC_256", &["a"]).input().err().unwrap().exit_code(), 2);
    }
}
