//! The policy language by example: the policies AWS publishes for keys, and the corners of
//! wildcards, ARNs, conditions and variables.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::{borrow::Cow, sync::Arc};

use model::{
    AccountId, Action, PrincipalName,
    policy::{
        By, Decision, Document, FactKey, Facts, Place, Policies, Request, Resource, Value, Why,
        decide,
    },
};

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn account(text: &str) -> AccountId {
    text.parse().unwrap()
}

fn user(of: &str, name: &str) -> PrincipalName {
    PrincipalName::user(account(of), name).unwrap()
}

fn alice() -> PrincipalName {
    user("111122223333", "alice")
}

fn key_policy(text: &str) -> Document {
    iam::parse_key_policy(text).unwrap_or_else(|wrong| panic!("{wrong}"))
}

fn identity(text: &str) -> Vec<Arc<Document>> {
    vec![Arc::new(iam::parse_identity_policy(text).unwrap_or_else(|wrong| panic!("{wrong}")))]
}

/// Facts by canonical key; several values with the same key make it multivalued. It does what
/// [`Facts`] asks of its implementors: the names of encryption contexts compare in any case.
#[derive(Default)]
struct Known(Vec<(String, String)>);

impl Known {
    fn of(pairs: &[(&str, &str)]) -> Self {
        let key = |key: &str| FactKey::new(key).unwrap().as_str().to_owned();
        Self(pairs.iter().map(|(name, value)| (key(name), (*value).to_owned())).collect())
    }
}

impl Facts for Known {
    fn value(&self, key: &str) -> Option<Value<'_>> {
        let context = key.starts_with("kms:encryptioncontext:");
        let named = |name: &str| name == key || context && name.eq_ignore_ascii_case(key);
        let found: Vec<_> = self
            .0
            .iter()
            .filter(|(name, _)| named(name))
            .map(|(_, value)| Cow::Borrowed(value.as_str()))
            .collect();
        match found.len() {
            0 => None,
            1 => found.into_iter().next().map(Value::One),
            _ => Some(Value::Many(found)),
        }
    }
}

/// Asks for `action` on [`KEY`].
fn ask(
    who: &PrincipalName,
    action: Action,
    facts: &Known,
    identity: &[Arc<Document>],
    key: Option<&Document>,
) -> Decision {
    let resource = Some(Resource { arn: KEY, account: account("111122223333") });
    let principal_arn = &who.arn();
    decide(
        &Policies { identity, session: None, key },
        &Request { principal: who, principal_arn, role_arn: None, action, resource, facts },
    )
}

/// Whether an identity policy with this resource and condition lets alice encrypt with [`KEY`].
fn lets(resource: &str, condition: &str, facts: &Known) -> bool {
    let policy = identity(&format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"kms:Encrypt",
            "Resource":"{resource}","Condition":{condition}}}}}"#
    ));
    ask(&alice(), Action::Encrypt, facts, &policy, None).is_allowed()
}

fn holds(condition: &str, facts: &[(&str, &str)]) -> bool {
    lets("*", condition, &Known::of(facts))
}

const ALLOW_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}"#;

#[test]
fn the_default_key_policy_lets_the_accounts_identity_policies_decide() {
    let text = iam::default_key_policy(account("111122223333"));
    assert!(text.starts_with("{\n  \"Version\" : \"2012-10-17\",\n  \"Id\" : \"key-default-1\""));
    let key = key_policy(&text);
    assert_eq!(key.id.as_deref(), Some("key-default-1"));
    assert_eq!(key.statements[0].sid.as_deref(), Some("Enable IAM User Permissions"));
    let (facts, all) = (Known::default(), identity(ALLOW_ALL));
    let by = By::IdentityPolicy { policy: 0, statement: 0, key_statement: Some(0) };
    let decided = |who: &PrincipalName, action, identity: &[_]| {
        ask(who, action, &facts, identity, Some(&key))
    };
    assert_eq!(decided(&alice(), Action::Decrypt, &all), Decision::Allowed(by));
    let nothing = Decision::Denied(Why::IdentityPolicyDoesNotAllow);
    assert_eq!(decided(&alice(), Action::Decrypt, &[]), nothing);
    // The account itself is named by its ARN, and kms:* is about kms: actions only.
    let root = PrincipalName::account(account("111122223333"));
    let by_key = Decision::Allowed(By::KeyPolicy { statement: 0 });
    assert_eq!(decided(&root, Action::PutKeyPolicy, &[]), by_key);
    assert_eq!(decided(&root, Action::RotateRootKey, &[]), Decision::Denied(Why::NoStatement));
    // Another account's principal is not of the account.
    let stranger = user("444455556666", "alice");
    let undelegated = Decision::Denied(Why::KeyPolicyDoesNotDelegate);
    assert_eq!(decided(&stranger, Action::Decrypt, &all), undelegated);
}

#[test]
fn the_published_policy_for_administrators_and_users_of_a_key() {
    let key = key_policy(
        r#"{"Id":"key-consolepolicy-3","Version":"2012-10-17","Statement":[
        {"Sid":"Allow access for Key Administrators","Effect":"Allow",
         "Principal":{"AWS":["arn:aws:iam::111122223333:user/KMSAdmin"]},
         "Action":["kms:Create*","kms:Describe*","kms:Enable*","kms:List*","kms:Put*",
           "kms:Update*","kms:Revoke*","kms:Disable*","kms:Get*","kms:Delete*","kms:TagResource",
           "kms:UntagResource","kms:ScheduleKeyDeletion","kms:CancelKeyDeletion"],"Resource":"*"},
        {"Sid":"Allow use of the key","Effect":"Allow",
         "Principal":{"AWS":["arn:aws:iam::111122223333:role/ExampleRole",
           "arn:aws:iam::444455556666:root"]},
         "Action":["kms:Encrypt","kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*",
           "kms:DescribeKey"],"Resource":"*"},
        {"Sid":"Allow attachment of persistent resources","Effect":"Allow",
         "Principal":{"AWS":["arn:aws:iam::111122223333:role/ExampleRole"]},
         "Action":["kms:CreateGrant","kms:ListGrants","kms:RevokeGrant"],"Resource":"*",
         "Condition":{"Bool":{"kms:GrantIsForAWSResource":true}}}]}"#,
    );
    let facts = Known::default();
    let decided = |who: &PrincipalName, action, identity: &[_]| {
        ask(who, action, &facts, identity, Some(&key)).is_allowed()
    };
    let admin = user("111122223333", "KMSAdmin");
    let role = PrincipalName::role(account("111122223333"), "ExampleRole").unwrap();
    assert!(decided(&admin, Action::PutKeyPolicy, &[]));
    assert!(!decided(&admin, Action::Decrypt, &[]));
    assert!(decided(&role, Action::ReEncryptFrom, &[]));
    assert!(!decided(&role, Action::PutKeyPolicy, &[]));
    // Case and kind of a principal's name count.
    assert!(!decided(&user("111122223333", "kmsadmin"), Action::PutKeyPolicy, &[]));
    assert!(!decided(&user("111122223333", "ExampleRole"), Action::Encrypt, &[]));
    // The other account needs its own administrator's consent too.
    let stranger = user("444455556666", "carol");
    assert!(!decided(&stranger, Action::Encrypt, &[]));
    assert!(decided(&stranger, Action::Encrypt, &identity(ALLOW_ALL)));
    assert!(!decided(&stranger, Action::PutKeyPolicy, &identity(ALLOW_ALL)));
    // Nothing here delegates to the key's own account.
    assert!(!decided(&alice(), Action::Encrypt, &identity(ALLOW_ALL)));
}

#[test]
fn everyone_is_a_direct_name_and_still_needs_consent_from_another_account() {
    let key = key_policy(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
            "Action":"kms:Decrypt","Resource":"*"}]}"#,
    );
    let facts = Known::default();
    let stranger = user("444455556666", "carol");
    assert!(ask(&alice(), Action::Decrypt, &facts, &[], Some(&key)).is_allowed());
    assert!(!ask(&stranger, Action::Decrypt, &facts, &[], Some(&key)).is_allowed());
    assert!(ask(&stranger, Action::Decrypt, &facts, &identity(ALLOW_ALL), Some(&key)).is_allowed());
}

#[test]
fn a_deny_wins_wherever_it_stands() {
    let key = key_policy(
        r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},
        {"Sid":"no","Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"kms:Decrypt",
         "Resource":"*"}]}"#,
    );
    let facts = Known::default();
    let place = Place::KeyPolicy { statement: 1 };
    let denied = ask(&alice(), Action::Decrypt, &facts, &identity(ALLOW_ALL), Some(&key));
    assert_eq!(denied, Decision::Denied(Why::ExplicitDeny(place)));
    let deny = identity(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotAction":"kms:Encrypt",
            "Resource":"*"}]}"#,
    );
    let denied = ask(&alice(), Action::DescribeKey, &facts, &deny, Some(&key));
    let place = Place::IdentityPolicy { policy: 0, statement: 0 };
    assert_eq!(denied, Decision::Denied(Why::ExplicitDeny(place)));
    assert!(ask(&alice(), Action::Encrypt, &facts, &deny, Some(&key)).is_allowed());
}

#[test]
fn empty_means_nobody() {
    let facts = Known::default();
    let mut key = key_policy(&iam::default_key_policy(account("111122223333")));
    let root = PrincipalName::account(account("111122223333"));
    let allowed = |key: &Document| ask(&root, Action::Encrypt, &facts, &[], Some(key)).is_allowed();
    assert!(allowed(&key));
    for empty in ["statements", "principals", "actions", "resources"] {
        let mut none = key.clone();
        match empty {
            "statements" => none.statements.clear(),
            "principals" => {
                none.statements[0].principals = model::policy::Principals::Listed(Vec::new());
            }
            "actions" => none.statements[0].actions = model::ActionSet::EMPTY,
            _ => none.statements[0].resources = model::policy::Resources::Only(Vec::new()),
        }
        assert!(!allowed(&none), "no {empty}");
    }
    // The policy of a bearer, put on a key, is about nobody.
    key.statements[0].principals = model::policy::Principals::Bearer;
    assert!(!allowed(&key));
    assert!(!ask(&alice(), Action::Encrypt, &facts, &[], None).is_allowed());
}

#[test]
fn a_key_policys_statement_without_resource_has_no_effect() {
    let key = key_policy(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*"}}"#,
    );
    assert!(!ask(&alice(), Action::Encrypt, &Known::default(), &[], Some(&key)).is_allowed());
}

#[test]
fn what_belongs_to_another_account_and_has_no_policy_stays_shut() {
    let stranger = user("444455556666", "carol");
    let decided =
        ask(&stranger, Action::DeleteAlias, &Known::default(), &identity(ALLOW_ALL), None);
    assert_eq!(decided, Decision::Denied(Why::OtherAccount));
}

#[test]
fn an_action_without_a_resource_is_allowed_on_everything_or_not_at_all() {
    let (who, facts) = (alice(), Known::default());
    let decided = |resource: &str| {
        let identity = identity(&format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"kms:CreateKey",
                {resource}}}}}"#
        ));
        let principal_arn = &who.arn();
        let (action, facts) = (Action::CreateKey, &facts);
        let (resource, role_arn) = (None, None);
        let request = Request { principal: &who, principal_arn, role_arn, action, resource, facts };
        decide(&Policies { identity: &identity, session: None, key: None }, &request).is_allowed()
    };
    assert!(decided(r#""Resource":"*""#));
    assert!(!decided(r#""Resource":"arn:aws:kms:*""#));
    assert!(decided(r#""NotResource":"arn:aws:kms:*""#));
    assert!(!decided(r#""NotResource":"*""#));
}

#[test]
fn a_wildcard_in_an_arn_stays_within_its_component() {
    let like = |pattern: &str, arn: &str| {
        holds(
            &format!(r#"{{"ArnLike":{{"aws:PrincipalArn":"{pattern}"}}}}"#),
            &[("aws:PrincipalArn", arn)],
        )
    };
    assert!(like("arn:aws:iam::*:user/x", "arn:aws:iam::1:user/x"));
    assert!(!like("arn:aws:iam::*:user/x", "arn:aws:iam::1:role/a:user/x"));
    assert!(!like("arn:aws:iam::?:user/x", "arn:aws:iam::11:user/x"));
    assert!(!like("arn:aws:*:user/*", "arn:aws:iam::1:user/x"));
    // The last component takes in what follows, colons included.
    assert!(like("arn:aws:iam::1:role/*", "arn:aws:iam::1:role/a:user/x"));
    assert!(like("arn:aws:iam::*", "arn:aws:iam::1:role/a:user/x"));
    // Only "*" alone is about what is no ARN.
    assert!(like("*", "x") && !like("arn:*", "x") && !like("arn:*", "arn:aws:iam::1"));
}

#[test]
fn arn_equals_has_wildcards_as_arn_like_does_also_in_a_deny() {
    for operator in ["ArnEquals", "ArnLike"] {
        let deny = identity(&format!(
            r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Action":"*","Resource":"*"}},
            {{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"{operator}":
                {{"aws:PrincipalArn":"arn:aws:iam::*:user/al*"}}}}}}]}}"#
        ));
        let arn = alice().arn();
        let facts = Known::of(&[("aws:PrincipalArn", &arn)]);
        assert!(!ask(&alice(), Action::Encrypt, &facts, &deny, None).is_allowed(), "{operator}");
        let facts = Known::of(&[("aws:PrincipalArn", "arn:aws:iam::1:user/bob")]);
        assert!(ask(&alice(), Action::Encrypt, &facts, &deny, None).is_allowed(), "{operator}");
    }
}

#[test]
fn resources_match_by_component_and_by_case() {
    let none = Known::default();
    let lets = |resource: &str| lets(resource, "{}", &none);
    assert!(lets(KEY) && lets("arn:aws:kms:*:*:key/*") && lets("arn:aws:kms:eu-*"));
    assert!(lets("arn:aws:kms:eu-west-?:111122223333:key/1234abcd*"));
    assert!(!lets("arn:aws:kms:*:key/*") && !lets("arn:aws:kms:EU-WEST-1:*"));
    assert!(!lets("arn:aws:kms:eu-west-1:111122223333:alias/*"));
    assert!(!lets(&KEY[..KEY.len() - 1]));
}

#[test]
fn the_value_of_a_variable_is_never_a_wildcard() {
    let condition = r#"{"StringLike":{"kms:RequestAlias":"alias/${aws:username}-*"}}"#;
    let alias = ("kms:RequestAlias", "alias/bob-1");
    assert!(holds(condition, &[alias, ("aws:username", "bob")]));
    assert!(!holds(condition, &[alias, ("aws:username", "*")]));
    assert!(!holds(condition, &[alias, ("aws:username", "b?b")]));
    let resource = "arn:aws:kms:eu-west-1:${aws:PrincipalTag/team}:*";
    for team in ["*", "111122223333:key", "111122223333:*", ""] {
        assert!(!lets(resource, "{}", &Known::of(&[("aws:PrincipalTag/team", team)])), "{team}");
    }
    assert!(lets(resource, "{}", &Known::of(&[("aws:PrincipalTag/team", "111122223333")])));
}

#[test]
fn a_variable_without_value_matches_nothing_unless_it_has_a_default() {
    let plain = r#"{"StringEquals":{"aws:RequestTag/team":"${aws:PrincipalTag/team}"}}"#;
    let default = r#"{"StringEquals":{"aws:RequestTag/team":"${aws:PrincipalTag/team, 'all'}"}}"#;
    assert!(!holds(plain, &[("aws:RequestTag/team", "all")]));
    assert!(!holds(plain, &[("aws:RequestTag/team", "")]));
    assert!(!holds(plain, &[("aws:RequestTag/team", "${aws:PrincipalTag/team}")]));
    assert!(holds(default, &[("aws:RequestTag/team", "all")]));
    let red = ("aws:PrincipalTag/team", "red");
    assert!(!holds(default, &[("aws:RequestTag/team", "all"), red]));
    assert!(holds(default, &[("aws:RequestTag/team", "red"), red]));
    // A multivalued key is no value to put in.
    let keys = r#"{"StringEquals":{"aws:RequestTag/team":"${aws:TagKeys}"}}"#;
    let (a, b) = (("aws:TagKeys", "a"), ("aws:TagKeys", "b"));
    assert!(!holds(keys, &[("aws:RequestTag/team", "a"), a, b]));
}

#[test]
fn the_three_escapes_are_the_characters_themselves() {
    let condition = r#"{"StringLike":{"kms:RequestAlias":"alias/${*}${?}${$}{x}*"}}"#;
    assert!(holds(condition, &[("kms:RequestAlias", "alias/*?${x}y")]));
    assert!(!holds(condition, &[("kms:RequestAlias", "alias/a?${x}y")]));
}

#[test]
fn before_2012_a_variable_is_plain_text() {
    for version in ["", r#""Version":"2008-10-17","#] {
        let policy = identity(&format!(
            r#"{{{version}"Statement":{{"Effect":"Allow","Action":"*","Resource":"*",
                "Condition":{{"StringEquals":{{"aws:username":"${{aws:username}}"}}}}}}}}"#
        ));
        let ask = |facts| ask(&alice(), Action::Encrypt, &facts, &policy, None).is_allowed();
        assert!(!ask(Known::of(&[("aws:username", "alice")])));
        assert!(ask(Known::of(&[("aws:username", "${aws:username}")])));
    }
}

#[test]
fn a_missing_key_satisfies_only_what_is_negated_or_asks_if_it_exists() {
    for (operator, expected) in [
        ("StringEquals", false),
        ("StringNotEquals", true),
        ("StringLike", false),
        ("StringEqualsIfExists", true),
        ("StringNotEqualsIfExists", true),
        ("ForAllValues:StringEquals", true),
        ("ForAnyValue:StringEquals", false),
        ("ForAnyValue:StringNotEquals", false),
        ("ForAnyValue:StringEqualsIfExists", true),
    ] {
        assert_eq!(
            holds(&format!(r#"{{"{operator}":{{"aws:X":"a"}}}}"#), &[]),
            expected,
            "{operator}"
        );
    }
    assert!(holds(r#"{"Null":{"aws:X":"true"}}"#, &[]));
    assert!(!holds(r#"{"Null":{"aws:X":"false"}}"#, &[]));
    assert!(holds(r#"{"Null":{"aws:X":false}}"#, &[("aws:X", "")]));
    // A direct caller comes by no service.
    assert!(!holds(r#"{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}"#, &[]));
}

#[test]
fn the_values_of_a_multivalued_key_count_as_the_quantifier_says() {
    let (one, two) = ([("aws:TagKeys", "a")], [("aws:TagKeys", "a"), ("aws:TagKeys", "x")]);
    for (operator, of_one, of_two) in [
        ("ForAllValues:StringEquals", true, false),
        ("ForAnyValue:StringEquals", true, true),
        ("ForAllValues:StringNotEquals", false, false),
        ("ForAnyValue:StringNotEquals", false, true),
        ("StringEquals", true, true),
        ("StringNotEquals", false, false),
    ] {
        let condition = format!(r#"{{"{operator}":{{"aws:TagKeys":["a","b"]}}}}"#);
        assert_eq!(holds(&condition, &one), of_one, "{operator} of one");
        assert_eq!(holds(&condition, &two), of_two, "{operator} of two");
    }
}

#[test]
fn the_names_of_an_encryption_context_compare_in_any_case_and_its_values_do_not() {
    let condition = r#"{"StringEquals":{"kms:EncryptionContext:AppName":"ExampleApp"}}"#;
    assert!(holds(condition, &[("kms:EncryptionContext:appname", "ExampleApp")]));
    assert!(!holds(condition, &[("kms:EncryptionContext:AppName", "exampleapp")]));
    let ignoring = r#"{"StringEqualsIgnoreCase":{"KMS:encryptioncontext:AppName":"ExampleApp"}}"#;
    assert!(holds(ignoring, &[("kms:EncryptionContext:AppName", "EXAMPLEAPP")]));
}

#[test]
fn numbers_dates_truth_values_and_networks_compare_as_such() {
    let days = |operator: &str, value: &str, days: &str| {
        holds(&format!(r#"{{"{operator}":{{"kms:Days":{value}}}}}"#), &[("kms:Days", days)])
    };
    assert!(days("NumericEquals", "7", "7.00") && days("NumericLessThan", "\"30\"", "7"));
    assert!(!days("NumericLessThan", "30", "x") && days("NumericNotEquals", "30", "x"));
    assert!(days("NumericGreaterThan", "9007199254740992", "9007199254740993"));
    let now = |operator: &str, date: &str| {
        let condition = format!(r#"{{"{operator}":{{"aws:CurrentTime":"{date}"}}}}"#);
        holds(&condition, &[("aws:CurrentTime", "2026-11-24T05:00:00Z")])
    };
    assert!(now("DateLessThan", "2026-11-25") && now("DateEquals", "2026-11-24T06:00:00+01:00"));
    assert!(now("DateGreaterThanEquals", "1795496400") && !now("DateGreaterThan", "1795496400"));
    let from = |network: &str, address: &str| {
        let condition = format!(r#"{{"IpAddress":{{"aws:SourceIp":"{network}"}}}}"#);
        holds(&condition, &[("aws:SourceIp", address)])
    };
    assert!(from("203.0.113.0/24", "203.0.113.9") && !from("203.0.113.0/24", "203.0.114.9"));
    assert!(
        from("203.0.113.0/24", "::ffff:203.0.113.9")
            && from("::ffff:203.0.113.0/120", "203.0.113.9")
    );
    assert!(from("0.0.0.0/0", "1.2.3.4") && !from("::/0", "1.2.3.4") && from("::/0", "::1"));
    let secure = r#"{"Bool":{"aws:SecureTransport":"true"}}"#;
    assert!(holds(secure, &[("aws:SecureTransport", "True")]));
    assert!(!holds(secure, &[("aws:SecureTransport", "yes")]));
    let blob = r#"{"BinaryEquals":{"kms:Blob":"AAEC"}}"#;
    assert!(holds(blob, &[("kms:Blob", "AAEC")]) && !holds(blob, &[("kms:Blob", "aaec")]));
}
