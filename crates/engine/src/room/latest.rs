//! The latest time that was reached, in the store.

use model::Result;

use super::Room;
use crate::{open::Read, place, record::LatestTime};

impl Room<'_> {
    /// What stands there.
    pub(crate) fn latest_time(&self) -> Result<Read<LatestTime>> {
        self.open.read(self.engine.store(), self.open.system(), &place::latest_time()?)
    }

    /// Replaces it; it was read at `revision`.
    pub(crate) fn put_latest_time(&mut self, revision: u64, time: &LatestTime) -> Result<()> {
        self.put(place::system_account()?, place::latest_time()?, revision, time)
    }
}
