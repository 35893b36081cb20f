//! Every file opens with its purpose, and stays readable in one sitting.

use super::{Finding, Repository};
use crate::source::Source;

/// Most lines of a file, its test modules aside.
const FILE_LINES_MAX: usize = 700;
/// Most lines of a function outside tests.
const FUNCTION_LINES_MAX: usize = 90;

pub(super) fn find(repository: &Repository) -> Vec<Finding> {
    repository.sources.iter().flat_map(judge).collect()
}

fn judge(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    let path = &source.path;
    if !source.text.starts_with("//!") {
        let sentence = "the file does not open with `//!`; say in a line what it is for";
        findings.push(Finding::new(path, 1, sentence));
    }
    let lines = source.line_count();
    if lines > FILE_LINES_MAX {
        let sentence = format!(
            "{lines} lines without tests, and {FILE_LINES_MAX} are allowed; move a part with a \
             name of its own into a file of its own"
        );
        findings.push(Finding::new(path, 1, sentence));
    }
    let functions = if source.is_test() { Vec::new() } else { source.functions() };
    for function in functions.iter().filter(|function| function.lines > FUNCTION_LINES_MAX) {
        let sentence = format!(
            "`{}` has {} lines, and {FUNCTION_LINES_MAX} are allowed; name its parts",
            function.name, function.lines
        );
        findings.push(Finding::new(path, function.line, sentence));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::TextFile;

    fn judged(text: String) -> Vec<Finding> {
        judge(&Source::new(&TextFile { path: "crates/x/src/y.rs".to_owned(), text }))
    }

    #[test]
    fn what_is_too_long_or_says_nothing_is_found() {
        assert!(judged("//! Fine.\nfn f() {}\n".to_owned()).is_empty());
        assert_eq!(judged("fn f() {}\n".to_owned()).len(), 1);
        assert_eq!(judged(format!("//! x\n{}", "\n".repeat(700))).len(), 1);
        assert_eq!(judged(format!("//! x\nfn f() {{{}}}\n", "\n".repeat(90))).len(), 1);
        let tests = format!("//! x\n#[cfg(test)]\nmod tests {{{}}}\n", "\n".repeat(800));
        assert!(judged(tests).is_empty());
    }
}
