//! Conditions: a condition key, a comparison, and the values to compare with.

use std::net::IpAddr;

use super::{
    fact::{FactKey, Facts},
    pattern::{ArnPattern, Pattern},
    scalar::{Network, Number, parse_bool, parse_date},
};
use crate::time::Wall;

/// One condition of a statement.
///
/// A comparison holds of a value when it holds for one of the policy's values; a negated one when
/// it holds for none. Without a quantifier a multivalued key satisfies a comparison with any of
/// its values, and a negated one only with all of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// Which fact it is about.
    pub key: FactKey,
    /// How the values of a multivalued key count.
    pub quantifier: Option<Quantifier>,
    /// Whether it holds when there is no such fact (`IfExists`).
    pub if_exists: bool,
    /// Whether the comparison is turned round (`StringNotEquals`, `NotIpAddress`, ..).
    pub negated: bool,
    /// What is compared with what.
    pub comparison: Comparison,
}

/// How the values of a multivalued key count.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Quantifier {
    /// Each value must satisfy the comparison; with no values it holds.
    ForAllValues,
    /// At least one must; with no values it does not hold.
    ForAnyValue,
}

/// Comparisons, each with the values of the policy, any of which may match.
#[derive(Clone, Debug, PartialEq)]
pub enum Comparison {
    /// `StringEquals` (patterns without wildcards) and `StringLike`.
    Text(Vec<Pattern>),
    /// `StringEqualsIgnoreCase`.
    TextIgnoringCase(Vec<Pattern>),
    /// `ArnEquals` and `ArnLike`, which are the same.
    Arn(Vec<ArnPattern>),
    /// `Numeric..`.
    Number(Order, Vec<Number>),
    /// `Date..`.
    Date(Order, Vec<Wall>),
    /// `Bool`.
    Bool(Vec<bool>),
    /// `IpAddress`.
    Ip(Vec<Network>),
    /// `BinaryEquals`: canonical base64 (RFC 4648, section 4), so that equal text is equal bytes.
    Binary(Vec<Box<str>>),
    /// `Null`: whether there is no such fact.
    Null(Vec<bool>),
}

/// How the request's value must stand to the policy's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Order {
    /// Equal.
    Equal,
    /// Less, earlier.
    Less,
    /// Not greater, not later.
    LessOrEqual,
    /// Greater, later.
    Greater,
    /// Not less, not earlier.
    GreaterOrEqual,
}

impl Order {
    fn holds<T: Ord>(self, request: &T, policy: &T) -> bool {
        match self {
            Self::Equal => request == policy,
            Self::Less => request < policy,
            Self::LessOrEqual => request <= policy,
            Self::Greater => request > policy,
            Self::GreaterOrEqual => request >= policy,
        }
    }
}

impl Condition {
    /// Whether it holds of these facts.
    pub fn holds(&self, facts: &dyn Facts) -> bool {
        let value = facts.value(self.key.as_str());
        let values = value.as_ref().map_or(&[][..], |value| value.as_slice());
        if let Comparison::Null(wanted) = &self.comparison {
            return wanted.contains(&values.is_empty());
        }
        if values.is_empty() {
            return self.if_exists
                || match self.quantifier {
                    Some(Quantifier::ForAllValues) => true,
                    Some(Quantifier::ForAnyValue) => false,
                    None => self.negated,
                };
        }
        let mut satisfied =
            values.iter().map(|v| self.comparison.matches(v, facts) != self.negated);
        match self.quantifier {
            Some(Quantifier::ForAllValues) => satisfied.all(|holds| holds),
            Some(Quantifier::ForAnyValue) => satisfied.any(|holds| holds),
            None if self.negated => satisfied.all(|holds| holds),
            None => satisfied.any(|holds| holds),
        }
    }
}

impl Comparison {
    /// How many wildcards and variables its values have: what comparing costs grows with them.
    pub fn wildcards(&self) -> usize {
        match self {
            Self::Text(patterns) | Self::TextIgnoringCase(patterns) => {
                patterns.iter().map(Pattern::counted).sum()
            }
            Self::Arn(patterns) => patterns.iter().map(ArnPattern::counted).sum(),
            Self::Number(..)
            | Self::Date(..)
            | Self::Bool(_)
            | Self::Ip(_)
            | Self::Binary(_)
            | Self::Null(_) => 0,
        }
    }

    /// Whether one of the policy's values matches. A value of another type matches none.
    fn matches(&self, value: &str, facts: &dyn Facts) -> bool {
        match self {
            Self::Text(patterns) => patterns.iter().any(|p| p.matches(value, facts)),
            Self::TextIgnoringCase(patterns) => {
                patterns.iter().any(|p| p.equals_ignoring_case(value, facts))
            }
            Self::Arn(patterns) => patterns.iter().any(|p| p.matches(value, facts)),
            Self::Number(order, numbers) => Number::parse(value)
                .is_some_and(|value| numbers.iter().any(|number| order.holds(&value, number))),
            Self::Date(order, dates) => parse_date(value)
                .is_some_and(|value| dates.iter().any(|date| order.holds(&value, date))),
            Self::Bool(wanted) => parse_bool(value).is_some_and(|value| wanted.contains(&value)),
            Self::Ip(networks) => value
                .parse::<IpAddr>()
                .is_ok_and(|address| networks.iter().any(|network| network.contains(address))),
            Self::Binary(values) => values.iter().any(|wanted| **wanted == *value),
            // Decided by whether there is a value, before there is one to look at.
            Self::Null(_) => false,
        }
    }
}
