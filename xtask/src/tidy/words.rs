//! Words of the code that stand in a few places only: unsafe code, files, sockets, the environment.

use super::{Finding, Repository, tables};

pub(super) fn find(repository: &Repository, map: &str) -> Result<Vec<Finding>, String> {
    let mut findings = Vec::new();
    for row in tables::rows(map, "words")? {
        let allowed = row.names(1);
        let elsewhere = repository
            .sources
            .iter()
            .filter(|source| !allowed.iter().any(|place| source.path.starts_with(place)));
        for source in elsewhere {
            for word in row.names(0) {
                findings.extend(source.places(word).into_iter().map(|at| {
                    let sentence = format!(
                        "`{word}` outside the places that {} line {} allows; move it there or do \
                         without",
                        tables::MAP,
                        row.line
                    );
                    Finding::new(&source.path, source.line_at(at), sentence)
                }));
            }
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{source::Source, tree::TextFile};

    #[test]
    fn a_word_is_found_outside_its_place_and_outside_tests() {
        let map = "<!-- tidy: words -->\n|a|b|\n|-|-|\n| `unsafe`, `fs::` | `crates/a/` |\n";
        let text =
            "use std::fs::File; unsafe {} // unsafe\n#[cfg(test)]\nmod t { use std::fs::X; }";
        let source =
            |path: &str| Source::new(&TextFile { path: path.to_owned(), text: text.to_owned() });
        let sources = vec![source("crates/a/src/x.rs"), source("crates/b/src/x.rs")];
        let findings = find(&Repository { files: Vec::new(), sources }, map).unwrap();
        assert_eq!(findings.len(), 2);
        assert!(findings.iter().all(|finding| finding.path == "crates/b/src/x.rs"));
    }
}
