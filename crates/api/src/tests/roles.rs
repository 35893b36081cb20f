//! Roles and issuers of tokens, from their making to their removal.

use std::collections::BTreeMap;

use client::{Ask, IssuerSays, RoleSays};
use serde_json::{Value, json};

use super::{ALL, house, refused};

const TRUST: &str =
    r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:*"}}"#;
const JWKS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"one",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;

#[test]
fn a_role_is_made_listed_read_changed_and_removed() {
    let house = house();
    let policies = [ALL.to_owned()];
    let says = RoleSays { trust: Some(TRUST), policies: Some(&policies), ..RoleSays::default() };
    let made = house.ask(Ask::CreateRole { name: "deploy", says }).unwrap();
    let arn = "arn:aws:iam::111122223333:role/deploy";
    assert_eq!(made, json!({ "name": "deploy", "arn": arn }));
    let again = house.ask(Ask::CreateRole { name: "deploy", says });
    assert_eq!(again, refused(409, "already-exists"));
    let listed = house.ask(Ask::ListRoles { limit: None, after: None }).unwrap();
    let entry = json!({ "name": "deploy", "arn": arn, "created": "2027-01-15T08:00:00Z",
        "session_seconds_max": 3600 });
    assert_eq!(listed, json!({ "roles": [entry] }));

    let tags = BTreeMap::from([("team".to_owned(), "blue".to_owned())]);
    let says =
        RoleSays { session_seconds_max: Some(7200), tags: Some(&tags), ..RoleSays::default() };
    house.ask(Ask::ChangeRole { name: "deploy", says }).unwrap();
    let read = house.ask(Ask::ReadRole { name: "deploy" }).unwrap();
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!((&read["trust"], &read["policies"][0]), (&parsed(TRUST), &parsed(ALL)));
    assert_eq!(read["session_seconds_max"], 7200);
    assert_eq!(read["tags"], json!([{ "name": "team", "value": "blue" }]));

    let change = |says| house.ask(Ask::ChangeRole { name: "deploy", says });
    let short = RoleSays { session_seconds_max: Some(3599), ..RoleSays::default() };
    assert_eq!(change(short), refused(400, "invalid"));
    let (none, with_resource) =
        ("{}", TRUST.replace("\"Action\"", "\"Resource\":\"*\",\"Action\""));
    for trust in [none, with_resource.as_str()] {
        let says = RoleSays { trust: Some(trust), ..RoleSays::default() };
        assert_eq!(change(says), refused(400, "malformed-policy"));
    }
    assert_eq!(house.ask(Ask::DeleteRole { name: "deploy" }), Ok(Value::Null));
    assert_eq!(house.ask(Ask::ReadRole { name: "deploy" }), refused(404, "not-found"));
    assert_eq!(change(RoleSays::default()), refused(404, "not-found"));
}

#[test]
fn an_issuer_is_registered_listed_changed_and_removed() {
    let house = house();
    let (issuer, audiences) = ("https://oidc.example/id/AB", ["sts".to_owned()]);
    let says = IssuerSays { audiences: Some(&audiences), jwks: Some(JWKS) };
    let registered = house.ask(Ask::RegisterIssuer { issuer, says }).unwrap();
    let arn = "arn:aws:iam::111122223333:oidc-provider/oidc.example/id/AB";
    assert_eq!(registered, json!({ "issuer": issuer, "arn": arn }));
    let again = house.ask(Ask::RegisterIssuer { issuer, says });
    assert_eq!(again, refused(409, "already-exists"));
    for other in ["http://oidc.example", "oidc.example", "https://oidc.example:443", "https://"] {
        let outcome = house.ask(Ask::RegisterIssuer { issuer: other, says });
        assert_eq!(outcome, refused(400, "invalid"), "{other}");
    }
    let others = ["a".to_owned(), "b".to_owned()];
    let says = IssuerSays { audiences: Some(&others), jwks: None };
    // In a path it stands with its scheme or without.
    house.ask(Ask::ChangeIssuer { issuer, says }).unwrap();
    let address = "oidc.example/id/AB";
    let private = JWKS.replace("\"kid\"", "\"d\":\"AQ\",\"kid\"");
    let says = IssuerSays { audiences: None, jwks: Some(&private) };
    let outcome = house.ask(Ask::ChangeIssuer { issuer: address, says });
    assert_eq!(outcome, refused(400, "invalid"));
    let listed = house.ask(Ask::ListIssuers { limit: None, after: None }).unwrap();
    let entry = json!({ "issuer": issuer, "arn": arn, "registered": "2027-01-15T08:00:00Z",
        "audiences": ["a", "b"], "keys": ["one"] });
    assert_eq!(listed, json!({ "issuers": [entry] }));
    assert_eq!(house.ask(Ask::RemoveIssuer { issuer: address }), Ok(Value::Null));
    assert_eq!(house.ask(Ask::RemoveIssuer { issuer }), refused(404, "not-found"));
}
