//! The runner against servers that are made up.

mod published;
mod small;

use std::cell::Cell;

use kmip::{Encoding, ttlv};

use crate::{
    case::Case,
    replay::{Failure, Link, Run},
    tree::Node,
};

/// What a made-up server answers: to the request with a number, which it may look at.
struct Server<F>(F, usize);

impl<F: FnMut(usize, Node) -> Result<Node, String>> Link for Server<F> {
    fn exchange(&mut self, request: &[u8]) -> Result<Vec<u8>, String> {
        let request = ttlv::decode(request).map_err(|why| why.to_string())?;
        let answer = (self.0)(self.1, Node::from(&request))?.item()?;
        self.1 += 1;
        Ok(ttlv::encode(&answer).map_err(|why| why.to_string())?.expose().to_vec())
    }
}

/// The moment at which tests are.
const NOW: i64 = 1_800_000_000;

/// Replays one case alone.
fn replay(
    case: &Case,
    answer: impl FnMut(usize, Node) -> Result<Node, String>,
) -> Result<Vec<String>, Failure> {
    let clock = Cell::new(NOW);
    let clock = || clock.replace(clock.get() + 1);
    Run::new(&clock).replay(case, &mut Server(answer, 0), Encoding::Ttlv)
}
