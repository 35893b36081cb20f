//! Roles: whom they trust, what may be done in them, and for how long.

use std::collections::BTreeMap;

use model::{
    AccountId, Action, Error, PrincipalName, Result, Wall,
    error::{Existing, Invalid, Limit, Missing},
    limits,
    policy::Value,
};

use super::{
    listing::{Listing, Page},
    principal::check,
    tag::{self, Tag},
};
use crate::{
    gate::{Demand, Operation, Permit, Weight},
    open::Read,
    record::RoleRecord,
    room::Room,
};

/// Make a role.
pub struct CreateRole {
    /// Its name.
    pub name: PrincipalName,
    /// Who may act in it.
    pub trust: String,
    /// Its identity policies.
    pub policies: Vec<String>,
    /// Its longest session, in seconds: 3600 to 43200.
    pub session_secs_max: u32,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// List the roles of an account.
pub struct ListRoles {
    /// The account.
    pub account: AccountId,
    /// Which part.
    pub page: Page,
}

/// Read a role.
pub struct GetRole {
    /// Its name.
    pub name: PrincipalName,
}

/// A role.
#[derive(Debug)]
pub struct RoleEntry {
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created: Wall,
    /// Who may act in it.
    pub trust: String,
    /// Its identity policies.
    pub policies: Vec<String>,
    /// Its longest session, in seconds.
    pub session_secs_max: u32,
    /// Its tags by name.
    pub tags: BTreeMap<String, String>,
}

/// Change a role: what is not said stays.
pub struct ChangeRole {
    /// Its name.
    pub name: PrincipalName,
    /// Who may act in it.
    pub trust: Option<String>,
    /// All of its identity policies.
    pub policies: Option<Vec<String>>,
    /// Its longest session, in seconds: 3600 to 43200.
    pub session_secs_max: Option<u32>,
    /// All of its tags.
    pub tags: Option<Vec<Tag>>,
}

/// Remove a role: its sessions are worth nothing from then on.
pub struct DeleteRole {
    /// Its name.
    pub name: PrincipalName,
}

/// The record of a role that there is.
pub(super) fn standing(room: &Room<'_>, name: &PrincipalName) -> Result<(RoleRecord, u64)> {
    let Read { value, revision } = room.role(name)?;
    let missing = || Error::NotFound(Missing::Role(name.name().to_owned()));
    Ok((value.ok_or_else(missing)?, revision))
}

fn check_trust(room: &Room<'_>, text: &str) -> Result<()> {
    if text.len() > limits::POLICY_LEN_MAX {
        return Err(Error::TooMany(Limit::PolicyLength));
    }
    (room.engine().language().trust_policy)(text).map(|_| ())
}

fn check_longest(secs: u32) -> Result<()> {
    if (limits::SESSION_SECS..=limits::SESSION_SECS_MAX).contains(&secs) {
        Ok(())
    } else {
        Err(Error::Invalid(Invalid::Role(
            "The longest session of a role is 3600 to 43200 seconds.",
        )))
    }
}

fn checked_tags(tags: &[Tag]) -> Result<BTreeMap<String, String>> {
    let mut checked = BTreeMap::new();
    tag::set_in(&mut checked, tags)?;
    Ok(checked)
}

fn entry((name, record): (String, RoleRecord)) -> RoleEntry {
    let RoleRecord { created, trust, policies, session_secs_max, tags } = record;
    RoleEntry { name, created, trust, policies, session_secs_max, tags }
}

impl Operation for CreateRole {
    type Reply = ();
    const ACTION: Action = Action::CreateRole;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::principal(Self::ACTION, &self.name)])
    }

    fn fact(&self, key: &str) -> Option<Value<'_>> {
        tag::fact(key, &self.tags)
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<()> {
        check_trust(room, &self.trust)?;
        check(room, &self.policies)?;
        check_longest(self.session_secs_max)?;
        let tags = checked_tags(&self.tags)?;
        let Read { value, revision } = room.role(&self.name)?;
        if value.is_some() {
            return Err(Error::AlreadyExists(Existing::Role(self.name.name().to_owned())));
        }
        let (created, session_secs_max) = (room.at().wall, self.session_secs_max);
        let (trust, policies) = (self.trust.clone(), self.policies.clone());
        let record = RoleRecord { created, trust, policies, session_secs_max, tags };
        room.put_role(&self.name, revision, Some(&record))
    }
}

impl Operation for ListRoles {
    type Reply = Listing<RoleEntry>;
    const ACTION: Action = Action::ListRoles;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::account(Self::ACTION, self.account)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Listing<RoleEntry>> {
        let after = self.page.after.as_deref();
        let roles = room.roles_after(self.account, after, self.page.limit + 1)?;
        let items = roles.into_iter().map(entry).collect();
        Ok(Listing::cut(items, &self.page, |entry| entry.name.clone()))
    }
}

impl Operation for GetRole {
    type Reply = RoleEntry;
    const ACTION: Action = Action::GetRole;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::principal(Self::ACTION, &self.name)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<RoleEntry> {
        let (record, _) = standing(room, &self.name)?;
        Ok(entry((self.name.name().to_owned(), record)))
    }
}

impl Operation for ChangeRole {
    type Reply = ();
    const ACTION: Action = Action::ChangeRole;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::principal(Self::ACTION, &self.name)])
    }

    fn fact(&self, key: &str) -> Option<Value<'_>> {
        tag::fact(key, self.tags.as_deref().unwrap_or_default())
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<()> {
        let (mut record, revision) = standing(room, &self.name)?;
        if let Some(trust) = &self.trust {
            check_trust(room, trust)?;
            record.trust.clone_from(trust);
        }
        if let Some(policies) = &self.policies {
            check(room, policies)?;
            record.policies.clone_from(policies);
        }
        if let Some(secs) = self.session_secs_max {
            check_longest(secs)?;
            record.session_secs_max = secs;
        }
        if let Some(tags) = &self.tags {
            record.tags = checked_tags(tags)?;
        }
        room.put_role(&self.name, revision, Some(&record))
    }
}

impl Operation for DeleteRole {
    type Reply = ();
    const ACTION: Action = Action::DeleteRole;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::principal(Self::ACTION, &self.name)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<()> {
        let (_, revision) = standing(room, &self.name)?;
        room.put_role(&self.name, revision, None)
    }
}
