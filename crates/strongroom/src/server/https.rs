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

use bytes::Bytes;
use engine::Engine;
use http::{Method, Response, StatusCode, header};
use http_body_util::Full;
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
    body::Bodies,
    log,
    pace::{LOOK_INTERVAL, Looks, Order, Pace},
    peer,
    pool::Pool,
    tell,
    workers::Workers,
};
use crate::clock::Clock;

/// Longest TLS handshake.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);

/// Where the two APIs put a request's id.
const REQUEST_IDS: [&str; 2] = ["x-amzn-requestid", "x-request-id"];

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
    bodies: Bodies,
    counters: Arc<Counters>,
}

impl Server {
    pub(crate) fn new(
        engine: Arc<Engine>,
        pool: Arc<Pool>,
        clock: Clock,
        tls: Arc<rustls::ServerConfig>,
    ) -> Self {
        Self {
            engine,
            pool,
            clock,
            acceptor: TlsAcceptor::from(tls),
            bodies: Bodies::default(),
            counters: Arc::default(),
        }
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
        // The room is held until there is an answer.
        let (body, _held) = match self.bodies.take(body).await {
            Ok(taken) => taken,
            Err((status, sentence)) => return plain(status, sentence),
        };
        pace.answer();
        let Ok(id) = crypto::random::id() else {
            return plain(StatusCode::SERVICE_UNAVAILABLE, "the generator does not work\n");
        };
        let (id, at) = (RequestId(id), self.clock.now());
        let response = if head.uri.path().starts_with(api::PREFIX) {
            let certificates = certificates.clone();
            let request = api::Request { head, body, certificates, source, id, at };
            api::answer(&self.engine, &*self.pool, request).await
        } else {
            let request = aws::Request { head, body, source, id, at };
            aws::answer(&self.engine, &*self.pool, request).await
        };
        if let Some(defect) = defect(&response) {
            tell(&defect);
        }
        response
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
            "/readyz" => Some(match log::failure(&self.engine) {
                Some(failure) => plain(StatusCode::SERVICE_UNAVAILABLE, log::words(&failure)),
                None => plain(StatusCode::OK, "ready\n"),
            }),
            _ => None,
        }
    }
}

/// What the operator is told of an answer behind which is a defect: the request's id as in the
/// answer, and words of ours. Nothing that a caller has written.
fn defect(response: &Response<Bytes>) -> Option<String> {
    let told = response.extensions();
    let api = told.get::<api::Failure>().and_then(|failure| failure.detail);
    let detail = api.or_else(|| told.get::<aws::Failure>().and_then(|failure| failure.detail))?;
    let id = REQUEST_IDS.iter().find_map(|name| response.headers().get(*name)?.to_str().ok());
    Some(format!("a defect met request {}: {detail}", id.unwrap_or("without an id")))
}

fn plain(status: StatusCode, text: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(text.as_bytes()));
    *response.status_mut() = status;
    let kind = header::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// Accepts connections, at most `room` at the same time, until told to stop, then waits for those
/// that are open.
pub(crate) async fn serve(
    server: Arc<Server>,
    listener: TcpListener,
    room: usize,
    mut stopping: watch::Receiver<bool>,
    mut workers: Workers,
) {
    let room = Arc::new(Semaphore::new(room));
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
        workers.serve(&mut connections, stream, async move |stream| {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_defect_is_told_with_the_request_it_met_and_a_refusal_is_not() {
        let mut response = plain(StatusCode::INTERNAL_SERVER_ERROR, "");
        assert_eq!(defect(&response), None);
        response.headers_mut().insert("x-request-id", header::HeaderValue::from_static("7-8"));
        let (code, detail) = ("internal", Some("a row at a wrong place"));
        response.extensions_mut().insert(api::Failure { code, detail });
        let told = defect(&response);
        assert_eq!(told.as_deref(), Some("a defect met request 7-8: a row at a wrong place"));
        response.extensions_mut().insert(api::Failure { code: "not-found", detail: None });
        assert_eq!(defect(&response), None);
        response.extensions_mut().insert(aws::Failure { kind: "KMSInternalException", detail });
        assert!(defect(&response).is_some());
    }
}
