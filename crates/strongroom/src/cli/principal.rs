//! `strongroom principal`: who may ask, and what they may do.

use std::path::PathBuf;

use clap::Subcommand;
use client::Ask;
use serde_json::Value;

use super::{Reply, Server, failure::Failure, files};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Make a principal.
    #[command(
        after_help = "Example:\n  strongroom principal create payments --policy payments.json"
    )]
    Create {
        /// Its name: 1 to 64 letters, digits and + = , . @ _ -
        name: String,
        /// A file with an IAM policy that says what it may do; may be given several times.
        #[arg(long, value_name = "FILE")]
        policy: Vec<PathBuf>,
    },
    /// List principals.
    #[command(after_help = "Example:\n  strongroom principal list --output json")]
    List,
    /// Remove a principal and its access keys, at once.
    #[command(after_help = "Example:\n  strongroom principal delete payments")]
    Delete {
        /// Its name.
        name: String,
    },
    /// What a principal may do.
    #[command(subcommand)]
    Policy(PolicyVerb),
}

#[derive(Subcommand)]
pub(crate) enum PolicyVerb {
    /// Show a principal's policies.
    #[command(after_help = "Example:\n  strongroom principal policy show payments")]
    Show {
        /// The principal's name.
        name: String,
    },
    /// Replace all of a principal's policies.
    #[command(
        after_help = "Example:\n  strongroom principal policy replace payments payments.json audit.json"
    )]
    Replace {
        /// The principal's name.
        name: String,
        /// A file for each policy; none leaves it without any.
        files: Vec<PathBuf>,
    },
}

impl super::Verb for Verb {
    fn run(&self, server: &Server) -> Result<Reply, Failure> {
        match self {
            Self::Create { name, policy } => {
                let policies = files::policies(policy)?;
                let answer = server.ask(&Ask::CreatePrincipal { name, policies: &policies })?;
                Ok(Reply::fields(answer.clone(), &answer))
            }
            Self::List => {
                let columns =
                    [("name", "NAME"), ("created", "CREATED"), ("access_keys", "ACCESS KEYS")];
                let all =
                    server.all("principals", |after| Ask::ListPrincipals { limit: None, after })?;
                Ok(Reply::rows(all, "principals", &columns))
            }
            Self::Delete { name } => {
                server.ask(&Ask::DeletePrincipal { name })?;
                Ok(Reply::done(format!("Removed {name} and its access keys.")))
            }
            Self::Policy(PolicyVerb::Show { name }) => {
                let answer = server.ask(&Ask::ReadPolicies { name })?;
                let policies = answer.get("policies").and_then(Value::as_array);
                let policies = policies.ok_or_else(|| Failure::incomplete("policies"))?;
                let texts: Vec<String> =
                    policies.iter().map(|policy| format!("{policy:#}")).collect();
                Ok(Reply::text(answer, texts.join("\n")))
            }
            Self::Policy(PolicyVerb::Replace { name, files }) => {
                let policies = files::policies(files)?;
                server.ask(&Ask::ReplacePolicies { name, policies: &policies })?;
                Ok(Reply::done(format!("{name} has {} policies now.", policies.len())))
            }
        }
    }
}
