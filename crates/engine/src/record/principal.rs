//! A principal's record.

use model::{
    Wall,
    canon::{Canonical, Malformed, Reader, Writer},
};

use super::{read_form, write_form};

/// A principal: its policies and the access keys it has.
#[derive(Clone, Debug)]
pub(crate) struct PrincipalRecord {
    /// When it was made.
    pub(crate) created: Wall,
    /// Identity policies, as they were given.
    pub(crate) policies: Vec<String>,
    /// The ids of its access keys.
    pub(crate) access_keys: Vec<String>,
}

impl Canonical for PrincipalRecord {
    fn write(&self, to: &mut Writer) {
        write_form(to);
        to.u64(self.created.0);
        to.list(&self.policies, |to, policy| to.text(policy));
        to.list(&self.access_keys, |to, id| to.text(id));
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        read_form(from)?;
        Ok(Self {
            created: Wall(from.u64()?),
            policies: from.list(|from| from.text().map(str::to_owned))?,
            access_keys: from.list(|from| from.text().map(str::to_owned))?,
        })
    }
}
