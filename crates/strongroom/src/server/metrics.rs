//! Metrics in Prometheus's text format, on an address of their own.

use std::{
    convert::Infallible,
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use bytes::Bytes;
use engine::Engine;
use http::{Response, StatusCode, header};
use http_body_util::Full;
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, sync::Semaphore};

use super::accept::Counters;

/// Longest time for a request and its answer, together.
const CONNECTION_MAX: Duration = Duration::from_secs(10);
/// How long nothing is accepted after nothing could be.
const PAUSE: Duration = Duration::from_millis(50);

/// What is counted of each listener.
#[derive(Clone, Default)]
pub(crate) struct Counted {
    pub(crate) https: Arc<Counters>,
    pub(crate) kmip: Arc<Counters>,
}

/// Serves `GET /metrics`, a request a connection and at most `room` at the same time.
pub(crate) async fn serve(
    engine: Arc<Engine>,
    counted: Counted,
    listener: TcpListener,
    room: usize,
) {
    let room = Arc::new(Semaphore::new(room));
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let Ok(permit) = room.clone().try_acquire_owned() else {
            continue; // Dropped: more than can be served.
        };
        let (engine, counted) = (engine.clone(), counted.clone());
        tokio::spawn(async move {
            let service = service_fn(|request: http::Request<hyper::body::Incoming>| {
                let page = (request.uri().path() == "/metrics").then(|| page(&engine, &counted));
                async move { Ok::<_, Infallible>(respond(page)) }
            });
            let mut http = http1::Builder::new();
            http.keep_alive(false);
            let connection = http.serve_connection(TokioIo::new(stream), service);
            // What a peer breaks is the peer's affair.
            let _ = tokio::time::timeout(CONNECTION_MAX, connection).await;
            drop(permit);
        });
    }
}

fn respond(page: Option<String>) -> Response<Full<Bytes>> {
    let status = if page.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let mut response = Response::new(Full::new(Bytes::from(page.unwrap_or_default())));
    *response.status_mut() = status;
    let kind = header::HeaderValue::from_static("text/plain; version=0.0.4");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn page(engine: &Engine, counted: &Counted) -> String {
    let memory = crypto::secmem::counters();
    let as_u64 = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let mut rows: Vec<Row> = vec![
        ("strongroom_sealed", "gauge", "1 while the server is sealed", engine.is_sealed().into()),
        (
            "strongroom_unseal_refused_total",
            "counter",
            "what did not unseal the server",
            engine.unseal_refusals(),
        ),
        (
            "strongroom_secret_memory_used_bytes",
            "gauge",
            "secret memory in use",
            as_u64(memory.bytes_used),
        ),
        (
            "strongroom_secret_memory_total_bytes",
            "gauge",
            "secret memory there is",
            as_u64(memory.bytes_total),
        ),
    ];
    rows.extend(of_listeners(counted));
    if let Ok(log) = engine.log_status() {
        let failed = log.failure.is_some().into();
        let help = "1 while the audit log takes or signs nothing";
        rows.push(("strongroom_audit_failed", "gauge", help, failed));
        rows.push(("strongroom_audit_entries_total", "counter", "entries", log.next_index));
        rows.push(("strongroom_audit_synced_total", "counter", "synced entries", log.synced));
    }
    for (name, value) in engine.key_cache_counters() {
        rows.push((name, "counter", "keys kept ready", value));
    }
    let mut page = String::new();
    for (name, kind, help, value) in rows {
        // Writing to a string does not fail.
        let _ = writeln!(page, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
    }
    page
}

/// Name, kind, help and value.
type Row = (&'static str, &'static str, &'static str, u64);

fn of_listeners(Counted { https, kmip }: &Counted) -> [Row; 6] {
    let row = |name, help, count: &AtomicU64| (name, "counter", help, count.load(Relaxed));
    [
        row("strongroom_connections_total", "accepted", &https.connections),
        row("strongroom_requests_total", "HTTP requests", &https.requests),
        row(
            "strongroom_handshakes_failed_total",
            "TLS handshakes that failed",
            &https.handshakes_failed,
        ),
        row("strongroom_kmip_connections_total", "accepted for KMIP", &kmip.connections),
        row("strongroom_kmip_requests_total", "KMIP messages but over HTTP", &kmip.requests),
        row(
            "strongroom_kmip_handshakes_failed_total",
            "TLS handshakes for KMIP that failed",
            &kmip.handshakes_failed,
        ),
    ]
}
