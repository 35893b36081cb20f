//! A client certificate's record.

use model::{
    PrincipalName, Wall,
    canon::{Canonical, Malformed, Reader, Writer},
};

use super::{read_form, read_user, write_form, write_user};

/// A certificate whose holder acts as a principal. It stands under its fingerprint.
#[derive(Clone, Debug)]
pub(crate) struct CertificateRecord {
    /// Whose it is.
    pub(crate) principal: PrincipalName,
    /// When it was registered.
    pub(crate) registered: Wall,
    /// Its subject, for people.
    pub(crate) subject: String,
    /// The first moment at which it is valid, to the second.
    pub(crate) not_before: Wall,
    /// The last moment at which it is valid, to the second.
    pub(crate) not_after: Wall,
}

impl Canonical for CertificateRecord {
    fn write(&self, to: &mut Writer) {
        write_form(to);
        write_user(to, &self.principal);
        to.u64(self.registered.0);
        to.text(&self.subject);
        to.u64(self.not_before.0);
        to.u64(self.not_after.0);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        read_form(from)?;
        Ok(Self {
            principal: read_user(from)?,
            registered: Wall(from.u64()?),
            subject: from.text()?.to_owned(),
            not_before: Wall(from.u64()?),
            not_after: Wall(from.u64()?),
        })
    }
}
