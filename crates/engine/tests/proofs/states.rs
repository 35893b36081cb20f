//! What can be done with a key in each of its states, against a golden file that was made
//! here and then checked by hand against AWS KMS's table of key states.

use engine::{Mode, op};

use crate::{
    golden,
    house::{House, house},
    stage::Stage,
    verbs::{Attempt, VERBS},
};

/// A state that a key can be brought into.
#[derive(Clone, Copy)]
enum State {
    Enabled,
    Disabled,
    PendingDeletion,
}

/// A stage whose `key`, `pair` and `mac` are in a state; `other` is enabled. What is taken back
/// from destruction is `key` too.
fn stage_in(house: &House, state: State) -> Stage {
    let stage = Stage::new(house, None);
    let admin = &house.admin();
    for key in [&stage.key, &stage.pair, &stage.mac] {
        let key = key.clone();
        match state {
            State::Enabled => {}
            State::Disabled => {
                house.call(admin, op::DisableKey { key }).unwrap();
            }
            State::PendingDeletion => {
                house.call(admin, op::ScheduleKeyDeletion { key, window_days: 7 }).unwrap();
            }
        }
    }
    Stage { dying: stage.key.clone(), ..stage }
}

const HEAD: &str = "\
What can be done with a key in each of its states: AWS KMS's table of key states, for the operations
and states that there are here. Compared by the test of crates/engine/tests/proofs/states.rs and
changed by hand only. Verbs that need no key are always allowed.

";

#[test]
fn every_verb_in_every_state_of_its_key_is_as_the_golden_file_says() {
    let house = house();
    let admin = &house.admin();
    let titles = ["", "Enabled", "Disabled", "PendingDeletion"].map(str::to_owned);
    let mut rows = vec![titles.to_vec()];
    for verb in VERBS {
        let states = [State::Enabled, State::Disabled, State::PendingDeletion];
        let cells = states.map(|state| {
            let stage = &stage_in(&house, state);
            let attempt = Attempt { house: &house, caller: admin, stage, mode: Mode::Run };
            golden::word(&verb.attempt(&attempt)).to_owned()
        });
        rows.push(std::iter::once(verb.name.to_owned()).chain(cells).collect());
    }
    golden::compare("states.txt", &format!("{HEAD}{}", golden::table(&rows)));
}
