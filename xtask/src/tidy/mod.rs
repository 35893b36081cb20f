//! `cargo xtask tidy`: the rules that no compiler checks, each finding one sentence.
//!
//! What is allowed stands in tables of ARCHITECTURE.md, where people read it; here is only how it
//! is compared with the code.

mod budgets;
mod call_sites;
mod edges;
mod links;
mod modules;
mod phrases;
mod tables;
mod words;

use std::{fmt, path::Path};

use crate::{
    source::Source,
    tree::{self, TextFile},
};

const HELP: &str = "\
Check the rules of ARCHITECTURE.md and CONTRIBUTING.md that no compiler checks: which crate may
depend on which, cycles between modules, where secrets are exposed and bytes vouched for, where
unsafe code, files and sockets may be, the length of files and functions, dead links, and claims
we do not make.

Usage: cargo xtask tidy [--bless]

Options:
  --bless    Rewrite xtask/golden/call-sites.txt from the code; read the difference before you
             commit it, since each new line lets a secret out or vouches for bytes

Examples:
  cargo xtask tidy            print the findings; fails if there is one
  cargo xtask tidy --bless    after you have looked at each new call
";

/// Something to put right.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Finding {
    path: String,
    line: usize,
    sentence: String,
}

impl Finding {
    /// `sentence` says what is wrong, a semicolon, and what to do.
    fn new(path: &str, line: usize, sentence: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, sentence: sentence.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.sentence)
    }
}

/// The repository, read once.
struct Repository {
    files: Vec<TextFile>,
    sources: Vec<Source>,
}

impl Repository {
    fn read(root: &Path) -> Result<Self, String> {
        let files = tree::text_files(root)?;
        let rust = files.iter().filter(|file| file.path.ends_with(".rs"));
        let mut sources: Vec<Source> = rust.map(Source::new).collect();
        let declared: Vec<String> = sources.iter().flat_map(Source::test_modules).collect();
        for source in &mut sources {
            let below = |module: &String| {
                let rest = source.path.strip_prefix(module.as_str());
                rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
            };
            if declared.iter().any(below) {
                source.mark_as_test();
            }
        }
        Ok(Self { files, sources })
    }

    fn text(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
    }
}

/// Runs the task; whether there was nothing to find.
pub(crate) fn main(arguments: &[&str]) -> Result<bool, String> {
    match arguments {
        [] => check(),
        ["--bless"] => bless(),
        ["--help" | "-h"] => {
            print!("{HELP}");
            Ok(true)
        }
        [other, ..] => Err(format!("tidy knows no `{other}`; see `cargo xtask tidy --help`")),
    }
}

/// Prints the findings; whether there are none.
pub(crate) fn check() -> Result<bool, String> {
    let root = tree::root();
    let repository = Repository::read(&root)?;
    let findings = find(&root, &repository)?;
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => println!("tidy: {} files, nothing to put right", repository.files.len()),
        n => println!("tidy: {n} to put right"),
    }
    Ok(findings.is_empty())
}

fn bless() -> Result<bool, String> {
    let root = tree::root();
    let repository = Repository::read(&root)?;
    let file = root.join(call_sites::GOLDEN);
    std::fs::write(&file, call_sites::golden(&repository))
        .map_err(|e| format!("cannot write {}: {e}", file.display()))?;
    println!("wrote {}; read its difference before you commit it", call_sites::GOLDEN);
    Ok(true)
}

fn find(root: &Path, repository: &Repository) -> Result<Vec<Finding>, String> {
    let map = repository
        .text(tables::MAP)
        .ok_or_else(|| format!("{} is missing: it holds the tables to check by", tables::MAP))?;
    let mut findings = Vec::new();
    findings.extend(edges::find(root, repository, map)?);
    findings.extend(modules::find(repository, map)?);
    findings.extend(words::find(repository, map)?);
    findings.extend(budgets::find(repository));
    findings.extend(call_sites::find(repository));
    findings.extend(links::find(repository));
    findings.extend(phrases::find(root, repository));
    findings.sort();
    findings.dedup();
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_is_tidy() {
        let root = tree::root();
        let repository = Repository::read(&root).unwrap();
        let findings = find(&root, &repository).unwrap();
        let list: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert!(list.is_empty(), "\n{}\n", list.join("\n"));
    }
}
