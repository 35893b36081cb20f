//! The native door: principals, their access keys and how the server stands, as JSON under
//! `/api/v1`.
//!
//! **Invariants.** A door translates: there is no cryptography, no policy, no clock and no socket
//! here. Every request but one takes one path: [`answer`] has the engine identify the caller,
//! looks the route up in one table, and only then reads the body. The one is that which unseals the
//! server: a sealed server knows nobody. The same table is served as the API's
//! description (OpenAPI 3.1).
//!
//! **To add an operation:** its verb in `route.rs`, a row in `table.rs`, and its function in `dispatch.rs`.

mod access_key;
mod authenticate;
mod call;
mod certificate;
mod clock;
mod dispatch;
#[cfg(test)]
mod door_tests;
mod error;
mod issuer;
mod openapi;
mod principal;
mod query;
mod role;
mod root;
mod route;
mod shape;
mod status;
mod table;
#[cfg(test)]
mod tests;

use std::{net::IpAddr, sync::Arc};

use bytes::Bytes;
use engine::{Engine, Offload};
use http::{HeaderName, HeaderValue, Response, header, request::Parts};
use model::{
    At,
    claim::{Chain, Door, Origin, RequestId},
};

use crate::{call::Call, error::Refusal, route::Found};

/// What the paths of this door start with.
pub const PREFIX: &str = "/api/v1/";

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const NOT_CACHED: HeaderValue = HeaderValue::from_static("no-store");
const SCHEME: HeaderValue = HeaderValue::from_static("AWS4-HMAC-SHA256");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request, as the binary took it off a connection: bounded, complete, not trusted.
#[derive(Debug)]
pub struct Request {
    /// Method, URI and headers.
    pub head: Parts,
    /// The whole body; the binary has refused more than `limits::BODY_LEN_MAX` bytes.
    pub body: Bytes,
    /// The chain of client certificates in DER whose first the peer's key belongs to, as the
    /// connection's handshake proved; empty when it showed none.
    pub certificates: Arc<Chain>,
    /// The peer's address.
    pub source: IpAddr,
    /// The id this request goes by, in the reply and in the audit log.
    pub id: RequestId,
    /// When it came.
    pub at: At,
}

/// Why a request was refused: an extension of the response, for the binary's log and metrics.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Failure {
    /// The code, as the caller was told.
    pub code: &'static str,
    /// What the caller was not told: the defect behind `internal`.
    pub detail: Option<&'static str>,
}

/// Answers a request: with the operation's reply, or with
/// `{"error":{"code":"not-found","message":"one clear sentence"}}` under the status that fits.
///
/// `x-request-id` is the request's id as a UUID. A refusal carries a [`Failure`] in its
/// extensions. A body that held an access key's secret is wiped when its last handle is dropped.
pub async fn answer(engine: &Arc<Engine>, pool: &dyn Offload, request: Request) -> Response<Bytes> {
    let mut response = match operate(engine, pool, &request).await {
        Ok(response) => response,
        // Whatever was wrong with a request, a sealed server says that it is sealed.
        Err(_) if engine.is_sealed() && !root::is_to_unseal(&request.head) => {
            refused(&model::Error::Sealed.into())
        }
        Err(refusal) => refused(&refusal),
    };
    let has_body = !response.body().is_empty();
    let headers = response.headers_mut();
    if has_body {
        headers.insert(header::CONTENT_TYPE, JSON);
    }
    headers.insert(header::CACHE_CONTROL, NOT_CACHED);
    if let Ok(id) = HeaderValue::from_str(&uuid(request.id)) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

/// Identity, then route, then content: who is not known learns nothing of what is here.
async fn operate(
    engine: &Arc<Engine>,
    pool: &dyn Offload,
    request: &Request,
) -> Result<Response<Bytes>, Refusal> {
    let Request { head, body, certificates, source, id, at } = request;
    let origin = Origin { door: Door::Api, source: *source, request: *id };
    if root::is_to_unseal(head) {
        return Ok(Response::new(root::take(engine, pool, body, origin, *at).await?));
    }
    let caller = authenticate::caller(engine, head, body, certificates, origin, *at)?;
    let Found { route, values } = route::find(table::ROUTES, &head.method, head.uri.path())?;
    let query = head.uri.query().unwrap_or_default();
    let call = Call { engine, pool, caller, body, query, values, at: *at };
    let mut response = Response::new(dispatch::run(route.verb, &call).await?);
    *response.status_mut() = route.success;
    Ok(response)
}

fn refused(refusal: &Refusal) -> Response<Bytes> {
    let mut response = Response::new(refusal.body());
    *response.status_mut() = refusal.status();
    let headers = response.headers_mut();
    match refusal.status() {
        http::StatusCode::UNAUTHORIZED => {
            headers.insert(header::WWW_AUTHENTICATE, SCHEME);
        }
        http::StatusCode::TOO_MANY_REQUESTS => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        _ => {}
    }
    if let Some(methods) = refusal.allow().and_then(|methods| HeaderValue::from_str(methods).ok()) {
        headers.insert(header::ALLOW, methods);
    }
    let failure = Failure { code: refusal.code(), detail: refusal.detail() };
    response.extensions_mut().insert(failure);
    response
}

/// A request id in the form of RFC 9562.
fn uuid(RequestId(bytes): RequestId) -> String {
    let mut text = String::with_capacity(36);
    for (i, byte) in bytes.into_iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}
