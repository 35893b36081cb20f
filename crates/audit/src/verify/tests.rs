//! Tampering with a log, and what verification says of it.

use std::{fs, path::PathBuf};

use tempfile::TempDir;

use super::*;
use crate::{
    Leaf as _,
    testing::{Numbers, TestKey, entry},
    tiles::bundle_path,
};

const SIZE: u64 = 700;

/// A forger's workbench: a log's folder that can be written with any leaves.
struct Bench {
    key: TestKey,
    dir: TempDir,
    leaves: Vec<Vec<u8>>,
}

impl Bench {
    fn new() -> Self {
        let bench = Self {
            key: TestKey::new(),
            dir: tempfile::tempdir().unwrap(),
            leaves: (0..SIZE).map(|i| entry(i).to_leaf()).collect(),
        };
        fs::create_dir(bench.dir.path().join("journal")).unwrap();
        bench.write_tiles(&bench.leaves);
        bench.write_bundles(&bench.leaves);
        bench.write_checkpoint(&bench.signed(&bench.leaves));
        assert!(bench.report(&[]).is_clean(), "{:?}", bench.report(&[]).findings);
        bench
    }

    fn path(&self, within: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(within)
    }

    /// A checkpoint over these leaves, as only the holder of the key can make.
    fn signed(&self, leaves: &[Vec<u8>]) -> String {
        let mut range = Range::default();
        leaves.iter().for_each(|leaf| range.push(leaf_hash(leaf)));
        let verifier = self.key.verifier();
        Checkpoint::sign(&self.key.key(), &verifier, range.size(), range.root()).unwrap().signed
    }

    fn write_checkpoint(&self, signed: &str) {
        fs::write(self.path("checkpoint"), signed).unwrap();
    }

    /// Writes leaves under the names that a log of `SIZE` has; the last bundle takes what is
    /// left, be it more or less than its name says.
    fn write_bundles(&self, leaves: &[Vec<u8>]) {
        let last = (SIZE / WIDTH) as usize;
        for number in 0..=last {
            let begin = (number * WIDTH as usize).min(leaves.len());
            let end = if number == last { leaves.len() } else { begin + WIDTH as usize };
            let mut bundle = Vec::new();
            for leaf in &leaves[begin..end.min(leaves.len())] {
                tiles::push_entry(&mut bundle, leaf);
            }
            let width = if number == last { SIZE % WIDTH } else { WIDTH };
            put(&self.path(bundle_path(number as u64, width)), &bundle);
        }
    }

    fn write_tiles(&self, leaves: &[Vec<u8>]) {
        let mut edge = Edge::default();
        for leaf in leaves {
            for tile in edge.push(leaf_hash(leaf)) {
                let path = self.path(tile_path(tile.level, tile.index, WIDTH));
                put(&path, tile.hashes.as_flattened());
            }
        }
        for (level, index, hashes) in edge.partial() {
            let path = self.path(tile_path(level, index, hashes.len() as u64));
            put(&path, hashes.as_flattened());
        }
    }

    fn report(&self, held: &[&str]) -> Report {
        verify(self.dir.path(), &self.key.verifier(), held)
    }

    /// What is found when the bundles are these; the tiles are as they were, and then rewritten
    /// to fit, of which the second must be noticed too.
    fn findings_with(&self, leaves: &[Vec<u8>], rewrite: bool) -> Vec<Finding> {
        self.write_bundles(leaves);
        let findings = self.report(&[]).findings;
        assert!(findings.iter().any(|finding| matches!(finding, Finding::Root { .. })));
        if rewrite {
            self.write_tiles(leaves);
            assert!(!self.report(&[]).is_clean());
            self.write_tiles(&self.leaves);
        }
        self.write_bundles(&self.leaves);
        findings
    }
}

/// Writes a file and the folders above it.
fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// An entry that does not occur in the bench's log.
fn foreign(i: u64) -> Vec<u8> {
    entry(1_000_000 + i).to_leaf()
}

#[test]
fn an_edited_byte_of_any_file_is_found() {
    let bench = Bench::new();
    let mut files = vec![bench.path("checkpoint")];
    for (level, len) in [(0, SIZE), (1, SIZE / WIDTH)] {
        files.push(bench.path(tile_path(level, len / WIDTH, len % WIDTH)));
    }
    for number in 0..2 {
        files.push(bench.path(tile_path(0, number, WIDTH)));
        files.push(bench.path(bundle_path(number, WIDTH)));
    }
    files.push(bench.path(bundle_path(2, SIZE % WIDTH)));
    let mut numbers = Numbers(21);
    for round in 0..300 {
        let file = &files[round % files.len()];
        let bytes = fs::read(file).unwrap();
        let mut edited = bytes.clone();
        let at = numbers.below(bytes.len() as u64) as usize;
        // The final line break of a checkpoint is the one byte that says nothing.
        let at = if round % files.len() == 0 { at.min(bytes.len() - 2) } else { at };
        edited[at] ^= 1 << numbers.below(8);
        fs::write(file, &edited).unwrap();
        assert!(!bench.report(&[]).is_clean(), "{} byte {at}", file.display());
        fs::write(file, &bytes).unwrap();
    }
    assert!(bench.report(&[]).is_clean());
}

#[test]
fn an_edited_entry_is_named() {
    let bench = Bench::new();
    let mut numbers = Numbers(22);
    for round in 0..200 {
        let index = numbers.below(SIZE);
        let mut leaves = bench.leaves.clone();
        leaves[index as usize] = foreign(round);
        let findings = bench.findings_with(&leaves, round % 20 == 0);
        assert_eq!(findings[1..], [Finding::Edited { index }]);
    }
}

#[test]
fn a_deleted_entry_is_named() {
    let bench = Bench::new();
    let mut numbers = Numbers(23);
    for round in 0..200 {
        let index = numbers.below(SIZE);
        let mut leaves = bench.leaves.clone();
        leaves.remove(index as usize);
        let findings = bench.findings_with(&leaves, round % 20 == 0);
        assert!(findings.contains(&Finding::Deleted { index }), "{index}: {findings:?}");
        assert!(!findings.iter().any(|f| matches!(f, Finding::Inserted { .. })));
    }
}

#[test]
fn an_inserted_entry_is_named() {
    let bench = Bench::new();
    let mut numbers = Numbers(24);
    for round in 0..200 {
        let at = numbers.below(SIZE);
        let mut leaves = bench.leaves.clone();
        leaves.insert(at as usize, foreign(round));
        let findings = bench.findings_with(&leaves, round % 20 == 0);
        assert!(findings.contains(&Finding::Inserted { at }), "{at}: {findings:?}");
        assert!(!findings.iter().any(|f| matches!(f, Finding::Deleted { .. })));
    }
}

#[test]
fn two_entries_in_each_others_place_are_found() {
    let bench = Bench::new();
    let mut numbers = Numbers(25);
    for round in 0..200 {
        let one = numbers.below(SIZE);
        let other = (one + 1 + numbers.below(SIZE - 1)) % SIZE;
        let mut leaves = bench.leaves.clone();
        leaves.swap(one as usize, other as usize);
        let findings = bench.findings_with(&leaves, round % 20 == 0);
        let (first, last) = (one.min(other), one.max(other));
        assert!(findings.iter().any(|finding| match finding {
            Finding::Reordered { index, at } => (*index, *at) == (last, first) || *index < last,
            _ => false,
        }));
        let only = |f: &Finding| {
            matches!(f, Finding::Root { .. } | Finding::Reordered { .. } | Finding::More { .. })
        };
        assert!(findings.iter().all(only), "{findings:?}");
    }
}

#[test]
fn a_duplicated_entry_is_found_by_its_id() {
    let bench = Bench::new();
    let mut numbers = Numbers(26);
    for round in 0..200 {
        let from = numbers.below(SIZE);
        let to = from + 1 + numbers.below(SIZE - from);
        let mut leaves = bench.leaves.clone();
        leaves.insert(to as usize, leaves[from as usize].clone());
        let findings = bench.findings_with(&leaves, round % 20 == 0);
        let duplicate = Finding::Duplicated { first: from, second: to };
        assert!(findings.contains(&duplicate), "{findings:?}");
    }
}

#[test]
fn an_entry_whose_tile_was_altered_too_is_found_within_its_tile() {
    let bench = Bench::new();
    let mut leaves = bench.leaves.clone();
    leaves[300] = foreign(0);
    bench.write_bundles(&leaves);
    let path = bench.path(tile_path(0, 1, WIDTH));
    let mut tile = tiles::hashes(&fs::read(&path).unwrap()).unwrap();
    tile[300 - 256] = leaf_hash(&leaves[300]);
    fs::write(&path, tile.as_flattened()).unwrap();
    let findings = bench.report(&[]).findings;
    assert!(findings.contains(&Finding::Altered { from: 256, to: 511 }), "{findings:?}");
}

#[test]
fn a_log_cut_back_to_an_older_checkpoint_is_found_by_a_newer_one() {
    let bench = Bench::new();
    let newest = bench.signed(&bench.leaves);
    let mut numbers = Numbers(27);
    for _ in 0..200 {
        let size = numbers.below(SIZE);
        let older = bench.signed(&bench.leaves[..size as usize]);
        bench.write_checkpoint(&older);
        // Where partial tiles of the older size are gone, the full ones still begin with them.
        bench.write_tiles(&bench.leaves[..size as usize]);
        let (number, width) = (size / WIDTH, size % WIDTH);
        if width > 0 {
            let mut bundle = Vec::new();
            let begin = (number * WIDTH) as usize;
            for leaf in &bench.leaves[begin..size as usize] {
                tiles::push_entry(&mut bundle, leaf);
            }
            put(&bench.path(bundle_path(number, width)), &bundle);
        }
        let alone = bench.report(&[]);
        assert!(alone.is_clean(), "{size}: {:?}", alone.findings);
        let report = bench.report(&[&newest]);
        assert!(matches!(report.findings[..], [Finding::Truncated { .. }]));
        let text = report.findings[0].to_string();
        assert!(text.contains(&older) && text.contains(&newest));
    }
}

#[test]
fn two_signed_histories_are_a_fork_and_both_checkpoints_are_shown() {
    let bench = Bench::new();
    let mine = bench.signed(&bench.leaves);
    let mut numbers = Numbers(28);
    for round in 0..200 {
        let at = numbers.below(SIZE) as usize;
        let mut leaves = bench.leaves.clone();
        leaves[at] = foreign(round);
        // Of the same size, or older but past the entry in question.
        let size = if round % 2 == 0 { SIZE as usize } else { at + 1 };
        let other = bench.signed(&leaves[..size]);
        let report = bench.report(&[&other]);
        assert!(matches!(report.findings[..], [Finding::Fork { .. }]), "{:?}", report.findings);
        let text = report.findings[0].to_string();
        assert!(text.contains(&mine) && text.contains(&other));
    }
}

#[test]
fn older_checkpoints_of_the_same_history_are_confirmed() {
    let bench = Bench::new();
    let held: Vec<_> = [0, 1, 255, 256, 257, 512, 699, 700]
        .into_iter()
        .map(|size| bench.signed(&bench.leaves[..size]))
        .collect();
    let held: Vec<_> = held.iter().map(String::as_str).collect();
    assert!(bench.report(&held).is_clean());
    let stranger = TestKey::new();
    let alien = Checkpoint::sign(&stranger.key(), &stranger.verifier(), 1, [0; 32]).unwrap().signed;
    let findings = bench.report(&[held[0], &alien]).findings;
    assert_eq!(findings, [Finding::HeldNotSigned { number: 2 }]);
}

#[test]
fn a_folder_without_a_log_gives_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let report = verify(dir.path(), &TestKey::new().verifier(), &[]);
    assert!(matches!(report.findings[..], [Finding::NoCheckpoint(Failure::NoLog(_))]));
}
