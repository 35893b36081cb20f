//! What was done to the files, and what is to fail.

/// Something that was done to a file, or noted by the test. Files go by their names in the folder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Operation {
    /// A file was opened, and made if there was none; by SQLite, which has the sync of its folder
    /// follow its own first sync.
    Opened(String),
    /// A file was opened, and made if there was none; or a folder was made, whose name ends in `/`.
    Made(String),
    /// Bytes were written.
    Written {
        /// To which file.
        file: String,
        /// From which byte on.
        at: u64,
        /// What.
        bytes: Vec<u8>,
    },
    /// A file was cut.
    Cut {
        /// Which file.
        file: String,
        /// Its length since, in bytes.
        len: u64,
    },
    /// All that was written to the file is on the disk.
    Synced(String),
    /// A sync failed: what was written to the file may be lost though the next sync succeeds.
    Unsynced(String),
    /// A file was given another name, in the place of another file if there was one.
    Renamed {
        /// Its name before.
        from: String,
        /// Its name since.
        to: String,
    },
    /// All names in the folder (its own ends in `/`, and the disk's is empty) are on the disk.
    FolderSynced(String),
    /// A sync of the folder failed: its names may be lost though the next sync succeeds.
    FolderUnsynced(String),
    /// A file was removed, or a folder with all in it.
    Removed {
        /// Which.
        file: String,
        /// Whether its name is gone from the disk too.
        durably: bool,
    },
    /// The test was told that a change is durable.
    Acknowledged {
        /// Whose change.
        worker: u8,
        /// Which of its changes.
        turn: u64,
    },
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trouble {
    /// The disk cannot do it (`EIO`): any operation.
    Broken,
    /// There is no space (`ENOSPC`): a write, a new file, a new name.
    Full,
    /// No further file can be opened (`EMFILE`): a file that is opened, made or read whole.
    TooManyFiles,
}

/// An operation that is to fail.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fault {
    /// How.
    pub trouble: Trouble,
    /// How many operations of the kind that can fail so succeed first.
    pub after: u64,
    /// Whether every such operation after it fails too.
    pub lasting: bool,
}

/// The kinds of operations that can fail.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A file is opened.
    Open,
    /// A file or a folder is made.
    Make,
    /// A file or the list of a folder is read.
    Read,
    /// A file is written.
    Write,
    /// A file is cut.
    Cut,
    /// A file or a folder is synced.
    Sync,
    /// A file gets another name.
    Rename,
    /// A file or a folder is removed.
    Remove,
}

/// What one disk remembers.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    pub(crate) operations: Vec<Operation>,
    pub(crate) failed: Option<Kind>,
    fault: Option<Fault>,
    passed: u64,
}

impl Trace {
    pub(crate) fn arm(&mut self, fault: Option<Fault>) {
        (self.fault, self.failed, self.passed) = (fault, None, 0);
    }

    /// Counts an operation; says how it fails if it is to.
    pub(crate) fn trouble(&mut self, kind: Kind) -> Option<Trouble> {
        let fault = self.fault?;
        let takes_space = matches!(kind, Kind::Write | Kind::Make | Kind::Rename);
        let opens = matches!(kind, Kind::Open | Kind::Make | Kind::Read);
        let can_fail_so = match fault.trouble {
            Trouble::Broken => true,
            Trouble::Full => takes_space,
            Trouble::TooManyFiles => opens,
        };
        if !can_fail_so {
            return None;
        }
        self.passed += 1;
        let due = self.passed == fault.after + 1 || fault.lasting && self.passed > fault.after;
        if due {
            self.failed.get_or_insert(kind);
        }
        due.then_some(fault.trouble)
    }
}
