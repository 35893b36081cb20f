//! Connections to the server: TLS with a client's certificate, and in it either messages one after
//! the other or HTTP.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use kmip::{
    Encoding,
    ttlv::{HEAD_LEN, message_len},
};
use model::limits;
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
};

use crate::replay::Link;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who connects, and what it trusts.
pub(crate) struct Client {
    tls: Arc<ClientConfig>,
}

impl Client {
    /// A client with the certificate in one PEM file and its key in another, who trusts the
    /// authorities in a third.
    ///
    /// # Errors
    /// What went wrong, in words.
    pub(crate) fn new(ca: &str, certificate: &str, key: &str) -> Result<Self, String> {
        let certificates = |path: &str| -> Result<Vec<CertificateDer<'static>>, String> {
            let read = CertificateDer::pem_file_iter(path).and_then(|them| them.collect());
            read.map_err(|why| format!("{path}: {why}"))
        };
        let mut roots = RootCertStore::empty();
        for root in certificates(ca)? {
            roots.add(root).map_err(|why| format!("{ca}: {why}"))?;
        }
        let secret = PrivateKeyDer::from_pem_file(key).map_err(|why| format!("{key}: {why}"))?;
        let tls = ClientConfig::builder_with_provider(crypto::tls_provider())
            .with_safe_default_protocol_versions()
            .map_err(|why| why.to_string())?
            .with_root_certificates(roots)
            .with_client_auth_cert(certificates(certificate)?, secret)
            .map_err(|why| format!("{certificate}: {why}"))?;
        Ok(Self { tls: Arc::new(tls) })
    }

    /// A connection that carries messages one after the other.
    ///
    /// # Errors
    /// What went wrong, in words.
    pub(crate) fn raw(&self, address: &str) -> Result<impl Link + use<>, String> {
        Ok(Raw(self.open(address)?))
    }

    /// A connection that carries them in HTTP.
    ///
    /// # Errors
    /// What went wrong, in words.
    pub(crate) fn https(
        &self,
        address: &str,
        encoding: Encoding,
    ) -> Result<impl Link + use<>, String> {
        Ok(Https { stream: self.open(address)?, host: address.to_owned(), encoding })
    }

    fn open(&self, address: &str) -> Result<Stream, String> {
        let failed = |why: &dyn std::fmt::Display| format!("{address}: {why}");
        let (host, _) = address.rsplit_once(':').ok_or_else(|| failed(&"there is no port"))?;
        let host = host.trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(host).map_err(|why| failed(&why))?;
        let socket = TcpStream::connect(address).map_err(|why| failed(&why))?;
        socket.set_nodelay(true).map_err(|why| failed(&why))?;
        socket.set_read_timeout(Some(PATIENCE)).map_err(|why| failed(&why))?;
        let session = ClientConnection::new(self.tls.clone(), name).map_err(|why| failed(&why))?;
        Ok(StreamOwned::new(session, socket))
    }
}

type Stream = StreamOwned<ClientConnection, TcpStream>;

struct Raw(Stream);

impl Link for Raw {
    fn exchange(&mut self, request: &[u8]) -> Result<Vec<u8>, String> {
        let sent = self.0.write_all(request).and_then(|()| self.0.flush());
        sent.map_err(|why| format!("the request could not be sent: {why}"))?;
        let none = |why| format!("no answer came: {why}");
        let mut head = [0; HEAD_LEN];
        self.0.read_exact(&mut head).map_err(none)?;
        let len = message_len(head).map_err(|why| format!("no message came back: {why}"))?;
        let mut message = head.to_vec();
        message.resize(len, 0);
        self.0.read_exact(&mut message[HEAD_LEN..]).map_err(none)?;
        Ok(message)
    }
}

struct Https {
    stream: Stream,
    host: String,
    encoding: Encoding,
}

impl Link for Https {
    fn exchange(&mut self, request: &[u8]) -> Result<Vec<u8>, String> {
        let head = format!(
            "POST /kmip HTTP/1.1\r\nhost: {}\r\ncontent-type: {}\r\ncontent-length: {}\r\n\r\n",
            self.host,
            self.encoding.media_type(),
            request.len()
        );
        let message = [head.as_bytes(), request].concat();
        let sent = self.stream.write_all(&message).and_then(|()| self.stream.flush());
        sent.map_err(|why| format!("the request could not be sent: {why}"))?;
        let mut answer = Vec::new();
        loop {
            if let Some(body) = body(&answer, self.encoding)? {
                return Ok(body);
            }
            let mut part = [0; 1 << 12];
            let read = self.stream.read(&mut part);
            match read.map_err(|why| format!("no answer came: {why}"))? {
                0 => return Err("the server closed the connection".to_owned()),
                read => answer.extend_from_slice(&part[..read]),
            }
        }
    }
}

/// The body of an answer, once all of it is there.
fn body(answer: &[u8], encoding: Encoding) -> Result<Option<Vec<u8>>, String> {
    if answer.len() > limits::KMIP_MESSAGE_LEN_MAX {
        return Err("the answer is too long".to_owned());
    }
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = str::from_utf8(&answer[..end]).map_err(|why| format!("the head: {why}"))?;
    let header = |name: &str| {
        let fields = head.lines().filter_map(|line| line.split_once(':'));
        fields.into_iter().find(|(its, _)| its.eq_ignore_ascii_case(name)).map(|(_, it)| it.trim())
    };
    if head.get(9..12) != Some("200") {
        return Err(format!("answered {}", head.lines().next().unwrap_or_default()));
    }
    let kind = header("content-type").and_then(Encoding::of_media_type);
    if kind != Some(encoding) {
        return Err(format!("the answer is not {}", encoding.media_type()));
    }
    let len = header("content-length").and_then(|len| len.parse::<usize>().ok());
    let len = len.ok_or("the answer has no length")?;
    Ok(answer[end + 4..].get(..len).map(<[u8]>::to_vec))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &[u8] =
        b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\ncontent-length: 5\r\n\r\n<a/>\n";

    #[test]
    fn a_body_is_there_when_all_of_it_is() {
        for part in 0..ANSWER.len() {
            assert_eq!(body(&ANSWER[..part], Encoding::Xml), Ok(None), "{part}");
        }
        assert_eq!(body(ANSWER, Encoding::Xml), Ok(Some(b"<a/>\n".to_vec())));
    }

    #[test]
    fn an_answer_of_another_kind_is_told() {
        assert!(body(ANSWER, Encoding::Json).is_err());
        let text = str::from_utf8(ANSWER).unwrap();
        for (from, to) in [("200", "404"), ("content-length", "x"), ("text/xml", "text/html")] {
            assert!(body(text.replace(from, to).as_bytes(), Encoding::Xml).is_err(), "{to}");
        }
    }
}
