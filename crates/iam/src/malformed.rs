//! What is wrong with a policy document, in one sentence.

use std::fmt;

use model::error::{Error, Invalid};

/// Why a text is no policy: one sentence that names the statement and the member.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Malformed(String);

impl Malformed {
    /// A sentence without its full stop: `subject` and what is wrong with it.
    pub(crate) fn new(subject: impl fmt::Display, wrong: impl fmt::Display) -> Self {
        Self(format!("{subject} {wrong}."))
    }

    /// The sentence.
    pub fn sentence(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Malformed {}

impl From<Malformed> for Error {
    fn from(malformed: Malformed) -> Self {
        Self::Invalid(Invalid::Policy(malformed.0))
    }
}

/// A text of the document within a sentence: quoted, control characters escaped, cut when long.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

/// How many characters of a quoted text a sentence shows.
const SHOWN: usize = 80;

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(SHOWN) {
            None => write!(f, "{:?}", self.0),
            Some((end, _)) => write!(f, "{:?} (cut)", &self.0[..end]),
        }
    }
}

/// Where in the document something stands, e.g. `Statement 2 ("Allow use"): Action`.
#[derive(Clone, Copy)]
pub(crate) struct Spot<'a> {
    /// The statement's number from 1 and its `Sid`; `None` outside the statements.
    pub(crate) statement: Option<(usize, Option<&'a str>)>,
    /// The member, and where needed the member within it.
    pub(crate) member: &'a [&'a str],
}

impl Spot<'_> {
    /// The sentence that says what is wrong here.
    pub(crate) fn wrong(&self, what: impl fmt::Display) -> Malformed {
        Malformed::new(self, what)
    }
}

impl fmt::Display for Spot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match self.statement {
            None => "The policy".to_owned(),
            Some((number, None | Some(""))) => format!("Statement {number}"),
            Some((number, Some(sid))) => format!("Statement {number} ({})", Quoted(sid)),
        };
        f.write_str(&place)?;
        for (depth, member) in self.member.iter().enumerate() {
            let separator = if depth == 0 { ": " } else { " / " };
            let shown = Quoted(member).to_string();
            // Names of the grammar stand bare; the customer's own would be ambiguous so.
            let bare = member.bytes().all(|b| b.is_ascii_alphanumeric() || b == b':');
            f.write_str(separator)?;
            f.write_str(if bare && member.len() <= SHOWN { member } else { &shown })?;
        }
        Ok(())
    }
}
