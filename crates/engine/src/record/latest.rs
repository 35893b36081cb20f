//! The latest time that was reached.

use model::{
    Wall,
    canon::{Canonical, Malformed, Reader, Writer},
};

use super::{read_form, write_form};

/// A wall-clock time that an unsealed server had reached.
pub(crate) struct LatestTime(pub(crate) Wall);

impl Canonical for LatestTime {
    fn write(&self, to: &mut Writer) {
        write_form(to);
        to.u64(self.0.0);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        read_form(from)?;
        Ok(Self(Wall(from.u64()?)))
    }
}
