//! Signatures that are nearly right: none makes the reader panic, and the same head is read the
//! same way.
#![cfg(test)]

#[path = "../../../fuzz/mutations.rs"]
mod mutations;

use http::{HeaderName, HeaderValue, Uri, request::Parts};
use sigv4::Signature;

/// The head of a request, as a line of method and target and one of each header.
const HEAD: &str = "POST /?b=2&a=%20\nhost: localhost:8443\n\
    content-type: application/x-amz-json-1.1\n\
    x-amz-date: 20261124T050000Z\nx-amz-target: TrentService.ListKeys\n\
    authorization: AWS4-HMAC-SHA256 \
    Credential=AKIDEXAMPLE/20261124/eu-west-1/kms/aws4_request, \
    SignedHeaders=content-type;host;x-amz-date;x-amz-target, \
    Signature=0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a";

/// A date in another form, and other things that clients send.
const OTHER: &str = "GET /api/v1/principals?limit=2\nhost: [::1]\n\
    date: Tue, 24 Nov 2026 05:00:00 GMT\n\
    x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n\
    x-amz-date: 20261124T050000Z\n\
    authorization: AWS4-HMAC-SHA256 Credential=A/20261124/us-east-1/strongroom/aws4_request,\
    SignedHeaders=host;x-amz-content-sha256;x-amz-date,\
    Signature=ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

/// The head as an HTTP library would give it; none where that would refuse it.
fn head(text: &[u8]) -> Option<Parts> {
    let mut lines = text.split(|byte| *byte == b'\n');
    let mut first = lines.next()?.splitn(2, |byte| *byte == b' ');
    let (method, target) = (first.next()?, first.next()?);
    let mut request = http::Request::builder().method(method).uri(Uri::try_from(target).ok()?);
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
        request = request.header(name, value);
    }
    Some(request.body(()).ok()?.into_parts().0)
}

#[test]
fn no_head_makes_the_reader_panic() {
    let seeds = [HEAD, OTHER].map(|text| text.as_bytes().to_vec());
    mutations::try_all("SigV4 heads", mutations::COUNT, &seeds, &mut |text| {
        let Some(head) = head(text) else { return false };
        let Ok(signature) = Signature::of(&head) else { return false };
        let (claim, again) = (signature.claim(b"{}"), Signature::of(&head).unwrap());
        let again = again.claim(b"{}");
        assert_eq!(claim.canonical_head, again.canonical_head);
        assert!(!claim.access_key_id.contains('/') && claim.date.len() == 8);
        true
    });
}
