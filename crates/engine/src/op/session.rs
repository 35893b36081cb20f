//! Sessions of roles, and who one is.

use model::{
    AccountId, Action, Error, PrincipalName, Result, Secret, Wall,
    canon::Canonical,
    error::{Invalid, Limit},
    limits,
    name::SessionName,
    policy::Value,
};

use super::{principal::id_of_kind, role};
use crate::{
    caller::{Acting, Caller, unique_id},
    gate::{Demand, Operation, Permit, Weight},
    room::Room,
    session::{SessionRecord, write_token},
};

/// Say who is asking.
pub struct GetCallerIdentity;

/// Who is asking.
#[derive(Debug)]
pub struct CallerIdentity {
    /// The account.
    pub account: AccountId,
    /// The principal, as the policy language writes it.
    pub arn: String,
    /// What AWS calls the user's id.
    pub user_id: String,
}

/// Act in a role for a while.
pub struct AssumeRole {
    /// The role.
    pub role: PrincipalName,
    /// What the session calls itself.
    pub name: SessionName,
    /// How long it lasts, in seconds: 900 to the longest of the role; 3600 unless said.
    pub secs: Option<u32>,
    /// A policy that the session stays within.
    pub policy: Option<String>,
    /// What the role may ask to hear from whom it trusts.
    pub external_id: Option<String>,
    /// Who is behind the session, for good.
    pub source_identity: Option<SessionName>,
}

/// The same for whom an issuer of tokens vouches.
pub struct AssumeRoleWithWebIdentity(pub AssumeRole);

/// A session, as it is shown once.
#[derive(Debug)]
pub struct NewSession {
    /// Its access key's id: `ASIA` and 16 letters and digits.
    pub access_key_id: String,
    /// Its secret: 40 characters.
    pub secret: Secret,
    /// What must come with its access key.
    pub token: String,
    /// When it ends.
    pub expires: Wall,
    /// The session, as the policy language writes it.
    pub arn: String,
    /// The role's unique id and the session's name.
    pub role_id: String,
    /// Who is behind it.
    pub source_identity: Option<String>,
    /// Whom an issuer vouches for: the subject of the token, its audience, and the issuer.
    pub vouched: Option<(String, String, String)>,
}

impl Operation for GetCallerIdentity {
    type Reply = CallerIdentity;
    const ACTION: Action = Action::GetCallerIdentity;
    const WEIGHT: Weight = Weight::Light;

    /// Nothing: who can sign may know whose signature it is, as in AWS, whatever policies say.
    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(Vec::new())
    }

    fn run(&self, permit: &Permit<'_, Self>, _room: &mut Room<'_>) -> Result<CallerIdentity> {
        let caller = permit.caller();
        let (account, arn) = (caller.principal().account, caller.arn().to_owned());
        Ok(CallerIdentity { account, arn, user_id: caller.user_id() })
    }
}

impl AssumeRole {
    fn demands_of(&self, action: Action) -> Vec<Demand> {
        let first = Demand::role(action, &self.role);
        let of_source = |_: &_| Demand::role(Action::SetSourceIdentity, &self.role);
        std::iter::once(first).chain(self.source_identity.as_ref().map(of_source)).collect()
    }

    fn fact_of(&self, key: &str) -> Option<Value<'_>> {
        match key {
            "sts:rolesessionname" => Some(Value::one(self.name.as_str())),
            "sts:externalid" => self.external_id.as_deref().map(Value::one),
            "sts:sourceidentity" => {
                self.source_identity.as_ref().map(|name| Value::one(name.as_str()))
            }
            _ => None,
        }
    }

    /// How long the session lasts, within what the role allows, and what a session may give.
    fn lasts(&self, longest: u32, caller: &Caller) -> Result<u32> {
        let secs = self.secs.unwrap_or(limits::SESSION_SECS);
        let is_chained = matches!(caller.acting(), Acting::Session(_));
        let refused = |sentence| Err(Error::Invalid(Invalid::Session(sentence)));
        if !(limits::SESSION_SECS_MIN..=limits::SESSION_SECS_MAX).contains(&secs) {
            return refused("The session lasts 900 to 43200 seconds.");
        }
        if secs > longest {
            return refused(
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            );
        }
        if is_chained && secs > limits::CHAINED_SESSION_SECS_MAX {
            return refused(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles \
                 assumed by role chaining.",
            );
        }
        Ok(secs)
    }

    /// Who is behind the session: once it is said, it stays through every session after it.
    fn source_identity(&self, action: Action, caller: &Caller) -> Result<Option<String>> {
        let said = self.source_identity.as_ref().map(SessionName::as_str);
        let before = match caller.acting() {
            Acting::Session(session) => session.record().source_identity.as_deref(),
            Acting::Itself | Acting::Vouched(_) => None,
        };
        match (before, said) {
            (Some(before), Some(said)) if before != said => Err(Error::Denied(action)),
            (before, said) => Ok(before.or(said).map(str::to_owned)),
        }
    }

    fn begin(&self, action: Action, caller: &Caller, room: &mut Room<'_>) -> Result<NewSession> {
        let (record, _) = role::standing(room, &self.role)?;
        let secs = self.lasts(record.session_secs_max, caller)?;
        if let Some(policy) = &self.policy {
            if policy.len() > limits::SESSION_POLICY_LEN_MAX {
                return Err(Error::TooMany(Limit::PolicyLength));
            }
            (room.engine().language().identity_policy)(policy)?;
        }
        let issued = room.at().latest();
        let session = SessionRecord {
            role: self.role.name().to_owned(),
            role_id: unique_id(&self.role, record.created),
            name: self.name.as_str().to_owned(),
            issued,
            expires: issued.plus_secs(secs.into()),
            policy: self.policy.clone(),
            source_identity: self.source_identity(action, caller)?,
        };
        let access_key_id = id_of_kind("ASIA")?;
        let keys = room.account_keys(self.role.account)?;
        let sealed = keys.seal_session(&access_key_id, &session.to_canonical())?;
        let secret = keys.session_secret(&access_key_id, &sealed)?;
        let arn = self.name.arn(&self.role);
        room.note_made(&arn);
        room.note_made(&access_key_id);
        let vouched = match caller.acting() {
            Acting::Vouched(vouched) => {
                let audience = vouched.audiences.first().cloned().unwrap_or_default();
                Some((vouched.subject.clone(), audience, caller.arn().to_owned()))
            }
            Acting::Itself | Acting::Session(_) => None,
        };
        Ok(NewSession {
            access_key_id,
            secret: Secret::new(secret.expose().to_vec()),
            token: write_token(self.role.account, &sealed),
            expires: session.expires,
            arn,
            role_id: format!("{}:{}", session.role_id, session.name),
            source_identity: session.source_identity,
            vouched,
        })
    }
}

impl Operation for AssumeRole {
    type Reply = NewSession;
    const ACTION: Action = Action::AssumeRole;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(self.demands_of(Self::ACTION))
    }

    fn fact(&self, key: &str) -> Option<Value<'_>> {
        self.fact_of(key)
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<NewSession> {
        self.begin(Self::ACTION, permit.caller(), room)
    }
}

impl Operation for AssumeRoleWithWebIdentity {
    type Reply = NewSession;
    const ACTION: Action = Action::AssumeRoleWithWebIdentity;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(self.0.demands_of(Self::ACTION))
    }

    fn fact(&self, key: &str) -> Option<Value<'_>> {
        self.0.fact_of(key)
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<NewSession> {
        self.0.begin(Self::ACTION, permit.caller(), room)
    }
}
