//! Lists, a page at a time.

use model::{
    AccountId, Action, Error, KeyId, ObjectName, Region, Result, Wall,
    error::{Invalid, Missing},
    name::AliasName,
};

use super::tag::Tag;
use crate::{
    gate::{Demand, Operation, Permit, Weight},
    reference::{AliasRef, KeyRef},
    room::Room,
};

/// Which part of a list.
#[derive(Clone, Debug)]
pub struct Page {
    /// At most so many, at least 1.
    pub limit: usize,
    /// After this, the [`Listing::next`] of the page before.
    pub after: Option<String>,
}

/// A part of a list.
#[derive(Debug)]
pub struct Listing<T> {
    /// The part.
    pub items: Vec<T>,
    /// Where the next page begins, if there is more.
    pub next: Option<String>,
}

impl<T> Listing<T> {
    /// Cuts what was found with one more than the limit to the page.
    pub(super) fn cut(mut items: Vec<T>, page: &Page, marker: impl Fn(&T) -> String) -> Self {
        let more = items.len() > page.limit;
        items.truncate(page.limit);
        let next = if more { items.last().map(marker) } else { None };
        Self { items, next }
    }
}

/// List the keys of an account and region.
pub struct ListKeys {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// Which part.
    pub page: Page,
}

/// List the aliases of an account and region, or of one key.
pub struct ListAliases {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// Only those of this key.
    pub key: Option<KeyRef>,
    /// Which part.
    pub page: Page,
}

/// An alias and what it points to.
#[derive(Debug)]
pub struct AliasEntry {
    /// The alias.
    pub alias: AliasRef,
    /// The key.
    pub key: KeyId,
    /// When it was made.
    pub created: Wall,
    /// When it was last pointed elsewhere.
    pub updated: Wall,
}

/// List a key's tags.
pub struct ListResourceTags {
    /// The key.
    pub key: KeyRef,
    /// Which part.
    pub page: Page,
}

impl Operation for ListKeys {
    type Reply = Listing<ObjectName>;
    const ACTION: Action = Action::ListKeys;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::account(Self::ACTION, self.account)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Listing<ObjectName>> {
        let (limit, after) = (self.page.limit + 1, self.page.after.as_deref());
        if after.is_some_and(|marker| marker.parse::<KeyId>().is_err()) {
            return Err(Error::Invalid(Invalid::Marker));
        }
        let ids = room.keys_after(self.account, &self.region, after, limit)?;
        let page = Listing::cut(ids, &self.page, KeyId::to_string);
        let mut items = Vec::with_capacity(page.items.len());
        for id in page.items {
            let name = ObjectName { account: self.account, region: self.region.clone(), id };
            // A tombstone keeps its place and is not listed: the page is shorter then.
            match room.key_named(&name) {
                Ok(_) => items.push(name),
                Err(Error::NotFound(Missing::Key(_))) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Listing { items, next: page.next })
    }
}

impl Operation for ListAliases {
    type Reply = Listing<AliasEntry>;
    const ACTION: Action = Action::ListAliases;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        let mut demands = vec![Demand::account(Self::ACTION, self.account)];
        demands.extend(self.key.iter().map(|key| Demand::account(Self::ACTION, key.account)));
        Ok(demands)
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Listing<AliasEntry>> {
        let (limit, after) = (self.page.limit + 1, self.page.after.as_deref());
        if after.is_some_and(|marker| marker.parse::<AliasName>().is_err()) {
            return Err(Error::Invalid(Invalid::Marker));
        }
        let items = match &self.key {
            None => {
                let found = room.aliases_after(self.account, &self.region, after, limit)?;
                found.into_iter().map(|(alias, record)| entry(alias, &record)).collect()
            }
            Some(reference) => {
                let key = room.key(reference)?;
                let names = key.aliases().iter().filter(|a| after.is_none_or(|m| a.as_str() > m));
                let mut items = Vec::new();
                for name in names.take(limit) {
                    let alias = AliasRef {
                        account: self.account,
                        region: self.region.clone(),
                        alias: name.clone(),
                    };
                    if let Some(record) = room.alias(&alias)?.value {
                        items.push(entry(alias, &record));
                    }
                }
                items
            }
        };
        Ok(Listing::cut(items, &self.page, |entry| entry.alias.alias.to_string()))
    }
}

fn entry(alias: AliasRef, record: &crate::record::AliasRecord) -> AliasEntry {
    AliasEntry { alias, key: record.key, created: record.created, updated: record.updated }
}

impl Operation for ListResourceTags {
    type Reply = Listing<Tag>;
    const ACTION: Action = Action::ListResourceTags;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn run(&self, permit: &Permit<'_, Self>, _room: &mut Room<'_>) -> Result<Listing<Tag>> {
        let after = self.page.after.as_deref();
        let tags = permit.key()?.record().tags.iter();
        let items = tags
            .filter(|(name, _)| after.is_none_or(|marker| name.as_str() > marker))
            .take(self.page.limit + 1)
            .map(|(name, value)| Tag { name: name.clone(), value: value.clone() })
            .collect();
        Ok(Listing::cut(items, &self.page, |tag| tag.name.clone()))
    }
}
