//! Who gets past the door: a server in memory, a right request for every route, and what is tried
//! with them.

#[path = "../../../fuzz/certificate.rs"]
mod certificate;
#[path = "../../../fuzz/claims.rs"]
mod claims;
mod credentials;
#[path = "../../../fuzz/draft.rs"]
mod draft;
#[path = "../../../fuzz/house.rs"]
mod house;
#[path = "../../../fuzz/people.rs"]
mod people;
#[path = "../../../fuzz/second_account.rs"]
mod second_account;
mod surface;

use std::{
    cell::Cell,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use bytes::Bytes;
use client::Credentials;
use draft::{Draft, Sent};
use engine::op;
use house::{Ground, House, Inline, NOW, at, block_on};
use http::Response;
use model::{At, PrincipalName, Wall, claim::RequestId};
use people::{call, name, user};
use serde_json::{Value, json};

use crate::{
    Request, answer,
    route::{Route, Verb},
};

const DAY: u64 = 86_400;

/// A server in memory, and the door.
struct Door {
    ground: Ground,
    house: House,
    seconds: Cell<u64>,
    numbers: Cell<u64>,
}

/// What a connection has shown: the chain of its client certificate.
type Chain = Arc<model::claim::Chain>;

impl Door {
    fn new() -> Self {
        let ground = Ground::new();
        let house = House::on(&ground);
        Self { ground, house, seconds: Cell::new(0), numbers: Cell::new(0) }
    }

    /// Sends a request over a connection that has shown no certificate.
    fn send(&self, sent: &Sent) -> Response<Bytes> {
        self.send_over(&Chain::default(), sent, NOW)
    }

    /// Each request comes a second after the one before, so that no entry is withheld; the time
    /// of day is as it is said.
    fn send_over(&self, chain: &Chain, sent: &Sent, wall: Wall) -> Response<Bytes> {
        self.seconds.set(self.seconds.get() + 1);
        let monotonic_ms = NOW.0 + self.seconds.get() * 1000;
        let request = Request {
            head: sent.head(),
            body: Bytes::copy_from_slice(&sent.body),
            certificates: chain.clone(),
            source: IpAddr::V4(Ipv4Addr::LOCALHOST),
            id: RequestId([0xab; 16]),
            at: At { wall, monotonic_ms, ..at() },
        };
        block_on(answer(&self.house.engine, &Inline, request))
    }

    fn draft(
        &self,
        who: &Credentials,
        (method, target): (&'static str, &str),
        body: &str,
    ) -> Draft {
        let headers = [("content-type", "application/json")];
        Draft::new((method, target), &headers, body.as_bytes(), who, ("strongroom", NOW))
    }

    fn entries(&self) -> u64 {
        self.house.engine.log_status().unwrap().next_index
    }

    /// Registers a certificate with a user.
    fn register(&self, of: &str, certificate: &[u8]) -> String {
        let (principal, certificate) = (name(of), certificate.to_vec());
        call(
            &self.house,
            &op::RegisterCertificate { principal, certificate, with_credential: false },
        )
        .fingerprint
    }

    /// Makes a role.
    fn role(&self, of: &str) {
        let name = PrincipalName::role("111122223333".parse().unwrap(), of).unwrap();
        let trust = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:*"}}"#;
        let (policies, tags) = Default::default();
        let trust = trust.to_owned();
        let role = op::CreateRole { name, trust, policies, session_secs_max: 3600, tags };
        call(&self.house, &role);
    }

    /// Registers an issuer; its address.
    fn issuer(&self, of: &str) -> String {
        let address = format!("{of}.example");
        let name = PrincipalName::issuer("111122223333".parse().unwrap(), &address).unwrap();
        let keys = jose::key_set(&key_set().to_string()).unwrap();
        call(&self.house, &op::RegisterIssuer { name, audiences: vec!["a".to_owned()], keys });
        address
    }

    /// A right request for a route, on a user of its own: its target and its body.
    fn request(&self, route: &Route) -> (String, String) {
        let number = self.numbers.replace(self.numbers.get() + 1);
        let (of, source) = (format!("user-{number}"), format!("source-{number}"));
        let valid_now = || certificate::certificate((NOW, NOW.plus_secs(DAY)));
        let policies = json!({ "policies": [] }).to_string();
        let mut values = vec![of.clone()];
        let new_user = || user(&self.house, &of, &[]);
        let body = match route.verb {
            Verb::CreatePrincipal => json!({ "name": of }).to_string(),
            Verb::ListPrincipals
            | Verb::ListRoles
            | Verb::ListIssuers
            | Verb::ReadStatus
            | Verb::Seal
            | Verb::RotateRootKey
            | Verb::Describe => String::new(),
            Verb::Unseal => "{}".to_owned(),
            Verb::DeletePrincipal
            | Verb::ReadPolicies
            | Verb::CreateAccessKey
            | Verb::ListAccessKeys
            | Verb::ListCertificates => {
                new_user();
                String::new()
            }
            Verb::ReplacePolicies => {
                new_user();
                policies
            }
            Verb::DeleteAccessKey => {
                values.push(new_user().access_key_id);
                String::new()
            }
            Verb::RegisterCertificate => {
                new_user();
                json!({ "certificate": x509::to_pem(&valid_now()).unwrap() }).to_string()
            }
            Verb::RemoveCertificate => {
                new_user();
                values.push(self.register(&of, &valid_now()));
                String::new()
            }
            Verb::RegisterCertificateRule => {
                new_user();
                let authority = x509::to_pem(&valid_now()).unwrap();
                let names = json!([{ "kind": "dns", "value": format!("{of}.example") }]);
                json!({ "authority": authority, "names": names }).to_string()
            }
            Verb::BlockCertificate => {
                new_user();
                values.push("ab".repeat(32));
                String::new()
            }
            Verb::UnblockCertificate => {
                new_user();
                let (principal, fingerprint) = (name(&of), "ab".repeat(32));
                values.push(fingerprint.clone());
                call(&self.house, &op::BlockCertificate { principal, fingerprint });
                String::new()
            }
            Verb::CreateRole => {
                let trust = json!({ "Statement": { "Effect": "Allow", "Principal": "*",
                    "Action": "sts:AssumeRole" } });
                json!({ "name": of, "trust": trust }).to_string()
            }
            Verb::ReadRole | Verb::DeleteRole => {
                self.role(&of);
                String::new()
            }
            Verb::ChangeRole => {
                self.role(&of);
                policies
            }
            Verb::RegisterIssuer => {
                let issuer = format!("https://{of}.example");
                json!({ "issuer": issuer, "audiences": ["a"], "jwks": key_set() }).to_string()
            }
            Verb::ChangeIssuer => {
                values = vec![self.issuer(&of)];
                json!({ "jwks": key_set() }).to_string()
            }
            Verb::RemoveIssuer => {
                values = vec![self.issuer(&of)];
                String::new()
            }
            Verb::AddUnsealSource => {
                json!({ "name": source, "shares": { "needed": 1, "count": 1 } }).to_string()
            }
            Verb::RemoveUnsealSource => {
                let means = op::Means::Shares { needed: 1, count: 1 };
                call(&self.house, &op::AddUnsealSource { name: source.clone(), means });
                values = vec![source];
                String::new()
            }
        };
        (target(route, &values), body)
    }
}

/// The public key of RFC 7515's example on P-256.
fn key_set() -> Value {
    json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": "one",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" }] })
}

/// The path of a route with these values in it.
fn target(route: &Route, values: &[String]) -> String {
    let mut values = values.iter();
    let segments = route.path.split('/').map(|segment| match segment.starts_with('{') {
        true => values.next().map_or("x", String::as_str),
        false => segment,
    });
    segments.collect::<Vec<_>>().join("/")
}

/// The method of a route, as clients write it.
fn method(route: &Route) -> &'static str {
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE"].into_iter();
    known.filter(|method| *method == route.method.as_str()).collect::<Vec<_>>()[0]
}

fn body(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap_or_default()
}

/// The request is nobody's, and the sentence says why.
#[track_caller]
fn nobodys(response: &Response<Bytes>, sentence: &str, what: &str) {
    let body = body(response);
    assert_eq!(response.status().as_u16(), 401, "{what}: {body}");
    assert_eq!(body["error"]["code"], "unauthenticated", "{what}");
    let message = body["error"]["message"].as_str().unwrap();
    assert!(message.contains(sentence), "{what}: {message}");
    assert_eq!(response.headers()["www-authenticate"], "AWS4-HMAC-SHA256", "{what}");
}
