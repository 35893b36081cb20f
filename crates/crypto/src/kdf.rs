//! Key derivation: SP 800-108 in counter mode, and HKDF.

use model::{Error, Result, algorithm::Hash};

use crate::{
    mac::PreparedKey,
    raw::{self, Wiped},
};

/// Every purpose that a key is derived for, in one place: equal labels under one key would give
/// equal keys. At most 30 bytes, so that a derivation hashes one block.
pub mod label {
    /// A message of an `Envelope` key.
    pub const MESSAGE_KEY: &[u8] = b"strongroom message 1";
    /// An account's keys, under the root key.
    pub const ACCOUNT_KEYS: &[u8] = b"strongroom account keys 1";
    /// Key material, under an account's sealing key.
    pub const MATERIAL: &[u8] = b"strongroom material 1";
    /// A record, under an account's record key.
    pub const RECORD: &[u8] = b"strongroom record 1";
    /// A secret that is no key of a caller's (an access key's), under an account's sealing key.
    pub const SECRET: &[u8] = b"strongroom secret 1";
    /// What a session's token holds, under an account's sealing key.
    pub const SESSION: &[u8] = b"strongroom session 1";
    /// A session's secret, under an account's sealing key.
    pub const SESSION_SECRET: &[u8] = b"strongroom session secret 1";
    /// What a value is found by in an index, under an account's record key.
    pub const INDEX: &[u8] = b"strongroom index 1";
    /// The audit log's signing key, under the root key.
    pub const LOG_KEY: &[u8] = b"strongroom log key 1";
    /// A certificate's private key, under the root key.
    pub const CERTIFICATE_KEY: &[u8] = b"strongroom certificate key 1";
    /// The root key, under an unseal source's wrapping key.
    pub const UNSEAL_ROOT: &[u8] = b"strongroom unseal root 1";
    /// An unseal source's wrapping key, under the root key.
    pub const UNSEAL_WRAPPING: &[u8] = b"strongroom unseal wrapping 1";
    /// A file's key and nonce prefix, under a data key.
    pub const FILE: &[u8] = b"strongroom file 1";

    /// All of them.
    pub const ALL: &[&[u8]] = &[
        MESSAGE_KEY,
        ACCOUNT_KEYS,
        MATERIAL,
        RECORD,
        SECRET,
        SESSION,
        SESSION_SECRET,
        INDEX,
        LOG_KEY,
        CERTIFICATE_KEY,
        UNSEAL_ROOT,
        UNSEAL_WRAPPING,
        FILE,
    ];
}

/// SP 800-108r1, 4.1, HMAC-SHA-256, 32-bit counter before the fixed input
/// `Label || 0x00 || Context || L`, `L` the length of `out` in bits as 32 bits.
pub fn kbkdf(key: &[u8], label: &[u8], context: &[u8], out: &mut [u8]) -> Result<()> {
    crate::state::ready()?;
    let bits = (out.len() as u32).wrapping_mul(8).to_be_bytes();
    counter_mode(Hash::Sha256, key, &[label, &[0], context, &bits].concat(), out);
    Ok(())
}

/// The same with another hash and a fixed input that is given.
pub(crate) fn counter_mode(hash: Hash, key: &[u8], fixed: &[u8], out: &mut [u8]) {
    let mut input = [&[0; 4], fixed].concat();
    for (i, block) in (1_u32..).zip(out.chunks_mut(hash.digest_len())) {
        input[..4].copy_from_slice(&i.to_be_bytes());
        let mut code = Wiped::<64>::zeroed();
        raw::hmac(hash, key, &input, &mut code.0[..hash.digest_len()]);
        block.copy_from_slice(&code.0[..block.len()]);
    }
}

/// Runs `work` with the key and IV of one message: [`kbkdf`] of 44 bytes with a 16-byte
/// context, from a prepared key of HMAC-SHA-256 and without the heap.
pub(crate) fn with_message_key<T>(
    key: &PreparedKey,
    label: &[u8],
    nonce: &[u8; 16],
    work: impl FnOnce(&[u8; 32], &[u8; 12]) -> Result<T>,
) -> Result<T> {
    const BITS: [u8; 4] = (44_u32 * 8).to_be_bytes();
    let mut input = [0; 55];
    let len = 4 + label.len() + 1 + nonce.len() + BITS.len();
    let fixed = input.get_mut(4..len).ok_or(Error::Internal("a label is too long"))?;
    fixed[..label.len()].copy_from_slice(label);
    fixed[label.len() + 1..][..16].copy_from_slice(nonce);
    fixed[label.len() + 17..].copy_from_slice(&BITS);
    let mut again = input;
    (input[3], again[3]) = (1, 2);
    let mut derived = Wiped::<64>::zeroed();
    key.codes(&[&input[..len], &again[..len]], &mut derived.0);
    match (derived.0.first_chunk(), derived.0[32..].first_chunk()) {
        (Some(key), Some(iv)) => work(key, iv),
        _ => Err(Error::Internal("a message key is too short")),
    }
}

/// HKDF (RFC 5869), extract and expand. Fails when `out` is longer than 255 digests.
pub fn hkdf(hash: Hash, salt: &[u8], secret: &[u8], info: &[u8], out: &mut [u8]) -> Result<()> {
    crate::state::ready()?;
    raw::hkdf(hash, salt, secret, info, out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_distinct_and_leave_a_derivation_one_block() {
        for (i, label) in label::ALL.iter().enumerate() {
            assert!(label.len() <= 30);
            assert!(!label::ALL[..i].contains(label));
        }
    }

    #[test]
    fn the_quick_derivation_is_the_general_one() {
        crate::test_start();
        let (key, nonce) = ([7; 32], [9; 16]);
        let mut out = [0; 44];
        kbkdf(&key, label::MESSAGE_KEY, &nonce, &mut out).unwrap();
        let prepared = PreparedKey::new(Hash::Sha256, &key).unwrap();
        let same = with_message_key(&prepared, label::MESSAGE_KEY, &nonce, |key, iv| {
            Ok((&key[..], &iv[..]) == out.split_at(32))
        });
        assert_eq!(same, Ok(true));
    }

    #[test]
    fn nist_counter_mode() {
        use crate::vectors::{parse, report};
        let vectors = parse(include_str!("../../../vectors/cavp/kbkdf.txt"));
        for vector in &vectors {
            let known = vector.bytes("out");
            let mut out = vec![0; known.len()];
            counter_mode(Hash::Sha256, &vector.bytes("key"), &vector.bytes("fixed"), &mut out);
            assert_eq!(out, known);
        }
        report("SP 800-108 KDF", vectors.len(), 40);
    }

    #[test]
    fn it_agrees_with_the_librarys_own_derivation() {
        crate::test_start();
        use aws_lc_rs::kdf::{
            KbkdfCtrHmacAlgorithmId, get_kbkdf_ctr_hmac_algorithm, kbkdf_ctr_hmac,
        };
        let id = KbkdfCtrHmacAlgorithmId::Sha256;
        let algorithm = get_kbkdf_ctr_hmac_algorithm(id).unwrap();
        for len in [1, 32, 33, 100] {
            let (mut ours, mut theirs) = (vec![0; len], vec![0; len]);
            kbkdf(&[3; 32], b"label", b"context", &mut ours).unwrap();
            let mut info = b"label\0context".to_vec();
            info.extend_from_slice(&(len as u32 * 8).to_be_bytes());
            kbkdf_ctr_hmac(algorithm, &[3; 32], &info, &mut theirs).unwrap();
            assert_eq!(ours, theirs);
        }
    }
}
