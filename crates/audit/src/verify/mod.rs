//! Verification of a log offline: only its folder and its public key are needed.
//!
//! Everything is recomputed from the entry bundles: the hash of each entry, each tile, the root,
//! and from the root back which entries are not those that were signed. With an older or newer
//! checkpoint of the same log, kept elsewhere, it also shows whether the log has been cut back
//! or has been given a second history. Without one, a log that was cut back to an older, rightly
//! signed checkpoint cannot be told from one that is only that long.
//!
//! The ids of all entries are held in memory: 16 bytes an entry, and as much again for the table.

mod compare;
mod finding;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, path::Path};

pub use finding::Finding;

use crate::{
    Checkpoint, Entry, EntryId, Failure, Folder, VerifierKey, disk,
    folder::Extent,
    journal,
    merkle::{Hash, Range, leaf_hash},
    tiles::{self, Edge, WIDTH, tile_path},
};

/// What verification found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The folder's checkpoint, if its signature is right.
    pub checkpoint: Option<Checkpoint>,
    /// How many entries were read from the bundles.
    pub entries: u64,
    /// What the journal has beyond the checkpoint.
    pub tail: Tail,
    /// What is wrong; empty when all is in order.
    pub findings: Vec<Finding>,
}

/// Entries that no checkpoint covers yet. They are not protected against a change.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Tail {
    /// Whole entries.
    pub entries: u64,
    /// Bytes after them: what was being written when the process or machine stopped.
    pub torn_bytes: u64,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Verifies the log in `dir`. `held` are signed checkpoints of it that were kept elsewhere, in
/// any order, older or newer than the folder's.
pub fn verify(dir: &Path, key: &VerifierKey, held: &[&str]) -> Report {
    let folder = Folder::new(dir);
    let mut findings = Vec::new();
    let mut others = Vec::new();
    for (number, text) in held.iter().enumerate() {
        match key.open(text) {
            Some(checkpoint) => others.push(checkpoint),
            None => findings.push(Finding::HeldNotSigned { number: number + 1 }),
        }
    }
    let checkpoint = match folder.checkpoint(key) {
        Ok(checkpoint) => checkpoint,
        Err(failure) => {
            findings.push(Finding::NoCheckpoint(failure));
            return Report { checkpoint: None, entries: 0, tail: Tail::default(), findings };
        }
    };
    let mut walk = Walk::new(&folder, &checkpoint, &others);
    walk.run();
    findings.append(&mut walk.findings);
    let computed = walk.range.root();
    let sound = walk.entries == checkpoint.size && computed == checkpoint.root;
    if sound {
        findings.append(&mut walk.tiles);
    } else {
        findings.push(Finding::Root {
            checkpoint: checkpoint.clone(),
            entries: walk.entries,
            computed,
        });
        findings.extend(compare::explain(&folder, &checkpoint));
    }
    compare_checkpoints(&checkpoint, &others, &walk, sound, &mut findings);
    let tail = read_tail(&folder, key, checkpoint.size, &mut findings);
    Report { checkpoint: Some(checkpoint), entries: walk.entries, tail, findings }
}

/// The leaves of a bundle of a tree of `size` leaves as they stand in its file, and what is
/// wrong with the file.
fn leaves(folder: &Folder, number: u64, size: u64) -> (Vec<Vec<u8>>, Option<Finding>) {
    let width = (size - number * WIDTH).min(WIDTH);
    let (bytes, extent) = match folder.bundle_bytes(number, width) {
        Ok(bytes) => bytes,
        Err(failure) => return (Vec::new(), Some(Finding::Unreadable(failure))),
    };
    let (entries, whole) = tiles::entries(&bytes);
    let count = entries.len() as u64;
    let (right, kept) = match extent {
        Extent::Exact => (count == width, usize::MAX),
        Extent::Grown => (count >= width, width as usize),
    };
    let right = whole && right;
    let leaves = entries.into_iter().take(kept).map(<[u8]>::to_vec).collect();
    (leaves, (!right).then_some(Finding::Bundle { number }))
}

/// One pass over all entries.
struct Walk<'a> {
    folder: &'a Folder,
    size: u64,
    /// Sizes at which the root is wanted, with the root once it is known.
    roots: HashMap<u64, Option<Hash>>,
    range: Range,
    edge: Edge,
    entries: u64,
    ids: HashMap<EntryId, u64>,
    findings: Vec<Finding>,
    /// Tiles that are not those of the entries.
    tiles: Vec<Finding>,
}

impl<'a> Walk<'a> {
    fn new(folder: &'a Folder, checkpoint: &Checkpoint, others: &[Checkpoint]) -> Self {
        Self {
            folder,
            size: checkpoint.size,
            roots: others.iter().map(|other| (other.size, None)).collect(),
            range: Range::default(),
            edge: Edge::default(),
            entries: 0,
            ids: HashMap::new(),
            findings: Vec::new(),
            tiles: Vec::new(),
        }
    }

    fn run(&mut self) {
        self.note_root();
        for number in 0..self.size.div_ceil(WIDTH) {
            let (leaves, finding) = leaves(self.folder, number, self.size);
            self.findings.extend(finding);
            for leaf in leaves {
                self.entry(&leaf);
            }
        }
        let partial: Vec<_> = self
            .edge
            .partial()
            .map(|(level, index, hashes)| (level, index, hashes.to_vec()))
            .collect();
        for (level, index, hashes) in partial {
            self.compare_tile(level, index, &hashes);
        }
    }

    fn entry(&mut self, leaf: &[u8]) {
        let index = self.entries;
        self.entries += 1;
        match Entry::from_leaf(leaf) {
            Ok(entry) => {
                if let Some(first) = self.ids.insert(entry.id, index) {
                    self.findings.push(Finding::Duplicated { first, second: index });
                }
            }
            Err(_) => self.findings.push(Finding::NotAnEntry { index }),
        }
        let hash = leaf_hash(leaf);
        self.range.push(hash);
        for tile in self.edge.push(hash) {
            self.compare_tile(tile.level, tile.index, &tile.hashes);
        }
        self.note_root();
    }

    fn note_root(&mut self) {
        if let Some(root) = self.roots.get_mut(&self.entries) {
            *root = Some(self.range.root());
        }
    }

    fn compare_tile(&mut self, level: usize, index: u64, hashes: &[Hash]) {
        let width = hashes.len() as u64;
        let on_disk = self.folder.tile(level, index, width);
        if on_disk.as_deref() != Ok(hashes) {
            let name = tile_path(level, index, width).display().to_string();
            self.tiles.push(Finding::Tile { name });
        }
    }
}

/// Compares the folder's checkpoint, and what was computed from its entries, with others.
fn compare_checkpoints(
    ours: &Checkpoint,
    others: &[Checkpoint],
    walk: &Walk<'_>,
    sound: bool,
    findings: &mut Vec<Finding>,
) {
    for (at, other) in others.iter().enumerate() {
        let same_size = others[..at].iter().chain([ours]).find(|known| known.size == other.size);
        if let Some(known) = same_size {
            if known.root != other.root {
                findings.push(Finding::Fork { one: known.clone(), other: other.clone() });
            }
            continue;
        }
        if other.size > ours.size {
            findings.push(Finding::Truncated { here: ours.clone(), held: other.clone() });
        } else if walk.roots.get(&other.size) != Some(&Some(other.root)) {
            // Entries that are not those of our own checkpoint accuse nobody of a fork.
            let (one, other) = (ours.clone(), other.clone());
            findings.push(if sound {
                Finding::Fork { one, other }
            } else {
                Finding::NotOlder { held: other }
            });
        }
    }
}

/// Counts the entries of the journal from index `size` on.
fn read_tail(folder: &Folder, key: &VerifierKey, size: u64, findings: &mut Vec<Finding>) -> Tail {
    let mut tail = Tail::default();
    let mut read = || -> Result<(), Failure> {
        for (first, path) in journal::segments(&folder.journal())? {
            let bytes = disk::read(&path)?.unwrap_or_default();
            let next = size + tail.entries;
            if first > next {
                // Unless the log is being written, and has dropped what it has signed meanwhile.
                if folder.checkpoint(key).is_ok_and(|now| now.size >= first) {
                    return Ok(());
                }
                findings.push(Finding::JournalGap { from: next, to: first });
                return Ok(());
            }
            let (frames, end) = journal::frames(&bytes, 0, first);
            let reached = first + frames.len() as u64;
            tail.entries += reached.saturating_sub(next);
            tail.torn_bytes += journal::used(&bytes, end);
        }
        Ok(())
    };
    if let Err(failure) = read() {
        findings.push(Finding::Unreadable(failure));
    }
    tail
}
