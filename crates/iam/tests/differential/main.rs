//! The policy engine against its naive twin, on policies and requests made at random.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod twin;
mod world;

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use model::{
    AccountId, Action, PrincipalName,
    name::SessionName,
    policy::{Decision, Document, Facts, Policies, Request, Resource, Value, decide},
};
use twin::{Policy, Question};
use world::{CALLERS, Dice};

/// How many requests are decided twice, and how many of them under each set of policies.
const CASES: usize = 1_000_000;
const REQUESTS_PER_SET: usize = 50;
const LANES: u64 = 2;
const SEED: u64 = 0x5eed_0fa1_1ce5_b0b5;

/// The facts of a question, as the engine asks for them.
struct Answers<'a>(&'a twin::Facts);

impl Facts for Answers<'_> {
    fn value(&self, key: &str) -> Option<Value<'_>> {
        let (_, values, single) = self.0.iter().find(|(name, _, _)| *name == key)?;
        match (values.first(), single) {
            (Some(value), true) => Some(Value::one(value)),
            _ => Some(Value::Many(values.iter().map(|value| Cow::Borrowed(*value)).collect())),
        }
    }
}

/// Policies said twice: as the twin reads them, and read from JSON.
#[derive(Clone)]
struct Set {
    identity: Vec<Policy>,
    session: Option<Policy>,
    key: Option<Policy>,
    documents: Vec<Arc<Document>>,
    session_document: Option<Arc<Document>>,
    key_document: Option<Document>,
}

impl Set {
    fn new(
        dice: &mut Dice,
        identity: Vec<Policy>,
        session: Option<Policy>,
        key: Option<Policy>,
    ) -> Self {
        let mut read =
            |policy| Arc::new(iam::parse_identity_policy(&world::json(dice, policy)).unwrap());
        let documents = identity.iter().map(&mut read).collect();
        let session_document = session.as_ref().map(&mut read);
        let key_document =
            key.as_ref().map(|policy| iam::parse_key_policy(&world::json(dice, policy)).unwrap());
        Self { identity, session, key, documents, session_document, key_document }
    }

    fn random(dice: &mut Dice) -> Self {
        let identity = (0..dice.below(3)).map(|_| world::policy(dice, false)).collect();
        let session = dice.one_in(4).then(|| world::policy(dice, false));
        let key = (!dice.one_in(4)).then(|| world::policy(dice, true));
        Self::new(dice, identity, session, key)
    }

    fn with_another_deny(&self, dice: &mut Dice) -> Self {
        let (mut identity, mut key) = (self.identity.clone(), self.key.clone());
        match (&mut key, dice.one_in(2)) {
            (Some(policy), true) => {
                policy.insert(dice.below(policy.len()), world::deny(dice, true))
            }
            _ => identity.push(vec![world::deny(dice, false)]),
        }
        Self::new(dice, identity, self.session.clone(), key)
    }

    fn decide(&self, q: &Question, caller: &PrincipalName) -> Decision {
        let account = |text: &str| text.parse::<AccountId>().unwrap();
        decide(
            &Policies {
                identity: &self.documents,
                session: self.session_document.as_ref(),
                key: self.key_document.as_ref(),
            },
            &Request {
                principal: caller,
                principal_arn: q.arn,
                role_arn: q.role,
                action: *Action::ALL.iter().find(|action| action.name() == q.action).unwrap(),
                resource: q.resource.map(|(arn, of)| Resource { arn, account: account(of) }),
                facts: &Answers(&q.facts),
            },
        )
    }
}

/// The callers, with ARNs that live as long as the test.
fn callers() -> Vec<(PrincipalName, &'static str)> {
    CALLERS
        .iter()
        .map(|(account, kind, name)| {
            let account = account.parse().unwrap();
            let principal = match *kind {
                "user" => PrincipalName::user(account, name).unwrap(),
                "role" | "session" => PrincipalName::role(account, name).unwrap(),
                "system" => PrincipalName::system(account),
                _ => PrincipalName::account(account),
            };
            let arn = match *kind {
                "session" => "session".parse::<SessionName>().unwrap().arn(&principal),
                _ => principal.arn(),
            };
            let arn: &'static str = arn.leak();
            (principal, arn)
        })
        .collect()
}

fn question(dice: &mut Dice, callers: &[(PrincipalName, &'static str)]) -> (Question, usize) {
    let caller = dice.below(callers.len());
    (world::question(dice, caller, callers[caller].1), caller)
}

/// What a decision is, without its places.
fn class(decision: Decision) -> String {
    format!("{decision:?}").split([' ', '{']).next().unwrap_or_default().to_owned()
}

/// How often each kind of decision was met.
type Met = BTreeMap<String, usize>;

/// Decides `cases` requests twice and counts what was decided.
fn compare(seed: u64, cases: usize) -> Met {
    let (mut dice, callers, mut met) = (Dice(seed), callers(), Met::new());
    for set in 0..cases / REQUESTS_PER_SET {
        let policies = Set::random(&mut dice);
        for _ in 0..REQUESTS_PER_SET {
            let (q, caller) = question(&mut dice, &callers);
            let ours = policies.decide(&q, &callers[caller].0);
            let (session, key) = (policies.session.as_ref(), policies.key.as_ref());
            let theirs = twin::decide(&policies.identity, session, key, &q);
            assert_eq!(
                ours, theirs,
                "seed {seed:#x}, set {set}\nidentity: {:#?}\nsession: {:#?}\nkey: {:#?}\n{q:#?}",
                policies.identity, policies.session, policies.key
            );
            *met.entry(class(ours)).or_default() += 1;
        }
    }
    met
}

#[test]
fn the_engine_decides_as_its_naive_twin_does() {
    let met: Vec<Met> = std::thread::scope(|scope| {
        let lane = |lane| scope.spawn(move || compare(SEED + lane, CASES / LANES as usize));
        let lanes: Vec<_> = (0..LANES).map(lane).collect();
        lanes.into_iter().map(|lane| lane.join().unwrap()).collect()
    });
    let mut all = Met::new();
    for (class, count) in met.into_iter().flatten() {
        *all.entry(class).or_default() += count;
    }
    println!("{} cases: {all:#?}", all.values().sum::<usize>());
    // Every outcome must have been met often enough to mean something.
    assert_eq!(all.values().sum::<usize>(), CASES);
    assert_eq!(all.len(), 10);
    assert!(all.values().all(|count| *count >= CASES / 1000));
}

#[test]
fn adding_a_deny_never_adds_access() {
    let (mut dice, callers) = (Dice(SEED ^ 1), callers());
    let (mut allowed_before, mut allowed_after) = (0, 0);
    for _ in 0..4_000 {
        let before = Set::random(&mut dice);
        let after = before.with_another_deny(&mut dice);
        for _ in 0..REQUESTS_PER_SET {
            let (q, caller) = question(&mut dice, &callers);
            let was = before.decide(&q, &callers[caller].0).is_allowed();
            let is = after.decide(&q, &callers[caller].0).is_allowed();
            assert!(was || !is, "{:#?}\n{:#?}\n{q:#?}", after.identity, after.key);
            allowed_before += usize::from(was);
            allowed_after += usize::from(is);
        }
    }
    assert!(allowed_after < allowed_before && allowed_after > 0);
}

#[test]
fn taking_an_allow_away_never_adds_access() {
    let (mut dice, callers) = (Dice(SEED ^ 2), callers());
    for _ in 0..4_000 {
        let before = Set::random(&mut dice);
        let mut after = before.clone();
        let from = match after.key_document.as_mut() {
            Some(key) if dice.one_in(2) => key,
            _ => match after.documents.first_mut() {
                Some(document) => Arc::make_mut(document),
                None => continue,
            },
        };
        let at = dice.below(from.statements.len());
        if from.statements[at].effect == model::policy::Effect::Deny {
            continue;
        }
        from.statements.remove(at);
        for _ in 0..REQUESTS_PER_SET {
            let (q, caller) = question(&mut dice, &callers);
            let was = before.decide(&q, &callers[caller].0).is_allowed();
            let is = after.decide(&q, &callers[caller].0).is_allowed();
            assert!(was || !is, "{:#?}\n{:#?}\n{q:#?}", before.identity, before.key);
        }
    }
}

#[test]
fn a_damaged_document_is_read_or_refused_and_never_worse() {
    let mut dice = Dice(SEED ^ 3);
    let damage = ["\"", "{", "}", "[", "]", ",", ":", "*", "${", "}", "'", "\\", "null", "\u{e9}"];
    for _ in 0..20_000 {
        let of_key = dice.one_in(2);
        let policy = world::policy(&mut dice, of_key);
        let mut text = world::json(&mut dice, &policy);
        for _ in 0..=dice.below(3) {
            let at = (0..text.len()).filter(|at| text.is_char_boundary(*at)).collect::<Vec<_>>();
            let at = dice.pick(&at);
            if dice.one_in(2) {
                text.remove(at);
            } else {
                text.insert_str(at, dice.pick(&damage));
            }
        }
        for parse in [iam::parse_key_policy, iam::parse_identity_policy] {
            if let Err(wrong) = parse(&text) {
                let sentence = wrong.sentence();
                assert!(sentence.ends_with('.') && !sentence.contains('\n'), "{sentence}");
            }
        }
    }
}
