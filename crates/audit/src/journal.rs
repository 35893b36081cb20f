//! The journal: where an entry goes first.
//!
//! A segment is a file named by the index of its first entry, filled with zeros and synced
//! before it is used, since syncing data into a preallocated file is several times cheaper than
//! into a growing one. It holds frames, one after another:
//!
//! | bytes | what |
//! | --- | --- |
//! | 4 | length of the leaf, not 0 |
//! | 8 | index of the leaf |
//! | 8 | check value |
//! | n | the leaf |
//!
//! The check value is made of the leaf's hash, its length and its index. It tells a torn write
//! from a whole one; against a forger it is the signed tree that protects.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use model::canon::Writer;

use crate::{
    EntryId, Failure,
    disk::{self, File},
    entry::{LEAF_LEN_USUAL, entry_id},
    merkle::{Hash, leaf_hash},
};

/// Bytes of a frame before its leaf.
pub(crate) const FRAME_HEAD: usize = 20;

/// An entry on its way into the log.
#[derive(Debug)]
pub(crate) struct Frame {
    bytes: Vec<u8>,
    /// The hash of the leaf.
    pub(crate) hash: Hash,
    /// Whether the store's outbox has this entry too.
    pub(crate) change: bool,
}

impl Frame {
    /// A frame whose leaf is what `write` writes.
    pub(crate) fn new(change: bool, write: impl FnOnce(&mut Writer)) -> Self {
        let mut writer = Writer::with_capacity(FRAME_HEAD + LEAF_LEN_USUAL);
        writer.fixed(&[0; FRAME_HEAD]);
        write(&mut writer);
        let bytes = writer.into_bytes();
        let hash = leaf_hash(&bytes[FRAME_HEAD..]);
        Self { bytes, hash, change }
    }

    /// The leaf.
    pub(crate) fn leaf(&self) -> Leaf<'_> {
        Leaf { bytes: &self.bytes[FRAME_HEAD..], hash: self.hash, change: self.change }
    }

    /// The id of the entry that the leaf is.
    pub(crate) fn id(&self) -> Option<EntryId> {
        entry_id(self.leaf().bytes)
    }

    /// Writes the head, and gives the whole frame.
    pub(crate) fn seal(&mut self, index: u64) -> &[u8] {
        // An entry is far shorter than 2^32 bytes (`Leaf::to_leaf`).
        let len = u32::try_from(self.leaf().bytes.len()).unwrap_or(u32::MAX);
        self.bytes[..4].copy_from_slice(&len.to_be_bytes());
        self.bytes[4..12].copy_from_slice(&index.to_be_bytes());
        self.bytes[12..20].copy_from_slice(&check(&self.hash, len, index).to_be_bytes());
        &self.bytes
    }

    /// Reads the frame of entry `index` from the front of `bytes`. `None` when it is not there,
    /// not whole, or of another index.
    pub(crate) fn parse(bytes: &[u8], index: u64) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk::<FRAME_HEAD>()?;
        let (len, head) = head.split_first_chunk::<4>()?;
        let (at, given) = head.split_first_chunk::<8>()?;
        let len = u32::from_be_bytes(*len);
        let leaf = rest.get(..usize::try_from(len).ok()?)?;
        let hash = leaf_hash(leaf);
        let whole = len > 0
            && u64::from_be_bytes(*at) == index
            && *given == check(&hash, len, index).to_be_bytes();
        let bytes = &bytes[..FRAME_HEAD + leaf.len()];
        whole.then(|| Self { bytes: bytes.to_vec(), hash, change: false })
    }

    /// How many bytes it takes in a segment.
    pub(crate) fn len(&self) -> u64 {
        self.bytes.len() as u64
    }
}

/// Entries on their way from the journal into the tree, one behind the other in one piece of
/// memory: what one thread allocates and another frees, entry by entry, costs them both.
#[derive(Debug, Default)]
pub(crate) struct Leaves {
    bytes: Vec<u8>,
    ends: Vec<LeafEnd>,
}

#[derive(Debug)]
struct LeafEnd {
    end: usize,
    hash: Hash,
    change: bool,
}

/// One of [`Leaves`].
pub(crate) struct Leaf<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) hash: Hash,
    /// Whether the store's outbox has this entry too.
    pub(crate) change: bool,
}

impl Leaves {
    /// Adds a leaf behind the others.
    pub(crate) fn push(&mut self, leaf: Leaf<'_>) {
        self.bytes.extend_from_slice(leaf.bytes);
        let end = self.bytes.len();
        self.ends.push(LeafEnd { end, hash: leaf.hash, change: leaf.change });
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// They, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Leaf<'_>> {
        let mut start = 0;
        self.ends.iter().map(move |&LeafEnd { end, hash, change }| {
            let bytes = &self.bytes[start..end];
            start = end;
            Leaf { bytes, hash, change }
        })
    }

    /// The ids of the changes among them, in order.
    pub(crate) fn changes(&self) -> Vec<EntryId> {
        self.iter().filter(|leaf| leaf.change).filter_map(|leaf| entry_id(leaf.bytes)).collect()
    }
}

impl<'a> FromIterator<Leaf<'a>> for Leaves {
    fn from_iter<I: IntoIterator<Item = Leaf<'a>>>(each: I) -> Self {
        let mut leaves = Self::default();
        each.into_iter().for_each(|leaf| leaves.push(leaf));
        leaves
    }
}

/// Multiplying by an odd number loses nothing, so a change of one field always shows.
fn check(hash: &Hash, len: u32, index: u64) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *hash;
    let leaf = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
    leaf ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ u64::from(len).wrapping_mul(0xff51_afd7_ed55_8ccd)
}

/// A segment of the journal.
#[derive(Debug)]
pub(crate) struct Segment {
    /// The index of its first entry.
    pub(crate) first: u64,
    /// The index after that of its last change entry, or 0.
    pub(crate) changes_end: u64,
    file: Arc<File>,
    offset: u64,
    capacity: u64,
    /// Frames that belong behind the others and are not in the file.
    unwritten: Vec<u8>,
}

impl Segment {
    /// Makes a file of zeros that can become a segment, and syncs it.
    pub(crate) fn prepare(journal: &Path, bytes: u64) -> Result<File, Failure> {
        const ZEROS: &[u8] = &[0; 64 << 10];
        let file = File::create(&journal.join("spare"))?;
        let mut at = 0;
        while at < bytes {
            let len = (bytes - at).min(ZEROS.len() as u64);
            file.write_at(&ZEROS[..len as usize], at)?;
            at += len;
        }
        file.sync()?;
        Ok(file)
    }

    /// Gives the prepared file its name.
    pub(crate) fn start(
        journal: &Path,
        mut prepared: File,
        first: u64,
        capacity: u64,
    ) -> Result<Self, Failure> {
        prepared.rename(&journal.join(format!("{first:020}")))?;
        Ok(Self {
            first,
            changes_end: 0,
            file: prepared.into(),
            offset: 0,
            capacity,
            unwritten: Vec::new(),
        })
    }

    /// A segment of an earlier run, which is kept until its changes are settled.
    pub(crate) fn kept(path: &Path, first: u64, end: u64) -> Result<Self, Failure> {
        let file = File::open(path)?.into();
        Ok(Self { first, changes_end: end, file, offset: 0, capacity: 0, unwritten: Vec::new() })
    }

    /// Whether a frame of `len` bytes has room. An empty segment takes any.
    pub(crate) fn fits(&self, len: u64) -> bool {
        let end = self.offset + self.unwritten.len() as u64;
        end == 0 || end.saturating_add(len) <= self.capacity
    }

    /// Puts a frame behind the others, to be written with them.
    pub(crate) fn put(&mut self, frame: &[u8]) {
        self.unwritten.extend_from_slice(frame);
    }

    /// Writes what was put.
    pub(crate) fn write(&mut self) -> Result<(), Failure> {
        if !self.unwritten.is_empty() {
            self.file.write_at(&self.unwritten, self.offset)?;
            self.offset += self.unwritten.len() as u64;
            self.unwritten.clear();
        }
        Ok(())
    }

    /// Nothing is put into it any more.
    pub(crate) fn end(&mut self) {
        self.unwritten = Vec::new();
    }

    /// What has to be synced for its frames to be durable.
    pub(crate) fn file(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }

    /// Replaces the file, to see what failing files do.
    #[cfg(test)]
    pub(crate) fn replace_file(&mut self, file: std::fs::File) {
        self.file = Arc::new(File::of(file, self.file.path()));
    }
}

/// The segments in a journal's folder, by the index of their first entry.
pub(crate) fn segments(journal: &Path) -> Result<Vec<(u64, PathBuf)>, Failure> {
    let mut found = Vec::new();
    for name in disk::list(journal)?.unwrap_or_default() {
        let first = name.to_str().filter(|name| name.len() == 20).and_then(|n| n.parse().ok());
        if let Some(first) = first {
            found.push((first, journal.join(name)));
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// The frames of `segment` from `offset` on, of which the first has index `index`, up to the
/// first that is missing or not whole; and the offset where they end.
pub(crate) fn frames(segment: &[u8], offset: usize, index: u64) -> (Vec<Frame>, usize) {
    let (mut found, mut at) = (Vec::new(), offset);
    let mut index = index;
    while let Some(frame) = segment.get(at..).and_then(|rest| Frame::parse(rest, index)) {
        at += frame.bytes.len();
        index += 1;
        found.push(frame);
    }
    (found, at)
}

/// How many bytes of `segment` from `offset` on are in use: up to the last that is not 0.
pub(crate) fn used(segment: &[u8], offset: usize) -> u64 {
    let rest = segment.get(offset..).unwrap_or_default();
    rest.iter().rposition(|&byte| byte != 0).map_or(0, |last| last as u64 + 1)
}
