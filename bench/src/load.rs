//! The load: connections that send the same bytes again as soon as the answer is there.

use std::{
    net::SocketAddr,
    ops::Range,
    sync::Arc,
    time::{Duration, Instant},
};

use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::messages;

/// Requests as bytes, made before the round begins.
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

/// What is spoken over TLS.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Protocol {
    /// HTTP/1.1.
    Http,
    /// KMIP messages one after the other.
    Kmip,
}

/// Where connections are opened, and how.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) address: SocketAddr,
    pub(crate) tls: Arc<ClientConfig>,
    pub(crate) protocol: Protocol,
}

/// The status of success.
pub(crate) const OK: u16 = 200;
/// The status of an answer in KMIP that is none of success: KMIP has no numbers for whole messages.
const FAILED: u16 = 500;

impl Protocol {
    /// The status of an answer and where its body is in what has come, once all of it has.
    fn answer(self, came: &[u8]) -> Result<Option<(u16, Range<usize>)>, String> {
        match self {
            Self::Http => http_answer(came),
            Self::Kmip => {
                let len = messages::message_len(came)?.filter(|len| came.len() >= *len);
                Ok(len.map(|len| {
                    let is_success = messages::is_success(&came[..len]);
                    (if is_success { OK } else { FAILED }, 0..len)
                }))
            }
        }
    }

    /// What an answer that is none of success says.
    fn words(self, status: u16, body: &[u8]) -> String {
        match self {
            Self::Http => format!("answered {status}: {}", String::from_utf8_lossy(body)),
            Self::Kmip => messages::failure(body),
        }
    }
}

fn http_answer(came: &[u8]) -> Result<Option<(u16, Range<usize>)>, String> {
    let Some(head) = came.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = str::from_utf8(&came[..head]).map_err(|error| error.to_string())?;
    let status = text.get(9..12).and_then(|status| status.parse().ok());
    let len = text.lines().find_map(|line| line.strip_prefix("content-length: "));
    let len = len.and_then(|len| len.trim().parse::<usize>().ok());
    let (Some(status), Some(len)) = (status, len) else {
        return Err(format!("an answer without status or length: {text}"));
    };
    let body = head + 4..head + 4 + len;
    Ok((came.len() >= body.end).then_some((status, body)))
}

/// A connection that is ready to be used.
pub(crate) struct Connection {
    stream: TlsStream<TcpStream>,
    protocol: Protocol,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(place: &Place) -> Result<Self, String> {
        let Place { address, tls, protocol } = place;
        let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        let name = ServerName::from(address.ip());
        let connector = TlsConnector::from(tls.clone());
        let stream = connector.connect(name, stream).await.map_err(|error| error.to_string())?;
        Ok(Self { stream, protocol: *protocol, buffer: Vec::with_capacity(1 << 14) })
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
            if let Some((status, body)) = self.protocol.answer(&self.buffer)? {
                return Ok((status, &self.buffer[body]));
            }
        }
    }
}

/// As many connections to a server as `count`, ready to be used.
pub(crate) async fn open(place: &Place, count: usize) -> Result<Vec<Connection>, String> {
    let mut connections = Vec::with_capacity(count);
    for _ in 0..count {
        connections.push(Connection::open(place).await?);
    }
    Ok(connections)
}

/// Lets every connection send `requests` over and over for as long as `round`. Where there are
/// several, each connection begins elsewhere among them.
///
/// # Errors
///
/// Any answer but success, and any connection that breaks, voids the whole round.
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
        let protocol = connection.protocol;
        let (status, body) = connection.exchange(request).await?;
        if status != OK {
            return Err(protocol.words(status, body));
        }
        latencies.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    Ok((connection, latencies))
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
