//! Who may do what: every verb for every kind of caller, against a golden file.

use engine::{Caller, Mode};

use crate::{
    golden,
    house::{ALL, House, house},
    stage::{Stage, allow_by_name, policy_with},
    verbs::{self, Attempt},
};

/// A caller, and the policy of the keys it tries.
struct Condition {
    says: &'static str,
    caller: Caller,
    key_policy: Option<String>,
}

const DENY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;

fn allow_if(condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*",
            "Condition":{condition}}}]}}"#
    )
}

fn deny_by_name(arn: &str) -> String {
    allow_by_name(arn, "*").replace("Allow", "Deny")
}

fn conditions(house: &House) -> Vec<Condition> {
    const FIRST: &str = "arn:aws:iam::111122223333:root";
    const SECOND: &str = "arn:aws:iam::444455556666:root";
    let condition = |says, caller, key_policy| Condition { says, caller, key_policy };
    let user = |name: &str, policies: &[&str]| house.user_with(name, policies);
    let also = |statement: String| Some(policy_with(&format!(",{statement}")));
    let by_name = |name: &str| format!("arn:aws:iam::111122223333:user/{name}");
    let named = |name: &str| also(allow_by_name(&by_name(name), "*"));
    let delegates = allow_by_name(FIRST, "*");
    let if_user = |name: &str, test: &str| user(name, &[&allow_if(test)]);
    let context =
        |value| format!(r#"{{"StringEquals":{{"kms:EncryptionContext:Purpose":{value}}}}}"#);
    let (same, other) = (context(r#""test""#), context(r#""other""#));
    let address = |range| format!(r#"{{"IpAddress":{{"aws:SourceIp":"{range}"}}}}"#);
    let (here, elsewhere) = (address("127.0.0.0/8"), address("10.0.0.0/8"));
    let stranger = house.second_account();
    let access = house.make_user(&stranger, crate::house::second(), "guest", &[]);
    let guest = house.enter(&access);
    vec![
        condition(
            "own policy allows all; default key policy (the administrator)",
            house.admin(),
            None,
        ),
        condition("own policy allows all; default key policy (a user)", user("b", &[ALL]), None),
        condition("no own policy; default key policy", user("c", &[]), None),
        condition(
            "no own policy; key policy names the user, not the account",
            user("d", &[]),
            named("d"),
        ),
        condition("no own policy; key policy names another user", user("e", &[]), named("x")),
        condition(
            "own policy allows all; key policy names neither user nor account",
            user("f", &[ALL]),
            named("x"),
        ),
        condition(
            "own policies allow all and deny all; key policy names the user",
            user("g", &[ALL, DENY]),
            named("g"),
        ),
        condition(
            "own policy allows all; key policy delegates and denies the user",
            user("h", &[ALL]),
            also(format!("{delegates},{}", deny_by_name(&by_name("h")))),
        ),
        condition(
            "own policy allows all; key policy names the user and denies another account",
            user("i", &[ALL]),
            Some(policy_with(&format!(
                ",{},{}",
                allow_by_name(&by_name("i"), "*"),
                deny_by_name(&by_name("i")).replace(&by_name("i"), "444455556666"),
            ))),
        ),
        condition(
            "own policy allows all if the encryption context is the request's",
            if_user("j", &same),
            None,
        ),
        condition(
            "own policy allows all if the encryption context is another",
            if_user("k", &other),
            None,
        ),
        condition("own policy allows all from the request's network", if_user("l", &here), None),
        condition("own policy allows all from another network", if_user("m", &elsewhere), None),
        condition(
            "of another account; own policy allows all; default key policy",
            stranger.clone(),
            None,
        ),
        condition(
            "of another account; own policy allows all; key policy names that account",
            stranger,
            also(allow_by_name(SECOND, "*")),
        ),
        condition(
            "of another account; no own policy; key policy names that account",
            guest.clone(),
            also(allow_by_name(SECOND, "*")),
        ),
        condition(
            "of another account; no own policy; key policy names the user",
            guest,
            also(allow_by_name("arn:aws:iam::444455556666:user/guest", "*")),
        ),
    ]
}

const HEAD: &str = "\
Who may do what. `yes`: done; `-`: denied. Made by the test of crates/engine/tests/proofs/authorization.rs
and changed by hand only. Keys, aliases and users tried are of account 111122223333. There is no verb
that makes a second account: the test founds it in the store itself. The caller:

";

#[test]
fn every_verb_for_every_kind_of_caller_is_as_the_golden_file_says() {
    let house = house();
    let conditions = conditions(&house);
    let letters = || ('A'..).map(String::from).take(conditions.len());
    let legend = letters()
        .zip(&conditions)
        .map(|(letter, condition)| format!("{letter}  {}\n", condition.says));
    let legend: String = legend.collect();
    let mut rows = vec![std::iter::once(String::new()).chain(letters()).collect::<Vec<_>>()];
    for verb in verbs::all() {
        let cells = conditions.iter().map(|condition| {
            let stage = &Stage::new(&house, condition.key_policy.as_deref());
            let caller = &condition.caller;
            let attempt = Attempt { house: &house, caller, stage, mode: Mode::Run };
            golden::word(&verb.attempt(&attempt)).to_owned()
        });
        rows.push(std::iter::once(verb.name.to_owned()).chain(cells).collect());
    }
    golden::compare("authorization.txt", &format!("{HEAD}{legend}\n{}", golden::table(&rows)));
}

#[test]
fn who_may_not_ask_does_not_learn_whether_it_is_there() {
    let house = house();
    let there = Stage::new(&house, None);
    let gone = Stage::of_nothing(&house, 0x2a);
    for caller in &[house.user_with("nobody", &[]), house.second_account()] {
        for verb in verbs::all() {
            let outcome = |stage| {
                let attempt = Attempt { house: &house, caller, stage, mode: Mode::DryRun };
                verb.attempt(&attempt)
            };
            assert_eq!(outcome(&there), outcome(&gone), "{}", verb.name);
        }
    }
    let admin = &house.admin();
    let attempt = Attempt { house: &house, caller: admin, stage: &gone, mode: Mode::DryRun };
    let missing = verbs::all()
        .filter(|verb| matches!(verb.attempt(&attempt), Err(model::Error::NotFound(_))));
    assert!(missing.count() > 30, "what is not there is there");
}
