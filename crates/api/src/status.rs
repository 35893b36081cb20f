//! How the server stands.

use bytes::Bytes;
use engine::op::{self, Status};
use serde::Serialize;

use crate::{
    call::{Call, json},
    error::Refusal,
    shape::{Kind, Member, Shape},
};

/// The output of [`read`].
pub(crate) static STATUS: Shape = Shape {
    name: "Status",
    members: &[
        Member::new("version", Kind::Text, "The server's version."),
        Member::new("sealed", Kind::Flag, "Whether it is sealed; then it answers 503 instead."),
        Member::new("regions", Kind::List(&Kind::Text), "The regions that are served."),
        Member::new("crypto", Kind::Object(&CRYPTO), "The cryptographic module."),
        Member::new("secret_memory", Kind::Object(&MEMORY), "Where keys are while in use."),
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
    regions: Vec<String>,
    crypto: Crypto,
    secret_memory: Memory,
    audit: Audit,
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
    let Status { regions, library, self_tests, protection, memory, log } =
        call.perform(op::ReadStatus).await?;
    json(&Answer {
        version: env!("CARGO_PKG_VERSION"),
        sealed: call.engine.is_sealed(),
        regions: regions.iter().map(ToString::to_string).collect(),
        crypto: Crypto { library, self_tests },
        secret_memory: Memory {
            protection,
            used_bytes: memory.bytes_used,
            total_bytes: memory.bytes_total,
            slots: memory.slots,
        },
        audit: Audit {
            next_index: log.next_index,
            synced: log.synced,
            checkpoint: log.checkpoint,
            failure: log.failure.map(|failure| failure.to_string()),
        },
    })
}
