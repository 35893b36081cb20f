//! `strongroom status`: how the server stands.

use clap::Args;
use client::{Ask, Given};
use model::Wall;
use serde_json::{Map, Value};

use super::{Options, Reply, failure::Failure};

#[derive(Args)]
#[command(after_help = "Example:\n  strongroom status --output json")]
pub(crate) struct Status {}

impl Status {
    /// Asks how the server stands; when it is sealed, what it needs, for which nobody has to say
    /// who they are.
    pub(super) fn run(&self, options: &Options, now: Wall) -> Result<Reply, Failure> {
        let asked = options.connection.open(now).and_then(|server| server.ask(&Ask::Status));
        let answer = asked.or_else(|failure| {
            let server = options.connection.open_as_nobody().ok();
            let progress = server.and_then(|server| server.unseal(Given::Nothing).ok());
            progress.filter(|progress| progress["sealed"] == true).ok_or(failure)
        })?;
        let shown = flat(&answer);
        Ok(Reply::fields(answer, &shown))
    }
}

/// The members of objects within it as members of its own, named `outer.inner`, and the ways to
/// unseal the server in a line.
fn flat(answer: &Value) -> Value {
    let mut shown = Map::new();
    for (name, value) in answer.as_object().into_iter().flatten() {
        match value {
            Value::Object(members) => shown.extend(
                members.iter().map(|(inner, value)| (format!("{name}.{inner}"), value.clone())),
            ),
            Value::Array(ways) if ways.iter().any(Value::is_object) => {
                shown.insert(
                    name.clone(),
                    ways.iter().map(way).collect::<Vec<_>>().join(", ").into(),
                );
            }
            _ => {
                shown.insert(name.clone(), value.clone());
            }
        }
    }
    Value::Object(shown)
}

fn way(way: &Value) -> String {
    let name = way["name"].as_str().unwrap_or_default();
    match (way["needed"].as_u64(), way["count"].as_u64()) {
        (Some(needed), Some(count)) => format!("{name} ({needed} of {count})"),
        _ => name.to_owned(),
    }
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

    #[test]
    fn the_ways_to_unseal_it_are_one_line() {
        let shares = json!({ "name": "shares", "kind": "shares", "needed": 2, "count": 3 });
        let answer = json!({ "unseal": [{ "name": "key-file", "kind": "key-file" }, shares] });
        assert_eq!(flat(&answer), json!({ "unseal": "key-file, shares (2 of 3)" }));
    }
}
