//! Which entries are not those that were signed.
//!
//! The tiles are compared from the root down: the right edge must hash to the signed root, and
//! a full tile must hash to what the level above has of it. What passes is as good as signed,
//! so its hashes of level 0 say what each entry was.

use std::collections::{HashMap, HashSet, VecDeque};

use super::{Finding, leaves};
use crate::{
    Checkpoint, Folder,
    merkle::{Hash, leaf_hash, root_of},
    tiles::{WIDTH, level_len},
};

/// As many findings as are listed one by one.
const LISTED: usize = 50;

/// Compares all entries with the tiles that are proven right.
pub(super) fn explain(folder: &Folder, checkpoint: &Checkpoint) -> Vec<Finding> {
    let Some(signed) = signed_leaves(folder, checkpoint) else { return Vec::new() };
    let mut present = Vec::new();
    for number in 0..checkpoint.size.div_ceil(WIDTH) {
        let (leaves, _) = leaves(folder, number, checkpoint.size);
        present.extend(leaves.iter().map(|leaf| leaf_hash(leaf)));
    }
    let mut findings = differences(&signed, &present);
    if findings.len() > LISTED {
        let count = findings.len() - LISTED;
        findings.truncate(LISTED);
        findings.push(Finding::More { count });
    }
    findings
}

/// The hashes of the signed leaves, as far as the tiles prove them. `None` when the tiles at the
/// right edge do not hash to the signed root.
fn signed_leaves(folder: &Folder, checkpoint: &Checkpoint) -> Option<Vec<Option<Hash>>> {
    let size = checkpoint.size;
    let edge = folder.edge(size).ok()?;
    if edge.range().root() != checkpoint.root {
        return None;
    }
    let partial: HashMap<_, _> = edge.partial().map(|(level, _, hashes)| (level, hashes)).collect();
    let levels = (0..).take_while(|level| level_len(size, *level) > 0).count();
    let mut above: Vec<Option<Hash>> = Vec::new();
    for level in (0..levels).rev() {
        let mut proven = Vec::new();
        for number in 0..level_len(size, level) / WIDTH {
            let parent = above.get(number as usize).copied().flatten();
            let hashes = folder.tile(level, number, WIDTH).ok();
            match hashes.filter(|hashes| parent.is_some() && root_of(hashes) == parent) {
                Some(hashes) => proven.extend(hashes.into_iter().map(Some)),
                None => proven.extend([None; WIDTH as usize]),
            }
        }
        proven.extend(partial.get(&level).copied().unwrap_or_default().iter().copied().map(Some));
        above = proven;
    }
    Some(above)
}

/// What was done to the `signed` leaves to make them the `present` ones.
fn differences(signed: &[Option<Hash>], present: &[Hash]) -> Vec<Finding> {
    let same = |(signed, present): &(&Option<Hash>, &Hash)| **signed == Some(**present);
    let prefix = signed.iter().zip(present).take_while(same).count();
    let (signed_rest, present_rest) = (&signed[prefix..], &present[prefix..]);
    let suffix = signed_rest.iter().rev().zip(present_rest.iter().rev()).take_while(same).count();
    let signed_rest = &signed_rest[..signed_rest.len() - suffix];
    let present_rest = &present_rest[..present_rest.len() - suffix];

    // Pair what is on both sides; what stayed in its place first.
    let mut places: HashMap<Hash, VecDeque<usize>> = HashMap::new();
    for (at, hash) in present_rest.iter().enumerate() {
        places.entry(*hash).or_default().push_back(at);
    }
    let (mut pairs, mut missing, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for (index, hash) in signed_rest.iter().enumerate() {
        match hash {
            None => unknown.push(index),
            Some(hash) => match places.get_mut(hash).and_then(VecDeque::pop_front) {
                Some(at) => pairs.push((index, at)),
                None => missing.push(index),
            },
        }
    }
    let taken: HashSet<usize> = pairs.iter().map(|(_, at)| *at).collect();
    let foreign = (0..present_rest.len()).filter(|at| !taken.contains(at));
    let foreign: Vec<usize> = foreign.collect();

    let place = |at: usize| (prefix + at) as u64;
    let mut findings = Vec::new();
    if !unknown.is_empty() {
        findings.extend(unproven(prefix, &unknown));
    } else if signed_rest.len() == present_rest.len() && missing == foreign {
        findings.extend(missing.iter().map(|at| Finding::Edited { index: place(*at) }));
    } else {
        findings.extend(missing.iter().map(|at| Finding::Deleted { index: place(*at) }));
        findings.extend(foreign.iter().map(|at| Finding::Inserted { at: place(*at) }));
    }
    // Pairs are in the order of signing; who stands before an earlier one was moved.
    let mut furthest = None;
    for (index, at) in pairs {
        if furthest.is_some_and(|furthest| at < furthest) {
            findings.push(Finding::Reordered { index: place(index), at: place(at) });
        } else {
            furthest = Some(at);
        }
    }
    findings
}

/// The bundles whose tiles prove nothing.
fn unproven(prefix: usize, unknown: &[usize]) -> impl Iterator<Item = Finding> {
    let mut numbers: Vec<u64> = unknown.iter().map(|at| (prefix + at) as u64 / WIDTH).collect();
    numbers.dedup();
    numbers
        .into_iter()
        .map(|number| Finding::Altered { from: number * WIDTH, to: number * WIDTH + WIDTH - 1 })
}
