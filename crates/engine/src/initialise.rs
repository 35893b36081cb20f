//! Founding a server: its root key and the ways to it, its first account, and an administrator.

use std::net::{IpAddr, Ipv4Addr};

use crypto::{certificate_key::CertificateKey, log_key::LogKey, root::RootKey, unseal::Source};
use model::{
    AccountId, Action, At, Error, PrincipalName, Region, Result, Wall,
    claim::{Door, Origin, RequestId},
    error::Existing,
};
use store::Write;

use crate::{
    Engine,
    caller::{Acting, Caller, Identity, unique_id},
    entry,
    op::{NewAccessKey, new_administrator, new_client},
    open::Open,
    pending::Pending,
    place,
    room::{Made, Pace, Room},
    source,
};

/// What a new server starts with.
pub struct Founding {
    /// Its root key.
    pub root: RootKey,
    /// The ways back to the root key, one or more, by name.
    pub sources: Vec<(String, Source)>,
    /// Its first account, the operator's.
    pub account: AccountId,
    /// The administrator's name.
    pub administrator: String,
    /// The administrator's identity policy.
    pub policy: String,
    /// A further user, if there is one from the start.
    pub client: Option<FirstClient>,
}

/// A user of a new server that shows who it is by a certificate.
pub struct FirstClient {
    /// Its name.
    pub name: String,
    /// Its identity policy.
    pub policy: String,
    /// The certificate in DER.
    pub certificate: Vec<u8>,
}

impl Engine {
    /// Founds a server on an empty store and leaves it unsealed. Returns the administrator's
    /// access key, whose secret is not shown again. All of it is one commit, so a server is
    /// founded wholly or not at all; only a new log's folder may be left of one that was not.
    ///
    /// # Errors
    ///
    /// [`Error::AlreadyExists`] when the store was initialised before: nothing is changed.
    pub fn initialise(&self, founding: Founding, at: At) -> Result<NewAccessKey> {
        if self.is_initialised()? {
            return Err(Error::AlreadyExists(Existing::Principal(founding.administrator)));
        }
        let founded = self.found(founding, at);
        if founded.is_err() {
            self.seal();
        }
        founded
    }

    fn found(&self, founding: Founding, at: At) -> Result<NewAccessKey> {
        let Founding { root, sources, account, administrator, policy, client } = founding;
        if sources.is_empty() {
            return Err(Error::Internal("a server without a way to its root key"));
        }
        let system_account = place::system_account()?;
        let (system, system_sealed) = root.new_account(system_account)?;
        let (account_keys, account_sealed) = root.new_account(account)?;
        let log_key = LogKey::generate()?;
        let authority_key = root.seal_certificate_key(&CertificateKey::generate()?)?;
        let under_root = [
            (place::account_keys(system_account)?, system_sealed),
            (place::account_keys(account)?, account_sealed),
            (place::log_key()?, root.seal_log_key(&log_key)?),
            (place::authority_key()?, authority_key),
        ];
        let log =
            audit::Log::create(&self.log_dir, log_key, &self.log_origin, audit::Options::default())
                .map_err(|_| entry::STOPPED)?;
        let open = Open::new(root, system, account, log).with_account(account, account_keys);
        self.install(open, None);
        let open = self.opened()?;

        let mut room = Room::new(self, &open, at, Pace::Any);
        for (place, value) in under_root {
            room.write(Write { place, expected: 0, value: Some(value) });
        }
        let mut names = vec![account.to_string()];
        for (name, source) in sources {
            room.write(source::write(&name, &source, 0)?);
            names.push(name);
        }
        room.seal_under(&open.root())?;
        room.found_operator(account)?;
        let administrator = PrincipalName::user(account, &administrator)?;
        let access_key = new_administrator(&mut room, &administrator, policy)?;
        names.push(administrator.arn());
        if let Some(FirstClient { name, policy, certificate }) = client {
            let client = PrincipalName::user(account, &name)?;
            let fingerprint = new_client(&mut room, &client, policy, &certificate)?;
            names.extend([client.arn(), fingerprint]);
        }
        let Made { changes, names: made, aftermath: _, spent } = room.into_made();
        names.extend(made);
        let (caller, outcome) = (self.system_caller(account)?, audit::Outcome::Allowed);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let told = entry::of_call(&caller, at, Action::Initialise, &names, None, outcome)?;
        Pending::new(access_key, self.commit(&open, changes, &told, spent)?).wait()
    }

    /// Strongroom's own principal in an account, for what it does of itself.
    pub(crate) fn system_caller(&self, account: AccountId) -> Result<Caller> {
        let name = PrincipalName::system(account);
        let (arn, unique_id) = (name.arn().into(), unique_id(&name, Wall(0)));
        let (policies, blocked, tags) = Default::default();
        let identity = Identity { name, arn, unique_id, policies, blocked, tags };
        let origin = Origin {
            door: Door::System,
            source: IpAddr::V4(Ipv4Addr::LOCALHOST),
            request: RequestId(crypto::random::array()?),
        };
        let region: Region = match self.regions().first() {
            Some(region) => region.clone(),
            None => return Err(Error::Internal("no region is served")),
        };
        Ok(Caller::new(identity.into(), Acting::Itself, origin, region))
    }
}
