//! A principal's record.

use model::{
    Wall,
    canon::{Canonical, Malformed, Reader, Writer},
};

/// The form with certificates; one without is still read.
const FORM: u8 = 2;
const FORM_WITHOUT_CERTIFICATES: u8 = 1;

/// A principal: its policies and the credentials it has.
#[derive(Clone, Debug)]
pub(crate) struct PrincipalRecord {
    /// When it was made.
    pub(crate) created: Wall,
    /// Identity policies, as they were given.
    pub(crate) policies: Vec<String>,
    /// The ids of its access keys.
    pub(crate) access_keys: Vec<String>,
    /// The fingerprints of its certificates.
    pub(crate) certificates: Vec<String>,
}

impl Canonical for PrincipalRecord {
    fn write(&self, to: &mut Writer) {
        to.u8(FORM);
        to.u64(self.created.0);
        to.list(&self.policies, |to, policy| to.text(policy));
        to.list(&self.access_keys, |to, id| to.text(id));
        to.list(&self.certificates, |to, fingerprint| to.text(fingerprint));
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let form = from.u8()?;
        let created = Wall(from.u64()?);
        let policies = from.list(|from| from.text().map(str::to_owned))?;
        let access_keys = from.list(|from| from.text().map(str::to_owned))?;
        let certificates = match form {
            FORM => from.list(|from| from.text().map(str::to_owned))?,
            FORM_WITHOUT_CERTIFICATES => Vec::new(),
            _ => return Err(Malformed),
        };
        Ok(Self { created, policies, access_keys, certificates })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_from_before_there_were_certificates_has_none() {
        let record = PrincipalRecord {
            created: Wall(7),
            policies: vec!["{}".to_owned()],
            access_keys: vec!["AKIA".to_owned()],
            certificates: Vec::new(),
        };
        let mut old = record.to_canonical();
        // The form's number comes first, an empty list of certificates is 4 bytes at the end.
        old[0] = FORM_WITHOUT_CERTIFICATES;
        old.truncate(old.len() - 4);
        let read = PrincipalRecord::from_canonical(&old).unwrap();
        assert_eq!((read.created, read.access_keys), (record.created, record.access_keys));
        assert!(read.certificates.is_empty());
        old[0] = FORM + 1;
        assert!(PrincipalRecord::from_canonical(&old).is_err());
    }
}
