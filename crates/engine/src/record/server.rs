//! What the server keeps about itself.

use model::{
    AccountId,
    canon::{Canonical, Malformed, Reader, Writer},
};

use super::{parsed, read_form, write_form};

/// Whose server it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OperatorRecord {
    /// The account that was founded with the server: the only one whose principals may look after
    /// the server itself.
    pub(crate) account: AccountId,
}

impl Canonical for OperatorRecord {
    fn write(&self, to: &mut Writer) {
        write_form(to);
        to.text(self.account.as_str());
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        read_form(from)?;
        Ok(Self { account: parsed(from.text()?)? })
    }
}

/// Which root key the accounts' keys are under.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RootRecord {
    /// Its version.
    pub(crate) version: u32,
}

impl Canonical for RootRecord {
    fn write(&self, to: &mut Writer) {
        write_form(to);
        to.u32(self.version);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        read_form(from)?;
        Ok(Self { version: from.u32()? })
    }
}
