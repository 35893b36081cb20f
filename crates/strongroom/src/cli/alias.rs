//! `strongroom alias`: changeable names for keys.

use clap::Subcommand;
use serde_json::json;

use super::{Reply, Server, failure::Failure};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Give a key an alias.
    #[command(
        after_help = "Example:\n  strongroom alias create releases 1234abcd-12ab-44cd-a6ef-1234567890ab"
    )]
    Create {
        /// The alias, with alias/ before it or without.
        alias: String,
        /// The key: its id or ARN.
        key: String,
    },
    /// Point an alias at another key.
    #[command(
        after_help = "Example:\n  strongroom alias update releases 5678abcd-12ab-44cd-a6ef-1234567890ab"
    )]
    Update {
        /// The alias, with alias/ before it or without.
        alias: String,
        /// The key: its id or ARN.
        key: String,
    },
    /// Remove an alias; its key stays.
    #[command(after_help = "Example:\n  strongroom alias delete releases")]
    Delete {
        /// The alias, with alias/ before it or without.
        alias: String,
    },
    /// List aliases and what they point to.
    #[command(after_help = "Example:\n  strongroom alias list")]
    List {
        /// Only those of this key: its id or ARN.
        #[arg(long)]
        key: Option<String>,
    },
}

impl super::Verb for Verb {
    fn run(&self, server: &Server) -> Result<Reply, Failure> {
        match self {
            Self::Create { alias, key } => {
                let alias = full(alias);
                server.kms("CreateAlias", &json!({ "AliasName": alias, "TargetKeyId": key }))?;
                Ok(Reply::done(format!("{alias} points to {key}.")))
            }
            Self::Update { alias, key } => {
                let alias = full(alias);
                server.kms("UpdateAlias", &json!({ "AliasName": alias, "TargetKeyId": key }))?;
                Ok(Reply::done(format!("{alias} points to {key} now.")))
            }
            Self::Delete { alias } => {
                let alias = full(alias);
                server.kms("DeleteAlias", &json!({ "AliasName": alias }))?;
                Ok(Reply::done(format!("Removed {alias}.")))
            }
            Self::List { key } => {
                let input = match key {
                    Some(key) => json!({ "KeyId": key }),
                    None => json!({}),
                };
                let aliases = server.kms_list("ListAliases", input, "Aliases")?;
                let columns = [("AliasName", "ALIAS"), ("TargetKeyId", "KEY ID")];
                Ok(Reply::rows(aliases, "Aliases", &columns))
            }
        }
    }
}

/// The alias with its prefix.
fn full(alias: &str) -> String {
    if alias.starts_with("alias/") { alias.to_owned() } else { format!("alias/{alias}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_is_there_once() {
        assert_eq!(full("a/b"), "alias/a/b");
        assert_eq!(full("alias/a/b"), "alias/a/b");
    }
}
