//! Founding a server: its root key's first source, its first account, and an administrator.

use std::net::{IpAddr, Ipv4Addr};

use crypto::{log_key::LogKey, root::RootKey, unseal::Source};
use model::{
    AccountId, Action, At, Error, PrincipalName, Region, Result,
    canon::Canonical,
    claim::{Door, Origin, RequestId},
    error::Existing,
};
use store::Write;

use crate::{
    Engine,
    call::Mode,
    caller::{Caller, Identity},
    entry,
    op::{CreateAccessKey, CreatePrincipal, NewAccessKey},
    open::Open,
    pending::Pending,
    place,
};

/// What a new server starts with.
pub struct Founding {
    /// Its root key.
    pub root: RootKey,
    /// The first way back to the root key, and its name.
    pub source: (String, Source),
    /// Its first account.
    pub account: AccountId,
    /// The administrator's name.
    pub administrator: String,
    /// The administrator's identity policy.
    pub policy: String,
}

impl Engine {
    /// Founds a server on an empty store and leaves it unsealed. Returns the administrator's
    /// access key, whose secret is not shown again.
    ///
    /// # Errors
    ///
    /// [`Error::AlreadyExists`] when the store was initialised before: nothing is changed.
    pub fn initialise(&self, founding: Founding, at: At) -> Result<NewAccessKey> {
        let Founding { root, source, account, administrator, policy } = founding;
        if self.is_initialised()? {
            return Err(Error::AlreadyExists(Existing::Principal(administrator)));
        }
        let system_account = place::system_account()?;
        let (system, system_sealed) = root.new_account(system_account)?;
        let (_, account_sealed) = root.new_account(account)?;
        let log_key = LogKey::generate()?;
        let log_key_sealed = root.seal_log_key(&log_key)?;
        let (name, source) = source;
        let source = model::Sealed::assertion(source.to_canonical());
        let writes = [
            (place::account_keys(system_account)?, system_sealed),
            (place::account_keys(account)?, account_sealed),
            (place::log_key()?, log_key_sealed),
            (place::unseal_source(&name)?, source),
        ];
        let changes = writes.map(|(place, value)| Write { place, expected: 0, value: Some(value) });
        let options = audit::Options::default();
        let log = audit::Log::create(&self.log_dir, log_key, &self.log_origin, options)
            .map_err(|_| entry::STOPPED)?;
        self.install(Open::new(root, system, log), None);
        let open = self.opened()?;
        let caller = self.system_caller(account)?;
        let told = entry::of_call(
            &caller,
            at,
            Action::Initialise,
            vec![account.to_string()],
            None,
            audit::Outcome::Allowed,
        )?;
        Pending::new((), self.commit(&open, changes.into(), &told)?).wait()?;
        let name = PrincipalName::user(account, &administrator)?;
        let create = CreatePrincipal { name: name.clone(), policies: vec![policy] };
        self.call(&caller, &create, at, Mode::Run)?.wait()?;
        self.call(&caller, &CreateAccessKey { principal: name }, at, Mode::Run)?.wait()
    }

    /// Strongroom's own principal in an account, for what it does of itself.
    pub(crate) fn system_caller(&self, account: AccountId) -> Result<Caller> {
        let name = PrincipalName::system(account);
        let identity = Identity { arn: name.arn().into(), name, policies: Vec::new() };
        let origin = Origin {
            door: Door::System,
            source: IpAddr::V4(Ipv4Addr::LOCALHOST),
            request: RequestId(crypto::random::array()?),
        };
        let region: Region = match self.regions().first() {
            Some(region) => region.clone(),
            None => return Err(Error::Internal("no region is served")),
        };
        Ok(Caller::new(identity.into(), origin, region))
    }
}
