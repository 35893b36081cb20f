//! Who sends this request: from its head, or from its connection, to the engine's word.

use engine::{Caller, Engine};
use http::{HeaderMap, HeaderValue, header, request::Parts};
use model::{
    At, Claim, Error,
    claim::{CertificateClaim, Chain, Origin},
    error::Unauthenticated,
};
use sigv4::{Malformed, Signature};

use crate::error::Refusal;

const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// Has the engine check the signature that `head` bears over itself and `body`. A request without
/// one is the holder's of the connection's client certificate, if it showed any.
///
/// # Errors
/// `unauthenticated` when there is neither, the signature is malformed, or what there is does not
/// hold. A certificate never stands in for a signature that fails.
pub(crate) fn caller(
    engine: &Engine,
    head: &Parts,
    body: &[u8],
    certificates: &Chain,
    origin: Origin,
    at: At,
) -> Result<Caller, Refusal> {
    match Signature::of(head) {
        Ok(signature) => Ok(engine.identify(&Claim::SigV4(signature.claim(body)), origin, at)?),
        Err(Malformed::Missing) if !certificates.is_empty() => {
            by_certificate(engine, head, certificates, origin, at)
        }
        Err(malformed) => Err(malformed.into()),
    }
}

fn by_certificate(
    engine: &Engine,
    head: &Parts,
    chain: &Chain,
    origin: Origin,
    at: At,
) -> Result<Caller, Refusal> {
    // A browser shows its user's certificate to whatever page asks: a page of another site must
    // not act in the user's name.
    if is_of_a_page(&head.headers) {
        return Err(Refusal::unauthenticated(
            "A request of a web page is not taken on a certificate alone: sign it.",
        ));
    }
    // A credential besides is what KMIP's requests can bear.
    let claim = Claim::Certificate(CertificateClaim { chain, credential: None });
    engine.identify(&claim, origin, at).map_err(|error| match error {
        Error::Unauthenticated(reason) => Refusal::unauthenticated(sentence(reason)),
        error => error.into(),
    })
}

/// Whether a page asks, by what browsers say: where the page is from, with every change, and with
/// every request how that stands to whom it asks (Fetch Metadata). Of that, `none` is a person at
/// the address bar, and this server has no pages.
fn is_of_a_page(headers: &HeaderMap) -> bool {
    let site = headers.get(SEC_FETCH_SITE).map(HeaderValue::as_bytes);
    headers.contains_key(header::ORIGIN)
        || site.is_some_and(|site| !matches!(site, b"none" | b"same-origin"))
}

fn sentence(reason: Unauthenticated) -> &'static str {
    match reason {
        Unauthenticated::Expired => "The client certificate has expired.",
        Unauthenticated::NotYetValid => "The client certificate is not valid yet.",
        Unauthenticated::Ambiguous => {
            "By the rules of this server the client certificate is several principals'."
        }
        Unauthenticated::Blocked => "The client certificate is blocked.",
        Unauthenticated::CredentialNeeded => {
            "The client certificate is for KMIP only, with a credential in each request."
        }
        Unauthenticated::UnknownCredential
        | Unauthenticated::BadSignature
        | Unauthenticated::WrongService
        | Unauthenticated::WrongRegion
        | Unauthenticated::TokenExpired
        | Unauthenticated::InvalidToken
        | Unauthenticated::UnknownIssuer
        | Unauthenticated::WrongAudience => {
            "The client certificate is not registered with this server."
        }
    }
}
