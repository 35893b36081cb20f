//! Where keys are, and where they are not, once they are loaded. One test, alone in its process,
//! because it counts slots and reads all of the process's memory.

#![expect(clippy::unwrap_used, reason = "what fails here is a failed test")]

mod rig;

use std::{
    fs,
    io::{Read, Seek, SeekFrom},
};

use crypto::{
    RootKey,
    cipher::{self, Decryption, Encryption},
    data_key, envelope, hmac_key, oaep,
    secmem::{self, Guarded, Protection},
    sign, wrap,
};
use model::{
    EncryptionContext, KeyId,
    algorithm::{EncryptionAlgorithm, KeySpec, MessageType, RawSpec, SigningAlgorithm, Spec},
    raw::{BlockPadding, Cipher, CipherMode, Wrapping},
};
use rig::{Key, Rig};

/// Bytes to look for, kept inverted so that looking does not find this copy.
struct Canary(Vec<u8>);

impl Canary {
    fn of(bytes: &[u8]) -> Self {
        Self(bytes.iter().map(|byte| !byte).collect())
    }

    /// Whether `memory` holds them, in this order or, as bignums are stored, the other.
    fn is_in(&self, memory: &[u8]) -> bool {
        memory.windows(self.0.len()).any(|window| {
            window.iter().zip(&self.0).all(|(byte, inverted)| *byte == !inverted)
                || window.iter().rev().zip(&self.0).all(|(byte, inverted)| *byte == !inverted)
        })
    }

    /// In how many of the process's mappings they are. Mappings that cannot be read this way
    /// (`memfd_secret` ones) do not count.
    fn sightings(&self) -> usize {
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        let mut memory = fs::File::open("/proc/self/mem").unwrap();
        let mut sightings = 0;
        for line in maps.lines().filter(|line| line.contains(" rw-p ")) {
            let range = line.split(' ').next().unwrap();
            let (from, to) = range.split_once('-').unwrap();
            let from = u64::from_str_radix(from, 16).unwrap();
            let to = u64::from_str_radix(to, 16).unwrap();
            let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
            let read =
                memory.seek(SeekFrom::Start(from)).is_ok() && memory.read_exact(&mut bytes).is_ok();
            sightings += usize::from(read && self.is_in(&bytes));
            // The copy may hold what was found.
            bytes.fill(0);
        }
        sightings
    }
}

/// Loads and uses a key; gives what to look for.
fn loaded(rig: &Rig, spec: Spec) -> (Key, Canary) {
    let (plain, canary) = if spec.is_symmetric() {
        let len = if spec == RawSpec::Tdes.into() { 24 } else { 32 };
        let plain = Guarded::random(len).unwrap();
        let canary = Canary::of(&plain.expose()[..16]);
        (plain, canary)
    } else {
        let pair = data_key::pair(spec.key().unwrap()).unwrap();
        let pkcs8 = pair.private_pkcs8.expose();
        // RSA's private exponent; the private scalar; the end of the seed.
        let at = match spec {
            Spec::Key(KeySpec::Rsa2048) => 400,
            Spec::Key(KeySpec::P256) => 40,
            _ => pkcs8.len() - 20,
        };
        (Guarded::copy_of(pkcs8).unwrap(), Canary::of(&pkcs8[at..at + 16]))
    };
    let new = rig.keys.import(rig.account, spec, &plain).unwrap();
    (rig.load(spec, new), canary)
}

fn used(key: &Key) {
    let (spec, message) = (key.loaded.spec(), b"message");
    for &algorithm in spec.signing_algorithms() {
        if algorithm != SigningAlgorithm::Ed25519Ph {
            sign::sign(key.protect(), &key.loaded, algorithm, MessageType::Raw, message).unwrap();
        }
    }
    if let Some(hash) = spec.mac_hash() {
        hmac_key::generate(key.protect(), &key.loaded, hash, message).unwrap();
    }
    if let Spec::Raw(spec) = spec {
        used_raw(key, spec);
    }
    if spec == KeySpec::Aes256.into() {
        let (id, context) = (KeyId([1; 16]), EncryptionContext::default());
        let made = envelope::encrypt(key.protect(), &key.loaded, id, &context, message).unwrap();
        envelope::decrypt(key.process(), &key.loaded, id, &context, &made).unwrap();
    }
    if spec == KeySpec::Rsa2048.into() {
        let algorithm = EncryptionAlgorithm::OaepSha256;
        let made = oaep::encrypt(key.protect(), &key.loaded, algorithm, message).unwrap();
        oaep::decrypt(key.process(), &key.loaded, algorithm, &made).unwrap();
    }
}

/// Uses a raw key in every mode that it can do, at once and in pieces, and to wrap.
fn used_raw(key: &Key, spec: RawSpec) {
    let loaded = &key.loaded;
    for mode in CipherMode::ALL {
        let Some(iv_len) = cipher::iv_len(spec, mode) else { continue };
        let cipher = Cipher { mode, padding: BlockPadding::Pkcs7, tag_len: 16 };
        let iv = vec![7; iv_len];
        let mut text = Encryption::start(key.protect(), loaded, cipher, &iv, b"").unwrap();
        let mut made = text.update(key.protect(), b"some of it, ").unwrap();
        let last = text.finish(key.protect(), b"and the rest").unwrap();
        made.extend(last.ciphertext);
        let mut text = Decryption::start(key.process(), loaded, cipher, &iv, b"").unwrap();
        let first = text.update(key.process(), &made[..9]).unwrap();
        let rest = text.finish(key.process(), &made[9..], &last.tag).unwrap();
        assert_eq!([first.expose(), rest.expose()].concat(), b"some of it, and the rest");
        // One that is given up in the middle.
        Encryption::start(key.protect(), loaded, cipher, &iv, b"").unwrap();
    }
    if spec == RawSpec::Aes256 {
        let by = Wrapping::KeyWrap;
        let wrapped = wrap::wrap_by(key.protect(), loaded, by, &[1; 32]).unwrap();
        wrap::unwrap_by(key.process(), loaded, by, &wrapped).unwrap();
    }
}

fn a_full_slab_refuses_and_recovers(rig: &Rig) {
    let sealed = rig.keys.generate(rig.account, KeySpec::Rsa2048).unwrap();
    let load = || rig.keys.load(rig.account, KeySpec::Rsa2048, sealed.material, &sealed.sealed);
    let before = secmem::counters();
    let mut held = Vec::new();
    for len in [32768, 8192, 2048, 512, 128, 32] {
        while let Ok(slot) = Guarded::filled(len, |_| Ok(())) {
            held.push(slot);
        }
    }
    let full = Some(model::Error::Unavailable(model::error::Unavailable::SecretMemory));
    // Each time a little more is free, so that it runs out at another place.
    while load().err() == full {
        assert!(held.pop().is_some(), "an empty slab is not full");
    }
    assert!(load().is_ok());
    drop(held);
    assert_eq!(secmem::counters(), before);
}

#[test]
fn loaded_keys_are_in_secret_memory_only_and_leave_nothing() {
    let rig = Rig::new();
    let protection = crypto::status().map(|status| status.protection);
    println!("secret memory: {protection:?}");
    let specs: [Spec; 11] = [
        KeySpec::Aes256.into(),
        KeySpec::Hmac256.into(),
        KeySpec::Rsa2048.into(),
        KeySpec::P256.into(),
        KeySpec::Ed25519.into(),
        KeySpec::MlDsa65.into(),
        RawSpec::Aes256.into(),
        RawSpec::Tdes.into(),
        RawSpec::ChaCha20.into(),
        RawSpec::ChaCha20Poly1305.into(),
        RawSpec::HmacSha3_256.into(),
    ];
    // Once through, so that what the library keeps for each thread is there.
    for spec in specs {
        used(&loaded(&rig, spec).0);
    }
    for spec in specs {
        let before = secmem::counters();
        let (key, canary) = loaded(&rig, spec);
        used(&key);
        assert!(secmem::counters().slots > before.slots, "{spec:?} is in the slab");
        assert!(spec.is_symmetric() || !key.public().is_empty());
        if protection == Some(Protection::MemfdSecret) {
            assert_eq!(canary.sightings(), 0, "{spec:?} is elsewhere too");
        }
        drop(key);
        assert_eq!(secmem::counters(), before, "{spec:?} is gone from the slab");
    }
    let root = RootKey::generate().unwrap();
    let canary = Canary::of(&root.export_for_unseal_source().unwrap().expose()[..16]);
    root.new_account(rig.account).unwrap();
    if protection == Some(Protection::MemfdSecret) {
        assert_eq!(canary.sightings(), 0, "the root key is elsewhere too");
    }
    a_full_slab_refuses_and_recovers(&rig);
    // The control: the same search finds bytes that are in ordinary memory.
    let live: Vec<u8> = (0..16_u8).map(|i| i.wrapping_mul(37) ^ 0x5c).collect();
    assert!(Canary::of(&live).sightings() > 0, "the search is blind");
    drop(live);
}
