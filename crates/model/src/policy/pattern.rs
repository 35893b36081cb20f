//! Texts with wildcards and policy variables, and ARNs made of them.

use std::{borrow::Cow, cell::OnceCell};

use super::fact::{FactKey, Facts, Value};
use crate::limits;

/// How a text in a policy is to be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Syntax {
    /// Whether `*` stands for any run of characters and `?` for any one character.
    pub wildcards: bool,
    /// Whether `${..}` is a policy variable (see [`super::Version`]).
    pub variables: bool,
}

/// A text to compare with, of literal text, wildcards and policy variables.
///
/// The value of a variable is literal text wherever it stands: a `*` in it matches only a `*`.
/// A variable without a value and without a default makes the pattern match nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pattern {
    pieces: Vec<Piece>,
    has_variables: bool,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Piece {
    Text(Box<str>),
    /// A row of `?`: exactly so many characters.
    Any(usize),
    /// `*`: any number of characters, none included.
    Run,
    Variable(FactKey, Option<Box<str>>),
}

impl Piece {
    fn literal(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Any(_) | Self::Run | Self::Variable(..) => None,
        }
    }
}

impl Pattern {
    /// Reads a text of at most [`limits::PATTERN_WILDCARDS_MAX`] wildcards and variables, a row of
    /// `*` or of `?` being one: each asks for no more than a step for each character of the text
    /// that is compared. The error is a phrase that follows the text's name, e.g. "has a `${`
    /// without its `}`".
    pub fn parse(text: &str, syntax: Syntax) -> Result<Self, &'static str> {
        let mut pieces = Pieces::default();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if syntax.variables && rest.starts_with("${") {
                rest = pieces.variable(&rest[2..])?;
                continue;
            }
            match c {
                '*' if syntax.wildcards => pieces.wildcard(Piece::Run)?,
                '?' if syntax.wildcards => pieces.wildcard(Piece::Any(1))?,
                _ => pieces.text.push(c),
            }
            rest = &rest[c.len_utf8()..];
        }
        Ok(pieces.finish())
    }

    /// Whether `text` as a whole matches.
    pub fn matches(&self, text: &str, facts: &dyn Facts) -> bool {
        self.substituted(facts).is_some_and(|pieces| pieces_match(&pieces, text, || ()))
    }

    /// Whether `text` equals the pattern when case is ignored, by the lower-case mappings of
    /// Unicode. Wildcards, if it has any, match nothing.
    pub fn equals_ignoring_case(&self, text: &str, facts: &dyn Facts) -> bool {
        fn fold(text: &str) -> impl Iterator<Item = char> {
            text.chars().flat_map(char::to_lowercase)
        }
        let Some(pieces) = self.substituted(facts) else { return false };
        let parts: Option<Vec<&str>> = pieces.iter().map(Piece::literal).collect();
        // Character by character: most differ at the first.
        parts.is_some_and(|parts| parts.into_iter().flat_map(fold).eq(fold(text)))
    }

    /// How many wildcards and variables it has.
    pub(super) fn counted(&self) -> usize {
        self.pieces.iter().filter(|piece| piece.literal().is_none()).count()
    }

    /// The pieces with each variable replaced by its value; `None` when one has none.
    fn substituted(&self, facts: &dyn Facts) -> Option<Cow<'_, [Piece]>> {
        if !self.has_variables {
            return Some(Cow::Borrowed(&self.pieces));
        }
        let piece = |piece: &Piece| match piece {
            Piece::Variable(key, default) => match (facts.value(key.as_str()), default) {
                (Some(Value::One(value)), _) => Some(Piece::Text(value.into())),
                (_, Some(default)) => Some(Piece::Text(default.clone())),
                (_, None) => None,
            },
            other => Some(other.clone()),
        };
        self.pieces.iter().map(piece).collect::<Option<Vec<_>>>().map(Cow::Owned)
    }
}

/// Pieces while they are read: literal text grows until something else comes.
#[derive(Default)]
struct Pieces {
    done: Vec<Piece>,
    text: String,
    /// How many wildcards and variables there are.
    counted: usize,
    has_variables: bool,
}

impl Pieces {
    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.done.push(Piece::Text(std::mem::take(&mut self.text).into()));
        }
    }

    fn wildcard(&mut self, piece: Piece) -> Result<(), &'static str> {
        self.flush();
        match (self.done.last_mut(), &piece) {
            // `**` says what `*` says.
            (Some(Piece::Run), Piece::Run) => return Ok(()),
            (Some(Piece::Any(count)), Piece::Any(more)) => {
                *count += more;
                return Ok(());
            }
            _ => self.done.push(piece),
        }
        self.count()
    }

    /// Counts a wildcard or a variable.
    fn count(&mut self) -> Result<(), &'static str> {
        self.counted += 1;
        if self.counted > limits::PATTERN_WILDCARDS_MAX {
            return Err("has more than 64 wildcards and variables");
        }
        Ok(())
    }

    /// Reads what follows a `${`, and returns what follows its `}`.
    fn variable<'a>(&mut self, text: &'a str) -> Result<&'a str, &'static str> {
        const UNCLOSED: &str = "has a `${` without its `}`";
        // The three characters that could not be written otherwise.
        for (escape, c) in [("*}", '*'), ("?}", '?'), ("$}", '$')] {
            if let Some(rest) = text.strip_prefix(escape) {
                self.text.push(c);
                return Ok(rest);
            }
        }
        let end = text.find([',', '}']).ok_or(UNCLOSED)?;
        let key = FactKey::new(&text[..end]).ok_or("has a `${..}` that names no condition key")?;
        let (default, rest) = match text[end..].strip_prefix(',') {
            None => (None, &text[end + 1..]),
            Some(rest) => {
                const QUOTE: &str = "has a `${..}` whose default is not in single quotes";
                let rest = rest.trim_start_matches(' ').strip_prefix('\'').ok_or(QUOTE)?;
                let (default, rest) = rest.split_once('\'').ok_or(QUOTE)?;
                let rest = rest.trim_start_matches(' ').strip_prefix('}').ok_or(UNCLOSED)?;
                (Some(default.into()), rest)
            }
        };
        self.flush();
        self.done.push(Piece::Variable(key, default));
        self.has_variables = true;
        self.count()?;
        Ok(rest)
    }

    fn finish(mut self) -> Pattern {
        self.flush();
        Pattern { pieces: self.done, has_variables: self.has_variables }
    }
}

/// Wildcard matching without recursion: after a mismatch only the latest `*` is tried again one
/// character on, since whatever an earlier one could give, the latest can give too.
///
/// `step` is called for each piece that is looked at.
fn pieces_match(pieces: &[Piece], text: &str, mut step: impl FnMut()) -> bool {
    let characters = Characters { text, starts: OnceCell::new() };
    let (mut piece, mut at) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        step();
        let reached = match pieces.get(piece) {
            None if at == text.len() => return true,
            None => None,
            Some(Piece::Run) => {
                piece += 1;
                if piece == pieces.len() {
                    return true;
                }
                retry = Some((piece, at));
                continue;
            }
            Some(Piece::Any(count)) => characters.after(at, *count),
            Some(Piece::Text(part)) => text[at..].starts_with(&**part).then(|| at + part.len()),
            Some(Piece::Variable(..)) => None,
        };
        if let Some(reached) = reached {
            piece += 1;
            at = reached;
            continue;
        }
        let Some((after_run, from)) = retry else { return false };
        let Some(skipped) = text[from..].chars().next() else { return false };
        (piece, at) = (after_run, from + skipped.len_utf8());
        retry = Some((piece, at));
    }
}

/// A text and, once more than one at a time are passed over, where its characters start.
struct Characters<'t> {
    text: &'t str,
    /// None where each is one byte.
    starts: OnceCell<Option<Vec<usize>>>,
}

impl Characters<'_> {
    /// Where `count` characters from `at` end, in no more time for many than for a few.
    fn after(&self, at: usize, count: usize) -> Option<usize> {
        if count == 1 {
            return self.text[at..].chars().next().map(|c| at + c.len_utf8());
        }
        let starts = self.starts.get_or_init(|| {
            let starts = || self.text.char_indices().map(|(start, _)| start);
            (!self.text.is_ascii()).then(|| starts().chain([self.text.len()]).collect())
        });
        match starts {
            None => Some(at + count).filter(|end| *end <= self.text.len()),
            Some(starts) => starts.get(starts.binary_search(&at).ok()? + count).copied(),
        }
    }
}

/// An ARN's six components: `arn:partition:service:region:account:resource`. Only the last may
/// contain `:`. `None` when there are fewer.
pub(super) fn components(arn: &str) -> Option<[&str; 6]> {
    let mut parts = arn.splitn(6, ':');
    let mut component = || parts.next();
    let all = [component()?, component()?, component()?, component()?, component()?, component()?];
    (all[0] == "arn").then_some(all)
}

/// An ARN to compare with, component by component, so that a wildcard in one of the first five
/// never reaches into the next.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ArnPattern {
    /// `*` alone: anything, also what is no ARN.
    Any,
    /// What follows `arn:`: partition, service, region, account, resource.
    Components(Box<[Pattern; 5]>),
    /// A whole ARN that is a policy variable's value.
    Variable(Pattern),
}

impl ArnPattern {
    /// Reads an ARN with wildcards. `variables` as in [`Syntax`]. An ARN of fewer than six
    /// components must end in `*`, which then stands for the missing ones too. The error is a
    /// phrase that follows the text's name.
    pub fn parse(text: &str, variables: bool) -> Result<Self, &'static str> {
        if text == "*" {
            return Ok(Self::Any);
        }
        let whole = Pattern::parse(text, Syntax { wildcards: true, variables })?;
        if matches!(*whole.pieces, [Piece::Variable(..)]) {
            return Ok(Self::Variable(whole));
        }
        if !text.starts_with("arn:") {
            return Err("is neither an ARN nor \"*\"");
        }
        let mut parts = split_components(whole.pieces);
        let open = parts.last().is_some_and(|last| last.pieces.last() == Some(&Piece::Run));
        if parts.len() < 6 && !open {
            return Err("is an ARN of fewer than six components that does not end in \"*\"");
        }
        parts.resize(6, Pattern { pieces: vec![Piece::Run], has_variables: false });
        let [_, components @ ..] = <[Pattern; 6]>::try_from(parts).map_err(|_| "is not an ARN")?;
        Ok(Self::Components(Box::new(components)))
    }

    /// How many wildcards and variables it has.
    pub(super) fn counted(&self) -> usize {
        match self {
            Self::Any => 0,
            Self::Components(patterns) => patterns.iter().map(Pattern::counted).sum(),
            Self::Variable(pattern) => pattern.counted(),
        }
    }

    /// Whether an ARN matches. Text that is no ARN is matched by [`ArnPattern::Any`] only.
    pub fn matches(&self, arn: &str, facts: &dyn Facts) -> bool {
        self.matches_split(arn, components(arn).as_ref(), facts)
    }

    /// The same for a text that has been split already.
    pub(super) fn matches_split(
        &self,
        arn: &str,
        components: Option<&[&str; 6]>,
        facts: &dyn Facts,
    ) -> bool {
        match self {
            Self::Any => true,
            Self::Variable(pattern) => pattern.matches(arn, facts),
            Self::Components(patterns) => components.is_some_and(|[_, parts @ ..]| {
                patterns.iter().zip(parts).all(|(pattern, part)| pattern.matches(part, facts))
            }),
        }
    }
}

/// Splits at the first five `:` of literal text; those within a variable's name or value are not.
fn split_components(pieces: Vec<Piece>) -> Vec<Pattern> {
    let mut done = Vec::new();
    let mut current = Pieces::default();
    for piece in pieces {
        match piece {
            Piece::Text(text) => {
                let mut rest = &*text;
                while let (Some((head, tail)), true) = (rest.split_once(':'), done.len() < 5) {
                    current.text.push_str(head);
                    done.push(std::mem::take(&mut current).finish());
                    rest = tail;
                }
                current.text.push_str(rest);
            }
            other => {
                current.flush();
                current.has_variables |= matches!(other, Piece::Variable(..));
                current.done.push(other);
            }
        }
    }
    done.push(current.finish());
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nothing;

    impl Facts for Nothing {
        fn value(&self, _: &str) -> Option<Value<'_>> {
            None
        }
    }

    fn like(pattern: &str, text: &str) -> bool {
        let syntax = Syntax { wildcards: true, variables: true };
        Pattern::parse(pattern, syntax).unwrap().matches(text, &Nothing)
    }

    #[test]
    fn wildcards_take_whole_characters() {
        assert!(like("", "") && !like("", "a") && like("*", "") && like("***", "abc"));
        assert!(like("a*c", "abcbc") && like("a*b*c", "aXbYbZc") && !like("a*c", "abcb"));
        assert!(like("?", "\u{e9}") && !like("??", "\u{e9}") && like("*?*", "\u{1f511}"));
        assert!(like("*\u{e9}", "\u{e9}\u{e9}") && !like("?", ""));
        assert!(like("*aab", "aaab") && !like("*a?b", "aaaX"));
    }

    #[test]
    fn a_row_of_question_marks_takes_so_many_characters() {
        assert!(like("???", "abc") && !like("???", "ab") && !like("???", "abcd"));
        assert!(like("a??d*", "abcd") && like("*??", "ab") && !like("*??", "a"));
        assert!(like("??", "\u{e9}\u{1f511}") && !like("??", "\u{e9}") && !like("??", "\u{e9}aa"));
        assert!(like("*\u{e9}??\u{e9}", "a\u{e9}\u{e9}b\u{1f511}\u{e9}"));
        assert!(!like("*\u{e9}??\u{e9}", "a\u{e9}b\u{1f511}c\u{e9}"));
        assert!(like("?*?", "\u{e9}\u{e9}") && !like("?*?", "\u{e9}"));
    }

    #[test]
    fn a_pattern_has_so_many_wildcards_and_no_more() {
        let parse = |text: &str| {
            Pattern::parse(text, Syntax { wildcards: true, variables: true }).map(|_| ())
        };
        let most = limits::PATTERN_WILDCARDS_MAX;
        assert_eq!(parse(&"*a".repeat(most)), Ok(()));
        assert_eq!(parse(&"?*".repeat(most / 2)), Ok(()));
        assert_eq!(parse(&format!("{}{}", "*".repeat(9_000), "?".repeat(9_000))), Ok(()));
        let wrong = parse(&"*a".repeat(most + 1)).unwrap_err();
        assert_eq!(wrong, format!("has more than {most} wildcards and variables"));
        assert_eq!(parse(&"?a".repeat(most + 1)), Err(wrong));
        assert_eq!(parse(&"${aws:username}".repeat(most + 1)), Err(wrong));
        // Where they are no wildcards, they are not counted.
        let literal = Syntax { wildcards: false, variables: true };
        assert!(Pattern::parse(&"*a".repeat(most + 1), literal).is_ok());
        assert_eq!(parse(&"${*}".repeat(most + 1)), Ok(()));
    }

    #[test]
    fn matching_takes_a_bounded_number_of_steps() {
        let most = limits::PATTERN_WILDCARDS_MAX;
        let patterns = [
            format!("*{}b", "?".repeat(3_990)),
            format!("*{}b", "a?".repeat(most - 1)),
            format!("{}b", "*a".repeat(most)),
            format!("*{}b*", "?a".repeat(most - 2)),
        ];
        for text in ["a".repeat(8_000), "\u{e9}".repeat(4_000) + &"a".repeat(8_000)] {
            for pattern in &patterns {
                let syntax = Syntax { wildcards: true, variables: true };
                let pattern = Pattern::parse(pattern, syntax).unwrap();
                let mut steps = 0;
                assert!(!pieces_match(&pattern.pieces, &text, || steps += 1));
                // A wildcard and the text after it, for each character.
                assert!(steps <= 2 * (most + 1) * text.chars().count(), "{steps}");
            }
        }
    }

    #[test]
    fn a_colon_within_a_variable_is_no_boundary() {
        let arn = ArnPattern::parse("arn:aws:kms:${aws:x, 'a:b'}:1:key/*", true).unwrap();
        // The default holds a colon, so no region can equal it.
        assert!(!arn.matches("arn:aws:kms:a:b:1:key/x", &Nothing));
        let arn =
            ArnPattern::parse("arn:aws:kms:${aws:x, 'a}b'}:1:key/${aws:y, 'z'}", true).unwrap();
        assert!(arn.matches("arn:aws:kms:a}b:1:key/z", &Nothing));
    }
}
