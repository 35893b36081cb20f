//! HTTP/1.1 over TLS, one request a connection: all that a command needs.
//!
//! Answers are bounded; the server must prove itself to the given CA, which cannot be turned off.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use client::SignedRequest;
use model::Secret;
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};

use super::failure::Failure;

const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);
const SILENCE_TIME_MAX: Duration = Duration::from_secs(60);
/// Longest line of an answer's head, in bytes.
const LINE_LEN_MAX: u64 = 16 << 10;
/// Most lines of an answer's head.
const LINES_MAX: usize = 128;
/// Longest body of an answer, in bytes.
const BODY_LEN_MAX: u64 = 16 << 20;

/// Where a server is: `https://host`, or with a port.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Endpoint {
    /// As it stands in the URL: the `Host` of requests.
    pub(super) authority: String,
    host: String,
    port: u16,
}

impl FromStr for Endpoint {
    type Err = Failure;

    fn from_str(url: &str) -> Result<Self, Failure> {
        let wrong = || {
            Failure::Usage(format!("{url} is no endpoint; one looks like https://localhost:9443"))
        };
        let rest = url.strip_prefix("https://").ok_or_else(wrong)?;
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match authority.strip_prefix('[') {
            Some(bracketed) => {
                let (host, after) = bracketed.split_once(']').ok_or_else(wrong)?;
                let port = if after.is_empty() { None } else { Some(after.strip_prefix(':')) };
                (host, port.map(|port| port.unwrap_or_default()))
            }
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        let port = port.map_or(Ok(443), str::parse).map_err(|_| wrong())?;
        let plain = |c: char| c.is_ascii_alphanumeric() || ".-_:".contains(c);
        if host.is_empty() || !host.chars().all(plain) {
            return Err(wrong());
        }
        Ok(Self { authority: authority.to_owned(), host: host.to_owned(), port })
    }
}

/// A way to a server.
pub(super) struct Transport {
    host: String,
    port: u16,
    name: ServerName<'static>,
    config: Arc<ClientConfig>,
    ca_file: PathBuf,
}

impl Transport {
    /// To a server that the certificates in `ca_file` (PEM) vouch for.
    pub(super) fn new(endpoint: &Endpoint, ca_file: &Path) -> Result<Self, Failure> {
        let Endpoint { authority: _, host, port } = endpoint.clone();
        let name = ServerName::try_from(host.clone())
            .map_err(|_| Failure::Usage(format!("{host} is no host name or address")))?;
        let mut roots = RootCertStore::empty();
        let unreadable = |cause: String| Failure::unreadable(ca_file, cause);
        let certificates = CertificateDer::pem_file_iter(ca_file)
            .map_err(|error| unreadable(error.to_string()))?;
        for certificate in certificates {
            let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
            roots.add(certificate).map_err(|error| unreadable(error.to_string()))?;
        }
        if roots.is_empty() {
            return Err(unreadable("there is no certificate in it".to_owned()));
        }
        let config = ClientConfig::builder_with_provider(crypto::tls_provider())
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(Failure::module)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let ca_file = ca_file.to_owned();
        Ok(Self { host, port, name, config: Arc::new(config), ca_file })
    }

    /// Sends a request; the answer's status and body, which may hold a plaintext.
    pub(super) fn send(&self, request: &SignedRequest) -> Result<(u16, Secret), Failure> {
        let socket = self.connect()?;
        let session = ClientConnection::new(self.config.clone(), self.name.clone())
            .map_err(Failure::module)?;
        let mut stream = StreamOwned::new(session, socket);
        let body = request.body.expose();
        let exchanged = stream
            .write_all(head(request, body.len()).as_bytes())
            .and_then(|()| stream.write_all(body))
            .and_then(|()| stream.flush())
            .and_then(|()| read_answer(BufReader::new(&mut stream)));
        let (status, body) = exchanged.map_err(|error| self.broken(&error))?;
        Ok((status, Secret::new(body)))
    }

    fn connect(&self) -> Result<TcpStream, Failure> {
        let Self { host, port, .. } = self;
        let unreachable = |cause: io::Error| {
            Failure::Unreachable(format!("cannot reach {host} port {port}: {cause}"))
        };
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        for address in (host.as_str(), *port).to_socket_addrs().map_err(unreachable)? {
            match TcpStream::connect_timeout(&address, CONNECT_TIME_MAX) {
                Ok(socket) => {
                    socket.set_read_timeout(Some(SILENCE_TIME_MAX)).map_err(unreachable)?;
                    socket.set_write_timeout(Some(SILENCE_TIME_MAX)).map_err(unreachable)?;
                    socket.set_nodelay(true).map_err(unreachable)?;
                    return Ok(socket);
                }
                Err(error) => last = error,
            }
        }
        Err(unreachable(last))
    }

    fn broken(&self, error: &io::Error) -> Failure {
        let Self { host, port, ca_file, .. } = self;
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        Failure::Unreachable(match inner {
            Some(rustls::Error::InvalidCertificate(why)) => format!(
                "the server at {host} port {port} is not one that {} vouches for: {why:?}",
                ca_file.display()
            ),
            _ => format!("the exchange with {host} port {port} broke off: {error}"),
        })
    }
}

fn head(request: &SignedRequest, body_len: usize) -> String {
    let SignedRequest { method, target, headers, body: _ } = request;
    let headers: String =
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!(
        "{method} {target} HTTP/1.1\r\n{headers}content-length: {body_len}\r\n\
         connection: close\r\n\r\n"
    )
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the answer is not HTTP: {what}"))
}

/// How long a body is.
enum Extent {
    Known(u64),
    Chunked,
    ToTheEnd,
}

/// Reads an answer (RFC 9112): status and body.
fn read_answer(mut from: impl BufRead) -> io::Result<(u16, Vec<u8>)> {
    let status = line(&mut from)?;
    let status = status.strip_prefix("HTTP/1.1 ").or(status.strip_prefix("HTTP/1.0 "));
    let status = status.and_then(|rest| rest.get(..3)?.parse::<u16>().ok());
    let status = status.ok_or_else(|| malformed("it has no status"))?;
    let mut extent = Extent::ToTheEnd;
    for _ in 0..LINES_MAX {
        let line = line(&mut from)?;
        if line.is_empty() {
            let body = if status == 204 { Vec::new() } else { read_body(&mut from, &extent)? };
            return Ok((status, body));
        }
        let (name, value) = line.split_once(':').ok_or_else(|| malformed("a header"))?;
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            extent = Extent::Known(value.parse().map_err(|_| malformed("its length"))?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            extent = match value.eq_ignore_ascii_case("chunked") {
                true => Extent::Chunked,
                false => return Err(malformed("its encoding")),
            };
        }
    }
    Err(malformed("its head does not end"))
}

/// A line without its end.
fn line(from: &mut impl BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    from.take(LINE_LEN_MAX).read_until(b'\n', &mut line)?;
    let line = line.strip_suffix(b"\n").ok_or_else(|| malformed("a line does not end"))?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    String::from_utf8(line.to_vec()).map_err(|_| malformed("a line is no text"))
}

fn read_body(from: &mut impl BufRead, extent: &Extent) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    match extent {
        Extent::Known(len) => append(from, *len, &mut body)?,
        Extent::Chunked => loop {
            let size = line(from)?;
            let size = size.split(';').next().unwrap_or_default().trim();
            let size = u64::from_str_radix(size, 16).map_err(|_| malformed("a chunk's size"))?;
            if size == 0 {
                break;
            }
            append(from, size, &mut body)?;
            if !line(from)?.is_empty() {
                return Err(malformed("a chunk's end"));
            }
        },
        Extent::ToTheEnd => {
            from.take(BODY_LEN_MAX + 1).read_to_end(&mut body)?;
            if body.len() as u64 > BODY_LEN_MAX {
                return Err(malformed("it is too long"));
            }
        }
    }
    Ok(body)
}

/// Exactly `len` bytes more. A body of known length is never moved while it is read.
fn append(from: &mut impl BufRead, len: u64, body: &mut Vec<u8>) -> io::Result<()> {
    if len > BODY_LEN_MAX - body.len() as u64 {
        return Err(malformed("it is too long"));
    }
    body.reserve_exact(usize::try_from(len).map_err(|_| malformed("it is too long"))?);
    let read = from.take(len).read_to_end(body)?;
    if read as u64 == len { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(u16, String)> {
        let (status, body) = read_answer(text.as_bytes()).ok()?;
        Some((status, String::from_utf8(body).ok()?))
    }

    #[test]
    fn bodies_end_by_length_by_chunks_or_with_the_connection() {
        let expected = Some((200, "hello".to_owned()));
        assert_eq!(read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, more"), expected);
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                       2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n";
        assert_eq!(read(chunked), expected);
        assert_eq!(read("HTTP/1.0 200 OK\r\n\r\nhello"), expected);
        assert_eq!(read("HTTP/1.1 204 No Content\r\n\r\n"), Some((204, String::new())));
    }

    #[test]
    fn a_body_that_breaks_off_is_no_answer() {
        for text in [
            "",
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhell",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_is_too_long_or_not_http_is_refused() {
        let long = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(20_000));
        let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: y\r\n".repeat(200));
        let texts = [
            "SSH-2.0-x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
            &long,
            &many,
        ];
        for text in texts {
            assert_eq!(read(text), None, "{}", &text[..16.min(text.len())]);
        }
    }

    #[test]
    fn an_endpoint_is_an_https_url_without_a_path() {
        let parts = |url: &str| url.parse::<Endpoint>().ok().map(|e| (e.authority, e.host, e.port));
        let of =
            |authority: &str, host: &str, port| Some((authority.to_owned(), host.to_owned(), port));
        assert_eq!(parts("https://localhost:9443"), of("localhost:9443", "localhost", 9443));
        assert_eq!(parts("https://kms.example/"), of("kms.example", "kms.example", 443));
        assert_eq!(parts("https://[::1]:9443"), of("[::1]:9443", "::1", 9443));
        for url in ["http://localhost", "localhost", "https://", "https://a/b", "https://a:x"] {
            assert_eq!(parts(url), None, "{url}");
        }
        for url in ["https://u@a", "https://[::1", "https://[::1]x", "https://a b"] {
            assert_eq!(parts(url), None, "{url}");
        }
    }
}
