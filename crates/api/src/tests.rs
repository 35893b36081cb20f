//! Requests signed by the client, answered by the door over an engine on a store in memory.

mod roles;

use std::{
    net::{IpAddr, Ipv4Addr},
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use bytes::Bytes;
use client::{Ask, Client, Credentials, SignedRequest};
use engine::{
    Bounds, Durability, Engine, Founding, Full, Job, Lane, Offload, Parts, PolicyLanguage,
};
use model::{At, Secret, Wall, claim::RequestId, time::Trust};
use serde_json::{Value, json};

use crate::{Failure, Request, answer};

const NOW: Wall = Wall::from_secs(1_800_000_000);
const ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// A pool of no threads: work is done at once.
struct Inline;

impl Offload for Inline {
    fn offload(&self, _lane: Lane, job: Job) -> Result<(), Full> {
        drop(job());
        Ok(())
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

/// A founded server, and its administrator.
struct House {
    engine: Arc<Engine>,
    admin: Client,
    _folder: tempfile::TempDir,
}

fn client(id: &str, secret: &[u8]) -> Client {
    let region = "eu-west-1".parse().unwrap();
    let (access_key_id, secret) = (id.to_owned(), Secret::new(secret.to_vec()));
    let credentials = Credentials { access_key_id, secret, session_token: None, region };
    Client { host: "localhost:9443".to_owned(), credentials }
}

fn house() -> House {
    assert!(crypto::start(crypto::Options::default()).is_ok());
    let folder = tempfile::tempdir().unwrap();
    let language = PolicyLanguage {
        key_policy: |text| Ok(iam::parse_key_policy(text)?),
        identity_policy: |text| Ok(iam::parse_identity_policy(text)?),
        trust_policy: |text| Ok(iam::parse_trust_policy(text)?),
        default_key_policy: iam::default_key_policy,
        default_object_policy: iam::default_object_policy,
    };
    let engine = Engine::new(Parts {
        store: Arc::new(store::memory::Memory::new()),
        log_dir: folder.path().join("audit"),
        log_origin: "test/audit".to_owned(),
        durability: Durability::Buffered,
        regions: vec!["eu-west-1".parse().unwrap()],
        language,
        key_cache: Bounds { count: 64, age_ms: 300_000 },
    });
    let root = crypto::root::RootKey::generate().unwrap();
    let file = crypto::unseal::new_key_file().unwrap();
    let source = crypto::unseal::Source::key_file(&root, &file).unwrap();
    let founding = Founding {
        root,
        sources: vec![("key-file".to_owned(), source)],
        account: "111122223333".parse().unwrap(),
        administrator: "admin".to_owned(),
        policy: ALL.to_owned(),
        client: None,
    };
    let key = engine.initialise(founding, at(NOW)).unwrap();
    let admin = client(&key.id, key.secret.expose());
    House { engine: Arc::new(engine), admin, _folder: folder }
}

fn at(wall: Wall) -> At {
    At { wall, monotonic_ms: wall.0, trust: Trust::Steady }
}

impl House {
    fn send(&self, request: SignedRequest) -> http::Response<Bytes> {
        let mut head = http::Request::builder().method(request.method).uri(request.target);
        for (name, value) in request.headers {
            head = head.header(name, value);
        }
        self.send_unsigned(head.body(()).unwrap().into_parts().0, request.body.expose())
    }

    /// A request with whatever it bears.
    fn send_unsigned(&self, head: http::request::Parts, body: &[u8]) -> http::Response<Bytes> {
        let request = Request {
            head,
            body: Bytes::copy_from_slice(body),
            certificates: Arc::default(),
            source: IpAddr::V4(Ipv4Addr::LOCALHOST),
            id: RequestId([0xab; 16]),
            at: at(NOW),
        };
        block_on(answer(&self.engine, &Inline, request))
    }

    fn ask_as(&self, who: &Client, ask: Ask<'_>) -> Result<Value, (u16, String)> {
        let response = self.send(who.ask(&ask, NOW).unwrap());
        client::answer(response.status().as_u16(), response.body())
            .map_err(|failure| (failure.status, failure.code))
    }

    fn ask(&self, ask: Ask<'_>) -> Result<Value, (u16, String)> {
        self.ask_as(&self.admin, ask)
    }

    fn new_user(&self, name: &str, policy: &str) -> Client {
        self.ask(Ask::CreatePrincipal { name, policies: &[policy.to_owned()] }).unwrap();
        let key = self.ask(Ask::CreateAccessKey { principal: name }).unwrap();
        let text = |member: &str| key[member].as_str().unwrap().to_owned();
        client(&text("access_key_id"), text("secret_access_key").as_bytes())
    }
}

fn refused(status: u16, code: &str) -> Result<Value, (u16, String)> {
    Err((status, code.to_owned()))
}

#[test]
fn a_principal_is_made_listed_read_changed_and_removed() {
    let house = house();
    let policies = [ALL.to_owned()];
    let made = house.ask(Ask::CreatePrincipal { name: "b+b@x", policies: &policies }).unwrap();
    assert_eq!(made, json!({"name": "b+b@x", "arn": "arn:aws:iam::111122223333:user/b+b@x"}));
    let again = house.ask(Ask::CreatePrincipal { name: "b+b@x", policies: &[] });
    assert_eq!(again, refused(409, "already-exists"));

    let read = house.ask(Ask::ReadPolicies { name: "b+b@x" }).unwrap();
    assert_eq!(read["policies"][0], serde_json::from_str::<Value>(ALL).unwrap());
    house.ask(Ask::ReplacePolicies { name: "b+b@x", policies: &[] }).unwrap();
    let read = house.ask(Ask::ReadPolicies { name: "b+b@x" }).unwrap();
    assert_eq!(read, json!({"policies": []}));

    assert_eq!(house.ask(Ask::DeletePrincipal { name: "b+b@x" }), Ok(Value::Null));
    let gone = house.ask(Ask::DeletePrincipal { name: "b+b@x" });
    assert_eq!(gone, refused(404, "not-found"));
}

#[test]
fn principals_are_listed_by_name_a_page_at_a_time() {
    let house = house();
    for name in ["carol", "bob"] {
        house.ask(Ask::CreatePrincipal { name, policies: &[] }).unwrap();
    }
    let page = |after| house.ask(Ask::ListPrincipals { limit: Some(2), after }).unwrap();
    let first = page(None);
    let names = |page: &Value| -> Vec<String> {
        let entries = page["principals"].as_array().unwrap().iter();
        entries.map(|entry| entry["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&first), ["admin", "bob"]);
    assert_eq!(first["principals"][0]["access_keys"], 1);
    assert_eq!(first["principals"][1]["created"], "2027-01-15T08:00:00Z");
    let last = page(first["next"].as_str());
    assert_eq!(names(&last), ["carol"]);
    assert_eq!(last.get("next"), None);
    let wrong = house.ask(Ask::ListPrincipals { limit: None, after: Some("a/b") });
    assert_eq!(wrong, refused(400, "invalid"));
}

#[test]
fn an_access_key_works_from_its_making_to_its_removal() {
    let house = house();
    let bob = house.new_user("bob", ALL);
    assert!(house.ask_as(&bob, Ask::ListPrincipals { limit: None, after: None }).is_ok());
    house.ask(Ask::CreateAccessKey { principal: "bob" }).unwrap();
    let third = house.ask(Ask::CreateAccessKey { principal: "bob" });
    assert_eq!(third, refused(409, "limit-exceeded"));
    let listed = house.ask(Ask::ListAccessKeys { principal: "bob" }).unwrap();
    assert_eq!(listed["access_keys"].as_array().unwrap().len(), 2);
    assert!(!listed.to_string().contains("secret"));

    let id = &bob.credentials.access_key_id;
    let other = house.ask(Ask::DeleteAccessKey { principal: "admin", id });
    assert_eq!(other, refused(404, "not-found"));
    house.ask(Ask::DeleteAccessKey { principal: "bob", id }).unwrap();
    let after = house.ask_as(&bob, Ask::ListPrincipals { limit: None, after: None });
    assert_eq!(after, refused(401, "unauthenticated"));
}

#[test]
fn who_has_no_policy_is_denied_and_learns_nothing_of_what_is_there() {
    let house = house();
    let nothing = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:Encrypt","Resource":"*"}]}"#;
    let bob = house.new_user("bob", nothing);
    for name in ["admin", "nobody"] {
        assert_eq!(house.ask_as(&bob, Ask::DeletePrincipal { name }), refused(403, "denied"));
    }
    assert!(house.ask_as(&bob, Ask::Description).is_ok());
}

#[test]
fn a_signature_for_the_other_door_or_over_other_bytes_is_worth_nothing() {
    let house = house();
    let unsigned = |body: &[u8]| client::Unsigned {
        method: "GET",
        path: "/api/v1/principals",
        query: &[],
        headers: vec![("host", "localhost:9443".to_owned())],
        body: Secret::new(body.to_vec()),
    };
    let sign = |service, time| {
        client::sign(unsigned(b""), &house.admin.credentials, service, time).unwrap()
    };
    let status = |request| house.send(request).status().as_u16();
    assert_eq!(status(sign(client::Service::Strongroom, NOW)), 200);
    assert_eq!(status(sign(client::Service::Kms, NOW)), 401);
    assert_eq!(status(sign(client::Service::Strongroom, Wall(NOW.0 - 16 * 60_000))), 401);
    let mut changed = sign(client::Service::Strongroom, NOW);
    changed.body = Secret::new(b"{}".to_vec());
    assert_eq!(status(changed), 401);
    let mut changed = sign(client::Service::Strongroom, NOW);
    changed.target = "/api/v1/principals?limit=1".to_owned();
    assert_eq!(status(changed), 401);
    let mut without = sign(client::Service::Strongroom, NOW);
    without.headers.clear();
    let response = house.send(without);
    assert_eq!(response.status().as_u16(), 401);
    assert_eq!(response.headers()["www-authenticate"], "AWS4-HMAC-SHA256");
    assert_eq!(response.headers()["x-request-id"], "abababab-abab-abab-abab-abababababab");
    assert_eq!(response.extensions().get::<Failure>().unwrap().code, "unauthenticated");
}

#[test]
fn a_wrong_body_or_policy_is_one_clear_refusal() {
    let house = house();
    let send = |method, path, body: &str| {
        let unsigned = client::Unsigned {
            method,
            path,
            query: &[],
            headers: vec![("host", "localhost:9443".to_owned())],
            body: Secret::new(body.as_bytes().to_vec()),
        };
        let service = client::Service::Strongroom;
        let request = client::sign(unsigned, &house.admin.credentials, service, NOW).unwrap();
        let response = house.send(request);
        client::answer(response.status().as_u16(), response.body()).unwrap_err()
    };
    let create = |body| send("POST", "/api/v1/principals", body);
    for body in ["", "[]", "{}", "{", r#"{"name":"a","extra":1}"#, r#"{"name":"a b"}"#] {
        let failure = create(body);
        assert_eq!((failure.status, failure.code.as_str()), (400, "invalid"), "{body}");
    }
    let failure = create(r#"{"name":"a","policies":[{"Statement":3}]}"#);
    assert_eq!((failure.status, failure.code.as_str()), (400, "malformed-policy"));
    // A member said twice is seen by the policy's reader, not lost on the way.
    let twice = r#"{"name":"a","policies":[{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}]}"#;
    assert_eq!(create(twice).code, "malformed-policy");
    assert_eq!(send("GET", "/api/v1/nothing", "").code, "not-found");
    assert_eq!(send("PUT", "/api/v1/principals", "").code, "method-not-allowed");
}

#[test]
fn the_status_says_how_the_server_stands_to_who_may_know() {
    let house = house();
    let status = house.ask(Ask::Status).unwrap();
    assert_eq!(status["sealed"], false);
    assert_eq!(status["regions"], json!(["eu-west-1"]));
    assert!(status["crypto"]["library"].as_str().unwrap().starts_with("AWS-LC "));
    assert!(status["crypto"]["self_tests"].as_u64().unwrap() > 0);
    let memory = &status["secret_memory"];
    assert!(memory["used_bytes"].as_u64().unwrap() < memory["total_bytes"].as_u64().unwrap());
    let next = |status: &Value| status["audit"]["next_index"].as_u64().unwrap();
    // Reading it is an operation too.
    assert_eq!(next(&house.ask(Ask::Status).unwrap()), next(&status) + 1);
    let nothing = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:Encrypt","Resource":"*"}]}"#;
    let bob = house.new_user("bob", nothing);
    assert_eq!(house.ask_as(&bob, Ask::Status), refused(403, "denied"));
}

impl House {
    /// A request that nobody signed.
    fn unsigned(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let head = http::Request::builder().method(method).uri(path);
        let response = self.send_unsigned(head.body(()).unwrap().into_parts().0, body.as_bytes());
        let body = serde_json::from_slice(response.body()).unwrap_or_default();
        (response.status().as_u16(), body)
    }

    fn unseal(&self, given: Value) -> (u16, Value) {
        self.unsigned("POST", "/api/v1/unseal", &given.to_string())
    }
}

#[test]
fn a_server_is_sealed_by_who_may_and_unsealed_by_who_can() {
    let house = house();
    let not_sealed = house.unseal(json!({}));
    assert_eq!(not_sealed, (200, json!({ "sealed": false, "ways": [], "shares_given": 0 })));
    let shares = Ask::AddShares { name: "board", needed: 2, count: 3 };
    let shares = house.ask(shares).unwrap()["shares"].clone();
    let bob = house.new_user("bob", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}"#);
    assert_eq!(house.ask_as(&bob, Ask::Seal), refused(403, "denied"));
    assert_eq!(house.ask_as(&bob, Ask::RotateRootKey), refused(403, "denied"));
    assert_eq!(house.ask(Ask::RotateRootKey), Ok(json!({ "version": 2 })));
    assert_eq!(house.ask(Ask::Seal), Ok(Value::Null));
    assert!(house.engine.is_sealed());
    // Whoever asks for whatever, and however wrongly, hears that it is sealed.
    for (method, path) in [("GET", "/api/v1/status"), ("GET", "/api/v1/unseal"), ("PUT", "/x")] {
        let (status, body) = house.unsigned(method, path, "");
        assert_eq!((status, &body["error"]["code"]), (503, &json!("sealed")), "{path}");
    }
    let code = |(status, body): (u16, Value)| (status, body["error"]["code"].clone());
    assert_eq!(code(house.unseal(json!({ "passphrase": "x" }))), (400, json!("invalid")));
    assert_eq!(code(house.unseal(json!({ "share": "x" }))), (400, json!("invalid")));
    let (status, first) = house.unseal(json!({ "share": shares[2] }));
    assert_eq!((status, &first["shares_given"]), (200, &json!(1)));
    let ways = json!([
        { "name": "board", "kind": "shares", "needed": 2, "count": 3 },
        { "name": "key-file", "kind": "key-file" },
    ]);
    assert_eq!(first["ways"], ways);
    assert_eq!(code(house.unseal(json!({ "share": shares[2] }))), (409, json!("given-already")));
    let (status, second) = house.unseal(json!({ "share": shares[0] }));
    assert_eq!((status, &second["sealed"]), (200, &json!(false)));
    assert_eq!(code(house.unseal(json!({ "share": shares[1] }))), (409, json!("not-sealed")));
    assert_eq!(house.ask(Ask::Status).unwrap()["root_key"], json!({ "version": 2 }));
}

#[test]
fn what_does_not_unseal_is_one_sentence() {
    let house = house();
    house.engine.seal();
    let zeros = "A".repeat(43) + "=";
    let (status, body) = house.unseal(json!({ "key_file": zeros }));
    assert_eq!((status, &body["error"]["code"]), (403, &json!("does-not-unseal")));
    assert_eq!(body["error"]["message"], "This does not unseal the server.");
    assert!(house.engine.is_sealed());
}

#[test]
fn a_sealed_server_says_that_it_is_sealed() {
    let house = house();
    house.engine.seal();
    let answer = house.ask(Ask::ListPrincipals { limit: None, after: None });
    assert_eq!(answer, refused(503, "sealed"));
}
