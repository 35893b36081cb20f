//! The latest time that was reached, in the store.

use model::Result;

use super::Room;
use crate::{open::Read, place, record::LatestTime};

impl Room<'_> {
    /// What stands there.
    pub(crate) fn latest_time(&self) -> Result<Read<LatestTime>> {
        self.open.read(self.view, self.open.system(), &place::latest_time()?)
    }

    /// Replaces it by this moment, as it was judged; it was read at `revision`.
    pub(crate) fn put_latest_time(&mut self, revision: u64) -> Result<()> {
        let time = LatestTime { wall: self.at.wall, lead_ms: self.engine.latest.lead_ms(self.at) };
        self.put(place::system_account()?, place::latest_time()?, revision, &time)
    }
}
