//! A full secret memory: whoever needs room gets it from keys that are only kept ready. In a
//! process of its own, whose secret memory is the smallest there may be.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../proofs/house.rs"]
#[expect(dead_code, reason = "the proofs use more of it")]
mod house;

use std::sync::{Mutex, MutexGuard, PoisonError};

use engine::{KeyRef, op};
use model::{
    At,
    algorithm::{KeySpec, KeyUsage, MessageType, SigningAlgorithm},
    time::Trust,
};

use crate::house::{House, NOW, encrypt, house};

/// The smallest that may be configured.
const BYTES: usize = 1 << 20;

/// A house that has secret memory for itself.
fn alone() -> (House, MutexGuard<'static, ()>) {
    static ALONE: Mutex<()> = Mutex::new(());
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    crypto::start(crypto::Options { secret_memory_bytes: BYTES }).unwrap();
    (house(), alone)
}

fn sign(house: &House, key: &KeyRef, algorithm: SigningAlgorithm) {
    let message = b"message".to_vec();
    let sign = op::Sign { key: key.clone(), algorithm, message_type: MessageType::Raw, message };
    house.call(&house.admin(), sign).unwrap();
}

fn used() -> usize {
    let counters = crypto::secmem::counters();
    assert_eq!(counters.bytes_total, BYTES);
    counters.bytes_used
}

#[test]
fn more_keys_are_used_than_secret_memory_holds() {
    let (house, _alone) = alone();
    let before = used();
    let pair = || house.create(KeySpec::MlDsa87, KeyUsage::SignVerify);
    let keys: Vec<_> = (0..100).map(|_| pair()).collect();
    let mut most = 0;
    for _ in 0..2 {
        for key in &keys {
            sign(&house, key, SigningAlgorithm::MlDsa);
            most = most.max(used());
        }
    }
    let evictions = house.engine.key_cache_counters()[2];
    assert_eq!(evictions.0, "strongroom_key_cache_evictions_total");
    assert!(evictions.1 > 20 && most > BYTES / 2, "{evictions:?}, {before} to {most} bytes");
    // Keys of other sizes, whose pieces are larger and smaller.
    let rsa = house.create(KeySpec::Rsa2048, KeyUsage::SignVerify);
    sign(&house, &rsa, SigningAlgorithm::RsaPssSha256);
    let small: Vec<_> =
        (0..50).map(|_| house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt)).collect();
    for key in &small {
        house.call(&house.admin(), encrypt(key, b"plain")).unwrap();
    }
    sign(&house, &rsa, SigningAlgorithm::RsaPssSha256);
}

#[test]
fn what_nobody_uses_leaves_secret_memory_at_its_age() {
    let (house, _alone) = alone();
    let before = used();
    let keys = (0..10).map(|_| house.create(KeySpec::MlDsa87, KeyUsage::SignVerify));
    keys.for_each(|key| sign(&house, &key, SigningAlgorithm::MlDsa));
    let full = used();
    assert!(full > before + 10 * 4096, "{before} to {full}");
    let later = |ms| At { wall: NOW, monotonic_ms: NOW.0 + ms, trust: Trust::Steady };
    house.engine.expire(later(300_000));
    assert_eq!(used(), full);
    house.engine.expire(later(300_001));
    assert!(used() <= before, "{} of {full}", used());
}
