//! The latest time that was reached.

use model::{
    Wall,
    canon::{Canonical, Malformed, Reader, Writer},
};

/// The form that is written now. The first had the time alone.
const FORM: u8 = 2;

/// A wall-clock time that an unsealed server had reached.
#[derive(Clone, Copy)]
pub(crate) struct LatestTime {
    pub(crate) wall: Wall,
    /// How much of it no running accounts for yet, in milliseconds.
    pub(crate) lead_ms: u64,
}

impl Canonical for LatestTime {
    fn write(&self, to: &mut Writer) {
        to.u8(FORM);
        to.u64(self.wall.0);
        to.u64(self.lead_ms);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let form = from.u8()?;
        let wall = Wall(from.u64()?);
        match form {
            1 => Ok(Self { wall, lead_ms: 0 }),
            FORM => Ok(Self { wall, lead_ms: from.u64()? }),
            _ => Err(Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_was_kept_in_the_first_form_has_no_lead() {
        let old = LatestTime::from_canonical(&[1, 0, 0, 0, 0, 0, 0, 0, 9]).unwrap();
        assert_eq!((old.wall, old.lead_ms), (Wall(9), 0));
        let new = LatestTime { wall: Wall(9), lead_ms: 7 }.to_canonical();
        let new = LatestTime::from_canonical(&new).unwrap();
        assert_eq!((new.wall, new.lead_ms), (Wall(9), 7));
    }

    #[test]
    fn a_time_in_no_form_is_refused() {
        for bytes in [&[3, 0, 0, 0, 0, 0, 0, 0, 9][..], &[2, 0, 0, 0, 0, 0, 0, 0, 9], &[]] {
            assert!(LatestTime::from_canonical(bytes).is_err());
        }
    }
}
