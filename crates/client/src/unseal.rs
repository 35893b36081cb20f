//! What unseals a server: given to a sealed one, in the one request that nobody signs, since it
//! knows nobody; or made known to one that is unsealed.

use std::io::{self, Write};

use base64ct::{Base64, Encoding};
use model::{Error, Secret, Wall, error::Invalid};

use crate::{Client, Service, SignedRequest, Unsigned, secret_text};

/// What somebody gives to unseal a server.
#[derive(Clone, Copy, Debug)]
pub enum Given<'a> {
    /// Nothing: the answer says what is needed.
    Nothing,
    /// The text of a share.
    Share(&'a Secret),
    /// The passphrase: a text.
    Passphrase(&'a Secret),
    /// The content of the key file.
    KeyFile(&'a Secret),
}

/// The request that gives it to a server. `host` is the `Host` of the request.
///
/// # Errors
/// When a share or passphrase is not UTF-8.
pub fn unseal(host: &str, given: Given<'_>) -> Result<SignedRequest, std::str::Utf8Error> {
    let body = match given {
        Given::Nothing => Secret::new(b"{}".to_vec()),
        Given::Share(text) => body(&[("share", std::str::from_utf8(text.expose())?)]),
        Given::Passphrase(text) => body(&[("passphrase", std::str::from_utf8(text.expose())?)]),
        Given::KeyFile(content) => {
            let text = base64(content);
            body(&[("key_file", std::str::from_utf8(text.expose())?)])
        }
    };
    let headers = vec![("host", host.to_owned()), ("content-type", "application/json".to_owned())];
    Ok(SignedRequest { method: "POST", target: "/api/v1/unseal".to_owned(), headers, body })
}

/// What is to unseal a server from now on.
#[derive(Clone, Copy, Debug)]
pub enum NewMeans<'a> {
    /// This passphrase: a text.
    Passphrase(&'a Secret),
    /// A key file with this content.
    KeyFile(&'a Secret),
}

impl Client {
    /// The request that gives a server one more way to unseal it, under a name.
    ///
    /// # Errors
    /// [`model::Error::Invalid`] when the passphrase is not UTF-8; [`model::Error::Unavailable`]
    /// when the cryptographic module does not work.
    pub fn add_unseal_source(
        &self,
        name: &str,
        means: NewMeans<'_>,
        time: Wall,
    ) -> model::Result<SignedRequest> {
        let in_base64;
        let (kind, text) = match means {
            NewMeans::Passphrase(text) => ("passphrase", text),
            NewMeans::KeyFile(content) => {
                in_base64 = base64(content);
                ("key_file", &in_base64)
            }
        };
        let wrong = |_| Error::Invalid(Invalid::OutOfRange("a passphrase that is no text"));
        let text = std::str::from_utf8(text.expose()).map_err(wrong)?;
        let unsigned = Unsigned {
            method: "POST",
            path: "/api/v1/unseal-sources",
            query: &[],
            headers: vec![("content-type", "application/json".to_owned())],
            body: body(&[("name", name), (kind, text)]),
        };
        self.signed(unsigned, Service::Strongroom, time)
    }
}

fn base64(content: &Secret) -> Secret {
    Secret::new(Base64::encode_string(content.expose()).into_bytes())
}

/// An object of texts.
fn body(members: &[(&str, &str)]) -> Secret {
    secret_text(|to| write(to, members))
}

fn write(to: &mut dyn Write, members: &[(&str, &str)]) -> io::Result<()> {
    let mut before = "{";
    for (name, text) in members {
        write!(to, "{before}\"{name}\":")?;
        serde_json::to_writer(&mut *to, text)?;
        before = ",";
    }
    to.write_all(b"}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_is_json_whatever_is_in_it() {
        let text = Secret::new(b"a\"b\\\n".to_vec());
        let request = unseal("localhost:1", Given::Passphrase(&text)).unwrap();
        assert_eq!(request.body.expose(), br#"{"passphrase":"a\"b\\\n"}"#);
        let file = Secret::new(vec![1, 2]);
        let request = unseal("localhost:1", Given::KeyFile(&file)).unwrap();
        assert_eq!(request.body.expose(), br#"{"key_file":"AQI="}"#);
        assert!(unseal("localhost:1", Given::Share(&Secret::new(vec![0xff]))).is_err());
    }
}
