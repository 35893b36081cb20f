//! `strongroom access-key`: what principals sign their requests with.

use clap::Subcommand;
use client::Ask;

use super::{Reply, Server, failure::Failure};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Make an access key; its secret is shown this once.
    #[command(
        after_help = "Example:\n  strongroom access-key create payments --output json > payments.key"
    )]
    Create {
        /// The principal it is for.
        principal: String,
    },
    /// List a principal's access keys, without their secrets.
    #[command(after_help = "Example:\n  strongroom access-key list payments")]
    List {
        /// The principal.
        principal: String,
    },
    /// Remove an access key; it is refused from then on.
    #[command(
        after_help = "Example:\n  strongroom access-key delete payments AKIAEXAMPLEEXAMPLE22"
    )]
    Delete {
        /// The principal it is of.
        principal: String,
        /// Its id.
        id: String,
    },
}

impl super::Verb for Verb {
    fn run(&self, server: &Server) -> Result<Reply, Failure> {
        match self {
            Self::Create { principal } => {
                let answer = server.ask(&Ask::CreateAccessKey { principal })?;
                Ok(Reply::fields(answer.clone(), &answer))
            }
            Self::List { principal } => {
                let answer = server.ask(&Ask::ListAccessKeys { principal })?;
                Ok(Reply::rows(answer, "access_keys", &[("access_key_id", "ACCESS KEY ID")]))
            }
            Self::Delete { principal, id } => {
                server.ask(&Ask::DeleteAccessKey { principal, id })?;
                Ok(Reply::done(format!("Removed {id} of {principal}.")))
            }
        }
    }
}
