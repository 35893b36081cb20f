//! Whether what the caller may not touch is there shows in nothing: not in the answer, not in how
//! much is recorded, and not in the steps that are taken to it, which is what takes time.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use engine::{AliasRef, By, Caller, KeyRef, Mode, op};
use model::{Action, Error, ObjectName};
use store::{
    Batch, Done, Failure, OutboxEntry, Place, Record, Slot, Store, Watcher, memory::Memory,
};

use crate::{
    house::{ALL, House, OFFLOADED, encrypt, house_on},
    stage::{Stage, alias_ref},
    states::stage_of_destroyed,
    verbs::{self, Attempt, Judge, Verb, re_encrypt},
};

/// A store that counts what is read of it.
#[derive(Default)]
struct Counted {
    store: Memory,
    reads: AtomicU64,
}

impl Store for Counted {
    fn get(&self, place: &Place) -> Result<Slot, Failure> {
        self.reads.fetch_add(1, Relaxed);
        self.store.get(place)
    }

    fn scan(
        &self,
        prefix: &[u8],
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Vec<Record>, Failure> {
        self.reads.fetch_add(1, Relaxed);
        self.store.scan(prefix, after, limit)
    }

    fn commit(&self, batch: Batch, done: Done) {
        self.store.commit(batch, done);
    }

    fn watch(&self, watcher: Watcher) {
        self.store.watch(watcher);
    }

    fn outbox(&self) -> Result<Vec<OutboxEntry>, Failure> {
        self.store.outbox()
    }

    fn settle(&self, ids: &[[u8; 16]]) {
        self.store.settle(ids);
    }

    fn revision(&self) -> u64 {
        self.store.revision()
    }
}

/// What can be seen of an attempt, from outside or by a clock.
#[derive(Debug, PartialEq)]
struct Seen {
    outcome: Result<(), Error>,
    /// How often it waited for the pool.
    offloads: u64,
    /// How often it read the store.
    reads: u64,
    /// How much it left in the log.
    entries: u64,
}

fn seen(house: &House, store: &Counted, caller: &Caller, verb: &Verb, stage: &Stage) -> Seen {
    let entries = || house.engine.log_status().unwrap().next_index;
    let before = (OFFLOADED.get(), store.reads.load(Relaxed), entries());
    let outcome = verb.attempt(&Attempt { house, caller, stage, mode: Mode::Run });
    Seen {
        outcome,
        offloads: OFFLOADED.get() - before.0,
        reads: store.reads.load(Relaxed) - before.1,
        entries: entries() - before.2,
    }
}

/// The same key reference by an alias.
fn by_alias(name: &str) -> KeyRef {
    let AliasRef { account, region, alias } = alias_ref(name);
    KeyRef { account, region, by: By::Alias(alias) }
}

/// Who may not do anything to the first account's keys: of that account, and of another.
fn strangers(house: &House) -> [Caller; 2] {
    [house.user_with("nobody", &[]), house.second_account()]
}

#[test]
fn the_same_steps_are_taken_to_what_is_kept_from_the_caller_and_to_what_is_not_there() {
    let store = Arc::new(Counted::default());
    let house = house_on(store.clone());
    let (there, gone) = (Stage::new(&house, None), Stage::of_nothing(&house, 0x2b));
    let destroyed = stage_of_destroyed(&house);
    // Its trial reads the store itself.
    let tried = || verbs::all().filter(|verb| verb.name != "RemoveUnsealSource");
    for caller in &strangers(&house) {
        for (verb, stage) in
            tried().flat_map(|verb| [(verb, &there), (verb, &destroyed), (verb, &gone)])
        {
            let trial = |stage| seen(&house, &store, caller, verb, stage);
            assert_eq!(trial(stage), trial(&gone), "{}", verb.name);
        }
    }
    let steps = |verb: &Verb| seen(&house, &store, &house.admin(), verb, &there).offloads;
    let quick = tried().filter(|verb| verb.judge == Judge::Key && steps(verb) == 0);
    assert!(quick.count() > 5, "who may is not held up");
}

#[test]
fn an_alias_takes_the_same_steps_whether_it_leads_anywhere_or_not() {
    let store = Arc::new(Counted::default());
    let house = house_on(store.clone());
    let stage = Stage::new(&house, None);
    let there = KeyRef { by: By::Alias(stage.alias.alias.clone()), ..stage.key.clone() };
    let gone = by_alias("leads-nowhere");
    for caller in &strangers(&house) {
        let trial = |key: &KeyRef| {
            let before = (OFFLOADED.get(), store.reads.load(Relaxed));
            let outcome = house.perform(caller, encrypt(key, b"plain"), Mode::Run).map(drop);
            assert_eq!(outcome, Err(Error::Denied(Action::Encrypt)));
            (OFFLOADED.get() - before.0, store.reads.load(Relaxed) - before.1)
        };
        // What it leads to, if to anything, is in the caches from now on.
        let _ = (trial(&there), trial(&gone));
        assert_eq!(trial(&there), trial(&gone));
    }
}

#[test]
fn a_destination_takes_the_same_steps_though_the_source_has_to_be_read() {
    let store = Arc::new(Counted::default());
    let house = house_on(store.clone());
    let (admin, own, kept) = (house.admin(), Stage::new(&house, None), Stage::new(&house, None));
    let gone = Stage::of_nothing(&house, 0x2b);
    // Everything, but nothing with the key that is kept from it.
    let deny = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Action":"kms:ReEncryptTo","Resource":"{}"}},{{"Effect":"Deny","Action":"kms:ReEncryptTo","Resource":"{}"}}]}}"#,
        arn(&kept.key),
        arn(&gone.key),
    );
    let caller = house.user_with("clerk", &[ALL, &deny]);
    let trial = |destination: &KeyRef| {
        // A change of the source has it read again.
        let description = "so that it is not at hand".to_owned();
        let change = op::UpdateKeyDescription { key: own.key.clone(), description };
        house.call(&admin, change).unwrap();
        let before = (OFFLOADED.get(), store.reads.load(Relaxed));
        let outcome = house.perform(&caller, re_encrypt(&own.ciphertext, destination), Mode::Run);
        assert_eq!(outcome.map(drop), Err(Error::Denied(Action::ReEncryptTo)));
        (OFFLOADED.get() - before.0, store.reads.load(Relaxed) - before.1)
    };
    // The one is in the cache from now on.
    house.call(&admin, encrypt(&kept.key, b"plain")).unwrap();
    let _ = (trial(&kept.key), trial(&gone.key));
    assert_eq!(trial(&kept.key), trial(&gone.key));
}

fn arn(key: &KeyRef) -> String {
    let By::Id(id) = key.by else { panic!("a key by its id") };
    ObjectName { account: key.account, region: key.region.clone(), id }.arn()
}
