//! `strongroom policy`: the policies of keys; and whether a file is a policy, without a server.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::{Reply, Server, failure::Failure, files};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Show a key's policy.
    #[command(
        after_help = "Example:\n  strongroom policy get 1234abcd-12ab-44cd-a6ef-1234567890ab > releases.json"
    )]
    Get {
        /// The key: its id or its ARN.
        key: String,
    },
    /// Replace a key's policy. One that nobody could change again is refused.
    #[command(
        after_help = "Example:\n  strongroom policy put 1234abcd-12ab-44cd-a6ef-1234567890ab releases.json"
    )]
    Put {
        /// The key: its id or its ARN.
        key: String,
        /// The file with the policy.
        file: PathBuf,
    },
    /// List the names of a key's policies: there is one, and it is called default.
    #[command(
        after_help = "Example:\n  strongroom policy list 1234abcd-12ab-44cd-a6ef-1234567890ab"
    )]
    List {
        /// The key: its id or its ARN.
        key: String,
    },
    /// Say whether a file is a policy, and if not, why. No server is asked.
    #[command(after_help = "Example:\n  strongroom policy check payments.json --of principal")]
    Check {
        /// The file with the policy.
        file: PathBuf,
        /// Whose policy it is to be.
        #[arg(long, value_enum, default_value_t = Owner::Key)]
        of: Owner,
    },
}

/// What a policy can belong to: the grammars differ.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Owner {
    /// It says who may use the key.
    Key,
    /// It says what the principal may do.
    Principal,
}

impl super::Verb for Verb {
    fn here(&self) -> Option<Result<Reply, Failure>> {
        match self {
            Self::Check { file, of } => {
                let text = files::policy(file);
                Some(text.and_then(|text| check(&file.display().to_string(), &text, *of)))
            }
            Self::Get { .. } | Self::Put { .. } | Self::List { .. } => None,
        }
    }

    fn run(&self, server: &Server) -> Result<Reply, Failure> {
        match self {
            Self::Get { key } => show(server, key),
            Self::Put { key, file } => {
                replace(server, key, &files::policy(file)?)?;
                Ok(Reply::done(format!("{key} has a new policy.")))
            }
            Self::List { key } => {
                let input = json!({ "KeyId": key });
                let names = server.kms_list("ListKeyPolicies", input, "PolicyNames")?;
                let list = names.get("PolicyNames").and_then(Value::as_array);
                let list: Vec<_> = list.into_iter().flatten().filter_map(Value::as_str).collect();
                let text = list.join("\n");
                Ok(Reply::text(names, text))
            }
            Self::Check { .. } => Err(Failure::Failed("a policy is checked here".to_owned())),
        }
    }
}

/// Shows a key's policy as it was written.
pub(super) fn show(server: &Server, key: &str) -> Result<Reply, Failure> {
    let answer = server.kms("GetKeyPolicy", &json!({ "KeyId": key }))?;
    let text = answer.get("Policy").and_then(Value::as_str).map(str::to_owned);
    Ok(Reply::text(answer, text.ok_or_else(|| Failure::incomplete("Policy"))?))
}

/// Gives a key another policy.
pub(super) fn replace(server: &Server, key: &str, policy: &str) -> Result<(), Failure> {
    server.kms("PutKeyPolicy", &json!({ "KeyId": key, "Policy": policy }))?;
    Ok(())
}

/// Reads a policy as the server would.
fn check(file: &str, text: &str, of: Owner) -> Result<Reply, Failure> {
    let (kind, read) = match of {
        Owner::Key => ("a key", iam::parse_key_policy(text)),
        Owner::Principal => ("a principal", iam::parse_identity_policy(text)),
    };
    let document = read.map_err(|malformed| Failure::Failed(format!("{file}: {malformed}")))?;
    let statements = document.statements.len();
    let answer = json!({ "file": file, "valid": true, "statements": statements });
    Ok(Reply::line(answer, format!("{file} is a policy of {kind}; statements: {statements}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"OF}]}"#;

    fn checked(text: &str, of: Owner) -> Result<(), String> {
        check("x.json", text, of).map(drop).map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_policy_is_one_of_a_key_or_of_a_principal() {
        let principals = BOTH.replace("OF", "");
        let keys = BOTH.replace("OF", r#","Principal":"*""#);
        assert_eq!(checked(&keys, Owner::Key), Ok(()));
        assert_eq!(checked(&principals, Owner::Principal), Ok(()));
        assert!(checked(&keys, Owner::Principal).is_err());
        assert!(checked(&principals, Owner::Key).is_err());
    }

    #[test]
    fn what_is_wrong_is_one_sentence_that_names_the_file() {
        for text in ["", "[]", "{}", r#"{"Statement":[{"Effect":"Perhaps"}]}"#] {
            let sentence = checked(text, Owner::Key).unwrap_err();
            assert!(sentence.starts_with("x.json: ") && sentence.ends_with('.'), "{sentence}");
            assert!(!sentence.contains('\n'), "{sentence}");
        }
        let long = BOTH.replace("OF", &(r#","Principal":"*""#.to_owned() + &" ".repeat(40_000)));
        assert!(checked(&long, Owner::Key).is_err());
    }
}
