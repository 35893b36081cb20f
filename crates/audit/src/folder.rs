//! Reading a log's folder: checkpoint, tiles, entries, and proofs made from them.

use std::path::{Path, PathBuf};

use crate::{
    Checkpoint, Entry, Failure, VerifierKey, disk,
    merkle::{self, Hash, Node, Nodes},
    tiles::{self, Edge, WIDTH, bundle_path, level_len, root_within, tile_path},
};

/// A log's folder, for reading. It may be read while the log is written: what a checkpoint
/// covers does not change.
#[derive(Clone, Debug)]
pub struct Folder {
    dir: PathBuf,
}

/// How a file that was read relates to what was asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Extent {
    /// It is the file of just so many items.
    Exact,
    /// It is a later file, which holds more.
    Grown,
}

impl Folder {
    /// The log in `dir`, which is not looked at yet.
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// The folder itself.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where a file of the log is.
    pub(crate) fn path(&self, within: impl AsRef<Path>) -> PathBuf {
        self.dir.join(within)
    }

    /// The folder of journal segments.
    pub(crate) fn journal(&self) -> PathBuf {
        self.path("journal")
    }

    /// The current checkpoint, its signature verified.
    pub fn checkpoint(&self, key: &VerifierKey) -> Result<Checkpoint, Failure> {
        let path = self.path("checkpoint");
        let Some(bytes) = disk::read(&path)? else {
            return Err(Failure::NoLog(self.dir.display().to_string().into()));
        };
        String::from_utf8(bytes).ok().and_then(|text| key.open(&text)).ok_or_else(|| {
            Failure::damaged(format!(
                "{} is not a checkpoint of {} signed with its key",
                path.display(),
                key.origin()
            ))
        })
    }

    /// A file of the first `width` items of a tile or bundle, or of more when it has grown since;
    /// and which of the two was read. The log may be growing while it is looked for.
    fn tile_file(
        &self,
        path: impl Fn(u64) -> PathBuf,
        width: u64,
    ) -> Result<(Vec<u8>, Extent), Failure> {
        let exact = self.path(path(width));
        if let Some(bytes) = disk::read(&exact)? {
            return Ok((bytes, Extent::Exact));
        }
        let full = self.path(path(WIDTH));
        if let Some(bytes) = disk::read(&full)? {
            return Ok((bytes, Extent::Grown));
        }
        let names = disk::list(&full.with_added_extension("p"))?.unwrap_or_default();
        let widths = names.iter().filter_map(|name| name.to_str()?.parse::<u64>().ok());
        let wider = widths.filter(|has| (width..WIDTH).contains(has)).min();
        let mut found =
            wider.map(|wider| disk::read(&self.path(path(wider)))).transpose()?.flatten();
        if found.is_none() {
            // It may have become full meanwhile, and full it stays.
            found = disk::read(&full)?;
        }
        let missing = || Failure::damaged(format!("{} is missing", exact.display()));
        found.map(|bytes| (bytes, Extent::Grown)).ok_or_else(missing)
    }

    /// The first `width` hashes of a tile.
    pub(crate) fn tile(&self, level: usize, index: u64, width: u64) -> Result<Vec<Hash>, Failure> {
        let (bytes, _) = self.tile_file(|width| tile_path(level, index, width), width)?;
        let hashes = tiles::hashes(&bytes).filter(|hashes| hashes.len() as u64 >= width);
        let mut hashes = hashes.ok_or_else(|| {
            let path = self.path(tile_path(level, index, width));
            Failure::damaged(format!("{} does not have {width} hashes", path.display()))
        })?;
        hashes.truncate(usize::try_from(width).unwrap_or(usize::MAX));
        Ok(hashes)
    }

    /// The bytes of a bundle of `width` entries, or of more when it has grown since.
    pub(crate) fn bundle_bytes(
        &self,
        index: u64,
        width: u64,
    ) -> Result<(Vec<u8>, Extent), Failure> {
        self.tile_file(|width| bundle_path(index, width), width)
    }

    /// The first `width` entries of a bundle, as leaves.
    pub(crate) fn bundle(&self, index: u64, width: u64) -> Result<Vec<Vec<u8>>, Failure> {
        let (bytes, _) = self.bundle_bytes(index, width)?;
        let (entries, _) = tiles::entries(&bytes);
        let wanted = usize::try_from(width).unwrap_or(usize::MAX);
        if entries.len() < wanted {
            let path = self.path(bundle_path(index, width));
            return Err(Failure::damaged(format!(
                "{} does not have {width} entries",
                path.display()
            )));
        }
        Ok(entries[..wanted].iter().map(|leaf| leaf.to_vec()).collect())
    }

    /// The right edge of the tree of `size` leaves.
    pub(crate) fn edge(&self, size: u64) -> Result<Edge, Failure> {
        let mut levels = Vec::new();
        for level in 0.. {
            let len = level_len(size, level);
            if len == 0 {
                break;
            }
            let width = len % WIDTH;
            levels.push(if width == 0 { vec![] } else { self.tile(level, len / WIDTH, width)? });
        }
        Ok(Edge::new(size, levels))
    }

    /// At most `limit` entries with their indexes, from index `from` on, of the first `size`
    /// (those of a checkpoint). Their leaf hashes are compared with the tree's tiles.
    pub fn entries(
        &self,
        from: u64,
        limit: usize,
        size: u64,
    ) -> Result<Vec<(u64, Entry)>, Failure> {
        let end = from.saturating_add(limit as u64).min(size);
        let mut found = Vec::new();
        let mut index = from;
        while index < end {
            let number = index / WIDTH;
            let width = (size - number * WIDTH).min(WIDTH);
            let hashes = self.tile(0, number, width)?;
            let leaves = self.bundle(number, width)?;
            for (leaf, hash) in leaves.iter().zip(&hashes).skip((index % WIDTH) as usize) {
                if index == end {
                    break;
                }
                if merkle::leaf_hash(leaf) != *hash {
                    return Err(Failure::damaged(format!("entry {index} was altered")));
                }
                let entry = Entry::from_leaf(leaf).map_err(|_| Failure::NotAnEntry)?;
                found.push((index, entry));
                index += 1;
            }
        }
        Ok(found)
    }

    /// The proof that entry `index` is in the tree of the first `size` entries.
    pub fn inclusion_proof(&self, index: u64, size: u64) -> Result<Vec<Hash>, Failure> {
        if index >= size {
            return Err(Failure::OutOfRange);
        }
        merkle::inclusion_proof(&mut TileNodes::new(self, size), index, size)
    }

    /// The proof that the tree of the first `old` entries is the beginning of that of `new`.
    pub fn consistency_proof(&self, old: u64, new: u64) -> Result<Vec<Hash>, Failure> {
        if old > new {
            return Err(Failure::OutOfRange);
        }
        merkle::consistency_proof(&mut TileNodes::new(self, new), old, new)
    }

    /// The root of the first `size` entries as the tiles have it.
    pub fn root(&self, size: u64) -> Result<Hash, Failure> {
        merkle::root(&mut TileNodes::new(self, size), size)
    }
}

/// Hashes of a tree of a certain size, taken from its tiles.
struct TileNodes<'a> {
    folder: &'a Folder,
    size: u64,
    last: Option<(usize, u64, Vec<Hash>)>,
}

impl<'a> TileNodes<'a> {
    fn new(folder: &'a Folder, size: u64) -> Self {
        Self { folder, size, last: None }
    }
}

impl Nodes for TileNodes<'_> {
    type Failure = Failure;

    fn node(&mut self, node: Node) -> Result<Hash, Failure> {
        let (level, height) = (usize::from(node.height / 8), node.height % 8);
        let per_tile = WIDTH >> height;
        let number = node.index / per_tile;
        let known = self.last.as_ref().is_some_and(|(l, n, _)| (*l, *n) == (level, number));
        if !known {
            let len = level_len(self.size, level);
            let width = len.checked_sub(number * WIDTH).ok_or(Failure::OutOfRange)?.min(WIDTH);
            self.last = Some((level, number, self.folder.tile(level, number, width)?));
        }
        let within = (node.index % per_tile) as usize;
        let hashes = self.last.as_ref().map(|(.., hashes)| hashes.as_slice()).unwrap_or_default();
        root_within(hashes, within, height).ok_or(Failure::OutOfRange)
    }
}
