//! A key that is rotated goes on encrypting and decrypts what it ever encrypted.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    thread,
};

use engine::{KeyRef, op};
use model::{
    At, Error, Obstacle, Wall,
    algorithm::{KeySpec, KeyUsage},
    rotation::RotationKind,
    time::Trust,
};

use crate::house::{House, NOW, at, by_id, context, create, decrypt, encrypt, house};

const DAY: u64 = 86_400;

fn new_key(house: &House) -> KeyRef {
    house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt)
}

fn enable(house: &House, key: &KeyRef, period_days: u32) {
    let key = key.clone();
    house.call(&house.admin(), op::EnableKeyRotation { key, period_days }).unwrap();
}

fn rotate(house: &House, key: &KeyRef) -> Result<(), Error> {
    house.call(&house.admin(), op::RotateKeyOnDemand { key: key.clone() }).map(drop)
}

fn next_date(house: &House, key: &KeyRef) -> Option<Wall> {
    let status = op::GetKeyRotationStatus { key: key.clone() };
    house.call(&house.admin(), status).unwrap().schedule.map(|schedule| schedule.next)
}

fn listed(house: &House, key: &KeyRef, all: bool) -> Vec<op::MaterialEntry> {
    let (key, page) = (key.clone(), op::Page { limit: 100, after: None });
    house.call(&house.admin(), op::ListKeyRotations { key, all, page }).unwrap().items
}

fn kinds(house: &House, key: &KeyRef) -> Vec<RotationKind> {
    listed(house, key, false).iter().map(|entry| entry.rotated.unwrap().kind).collect()
}

#[track_caller]
fn obstacle<T>(outcome: Result<T, Error>) -> Obstacle {
    match outcome {
        Err(Error::WrongState { obstacle, .. }) => obstacle,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was done"),
    }
}

#[test]
fn old_versions_decrypt_and_the_new_one_encrypts() {
    let house = house();
    let (admin, key) = (&house.admin(), new_key(&house));
    let mut made = Vec::new();
    for number in 0..4_u8 {
        if number > 0 {
            rotate(&house, &key).unwrap();
        }
        made.push(house.call(admin, encrypt(&key, &[number])).unwrap());
    }
    for (number, one) in (0..).zip(&made) {
        let opened = house.call(admin, decrypt(&one.ciphertext)).unwrap();
        assert_eq!(
            (opened.plaintext.expose(), opened.material),
            ([number].as_slice(), one.material)
        );
    }
    let materials: Vec<_> = listed(&house, &key, true).iter().map(|it| it.material).collect();
    assert_eq!(materials, made.iter().map(|one| one.material).collect::<Vec<_>>());
    let described = house.call(admin, op::DescribeKey { key: key.clone() }).unwrap();
    assert_eq!(described.material, Some(made[3].material));
    let states: Vec<_> = listed(&house, &key, true).iter().map(|it| it.state).collect();
    assert_eq!(states[2..], [op::MaterialState::NonCurrent, op::MaterialState::Current]);
    // The first took no other's place.
    assert_eq!(kinds(&house, &key), [RotationKind::OnDemand; 3]);
}

#[test]
fn rotations_are_listed_a_page_at_a_time() {
    let house = house();
    let (admin, key) = (&house.admin(), new_key(&house));
    (0..3).for_each(|_| rotate(&house, &key).unwrap());
    let (mut after, mut sizes) = (None, Vec::new());
    loop {
        let page = op::Page { limit: 2, after: after.clone() };
        let list = op::ListKeyRotations { key: key.clone(), all: true, page };
        let listing = house.call(admin, list).unwrap();
        sizes.push(listing.items.len());
        after = listing.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(sizes, [2, 2]);
    let page = op::Page { limit: 2, after: Some("x".to_owned()) };
    let list = op::ListKeyRotations { key, all: true, page };
    assert!(matches!(house.call(admin, list), Err(Error::Invalid(_))));
}

#[test]
fn a_key_is_rotated_on_its_date_once_and_again_a_period_later() {
    let house = house();
    let key = new_key(&house);
    enable(&house, &key, 90);
    let date = next_date(&house, &key).unwrap();
    assert_eq!(date, NOW.plus_secs(90 * DAY));
    assert!(house.engine.rotate_due(at(Wall(date.0 - 1))).unwrap().is_empty());
    // A jump of the clock rotates nothing.
    let jumped = At { trust: Trust::Jumped, ..at(date) };
    assert!(house.engine.rotate_due(jumped).unwrap().is_empty());
    assert_eq!(house.engine.rotate_due(at(date)).unwrap().len(), 1);
    assert!(house.engine.rotate_due(at(date)).unwrap().is_empty());
    assert_eq!(kinds(&house, &key), [RotationKind::Automatic]);
    assert_eq!(listed(&house, &key, false)[0].rotated.unwrap().date, date);
    let next = next_date(&house, &key).unwrap();
    assert_eq!(next, date.plus_secs(90 * DAY));
    assert_eq!(house.engine.rotate_due(at(next)).unwrap().len(), 1);
}

#[test]
fn what_is_set_aside_is_rotated_once_it_is_taken_back() {
    let house = house();
    let (admin, key) = (&house.admin(), new_key(&house));
    enable(&house, &key, 90);
    let date = next_date(&house, &key).unwrap();
    let entries = || house.engine.log_status().unwrap().next_index;
    house.call(admin, op::DisableKey { key: key.clone() }).unwrap();
    let before = entries();
    assert!(house.engine.rotate_due(at(date)).unwrap().is_empty());
    // Nothing was tried.
    assert_eq!(entries(), before);
    assert_eq!(next_date(&house, &key), Some(date));
    let schedule = op::ScheduleKeyDeletion { key: key.clone(), window_days: 30 };
    house.call(admin, schedule).unwrap();
    assert_eq!(next_date(&house, &key), None);
    house.call(admin, op::CancelKeyDeletion { key: key.clone() }).unwrap();
    assert_eq!(next_date(&house, &key), Some(date));
    house.call(admin, op::EnableKey { key: key.clone() }).unwrap();
    assert_eq!(house.engine.rotate_due(at(date.plus_secs(5 * DAY))).unwrap().len(), 1);
    assert_eq!(next_date(&house, &key), Some(date.plus_secs(90 * DAY)));
}

#[test]
fn a_key_that_is_not_rotated_any_more_is_not() {
    let house = house();
    let (admin, key) = (&house.admin(), new_key(&house));
    enable(&house, &key, 90);
    enable(&house, &key, 100);
    let date = next_date(&house, &key).unwrap();
    assert_eq!(date, NOW.plus_secs(100 * DAY));
    house.call(admin, op::DisableKeyRotation { key: key.clone() }).unwrap();
    assert_eq!(next_date(&house, &key), None);
    assert!(house.engine.rotate_due(at(date)).unwrap().is_empty());
    assert!(kinds(&house, &key).is_empty());
    for period_days in [0, 89, 2561] {
        let enable = op::EnableKeyRotation { key: key.clone(), period_days };
        assert!(matches!(house.call(admin, enable), Err(Error::Invalid(_))), "{period_days}");
    }
}

#[test]
fn what_protects_nothing_any_more_is_not_rotated() {
    let house = house();
    let admin = &house.admin();
    let all = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#;
    let made = create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let made = house.call(admin, op::CreateKey { policy: Some(all.to_owned()), ..made }).unwrap();
    let key = by_id(&made.name);
    enable(&house, &key, 90);
    let made = house.call(admin, encrypt(&key, b"x")).unwrap();
    rotate(&house, &key).unwrap();
    let date = next_date(&house, &key).unwrap();
    house.call(admin, crate::stage::objects::revoke(&key, true)).unwrap();
    assert_eq!(obstacle(rotate(&house, &key)), Obstacle::Compromised);
    assert_eq!(house.engine.rotate_due(at(date)).unwrap().len(), 1);
    assert_eq!(listed(&house, &key, true).len(), 2);
    // What the key was before is compromised with it.
    assert_eq!(obstacle(house.call(admin, decrypt(&made.ciphertext))), Obstacle::Compromised);
}

#[test]
fn a_key_is_rotated_on_demand_25_times_and_not_shortly_before_it_is_by_itself() {
    let house = house();
    let (admin, key) = (&house.admin(), new_key(&house));
    enable(&house, &key, 90);
    let date = next_date(&house, &key).unwrap();
    let at_minutes = |key: &KeyRef, before: u64| {
        let rotate = op::RotateKeyOnDemand { key: key.clone() };
        house.call_at(admin, rotate, Wall(date.0 - before * 60_000)).map(drop)
    };
    (1..25).for_each(|_| rotate(&house, &key).unwrap());
    let other = new_key(&house);
    enable(&house, &other, 90);
    at_minutes(&key, 21).unwrap();
    assert_eq!(next_date(&house, &key), Some(date));
    assert_eq!(obstacle(at_minutes(&key, 21)), Obstacle::RotationsSpent);
    assert_eq!(obstacle(at_minutes(&other, 20)), Obstacle::RotationDue);
    // Those that were not asked for are not counted.
    assert_eq!(house.engine.rotate_due(at(date)).unwrap().len(), 2);
    assert_eq!(kinds(&house, &key).len(), 26);
}

#[test]
fn only_keys_that_encrypt_by_our_own_scheme_are_rotated() {
    let house = house();
    let admin = &house.admin();
    let others = [
        (KeySpec::Rsa2048, KeyUsage::EncryptDecrypt),
        (KeySpec::P256, KeyUsage::SignVerify),
        (KeySpec::Hmac256, KeyUsage::GenerateVerifyMac),
    ];
    for (spec, usage) in others {
        let key = house.create(spec, usage);
        let enable = op::EnableKeyRotation { key: key.clone(), period_days: 365 };
        let outcomes = [
            house.call(admin, enable).map(drop),
            house.call(admin, op::DisableKeyRotation { key: key.clone() }),
            house.call(admin, op::GetKeyRotationStatus { key: key.clone() }).map(drop),
            rotate(&house, &key),
        ];
        for outcome in outcomes {
            assert!(matches!(outcome, Err(Error::WrongUsage { .. })), "{outcome:?}");
        }
    }
}

#[test]
fn a_condition_on_the_period_is_judged_by_the_period() {
    let house = house();
    let key = new_key(&house);
    let user = house.user(
        "rotator",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*",
            "Condition":{"NumericLessThanEquals":{"kms:RotationPeriodInDays":"180"}}}]}"#,
    );
    let enable =
        |period_days| house.call(&user, op::EnableKeyRotation { key: key.clone(), period_days });
    enable(180).unwrap();
    assert!(matches!(enable(181), Err(Error::Denied(_))));
}

/// As often as each may be.
const ROTATIONS_A_KEY: usize = 25;
const KEYS: usize = 40;
const CLIENTS: usize = 64;

#[test]
fn a_thousand_rotations_under_load_lose_no_ciphertext() {
    let house = house();
    let keys: Vec<_> = (0..KEYS).map(|_| new_key(&house)).collect();
    // Of each key, ciphertexts of its versions.
    let pools: Vec<Mutex<Vec<Vec<u8>>>> = (0..KEYS).map(|_| Mutex::default()).collect();
    let (stop, decrypts) = (AtomicBool::new(false), AtomicU64::new(0));
    let client = |number: usize| {
        let admin = house.admin();
        let mut turn = number;
        while !stop.load(SeqCst) {
            let which = turn % KEYS;
            turn += 7;
            let mut ask = encrypt(&keys[which], &[which as u8]);
            ask.context = context(&[("client", "load")]);
            let made = house.call(&admin, ask).unwrap().ciphertext;
            let old = {
                let mut pool = pools[which].lock().unwrap();
                pool.push(made.clone());
                pool[turn % pool.len()].clone()
            };
            for ciphertext in [made, old] {
                let mut ask = decrypt(&ciphertext);
                ask.context = context(&[("client", "load")]);
                let opened = house.call(&admin, ask).unwrap();
                assert_eq!(opened.plaintext.expose(), [which as u8]);
                decrypts.fetch_add(1, SeqCst);
            }
        }
    };
    thread::scope(|scope| {
        let (client, stop) = (&client, &stop);
        let clients: Vec<_> =
            (0..CLIENTS).map(|number| scope.spawn(move || client(number))).collect();
        for _ in 0..ROTATIONS_A_KEY {
            for key in &keys {
                rotate(&house, key).unwrap();
            }
            // A client that has panicked ends the test.
            assert!(clients.iter().all(|client| !client.is_finished()));
        }
        stop.store(true, SeqCst);
    });
    let rotations: usize = keys.iter().map(|key| kinds(&house, key).len()).sum();
    assert_eq!(rotations, KEYS * ROTATIONS_A_KEY);
    // What was made at any time still opens.
    let admin = house.admin();
    for (which, pool) in pools.iter().enumerate() {
        for ciphertext in pool.lock().unwrap().iter().step_by(16) {
            let mut ask = decrypt(ciphertext);
            ask.context = context(&[("client", "load")]);
            assert_eq!(house.call(&admin, ask).unwrap().plaintext.expose(), [which as u8]);
        }
    }
    println!("{rotations} rotations, {} decrypts, none failed", decrypts.load(SeqCst));
}
