//! The naive twin: the rules of the policy language written down once more, as plainly as they
//! can be said, over texts, without any of the code under test. Slow, and meant to be obvious.

use model::policy::{By, Decision, Place, Why};

/// A policy, as its author would say it.
pub(crate) type Policy = Vec<Rule>;

/// A statement.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) allow: bool,
    /// `(kind, name)`; none in an identity policy.
    pub(crate) principals: Option<Vec<(&'static str, &'static str)>>,
    pub(crate) not_action: bool,
    pub(crate) actions: Vec<&'static str>,
    pub(crate) not_resource: bool,
    /// None: the member is absent.
    pub(crate) resources: Option<Vec<&'static str>>,
    pub(crate) tests: Vec<Test>,
}

/// A condition: an operator's name, a key as written and as canonical, values.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    pub(crate) operator: String,
    pub(crate) key: &'static str,
    pub(crate) canonical: &'static str,
    pub(crate) values: Vec<&'static str>,
}

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) account: &'static str,
    pub(crate) arn: &'static str,
    /// The ARN of the role that it is a session of.
    pub(crate) role: Option<&'static str>,
    pub(crate) action: &'static str,
    /// ARN and account.
    pub(crate) resource: Option<(&'static str, &'static str)>,
    pub(crate) facts: Facts,
}

/// Canonical keys with their values, and whether the key is single-valued.
pub(crate) type Facts = Vec<(&'static str, Vec<&'static str>, bool)>;

/// The dates that policies and requests write here, with what they mean in seconds.
pub(crate) const DATES: [(&str, f64); 8] = [
    ("2026-01-01", 1_767_225_600.0),
    ("2026-01-01T00:00:00Z", 1_767_225_600.0),
    ("2026-01-01T01:00:00+01:00", 1_767_225_600.0),
    ("2025-12-31T23:59:59Z", 1_767_225_599.0),
    ("2025-12-31T23:59:59.500Z", 1_767_225_599.5),
    ("1767225600", 1_767_225_600.0),
    ("1767225601", 1_767_225_601.0),
    ("2026-01-01T00:01Z", 1_767_225_660.0),
];

pub(crate) fn decide(
    identity: &[Policy],
    session: Option<&Policy>,
    key: Option<&Policy>,
    q: &Question,
) -> Decision {
    // What each policy says.
    let mut key_denies = None;
    let mut key_names = None;
    let mut key_names_role = None;
    let mut key_delegates = None;
    for (statement, rule) in key.into_iter().flatten().enumerate() {
        if !is_about(rule, q) {
            continue;
        }
        let (named, role, account) = whom(rule, q);
        if !rule.allow && (named || role || account) {
            key_denies = key_denies.or(Some(statement));
        }
        if rule.allow && named {
            key_names = key_names.or(Some(statement));
        }
        if rule.allow && role && !named {
            key_names_role = key_names_role.or(Some(statement));
        }
        if rule.allow && account && !named && !role {
            key_delegates = key_delegates.or(Some(statement));
        }
    }
    let mut identity_denies = None;
    let mut identity_allows = None;
    for (policy, rules) in identity.iter().enumerate() {
        for (statement, rule) in rules.iter().enumerate() {
            if is_about(rule, q) {
                let found = Some((policy, statement));
                if rule.allow {
                    identity_allows = identity_allows.or(found);
                } else {
                    identity_denies = identity_denies.or(found);
                }
            }
        }
    }
    let mut session_denies = None;
    let mut session_allows = session.is_none();
    for (statement, rule) in session.into_iter().flatten().enumerate() {
        if is_about(rule, q) {
            if rule.allow {
                session_allows = true;
            } else {
                session_denies = session_denies.or(Some(statement));
            }
        }
    }
    // What follows.
    if let Some(statement) = key_denies {
        return Decision::Denied(Why::ExplicitDeny(Place::KeyPolicy { statement }));
    }
    if let Some((policy, statement)) = identity_denies {
        return Decision::Denied(Why::ExplicitDeny(Place::IdentityPolicy { policy, statement }));
    }
    if let Some(statement) = session_denies {
        return Decision::Denied(Why::ExplicitDeny(Place::SessionPolicy { statement }));
    }
    let same_account = q.resource.is_some_and(|(_, account)| account == q.account);
    let by_identity = |key_statement| match identity_allows {
        Some(_) if !session_allows => Decision::Denied(Why::SessionPolicyDoesNotAllow),
        Some((policy, statement)) => {
            Decision::Allowed(By::IdentityPolicy { policy, statement, key_statement })
        }
        None if key_statement.is_some() => Decision::Denied(Why::IdentityPolicyDoesNotAllow),
        None => Decision::Denied(Why::NoStatement),
    };
    if key.is_none() {
        if q.resource.is_some() && !same_account {
            return Decision::Denied(Why::OtherAccount);
        }
        return by_identity(None);
    }
    if same_account && let Some(statement) = key_names {
        return Decision::Allowed(By::KeyPolicy { statement });
    }
    if same_account
        && session_allows
        && let Some(statement) = key_names_role
    {
        return Decision::Allowed(By::KeyPolicy { statement });
    }
    if key_names.is_some() {
        return by_identity(key_names);
    }
    if key_names_role.is_some() {
        return by_identity(key_names_role);
    }
    if key_delegates.is_some() {
        return by_identity(key_delegates);
    }
    if identity_allows.is_some() {
        return Decision::Denied(Why::KeyPolicyDoesNotDelegate);
    }
    Decision::Denied(Why::NoStatement)
}

/// Whether the rule names the principal itself, its role, and its account. Of a session, what
/// names everyone names the role; but a denial is of each of them the same.
fn whom(rule: &Rule, q: &Question) -> (bool, bool, bool) {
    let root = format!("arn:aws:iam::{}:root", q.account);
    let (mut itself, mut role, mut account) = (false, false, false);
    for (kind, name) in rule.principals.iter().flatten() {
        if *kind != "AWS" {
            continue;
        }
        if *name == q.arn || *name == "*" && q.role.is_none() {
            itself = true;
        }
        if Some(*name) == q.role || *name == "*" && q.role.is_some() {
            role = true;
        }
        if *name == root || *name == q.account {
            account = true;
        }
    }
    // Who is named beside everyone is named as everyone is.
    let everyone = rule.principals.iter().flatten().any(|named| *named == ("AWS", "*"));
    if everyone && q.role.is_some() {
        itself = false;
    }
    (itself || (account && q.arn == root), role, account)
}

fn is_about(rule: &Rule, q: &Question) -> bool {
    if q.action == "strongroom:Identify" {
        return false;
    }
    let listed = rule.actions.iter().any(|name| action_like(name.as_bytes(), q.action.as_bytes()));
    if listed == rule.not_action {
        return false;
    }
    let Some(resources) = &rule.resources else { return false };
    let target = q.resource.map_or("*", |(arn, _)| arn);
    let listed = resources.iter().any(|pattern| arn_like(pattern, target, q));
    listed != rule.not_resource && rule.tests.iter().all(|test| holds(test, q))
}

fn action_like(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern, name) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => {
            action_like(rest, name) || (!name.is_empty() && action_like(pattern, &name[1..]))
        }
        ([b'?', rest @ ..], [_, name @ ..]) => action_like(rest, name),
        ([a, rest @ ..], [b, name @ ..]) => a.eq_ignore_ascii_case(b) && action_like(rest, name),
        _ => false,
    }
}

fn holds(test: &Test, q: &Question) -> bool {
    let values: Vec<&str> = q
        .facts
        .iter()
        .find(|(key, _, _)| *key == test.canonical)
        .map_or(Vec::new(), |(_, values, _)| values.clone());
    let mut operator = test.operator.as_str();
    if operator == "Null" {
        let absent = if values.is_empty() { "true" } else { "false" };
        return test.values.iter().any(|wanted| wanted.to_lowercase() == absent);
    }
    let all = operator.starts_with("ForAllValues:");
    let any = operator.starts_with("ForAnyValue:");
    operator = operator.trim_start_matches("ForAllValues:").trim_start_matches("ForAnyValue:");
    let if_exists = operator.ends_with("IfExists");
    operator = operator.trim_end_matches("IfExists");
    let negative = operator.contains("Not");
    let positive = operator.replace("Not", "");
    let matches =
        |value: &str| test.values.iter().any(|wanted| compare(&positive, wanted, value, q));
    if values.is_empty() {
        return if_exists || all || (negative && !any);
    }
    let good = values.iter().filter(|value| matches(value) != negative).count();
    let each_must = all || (negative && !any);
    if each_must { good == values.len() } else { good > 0 }
}

/// Whether a value of the request matches one of the policy, by an operator without `Not`.
fn compare(operator: &str, wanted: &str, value: &str, q: &Question) -> bool {
    let text: Vec<char> = value.chars().collect();
    let order = |a: Option<f64>, b: Option<f64>| {
        let (Some(a), Some(b)) = (a, b) else { return false };
        match operator.trim_start_matches("Numeric").trim_start_matches("Date") {
            "Equals" => a == b,
            "LessThan" => a < b,
            "LessThanEquals" => a <= b,
            "GreaterThan" => a > b,
            _ => a >= b,
        }
    };
    match operator {
        "StringEquals" => {
            tokens(&q.facts, wanted, false, true).is_some_and(|tokens| chars(&tokens) == text)
        }
        "StringEqualsIgnoreCase" => {
            let lower = |text: &[char]| text.iter().collect::<String>().to_lowercase();
            tokens(&q.facts, wanted, false, true)
                .is_some_and(|tokens| lower(&chars(&tokens)) == lower(&text))
        }
        "StringLike" => {
            tokens(&q.facts, wanted, true, true).is_some_and(|tokens| same(&tokens, &text))
        }
        "ArnEquals" | "ArnLike" => arn_like(wanted, value, q),
        "Bool" => wanted.to_lowercase() == value.to_lowercase(),
        "IpAddress" => {
            let (network, prefix) = wanted.split_once('/').unwrap_or((wanted, "128"));
            let (Some(network), Some(address)) = (bits(network), bits(value)) else { return false };
            let prefix = prefix.parse::<usize>().unwrap().min(network.len());
            network.len() == address.len() && network[..prefix] == address[..prefix]
        }
        "BinaryEquals" => wanted == value,
        _ if operator.starts_with("Numeric") => order(number(value), number(wanted)),
        _ => order(date(value), date(wanted)),
    }
}

fn number(text: &str) -> Option<f64> {
    let plain = text.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '-');
    // As elsewhere, more than 18 digits are no number.
    if plain && text.len() < 18 { text.parse().ok() } else { None }
}

fn date(text: &str) -> Option<f64> {
    let known = DATES.iter().find(|(written, _)| *written == text).map(|(_, secs)| *secs);
    let digits = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    if digits && text.len() != 4 { text.parse().ok() } else { known }
}

/// An address as the text of its bits.
fn bits(address: &str) -> Option<String> {
    let address = address.strip_prefix("::ffff:").unwrap_or(address);
    if let Ok(v4) = address.parse::<std::net::Ipv4Addr>() {
        return Some(format!("{:032b}", u32::from(v4)));
    }
    address.parse::<std::net::Ipv6Addr>().ok().map(|v6| format!("{:0128b}", u128::from(v6)))
}

/// A pattern, one character at a time.
#[derive(Clone, Copy, PartialEq)]
enum Token {
    Char(char),
    /// A `:` that the policy's author wrote.
    Colon,
    Any,
    AnyRun,
}

fn chars(tokens: &[Token]) -> Vec<char> {
    let char = |token: &Token| match token {
        Token::Char(c) => *c,
        _ => ':',
    };
    tokens.iter().map(char).collect()
}

/// Takes a pattern apart and puts the values of variables in. None: a variable has no value.
fn tokens(facts: &Facts, pattern: &str, wildcards: bool, variables: bool) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = pattern;
    while !rest.is_empty() {
        if variables && rest.starts_with("${") {
            let end = rest.find('}').unwrap();
            let inside = &rest[2..end];
            rest = &rest[end + 1..];
            if ["*", "?", "$"].contains(&inside) {
                tokens.extend(inside.chars().map(Token::Char));
                continue;
            }
            let (name, default) = match inside.split_once(", '") {
                Some((name, default)) => (name, Some(default.trim_end_matches('\''))),
                None => (inside, None),
            };
            let found = facts.iter().find(|(key, values, single)| {
                *single && !values.is_empty() && key.to_lowercase() == name.to_lowercase()
            });
            let value = found.map(|(_, values, _)| values[0]).or(default)?;
            tokens.extend(value.chars().map(Token::Char));
            continue;
        }
        let c = rest.chars().next().unwrap();
        rest = &rest[c.len_utf8()..];
        tokens.push(match c {
            '*' if wildcards => Token::AnyRun,
            '?' if wildcards => Token::Any,
            ':' => Token::Colon,
            c => Token::Char(c),
        });
    }
    Some(tokens)
}

/// Whether a whole text matches: by definition, trying everything.
fn same(tokens: &[Token], text: &[char]) -> bool {
    match tokens.first() {
        None => text.is_empty(),
        Some(Token::AnyRun) => {
            same(&tokens[1..], text) || (!text.is_empty() && same(tokens, &text[1..]))
        }
        Some(Token::Any) => !text.is_empty() && same(&tokens[1..], &text[1..]),
        Some(Token::Char(c)) => text.first() == Some(c) && same(&tokens[1..], &text[1..]),
        Some(Token::Colon) => text.first() == Some(&':') && same(&tokens[1..], &text[1..]),
    }
}

fn arn_like(pattern: &str, arn: &str, q: &Question) -> bool {
    if pattern == "*" {
        return true;
    }
    let Some(tokens) = tokens(&q.facts, pattern, true, true) else { return false };
    if pattern.starts_with("${") && pattern.find('}') == Some(pattern.len() - 1) {
        return chars(&tokens) == arn.chars().collect::<Vec<_>>();
    }
    let mut wanted: Vec<Vec<Token>> =
        tokens.splitn(6, |token| *token == Token::Colon).map(<[Token]>::to_vec).collect();
    while wanted.len() < 6 {
        wanted.push(vec![Token::AnyRun]);
    }
    let given: Vec<Vec<char>> = arn.splitn(6, ':').map(|part| part.chars().collect()).collect();
    given.len() == 6 && wanted.iter().zip(&given).all(|(wanted, given)| same(wanted, given))
}
