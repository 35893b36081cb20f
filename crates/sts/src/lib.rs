//! The door for AWS's Security Token Service: who one is, and sessions of roles. The Query protocol
//! over HTTPS: parameters as forms write them, answers in XML, signed with Signature Version 4 for
//! the service `sts`.
//!
//! **Invariants.** A door translates: there is no cryptography, no policy, no clock and no socket
//! here. What is signed is not read before the engine has identified the caller; a token is taken
//! apart by its reader, and verified by the engine. Whatever happens, there is an answer.
//!
//! What differs from AWS is listed in `docs/aws.md`.

#[cfg(test)]
mod door_tests;
mod error;
mod form;
mod input;
mod operate;
mod xml;

use std::{net::IpAddr, sync::Arc};

use bytes::Bytes;
use engine::{Engine, Offload};
use http::{HeaderName, HeaderValue, Method, Response, StatusCode, header, request::Parts};
use model::{At, Error, claim::RequestId, name::Uuid};

use crate::{
    error::{Asked, Refusal},
    xml::Xml,
};

const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("text/xml");
const NOT_CACHED: HeaderValue =
    HeaderValue::from_static("no-cache, no-store, must-revalidate, private");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const FORM: &str = "application/x-www-form-urlencoded";

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
    /// The error's code, as the caller was told.
    pub code: &'static str,
    /// What the caller was not told: the defect behind an `InternalFailure`.
    pub detail: Option<&'static str>,
}

/// Whether a request at the path `/` is for this door and not for the AWS KMS API: its parameters
/// are a form or a query, and it has no `X-Amz-Target`.
pub fn is_for(head: &Parts) -> bool {
    let is_form = |value: &HeaderValue| {
        let kind = value.as_bytes().get(..FORM.len());
        kind.is_some_and(|kind| kind.eq_ignore_ascii_case(FORM.as_bytes()))
    };
    let of_query = |query: &str| query.split('&').any(|pair| pair.starts_with("Action="));
    !head.headers.contains_key("x-amz-target")
        && head.uri.path() == "/"
        && (head.headers.get(header::CONTENT_TYPE).is_some_and(is_form)
            || head.method == Method::GET && head.uri.query().is_some_and(of_query))
}

/// Answers a request: with the operation's reply, or with the API's error for what is wrong.
///
/// Content-Type is `text/xml`, and `x-amzn-RequestId` is the request's id as a UUID. A refusal
/// carries a [`Failure`] in its extensions. A body that held a secret is wiped when its last handle
/// is dropped.
pub async fn answer(engine: &Arc<Engine>, pool: &dyn Offload, request: Request) -> Response<Bytes> {
    let id = Uuid::of(&request.id.0);
    let mut response = match operate::operate(engine, pool, &request).await {
        Ok(body) => Response::new(body),
        // Whatever was wrong with a request, a sealed server says that it is sealed.
        Err(_) if engine.is_sealed() => {
            refused(&Refusal::of(Error::Sealed, Asked::WithToken), id.as_str())
        }
        Err(refusal) => refused(&refusal, id.as_str()),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, CONTENT_TYPE);
    headers.insert(header::CACHE_CONTROL, NOT_CACHED);
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

fn refused(refusal: &Refusal, id: &str) -> Response<Bytes> {
    let body = Xml::document("ErrorResponse", |xml| {
        xml.element("Error", |xml| {
            xml.text("Type", refusal.kind())
                .text("Code", refusal.code())
                .text("Message", refusal.message());
        })
        .text("RequestId", id);
    });
    let mut response = Response::new(body);
    *response.status_mut() = refusal.status();
    if refusal.status() == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, POST"));
    }
    let failure = Failure { code: refusal.code(), detail: refusal.detail() };
    response.extensions_mut().insert(failure);
    response
}
