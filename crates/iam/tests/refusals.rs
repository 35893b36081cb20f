//! What is no policy, and the sentence that says why.

use model::limits;

/// The sentence about an identity policy with this text for its only statement.
fn identity(statement: &str) -> String {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
    iam::parse_identity_policy(&text).err().map(|wrong| wrong.to_string()).unwrap_or_default()
}

/// The same about a key policy.
fn key(statement: &str) -> String {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
    iam::parse_key_policy(&text).err().map(|wrong| wrong.to_string()).unwrap_or_default()
}

/// The sentence about a whole document.
fn whole(text: &str) -> String {
    iam::parse_key_policy(text).err().map(|wrong| wrong.to_string()).unwrap_or_default()
}

/// The sentence about a condition.
fn condition(text: &str) -> String {
    identity(&format!(
        r#"{{"Sid":"S","Effect":"Allow","Action":"*","Resource":"*","Condition":{text}}}"#
    ))
}

#[test]
fn what_is_well_formed_is_not_refused() {
    assert_eq!(identity(r#"{"Effect":"Allow","Action":["kms:*"],"Resource":["*"]}"#), "");
    assert_eq!(key(r#"{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}"#), "");
    let several = r#"{"AWS":["111122223333","arn:aws:sts::111122223333:assumed-role/r/s"],
        "Service":"logs.eu-west-1.amazonaws.com"}"#;
    let statement = format!(r#"{{"Effect":"Deny","Principal":{several},"NotAction":"kms:*"}}"#);
    assert_eq!(key(&statement), "");
    assert_eq!(condition("{}"), "");
}

#[test]
fn a_document_is_an_object_of_known_members_each_once() {
    assert_eq!(whole("[]"), "The policy is a list, not an object.");
    assert!(whole("").starts_with("The policy is not valid JSON: "));
    assert!(whole("{} x").starts_with("The policy is not valid JSON: trailing characters"));
    assert_eq!(whole("{}"), "The policy has no \"Statement\".");
    assert_eq!(whole(r#"{"Statement":[]}"#), "The policy: Statement is an empty list.");
    assert_eq!(
        whole(r#"{"Statements":[]}"#),
        "The policy: Statements is not a member of a policy."
    );
    assert!(whole(r#"{"Id":"a","Id":"b"}"#).contains("\"Id\" said twice"));
    assert!(whole(r#"{"Version":"2012-10-18"}"#).contains("Version is \"2012-10-18\", which"));
    assert_eq!(whole(r#"{"Version":2012}"#), "The policy: Version is a number, not a string.");
    assert_eq!(whole(r#"{"Id":null}"#), "The policy: Id is null, not a string.");
}

#[test]
fn documents_are_bounded() {
    let long = " ".repeat(limits::POLICY_LEN_MAX + 1);
    assert_eq!(whole(&long), "The policy has 32769 bytes, more than 32768.");
    let deep = "[".repeat(limits::JSON_DEPTH_MAX + 1);
    assert!(whole(&deep).contains("nested too deeply"));
    let many = format!(r#"{{"Statement":[{}1]}}"#, "1,".repeat(limits::POLICY_STATEMENTS_MAX));
    assert_eq!(whole(&many), "The policy: Statement has 257 statements, more than 256.");
}

#[test]
fn a_sentence_names_the_statement_and_the_member() {
    let two = r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},
        {"Sid":"Allow use","Effect":"allow","Principal":"*","Action":"*","Resource":"*"}"#;
    assert_eq!(
        key(two),
        "Statement 2 (\"Allow use\"): Effect is \"allow\", neither \"Allow\" nor \"Deny\"."
    );
    assert_eq!(
        condition(r#"{"NumericLessThan":{"kms:Days":["7","1e3"]}}"#),
        "Statement 1 (\"S\"): Condition / NumericLessThan / kms:Days has the value \"1e3\", which \
         is not a decimal number."
    );
    let stars = "*a".repeat(limits::PATTERN_WILDCARDS_MAX + 1);
    let like = condition(&format!(r#"{{"StringLike":{{"kms:EncryptionContext:a":"{stars}"}}}}"#));
    assert!(like.starts_with("Statement 1 (\"S\"): Condition / StringLike / "), "{like}");
    assert!(like.ends_with("which has more than 64 wildcards and variables."), "{like}");
    let values = vec![r#""*a*""#; limits::CONDITION_WILDCARDS_MAX / 2 + 1].join(",");
    assert_eq!(
        condition(&format!(r#"{{"StringLike":{{"kms:EncryptionContext:a":[{values}]}}}}"#)),
        "The policy has 514 wildcards and variables in its conditions, more than 512."
    );
    let line = identity("{\"Effect\":\"Allow\\n\u{7}\",\"Action\":\"*\",\"Resource\":\"*\"}");
    assert!(!line.contains('\n') && !line.contains('\u{7}'), "{line}");
    let long = "x".repeat(5_000);
    let cut = identity(&format!(r#"{{"Effect":"{long}","Action":"*","Resource":"*"}}"#));
    assert!(cut.len() < 300, "{cut}");
}

#[test]
fn a_statement_has_what_it_needs_and_nothing_else() {
    for (statement, sentence) in [
        (r"7", "Statement 1 is a number, not an object."),
        (r#"{"Action":"*","Resource":"*"}"#, "Statement 1 has no \"Effect\"."),
        (r#"{"Effect":"Allow","Resource":"*"}"#, "Statement 1 has no \"Action\"."),
        (r#"{"Effect":"Allow","Action":"*"}"#, "Statement 1 has no \"Resource\"."),
        (
            r#"{"Effect":"Allow","Action":[],"Resource":"*"}"#,
            "Statement 1: Action is an empty list.",
        ),
        (
            r#"{"Effect":"Allow","Action":["kms:*",7],"Resource":"*"}"#,
            "Statement 1: Action has a number where a string is due.",
        ),
        (
            r#"{"Effect":"Allow","Action":"*","NotAction":"kms:*","Resource":"*"}"#,
            "Statement 1: NotAction stands beside its opposite.",
        ),
        (
            r#"{"Sid":"T","Effect":"Allow","Action":"*","Resource":"*","action":"*"}"#,
            "Statement 1 (\"T\"): action is not a member of a statement.",
        ),
        (
            r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#,
            "Statement 1: Principal has no place in an identity policy.",
        ),
        (
            r#"{"Sid":"a b","Effect":"Allow","Action":"*","Resource":"*"}"#,
            "Statement 1 (\"a b\"): Sid is not of letters and digits only.",
        ),
        (
            r#"{"Effect":"Allow","Action":"kms","Resource":"*"}"#,
            "Statement 1: Action has \"kms\", which is not of the form service:operation.",
        ),
    ] {
        assert_eq!(identity(statement), sentence);
    }
    let no_principal = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    assert_eq!(key(no_principal), "Statement 1 has no \"Principal\".");
    let not = r#"{"Effect":"Deny","NotPrincipal":"*","Action":"*","Resource":"*"}"#;
    assert!(key(not).starts_with("Statement 1: NotPrincipal is not supported"));
    let twice = r#"{"Sid":"T","Effect":"Allow","Action":"*","Resource":"*"},
        {"Sid":"T","Effect":"Allow","Action":"*","Resource":"*"}"#;
    assert_eq!(identity(twice), "Statement 2 (\"T\"): Sid is that of an earlier statement.");
}

#[test]
fn a_principal_is_named_whole() {
    for principal in [
        r#""arn:aws:iam::111122223333:root""#,
        r#"["*"]"#,
        "{}",
        r#"{"AWS":[]}"#,
        r#"{"AWS":"arn:aws:iam::111122223333:user/*"}"#,
        r#"{"AWS":"arn:aws:iam::*:root"}"#,
        r#"{"AWS":"arn:aws:iam::11112222333:root"}"#,
        r#"{"AWS":"arn:aws:iam::111122223333:group/g"}"#,
        r#"{"AWS":"arn:aws:iam::111122223333:user/"}"#,
        r#"{"AWS":"arn:aws:iam::111122223333:user/a:b"}"#,
        r#"{"AWS":"arn:aws:iam:eu-west-1:111122223333:user/a"}"#,
        r#"{"AWS":"arn:aws-cn:iam::111122223333:user/a"}"#,
        r#"{"AWS":"AIDACKCEVSQ6C2EXAMPLE"}"#,
        r#"{"Federated":"accounts.google.com"}"#,
        r#"{"Service":"logs"}"#,
        r#"{"aws":"*"}"#,
    ] {
        let sentence = key(&format!(
            r#"{{"Effect":"Allow","Principal":{principal},"Action":"*","Resource":"*"}}"#
        ));
        assert!(sentence.starts_with("Statement 1: Principal"), "{principal}: {sentence}");
    }
}

#[test]
fn a_resource_is_an_arn_or_everything() {
    for resource in [
        "",
        "key/x",
        "**",
        "alias/x",
        "arn",
        "arn:aws:kms",
        "arn:aws:kms:eu-west-1:1",
        "arn:aws:*:1:key/x",
        "arn:aws:kms:::${aws:username",
        "arn:aws:kms:::${x}",
        "arn:aws:kms:::${aws:x, default}",
        "ARN:aws:kms:::key/x",
        "arn:aws:kms:${*}",
    ] {
        let sentence =
            identity(&format!(r#"{{"Effect":"Allow","Action":"*","Resource":"{resource}"}}"#));
        assert!(sentence.starts_with("Statement 1: Resource has "), "{resource}: {sentence}");
    }
}

#[test]
fn a_condition_is_one_that_can_be_judged() {
    for text in [
        "[]",
        r#"{"StringEqual":{"aws:x":"a"}}"#,
        r#"{"stringequals":{"aws:x":"a"}}"#,
        r#"{"ForSomeValues:StringEquals":{"aws:x":"a"}}"#,
        r#"{"StringEqualsIfExistsIfExists":{"aws:x":"a"}}"#,
        r#"{"BoolNot":{"aws:x":"true"}}"#,
        r#"{"NullIfExists":{"aws:x":"true"}}"#,
        r#"{"ForAnyValue:Null":{"aws:x":"true"}}"#,
        r#"{"StringEquals":{}}"#,
        r#"{"StringEquals":"a"}"#,
        r#"{"StringEquals":{"x":"a"}}"#,
        r#"{"StringEquals":{"aws:x":[]}}"#,
        r#"{"StringEquals":{"aws:x":{"a":1}}}"#,
        r#"{"StringEquals":{"aws:x":null}}"#,
        r#"{"StringEquals":{"aws:x":"${"}}"#,
        r#"{"ForAllValues:StringEquals":{"kms:EncryptionContext:App":"a"}}"#,
        r#"{"ForAllValues:StringLikeIfExists":{"KMS:encryptioncontext:App":"a"}}"#,
        r#"{"NumericEquals":{"aws:x":"0x7"}}"#,
        r#"{"NumericEquals":{"aws:x":"+7"}}"#,
        r#"{"NumericEquals":{"aws:x":"7."}}"#,
        r#"{"NumericEquals":{"aws:x":1e300}}"#,
        r#"{"NumericEquals":{"aws:x":"${aws:y}"}}"#,
        r#"{"DateEquals":{"aws:x":"2026"}}"#,
        r#"{"DateEquals":{"aws:x":"2026-02-29"}}"#,
        r#"{"DateEquals":{"aws:x":"2026-01-01T00:00:00"}}"#,
        r#"{"DateEquals":{"aws:x":"2026-01-01T24:00:00Z"}}"#,
        r#"{"DateEquals":{"aws:x":"01/02/2026"}}"#,
        r#"{"Bool":{"aws:x":"yes"}}"#,
        r#"{"IpAddress":{"aws:x":"10.0.0.0/33"}}"#,
        r#"{"IpAddress":{"aws:x":"10.0.0"}}"#,
        r#"{"IpAddress":{"aws:x":"10.0.0.0/08"}}"#,
        r#"{"IpAddress":{"aws:x":"10.0.0.0/"}}"#,
        r#"{"IpAddress":{"aws:x":"2001:db8::/129"}}"#,
        r#"{"ArnLike":{"aws:x":"alice"}}"#,
        r#"{"BinaryEquals":{"aws:x":"AAE"}}"#,
        r#"{"BinaryEquals":{"aws:x":"AAF="}}"#,
        r#"{"BinaryEquals":{"aws:x":"===="}}"#,
    ] {
        let sentence = condition(text);
        assert!(sentence.starts_with("Statement 1 (\"S\"): Condition"), "{text}: {sentence}");
    }
}

#[test]
fn a_trust_policy_names_issuers_and_no_resource() {
    let trust = |statement: &str| {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        iam::parse_trust_policy(&text).err().map(|wrong| wrong.to_string()).unwrap_or_default()
    };
    let of = |principal: &str| {
        format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"sts:*"}}"#)
    };
    let issuer = r#"{"Federated":"arn:aws:iam::111122223333:oidc-provider/oidc.example/id/AB"}"#;
    assert_eq!(trust(&of(issuer)), "");
    assert_eq!(trust(&of(r#"{"AWS":"111122223333"}"#)), "");
    assert_eq!(
        trust(&of(issuer).replace("\"Action\"", "\"Resource\":\"*\",\"Action\"")),
        "Statement 1: Resource has no place in a trust policy, which is about its role."
    );
    assert_eq!(
        trust(r#"{"Effect":"Allow","Action":"sts:*"}"#),
        "Statement 1 has no \"Principal\"."
    );
    for principal in [
        r#"{"Federated":"accounts.google.com"}"#,
        r#"{"Federated":"arn:aws:iam::1111:oidc-provider/oidc.example"}"#,
        r#"{"Federated":"arn:aws:iam::111122223333:oidc-provider/OIDC.example"}"#,
        r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/a"}"#,
        r#"{"Federated":"*"}"#,
    ] {
        let sentence = trust(&of(principal));
        assert!(sentence.starts_with("Statement 1: Principal / Federated"), "{sentence}");
    }
}
