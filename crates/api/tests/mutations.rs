//! Requests of the native API that are nearly right, rightly signed: each has an answer, and none
//! is our fault.
#![cfg(test)]

#[path = "../../../fuzz/house.rs"]
mod house;
#[path = "../../../fuzz/mutations.rs"]
mod mutations;

use std::{
    net::{IpAddr, Ipv4Addr},
    str,
    sync::Arc,
};

use api::{Request, answer};
use bytes::Bytes;
use client::{Service, Unsigned, sign};
use house::{ALL, Ground, House, Inline, NOW, at, block_on};
use http::{Response, Uri};
use model::{Secret, claim::RequestId};
use serde_json::{Value, json};

/// Sends a request: its method, its target on the same line, and its body on the next. `None`
/// where the text is no request that could be sent.
fn send(house: &House, text: &[u8]) -> Option<Response<Bytes>> {
    let text = str::from_utf8(text).ok()?;
    let (line, body) = text.split_once('\n')?;
    let (method, target) = line.split_once(' ')?;
    let methods = ["GET", "POST", "PUT", "DELETE"];
    let method = methods.into_iter().find(|known| *known == method)?;
    Uri::try_from(target).ok().filter(|_| target.starts_with('/'))?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let query: Vec<_> = pairs.map(|(name, value)| (name, value.to_owned())).collect();
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        ("host", "localhost:9443".to_owned()),
    ];
    let sent = Secret::new(body.as_bytes().to_vec());
    let unsigned = Unsigned { method, path, query: &query, headers, body: sent };
    let signed = sign(unsigned, &house.admin, Service::Strongroom, NOW).unwrap();
    let mut head = http::Request::builder().method(signed.method).uri(&signed.target);
    for (name, value) in signed.headers {
        head = head.header(name, value);
    }
    let request = Request {
        head: head.body(()).ok()?.into_parts().0,
        body: Bytes::copy_from_slice(body.as_bytes()),
        certificates: Arc::default(),
        source: IpAddr::V4(Ipv4Addr::LOCALHOST),
        id: RequestId([0xab; 16]),
        at: at(),
    };
    Some(block_on(answer(&house.engine, &Inline, request)))
}

#[test]
fn no_request_is_without_an_answer() {
    let ground = Ground::new();
    let house = House::on(&ground);
    let policies = json!({ "policies": [serde_json::from_str::<Value>(ALL).unwrap()] });
    let mut made = policies.clone();
    made["name"] = json!("bob+x@y");
    assert!(send(&house, format!("POST /api/v1/principals\n{made}").as_bytes()).is_some());
    for request in [
        "GET /api/v1/principals?limit=2&after=a\n".to_owned(),
        "GET /api/v1/principals/bob%2Bx@y/policies\n".to_owned(),
        format!("PUT /api/v1/principals/bob%2Bx@y/policies\n{policies}"),
        "GET /api/v1/principals/bob%2Bx@y/access-keys\n".to_owned(),
        "GET /api/v1/principals/bob%2Bx@y/certificates\n".to_owned(),
        "GET /api/v1/status\n".to_owned(),
    ] {
        let what = request.lines().next().unwrap_or_default().to_owned();
        let accepted =
            mutations::try_all(&what, mutations::COUNT / 6, &[request.into_bytes()], &mut |text| {
                let Some(response) = send(&house, text) else { return false };
                let status = response.status();
                assert!(status.is_success() || status.is_client_error(), "{:?}", response.body());
                if status.is_client_error() {
                    let refusal: Value = serde_json::from_slice(response.body()).unwrap();
                    assert!(refusal.is_object(), "{refusal}");
                }
                status.is_success()
            });
        assert!(accepted < mutations::COUNT / 6);
    }
}
