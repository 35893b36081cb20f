//! An access key's record.

use model::{
    PrincipalName, Sealed, Wall,
    canon::{Canonical, Malformed, Reader, Writer},
};

use super::{read_form, read_user, write_form, write_user};

/// A credential for signing requests (AWS Signature Version 4).
#[derive(Clone, Debug)]
pub(crate) struct AccessKeyRecord {
    /// Whose it is.
    pub(crate) principal: PrincipalName,
    /// When it was made.
    pub(crate) created: Wall,
    /// The secret, sealed a second time, so that it is opened into secret memory only.
    pub(crate) secret: Sealed,
}

impl Canonical for AccessKeyRecord {
    fn write(&self, to: &mut Writer) {
        write_form(to);
        write_user(to, &self.principal);
        to.u64(self.created.0);
        to.bytes(self.secret.as_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        read_form(from)?;
        Ok(Self {
            principal: read_user(from)?,
            created: Wall(from.u64()?),
            secret: Sealed::assertion(from.bytes()?.to_vec()),
        })
    }
}
