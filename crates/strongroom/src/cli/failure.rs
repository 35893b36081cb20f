//! Why a command ends without having done its work, and the exit code that says so to a script.

use std::{fmt, path::Path};

/// A command's failure: one sentence each.
#[derive(Debug)]
pub(super) enum Failure {
    /// 1: the server said no.
    Refused(client::Failure),
    /// 1: something on this side does not work.
    Failed(String),
    /// 2: the command does not say what is needed, or names a file that is not there.
    Usage(String),
    /// 3: no server could be reached, or it is not the one that is trusted.
    Unreachable(String),
}

impl Failure {
    /// The exit code, as documented in `docs/cli.md`.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Refused(_) | Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::Unreachable(_) => 3,
        }
    }

    /// What went wrong, for programs.
    pub(super) fn code(&self) -> &str {
        match self {
            Self::Refused(failure) => &failure.code,
            Self::Failed(_) => "failed",
            Self::Usage(_) => "usage",
            Self::Unreachable(_) => "unreachable",
        }
    }

    /// What went wrong, for people, without the code.
    pub(super) fn message(&self) -> &str {
        match self {
            Self::Refused(failure) => &failure.message,
            Self::Failed(sentence) | Self::Usage(sentence) | Self::Unreachable(sentence) => {
                sentence
            }
        }
    }

    /// The same, with a sentence for a refusal of this code, of which the server says no more.
    pub(super) fn explained(mut self, code: &str, sentence: &str) -> Self {
        if let Self::Refused(failure) = &mut self
            && failure.code == code
            && failure.message.is_empty()
        {
            failure.message = sentence.to_owned();
        }
        self
    }

    /// The file a command names cannot be read.
    pub(super) fn unreadable(path: &Path, cause: impl fmt::Display) -> Self {
        Self::Usage(format!("cannot read {}: {cause}", path.display()))
    }

    /// The answer lacks what it must have.
    pub(super) fn incomplete(member: &str) -> Self {
        Self::Failed(format!("the server's answer has no {member}"))
    }

    /// The cryptographic module of this process does not work.
    pub(super) fn module(cause: impl fmt::Display) -> Self {
        Self::Failed(format!("the cryptographic module does not work: {cause}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(failure) => write!(f, "refused: {failure}"),
            Self::Failed(sentence) | Self::Usage(sentence) | Self::Unreachable(sentence) => {
                f.write_str(sentence)
            }
        }
    }
}

impl From<client::Failure> for Failure {
    fn from(failure: client::Failure) -> Self {
        Self::Refused(failure)
    }
}
