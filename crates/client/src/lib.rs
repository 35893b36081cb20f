//! Strongroom from outside: signed requests and what their answers say.
//!
//! **Invariants.** No socket, no clock, no environment: a request is a value to send, an answer is
//! bytes to read, and time is a parameter. Hashes and codes come from `crypto`, which must have
//! been started.
//!
//! ```no_run
//! # fn main() -> model::Result<()> {
//! # let (host, now) = ("localhost:8443".to_owned(), model::Wall(0));
//! # let secret = model::Secret::new(Vec::new());
//! # let region = "eu-west-1".parse()?;
//! # let session_token = None;
//! let access_key_id = "AKIA...".into();
//! let credentials = client::Credentials { access_key_id, secret, session_token, region };
//! let client = client::Client { host, credentials };
//! let request = client.kms("ListKeys", &serde_json::json!({}), now)?;
//! // Send it; then read what came back:
//! let answer = client::answer(200, br#"{"Keys":[]}"#);
//! # let _ = (request, answer); Ok(()) }
//! ```

mod answer;
mod ask;
pub mod blob;
mod percent;
mod sign;
mod unseal;

pub use answer::{Failure, answer};
pub use ask::{Ask, IssuerSays, RoleSays};
pub use sign::{Credentials, Service, Unsigned, sign};
pub use unseal::{Given, NewMeans, unseal};

use std::io::{self, Write};

use model::{Result, Secret, Wall};
use serde_json::Value;

/// A server and who asks it.
pub struct Client {
    /// The `Host` of every request: a name or address, with its port unless that is 443.
    pub host: String,
    /// Who asks.
    pub credentials: Credentials,
}

/// A request that is ready to send over TLS.
pub struct SignedRequest {
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: &'static str,
    /// Path and query, as they stand in the request line.
    pub target: String,
    /// Every header but `Content-Length`, which is the sender's to write.
    pub headers: Vec<(&'static str, String)>,
    /// The body: it may hold a plaintext.
    pub body: Secret,
}

impl Client {
    /// A call of the AWS KMS API, e.g. `ListKeys` with its input.
    ///
    /// # Errors
    /// [`model::Error::Unavailable`] when the cryptographic module does not work.
    pub fn kms(&self, operation: &str, input: &Value, time: Wall) -> Result<SignedRequest> {
        let unsigned = Unsigned {
            method: "POST",
            path: "/",
            query: &[],
            headers: vec![
                ("content-type", "application/x-amz-json-1.1".to_owned()),
                ("x-amz-target", format!("TrentService.{operation}")),
            ],
            body: body_of(input),
        };
        self.signed(unsigned, Service::Kms, time)
    }

    /// A call of the native API.
    ///
    /// # Errors
    /// [`model::Error::Unavailable`] when the cryptographic module does not work.
    pub fn ask(&self, ask: &Ask<'_>, time: Wall) -> Result<SignedRequest> {
        let path = ask.path();
        let query = ask.query();
        let (body, headers) = match ask.input() {
            Some(input) => (body_of(&input), vec![("content-type", "application/json".to_owned())]),
            None => (Secret::new(Vec::new()), Vec::new()),
        };
        let unsigned = Unsigned { method: ask.method(), path: &path, query: &query, headers, body };
        self.signed(unsigned, Service::Strongroom, time)
    }

    fn signed(
        &self,
        mut unsigned: Unsigned<'_>,
        service: Service,
        time: Wall,
    ) -> Result<SignedRequest> {
        unsigned.headers.insert(0, ("host", self.host.clone()));
        sign(unsigned, &self.credentials, service, time)
    }
}

fn body_of(input: &Value) -> Secret {
    secret_text(|to| write!(to, "{input}"))
}

/// What `write` writes, in a buffer that did not grow, so that wiping it wipes the text. It is
/// written twice, the same each time: first to be counted.
fn secret_text(write: impl Fn(&mut dyn Write) -> io::Result<()>) -> Secret {
    struct Length(usize);

    impl Write for Length {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    // Neither a count nor memory fails to be written.
    let mut length = Length(0);
    let _ = write(&mut length);
    let mut text = Vec::with_capacity(length.0);
    let _ = write(&mut text);
    Secret::new(text)
}
