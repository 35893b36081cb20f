//! A principal's record.

use model::{
    Wall,
    canon::{Canonical, Malformed, Reader, Writer},
};

/// The form with rules for certificates; those before it are still read.
const FORM: u8 = 3;
const FORM_WITHOUT_RULES: u8 = 2;
const FORM_WITHOUT_CERTIFICATES: u8 = 1;

/// A principal: its policies and the credentials it has.
#[derive(Clone, Debug, Default)]
pub(crate) struct PrincipalRecord {
    /// When it was made.
    pub(crate) created: Wall,
    /// Identity policies, as they were given.
    pub(crate) policies: Vec<String>,
    /// The ids of its access keys.
    pub(crate) access_keys: Vec<String>,
    /// The fingerprints of its certificates.
    pub(crate) certificates: Vec<String>,
    /// The keys of the rules by which further certificates are its.
    pub(crate) certificate_rules: Vec<String>,
    /// The fingerprints of certificates that are blocked: whatever is registered, nobody is this
    /// principal by them, or by what they issued.
    pub(crate) blocked: Vec<String>,
}

fn write_texts(to: &mut Writer, texts: &[String]) {
    to.list(texts, |to, text| to.text(text));
}

fn read_texts(from: &mut Reader<'_>) -> Result<Vec<String>, Malformed> {
    from.list(|from| from.text().map(str::to_owned))
}

impl Canonical for PrincipalRecord {
    fn write(&self, to: &mut Writer) {
        to.u8(FORM);
        to.u64(self.created.0);
        write_texts(to, &self.policies);
        write_texts(to, &self.access_keys);
        write_texts(to, &self.certificates);
        write_texts(to, &self.certificate_rules);
        write_texts(to, &self.blocked);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let form = from.u8()?;
        if !(FORM_WITHOUT_CERTIFICATES..=FORM).contains(&form) {
            return Err(Malformed);
        }
        let mut read = Self {
            created: Wall(from.u64()?),
            policies: read_texts(from)?,
            access_keys: read_texts(from)?,
            ..Self::default()
        };
        if form >= FORM_WITHOUT_RULES {
            read.certificates = read_texts(from)?;
        }
        if form == FORM {
            read.certificate_rules = read_texts(from)?;
            read.blocked = read_texts(from)?;
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_from_before_there_were_certificates_and_rules_have_none() {
        let record = PrincipalRecord {
            created: Wall(7),
            policies: vec!["{}".to_owned()],
            access_keys: vec!["AKIA".to_owned()],
            ..PrincipalRecord::default()
        };
        // The form's number comes first, an empty list is 4 bytes at the end.
        for (form, lists_less) in
            [(FORM, 0), (FORM_WITHOUT_RULES, 2), (FORM_WITHOUT_CERTIFICATES, 3)]
        {
            let mut old = record.to_canonical();
            old[0] = form;
            old.truncate(old.len() - 4 * lists_less);
            let read = PrincipalRecord::from_canonical(&old).unwrap();
            assert_eq!((read.created, &read.access_keys), (record.created, &record.access_keys));
            assert!(read.certificates.is_empty() && read.certificate_rules.is_empty());
            assert!(read.blocked.is_empty());
        }
        let mut later = record.to_canonical();
        later[0] = FORM + 1;
        assert!(PrincipalRecord::from_canonical(&later).is_err());
    }
}
