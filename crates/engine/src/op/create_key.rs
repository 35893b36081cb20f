//! Generation: a new key, its material made by the approved generator.

use std::collections::BTreeMap;

use model::{
    AccountId, Action, Error, Key, KeyId, ObjectName, Region, Result,
    algorithm::{KeySpec, KeyUsage},
    error::Invalid,
    key::{Cryptoperiod, HeldKey, Life, Version, Versions},
    material::KeyOrigin,
    object::{Attributes, Kind},
    policy::Value,
};

use super::{
    attributes::{self, KeyAttributes},
    key_policy,
    tag::{self, Tag},
};
use crate::{
    facts,
    gate::{Demand, Operation, Permit, Weight},
    names,
    record::KeyRecord,
    room::Room,
};

/// Make a key.
pub struct CreateKey {
    /// Its account.
    pub account: AccountId,
    /// Its region.
    pub region: Region,
    /// Algorithm and size.
    pub spec: KeySpec,
    /// Its purpose; may be left out where the spec has one only.
    pub usage: Option<KeyUsage>,
    /// At most 8192 characters.
    pub description: String,
    /// Its policy; left out, the account's own policies decide.
    pub policy: Option<String>,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// Whether the caller may lock themselves out of changing the policy.
    pub bypass_lockout_check: bool,
}

impl CreateKey {
    fn usage(&self) -> Result<KeyUsage> {
        match (self.usage, self.spec.usages()) {
            (None, [only]) if self.spec == KeySpec::Aes256 => Ok(*only),
            (None, _) => Err(Error::Invalid(Invalid::UsageNeeded)),
            (Some(usage), allowed) if allowed.contains(&usage) => Ok(usage),
            (Some(usage), _) => {
                Err(Error::Invalid(Invalid::UsageNotForSpec(usage, self.spec.into())))
            }
        }
    }
}

impl Operation for CreateKey {
    type Reply = KeyAttributes;
    const ACTION: Action = Action::CreateKey;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        let mut demands = vec![Demand::account(Self::ACTION, self.account)];
        if !self.tags.is_empty() {
            demands.push(Demand::account(Action::TagResource, self.account));
        }
        Ok(demands)
    }

    fn is_slow(&self) -> bool {
        self.spec.has_primes()
    }

    fn fact(&self, key: &str) -> Option<Value<'_>> {
        match key {
            "kms:keyspec" | "kms:customermasterkeyspec" => {
                Some(facts::text(names::key_spec(self.spec)))
            }
            "kms:keyusage" | "kms:customermasterkeyusage" => {
                self.usage().ok().map(|usage| facts::text(names::key_usage(usage)))
            }
            "kms:keyorigin" => Some(facts::text("AWS_KMS")),
            "kms:multiregion" => Some(facts::text("false")),
            _ => key_policy::fact(key, self.bypass_lockout_check)
                .or_else(|| tag::fact(key, &self.tags)),
        }
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<KeyAttributes> {
        let usage = self.usage()?;
        room.makeable(self.spec)?;
        attributes::check_description(&self.description)?;
        let id = KeyId::from_random(crypto::random::array()?);
        let name = ObjectName { account: self.account, region: self.region.clone(), id };
        let policy = match &self.policy {
            Some(text) => {
                let (arn, bypass) = (name.arn(), self.bypass_lockout_check);
                key_policy::check(room, self, permit.caller(), &arn, name.account, text, bypass)?;
                text.clone()
            }
            None => (room.engine().language().default_key_policy)(self.account),
        };
        let made = room.generate(self.account, self.spec)?;
        let now = room.at().wall;
        let first = Version {
            number: 1,
            material: made.material,
            life: Life::active_from(now),
            created: now,
            content: made.sealed.into(),
            public: made.public,
            rotated: None,
            description: None,
        };
        let key = HeldKey {
            name,
            kind: if self.spec.is_symmetric() { Kind::SymmetricKey } else { Kind::PrivateKey },
            spec: self.spec.into(),
            purposes: usage.purposes(),
            created: now,
            suspended: false,
            deletion: None,
            period: Cryptoperiod::default(),
            origin: KeyOrigin::Internal,
            schedule: None,
            versions: Versions::first(first),
        };
        let mut record = KeyRecord {
            key: Key::Held(key),
            description: self.description.clone(),
            policy,
            tags: BTreeMap::new(),
            aliases: Vec::new(),
            attributes: Attributes {
                bits: self.spec.bits(),
                generated: true,
                fresh: true,
                extractable: true,
                last_change: now,
                ..Attributes::default()
            },
        };
        tag::set(&mut record, &self.tags)?;
        room.create_key(&record)?;
        KeyAttributes::of(&record, room.at())
    }
}
