//! The decision: which statements apply, and what follows from them.

use std::{cell::OnceCell, sync::Arc};

use super::{
    Document, Effect, PrincipalPattern, Principals, Resources, Statement,
    fact::Facts,
    pattern::{ArnPattern, components},
};
use crate::{
    action::Action,
    name::{AccountId, PrincipalKind, PrincipalName},
};

/// What is asked: who wants to do what to which thing, and what else is known.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: &'a PrincipalName,
    /// Its ARN, [`PrincipalName::arn`] or a session's, made once by whoever holds the name.
    pub principal_arn: &'a str,
    /// The ARN of the role, when it is a session of one that asks.
    pub role_arn: Option<&'a str>,
    /// What it wants to do.
    pub action: Action,
    /// What it wants to do it to. `None` for actions without a resource of their own: only
    /// `"*"` (and `NotResource`) is about those.
    pub resource: Option<Resource<'a>>,
    /// What conditions and policy variables ask about.
    pub facts: &'a dyn Facts,
}

/// A thing that something is done to.
#[derive(Clone, Copy, Debug)]
pub struct Resource<'a> {
    /// Its ARN.
    pub arn: &'a str,
    /// The account that owns it.
    pub account: AccountId,
}

/// The policies that bear on a request.
#[derive(Clone, Copy, Debug)]
pub struct Policies<'a> {
    /// The policies of the principal.
    pub identity: &'a [Arc<Document>],
    /// What a session may do at most, of what its role may; `None` for all of that.
    pub session: Option<&'a Arc<Document>>,
    /// The policy of the key; `None` when the resource is not a key.
    pub key: Option<&'a Document>,
}

/// Whether it may, and by or for what.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    /// It may.
    Allowed(By),
    /// It may not.
    Denied(Why),
}

impl Decision {
    /// Whether it may.
    pub const fn is_allowed(self) -> bool {
        matches!(self, Self::Allowed(_))
    }
}

/// What allows. Statements and policies are counted from 0; the first that applies is named.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum By {
    /// The key policy names the principal.
    KeyPolicy {
        /// Its statement.
        statement: usize,
    },
    /// An identity policy does.
    IdentityPolicy {
        /// Which of the principal's policies.
        policy: usize,
        /// Its statement.
        statement: usize,
        /// The key policy's statement that lets it: it delegates to the principal's account, or,
        /// for a principal of another account, names the principal. `None` without a key policy.
        key_statement: Option<usize>,
    },
}

/// What is in the way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Why {
    /// A statement denies it.
    ExplicitDeny(Place),
    /// No statement of any policy allows it.
    NoStatement,
    /// An identity policy allows it, and the key policy neither names the principal nor its
    /// account.
    KeyPolicyDoesNotDelegate,
    /// The key policy would let identity policies decide, and none allows it.
    IdentityPolicyDoesNotAllow,
    /// The resource is of another account, and has no policy of its own that could let it in.
    OtherAccount,
    /// The role may, and the session's own policy does not allow it.
    SessionPolicyDoesNotAllow,
}

/// A statement of one of the policies, counted from 0.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// In the key policy.
    KeyPolicy {
        /// Its statement.
        statement: usize,
    },
    /// In an identity policy.
    IdentityPolicy {
        /// Which of the principal's policies.
        policy: usize,
        /// Its statement.
        statement: usize,
    },
    /// In the session's policy.
    SessionPolicy {
        /// Its statement.
        statement: usize,
    },
}

/// Decides a request, by the rules of AWS KMS:
///
/// 1. A `Deny` that applies, in any policy, decides.
/// 2. A key of the principal's own account: the key policy allows the principal (by its ARN or as
///    `"*"`), or it allows the account and an identity policy allows it too.
/// 3. A key of another account: the key policy allows the principal or its account, and an
///    identity policy allows it too.
/// 4. No key policy: an identity policy allows it, and the resource is of the same account.
/// 5. Otherwise no.
///
/// A session of a role is named by its own ARN, by its role's, or with everyone. What is allowed to
/// the role or to everyone, or by the role's policies, the session's policy must allow too.
///
/// A key policy given without a resource is judged by rule 3. Nothing is allocated unless a
/// condition or a policy variable is looked at.
pub fn decide(policies: &Policies<'_>, request: &Request<'_>) -> Decision {
    let matter = Matter::new(request);
    let key = match policies.key.map(|document| matter.key_policy(document)).transpose() {
        Ok(key) => key,
        Err(place) => return Decision::Denied(Why::ExplicitDeny(place)),
    };
    let identity = match matter.identity_policies(policies.identity) {
        Ok(identity) => identity,
        Err(place) => return Decision::Denied(Why::ExplicitDeny(place)),
    };
    let session = policies.session.map(|document| matter.session_policy(document)).transpose();
    let within = match session {
        Ok(session) => session != Some(false),
        Err(place) => return Decision::Denied(Why::ExplicitDeny(place)),
    };
    let own = request.resource.map(|resource| resource.account == request.principal.account);
    let Some(key) = key else {
        return match identity {
            _ if own == Some(false) => Decision::Denied(Why::OtherAccount),
            None => Decision::Denied(Why::NoStatement),
            Some(_) if !within => Decision::Denied(Why::SessionPolicyDoesNotAllow),
            Some((policy, statement)) => {
                Decision::Allowed(By::IdentityPolicy { policy, statement, key_statement: None })
            }
        };
    };
    if let (Some(statement), Some(true)) = (key.direct, own) {
        return Decision::Allowed(By::KeyPolicy { statement });
    }
    if let (Some(statement), Some(true), true) = (key.role, own, within) {
        return Decision::Allowed(By::KeyPolicy { statement });
    }
    let key_statement = key.direct.or(key.role).or(key.delegated);
    match (key_statement, identity) {
        (Some(_), Some(_)) if !within => Decision::Denied(Why::SessionPolicyDoesNotAllow),
        (Some(_), Some((policy, statement))) => {
            Decision::Allowed(By::IdentityPolicy { policy, statement, key_statement })
        }
        (None, Some(_)) => Decision::Denied(Why::KeyPolicyDoesNotDelegate),
        (Some(_), None) => Decision::Denied(Why::IdentityPolicyDoesNotAllow),
        (None, None) => Decision::Denied(Why::NoStatement),
    }
}

/// The first statements of a key policy that allow, if none denies.
struct KeyVerdict {
    /// Names the principal.
    direct: Option<usize>,
    /// Names the role of a session, or everyone.
    role: Option<usize>,
    /// Names the principal's account.
    delegated: Option<usize>,
}

/// How a key policy's statement speaks of the principal.
#[derive(Clone, Copy, PartialEq)]
enum Named {
    Directly,
    ByRole,
    ByAccount,
    Not,
}

/// A request with its resource's ARN taken apart, once and only when a statement asks.
struct Matter<'a> {
    request: &'a Request<'a>,
    components: OnceCell<Option<[&'a str; 6]>>,
}

impl<'a> Matter<'a> {
    fn new(request: &'a Request<'a>) -> Self {
        Self { request, components: OnceCell::new() }
    }

    fn key_policy(&self, document: &Document) -> Result<KeyVerdict, Place> {
        let mut verdict = KeyVerdict { direct: None, role: None, delegated: None };
        for (index, statement) in document.statements.iter().enumerate() {
            let named = self.named(statement);
            let known = match named {
                Named::Not => continue,
                Named::Directly => &mut verdict.direct,
                Named::ByRole => &mut verdict.role,
                Named::ByAccount => &mut verdict.delegated,
            };
            let allows = statement.effect == Effect::Allow;
            if allows && known.is_some() || !self.applies(statement) {
                continue;
            }
            if !allows {
                return Err(Place::KeyPolicy { statement: index });
            }
            *known = Some(index);
        }
        Ok(verdict)
    }

    /// The first statement that allows, if none denies.
    fn identity_policies(
        &self,
        documents: &[Arc<Document>],
    ) -> Result<Option<(usize, usize)>, Place> {
        let mut allowed = None;
        for (policy, document) in documents.iter().enumerate() {
            for (index, statement) in document.statements.iter().enumerate() {
                let allows = statement.effect == Effect::Allow;
                // A key policy that strays in here can still deny, but allows nothing.
                let useless = allowed.is_some() || statement.principals != Principals::Bearer;
                if allows && useless || !self.applies(statement) {
                    continue;
                }
                if !allows {
                    return Err(Place::IdentityPolicy { policy, statement: index });
                }
                allowed = Some((policy, index));
            }
        }
        Ok(allowed)
    }

    /// Whether a session's policy allows it, if it does not deny it.
    fn session_policy(&self, document: &Arc<Document>) -> Result<bool, Place> {
        match self.identity_policies(std::slice::from_ref(document)) {
            Ok(allowed) => Ok(allowed.is_some()),
            Err(Place::IdentityPolicy { statement, .. }) => Err(Place::SessionPolicy { statement }),
            Err(place) => Err(place),
        }
    }

    /// How a statement of a key policy speaks of the principal.
    fn named(&self, statement: &Statement) -> Named {
        let principal = self.request.principal;
        match &statement.principals {
            Principals::Everyone if statement.effect == Effect::Deny => Named::Directly,
            // Whoever an issuer vouches for is let in as that, or not at all.
            Principals::Everyone if principal.kind == PrincipalKind::Issuer => Named::Not,
            Principals::Everyone if self.request.role_arn.is_some() => Named::ByRole,
            Principals::Everyone => Named::Directly,
            // An identity policy that strays in here can still deny, but allows nothing.
            Principals::Bearer if statement.effect == Effect::Deny => Named::Directly,
            Principals::Bearer => Named::Not,
            Principals::Listed(patterns) => {
                let mut named = Named::Not;
                for pattern in patterns {
                    match pattern {
                        PrincipalPattern::Arn(arn) if **arn == *self.request.principal_arn => {
                            return Named::Directly;
                        }
                        PrincipalPattern::Arn(arn) if Some(&**arn) == self.request.role_arn => {
                            named = Named::ByRole;
                        }
                        PrincipalPattern::Federated(arn)
                            if principal.kind == PrincipalKind::Issuer
                                && **arn == *self.request.principal_arn =>
                        {
                            return Named::Directly;
                        }
                        PrincipalPattern::Account(_) if principal.kind == PrincipalKind::Issuer => {
                        }
                        PrincipalPattern::Account(account) if *account == principal.account => {
                            if principal.kind == PrincipalKind::Account {
                                return Named::Directly;
                            }
                            if named == Named::Not {
                                named = Named::ByAccount;
                            }
                        }
                        _ => {}
                    }
                }
                named
            }
        }
    }

    /// Whether a statement is about this action, resource and moment, whoever it is about.
    fn applies(&self, statement: &Statement) -> bool {
        statement.actions.contains(self.request.action)
            && self.is_about_resource(&statement.resources)
            && statement.conditions.iter().all(|condition| condition.holds(self.request.facts))
    }

    fn is_about_resource(&self, resources: &Resources) -> bool {
        let arn = self.request.resource.map_or("*", |resource| resource.arn);
        let any = |patterns: &[ArnPattern]| {
            patterns.iter().any(|pattern| match pattern {
                ArnPattern::Any => true,
                pattern => {
                    let components = self.components.get_or_init(|| components(arn));
                    pattern.matches_split(arn, components.as_ref(), self.request.facts)
                }
            })
        };
        match resources {
            Resources::Only(patterns) => any(patterns),
            Resources::AllBut(patterns) => !any(patterns),
        }
    }
}
