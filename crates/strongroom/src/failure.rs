//! How a command fails: one sentence on standard error, and an exit code that scripts can trust.

use std::{fmt, process::ExitCode};

/// Why a command ends without having done its work.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    /// `what` went wrong, where, and what to do about it: one sentence.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }

    /// With what was being done when `cause` came.
    pub(crate) fn during(doing: &str, cause: impl fmt::Display) -> Self {
        Self(format!("cannot {doing}: {cause}"))
    }

    /// Prints the sentence and gives exit code 1.
    #[expect(clippy::print_stderr, reason = "this is where a command tells why it failed")]
    pub(crate) fn report(self) -> ExitCode {
        eprintln!("strongroom: {}", self.0);
        ExitCode::FAILURE
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an error of the engine means to whoever runs the command.
pub(crate) fn engine(doing: &str) -> impl Fn(model::Error) -> Failure {
    move |error| {
        let cause = match error {
            model::Error::Internal(detail) => detail.to_owned(),
            model::Error::Unavailable(what) => format!("{what:?} does not work now").to_lowercase(),
            other => format!("{other:?}"),
        };
        Failure::during(doing, cause)
    }
}
