//! Is the store as late as the log says? A store that was put back alone, from an older copy, is
//! noticed by the time that is kept in it: every time that was kept stands in the audit log too.
//!
//! Only the log's newest entries are looked through. A server that is stopped in order keeps the
//! time as one of the last things it does, and a running one every few minutes; what a busy
//! server that was killed did after that may be more than is looked at.

use audit::{Folder, Outcome};
use crypto::root::AccountKeys;
use model::{Action, Error, Result, Wall};

use crate::{Engine, open, place, record::LatestTime};

/// How many of the log's newest entries are looked through, at most.
const LOOKED_THROUGH: u64 = 4096;
/// How many of them are read in one go.
const READ_AT_ONCE: u64 = 256;

const PUT_BACK: Error = Error::Internal(
    "the store is older than the audit log, so it was put back from an earlier copy: put back \
     the newer store, or the audit log of the same copy",
);

impl Engine {
    /// Refuses a store that is older than the log of this many entries, which is open.
    pub(crate) fn refuse_older_store(&self, system: &AccountKeys, entries: u64) -> Result<()> {
        let Some(told) = self.latest_told(entries) else { return Ok(()) };
        let kept = self.store().get(&place::latest_time()?)?.record();
        let kept = kept.map(|record| open::unseal::<LatestTime>(system, &record)).transpose()?;
        match kept {
            Some(LatestTime { wall, .. }) if wall >= told => Ok(()),
            Some(_) | None => Err(PUT_BACK),
        }
    }

    /// The newest time that the log says was kept. What cannot be read of the log is passed over:
    /// to find damage in it is what its verification is for.
    fn latest_told(&self, entries: u64) -> Option<Wall> {
        let log = Folder::new(&self.log_dir);
        let (mut end, begin) = (entries, entries.saturating_sub(LOOKED_THROUGH));
        while end > begin {
            let from = ((end - 1) / READ_AT_ONCE * READ_AT_ONCE).max(begin);
            let read = log.entries(from, (end - from) as usize, entries).unwrap_or_default();
            let mut kept = read.iter().rev().map(|(_, entry)| entry).filter(|entry| {
                entry.action == Action::KeepTime && entry.outcome == Outcome::Allowed
            });
            if let Some(entry) = kept.next() {
                return Some(entry.time);
            }
            end = from;
        }
        None
    }
}
