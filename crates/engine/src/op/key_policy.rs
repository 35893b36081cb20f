//! A key's policy: read, replaced, listed.

use model::{
    Action, Error, Result,
    error::{Invalid, Limit},
    limits,
    policy::{self, Decision, Policies, Value},
};

use crate::{
    caller::Caller,
    facts::RequestFacts,
    gate::{Demand, Operation, Permit, Weight},
    reference::KeyRef,
    room::Room,
};

/// Read a key's policy.
pub struct GetKeyPolicy {
    /// The key.
    pub key: KeyRef,
}

/// Replace a key's policy.
pub struct PutKeyPolicy {
    /// The key.
    pub key: KeyRef,
    /// At most 32768 bytes.
    pub policy: String,
    /// Whether the caller may lock themselves out of changing it again.
    pub bypass_lockout_check: bool,
}

/// List the names of a key's policies: there is one, `default`.
pub struct ListKeyPolicies {
    /// The key.
    pub key: KeyRef,
}

/// Checks the text of a key policy, and that `caller` could replace it again unless they bypass
/// that check.
pub(super) fn check(
    room: &Room<'_>,
    operation: &impl Operation,
    caller: &Caller,
    arn: &str,
    account: model::AccountId,
    text: &str,
    bypass: bool,
) -> Result<()> {
    if text.len() > limits::POLICY_LEN_MAX {
        return Err(Error::TooMany(Limit::PolicyLength));
    }
    let document = (room.engine().language().key_policy)(text)?;
    if bypass {
        return Ok(());
    }
    let facts = RequestFacts::new(operation, Action::PutKeyPolicy, caller, room.at());
    let (identity, session) = (caller.identity_policies(), caller.session_policy());
    let policies = Policies { identity, session, key: Some(&document) };
    let request = policy::Request {
        principal: caller.principal(),
        principal_arn: caller.arn(),
        role_arn: caller.role_arn(),
        action: Action::PutKeyPolicy,
        resource: Some(policy::Resource { arn, account }),
        facts: &facts,
    };
    match policy::decide(&policies, &request) {
        Decision::Allowed(_) => Ok(()),
        Decision::Denied(_) => Err(Error::Invalid(Invalid::PolicyLocksOut)),
    }
}

/// What a request that brings a policy says of it.
pub(super) fn fact(key: &str, bypass: bool) -> Option<Value<'static>> {
    (key == "kms:bypasspolicylockoutsafetycheck")
        .then(|| Value::one(if bypass { "true" } else { "false" }))
}

impl Operation for GetKeyPolicy {
    type Reply = String;
    const ACTION: Action = Action::GetKeyPolicy;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn run(&self, permit: &Permit<'_, Self>, _room: &mut Room<'_>) -> Result<String> {
        Ok(permit.key()?.record().policy.clone())
    }
}

impl Operation for PutKeyPolicy {
    type Reply = ();
    const ACTION: Action = Action::PutKeyPolicy;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn fact(&self, key: &str) -> Option<Value<'_>> {
        fact(key, self.bypass_lockout_check)
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<()> {
        let key = permit.key()?;
        let account = key.name().account;
        let bypass = self.bypass_lockout_check;
        check(room, self, permit.caller(), key.arn(), account, &self.policy, bypass)?;
        let mut record = key.record().clone();
        record.policy.clone_from(&self.policy);
        room.replace_key(key, &record)
    }
}

impl Operation for ListKeyPolicies {
    type Reply = Vec<String>;
    const ACTION: Action = Action::ListKeyPolicies;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn run(&self, permit: &Permit<'_, Self>, _room: &mut Room<'_>) -> Result<Vec<String>> {
        permit.key().map(|_| vec!["default".to_owned()])
    }
}
