//! Policies that are nearly right: none makes the reader panic, and a policy is read the same
//! however its text is spaced.
#![cfg(test)]

#[path = "../../../fuzz/mutations.rs"]
mod mutations;

use iam::{default_key_policy, parse_identity_policy, parse_key_policy, parse_trust_policy};

const IDENTITY: &str = r#"{"Version": "2012-10-17", "Id": "i", "Statement": [
    {"Sid": "One", "Effect": "Allow", "Action": ["kms:Encrypt", "kms:Gen*"], "Resource": "*"},
    {"Effect": "Deny", "NotAction": "kms:*", "NotResource":
     ["arn:aws:kms:eu-west-1:111122223333:key/${aws:username}", "arn:aws:kms:*:*:alias/a?"],
     "Condition": {"StringEquals": {"kms:EncryptionContext:App": ["a", "b"]},
      "ForAnyValue:StringLike": {"kms:EncryptionContextKeys": "x*"},
      "Bool": {"aws:SecureTransport": "true"}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"},
      "DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"},
      "NumericLessThanEquals": {"kms:ScheduleKeyDeletionPendingWindowInDays": "7"},
      "Null": {"kms:ViaService": "true"}}}]}"#;

const KEY: &str = r#"{"Statement": {"Effect": "Allow", "Principal": {"AWS":
    ["arn:aws:iam::111122223333:root", "111122223333", "arn:aws:iam::111122223333:user/a/b"]},
    "Action": "kms:*", "Resource": "*", "Condition": {"StringEqualsIfExists":
    {"kms:CallerAccount": "111122223333"}, "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:*"}}}}"#;

fn seeds(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// The same document with other white space.
fn respaced(text: &str) -> String {
    let (mut in_text, mut escaped, mut spaced) = (false, false, String::new());
    for c in text.chars() {
        let structural = !in_text && "{}[],:".contains(c);
        spaced.push(c);
        if structural {
            spaced.push_str("\n\t ");
        }
        in_text ^= c == '"' && !escaped;
        escaped = in_text && c == '\\' && !escaped;
    }
    spaced
}

#[test]
fn no_identity_policy_makes_the_reader_panic() {
    mutations::try_all("identity policies", mutations::COUNT, &seeds(&[IDENTITY]), &mut |text| {
        let text = String::from_utf8_lossy(text);
        match parse_identity_policy(&text) {
            Ok(policy) => {
                assert_eq!(parse_identity_policy(&respaced(&text)).unwrap(), policy);
                true
            }
            Err(wrong) => {
                assert!(!wrong.sentence().is_empty());
                false
            }
        }
    });
}

#[test]
fn no_key_policy_makes_the_reader_panic() {
    let default = default_key_policy("111122223333".parse().unwrap());
    mutations::try_all("key policies", mutations::COUNT, &seeds(&[KEY, &default]), &mut |text| {
        let text = String::from_utf8_lossy(text);
        let Ok(policy) = parse_key_policy(&text) else { return false };
        assert_eq!(parse_key_policy(&respaced(&text)).unwrap(), policy);
        true
    });
}

const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
    "Principal": {"AWS": "111122223333", "Federated":
    "arn:aws:iam::111122223333:oidc-provider/oidc.example/id/AB"},
    "Action": ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"],
    "Condition": {"StringEquals": {"oidc.example/id/AB:sub": ["a", "b"], "sts:ExternalId": "7"}}}]}"#;

#[test]
fn no_trust_policy_makes_the_reader_panic() {
    mutations::try_all("trust policies", mutations::COUNT, &seeds(&[TRUST]), &mut |text| {
        let text = String::from_utf8_lossy(text);
        let Ok(policy) = parse_trust_policy(&text) else { return false };
        assert_eq!(parse_trust_policy(&respaced(&text)).unwrap(), policy);
        true
    });
}
