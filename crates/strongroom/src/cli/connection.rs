//! Which server, and who asks: from arguments, the environment and the server's folder.

use std::{fs, io, path::PathBuf};

use clap::Args;
use client::{Ask, Client, Credentials, Given, NewMeans, SignedRequest};
use model::{Region, Secret, Wall};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    SECRET_MEMORY_LEN,
    failure::Failure,
    transport::{Endpoint, Transport},
};

/// Most pages of a list that are asked for: an endless list is not a list.
const PAGES_MAX: usize = 100_000;

/// How to reach the server. What is not said is read from `admin.json` in the folder.
#[derive(Args)]
#[command(next_help_heading = "Connection")]
pub(super) struct Connection {
    /// The server's folder, for its admin.json.
    #[arg(long, global = true, default_value = "./strongroom-data", value_name = "DIR")]
    dir: PathBuf,
    /// The server, e.g. https://kms.example.org:9443.
    #[arg(long, global = true, env = "STRONGROOM_ENDPOINT", value_name = "URL")]
    endpoint: Option<String>,
    /// The certificate (PEM) that vouches for the server's.
    #[arg(long, global = true, env = "STRONGROOM_CA_FILE", value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// The region.
    #[arg(long, global = true, env = "STRONGROOM_REGION")]
    region: Option<String>,
    /// Who asks: the access key's id. Its secret comes from AWS_SECRET_ACCESS_KEY.
    #[arg(long, global = true, env = "AWS_ACCESS_KEY_ID", value_name = "ID")]
    access_key_id: Option<String>,
    // Hidden: an argument can be read by every process of the machine.
    #[arg(long, global = true, env = "AWS_SECRET_ACCESS_KEY", hide = true, hide_env_values = true)]
    secret_access_key: Option<String>,
    // Of a session of a role: without it its access key is worth nothing.
    #[arg(long, global = true, env = "AWS_SESSION_TOKEN", hide = true, hide_env_values = true)]
    session_token: Option<String>,
}

/// What `init` and `quickstart` leave for the command line.
#[derive(Default, Deserialize)]
struct Known {
    endpoint: Option<String>,
    region: Option<String>,
    ca_file: Option<PathBuf>,
    access_key_id: Option<String>,
    secret_access_key: Option<String>,
}

/// A server that is asked by nobody in particular: to unseal it.
pub(super) struct Nobody {
    host: String,
    transport: Transport,
}

/// A server that can be asked.
pub(super) struct Server {
    client: Client,
    transport: Transport,
    now: Wall,
}

impl Connection {
    /// Gathers what is needed and starts the cryptographic module; nothing is sent yet.
    pub(super) fn open(&self, now: Wall) -> Result<Server, Failure> {
        let known = self.known()?;
        let endpoint = self.endpoint.as_ref().or(known.endpoint.as_ref());
        let endpoint: Endpoint = self.needed(endpoint, "--endpoint")?.parse()?;
        let ca_file = self.ca_file.as_ref().or(known.ca_file.as_ref());
        let ca_file = self.needed(ca_file, "--ca-file")?;
        let region = self.region.as_ref().or(known.region.as_ref());
        let region: Region = self.needed(region, "--region")?.parse().map_err(|_| {
            let sentence = "a region is 1 to 32 lower-case letters, digits and hyphens";
            Failure::Usage(sentence.to_owned())
        })?;
        let (access_key_id, secret, session_token) = self.access_key(&known)?;
        let options = crypto::Options { secret_memory_bytes: SECRET_MEMORY_LEN };
        crypto::start(options).map_err(Failure::module)?;
        let transport = Transport::new(&endpoint, ca_file)?;
        let credentials = Credentials { access_key_id, secret, session_token, region };
        Ok(Server { client: Client { host: endpoint.authority, credentials }, transport, now })
    }

    /// The same, where nobody has to say who they are.
    pub(super) fn open_as_nobody(&self) -> Result<Nobody, Failure> {
        let says_where = self.endpoint.is_some() && self.ca_file.is_some();
        let known = if says_where { Known::default() } else { self.known()? };
        let endpoint = self.endpoint.as_ref().or(known.endpoint.as_ref());
        let endpoint: Endpoint = self.needed(endpoint, "--endpoint")?.parse()?;
        let ca_file = self.ca_file.as_ref().or(known.ca_file.as_ref());
        let ca_file = self.needed(ca_file, "--ca-file")?;
        let options = crypto::Options { secret_memory_bytes: SECRET_MEMORY_LEN };
        crypto::start(options).map_err(Failure::module)?;
        let transport = Transport::new(&endpoint, ca_file)?;
        Ok(Nobody { host: endpoint.authority, transport })
    }

    fn known(&self) -> Result<Known, Failure> {
        let path = self.admin_file();
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| {
                let cause = format!("it is not what a server writes there ({error})");
                Failure::unreadable(&path, cause)
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Known::default()),
            // It is readable by its owner alone; others may say all of it themselves.
            Err(_) if self.says_all() => Ok(Known::default()),
            Err(error) => Err(Failure::unreadable(&path, error)),
        }
    }

    fn admin_file(&self) -> PathBuf {
        self.dir.join("admin.json")
    }

    fn says_all(&self) -> bool {
        let Self { endpoint, ca_file, region, access_key_id, secret_access_key, .. } = self;
        let key = access_key_id.is_some() && secret_access_key.is_some();
        endpoint.is_some() && ca_file.is_some() && region.is_some() && key
    }

    /// An id and the secret and session token that belong to it, never of two sources.
    fn access_key(&self, known: &Known) -> Result<(String, Secret, Option<String>), Failure> {
        let secret = |text: &String| Secret::new(text.clone().into_bytes());
        match (&self.access_key_id, &self.secret_access_key) {
            (Some(id), Some(text)) => {
                // As the SDKs take it: one that is empty is none.
                let token = self.session_token.clone().filter(|token| !token.is_empty());
                return Ok((id.clone(), secret(text), token));
            }
            (None, None) => {}
            (Some(_), None) | (None, Some(_)) => {
                let sentence = "an access key is an id and a secret: set both AWS_ACCESS_KEY_ID \
                                and AWS_SECRET_ACCESS_KEY, or neither";
                return Err(Failure::Usage(sentence.to_owned()));
            }
        }
        let id = self.needed(known.access_key_id.clone(), "AWS_ACCESS_KEY_ID")?;
        let text = self.needed(known.secret_access_key.as_ref(), "AWS_SECRET_ACCESS_KEY")?;
        Ok((id, secret(text), None))
    }

    fn needed<T>(&self, value: Option<T>, name: &str) -> Result<T, Failure> {
        value.ok_or_else(|| {
            let file = self.admin_file();
            Failure::Usage(format!(
                "{name} is not given, and {} does not say it; name a server's folder with --dir, \
                 or see \"Connection\" in --help",
                file.display()
            ))
        })
    }
}

impl Nobody {
    /// Gives the server something to unseal it with; how far that is.
    pub(super) fn unseal(&self, given: Given<'_>) -> Result<Value, Failure> {
        let request = client::unseal(&self.host, given)
            .map_err(|_| Failure::Usage("what was given is not a text (UTF-8)".to_owned()))?;
        let (status, body) = self.transport.send(&request)?;
        Ok(client::answer(status, body.expose())?)
    }
}

impl Server {
    /// Asks the native API.
    pub(super) fn ask(&self, ask: &Ask<'_>) -> Result<Value, Failure> {
        self.send(&self.client.ask(ask, self.now).map_err(out_of_order)?)
    }

    /// Gives the server one more way to unseal it.
    pub(super) fn add_unseal_source(
        &self,
        name: &str,
        means: NewMeans<'_>,
    ) -> Result<Value, Failure> {
        let request = self.client.add_unseal_source(name, means, self.now);
        self.send(&request.map_err(out_of_order)?)
    }

    /// Asks the AWS KMS API, e.g. `DescribeKey`.
    pub(super) fn kms(&self, operation: &str, input: &Value) -> Result<Value, Failure> {
        self.send(&self.client.kms(operation, input, self.now).map_err(out_of_order)?)
    }

    /// Asks for all pages of a list, whose entries are in the answer's `member`.
    pub(super) fn kms_list(
        &self,
        operation: &str,
        mut input: Value,
        member: &str,
    ) -> Result<Value, Failure> {
        let mut all = Vec::new();
        for _ in 0..PAGES_MAX {
            let mut page = self.kms(operation, &input)?;
            match page.get_mut(member).map(Value::take) {
                Some(Value::Array(entries)) => all.extend(entries),
                _ => return Err(Failure::incomplete(member)),
            }
            match page.get_mut("NextMarker").map(Value::take) {
                Some(Value::String(marker)) => input["Marker"] = marker.into(),
                _ => return Ok(json!({ member: all })),
            }
        }
        Err(Failure::Failed("the server's list does not end".to_owned()))
    }

    /// Asks for all of a list, whose pages have this member.
    pub(super) fn all(
        &self,
        member: &'static str,
        ask: impl for<'a> Fn(Option<&'a str>) -> Ask<'a>,
    ) -> Result<Value, Failure> {
        let (mut all, mut after) = (Vec::new(), None::<String>);
        for _ in 0..PAGES_MAX {
            let mut page = self.ask(&ask(after.as_deref()))?;
            match page.get_mut(member).map(Value::take) {
                Some(Value::Array(entries)) => all.extend(entries),
                _ => return Err(Failure::incomplete(member)),
            }
            match page.get_mut("next").map(Value::take) {
                Some(Value::String(next)) => after = Some(next),
                _ => return Ok(json!({ member: all })),
            }
        }
        Err(Failure::Failed("the server's list does not end".to_owned()))
    }

    fn send(&self, request: &SignedRequest) -> Result<Value, Failure> {
        let (status, body) = self.transport.send(request)?;
        Ok(client::answer(status, body.expose())?)
    }
}

fn out_of_order(_: model::Error) -> Failure {
    Failure::module("a request could not be signed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing_said() -> Connection {
        Connection {
            dir: "no-such-folder".into(),
            endpoint: None,
            ca_file: None,
            region: None,
            access_key_id: None,
            secret_access_key: None,
            session_token: None,
        }
    }

    fn refused(connection: &Connection) -> String {
        let failure = connection.open(Wall(0)).err().unwrap();
        assert_eq!(failure.exit_code(), 2);
        failure.to_string()
    }

    #[test]
    fn what_is_not_said_is_named_with_the_file_that_could_say_it() {
        let connection = nothing_said();
        let sentence = refused(&connection);
        assert!(sentence.starts_with("--endpoint is not given"), "{sentence}");
        assert!(sentence.contains("no-such-folder/admin.json"), "{sentence}");
    }

    #[test]
    fn half_an_access_key_is_not_completed_from_elsewhere() {
        let connection = Connection {
            endpoint: Some("https://localhost:1".to_owned()),
            ca_file: Some("ca.pem".into()),
            region: Some("eu-west-1".to_owned()),
            access_key_id: Some("AKIA".to_owned()),
            ..nothing_said()
        };
        assert!(refused(&connection).contains("both AWS_ACCESS_KEY_ID"));
    }
}
