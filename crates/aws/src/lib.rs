//! The door for AWS KMS's API: JSON 1.1 over HTTPS, signed with Signature Version 4.
//!
//! **Invariants.** A door translates: there is no cryptography, no policy, no clock and no socket
//! here. Every request takes one path: [`answer`] checks the form, has the engine identify the
//! caller, and only then reads the body; the operation's file turns it into a value of
//! `engine::op` and the reply into JSON. Whatever happens, there is an answer.
//!
//! **To add an operation:** one row in `table.rs` and its file under `wire/`.
//!
//! What differs from AWS is listed in `docs/aws.md`.

mod base64;
mod call;
#[cfg(test)]
mod door_tests;
mod error;
mod json;
mod key_ref;
mod place;
mod table;
mod validate;
mod wire;

use std::{net::IpAddr, sync::Arc};

use bytes::Bytes;
use engine::{Engine, Offload};
use http::{HeaderName, HeaderValue, Method, Response, StatusCode, header, request::Parts};
use model::{
    At, Claim, Error,
    claim::{Door, Origin, RequestId},
    name::Uuid,
};

use sigv4::Signature;

use crate::{call::Call, error::Refusal, json::Object};

const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.1");
const NOT_CACHED: HeaderValue =
    HeaderValue::from_static("no-cache, no-store, must-revalidate, private");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// A request, as the binary took it off a connection: bounded, complete, not trusted.
#[derive(Debug)]
pub struct Request {
    /// Method, URI and headers.
    pub head: Parts,
    /// The whole body; the binary has refused more than `limits::BODY_LEN_MAX` bytes.
    pub body: Bytes,
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
    /// The exception's name, as the caller was told.
    pub kind: &'static str,
    /// What the caller was not told: the defect behind a `KMSInternalException`.
    pub detail: Option<&'static str>,
}

/// Answers a request: with the operation's reply, or with the API's exception for what is wrong.
///
/// Content-Type is `application/x-amz-json-1.1`, and `x-amzn-RequestId` is the request's id as a
/// UUID. A refusal carries a [`Failure`] in its extensions. A body that held a plaintext is wiped
/// when its last handle is dropped.
///
/// What would hold up the thread that serves the connection is done on `pool`.
pub async fn answer(engine: &Arc<Engine>, pool: &dyn Offload, request: Request) -> Response<Bytes> {
    let id = request.id;
    let mut response = match operate(engine, pool, request).await {
        Ok(body) => Response::new(body),
        // Whatever was wrong with a request, a sealed server says that it is sealed.
        Err(_) if engine.is_sealed() => refused(&Refusal::of(Error::Sealed, None)),
        Err(refusal) => refused(&refusal),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, CONTENT_TYPE);
    headers.insert(header::CACHE_CONTROL, NOT_CACHED);
    if let Ok(id) = HeaderValue::from_str(Uuid::of(&id.0).as_str()) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

/// Form, then identity, then content: nothing of a body is read before its sender is known.
async fn operate(
    engine: &Arc<Engine>,
    pool: &dyn Offload,
    request: Request,
) -> Result<Bytes, Refusal> {
    let Request { head, body, source, id, at } = request;
    if head.uri.path() != "/" {
        let message = "The AWS KMS API is at the path /.";
        return Err(Refusal::not_of_the_api(StatusCode::NOT_FOUND, message));
    }
    if head.method != Method::POST {
        let message = "The AWS KMS API takes POST requests only.";
        return Err(Refusal::not_of_the_api(StatusCode::METHOD_NOT_ALLOWED, message));
    }
    let signature = Signature::of(&head)?;
    let origin = Origin { door: Door::Aws, source, request: id };
    let caller = engine
        .identify(&Claim::SigV4(signature.claim(&body)), origin, at)
        .map_err(|error| Refusal::of(error, None))?;
    let operation =
        operation_name(&head).and_then(table::find).ok_or_else(Refusal::unknown_operation)?;
    // It has been read: others that wait may have its memory.
    drop(head);
    table::run(operation, Call::new(engine, pool, &caller, body, at)).await
}

/// The operation that `X-Amz-Target` names, e.g. `Encrypt`.
fn operation_name(head: &Parts) -> Option<&str> {
    let mut targets = head.headers.get_all(TARGET).iter();
    match (targets.next(), targets.next()) {
        (Some(target), None) => target.to_str().ok()?.strip_prefix("TrentService."),
        _ => None,
    }
}

fn refused(refusal: &Refusal) -> Response<Bytes> {
    let body = Object::new()
        .text("__type", refusal.kind())
        .maybe_text("message", refusal.message())
        .body();
    let mut response = Response::new(body);
    *response.status_mut() = refusal.status();
    if refusal.status() == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    }
    let failure = Failure { kind: refusal.kind(), detail: refusal.detail() };
    response.extensions_mut().insert(failure);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(targets: &[&str]) -> Parts {
        let mut request = http::Request::post("/");
        for target in targets.iter().copied() {
            request = request.header(TARGET, target);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn the_target_names_one_operation() {
        assert_eq!(operation_name(&head(&["TrentService.Encrypt"])), Some("Encrypt"));
        assert_eq!(operation_name(&head(&["Encrypt"])), None);
        assert_eq!(operation_name(&head(&[])), None);
        let twice = head(&["TrentService.Encrypt", "TrentService.Decrypt"]);
        assert_eq!(operation_name(&twice), None);
    }

    #[test]
    fn a_refusal_has_a_type_and_leaves_out_what_it_does_not_say() {
        let refusal =
            Refusal::of(model::Error::NotAuthentic(model::error::Unauthentic::Ciphertext), None);
        let response = refused(&refusal);
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(response.body(), "{\"__type\":\"InvalidCiphertextException\"}");
        let failure = response.extensions().get::<Failure>().unwrap();
        assert_eq!(failure.kind, "InvalidCiphertextException");
    }
}
