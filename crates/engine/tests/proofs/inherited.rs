//! What comes of an object is no freer than the object is.

use std::thread;

use engine::{KeyRef, Mode, op};
use model::{
    Error, Obstacle, Secret, Wall,
    algorithm::{Hash, RawSpec, Spec},
    error::Existing,
    object::{Kind, LimitUnit, Purposes, Revocation, UsageLimit},
    raw::{BlockPadding, Cipher, CipherMode, Derivation, SplitMethod},
};

use crate::{
    house::{House, NOW, by_id, house},
    kin::{active, base, create, derive, join, named, new_pair, over, register, secret, split},
};

fn encryption() -> Derivation {
    let cipher = Cipher { mode: CipherMode::Ecb, padding: BlockPadding::None, tag_len: 16 };
    Derivation::Encrypt { cipher, iv: Vec::new() }
}

fn stored(house: &House, bytes: &[u8], draft: op::Draft) -> op::ObjectView {
    let material = op::RegisteredMaterial::Stored(Secret::new(bytes.to_vec()));
    register(house, Kind::SecretData, material, draft)
}

#[test]
fn what_an_object_holds_does_not_leave_as_the_data_of_a_derivation_by_encryption() {
    let house = house();
    let admin = &house.admin();
    let known = base(&house, Kind::SymmetricKey, Some(RawSpec::Aes128), &[1; 16]);
    let held = |sensitive| {
        let draft = op::Draft { sensitive, unextractable: sensitive, ..active(Purposes::DERIVE) };
        by_id(&stored(&house, &[2; 16], draft).name)
    };
    for victim in [held(true), held(false)] {
        for (one, other) in [(&known, &victim), (&victim, &known)] {
            let other = Some(other.clone());
            let refused = op::DeriveObject { other, ..derive(one, encryption(), 16) };
            let refused = house.call(admin, refused);
            assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        }
    }
    house.call(admin, over(&[2; 16], derive(&known, encryption(), 16))).unwrap();
}

#[test]
fn what_is_derived_is_as_bound_as_what_it_is_derived_from() {
    let house = house();
    let bound = [(true, false), (false, true)].map(|(sensitive, unextractable)| {
        let draft = op::Draft { sensitive, unextractable, ..active(Purposes::DERIVE) };
        by_id(&stored(&house, b"abc", draft).name)
    });
    let free = secret(&house, b"free");
    let derived = |one: &KeyRef, other: &KeyRef| {
        let other = Some(other.clone());
        let hmac = Derivation::Hmac(Hash::Sha256);
        let derive = op::DeriveObject { other, ..derive(one, hmac, 32) };
        let attributes = house.call(&house.admin(), derive).unwrap().attributes;
        (attributes.sensitive, !attributes.extractable)
    };
    assert_eq!(derived(&free, &secret(&house, b"too")), (false, false));
    assert_eq!(derived(&bound[0], &free), (true, false));
    assert_eq!(derived(&free, &bound[1]), (false, true));
    assert_eq!(derived(&bound[0], &bound[1]), (true, true));
}

#[test]
fn a_limited_key_derives_no_more_than_it_may_protect() {
    let house = house();
    let admin = &house.admin();
    let limited = |unit, total| {
        let usage_limit = Some(UsageLimit { total, unit });
        let material = op::RegisteredMaterial::Raw(RawSpec::Aes128, Secret::new(vec![1; 16]));
        let draft = op::Draft { usage_limit, ..active(Purposes::DERIVE) };
        by_id(&register(&house, Kind::SymmetricKey, material, draft).name)
    };
    let hmac = || Derivation::Hmac(Hash::Sha256);
    let is_used_up = |derive| {
        let refused = house.call(admin, derive);
        let is_used_up =
            matches!(refused, Err(Error::WrongState { obstacle: Obstacle::LimitReached, .. }));
        assert!(is_used_up, "{refused:?}");
    };
    let key = limited(LimitUnit::Bytes, 48);
    house.call(admin, over(&[2; 16], derive(&key, encryption(), 16))).unwrap();
    house.call(admin, over(&[2; 16], derive(&key, hmac(), 16))).unwrap();
    is_used_up(over(&[2; 32], derive(&key, encryption(), 16)));
    is_used_up(over(&[2; 32], derive(&key, hmac(), 16)));
    let key = limited(LimitUnit::Calls, 2);
    house.call(admin, derive(&key, Derivation::Hash(Hash::Sha256), 16)).unwrap();
    house.call(admin, over(&[2; 16], derive(&key, encryption(), 16))).unwrap();
    is_used_up(derive(&key, Derivation::Hash(Hash::Sha256), 16));
}

#[test]
fn what_is_tried_again_after_a_conflict_counts_once() {
    const THREADS: u64 = 4;
    let house = house();
    for _ in 0..8 {
        let usage_limit = Some(UsageLimit { total: THREADS, unit: LimitUnit::Calls });
        let draft = op::Draft { usage_limit, ..active(Purposes::DERIVE) };
        let key = by_id(&stored(&house, b"abc", draft).name);
        // Each of them links the key to what is derived, so that they are in each other's way.
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    let derive = derive(&key, Derivation::Hash(Hash::Sha256), 16);
                    house.perform(&house.admin(), derive, Mode::Run).unwrap();
                });
            }
        });
    }
}

fn in_two(house: &House, whole: &op::ObjectView) -> Result<Vec<op::ObjectView>, Error> {
    let whole = op::Whole::Kept(by_id(&whole.name));
    house.call(&house.admin(), split(whole, SplitMethod::Xor, 2, 2))
}

fn revoke(house: &House, object: &op::ObjectView, reason: u32, since: Option<Option<Wall>>) {
    let revocation = Revocation { reason, message: None };
    let object = by_id(&object.name);
    let revoke = op::RevokeObject { object, revocation, compromised: since };
    house.call(&house.admin(), revoke).unwrap();
}

#[test]
fn what_has_ended_its_service_or_is_limited_is_not_split() {
    let house = house();
    let refusals = [(None, Obstacle::Deactivated), (Some(None), Obstacle::Compromised)];
    for (compromised, expected) in refusals {
        let key = create(&house, active(Purposes::ENCRYPT));
        revoke(&house, &key, 1, compromised);
        let refused = in_two(&house, &key).unwrap_err();
        let is_expected =
            matches!(refused, Error::WrongState { obstacle, .. } if obstacle == expected);
        assert!(is_expected, "{refused:?}");
    }
    let usage_limit = Some(UsageLimit { total: 1, unit: LimitUnit::Calls });
    let limited = create(&house, op::Draft { usage_limit, ..active(Purposes::ENCRYPT) });
    let refused = in_two(&house, &limited);
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    assert!(in_two(&house, &create(&house, op::Draft::default())).is_ok());
}

#[test]
fn what_is_joined_is_for_nothing_that_its_parts_are_not_for() {
    let house = house();
    let admin = &house.admin();
    let both = Purposes::ENCRYPT.and(Purposes::DECRYPT);
    let parts = in_two(&house, &create(&house, active(both))).unwrap();
    let joined = |purposes| {
        let draft = active(purposes);
        let join = op::JoinObject { draft, ..join(&[&parts[0], &parts[1]]) };
        house.call(admin, join).map(|view| view.purposes)
    };
    assert_eq!(joined(Purposes::NONE), Ok(both));
    assert_eq!(joined(Purposes::DECRYPT), Ok(Purposes::DECRYPT));
    let refused = joined(both.and(Purposes::SIGN));
    assert!(matches!(refused, Err(Error::WrongUsage { .. })), "{refused:?}");
    // Of parts that are for different things, it is for what is common to them.
    let object = by_id(&parts[1].name);
    let changes = vec![op::Change::Purposes(Purposes::ENCRYPT)];
    house.call(admin, op::ChangeObject { object, changes }).unwrap();
    assert_eq!(joined(Purposes::NONE), Ok(Purposes::ENCRYPT));
    let refused = joined(Purposes::DECRYPT);
    assert!(matches!(refused, Err(Error::WrongUsage { .. })), "{refused:?}");
}

#[test]
fn a_private_key_is_not_joined_as_bytes() {
    let house = house();
    let pair = house.call(&house.admin(), new_pair()).unwrap();
    let parts = in_two(&house, &pair.private).unwrap();
    let joined = |kind| {
        let join = op::JoinObject { kind, ..join(&[&parts[0], &parts[1]]) };
        house.call(&house.admin(), join)
    };
    let refused = joined(Kind::SecretData);
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    assert_eq!(joined(Kind::PrivateKey).unwrap().spec, pair.private.spec);
}

#[test]
fn who_may_not_make_keys_of_a_spec_joins_none() {
    let house = house();
    let parts = in_two(&house, &create(&house, active(Purposes::ENCRYPT))).unwrap();
    let only_aes = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"strongroom:JoinObject","Resource":"*"},
        {"Effect":"Allow","Action":"kms:CreateKey","Resource":"*",
         "Condition":{"StringEquals":{"kms:KeySpec":"RAW_AES_256"}}}]}"#;
    let joiner = house.user("joiner", only_aes);
    let joined = |kind, spec| {
        let join = op::JoinObject { kind, spec, ..join(&[&parts[0], &parts[1]]) };
        house.call(&joiner, join).map(drop)
    };
    let spec = Some(Spec::Raw(RawSpec::Aes256));
    assert_eq!(joined(Kind::SymmetricKey, spec), Ok(()));
    // What is not said, nobody knows before the parts are read.
    for (kind, spec) in [(Kind::SymmetricKey, None), (Kind::SecretData, spec)] {
        let refused = joined(kind, spec);
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
    }
}

#[test]
fn two_halves_of_a_pair_have_not_one_name() {
    let house = house();
    let (private, public) = (active(Purposes::SIGN), active(Purposes::VERIFY));
    let (private, public) = (named("pair", private), named("pair", public));
    let refused = house.call(&house.admin(), op::CreatePair { private, public, ..new_pair() });
    assert!(matches!(refused, Err(Error::AlreadyExists(Existing::ObjectLabel))), "{refused:?}");
}

#[test]
fn why_and_since_when_an_object_is_compromised_is_not_overwritten() {
    let house = house();
    let key = create(&house, active(Purposes::ENCRYPT));
    let said = || {
        let read = op::ReadObject { object: by_id(&key.name) };
        let attributes = house.call(&house.admin(), read).unwrap().attributes;
        (attributes.revocation.unwrap().reason, attributes.compromise_occurrence)
    };
    revoke(&house, &key, 5, None);
    assert_eq!(said(), (5, None));
    let since = Some(Wall(NOW.0 - 1));
    revoke(&house, &key, 2, Some(since));
    assert_eq!(said(), (2, since));
    for compromised in [None, Some(None), Some(Some(NOW))] {
        revoke(&house, &key, 3, compromised);
        assert_eq!(said(), (2, since));
    }
}
