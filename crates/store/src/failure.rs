//! Every way the store can fail.

use std::fmt;

use model::error::{Error, Unavailable};

use crate::{BadPlace, Place};

/// Why the store did not do what was asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Failure {
    /// The place has another revision than was expected.
    Conflict(Place),
    /// It does not work now; the sentence says why and what to do.
    Unavailable(String),
    /// What is on the disk is not what was written; the sentence says where.
    Damaged(String),
    /// A place, value or batch beyond its bounds.
    TooLarge,
    /// Too many batches are waiting to be written.
    Overloaded,
}

impl Failure {
    /// The thread that writes is gone.
    pub(crate) fn stopped() -> Self {
        Self::Unavailable("the store is closed".to_owned())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict(place) => write!(f, "another change of {place} came first"),
            Self::Unavailable(why) => write!(f, "the store is unavailable: {why}"),
            Self::Damaged(what) => write!(f, "the store is damaged: {what}"),
            Self::TooLarge => f.write_str("the record or batch is outside the store's bounds"),
            Self::Overloaded => f.write_str("too many changes are waiting to be stored"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<BadPlace> for Failure {
    fn from(_: BadPlace) -> Self {
        Self::TooLarge
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Conflict(_) => Self::Conflict,
            Failure::Unavailable(_) => Self::Unavailable(Unavailable::Store),
            Failure::Damaged(_) => Self::Internal("the store is damaged"),
            Failure::TooLarge => Self::Internal("a record or batch is outside the store's bounds"),
            Failure::Overloaded => Self::Unavailable(Unavailable::Overload),
        }
    }
}
