//! Sessions of roles: who gets one, what it may do, and when it ends.

use engine::{Caller, Mode, op};
use model::{
    Action, Error, PrincipalName, Wall,
    claim::Door,
    error::{Invalid, Limit, Unauthenticated},
};

use crate::{
    house::{ALL, House, NOW, account, at, decrypt, encrypt, house, second},
    stage::{
        Stage, allow_by_name, policy_with,
        roles::{assume, create},
    },
};

const UNKNOWN: Error = Error::Unauthenticated(Unauthenticated::UnknownCredential);
const ENCRYPT_ONLY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Action":"kms:Encrypt","Resource":"*"}]}"#;

fn role(name: &str) -> PrincipalName {
    PrincipalName::role(account(), name).unwrap()
}

/// A trust policy for the principal of this ARN, or account, under these conditions.
fn trust(principal: &str, conditions: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",
            "Principal":{{"AWS":"{principal}"}},"Action":"sts:*","Condition":{{{conditions}}}}}]}}"#
    )
}

fn user_arn(name: &str) -> String {
    format!("arn:aws:iam::{}:user/{name}", account())
}

/// A role that trusts the administrator by name, and has these policies.
fn make(house: &House, name: &str, policies: &[&str]) -> PrincipalName {
    let role = role(name);
    house.call(&house.admin(), create(&role, &trust(&user_arn("admin"), ""), policies)).unwrap();
    role
}

fn begin(house: &House, caller: &Caller, operation: op::AssumeRole) -> op::NewSession {
    house.call(caller, operation).unwrap()
}

fn claim(house: &House, session: &op::NewSession, wall: Wall) -> Result<Caller, Error> {
    let access = (session.access_key_id.as_str(), session.secret.expose());
    house.claim_in_session(Door::Aws, "kms", access, Some(&session.token), wall)
}

fn enter(house: &House, session: &op::NewSession) -> Caller {
    claim(house, session, NOW).unwrap()
}

fn denied<T: std::fmt::Debug>(outcome: Result<T, Error>) {
    assert!(matches!(outcome, Err(Error::Denied(_))), "{outcome:?}");
}

#[test]
fn everyone_may_ask_who_they_are() {
    let house = house();
    let deny = r#"{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
    let nobody = house.user_with("nobody", &[deny]);
    let who = house.call(&nobody, op::GetCallerIdentity).unwrap();
    assert_eq!((who.account, who.arn.as_str()), (account(), user_arn("nobody").as_str()));
    assert!(who.user_id.starts_with("AIDA") && who.user_id.len() == 21);
    let other = house.call(&house.admin(), op::GetCallerIdentity).unwrap();
    assert_ne!(other.user_id, who.user_id);
    let role = make(&house, "deploy", &[]);
    let session = begin(&house, &house.admin(), assume(&role));
    let who = house.call(&enter(&house, &session), op::GetCallerIdentity).unwrap();
    assert_eq!(who.arn, "arn:aws:sts::111122223333:assumed-role/deploy/session");
    assert_eq!((who.arn, who.user_id.clone()), (session.arn, session.role_id));
    assert!(who.user_id.starts_with("AROA") && who.user_id.ends_with(":session"));
}

#[test]
fn a_session_may_what_its_role_may_and_no_more() {
    let house = house();
    let stage = Stage::new(&house, None);
    let can_all = begin(&house, &house.admin(), assume(&make(&house, "all", &[ALL])));
    let can_encrypt = begin(&house, &house.admin(), assume(&make(&house, "some", &[ENCRYPT_ONLY])));
    assert!(can_all.access_key_id.starts_with("ASIA") && can_all.secret.len() == 40);
    let (all, some) = (enter(&house, &can_all), enter(&house, &can_encrypt));
    house.call(&all, encrypt(&stage.key, b"p")).unwrap();
    house.call(&all, decrypt(&stage.ciphertext)).unwrap();
    house.call(&some, encrypt(&stage.key, b"p")).unwrap();
    denied(house.call(&some, decrypt(&stage.ciphertext)));
}

#[test]
fn a_session_ends_at_its_time_and_no_later() {
    let house = house();
    let role = make(&house, "brief", &[ALL]);
    let begun = op::AssumeRole { secs: Some(900), ..assume(&role) };
    let session = begin(&house, &house.admin(), begun);
    assert_eq!(session.expires, NOW.plus_secs(900));
    claim(&house, &session, NOW.plus_secs(899)).unwrap();
    let expired = Error::Unauthenticated(Unauthenticated::TokenExpired);
    assert_eq!(claim(&house, &session, NOW.plus_secs(900)).unwrap_err(), expired);
    // Not only what was at hand.
    house.engine.seal();
    house.unseal();
    assert_eq!(claim(&house, &session, NOW.plus_secs(900)).unwrap_err(), expired);
    claim(&house, &session, NOW).unwrap_err();
}

#[test]
fn a_session_outlives_a_restart_and_not_its_role() {
    let house = house();
    let (role, admin) = (make(&house, "gone", &[ALL]), house.admin());
    let session = begin(&house, &admin, assume(&role));
    house.engine.seal();
    house.unseal();
    enter(&house, &session);
    house.call(&admin, op::RotateRootKey).unwrap();
    house.engine.seal();
    house.unseal();
    enter(&house, &session);
    house.call(&admin, op::DeleteRole { name: role.clone() }).unwrap();
    assert_eq!(claim(&house, &session, NOW).unwrap_err(), UNKNOWN);
    // One that has its name later is another role.
    let again = create(&role, &trust(&user_arn("admin"), ""), &[ALL]);
    house.call_at(&admin, again, NOW.plus_secs(1)).unwrap();
    assert_eq!(claim(&house, &session, NOW.plus_secs(1)).unwrap_err(), UNKNOWN);
}

#[test]
fn what_a_role_may_no_longer_its_sessions_may_no_longer() {
    let house = house();
    let (stage, role) = (Stage::new(&house, None), make(&house, "less", &[ALL]));
    let session = begin(&house, &house.admin(), assume(&role));
    house.call(&enter(&house, &session), decrypt(&stage.ciphertext)).unwrap();
    let policies = Some(vec![ENCRYPT_ONLY.to_owned()]);
    let (trust, session_secs_max, tags) = Default::default();
    let change = op::ChangeRole { name: role, trust, policies, session_secs_max, tags };
    house.call(&house.admin(), change).unwrap();
    denied(house.call(&enter(&house, &session), decrypt(&stage.ciphertext)));
}

#[test]
fn a_token_is_worth_nothing_but_with_its_own_access_key_and_whole() {
    let house = house();
    let (role, admin) = (make(&house, "forged", &[ALL]), house.admin());
    let (one, other) = (begin(&house, &admin, assume(&role)), begin(&house, &admin, assume(&role)));
    let attempt = |id: &str, secret: &[u8], token: Option<&str>| {
        house.claim_in_session(Door::Aws, "kms", (id, secret), token, NOW).map(|_| ())
    };
    let (id, secret) = (one.access_key_id.as_str(), one.secret.expose());
    // Whether it is at hand or not.
    for _ in 0..2 {
        assert_eq!(attempt(id, secret, None), Err(UNKNOWN));
        assert_eq!(attempt(id, secret, Some("")), Err(UNKNOWN));
        assert_eq!(attempt(id, secret, Some(&other.token)), Err(UNKNOWN));
        assert_eq!(attempt(&other.access_key_id, secret, Some(&one.token)), Err(UNKNOWN));
        assert_eq!(attempt(id, secret, Some(&one.token[4..])), Err(UNKNOWN));
        let bad = Error::Unauthenticated(Unauthenticated::BadSignature);
        assert_eq!(attempt(id, other.secret.expose(), Some(&one.token)), Err(bad));
        for index in [0, 3, 20, one.token.len() / 2, one.token.len() - 5] {
            let mut forged = one.token.clone().into_bytes();
            forged[index] = if forged[index] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            assert_eq!(attempt(id, secret, Some(&forged)), Err(UNKNOWN), "{index}");
        }
        // The administrator's own access key is of no session.
        let (id, secret) = (house.access.id.as_str(), house.access.secret.expose());
        assert_eq!(attempt(id, secret, Some(&one.token)), Err(UNKNOWN));
        enter(&house, &one);
    }
}

#[test]
fn a_sessions_own_policy_narrows_and_gives_nothing() {
    let house = house();
    let stage = Stage::new(&house, None);
    let within = |role: &PrincipalName, policy: &str| {
        let policy = Some(policy.to_owned());
        enter(&house, &begin(&house, &house.admin(), op::AssumeRole { policy, ..assume(role) }))
    };
    let narrow = within(&make(&house, "wide", &[ALL]), ENCRYPT_ONLY);
    house.call(&narrow, encrypt(&stage.key, b"p")).unwrap();
    denied(house.call(&narrow, decrypt(&stage.ciphertext)));
    let wide = within(&make(&house, "narrow", &[ENCRYPT_ONLY]), ALL);
    house.call(&wide, encrypt(&stage.key, b"p")).unwrap();
    denied(house.call(&wide, decrypt(&stage.ciphertext)));
    // What is no policy, and what is too long, begins no session.
    let role = role("wide");
    let outcome = |policy: &str| {
        let policy = Some(policy.to_owned());
        house.call(&house.admin(), op::AssumeRole { policy, ..assume(&role) }).map(|_| ())
    };
    assert!(matches!(outcome("{}"), Err(Error::Invalid(Invalid::Policy(_)))));
    let long = format!("{ALL}{}", " ".repeat(2048));
    assert_eq!(outcome(&long), Err(Error::TooMany(Limit::PolicyLength)));
}

#[test]
fn a_key_policy_names_a_role_with_all_its_sessions_or_one_session() {
    let house = house();
    let role = make(&house, "named", &[]);
    let of_role = "arn:aws:iam::111122223333:role/named";
    let of_session = "arn:aws:sts::111122223333:assumed-role/named/session";
    let of_other = "arn:aws:sts::111122223333:assumed-role/named/other";
    let plain = enter(&house, &begin(&house, &house.admin(), assume(&role)));
    let narrow = op::AssumeRole { policy: Some(ENCRYPT_ONLY.to_owned()), ..assume(&role) };
    let narrow = enter(&house, &begin(&house, &house.admin(), narrow));
    let allow = |arn: &str| format!(",{}", allow_by_name(arn, "kms:Decrypt"));
    let deny = |arn: &str| allow(arn).replace("Allow", "Deny");
    let everyone = r#",{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*"}"#;
    let may = |caller: &Caller, policy: &str| {
        let stage = Stage::new(&house, Some(&policy_with(policy)));
        house.call(caller, decrypt(&stage.ciphertext)).is_ok()
    };
    // What is allowed to the role is within the session's policy; to the session, it is not: AWS's
    // rule for policies of resources.
    for (policy, of_plain, of_narrow) in [
        (String::new(), false, false),
        (allow(of_role), true, false),
        (allow(of_session), true, true),
        (allow(of_other), false, false),
        (everyone.to_owned(), true, false),
        (allow(of_session) + &deny(of_role), false, false),
        (allow(of_role) + &deny(of_session), false, false),
        (allow(of_role) + &deny(of_other), true, false),
        (allow(of_session) + &deny("111122223333"), false, false),
    ] {
        assert_eq!(
            (may(&plain, &policy), may(&narrow, &policy)),
            (of_plain, of_narrow),
            "{policy}"
        );
    }
}

#[test]
fn a_role_is_assumed_by_whom_it_trusts_under_its_conditions() {
    let house = house();
    let admin = house.admin();
    let assume_any = r#"{"Statement":[{"Effect":"Allow","Action":"sts:*","Resource":"*"}]}"#;
    let deny = r#"{"Statement":[{"Effect":"Deny","Action":"sts:AssumeRole","Resource":"*"}]}"#;
    let (none, own) = (house.user_with("none", &[]), house.user_with("own", &[assume_any]));
    let barred = house.user_with("barred", &[assume_any, deny]);
    let stranger = house.second_account();
    let access = house.make_user(&stranger, second(), "guest", &[]);
    let guest = house.enter(&access);
    let trusted = |principal: &str, conditions: &str| {
        let name = role(&format!("r-{}", house.engine.log_status().unwrap().next_index));
        house.call(&admin, create(&name, &trust(principal, conditions), &[])).unwrap();
        name
    };
    let may = |caller: &Caller, role: &PrincipalName| house.call(caller, assume(role)).is_ok();
    let of_none = trusted(&user_arn("none"), "");
    assert!(may(&none, &of_none) && !may(&own, &of_none) && !may(&admin, &of_none));
    let of_account = trusted("111122223333", "");
    assert!(!may(&none, &of_account) && may(&own, &of_account) && !may(&barred, &of_account));
    assert!(!may(&barred, &trusted(&user_arn("barred"), "")));
    // Of another account both must allow it.
    let of_other = trusted("444455556666", "");
    assert!(may(&stranger, &of_other) && !may(&guest, &of_other) && !may(&admin, &of_other));
    let guest_arn = "arn:aws:iam::444455556666:user/guest";
    assert!(!may(&guest, &trusted(guest_arn, "")));
    assert!(!may(&admin, &role("nowhere")));
    let elsewhere = PrincipalName::role("999900001111".parse().unwrap(), "r").unwrap();
    denied(house.call(&admin, assume(&elsewhere)));

    let external = r#""StringEquals":{"sts:ExternalId":"77"}"#;
    let asks = trusted(&user_arn("none"), external);
    let with = |id: &str| op::AssumeRole { external_id: Some(id.to_owned()), ..assume(&asks) };
    denied(house.call(&none, assume(&asks)));
    denied(house.call(&none, with("78")));
    house.call(&none, with("77")).unwrap();
    let named = r#""StringEquals":{"sts:RoleSessionName":"${aws:username}"}"#;
    let asks = trusted(&user_arn("none"), named);
    denied(house.call(&none, assume(&asks)));
    house.call(&none, op::AssumeRole { name: "none".parse().unwrap(), ..assume(&asks) }).unwrap();
}

#[test]
fn a_session_lasts_as_long_as_its_role_lets_it_and_an_hour_when_a_session_begins_it() {
    let house = house();
    let role = role("long");
    let trusts = format!(
        r#"{{"Statement":[{{"Effect":"Allow","Action":"sts:*","Principal":{{"AWS":["{}","{}"]}}}}]}}"#,
        user_arn("admin"),
        role.arn()
    );
    let made = op::CreateRole { session_secs_max: 7200, ..create(&role, &trusts, &[]) };
    house.call(&house.admin(), made).unwrap();
    let lasts = |caller: &Caller, secs| {
        let begun = house.call(caller, op::AssumeRole { secs, ..assume(&role) });
        begun.map(|session| (session.expires.0 - NOW.0) / 1000)
    };
    let refused = |outcome| matches!(outcome, Err(Error::Invalid(Invalid::Session(_))));
    let admin = house.admin();
    assert_eq!(lasts(&admin, None), Ok(3600));
    assert_eq!((lasts(&admin, Some(900)), lasts(&admin, Some(7200))), (Ok(900), Ok(7200)));
    assert!(refused(lasts(&admin, Some(899))) && refused(lasts(&admin, Some(7201))));
    let session = enter(&house, &begin(&house, &admin, assume(&role)));
    assert_eq!(lasts(&session, Some(3600)), Ok(3600));
    assert!(refused(lasts(&session, Some(3601))));
    for secs in [3599, 43_201] {
        let made = op::CreateRole { session_secs_max: secs, ..create(&role, &trusts, &[]) };
        let outcome = house.call(&admin, made);
        assert!(matches!(outcome, Err(Error::Invalid(Invalid::Role(_)))), "{secs}");
    }
}

#[test]
fn who_is_behind_a_session_stays_behind_those_that_it_begins() {
    let house = house();
    let (role, admin) = (role("chain"), house.admin());
    let trusts = r#"{"Statement":[{"Effect":"Allow","Action":"sts:*","Principal":"*"}]}"#;
    house.call(&admin, create(&role, trusts, &[])).unwrap();
    let from = |name: &str| op::AssumeRole {
        source_identity: Some(name.parse().unwrap()),
        ..assume(&role)
    };
    let first = begin(&house, &admin, from("alice"));
    assert_eq!(first.source_identity.as_deref(), Some("alice"));
    let caller = enter(&house, &first);
    let second = begin(&house, &caller, assume(&role));
    assert_eq!(second.source_identity.as_deref(), Some("alice"));
    begin(&house, &caller, from("alice"));
    assert_eq!(
        house.call(&caller, from("mallory")).unwrap_err(),
        Error::Denied(Action::AssumeRole)
    );
}

#[test]
fn conditions_know_a_session_by_its_role_its_tags_and_its_source() {
    let house = house();
    let role = role("tagged");
    let tags = vec![op::Tag { name: "team".to_owned(), value: "blue".to_owned() }];
    let lets = |conditions: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"kms:ListKeys",
                "Resource":"*","Condition":{{"StringEquals":{{{conditions}}}}}}}]}}"#
        )
    };
    let made = op::CreateRole { tags, ..create(&role, &trust(&user_arn("admin"), ""), &[]) };
    house.call(&house.admin(), made).unwrap();
    let from = op::AssumeRole { source_identity: Some("alice".parse().unwrap()), ..assume(&role) };
    let session = begin(&house, &house.admin(), from);
    let id = session.role_id.clone();
    for (conditions, holds) in [
        (r#""aws:PrincipalArn":"arn:aws:iam::111122223333:role/tagged""#.to_owned(), true),
        (
            r#""aws:PrincipalArn":"arn:aws:sts::111122223333:assumed-role/tagged/session""#.into(),
            false,
        ),
        (r#""aws:PrincipalTag/team":"blue""#.to_owned(), true),
        (r#""aws:PrincipalTag/team":"red""#.to_owned(), false),
        (r#""aws:SourceIdentity":"alice""#.to_owned(), true),
        (r#""aws:PrincipalType":"AssumedRole""#.to_owned(), true),
        (format!(r#""aws:userid":"{id}""#), true),
        (r#""aws:username":"tagged""#.to_owned(), false),
    ] {
        let (trust, session_secs_max, tags) = Default::default();
        let (name, policies) = (role.clone(), Some(vec![lets(&conditions)]));
        let change = op::ChangeRole { name, trust, policies, session_secs_max, tags };
        house.call(&house.admin(), change).unwrap();
        let list = op::ListKeys {
            account: account(),
            region: crate::house::region(),
            page: op::Page { limit: 1, after: None },
        };
        let caller = enter(&house, &session);
        let outcome = house.engine.call(&caller, &list, at(NOW), Mode::Run).map(|_| ());
        assert_eq!(outcome.is_ok(), holds, "{conditions}: {outcome:?}");
    }
}

#[test]
fn roles_are_listed_read_and_changed() {
    let house = house();
    let admin = house.admin();
    for name in ["a", "b", "c"] {
        make(&house, name, &[ENCRYPT_ONLY]);
    }
    let page = |after: Option<&str>| op::Page { limit: 2, after: after.map(str::to_owned) };
    let list = |after| house.call(&admin, op::ListRoles { account: account(), page: page(after) });
    let first = list(None).unwrap();
    let names = |page: &op::Listing<op::RoleEntry>| {
        page.items.iter().map(|role| role.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!((names(&first), first.next.as_deref()), (vec!["a".into(), "b".into()], Some("b")));
    assert_eq!(names(&list(Some("b")).unwrap()), ["c"]);
    let read = || house.call(&admin, op::GetRole { name: role("a") }).unwrap();
    assert_eq!((read().session_secs_max, read().policies), (3600, vec![ENCRYPT_ONLY.to_owned()]));
    let change = op::ChangeRole {
        name: role("a"),
        trust: None,
        policies: None,
        session_secs_max: Some(43_200),
        tags: Some(vec![op::Tag { name: "t".to_owned(), value: String::new() }]),
    };
    house.call(&admin, change).unwrap();
    assert_eq!((read().session_secs_max, read().policies), (43_200, vec![ENCRYPT_ONLY.to_owned()]));
    assert_eq!(read().tags.keys().collect::<Vec<_>>(), ["t"]);
}

#[test]
fn sessions_that_are_asked_at_the_same_time_are_each_themselves() {
    const ROLES: usize = 8;
    let house = house();
    let sessions: Vec<_> = (0..ROLES)
        .map(|number| {
            let role = make(&house, &format!("role-{number}"), &[ALL]);
            begin(&house, &house.admin(), assume(&role))
        })
        .collect();
    let (house, sessions) = (&house, &sessions);
    let ask = &|turn: usize| {
        let (one, other) = (&sessions[turn % ROLES], &sessions[(turn + 1) % ROLES]);
        assert_eq!(claim(house, one, NOW).unwrap().arn(), one.arn);
        let access = (one.access_key_id.as_str(), one.secret.expose());
        let mixed = house.claim_in_session(Door::Aws, "kms", access, Some(&other.token), NOW);
        assert_eq!(mixed.unwrap_err(), UNKNOWN);
        if turn.is_multiple_of(100) {
            house.engine.expire(at(NOW.plus_secs(1_000_000)));
        }
    };
    std::thread::scope(|scope| {
        for thread in 0..8 {
            scope.spawn(move || (0..1000).for_each(|turn| ask(thread + turn * 3)));
        }
    });
}
