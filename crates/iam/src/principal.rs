//! `Principal`: whom a statement of a key or trust policy is about.

use model::{
    AccountId, PrincipalName,
    policy::{PrincipalPattern, Principals},
};

use crate::{
    json::Node,
    malformed::{Malformed, Quoted, Spot},
};

/// Reads the member `Principal`. Only whom a role trusts can be `federated`.
pub(crate) fn parse(node: &Node, federated: bool, spot: Spot<'_>) -> Result<Principals, Malformed> {
    let members = match node {
        Node::Text(text) if text == "*" => return Ok(Principals::Everyone),
        Node::Text(text) => {
            let what = format!("is {}, and the only string it can be is \"*\"", Quoted(text));
            return Err(spot.wrong(what));
        }
        Node::Object(members) if members.is_empty() => return Err(spot.wrong("names nobody")),
        Node::Object(members) => members,
        other => return Err(spot.wrong(format!("is {}, not an object or \"*\"", other.kind()))),
    };
    let mut everyone = false;
    let mut listed = Vec::new();
    for (family, names) in members {
        let member = ["Principal", family.as_str()];
        let spot = Spot { member: &member, ..spot };
        for name in names.texts(spot)? {
            match family.as_str() {
                "AWS" if name == "*" => everyone = true,
                "AWS" => listed.push(aws(name).map_err(|what| at(spot, name, what))?),
                "Service" => listed.push(service(name).map_err(|what| at(spot, name, what))?),
                "Federated" if federated => {
                    listed.push(issuer(name).map_err(|what| at(spot, name, what))?);
                }
                _ => return Err(spot.wrong("is a kind of principal that is not known here")),
            }
        }
    }
    Ok(if everyone { Principals::Everyone } else { Principals::Listed(listed) })
}

fn at(spot: Spot<'_>, name: &str, what: &str) -> Malformed {
    spot.wrong(format!("has {}, which {what}", Quoted(name)))
}

/// An account id, the ARN of an account, or that of a user, role or session.
fn aws(name: &str) -> Result<PrincipalPattern, &'static str> {
    if let Ok(account) = name.parse::<AccountId>() {
        return Ok(PrincipalPattern::Account(account));
    }
    let parts: Vec<_> = name.split(':').collect();
    let ["arn", "aws", service, "", account, resource] = *parts else {
        return Err("is neither an account id nor the ARN of a principal");
    };
    let account: AccountId = account.parse().map_err(|_| "has no account id of twelve digits")?;
    if resource.contains(['*', '?']) {
        return Err("has a wildcard, and a principal can only be named whole");
    }
    if (service, resource) == ("iam", "root") {
        return Ok(PrincipalPattern::Account(account));
    }
    let kinds: &[&str] = match service {
        "iam" => &["user", "role", "system"],
        "sts" => &["assumed-role", "federated-user"],
        _ => &[],
    };
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"+=,.@_-/".contains(&b);
    match resource.split_once('/') {
        Some((kind, name)) if kinds.contains(&kind) && !name.is_empty() => {
            if !name.bytes().all(plain) || name.ends_with('/') {
                return Err("has a name with characters that no principal's name has");
            }
        }
        _ => return Err("is not the ARN of an account, user, role or session"),
    }
    Ok(PrincipalPattern::Arn(name.into()))
}

/// The ARN of an issuer of tokens, e.g. `arn:aws:iam::111122223333:oidc-provider/oidc.example/id/A`.
fn issuer(name: &str) -> Result<PrincipalPattern, &'static str> {
    let what = "is not the ARN of an oidc-provider";
    let rest = name.strip_prefix("arn:aws:iam::").ok_or(what)?;
    let (account, address) = rest.split_once(":oidc-provider/").ok_or(what)?;
    let account: AccountId = account.parse().map_err(|_| "has no account id of twelve digits")?;
    let issuer = PrincipalName::issuer(account, address).map_err(|_| what)?;
    Ok(PrincipalPattern::Federated(issuer.arn().into()))
}

/// The name of an AWS service, e.g. `logs.eu-west-1.amazonaws.com`.
fn service(name: &str) -> Result<PrincipalPattern, &'static str> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b".-".contains(&b);
    if name.contains('.') && name.bytes().all(plain) {
        Ok(PrincipalPattern::Service(name.into()))
    } else {
        Err("is not the name of a service")
    }
}
