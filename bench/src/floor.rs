//! The floor: hyper, rustls and a fixed reply, on the same kind of runtimes as the server's: one a
//! processor, among which connections are shared out.

use std::{convert::Infallible, future::pending, io, process::ExitCode, sync::Arc, thread};

use bytes::Bytes;
use crypto::certificate_key::CertificateKey;
use http_body_util::{BodyExt as _, Full};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use model::Wall;
use rustls::{
    ServerConfig,
    pki_types::CertificateDer,
    sign::{CertifiedKey, SingleCertAndKey},
};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::{Builder, Handle},
};
use tokio_rustls::TlsAcceptor;

/// The request header that says how long the reply's body shall be.
pub(crate) const REPLY_LEN: &str = "x-reply-len";

/// `serve-floor`: prints its address and serves until it is killed.
#[expect(clippy::print_stderr, reason = "this is a command")]
pub(crate) fn main(_arguments: &[String]) -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("serve-floor: {reason}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "the address is read by the benchmark")]
fn serve() -> Result<(), String> {
    crypto::start(crypto::Options::default()).map_err(|failure| failure.to_string())?;
    let tls = tls()?;
    let workers = workers().map_err(|error| error.to_string())?;
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| error.to_string())?.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
        println!("{}", listener.local_addr().map_err(|error| error.to_string())?);
        let acceptor = TlsAcceptor::from(tls);
        for worker in workers.iter().cycle() {
            let (stream, _) = listener.accept().await.map_err(|error| error.to_string())?;
            let stream = stream.into_std().map_err(|error| error.to_string())?;
            // A connection that breaks ends its own load.
            worker.spawn(connection(acceptor.clone(), stream));
        }
        Err("there is no processor".to_owned())
    })
}

/// Threads that serve, each with a runtime.
fn workers() -> io::Result<Vec<Handle>> {
    let start = |_| {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        thread::Builder::new().spawn(move || runtime.block_on(pending::<()>()))?;
        Ok(handle)
    };
    (0..thread::available_parallelism()?.get()).map(start).collect()
}

async fn connection(acceptor: TlsAcceptor, stream: std::net::TcpStream) -> io::Result<()> {
    let stream = TcpStream::from_std(stream)?;
    stream.set_nodelay(true)?;
    let stream = acceptor.accept(stream).await?;
    let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer));
    serving.await.map_err(io::Error::other)
}

async fn answer(
    request: http::Request<hyper::body::Incoming>,
) -> Result<http::Response<Full<Bytes>>, Infallible> {
    const BODY: &[u8] = &[b'x'; 1 << 16];
    let len = request.headers().get(REPLY_LEN).and_then(|len| len.to_str().ok()?.parse().ok());
    // The body is read, as any server must.
    let _ = request.into_body().collect().await;
    let body: &'static [u8] = &BODY[..len.unwrap_or(0).min(BODY.len())];
    let mut response = http::Response::new(Full::new(Bytes::from_static(body)));
    let kind = http::HeaderValue::from_static("application/x-amz-json-1.1");
    response.headers_mut().insert(http::header::CONTENT_TYPE, kind);
    Ok(response)
}

struct Signer<'k>(&'k CertificateKey);

impl x509::Signer for Signer<'_> {
    fn spki(&self) -> &[u8] {
        self.0.public_spki()
    }

    fn sign(&self, tbs: &[u8]) -> model::Result<Vec<u8>> {
        self.0.sign(tbs)
    }
}

fn tls() -> Result<Arc<ServerConfig>, String> {
    let failed = |error: model::Error| format!("{error:?}");
    let key = CertificateKey::generate().map_err(failed)?;
    let always = (Wall::from_secs(0), Wall::from_secs(4_000_000_000));
    let certificate = x509::self_signed_ca(&Signer(&key), "floor", always, [1; 16]);
    let chain = vec![CertificateDer::from(certificate.map_err(failed)?)];
    let certified = CertifiedKey::new(chain, key.rustls_signing_key());
    let mut config = ServerConfig::builder_with_provider(crypto::tls_provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
