//! An alias's record.

use model::{
    KeyId, Wall,
    canon::{Canonical, Malformed, Reader, Writer},
};

use super::{read_form, write_form};

/// What an alias points to.
#[derive(Clone, Debug)]
pub(crate) struct AliasRecord {
    /// The key, in the alias's account and region.
    pub(crate) key: KeyId,
    /// When the alias was made.
    pub(crate) created: Wall,
    /// When it was last pointed elsewhere.
    pub(crate) updated: Wall,
}

impl Canonical for AliasRecord {
    fn write(&self, to: &mut Writer) {
        write_form(to);
        to.fixed(&self.key.0);
        to.u64(self.created.0);
        to.u64(self.updated.0);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        read_form(from)?;
        Ok(Self {
            key: KeyId(from.array()?),
            created: Wall(from.u64()?),
            updated: Wall(from.u64()?),
        })
    }
}
