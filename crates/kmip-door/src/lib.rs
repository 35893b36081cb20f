//! The KMIP door: messages of databases, disks and storage arrays to operations of the engine, and
//! back.
//!
//! **Invariants.** A door translates: there is no cryptography, no policy, no clock and no socket
//! here. What a message is, in any encoding and version, is `kmip`'s affair; what may be done and
//! what is done is the engine's. Each item of a batch is one `call`, under the identity that the
//! connection's certificate proves anew for every message; those of a batch that is undone when one
//! of them fails are one `Together`. What is answered later is [`Work`] that the program is handed
//! with the answer: no task is spawned here.

mod algorithms;
mod answers;
mod attributes;
mod batch;
mod call;
mod dispatch;
mod failed;
mod later;
mod material;
mod op;
mod outstanding;
mod parameters;
mod part;
mod split_part;
mod templates;
mod transparent;
mod unwrap;

use std::{net::IpAddr, sync::Arc};

use engine::{Engine, Offload};
use kmip::Encoding;
pub use later::Work;
use model::{
    At, Secret,
    claim::{Chain, RequestId},
};
use outstanding::Outstanding;

/// What is shared by all connections.
pub struct Door {
    engine: Arc<Engine>,
    pool: Arc<dyn Offload>,
    outstanding: Arc<Outstanding>,
}

/// A message, as the binary took it off a connection: bounded, complete, not trusted.
pub struct Request<'a> {
    /// In which encoding it is.
    pub encoding: Encoding,
    /// The whole message; the binary has refused more than `limits::KMIP_MESSAGE_LEN_MAX` bytes.
    pub message: &'a [u8],
    /// The chain of client certificates in DER whose first the peer's key belongs to, as the
    /// connection's handshake proved; empty when it showed none.
    pub certificates: &'a Chain,
    /// The peer's address.
    pub source: IpAddr,
    /// The id this message goes by in the audit log.
    pub id: RequestId,
    /// When it came.
    pub at: At,
}

/// What is sent back.
pub struct Answer {
    /// The response, in the request's encoding.
    pub message: Secret,
    /// Whether nothing more is taken from this connection: what came was no message, so that it
    /// is not known where the next one begins.
    pub closes: bool,
    /// Whether the engine knows who asked: somebody unknown is refused everything.
    pub is_known: bool,
    /// What the caller was not told: the defect behind a general failure. Words of ours.
    pub defect: Option<&'static str>,
    /// What was asked for and is to be answered later: the program drives it to its end, whatever
    /// becomes of the connection, and has [`Door::expire`] called from time to time.
    pub later: Option<Work>,
}

impl Door {
    /// A door to an engine, whose slow work is done on `pool`.
    pub fn new(engine: Arc<Engine>, pool: Arc<dyn Offload>) -> Self {
        Self { engine, pool, outstanding: Arc::default() }
    }

    /// Answers a message.
    pub async fn answer(&self, request: Request<'_>) -> Answer {
        batch::answer(self, request).await
    }

    /// Forgets the results of what was answered later that nobody obtains: those that are too old,
    /// and all of them once the server is sealed. Whether any request is outstanding.
    pub fn expire(&self, at: At) -> bool {
        self.outstanding.expire(at, self.engine.is_sealed())
    }
}
