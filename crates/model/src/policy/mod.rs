//! Who may do what: the policy language of AWS IAM, read and ready to decide by.
//!
//! A [`Document`] is a list of statements; [`decide`] is the only reader of them. It is pure: what
//! a condition asks about comes in as [`Facts`]. Reading the JSON form is the `iam` crate's work.
//!
//! What is absent here, deliberately: `NotPrincipal` (refused when read), policy types other than
//! identity, session, key and trust policies, and any default: no statement, no access. Empty means nobody.

mod condition;
mod decide;
mod fact;
mod pattern;
mod scalar;

pub use condition::{Comparison, Condition, Order, Quantifier};
pub use decide::{By, Decision, Place, Policies, Request, Resource, Why, decide};
pub use fact::{FactKey, Facts, Value};
pub use pattern::{ArnPattern, Pattern, Syntax};
pub use scalar::{Network, Number, parse_bool, parse_date};

use crate::{action::ActionSet, name::AccountId};

/// The version of the policy language a document is written in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Version {
    /// `2008-10-17`, also when the document names none: `${..}` is plain text.
    V2008,
    /// `2012-10-17`: `${..}` is a policy variable.
    V2012,
}

/// A policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The version of the language.
    pub version: Version,
    /// The document's own name (`Id`). It has no effect.
    pub id: Option<String>,
    /// The statements, in the order written. None of them: nobody.
    pub statements: Vec<Statement>,
}

/// A rule: for these principals, actions, resources and conditions, this effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The statement's own name (`Sid`). It has no effect.
    pub sid: Option<String>,
    /// What it does when it applies.
    pub effect: Effect,
    /// Whom it is about.
    pub principals: Principals,
    /// What it is about doing; `NotAction` is already complemented.
    pub actions: ActionSet,
    /// What it is about doing it to.
    pub resources: Resources,
    /// All of these must hold for it to apply.
    pub conditions: Vec<Condition>,
}

/// What a statement does when it applies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Effect {
    /// Allow, unless something denies.
    Allow,
    /// Deny, whatever allows.
    Deny,
}

/// Whom a statement is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Principals {
    /// Whoever the policy is attached to: the only form in an identity policy.
    Bearer,
    /// Everyone, of any account (`"*"`).
    Everyone,
    /// Those listed. An empty list is nobody.
    Listed(Vec<PrincipalPattern>),
}

/// One principal that a key policy names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PrincipalPattern {
    /// The account, as `arn:aws:iam::111122223333:root` or `111122223333`. An `Allow` hands the
    /// decision to the account's identity policies; a `Deny` is about everyone in the account.
    Account(AccountId),
    /// Exactly the principal of this ARN, compared byte for byte.
    Arn(Box<str>),
    /// An issuer of tokens, by its ARN: whoever it vouches for.
    Federated(Box<str>),
    /// An AWS service. None calls Strongroom, so this is nobody.
    Service(Box<str>),
}

/// What a statement is about doing something to.
#[derive(Clone, Debug, PartialEq)]
pub enum Resources {
    /// What one of these matches. An empty list is nothing: a key policy's statement without
    /// `Resource` reads so, and has no effect.
    Only(Vec<ArnPattern>),
    /// What none of these matches (`NotResource`).
    AllBut(Vec<ArnPattern>),
}
