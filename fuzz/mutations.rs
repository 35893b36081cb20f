//! Inputs that are nearly right, for the tests of what decodes bytes from outside. They are the
//! same in each run.
//!
//! A decoder must never panic on one; and what it accepts, it must write back as it was read.
//! Each crate's test includes this file by its path and says what its decoders are.

#[path = "inputs.rs"]
mod inputs;

use std::panic::{AssertUnwindSafe, catch_unwind};

use inputs::Mutations;

/// As many inputs as each decoder is given.
pub(crate) const COUNT: usize = 20_000;

/// Gives `decode` each of `seeds`, which it must accept, and then `count` inputs that are nearly
/// like them. It says whether it accepted its input, and panics where it should not have. Gives how
/// many of the inputs were accepted: not all, or it is no decoder.
pub(crate) fn try_all(
    what: &str,
    count: usize,
    seeds: &[Vec<u8>],
    decode: &mut dyn FnMut(&[u8]) -> bool,
) -> usize {
    let mut tried = |input: &[u8]| {
        let outcome = catch_unwind(AssertUnwindSafe(|| decode(input)));
        outcome.unwrap_or_else(|_| panic!("{what}: {:?}", input.escape_ascii().to_string()))
    };
    assert!(seeds.iter().all(|seed| tried(seed)), "{what}: what is right is accepted");
    let mut mutations = Mutations::new(0);
    let accepted = (0..count).filter(|_| tried(&mutations.input(seeds))).count();
    println!("{what}: {count} inputs, {accepted} accepted, 0 panics");
    accepted
}
