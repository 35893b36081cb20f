//! Rust source as tidy sees it: code without its comments and literals, and where its tests and
//! functions are. A lexer suffices; the compiler has already judged the rest.

use std::ops::Range;

use crate::tree::TextFile;

/// A Rust file.
pub(crate) struct Source {
    /// Where it is, from the root.
    pub(crate) path: String,
    /// The text as it stands.
    pub(crate) text: String,
    /// The text with comments and the insides of literals blanked; same length, same lines.
    pub(crate) code: String,
    /// Ranges of `code` that exist in tests only.
    tests: Vec<Range<usize>>,
    /// Whether the whole file does.
    is_test: bool,
}

/// A function and its extent.
pub(crate) struct Function {
    /// Its name.
    pub(crate) name: String,
    /// Its first line, from 1.
    pub(crate) line: usize,
    /// How many lines it has, from its signature to its closing brace.
    pub(crate) lines: usize,
}

impl Source {
    /// Lexes a file. That it exists in tests only can also be learnt later, from its declaration.
    pub(crate) fn new(file: &TextFile) -> Self {
        let code = blank(&file.text);
        let tests = test_items(&code);
        let (path, text) = (file.path.clone(), file.text.clone());
        let mut source = Self { path, text, code, tests, is_test: false };
        if is_test_file(&file.path) {
            source.mark_as_test();
        }
        source
    }

    /// Notes that the whole file exists in tests only.
    pub(crate) fn mark_as_test(&mut self) {
        self.tests = std::iter::once(0..self.code.len()).collect();
        self.is_test = true;
    }

    /// Whether the whole file exists in tests only.
    pub(crate) fn is_test(&self) -> bool {
        self.is_test
    }

    /// Where the modules are that this file declares for tests only, without `.rs`.
    pub(crate) fn test_modules(&self) -> Vec<String> {
        let own = self.path.strip_suffix(".rs").unwrap_or(&self.path);
        let is_root = ["/mod", "/lib", "/main"].iter().any(|name| own.ends_with(name));
        let folder =
            if is_root { own.rsplit_once('/').map_or("", |(folder, _)| folder) } else { own };
        let items = self.tests.iter().filter_map(|range| self.code.get(range.clone()));
        items
            .filter_map(|item| item.trim_end_matches(';').rsplit_once("mod "))
            .filter(|(_, name)| !name.is_empty() && name.chars().all(is_word))
            .map(|(_, name)| format!("{folder}/{name}"))
            .collect()
    }

    /// The line, from 1, of a place in the code.
    pub(crate) fn line_at(&self, at: usize) -> usize {
        self.code[..at].bytes().filter(|byte| *byte == b'\n').count() + 1
    }

    /// Places of `needle` in the code outside tests, as whole words where it begins or ends in one.
    pub(crate) fn places(&self, needle: &str) -> Vec<usize> {
        let split =
            |a: Option<char>, b: Option<char>| !(a.is_some_and(is_word) && b.is_some_and(is_word));
        let (first, last) = (needle.chars().next(), needle.chars().next_back());
        self.code
            .match_indices(needle)
            .map(|(at, _)| at)
            .filter(|at| !self.tests.iter().any(|range| range.contains(at)))
            .filter(|at| split(self.code[..*at].chars().next_back(), first))
            .filter(|at| split(last, self.code[at + needle.len()..].chars().next()))
            .collect()
    }

    /// Number of lines outside the test modules of a file (all lines of a test file).
    pub(crate) fn line_count(&self) -> usize {
        let all = self.text.lines().count();
        if self.is_test {
            return all;
        }
        let tests: usize =
            self.tests.iter().map(|range| self.code[range.clone()].lines().count()).sum();
        all - tests.min(all)
    }

    /// The functions with a body outside tests.
    pub(crate) fn functions(&self) -> Vec<Function> {
        self.places("fn").into_iter().filter_map(|at| self.function_at(at)).collect()
    }

    fn function_at(&self, at: usize) -> Option<Function> {
        let rest = &self.code[at + 2..];
        let name: String = rest.trim_start().chars().take_while(|c| is_word(*c)).collect();
        if name.is_empty() {
            return None; // A function type, or a macro's pattern.
        }
        let open = body_start(&self.code, at)?;
        let end = closing_brace(&self.code, open);
        let lines = self.line_at(end) - self.line_at(at) + 1;
        Some(Function { name, line: self.line_at(at), lines })
    }
}

/// Whether a character can be part of an identifier.
pub(crate) fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn is_test_file(path: &str) -> bool {
    let mut parts: Vec<&str> = path.split('/').collect();
    let name = parts.pop().unwrap_or_default();
    parts.iter().any(|part| ["tests", "benches", "examples", "fuzz"].contains(part))
        || name == "tests.rs"
        || name.ends_with("_tests.rs")
}

/// The first `{` after `at` outside parentheses and brackets; none when a `;` comes first.
fn body_start(code: &str, at: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (offset, byte) in code[at..].bytes().enumerate() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b'{' if depth == 0 => return Some(at + offset),
            b';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// The `}` that closes the `{` at `open`, or the end.
fn closing_brace(code: &str, open: usize) -> usize {
    let mut depth = 0_i32;
    for (offset, byte) in code[open..].bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return open + offset;
        }
    }
    code.len()
}

/// The ranges of items under `#[cfg(test)]`.
fn test_items(code: &str) -> Vec<Range<usize>> {
    code.match_indices("#[cfg(test)]")
        .map(|(at, attribute)| {
            let after = at + attribute.len();
            let end = match body_start(code, after) {
                Some(open) => closing_brace(code, open) + 1,
                None => code[after..].find(';').map_or(code.len(), |offset| after + offset + 1),
            };
            at..end.min(code.len())
        })
        .collect()
}

/// `text` with each comment and the inside of each literal replaced by spaces; line breaks stay.
fn blank(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let length = token_to_blank(text, at);
        if length == 0 {
            code.push(c);
            at += c.len_utf8();
        } else {
            let blanked = text[at..at + length].bytes();
            code.extend(blanked.map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
            at += length;
        }
    }
    code
}

/// Length of the comment or literal that starts at `at`; 0 when none does.
fn token_to_blank(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment(rest);
    }
    let in_word = text[..at].chars().next_back().is_some_and(is_word);
    let prefix = rest.bytes().take_while(|byte| b"bcr".contains(byte)).count();
    let body = &rest[prefix..];
    if !in_word && prefix <= 2 && rest[..prefix].contains('r') && body.starts_with(['"', '#']) {
        return raw_string(body).map_or(0, |length| prefix + length);
    }
    match rest.bytes().next() {
        Some(b'"') => quoted(rest, '"'),
        Some(b'\'') => character(rest),
        _ => 0,
    }
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let bytes = rest.as_bytes();
    let mut at = 0;
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => (depth, at) = (depth + 1, at + 2),
            b"*/" => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// A raw string from its hashes on; none when it is a raw identifier.
fn raw_string(body: &str) -> Option<usize> {
    let hashes = body.bytes().take_while(|byte| *byte == b'#').count();
    if !body[hashes..].starts_with('"') {
        return None;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let inside = hashes + 1;
    Some(body[inside..].find(&end).map_or(body.len(), |offset| inside + offset + end.len()))
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (offset, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return offset + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A character literal; 0 when it is a lifetime.
fn character(rest: &str) -> usize {
    let mut inside = rest.chars().skip(1);
    match (inside.next(), inside.next()) {
        (Some('\\'), _) | (Some(_), Some('\'')) => quoted(rest, '\''),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source::new(&TextFile { path: path.to_owned(), text: text.to_owned() })
    }

    #[test]
    fn comments_and_literals_are_blanked_in_place() {
        let text = "a /* x /* y */ z */ b // c\n\"d\\\"e\" 'f' '\\'' &'g r#\"h\"i\"# br\"j\" r#k";
        let code = blank(text);
        assert_eq!(code.len(), text.len());
        let words: Vec<&str> = code.split_whitespace().collect();
        assert_eq!(words, ["a", "b", "&'g", "r#k"]);
        assert_eq!(code.matches('\n').count(), 1);
    }

    #[test]
    fn a_function_ends_at_its_brace() {
        let text = "fn a(x: [u8; 2]) -> u8 {\n  if x { 1 }\n  \"}\";\n}\nfn b();\ntype F = fn(u8);";
        let functions = source("a.rs", text).functions();
        assert_eq!(functions.len(), 1);
        assert_eq!((functions[0].name.as_str(), functions[0].lines), ("a", 4));
    }

    #[test]
    fn tests_do_not_count() {
        let text = "x.expose();\n#[cfg(test)]\nmod tests {\n  fn t() { x.expose(); }\n}\n";
        let file = source("crates/a/src/b.rs", text);
        assert_eq!(file.places(".expose()").len(), 1);
        assert_eq!(file.line_count(), 1);
        assert!(source("crates/a/tests/b.rs", text).places(".expose()").is_empty());
    }

    #[test]
    fn a_module_declared_for_tests_is_found_beside_its_parent() {
        let text = "#[cfg(test)]\nmod tests;\n#[cfg(test)]\nmod t { fn f() {} }\nmod x;";
        assert_eq!(source("crates/a/src/lib.rs", text).test_modules(), ["crates/a/src/tests"]);
        assert_eq!(source("crates/a/src/b.rs", text).test_modules(), ["crates/a/src/b/tests"]);
    }

    #[test]
    fn a_word_is_found_whole() {
        let file = source("a.rs", "unsafe { } unsafe_code(); \"unsafe\"");
        assert_eq!(file.places("unsafe"), [0]);
    }
}
