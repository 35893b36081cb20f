//! An account with keys in it, and the proofs that they may be used.

use crypto::{AccountKeys, Loaded, NewMaterial, Options, RootKey};
use model::{
    AccountId, At, Process, Protect, Usable, Wall,
    algorithm::Spec,
    key::{Cryptoperiod, HeldKey, Life, Version, Versions},
    material::KeyOrigin,
    name::{KeyId, ObjectName},
    object::{Kind, Purposes},
    time::Trust,
};

/// The account's keys, under a root key that is gone.
pub(crate) struct Rig {
    pub(crate) account: AccountId,
    pub(crate) keys: AccountKeys,
}

/// A key that is loaded, with its record.
pub(crate) struct Key {
    pub(crate) held: HeldKey,
    pub(crate) loaded: Loaded,
}

impl Rig {
    pub(crate) fn new() -> Self {
        crypto::start(Options::default()).expect("the module starts");
        let account = "111122223333".parse().expect("an account id");
        let root = RootKey::generate().expect("a root key");
        let (keys, _) = root.new_account(account).expect("account keys");
        Self { account, keys }
    }

    pub(crate) fn load(&self, spec: impl Into<Spec>, new: NewMaterial) -> Key {
        let spec = spec.into();
        let loaded = self.keys.load(self.account, spec, new.material, &new.sealed);
        self.hold(spec, new, loaded.expect("sealed material loads"))
    }

    /// A key in the state of an active one.
    pub(crate) fn hold(&self, spec: Spec, new: NewMaterial, loaded: Loaded) -> Key {
        let version = Version {
            number: 1,
            material: new.material,
            life: Life::active_from(Wall(0)),
            created: Wall(0),
            content: new.sealed.into(),
            public: new.public,
            rotated: None,
            description: None,
        };
        let region = "eu-west-1".parse().expect("a region");
        let id = KeyId::from_random([7; 16]);
        let held = HeldKey {
            name: ObjectName { account: self.account, region, id },
            kind: if spec.is_symmetric() { Kind::SymmetricKey } else { Kind::PrivateKey },
            spec,
            purposes: spec.usages().first().map_or(Purposes::NONE, |usage| usage.purposes()),
            created: Wall(0),
            suspended: false,
            deletion: None,
            period: Cryptoperiod::default(),
            origin: KeyOrigin::Internal,
            schedule: None,
            versions: Versions::first(version),
        };
        let key = Key { held, loaded };
        if !spec.is_symmetric() {
            let public = key.loaded.public_spki().expect("the module works");
            assert_eq!(public.as_deref(), Some(key.public()), "one public key");
        }
        key
    }
}

pub(crate) const NOW: At = At { wall: Wall(1), monotonic_ms: 1, trust: Trust::Steady };

impl Key {
    pub(crate) fn protect(&self) -> Usable<'_, Protect> {
        self.held.usable(NOW).expect("an active key protects")
    }

    pub(crate) fn process(&self) -> Usable<'_, Process> {
        self.held.usable(NOW).expect("an active key processes")
    }

    pub(crate) fn public(&self) -> &[u8] {
        self.held.versions.current().public.as_deref().expect("a public key")
    }
}
