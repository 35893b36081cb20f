//! The KMIP listener: message after message over TLS, from peers that show a certificate. And the
//! door behind it, which takes the same messages from HTTPS too.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{
            AtomicBool,
            Ordering::{Relaxed, SeqCst},
        },
    },
    time::Duration,
};

use kmip::Encoding;
use kmip_door::{Answer, Door, Request, Work};
use model::{
    Secret,
    claim::{Chain, RequestId},
    name::Uuid,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{
    accept::Counters,
    body::Bodies,
    defect,
    framing::{self, Came},
    pace::Pace,
    peer, tell,
    tls::Tls,
};
use crate::clock::Clock;

/// How often it is seen to that results which nobody obtains are forgotten.
const EXPIRY_INTERVAL: Duration = Duration::from_secs(1);

/// The door, whose defects the operator is told of, and whose work for later is done.
pub(crate) struct Kmip {
    door: Arc<Door>,
    clock: Clock,
    /// Whether somebody sees to it that results are forgotten.
    expires: Arc<AtomicBool>,
}

impl Kmip {
    pub(crate) fn new(door: Door, clock: Clock) -> Self {
        Self { door: Arc::new(door), clock, expires: Arc::default() }
    }

    /// Answers a message.
    pub(super) async fn answer(&self, request: Request<'_>) -> Answer {
        let id = Uuid::of(&request.id.0);
        let mut answer = self.door.answer(request).await;
        if let Some(detail) = answer.defect {
            tell(&defect(id.as_str(), detail));
        }
        if let Some(work) = answer.later.take() {
            self.work(work, id);
        }
        answer
    }

    /// Does what is answered later, on this thread, whatever becomes of the connection.
    fn work(&self, work: Work, id: Uuid) {
        tokio::spawn(async move {
            if let Some(detail) = work.await {
                tell(&defect(id.as_str(), detail));
            }
        });
        if !self.expires.swap(true, SeqCst) {
            tokio::spawn(expire(self.door.clone(), self.clock, self.expires.clone()));
        }
    }
}

/// Has results forgotten as long as there are any.
async fn expire(door: Arc<Door>, clock: Clock, is_on: Arc<AtomicBool>) {
    loop {
        tokio::time::sleep(EXPIRY_INTERVAL).await;
        if door.expire(clock.now()) {
            continue;
        }
        is_on.store(false, SeqCst);
        // What came in between found that it was seen to.
        if !door.expire(clock.now()) || is_on.swap(true, SeqCst) {
            return;
        }
    }
}

/// What every connection shares.
pub(crate) struct Server {
    pub(crate) kmip: Arc<Kmip>,
    pub(crate) clock: Clock,
    pub(crate) tls: Tls,
    pub(crate) bodies: Arc<Bodies>,
    pub(crate) counters: Arc<Counters>,
}

impl Server {
    /// Serves a connection until its peer ends it, sends what is no message, or it is told to
    /// finish.
    pub(crate) async fn serve(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        pace: Arc<Pace>,
    ) {
        let Some(mut stream) = self.tls.accept(stream).await else {
            return;
        };
        let certificates = peer::certificates(stream.get_ref().1);
        // What a peer breaks is the peer's affair.
        if self.converse(&mut stream, &certificates, peer.ip(), &pace).await.is_ok() {
            pace.reply();
            let _ = stream.shutdown().await;
        }
    }

    /// Answers messages in the order in which they come, one after the other.
    async fn converse(
        &self,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
        certificates: &Chain,
        source: IpAddr,
        pace: &Pace,
    ) -> io::Result<()> {
        loop {
            let begun = tokio::select! {
                biased;
                () = pace.ending() => return Ok(()),
                begun = framing::begin(stream) => begun?,
            };
            let Some(beginning) = begun else {
                return Ok(());
            };
            pace.body();
            // The room is held as long as the message is.
            let (message, held, is_last) = match beginning.rest(stream, &self.bodies).await? {
                Came::Message(message, held) => (message, held, false),
                // The door has words for it.
                Came::NoMessage(bytes) => (bytes, None, true),
            };
            pace.answer();
            let answer = self.answer(message, certificates, source).await?;
            drop(held);
            if answer.is_known {
                pace.know();
            }
            pace.reply();
            stream.write_all(answer.message.expose()).await?;
            stream.flush().await?;
            if is_last || answer.closes {
                return Ok(());
            }
            pace.idle();
        }
    }

    /// Stamps a message and has the door answer it.
    async fn answer(
        &self,
        message: Secret,
        certificates: &Chain,
        source: IpAddr,
    ) -> io::Result<Answer> {
        self.counters.requests.fetch_add(1, Relaxed);
        let id = RequestId(crypto::random::id().map_err(|_| io::ErrorKind::Other)?);
        let (encoding, message, at) = (Encoding::Ttlv, message.expose(), self.clock.now());
        let request = Request { encoding, message, certificates, source, id, at };
        Ok(self.kmip.answer(request).await)
    }
}
