//! The tree against a second implementation that follows RFC 6962's definitions to the letter.

use super::*;
use crate::testing::Numbers;

/// MTH(D\[n\]).
fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => sha256(&[]),
        [leaf] => *leaf,
        _ => {
            let k = split(leaves.len());
            let mut bytes = vec![1];
            bytes.extend(naive_root(&leaves[..k]));
            bytes.extend(naive_root(&leaves[k..]));
            sha256(&bytes)
        }
    }
}

fn split(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

/// PATH(m, D\[n\]).
fn naive_path(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return vec![];
    }
    let k = split(leaves.len());
    let (mut path, other) = if m < k {
        (naive_path(m, &leaves[..k]), naive_root(&leaves[k..]))
    } else {
        (naive_path(m - k, &leaves[k..]), naive_root(&leaves[..k]))
    };
    path.push(other);
    path
}

/// SUBPROOF(m, D\[n\], b).
fn naive_subproof(m: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if m == leaves.len() {
        return if whole { vec![] } else { vec![naive_root(leaves)] };
    }
    let k = split(leaves.len());
    let (mut proof, other) = if m <= k {
        (naive_subproof(m, &leaves[..k], whole), naive_root(&leaves[k..]))
    } else {
        (naive_subproof(m - k, &leaves[k..], false), naive_root(&leaves[..k]))
    };
    proof.push(other);
    proof
}

struct InMemory<'a>(&'a [Hash]);

impl Nodes for InMemory<'_> {
    type Failure = std::convert::Infallible;

    fn node(&mut self, node: Node) -> Result<Hash, Self::Failure> {
        let begin = (node.index << node.height) as usize;
        Ok(naive_root(&self.0[begin..begin + (1 << node.height)]))
    }
}

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

fn always<T>(result: Result<T, std::convert::Infallible>) -> T {
    match result {
        Ok(value) => value,
    }
}

#[test]
fn hashes_are_those_of_the_standard() {
    // SHA-256 of nothing, and of a single zero byte: the empty tree and the empty leaf.
    assert_eq!(empty_root()[..4], [0xe3, 0xb0, 0xc4, 0x42]);
    assert_eq!(leaf_hash(b"")[..4], [0x6e, 0x34, 0x0b, 0x9c]);
}

#[test]
fn roots_and_proofs_of_all_small_trees_are_those_of_the_definition() {
    let leaves = leaves(300);
    let mut range = Range::default();
    for size in 0..=300_usize {
        let tree = &leaves[..size];
        let expected = naive_root(tree);
        assert_eq!(range.root(), expected);
        assert_eq!(always(root(&mut InMemory(tree), size as u64)), expected);
        assert_eq!(root_of(tree).unwrap_or_else(empty_root), expected);
        // All places in the trees around powers of two, some in the others.
        let step = if size < 40 || (254..259).contains(&size) { 1 } else { 41 };
        for at in (0..size).step_by(step) {
            let proof = always(inclusion_proof(&mut InMemory(tree), at as u64, size as u64));
            assert_eq!(proof, naive_path(at, tree));
            assert!(verify_inclusion(at as u64, size as u64, &tree[at], &proof, &expected));
            let old = at + 1;
            let proof = always(consistency_proof(&mut InMemory(tree), old as u64, size as u64));
            assert_eq!(proof, naive_subproof(old, tree, true));
            let old_root = naive_root(&tree[..old]);
            assert!(verify_consistency(old as u64, size as u64, &old_root, &expected, &proof));
        }
        if size < 300 {
            range.push(leaves[size]);
        }
    }
}

#[test]
fn a_proof_with_a_wrong_index_size_hash_or_length_is_refused() {
    let leaves = leaves(600);
    let mut numbers = Numbers(11);
    for _ in 0..400 {
        let size = 2 + numbers.below(598);
        let at = numbers.below(size);
        let tree = &leaves[..size as usize];
        let root = naive_root(tree);
        let proof = always(inclusion_proof(&mut InMemory(tree), at, size));
        let leaf = tree[at as usize];
        let ok =
            |at, size, leaf: &Hash, proof: &[Hash]| verify_inclusion(at, size, leaf, proof, &root);
        assert!(ok(at, size, &leaf, &proof));
        let other = (at + 1 + numbers.below(size - 1)) % size;
        assert!(!ok(other, size, &leaf, &proof));
        assert!(!ok(size, size, &leaf, &proof) && !ok(at, 0, &leaf, &proof));
        // A path of another tree is of another length, or ends in another root.
        assert!(!ok(at, size * 2 + 1, &leaf, &proof));
        assert!(!ok(at, size, &leaves[(at as usize + 1) % 600], &proof));
        assert!(!ok(at, size, &leaf, &proof[1..]));
        assert!(!ok(at, size, &leaf, &[&proof[..], &[leaf]].concat()));
        let mut flipped = proof.clone();
        flipped[numbers.below(proof.len() as u64) as usize][numbers.below(32) as usize] ^= 1;
        assert!(!ok(at, size, &leaf, &flipped));
    }
}

#[test]
fn a_consistency_proof_holds_for_its_two_trees_only() {
    let leaves = leaves(600);
    let mut numbers = Numbers(12);
    for _ in 0..400 {
        let new = 2 + numbers.below(598);
        let old = 1 + numbers.below(new - 1);
        let tree = &leaves[..new as usize];
        let (old_root, new_root) = (naive_root(&tree[..old as usize]), naive_root(tree));
        let proof = always(consistency_proof(&mut InMemory(tree), old, new));
        let ok = |old, new, old_root: &Hash, new_root: &Hash, proof: &[Hash]| {
            verify_consistency(old, new, old_root, new_root, proof)
        };
        assert!(ok(old, new, &old_root, &new_root, &proof));
        assert!(!ok(new, old, &new_root, &old_root, &proof));
        assert!(!ok(old, new, &new_root, &old_root, &proof));
        assert!(!ok(old, new, &old_root, &leaves[0], &proof));
        assert!(!ok(old, new, &leaves[599], &new_root, &proof));
        let mut flipped = proof.clone();
        flipped[numbers.below(proof.len() as u64) as usize][numbers.below(32) as usize] ^= 1;
        assert!(!ok(old, new, &old_root, &new_root, &flipped));
        assert!(!ok(old, new, &old_root, &new_root, &proof[1..]));
    }
    assert!(ok_empty());
}

/// Nothing is the beginning of everything; and a tree of itself.
fn ok_empty() -> bool {
    let (none, some) = (empty_root(), leaf_hash(b"x"));
    verify_consistency(0, 5, &none, &some, &[])
        && !verify_consistency(0, 5, &some, &some, &[])
        && verify_consistency(5, 5, &some, &some, &[])
        && !verify_consistency(5, 5, &some, &none, &[])
}
