//! AWS Signature Version 4: from a request to the headers that prove who made it.

use crypto::{digest, mac::SigV4Key, secmem::Guarded};
use model::{Region, Result, Secret, Wall};

use crate::{SignedRequest, percent};

/// Who signs.
pub struct Credentials {
    /// The access key's id.
    pub access_key_id: String,
    /// The access key's secret.
    pub secret: Secret,
    /// The token of the session whose access key it is, if it is one's.
    pub session_token: Option<String>,
    /// The region the requests are for.
    pub region: Region,
}

/// Which door a signature is for: made for one, it is worth nothing at another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Service {
    /// The AWS KMS API.
    Kms,
    /// The native API.
    Strongroom,
}

impl Service {
    /// Its name in a credential scope.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kms => "kms",
            Self::Strongroom => "strongroom",
        }
    }
}

/// A request that nobody has signed yet.
pub struct Unsigned<'a> {
    /// The method.
    pub method: &'static str,
    /// The path as it will be sent: its segments percent-encoded.
    pub path: &'a str,
    /// Names and values of the query, not encoded.
    pub query: &'a [(&'a str, String)],
    /// Lower-case names and values; `host` must be among them.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Secret,
}

/// Signs all of a request: its method, path, query, every header and the body.
///
/// # Errors
/// [`model::Error::Unavailable`] when the cryptographic module does not work or its memory is
/// full.
pub fn sign(
    unsigned: Unsigned<'_>,
    credentials: &Credentials,
    service: Service,
    time: Wall,
) -> Result<SignedRequest> {
    let Unsigned { method, path, query, mut headers, body } = unsigned;
    let timestamp = basic(time);
    let date = &timestamp[..8];
    headers.push(("x-amz-date", timestamp.clone()));
    headers.extend(credentials.session_token.clone().map(|token| ("x-amz-security-token", token)));
    headers.sort_unstable();

    let query = canonical_query(query);
    let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let lines: String =
        headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
    // The path is signed as it is sent, encoded once more.
    let canonical = format!(
        "{method}\n{}\n{query}\n{lines}\n{names}\n{}",
        percent::encode(path, b"/"),
        hex(&digest::sha256(body.expose()))
    );
    let scope = format!("{date}/{}/{}/aws4_request", credentials.region, service.name());
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n{}",
        hex(&digest::sha256(canonical.as_bytes()))
    );
    let secret = Guarded::copy_of(credentials.secret.expose())?;
    let key = SigV4Key::derive(&secret, date, credentials.region.as_str(), service.name())?;
    let signature = hex(&key.sign(to_sign.as_bytes())?);
    let id = &credentials.access_key_id;
    headers.push((
        "authorization",
        format!(
            "AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, \
             Signature={signature}"
        ),
    ));
    let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    Ok(SignedRequest { method, target, headers, body })
}

/// ISO 8601 basic: `20261124T050000Z`.
fn basic(time: Wall) -> String {
    let (year, month, day, hour, minute, second) = time.to_utc();
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

fn canonical_query(query: &[(&str, String)]) -> String {
    let encode =
        |(name, value): &(&str, String)| (percent::encode(name, b""), percent::encode(value, b""));
    let mut pairs: Vec<(String, String)> = query.iter().map(encode).collect();
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: u64 = 1_440_938_160;

    fn credentials() -> Credentials {
        assert!(crypto::start(crypto::Options::default()).is_ok());
        Credentials {
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret: Secret::new(b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_vec()),
            session_token: None,
            region: "us-east-1".parse().unwrap(),
        }
    }

    fn signed(method: &'static str, query: &[(&str, String)]) -> SignedRequest {
        let headers = vec![("host", "example.amazonaws.com".to_owned())];
        let body = Secret::new(Vec::new());
        let unsigned = Unsigned { method, path: "/", query, headers, body };
        sign(unsigned, &credentials(), Service::Kms, Wall::from_secs(TIME)).unwrap()
    }

    #[test]
    fn the_time_of_the_published_suite_is_written_in_basic_form() {
        assert_eq!(basic(Wall::from_secs(TIME)), "20150830T123600Z");
    }

    #[test]
    fn the_scope_names_day_region_and_service() {
        let request = signed("GET", &[]);
        let (_, authorization) =
            request.headers.iter().find(|(name, _)| *name == "authorization").unwrap();
        assert!(authorization.starts_with(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/kms/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature="
        ));
    }

    /// Signatures that botocore 1.43 made over the same requests.
    #[test]
    fn signatures_are_those_of_another_implementation() {
        let client =
            crate::Client { host: "localhost:9443".to_owned(), credentials: credentials() };
        let time = Wall::from_secs(TIME);
        let input = serde_json::json!({});
        let list = crate::Ask::ListPrincipals { limit: Some(3), after: Some("a+b c") };
        let cases = [
            (
                client.kms("ListKeys", &input, time),
                "158ad5cb3e2422c295df8f530f7bc2df9db06b926636058147bee0324f588bf3",
            ),
            (
                client.ask(&crate::Ask::ReadPolicies { name: "a+b" }, time),
                "3816a576f14c2d5af8b8cf6298d5af666be802229620faed50f65206113bfce7",
            ),
            (
                client.ask(&list, time),
                "2a779b0f76cb4119d01f2c8fd68827120601e5c646d74442cf9c451a384c8b67",
            ),
        ];
        for (request, signature) in cases {
            let request = request.unwrap();
            let (_, authorization) = request.headers.last().unwrap();
            assert!(authorization.ends_with(signature), "{}: {authorization}", request.target);
        }
    }

    #[test]
    fn the_query_is_sorted_and_encoded_as_it_is_signed() {
        let query = [("limit", "3".to_owned()), ("after", "a+b c".to_owned())];
        assert_eq!(signed("GET", &query).target, "/?after=a%2Bb%20c&limit=3");
    }

    #[test]
    fn whatever_is_signed_changes_the_signature() {
        let of = |request: SignedRequest| request.headers.last().cloned();
        assert_eq!(of(signed("GET", &[])), of(signed("GET", &[])));
        assert_ne!(of(signed("GET", &[])), of(signed("PUT", &[])));
        assert_ne!(of(signed("GET", &[])), of(signed("GET", &[("a", "b".to_owned())])));
    }
}
