//! May this key be used like this, now? Every use of a key passes here, after policy has said yes.

use model::{
    Action, Error, Key, Obstacle, Result, Usable,
    algorithm::{Algorithm, KeySpec, KeyUsage, RawSpec, Spec},
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
        let usage = match algorithm {
            Algorithm::Encryption(_) => KeyUsage::EncryptDecrypt,
            Algorithm::Signing(_) => KeyUsage::SignVerify,
            Algorithm::Mac(_) => KeyUsage::GenerateVerifyMac,
            // How users of other protocols apply objects: see `usable_for`.
            Algorithm::Cipher(_)
            | Algorithm::Wrapping(_)
            | Algorithm::Oaep(_)
            | Algorithm::Signature(_)
            | Algorithm::Mask(_) => {
                let spec = key.held()?.spec;
                return Err(Error::WrongAlgorithm { spec, algorithm });
            }
        };
        let usable = key.usable::<D>(action, usage, self.at)?;
        self.applicable::<D>(key.held()?.spec, &[algorithm])?;
        Ok(usable)
    }

    /// The current version of an object, if it is for all of `purposes`, may be used in direction
    /// `D` now, can do all of `algorithms`, and the algorithm policy allows it and them.
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
            let key = held.name.clone();
            return Err(Error::WrongUsage { key, usage: held.usage(), action });
        }
        let usable = held.usable::<D>(self.at).map_err(|obstacle| object.wrong_state(obstacle))?;
        self.applicable::<D>(held.spec, algorithms)?;
        Ok(usable)
    }

    /// Whether objects of a spec can do all of `algorithms`, and may.
    fn applicable<D: Direction>(&self, spec: Spec, algorithms: &[Algorithm]) -> Result<()> {
        let unable = algorithms.iter().find(|algorithm| !is_able(spec, **algorithm));
        if let Some(&algorithm) = unable {
            return Err(Error::WrongAlgorithm { spec, algorithm });
        }
        let way = if D::PROTECTS { Way::Protect } else { Way::Process };
        match spec {
            Spec::Key(spec) => self.allowed(Subject::Key(spec), way)?,
            Spec::Raw(spec) => self.allowed(Subject::Raw(spec), way)?,
            Spec::Stored => {}
        }
        algorithms.iter().try_for_each(|it| self.allowed(Subject::Use(*it), way))
    }

    /// Whether keys of a spec may be made.
    pub(crate) fn makeable(&self, spec: KeySpec) -> Result<()> {
        self.allowed(Subject::Key(spec), Way::Protect)
    }

    /// Whether objects of a spec may be made or brought.
    pub(crate) fn spec_makeable(&self, spec: Spec) -> Result<()> {
        match spec {
            Spec::Key(spec) => self.makeable(spec),
            Spec::Raw(spec) => self.allowed(Subject::Raw(spec), Way::Protect),
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
        // An AES key is one for HMAC too when its user says so: some protocols have it like that.
        Algorithm::Mac(hash) => spec.mac_hash() == Some(hash) || is_raw_aes(spec),
        Algorithm::Cipher(mode) => match spec {
            Spec::Raw(spec) => crypto::cipher::iv_len(spec, mode).is_some(),
            Spec::Key(_) | Spec::Stored => false,
        },
        Algorithm::Wrapping(_) => is_raw_aes(spec),
        Algorithm::Oaep(_) => is_rsa(spec),
        Algorithm::Mask(_) => is_rsa(spec),
        Algorithm::Signature(_) => !spec.is_symmetric() && !spec.signing_algorithms().is_empty(),
    }
}

fn is_raw_aes(spec: Spec) -> bool {
    matches!(spec, Spec::Raw(RawSpec::Aes128 | RawSpec::Aes192 | RawSpec::Aes256))
}

fn is_rsa(spec: Spec) -> bool {
    spec.key().is_some_and(KeySpec::has_primes)
}
