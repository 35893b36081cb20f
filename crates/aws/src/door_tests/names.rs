//! What a name may be spelled like, and what accounts keep from each other.

use http::StatusCode;
use serde_json::{Value, json};

use super::{
    Door, body,
    house::ALL,
    people::whole,
    people::{stranger, user},
    second_account,
};
use crate::table::NAMES;

/// The ARN of a key of the first account.
fn arn(id: &str) -> Value {
    json!(format!("arn:aws:kms:eu-west-1:111122223333:key/{id}"))
}

#[test]
fn what_another_account_has_and_what_is_not_there_are_the_same_answer() {
    let door = Door::new();
    let stranger = stranger(&door.ground, &door.house);
    let mut compared = 0;
    for operation in NAMES {
        let mut there = door.input(operation);
        let (mut gone, before) = (there.clone(), compared);
        for member in ["KeyId", "TargetKeyId", "DestinationKeyId"] {
            let Some(id) = there[member].as_str().map(str::to_owned) else { continue };
            there[member] = arn(&id);
            gone[member] = arn("0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a");
            compared += 1;
        }
        if compared == before {
            continue;
        }
        let revision = door.ground.store.revision();
        let tried = |input: &Value| door.send(&door.draft(&stranger, operation, input).sign());
        let (there, gone) = (tried(&there), tried(&gone));
        assert_eq!(whole(&there), whole(&gone), "{operation}");
        assert_eq!(door.ground.store.revision(), revision, "{operation}");
    }
    assert!(compared >= 24, "{compared}");
    // Its own is where it is said to be.
    let own = door.send(&door.draft(&stranger, "ListKeys", &json!({})).sign());
    assert_eq!(own.body(), r#"{"Keys":[],"Truncated":false}"#);
    let made = door.send(&door.draft(&stranger, "CreateKey", &json!({})).sign());
    let made = body(&made);
    assert_eq!(made["KeyMetadata"]["AWSAccountId"], second_account::SECOND);
}

/// Names that might be taken for this key or its alias `alias/one`, and those that are its names.
fn names(id: &str) -> (Vec<String>, Vec<String>) {
    const PREFIX: &str = "arn:aws:kms:eu-west-1:111122223333:";
    let right = vec![
        id.to_owned(),
        format!("{PREFIX}key/{id}"),
        "alias/one".to_owned(),
        format!("{PREFIX}alias/one"),
    ];
    let mut odd = vec![
        id.to_uppercase(),
        id.replace('-', ""),
        format!("{{{id}}}"),
        format!("urn:uuid:{id}"),
        format!("key/{id}"),
        format!("{PREFIX}{id}"),
        format!("{PREFIX}KEY/{id}"),
        format!("{PREFIX}key/alias/one"),
        format!("{PREFIX}key//{id}"),
        format!("{PREFIX}key/../key/{id}"),
        format!("{PREFIX}key/{}", id.to_uppercase()),
        format!("arn:aws:kms:EU-WEST-1:111122223333:key/{id}"),
        format!("arn:aws:kms::111122223333:key/{id}"),
        format!("arn:aws:kms:eu-west-1::key/{id}"),
        format!("arn:aws:kms:eu-west-1:0111122223333:key/{id}"),
        format!("arn:aws:kms:us-east-1:111122223333:key/{id}"),
        format!("arn:aws:KMS:eu-west-1:111122223333:key/{id}"),
        format!("ARN:aws:kms:eu-west-1:111122223333:key/{id}"),
        "alias/ONE".to_owned(),
        "ALIAS/one".to_owned(),
        "one".to_owned(),
        "alias//one".to_owned(),
        "alias/./one".to_owned(),
        "alias/x/../one".to_owned(),
        "alias/%6fne".to_owned(),
        "alias/\u{ff4f}ne".to_owned(),
        "alias/on\u{435}".to_owned(),
        "*".to_owned(),
        format!("{PREFIX}key/*"),
        "alias/*".to_owned(),
        String::new(),
    ];
    for name in &right {
        for end in
            ["/", " ", "\t", "\n", "\0", ".", ";x", "?x", "%00", "%20", "#1", "\u{200b}", "\u{a0}"]
        {
            odd.push(format!("{name}{end}"));
        }
        odd.extend([" ", "\t", "\0", "/", "./", "\u{feff}"].map(|start| format!("{start}{name}")));
    }
    (right, odd)
}

#[test]
fn a_key_that_is_denied_is_denied_under_every_name() {
    let door = Door::new();
    let key = door.key("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
    door.call("CreateAlias", &json!({ "AliasName": "alias/one", "TargetKeyId": key }));
    let deny = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Action":"*","Resource":{}}}]}}"#,
        arn(&key)
    );
    let limited = user(&door.house, "limited", &[ALL, &deny]);
    let (right, odd) = names(&key);
    let tried = |who, name: &str| {
        let input = json!({ "KeyId": name, "Plaintext": "cGxhaW4=" });
        let response = door.send(&door.draft(who, "Encrypt", &input).sign());
        let body = body(&response);
        (response.status().as_u16(), body["__type"].as_str().unwrap_or_default().to_owned())
    };
    for name in &right {
        assert_eq!(tried(&door.house.admin, name).0, 200, "{name:?}");
        assert_eq!(tried(&limited, name), (400, "AccessDeniedException".to_owned()), "{name:?}");
    }
    for name in &odd {
        for who in [&door.house.admin, &limited] {
            let (status, kind) = tried(who, name);
            let refused = ["NotFoundException", "ValidationException", "InvalidArnException"];
            assert!(status == 400 && refused.contains(&&*kind), "{name:?}: {status} {kind}");
        }
    }
    assert!(odd.len() > 100, "{}", odd.len());
}

#[test]
fn another_spelling_of_an_operation_is_none() {
    let door = Door::new();
    for target in [
        "ListKeys",
        "TrentService.listkeys",
        "TrentService.LISTKEYS",
        "trentservice.ListKeys",
        "TrentService..ListKeys",
        "TrentService.TrentService.ListKeys",
        "TrentService.ListKeys.",
        "TrentService.ListKeys/",
        "TrentService.ListKeys,TrentService.ListKeys",
        "TrentService.ListKeys x",
        "TrentService_20141101.ListKeys",
        "TrentService.",
        "",
    ] {
        let mut draft = door.draft(&door.house.admin, "ListKeys", &json!({}));
        draft.drop("x-amz-target");
        draft.add("x-amz-target", target);
        let response = door.send(&draft.sign());
        let body = body(&response);
        assert_eq!(body["__type"], "UnknownOperationException", "{target:?}: {body}");
    }
}

#[test]
fn the_api_is_at_one_path_and_method_and_says_nothing_to_nobody() {
    let door = Door::new();
    let before = (door.ground.store.revision(), door.entries());
    let right = door.draft(&door.house.admin, "CreateKey", &json!({}));
    for path in [
        "//",
        "/.",
        "/..",
        "/%2e",
        "/%2f",
        "/;",
        "/;x",
        "/x",
        "/index.html",
        "/%00",
        "/kms",
        "/api",
        "/API/v1/status",
        "/api/v2/status",
        "/metrics",
        "/healthz/",
        "/.well-known/x",
    ] {
        let mut draft = right.clone();
        draft.target = path.to_owned();
        let mut unsigned = draft.sign();
        assert_eq!(door.send(&unsigned).status(), StatusCode::NOT_FOUND, "{path}");
        unsigned.authorization.clear();
        assert_eq!(door.send(&unsigned).status(), StatusCode::NOT_FOUND, "{path}");
    }
    for method in ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
        let mut draft = right.clone();
        draft.method = method;
        let mut unsigned = draft.sign();
        assert_eq!(door.send(&unsigned).status(), StatusCode::METHOD_NOT_ALLOWED, "{method}");
        unsigned.authorization.clear();
        assert_eq!(door.send(&unsigned).status(), StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
    for operation in NAMES {
        let mut unsigned = door.draft(&door.house.admin, operation, &json!({})).sign();
        unsigned.authorization.clear();
        assert_eq!(door.send(&unsigned).status(), StatusCode::BAD_REQUEST, "{operation}");
    }
    assert_eq!((door.ground.store.revision(), door.entries()), before);
}

#[test]
fn a_target_said_twice_is_no_operation_however_it_is_signed() {
    let door = Door::new();
    for other in ["TrentService.ListKeys", "TrentService.ListAliases", ""] {
        let mut draft = door.draft(&door.house.admin, "ListKeys", &json!({}));
        draft.add("x-amz-target", other);
        let response = door.send(&draft.sign());
        let body = body(&response);
        assert_eq!(body["__type"], "UnknownOperationException", "{other}");
    }
}
