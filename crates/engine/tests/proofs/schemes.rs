//! A condition on the algorithm holds for every verb that uses a key, also where only the key, or
//! the first part of a text, says which algorithm it is.

use engine::{Caller, KeyRef, op};
use model::{
    EncryptionContext, Error, Secret,
    algorithm::{EncryptionAlgorithm, Hash, KeySpec, KeyUsage, MessageType, SigningAlgorithm},
    raw::{BlockPadding, Cipher, CipherMode, Derivation, Oaep, SignatureScheme, Wrapping},
};

use crate::{
    house::{ALL, House, account, by_id, house, region},
    kin::derive,
    stage::{
        MESSAGE, allow_by_name,
        objects::{EVERYTHING, active, brought, new_raw},
        policy_with,
    },
};

const SIGNING: &str = "kms:SigningAlgorithm";
const ENCRYPTION: &str = "kms:EncryptionAlgorithm";
const MAC: &str = "kms:MacAlgorithm";
const MESSAGE_TYPE: &str = "kms:MessageType";

/// A statement about `actions`, if a test of a condition key holds.
fn statement(effect: &str, actions: &str, test: &str, key: &str, value: &str) -> String {
    format!(
        r#"{{"Effect":"{effect}","Action":[{actions}],"Resource":"*",
            "Condition":{{"{test}":{{"{key}":"{value}"}}}}}}"#
    )
}

fn policy(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

/// A key policy that leaves it to the account, but denies one thing to everybody.
fn denying(key: &str, value: &str) -> String {
    let deny = statement("Deny", r#""*""#, "StringEquals", key, value);
    let deny = deny.replacen('{', r#"{"Principal":"*","#, 1);
    policy_with(&format!(",{},{deny}", allow_by_name("111122223333", "*")))
}

fn is_denied<T>(outcome: Result<T, Error>) -> bool {
    match outcome {
        // What is not authentic was tried.
        Ok(_) | Err(Error::NotAuthentic(_)) => false,
        Err(Error::Denied(_)) => true,
        Err(other) => panic!("{other:?}"),
    }
}

/// Conditions of `actions` on what `key` is: `attempt` says of each verb whether it is denied,
/// done in a way that is called `name`, or done in another.
fn hold(
    house: &House,
    (actions, key, name): (&str, &str, &str),
    attempt: &dyn Fn(&Caller, bool) -> Vec<bool>,
) {
    let user = |about: &str, own: &[&str]| {
        let name: String = format!("{about}-{key}-{name}").replace(':', "-").to_lowercase();
        house.user_with(&name, own)
    };
    let all_are = |denied: bool, caller: &Caller, so: bool, says: &str| {
        let outcomes = attempt(caller, so);
        assert!(outcomes.iter().all(|it| *it == denied), "{key} {name}: {says}: {outcomes:?}");
    };
    let deny = policy(&statement("Deny", actions, "StringEquals", key, name));
    let caller = user("denied", &[ALL, &deny]);
    all_are(true, &caller, true, "what is denied");
    all_are(false, &caller, false, "what is not denied");
    let deny = policy(&statement("Deny", actions, "StringNotEquals", key, name));
    let caller = user("but", &[ALL, &deny]);
    all_are(false, &caller, true, "what alone is not denied");
    all_are(true, &caller, false, "what is denied with the rest");
    let rest = format!(r#"{{"Effect":"Allow","NotAction":[{actions}],"Resource":"*"}}"#);
    let allow = statement("Allow", actions, "StringEquals", key, name);
    let caller = user("allowed", &[&policy(&format!("{rest},{allow}"))]);
    all_are(false, &caller, true, "what alone is allowed");
    all_are(true, &caller, false, "what is not allowed");
}

fn how<T: Clone + Send + Sync + 'static>(is: T) -> op::How<T> {
    Box::new(move |_, _| Ok(is.clone()))
}

type Signature = (Option<SigningAlgorithm>, SignatureScheme, MessageType);

/// Whether signing and verifying is denied by the verbs of the objects, and of the keys.
fn signatures(house: &House, by: &Caller, key: &KeyRef, signature: Signature) -> Vec<bool> {
    let (algorithm, scheme, kind) = signature;
    let message = match kind {
        MessageType::Digest => vec![7; scheme.hash().unwrap().digest_len()],
        _ => MESSAGE.to_vec(),
    };
    let (object, part, forged) = (key.clone(), op::Part::Whole, vec![0; 256]);
    let verify = op::VerifyWith {
        object: object.clone(),
        how: how(scheme),
        part,
        kind,
        message: message.clone(),
        signature: forged.clone(),
    };
    let sign = op::SignWith { object, how: how(scheme), part, kind, message: message.clone() };
    let mut denied = vec![is_denied(house.call(by, sign)), is_denied(house.call(by, verify))];
    if let Some(algorithm) = algorithm {
        let (key, message_type) = (key.clone(), kind);
        let verify = op::Verify {
            key: key.clone(),
            algorithm,
            message_type,
            message: message.clone(),
            signature: forged,
        };
        let sign = op::Sign { key, algorithm, message_type, message };
        denied.extend([is_denied(house.call(by, sign)), is_denied(house.call(by, verify))]);
    }
    denied
}

const SIGN: &str = r#""kms:Sign","kms:Verify""#;

fn pss(hash: Hash, salt_len: Option<usize>) -> SignatureScheme {
    SignatureScheme::Pss { hash, mask_hash: hash, salt_len }
}

#[test]
fn a_condition_on_a_signature_holds_for_every_verb() {
    use SigningAlgorithm::*;
    let house = house();
    let key = |spec| house.create(spec, KeyUsage::SignVerify);
    let (rsa, curve) = (key(KeySpec::Rsa2048), key(KeySpec::P256));
    let (edwards, lattice) = (key(KeySpec::Ed25519), key(KeySpec::MlDsa44));
    let raw = MessageType::Raw;
    let pkcs1 = (Some(RsaPkcs1Sha256), SignatureScheme::Pkcs1(Hash::Sha256), raw);
    let salted = (Some(RsaPssSha256), pss(Hash::Sha256, Some(32)), raw);
    let other_mask =
        SignatureScheme::Pss { hash: Hash::Sha256, mask_hash: Hash::Sha1, salt_len: Some(32) };
    let ecdsa = |algorithm, hash| (algorithm, SignatureScheme::Ecdsa(hash), raw);
    let p256 = ecdsa(Some(EcdsaSha256), Hash::Sha256);
    for (key, name, so, otherwise) in [
        (&rsa, "RSASSA_PKCS1_V1_5_SHA_256", pkcs1, salted),
        (&rsa, "RSASSA_PSS_SHA_256", salted, (None, pss(Hash::Sha256, Some(20)), raw)),
        (&rsa, "RSASSA_PSS_SHA_384", (None, pss(Hash::Sha384, None), raw), pkcs1),
        (&rsa, "RSASSA_PSS_SHA_512", (None, pss(Hash::Sha512, None), raw), (None, other_mask, raw)),
        (&rsa, "SIGNATURE_WITH_SHA_256", (None, other_mask, raw), salted),
        (&curve, "ECDSA_SHA_256", p256, ecdsa(None, Hash::Sha384)),
        (&curve, "SIGNATURE_WITH_SHA_224", ecdsa(None, Hash::Sha224), p256),
    ] {
        hold(&house, (SIGN, SIGNING, name), &|by, is_so| {
            signatures(&house, by, key, if is_so { so } else { otherwise })
        });
    }
    for (key, name, signature) in [
        (&edwards, "ED25519_SHA_512", (Some(Ed25519), SignatureScheme::Ed25519, raw)),
        (&lattice, "ML_DSA_SHAKE_256", (Some(MlDsa), SignatureScheme::MlDsa, raw)),
    ] {
        hold(&house, (SIGN, SIGNING, name), &|by, is_so| match is_so {
            true => signatures(&house, by, key, signature),
            false => signatures(&house, by, &curve, p256),
        });
    }
    hold(&house, (SIGN, MESSAGE_TYPE, "DIGEST"), &|by, is_so| {
        let kind = if is_so { MessageType::Digest } else { raw };
        signatures(&house, by, &curve, (p256.0, p256.1, kind))
    });
}

/// Whether encrypting and decrypting is denied, likewise.
fn encryptions(
    house: &House,
    by: &Caller,
    key: &KeyRef,
    (algorithm, scheme): (Option<EncryptionAlgorithm>, op::EncryptionScheme),
) -> Vec<bool> {
    let (plaintext, forged) = (|| Secret::new(vec![7; 16]), || vec![0; 256]);
    let (part, iv, aad) = (op::Part::Whole, None, Vec::new());
    let decrypt = op::DecryptWith {
        object: key.clone(),
        how: how(scheme.clone()),
        part,
        ciphertext: forged(),
        iv: iv.clone(),
        aad: aad.clone(),
        tag: None,
    };
    let (object, how) = (key.clone(), how(scheme));
    let encrypt = op::EncryptWith { object, how, part, plaintext: plaintext(), iv, aad };
    let mut denied = vec![is_denied(house.call(by, encrypt)), is_denied(house.call(by, decrypt))];
    if let Some(algorithm) = algorithm {
        let context = EncryptionContext::default();
        let decrypt = op::Decrypt {
            key: Some(key.clone()),
            place: (account(), region()),
            algorithm,
            context: context.clone(),
            ciphertext: forged(),
        };
        let (key, plaintext) = (key.clone(), plaintext());
        let encrypt = op::Encrypt { key, algorithm, context, plaintext };
        denied.extend([is_denied(house.call(by, encrypt)), is_denied(house.call(by, decrypt))]);
    }
    denied
}

fn raw_key(house: &House) -> KeyRef {
    by_id(&house.call(&house.admin(), new_raw(active(EVERYTHING))).unwrap().name)
}

fn in_mode(mode: CipherMode) -> Cipher {
    Cipher { mode, padding: BlockPadding::None, tag_len: 16 }
}

fn cipher(mode: CipherMode) -> op::EncryptionScheme {
    op::EncryptionScheme::Cipher { cipher: in_mode(mode), draws_iv: true, iv_len: None }
}

const ENCRYPT: &str = r#""kms:Encrypt","kms:Decrypt""#;

#[test]
fn a_condition_on_an_encryption_holds_for_every_verb() {
    use EncryptionAlgorithm::*;
    let house = house();
    let key = |spec| house.create(spec, KeyUsage::EncryptDecrypt);
    let (rsa, ours, raw) = (key(KeySpec::Rsa2048), key(KeySpec::Aes256), raw_key(&house));
    let plain = |hash| op::EncryptionScheme::Oaep(Oaep::plain(hash));
    let labelled = op::EncryptionScheme::Oaep(Oaep { label: vec![1], ..Oaep::plain(Hash::Sha256) });
    let (sha1, sha256) =
        ((Some(OaepSha1), plain(Hash::Sha1)), (Some(OaepSha256), plain(Hash::Sha256)));
    for (name, so, otherwise) in [
        ("RSAES_OAEP_SHA_1", &sha1, &sha256),
        ("RSAES_OAEP_SHA_256", &sha256, &(None, plain(Hash::Sha384))),
    ] {
        hold(&house, (ENCRYPT, ENCRYPTION, name), &|by, is_so| {
            encryptions(&house, by, &rsa, if is_so { so } else { otherwise }.clone())
        });
    }
    let is_labelled_denied =
        |by: &Caller| is_denied(encrypt_once(&house, by, &rsa, labelled.clone()));
    let deny = |name| policy(&statement("Deny", ENCRYPT, "StringEquals", ENCRYPTION, name));
    assert!(is_labelled_denied(&house.user_with("labels", &[ALL, &deny("OAEP_WITH_SHA_256")])));
    assert!(!is_labelled_denied(&house.user_with("plain", &[ALL, &deny("RSAES_OAEP_SHA_256")])));
    hold(&house, (ENCRYPT, ENCRYPTION, "SYMMETRIC_DEFAULT"), &|by, is_so| match is_so {
        true => encryptions(&house, by, &ours, (Some(Envelope), op::EncryptionScheme::Envelope)),
        false => encryptions(&house, by, &rsa, sha256.clone()),
    });
    hold(&house, (ENCRYPT, ENCRYPTION, "RAW_ECB"), &|by, is_so| match is_so {
        true => encryptions(&house, by, &raw, (None, cipher(CipherMode::Ecb))),
        false => vec![is_denied(encrypt_once(&house, by, &raw, cipher(CipherMode::Gcm)))],
    });
}

fn encrypt_once(
    house: &House,
    by: &Caller,
    key: &KeyRef,
    scheme: op::EncryptionScheme,
) -> Result<op::EncryptedWith, Error> {
    house.call(by, encrypt_part(key, scheme, op::Part::Whole))
}

fn encrypt_part(key: &KeyRef, scheme: op::EncryptionScheme, part: op::Part) -> op::EncryptWith {
    let (object, plaintext) = (key.clone(), Secret::new(vec![7; 16]));
    op::EncryptWith { object, how: how(scheme), part, plaintext, iv: None, aad: Vec::new() }
}

#[test]
fn a_condition_on_a_code_holds_for_every_verb() {
    let house = house();
    let (ours, raw) =
        (house.create(KeySpec::Hmac256, KeyUsage::GenerateVerifyMac), raw_key(&house));
    let attempt = |by: &Caller, key: &KeyRef, hash: Hash| {
        let (object, part, message) = (key.clone(), op::Part::Whole, MESSAGE.to_vec());
        let (make, code) = (message.clone(), vec![0; hash.digest_len()]);
        let verify =
            op::VerifyMacWith { object: object.clone(), how: how(hash), part, message, code };
        let make = op::GenerateMacWith { object, how: how(hash), part, message: make };
        vec![is_denied(house.call(by, make)), is_denied(house.call(by, verify))]
    };
    let actions = r#""kms:GenerateMac","kms:VerifyMac""#;
    hold(&house, (actions, MAC, "HMAC_SHA_256"), &|by, is_so| {
        if !is_so {
            return attempt(by, &raw, Hash::Sha512);
        }
        let (hash, message, code) = (Hash::Sha256, MESSAGE.to_vec(), vec![0; 32]);
        let make = op::GenerateMac { key: ours.clone(), hash, message: message.clone() };
        let verify = op::VerifyMac { key: ours.clone(), hash, message, code };
        let by_keys = [is_denied(house.call(by, make)), is_denied(house.call(by, verify))];
        let by_objects = [attempt(by, &ours, hash), attempt(by, &raw, hash)].concat();
        [by_objects, by_keys.to_vec()].concat()
    });
}

#[test]
fn a_condition_on_how_material_is_wrapped_or_derived_holds() {
    let house = house();
    let (object, by_key) = (raw_key(&house), raw_key(&house));
    hold(&house, (r#""strongroom:WrapKey""#, ENCRYPTION, "AES_KW"), &|by, is_so| {
        let wrapping = if is_so { Wrapping::KeyWrap } else { Wrapping::KeyWrapPadded };
        let (object, by_key, method) =
            (object.clone(), by_key.clone(), op::WrapMethod::Aes(wrapping));
        let dress: op::Dress = Box::new(|_, _, bare| Ok(bare));
        let wrap =
            op::WrapMaterial { object, wanted: op::Wanted::default(), by: by_key, method, dress };
        vec![is_denied(house.call(by, wrap))]
    });
    hold(&house, (r#""strongroom:UnwrapKey""#, ENCRYPTION, "AES_KWP"), &|by, is_so| {
        let method = if is_so { Wrapping::KeyWrapPadded } else { Wrapping::KeyWrap };
        let (by_key, bytes, method) = (object.clone(), vec![7; 24], op::WrapMethod::Aes(method));
        let undress: op::Undress = Box::new(|_| Err(Error::Internal("not authentic")));
        let wrapped = op::Wrapped { by: by_key, method, bytes, undress };
        let material = op::RegisteredMaterial::Wrapped(wrapped);
        let draft = op::Draft::default();
        let register = op::RegisterObject { material, ..brought(b"", draft) };
        vec![is_denied(house.call(by, register))]
    });
    let ecb = || Derivation::Encrypt { cipher: in_mode(CipherMode::Ecb), iv: Vec::new() };
    let mac = || Derivation::Hmac(Hash::Sha256);
    let action = r#""strongroom:DeriveObject""#;
    let attempt = |by: &Caller, derivation| {
        let data = Some(Secret::new(vec![7; 16]));
        let derive = op::DeriveObject { data, ..derive(&object, derivation, 16) };
        vec![is_denied(house.call(by, derive))]
    };
    hold(&house, (action, ENCRYPTION, "RAW_ECB"), &|by, is_so| {
        attempt(by, if is_so { ecb() } else { mac() })
    });
    hold(&house, (action, MAC, "HMAC_SHA_256"), &|by, is_so| {
        attempt(by, if is_so { mac() } else { ecb() })
    });
}

#[test]
fn a_key_policy_denies_an_algorithm_to_every_verb() {
    let house = house();
    let key = house.create(KeySpec::Rsa2048, KeyUsage::SignVerify);
    let policy = denying(SIGNING, "RSASSA_PKCS1_V1_5_SHA_256");
    put(&house, &key, policy);
    let attempt = |algorithm, scheme| {
        signatures(&house, &house.admin(), &key, (Some(algorithm), scheme, MessageType::Raw))
    };
    let pkcs1 = SignatureScheme::Pkcs1(Hash::Sha256);
    assert_eq!(attempt(SigningAlgorithm::RsaPkcs1Sha256, pkcs1), [true; 4]);
    let pss = pss(Hash::Sha256, None);
    assert_eq!(attempt(SigningAlgorithm::RsaPssSha256, pss), [false; 4]);
}

fn put(house: &House, key: &KeyRef, policy: String) {
    let put = op::PutKeyPolicy { key: key.clone(), policy, bypass_lockout_check: true };
    house.call(&house.admin(), put).unwrap();
}

#[test]
fn a_text_in_parts_is_what_its_first_part_said() {
    let house = house();
    let (admin, raw) = (house.admin(), raw_key(&house));
    let rsa = house.create(KeySpec::Rsa2048, KeyUsage::SignVerify);
    let pkcs1 = || SignatureScheme::Pkcs1(Hash::Sha256);
    let sign = |scheme, part| {
        let (object, kind, message) = (rsa.clone(), MessageType::Raw, MESSAGE.to_vec());
        let sign = op::SignWith { object, how: how(scheme), part, kind, message };
        house.call(&admin, sign).map(|done| done.stream)
    };
    let encrypt = |mode, part| {
        house.call(&admin, encrypt_part(&raw, cipher(mode), part)).map(|done| done.stream)
    };
    let decrypt = |mode, part| {
        let (object, how, ciphertext) = (raw.clone(), how(cipher(mode)), vec![7; 16]);
        let (iv, aad, tag) = (Some(vec![0; 16]), Vec::new(), None);
        let decrypt = op::DecryptWith { object, how, part, ciphertext, iv, aad, tag };
        house.call(&admin, decrypt).map(|done| done.stream)
    };
    let signing = sign(pkcs1(), op::Part::First).unwrap().unwrap();
    let encrypting = encrypt(CipherMode::Cbc, op::Part::First).unwrap().unwrap();
    let decrypting = decrypt(CipherMode::Cbc, op::Part::First).unwrap().unwrap();
    // What later parts say of it is not asked.
    let (other_scheme, other_mode) = (pss(Hash::Sha256, None), CipherMode::Ecb);
    put(&house, &rsa, denying(SIGNING, "RSASSA_PKCS1_V1_5_SHA_256"));
    put(&house, &raw, denying(ENCRYPTION, "RAW_CBC"));
    for part in [op::Part::Next, op::Part::Last] {
        assert!(is_denied(sign(other_scheme, part(signing))));
        assert!(is_denied(encrypt(other_mode, part(encrypting))));
        assert!(is_denied(decrypt(other_mode, part(decrypting))));
    }
    put(&house, &rsa, denying(SIGNING, "RSASSA_PSS_SHA_256"));
    put(&house, &raw, denying(ENCRYPTION, "RAW_ECB"));
    for part in [op::Part::Next, op::Part::Last] {
        assert!(!is_denied(sign(other_scheme, part(signing))));
        assert!(!is_denied(encrypt(other_mode, part(encrypting))));
        assert!(!is_denied(decrypt(other_mode, part(decrypting))));
    }
}
