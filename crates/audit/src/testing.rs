//! What the tests of this crate share: a key that two processes can hold, entries, and a
//! generator of repeatable numbers.

use std::{net::Ipv4Addr, path::Path, sync::Once, time::Duration};

use crypto::{RootKey, log_key::LogKey};
use model::{
    Action, Sealed, Secret, Wall,
    claim::{Door, RequestId},
};

use crate::{Entry, Log, Options, Outcome, VerifierKey};

pub(crate) const ORIGIN: &str = "strongroom.test/audit";

/// Starts the cryptographic module.
pub(crate) fn started() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        crypto::start(crypto::Options::default()).unwrap();
    });
}

/// The key of a test, which can be given to several logs and processes.
pub(crate) struct TestKey(Vec<u8>);

impl TestKey {
    fn root() -> RootKey {
        RootKey::from_share_bytes(1, &Secret::new(vec![7; 32])).unwrap()
    }

    pub(crate) fn new() -> Self {
        started();
        let sealed = Self::root().seal_log_key(&LogKey::generate().unwrap()).unwrap();
        Self(sealed.into_bytes())
    }

    /// From what `bytes` gave, in another process.
    pub(crate) fn of_bytes(bytes: Vec<u8>) -> Self {
        started();
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn key(&self) -> LogKey {
        Self::root().open_log_key(&Sealed::assertion(self.0.clone())).unwrap()
    }

    pub(crate) fn verifier(&self) -> VerifierKey {
        VerifierKey::new(ORIGIN, self.key().public()).unwrap()
    }

    pub(crate) fn create(&self, dir: &Path) -> Log {
        Log::create(dir, self.key(), ORIGIN, options()).unwrap()
    }

    pub(crate) fn open(&self, dir: &Path) -> (Log, crate::Recovered) {
        Log::open(dir, self.key(), ORIGIN, options()).unwrap()
    }

    /// A log of `count` entries, closed.
    pub(crate) fn filled(&self, dir: &Path, count: u64) {
        let log = self.create(dir);
        for i in 0..count {
            log.append(&entry(i)).unwrap();
        }
        log.close().unwrap();
    }
}

/// Small and quick, so that tests cross the borders of segments.
pub(crate) fn options() -> Options {
    Options {
        sync_interval: Duration::from_millis(5),
        checkpoint_interval: Duration::from_millis(20),
        segment_bytes: 64 << 10,
    }
}

/// The `i`th entry; its id tells which it is.
pub(crate) fn entry(i: u64) -> Entry {
    let mut id = [0; 16];
    id[8..].copy_from_slice(&i.to_be_bytes());
    Entry {
        id,
        time: Wall(1_700_000_000_000 + i),
        account: "111122223333".parse().ok(),
        principal: Some("arn:aws:iam::111122223333:user/alice".into()),
        door: Door::Aws,
        source: Ipv4Addr::new(192, 0, 2, 1).into(),
        action: Action::Encrypt,
        resources: vec![format!("key/{i}")],
        context: vec![("purpose".into(), "test".into())],
        outcome: if i.is_multiple_of(3) {
            Outcome::Denied("policy".into())
        } else {
            Outcome::Allowed
        },
        request: RequestId([9; 16]),
    }
}

/// A generator of numbers that are the same in each run (xorshift64*).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// Copies a folder with all that is in it.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for item in std::fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        let target = to.join(item.file_name());
        if item.file_type().unwrap().is_dir() {
            copy_folder(&item.path(), &target);
        } else {
            std::fs::copy(item.path(), target).unwrap();
        }
    }
}
