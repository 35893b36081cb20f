//! Which crate may depend on which, and who may name what comes from outside.

use std::{collections::BTreeMap, path::Path, process::Command};

use serde_json::Value;

use super::{Finding, Repository, tables};

/// A word that stands for every crate.
const ALL: &str = "*";

/// A dependency that a manifest declares.
#[derive(Debug, Eq, PartialEq)]
struct Edge {
    from: String,
    to: String,
    ours: bool,
    normal: bool,
}

pub(super) fn find(
    root: &Path,
    repository: &Repository,
    map: &str,
) -> Result<Vec<Finding>, String> {
    let metadata = metadata(root)?;
    let (crates, edges) = read(&metadata)?;
    let allowed = table(map, "edges")?;
    let fences = table(map, "fences")?;
    let mut findings = unknown_crates(&crates, &allowed);
    for edge in &edges {
        if let Some(sentence) = judge(edge, &allowed, &fences) {
            let (path, line) = locate(repository, edge);
            findings.push(Finding::new(&path, line, sentence));
        }
    }
    Ok(findings)
}

fn metadata(root: &Path) -> Result<Value, String> {
    // Declared dependencies only, so that nothing is resolved and nothing fetched.
    let output = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root)
        .output()
        .map_err(|e| format!("cannot run cargo metadata: {e}"))?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr);
        return Err(format!("cargo metadata failed: {}", message.trim()));
    }
    serde_json::from_slice(&output.stdout).map_err(|e| format!("cargo metadata: {e}"))
}

/// The workspace's crates by their short names, and every dependency they declare.
fn read(metadata: &Value) -> Result<(Vec<String>, Vec<Edge>), String> {
    let packages = metadata["packages"].as_array().ok_or("cargo metadata names no packages")?;
    let (mut crates, mut edges) = (Vec::new(), Vec::new());
    for package in packages {
        let from = short(package["name"].as_str().unwrap_or_default());
        crates.push(from.to_owned());
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            edges.push(Edge {
                from: from.to_owned(),
                to: short(dependency["name"].as_str().unwrap_or_default()).to_owned(),
                ours: dependency["path"].is_string(),
                normal: dependency["kind"].is_null() || dependency["kind"] == "build",
            });
        }
    }
    Ok((crates, edges))
}

/// `strongroom-model` is `model` to everyone.
fn short(name: &str) -> &str {
    name.strip_prefix("strongroom-").unwrap_or(name)
}

/// A table of names to the names they allow, with its lines.
fn table<'a>(map: &'a str, name: &str) -> Result<BTreeMap<&'a str, (usize, Vec<&'a str>)>, String> {
    let mut table = BTreeMap::new();
    for row in tables::rows(map, name)? {
        for key in row.names(0) {
            table.insert(key, (row.line, row.names(1)));
        }
    }
    Ok(table)
}

fn unknown_crates(crates: &[String], allowed: &BTreeMap<&str, (usize, Vec<&str>)>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in crates.iter().filter(|name| !allowed.contains_key(name.as_str())) {
        let sentence = format!("crate `{name}` has no row in the table of edges; add one");
        findings.push(Finding::new(tables::MAP, 1, sentence));
    }
    for (name, (line, _)) in allowed {
        if !crates.iter().any(|known| known == name) {
            let sentence = format!("there is no crate `{name}`; remove its row");
            findings.push(Finding::new(tables::MAP, *line, sentence));
        }
    }
    findings
}

fn judge(
    edge: &Edge,
    allowed: &BTreeMap<&str, (usize, Vec<&str>)>,
    fences: &BTreeMap<&str, (usize, Vec<&str>)>,
) -> Option<String> {
    let Edge { from, to, ours, normal } = edge;
    let may = |(_, names): &(usize, Vec<&str>), who: &str| {
        names.iter().any(|name| *name == who || *name == ALL)
    };
    if *ours {
        let (line, _) = allowed.get(from.as_str())?;
        let known = allowed.get(from.as_str()).is_some_and(|row| may(row, to));
        return (*normal && !known).then(|| {
            format!(
                "`{from}` depends on `{to}`, which {} line {line} does not allow; turn the \
                 dependency round or say there why the edge is right",
                tables::MAP
            )
        });
    }
    let fence = fences.get(to.as_str())?;
    (!may(fence, from)).then(|| {
        format!(
            "`{from}` names `{to}`, which is only for {}; go through there",
            fence.1.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        )
    })
}

/// The manifest and line that declare an edge.
fn locate(repository: &Repository, edge: &Edge) -> (String, usize) {
    let folder = match edge.from.as_str() {
        "xtask" | "bench" => edge.from.clone(),
        name => format!("crates/{name}"),
    };
    let path = format!("{folder}/Cargo.toml");
    let text = repository.text(&path).unwrap_or_default();
    let line = text.lines().position(|line| {
        line.strip_prefix(edge.to.as_str()).is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
    });
    (path, line.map_or(1, |at| at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(from: &str, to: &str, ours: bool, normal: bool) -> Edge {
        Edge { from: from.to_owned(), to: to.to_owned(), ours, normal }
    }

    #[test]
    fn an_edge_that_the_table_lacks_is_found() {
        let map = "<!-- tidy: edges -->\n|a|b|\n|-|-|\n| `door` | `engine` |\n| `binary` | `*` |\n";
        let allowed = table(map, "edges").unwrap();
        let none = BTreeMap::new();
        assert!(judge(&edge("door", "engine", true, true), &allowed, &none).is_none());
        assert!(judge(&edge("door", "store", true, true), &allowed, &none).is_some());
        assert!(judge(&edge("door", "store", true, false), &allowed, &none).is_none());
        assert!(judge(&edge("binary", "store", true, true), &allowed, &none).is_none());
        let strangers = unknown_crates(&["door".to_owned(), "new".to_owned()], &allowed);
        assert_eq!(strangers.len(), 2, "a crate without a row, and a row without a crate");
    }

    #[test]
    fn a_fenced_library_is_named_by_its_crate_only_even_in_tests() {
        let map = "<!-- tidy: fences -->\n|a|b|\n|-|-|\n| `aws-lc-rs` | `crypto` |\n";
        let fences = table(map, "fences").unwrap();
        let none = BTreeMap::new();
        assert!(judge(&edge("crypto", "aws-lc-rs", false, true), &none, &fences).is_none());
        assert!(judge(&edge("audit", "aws-lc-rs", false, false), &none, &fences).is_some());
        assert!(judge(&edge("audit", "serde", false, true), &none, &fences).is_none());
    }
}
