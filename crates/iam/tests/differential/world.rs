//! A small world at random: few names, so that policies and requests meet often.

use std::fmt::Write as _;

use crate::twin::{DATES, Facts, Policy, Question, Rule, Test};

/// Marsaglia's xorshift, 64 bits.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % n as u64) as usize
    }

    /// One time in `n`.
    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// From one to `max` of them.
    fn some<T: Copy>(&mut self, from: &[T], max: usize) -> Vec<T> {
        (0..=self.below(max)).map(|_| self.pick(from)).collect()
    }
}

const ACTIONS: [&str; 14] = [
    "*",
    "kms:*",
    "kms:Encrypt",
    "KMS:encrypt",
    "kms:Dec*",
    "kms:?ncrypt",
    "kms:*crypt",
    "kms:ReEncrypt*",
    "s3:GetObject",
    "kms:CreateGrant",
    "strongroom:*",
    "kms:*e*e*",
    "kms:CreateKey",
    "strongroom:Identify",
];

const ASKED: [&str; 8] = [
    "kms:Encrypt",
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:DescribeKey",
    "kms:CreateKey",
    "strongroom:CreatePrincipal",
    "strongroom:Identify",
];

const PRINCIPALS: [(&str, &str); 10] = [
    ("AWS", "*"),
    ("AWS", "arn:aws:iam::111122223333:root"),
    ("AWS", "111122223333"),
    ("AWS", "arn:aws:iam::444455556666:root"),
    ("AWS", "arn:aws:iam::111122223333:user/alice"),
    ("AWS", "arn:aws:iam::111122223333:role/ops"),
    ("AWS", "arn:aws:sts::111122223333:assumed-role/ops/session"),
    ("AWS", "arn:aws:iam::444455556666:user/alice"),
    ("AWS", "arn:aws:iam::111122223333:user/Alice"),
    ("Service", "logs.amazonaws.com"),
];

/// Account, kind and name; a session's is that of its role.
pub(crate) const CALLERS: [(&str, &str, &str); 9] = [
    ("111122223333", "user", "alice"),
    ("111122223333", "user", "alice"),
    ("111122223333", "user", "bob"),
    ("111122223333", "role", "ops"),
    ("111122223333", "session", "ops"),
    ("111122223333", "account", "root"),
    ("444455556666", "user", "alice"),
    ("444455556666", "account", "root"),
    ("111122223333", "system", "strongroom"),
];

const ARNS: [&str; 18] = [
    "*",
    "*",
    "*",
    "arn:aws:kms:eu-west-1:111122223333:key/k1",
    "arn:aws:kms:*:111122223333:key/*",
    "arn:aws:kms:*",
    "arn:*",
    "arn:aws:kms:*:key/*",
    "arn:aws:kms:eu-?est-1:*:key/k?",
    "arn:aws:kms:eu-west-1:*:*/${aws:username}*",
    "arn:aws:kms:eu-west-1:111122223333:key/${aws:PrincipalTag/team, 'k1'}",
    "arn:aws:kms:${aws:PrincipalTag/team}:*",
    "arn:aws:kms:eu-west-1:111122223333:key/k2:*",
    "arn:aws:*:*:k2:odd*",
    "arn:aws:kms:*:*:alias/*",
    "arn:aws:iam::*:user/alice",
    "${aws:PrincipalArn}",
    "arn:aws:kms:eu-west-1:111122223333:key/${*}",
];

const RESOURCES: [(&str, &str); 6] = [
    ("arn:aws:kms:eu-west-1:111122223333:key/k1", "111122223333"),
    ("arn:aws:kms:eu-west-1:111122223333:key/k1", "111122223333"),
    ("arn:aws:kms:eu-west-1:111122223333:key/k2:odd", "111122223333"),
    ("arn:aws:kms:eu-east-1:111122223333:key/alice", "111122223333"),
    ("arn:aws:kms:eu-west-1:444455556666:key/k1", "444455556666"),
    ("arn:aws:kms:eu-west-1:111122223333:alias/alice", "111122223333"),
];

const TEXTS: [&str; 18] = [
    "alice",
    "ALICE",
    "a*",
    "*ic?",
    "*",
    "a${*}",
    "${aws:username}",
    "${AWS:UserName}x",
    "${aws:PrincipalTag/team, 'red'}",
    "${aws:PrincipalTag/team}*",
    "${aws:TagKeys, 'one'}",
    "red",
    "one",
    "*n*e*",
    "\u{e9}t\u{e9}",
    "?t?",
    "*???",
    "?*??e",
];

const NUMBERS: [&str; 6] = ["7", "7.0", "7.25", "-3", "30", "0"];
const NETWORKS: [&str; 8] = [
    "192.0.2.0/24",
    "192.0.2.1",
    "0.0.0.0/0",
    "192.0.2.1/31",
    "2001:db8::/32",
    "::/0",
    "2001:db8::1",
    "198.51.100.0/22",
];
const TRUTHS: [&str; 4] = ["true", "false", "True", "FALSE"];
const BLOBS: [&str; 3] = ["", "AAEC", "aGk="];
const DAYS: [&str; 8] = [
    DATES[0].0, DATES[1].0, DATES[2].0, DATES[3].0, DATES[4].0, DATES[5].0, DATES[6].0, DATES[7].0,
];

/// A family of operators, the values it takes in policies, and the keys that hold such values.
struct Family {
    operators: &'static [&'static str],
    values: &'static [&'static str],
    keys: &'static [(&'static str, &'static str)],
}

/// As written, and as canonical.
const TEXT_KEYS: &[(&str, &str)] = &[
    ("aws:username", "aws:username"),
    ("AWS:UserName", "aws:username"),
    ("kms:EncryptionContext:App", "kms:encryptioncontext:App"),
    ("KMS:encryptioncontext:App", "kms:encryptioncontext:App"),
    ("aws:PrincipalTag/team", "aws:principaltag/team"),
    ("aws:TagKeys", "aws:tagkeys"),
    ("aws:NeverThere", "aws:neverthere"),
];

const FAMILIES: [Family; 9] = [
    Family {
        operators: &[
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
        ],
        values: &TEXTS,
        keys: TEXT_KEYS,
    },
    Family { operators: &["StringLike", "StringNotLike"], values: &TEXTS, keys: TEXT_KEYS },
    Family {
        operators: &["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
        values: &ARNS,
        keys: &[("aws:PrincipalArn", "aws:principalarn"), ("kms:Targets", "kms:targets")],
    },
    Family {
        operators: &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ],
        values: &NUMBERS,
        keys: &[("kms:Days", "kms:days"), ("aws:username", "aws:username")],
    },
    Family {
        operators: &[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ],
        values: &DAYS,
        keys: &[("aws:CurrentTime", "aws:currenttime")],
    },
    Family {
        operators: &["Bool"],
        values: &TRUTHS,
        keys: &[("aws:SecureTransport", "aws:securetransport")],
    },
    Family {
        operators: &["IpAddress", "NotIpAddress"],
        values: &NETWORKS,
        keys: &[("aws:SourceIp", "aws:sourceip"), ("aws:VpcSourceIp", "aws:vpcsourceip")],
    },
    Family { operators: &["BinaryEquals"], values: &BLOBS, keys: &[("kms:Blob", "kms:blob")] },
    Family { operators: &["Null"], values: &TRUTHS, keys: TEXT_KEYS },
];

fn test(dice: &mut Dice) -> Test {
    let family = &FAMILIES[dice.below(FAMILIES.len())];
    let base = dice.pick(family.operators);
    let keys = if dice.one_in(8) { &FAMILIES[dice.below(FAMILIES.len())] } else { family }.keys;
    let (key, canonical) = dice.pick(keys);
    let mut operator = base.to_owned();
    if base != "Null" {
        if dice.one_in(4) {
            operator += "IfExists";
        }
        if dice.one_in(6) {
            operator.insert_str(0, "ForAnyValue:");
        } else if dice.one_in(6) && canonical != "kms:encryptioncontext:App" {
            operator.insert_str(0, "ForAllValues:");
        }
    }
    Test { operator, key, canonical, values: dice.some(family.values, 2) }
}

fn rule(dice: &mut Dice, of_key: bool, deny_one_in: usize) -> Rule {
    let mut tests: Vec<Test> = Vec::new();
    while tests.len() < 3 && dice.one_in(2) {
        let next = test(dice);
        // An object cannot have a member twice.
        let same = |t: &Test| t.operator == next.operator && t.key == next.key;
        if !tests.iter().any(same) {
            tests.push(next);
        }
    }
    Rule {
        allow: !dice.one_in(deny_one_in),
        principals: of_key.then(|| dice.some(&PRINCIPALS, 3)),
        not_action: dice.one_in(8),
        actions: dice.some(&ACTIONS, 3),
        not_resource: dice.one_in(8),
        resources: (!of_key || !dice.one_in(16)).then(|| dice.some(&ARNS, 2)),
        tests,
    }
}

pub(crate) fn policy(dice: &mut Dice, of_key: bool) -> Policy {
    (0..=dice.below(3)).map(|_| rule(dice, of_key, 4)).collect()
}

pub(crate) fn deny(dice: &mut Dice, of_key: bool) -> Rule {
    rule(dice, of_key, 1)
}

fn facts(dice: &mut Dice, name: &'static str, arn: &'static str) -> Facts {
    let mut facts: Facts = vec![("aws:principalarn", vec![arn], true)];
    let mut maybe = |dice: &mut Dice, key, from: &[&'static str], single: bool| {
        if !dice.one_in(4) {
            let values = if single { vec![dice.pick(from)] } else { dice.some(from, 3) };
            let none = !single && dice.one_in(6);
            facts.push((key, if none { Vec::new() } else { values }, single));
        }
    };
    let addresses = ["192.0.2.1", "192.0.3.9", "::ffff:192.0.2.0", "2001:db8::1", "::1", "nowhere"];
    let words = ["alice", "a*", "red", "Alice", "", "\u{e9}t\u{e9}", "one"];
    maybe(dice, "aws:username", &[name, name, "7"], true);
    maybe(dice, "aws:principaltag/team", &["red", "k1", "eu-west-1", "*", "a:b"], true);
    maybe(dice, "kms:encryptioncontext:App", &words, true);
    maybe(dice, "aws:tagkeys", &["one", "red", "two", "alice"], false);
    maybe(dice, "kms:targets", &[arn, RESOURCES[0].0, RESOURCES[2].0, "x"], false);
    maybe(dice, "kms:days", &["7", "7.25", "-3", "29", "many", "0.0"], true);
    maybe(dice, "aws:currenttime", &DAYS, true);
    maybe(dice, "aws:securetransport", &["true", "false", "TRUE", "yes"], true);
    maybe(dice, "aws:sourceip", &addresses, true);
    maybe(dice, "aws:vpcsourceip", &addresses, false);
    maybe(dice, "kms:blob", &BLOBS, true);
    facts
}

/// A question by the caller of this ARN.
pub(crate) fn question(dice: &mut Dice, caller: usize, arn: &'static str) -> Question {
    let (account, kind, name) = CALLERS[caller];
    Question {
        account,
        arn,
        role: (kind == "session").then_some("arn:aws:iam::111122223333:role/ops"),
        action: dice.pick(&ASKED),
        resource: (!dice.one_in(8)).then(|| dice.pick(&RESOURCES)),
        facts: facts(dice, name, arn),
    }
}

/// The policy in JSON, single values as strings or as lists of one.
pub(crate) fn json(dice: &mut Dice, policy: &Policy) -> String {
    let statements: Vec<String> = policy.iter().map(|rule| statement(dice, rule)).collect();
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

fn statement(dice: &mut Dice, rule: &Rule) -> String {
    let mut out = format!(r#"{{"Effect":"{}""#, if rule.allow { "Allow" } else { "Deny" });
    if let Some(principals) = &rule.principals {
        let of = |kind| -> Vec<&'static str> {
            principals.iter().filter(|(k, _)| *k == kind).map(|(_, name)| *name).collect()
        };
        let members: Vec<String> = ["AWS", "Service"]
            .into_iter()
            .filter(|kind| !of(*kind).is_empty())
            .map(|kind| format!(r#""{kind}":{}"#, texts(dice, &of(kind))))
            .collect();
        let _ = write!(out, r#","Principal":{{{}}}"#, members.join(","));
    }
    let not = if rule.not_action { "Not" } else { "" };
    let _ = write!(out, r#","{not}Action":{}"#, texts(dice, &rule.actions));
    if let Some(resources) = &rule.resources {
        let not = if rule.not_resource { "Not" } else { "" };
        let _ = write!(out, r#","{not}Resource":{}"#, texts(dice, resources));
    }
    let mut operators: Vec<&str> = rule.tests.iter().map(|test| test.operator.as_str()).collect();
    operators.sort_unstable();
    operators.dedup();
    let mut members = Vec::new();
    for operator in operators {
        let tests: Vec<String> = rule
            .tests
            .iter()
            .filter(|test| test.operator == operator)
            .map(|test| format!(r#""{}":{}"#, test.key, texts(dice, &test.values)))
            .collect();
        members.push(format!(r#""{operator}":{{{}}}"#, tests.join(",")));
    }
    let _ = write!(out, r#","Condition":{{{}}}}}"#, members.join(","));
    out
}

fn texts(dice: &mut Dice, texts: &[&'static str]) -> String {
    match texts {
        [one] if dice.one_in(2) => format!("{one:?}"),
        many => format!("{many:?}"),
    }
}
