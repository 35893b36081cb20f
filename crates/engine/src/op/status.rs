//! How the server stands: what its cryptography runs on, how far its process is confined, how it
//! is unsealed and how far its log is.

use model::{Action, At, Error, Region, Result, error::Unavailable};

use crate::{
    Confinement,
    gate::{Demand, Operation, Permit, Weight},
    offer::Way,
    room::Room,
};

/// Read how the server stands. A sealed server knows nobody, so only an unsealed one answers.
pub struct ReadStatus;

/// How the server stands.
#[derive(Debug)]
pub struct Status {
    /// The regions that are served.
    pub regions: Vec<Region>,
    /// The ways to unseal it, by name.
    pub ways: Vec<(String, Way)>,
    /// The version of its root key.
    pub root_version: u32,
    /// The cryptographic library and its version.
    pub library: String,
    /// How many self-tests passed at the start.
    pub self_tests: usize,
    /// The system call that protects secret memory: `memfd_secret` or `mlock`.
    pub protection: &'static str,
    /// How full secret memory is.
    pub memory: crypto::secmem::Counters,
    /// How far the process is confined, if that was told.
    pub confinement: Option<Confinement>,
    /// The server's time, and how far its clock is relied on.
    pub at: At,
    /// How far the audit log is.
    pub log: audit::Status,
}

impl Operation for ReadStatus {
    type Reply = Status;
    const ACTION: Action = Action::ReadStatus;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::server(Self::ACTION)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Status> {
        let module = crypto::status().ok_or(Error::Unavailable(Unavailable::Crypto))?;
        let engine = room.engine();
        Ok(Status {
            regions: engine.regions().to_vec(),
            ways: engine.ways()?,
            root_version: room.root_version(),
            library: module.library,
            self_tests: module.self_tests,
            protection: match module.protection {
                crypto::secmem::Protection::MemfdSecret => "memfd_secret",
                crypto::secmem::Protection::Locked => "mlock",
            },
            memory: crypto::secmem::counters(),
            confinement: engine.confinement().cloned(),
            at: room.at(),
            log: engine.log_status()?,
        })
    }
}
