//! `strongroom status`: how the server stands.

use clap::Args;
use client::Ask;
use serde_json::{Map, Value};

use super::{Reply, Server, Verb, failure::Failure};

#[derive(Args)]
#[command(after_help = "Example:\n  strongroom status --output json")]
pub(crate) struct Status {}

impl Verb for Status {
    fn run(&self, server: &Server) -> Result<Reply, Failure> {
        let answer = server.ask(&Ask::Status)?;
        let shown = flat(&answer);
        Ok(Reply::fields(answer, &shown))
    }
}

/// The members of objects within it as members of its own, named `outer.inner`.
fn flat(answer: &Value) -> Value {
    let mut shown = Map::new();
    for (name, value) in answer.as_object().into_iter().flatten() {
        match value {
            Value::Object(members) => shown.extend(
                members.iter().map(|(inner, value)| (format!("{name}.{inner}"), value.clone())),
            ),
            _ => {
                shown.insert(name.clone(), value.clone());
            }
        }
    }
    Value::Object(shown)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn inner_members_are_named_with_the_outer() {
        let answer = json!({ "sealed": false, "audit": { "synced": 3 } });
        assert_eq!(flat(&answer), json!({ "sealed": false, "audit.synced": 3 }));
    }
}
