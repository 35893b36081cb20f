//! Where a request stands: whose it is, and in which account and region its names are read.

use engine::Caller;
use model::{AccountId, Region};

/// The account and region that bare names belong to, and who says them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// The caller's account.
    pub(crate) account: AccountId,
    /// The region the request is for.
    pub(crate) region: &'a Region,
    /// The caller, as the policy language writes it.
    pub(crate) caller_arn: &'a str,
}

impl<'a> Place<'a> {
    /// The place of a caller.
    pub(crate) fn of(caller: &'a Caller) -> Self {
        Self {
            account: caller.principal().account,
            region: caller.region(),
            caller_arn: caller.arn(),
        }
    }

    /// The place, as operations take it.
    pub(crate) fn pair(&self) -> (AccountId, Region) {
        (self.account, self.region.clone())
    }
}
