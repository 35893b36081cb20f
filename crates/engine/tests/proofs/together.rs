//! Several operations that are done together or not at all.

use std::{fs, sync::Arc};

use audit::{Entry, Outcome};
use engine::{By, Caller, KeyRef, Operation, Together, op};
use model::{
    Action, Error, ObjectName, Obstacle,
    algorithm::{KeySpec, KeyUsage, RawSpec, Spec},
    error::{Existing, Missing, Unavailable},
    key::State,
    object::{Kind, Label, LimitUnit, Purposes, UsageLimit},
};

use crate::{
    crash::{Frail, restarted},
    house::{House, NOW, account, at, by_id, copy, house, house_on, region},
    stage::alias_ref,
};

fn create(name: &str) -> op::CreateObject {
    let (kind, spec) = (Kind::SymmetricKey, Spec::Raw(RawSpec::Aes256));
    let labels = vec![(Label::NAME.to_owned(), name.into()), (GROUP.to_owned(), b"disks".to_vec())];
    let draft = op::Draft { purposes: Purposes::ENCRYPT, labels, ..op::Draft::default() };
    op::CreateObject { account: account(), region: region(), kind, spec, len: 32, draft }
}

const GROUP: &str = "Object Group";

fn locate(name: &str, value: &[u8]) -> op::Locate {
    let (account, region) = (account(), region());
    let label = Some(Label { name: name.to_owned(), index: 0, value: value.to_vec() });
    let matches = Box::new(|_: &op::ObjectView| true);
    let (id, destroyed, offset, limit) = (None, false, 0, 10);
    op::Locate { account, region, label, id, destroyed, matches, offset, limit }
}

fn activate(object: &KeyRef) -> op::ActivateObject {
    op::ActivateObject { object: object.clone() }
}

fn destroy(object: &KeyRef) -> op::DestroyObject {
    op::DestroyObject { object: object.clone() }
}

fn read(object: &KeyRef) -> op::ReadObject {
    op::ReadObject { object: object.clone() }
}

fn get(object: &KeyRef) -> op::GetMaterial {
    op::GetMaterial { object: object.clone(), wanted: op::Wanted::default() }
}

fn missing(name: &ObjectName) -> Error {
    Error::NotFound(Missing::Key(name.clone()))
}

impl House {
    fn together<O: Operation>(&self, all: &Together, operation: O) -> Result<O::Reply, Error> {
        self.engine.call_together(all, &operation, at(NOW))?.wait()
    }

    fn commit(&self, all: &Together) -> Result<(), Error> {
        self.engine.commit_together(all)?.wait()
    }

    fn state(&self, object: &KeyRef) -> op::ObjectState {
        self.call(&self.admin(), read(object)).unwrap().state
    }

    fn entries(&self) -> u64 {
        self.engine.log_status().unwrap().next_index
    }
}

/// The entries from this one on, with what they say of how it ended.
fn told(house: House, from: u64) -> (House, Vec<(Action, Outcome)>) {
    let size = house.entries();
    let mut told: Vec<Entry> = Vec::new();
    // Starting again signs all that there is.
    let house = restarted(house, |log| {
        let entries = audit::Folder::new(log).entries(0, usize::MAX, size).unwrap();
        told = entries.into_iter().map(|(_, entry)| entry).skip(from as usize).collect();
    });
    let ids: std::collections::HashSet<_> = told.iter().map(|entry| entry.id).collect();
    assert_eq!(ids.len(), told.len(), "each entry has an id of its own");
    (house, told.into_iter().map(|entry| (entry.action, entry.outcome)).collect())
}

fn failed(code: &'static str) -> Outcome {
    Outcome::Failed(code.into())
}

#[test]
fn each_sees_what_those_before_it_changed_and_nobody_else_does() {
    let house = house();
    let (admin, all) = (house.admin(), Together::of(house.admin()));
    let made = house.together(&all, create("disk")).unwrap();
    let object = by_id(&made.name);
    assert_eq!(house.together(&all, read(&object)).unwrap().state, made.state);
    let active = house.together(&all, activate(&object)).unwrap();
    assert_eq!(active.state, op::ObjectState::Held(State::Active));
    let seen = house.together(&all, read(&object)).unwrap();
    assert_eq!(seen.state, op::ObjectState::Held(State::Active));
    for label in [(Label::NAME, &b"disk"[..]), (GROUP, b"disks")] {
        let found = house.together(&all, locate(label.0, label.1)).unwrap();
        assert_eq!(found.objects, std::slice::from_ref(&made.name));
        assert_eq!(house.call(&admin, locate(label.0, label.1)).unwrap().total, 0);
    }
    assert_eq!(house.together(&all, get(&object)).unwrap().material.expose().len(), 32);
    assert!(!house.together(&all, read(&object)).unwrap().attributes.fresh);
    assert_eq!(house.call(&admin, read(&object)).unwrap_err(), missing(&made.name));
}

#[test]
fn what_is_committed_together_is_one_change_with_its_entries_in_order() {
    let house = house();
    let (all, from) = (Together::of(house.admin()), house.entries());
    let first = house.together(&all, create("first")).unwrap().name;
    let second = house.together(&all, create("second")).unwrap().name;
    house.together(&all, activate(&by_id(&second))).unwrap();
    house.together(&all, destroy(&by_id(&first))).unwrap();
    assert_eq!(house.entries(), from, "nothing is done as yet");
    let before = house.store.revision();
    house.commit(&all).unwrap();
    assert_eq!(house.store.revision(), before + 1);
    assert_eq!(house.entries(), from + 4);
    let (house, told) = told(house, from);
    let told: Vec<_> = told.into_iter().take(4).collect();
    let actions =
        [Action::CreateKey, Action::CreateKey, Action::ActivateObject, Action::DestroyObject];
    assert_eq!(told, actions.map(|action| (action, Outcome::Allowed)));
    assert_eq!(house.state(&by_id(&first)), op::ObjectState::Destroyed);
    assert_eq!(house.state(&by_id(&second)), op::ObjectState::Held(State::Active));
    // And it goes on from there.
    let reply = house.call(&house.admin(), get(&by_id(&second))).unwrap();
    assert!(reply.view.attributes.fresh);
    assert!(!house.call(&house.admin(), read(&by_id(&second))).unwrap().attributes.fresh);
    let found = house.call(&house.admin(), locate(Label::NAME, b"first")).unwrap();
    assert_eq!(found.total, 0);
    house.call(&house.admin(), create("first")).unwrap();
    let taken = house.call(&house.admin(), create("second")).unwrap_err();
    assert_eq!(taken, Error::AlreadyExists(Existing::ObjectLabel));
}

#[test]
fn what_is_abandoned_leaves_nothing_but_what_the_log_says_of_it() {
    let house = house();
    let kept = by_id(&house.call(&house.admin(), create("kept")).unwrap().name);
    let (all, from, before) =
        (Together::of(house.admin()), house.entries(), house.store.revision());
    let made = house.together(&all, create("disk")).unwrap().name;
    house.together(&all, activate(&kept)).unwrap();
    house.together(&all, read(&by_id(&made))).unwrap();
    let refused = house.together(&all, activate(&kept)).unwrap_err();
    assert!(matches!(refused, Error::WrongState { .. }));
    house.engine.abandon(&all).unwrap();
    // Nothing is left to be done or told.
    house.engine.abandon(&all).unwrap();
    house.commit(&all).unwrap();
    assert_eq!(house.store.revision(), before);
    assert_eq!(house.state(&kept), op::ObjectState::Held(State::PreActive));
    assert_eq!(house.call(&house.admin(), read(&by_id(&made))).unwrap_err(), missing(&made));
    assert_eq!(house.call(&house.admin(), locate(GROUP, b"disks")).unwrap().total, 1);
    house.call(&house.admin(), create("disk")).unwrap();
    let (_, told) = told(house, from);
    let expected = [
        // A use is told when it is made, and so is what failed.
        (Action::DescribeKey, Outcome::Allowed),
        (Action::ActivateObject, failed("wrong-state")),
        (Action::CreateKey, failed("undone")),
        (Action::ActivateObject, failed("undone")),
    ];
    assert_eq!(told[..4], expected);
}

#[test]
fn another_change_that_came_first_is_a_conflict_and_nothing_is_done() {
    let house = house();
    let object = by_id(&house.call(&house.admin(), create("contended")).unwrap().name);
    let (all, from) = (Together::of(house.admin()), house.entries());
    let made = house.together(&all, create("disk")).unwrap().name;
    house.together(&all, activate(&object)).unwrap();
    house.together(&all, get(&object)).unwrap();
    house.call(&house.admin(), destroy(&object)).unwrap();
    let before = house.store.revision();
    assert_eq!(house.commit(&all).unwrap_err(), Error::Conflict);
    assert_eq!(house.store.revision(), before);
    assert_eq!(house.state(&object), op::ObjectState::Destroyed);
    assert_eq!(house.call(&house.admin(), read(&by_id(&made))).unwrap_err(), missing(&made));
    // What it failed by is told, once.
    house.engine.abandon(&all).unwrap();
    let (_, told) = told(house, from);
    let expected = [
        (Action::DestroyObject, Outcome::Allowed),
        (Action::CreateKey, failed("conflict")),
        (Action::ActivateObject, failed("conflict")),
        (Action::GetKeyMaterial, failed("conflict")),
    ];
    assert_eq!(told[..4], expected);
}

#[test]
fn a_name_is_unique_among_what_is_not_committed_yet() {
    let house = house();
    let all = Together::of(house.admin());
    let first = house.together(&all, create("disk")).unwrap().name;
    let taken = house.together(&all, create("disk")).unwrap_err();
    assert_eq!(taken, Error::AlreadyExists(Existing::ObjectLabel));
    // It is free again when its object is destroyed, and passes on within one commit.
    house.together(&all, destroy(&by_id(&first))).unwrap();
    let second = house.together(&all, create("disk")).unwrap().name;
    house.commit(&all).unwrap();
    let found = house.call(&house.admin(), locate(Label::NAME, b"disk")).unwrap();
    assert_eq!(found.objects, [second]);
}

#[test]
fn of_two_that_take_the_same_name_the_second_is_a_conflict() {
    let house = house();
    let (one, two) = (Together::of(house.admin()), Together::of(house.admin()));
    let first = house.together(&one, create("disk")).unwrap().name;
    house.together(&two, create("disk")).unwrap();
    house.commit(&one).unwrap();
    assert_eq!(house.commit(&two).unwrap_err(), Error::Conflict);
    let found = house.call(&house.admin(), locate(Label::NAME, b"disk")).unwrap();
    assert_eq!(found.objects, [first]);
}

#[test]
fn what_policy_denies_is_denied_among_others_too() {
    let house = house();
    let object = by_id(&house.call(&house.admin(), create("disk")).unwrap().name);
    let nobody: Caller = house.user_with("nobody", &[]);
    let (all, from) = (Together::of(nobody), house.entries());
    assert!(matches!(house.together(&all, create("mine")), Err(Error::Denied(_))));
    assert!(matches!(house.together(&all, activate(&object)), Err(Error::Denied(_))));
    house.commit(&all).unwrap();
    assert_eq!(house.state(&object), op::ObjectState::Held(State::PreActive));
    assert_eq!(house.entries(), from + 3);
}

#[test]
fn what_changes_more_than_the_store_is_not_done_among_others() {
    let house = house();
    let all = Together::of(house.admin());
    assert!(matches!(house.together(&all, op::Seal), Err(Error::Internal(_))));
    assert!(matches!(house.together(&all, op::RotateRootKey), Err(Error::Internal(_))));
    house.commit(&all).unwrap();
    assert!(!house.engine.is_sealed());
    house.call(&house.admin(), create("disk")).unwrap();
}

#[test]
fn what_a_key_protects_counts_against_its_limit_before_it_is_committed() {
    let house = house();
    let (all, mut make) = (Together::of(house.admin()), create("limited"));
    make.draft.usage_limit = Some(UsageLimit { total: 4, unit: LimitUnit::Calls });
    let object = by_id(&house.together(&all, make).unwrap().name);
    house.together(&all, activate(&object)).unwrap();
    let take = || op::AllocateUsage { object: object.clone(), units: 1 };
    house.together(&all, take()).unwrap();
    house.together(&all, take()).unwrap();
    assert_eq!(house.together(&all, read(&object)).unwrap().usage_left, Some(2));
    house.commit(&all).unwrap();
    let left = |house: &House| house.call(&house.admin(), read(&object)).unwrap().usage_left;
    assert_eq!(left(&house), Some(2));
    house.call(&house.admin(), take()).unwrap();
    // What is used of a key that is not changed is used, whatever becomes of the others.
    let all = Together::of(house.admin());
    house.together(&all, take()).unwrap();
    house.engine.abandon(&all).unwrap();
    let is_used_up =
        |error| matches!(error, Error::WrongState { obstacle: Obstacle::LimitReached, .. });
    assert!(is_used_up(house.together(&all, take()).unwrap_err()));
    assert_eq!(left(&house), Some(0));
}

#[test]
fn an_alias_is_seen_by_those_after_it() {
    let house = house();
    let all = Together::of(house.admin());
    let key = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let alias = alias_ref("disk");
    let named = KeyRef { by: By::Alias(alias.alias.clone()), ..key.clone() };
    // That there is none is known to the cache.
    assert!(house.call(&house.admin(), read(&named)).is_err());
    let make = op::CreateAlias { alias: alias.clone(), key: key.clone() };
    house.together(&all, make).unwrap();
    assert_eq!(by_id(&house.together(&all, read(&named)).unwrap().name), key);
    assert!(house.call(&house.admin(), read(&named)).is_err());
    house.together(&all, op::DeleteAlias { alias }).unwrap();
    assert!(house.together(&all, read(&named)).is_err());
    house.commit(&all).unwrap();
    assert!(house.call(&house.admin(), read(&named)).is_err());
}

#[test]
fn entries_that_a_crash_kept_out_of_the_log_are_in_it_once_and_in_order() {
    let house = house_on(Arc::new(Frail { never_settles: true, ..Frail::default() }));
    let elsewhere = tempfile::tempdir().unwrap();
    let house = restarted(house, |log| copy(log, elsewhere.path()));
    let (all, from) = (Together::of(house.admin()), house.entries());
    let made = house.together(&all, create("disk")).unwrap().name;
    house.together(&all, activate(&by_id(&made))).unwrap();
    house.commit(&all).unwrap();
    // The log as it was when the commit was made and nothing appended.
    let house = restarted(house, |log| {
        fs::remove_dir_all(log).unwrap();
        copy(elsewhere.path(), log);
    });
    assert_eq!(house.entries(), from + 2);
    assert_eq!(house.state(&by_id(&made)), op::ObjectState::Held(State::Active));
    let expected =
        [(Action::CreateKey, Outcome::Allowed), (Action::ActivateObject, Outcome::Allowed)];
    // The outbox holds them still: however often the server starts, nothing is told twice.
    let (house, first) = told(house, from);
    let (_, second) = told(house, from);
    assert_eq!((&first[..2], first.len()), (&expected[..], 3));
    assert_eq!(second, first);
}

#[test]
fn a_disk_that_fails_at_the_commit_is_told_of_each() {
    let store = Arc::new(Frail::default());
    let house = house_on(store.clone());
    let (all, from) = (Together::of(house.admin()), house.entries());
    let made = house.together(&all, create("disk")).unwrap().name;
    house.together(&all, activate(&by_id(&made))).unwrap();
    store.fails.store(true, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(house.commit(&all).unwrap_err(), Error::Unavailable(Unavailable::Store));
    store.fails.store(false, std::sync::atomic::Ordering::Relaxed);
    // It had kept all of it, which the next start finds and tells.
    let house = restarted(house, |_| ());
    assert_eq!(house.state(&by_id(&made)), op::ObjectState::Held(State::Active));
    let (_, told) = told(house, from);
    let actions = [Action::CreateKey, Action::ActivateObject];
    let not_done = actions.map(|action| (action, failed("unavailable")));
    let done = actions.map(|action| (action, Outcome::Allowed));
    assert_eq!((&told[..2], &told[2..4]), (&not_done[..], &done[..]));
}
