//! The tamper-evident log: Merkle tree, signed checkpoints, proofs, verification.
//!
//! [`Log`] writes it, [`Folder`] reads it, [`verify`] checks it with nothing but the public key.
//! How appending, syncing, signing and recovering fit together stands in the module of [`Log`].
//!
//! **Invariants:** a checkpoint covers only entries that are on the disk and have been read back;
//! an index is given once; what cannot be recorded is refused; no clock and no randomness.

mod disk;
#[cfg(test)]
mod disk_tests;
mod entry;
mod failure;
mod folder;
mod journal;
mod log;
pub mod merkle;
#[cfg(test)]
mod mutation_tests;
mod note;
#[cfg(test)]
mod testing;
mod ticket;
mod tiles;
pub mod verify;

pub use entry::{
    CONTEXT_MAX, Entry, EntryId, Leaf, Outcome, Position, RESOURCES_MAX, Statement, TEXT_LEN_MAX,
};
pub use failure::Failure;
pub use folder::Folder;
pub use log::{Log, Options, Recovered, Status, Synced};
pub use note::{Checkpoint, VerifierKey};
pub use ticket::Ticket;
