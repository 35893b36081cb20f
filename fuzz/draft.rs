//! Requests signed as AWS Signature Version 4 says, and as no client would sign one, for the tests
//! of doors. Written from the published description: the product's signer signs only what is right.

use std::collections::BTreeMap;

use client::Credentials;
use crypto::secmem::Guarded;
use model::{Wall, algorithm::Hash};

/// A request that is signed by [`Draft::sign`]: a right one, unless it is changed before.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) method: &'static str,
    /// Path and query.
    pub(crate) target: String,
    /// Every header but `authorization`, with names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Headers that are sent and not signed.
    pub(crate) left_out: Vec<&'static str>,
    pub(crate) access_key_id: String,
    pub(crate) secret: Vec<u8>,
    /// When it is signed: of this are the date of the scope and, of the string to sign, the time.
    pub(crate) time: Wall,
    pub(crate) region: String,
    pub(crate) service: String,
    /// What the signing key is derived for instead of the scope: date, region and service.
    pub(crate) key_for: Option<[&'static str; 3]>,
}

/// A request as it is sent.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) method: &'static str,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    /// The values of `authorization`, sent last.
    pub(crate) authorization: Vec<String>,
    pub(crate) body: Vec<u8>,
}

impl Draft {
    /// A right request of `who`. The headers that every request has come by themselves.
    pub(crate) fn new(
        (method, target): (&'static str, &str),
        headers: &[(&str, &str)],
        body: &[u8],
        who: &Credentials,
        (service, time): (&str, Wall),
    ) -> Self {
        let mut draft = Self {
            method,
            target: target.to_owned(),
            headers: Vec::new(),
            body: body.to_vec(),
            left_out: Vec::new(),
            access_key_id: who.access_key_id.clone(),
            secret: who.secret.expose().to_vec(),
            time,
            region: who.region.to_string(),
            service: service.to_owned(),
            key_for: None,
        };
        for (name, value) in headers {
            draft.add(name, value);
        }
        draft.add("host", "localhost:9443");
        draft.add("x-amz-date", &basic(time));
        draft
    }

    /// Sends one more header.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// Sends no header of this name.
    pub(crate) fn drop(&mut self, name: &str) {
        self.headers.retain(|(other, _)| other != name);
    }

    /// Signs it at another time.
    pub(crate) fn at(&mut self, time: Wall) {
        self.time = time;
        self.drop("x-amz-date");
        self.add("x-amz-date", &basic(time));
    }

    /// Signs it. Where it states a hash of its body, that is believed, as clients do.
    pub(crate) fn sign(&self) -> Sent {
        let Self {
            method, target, headers, body, left_out, access_key_id, region, service, ..
        } = self;
        let mut signed: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, value) in headers.iter().filter(|(name, _)| !left_out.contains(&&**name)) {
            signed.entry(name).or_default().push(value.trim());
        }
        let lines: String = signed.iter().map(|(n, v)| format!("{n}:{}\n", v.join(","))).collect();
        let names = signed.keys().copied().collect::<Vec<_>>().join(";");
        let stated = headers.iter().find(|(name, _)| name == "x-amz-content-sha256");
        let hash = stated.map_or_else(|| hex(&crypto::digest::sha256(body)), |s| s.1.clone());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = encoded(path);
        let canonical = format!("{method}\n{path}\n{query}\n{lines}\n{names}\n{hash}");
        let (stamp, canonical) = (basic(self.time), crypto::digest::sha256(canonical.as_bytes()));
        let date = &stamp[..8];
        let scope = format!("{date}/{region}/{service}/aws4_request");
        let text = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", hex(&canonical));
        let secret = [b"AWS4", &*self.secret].concat();
        let scope_of_key = self.key_for.unwrap_or([date, region, service]);
        let key = scope_of_key.iter().fold(secret, |key, part| mac(&key, part.as_bytes()));
        let signature = hex(&mac(&mac(&key, b"aws4_request"), text.as_bytes()));
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={access_key_id}/{scope}, SignedHeaders={names}, \
             Signature={signature}"
        );
        Sent {
            method,
            target: target.clone(),
            headers: headers.clone(),
            authorization: vec![authorization],
            body: body.clone(),
        }
    }
}

impl Sent {
    /// As a door is given it.
    pub(crate) fn head(&self) -> http::request::Parts {
        let mut head = http::Request::builder().method(self.method).uri(&self.target);
        for (name, value) in &self.headers {
            head = head.header(name, value);
        }
        for value in &self.authorization {
            head = head.header("authorization", value);
        }
        head.body(()).unwrap().into_parts().0
    }
}

/// ISO 8601 basic: `20261124T050000Z`.
pub(crate) fn basic(time: Wall) -> String {
    let (year, month, day, hour, minute, second) = time.to_utc();
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A path as it is signed: as it is sent, encoded once more.
fn encoded(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let encode = |byte| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    path.bytes().map(encode).collect()
}

fn mac(key: &[u8], data: &[u8]) -> Vec<u8> {
    crypto::mac::hmac(Hash::Sha256, &Guarded::copy_of(key).unwrap(), data).unwrap()
}
