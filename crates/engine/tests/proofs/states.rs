//! What can be done with a key or an object in each of its states, against golden files that were
//! made here and then checked by hand: against AWS KMS's table of key states, and against the states
//! of SP 800-57 part 1, section 7.

use engine::{KeyRef, Mode, op};
use model::object::Purposes;

use crate::{
    golden,
    house::{House, by_id, house},
    stage::{
        Stage,
        objects::{self, Objects},
    },
    verbs::{self, Attempt, of_objects},
};

/// A state that a key can be brought into.
#[derive(Clone, Copy)]
enum State {
    Enabled,
    Disabled,
    PendingDeletion,
}

/// A stage whose `key`, `pair`, `mac` and objects are in a state; `other` and `wrapping` are enabled. What is taken back
/// from destruction is `key` too.
fn stage_in(house: &House, state: State) -> Stage {
    let stage = Stage::new(house, None);
    let admin = &house.admin();
    let enabled = [&stage.other, &stage.dying, &stage.objects.wrapping];
    for key in stage.keys().filter(|key| !enabled.contains(key)) {
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
    for verb in verbs::all() {
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

/// What brings an object into a state; of what is pre-active already, nothing.
type Life = Option<fn(&House, &KeyRef)>;

const LIVES: [(&str, Life); 7] = [
    ("PreActive", None),
    ("Active", Some(|_, _| ())),
    ("Deactivated", Some(|house, object| revoke(house, object, false))),
    ("Compromised", Some(|house, object| revoke(house, object, true))),
    ("Archived", Some(archive)),
    ("Destroyed", Some(|house, object| destroy(house, object, false))),
    ("Destroyed, compromised", Some(|house, object| destroy(house, object, true))),
];

fn revoke(house: &House, object: &KeyRef, compromised: bool) {
    house.call(&house.admin(), objects::revoke(object, compromised)).unwrap();
}

fn archive(house: &House, object: &KeyRef) {
    house.call(&house.admin(), op::ArchiveObject { object: object.clone() }).unwrap();
}

fn destroy(house: &House, object: &KeyRef, compromised: bool) {
    revoke(house, object, compromised);
    house.call(&house.admin(), op::DestroyObject { object: object.clone() }).unwrap();
}

/// A stage whose objects are destroyed.
pub(crate) fn stage_of_destroyed(house: &House) -> Stage {
    stage_of(house, Some(|house, object| destroy(house, object, false)))
}

/// A stage on which raw keys, a pair, its certificate and a part of a key are in a state, whatever
/// they were.
fn stage_of(house: &House, life: Life) -> Stage {
    let (admin, mut stage) = (&house.admin(), Stage::new(house, None));
    let objects = &mut stage.objects;
    if let Some(life) = life {
        let Objects { raw, whole, private, public, certificate, parts, .. } = &*objects;
        [raw, whole, private, public, certificate, &parts[0]]
            .into_iter()
            .for_each(|object| life(house, object));
    } else {
        let draft = |purposes| op::Draft { purposes, ..op::Draft::default() };
        let pair = objects::new_pair(draft(Purposes::SIGN), draft(Purposes::VERIFY));
        let pair = house.call(admin, pair).unwrap();
        let parts = objects::split(objects::NEW_WHOLE, draft(Purposes::NONE));
        let parts = house.call(admin, parts).unwrap();
        objects.raw = objects.fresh.clone();
        objects.whole = objects.fresh.clone();
        objects.private = by_id(&pair.private.name);
        objects.public = by_id(&pair.public.name);
        let certified = op::Certified::Object(objects.public.clone());
        let certificate = objects::certify(certified, draft(Purposes::NONE));
        objects.certificate = by_id(&house.call(admin, certificate).unwrap().name);
        objects.parts = [&parts[0], &parts[1]].map(|part| by_id(&part.name));
    }
    for one in [&mut objects.fresh, &mut objects.spent, &mut objects.aside] {
        one.clone_from(&objects.raw);
    }
    stage
}

const LIVES_HEAD: &str = "\
What can be done with an object in each of its states (SP 800-57 part 1, section 7). It is a raw key, a
key pair, its certificate, or one of the two parts of a key; what it is used with is active. Compared by
the test of crates/engine/tests/proofs/states.rs and changed by hand only. A certificate that is not
valid has been validated.

";

#[test]
fn every_verb_in_every_state_of_its_object_is_as_the_golden_file_says() {
    let house = house();
    let admin = &house.admin();
    let titles = std::iter::once("").chain(LIVES.map(|(name, _)| name)).map(str::to_owned);
    let mut rows = vec![titles.collect::<Vec<_>>()];
    for verb in of_objects::VERBS {
        let cells = LIVES.map(|(_, life)| {
            let stage = &stage_of(&house, life);
            let attempt = Attempt { house: &house, caller: admin, stage, mode: Mode::Run };
            golden::word(&verb.attempt(&attempt)).to_owned()
        });
        rows.push(std::iter::once(verb.name.to_owned()).chain(cells).collect());
    }
    golden::compare("lives.txt", &format!("{LIVES_HEAD}{}", golden::table(&rows)));
}
