//! Many at once: what was acknowledged holds for everyone who comes later, and no change is lost.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    thread,
};

use engine::{KeyRef, Mode, op};
use model::{
    Error, PrincipalName,
    algorithm::{KeySpec, KeyUsage},
    error::Unavailable,
};

use crate::{
    house::{ALL, House, account, encrypt, house},
    stage::policy_with,
};

/// What everyone may rely on between two changes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Holds {
    /// The key can be used.
    Usable,
    /// It cannot.
    Unusable,
    /// A change is on its way: either.
    Changing,
}

/// The count of changes begun and acknowledged, from which follows what holds.
#[derive(Default)]
struct Epoch(AtomicU64);

impl Epoch {
    fn now(&self) -> u64 {
        self.0.load(SeqCst)
    }

    fn next(&self) {
        self.0.fetch_add(1, SeqCst);
    }

    fn holds(epoch: u64) -> Holds {
        match epoch % 4 {
            0 => Holds::Usable,
            2 => Holds::Unusable,
            _ => Holds::Changing,
        }
    }
}

/// What the threads share: a key, a user of it, and how things stand.
struct Shared {
    house: House,
    key: KeyRef,
    user: op::NewAccessKey,
    epoch: Epoch,
    stop: AtomicBool,
    tried: AtomicU64,
}

impl Shared {
    /// Signs in and encrypts until told to stop. Whatever lies wholly between two changes must go
    /// as they say. Returns how many were used and refused so.
    fn encrypt_on(&self) -> [u64; 2] {
        let mut counts = [0; 2];
        while !self.stop.load(SeqCst) {
            let before = self.epoch.now();
            let caller = self.house.enter(&self.user);
            let outcome = self.house.call(&caller, encrypt(&self.key, b"x"));
            if self.epoch.now() == before {
                match Epoch::holds(before) {
                    Holds::Usable => {
                        assert!(outcome.is_ok(), "{outcome:?}");
                        counts[0] += 1;
                    }
                    Holds::Unusable => {
                        let refused =
                            matches!(outcome, Err(Error::WrongState { .. } | Error::Denied(_)));
                        assert!(refused, "used after an acknowledged refusal: {outcome:?}");
                        counts[1] += 1;
                    }
                    Holds::Changing => {}
                }
            }
            self.tried.fetch_add(1, SeqCst);
        }
        counts
    }

    /// Makes the key usable or not for the user, each round in another way.
    fn change(&self, round: usize, usable: bool) {
        const DENY: &str =
            r#",{"Effect":"Deny","Principal":"*","Action":"kms:Encrypt","Resource":"*"}"#;
        const DELEGATE: &str =
            r#",{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"*","Resource":"*"}"#;
        let (admin, key) = (&self.house.admin(), self.key.clone());
        self.epoch.next();
        match (round % 3, usable) {
            (0, true) => drop(self.house.call(admin, op::EnableKey { key }).unwrap()),
            (0, false) => drop(self.house.call(admin, op::DisableKey { key }).unwrap()),
            (1, _) => {
                let policy = policy_with(if usable { DELEGATE } else { DENY });
                let put = op::PutKeyPolicy { key, policy, bypass_lockout_check: true };
                self.house.call(admin, put).unwrap();
            }
            (_, _) => {
                let name = PrincipalName::user(account(), "racer").unwrap();
                let policies = usable.then(|| ALL.to_owned()).into_iter().collect();
                self.house.call(admin, op::PutPrincipalPolicy { name, policies }).unwrap();
            }
        }
        self.epoch.next();
    }
}

#[test]
fn what_was_disabled_or_denied_is_not_used_by_anyone_who_comes_later() {
    let house = house();
    let shared = Shared {
        key: house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt),
        user: house.make_user(&house.admin(), account(), "racer", &[ALL]),
        house,
        epoch: Epoch::default(),
        stop: AtomicBool::new(false),
        tried: AtomicU64::new(0),
    };
    let counts: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..64).map(|_| scope.spawn(|| shared.encrypt_on())).collect();
        // A thread that has panicked ends the test rather than the wait.
        let wait_for_others = || {
            let before = shared.tried.load(SeqCst);
            while shared.tried.load(SeqCst) < before + 128
                && !threads.iter().any(|thread| thread.is_finished())
            {
                thread::yield_now();
            }
        };
        for round in 0..36 {
            for usable in [false, true] {
                wait_for_others();
                shared.change(round, usable);
            }
        }
        shared.stop.store(true, SeqCst);
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let used: u64 = counts.iter().map(|[used, _]| used).sum();
    let refused: u64 = counts.iter().map(|[_, refused]| refused).sum();
    assert!(used > 1_000 && refused > 1_000, "{used} and {refused} say too little");
}

/// Performs until it is done: so many changes of one key at once may use up all the retries, and
/// then nothing has happened but that this was counted in `turned_away`.
fn perform<O: engine::Operation>(
    house: &House,
    caller: &engine::Caller,
    turned_away: &AtomicU64,
    operation: impl Fn() -> O,
) -> O::Reply {
    loop {
        match house.perform(caller, operation(), Mode::Run) {
            Err(Error::Unavailable(Unavailable::Overload)) => {
                turned_away.fetch_add(1, SeqCst);
            }
            outcome => return outcome.unwrap(),
        }
    }
}

#[test]
fn of_many_changes_of_one_key_none_is_lost() {
    const THREADS: usize = 8;
    const CHANGES: usize = 200;
    let house = house();
    let key = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let caller = house.user("changer", ALL);
    let before = house.engine.log_status().unwrap().next_index;
    let turned_away = AtomicU64::new(0);
    let tags = || {
        let page = op::Page { limit: 50, after: None };
        let list = || op::ListResourceTags { key: key.clone(), page: page.clone() };
        perform(&house, &caller, &turned_away, list).items
    };
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (house, caller, key, tags) = (&house, &caller, &key, &tags);
            let turned_away = &turned_away;
            scope.spawn(move || {
                let name = format!("thread-{thread}");
                for change in 0..CHANGES {
                    let value = change.to_string();
                    if change % 2 == 0 {
                        perform(house, caller, turned_away, || op::UpdateKeyDescription {
                            key: key.clone(),
                            description: format!("{name} {value}"),
                        });
                    }
                    let tag = op::Tag { name: name.clone(), value };
                    perform(house, caller, turned_away, || op::TagResource {
                        key: key.clone(),
                        tags: vec![tag.clone()],
                    });
                    assert!(tags().contains(&tag), "{tag:?} was lost");
                }
            });
        }
    });
    let last = (CHANGES - 1).to_string();
    let tags = tags();
    assert_eq!(tags.len(), THREADS);
    assert!(tags.iter().all(|tag| tag.value == last), "{tags:?}");
    // Each description, tag and listing is one entry, however often a conflict made it run again,
    // and so is each that was turned away.
    let calls = (THREADS * (CHANGES / 2 + 2 * CHANGES) + 1) as u64 + turned_away.load(SeqCst);
    assert_eq!(house.engine.log_status().unwrap().next_index, before + calls);
}
