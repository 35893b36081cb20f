//! Relative links between the documents are alive.

use super::{Finding, Repository};

pub(super) fn find(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in repository.files.iter().filter(|file| file.path.ends_with(".md")) {
        for (line, target) in targets(&file.text) {
            if let Some(what) = dead(repository, &file.path, target) {
                let sentence = format!("link to {what}; correct or remove it");
                findings.push(Finding::new(&file.path, line, sentence));
            }
        }
    }
    findings
}

/// The targets of a document's links outside code, each with its line.
fn targets(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            for prose in line.split('`').step_by(2) {
                let links = prose.split("](").skip(1);
                found.extend(links.filter_map(|rest| Some((at + 1, rest.split_once(')')?.0))));
            }
            // A link whose text is code ends after the backquote.
            let code_links = line.split("`](").skip(1);
            found.extend(code_links.filter_map(|rest| Some((at + 1, rest.split_once(')')?.0))));
        }
    }
    found
}

/// What a target points at that is not there.
fn dead(repository: &Repository, from: &str, target: &str) -> Option<String> {
    let target = target.split_whitespace().next().unwrap_or_default();
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let file = if path.is_empty() { from.to_owned() } else { resolve(from, path) };
    let folder = format!("{}/", file.trim_end_matches('/'));
    if !repository.files.iter().any(|f| f.path == file || f.path.starts_with(&folder)) {
        return Some(format!("`{path}`, which does not exist"));
    }
    let text = repository.text(&file).unwrap_or_default();
    let known = anchor.is_empty() || !file.ends_with(".md") || anchors(text).any(|a| a == anchor);
    (!known).then(|| format!("`#{anchor}`, a heading that {file} does not have"))
}

/// `path` as seen from the folder of `from`.
fn resolve(from: &str, path: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// The anchors that a document's headings get.
fn anchors(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter(|line| line.starts_with('#')).map(|line| {
        let heading = line.trim_start_matches('#').trim().to_lowercase();
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::TextFile;

    #[test]
    fn a_dead_link_is_found_and_a_living_one_is_not() {
        let file = |path: &str, text: &str| TextFile { path: path.into(), text: text.into() };
        let text = "[a](docs/b.md#two-words) [`x`](docs) [c](docs/c.md) [d](#no)\n\
                    ```\n[e](gone.md)\n```\n`[f](gone.md)` [g](https://example.com/)";
        let files =
            vec![file("a.md", text), file("docs/b.md", "# One\n## Two, words\n[up](../a.md)")];
        let findings = find(&Repository { files, sources: Vec::new() });
        let sentences: Vec<&str> = findings.iter().map(|f| f.sentence.as_str()).collect();
        assert_eq!(sentences.len(), 2, "{sentences:?}");
        assert!(sentences[0].contains("docs/c.md") && sentences[1].contains("#no"));
    }
}
