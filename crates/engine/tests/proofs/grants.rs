//! One action granted is one action: whoever may do one thing can do nothing else.

use engine::{Mode, op};
use model::{Action, Error, PrincipalName};

use crate::{
    house::{account, house},
    stage::{Stage, allow_by_name, policy_with},
    verbs::{self, Attempt, Judge, Verb},
};

fn actions() -> impl Iterator<Item = Action> {
    Action::ALL.iter().copied().filter(|action| *action != Action::Identify)
}

/// Tries every verb, and says which ones were not refused.
fn assert_only(attempt: &Attempt<'_>, granted: Action, permits: impl Fn(&Verb) -> bool) -> usize {
    for verb in verbs::all() {
        let outcome = verb.attempt(attempt);
        let name = (verb.name, granted);
        if permits(verb) {
            assert_eq!(outcome, Err(Error::DryRun), "{name:?}");
        } else {
            assert!(matches!(outcome, Err(Error::Denied(_))), "{name:?}: {outcome:?}");
        }
    }
    verbs::all().count()
}

#[test]
fn an_own_policy_with_one_action_allows_that_action_only() {
    let house = house();
    let stage = Stage::new(&house, None);
    let access = house.make_user(&house.admin(), account(), "single", &[]);
    let name = PrincipalName::user(account(), "single").unwrap();
    let mut cells = 0;
    for granted in actions() {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{}","Resource":"*"}}]}}"#,
            granted.name()
        );
        let put = op::PutPrincipalPolicy { name: name.clone(), policies: vec![policy] };
        house.call(&house.admin(), put).unwrap();
        let caller = &house.enter(&access);
        let attempt = Attempt { house: &house, caller, stage: &stage, mode: Mode::DryRun };
        cells += assert_only(&attempt, granted, |verb| verb.needs == [granted]);
    }
    assert!(cells >= 1_900, "{cells}");
}

#[test]
fn a_key_policy_with_one_action_allows_that_action_only() {
    let house = house();
    let stage = Stage::new(&house, None);
    let caller = &house.user_with("single", &[]);
    for granted in actions() {
        let statement = allow_by_name("arn:aws:iam::111122223333:user/single", granted.name());
        stage.put_policy(&house, &house.admin(), &policy_with(&format!(",{statement}")));
        let attempt = Attempt { house: &house, caller, stage: &stage, mode: Mode::DryRun };
        assert_only(&attempt, granted, |verb| verb.judge == Judge::Key && verb.needs == [granted]);
    }
}
