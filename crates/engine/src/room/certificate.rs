//! Client certificates in the store. Like access keys they belong to the server as a whole: who
//! shows one has not said yet of which account it is.

use model::{Error, Result, error::Unauthenticated, holder::HolderName, limits};

use super::Room;
use crate::{
    open::{self, Read},
    place,
    record::{self, CertificateRecord, CertificateRuleRecord},
};

impl Room<'_> {
    /// A certificate's record.
    pub(crate) fn certificate(&self, fingerprint: &str) -> Result<Read<CertificateRecord>> {
        let place = place::certificate(fingerprint)?;
        self.open.read(self.view, self.open.system(), &place)
    }

    /// Writes or removes a certificate's record, which was read at `revision`, and names it in
    /// the entry of this request.
    pub(crate) fn put_certificate(
        &mut self,
        fingerprint: &str,
        revision: u64,
        record: Option<&CertificateRecord>,
    ) -> Result<()> {
        self.made.push(fingerprint.to_owned());
        let place = place::certificate(fingerprint)?;
        match record {
            Some(record) => self.put(place::system_account()?, place, revision, record),
            None => {
                self.remove(place, revision);
                Ok(())
            }
        }
    }

    /// The record of a rule for certificates.
    pub(crate) fn certificate_rule(&self, key: &str) -> Result<Read<CertificateRuleRecord>> {
        self.open.read(self.view, self.open.system(), &place::certificate_rule(key)?)
    }

    /// Writes or removes such a record, which was read at `revision`, and names it in the entry of
    /// this request.
    pub(crate) fn put_certificate_rule(
        &mut self,
        key: &str,
        revision: u64,
        record: Option<&CertificateRuleRecord>,
    ) -> Result<()> {
        self.made.push(record::id_of(key).to_owned());
        let place = place::certificate_rule(key)?;
        match record {
            Some(record) => self.put(place::system_account()?, place, revision, record),
            None => {
                self.remove(place, revision);
                Ok(())
            }
        }
    }

    /// Has the entry of this request say a name besides.
    pub(crate) fn note_name(&mut self, name: String) {
        self.made.push(name);
    }

    /// How many rules there are for an authority of this name, in DER, that begin with this name of
    /// a holder; more than may be are not counted.
    pub(crate) fn certificate_rules_alike(
        &self,
        authority: &[u8],
        first: Option<&HolderName>,
    ) -> Result<usize> {
        let beginning = format!("{}/{}", record::authority(authority), record::first(first));
        Ok(self.rules_scanned(&beginning)?.len())
    }

    /// The rules for certificates that an authority of this name, in DER, issued to a holder of
    /// these names: all that begin with one of them or with none.
    pub(crate) fn certificate_rules(
        &self,
        authority: &[u8],
        names: &[HolderName],
    ) -> Result<Vec<CertificateRuleRecord>> {
        let authority = record::authority(authority);
        let mut rules = Vec::new();
        // For most authorities that strangers name there is none at all.
        if self.scan(&place::certificate_rules(&authority), None, 1)?.is_empty() {
            return Ok(rules);
        }
        for first in names.iter().map(Some).chain([None]) {
            let found = self.rules_scanned(&format!("{authority}/{}", record::first(first)))?;
            if found.len() > limits::CERTIFICATE_RULES_ALIKE_MAX {
                // What is not looked at may name another principal.
                return Err(Error::Unauthenticated(Unauthenticated::Ambiguous));
            }
            for record in &found {
                rules.push(open::unseal(self.open.system(), record)?);
            }
        }
        Ok(rules)
    }

    /// Those whose keys begin so, and one more than may be at most.
    fn rules_scanned(&self, beginning: &str) -> Result<Vec<store::Record>> {
        let most = limits::CERTIFICATE_RULES_ALIKE_MAX + 1;
        self.scan(&place::certificate_rules(beginning), None, most)
    }
}
