//! The layout of the tree on disk: C2SP `tlog-tiles`, height 8.
//!
//! A tile of level L holds up to 256 hashes, each the root of 256^L leaves, one after another.
//! An entry bundle holds up to 256 leaves, each after its length as a big-endian `u16`. The last
//! tile of a level may hold fewer; its name then says how many.

use std::path::PathBuf;

use crate::merkle::{Hash, Range, node_hash, root_of};

/// Hashes in a full tile, and entries in a full bundle.
pub(crate) const WIDTH: u64 = 256;

/// A number in groups of three digits, all but the last marked: `x001/x234/067`.
fn number(n: u64) -> String {
    let mut text = format!("{:03}", n % 1000);
    let mut rest = n / 1000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1000);
        rest /= 1000;
    }
    text
}

fn path(kind: &str, index: u64, width: u64) -> PathBuf {
    let name = format!("tile/{kind}/{}", number(index));
    if width < WIDTH { format!("{name}.p/{width}").into() } else { name.into() }
}

/// Where a tile is kept, within the log's folder. A `width` of 256 is a full tile.
pub(crate) fn tile_path(level: usize, index: u64, width: u64) -> PathBuf {
    path(&level.to_string(), index, width)
}

/// Where a bundle of entries is kept, within the log's folder.
pub(crate) fn bundle_path(index: u64, width: u64) -> PathBuf {
    path("entries", index, width)
}

/// Appends an entry to a bundle. `to_leaf` keeps entries below the length that fits.
pub(crate) fn push_entry(bundle: &mut Vec<u8>, leaf: &[u8]) {
    let len = u16::try_from(leaf.len()).unwrap_or(u16::MAX);
    bundle.extend_from_slice(&len.to_be_bytes());
    bundle.extend_from_slice(&leaf[..usize::from(len)]);
}

/// The entries of a bundle, and whether all of it could be read.
pub(crate) fn entries(mut bundle: &[u8]) -> (Vec<&[u8]>, bool) {
    let mut entries = Vec::new();
    while let Some((len, rest)) = bundle.split_first_chunk() {
        let Some((leaf, rest)) = rest.split_at_checked(u16::from_be_bytes(*len).into()) else {
            break;
        };
        entries.push(leaf);
        bundle = rest;
    }
    (entries, bundle.is_empty())
}

/// The hashes of a tile; `None` when its length is not that of whole hashes.
pub(crate) fn hashes(tile: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = tile.as_chunks::<32>();
    rest.is_empty().then(|| hashes.to_vec())
}

/// A tile that has become full.
#[derive(Debug)]
pub(crate) struct FullTile {
    pub(crate) level: usize,
    pub(crate) index: u64,
    pub(crate) hashes: Vec<Hash>,
    /// The root of `hashes`: what the next level holds of it.
    pub(crate) root: Hash,
}

/// The right edge of the tiled tree: for each level, the hashes of its last, incomplete tile.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Edge {
    size: u64,
    levels: Vec<Vec<Hash>>,
}

/// How many hashes level `level` of a tree of `size` leaves has.
pub(crate) fn level_len(size: u64, level: usize) -> u64 {
    u32::try_from(8 * level).ok().and_then(|shift| size.checked_shr(shift)).unwrap_or(0)
}

impl Edge {
    /// From the last tile of each level, lowest first, none of them full.
    pub(crate) fn new(size: u64, levels: Vec<Vec<Hash>>) -> Self {
        Self { size, levels }
    }

    /// Appends a leaf, and gives the tiles that became full by it.
    pub(crate) fn push(&mut self, leaf: Hash) -> Vec<FullTile> {
        self.size += 1;
        let (mut full, mut hash) = (Vec::new(), leaf);
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let tile = &mut self.levels[level];
            tile.push(hash);
            if (tile.len() as u64) < WIDTH {
                break;
            }
            let hashes = std::mem::replace(tile, Vec::with_capacity(tile.len()));
            let Some(root) = root_of(&hashes) else { break };
            let index = level_len(self.size, level) / WIDTH - 1;
            full.push(FullTile { level, index, hashes, root });
            hash = root;
        }
        full
    }

    /// The incomplete tiles: level, index and hashes (1 to 255).
    pub(crate) fn partial(&self) -> impl Iterator<Item = (usize, u64, &[Hash])> {
        self.levels
            .iter()
            .enumerate()
            .filter(|(_, tile)| !tile.is_empty())
            .map(|(level, tile)| (level, level_len(self.size, level) / WIDTH, tile.as_slice()))
    }

    /// How many leaves the tree has.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The compact form of the same tree.
    pub(crate) fn range(&self) -> Range {
        self.range_from(0)
    }

    /// The compact form of the tree whose leaves are the roots of the full tiles of leaves.
    pub(crate) fn above(&self) -> Range {
        self.range_from(1)
    }

    /// The compact form of the tree whose leaves are the hashes of this level.
    fn range_from(&self, level: usize) -> Range {
        let mut roots = Vec::new();
        for tile in self.levels.iter().skip(level).rev() {
            let mut rest = tile.as_slice();
            while !rest.is_empty() {
                let (first, others) = rest.split_at(1 << rest.len().ilog2());
                roots.extend(root_of(first));
                rest = others;
            }
        }
        Range::from_roots(level_len(self.size, level), roots)
    }
}

/// The root of the `2^height` hashes that begin at `index * 2^height` of a tile.
pub(crate) fn root_within(tile: &[Hash], index: usize, height: u8) -> Option<Hash> {
    let (begin, len) = (index.checked_shl(height.into())?, 1usize.checked_shl(height.into())?);
    let hashes = tile.get(begin..begin.checked_add(len)?)?;
    if let [left, right] = hashes { Some(node_hash(left, right)) } else { root_of(hashes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        assert_eq!(tile_path(0, 1_234_067, 256).to_str(), Some("tile/0/x001/x234/067"));
        assert_eq!(tile_path(2, 5, 17).to_str(), Some("tile/2/005.p/17"));
        assert_eq!(bundle_path(1000, 1).to_str(), Some("tile/entries/x001/000.p/1"));
        assert_eq!(bundle_path(0, 256).to_str(), Some("tile/entries/000"));
    }

    #[test]
    fn a_bundle_gives_back_its_entries() {
        let mut bundle = Vec::new();
        push_entry(&mut bundle, b"one");
        push_entry(&mut bundle, b"");
        push_entry(&mut bundle, &[7; 300]);
        let (leaves, whole) = entries(&bundle);
        assert_eq!(leaves, [b"one".as_slice(), b"", &[7; 300]]);
        assert!(whole);
        let (leaves, whole) = entries(&bundle[..bundle.len() - 1]);
        assert_eq!((leaves.len(), whole), (2, false));
    }

    #[test]
    fn the_edge_is_the_same_tree_as_the_compact_range() {
        let (mut edge, mut range) = (Edge::default(), Range::default());
        let mut above = Range::default();
        for i in 0..70_000_u32 {
            let leaf = crate::merkle::leaf_hash(&i.to_be_bytes());
            range.push(leaf);
            for tile in edge.push(leaf) {
                assert_eq!(tile.hashes.len(), 256);
                assert_eq!(Some(tile.root), root_of(&tile.hashes));
                if tile.level == 0 {
                    above.push(tile.root);
                }
            }
            if i < 1000 || i % 997 == 0 || (65_530..65_540).contains(&i) {
                assert_eq!(edge.range(), range);
                assert_eq!(edge.above(), above);
            }
        }
        assert_eq!(edge.partial().map(|(level, ..)| level).collect::<Vec<_>>(), [0, 1, 2]);
    }
}
