//! The floors: rustls and a fixed reply, on the same kind of runtimes as the server's: one a
//! processor, among which connections are shared out. Of HTTPS with hyper; of KMIP with the length
//! of a message, which is read as the server reads it and not looked into.

use std::{
    convert::Infallible,
    future::pending,
    io::{self, Read as _},
    process::ExitCode,
    sync::Arc,
    thread,
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use kmip::ttlv::HEAD_LEN;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    runtime::{Builder, Handle},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::{messages::message_len, tls};

/// The request header that says how long the reply's body shall be.
pub(crate) const REPLY_LEN: &str = "x-reply-len";

/// What is spoken.
enum Floor {
    Https,
    /// With the answer to everything.
    Kmip(Arc<[u8]>),
}

/// `serve-floor` for HTTPS, `serve-floor kmip` for KMIP with the answer on its standard input:
/// prints its address and serves until it is killed.
#[expect(clippy::print_stderr, reason = "this is a command")]
pub(crate) fn main(arguments: &[String]) -> ExitCode {
    let floor = match arguments.first().map(String::as_str) {
        Some("kmip") => {
            let mut answer = Vec::new();
            let read = io::stdin().read_to_end(&mut answer);
            read.map(|_| Floor::Kmip(answer.into())).map_err(|error| error.to_string())
        }
        _ => Ok(Floor::Https),
    };
    match floor.and_then(serve) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("serve-floor: {reason}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "the address is read by the benchmark")]
fn serve(floor: Floor) -> Result<(), String> {
    crypto::start(crypto::Options::default()).map_err(|failure| failure.to_string())?;
    let tls = match floor {
        Floor::Https => tls::https_server()?,
        Floor::Kmip(_) => tls::kmip_server()?,
    };
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
            let acceptor = acceptor.clone();
            match &floor {
                Floor::Https => worker.spawn(https(acceptor, stream)),
                Floor::Kmip(answer) => worker.spawn(kmip(acceptor, stream, answer.clone())),
            };
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

async fn accept(
    acceptor: TlsAcceptor,
    stream: std::net::TcpStream,
) -> io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::from_std(stream)?;
    stream.set_nodelay(true)?;
    acceptor.accept(stream).await
}

async fn https(acceptor: TlsAcceptor, stream: std::net::TcpStream) -> io::Result<()> {
    let stream = accept(acceptor, stream).await?;
    let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer));
    serving.await.map_err(io::Error::other)
}

async fn kmip(
    acceptor: TlsAcceptor,
    stream: std::net::TcpStream,
    answer: Arc<[u8]>,
) -> io::Result<()> {
    let mut stream = accept(acceptor, stream).await?;
    loop {
        let mut head = [0; HEAD_LEN];
        stream.read_exact(&mut head).await?;
        let len = message_len(&head).map_err(io::Error::other)?.unwrap_or(HEAD_LEN);
        let mut message = vec![0; len - HEAD_LEN];
        stream.read_exact(&mut message).await?;
        stream.write_all(&answer).await?;
        stream.flush().await?;
    }
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
