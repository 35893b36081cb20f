//! The root key: unsealing, by whoever holds the means; sealing and replacing it, by whoever may.

use std::{fmt, sync::Arc};

use base64ct::{Base64, Encoding};
use bytes::Bytes;
use engine::{
    Engine, Given, Offload, Progress, Refused, Way,
    op::{self, Means},
};
use http::{Method, StatusCode, request::Parts};
use model::{At, Secret, claim::Origin};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, Visitor},
};

use crate::{
    access_key::Wiped,
    call::{self, Call, json},
    error::Refusal,
    shape::{Kind, Member, Shape},
};

/// Where the server is unsealed.
pub(crate) const UNSEAL: &str = "/api/v1/unseal";

/// The input of [`take`].
pub(crate) static GIVEN: Shape = Shape {
    name: "Unseal",
    members: &[
        Member::optional("share", Kind::Text, "A share: srshare1- and what follows."),
        Member::optional("passphrase", Kind::Text, "The passphrase."),
        Member::optional("key_file", Kind::Text, "The key file's 32 bytes in base64."),
    ],
};

/// The output of [`take`].
pub(crate) static PROGRESS: Shape = Shape {
    name: "UnsealProgress",
    members: &[
        Member::new("sealed", Kind::Flag, "Whether it is sealed now."),
        Member::new("ways", Kind::List(&Kind::Object(&WAY)), "The ways to unseal it."),
        Member::new("shares_given", Kind::Count, "How many shares are held."),
    ],
};

/// A way to unseal the server.
pub(crate) static WAY: Shape = Shape {
    name: "UnsealWay",
    members: &[
        Member::new("name", Kind::Text, "Its name."),
        Member::new("kind", Kind::Text, "key-file, passphrase or shares."),
        Member::optional("needed", Kind::Count, "How many shares are needed."),
        Member::optional("count", Kind::Count, "How many shares there are."),
    ],
};

/// The input of [`add_source`].
pub(crate) static NEW_SOURCE: Shape = Shape {
    name: "NewUnsealSource",
    members: &[
        Member::new("name", Kind::Text, "Its name: 1 to 64 lower-case letters, digits, hyphens."),
        Member::optional("shares", Kind::Object(&NEW_SHARES), "New shares."),
        Member::optional("passphrase", Kind::Text, "A passphrase of 8 bytes or more."),
        Member::optional("key_file", Kind::Text, "A key file's 32 random bytes in base64."),
    ],
};

static NEW_SHARES: Shape = Shape {
    name: "NewShares",
    members: &[
        Member::new("needed", Kind::Count, "How many are needed, from 1."),
        Member::new("count", Kind::Count, "How many there are, to 255."),
    ],
};

/// The output of [`add_source`].
pub(crate) static SHARES: Shape = Shape {
    name: "Shares",
    members: &[Member::new("shares", Kind::List(&Kind::Text), "New shares, shown this once.")],
};

/// The output of [`rotate`].
pub(crate) static ROTATED: Shape = Shape {
    name: "RootKey",
    members: &[Member::new("version", Kind::Count, "The version of the root key in use.")],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    share: Option<Text>,
    passphrase: Option<Text>,
    key_file: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSource {
    name: String,
    shares: Option<NewShares>,
    passphrase: Option<Text>,
    key_file: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewShares {
    needed: u8,
    count: u8,
}

/// A text that is wiped when it is dropped.
struct Text(Secret);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct AsSecret;

        impl Visitor<'_> for AsSecret {
            type Value = Text;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("a string")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(Secret::new(text.as_bytes().to_vec())))
            }
        }

        from.deserialize_str(AsSecret)
    }
}

#[derive(Serialize)]
struct Answer {
    sealed: bool,
    ways: Vec<NamedWay>,
    shares_given: usize,
}

/// A way to unseal the server, by name.
#[derive(Serialize)]
pub(crate) struct NamedWay {
    name: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    needed: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u8>,
}

impl From<(String, Way)> for NamedWay {
    fn from((name, way): (String, Way)) -> Self {
        let (kind, needed, count) = match way {
            Way::KeyFile => ("key-file", None, None),
            Way::Passphrase => ("passphrase", None, None),
            Way::Shares { needed, count } => ("shares", Some(needed), Some(count)),
        };
        Self { name, kind, needed, count }
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        let (status, code, message) = match refused {
            Refused::NotSealed => (StatusCode::CONFLICT, "not-sealed", "It is not sealed."),
            Refused::NoSuchWay => {
                return Self::invalid("This server is not unsealed in that way.");
            }
            Refused::NotAShare => {
                return Self::invalid("This is not a share; a share starts with srshare1-.");
            }
            Refused::DamagedShare => {
                return Self::invalid(
                    "This share is mistyped or damaged: its check value does not match.",
                );
            }
            Refused::GivenAlready(index) => {
                let message = format!("Share {index} was given already.");
                return Self::new(StatusCode::CONFLICT, "given-already", message);
            }
            Refused::Wrong => {
                (StatusCode::FORBIDDEN, "does-not-unseal", "This does not unseal the server.")
            }
            Refused::WrongTogether => (
                StatusCode::FORBIDDEN,
                "does-not-unseal",
                "These shares do not unseal the server together: all that were given are discarded.",
            ),
            Refused::TooSoon => (
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-requests",
                "A wrong passphrase was given a moment ago, or one is being tried. Try again soon.",
            ),
            Refused::Failed(error) => return error.into(),
        };
        Self::new(status, code, message)
    }
}

/// Whether a request is to unseal the server. It bears no signature: a sealed server knows nobody.
pub(crate) fn is_to_unseal(head: &Parts) -> bool {
    head.method == Method::POST && head.uri.path() == UNSEAL
}

/// Take what somebody gives to unseal the server; with nothing given, say what is needed.
pub(crate) async fn take(
    engine: &Arc<Engine>,
    pool: &dyn Offload,
    body: &[u8],
    origin: Origin,
    at: At,
) -> Result<Bytes, Refusal> {
    let given = given(call::input(body)?)?;
    let Progress { sealed, ways, shares_given } =
        engine::offer(engine, pool, given, origin, at).await?;
    json(&Answer { sealed, ways: ways.into_iter().map(NamedWay::from).collect(), shares_given })
}

fn given(input: Input) -> Result<Option<Given>, Refusal> {
    match input {
        Input { share: None, passphrase: None, key_file: None } => Ok(None),
        Input { share: Some(Text(text)), passphrase: None, key_file: None } => {
            Ok(Some(Given::Share(text)))
        }
        Input { share: None, passphrase: Some(Text(text)), key_file: None } => {
            Ok(Some(Given::Passphrase(text)))
        }
        Input { share: None, passphrase: None, key_file: Some(Text(text)) } => {
            Ok(Some(Given::KeyFile(key_file(&text)?)))
        }
        _ => Err(Refusal::invalid("Give one of \"share\", \"passphrase\" and \"key_file\".")),
    }
}

/// The bytes of a key file in base64.
fn key_file(text: &Secret) -> Result<Secret, Refusal> {
    let content = Base64::decode_vec(str::from_utf8(text.expose()).unwrap_or_default());
    content.map(Secret::new).map_err(|_| Refusal::invalid("\"key_file\" is not base64."))
}

/// Give the server one more way to unseal it.
pub(crate) async fn add_source(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let NewSource { name, shares, passphrase, key_file: file } = call.input()?;
    let means = match (shares, passphrase, file) {
        (Some(NewShares { needed, count }), None, None) => Means::Shares { needed, count },
        (None, Some(Text(text)), None) => Means::Passphrase(text),
        (None, None, Some(Text(text))) => Means::KeyFile(key_file(&text)?),
        _ => {
            let message = "Give one of \"shares\", \"passphrase\" and \"key_file\".";
            return Err(Refusal::invalid(message));
        }
    };
    let shares = call.perform(op::AddUnsealSource { name, means }).await?;
    Ok(shown_once(&shares))
}

/// The shares as JSON, in one buffer that does not grow and is wiped when it was sent. No share
/// has a character that JSON escapes.
fn shown_once(shares: &[Secret]) -> Bytes {
    const HEAD: &[u8] = br#"{"shares":["#;
    let len = HEAD.len() + shares.iter().map(|share| share.len() + 3).sum::<usize>() + 2;
    let mut body = Vec::with_capacity(len);
    body.extend_from_slice(HEAD);
    for (i, share) in shares.iter().enumerate() {
        let before: &[u8] = if i == 0 { b"\"" } else { b",\"" };
        body.extend_from_slice(before);
        body.extend_from_slice(share.expose());
        body.push(b'"');
    }
    body.extend_from_slice(b"]}");
    Bytes::from_owner(Wiped(Secret::new(body)))
}

/// Take a way to unseal it from the server.
pub(crate) async fn remove_source(call: &Call<'_>) -> Result<Bytes, Refusal> {
    call.perform(op::RemoveUnsealSource { name: call.value(0).to_owned() }).await?;
    Ok(Bytes::new())
}

/// Seal the server.
pub(crate) async fn seal(call: &Call<'_>) -> Result<Bytes, Refusal> {
    call.perform(op::Seal).await?;
    Ok(Bytes::new())
}

#[derive(Serialize)]
struct Rotated {
    version: u32,
}

/// Replace the root key.
pub(crate) async fn rotate(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let version = call.perform(op::RotateRootKey).await?;
    json(&Rotated { version })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Option<Given>, Refusal> {
        given(call::input(body.as_bytes())?)
    }

    #[test]
    fn new_shares_are_json() {
        let share = |text: &str| Secret::new(text.as_bytes().to_vec());
        assert_eq!(shown_once(&[]), r#"{"shares":[]}"#);
        let two = shown_once(&[share("srshare1-a"), share("srshare1-b")]);
        assert_eq!(two, r#"{"shares":["srshare1-a","srshare1-b"]}"#);
    }

    #[test]
    fn one_thing_is_given_at_a_time() {
        assert!(matches!(read("{}"), Ok(None)));
        let Ok(Some(Given::Passphrase(text))) = read(r#"{"passphrase":"a\"b"}"#) else { panic!() };
        assert_eq!(text.expose(), b"a\"b");
        let Ok(Some(Given::KeyFile(file))) = read(r#"{"key_file":"AQI="}"#) else { panic!() };
        assert_eq!(file.expose(), [1, 2]);
        for body in [
            r#"{"share":"a","passphrase":"b"}"#,
            r#"{"key_file":"*"}"#,
            r#"{"share":1}"#,
            r#"{"token":"a"}"#,
            r#"[]"#,
            "",
        ] {
            assert_eq!(read(body).err().map(|refusal| refusal.code()), Some("invalid"), "{body}");
        }
    }
}
