//! The record of an issuer of tokens.

use model::{
    Wall,
    canon::{Canonical, Malformed, Reader, Writer},
    token::TokenAlgorithm,
};

use super::{read_form, write_form};

/// An issuer: the keys that its tokens are signed with, and for whom they must be.
#[derive(Clone, Debug)]
pub(crate) struct IssuerRecord {
    /// When it was registered.
    pub(crate) registered: Wall,
    /// The audiences that its tokens may be for.
    pub(crate) audiences: Vec<String>,
    /// Its keys.
    pub(crate) keys: Vec<RecordedKey>,
}

/// A public key of an issuer.
#[derive(Clone, Debug)]
pub(crate) struct RecordedKey {
    /// What its tokens call it.
    pub(crate) id: Option<String>,
    /// What it signs with.
    pub(crate) algorithm: TokenAlgorithm,
    /// A DER SubjectPublicKeyInfo.
    pub(crate) spki: Vec<u8>,
}

impl Canonical for IssuerRecord {
    fn write(&self, to: &mut Writer) {
        write_form(to);
        to.u64(self.registered.0);
        to.list(&self.audiences, |to, audience| to.text(audience));
        to.list(&self.keys, |to, key| {
            to.option(key.id.as_deref(), Writer::text);
            to.u8(match key.algorithm {
                TokenAlgorithm::Rs256 => 1,
                TokenAlgorithm::Es256 => 2,
            });
            to.bytes(&key.spki);
        });
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        read_form(from)?;
        let registered = Wall(from.u64()?);
        let audiences = from.list(|from| from.text().map(str::to_owned))?;
        let keys = from.list(|from| {
            Ok(RecordedKey {
                id: from.option(|from| from.text().map(str::to_owned))?,
                algorithm: match from.u8()? {
                    1 => TokenAlgorithm::Rs256,
                    2 => TokenAlgorithm::Es256,
                    _ => return Err(Malformed),
                },
                spki: from.bytes()?.to_vec(),
            })
        })?;
        Ok(Self { registered, audiences, keys })
    }
}
