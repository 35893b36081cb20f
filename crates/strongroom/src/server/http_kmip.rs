//! KMIP messages in bodies of HTTP (KMIP Profiles, HTTPS): in any encoding, each a request of its
//! own. Where the next message begins is HTTP's affair, whether or not this one was any.

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header, request::Parts};
use kmip::Encoding;
use kmip_door::Answer;
use model::Secret;

use super::body::Refusal;

/// Where messages are taken.
pub(super) const PATH: &str = "/kmip";
/// The methods by which they are.
pub(super) const ALLOWED: HeaderValue = HeaderValue::from_static("POST");

/// In which encoding a request brings a message. No web page brings one with its reader's
/// certificate: these are not among the media types that a page may send elsewhere unasked.
pub(super) fn encoding(head: &Parts) -> Result<Encoding, Refusal> {
    if head.method != Method::POST {
        return Err((StatusCode::METHOD_NOT_ALLOWED, "a KMIP message comes by POST\n"));
    }
    let media_type = head.headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
    media_type.and_then(Encoding::of_media_type).ok_or((
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "a KMIP message is application/octet-stream, text/xml or application/json\n",
    ))
}

/// A response in a body, which is wiped when it was sent.
pub(super) fn response(encoding: Encoding, answer: Answer) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_owner(Wiped(answer.message)));
    let media_type = HeaderValue::from_static(encoding.media_type());
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response
}

/// A body that may hold a key.
struct Wiped(Secret);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        self.0.expose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENCODINGS: [Encoding; 3] = [Encoding::Ttlv, Encoding::Xml, Encoding::Json];

    fn refusal(method: Method, media_type: Option<&'static str>) -> Option<StatusCode> {
        let request = http::Request::builder().method(method).uri(PATH);
        let request = match media_type {
            Some(media_type) => request.header(header::CONTENT_TYPE, media_type),
            None => request,
        };
        let (head, ()) = request.body(()).unwrap().into_parts();
        encoding(&head).err().map(|(status, _)| status)
    }

    #[test]
    fn a_message_comes_by_post_and_says_in_which_encoding() {
        for encoding in ENCODINGS {
            assert_eq!(refusal(Method::POST, Some(encoding.media_type())), None);
            let by_get = refusal(Method::GET, Some(encoding.media_type()));
            assert_eq!(by_get, Some(StatusCode::METHOD_NOT_ALLOWED));
        }
        // What a web page may send without asking first is none.
        let of_pages =
            ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a"];
        for media_type in of_pages.map(Some).into_iter().chain([None, Some("")]) {
            let refused = refusal(Method::POST, media_type);
            assert_eq!(refused, Some(StatusCode::UNSUPPORTED_MEDIA_TYPE), "{media_type:?}");
        }
    }

    #[test]
    fn a_response_is_of_the_requests_media_type() {
        for encoding in ENCODINGS {
            let message = Secret::new(b"response".to_vec());
            let answer =
                Answer { message, closes: true, is_known: true, defect: None, later: None };
            let response = response(encoding, answer);
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(response.headers()[header::CONTENT_TYPE], encoding.media_type());
            assert_eq!(&response.body()[..], b"response");
        }
    }
}
