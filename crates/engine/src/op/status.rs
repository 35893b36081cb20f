//! How the server stands: what its cryptography runs on and how far its log is.

use model::{Action, Error, Region, Result, error::Unavailable};

use crate::{
    gate::{Demand, Operation, Permit, Weight},
    room::Room,
};

/// Read how the server stands. A sealed server knows nobody, so only an unsealed one answers.
pub struct ReadStatus;

/// How the server stands.
#[derive(Debug)]
pub struct Status {
    /// The regions that are served.
    pub regions: Vec<Region>,
    /// The cryptographic library and its version.
    pub library: String,
    /// How many self-tests passed at the start.
    pub self_tests: usize,
    /// The system call that protects secret memory: `memfd_secret` or `mlock`.
    pub protection: &'static str,
    /// How full secret memory is.
    pub memory: crypto::secmem::Counters,
    /// How far the audit log is.
    pub log: audit::Status,
}

impl Operation for ReadStatus {
    type Reply = Status;
    const ACTION: Action = Action::ReadStatus;
    const WEIGHT: Weight = Weight::Light;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::nothing(Self::ACTION)])
    }

    fn run(&self, _permit: &Permit<Self>, room: &mut Room<'_>) -> Result<Status> {
        let module = crypto::status().ok_or(Error::Unavailable(Unavailable::Crypto))?;
        Ok(Status {
            regions: room.engine().regions().to_vec(),
            library: module.library,
            self_tests: module.self_tests,
            protection: match module.protection {
                crypto::secmem::Protection::MemfdSecret => "memfd_secret",
                crypto::secmem::Protection::Locked => "mlock",
            },
            memory: crypto::secmem::counters(),
            log: room.engine().log_status()?,
        })
    }
}
