//! What is reachable without credentials, and that a path has one spelling.

use std::collections::BTreeSet;

use http::{Method, StatusCode};
use serde_json::json;

use super::{
    Door, body,
    draft::Sent,
    house::ALL,
    method, nobodys,
    people::{stranger, user},
    target,
};
use crate::{
    route::{self, Verb},
    table::ROUTES,
};

const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"];

/// Every path that there is, with values that name nothing.
fn paths() -> BTreeSet<String> {
    ROUTES.iter().map(|route| target(route, &[])).collect()
}

/// Other ways to write a path, some of which other servers take for it.
fn spellings(path: &str) -> Vec<String> {
    let last = path.rfind('/').unwrap_or(0);
    let (folder, name) = path.split_at(last + 1);
    let insert = |text: &str| format!("{folder}{text}{name}");
    let mut all: Vec<String> =
        ["/", "//", "/.", "/..", "/x/..", "/%2e", "/%2e%2e", "/%2E/", ";", ";x=y"]
            .into_iter()
            .chain(["%00", "%20", "%0a", ".", ".json", "%2f", "%5c", "%c0%af", "%ef%bc%8f", "/%3f"])
            .map(|end| format!("{path}{end}"))
            .collect();
    all.extend(
        ["/", "./", "../", "x/../", "%2e/", "%2e%2e/", "%2f", ";/", ";x/", "%00"].map(insert),
    );
    all.extend([
        format!("/{path}"),
        format!("/.{path}"),
        format!("/x/..{path}"),
        path.replacen("/api", "/API", 1),
        path.replacen("/api", "/Api", 1),
        path.replacen("/v1", "/V1", 1),
        path.replacen("/v1", "/v1/", 1),
        path.replacen("/v1", "/v1.0", 1),
        path.replacen("/api/v1", "/api/v2/../v1", 1),
        path.replacen("/api/v1", "/%61pi/v1", 1),
        path.replacen("/api/", "/api%2f", 1),
        path.replace('/', "%2f").replacen("%2f", "/", 1),
        format!("{folder}{}", name.to_uppercase()),
        // The first letter of the last segment, encoded, encoded twice, and wide (U+FF41 and on).
        format!("{folder}%{:02x}{}", name.as_bytes()[0], &name[1..]),
        format!("{folder}%25{:02x}{}", name.as_bytes()[0], &name[1..]),
        format!("{folder}%ef%bd%{:02x}{}", name.as_bytes()[0] + 0x20, &name[1..]),
    ]);
    all.retain(|spelling| spelling != path);
    all
}

fn unsigned(method: &'static str, target: &str, body: &str) -> Sent {
    Sent {
        method,
        target: target.to_owned(),
        headers: vec![("host".to_owned(), "localhost:9443".to_owned())],
        authorization: Vec::new(),
        body: body.as_bytes().to_vec(),
    }
}

#[test]
fn without_credentials_there_is_one_way_in() {
    let door = Door::new();
    let mut all = paths();
    all.extend(paths().iter().flat_map(|path| spellings(path)));
    all.extend(["/api/v1/", "/api/v1/x", "/api/v1/metrics", "/api/v1/healthz"].map(str::to_owned));
    let (revision, before) = (door.ground.store.revision(), door.entries());
    let mut open = Vec::new();
    for path in all.iter().filter(|path| http::Uri::try_from(*path).is_ok()) {
        for method in METHODS {
            for body in ["", "{}"] {
                let response = door.send(&unsigned(method, path, body));
                if response.status() == StatusCode::UNAUTHORIZED {
                    nobodys(&response, "not signed", path);
                } else {
                    open.push((method, path.as_str(), response.status().as_u16()));
                }
            }
        }
    }
    // A body of nothing is no question.
    assert_eq!(open, [("POST", "/api/v1/unseal", 400), ("POST", "/api/v1/unseal", 200)]);
    let seen = (door.ground.store.revision(), door.entries());
    assert_eq!(seen, (revision, before), "nothing is done, and nothing to be told");
    let alone = ROUTES.iter().filter(|route| route.verb == Verb::Unseal);
    let alone: Vec<_> = alone.map(|route| (route.method.clone(), route.path)).collect();
    assert_eq!(alone, [(Method::POST, "/api/v1/unseal")]);
}

#[test]
fn the_description_says_what_needs_no_credentials() {
    let door = Door::new();
    let sent = door.draft(&door.house.admin, ("GET", "/api/v1/openapi.json"), "").sign();
    let described = body(&door.send(&sent));
    let paths = described["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, operations)| {
        operations
            .as_object()
            .unwrap()
            .iter()
            .map(move |(method, operation)| (method, path, operation))
    });
    let open = operations.filter(|(_, _, operation)| operation["security"] == json!([]));
    let open: Vec<_> = open.map(|(method, path, _)| (method.as_str(), path.as_str())).collect();
    assert_eq!(open, [("post", "/api/v1/unseal")]);
}

#[test]
fn another_spelling_of_a_path_is_that_path_or_none() {
    let mut cells = 0;
    for row in ROUTES {
        let path = target(row, &[]);
        let right = route::find(ROUTES, &row.method, &path).ok().unwrap();
        for spelling in spellings(&path) {
            cells += 1;
            let Ok(found) = route::find(ROUTES, &row.method, &spelling) else { continue };
            // What is in a path as a value is a value, and of that its one meaning counts.
            let same = found.route.verb == right.route.verb;
            assert!(same, "{spelling} is {}, not {path}", found.route.path);
            let named = right.values.len();
            assert!(named > 0 && found.values.len() == named, "{spelling} is {path}");
            let plain = spelling.rsplit('/').next().unwrap();
            let plain = plain.split_once("%78").map_or(plain, |_| "x");
            let same = found.values[named - 1] == "x";
            assert!(!same || plain == "x", "{spelling}");
        }
    }
    assert!(cells >= 500, "{cells}");
}

#[test]
fn who_may_nothing_is_let_through_by_no_spelling() {
    let door = Door::new();
    let nobody = user(&door.house, "nobody", &[]);
    let (revision, mut refused) = (door.ground.store.revision(), 0);
    for row in ROUTES.iter().filter(|row| row.action.is_some()) {
        let (path, body) = (target(row, &[]), "{}");
        for spelling in spellings(&path).into_iter().filter(|s| http::Uri::try_from(s).is_ok()) {
            let sent = door.draft(&nobody, (method(row), &spelling), body).sign();
            let status = door.send(&sent).status();
            assert!([400, 403, 404, 405].contains(&status.as_u16()), "{spelling}: {status}");
            refused += 1;
        }
    }
    assert!(refused >= 300, "{refused}");
    assert_eq!(door.ground.store.revision(), revision);
}

#[test]
fn what_is_denied_by_name_is_denied_under_every_spelling() {
    let door = Door::new();
    user(&door.house, "victim", &[]);
    let deny = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*",
        "Resource":"arn:aws:iam::111122223333:user/victim"}]}"#;
    let limited = user(&door.house, "limited", &[ALL, deny]);
    let mut tried = 0;
    for row in ROUTES.iter().filter(|row| row.path.starts_with("/api/v1/principals/{name}")) {
        let (_, body) = door.request(row);
        let plain = row.path.replacen("{name}", "victim", 1).replace(['{', '}'], "");
        let names = [
            "victim",
            "%76ictim",
            "%56ictim",
            "VICTIM",
            "Victim",
            "victim%00",
            "victim%20",
            "victim.",
            "%20victim",
            "victim%2f",
            "./victim",
            "x/../victim",
            "user%2fvictim",
            "victim;x",
            "vi%63tim",
            "%ef%bd%96ictim",
            "victim%c0%80",
            "victim?",
            "victim%3f",
            "victim,victim",
            "victim%E2%80%8B",
            "..%2fuser%2fvictim",
            "arn:aws:iam::111122223333:user%2fvictim",
            "*",
            "%2a",
            "victi%3f",
        ];
        let spellings = names.map(|name| plain.replacen("victim", name, 1));
        for spelling in spellings.into_iter().filter(|s| http::Uri::try_from(s).is_ok()) {
            let revision = door.ground.store.revision();
            let sent = door.draft(&limited, (method(row), &spelling), &body).sign();
            let response = door.send(&sent);
            assert!(response.status().is_client_error(), "{spelling}: {:?}", response.body());
            assert_eq!(door.ground.store.revision(), revision, "{spelling}");
            if spelling.replace("%76", "v").replace("%63", "c") == plain {
                assert_eq!(response.status(), StatusCode::FORBIDDEN, "{spelling}");
            }
            tried += 1;
        }
    }
    assert!(tried >= 200, "{tried}");
}

#[test]
fn another_account_learns_of_no_user_and_has_no_say_over_the_server() {
    let door = Door::new();
    let stranger = stranger(&door.ground, &door.house);
    let mut compared = 0;
    for row in ROUTES.iter().filter(|row| row.action.is_some()) {
        let (there, body) = door.request(row);
        let (revision, tried) = (door.ground.store.revision(), |target: &str| {
            let sent = door.draft(&stranger, (method(row), target), &body).sign();
            let response = door.send(&sent);
            (response.status(), response.body().clone())
        });
        let is_of_one = row.path.contains("{name}") || row.path.contains("{issuer}");
        if is_of_one && !row.path.contains("unseal") {
            let gone = target(row, &["nobody".to_owned(), "AKIAAAAAAAAAAAAAAAAA".to_owned()]);
            // The answer says again what was asked for.
            let again = |(status, body): (StatusCode, bytes::Bytes), target: &str| {
                let asked: Vec<&str> = target.split('/').skip(4).collect();
                let text = String::from_utf8(body.to_vec()).unwrap();
                (status, asked.iter().fold(text, |text, part| text.replace(part, "?")))
            };
            let (one, other) = (again(tried(&there), &there), again(tried(&gone), &gone));
            assert_eq!(one, other, "{} {}", row.method, row.path);
            assert_eq!(one.0, StatusCode::NOT_FOUND, "{} {}", row.method, row.path);
            compared += 1;
        } else if !["principals", "roles", "issuers"].iter().any(|all| row.path.contains(all)) {
            assert_eq!(tried(&there).0, StatusCode::FORBIDDEN, "{} {}", row.method, row.path);
        } else {
            continue;
        }
        assert_eq!(door.ground.store.revision(), revision, "{} {}", row.method, row.path);
    }
    assert_eq!(compared, 17);
}
