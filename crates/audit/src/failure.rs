//! How the log can fail, each way with one clear sentence.

use std::{fmt, io, path::Path, sync::Arc};

/// Why the log did not do what was asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Failure {
    /// The log has stopped for good: a write or a sync failed, so nothing more is believed until
    /// the folder is opened anew. The text says what failed.
    Stopped(Arc<str>),
    /// The disk is full. Nothing was accepted; the log goes on by itself once there is room.
    Full,
    /// The process, or the machine, may open no further file now. Nothing was accepted; the log
    /// goes on by itself once some are closed.
    TooManyFiles,
    /// The log has been closed.
    Closed,
    /// The bytes given as an entry are not one.
    NotAnEntry,
    /// The folder holds no log.
    NoLog(Arc<str>),
    /// The folder was to receive a new log, and is not empty.
    NotEmpty(Arc<str>),
    /// Another process writes to this log.
    InUse(Arc<str>),
    /// The text is not a name a log can have: empty, or with white space, control characters or
    /// `+`.
    Origin(Arc<str>),
    /// What is on disk is not what was written there. The text says where.
    Damaged(Arc<str>),
    /// There is no such entry or no such proof.
    OutOfRange,
    /// The operating system refused. The text says what, where and why.
    Io(Arc<str>),
}

impl Failure {
    /// An operating system's refusal, with what was being done to which file.
    pub(crate) fn io(doing: &str, path: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ if is_too_many_files(error) => Self::TooManyFiles,
            _ => Self::Io(format!("cannot {doing} {}: {error}", path.display()).into()),
        }
    }

    /// Whether it passes by itself: something is short that others give back, and what was being
    /// done is done anew from its beginning, with new files. Of anything else it is not known what
    /// has reached the disk.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Full | Self::TooManyFiles)
    }

    /// Damage, described by `text`.
    pub(crate) fn damaged(text: impl Into<Arc<str>>) -> Self {
        Self::Damaged(text.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped(why) => write!(f, "the audit log has stopped: {why}"),
            Self::Full => f.write_str("the disk that holds the audit log is full"),
            Self::TooManyFiles => f.write_str("too many files are open to write the audit log"),
            Self::Closed => f.write_str("the audit log has been closed"),
            Self::NotAnEntry => f.write_str("these bytes are not an audit entry"),
            Self::NoLog(folder) => write!(f, "{folder} holds no audit log"),
            Self::NotEmpty(folder) => {
                write!(f, "{folder} is not empty, so no new audit log is made there")
            }
            Self::InUse(folder) => write!(f, "another process writes to the audit log in {folder}"),
            Self::Origin(name) => write!(f, "{name:?} cannot be the name of an audit log"),
            Self::Damaged(what) => write!(f, "the audit log is damaged: {what}"),
            Self::OutOfRange => f.write_str("the audit log has no such entry"),
            Self::Io(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Failure {}

/// EMFILE or ENFILE: only opening a file meets them, so nothing has been written.
fn is_too_many_files(error: &io::Error) -> bool {
    use rustix::io::Errno;
    matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE))
}

#[cfg(test)]
mod tests {
    use rustix::io::Errno;

    use super::*;

    #[test]
    fn what_is_short_for_a_while_passes_and_nothing_else() {
        let of = |errno: Errno| Failure::io("open", Path::new("f"), &errno.into());
        assert_eq!(of(Errno::MFILE), Failure::TooManyFiles);
        assert_eq!(of(Errno::NFILE), Failure::TooManyFiles);
        assert_eq!(of(Errno::NOSPC), Failure::Full);
        for errno in [Errno::MFILE, Errno::NFILE, Errno::NOSPC, Errno::DQUOT] {
            assert!(of(errno).is_passing(), "{errno:?}");
        }
        for errno in [Errno::IO, Errno::ACCESS, Errno::NOENT, Errno::NOMEM, Errno::ROFS] {
            assert!(!of(errno).is_passing(), "{errno:?}");
        }
    }
}
