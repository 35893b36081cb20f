//! Who is not known is told so, whatever is asked; nothing is done, and the log has who tried.

use std::{collections::HashMap, sync::Arc};

use engine::op;
use model::{Wall, error::Unauthenticated};

use super::{
    Chain, DAY, Door,
    certificate::certificate,
    claims::{self, Fault},
    draft::Sent,
    house::{ALL, NOW},
    method, nobodys,
    people::{Others, call, name, refusals, user, whole},
};
use crate::{
    route::{Route, Verb},
    table::ROUTES,
};

/// What the sentence of a fault says, and the code of its entry if it has one.
fn told(fault: Fault) -> (&'static str, Option<&'static str>) {
    match fault {
        Fault::Missing => ("The request is not signed", None),
        Fault::Incomplete(sentence) | Fault::Bad(sentence) => (sentence, None),
        Fault::Refused(reason) => match reason {
            Unauthenticated::UnknownCredential => {
                ("access key is not one", Some("unknown-credential"))
            }
            Unauthenticated::BadSignature => ("signature is not that", Some("bad-signature")),
            Unauthenticated::Expired => ("15 minutes before", Some("expired")),
            Unauthenticated::NotYetValid => ("15 minutes after", Some("not-yet-valid")),
            Unauthenticated::WrongService => ("another service", Some("wrong-service")),
            Unauthenticated::WrongRegion => ("a region that is not served", Some("wrong-region")),
            Unauthenticated::Ambiguous
            | Unauthenticated::Blocked
            | Unauthenticated::CredentialNeeded => ("no signature is refused so", None),
            other => panic!("no request of these rests on it: {other:?}"),
        },
    }
}

/// Every route but the one that nobody signs.
fn signed_routes() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().filter(|route| route.verb != Verb::Unseal)
}

impl Door {
    /// Sees that a right request is done, where it does not end the test.
    fn done(&self, route: &Route, chain: &Chain, sent: &Sent) {
        if route.verb != Verb::Seal {
            let response = self.send_over(chain, sent, NOW);
            assert_eq!(response.status(), route.success, "{}: {:?}", route.path, response.body());
        }
    }
}

#[test]
fn a_claim_that_does_not_hold_is_refused_whatever_is_asked_and_changes_nothing() {
    let door = Door::new();
    let others = Others::new(&door.ground, &door.house);
    user(&door.house, "machine", &[ALL]);
    let own = certificate((NOW, NOW.plus_secs(DAY)));
    door.register("machine", &own);
    let (bare, shown): (Chain, Chain) = (Arc::default(), Arc::new(vec![own].into()));
    let from = door.entries();
    let (mut answers, mut expected, mut cells) = (HashMap::new(), Vec::new(), 0);
    for route in signed_routes() {
        let (target, body) = door.request(route);
        let right = door.draft(&door.house.admin, (method(route), &target), &body);
        let revision = door.ground.store.revision();
        for claims::Row { says, sent, fault, alleged } in claims::rows(&right, &others) {
            // A certificate that holds does not stand in for a signature that does not.
            let chains = [Some(&bare), Some(&shown).filter(|_| fault != Fault::Missing)];
            for chain in chains.into_iter().flatten() {
                let what = format!("{} {}: {says}", route.method, route.path);
                let before = door.entries();
                let response = door.send_over(chain, &sent, NOW);
                let (sentence, code) = told(fault);
                nobodys(&response, sentence, &what);
                assert_eq!(door.entries() - before, u64::from(code.is_some()), "{what}");
                expected.extend(code.map(|code| (alleged.clone(), code.to_owned())));
                // Why a claim does not hold is all there is to be learned, not from which row.
                let answer = answers.entry(fault).or_insert_with(|| whole(&response));
                assert_eq!(*answer, whole(&response), "{what}");
                cells += 1;
            }
        }
        assert_eq!(door.ground.store.revision(), revision, "{}", route.path);
        door.done(route, &bare, &right.sign());
    }
    assert!(cells >= 240 * signed_routes().count(), "{cells}");
    assert_eq!(refusals(&door.ground, &door.house, from), expected);
}

#[test]
fn what_is_signed_in_an_unusual_way_is_taken() {
    let door = Door::new();
    let right = door.draft(&door.house.admin, ("GET", "/api/v1/status"), "");
    for (says, sent) in claims::unusual(&right) {
        let response = door.send(&sent);
        assert_eq!(response.status(), 200, "{says}: {:?}", response.body());
    }
}

/// What a connection shows that must not let it in: what it is, the chain, when it is shown, what
/// the sentence says, and the code of its entry.
type Shown = (&'static str, Chain, Wall, &'static str, &'static str);

fn shown(door: &Door) -> Vec<Shown> {
    const UNKNOWN: (&str, &str) = ("not registered", "unknown-credential");
    let (soon, later) = (NOW.plus_secs(100), NOW.plus_secs(200));
    let valid = || certificate((NOW, NOW.plus_secs(DAY)));
    let of = |user: &str, certificate: Vec<u8>| {
        door.register(user, &certificate);
        certificate
    };
    for name in ["machine", "removed"] {
        user(&door.house, name, &[ALL]);
    }
    let (good, removed) = (of("machine", valid()), valid());
    let (principal, id) = (name("machine"), door.register("machine", &removed));
    call(&door.house, &op::RemoveCertificate { principal, id });
    let blocked = valid();
    let (principal, fingerprint) = (name("machine"), door.register("machine", &blocked));
    call(&door.house, &op::BlockCertificate { principal, fingerprint });
    let half = valid();
    let register = op::RegisterCertificate {
        principal: name("machine"),
        certificate: half.clone(),
        with_credential: true,
    };
    call(&door.house, &register);
    let of_nobody = of("removed", valid());
    call(&door.house, &op::DeletePrincipal { name: name("removed") });
    let ended = of("machine", certificate((NOW, soon)));
    let early = of("machine", certificate((NOW.plus_secs(DAY), NOW.plus_secs(2 * DAY))));
    let mut edited = good.clone();
    *edited.last_mut().unwrap() ^= 1;
    let (short, mut long) = (good[..good.len() - 1].to_vec(), good.clone());
    long.push(0);
    let row = |says, chain: Vec<Vec<u8>>| (says, Arc::new(chain.into()), NOW, UNKNOWN.0, UNKNOWN.1);
    let timed =
        |says, one, wall, sentence, code| (says, Arc::new(vec![one].into()), wall, sentence, code);
    vec![
        row("one of the same name and key", vec![valid()]),
        row("one that was removed", vec![removed]),
        row("one of a principal that was removed", vec![of_nobody]),
        row("a stranger's, with a registered one behind it", vec![valid(), good.clone()]),
        row("one of which a bit is another", vec![edited]),
        row("one that lacks a byte", vec![short]),
        row("one that has a byte more", vec![long]),
        row("none, of no bytes", vec![Vec::new()]),
        row("none, and a registered one behind it", vec![Vec::new(), good]),
        timed("one that has ended", ended.clone(), soon.plus_secs(1), "has expired", "expired"),
        timed("one that ended long ago", ended, later, "has expired", "expired"),
        timed("one that is blocked", blocked, NOW, "is blocked", "blocked-certificate"),
        timed("one that is not enough", half, NOW, "for KMIP only", "credential-needed"),
        timed("one for later", early, NOW, "not valid yet", "not-yet-valid"),
    ]
}

#[test]
fn a_certificate_that_does_not_hold_is_refused_whatever_is_asked_and_changes_nothing() {
    let door = Door::new();
    let rows = shown(&door);
    let from = door.entries();
    let (mut answers, mut expected) = (HashMap::new(), Vec::new());
    for route in signed_routes() {
        let (target, body) = door.request(route);
        let mut unsigned = door.draft(&door.house.admin, (method(route), &target), &body).sign();
        unsigned.authorization.clear();
        let revision = door.ground.store.revision();
        for (says, chain, wall, sentence, code) in &rows {
            let what = format!("{} {}: {says}", route.method, route.path);
            let before = door.entries();
            let response = door.send_over(chain, &unsigned, *wall);
            nobodys(&response, sentence, &what);
            assert_eq!(door.entries(), before + 1, "{what}");
            let fingerprint = super::draft::hex(&crypto::digest::sha256(&chain[0]));
            expected.push((fingerprint, (*code).to_owned()));
            let answer = answers.entry(*code).or_insert_with(|| whole(&response));
            assert_eq!(*answer, whole(&response), "{what}");
        }
        assert_eq!(door.ground.store.revision(), revision, "{}", route.path);
    }
    assert_eq!(refusals(&door.ground, &door.house, from), expected);
}

#[test]
fn a_certificate_lets_its_principal_in_and_no_page_that_its_browser_shows() {
    let door = Door::new();
    user(&door.house, "machine", &[ALL]);
    let own = certificate((NOW, NOW.plus_secs(DAY)));
    door.register("machine", &own);
    let chain: Chain = Arc::new(vec![own].into());
    for route in signed_routes() {
        let (target, body) = door.request(route);
        let mut unsigned = door.draft(&door.house.admin, (method(route), &target), &body).sign();
        unsigned.authorization.clear();
        let (revision, before) = (door.ground.store.revision(), door.entries());
        for (name, value) in [
            ("origin", "https://elsewhere.example"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-site", ""),
        ] {
            let mut page = unsigned.clone();
            page.headers.push((name.to_owned(), value.to_owned()));
            nobodys(&door.send_over(&chain, &page, NOW), "web page", route.path);
        }
        assert_eq!((door.ground.store.revision(), door.entries()), (revision, before));
        door.done(route, &chain, &unsigned);
    }
}

#[test]
fn who_is_known_and_may_nothing_is_denied_and_changes_nothing() {
    let door = Door::new();
    let nobody = user(&door.house, "nobody", &[]);
    for route in signed_routes().filter(|route| route.action.is_some()) {
        let (target, body) = door.request(route);
        let (revision, before) = (door.ground.store.revision(), door.entries());
        let sent = door.draft(&nobody, (method(route), &target), &body).sign();
        let response = door.send(&sent);
        let answer = super::body(&response);
        assert_eq!(response.status(), 403, "{}: {answer}", route.path);
        assert_eq!(answer["error"]["code"], "denied", "{}", route.path);
        assert_eq!(door.ground.store.revision(), revision, "{}", route.path);
        assert_eq!(door.entries(), before + 1, "{}", route.path);
    }
}
