//! Objects are used as their users say, and no more than they may be.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    thread,
};

use engine::{By, Caller, KeyRef, Mode, StreamId, op};
use model::{
    EncryptionContext, Error, Obstacle, Secret,
    algorithm::{EncryptionAlgorithm, Hash, KeySpec, KeyUsage, MessageType, RawSpec, Spec},
    error::{Invalid, Unauthentic},
    key::Life,
    object::{Form, Kind, Label, LimitUnit, Purposes, Revocation, UsageLimit},
    raw::{BlockPadding, Cipher, CipherMode, Oaep, SignatureScheme},
};

use crate::house::{ALL, House, NOW, OFFLOADED, account, by_id, create, engine_on, house, region};

const BOTH: Purposes = Purposes::ENCRYPT.and(Purposes::DECRYPT);

fn draft(purposes: Purposes) -> op::Draft {
    op::Draft { purposes, life: Life::active_from(NOW), ..op::Draft::default() }
}

fn bytes(hex: &str) -> Vec<u8> {
    let digit = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(digit).collect()
}

fn register(house: &House, spec: RawSpec, key: &str, draft: op::Draft) -> KeyRef {
    let registered = house.call(
        &house.admin(),
        op::RegisterObject {
            account: account(),
            region: region(),
            id: None,
            replaces: false,
            kind: Kind::SymmetricKey,
            material: op::RegisteredMaterial::Raw(spec, Secret::new(bytes(key))),
            draft,
        },
    );
    by_id(&registered.unwrap().name)
}

fn how<T: Clone + Send + Sync + 'static>(is: T) -> op::How<T> {
    Box::new(move |_, _| Ok(is.clone()))
}

fn cipher(mode: CipherMode, padding: BlockPadding) -> op::EncryptionScheme {
    let cipher = Cipher { mode, padding, tag_len: 16 };
    op::EncryptionScheme::Cipher { cipher, draws_iv: false, iv_len: None }
}

fn encrypt_with(
    key: &KeyRef,
    scheme: op::EncryptionScheme,
    part: op::Part,
    text: &[u8],
) -> op::EncryptWith {
    op::EncryptWith {
        object: key.clone(),
        how: how(scheme),
        part,
        plaintext: Secret::new(text.to_vec()),
        iv: None,
        aad: Vec::new(),
    }
}

fn decrypt_with(key: &KeyRef, scheme: op::EncryptionScheme, text: &[u8]) -> op::DecryptWith {
    op::DecryptWith {
        object: key.clone(),
        how: how(scheme),
        part: op::Part::Whole,
        ciphertext: text.to_vec(),
        iv: None,
        aad: Vec::new(),
        tag: None,
    }
}

fn plaintext(of: Result<op::DecryptedWith, Error>) -> Result<Vec<u8>, Error> {
    of.map(|done| done.plaintext.map_or_else(Vec::new, |text| text.expose().to_vec()))
}

/// Test case 5 of "The Galois/Counter Mode of Operation" (McGrew, Viega).
const GCM: [&str; 6] = [
    "feffe9928665731c6d6a8f9467308308",
    "cafebabefacedbad",
    "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
     1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    "61353b4c2806934a777ff51fa22a4755699b2a714fcdc6f83766e5f97b6c7423\
     73806900e49f24b22b097544d4896b424989b5e1ebac0f07c23f4598",
    "3612d2e79e3b0785561be14aaca2fccb",
];

fn gcm() -> op::EncryptionScheme {
    cipher(CipherMode::Gcm, BlockPadding::None)
}

#[test]
fn a_raw_key_gives_the_published_answer_whole_and_in_parts() {
    let (house, [key, iv, aad, text, ciphertext, tag]) = (house(), GCM);
    let (admin, key) = (house.admin(), register(&house, RawSpec::Aes128, key, draft(BOTH)));
    let (text, ciphertext) = (bytes(text), bytes(ciphertext));
    let begun = |part, text: &[u8]| op::EncryptWith {
        iv: Some(bytes(iv)),
        aad: bytes(aad),
        ..encrypt_with(&key, gcm(), part, text)
    };
    let whole = house.call(&admin, begun(op::Part::Whole, &text)).unwrap();
    assert_eq!((&whole.ciphertext, whole.tag), (&ciphertext, Some(bytes(tag))));
    assert_eq!((whole.iv, whole.stream), (None, None));
    let first = house.call(&admin, begun(op::Part::First, &text[..32])).unwrap();
    assert_eq!((&first.ciphertext[..], first.tag), (&ciphertext[..32], None));
    let part = op::Part::Last(first.stream.unwrap());
    let last = house.call(&admin, encrypt_with(&key, gcm(), part, &text[32..])).unwrap();
    assert_eq!((&last.ciphertext[..], last.tag), (&ciphertext[32..], Some(bytes(tag))));
    assert_eq!(last.stream, None);
    let decrypt = |tag: Vec<u8>, text: &[u8]| {
        plaintext(house.call(
            &admin,
            op::DecryptWith {
                iv: Some(bytes(iv)),
                aad: bytes(aad),
                tag: Some(tag),
                ..decrypt_with(&key, gcm(), text)
            },
        ))
    };
    assert_eq!(decrypt(bytes(tag), &ciphertext), Ok(text));
    let forged = Err(Error::NotAuthentic(Unauthentic::Ciphertext));
    assert_eq!(decrypt(vec![0; 16], &ciphertext), forged);
    assert_eq!(decrypt(bytes(tag), &ciphertext[1..]), forged);
}

#[test]
fn a_ciphertext_in_parts_is_decrypted_at_its_end() {
    let (house, [key, iv, aad, text, ciphertext, tag]) = (house(), GCM);
    let (admin, key) = (house.admin(), register(&house, RawSpec::Aes128, key, draft(BOTH)));
    let ciphertext = bytes(ciphertext);
    let (head, rest) = ciphertext.split_at(7);
    let first = house.call(
        &admin,
        op::DecryptWith {
            part: op::Part::First,
            iv: Some(bytes(iv)),
            aad: bytes(aad),
            ..decrypt_with(&key, gcm(), head)
        },
    );
    let first = first.unwrap();
    assert!(first.plaintext.is_none());
    let part = op::Part::Last(first.stream.unwrap());
    let tag = Some(bytes(tag));
    let last = op::DecryptWith { part, tag, ..decrypt_with(&key, gcm(), rest) };
    assert_eq!(plaintext(house.call(&admin, last)), Ok(bytes(text)));
    let again = op::DecryptWith { part, ..decrypt_with(&key, gcm(), rest) };
    assert_eq!(plaintext(house.call(&admin, again)), Err(Error::Invalid(Invalid::Stream)));
}

#[test]
fn a_vector_is_drawn_when_it_is_to_be_and_missed_when_it_is_not() {
    let house = house();
    let (admin, key) = (house.admin(), register(&house, RawSpec::Aes128, GCM[0], draft(BOTH)));
    let cbc = || cipher(CipherMode::Cbc, BlockPadding::Pkcs7);
    let missing = Error::Invalid(Invalid::Missing("the initialisation vector"));
    let without = encrypt_with(&key, cbc(), op::Part::Whole, b"text");
    assert_eq!(house.call(&admin, without).map(drop), Err(missing.clone()));
    let draws = match cbc() {
        op::EncryptionScheme::Cipher { cipher, .. } => {
            op::EncryptionScheme::Cipher { cipher, draws_iv: true, iv_len: None }
        }
        other => other,
    };
    let made = house.call(&admin, encrypt_with(&key, draws, op::Part::Whole, b"text")).unwrap();
    let iv = made.iv.unwrap();
    assert_eq!((iv.len(), made.tag), (16, None));
    let decrypt = |iv| {
        let decrypt = decrypt_with(&key, cbc(), &made.ciphertext);
        plaintext(house.call(&admin, op::DecryptWith { iv, ..decrypt }))
    };
    assert_eq!(decrypt(Some(iv)), Ok(b"text".to_vec()));
    assert_eq!(decrypt(None), Err(missing));
}

#[test]
fn what_one_door_encrypts_by_a_key_of_ours_the_other_decrypts() {
    let house = house();
    let (admin, key) = (house.admin(), house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt));
    let envelope = || op::EncryptionScheme::Envelope;
    let made = house.call(&admin, encrypt_with(&key, envelope(), op::Part::Whole, b"text"));
    let made = made.unwrap();
    assert_eq!((made.iv, made.tag), (None, None));
    let (algorithm, context) = (EncryptionAlgorithm::Envelope, EncryptionContext::default());
    let place = (account(), region());
    let ciphertext = made.ciphertext;
    let decrypt = op::Decrypt { key: None, place, algorithm, context, ciphertext };
    assert_eq!(house.call(&admin, decrypt).unwrap().plaintext.expose(), b"text");
    let context = EncryptionContext::default();
    let plain = Secret::new(b"text".to_vec());
    let encrypt = op::Encrypt { key: key.clone(), algorithm, context, plaintext: plain };
    let made = house.call(&admin, encrypt).unwrap();
    let decrypt = decrypt_with(&key, envelope(), &made.ciphertext);
    assert_eq!(plaintext(house.call(&admin, decrypt)), Ok(b"text".to_vec()));
    let bound = op::EncryptWith {
        aad: vec![1],
        ..encrypt_with(&key, envelope(), op::Part::Whole, b"text")
    };
    assert!(matches!(house.call(&admin, bound), Err(Error::Invalid(_))));
}

#[test]
fn a_key_does_what_it_is_for_while_its_state_allows_it() {
    let house = house();
    let admin = house.admin();
    let ecb = || cipher(CipherMode::Ecb, BlockPadding::None);
    // FIPS 197, appendix C.1.
    let (key, text) = ("000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff");
    let ciphertext = bytes("69c4e0d86a7b0430d8cdb78070b4c55a");
    let encrypt = |key: &KeyRef| {
        house
            .call(&admin, encrypt_with(key, ecb(), op::Part::Whole, &bytes(text)))
            .map(|made| made.ciphertext)
    };
    let decrypt =
        |key: &KeyRef| plaintext(house.call(&admin, decrypt_with(key, ecb(), &ciphertext)));
    let only_decrypts = register(&house, RawSpec::Aes128, key, draft(Purposes::DECRYPT));
    assert!(matches!(encrypt(&only_decrypts), Err(Error::WrongUsage { .. })));
    assert_eq!(decrypt(&only_decrypts), Ok(bytes(text)));
    let key = register(&house, RawSpec::Aes128, key, draft(BOTH));
    assert_eq!(encrypt(&key), Ok(ciphertext.clone()));
    let revocation = Revocation { reason: 1, message: None };
    let revoke = op::RevokeObject { object: key.clone(), revocation, compromised: None };
    house.call(&admin, revoke).unwrap();
    let stands = |outcome: Result<Vec<u8>, Error>| match outcome {
        Err(Error::WrongState { obstacle, .. }) => Some(obstacle),
        _ => None,
    };
    assert_eq!(stands(encrypt(&key)), Some(Obstacle::Deactivated));
    assert_eq!(decrypt(&key), Ok(bytes(text)));
    house.call(&admin, op::ArchiveObject { object: key.clone() }).unwrap();
    assert_eq!(stands(decrypt(&key)), Some(Obstacle::Archived));
    house.call(&admin, op::RecoverObject { object: key.clone() }).unwrap();
    house.call(&admin, op::DestroyObject { object: key.clone() }).unwrap();
    assert_eq!(stands(decrypt(&key)), Some(Obstacle::Destroyed));
}

fn pair(house: &House, spec: KeySpec, private: Purposes, public: Purposes) -> (KeyRef, KeyRef) {
    let made = house.call(
        &house.admin(),
        op::CreatePair {
            account: account(),
            region: region(),
            spec,
            private: draft(private),
            public: draft(public),
            forms: (Form::Pkcs8, Form::Spki),
        },
    );
    let made = made.unwrap();
    (by_id(&made.private.name), by_id(&made.public.name))
}

/// Signs by the first and verifies by the second.
fn sign_and_verify(
    house: &House,
    keys: &(KeyRef, KeyRef),
    signs: SignatureScheme,
    verifies: SignatureScheme,
) -> Result<(), Error> {
    let (part, kind, message) = (op::Part::Whole, MessageType::Raw, b"message".to_vec());
    let admin = house.admin();
    let (object, how_signs) = (keys.0.clone(), how(signs));
    let signed = house.call(
        &admin,
        op::SignWith { object, how: how_signs, part, kind, message: message.clone() },
    )?;
    let signature = signed.signature.unwrap();
    let (object, how) = (keys.1.clone(), how(verifies));
    house.call(&admin, op::VerifyWith { object, how, part, kind, message, signature }).map(drop)
}

#[test]
fn pairs_sign_and_encrypt_as_their_users_say() {
    let house = house();
    let (private, public) =
        (Purposes::SIGN.and(Purposes::DECRYPT), Purposes::VERIFY.and(Purposes::ENCRYPT));
    let rsa = pair(&house, KeySpec::Rsa2048, private, public);
    let pss = |hash, salt_len| SignatureScheme::Pss { hash, mask_hash: hash, salt_len };
    let (long, any) = (pss(Hash::Sha256, Some(222)), pss(Hash::Sha256, None));
    assert_eq!(sign_and_verify(&house, &rsa, long, any), Ok(()));
    assert_eq!(sign_and_verify(&house, &rsa, any, any), Ok(()));
    assert_eq!(sign_and_verify(&house, &rsa, any, pss(Hash::Sha256, Some(32))), Ok(()));
    let forged = Err(Error::NotAuthentic(Unauthentic::Signature));
    assert_eq!(sign_and_verify(&house, &rsa, long, pss(Hash::Sha256, Some(32))), forged);
    assert_eq!(sign_and_verify(&house, &rsa, any, pss(Hash::Sha1, None)), forged);
    let pkcs1 = SignatureScheme::Pkcs1(Hash::Sha512);
    assert_eq!(sign_and_verify(&house, &rsa, pkcs1, pkcs1), Ok(()));
    let curve = pair(&house, KeySpec::P256, private, public);
    let ecdsa = SignatureScheme::Ecdsa(Hash::Sha256);
    assert_eq!(sign_and_verify(&house, &curve, ecdsa, ecdsa), Ok(()));
    let edwards = pair(&house, KeySpec::Ed25519, private, public);
    let ed25519 = SignatureScheme::Ed25519;
    assert_eq!(sign_and_verify(&house, &edwards, ed25519, ed25519), Ok(()));
    assert!(sign_and_verify(&house, &edwards, ecdsa, ecdsa).is_err());
    // The private half is not for verifying.
    let alone = (rsa.0.clone(), rsa.0.clone());
    let refused = sign_and_verify(&house, &alone, pkcs1, pkcs1);
    assert!(matches!(refused, Err(Error::WrongUsage { .. })), "{refused:?}");
    let oaep = || {
        let (hash, mask_hash) = (Hash::Sha384, Hash::Sha256);
        op::EncryptionScheme::Oaep(Oaep { hash, mask_hash, label: b"label".to_vec() })
    };
    let (admin, whole) = (house.admin(), op::Part::Whole);
    let made = house.call(&admin, encrypt_with(&rsa.1, oaep(), whole, b"text")).unwrap();
    let decrypt = decrypt_with(&rsa.0, oaep(), &made.ciphertext);
    assert_eq!(plaintext(house.call(&admin, decrypt)), Ok(b"text".to_vec()));
}

fn code(house: &House, key: &KeyRef, part: op::Part, message: &[u8]) -> op::MacWith {
    let (object, how) = (key.clone(), how(Hash::Sha256));
    let made = house
        .call(&house.admin(), op::GenerateMacWith { object, how, part, message: message.to_vec() });
    made.unwrap()
}

#[test]
fn an_aes_key_makes_the_codes_of_its_bytes_and_a_code_may_come_in_parts() {
    let house = house();
    let codes = || draft(Purposes::MAC.and(Purposes::VERIFY_MAC));
    // RFC 4231, test case 2: the key is "Jefe".
    let jefe = register(&house, RawSpec::Hmac256, "4a656665", codes());
    let text = b"what do ya want for nothing?";
    let expected = bytes("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assert_eq!(code(&house, &jefe, op::Part::Whole, text).code, Some(expected.clone()));
    let first = code(&house, &jefe, op::Part::First, &text[..9]).stream.unwrap();
    assert_eq!(code(&house, &jefe, op::Part::Next(first), &text[9..20]).code, None);
    let last = code(&house, &jefe, op::Part::Last(first), &text[20..]);
    assert_eq!(last.code, Some(expected));
    let aes = register(&house, RawSpec::Aes128, GCM[0], codes());
    let same = register(&house, RawSpec::Hmac256, GCM[0], codes());
    let made = code(&house, &aes, op::Part::Whole, text).code.unwrap();
    assert_eq!(Some(&made), code(&house, &same, op::Part::Whole, text).code.as_ref());
    let verify = |code: Vec<u8>| {
        let (object, how, part) = (aes.clone(), how(Hash::Sha256), op::Part::Whole);
        let message = text.to_vec();
        let verify = op::VerifyMacWith { object, how, part, message, code };
        house.call(&house.admin(), verify).map(drop)
    };
    assert_eq!(verify(made.clone()), Ok(()));
    assert_eq!(verify(made[1..].to_vec()), Err(Error::NotAuthentic(Unauthentic::Mac)));
}

#[test]
fn a_hash_needs_no_key() {
    let house = house();
    let hash = |part, message: &[u8]| {
        let message = message.to_vec();
        let hash = op::HashMessage { hash: Hash::Sha256, part, message };
        house.call(&house.admin(), hash).unwrap()
    };
    // FIPS 180-2, appendix B.1.
    let abc = bytes("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(hash(op::Part::Whole, b"abc").digest, Some(abc.clone()));
    let id = hash(op::Part::First, b"a").stream.unwrap();
    assert_eq!(hash(op::Part::Last(id), b"bc").digest, Some(abc));
}

#[test]
fn only_who_began_a_text_goes_on_with_it_and_by_the_same_key() {
    let (house, [key, iv, ..]) = (house(), GCM);
    let admin = house.admin();
    let other = house.user("other", ALL);
    let keys = [(); 2].map(|()| register(&house, RawSpec::Aes128, key, draft(BOTH)));
    let first = encrypt_with(&keys[0], gcm(), op::Part::First, b"text");
    let first = house.call(&admin, op::EncryptWith { iv: Some(bytes(iv)), ..first }).unwrap();
    let go_on = |caller: &Caller, key: &KeyRef, id| {
        house.call(caller, encrypt_with(key, gcm(), op::Part::Next(id), b"text")).map(drop)
    };
    let (id, none) = (first.stream.unwrap(), Err(Error::Invalid(Invalid::Stream)));
    assert_eq!(go_on(&other, &keys[0], id), none);
    assert_eq!(go_on(&admin, &keys[1], id), none);
    assert_eq!(go_on(&admin, &keys[0], StreamId([0; 16])), none);
    assert_eq!(go_on(&admin, &keys[0], id), Ok(()));
    // A key that may not be used any more stops the text.
    house.call(&admin, op::ArchiveObject { object: keys[0].clone() }).unwrap();
    assert!(matches!(go_on(&admin, &keys[0], id), Err(Error::WrongState { .. })));
    // What the text has by now is gone with the root key.
    house.call(&admin, op::RecoverObject { object: keys[0].clone() }).unwrap();
    house.engine.seal();
    house.unseal();
    assert_eq!(go_on(&house.admin(), &keys[0], id), none);
}

#[test]
fn a_key_at_hand_is_used_where_the_request_is() {
    let house = house();
    let limited = op::Draft {
        usage_limit: Some(UsageLimit { total: 1000, unit: LimitUnit::Calls }),
        ..draft(BOTH)
    };
    for draft in [draft(BOTH), limited] {
        let key = register(&house, RawSpec::Aes128, GCM[0], draft);
        let offloaded = |len| {
            let before = OFFLOADED.get();
            let ecb = cipher(CipherMode::Ecb, BlockPadding::None);
            let encrypt = encrypt_with(&key, ecb, op::Part::Whole, &vec![0; len]);
            house.perform(&house.admin(), encrypt, Mode::Run).unwrap();
            OFFLOADED.get() - before
        };
        assert_eq!([offloaded(16), offloaded(16), offloaded(1 << 20)], [1, 0, 1]);
    }
}

fn limited(house: &House, total: u64, unit: LimitUnit) -> KeyRef {
    let usage_limit = Some(UsageLimit { total, unit });
    register(house, RawSpec::Aes128, GCM[0], op::Draft { usage_limit, ..draft(BOTH) })
}

fn protect(house: &House, caller: &Caller, key: &KeyRef, len: usize) -> Result<(), Error> {
    let ecb = cipher(CipherMode::Ecb, BlockPadding::None);
    house.call(caller, encrypt_with(key, ecb, op::Part::Whole, &vec![0; len])).map(drop)
}

fn left(house: &House, key: &KeyRef) -> u64 {
    let read = op::ReadObject { object: key.clone() };
    house.call(&house.admin(), read).unwrap().usage_left.unwrap()
}

fn is_used_up(outcome: &Result<(), Error>) -> bool {
    matches!(outcome, Err(Error::WrongState { obstacle: Obstacle::LimitReached, .. }))
}

#[test]
fn a_limited_key_protects_what_it_may_and_processes_on() {
    let house = house();
    let admin = house.admin();
    let key = limited(&house, 32, LimitUnit::Bytes);
    assert_eq!(protect(&house, &admin, &key, 16), Ok(()));
    assert_eq!(left(&house, &key), 16);
    assert!(is_used_up(&protect(&house, &admin, &key, 32)));
    // What fails uses nothing.
    assert!(protect(&house, &admin, &key, 15).is_err());
    assert_eq!(left(&house, &key), 16);
    assert_eq!(protect(&house, &admin, &key, 16), Ok(()));
    assert!(is_used_up(&protect(&house, &admin, &key, 16)));
    assert_eq!(left(&house, &key), 0);
    let decrypt = decrypt_with(&key, cipher(CipherMode::Ecb, BlockPadding::None), &[0; 16]);
    assert!(house.call(&admin, decrypt).is_ok());
}

#[test]
fn what_is_allocated_is_used() {
    let house = house();
    let admin = house.admin();
    let key = limited(&house, 10, LimitUnit::Calls);
    let allocate = |units| {
        let allocate = op::AllocateUsage { object: key.clone(), units };
        house.call(&admin, allocate).map(|view| view.usage_left)
    };
    assert_eq!(allocate(9), Ok(Some(1)));
    assert!(is_used_up(&allocate(2).map(drop)));
    let check = |units| {
        let (object, purposes) = (key.clone(), Some(Purposes::ENCRYPT));
        let check = op::CheckObject { object, purposes, units: Some(units), lease_secs: Some(1) };
        house.call(&admin, check).map(|checked| (checked.units, checked.lease_secs)).unwrap()
    };
    assert_eq!(check(1), (None, None));
    assert_eq!(check(2), (Some(1), None));
    assert_eq!(protect(&house, &admin, &key, 16), Ok(()));
    assert!(is_used_up(&protect(&house, &admin, &key, 16)));
}

/// Has a block be set aside of which nothing is used.
fn fail_to_protect(house: &House, key: &KeyRef) {
    assert!(matches!(protect(house, &house.admin(), key, 15), Err(Error::Invalid(_))));
}

fn change_limit(house: &House, key: &KeyRef, total: u64) -> Result<Option<u64>, Error> {
    let limit = UsageLimit { total, unit: LimitUnit::Calls };
    let changes = vec![op::Change::UsageLimit(Some(limit))];
    let change = op::ChangeObject { object: key.clone(), changes };
    house.call(&house.admin(), change).map(|view| view.usage_left)
}

#[test]
fn what_was_set_aside_under_one_limit_is_worth_nothing_under_another() {
    let house = house();
    let key = limited(&house, 16_000, LimitUnit::Calls);
    fail_to_protect(&house, &key);
    assert_eq!(change_limit(&house, &key, 1), Ok(Some(1)));
    assert_eq!(left(&house, &key), 1);
    // And nothing when the first limit comes back.
    assert_eq!(change_limit(&house, &key, 160), Ok(Some(160)));
    fail_to_protect(&house, &key);
    assert_eq!(change_limit(&house, &key, 1), Ok(Some(1)));
    assert_eq!(change_limit(&house, &key, 160), Ok(Some(160)));
    assert_eq!(protected_at_once(&house, &key, 160), 160);
    let refused = change_limit(&house, &key, 200).map(drop);
    assert!(is_used_up(&refused), "{refused:?}");
    assert_eq!(left(&house, &key), 0);
}

#[test]
fn a_change_of_a_limit_that_fails_takes_nothing_of_it() {
    let house = house();
    let key = limited(&house, 160, LimitUnit::Calls);
    fail_to_protect(&house, &key);
    let limit = UsageLimit { total: 1, unit: LimitUnit::Calls };
    let label = || op::Change::AddOnlyLabel(Label::NAME.to_owned(), vec![1]);
    let other = op::Draft { labels: vec![(Label::NAME.to_owned(), vec![1])], ..draft(BOTH) };
    register(&house, RawSpec::Aes128, GCM[0], other);
    let changes = vec![op::Change::UsageLimit(Some(limit)), label()];
    let change = op::ChangeObject { object: key.clone(), changes };
    assert!(matches!(house.call(&house.admin(), change), Err(Error::AlreadyExists(_))));
    assert_eq!(left(&house, &key), 160);
    assert_eq!(protected_at_once(&house, &key, 160), 160);
}

#[test]
fn what_was_set_aside_of_an_object_is_worth_nothing_for_what_replaces_it() {
    let house = house();
    let key = limited(&house, 16_000, LimitUnit::Calls);
    fail_to_protect(&house, &key);
    let By::Id(id) = key.by else { panic!("{key:?}") };
    for total in [1, 16] {
        let usage_limit = Some(UsageLimit { total, unit: LimitUnit::Calls });
        let replacement = op::RegisterObject {
            account: account(),
            region: region(),
            id: Some(id),
            replaces: true,
            kind: Kind::SymmetricKey,
            material: op::RegisteredMaterial::Raw(RawSpec::Aes128, Secret::new(bytes(GCM[0]))),
            draft: op::Draft { usage_limit, ..draft(BOTH) },
        };
        house.call(&house.admin(), replacement).unwrap();
        assert_eq!(left(&house, &key), total);
        assert_eq!(protected_at_once(&house, &key, 16), total);
    }
}

const LIMIT: u64 = 100;
const THREADS: u64 = 64;

/// How often a key protects when 64 threads try until it does not any more.
fn protected_at_once(house: &House, key: &KeyRef, most: u64) -> u64 {
    let done = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let caller = house.admin();
                for _ in 0..most {
                    match protect(house, &caller, key, 16) {
                        Ok(()) => drop(done.fetch_add(1, SeqCst)),
                        outcome => {
                            assert!(is_used_up(&outcome), "{outcome:?}");
                            break;
                        }
                    }
                }
            });
        }
    });
    done.into_inner()
}

/// How often it is tried.
const ROUNDS: u32 = 50;

#[test]
fn a_limit_is_exact_under_64_threads() {
    let house = house();
    for _ in 0..ROUNDS {
        let key = limited(&house, LIMIT, LimitUnit::Calls);
        assert_eq!(protected_at_once(&house, &key, LIMIT), LIMIT);
        assert_eq!(left(&house, &key), 0);
    }
}

#[test]
fn a_crash_forfeits_what_is_set_aside_and_gives_nothing_back() {
    let mut house = house();
    let key = limited(&house, 1000, LimitUnit::Calls);
    let mut sum = 0;
    for _ in 0..5 {
        sum += protected_at_once(&house, &key, 1);
        let before = left(&house, &key);
        assert!(sum + before <= 1000);
        let House { engine, store, folder, key_file, access } = house;
        drop(engine);
        let engine = engine_on(store.clone(), &folder);
        house = House { engine, store: Arc::clone(&store), folder, key_file, access };
        house.unseal();
        let after = left(&house, &key);
        assert!(after <= before && before - after <= 1000 / 16, "{before} {after}");
    }
    assert_eq!(sum, 5 * THREADS);
    sum += protected_at_once(&house, &key, 1000);
    assert!(sum <= 1000 && sum > 1000 / 2, "{sum}");
    assert_eq!(left(&house, &key), 0);
}

#[test]
fn a_key_is_asked_before_it_is_used() {
    let house = house();
    let key = house.call(&house.admin(), create(KeySpec::Aes256, KeyUsage::EncryptDecrypt));
    let key = by_id(&key.unwrap().name);
    let nobody = house.user_with("nobody", &[]);
    let encrypt = encrypt_with(&key, op::EncryptionScheme::Envelope, op::Part::Whole, b"text");
    assert!(matches!(house.call(&nobody, encrypt), Err(Error::Denied(_))));
    let (part, message) = (op::Part::Whole, b"abc".to_vec());
    let hash = op::HashMessage { hash: Hash::Sha256, part, message };
    assert!(matches!(house.call(&nobody, hash), Err(Error::Denied(_))));
    // What a key cannot do is refused by its spec.
    let gcm = op::EncryptWith {
        iv: Some(vec![0; 12]),
        ..encrypt_with(&key, gcm(), op::Part::Whole, b"text")
    };
    let refused = house.call(&house.admin(), gcm).map(drop);
    let is_ours = |spec| matches!(spec, Spec::Key(KeySpec::Aes256));
    assert!(
        matches!(refused, Err(Error::WrongAlgorithm { spec, .. }) if is_ours(spec)),
        "{refused:?}"
    );
}
