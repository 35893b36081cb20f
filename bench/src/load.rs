//! The load: connections that send the same bytes again as soon as the answer is there.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use rustls::{
    ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// Requests as bytes, signed before the round begins.
pub(crate) type Requests = Arc<Vec<Vec<u8>>>;

/// What one round of load saw.
#[derive(Default)]
pub(crate) struct Load {
    /// Requests that were answered with success.
    pub(crate) requests: u64,
    /// How long each took, in microseconds, sorted.
    pub(crate) latencies_us: Vec<u32>,
    /// How long the round was.
    pub(crate) elapsed: Duration,
}

/// The certificate is not what is measured.
#[derive(Debug)]
struct AnyCertificate(Arc<rustls::crypto::CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// A connection that is ready to be used.
pub(crate) struct Connection {
    stream: TlsStream<TcpStream>,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self, String> {
        let provider = crypto::tls_provider();
        let mut config = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        let name = ServerName::from(address.ip());
        let connector = TlsConnector::from(Arc::new(config));
        let stream = connector.connect(name, stream).await.map_err(|error| error.to_string())?;
        Ok(Self { stream, buffer: Vec::with_capacity(1 << 14) })
    }

    /// Sends a request and reads the answer's status and body.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<(u16, &[u8]), String> {
        self.stream.write_all(request).await.map_err(|error| error.to_string())?;
        self.stream.flush().await.map_err(|error| error.to_string())?;
        self.buffer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.buffer).await;
            if read.map_err(|error| error.to_string())? == 0 {
                return Err("the server closed the connection".to_owned());
            }
            let Some(head) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
                continue;
            };
            let text = str::from_utf8(&self.buffer[..head]).map_err(|error| error.to_string())?;
            let status = text.get(9..12).and_then(|status| status.parse().ok());
            let len = text.lines().find_map(|line| line.strip_prefix("content-length: "));
            let len = len.and_then(|len| len.trim().parse::<usize>().ok());
            let (Some(status), Some(len)) = (status, len) else {
                return Err(format!("an answer without status or length: {text}"));
            };
            if self.buffer.len() >= head + 4 + len {
                return Ok((status, &self.buffer[head + 4..]));
            }
        }
    }
}

/// As many connections to a server as `count`, ready to be used.
pub(crate) async fn open(address: SocketAddr, count: usize) -> Result<Vec<Connection>, String> {
    let mut connections = Vec::with_capacity(count);
    for _ in 0..count {
        connections.push(Connection::open(address).await?);
    }
    Ok(connections)
}

/// Lets every connection send `requests` over and over for as long as `round`. Where there are
/// several, each connection begins elsewhere among them.
///
/// # Errors
///
/// Any answer but 200, and any connection that breaks, voids the whole round.
pub(crate) async fn round(
    connections: Vec<Connection>,
    requests: &Requests,
    round: Duration,
) -> Result<(Load, Vec<Connection>), String> {
    let started = now();
    let stride = requests.len() / connections.len().max(1);
    let tasks: Vec<_> = connections
        .into_iter()
        .enumerate()
        .map(|(at, connection)| {
            tokio::spawn(one(connection, requests.clone(), at * stride, started, round))
        })
        .collect();
    let mut load = Load::default();
    let mut back = Vec::new();
    for task in tasks {
        let (connection, latencies) = task.await.map_err(|error| error.to_string())??;
        load.requests += latencies.len() as u64;
        load.latencies_us.extend(latencies);
        back.push(connection);
    }
    load.elapsed = started.elapsed();
    load.latencies_us.sort_unstable();
    Ok((load, back))
}

async fn one(
    mut connection: Connection,
    requests: Requests,
    first: usize,
    started: Instant,
    round: Duration,
) -> Result<(Connection, Vec<u32>), String> {
    let mut latencies = Vec::with_capacity(1 << 12);
    for request in requests.iter().cycle().skip(first) {
        let sent = now();
        if sent.duration_since(started) >= round {
            break;
        }
        let (status, body) = connection.exchange(request).await?;
        if status != 200 {
            return Err(format!("answered {status}: {}", String::from_utf8_lossy(body)));
        }
        latencies.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    Ok((connection, latencies))
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
