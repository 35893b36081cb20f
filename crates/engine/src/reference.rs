//! How requests name keys and aliases.

use model::{AccountId, KeyId, Region, name::AliasName};

/// How a request names a key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyRef {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// The name within them.
    pub by: By,
}

/// A key's name within its account and region.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum By {
    /// Its id.
    Id(KeyId),
    /// One of its aliases.
    Alias(AliasName),
}

/// An alias with its place.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct AliasRef {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// The alias.
    pub alias: AliasName,
}

impl AliasRef {
    /// How the policy language writes it.
    pub fn arn(&self) -> String {
        let (region, account) = (self.region.as_str(), self.account.as_str());
        ["arn:aws:kms:", region, ":", account, ":alias/", self.alias.as_str()].concat()
    }
}
