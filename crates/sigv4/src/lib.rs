//! AWS Signature Version 4, as a request bears it: from headers to a claim.
//!
//! Nothing is verified here. The canonical request's head is written, byte for byte as the
//! signer must have; the engine hashes, compares and looks at the clock.
//!
//! Refused on sight: presigned URLs, chunked (`STREAMING-*`) and unsigned payloads, a `host` or `x-amz-*` header outside the signature, said twice what must be said once.

use std::borrow::Cow;

use http::{HeaderMap, HeaderValue, request::Parts};
use model::{Region, Wall, claim::SigV4Claim, limits};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// What the names of headers start with to which AWS gives a meaning.
const AMZ: &[u8] = b"x-amz-";

/// Why there is no claim in a request. The sentences are for the caller.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Malformed {
    /// The request is not signed.
    Missing,
    /// The signature lacks something, or says something that is not understood.
    Incomplete(&'static str),
    /// The signature cannot be right.
    Bad(&'static str),
    /// It rests on a session token that is longer than any of ours.
    UnknownCredential,
}

/// What a request's signature says, taken out of its head.
#[derive(Debug)]
pub struct Signature<'a> {
    access_key_id: &'a str,
    date: &'a str,
    region: Region,
    service: &'a str,
    signature: [u8; 32],
    timestamp: Cow<'a, str>,
    signed_at: Wall,
    canonical_head: Vec<u8>,
    session_token: Option<&'a str>,
}

impl<'a> Signature<'a> {
    /// Reads the signature of a request, or says what is missing from it.
    pub fn of(head: &'a Parts) -> Result<Self, Malformed> {
        let query = head.uri.query().unwrap_or_default();
        let said = Said::in_headers(&head.headers)?;
        let Some(authorization) = said.authorization else {
            return Err(if query.split('&').any(|pair| pair.starts_with("X-Amz-Signature=")) {
                Malformed::Incomplete(
                    "Presigned URLs are not accepted: sign with the Authorization header.",
                )
            } else {
                Malformed::Missing
            });
        };
        let authorization = Authorization::from_wire(text(authorization)?)?;
        let scope = Scope::from_wire(authorization.credential)?;
        said.refuse_unsupported()?;
        let session_token = said.session_token()?;
        let (timestamp, signed_at) = said.timestamp()?;
        if timestamp.get(..8) != Some(scope.date) {
            return Err(Malformed::Incomplete(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date \
                 from HTTP.",
            ));
        }
        let canonical_head = canonical_head(head, query, authorization.signed_headers)?;
        Ok(Self {
            access_key_id: scope.access_key_id,
            date: scope.date,
            region: scope.region,
            service: scope.service,
            signature: signature(authorization.signature)?,
            timestamp,
            signed_at,
            canonical_head,
            session_token,
        })
    }

    /// The claim, over the whole `body` of the same request.
    pub fn claim<'s>(&'s self, body: &'s [u8]) -> SigV4Claim<'s> {
        SigV4Claim {
            access_key_id: self.access_key_id,
            signature: self.signature,
            canonical_head: &self.canonical_head,
            body,
            timestamp: &self.timestamp,
            signed_at: self.signed_at,
            date: self.date,
            region: self.region.clone(),
            service: self.service,
            session_token: self.session_token,
        }
    }
}

/// The `Authorization` header's three parameters.
struct Authorization<'a> {
    credential: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    fn from_wire(text: &'a str) -> Result<Self, Malformed> {
        let parameters = text.strip_prefix(ALGORITHM).filter(|rest| rest.starts_with(' '));
        let Some(parameters) = parameters else {
            return Err(Malformed::Incomplete(
                "Authorization header requires the algorithm AWS4-HMAC-SHA256.",
            ));
        };
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        let mut rest = Some(parameters);
        while let Some(parameters) = rest {
            let (parameter, after) = cut(parameters, b',');
            rest = after;
            let (name, Some(value)) = cut(parameter.trim_ascii(), b'=') else {
                return Err(Malformed::Incomplete(
                    "Authorization header has a parameter without a value.",
                ));
            };
            let place = match name {
                "Credential" => &mut credential,
                "SignedHeaders" => &mut signed_headers,
                "Signature" => &mut signature,
                _ => {
                    return Err(Malformed::Incomplete(
                        "Authorization header has an unknown parameter.",
                    ));
                }
            };
            if place.replace(value).is_some() {
                return Err(Malformed::Incomplete(
                    "Authorization header has the same parameter twice.",
                ));
            }
        }
        let required = |value: Option<&'a str>, sentence| {
            value.filter(|value| !value.is_empty()).ok_or(Malformed::Incomplete(sentence))
        };
        Ok(Self {
            credential: required(
                credential,
                "Authorization header requires 'Credential' parameter.",
            )?,
            signed_headers: required(
                signed_headers,
                "Authorization header requires 'SignedHeaders' parameter.",
            )?,
            signature: required(signature, "Authorization header requires 'Signature' parameter.")?,
        })
    }
}

/// A credential with its scope: `ID/YYYYMMDD/region/service/aws4_request`.
struct Scope<'a> {
    access_key_id: &'a str,
    date: &'a str,
    region: Region,
    service: &'a str,
}

impl<'a> Scope<'a> {
    fn from_wire(text: &'a str) -> Result<Self, Malformed> {
        let mut rest = Some(text);
        let mut part = || {
            let (part, after) = cut(rest?, b'/');
            rest = after;
            Some(part)
        };
        let five = (part(), part(), part(), part(), part());
        let (Some(access_key_id), Some(date), Some(region), Some(service), Some(end)) = five else {
            return Err(Malformed::Incomplete(
                "Credential must have exactly 5 slash-delimited elements, \
                 e.g. keyid/date/region/service/term.",
            ));
        };
        let well_formed = rest.is_none()
            && end == "aws4_request"
            && (1..=128).contains(&access_key_id.len())
            && date.len() == 8
            && date.bytes().all(|b| b.is_ascii_digit());
        if !well_formed {
            return Err(Malformed::Incomplete(
                "Credential must be keyid/YYYYMMDD/region/service/aws4_request.",
            ));
        }
        let region = region
            .parse()
            .map_err(|_| Malformed::Bad("Credential should be scoped to a valid region."))?;
        Ok(Self { access_key_id, date, region, service })
    }
}

/// 64 hexadecimal digits. Not ours to compare, so not ours to be lenient with.
fn signature(text: &str) -> Result<[u8; 32], Malformed> {
    let malformed = || Malformed::Incomplete("Signature must be 64 hexadecimal digits.");
    let text: &[u8; 64] = text.as_bytes().try_into().map_err(|_| malformed())?;
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(malformed()),
    };
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.as_chunks::<2>().0) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Ok(bytes)
}

/// The text before the first `separator`, and the text behind it if there is one.
fn cut(text: &str, separator: u8) -> (&str, Option<&str>) {
    match memchr::memchr(separator, text.as_bytes()) {
        Some(at) => (&text[..at], text.get(at + 1..)),
        None => (text, None),
    }
}

fn text(value: &HeaderValue) -> Result<&str, Malformed> {
    value
        .to_str()
        .map_err(|_| Malformed::Incomplete("A header of the signature is not plain text."))
}

/// The headers that decide something. Said twice, one decides nothing.
#[derive(Default)]
struct Said<'a> {
    authorization: Option<&'a HeaderValue>,
    amz_date: Option<&'a HeaderValue>,
    date: Option<&'a HeaderValue>,
    content_sha256: Option<&'a HeaderValue>,
    security_token: Option<&'a HeaderValue>,
}

impl<'a> Said<'a> {
    fn in_headers(headers: &'a HeaderMap) -> Result<Self, Malformed> {
        let mut said = Self::default();
        // RFC 9112, section 3.2: there is one. It decides nothing here, but may on the way.
        let mut host = None;
        for (name, value) in headers {
            let place = match name.as_str() {
                "host" => &mut host,
                "authorization" => &mut said.authorization,
                "x-amz-date" => &mut said.amz_date,
                "date" => &mut said.date,
                "x-amz-content-sha256" => &mut said.content_sha256,
                "x-amz-security-token" => &mut said.security_token,
                _ => continue,
            };
            if place.replace(value).is_some() {
                return Err(Malformed::Incomplete("A header of the signature appears twice."));
            }
        }
        Ok(said)
    }

    /// The token of the session whose access key signs. That it is signed too is seen to like that
    /// of every header of its kind.
    fn session_token(&self) -> Result<Option<&'a str>, Malformed> {
        match self.security_token.map(text).transpose()? {
            Some(token) if token.len() > limits::SESSION_TOKEN_LEN_MAX => {
                Err(Malformed::UnknownCredential)
            }
            token => Ok(token),
        }
    }

    fn refuse_unsupported(&self) -> Result<(), Malformed> {
        match self.content_sha256.map(text).transpose()? {
            Some(hash) if hash.starts_with("STREAMING-") || hash == "UNSIGNED-PAYLOAD" => {
                Err(Malformed::Incomplete("The payload must be signed, and in one piece."))
            }
            _ => Ok(()),
        }
    }

    /// The time of signing: `x-amz-date`, else `Date`; as the string to sign writes it, and as a
    /// time.
    fn timestamp(&self) -> Result<(Cow<'a, str>, Wall), Malformed> {
        let Some(value) = self.amz_date.or(self.date) else {
            return Err(Malformed::Incomplete(
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' \
                 header.",
            ));
        };
        let text = text(value)?;
        if let Some(time) = from_basic(text) {
            return Ok((text.into(), time));
        }
        let Some(time) = from_http_date(text) else {
            return Err(Malformed::Incomplete(
                "Date must be in ISO-8601 'basic format', e.g. 20261124T050000Z.",
            ));
        };
        let (year, month, day, hour, minute, second) = time.to_utc();
        let text = format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z");
        Ok((text.into(), time))
    }
}

/// All of `text` as a number, when it is `digits` decimal digits.
fn number(text: Option<&str>, digits: usize) -> Option<u32> {
    let text = text?;
    let plain = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// ISO 8601 basic: `20261124T050000Z`.
fn from_basic(text: &str) -> Option<Wall> {
    if text.len() != 16 || text.get(8..9) != Some("T") || text.get(15..) != Some("Z") {
        return None;
    }
    let pair = |at: usize| number(text.get(at..at + 2), 2);
    let year = number(text.get(..4), 4)?;
    Wall::from_utc(year.into(), pair(4)?, pair(6)?, pair(9)?, pair(11)?, pair(13)?)
}

/// RFC 9110's IMF-fixdate: `Tue, 24 Nov 2026 05:00:00 GMT`.
fn from_http_date(text: &str) -> Option<Wall> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    if text.len() != 29 || text.get(25..) != Some(" GMT") {
        return None;
    }
    let name = text.get(8..11)?;
    let month = (1..).zip(MONTHS).find(|(_, month)| *month == name)?.0;
    let pair = |at: usize| number(text.get(at..at + 2), 2);
    let year = number(text.get(12..16), 4)?;
    Wall::from_utc(year.into(), month, pair(5)?, pair(17)?, pair(20)?, pair(23)?)
}

/// The canonical request without its last line, the payload's hash.
fn canonical_head(head: &Parts, query: &str, signed_headers: &str) -> Result<Vec<u8>, Malformed> {
    let mut canonical = Vec::with_capacity(512);
    canonical.extend_from_slice(head.method.as_str().as_bytes());
    canonical.push(b'\n');
    // KMS signs the path as sent, encoded once more.
    encode(head.uri.path().as_bytes(), b"/", &mut canonical);
    canonical.push(b'\n');
    if !query.is_empty() {
        canonical_query(query, &mut canonical);
    }
    canonical.push(b'\n');
    let (mut previous, mut host, mut amz) = (&b""[..], false, 0);
    for name in signed_headers.as_bytes().split(|byte| *byte == b';') {
        if name <= previous || name.iter().any(u8::is_ascii_uppercase) {
            return Err(Malformed::Bad(
                "SignedHeaders must be lower-case, in order, and each only once.",
            ));
        }
        previous = name;
        host |= name == b"host";
        amz += usize::from(name.starts_with(AMZ));
        canonical.extend_from_slice(name);
        canonical.push(b':');
        canonical_values(head, name, &mut canonical)?;
        canonical.push(b'\n');
    }
    canonical.push(b'\n');
    canonical.extend_from_slice(signed_headers.as_bytes());
    canonical.push(b'\n');
    // `host` and whatever AWS gives a meaning to must be under the signature. What is under it is
    // in the request, and each only once: so equal numbers are the same names.
    let sent = head.headers.keys().filter(|name| name.as_str().as_bytes().starts_with(AMZ));
    if host && amz == sent.count() {
        Ok(canonical)
    } else {
        Err(Malformed::Bad("'Host' and every 'X-Amz-*' header must be signed."))
    }
}

/// The values of one header, joined by commas, each with its spaces put in order.
fn canonical_values(head: &Parts, name: &[u8], to: &mut Vec<u8>) -> Result<(), Malformed> {
    let mut values = head
        .headers
        .iter()
        .filter(|(other, _)| other.as_str().as_bytes() == name)
        .map(|(_, value)| value.as_bytes());
    // HTTP/2 carries the host as `:authority`.
    let authority =
        || head.uri.authority().filter(|_| name == b"host").map(|a| a.as_str().as_bytes());
    let first = values
        .next()
        .or_else(authority)
        .ok_or(Malformed::Bad("A header that SignedHeaders names is not in the request."))?;
    put_in_order(first, to);
    for value in values {
        to.push(b',');
        put_in_order(value, to);
    }
    Ok(())
}

/// Trims spaces at both ends and makes each run of them one.
fn put_in_order(value: &[u8], to: &mut Vec<u8>) {
    // Most have none. Looking at all of them, without a way out, is what a processor does at once.
    if value.iter().fold(true, |none, byte| none & (*byte > b' ')) {
        to.extend_from_slice(value);
        return;
    }
    let mut last = b' ';
    for &byte in value.trim_ascii() {
        let byte = if byte == b'\t' { b' ' } else { byte };
        if !(byte == b' ' && last == b' ') {
            to.push(byte);
        }
        last = byte;
    }
}

/// Names and values in their one encoding, sorted.
fn canonical_query(query: &str, to: &mut Vec<u8>) {
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (recoded(name), recoded(value))
        })
        .collect();
    pairs.sort_unstable();
    for (i, (name, value)) in pairs.iter().enumerate() {
        if i > 0 {
            to.push(b'&');
        }
        to.extend_from_slice(name);
        to.push(b'=');
        to.extend_from_slice(value);
    }
}

fn recoded(text: &str) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, tail @ ..] = rest {
        let hex = |digit: &u8| char::from(*digit).to_digit(16);
        match (byte, tail) {
            (b'%', [high, low, after @ ..]) if hex(high).is_some() && hex(low).is_some() => {
                let value = hex(high).unwrap_or_default() << 4 | hex(low).unwrap_or_default();
                plain.push(value as u8);
                rest = after;
            }
            _ => {
                plain.push(*byte);
                rest = tail;
            }
        }
    }
    let mut encoded = Vec::with_capacity(text.len());
    encode(&plain, b"", &mut encoded);
    encoded
}

/// RFC 3986 percent-encoding of everything but unreserved bytes and `also`.
fn encode(bytes: &[u8], also: &[u8], to: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || also.contains(&byte) {
            to.push(byte);
        } else {
            let (high, low) = (byte >> 4, byte & 0xf);
            to.extend_from_slice(&[b'%', HEX[usize::from(high)], HEX[usize::from(low)]]);
        }
    }
}

#[cfg(test)]
mod tests;
