//! May this key be used like this, now? Every use of a key passes here, after policy has said yes.

use model::{
    Action, Error, Key, Obstacle, Result, Usable,
    algorithm::{
        Algorithm,
        KeySpec::{self, P256, P384, P521},
        KeyUsage, Spec,
    },
    algorithm_policy::{Subject, Way},
    key::Direction,
    object::Purposes,
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
        let spec = key.held()?.spec;
        let incapable = Error::WrongAlgorithm { spec, algorithm };
        let usage = match algorithm {
            Algorithm::Encryption(_) => KeyUsage::EncryptDecrypt,
            Algorithm::Signing(_) => KeyUsage::SignVerify,
            Algorithm::Mac(_) => KeyUsage::GenerateVerifyMac,
            Algorithm::Agreement => KeyUsage::KeyAgreement,
            Algorithm::Encapsulation => KeyUsage::EncapsulateDecapsulate,
            // Ways that users choose are for `usable_for`.
            Algorithm::Cipher(_)
            | Algorithm::Wrapping(_)
            | Algorithm::Oaep(_)
            | Algorithm::Signature(_)
            | Algorithm::Mask(_) => return Err(incapable),
        };
        let usable = key.usable::<D>(action, usage, self.at)?;
        if !is_able(spec, algorithm) {
            return Err(incapable);
        }
        let way = if D::PROTECTS { Way::Protect } else { Way::Process };
        self.allowed_spec(spec, way)?;
        self.allowed(Subject::Use(algorithm), way)?;
        Ok(usable)
    }

    /// The current version of an object, if it is for `purposes`, may be used in direction `D` now,
    /// and the algorithm policy allows its spec and all of `algorithms`. Whether its spec can do
    /// them is for the cryptographic module to say, but that what is only stored does none.
    pub(crate) fn usable_for<'k, D: Direction>(
        &self,
        object: &'k KeyObject,
        action: Action,
        purposes: Purposes,
        algorithms: &[Algorithm],
    ) -> Result<Usable<'k, D>> {
        let Key::Held(held) = &object.record().key else {
            return Err(object.wrong_state(Obstacle::Destroyed));
        };
        object.online()?;
        if !held.purposes.allow(purposes) {
            let (key, usage) = (held.name.clone(), held.usage());
            return Err(Error::WrongUsage { key, usage, action });
        }
        let usable = held.usable::<D>(self.at).map_err(|it| object.wrong_state(it))?;
        if let (Spec::Stored, Some(&algorithm)) = (held.spec, algorithms.first()) {
            return Err(Error::WrongAlgorithm { spec: Spec::Stored, algorithm });
        }
        let way = if D::PROTECTS { Way::Protect } else { Way::Process };
        self.allowed_spec(held.spec, way)?;
        algorithms.iter().try_for_each(|it| self.allowed(Subject::Use(*it), way))?;
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
            spec => self.allowed_spec(spec, Way::Protect),
        }
    }

    fn allowed_spec(&self, spec: Spec, way: Way) -> Result<()> {
        match spec {
            Spec::Key(spec) => self.allowed(Subject::Key(spec), way),
            Spec::Raw(spec) => self.allowed(Subject::Raw(spec), way),
            Spec::Stored => Ok(()),
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
        // SP 800-56A is for NIST's curves. X25519 agrees where its users derive from it.
        Algorithm::Agreement => matches!(spec.key(), Some(P256 | P384 | P521)),
        Algorithm::Encapsulation => spec.usages().contains(&KeyUsage::EncapsulateDecapsulate),
        Algorithm::Cipher(_)
        | Algorithm::Wrapping(_)
        | Algorithm::Oaep(_)
        | Algorithm::Signature(_)
        | Algorithm::Mask(_) => false,
    }
}
