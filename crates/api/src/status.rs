//! How the server stands.

use bytes::Bytes;
use engine::{
    Confinement,
    op::{self, Status},
};
use serde::Serialize;

use crate::{
    call::{Call, json},
    clock::{CLOCK, Clock},
    error::Refusal,
    root::{self, NamedWay},
    shape::{Kind, Member, Shape},
};

/// The output of [`read`].
pub(crate) static STATUS: Shape = Shape {
    name: "Status",
    members: &[
        Member::new("version", Kind::Text, "The server's version."),
        Member::new("sealed", Kind::Flag, "False: a sealed server answers 503 instead."),
        Member::new("unseal", Kind::List(&Kind::Object(&root::WAY)), "The ways to unseal it."),
        Member::new("root_key", Kind::Object(&root::ROTATED), "The root key."),
        Member::optional("process", Kind::Object(&PROCESS), "How far the process is confined."),
        Member::new("regions", Kind::List(&Kind::Text), "The regions that are served."),
        Member::new("algorithm_policy", Kind::Text, "default, fips or cnsa2."),
        Member::new("crypto", Kind::Object(&CRYPTO), "The cryptographic module."),
        Member::new("secret_memory", Kind::Object(&MEMORY), "Where keys are while in use."),
        Member::new("clock", Kind::Object(&CLOCK), "What time it is, and how sure that is."),
        Member::new("audit", Kind::Object(&AUDIT), "The audit log."),
    ],
};

static CRYPTO: Shape = Shape {
    name: "CryptoStatus",
    members: &[
        Member::new("library", Kind::Text, "The library and its version."),
        Member::new("self_tests", Kind::Count, "How many self-tests passed at the start."),
    ],
};

static MEMORY: Shape = Shape {
    name: "SecretMemoryStatus",
    members: &[
        Member::new("protection", Kind::Text, "memfd_secret or mlock."),
        Member::new("used_bytes", Kind::Count, "Bytes in use."),
        Member::new("total_bytes", Kind::Count, "Bytes there are."),
        Member::new("slots", Kind::Count, "Pieces in use."),
    ],
};

static PROCESS: Shape = Shape {
    name: "ProcessStatus",
    members: &[
        Member::new("landlock", Kind::Text, "enforced, partly enforced or not enforced."),
        Member::new("seccomp", Kind::Text, "enforced or not enforced."),
        Member::new("privileges", Kind::Text, "dropped or kept."),
    ],
};

static AUDIT: Shape = Shape {
    name: "AuditStatus",
    members: &[
        Member::new("next_index", Kind::Count, "The index that the next entry gets."),
        Member::new("synced", Kind::Count, "Entries below this are on the disk."),
        Member::new("checkpoint", Kind::Count, "Entries below this are signed."),
        Member::optional("failure", Kind::Text, "Why it takes or signs nothing, if so."),
    ],
};

#[derive(Serialize)]
struct Answer {
    version: &'static str,
    sealed: bool,
    unseal: Vec<NamedWay>,
    root_key: RootKey,
    #[serde(skip_serializing_if = "Option::is_none")]
    process: Option<Process>,
    regions: Vec<String>,
    algorithm_policy: &'static str,
    crypto: Crypto,
    secret_memory: Memory,
    clock: Clock,
    audit: Audit,
}

#[derive(Serialize)]
struct RootKey {
    version: u32,
}

#[derive(Serialize)]
struct Process {
    landlock: &'static str,
    seccomp: &'static str,
    privileges: &'static str,
}

impl From<Confinement> for Process {
    fn from(Confinement { landlock, seccomp, privileges }: Confinement) -> Self {
        Self { landlock, seccomp, privileges }
    }
}

#[derive(Serialize)]
struct Crypto {
    library: String,
    self_tests: usize,
}

#[derive(Serialize)]
struct Memory {
    protection: &'static str,
    used_bytes: usize,
    total_bytes: usize,
    slots: usize,
}

#[derive(Serialize)]
struct Audit {
    next_index: u64,
    synced: u64,
    checkpoint: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
}

/// Read how the server stands.
pub(crate) async fn read(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let status = call.perform(op::ReadStatus).await?;
    let Status { regions, ways, root_version, library, self_tests, .. } = status;
    let Status { protection, memory, confinement, at, log, .. } = status;
    json(&Answer {
        version: env!("CARGO_PKG_VERSION"),
        sealed: call.engine.is_sealed(),
        unseal: ways.into_iter().map(NamedWay::from).collect(),
        root_key: RootKey { version: root_version },
        process: confinement.map(Process::from),
        regions: regions.iter().map(ToString::to_string).collect(),
        algorithm_policy: call.engine.algorithms().name(),
        crypto: Crypto { library, self_tests },
        secret_memory: Memory {
            protection,
            used_bytes: memory.bytes_used,
            total_bytes: memory.bytes_total,
            slots: memory.slots,
        },
        clock: at.into(),
        audit: Audit {
            next_index: log.next_index,
            synced: log.synced,
            checkpoint: log.checkpoint,
            failure: log.failure.map(|failure| failure.to_string()),
        },
    })
}
