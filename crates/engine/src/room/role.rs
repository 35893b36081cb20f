//! Roles and issuers of tokens, to an operation that runs.

use model::{AccountId, PrincipalName, Result, canon::Canonical};

use super::Room;
use crate::{
    open::{self, Read},
    place,
    record::{IssuerRecord, RoleRecord},
};

impl Room<'_> {
    /// A role's record; none of an account that there is not.
    pub(crate) fn role(&self, name: &PrincipalName) -> Result<Read<RoleRecord>> {
        self.of_principal(name)
    }

    /// The record of an issuer of tokens; none of an account that there is not.
    pub(crate) fn issuer(&self, name: &PrincipalName) -> Result<Read<IssuerRecord>> {
        self.of_principal(name)
    }

    fn of_principal<T: Canonical>(&self, name: &PrincipalName) -> Result<Read<T>> {
        if !self.open.has_account(self.engine.store(), name.account)? {
            return Ok(Read { value: None, revision: 0 });
        }
        let keys = self.keys(name.account)?;
        self.open.read(self.view, &keys, &place::principal(name)?)
    }

    /// Writes or removes a role's record, which was read at `revision`.
    pub(crate) fn put_role(
        &mut self,
        name: &PrincipalName,
        revision: u64,
        record: Option<&RoleRecord>,
    ) -> Result<()> {
        self.put_of_principal(name, revision, record)
    }

    /// Writes or removes an issuer's record, which was read at `revision`.
    pub(crate) fn put_issuer(
        &mut self,
        name: &PrincipalName,
        revision: u64,
        record: Option<&IssuerRecord>,
    ) -> Result<()> {
        self.put_of_principal(name, revision, record)
    }

    fn put_of_principal<T: Canonical>(
        &mut self,
        name: &PrincipalName,
        revision: u64,
        record: Option<&T>,
    ) -> Result<()> {
        let place = place::principal(name)?;
        match record {
            Some(record) => self.put(name.account, place, revision, record),
            None => {
                self.remove(place, revision);
                Ok(())
            }
        }
    }

    /// The roles of an account, after a name, in byte order.
    pub(crate) fn roles_after(
        &self,
        account: AccountId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, RoleRecord)>> {
        self.named_after(account, &place::roles(account), after, limit)
    }

    /// The issuers of an account, after an address, in byte order.
    pub(crate) fn issuers_after(
        &self,
        account: AccountId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, IssuerRecord)>> {
        self.named_after(account, &place::issuers(account), after, limit)
    }

    fn named_after<T: Canonical>(
        &self,
        account: AccountId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, T)>> {
        let keys = self.keys(account)?;
        let records = self.scan(prefix, after, limit)?;
        let named = records.iter().map(|record| {
            let name = place::user_name(&record.place, prefix)
                .ok_or(model::Error::Internal("a principal at a wrong place"))?;
            Ok((name.to_owned(), open::unseal(&keys, record)?))
        });
        named.collect()
    }

    /// The keys of an account that there is.
    pub(crate) fn account_keys(
        &self,
        account: AccountId,
    ) -> Result<std::sync::Arc<crypto::root::AccountKeys>> {
        self.keys(account)
    }

    /// Has the entry name what is made, though nothing is kept of it.
    pub(crate) fn note_made(&mut self, name: &str) {
        self.made.push(name.to_owned());
    }
}
