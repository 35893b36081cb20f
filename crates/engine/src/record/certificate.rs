//! A client certificate's record.

use model::{
    PrincipalName, Wall,
    canon::{Canonical, Malformed, Reader, Writer},
};

use super::{read_user, write_user};

/// The form that can ask for a credential; one that cannot is still read.
const FORM: u8 = 2;
const FORM_WITHOUT_CREDENTIAL: u8 = 1;

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
    /// Whether its holder has to show an access key of the principal besides.
    pub(crate) with_credential: bool,
}

impl Canonical for CertificateRecord {
    fn write(&self, to: &mut Writer) {
        to.u8(FORM);
        write_user(to, &self.principal);
        to.u64(self.registered.0);
        to.text(&self.subject);
        to.u64(self.not_before.0);
        to.u64(self.not_after.0);
        to.bool(self.with_credential);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let form = from.u8()?;
        Ok(Self {
            principal: read_user(from)?,
            registered: Wall(from.u64()?),
            subject: from.text()?.to_owned(),
            not_before: Wall(from.u64()?),
            not_after: Wall(from.u64()?),
            with_credential: match form {
                FORM => from.bool()?,
                FORM_WITHOUT_CREDENTIAL => false,
                _ => return Err(Malformed),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_from_before_there_were_credentials_asks_for_none() {
        let record = CertificateRecord {
            principal: PrincipalName::user("111122223333".parse().unwrap(), "user").unwrap(),
            registered: Wall(7),
            subject: "CN=client".to_owned(),
            not_before: Wall(8),
            not_after: Wall(9),
            with_credential: true,
        };
        let new = record.to_canonical();
        assert!(CertificateRecord::from_canonical(&new).unwrap().with_credential);
        // The form's number comes first, and whether a credential is asked for last.
        let mut old = new[..new.len() - 1].to_vec();
        old[0] = FORM_WITHOUT_CREDENTIAL;
        let read = CertificateRecord::from_canonical(&old).unwrap();
        assert_eq!((read.not_after, read.with_credential), (record.not_after, false));
        old[0] = FORM + 1;
        assert!(CertificateRecord::from_canonical(&old).is_err());
    }
}
