//! The approved generator: AWS-LC's CTR_DRBG (SP 800-90A), seeded from the system's entropy.
//!
//! Nonces are drawn one by one, for a third of a microsecond each. A pool of them would be
//! faster, and a copy of the virtual machine would hold the same pool: two machines would then
//! encrypt different messages with one message key. AWS-LC mixes fresh entropy into each draw.

use std::cell::RefCell;

use model::{Error, Result, error::Unavailable};

use crate::secmem::Guarded;

/// Fills `bytes` with random ones.
pub fn fill(bytes: &mut [u8]) -> Result<()> {
    crate::state::ready()?;
    aws_lc_rs::rand::fill(bytes).map_err(|_| Error::Unavailable(Unavailable::Crypto))
}

/// Ids that are drawn at once.
const IDS: usize = 32;

thread_local! {
    /// This thread's ids, of which the first so many are not given out yet.
    static POOL: RefCell<([[u8; 16]; IDS], usize)> = const { RefCell::new(([[0; 16]; IDS], 0)) };
}

/// 16 random bytes that name something: never again the same in this process, and no secret.
///
/// They are drawn many at once, since a request needs some and nothing rests on their being
/// unforeseeable. A copy of the virtual machine may give out the same, in a log of its own.
pub fn id() -> Result<[u8; 16]> {
    crate::state::ready()?;
    POOL.with_borrow_mut(|(ids, left)| {
        if *left == 0 {
            fill(ids.as_flattened_mut())?;
            *left = IDS;
        }
        *left -= 1;
        Ok(ids[*left])
    })
}

/// `N` random bytes: for nonces. Keys are made in secret memory instead, by
/// [`Guarded::random`].
pub fn array<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

impl Guarded {
    /// `len` random bytes.
    pub fn random(len: usize) -> Result<Self> {
        Self::filled(len, fill)
    }
}

/// Health of the generator at start: draws neither repeat nor are constant. A failure here
/// means a broken generator, not bad luck: the chance of one is below 2^-100.
pub(crate) fn is_healthy() -> Result<bool> {
    let draws: [[u8; 32]; 8] =
        [array()?, array()?, array()?, array()?, array()?, array()?, array()?, array()?];
    let constant = draws.iter().any(|draw| draw.iter().all(|byte| *byte == draw[0]));
    let repeated = (1..draws.len()).any(|i| draws[..i].contains(&draws[i]));
    Ok(!constant && !repeated)
}
