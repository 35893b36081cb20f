//! The HTTPS listener: connections, limits, and which door a path leads to.

use std::{
    future::poll_fn,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::{Arc, atomic::Ordering::Relaxed},
};

use bytes::Bytes;
use engine::Engine;
use http::{Method, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use model::{
    claim::{Chain, RequestId},
    limits,
};
use tokio::net::TcpStream;

use super::{
    accept::Counters,
    body::Bodies,
    http_kmip,
    kmip::Kmip,
    log,
    pace::{Order, Pace},
    peer,
    pool::Pool,
    tell,
    tls::Tls,
};
use crate::clock::Clock;

/// Where the two APIs put a request's id.
const REQUEST_IDS: [&str; 2] = ["x-amzn-requestid", "x-request-id"];

/// What every connection shares.
pub(crate) struct Server {
    pub(crate) engine: Arc<Engine>,
    pub(crate) pool: Arc<Pool>,
    pub(crate) clock: Clock,
    pub(crate) tls: Tls,
    pub(crate) bodies: Arc<Bodies>,
    pub(crate) kmip: Arc<Kmip>,
    pub(crate) counters: Arc<Counters>,
}

impl Server {
    /// Serves a connection until its peer ends it or it is told to finish.
    pub(crate) async fn serve(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        pace: Arc<Pace>,
    ) {
        let Some(stream) = self.tls.accept(stream).await else {
            return;
        };
        let certificates = peer::certificates(stream.get_ref().1);
        let service = service_fn(|request| {
            let answer = self.answer(request, peer.ip(), &certificates, &pace);
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
            if !finishing && pace.order(context) != Order::Serve {
                finishing = true;
                connection.as_mut().graceful_shutdown();
            }
            // What a peer breaks is the peer's affair.
            connection.as_mut().poll(context).map(drop)
        })
        .await;
    }

    async fn answer(
        &self,
        request: http::Request<Incoming>,
        source: IpAddr,
        certificates: &Arc<Chain>,
        pace: &Pace,
    ) -> Response<Bytes> {
        self.counters.requests.fetch_add(1, Relaxed);
        let (head, body) = request.into_parts();
        if let Some(health) = self.health(&head) {
            return health;
        }
        pace.body();
        // The room is held until there is an answer.
        let longest = match head.uri.path() {
            http_kmip::PATH => limits::KMIP_MESSAGE_LEN_MAX,
            _ => limits::BODY_LEN_MAX,
        };
        let (body, _held) = match self.bodies.take(body, longest).await {
            Ok(taken) => taken,
            Err((status, sentence)) => return plain(status, sentence),
        };
        pace.answer();
        let Ok(id) = crypto::random::id() else {
            return plain(StatusCode::SERVICE_UNAVAILABLE, "the generator does not work\n");
        };
        let (id, at) = (RequestId(id), self.clock.now());
        let response = match head.uri.path() {
            http_kmip::PATH => match http_kmip::encoding(&head) {
                Ok(encoding) => {
                    let (message, certificates) = (&*body, &**certificates);
                    let request =
                        kmip_door::Request { encoding, message, certificates, source, id, at };
                    http_kmip::response(encoding, self.kmip.answer(request).await)
                }
                Err((status, sentence)) => {
                    let mut refused = plain(status, sentence);
                    refused.headers_mut().insert(header::ALLOW, http_kmip::ALLOWED);
                    refused
                }
            },
            path if path.starts_with(api::PREFIX) => {
                let certificates = certificates.clone();
                let request = api::Request { head, body, certificates, source, id, at };
                api::answer(&self.engine, &*self.pool, request).await
            }
            _ if sts::is_for(&head) => {
                let request = sts::Request { head, body, source, id, at };
                sts::answer(&self.engine, &*self.pool, request).await
            }
            _ => {
                let request = aws::Request { head, body, source, id, at };
                aws::answer(&self.engine, &*self.pool, request).await
            }
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
    let aws = || told.get::<aws::Failure>().and_then(|failure| failure.detail);
    let sts = || told.get::<sts::Failure>().and_then(|failure| failure.detail);
    let detail = api.or_else(aws).or_else(sts)?;
    let id = REQUEST_IDS.iter().find_map(|name| response.headers().get(*name)?.to_str().ok());
    Some(super::defect(id.unwrap_or("without an id"), detail))
}

fn plain(status: StatusCode, text: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(text.as_bytes()));
    *response.status_mut() = status;
    let kind = header::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
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
