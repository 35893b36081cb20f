//! `strongroom role`: identities that principals, and whom issuers of tokens vouch for, act in for
//! a while.

use std::{collections::BTreeMap, path::PathBuf};

use clap::{Args, Subcommand};
use client::{Ask, RoleSays};
use serde_json::Value;

use super::{Reply, Server, failure::Failure, files, pair::pairs};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Make a role.
    #[command(
        after_help = "Example:\n  strongroom role create deploy --trust trust.json --policy deploy.json"
    )]
    Create {
        /// Its name: 1 to 64 letters, digits and + = , . @ _ -
        name: String,
        /// A file with its trust policy: an IAM policy that says who may act in it.
        #[arg(long, value_name = "FILE")]
        trust: PathBuf,
        #[command(flatten)]
        more: More,
    },
    /// List roles.
    #[command(after_help = "Example:\n  strongroom role list --output json")]
    List,
    /// Show a role: whom it trusts, what may be done in it, and for how long.
    #[command(after_help = "Example:\n  strongroom role show deploy")]
    Show {
        /// Its name.
        name: String,
    },
    /// Change a role: what is not given stays. Its sessions feel it with their next request.
    #[command(
        after_help = "Example:\n  strongroom role change deploy --policy deploy.json --max-session 7200"
    )]
    Change {
        /// Its name.
        name: String,
        /// A file with its trust policy.
        #[arg(long, value_name = "FILE")]
        trust: Option<PathBuf>,
        #[command(flatten)]
        more: More,
    },
    /// Remove a role, and with it every session of it, at once.
    #[command(after_help = "Example:\n  strongroom role delete deploy")]
    Delete {
        /// Its name.
        name: String,
    },
}

/// What a role has beside a name and a trust policy.
#[derive(Args)]
pub(crate) struct More {
    /// A file with an IAM policy that says what may be done in it; may be given several times, and
    /// takes the place of all that it has.
    #[arg(long, value_name = "FILE")]
    policy: Vec<PathBuf>,
    /// Its longest session, in seconds: 3600 to 43200.
    #[arg(long, value_name = "SECONDS")]
    max_session: Option<u32>,
    /// A tag, that conditions call aws:PrincipalTag/NAME; may be given several times, and takes the
    /// place of all that it has.
    #[arg(long, value_name = "NAME=VALUE")]
    tag: Vec<String>,
}

/// What was given of it.
struct Given {
    policies: Option<Vec<String>>,
    tags: Option<BTreeMap<String, String>>,
    session_seconds_max: Option<u32>,
}

impl More {
    fn given(&self) -> Result<Given, Failure> {
        let policies =
            (!self.policy.is_empty()).then(|| files::policies(&self.policy)).transpose()?;
        let tags = (!self.tag.is_empty()).then(|| pairs(&self.tag, "tag")).transpose()?;
        Ok(Given { policies, tags, session_seconds_max: self.max_session })
    }
}

impl Given {
    fn says<'a>(&'a self, trust: Option<&'a str>) -> RoleSays<'a> {
        let Self { policies, tags, session_seconds_max } = self;
        let session_seconds_max = *session_seconds_max;
        RoleSays { trust, policies: policies.as_deref(), session_seconds_max, tags: tags.as_ref() }
    }
}

impl super::Verb for Verb {
    fn run(&self, server: &Server) -> Result<Reply, Failure> {
        match self {
            Self::Create { name, trust, more } => {
                let (trust, given) = (files::policy(trust)?, more.given()?);
                let says = given.says(Some(&trust));
                let answer = server.ask(&Ask::CreateRole { name, says })?;
                Ok(Reply::fields(answer.clone(), &answer))
            }
            Self::List => {
                let roles = server.all("roles", |after| Ask::ListRoles { limit: None, after })?;
                let columns = [
                    ("name", "NAME"),
                    ("created", "CREATED"),
                    ("session_seconds_max", "LONGEST SESSION"),
                ];
                Ok(Reply::rows(roles, "roles", &columns))
            }
            Self::Show { name } => {
                let answer = server.ask(&Ask::ReadRole { name })?;
                let text = shown(&answer);
                Ok(Reply::text(answer, text))
            }
            Self::Change { name, trust, more } => {
                let trust = trust.as_deref().map(files::policy).transpose()?;
                let given = more.given()?;
                server.ask(&Ask::ChangeRole { name, says: given.says(trust.as_deref()) })?;
                Ok(Reply::done(format!("Changed {name}.")))
            }
            Self::Delete { name } => {
                server.ask(&Ask::DeleteRole { name })?;
                Ok(Reply::done(format!("Removed {name} and its sessions.")))
            }
        }
    }
}

/// A role as people read it: its policies one after the other.
fn shown(answer: &Value) -> String {
    let member = |name: &str| answer.get(name).unwrap_or(&Value::Null);
    let line = |name: &str, value: &Value| match value {
        Value::String(text) => format!("{name}: {text}"),
        other => format!("{name}: {other:#}"),
    };
    let names = ["name", "arn", "created", "session_seconds_max", "tags", "trust", "policies"];
    names.map(|name| line(name, member(name))).join("\n")
}
