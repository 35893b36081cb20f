//! What was done to the files, and what is to fail.

/// Something that was done to a file, or noted by the test. Files go by their names in the folder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Operation {
    /// A file was opened, and made if there was none.
    Opened(String),
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
    /// A file was removed.
    Removed {
        /// Which file.
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
    /// There is no space (`ENOSPC`): a write.
    Full,
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
pub(crate) enum Kind {
    Open,
    Read,
    Write,
    Cut,
    Sync,
    Remove,
}

/// What one disk remembers.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    pub(crate) operations: Vec<Operation>,
    pub(crate) failed: bool,
    fault: Option<Fault>,
    passed: u64,
}

impl Trace {
    pub(crate) fn arm(&mut self, fault: Option<Fault>) {
        (self.fault, self.failed, self.passed) = (fault, false, 0);
    }

    /// Counts an operation; says how it fails if it is to.
    pub(crate) fn trouble(&mut self, kind: Kind) -> Option<Trouble> {
        let fault = self.fault?;
        if fault.trouble == Trouble::Full && kind != Kind::Write {
            return None;
        }
        self.passed += 1;
        let due = self.passed == fault.after + 1 || fault.lasting && self.passed > fault.after;
        self.failed |= due;
        due.then_some(fault.trouble)
    }
}
