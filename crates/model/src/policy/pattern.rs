//! Texts with wildcards and policy variables, and ARNs made of them.

use std::borrow::Cow;

use super::fact::{FactKey, Facts, Value};

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
    /// `?`: exactly one character.
    One,
    /// `*`: any number of characters, none included.
    Run,
    Variable(FactKey, Option<Box<str>>),
}

impl Pattern {
    /// Reads a text. The error is a phrase that follows the text's name, e.g. "has a `${` without
    /// its `}`".
    pub fn parse(text: &str, syntax: Syntax) -> Result<Self, &'static str> {
        let mut pieces = Pieces::default();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if syntax.variables && rest.starts_with("${") {
                rest = pieces.variable(&rest[2..])?;
                continue;
            }
            match c {
                '*' if syntax.wildcards => pieces.wildcard(Piece::Run),
                '?' if syntax.wildcards => pieces.wildcard(Piece::One),
                _ => pieces.text.push(c),
            }
            rest = &rest[c.len_utf8()..];
        }
        Ok(pieces.finish())
    }

    /// Whether `text` as a whole matches.
    pub fn matches(&self, text: &str, facts: &dyn Facts) -> bool {
        self.substituted(facts).is_some_and(|pieces| pieces_match(&pieces, text))
    }

    /// Whether `text` equals the pattern when case is ignored, by the lower-case mappings of
    /// Unicode. Wildcards, if it has any, match nothing.
    pub fn equals_ignoring_case(&self, text: &str, facts: &dyn Facts) -> bool {
        let Some(pieces) = self.substituted(facts) else { return false };
        let mut ours = String::new();
        for piece in pieces.iter() {
            let Piece::Text(part) = piece else { return false };
            ours.push_str(part);
        }
        let fold = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>();
        fold(&ours) == fold(text)
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
    has_variables: bool,
}

impl Pieces {
    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.done.push(Piece::Text(std::mem::take(&mut self.text).into()));
        }
    }

    fn wildcard(&mut self, piece: Piece) {
        self.flush();
        // `**` says what `*` says.
        if piece != Piece::Run || self.done.last() != Some(&Piece::Run) {
            self.done.push(piece);
        }
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
        Ok(rest)
    }

    fn finish(mut self) -> Pattern {
        self.flush();
        Pattern { pieces: self.done, has_variables: self.has_variables }
    }
}

/// Wildcard matching without recursion: after a mismatch only the latest `*` is tried again one
/// character on, since whatever an earlier one could give, the latest can give too.
fn pieces_match(pieces: &[Piece], text: &str) -> bool {
    let (mut piece, mut at) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let step = match pieces.get(piece) {
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
            Some(Piece::One) => text[at..].chars().next().map(char::len_utf8),
            Some(Piece::Text(part)) => text[at..].starts_with(&**part).then_some(part.len()),
            Some(Piece::Variable(..)) => None,
        };
        if let Some(len) = step {
            piece += 1;
            at += len;
            continue;
        }
        let Some((after_run, from)) = retry else { return false };
        let Some(skipped) = text[from..].chars().next() else { return false };
        (piece, at) = (after_run, from + skipped.len_utf8());
        retry = Some((piece, at));
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
    fn a_long_chain_of_wildcards_is_soon_done() {
        assert!(!like(&"*a".repeat(2_000), &"a".repeat(1_999)));
        assert!(!like(&format!("{}b", "*a".repeat(500)), &"a".repeat(4_000)));
        assert!(!like(&format!("*{}b", "a?".repeat(500)), &"a".repeat(4_000)));
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
