//! Client certificates in the store. Like access keys they belong to the server as a whole: who
//! shows one has not said yet of which account it is.

use model::Result;

use super::Room;
use crate::{open::Read, place, record::CertificateRecord};

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
}
