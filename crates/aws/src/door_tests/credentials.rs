//! Who is not known is told so, whatever is asked; nothing is done, and the log has who tried.

use std::collections::HashMap;

use http::StatusCode;
use model::error::Unauthenticated;
use serde_json::json;

use super::{
    Door, body,
    claims::{self, Fault},
    people::{Others, refusals, user, whole},
};
use crate::table::NAMES;

/// The exception of a fault, what its message must say, and the code of its entry if it has one.
fn told(fault: Fault) -> (&'static str, &'static str, Option<&'static str>) {
    let signature = "InvalidSignatureException";
    match fault {
        Fault::Missing => ("MissingAuthenticationTokenException", "missing Authentication", None),
        Fault::Incomplete(sentence) => ("IncompleteSignature", sentence, None),
        Fault::Bad(sentence) => (signature, sentence, None),
        Fault::Refused(reason) => match reason {
            Unauthenticated::UnknownCredential => {
                ("UnrecognizedClientException", "security token", Some("unknown-credential"))
            }
            Unauthenticated::BadSignature => (signature, "does not match", Some("bad-signature")),
            Unauthenticated::Expired => (signature, "Signature expired", Some("expired")),
            Unauthenticated::NotYetValid => (signature, "not yet current", Some("not-yet-valid")),
            Unauthenticated::WrongService => (signature, "service: 'kms'", Some("wrong-service")),
            Unauthenticated::WrongRegion => (signature, "valid region", Some("wrong-region")),
            Unauthenticated::Ambiguous
            | Unauthenticated::Blocked
            | Unauthenticated::CredentialNeeded => (signature, "no signature is refused so", None),
            other => panic!("no request of these rests on it: {other:?}"),
        },
    }
}

#[test]
fn a_claim_that_does_not_hold_is_refused_whatever_is_asked_and_changes_nothing() {
    let door = Door::new();
    let others = Others::new(&door.ground, &door.house);
    let from = door.entries();
    let (mut answers, mut expected, mut cells) = (HashMap::new(), Vec::new(), 0);
    for operation in NAMES {
        let input = door.input(operation);
        let right = door.draft(&door.house.admin, operation, &input);
        let revision = door.ground.store.revision();
        for claims::Row { says, sent, fault, alleged } in claims::rows(&right, &others) {
            let what = format!("{operation}: {says}");
            let before = door.entries();
            let response = door.send(&sent);
            let body = body(&response);
            let (kind, sentence, code) = told(fault);
            assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{what}: {body}");
            assert_eq!(body["__type"], kind, "{what}: {body}");
            assert!(body["message"].as_str().unwrap().contains(sentence), "{what}: {body}");
            assert_eq!(door.entries() - before, u64::from(code.is_some()), "{what}");
            expected.extend(code.map(|code| (alleged, code.to_owned())));
            // Why a claim does not hold is all there is to be learned, and not from which row.
            let answer = answers.entry(fault).or_insert_with(|| whole(&response));
            assert_eq!(*answer, whole(&response), "{what}");
            cells += 1;
        }
        assert_eq!(door.ground.store.revision(), revision, "{operation}");
        assert_eq!(door.send(&right.sign()).status(), StatusCode::OK, "{operation}");
    }
    assert!(cells >= 120 * NAMES.len(), "{cells}");
    assert_eq!(refusals(&door.ground, &door.house, from), expected);
}

#[test]
fn what_is_signed_in_an_unusual_way_is_taken() {
    let door = Door::new();
    let right = door.draft(&door.house.admin, "ListKeys", &json!({}));
    for (says, sent) in claims::unusual(&right) {
        let response = door.send(&sent);
        assert_eq!(response.status(), StatusCode::OK, "{says}: {:?}", response.body());
    }
}

#[test]
fn who_is_known_and_may_nothing_is_denied_and_changes_nothing() {
    let door = Door::new();
    let nobody = user(&door.house, "nobody", &[]);
    for operation in NAMES {
        let input = door.input(operation);
        let (revision, before) = (door.ground.store.revision(), door.entries());
        let response = door.send(&door.draft(&nobody, operation, &input).sign());
        let body = body(&response);
        assert_eq!(body["__type"], "AccessDeniedException", "{operation}: {body}");
        assert_eq!(door.ground.store.revision(), revision, "{operation}");
        assert_eq!(door.entries(), before + 1, "{operation}");
    }
}
