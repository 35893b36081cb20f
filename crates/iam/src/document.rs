//! The document and its statements.

use model::{
    ActionSet, limits,
    policy::{ArnPattern, Document, Effect, Principals, Resources, Statement, Version},
};

use crate::{
    action, condition,
    json::Node,
    malformed::{Malformed, Quoted, Spot},
    principal,
};

/// Which policy a document is to be.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Key,
    Identity,
    Trust,
}

/// Reads the policy of a key.
///
/// # Errors
/// A sentence, when the text is not a key policy: each statement needs `Effect`, `Principal` and
/// one of `Action` and `NotAction`. A statement without `Resource` is read, and has no effect.
pub fn parse_key_policy(text: &str) -> Result<Document, Malformed> {
    parse(text, Kind::Key)
}

/// Reads a policy of a principal.
///
/// # Errors
/// A sentence, when the text is not an identity policy: each statement needs `Effect`, one of
/// `Action` and `NotAction` and one of `Resource` and `NotResource`, and cannot have `Principal`.
/// A `Sid` is of letters and digits, and not used twice.
pub fn parse_identity_policy(text: &str) -> Result<Document, Malformed> {
    parse(text, Kind::Identity)
}

/// Reads the trust policy of a role: who may act in it.
///
/// # Errors
/// A sentence, when the text is not a trust policy: each statement needs `Effect`, `Principal` and
/// one of `Action` and `NotAction`, and cannot have `Resource`: it is about the role.
pub fn parse_trust_policy(text: &str) -> Result<Document, Malformed> {
    parse(text, Kind::Trust)
}

fn parse(text: &str, kind: Kind) -> Result<Document, Malformed> {
    let spot = Spot { statement: None, member: &[] };
    let node = Node::parse(text)?;
    let Node::Object(members) = &node else {
        return Err(spot.wrong(format!("is {}, not an object", node.kind())));
    };
    let (mut version, mut id, mut statements) = (Version::V2008, None, None);
    for (name, node) in members {
        let member = [name.as_str()];
        let spot = Spot { member: &member, ..spot };
        match name.as_str() {
            "Version" => version = version_of(node, spot)?,
            "Id" => id = Some(node.text(spot)?.to_owned()),
            "Statement" => statements = Some(statements_of(node, spot)?),
            _ => return Err(spot.wrong("is not a member of a policy")),
        }
    }
    let nodes = statements.ok_or_else(|| spot.wrong("has no \"Statement\""))?;
    let variables = version == Version::V2012;
    let statements = nodes
        .iter()
        .enumerate()
        .map(|(index, node)| statement(node, index + 1, kind, variables))
        .collect::<Result<Vec<_>, _>>()?;
    if kind == Kind::Identity {
        refuse_repeated_sids(&statements)?;
    }
    let conditions = statements.iter().flat_map(|statement| &statement.conditions);
    let count: usize = conditions.map(|condition| condition.comparison.wildcards()).sum();
    if count > limits::CONDITION_WILDCARDS_MAX {
        let max = limits::CONDITION_WILDCARDS_MAX;
        let what =
            format!("has {count} wildcards and variables in its conditions, more than {max}");
        return Err(spot.wrong(what));
    }
    Ok(Document { version, id, statements })
}

fn version_of(node: &Node, spot: Spot<'_>) -> Result<Version, Malformed> {
    match node.text(spot)? {
        "2008-10-17" => Ok(Version::V2008),
        "2012-10-17" => Ok(Version::V2012),
        other => {
            let what = "which is neither \"2012-10-17\" nor \"2008-10-17\"";
            Err(spot.wrong(format!("is {}, {what}", Quoted(other))))
        }
    }
}

/// One statement, or a list of them within bounds.
fn statements_of<'a>(node: &'a Node, spot: Spot<'_>) -> Result<&'a [Node], Malformed> {
    match node {
        Node::List(nodes) if nodes.is_empty() => Err(spot.wrong("is an empty list")),
        Node::List(nodes) if nodes.len() > limits::POLICY_STATEMENTS_MAX => {
            let (len, max) = (nodes.len(), limits::POLICY_STATEMENTS_MAX);
            Err(spot.wrong(format!("has {len} statements, more than {max}")))
        }
        Node::List(nodes) => Ok(nodes),
        Node::Object(_) => Ok(std::slice::from_ref(node)),
        other => Err(spot.wrong(format!("is {}, not a list of objects", other.kind()))),
    }
}

/// The members of a statement before they are read. `true` stands with the `Not..` form.
struct Members<'a> {
    spot: Spot<'a>,
    effect: Option<&'a Node>,
    principal: Option<&'a Node>,
    action: Option<(bool, &'a Node)>,
    resource: Option<(bool, &'a Node)>,
    condition: Option<&'a Node>,
}

fn statement(
    node: &Node,
    number: usize,
    kind: Kind,
    variables: bool,
) -> Result<Statement, Malformed> {
    let spot = Spot { statement: Some((number, None)), member: &[] };
    let Node::Object(members) = node else {
        return Err(spot.wrong(format!("is {}, not an object", node.kind())));
    };
    let sid = members
        .iter()
        .find(|(name, _)| name == "Sid")
        .map(|(_, node)| node.text(Spot { member: &["Sid"], ..spot }))
        .transpose()?;
    let members = Members::sort(members, Spot { statement: Some((number, sid)), member: &[] })?;
    if kind == Kind::Identity {
        let plain = |sid: &str| sid.bytes().all(|b| b.is_ascii_alphanumeric());
        if !sid.is_none_or(plain) {
            return Err(members.at(&["Sid"]).wrong("is not of letters and digits only"));
        }
    }
    Ok(Statement {
        sid: sid.map(str::to_owned),
        effect: members.effect()?,
        principals: members.principals(kind)?,
        actions: members.actions()?,
        resources: members.resources(kind, variables)?,
        conditions: match members.condition {
            None => Vec::new(),
            Some(node) => condition::parse(node, variables, members.at(&["Condition"]))?,
        },
    })
}

impl<'a> Members<'a> {
    fn sort(members: &'a [(String, Node)], spot: Spot<'a>) -> Result<Self, Malformed> {
        let (effect, principal, action, resource, condition) = (None, None, None, None, None);
        let mut sorted = Self { spot, effect, principal, action, resource, condition };
        for (name, node) in members {
            let what = match name.as_str() {
                "Sid" => continue,
                "Effect" => {
                    sorted.effect = Some(node);
                    continue;
                }
                "Principal" => {
                    sorted.principal = Some(node);
                    continue;
                }
                "Condition" => {
                    sorted.condition = Some(node);
                    continue;
                }
                "Action" | "NotAction" => {
                    match sorted.action.replace((name == "NotAction", node)) {
                        None => continue,
                        Some(_) => "stands beside its opposite",
                    }
                }
                "Resource" | "NotResource" => {
                    match sorted.resource.replace((name == "NotResource", node)) {
                        None => continue,
                        Some(_) => "stands beside its opposite",
                    }
                }
                "NotPrincipal" => {
                    "is not supported; a Deny with a condition on aws:PrincipalArn can say the same"
                }
                _ => "is not a member of a statement",
            };
            return Err(Spot { member: &[name], ..spot }.wrong(what));
        }
        Ok(sorted)
    }

    fn at(&self, member: &'a [&'a str]) -> Spot<'a> {
        Spot { member, ..self.spot }
    }

    fn effect(&self) -> Result<Effect, Malformed> {
        let node = self.effect.ok_or_else(|| self.spot.wrong("has no \"Effect\""))?;
        let spot = self.at(&["Effect"]);
        match node.text(spot)? {
            "Allow" => Ok(Effect::Allow),
            "Deny" => Ok(Effect::Deny),
            other => {
                Err(spot.wrong(format!("is {}, neither \"Allow\" nor \"Deny\"", Quoted(other))))
            }
        }
    }

    fn principals(&self, kind: Kind) -> Result<Principals, Malformed> {
        let spot = self.at(&["Principal"]);
        match (kind, self.principal) {
            (Kind::Key, Some(node)) => principal::parse(node, false, spot),
            (Kind::Trust, Some(node)) => principal::parse(node, true, spot),
            (Kind::Key | Kind::Trust, None) => Err(self.spot.wrong("has no \"Principal\"")),
            (Kind::Identity, None) => Ok(Principals::Bearer),
            (Kind::Identity, Some(_)) => Err(spot.wrong("has no place in an identity policy")),
        }
    }

    fn actions(&self) -> Result<ActionSet, Malformed> {
        let (not, node) = self.action.ok_or_else(|| self.spot.wrong("has no \"Action\""))?;
        let spot = self.at(if not { &["NotAction"] } else { &["Action"] });
        let mut actions = ActionSet::EMPTY;
        for name in node.texts(spot)? {
            let wrong = |what| spot.wrong(format!("has {}, which {what}", Quoted(name)));
            actions = actions.union(action::matching(name).map_err(wrong)?);
        }
        Ok(if not { action::all_but(actions) } else { actions })
    }

    fn resources(&self, kind: Kind, variables: bool) -> Result<Resources, Malformed> {
        match self.resource {
            Some(_) if kind == Kind::Trust => {
                let spot = self.at(&["Resource"]);
                Err(spot.wrong("has no place in a trust policy, which is about its role"))
            }
            None if kind == Kind::Trust => Ok(Resources::Only(vec![ArnPattern::Any])),
            Some((false, node)) => {
                Ok(Resources::Only(arns(node, variables, self.at(&["Resource"]))?))
            }
            Some((true, node)) => {
                Ok(Resources::AllBut(arns(node, variables, self.at(&["NotResource"]))?))
            }
            None if kind == Kind::Key => Ok(Resources::Only(Vec::new())),
            None => Err(self.spot.wrong("has no \"Resource\"")),
        }
    }
}

fn arns(node: &Node, variables: bool, spot: Spot<'_>) -> Result<Vec<ArnPattern>, Malformed> {
    node.texts(spot)?
        .into_iter()
        .map(|text| {
            ArnPattern::parse(text, variables)
                .map_err(|what| spot.wrong(format!("has {}, which {what}", Quoted(text))))
        })
        .collect()
}

fn refuse_repeated_sids(statements: &[Statement]) -> Result<(), Malformed> {
    let mut seen = std::collections::HashSet::new();
    for (index, statement) in statements.iter().enumerate() {
        let sid = statement.sid.as_deref().unwrap_or_default();
        if !sid.is_empty() && !seen.insert(sid) {
            let spot = Spot { statement: Some((index + 1, Some(sid))), member: &["Sid"] };
            return Err(spot.wrong("is that of an earlier statement"));
        }
    }
    Ok(())
}
