//! No cycle between the top-level modules of a crate. Inside a crate the compiler allows them,
//! and they come by themselves.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, Repository, tables};
use crate::source::{Source, is_word};

/// Who uses whom, and the first place where.
type Graph = BTreeMap<String, BTreeMap<String, (String, usize)>>;

pub(super) fn find(repository: &Repository, map: &str) -> Result<Vec<Finding>, String> {
    let mut exceptions = exceptions(map);
    let mut crates: BTreeMap<&str, Vec<&Source>> = BTreeMap::new();
    for source in repository.sources.iter().filter(|source| !source.is_test()) {
        if let Some((name, _)) = place(source) {
            crates.entry(name).or_default().push(source);
        }
    }
    let mut findings = Vec::new();
    for (name, sources) in crates {
        let graph = graph(&sources);
        for cycle in cycles(&graph) {
            if exceptions.remove(&(name.to_owned(), cycle.clone())).is_none() {
                findings.push(report(name, &cycle, &graph));
            }
        }
    }
    for ((name, members), line) in exceptions {
        let members = members.join(", ");
        let sentence = format!("modules {members} of `{name}` form no cycle; remove the row");
        findings.push(Finding::new(tables::MAP, line, sentence));
    }
    Ok(findings)
}

/// The cycles that the map tolerates, each with its line: a crate and its modules, sorted. There
/// may be none, and then no table.
fn exceptions(map: &str) -> BTreeMap<(String, Vec<String>), usize> {
    let mut exceptions = BTreeMap::new();
    for row in tables::rows(map, "cycles").unwrap_or_default() {
        let mut modules: Vec<String> = row.names(1).into_iter().map(str::to_owned).collect();
        modules.sort_unstable();
        for name in row.names(0) {
            exceptions.insert((name.to_owned(), modules.clone()), row.line);
        }
    }
    exceptions
}

fn report(name: &str, cycle: &[String], graph: &Graph) -> Finding {
    let inside = |from: &String| {
        let targets = graph.get(from).into_iter().flatten();
        targets.filter(|(to, _)| cycle.contains(to)).map(|(to, (path, line))| (to, path, *line))
    };
    let steps: Vec<String> = cycle
        .iter()
        .flat_map(|from| inside(from).map(move |(to, path, line)| (from, to, path, line)))
        .map(|(from, to, path, line)| format!("{from} uses {to} ({path}:{line})"))
        .collect();
    let (path, line) = cycle
        .iter()
        .find_map(|from| inside(from).next().map(|(_, path, line)| (path.clone(), line)))
        .unwrap_or_default();
    let sentence = format!(
        "modules of `{name}` form a cycle: {}; move what they share into one of them",
        steps.join(", ")
    );
    Finding::new(&path, line, sentence)
}

/// The crate of a source and its path inside `src`; none for what is no module of a crate.
fn place(source: &Source) -> Option<(&str, Vec<&str>)> {
    let (folder, inside) = source.path.split_once("/src/")?;
    let name = folder.strip_prefix("crates/").unwrap_or(folder);
    let mut parts: Vec<&str> = inside.strip_suffix(".rs")?.split('/').collect();
    if parts.last().is_some_and(|last| ["mod", "lib", "main"].contains(last)) {
        parts.pop();
    }
    Some((name, parts))
}

fn graph(sources: &[&Source]) -> Graph {
    let placed: Vec<(&Source, Vec<&str>)> =
        sources.iter().filter_map(|source| Some((*source, place(source)?.1))).collect();
    let modules: BTreeSet<&str> =
        placed.iter().filter_map(|(_, path)| path.first().copied()).collect();
    let aliases = root_aliases(&placed, &modules);
    let mut graph = Graph::new();
    for (source, path) in &placed {
        let Some(from) = path.first() else { continue };
        for (at, name) in root_names(source, path.len()) {
            let to = aliases.get(&name).map_or(name.as_str(), String::as_str);
            if to != *from && modules.contains(to) {
                let place = (source.path.clone(), source.line_at(at));
                graph.entry((*from).to_owned()).or_default().entry(to.to_owned()).or_insert(place);
            }
        }
    }
    graph
}

/// What the root of the crate re-exports under another name than its module's.
fn root_aliases(
    placed: &[(&Source, Vec<&str>)],
    modules: &BTreeSet<&str>,
) -> BTreeMap<String, String> {
    let mut aliases = BTreeMap::new();
    for (source, _) in placed.iter().filter(|(_, path)| path.is_empty()) {
        for at in source.places("use") {
            let rest = &source.code[at + "use".len()..];
            let tree = rest.split(';').next().unwrap_or_default();
            for leaf in leaves(tree) {
                let mut parts = leaf.split("::").filter(|part| !["crate", "self"].contains(part));
                if let (Some(module), Some(name)) = (parts.next(), leaf.rsplit("::").next())
                    && modules.contains(module)
                {
                    let name = name.rsplit(" as ").next().unwrap_or(name).trim();
                    aliases.entry(name.to_owned()).or_insert_with(|| module.to_owned());
                }
            }
        }
    }
    aliases.retain(|name, _| !modules.contains(name.as_str()));
    aliases
}

/// The names taken from the root of the crate: after `crate::`, and after as many `super::` as the
/// file is deep.
fn root_names(source: &Source, depth: usize) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let supers = "super::".repeat(depth);
    for start in ["crate::", supers.as_str()] {
        for at in source.places(start) {
            let before = source.code[..at].trim_end();
            if before.ends_with("::") || before.ends_with('$') {
                continue;
            }
            for leaf in leaves(item(&source.code[at + start.len()..])) {
                let name: String = leaf.chars().take_while(|c| is_word(*c)).collect();
                found.push((at, name));
            }
        }
    }
    found
}

/// A path, or a group with its braces, at the start of `code`.
fn item(code: &str) -> &str {
    let mut depth = 0_usize;
    for (at, c) in code.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth <= 1 => return &code[..at + usize::from(depth == 1)],
            '}' => depth -= 1,
            _ if depth == 0 && !is_word(c) && c != ':' => return &code[..at],
            _ => {}
        }
    }
    code
}

/// The paths of a use tree: `a::{b, c::{d}}` gives `a::b` and `a::c::d`.
fn leaves(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((prefix, group)) = tree.split_once('{') else {
        return if tree.is_empty() { Vec::new() } else { vec![tree.to_owned()] };
    };
    let group = group.rsplit_once('}').map_or(group, |(inside, _)| inside);
    let mut parts = vec![String::new()];
    let mut depth = 0_usize;
    for c in group.chars() {
        match c {
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    let prefix = prefix.trim();
    parts.iter().flat_map(|part| leaves(part)).map(|leaf| format!("{prefix}{leaf}")).collect()
}

/// Sets of modules that each reach the others, sorted.
fn cycles(graph: &Graph) -> BTreeSet<Vec<String>> {
    let reach: BTreeMap<&String, BTreeSet<&String>> =
        graph.keys().map(|from| (from, reachable(graph, from))).collect();
    let mut cycles = BTreeSet::new();
    for (from, targets) in &reach {
        let members: Vec<String> = targets
            .iter()
            .filter(|to| reach.get(**to).is_some_and(|back| back.contains(*from)))
            .map(|to| (*to).clone())
            .collect();
        if members.len() > 1 {
            cycles.insert(members);
        }
    }
    cycles
}

fn reachable<'a>(graph: &'a Graph, from: &'a String) -> BTreeSet<&'a String> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(module) = open.pop() {
        for to in graph.get(module).into_iter().flat_map(BTreeMap::keys) {
            if seen.insert(to) {
                open.push(to);
            }
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::TextFile;

    fn cycles_of(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        let sources: Vec<Source> = files
            .iter()
            .map(|(path, text)| {
                Source::new(&TextFile {
                    path: format!("crates/x/src/{path}"),
                    text: (*text).into(),
                })
            })
            .collect();
        cycles(&graph(&sources.iter().collect::<Vec<_>>())).into_iter().collect()
    }

    #[test]
    fn two_modules_that_use_each_other_are_a_cycle() {
        let files = [
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "use crate::{b::{B, C}, c};"),
            ("b/mod.rs", "mod d; use crate::c;"),
            ("b/d.rs", "fn f() { super::super::a::g() }"),
            ("c.rs", "#[cfg(test)] mod tests { use crate::a; }"),
        ];
        assert_eq!(cycles_of(&files), [vec!["a".to_owned(), "b".to_owned()]]);
    }

    #[test]
    fn a_name_that_the_root_re_exports_leads_to_its_module() {
        let files = [
            ("lib.rs", "mod a; mod b; pub use a::{A, Z as Y}; pub use b::B;"),
            ("a.rs", "use crate::B;"),
            ("b.rs", "use crate::Y;"),
        ];
        assert_eq!(cycles_of(&files).len(), 1);
    }

    #[test]
    fn an_exception_holds_for_its_cycle_and_goes_with_it() {
        let source = |path: &str, text: &str| {
            Source::new(&TextFile { path: format!("crates/x/src/{path}"), text: text.into() })
        };
        let map = "<!-- tidy: cycles -->\n|a|b|\n|-|-|\n| `x` | `b`, `a` |\n";
        let cyclic = vec![source("a.rs", "use crate::b;"), source("b.rs", "use crate::a;")];
        let findings =
            |sources, map| find(&Repository { files: Vec::new(), sources }, map).unwrap();
        assert!(findings(cyclic, map).is_empty());
        let straight = vec![source("a.rs", "use crate::b;"), source("b.rs", "")];
        assert_eq!(findings(straight, map).len(), 1, "the exception has outlived its cycle");
    }

    #[test]
    fn one_direction_is_no_cycle() {
        let files = [("lib.rs", ""), ("a.rs", "use crate::b::B;"), ("b.rs", "struct B;")];
        assert!(cycles_of(&files).is_empty());
    }
}
