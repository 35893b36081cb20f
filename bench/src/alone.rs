//! Signing without a door: what the cryptographic module alone costs.

use std::{thread, time::Duration};

use crypto::{Loaded, RootKey};
use model::{
    At, Wall,
    algorithm::{KeySpec, KeyUsage, MessageType, SigningAlgorithm},
    key::{Cryptoperiod, HeldKey, Life, Version, Versions},
    material::{Content, KeyOrigin},
    name::{KeyId, ObjectName},
    object::Kind,
    time::Trust,
};

use crate::{load::now, process::thread_cpu_ns};

const AT: At = At { wall: Wall::from_secs(1), monotonic_ms: 1, trust: Trust::Steady };
/// Signatures between two looks at the clock.
const BATCH: u32 = 8;

/// A key of its own, in this process.
pub(crate) struct Alone {
    held: HeldKey,
    loaded: Loaded,
    algorithm: SigningAlgorithm,
}

impl Alone {
    /// The counterpart of an operation of `subject::OPERATIONS`; `None` unless it signs.
    pub(crate) fn of(name: &str) -> Result<Option<Self>, String> {
        let (spec, algorithm) = match name {
            "SignRsa2048" => (KeySpec::Rsa2048, SigningAlgorithm::RsaPssSha256),
            "SignP256" => (KeySpec::P256, SigningAlgorithm::EcdsaSha256),
            "SignEd25519" => (KeySpec::Ed25519, SigningAlgorithm::Ed25519),
            "SignMlDsa65" => (KeySpec::MlDsa65, SigningAlgorithm::MlDsa),
            _ => return Ok(None),
        };
        Self::new(spec, algorithm).map(Some).map_err(|error| format!("{name}: {error:?}"))
    }

    fn new(spec: KeySpec, algorithm: SigningAlgorithm) -> model::Result<Self> {
        let account = "111122223333".parse()?;
        let (keys, _) = RootKey::generate()?.new_account(account)?;
        let new = keys.generate(account, spec)?;
        let loaded = keys.load(account, spec, new.material, &new.sealed)?;
        let version = Version {
            number: 1,
            material: new.material,
            life: Life::active_from(Wall(0)),
            created: AT.wall,
            content: Content::held(new.sealed, None),
            rotated: None,
            description: None,
            public: new.public,
        };
        let id = KeyId::from_random([7; 16]);
        let held = HeldKey {
            name: ObjectName { account, region: "us-east-1".parse()?, id },
            kind: Kind::PrivateKey,
            spec: spec.into(),
            purposes: KeyUsage::SignVerify.purposes(),
            created: AT.wall,
            suspended: false,
            deletion: None,
            origin: KeyOrigin::Internal,
            schedule: None,
            period: Cryptoperiod::default(),
            versions: Versions::first(version),
        };
        Ok(Self { held, loaded, algorithm })
    }

    /// Processor time a signature, in microseconds: signs for as long as `span`, on every core at
    /// once, as a server under load does; cores may share what is behind them.
    pub(crate) fn cpu_us(&self, span: Duration) -> Result<f64, String> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            let threads: Vec<_> =
                (0..cores).map(|_| scope.spawn(|| self.cpu_us_of_thread(span))).collect();
            let mut sum = 0.0;
            for thread in threads {
                sum += thread.join().map_err(|_| "a signing thread died".to_owned())??;
            }
            Ok(sum / cores as f64)
        })
    }

    fn cpu_us_of_thread(&self, span: Duration) -> Result<f64, String> {
        let (started, before) = (now(), thread_cpu_ns());
        let mut signatures = 0;
        while started.elapsed() < span {
            for _ in 0..BATCH {
                let usable = self.held.usable(AT).map_err(|why| format!("{why:?}"))?;
                let (algorithm, kind) = (self.algorithm, MessageType::Raw);
                crypto::sign::sign(usable, &self.loaded, algorithm, kind, &[7; 64])
                    .map_err(|error| format!("{error:?}"))?;
            }
            signatures += BATCH;
        }
        Ok((thread_cpu_ns() - before) / f64::from(signatures) / 1000.0)
    }
}
