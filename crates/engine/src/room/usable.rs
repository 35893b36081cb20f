//! May this key be used like this, now? Every use of a key passes here, after policy has said yes.

use model::{
    Action, Error, Result, Usable,
    algorithm::{Algorithm, KeySpec, KeyUsage, Spec},
    algorithm_policy::{Subject, Way},
    key::Direction,
};

use super::Room;
use crate::object::KeyObject;

impl Room<'_> {
    /// The current version of a key, if the key is made for `algorithm`, may be used in direction
    /// `D` now, and the algorithm policy allows both.
    pub(crate) fn usable<'k, D: Direction>(
        &self,
        key: &'k KeyObject,
        action: Action,
        algorithm: Algorithm,
    ) -> Result<Usable<'k, D>> {
        let usage = match algorithm {
            Algorithm::Encryption(_) => KeyUsage::EncryptDecrypt,
            Algorithm::Signing(_) => KeyUsage::SignVerify,
            Algorithm::Mac(_) => KeyUsage::GenerateVerifyMac,
        };
        let usable = key.usable::<D>(action, usage, self.at)?;
        let spec = key.held()?.spec;
        if !is_able(spec, algorithm) {
            return Err(Error::WrongAlgorithm { spec, algorithm });
        }
        let way = if D::PROTECTS { Way::Protect } else { Way::Process };
        if let Spec::Key(spec) = spec {
            self.allowed(Subject::Key(spec), way)?;
        }
        self.allowed(Subject::Use(algorithm), way)?;
        Ok(usable)
    }

    /// Whether keys of a spec may be made.
    pub(crate) fn makeable(&self, spec: KeySpec) -> Result<()> {
        self.allowed(Subject::Key(spec), Way::Protect)
    }

    /// Whether objects of a spec may be made or brought.
    pub(crate) fn spec_makeable(&self, spec: Spec) -> Result<()> {
        match spec {
            Spec::Key(spec) => self.makeable(spec),
            // The policy for raw keys comes with their ciphers.
            Spec::Raw(_) | Spec::Stored => Ok(()),
        }
    }

    fn allowed(&self, subject: Subject, way: Way) -> Result<()> {
        let profile = self.engine.algorithms();
        if profile.allows(subject, way, self.at) {
            Ok(())
        } else {
            Err(Error::Disallowed { subject, way, profile })
        }
    }
}

/// Whether keys of a spec can do an algorithm at all.
fn is_able(spec: Spec, algorithm: Algorithm) -> bool {
    match algorithm {
        Algorithm::Encryption(algorithm) => spec.encryption_algorithms().contains(&algorithm),
        Algorithm::Signing(algorithm) => spec.signing_algorithms().contains(&algorithm),
        Algorithm::Mac(hash) => spec.mac_hash() == Some(hash),
    }
}
