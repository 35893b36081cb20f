//! The HTTPS listener: connections, limits, and which door a path leads to.

use std::{
    future::poll_fn,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::Poll,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use engine::Engine;
use http::{Method, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use model::{claim::RequestId, limits};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

use super::{
    pace::{LOOK_INTERVAL, Looks, Order, Pace},
    peer,
    pool::Pool,
};
use crate::clock::Clock;

/// Longest TLS handshake.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// Most connections at the same time.
const CONNECTIONS_MAX: usize = 4096;

/// What the listener counts.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) connections: AtomicU64,
    pub(crate) requests: AtomicU64,
    pub(crate) handshakes_failed: AtomicU64,
}

/// What every connection shares.
pub(crate) struct Server {
    engine: Arc<Engine>,
    pool: Arc<Pool>,
    clock: Clock,
    acceptor: TlsAcceptor,
    counters: Arc<Counters>,
}

impl Server {
    pub(crate) fn new(
        engine: Arc<Engine>,
        pool: Arc<Pool>,
        clock: Clock,
        tls: Arc<rustls::ServerConfig>,
    ) -> Self {
        Self { engine, pool, clock, acceptor: TlsAcceptor::from(tls), counters: Arc::default() }
    }

    pub(crate) fn counters(&self) -> Arc<Counters> {
        self.counters.clone()
    }

    async fn answer(
        &self,
        request: http::Request<Incoming>,
        source: IpAddr,
        certificates: &Arc<[Vec<u8>]>,
        pace: &Pace,
    ) -> Response<Bytes> {
        self.counters.requests.fetch_add(1, Relaxed);
        let (head, body) = request.into_parts();
        if let Some(health) = self.health(&head) {
            return health;
        }
        pace.body();
        let body = match collect(body).await {
            Ok(body) => body,
            Err(status) => return plain(status, "the body cannot be read\n"),
        };
        pace.answer();
        let Ok(id) = crypto::random::id() else {
            return plain(StatusCode::SERVICE_UNAVAILABLE, "the generator does not work\n");
        };
        let (id, at) = (RequestId(id), self.clock.now());
        if head.uri.path().starts_with(api::PREFIX) {
            let certificates = certificates.clone();
            let request = api::Request { head, body, certificates, source, id, at };
            api::answer(&self.engine, &*self.pool, request).await
        } else {
            let request = aws::Request { head, body, source, id, at };
            aws::answer(&self.engine, &*self.pool, request).await
        }
    }

    /// Whether the process lives, and whether it can serve: for load balancers, without
    /// credentials, and all that a sealed server answers.
    fn health(&self, head: &http::request::Parts) -> Option<Response<Bytes>> {
        if head.method != Method::GET {
            return None;
        }
        match head.uri.path() {
            "/healthz" => Some(plain(StatusCode::OK, "ok\n")),
            "/readyz" if self.engine.is_sealed() => {
                Some(plain(StatusCode::SERVICE_UNAVAILABLE, "sealed\n"))
            }
            "/readyz" => Some(plain(StatusCode::OK, "ready\n")),
            _ => None,
        }
    }
}

/// A body of at most [`limits::BODY_LEN_MAX`] bytes. One that came in a single piece, as most do,
/// is not copied.
async fn collect(body: Incoming) -> Result<Bytes, StatusCode> {
    let mut body = Limited::new(body, limits::BODY_LEN_MAX);
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            if error.downcast_ref::<LengthLimitError>().is_some() {
                StatusCode::PAYLOAD_TOO_LARGE
            } else {
                StatusCode::BAD_REQUEST
            }
        })?;
        let Ok(piece) = frame.into_data() else {
            continue; // Trailers say nothing here.
        };
        if first.is_empty() && all.is_empty() {
            first = piece;
        } else {
            all.extend_from_slice(&std::mem::take(&mut first));
            all.extend_from_slice(&piece);
        }
    }
    Ok(if all.is_empty() { first } else { all.freeze() })
}

fn plain(status: StatusCode, text: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(text.as_bytes()));
    *response.status_mut() = status;
    let kind = header::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// Accepts connections until told to stop, then waits for those that are open.
pub(crate) async fn serve(
    server: Arc<Server>,
    listener: TcpListener,
    mut stopping: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    let looks = Looks::default();
    let mut paces: Vec<Weak<Pace>> = Vec::new();
    let mut interval = tokio::time::interval(LOOK_INTERVAL);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = interval.tick() => {
                looks.look();
                paces.retain(|pace| pace.upgrade().is_some_and(|pace| {
                    if pace.is_too_slow() {
                        pace.tell(Order::Leave);
                    }
                    true
                }));
                continue;
            }
            _ = stopping.changed() => break,
        };
        while connections.try_join_next().is_some() {}
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(_) => {
                // Out of descriptors, most likely: let some connections end first.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Ok(permit) = room.clone().try_acquire_owned() else {
            continue; // Dropped: more than can be served.
        };
        let pace = Arc::new(Pace::new(looks.clone()));
        paces.push(Arc::downgrade(&pace));
        let server = server.clone();
        connections.spawn(async move {
            connection(server, stream, peer, pace).await;
            drop(permit);
        });
    }
    drop(listener);
    for pace in paces.iter().filter_map(Weak::upgrade) {
        pace.tell(Order::Finish);
    }
    while connections.join_next().await.is_some() {}
}

async fn connection(server: Arc<Server>, stream: TcpStream, peer: SocketAddr, pace: Arc<Pace>) {
    server.counters.connections.fetch_add(1, Relaxed);
    // Replies are small and whole: waiting to fill a segment only delays them.
    let _ = stream.set_nodelay(true);
    let handshake = tokio::time::timeout(HANDSHAKE_MAX, server.acceptor.accept(stream));
    let Ok(Ok(stream)) = handshake.await else {
        server.counters.handshakes_failed.fetch_add(1, Relaxed);
        return;
    };
    let certificates = peer::certificates(stream.get_ref().1);
    let service = service_fn(|request| {
        let answer = server.answer(request, peer.ip(), &certificates, &pace);
        let pace = &pace;
        async move {
            let response = answer.await;
            pace.head();
            Ok::<_, std::convert::Infallible>(response.map(Full::new))
        }
    });
    let mut http = http1::Builder::new();
    // The pace of a peer is looked after here, not with a timer a request.
    http.header_read_timeout(None).max_buf_size(limits::HEAD_LEN_MAX);
    let connection = http.serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let mut finishing = false;
    poll_fn(|context| {
        match pace.order(context) {
            Order::Serve => {}
            Order::Finish if finishing => {}
            Order::Finish => {
                finishing = true;
                connection.as_mut().graceful_shutdown();
            }
            Order::Leave => return Poll::Ready(()),
        }
        // What a peer breaks is the peer's affair.
        connection.as_mut().poll(context).map(drop)
    })
    .await;
}
