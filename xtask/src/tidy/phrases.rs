//! Claims that we do not make, and paths that mean something on one machine only.

use std::path::Path;

use super::{Finding, Repository};

/// What no text may call itself after the name of the standard; a certificate is for a module,
/// and we have none.
const CLAIMS: [&str; 2] = ["certified", "validated"];
/// How far behind the name such a word is looked for, in bytes: a version, a hyphen, a line break.
const CLAIM_REACH: usize = 24;
/// Folders that every machine has (Filesystem Hierarchy Standard), but for people's own.
const STANDARD: [&str; 17] = [
    "bin", "boot", "dev", "etc", "lib", "lib64", "media", "mnt", "opt", "proc", "run", "sbin",
    "srv", "sys", "tmp", "usr", "var",
];

pub(super) fn find(root: &Path, repository: &Repository) -> Vec<Finding> {
    let own = own_places(root);
    let mut findings = Vec::new();
    for file in &repository.files {
        for at in claims(&file.text) {
            let sentence = "claims a validation that the product does not have; say which library \
                            it uses";
            findings.push(Finding::new(&file.path, line_at(&file.text, at), sentence));
        }
        for place in &own {
            for at in paths(&file.text, place) {
                let sentence = "names a path of this machine; say it relative to the repository";
                findings.push(Finding::new(&file.path, line_at(&file.text, at), sentence));
            }
        }
    }
    findings
}

fn line_at(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The folders that only this machine has: where the repository and the user's files are.
fn own_places(root: &Path) -> Vec<String> {
    let first = root.iter().nth(1).map(|part| part.to_string_lossy().into_owned());
    let mut places: Vec<String> = match first {
        Some(first) if !STANDARD.contains(&first.as_str()) => vec![format!("/{first}/")],
        _ => vec![root.display().to_string()],
    };
    let home = std::env::home_dir().map(|home| format!("{}/", home.display()));
    places.extend(home.filter(|home| home.len() > 2));
    places
}

/// Places where `text` claims what it must not.
fn claims(text: &str) -> Vec<usize> {
    let lower = text.to_ascii_lowercase();
    let behind = |at: usize| {
        let after = &lower.as_bytes()[at + 4..(at + 4 + CLAIM_REACH).min(lower.len())];
        let word = after.iter().position(u8::is_ascii_alphabetic).unwrap_or(after.len());
        CLAIMS.iter().any(|claim| after[word..].starts_with(claim.as_bytes()))
    };
    lower.match_indices("fips").map(|(at, _)| at).filter(|at| behind(*at)).collect()
}

/// Places where `text` has a path that begins with `place`.
fn paths(text: &str, place: &str) -> Vec<usize> {
    let inside_a_path = |c: char| c.is_alphanumeric() || "._-*}~".contains(c);
    text.match_indices(place)
        .map(|(at, _)| at)
        .filter(|at| !text[..*at].chars().next_back().is_some_and(inside_a_path))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_found_across_hyphens_versions_and_lines() {
        let name = "FIPS";
        for text in [" certified", "-validated", " 140-3 validated", "\n/// Certified"] {
            assert_eq!(claims(&format!("is {name}{text}.")).len(), 1, "{text}");
        }
        assert!(claims(&format!("{name} 197 and {name} 180")).is_empty());
        assert!(claims("validated input").is_empty());
    }

    #[test]
    fn a_path_is_found_at_its_root_only() {
        assert_eq!(paths("see /mine/x", "/mine/").len(), 1);
        assert!(paths("see crates/mine/x", "/mine/").is_empty());
    }

    #[test]
    fn the_place_of_the_repository_is_this_machines_own() {
        let own = own_places(Path::new("/mine/repository"));
        assert_eq!(own[0], "/mine/");
        let own = own_places(Path::new("/tmp/repository"));
        assert_eq!(own[0], "/tmp/repository");
    }
}
