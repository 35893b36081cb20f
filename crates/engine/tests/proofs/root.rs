//! The root key: sealing under load, unsealing by those who hold the means, and its replacement
//! while the server works.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    thread,
};

use crypto::{
    root::RootKey,
    unseal::{Share, Source},
};
use engine::{Caller, Engine, Given, KeyRef, Mode, Progress, Refused, Way, op};
use model::{
    Action, Error, Secret,
    algorithm::{KeySpec, KeyUsage},
    error::{Existing, Missing, Unavailable},
};
use store::{
    Batch, Done, Failure, OutboxEntry, Place, Record, Slot, Store, Watcher, memory::Memory,
};

use crate::house::{House, NOW, at, decrypt, encrypt, engine_on, house, house_on, origin, second};

const PASSPHRASE: &[u8] = b"correct horse battery";

/// A house that a key file, a passphrase and any two of three shares unseal; the shares' texts.
fn house_with_ways() -> (House, Vec<Vec<u8>>) {
    let house = house();
    add(&house, "passphrase", op::Means::Passphrase(Secret::new(PASSPHRASE.to_vec()))).unwrap();
    let shares = add(&house, "shares", op::Means::Shares { needed: 2, count: 3 }).unwrap();
    (house, shares.iter().map(|share| share.expose().to_vec()).collect())
}

fn add(house: &House, name: &str, means: op::Means) -> Result<Vec<Secret>, Error> {
    let add = op::AddUnsealSource { name: name.to_owned(), means };
    house.perform(&house.admin(), add, Mode::Run)
}

fn remove(house: &House, name: &str) -> Result<(), Error> {
    let remove = op::RemoveUnsealSource { name: name.to_owned() };
    house.perform(&house.admin(), remove, Mode::Run)
}

fn offer(engine: &Engine, given: &Given, after_ms: u64) -> Result<Progress, Refused> {
    let now = at(model::Wall(NOW.0 + after_ms));
    engine.offer(given, origin(), now)
}

fn share(text: &[u8]) -> Given {
    Given::Share(Secret::new(text.to_vec()))
}

fn passphrase(text: &[u8]) -> Given {
    Given::Passphrase(Secret::new(text.to_vec()))
}

/// Uses a key until told to stop; how often it was used and how often the server was sealed.
fn use_on(
    house: &House,
    caller: &Caller,
    key: &KeyRef,
    stop: &AtomicBool,
    used: &AtomicU64,
) -> u64 {
    let mut sealed = 0;
    while !stop.load(SeqCst) {
        let outcome = house
            .call(caller, encrypt(key, b"plain"))
            .and_then(|made| house.call(caller, decrypt(&made.ciphertext)));
        match outcome {
            Ok(opened) => {
                assert_eq!(opened.plaintext.expose(), b"plain");
                used.fetch_add(1, SeqCst);
            }
            Err(Error::Sealed) => sealed += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    sealed
}

/// Lets four threads use a key while something is done `rounds` times, each round after the key
/// was used anew.
fn under_load(house: &House, rounds: usize, act: impl Fn()) -> u64 {
    let key = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let (stop, used) = (AtomicBool::new(false), AtomicU64::new(0));
    let caller = house.admin();
    thread::scope(|scope| {
        let work = || use_on(house, &caller, &key, &stop, &used);
        let users: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        for _ in 0..rounds {
            let before = used.load(SeqCst);
            while used.load(SeqCst) < before + 8 && !users.iter().any(|user| user.is_finished()) {
                thread::yield_now();
            }
            act();
        }
        stop.store(true, SeqCst);
        users.into_iter().map(|user| user.join().unwrap()).sum()
    })
}

#[test]
fn sealing_waits_for_what_runs_and_leaves_the_log_closed() {
    let house = house();
    let admin = house.admin();
    under_load(&house, 10, || {
        house.call(&admin, op::Seal).unwrap();
        // From the reply on, nobody uses a key, and the log's folder is free.
        assert!(house.engine.is_sealed());
        assert_eq!(house.call(&admin, op::GenerateRandom { len: 1 }).err(), Some(Error::Sealed));
        house.unseal();
    });
    let size = house.engine.log_status().unwrap().next_index;
    house.engine.seal();
    let entries = audit::Folder::new(&house.folder.path().join("audit"));
    let entries = entries.entries(0, usize::MAX, size).unwrap();
    let seals = entries.iter().filter(|(_, entry)| entry.action == Action::Seal).count();
    assert_eq!((entries.len() as u64, seals), (size, 10));
}

#[test]
fn what_is_only_tried_seals_nothing_and_replaces_nothing() {
    let house = house();
    let admin = house.admin();
    assert_eq!(house.perform(&admin, op::Seal, Mode::DryRun), Err(Error::DryRun));
    assert_eq!(house.perform(&admin, op::RotateRootKey, Mode::DryRun), Err(Error::DryRun));
    assert!(!house.engine.is_sealed());
    assert_eq!(house.root().version(), 1);
}

#[test]
fn shares_are_kept_until_there_are_enough() {
    let (house, shares) = house_with_ways();
    house.engine.seal();
    let first = offer(&house.engine, &share(&shares[2]), 0).unwrap();
    assert!(first.sealed);
    assert_eq!(first.shares_given, 1);
    let ways: Vec<_> = first.ways.iter().map(|(name, way)| (name.as_str(), *way)).collect();
    let of_shares = Way::Shares { needed: 2, count: 3 };
    let expected =
        [("key-file", Way::KeyFile), ("passphrase", Way::Passphrase), ("shares", of_shares)];
    assert_eq!(ways, expected);
    assert_eq!(offer(&house.engine, &share(&shares[2]), 0), Err(Refused::GivenAlready(3)));
    let second = offer(&house.engine, &share(&shares[0]), 0).unwrap();
    assert!(!second.sealed && !house.engine.is_sealed());
    assert_eq!(second.shares_given, 0);
    assert_eq!(offer(&house.engine, &share(&shares[1]), 0), Err(Refused::NotSealed));
    house.admin();
}

#[test]
fn shares_that_open_nothing_together_are_all_discarded() {
    let (house, shares) = house_with_ways();
    house.engine.seal();
    offer(&house.engine, &share(&shares[0]), 0).unwrap();
    // A share of another server is not even kept.
    let (_, foreign) = Source::shares(&RootKey::generate().unwrap(), 2, 3).unwrap();
    let foreign = foreign[1].text();
    assert_eq!(offer(&house.engine, &share(foreign.expose()), 0), Err(Refused::Wrong));
    assert_eq!(house.engine.unseal_progress().unwrap().shares_given, 1);
    let forged = forged(&shares[1]);
    assert_eq!(offer(&house.engine, &share(&forged), 2000), Err(Refused::WrongTogether));
    assert_eq!(house.engine.unseal_progress().unwrap().shares_given, 0);
    offer(&house.engine, &share(&shares[0]), 4000).unwrap();
    assert!(!offer(&house.engine, &share(&shares[1]), 4000).unwrap().sealed);
}

/// The share with one bit of its value changed and a check value that holds again.
fn forged(text: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let digits = text.strip_prefix(b"srshare1-").unwrap();
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for digit in digits {
        let value = DIGITS.iter().position(|known| known == digit).unwrap();
        held = held << 5 | u32::try_from(value).unwrap();
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xff) as u8);
        }
    }
    bytes.truncate(bytes.len() - 4);
    *bytes.last_mut().unwrap() ^= 1;
    let sum = crypto::digest::sha256(&[b"srshare1-", bytes.as_slice()].concat());
    bytes.extend_from_slice(&sum[..4]);
    let mut text = b"srshare1-".to_vec();
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(DIGITS[(held >> bits & 31) as usize]);
        }
    }
    if bits > 0 {
        text.push(DIGITS[(held << (5 - bits) & 31) as usize]);
    }
    text
}

#[test]
fn who_gives_something_wrong_waits_and_the_log_counts_it() {
    let (house, shares) = house_with_ways();
    house.engine.seal();
    let tried = |given: &Given, after_ms| offer(&house.engine, given, after_ms);
    assert_eq!(tried(&passphrase(b"wrong horse battery"), 0), Err(Refused::Wrong));
    assert_eq!(tried(&passphrase(PASSPHRASE), 1999), Err(Refused::TooSoon));
    // What cannot be guessed is tried at any time, and makes nobody wait.
    let file = || Given::KeyFile(Secret::new(vec![7; 32]));
    assert_eq!(tried(&file(), 0), Err(Refused::Wrong));
    assert_eq!(house.engine.unseal_refusals(), 2);
    // What is plainly mistyped is told and costs nothing.
    assert_eq!(tried(&share(b"hunter2"), 2000), Err(Refused::NotAShare));
    let mut typo = shares[0].clone();
    typo[12] = if typo[12] == b'a' { b'b' } else { b'a' };
    assert_eq!(tried(&share(&typo), 2000), Err(Refused::DamagedShare));
    assert!(!tried(&passphrase(PASSPHRASE), 2000).unwrap().sealed);
    let size = house.engine.log_status().unwrap().next_index;
    house.engine.seal();
    let folder = audit::Folder::new(&house.folder.path().join("audit"));
    let (_, last) = folder.entries(0, usize::MAX, size).unwrap().pop().unwrap();
    assert_eq!((last.action, last.resources), (Action::Unseal, vec!["passphrase".to_owned()]));
    assert_eq!(last.context, [("wrong-before".to_owned(), "2".to_owned())]);
}

#[test]
fn a_way_that_the_server_was_not_given_is_told() {
    let house = house();
    house.engine.seal();
    let none = Err(Refused::NoSuchWay);
    assert_eq!(offer(&house.engine, &passphrase(PASSPHRASE), 0), none);
    let (_, shares) = Source::shares(&RootKey::generate().unwrap(), 2, 3).unwrap();
    assert_eq!(offer(&house.engine, &share(shares[0].text().expose()), 0), none);
}

#[test]
fn a_way_to_unseal_has_a_name_of_its_own_and_one_stays() {
    let (house, _) = house_with_ways();
    let shares = || op::Means::Shares { needed: 2, count: 3 };
    let exists = Err(Error::AlreadyExists(Existing::UnsealSource("shares".to_owned())));
    assert_eq!(add(&house, "shares", shares()).map(|_| ()), exists);
    for name in ["", "a/b", "Upper", &"x".repeat(65)] {
        assert!(matches!(add(&house, name, shares()), Err(Error::Invalid(_))), "{name}");
    }
    let short = || Secret::new(vec![7; 7]);
    for means in [
        op::Means::KeyFile(short()),
        op::Means::Passphrase(short()),
        op::Means::Shares { needed: 4, count: 3 },
    ] {
        assert!(matches!(add(&house, "wrong", means), Err(Error::Invalid(_))));
    }
    let missing = Err(Error::NotFound(Missing::UnsealSource("wrong".to_owned())));
    assert_eq!(remove(&house, "wrong"), missing);
    remove(&house, "passphrase").unwrap();
    remove(&house, "shares").unwrap();
    assert!(matches!(remove(&house, "key-file"), Err(Error::Invalid(_))));
    assert_eq!(house.engine.unseal_sources().unwrap().len(), 1);
}

#[test]
fn shares_that_were_replaced_unseal_nothing() {
    let (house, old) = house_with_ways();
    let kept = house.engine.unseal_sources().unwrap();
    remove(&house, "shares").unwrap();
    let new = add(&house, "shares", op::Means::Shares { needed: 2, count: 3 }).unwrap();
    house.call(&house.admin(), op::RotateRootKey).unwrap();
    house.engine.seal();
    assert_eq!(offer(&house.engine, &share(&old[0]), 0), Err(Refused::Wrong));
    // Nor do they with what was copied of the store: the root key they lead to is out of use.
    let shares: Vec<_> =
        old.iter().map(|text| Share::parse(str::from_utf8(text).unwrap()).unwrap()).collect();
    let (_, source) = kept.iter().find(|(name, _)| name == "shares").unwrap();
    assert!(house.engine.unseal(source.open_with_shares(&shares).unwrap()).is_err());
    offer(&house.engine, &share(new[0].expose()), 2000).unwrap();
    assert!(!offer(&house.engine, &share(new[1].expose()), 2000).unwrap().sealed);
}

#[test]
fn the_root_key_is_replaced_while_keys_are_used() {
    let (house, shares) = house_with_ways();
    let admin = house.admin();
    let key = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let before = house.call(&admin, encrypt(&key, b"before")).unwrap().ciphertext;
    let old = house.root();
    let sealed = under_load(&house, 20, || {
        house.perform(&admin, op::RotateRootKey, Mode::Run).unwrap();
    });
    assert_eq!(sealed, 0);
    assert_eq!(house.root().version(), 21);
    house.engine.authority_key().unwrap();
    house.engine.seal();
    assert!(house.engine.unseal(old).is_err());
    // The same file, passphrase and shares lead to the new one.
    house.unseal();
    house.engine.seal();
    offer(&house.engine, &passphrase(PASSPHRASE), 0).unwrap();
    house.engine.seal();
    offer(&house.engine, &share(&shares[0]), 0).unwrap();
    offer(&house.engine, &share(&shares[2]), 0).unwrap();
    let opened = house.call(&house.admin(), decrypt(&before)).unwrap();
    assert_eq!(opened.plaintext.expose(), b"before");
}

/// What is to happen to the next commit.
enum Fate {
    /// It fails, and nothing is changed.
    Fails,
    /// It is durable, and this happens before anyone hears so.
    Lingers(Box<dyn FnOnce() + Send>),
}

/// A store with a fate for its next commit.
#[derive(Default)]
struct Fated {
    store: Memory,
    fate: Mutex<Option<Fate>>,
}

impl Fated {
    fn next(&self, fate: Fate) {
        *self.fate.lock().unwrap() = Some(fate);
    }
}

impl Store for Fated {
    fn get(&self, place: &Place) -> Result<Slot, Failure> {
        self.store.get(place)
    }

    fn scan(
        &self,
        prefix: &[u8],
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Vec<Record>, Failure> {
        self.store.scan(prefix, after, limit)
    }

    fn commit(&self, batch: Batch, done: Done) {
        let fate = self.fate.lock().unwrap().take();
        match fate {
            None => self.store.commit(batch, done),
            Some(Fate::Fails) => done(Err(Failure::Unavailable("a test".to_owned()))),
            Some(Fate::Lingers(meanwhile)) => {
                let told = move |outcome| {
                    meanwhile();
                    done(outcome);
                };
                self.store.commit(batch, Box::new(told));
            }
        }
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

/// The users of the second account: to list them takes its keys.
fn users_of_second() -> op::ListPrincipals {
    let page = op::Page { limit: 10, after: None };
    op::ListPrincipals { account: second(), page }
}

#[test]
fn an_account_is_opened_also_between_the_commit_and_the_new_root_key() {
    let store = Arc::new(Fated::default());
    let house = house_on(store.clone());
    let stranger = house.second_account();
    // So that its keys are not at hand.
    house.engine.seal();
    house.unseal();
    let (engine, outcome) = (house.engine.clone(), Arc::new(Mutex::new(None)));
    let told = outcome.clone();
    let meanwhile = move || {
        let listed = engine.call(&stranger, &users_of_second(), at(NOW), Mode::Run);
        let listed = listed.and_then(|pending| pending.wait()).map(|listing| listing.items.len());
        *told.lock().unwrap() = Some(listed);
    };
    store.next(Fate::Lingers(Box::new(meanwhile)));
    assert_eq!(house.call(&house.admin(), op::RotateRootKey), Ok(2));
    assert_eq!(outcome.lock().unwrap().take(), Some(Ok(1)));
}

#[test]
fn a_replacement_that_cannot_be_committed_changes_nothing() {
    let store = Arc::new(Fated::default());
    let house = house_on(store.clone());
    let stranger = house.second_account();
    house.engine.seal();
    house.unseal();
    store.next(Fate::Fails);
    let failed = house.call(&house.admin(), op::RotateRootKey);
    assert_eq!(failed, Err(Error::Unavailable(Unavailable::Store)));
    assert_eq!(house.call(&stranger, users_of_second()).unwrap().items.len(), 1);
    assert_eq!(house.root().version(), 1);
    assert_eq!(house.call(&house.admin(), op::RotateRootKey), Ok(2));
    house.engine.seal();
    house.unseal();
    assert_eq!(house.call(&stranger, users_of_second()).unwrap().items.len(), 1);
}

#[test]
fn replacements_at_once_are_one_after_the_other() {
    let house = house();
    let admin = house.admin();
    let versions: Vec<u32> = thread::scope(|scope| {
        let replace = || {
            // As many tries as it takes: what came second did nothing.
            loop {
                match house.perform(&admin, op::RotateRootKey, Mode::Run) {
                    Err(Error::Unavailable(_)) => {}
                    outcome => return outcome.unwrap(),
                }
            }
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(replace)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut sorted = versions.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, [2, 3, 4, 5]);
    assert_eq!(house.root().version(), 5);
    house.engine.seal();
    house.unseal();
}

#[test]
fn a_second_account_is_put_under_the_new_root_key_too() {
    let house = house();
    let stranger = house.second_account();
    house.call(&house.admin(), op::RotateRootKey).unwrap();
    let House { engine, store, folder, key_file, access } = house;
    drop(engine);
    let engine = engine_on(store.clone(), &folder);
    let house = House { engine, store, folder, key_file, access };
    house.unseal();
    assert_eq!(house.call(&stranger, users_of_second()).unwrap().items.len(), 1);
}
