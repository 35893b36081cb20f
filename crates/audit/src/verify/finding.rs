//! What can be wrong with a log, each in one sentence.

use std::fmt;

use base64ct::{Base64, Encoding as _};

use crate::{Checkpoint, Failure, merkle::Hash};

/// One thing that is wrong. `Display` gives the sentence.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Finding {
    /// The folder has no checkpoint that is signed with the key.
    NoCheckpoint(Failure),
    /// A checkpoint that was handed in is not signed with the key.
    HeldNotSigned {
        /// Which of those handed in, counted from 1.
        number: usize,
    },
    /// A file cannot be read.
    Unreadable(Failure),
    /// A bundle does not have the entries it should, or its lengths do not add up.
    Bundle {
        /// The bundle.
        number: u64,
    },
    /// The entries are not those that were signed; what follows it says which.
    Root {
        /// What was signed.
        checkpoint: Checkpoint,
        /// How many entries there are.
        entries: u64,
        /// Their root.
        computed: Hash,
    },
    /// An entry has other content than the one signed in its place.
    Edited {
        /// Its index.
        index: u64,
    },
    /// A signed entry is missing.
    Deleted {
        /// The index it was signed at.
        index: u64,
    },
    /// There is an entry that was not signed.
    Inserted {
        /// Where it stands now.
        at: u64,
    },
    /// A signed entry stands in another place.
    Reordered {
        /// The index it was signed at.
        index: u64,
        /// Where it stands now, among the entries that are left.
        at: u64,
    },
    /// Entries differ from those signed, and their tile was altered too, so that it cannot be
    /// said which of them.
    Altered {
        /// The first that may differ.
        from: u64,
        /// The last that may differ.
        to: u64,
    },
    /// Two entries have the same id.
    Duplicated {
        /// The one.
        first: u64,
        /// The other.
        second: u64,
    },
    /// A leaf is not an entry.
    NotAnEntry {
        /// Its index.
        index: u64,
    },
    /// The entries are right, and a tile of their hashes is not.
    Tile {
        /// Its path in the folder.
        name: String,
    },
    /// A newer checkpoint was signed than the one in the folder.
    Truncated {
        /// The folder's checkpoint.
        here: Checkpoint,
        /// The newer one.
        held: Checkpoint,
    },
    /// Two checkpoints, both signed, of histories that exclude each other.
    Fork {
        /// The one.
        one: Checkpoint,
        /// The other.
        other: Checkpoint,
    },
    /// The first entries are not those of an older checkpoint.
    NotOlder {
        /// The older checkpoint.
        held: Checkpoint,
    },
    /// The journal does not go on where the checkpoint ends.
    JournalGap {
        /// The first missing index.
        from: u64,
        /// The first index that is there.
        to: u64,
    },
    /// There are more findings of the kind before than are listed.
    More {
        /// How many.
        count: usize,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCheckpoint(failure) => write!(f, "There is no valid checkpoint: {failure}."),
            Self::HeldNotSigned { number } => {
                write!(f, "The given checkpoint {number} is not signed with this log's key.")
            }
            Self::Unreadable(failure) => write!(f, "A part of the log cannot be read: {failure}."),
            Self::Bundle { number } => {
                write!(
                    f,
                    "The file of entry bundle {number} is damaged or has a wrong number of entries."
                )
            }
            Self::Root { checkpoint, entries, computed } => write!(
                f,
                "The entries are not those that were signed: the checkpoint says {checkpoint}; \
                 there are {entries} entries with root {}.",
                Base64::encode_string(computed)
            ),
            Self::Edited { index } => write!(f, "Entry {index} was edited."),
            Self::Deleted { index } => write!(f, "Entry {index} was deleted."),
            Self::Inserted { at } => {
                write!(f, "At place {at} there is an entry that was not signed: it was inserted.")
            }
            Self::Reordered { index, at } => {
                write!(f, "Entry {index} was moved: it now stands at place {at}.")
            }
            Self::Altered { from, to } => write!(
                f,
                "Among the entries {from} to {to} some were altered, and so was their tile."
            ),
            Self::Duplicated { first, second } => {
                write!(f, "The entries at {first} and {second} have the same id: one is a copy.")
            }
            Self::NotAnEntry { index } => write!(f, "What stands at {index} is not an entry."),
            Self::Tile { name } => {
                write!(f, "The file {name} was altered; the entries it summarises are right.")
            }
            Self::Truncated { here, held } => write!(
                f,
                "The log was truncated: a newer checkpoint was signed for it, the entries {} to \
                 {} are missing.\n--- in the folder:\n{}--- signed later:\n{}",
                here.size,
                held.size - 1,
                here.signed,
                held.signed
            ),
            Self::Fork { one, other } => write!(
                f,
                "The log's key signed two histories that exclude each other.\n--- one:\n{}--- \
                 other:\n{}",
                one.signed, other.signed
            ),
            Self::NotOlder { held } => {
                write!(f, "The first {} entries are not those of the given checkpoint.", held.size)
            }
            Self::JournalGap { from, to } => {
                write!(f, "The journal has nothing for the entries {from} to {}.", to - 1)
            }
            Self::More { count } => write!(f, "There are {count} more findings like these."),
        }
    }
}
