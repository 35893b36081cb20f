//! `Condition`: operators by name, and the values each takes.

use model::policy::{
    ArnPattern, Comparison, Condition, FactKey, Network, Number, Order, Pattern, Quantifier,
    Syntax, parse_bool, parse_date,
};

use crate::{
    json::Node,
    malformed::{Malformed, Quoted, Spot},
};

/// Reads the member `Condition`. `variables` as in [`Syntax`].
pub(crate) fn parse(
    node: &Node,
    variables: bool,
    spot: Spot<'_>,
) -> Result<Vec<Condition>, Malformed> {
    let mut conditions = Vec::new();
    for (name, tests) in object(node, spot)? {
        let member = ["Condition", name.as_str()];
        let spot = Spot { member: &member, ..spot };
        let operator = Operator::parse(name).map_err(|what| spot.wrong(what))?;
        let tests = object(tests, spot)?;
        if tests.is_empty() {
            return Err(spot.wrong("has no condition key"));
        }
        for (key, values) in tests {
            let member = ["Condition", name.as_str(), key.as_str()];
            let spot = Spot { member: &member, ..spot };
            conditions.push(operator.condition(key, values, variables, spot)?);
        }
    }
    Ok(conditions)
}

fn object<'a>(node: &'a Node, spot: Spot<'_>) -> Result<&'a [(String, Node)], Malformed> {
    match node {
        Node::Object(members) => Ok(members),
        other => Err(spot.wrong(format!("is {}, not an object", other.kind()))),
    }
}

/// A condition operator, taken apart.
struct Operator {
    quantifier: Option<Quantifier>,
    if_exists: bool,
    negated: bool,
    kind: Kind,
}

/// What an operator compares as.
#[derive(Clone, Copy)]
enum Kind {
    TextEquals,
    TextIgnoringCase,
    TextLike,
    Arn,
    Number(Order),
    Date(Order),
    Bool,
    Ip,
    Binary,
    Null,
}

impl Operator {
    /// From a name, e.g. `ForAnyValue:StringNotLikeIfExists`.
    fn parse(name: &str) -> Result<Self, &'static str> {
        let (quantifier, rest) = match name.split_once(':') {
            None => (None, name),
            Some(("ForAllValues", rest)) => (Some(Quantifier::ForAllValues), rest),
            Some(("ForAnyValue", rest)) => (Some(Quantifier::ForAnyValue), rest),
            Some(_) => return Err("is not a condition operator"),
        };
        let (base, if_exists) = match rest.strip_suffix("IfExists") {
            None => (rest, false),
            Some(base) => (base, true),
        };
        let (negated, kind) = Kind::parse(base).ok_or("is not a condition operator")?;
        if matches!(kind, Kind::Null) && (if_exists || quantifier.is_some()) {
            return Err("asks of a key's existence in two ways at once");
        }
        Ok(Self { quantifier, if_exists, negated, kind })
    }

    fn condition(
        &self,
        key: &str,
        values: &Node,
        variables: bool,
        spot: Spot<'_>,
    ) -> Result<Condition, Malformed> {
        let key = FactKey::new(key)
            .ok_or_else(|| spot.wrong("is not a condition key of the form service:name"))?;
        if key.is_of_encryption_context() && self.quantifier == Some(Quantifier::ForAllValues) {
            return Err(spot.wrong("would hold of every request without that context"));
        }
        let values = scalars(values, spot)?;
        let comparison = self.kind.comparison(&values, variables).map_err(|(value, what)| {
            spot.wrong(format!("has the value {}, which {what}", Quoted(value)))
        })?;
        let Self { quantifier, if_exists, negated, .. } = *self;
        Ok(Condition { key, quantifier, if_exists, negated, comparison })
    }
}

impl Kind {
    /// From an operator's name without prefix and suffix; whether it is negated comes first.
    fn parse(base: &str) -> Option<(bool, Self)> {
        Some(match base {
            "StringEquals" => (false, Self::TextEquals),
            "StringNotEquals" => (true, Self::TextEquals),
            "StringEqualsIgnoreCase" => (false, Self::TextIgnoringCase),
            "StringNotEqualsIgnoreCase" => (true, Self::TextIgnoringCase),
            "StringLike" => (false, Self::TextLike),
            "StringNotLike" => (true, Self::TextLike),
            "ArnEquals" | "ArnLike" => (false, Self::Arn),
            "ArnNotEquals" | "ArnNotLike" => (true, Self::Arn),
            "Bool" => (false, Self::Bool),
            "IpAddress" => (false, Self::Ip),
            "NotIpAddress" => (true, Self::Ip),
            "BinaryEquals" => (false, Self::Binary),
            "Null" => (false, Self::Null),
            _ => return Self::parse_ordered(base),
        })
    }

    fn parse_ordered(base: &str) -> Option<(bool, Self)> {
        let (make, relation): (fn(Order) -> Self, _) = match base.strip_prefix("Numeric") {
            Some(relation) => (Self::Number, relation),
            None => (Self::Date, base.strip_prefix("Date")?),
        };
        let (negated, order) = match relation {
            "Equals" => (false, Order::Equal),
            "NotEquals" => (true, Order::Equal),
            "LessThan" => (false, Order::Less),
            "LessThanEquals" => (false, Order::LessOrEqual),
            "GreaterThan" => (false, Order::Greater),
            "GreaterThanEquals" => (false, Order::GreaterOrEqual),
            _ => return None,
        };
        Some((negated, make(order)))
    }

    /// The comparison with these values. An error is a value and a phrase about it.
    fn comparison(
        self,
        values: &[String],
        variables: bool,
    ) -> Result<Comparison, (&str, &'static str)> {
        let text = |wildcards| each(values, |v| Pattern::parse(v, Syntax { wildcards, variables }));
        let truth = |v: &str| parse_bool(v).ok_or("is neither \"true\" nor \"false\"");
        Ok(match self {
            Self::TextEquals => Comparison::Text(text(false)?),
            Self::TextLike => Comparison::Text(text(true)?),
            Self::TextIgnoringCase => Comparison::TextIgnoringCase(text(false)?),
            Self::Arn => Comparison::Arn(each(values, |v| ArnPattern::parse(v, variables))?),
            Self::Number(order) => {
                let number = |v: &str| Number::parse(v).ok_or("is not a decimal number");
                Comparison::Number(order, each(values, number)?)
            }
            Self::Date(order) => {
                let date = |v: &str| {
                    parse_date(v).ok_or("is neither an ISO 8601 date nor seconds since 1970")
                };
                Comparison::Date(order, each(values, date)?)
            }
            Self::Bool => Comparison::Bool(each(values, truth)?),
            Self::Null => Comparison::Null(each(values, truth)?),
            Self::Ip => {
                let network = |v: &str| {
                    Network::parse(v).ok_or("is neither an IP address nor a network in CIDR form")
                };
                Comparison::Ip(each(values, network)?)
            }
            Self::Binary => {
                let base64 = |v: &str| {
                    is_canonical_base64(v).then(|| v.into()).ok_or("is not canonical base64")
                };
                Comparison::Binary(each(values, base64)?)
            }
        })
    }
}

fn each<T>(
    values: &[String],
    read: impl Fn(&str) -> Result<T, &'static str>,
) -> Result<Vec<T>, (&str, &'static str)> {
    values.iter().map(|value| read(value).map_err(|what| (value.as_str(), what))).collect()
}

/// One value or a list of them, each a string, a number or a truth value; at least one.
fn scalars(node: &Node, spot: Spot<'_>) -> Result<Vec<String>, Malformed> {
    let nodes = match node {
        Node::List(nodes) if nodes.is_empty() => return Err(spot.wrong("has no value")),
        Node::List(nodes) => nodes,
        one => std::slice::from_ref(one),
    };
    nodes
        .iter()
        .map(|node| match node {
            Node::Text(text) | Node::Number(text) => Ok(text.clone()),
            Node::Bool(value) => Ok(value.to_string()),
            other => {
                let what = format!("has {} where a string is due", other.kind());
                Err(spot.wrong(what))
            }
        })
        .collect()
}

/// Whether a text is the base64 (RFC 4648, section 4) that an encoder writes.
fn is_canonical_base64(text: &str) -> bool {
    let digit = |b: u8| match b {
        b'A'..=b'Z' => Some(b - b'A'),
        b'a'..=b'z' => Some(b - b'a' + 26),
        b'0'..=b'9' => Some(b - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let padding = text.bytes().rev().take_while(|b| *b == b'=').count();
    let digits = &text.as_bytes()[..text.len() - padding];
    // Bits of the last digit that carry nothing must be zero.
    let spare = match padding {
        0 => 0,
        1 => 0b11,
        2 => 0b1111,
        _ => return false,
    };
    text.len().is_multiple_of(4)
        && digits.iter().all(|b| digit(*b).is_some())
        && digits.last().and_then(|b| digit(*b)).is_none_or(|last| last & spare == 0)
}
