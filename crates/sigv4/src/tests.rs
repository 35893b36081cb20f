//! The canonical request against what botocore 1.43 signs, and every way to refuse a head.

use super::*;

/// As boto3 sends it, with the canonical request that botocore computed for it.
const SENT: &[(&str, &str)] = &[
    ("host", "localhost:8443"),
    ("content-type", "application/x-amz-json-1.1"),
    ("user-agent", "Boto3/1.43.11"),
    ("amz-sdk-request", "attempt=1"),
    ("x-amz-date", "20261124T050000Z"),
    ("x-amz-target", "TrentService.ListKeys"),
];
const SIGNED: &str = "content-type;host;x-amz-date;x-amz-target";

fn authorization(signed_headers: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261124/eu-west-1/kms/aws4_request, \
         SignedHeaders={signed_headers}, Signature={}",
        "0a".repeat(32)
    )
}

fn head(uri: &str, headers: &[(&str, &str)], authorization: Option<&str>) -> Parts {
    let mut request = http::Request::post(uri);
    for (name, value) in headers.iter().copied() {
        request = request.header(name, value);
    }
    if let Some(value) = authorization {
        request = request.header("authorization", value);
    }
    request.body(()).unwrap().into_parts().0
}

fn kind(malformed: Malformed) -> &'static str {
    match malformed {
        Malformed::Missing => "missing",
        Malformed::Incomplete(_) => "incomplete",
        Malformed::Bad(_) => "bad",
        Malformed::UnknownCredential => "unknown credential",
    }
}

fn refusal(headers: &[(&str, &str)], authorization: Option<&str>) -> &'static str {
    let head = head("/", headers, authorization);
    kind(Signature::of(&head).unwrap_err())
}

#[test]
fn the_canonical_head_is_what_the_signer_hashed() {
    let head = head("/", SENT, Some(&authorization(SIGNED)));
    let signature = Signature::of(&head).unwrap();
    let claim = signature.claim(b"{}");
    let expected = "POST\n/\n\ncontent-type:application/x-amz-json-1.1\nhost:localhost:8443\n\
                    x-amz-date:20261124T050000Z\nx-amz-target:TrentService.ListKeys\n\n\
                    content-type;host;x-amz-date;x-amz-target\n";
    assert_eq!(str::from_utf8(claim.canonical_head).unwrap(), expected);
    assert_eq!(claim.access_key_id, "AKIDEXAMPLE");
    assert_eq!(claim.signature, [0x0a; 32]);
    assert_eq!((claim.date, claim.timestamp), ("20261124", "20261124T050000Z"));
    assert_eq!((claim.region.as_str(), claim.service), ("eu-west-1", "kms"));
    assert_eq!(Some(claim.signed_at), Wall::from_utc(2026, 11, 24, 5, 0, 0));
    assert_eq!(claim.body, b"{}");
}

#[test]
fn spaces_are_trimmed_and_collapsed_and_values_joined() {
    let mut headers = SENT.to_vec();
    headers.extend([("my-header", "  a   b  c "), ("my-header", "d")]);
    let signed = "host;my-header;x-amz-date;x-amz-target";
    let head = head("/", &headers, Some(&authorization(signed)));
    let signature = Signature::of(&head).unwrap();
    let text = String::from_utf8(signature.canonical_head).unwrap();
    assert!(text.contains("\nmy-header:a b c,d\n"), "{text}");
}

#[test]
fn the_query_is_sorted_and_recoded_and_the_path_encoded_twice() {
    let head = head("/a%20b?b=2&a=%7e%2f+&c", SENT, Some(&authorization(SIGNED)));
    let signature = Signature::of(&head).unwrap();
    let text = String::from_utf8(signature.canonical_head).unwrap();
    assert!(text.starts_with("POST\n/a%2520b\na=~%2F%2B&b=2&c=\n"), "{text}");
}

#[test]
fn parameters_need_no_space_after_the_comma() {
    let head = head("/", SENT, Some(&authorization(SIGNED).replace(", ", ",")));
    assert!(Signature::of(&head).is_ok());
}

#[test]
fn an_unsigned_request_is_told_that_its_token_is_missing() {
    assert_eq!(refusal(SENT, None), "missing");
    let presigned = head("/?X-Amz-Signature=00", SENT, None);
    assert_eq!(kind(Signature::of(&presigned).unwrap_err()), "incomplete");
}

#[test]
fn a_malformed_authorization_is_incomplete() {
    let good = authorization(SIGNED);
    let bad = [
        "Basic Og==".to_owned(),
        "AWS4-HMAC-SHA256".to_owned(),
        good.replace("SHA256", "SHA512"),
        good.replace(", Signature=", ", Autograph="),
        good.replace("Credential=", "Credential"),
        good.replace("aws4_request", "aws5_request"),
        good.replace("/kms/", "/"),
        good.replace("/kms/", "/kms/kms/"),
        good.replace("20261124/", "20261123/"),
        good.replace("20261124/", "2026112/"),
        good.replace("AKIDEXAMPLE", ""),
        good.replace("0a0a", "0A0a"),
        good.replace("0a0a", "0a"),
        format!("{good}, Signature={}", "00".repeat(32)),
    ];
    for text in bad {
        assert_eq!(refusal(SENT, Some(&text)), "incomplete", "{text}");
    }
}

#[test]
fn a_header_outside_the_signature_is_refused() {
    for signed in [
        "content-type;x-amz-date;x-amz-target",
        "host;x-amz-date",
        "host;x-amz-target",
        "host;host;x-amz-date;x-amz-target",
        "x-amz-date;host;x-amz-target",
        "Host;x-amz-date;x-amz-target",
        "host;not-there;x-amz-date;x-amz-target",
        ";host;x-amz-date;x-amz-target",
    ] {
        assert_eq!(refusal(SENT, Some(&authorization(signed))), "bad", "{signed}");
    }
}

#[test]
fn what_decides_is_said_once() {
    let mut twice = SENT.to_vec();
    twice.push(("x-amz-date", "20261124T050000Z"));
    assert_eq!(refusal(&twice, Some(&authorization(SIGNED))), "incomplete");
    let mut twice = SENT.to_vec();
    twice.push(("host", "localhost:8443"));
    assert_eq!(refusal(&twice, Some(&authorization(SIGNED))), "incomplete");
    let mut two = SENT.to_vec();
    let other = authorization(SIGNED);
    two.push(("authorization", &other));
    assert_eq!(refusal(&two, Some(&authorization(SIGNED))), "incomplete");
}

#[test]
fn unsigned_and_streamed_payloads_are_refused() {
    let signed = "content-type;host;x-amz-content-sha256;x-amz-date;x-amz-target";
    for hash in ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"] {
        let mut headers = SENT.to_vec();
        headers.push(("x-amz-content-sha256", hash));
        assert_eq!(refusal(&headers, Some(&authorization(signed))), "incomplete");
    }
}

#[test]
fn a_session_token_is_signed_and_not_longer_than_any_is() {
    let signed = "content-type;host;x-amz-date;x-amz-security-token;x-amz-target";
    let with = |token: &str, signed: &str| {
        let mut headers = SENT.to_vec();
        headers.push(("x-amz-security-token", token));
        let head = head("/", &headers, Some(&authorization(signed)));
        let signature = Signature::of(&head);
        signature.map(|signature| signature.claim(b"").session_token.map(str::to_owned))
    };
    assert_eq!(with("t", signed), Ok(Some("t".to_owned())));
    assert!(matches!(with("t", SIGNED), Err(Malformed::Bad(_))));
    let long = "t".repeat(model::limits::SESSION_TOKEN_LEN_MAX + 1);
    assert_eq!(with(&long, signed), Err(Malformed::UnknownCredential));
    let head = head("/", SENT, Some(&authorization(SIGNED)));
    assert_eq!(Signature::of(&head).unwrap().claim(b"").session_token, None);
}

#[test]
fn the_date_header_stands_in_for_x_amz_date() {
    let mut headers: Vec<_> =
        SENT.iter().copied().filter(|(name, _)| *name != "x-amz-date").collect();
    assert_eq!(refusal(&headers, Some(&authorization("host;x-amz-target"))), "incomplete");
    headers.push(("date", "Tue, 24 Nov 2026 05:00:00 GMT"));
    let head = head("/", &headers, Some(&authorization("date;host;x-amz-target")));
    assert_eq!(Signature::of(&head).unwrap().timestamp, "20261124T050000Z");
}

#[test]
fn dates_that_are_none_are_refused() {
    for text in ["", "20261124T050000", "20261324T050000Z", "2026-1124T05000Z", "+0261124T050000Z"]
    {
        assert_eq!(from_basic(text), None, "{text}");
    }
    for text in ["Tue, 24 Nov 2026 05:00:00 CET", "Tue, 32 Nov 2026 05:00:00 GMT", "\u{e9}"] {
        assert_eq!(from_http_date(text), None, "{text}");
    }
}

#[test]
fn no_damage_to_a_signature_is_more_than_a_refusal_or_another_claim() {
    let good = authorization(SIGNED);
    for place in 0..good.len() {
        for damaged in [
            good[..place].to_owned(),
            format!("{}{}", &good[..place], &good[place + 1..]),
            format!("{},{}", &good[..place], &good[place..]),
            format!("{}\u{e9}{}", &good[..place], &good[place..]),
        ] {
            let head = head("/", SENT, Some(&damaged));
            if let Ok(signature) = Signature::of(&head) {
                // What is read is in the text, not guessed.
                let claim = signature.claim(b"");
                assert!(damaged.contains(claim.access_key_id) && claim.date == "20261124");
            }
        }
    }
}
