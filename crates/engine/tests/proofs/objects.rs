//! Objects of every kind: how they are named and found, what leaves of them, and the states of
//! their lives. How they end is in `ends`.

use std::sync::{Arc, Barrier};

use engine::{By, KeyRef, Mode, op};
use model::{
    Error, KeyId, Obstacle, Secret, Wall,
    algorithm::{KeySpec, KeyUsage, RawSpec, SigningAlgorithm, Spec},
    error::{Existing, Invalid, Limit},
    key::{Cryptoperiod, Life, State},
    object::{Form, Kind, Label, LimitUnit, Link, Purposes, UsageLimit},
};

use crate::{
    house::{ALL, House, NOW, account, by_id, encrypt, engine_on, house, region},
    stage::{
        allow_by_name,
        objects::{EVERYTHING, active, brought, new_pair, new_raw, revoke},
        policy_with, sign,
    },
};

const DAY: u64 = 86_400;

pub(crate) fn named(name: &str, draft: op::Draft) -> op::Draft {
    op::Draft { labels: vec![(Label::NAME.to_owned(), name.into())], ..draft }
}

pub(crate) fn make(house: &House, draft: op::Draft) -> KeyRef {
    by_id(&house.call(&house.admin(), new_raw(draft)).unwrap().name)
}

pub(crate) fn view(house: &House, object: &KeyRef) -> op::ObjectView {
    house.call(&house.admin(), op::ReadObject { object: object.clone() }).unwrap()
}

fn state_at(house: &House, object: &KeyRef, wall: Wall) -> op::ObjectState {
    let read = op::ReadObject { object: object.clone() };
    house.call_at(&house.admin(), read, wall).unwrap().state
}

fn change(house: &House, object: &KeyRef, change: op::Change) -> Result<op::ObjectView, Error> {
    let changes = vec![change];
    house.call(&house.admin(), op::ChangeObject { object: object.clone(), changes })
}

pub(crate) fn material(house: &House, object: &KeyRef) -> Result<Vec<u8>, Error> {
    let get = op::GetMaterial { object: object.clone(), wanted: op::Wanted::default() };
    Ok(house.call(&house.admin(), get)?.material.expose().to_vec())
}

pub(crate) fn destroy(house: &House, object: &KeyRef) -> Result<op::ObjectView, Error> {
    house.call(&house.admin(), op::DestroyObject { object: object.clone() })
}

/// Revokes and destroys.
pub(crate) fn end(house: &House, object: &KeyRef) {
    house.call(&house.admin(), revoke(object, false)).unwrap();
    destroy(house, object).unwrap();
}

pub(crate) fn everything() -> op::Locate {
    op::Locate {
        account: account(),
        region: region(),
        label: None,
        id: None,
        destroyed: false,
        matches: Box::new(|_| true),
        offset: 0,
        limit: 100,
    }
}

pub(crate) fn with_label(name: &str, value: &str) -> op::Locate {
    let label = Label { name: name.to_owned(), index: 0, value: value.into() };
    op::Locate { label: Some(label), ..everything() }
}

/// What is found, in order.
pub(crate) fn found(house: &House, locate: op::Locate) -> Vec<KeyRef> {
    let found = house.call(&house.admin(), locate).unwrap();
    found.objects.iter().map(by_id).collect()
}

pub(crate) fn obstacle<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Obstacle {
    match outcome {
        Err(Error::WrongState { obstacle, .. }) => obstacle,
        other => panic!("no obstacle: {other:?}"),
    }
}

fn is_name_taken<T>(outcome: &Result<T, Error>) -> bool {
    matches!(outcome, Err(Error::AlreadyExists(Existing::ObjectLabel)))
}

/// The same server, started again.
pub(crate) fn again(house: House) -> House {
    let House { engine, store, folder, key_file, access } = house;
    drop(engine);
    let engine = engine_on(store.clone(), &folder);
    let house = House { engine, store, folder, key_file, access };
    house.unseal();
    house
}

// Names and labels.

#[test]
fn a_name_is_one_objects_until_that_is_destroyed() {
    let house = house();
    let admin = &house.admin();
    let first = make(&house, named("disk", active(EVERYTHING)));
    let second = || house.call(admin, new_raw(named("disk", active(EVERYTHING))));
    assert!(is_name_taken(&second()));
    let other = make(&house, active(EVERYTHING));
    let name = || op::Change::AddLabel(Label::NAME.to_owned(), b"disk".to_vec());
    assert!(is_name_taken(&change(&house, &other, name())));
    // Whatever makes an object asks for its name.
    let pair = new_pair(named("pair", active(Purposes::SIGN)), named("pair", active(EVERYTHING)));
    assert!(is_name_taken(&house.call(admin, pair)));
    assert!(is_name_taken(&house.call(admin, brought(b"x", named("disk", active(EVERYTHING))))));
    end(&house, &first);
    second().unwrap();
    // The destroyed one is still called so, and the name is not given up twice.
    assert_eq!(view(&house, &first).attributes.labelled(Label::NAME).count(), 1);
    assert!(is_name_taken(&change(&house, &other, name())));
    let given_up = op::Change::RemoveLabel(Label::NAME.to_owned(), None);
    change(&house, &first, given_up).unwrap();
    assert!(is_name_taken(&change(&house, &other, name())));
}

#[test]
fn of_many_who_take_a_name_at_once_one_has_it() {
    const COUNT: usize = 64;
    let house = Arc::new(house());
    let admin = house.admin();
    for round in 0..3 {
        let (start, name) = (Barrier::new(COUNT), format!("wanted-{round}"));
        let take = || {
            start.wait();
            let new = new_raw(named(&name, active(EVERYTHING)));
            // As the doors call: again after a conflict.
            match house.perform(&admin, new, Mode::Run) {
                Ok(view) => Some(by_id(&view.name)),
                Err(Error::AlreadyExists(Existing::ObjectLabel)) => None,
                Err(other) => panic!("{other:?}"),
            }
        };
        let winners: Vec<KeyRef> = std::thread::scope(|scope| {
            let takers: Vec<_> = (0..COUNT).map(|_| scope.spawn(take)).collect();
            takers.into_iter().filter_map(|taker| taker.join().unwrap()).collect()
        });
        assert_eq!(winners.len(), 1);
        assert_eq!(found(&house, with_label(Label::NAME, &name)), winners);
        // Nothing is left of the others.
        assert_eq!(found(&house, everything()).len(), round + 1);
    }
}

#[test]
fn an_object_is_found_by_the_labels_that_it_has_now() {
    let house = house();
    let (one, other) = (make(&house, active(EVERYTHING)), make(&house, active(EVERYTHING)));
    let is_found = |value: &str| found(&house, with_label("group", value));
    let add = |object: &KeyRef, value: &str| {
        change(&house, object, op::Change::AddLabel("group".to_owned(), value.into())).unwrap();
    };
    assert!(is_found("a").is_empty());
    add(&one, "a");
    add(&one, "b");
    add(&other, "b");
    assert_eq!(is_found("a"), std::slice::from_ref(&one));
    assert_eq!(is_found("b").len(), 2);
    // Another value in its place, and nothing of the old one.
    let set = Label { name: "group".to_owned(), index: 0, value: b"c".to_vec() };
    change(&house, &one, op::Change::SetLabel(set)).unwrap();
    assert_eq!((is_found("a"), is_found("c")), (vec![], vec![one.clone()]));
    change(&house, &one, op::Change::RemoveLabel("group".to_owned(), Some(1))).unwrap();
    assert_eq!(is_found("b"), std::slice::from_ref(&other));
    end(&house, &other);
    assert!(is_found("b").is_empty());
    // A label of another name, or of both put together, is another label.
    assert!(found(&house, with_label("grou", "pc")).is_empty());
    assert!(found(&house, with_label(Label::NAME, "c")).is_empty());
    // One request does all or nothing.
    let changes = vec![
        op::Change::AddLabel("group".to_owned(), b"d".to_vec()),
        op::Change::RemoveLabel("none".to_owned(), None),
    ];
    let refused = house.call(&house.admin(), op::ChangeObject { object: one.clone(), changes });
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    assert!(is_found("d").is_empty());
}

#[test]
fn an_id_and_a_label_are_both_looked_for() {
    let house = house();
    let labels = vec![("group".to_owned(), b"a".to_vec())];
    let (one, other) = (
        make(&house, op::Draft { labels, ..active(EVERYTHING) }),
        make(&house, active(EVERYTHING)),
    );
    let locate = |object: &KeyRef, value: &str| {
        let By::Id(id) = object.by else { panic!("an object by its id") };
        found(&house, op::Locate { id: Some(id), ..with_label("group", value) })
    };
    assert_eq!(locate(&one, "a"), std::slice::from_ref(&one));
    assert!(locate(&one, "b").is_empty() && locate(&other, "a").is_empty());
}

#[test]
fn objects_are_found_page_by_page_the_newest_first() {
    let house = house();
    let (admin, later) = (&house.admin(), |secs| NOW.plus_secs(secs));
    let made: Vec<KeyRef> = (0..5)
        .map(|secs| {
            let new = new_raw(active(EVERYTHING));
            by_id(&house.call_at(admin, new, later(secs)).unwrap().name)
        })
        .collect();
    let newest_first: Vec<_> = made.iter().rev().cloned().collect();
    let page = |offset, limit| {
        house.call_at(admin, op::Locate { offset, limit, ..everything() }, later(5)).unwrap()
    };
    let pages = [page(0, 2), page(2, 2), page(4, 2), page(6, 2)];
    assert!(pages.iter().all(|page| page.total == 5));
    let all: Vec<_> = pages.iter().flat_map(|page| page.objects.iter().map(by_id)).collect();
    assert_eq!(all, newest_first);
    house.call_at(admin, revoke(&made[3], false), later(5)).unwrap();
    house.call_at(admin, op::DestroyObject { object: made[3].clone() }, later(5)).unwrap();
    assert!(!found(&house, everything()).contains(&made[3]));
    let matches = Box::new(|view: &op::ObjectView| view.created > NOW.plus_secs(1));
    assert_eq!(found(&house, op::Locate { matches, ..everything() }).len(), 2);
}

#[test]
fn what_may_not_be_seen_is_not_found() {
    let house = house();
    let of = |name: &str, policy: Option<String>| op::Draft {
        labels: vec![(Label::NAME.to_owned(), name.into())],
        policy,
        ..active(EVERYTHING)
    };
    let (seen, kept) = (
        make(&house, of("seen", None)),
        // The account is not named, and so its own policies allow nothing.
        make(&house, of("kept", Some(policy_with("")))),
    );
    let user = &house.user("user", ALL);
    let found = |locate: op::Locate| {
        let located = house.call(user, locate).unwrap();
        (located.total, located.objects.iter().map(by_id).collect::<Vec<_>>())
    };
    let By::Id(id) = kept.by else { panic!("an object by its id") };
    assert_eq!(found(everything()), (1, vec![seen.clone()]));
    assert_eq!(found(with_label(Label::NAME, "seen")), (1, vec![seen]));
    for locate in [with_label(Label::NAME, "kept"), op::Locate { id: Some(id), ..everything() }] {
        assert_eq!(found(locate), found(with_label(Label::NAME, "nothing")));
    }
    // Nor by who may look for objects and see none.
    let locate = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"strongroom:Locate","Resource":"*"}]}"#;
    let blind = house.call(&house.user("blind", locate), everything()).unwrap();
    assert_eq!(blind.total, 0);
}

// What leaves.

#[test]
fn what_was_once_handed_out_freely_was_not_always_sensitive() {
    let house = house();
    let object =
        make(&house, op::Draft { sensitive: true, unextractable: true, ..active(EVERYTHING) });
    let flags = || {
        let it = view(&house, &object).attributes;
        (it.sensitive, it.always_sensitive, it.extractable, it.never_extractable)
    };
    assert_eq!(flags(), (true, true, false, true));
    assert_eq!(obstacle(material(&house, &object)), Obstacle::Sensitive);
    change(&house, &object, op::Change::Sensitive(false)).unwrap();
    assert_eq!(flags(), (false, false, false, true));
    assert_eq!(obstacle(material(&house, &object)), Obstacle::NotExtractable);
    change(&house, &object, op::Change::Extractable(true)).unwrap();
    assert_eq!(flags(), (false, false, true, false));
    assert!(view(&house, &object).attributes.fresh);
    material(&house, &object).unwrap();
    assert!(!view(&house, &object).attributes.fresh);
    change(&house, &object, op::Change::Sensitive(true)).unwrap();
    change(&house, &object, op::Change::Extractable(false)).unwrap();
    assert_eq!(flags(), (true, false, false, false));
}

#[test]
fn a_key_of_ours_leaves_only_if_its_policy_says_so() {
    let house = house();
    let key = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let pair = house.create(KeySpec::P256, KeyUsage::SignVerify);
    for key in [&key, &pair] {
        // Those who may do everything by their own policies are not let by the key's.
        assert!(matches!(material(&house, key), Err(Error::Denied(_))));
        assert!(matches!(destroy(&house, key), Err(Error::Denied(_))));
        let policy = policy_with("");
        let put = op::PutKeyPolicy { key: key.clone(), policy, bypass_lockout_check: true };
        house.call(&house.admin(), put).unwrap();
        assert!(!material(&house, key).unwrap().is_empty());
    }
}

#[test]
fn one_action_on_a_key_does_not_hand_it_out() {
    let house = house();
    let user = "arn:aws:iam::111122223333:user/reader";
    let all_but =
        r#"{"Effect":"Deny","Principal":"*","Action":"strongroom:GetKeyMaterial","Resource":"*"}"#;
    let policy = policy_with(&format!(",{},{all_but}", allow_by_name(user, "*")));
    let object = make(&house, op::Draft { policy: Some(policy), ..active(EVERYTHING) });
    let reader = &house.user("reader", ALL);
    house.call(reader, op::ReadObject { object: object.clone() }).unwrap();
    let get = op::GetMaterial { object, wanted: op::Wanted::default() };
    assert!(matches!(house.call(reader, get), Err(Error::Denied(_))));
}

#[test]
fn a_raw_key_is_none_of_our_schemes() {
    let house = house();
    let admin = &house.admin();
    let raw = make(&house, active(EVERYTHING));
    let refused = house.call(admin, encrypt(&raw, b"x"));
    assert!(matches!(refused, Err(Error::WrongUsage { .. })), "{refused:?}");
    let pages = op::GenerateDataKey { key: raw, context: crate::house::context(&[]), len: 32 };
    let refused = house.call(admin, pages);
    assert!(matches!(refused, Err(Error::WrongUsage { .. })));
}

#[test]
fn a_pair_that_was_made_or_brought_signs_like_any_other() {
    let house = house();
    let admin = &house.admin();
    let drafts = (active(Purposes::SIGN), active(Purposes::VERIFY));
    let made = house.call(admin, new_pair(drafts.0, drafts.1)).unwrap();
    let made = by_id(&made.private.name);
    let pkcs8 = Secret::new(material(&house, &made).unwrap());
    let bring = |form, bytes| op::RegisterObject {
        kind: Kind::PrivateKey,
        material: op::RegisteredMaterial::Private(form, bytes),
        ..brought(b"", active(Purposes::SIGN))
    };
    let same = house.call(admin, bring(Form::Pkcs8, pkcs8)).unwrap();
    let rsa = house.create(KeySpec::Rsa2048, KeyUsage::SignVerify);
    let policy = policy_with("");
    let put = op::PutKeyPolicy { key: rsa.clone(), policy, bypass_lockout_check: true };
    house.call(admin, put).unwrap();
    let get = op::GetMaterial { object: rsa, wanted: Some(Form::Pkcs1).into() };
    let pkcs1 = house.call(admin, get).unwrap().material;
    let rsa = house.call(admin, bring(Form::Pkcs1, pkcs1)).unwrap();
    assert_eq!((rsa.spec, rsa.attributes.bits), (Spec::Key(KeySpec::Rsa2048), 2048));
    for (key, algorithm) in [
        (&made, SigningAlgorithm::EcdsaSha256),
        (&by_id(&same.name), SigningAlgorithm::EcdsaSha256),
        (&by_id(&rsa.name), SigningAlgorithm::RsaPssSha256),
    ] {
        let asked = || op::Sign { algorithm, ..sign(key) };
        let op::Sign { message_type, message, .. } = asked();
        let signature = house.call(admin, asked()).unwrap().signature;
        // Its purpose is to sign, and nothing else; its public key is that of the pair.
        let key = key.clone();
        let verify = op::Verify { key, algorithm, message_type, message, signature };
        house.call(admin, verify).unwrap();
    }
    // The public half is an object that signs nothing.
    let public = by_id(&view(&house, &made).name);
    let link = view(&house, &made).attributes.links.remove(0);
    assert_eq!(link.kind, Link::PUBLIC_KEY);
    let refused = house.call(admin, sign(&KeyRef { by: By::Id(link.to), ..public }));
    assert!(matches!(refused, Err(Error::WrongUsage { .. })), "{refused:?}");
}

// States.

#[test]
fn a_state_follows_from_the_dates_and_the_time() {
    let house = house();
    let day = |days| NOW.plus_secs(days * DAY);
    let life = Life { activation: Some(day(1)), deactivation: Some(day(2)), compromise: None };
    let draft = || op::Draft { life, ..active(Purposes::SIGN) };
    let made = house.call(&house.admin(), new_pair(draft(), active(Purposes::VERIFY))).unwrap();
    let key = by_id(&made.private.name);
    let held = op::ObjectState::Held;
    let signs_at = |wall| house.call_at(&house.admin(), sign(&key), wall).map(drop);
    let ms_before = |Wall(ms)| Wall(ms - 1);
    assert_eq!(state_at(&house, &key, NOW), held(State::PreActive));
    assert_eq!(obstacle(signs_at(ms_before(day(1)))), Obstacle::PreActive);
    assert_eq!(state_at(&house, &key, day(1)), held(State::Active));
    signs_at(day(1)).unwrap();
    assert_eq!(state_at(&house, &key, ms_before(day(2))), held(State::Active));
    assert_eq!(state_at(&house, &key, day(2)), held(State::Deactivated));
    assert_eq!(obstacle(signs_at(day(2))), Obstacle::Deactivated);
    // Nobody has touched it since it was made.
    assert_eq!(view(&house, &key).attributes.last_change, NOW);
}

#[test]
fn a_clock_that_is_set_back_makes_nothing_pre_active_again() {
    let house = house();
    let (soon, later) = (NOW.plus_secs(60), NOW.plus_secs(120));
    let life = Life { activation: Some(soon), deactivation: Some(later), compromise: None };
    let object = make(&house, op::Draft { life, ..active(EVERYTHING) });
    let states = [(soon, State::Active), (later, State::Deactivated)];
    for (wall, state) in states {
        assert_eq!(state_at(&house, &object, wall), op::ObjectState::Held(state));
        house.engine.keep_time(crate::house::at(wall), wall.0).unwrap();
        for back in [NOW, Wall(NOW.0 - DAY * 1000)] {
            let at = model::At { monotonic_ms: wall.0, ..crate::house::at(back) };
            let read = op::ReadObject { object: object.clone() };
            let read = house.engine.call(&house.admin(), &read, at, Mode::Run).unwrap();
            assert_eq!(read.wait().unwrap().state, op::ObjectState::Held(state));
        }
    }
}

#[test]
fn dates_are_changed_only_while_they_are_ahead() {
    let house = house();
    let day = |days| NOW.plus_secs(days * DAY);
    let fresh = make(&house, op::Draft { life: Life::default(), ..active(EVERYTHING) });
    change(&house, &fresh, op::Change::Activation(day(1))).unwrap();
    change(&house, &fresh, op::Change::Deactivation(Some(day(2)))).unwrap();
    let planned = Life { activation: Some(day(1)), deactivation: Some(day(2)), compromise: None };
    assert_eq!(view(&house, &fresh).life, planned);
    house.call(&house.admin(), op::ActivateObject { object: fresh.clone() }).unwrap();
    assert_eq!(view(&house, &fresh).state, op::ObjectState::Held(State::Active));
    let refused = change(&house, &fresh, op::Change::Activation(day(1)));
    assert_eq!(obstacle(refused), Obstacle::NotPreActive);
    change(&house, &fresh, op::Change::Deactivation(None)).unwrap();
    house.call(&house.admin(), revoke(&fresh, false)).unwrap();
    let refused = change(&house, &fresh, op::Change::Deactivation(Some(day(9))));
    assert_eq!(obstacle(refused), Obstacle::Deactivated);
    // What is compromised is so for good.
    house.call(&house.admin(), revoke(&fresh, true)).unwrap();
    let refused = change(&house, &fresh, op::Change::Deactivation(None));
    assert_eq!(obstacle(refused), Obstacle::Deactivated);
    assert_eq!(view(&house, &fresh).state, op::ObjectState::Held(State::Compromised));
}

#[test]
fn what_is_deactivated_verifies_and_what_is_compromised_does_nothing() {
    let house = house();
    let admin = &house.admin();
    let drafts = (active(Purposes::SIGN), active(Purposes::VERIFY));
    let made = house.call(admin, new_pair(drafts.0, drafts.1)).unwrap();
    let key = by_id(&made.private.name);
    let signature = house.call(admin, sign(&key)).unwrap().signature;
    let verify = || {
        let op::Sign { key, algorithm, message_type, message } = sign(&key);
        let signature = signature.clone();
        house.call(admin, op::Verify { key, algorithm, message_type, message, signature })
    };
    house.call(admin, revoke(&key, false)).unwrap();
    assert_eq!(obstacle(house.call(admin, sign(&key)).map(drop)), Obstacle::Deactivated);
    verify().unwrap();
    house.call(admin, revoke(&key, true)).unwrap();
    assert_eq!(obstacle(house.call(admin, sign(&key)).map(drop)), Obstacle::Compromised);
    assert_eq!(obstacle(verify().map(drop)), Obstacle::Compromised);
    let known = view(&house, &key).attributes;
    assert_eq!(known.compromise_occurrence, Some(NOW));
    assert_eq!(known.revocation.unwrap().reason, 1);
}

#[test]
fn what_is_archived_is_out_of_reach_until_it_is_recovered() {
    let house = house();
    let object = make(&house, active(EVERYTHING));
    let before = material(&house, &object).unwrap();
    let archive = op::ArchiveObject { object: object.clone() };
    assert_eq!(house.call(&house.admin(), archive).unwrap().attributes.archived, Some(NOW));
    assert_eq!(obstacle(material(&house, &object)), Obstacle::Archived);
    // Nothing ends it either.
    assert_eq!(obstacle(destroy(&house, &object)), Obstacle::Archived);
    assert_eq!(obstacle(house.call(&house.admin(), revoke(&object, true))), Obstacle::Archived);
    // Who may not see it is not told that it is archived.
    let other = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"strongroom:Locate","Resource":"*"}]}"#;
    let nobody = &house.user("nobody", other);
    let refused = house.call(nobody, op::ReadObject { object: object.clone() });
    assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
    house.call(&house.admin(), op::RecoverObject { object: object.clone() }).unwrap();
    assert_eq!(material(&house, &object).unwrap(), before);
    assert_eq!(view(&house, &object).attributes.archived, None);
}

// Records.

#[test]
fn everything_that_is_known_of_an_object_is_known_after_a_restart() {
    let house = house();
    let admin = &house.admin();
    let other = make(&house, active(EVERYTHING));
    let By::Id(to) = other.by else { panic!("an object by its id") };
    let day = |days| Some(NOW.plus_secs(days * DAY));
    let draft = op::Draft {
        purposes: EVERYTHING,
        life: Life { activation: day(1), deactivation: day(9), compromise: None },
        period: Cryptoperiod {
            recipient_from: day(2),
            originator_until: day(3),
            recipient_until: day(4),
        },
        sensitive: true,
        usage_limit: Some(UsageLimit { total: 1 << 40, unit: LimitUnit::Bytes }),
        original_creation: Some(Wall(5)),
        bits: Some(255),
        links: vec![Link { kind: 0x101, to }],
        labels: vec![
            (Label::NAME.to_owned(), b"kept".to_vec()),
            ("group".to_owned(), b"a".to_vec()),
            ("group".to_owned(), vec![0xff, 0]),
        ],
        ..op::Draft::default()
    };
    let bytes = Secret::new(vec![9; 20]);
    let register = op::RegisterObject {
        kind: Kind::SymmetricKey,
        material: op::RegisteredMaterial::Raw(RawSpec::HmacSha1, bytes),
        ..brought(b"", draft)
    };
    let object = by_id(&house.call(admin, register).unwrap().name);
    house.call(admin, revoke(&object, true)).unwrap();
    let archive = op::ArchiveObject { object: object.clone() };
    let mut before = house.call(admin, archive).unwrap();
    assert_eq!(before.attributes.archived.take(), Some(NOW));
    assert_eq!(before.usage_left, Some(1 << 40));
    assert_eq!(before.attributes.labels.len(), 3);
    let house = again(house);
    assert_eq!(obstacle(material(&house, &object)), Obstacle::Archived);
    assert_eq!(found(&house, with_label(Label::NAME, "kept")), std::slice::from_ref(&object));
    let recover = op::RecoverObject { object: object.clone() };
    let after = house.call(&house.admin(), recover).unwrap();
    assert_eq!(format!("{after:?}"), format!("{before:?}"));
    change(&house, &object, op::Change::Sensitive(false)).unwrap();
    assert_eq!(material(&house, &object).unwrap(), [9; 20]);
}

#[test]
fn a_record_that_could_not_be_read_is_not_written() {
    let house = house();
    let admin = &house.admin();
    let with_policy = |policy: &str| {
        let policy = Some(policy.to_owned());
        house.call(admin, new_raw(op::Draft { policy, ..active(EVERYTHING) }))
    };
    let refused = with_policy("nonsense");
    assert!(matches!(refused, Err(Error::Invalid(Invalid::Policy(_)))), "{refused:?}");
    let refused = with_policy(&" ".repeat(40_000));
    assert!(matches!(refused, Err(Error::TooMany(Limit::PolicyLength))), "{refused:?}");
    let labels = (0..1_000_u32).map(|at| ("x".to_owned(), at.to_be_bytes().to_vec())).collect();
    let refused = house.call(admin, new_raw(op::Draft { labels, ..active(EVERYTHING) }));
    assert!(matches!(refused, Err(Error::TooMany(Limit::Labels))), "{refused:?}");
    assert_eq!(house.call(admin, everything()).unwrap().total, 0);
}

#[test]
fn an_entry_names_the_objects_and_the_version_that_was_used() {
    let house = house();
    let admin = &house.admin();
    let object = make(&house, active(EVERYTHING));
    let by = make(&house, active(Purposes::WRAP));
    let id = KeyId::from_random([7; 16]);
    let import = |replaces| {
        let draft = active(EVERYTHING);
        op::RegisterObject { id: Some(id), replaces, ..brought(b"brought", draft) }
    };
    let before = house.engine.log_status().unwrap().next_index;
    house.call(admin, op::ReadObject { object: object.clone() }).unwrap();
    material(&house, &object).unwrap();
    let method = op::WrapMethod::Aes(model::raw::Wrapping::KeyWrap);
    let (wrapped, dress): (_, op::Dress) = (object.clone(), Box::new(|_, _, bare| Ok(bare)));
    let wrap = op::WrapMaterial {
        object: wrapped,
        wanted: op::Wanted::default(),
        by: by.clone(),
        method,
        dress,
    };
    house.call(admin, wrap).unwrap();
    house.call(admin, import(false)).unwrap();
    house.call(admin, import(true)).unwrap();
    end(&house, &object);
    let after = house.engine.log_status().unwrap().next_index;
    house.engine.seal();
    let log = audit::Folder::new(&house.folder.path().join("audit"));
    let entries = log.entries(before, usize::MAX, after).unwrap();
    let named: Vec<Vec<String>> = entries.into_iter().map(|(_, entry)| entry.resources).collect();
    let arn = |object: &KeyRef| {
        let By::Id(id) = object.by else { panic!("an object by its id") };
        model::ObjectName { account: account(), region: region(), id }.arn()
    };
    let imported = arn(&KeyRef { by: By::Id(id), ..object.clone() });
    let (object, by) = (arn(&object), arn(&by));
    let used = format!("{object}#1");
    assert_eq!(
        named,
        [
            vec![object.clone()],
            vec![used.clone()],
            vec![used, format!("{by}#1")],
            vec![imported.clone()],
            vec![imported],
            vec![object.clone()],
            vec![object],
        ]
    );
}
