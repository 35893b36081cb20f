//! Where the microseconds of a request go: each stage alone, on one thread, without sockets.

use std::{
    net::{IpAddr, Ipv4Addr},
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    thread,
};

use bytes::Bytes;
use client::{Client, Credentials};
use engine::{
    Bounds, Durability, Engine, Founding, Full, Job, KeyRef, Lane, Mode, Offload, Parts, op,
};
use model::{
    At, Claim, EncryptionContext, Wall,
    algorithm::EncryptionAlgorithm,
    claim::{Door, Origin, RequestId},
    time::Trust,
};
use serde_json::json;

use crate::process::thread_cpu_ns;

const NOW: Wall = Wall::from_secs(1_800_000_000);
const ROUNDS: usize = 7;
const PER_ROUND: u32 = 20_000;

struct Inline;

impl Offload for Inline {
    fn offload(&self, _lane: Lane, job: Job) -> Result<(), Full> {
        drop(job());
        Ok(())
    }
}

fn at() -> At {
    At { wall: NOW, monotonic_ms: 1, trust: Trust::Steady }
}

/// Prints the median of each stage.
pub(crate) fn run() -> Result<(), String> {
    let failed = |error: model::Error| format!("{error:?}");
    crypto::start(crypto::Options::default()).map_err(|failure| failure.to_string())?;
    let folder = std::env::temp_dir().join(format!("strongroom-stages-{}", std::process::id()));
    let (engine, credentials) = founded(&folder)?;
    let client = Client { host: "127.0.0.1:9443".to_owned(), credentials };

    let (head, body) = signed(&client, "CreateKey", &json!({}))?;
    let made = now_or_never(answer(&engine, head, body))?;
    let made: serde_json::Value =
        serde_json::from_slice(made.body()).map_err(|error| error.to_string())?;
    let key = made["KeyMetadata"]["KeyId"].as_str().unwrap_or_default().to_owned();
    let input = json!({
        "KeyId": key,
        "Plaintext": client::blob::to_value(&[7; 64]),
        "EncryptionContext": { "purpose": "benchmark", "tenant": "0001" },
    });
    let (head, body) = signed(&client, "Encrypt", &input)?;

    let signature = sigv4::Signature::of(&head).map_err(|error| format!("{error:?}"))?;
    let origin = Origin {
        door: Door::Aws,
        source: IpAddr::V4(Ipv4Addr::LOCALHOST),
        request: RequestId([1; 16]),
    };
    let claim = || Claim::SigV4(signature.claim(&body));
    let caller = engine.identify(&claim(), origin, at()).map_err(failed)?;
    let pairs = [("purpose", "benchmark"), ("tenant", "0001")];
    let context = EncryptionContext::new(pairs).map_err(failed)?;
    let by = engine::By::Id(key.parse().map_err(|error| format!("{error:?}"))?);
    let encrypt = op::Encrypt {
        key: KeyRef { account: caller.principal().account, region: caller.region().clone(), by },
        algorithm: EncryptionAlgorithm::Envelope,
        context,
        plaintext: model::Secret::new(vec![7; 64]),
    };
    let in_session = Client {
        host: "127.0.0.1:9443".to_owned(),
        credentials: session(&engine, &caller).map_err(failed)?,
    };
    let (session_head, session_body) = signed(&in_session, "Encrypt", &input)?;
    let of_session = sigv4::Signature::of(&session_head).map_err(|error| format!("{error:?}"))?;
    let session_claim = || Claim::SigV4(of_session.claim(&session_body));
    for threads in [1, 2] {
        stage("sigv4: claim from head", threads, &|| sigv4::Signature::of(&head).is_ok());
        stage("identify", threads, &|| engine.identify(&claim(), origin, at()).is_ok());
        stage("identify: in a session", threads, &|| {
            engine.identify(&session_claim(), origin, at()).is_ok()
        });
        stage("call: Encrypt", threads, &|| {
            let called = engine.call(&caller, &encrypt, at(), Mode::Run);
            called.is_ok_and(|pending| pending.wait().is_ok())
        });
        stage("door: all of Encrypt", threads, &|| {
            ready(answer(&engine, head.clone(), body.clone())).status() == 200
        });
        stage("door: all of Encrypt in a session", threads, &|| {
            let answered = ready(answer(&engine, session_head.clone(), session_body.clone()));
            answered.status() == 200
        });
        stage("door: the clone of the head", threads, &|| head.clone().headers.len() > 1);
    }
    let _ = std::fs::remove_dir_all(folder);
    Ok(())
}

/// A founded server in memory, with its log in `folder`, and its administrator.
fn founded(folder: &std::path::Path) -> Result<(Arc<Engine>, Credentials), String> {
    let failed = |error: model::Error| format!("{error:?}");
    let region: model::Region = "us-east-1".parse().map_err(|error| format!("{error:?}"))?;
    let account: model::AccountId = "111122223333".parse().map_err(|error| format!("{error:?}"))?;
    let engine = Arc::new(Engine::new(Parts {
        store: Arc::new(store::memory::Memory::new()),
        log_dir: folder.join("audit"),
        log_origin: "bench/audit".to_owned(),
        durability: Durability::Buffered,
        regions: vec![region.clone()],
        language: engine::PolicyLanguage {
            key_policy: |text| Ok(iam::parse_key_policy(text)?),
            identity_policy: |text| Ok(iam::parse_identity_policy(text)?),
            trust_policy: |text| Ok(iam::parse_trust_policy(text)?),
            default_key_policy: iam::default_key_policy,
            default_object_policy: iam::default_object_policy,
        },
        key_cache: Bounds { count: 1024, age_ms: 300_000 },
    }));
    let root = crypto::root::RootKey::generate().map_err(failed)?;
    let file = crypto::unseal::new_key_file().map_err(failed)?;
    let source = crypto::unseal::Source::key_file(&root, &file).map_err(failed)?;
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }],
    });
    let founding = Founding {
        root,
        sources: vec![("key-file".to_owned(), source)],
        account,
        administrator: "admin".to_owned(),
        policy: policy.to_string(),
        client: None,
    };
    let access = engine.initialise(founding, at()).map_err(failed)?;
    let credentials = Credentials {
        access_key_id: access.id,
        secret: access.secret,
        session_token: None,
        region,
    };
    Ok((engine, credentials))
}

/// Credentials of a session of a new role, which may do everything.
fn session(engine: &Engine, caller: &engine::Caller) -> model::Result<Credentials> {
    let role = model::PrincipalName::role(caller.principal().account, "role")?;
    let all = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#.to_owned();
    let trust = r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*"}}"#;
    let (trust, policies, tags) = (trust.to_owned(), vec![all], Vec::new());
    let create =
        op::CreateRole { name: role.clone(), trust, policies, session_secs_max: 3600, tags };
    engine.call(caller, &create, at(), Mode::Run)?.wait()?;
    let (secs, policy, external_id, source_identity) = Default::default();
    let name = "benchmark".parse()?;
    let assume = op::AssumeRole { role, name, secs, policy, external_id, source_identity };
    let made = engine.call(caller, &assume, at(), Mode::Run)?.wait()?;
    let (access_key_id, secret) = (made.access_key_id, made.secret);
    let region = caller.region().clone();
    Ok(Credentials { access_key_id, secret, session_token: Some(made.token), region })
}

fn signed(
    client: &Client,
    operation: &str,
    input: &serde_json::Value,
) -> Result<(http::request::Parts, Bytes), String> {
    let signed = client.kms(operation, input, NOW).map_err(|error| format!("{error:?}"))?;
    let mut request = http::Request::builder().method(signed.method).uri(&*signed.target);
    for (name, value) in &signed.headers {
        request = request.header(*name, value);
    }
    let body = Bytes::copy_from_slice(signed.body.expose());
    let request = request.header("content-length", body.len());
    let request = request.body(()).map_err(|error| error.to_string())?;
    Ok((request.into_parts().0, body))
}

async fn answer(
    engine: &Arc<Engine>,
    head: http::request::Parts,
    body: Bytes,
) -> http::Response<Bytes> {
    let source = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let request = aws::Request { head, body, source, id: RequestId([1; 16]), at: at() };
    aws::answer(engine, &Inline, request).await
}

/// What a future that waits for nothing but its turn gives.
fn ready<F: Future>(future: F) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

fn now_or_never<F: Future>(future: F) -> Result<F::Output, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    Ok(runtime.map_err(|error| error.to_string())?.block_on(future))
}

/// The median over rounds of the processor time of one piece of work, on each of `threads`.
#[expect(clippy::print_stdout, reason = "this is what the command is asked to print")]
fn stage(name: &str, threads: usize, work: &(dyn Fn() -> bool + Sync)) {
    let round = || {
        let before = thread_cpu_ns();
        let failures = (0..PER_ROUND).filter(|_| !work()).count();
        ((thread_cpu_ns() - before) / f64::from(PER_ROUND) / 1000.0, failures)
    };
    let mut rounds: Vec<(f64, usize)> = Vec::new();
    for _ in 0..ROUNDS {
        thread::scope(|scope| {
            let running: Vec<_> = (0..threads).map(|_| scope.spawn(round)).collect();
            rounds.extend(running.into_iter().filter_map(|round| round.join().ok()));
        });
    }
    let failures: usize = rounds.iter().map(|(_, failures)| failures).sum();
    rounds.sort_by(|one, other| one.0.total_cmp(&other.0));
    let median = rounds.get(rounds.len() / 2).map_or(f64::NAN, |round| round.0);
    println!("{name}, {threads} threads: {median:.2} µs of CPU ({failures} failures)");
}
