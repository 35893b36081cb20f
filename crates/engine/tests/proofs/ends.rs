//! Objects that have ended: what remains of them, who finds it, and what is free again.

use engine::{By, op};
use model::{
    Error, KeyId, Obstacle,
    error::{Existing, Missing},
    object::Label,
};

use crate::{
    house::{NOW, by_id, house},
    objects::{
        again, destroy, end, everything, found, make, material, named, obstacle, view, with_label,
    },
    stage::objects::{EVERYTHING, active, brought, revoke},
};

#[test]
fn a_destroyed_object_keeps_what_is_known_of_it_and_not_its_material() {
    let house = house();
    let mut draft = named("gone", active(EVERYTHING));
    draft.labels.push(("group".to_owned(), b"a".to_vec()));
    let object = make(&house, draft);
    material(&house, &object).unwrap();
    assert_eq!(obstacle(destroy(&house, &object)), Obstacle::Active);
    house.call(&house.admin(), revoke(&object, false)).unwrap();
    let before = view(&house, &object);
    let destroyed = destroy(&house, &object).unwrap();
    let after = view(&house, &object);
    assert_eq!((after.state, after.destroyed), (op::ObjectState::Destroyed, Some(NOW)));
    assert_eq!(after.attributes, before.attributes);
    assert_eq!(destroyed.attributes, after.attributes);
    let same = |it: &op::ObjectView| (it.kind, it.spec, it.purposes, it.created, it.life);
    assert_eq!(same(&after), same(&before));
    assert_eq!(obstacle(material(&house, &object)), Obstacle::Destroyed);
    assert_eq!(obstacle(destroy(&house, &object)), Obstacle::Destroyed);
    // Of what its users call a key there is none any more.
    let gone = house.call(&house.admin(), op::DescribeKey { key: object.clone() });
    assert!(matches!(gone, Err(Error::NotFound(Missing::Key(_)))));
    // And it stays so.
    let house = again(house);
    assert_eq!(view(&house, &object).attributes, before.attributes);
    assert_eq!(obstacle(material(&house, &object)), Obstacle::Destroyed);
}

#[test]
fn what_is_destroyed_is_found_by_who_looks_for_that_and_may_see_it() {
    let house = house();
    let group = |draft: op::Draft| {
        let labels = [draft.labels, vec![("group".to_owned(), b"a".to_vec())]].concat();
        op::Draft { labels, ..draft }
    };
    let (kept, gone) = (
        make(&house, group(named("kept", active(EVERYTHING)))),
        make(&house, group(named("gone", active(EVERYTHING)))),
    );
    end(&house, &gone);
    let By::Id(id) = gone.by else { panic!("an object by its id") };
    let destroyed = true;
    let of_group = || with_label("group", "a");
    assert_eq!(found(&house, of_group()), std::slice::from_ref(&kept));
    assert_eq!(found(&house, op::Locate { destroyed, ..of_group() }).len(), 2);
    let is_gone = |view: &op::ObjectView| view.state == op::ObjectState::Destroyed;
    for locate in
        [of_group(), with_label(Label::NAME, "gone"), op::Locate { id: Some(id), ..of_group() }]
    {
        let locate = op::Locate { destroyed, matches: Box::new(is_gone), ..locate };
        assert_eq!(found(&house, locate), std::slice::from_ref(&gone));
    }
    // The name is free, and then two have had it.
    make(&house, named("gone", active(EVERYTHING)));
    let of_name = || with_label(Label::NAME, "gone");
    assert_eq!(found(&house, of_name()).len(), 1);
    assert_eq!(found(&house, op::Locate { destroyed, ..of_name() }).len(), 2);
    let blind = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"strongroom:Locate","Resource":"*"}]}"#;
    let locate = op::Locate { destroyed, ..everything() };
    assert_eq!(house.call(&house.user("blind", blind), locate).unwrap().total, 0);
}

#[test]
fn what_waits_for_its_end_may_have_it_at_once_and_has_it_once() {
    let house = house();
    let object = make(&house, named("gone", active(EVERYTHING)));
    let schedule = op::ScheduleKeyDeletion { key: object.clone(), window_days: 7 };
    let date = house.call(&house.admin(), schedule).unwrap().date;
    // What is active is not destroyed, whoever waits for it.
    assert_eq!(obstacle(destroy(&house, &object)), Obstacle::Active);
    end(&house, &object);
    assert!(house.engine.destroy_due(crate::house::at(date)).unwrap().is_empty());
    assert_eq!(view(&house, &object).destroyed, Some(NOW));
}

#[test]
fn what_was_destroyed_on_its_date_is_named_and_found_no_more() {
    let house = house();
    let object = make(&house, named("gone", active(EVERYTHING)));
    let schedule = op::ScheduleKeyDeletion { key: object.clone(), window_days: 7 };
    let date = house.call(&house.admin(), schedule).unwrap().date;
    assert_eq!(found(&house, with_label(Label::NAME, "gone")), std::slice::from_ref(&object));
    assert_eq!(house.engine.destroy_due(crate::house::at(date)).unwrap().len(), 1);
    assert!(found(&house, with_label(Label::NAME, "gone")).is_empty());
    assert_eq!(view(&house, &object).state, op::ObjectState::Destroyed);
    make(&house, named("gone", active(EVERYTHING)));
}

#[test]
fn an_id_is_one_objects_for_ever() {
    let house = house();
    let admin = &house.admin();
    let id = KeyId::from_random([7; 16]);
    let import = || {
        let draft = active(EVERYTHING);
        house.call(admin, op::RegisterObject { id: Some(id), ..brought(b"brought", draft) })
    };
    let object = by_id(&import().unwrap().name);
    assert_eq!(object.by, By::Id(id));
    let is_taken = |outcome| match outcome {
        Err(Error::AlreadyExists(Existing::Key(taken))) => taken == id,
        other => panic!("{other:?}"),
    };
    assert!(is_taken(import()));
    end(&house, &object);
    assert!(is_taken(import()));
    assert!(is_taken({
        let house = again(house);
        let draft = active(EVERYTHING);
        let import = op::RegisterObject { id: Some(id), ..brought(b"brought", draft) };
        house.call(&house.admin(), import)
    }));
}
