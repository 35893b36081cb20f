//! The spine: founded, identified, admitted, run, recorded, committed, replied, and found again.

use engine::{AliasRef, By, KeyRef, Mode, op};
use model::{
    At, Error, Obstacle, PrincipalName, Wall,
    algorithm::{Hash, KeySpec, KeyUsage, MessageType, SigningAlgorithm},
    claim::Door,
    error::{Missing, Unauthentic, Unauthenticated},
    time::Trust,
};

use crate::house::{
    ALL, House, NOW, account, at, by_id, context, decrypt, encrypt, engine_on, house, region,
};

#[test]
fn what_is_encrypted_is_decrypted_without_naming_the_key() {
    let house = house();
    let admin = house.admin();
    let key = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let sealed = house.call(&admin, encrypt(&key, b"plain")).unwrap();
    let opened = house.call(&admin, decrypt(&sealed.ciphertext)).unwrap();
    assert_eq!(opened.plaintext.expose(), b"plain");
    assert_eq!(opened.key, sealed.key);
}

#[test]
fn a_ciphertext_opens_only_whole_and_under_its_context() {
    let house = house();
    let admin = house.admin();
    let key = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let sealed = house.call(&admin, encrypt(&key, b"plain")).unwrap().ciphertext;
    let forged = |operation| match house.call(&admin, operation) {
        Err(Error::NotAuthentic(Unauthentic::Ciphertext)) => {}
        other => panic!("{other:?}"),
    };
    forged(op::Decrypt { context: context(&[("purpose", "other")]), ..decrypt(&sealed) });
    for index in 33..sealed.len() {
        let mut edited = sealed.clone();
        edited[index] ^= 1;
        forged(decrypt(&edited));
    }
    forged(decrypt(&sealed[..sealed.len() - 1]));
}

#[test]
fn a_wrong_signature_identifies_no_one_and_is_recorded() {
    let house = house();
    let before = house.engine.log_status().unwrap().next_index;
    let wrong = house.claim_with(&house.access.id, b"wrong", NOW);
    assert_eq!(wrong.unwrap_err(), Error::Unauthenticated(Unauthenticated::BadSignature));
    let secret = house.access.secret.expose();
    let unknown = house.claim_with("AKIAAAAAAAAAAAAAAAAA", secret, NOW);
    assert_eq!(unknown.unwrap_err(), Error::Unauthenticated(Unauthenticated::UnknownCredential));
    let late = house.claim_with(&house.access.id, secret, NOW.plus_secs(901));
    assert_eq!(late.unwrap_err(), Error::Unauthenticated(Unauthenticated::Expired));
    assert_eq!(house.engine.log_status().unwrap().next_index, before + 3);
}

#[test]
fn who_proves_nothing_cannot_fill_the_log() {
    let house = house();
    let logged = || house.engine.log_status().unwrap().next_index;
    let before = logged();
    for _ in 0..50 {
        let wrong = house.claim_with(&house.access.id, b"wrong", NOW).unwrap_err();
        assert_eq!(wrong, Error::Unauthenticated(Unauthenticated::BadSignature));
    }
    assert_eq!(logged(), before + 20);
    // Who proves something is not concerned.
    house.claim_with(&house.access.id, house.access.secret.expose(), NOW).unwrap();
    let later = NOW.plus_secs(1);
    house.engine.expire(at(later));
    assert_eq!(logged(), before + 21);
    house.engine.expire(at(later));
    house.claim_with(&house.access.id, b"wrong", later).unwrap_err();
    assert_eq!(logged(), before + 22);
    house.engine.seal();
    let folder = audit::Folder::new(&house.folder.path().join("audit"));
    let entries = folder.entries(0, usize::MAX, before + 22).unwrap();
    let (_, told) = &entries[usize::try_from(before).unwrap() + 20];
    assert_eq!(told.outcome, audit::Outcome::Denied("too-many-claims".into()));
    assert_eq!(told.context, [("more-refused".to_owned(), "30".to_owned())]);
}

#[test]
fn a_signature_for_one_door_is_worth_nothing_at_another() {
    let house = house();
    let access = (house.access.id.as_str(), house.access.secret.expose());
    house.claim_at(Door::Aws, "kms", access, NOW).unwrap();
    house.claim_at(Door::Api, "strongroom", access, NOW).unwrap();
    house.claim_at(Door::Aws, "kms", access, NOW).unwrap();
    for (door, service) in [(Door::Aws, "strongroom"), (Door::Api, "kms")] {
        let wrong = house.claim_at(door, service, access, NOW).unwrap_err();
        assert_eq!(wrong, Error::Unauthenticated(Unauthenticated::WrongService));
    }
}

#[test]
fn every_call_is_one_entry_whether_it_is_allowed_refused_or_fails() {
    let house = house();
    let admin = house.admin();
    let key = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let nobody = house.user("nobody", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:ListKeys","Resource":"*"}]}"#);
    let before = house.engine.log_status().unwrap().next_index;
    let sealed = house.call(&admin, encrypt(&key, b"x")).unwrap().ciphertext;
    assert!(matches!(house.call(&nobody, decrypt(&sealed)), Err(Error::Denied(_))));
    assert!(matches!(house.call(&admin, decrypt(b"nonsense")), Err(Error::NotAuthentic(_))));
    assert_eq!(house.engine.log_status().unwrap().next_index, before + 3);
}

#[test]
fn a_disabled_key_is_refused_from_the_next_request_on() {
    let house = house();
    let admin = house.admin();
    let key = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let sealed = house.call(&admin, encrypt(&key, b"x")).unwrap().ciphertext;
    for _ in 0..50 {
        house.call(&admin, op::DisableKey { key: key.clone() }).unwrap();
        let refused = house.call(&admin, decrypt(&sealed));
        let suspended =
            matches!(refused, Err(Error::WrongState { obstacle: Obstacle::Suspended, .. }));
        assert!(suspended, "{refused:?}");
        house.call(&admin, op::EnableKey { key: key.clone() }).unwrap();
        house.call(&admin, decrypt(&sealed)).unwrap();
    }
}

#[test]
fn a_changed_policy_holds_from_the_next_request_on() {
    let house = house();
    let admin = house.admin();
    let key = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let reader = house.user("reader", ALL);
    house.call(&reader, encrypt(&key, b"x")).unwrap();
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"},
        {"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::111122223333:user/reader"},"Action":"kms:Encrypt","Resource":"*"}]}"#;
    let put = op::PutKeyPolicy {
        key: key.clone(),
        policy: policy.to_owned(),
        bypass_lockout_check: false,
    };
    house.call(&admin, put).unwrap();
    assert!(matches!(house.call(&reader, encrypt(&key, b"x")), Err(Error::Denied(_))));
    house.call(&admin, encrypt(&key, b"x")).unwrap();
}

#[test]
fn a_removed_principal_or_access_key_identifies_no_one() {
    let house = house();
    let name = PrincipalName::user(account(), "leaver").unwrap();
    let make = op::CreatePrincipal { name: name.clone(), policies: vec![ALL.to_owned()] };
    house.call(&house.admin(), make).unwrap();
    let access = op::CreateAccessKey { principal: name.clone() };
    let access = house.call(&house.admin(), access).unwrap();
    let enter = || house.claim_with(&access.id, access.secret.expose(), NOW);
    enter().unwrap();
    house.call(&house.admin(), op::DeletePrincipal { name }).unwrap();
    assert_eq!(enter().unwrap_err(), Error::Unauthenticated(Unauthenticated::UnknownCredential));
}

#[test]
fn an_alias_names_a_key_until_it_is_moved_or_deleted() {
    let house = house();
    let admin = house.admin();
    let first = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let second = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let alias = AliasRef { account: account(), region: region(), alias: "orders".parse().unwrap() };
    let by_alias =
        KeyRef { account: account(), region: region(), by: By::Alias("orders".parse().unwrap()) };
    let made = op::CreateAlias { alias: alias.clone(), key: first.clone() };
    house.call(&admin, made).unwrap();
    let again = op::CreateAlias { alias: alias.clone(), key: second.clone() };
    assert!(matches!(house.call(&admin, again), Err(Error::AlreadyExists(_))));
    let used = |house: &House| house.call(&admin, encrypt(&by_alias, b"x")).unwrap().key;
    assert_eq!(by_id(&used(&house)), first);
    house.call(&admin, op::UpdateAlias { alias: alias.clone(), key: second.clone() }).unwrap();
    assert_eq!(by_id(&used(&house)), second);
    house.call(&admin, op::DeleteAlias { alias }).unwrap();
    let gone = house.call(&admin, encrypt(&by_alias, b"x")).unwrap_err();
    assert!(matches!(gone, Error::NotFound(Missing::Alias(_))), "{gone:?}");
}

#[test]
fn signatures_and_codes_verify_and_forgeries_do_not() {
    let house = house();
    let admin = house.admin();
    let specs = [
        (KeySpec::P256, SigningAlgorithm::EcdsaSha256),
        (KeySpec::Ed25519, SigningAlgorithm::Ed25519),
        (KeySpec::MlDsa65, SigningAlgorithm::MlDsa),
    ];
    for (spec, algorithm) in specs {
        let key = house.create(spec, KeyUsage::SignVerify);
        let message = b"message".to_vec();
        let sign = op::Sign {
            key: key.clone(),
            algorithm,
            message_type: MessageType::Raw,
            message: message.clone(),
        };
        let signature = house.call(&admin, sign).unwrap().signature;
        let verify = |message: &[u8]| op::Verify {
            key: key.clone(),
            algorithm,
            message_type: MessageType::Raw,
            message: message.to_vec(),
            signature: signature.clone(),
        };
        house.call(&admin, verify(b"message")).unwrap();
        let forged = house.call(&admin, verify(b"massage")).unwrap_err();
        assert_eq!(forged, Error::NotAuthentic(Unauthentic::Signature), "{spec:?}");
    }
    let key = house.create(KeySpec::Hmac256, KeyUsage::GenerateVerifyMac);
    let make = op::GenerateMac { key: key.clone(), hash: Hash::Sha256, message: b"m".to_vec() };
    let code = house.call(&admin, make).unwrap().code;
    let verify = |message: &[u8]| op::VerifyMac {
        key: key.clone(),
        hash: Hash::Sha256,
        message: message.to_vec(),
        code: code.clone(),
    };
    house.call(&admin, verify(b"m")).unwrap();
    let forged = house.call(&admin, verify(b"n")).unwrap_err();
    assert_eq!(forged, Error::NotAuthentic(Unauthentic::Mac));
}

#[test]
fn a_key_is_destroyed_on_its_date_and_not_when_the_clock_jumps() {
    let house = house();
    let admin = house.admin();
    let key = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let schedule = op::ScheduleKeyDeletion { key: key.clone(), window_days: 7 };
    let deletion = house.call(&admin, schedule).unwrap();
    let pending = house.call(&admin, encrypt(&key, b"x")).unwrap_err();
    assert!(matches!(pending, Error::WrongState { obstacle: Obstacle::PendingDeletion, .. }));
    let jumped = At { trust: Trust::Jumped, ..at(deletion.date.plus_secs(1)) };
    assert!(house.engine.destroy_due(jumped).unwrap().is_empty());
    assert!(house.engine.destroy_due(at(Wall(deletion.date.0 - 1))).unwrap().is_empty());
    assert_eq!(house.engine.destroy_due(at(deletion.date)).unwrap().len(), 1);
    let gone = house.call(&admin, op::DescribeKey { key }).unwrap_err();
    assert!(matches!(gone, Error::NotFound(Missing::Key(_))), "{gone:?}");
}

#[test]
fn a_due_row_that_leads_nowhere_keeps_no_other_key_from_its_end() {
    let house = house();
    let admin = house.admin();
    let key = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let schedule = op::ScheduleKeyDeletion { key: key.clone(), window_days: 7 };
    let date = house.call(&admin, schedule).unwrap().date;
    // More than are read at once, and before the key.
    house.plant((0..200).map(|number| format!("d/{number:020}/not-a-key")));
    let wrong = Error::Internal("a due date at a wrong place");
    assert_eq!(house.engine.destroy_due(at(date)).unwrap_err(), wrong);
    let gone = house.call(&admin, op::DescribeKey { key }).unwrap_err();
    assert!(matches!(gone, Error::NotFound(Missing::Key(_))), "{gone:?}");
}

#[test]
fn a_due_key_of_an_account_that_is_not_there_keeps_no_other_from_its_end() {
    let house = house();
    let admin = house.admin();
    let key = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let schedule = op::ScheduleKeyDeletion { key: key.clone(), window_days: 7 };
    let date = house.call(&admin, schedule).unwrap().date;
    let nowhere = "999999999999/us-east-1/00000000-0000-4000-8000-000000000000";
    house.plant([format!("d/{:020}/{nowhere}", 1)]);
    house.engine.destroy_due(at(date)).unwrap_err();
    let gone = house.call(&admin, op::DescribeKey { key }).unwrap_err();
    assert!(matches!(gone, Error::NotFound(Missing::Key(_))), "{gone:?}");
}

#[test]
fn a_sealed_engine_answers_nothing_and_goes_on_when_it_is_unsealed() {
    let house = house();
    let key = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let admin = house.admin();
    let sealed = house.call(&admin, encrypt(&key, b"x")).unwrap().ciphertext;
    house.engine.seal();
    assert_eq!(house.call(&admin, decrypt(&sealed)).unwrap_err(), Error::Sealed);
    let House { engine, store, folder, key_file, access } = house;
    drop(engine);
    let engine = engine_on(store.clone(), &folder);
    let (_, source) = engine.unseal_sources().unwrap().remove(0);
    engine.unseal(source.open_with_key_file(&key_file).unwrap()).unwrap();
    let house = House { engine, store, folder, key_file, access };
    let opened = house.call(&house.admin(), decrypt(&sealed)).unwrap();
    assert_eq!(opened.plaintext.expose(), b"x");
    assert_eq!(opened.key, house.call(&house.admin(), op::DescribeKey { key }).unwrap().name);
}

#[test]
fn another_root_key_unseals_nothing() {
    let house = house();
    house.engine.seal();
    let other = crypto::root::RootKey::generate().unwrap();
    assert!(house.engine.unseal(other).is_err());
    assert!(house.engine.is_sealed());
}

#[test]
fn a_dry_run_changes_nothing() {
    let house = house();
    let admin = house.admin();
    let key = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let revision = house.store.revision();
    let disable = op::DisableKey { key: key.clone() };
    let tried = house.engine.call(&admin, &disable, at(NOW), Mode::DryRun);
    assert_eq!(tried.err(), Some(Error::DryRun));
    assert_eq!(house.store.revision(), revision);
    house.call(&admin, encrypt(&key, b"x")).unwrap();
}

#[test]
fn a_data_key_has_a_length_that_is_allowed() {
    let house = house();
    let key = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    for len in [0, 1025, usize::MAX] {
        let make = op::GenerateDataKey { key: key.clone(), context: context(&[]), len };
        let refused = house.call(&house.admin(), make).unwrap_err();
        assert!(matches!(refused, Error::Invalid(_)), "{len}: {refused:?}");
    }
}

#[test]
fn a_condition_on_the_destination_of_a_re_encryption_is_about_the_destination() {
    let house = house();
    let key = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let sealed = house.call(&house.admin(), encrypt(&key, b"x")).unwrap().ciphertext;
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"kms:ReEncryptFrom","Resource":"*"},
        {"Effect":"Allow","Action":"kms:ReEncryptTo","Resource":"*","Condition":
            {"StringEquals":{"kms:EncryptionContext:purpose":"test"}}}]}"#;
    let mover = house.user("mover", policy);
    let to = |purpose: &str| op::ReEncrypt {
        source: None,
        place: (account(), region()),
        source_algorithm: model::algorithm::EncryptionAlgorithm::Envelope,
        source_context: context(&[("purpose", "test")]),
        ciphertext: sealed.clone(),
        destination: key.clone(),
        destination_algorithm: model::algorithm::EncryptionAlgorithm::Envelope,
        destination_context: context(&[("purpose", purpose)]),
    };
    house.call(&mover, to("test")).unwrap();
    assert!(matches!(house.call(&mover, to("other")), Err(Error::Denied(_))));
}
