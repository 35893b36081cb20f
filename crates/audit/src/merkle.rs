//! The Merkle tree of RFC 6962, section 2.1: hashes, the compact form of a growing tree, and
//! proofs of inclusion and consistency with their verification.

use crypto::digest::{Sha256, sha256};

/// The hash of a leaf or of a subtree (SHA-256).
pub type Hash = [u8; 32];

/// The hash of a leaf: `SHA-256(0x00 || leaf)`.
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update(&[0]);
    hash.update(leaf);
    hash.finish()
}

/// The hash of a node: `SHA-256(0x01 || left || right)`.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [1; 65];
    bytes[1..33].copy_from_slice(left);
    bytes[33..].copy_from_slice(right);
    sha256(&bytes)
}

/// The root of the tree without leaves: `SHA-256("")`.
pub fn empty_root() -> Hash {
    sha256(&[])
}

/// The root over hashes of equal height, of which there may be any number but 0.
///
/// `None` when `hashes` is empty.
pub fn root_of(hashes: &[Hash]) -> Option<Hash> {
    match hashes {
        [] => None,
        [one] => Some(*one),
        [left, right] => Some(node_hash(left, right)),
        _ => {
            let (left, right) = hashes.split_at(left_len(hashes.len() as u64) as usize);
            Some(node_hash(&root_of(left)?, &root_of(right)?))
        }
    }
}

/// The largest power of two below `size`, which is at least 2: where RFC 6962 splits a tree.
const fn left_len(size: u64) -> u64 {
    1 << (63 - (size - 1).leading_zeros())
}

/// A tree's compact form: the roots of the perfect subtrees that make it up, largest first.
/// It is all that is needed to go on appending.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Range {
    size: u64,
    roots: Vec<Hash>,
}

impl Range {
    /// From the roots of the perfect subtrees of a tree of `size` leaves, largest first.
    pub(crate) fn from_roots(size: u64, roots: Vec<Hash>) -> Self {
        Self { size, roots }
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.roots.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.roots.push(hash);
        self.size += 1;
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        let mut roots = self.roots.iter().rev();
        let Some(last) = roots.next() else { return empty_root() };
        roots.fold(*last, |right, left| node_hash(left, &right))
    }
}

/// A perfect subtree: the one of `2^height` leaves that begins at leaf `index * 2^height`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Node {
    /// Its height; a leaf has 0.
    pub height: u8,
    /// Its place among the subtrees of its height.
    pub index: u64,
}

/// Where proofs take hashes from: the root of a perfect subtree that lies within the tree.
pub trait Nodes {
    /// Why a hash cannot be had.
    type Failure;

    /// The root of the subtree.
    fn node(&mut self, node: Node) -> Result<Hash, Self::Failure>;
}

/// The root of the leaves `begin..begin + size`, which are a subtree in RFC 6962's split.
fn subtree<N: Nodes>(nodes: &mut N, begin: u64, size: u64) -> Result<Hash, N::Failure> {
    if size == 0 {
        return Ok(empty_root());
    }
    if size.is_power_of_two() {
        let height = size.trailing_zeros() as u8;
        return nodes.node(Node { height, index: begin >> height });
    }
    let left = left_len(size);
    let (left, right) = (subtree(nodes, begin, left)?, subtree(nodes, begin + left, size - left)?);
    Ok(node_hash(&left, &right))
}

/// The root of the tree of the first `size` leaves.
pub fn root<N: Nodes>(nodes: &mut N, size: u64) -> Result<Hash, N::Failure> {
    subtree(nodes, 0, size)
}

/// The proof that leaf `index` is in the tree of `size` leaves (RFC 6962, 2.1.1). Empty also
/// when `index` is not below `size`; such a proof does not verify.
pub fn inclusion_proof<N: Nodes>(
    nodes: &mut N,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, N::Failure> {
    let mut proof = Vec::new();
    if index >= size {
        return Ok(proof);
    }
    // From the root down to the leaf; the proof is in the opposite order.
    let (mut begin, mut len) = (0, size);
    while len > 1 {
        let left = left_len(len);
        if index < begin + left {
            proof.push(subtree(nodes, begin + left, len - left)?);
            len = left;
        } else {
            proof.push(subtree(nodes, begin, left)?);
            (begin, len) = (begin + left, len - left);
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree of `old` leaves is the beginning of that of `new` (RFC 6962, 2.1.2).
/// Empty when there is nothing to prove: `old` is 0, equals `new` or exceeds it.
pub fn consistency_proof<N: Nodes>(
    nodes: &mut N,
    old: u64,
    new: u64,
) -> Result<Vec<Hash>, N::Failure> {
    let mut proof = Vec::new();
    if old == 0 || old >= new {
        return Ok(proof);
    }
    let (mut begin, mut len) = (0, new);
    // While the old tree's end lies inside the subtree, descend towards it.
    while begin + len != old {
        let left = left_len(len);
        if old <= begin + left {
            proof.push(subtree(nodes, begin + left, len - left)?);
            len = left;
        } else {
            proof.push(subtree(nodes, begin, left)?);
            (begin, len) = (begin + left, len - left);
        }
    }
    if begin != 0 {
        proof.push(subtree(nodes, begin, len)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Whether `proof` shows that the leaf with hash `leaf` stands at `index` in the tree of `size`
/// leaves with this `root` (RFC 9162, 2.1.3.2).
pub fn verify_inclusion(index: u64, size: u64, leaf: &Hash, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            // A last node without a right sibling rises until it has a left one.
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Whether `proof` shows that the tree of `old` leaves with `old_root` is the beginning of the
/// tree of `new` leaves with `new_root` (RFC 9162, 2.1.4.2).
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Hash,
    new_root: &Hash,
    proof: &[Hash],
) -> bool {
    if old > new {
        return false;
    }
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    if old == 0 {
        return proof.is_empty() && *old_root == empty_root();
    }
    // A perfect old tree is itself the first node, and is left out of the proof.
    let (first, rest) = if old.is_power_of_two() {
        (old_root, proof)
    } else {
        let Some((first, rest)) = proof.split_first() else { return false };
        (first, rest)
    };
    let shift = (old - 1).trailing_ones();
    let (mut node, mut last) = ((old - 1) >> shift, (new - 1) >> shift);
    let (mut from_old, mut from_new) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            from_old = node_hash(sibling, &from_old);
            from_new = node_hash(sibling, &from_new);
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            from_new = node_hash(&from_new, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    last == 0 && from_old == *old_root && from_new == *new_root
}

#[cfg(test)]
mod tests;
