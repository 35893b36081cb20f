//! `strongroom quickstart`: a server on an embedded store in a local folder, founded on the first
//! run and gone on with on every later one.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use clap::{Args, ValueEnum};
use engine::{Bounds, Durability, Engine, Founding, Parts, PolicyLanguage};
use model::{AccountId, Error, Region, Secret, error::Invalid};
use serde::{Deserialize, Serialize};

use crate::{
    clock::Clock,
    failure::{self, Failure},
    folder::{self, Folder},
    server::{self, Listening},
};

/// The administrator whose access key the quickstart prints.
const ADMINISTRATOR: &str = "admin";
/// The name of the key file among the ways to the root key.
const SOURCE: &str = "key-file";
/// What the administrator may do: everything.
const ADMINISTRATOR_POLICY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }]
}"#;

/// Founds a server in a folder, if there is none yet, and runs it until SIGINT or SIGTERM.
///
/// The folder then also holds the key file that unseals the server: fine for trying it out and
/// for machines whose disk you trust. Everything in it is readable by its owner alone.
#[derive(Args)]
#[command(
    after_help = "Example:\n  strongroom quickstart --dir ./strongroom-data --listen 127.0.0.1:9443"
)]
pub(crate) struct Quickstart {
    /// The folder; it is made if it is not there.
    #[arg(long, default_value = "./strongroom-data")]
    dir: PathBuf,
    /// The address to listen on; port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:9443")]
    listen: SocketAddr,
    /// The address for metrics (plain HTTP).
    #[arg(long, default_value = "127.0.0.1:0")]
    metrics: SocketAddr,
    /// The account: twelve digits.
    #[arg(long, default_value = "000000000001")]
    account: AccountText,
    /// The region.
    #[arg(long, default_value = "us-east-1")]
    region: RegionText,
    /// When the use of a key is durable in the audit log.
    #[arg(long, value_enum, default_value_t = AuditMode::Buffered)]
    audit: AuditMode,
    /// Text for people, or one line of JSON for scripts.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

#[derive(Clone, Copy, ValueEnum)]
enum AuditMode {
    /// In the log file before the reply, synchronised within 100 ms.
    Buffered,
    /// Synchronised before the reply.
    Durable,
}

#[derive(Clone, Copy, ValueEnum)]
enum Output {
    /// For people.
    Text,
    /// One line of JSON once the server is ready.
    Json,
}

#[derive(Clone)]
struct AccountText(AccountId);

impl std::str::FromStr for AccountText {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let account = text.parse().map_err(|_| "an account is twelve digits".to_owned())?;
        if text == "000000000000" {
            return Err("account 000000000000 is the server's own; choose another".to_owned());
        }
        Ok(Self(account))
    }
}

#[derive(Clone)]
struct RegionText(Region);

impl std::str::FromStr for RegionText {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = "a region is 1 to 32 lower-case letters, digits and hyphens";
        text.parse().map(Self).map_err(|_| wrong.to_owned())
    }
}

/// How to reach the server: what is printed, and what the command line reads.
#[derive(Deserialize, Serialize)]
pub(crate) struct Access {
    pub(crate) endpoint: String,
    pub(crate) region: String,
    pub(crate) account: String,
    pub(crate) ca_file: String,
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    pub(crate) metrics: String,
}

impl Quickstart {
    pub(crate) fn run(self) -> Result<(), Failure> {
        crypto::start(crypto::Options::default())
            .map_err(|failure| Failure::during("start the cryptographic module", failure))?;
        let clock = Clock::start();
        let folder = Folder::prepare(&self.dir)?;
        let engine = Arc::new(self.engine(&folder)?);
        let known: Option<Access> = match folder::read(&folder.admin())? {
            Some(text) => Some(serde_json::from_slice(&text).map_err(|error| {
                Failure::during(&format!("read {}", folder.admin().display()), error)
            })?),
            None => None,
        };
        let initialised = engine.is_initialised().map_err(failure::engine("read the store"))?;
        let credentials = match (initialised, known) {
            (false, _) => self.found(&engine, &folder, clock)?,
            (true, Some(access)) => {
                unseal(&engine, &folder)?;
                (access.access_key_id, access.secret_access_key)
            }
            (true, None) => {
                return Err(Failure::new(format!(
                    "{} is missing, so the administrator's access key is not known; put the file \
                     back, or start with another --dir",
                    folder.admin().display()
                )));
            }
        };
        let names = vec![IpAddr::from([127, 0, 0, 1]), self.listen.ip()];
        let tls = server::tls::prepare(&engine, &folder, &names, clock.now())?;
        server::run(engine, tls, clock, (self.listen, self.metrics), |listening| {
            self.announce(&folder, credentials, listening)
        })
    }

    fn engine(&self, folder: &Folder) -> Result<Engine, Failure> {
        let store = store::sqlite::open(&folder.store(), store::sqlite::Options::default())
            .map_err(|failure| Failure::during("open the store", failure))?;
        Ok(Engine::new(Parts {
            store: Arc::new(store),
            log_dir: folder.audit(),
            log_origin: "strongroom/audit".to_owned(),
            durability: match self.audit {
                AuditMode::Buffered => Durability::Buffered,
                AuditMode::Durable => Durability::Durable,
            },
            regions: vec![self.region.0.clone()],
            language: POLICY_LANGUAGE,
            key_cache: Bounds { count: 4096, age_ms: 300_000 },
        }))
    }

    fn found(
        &self,
        engine: &Engine,
        folder: &Folder,
        clock: Clock,
    ) -> Result<(String, String), Failure> {
        let failed = failure::engine("found the server");
        if std::fs::read_dir(folder.audit()).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(Failure::new(format!(
                "{} holds an audit log, but the store was never founded: an earlier first start \
                 was interrupted; remove the folder and start again",
                folder.audit().display()
            )));
        }
        let root = crypto::root::RootKey::generate().map_err(&failed)?;
        let file = crypto::unseal::new_key_file().map_err(&failed)?;
        let source = crypto::unseal::Source::key_file(&root, &file).map_err(&failed)?;
        folder::write_private(&folder.unseal_key(), file.expose())?;
        let founding = Founding {
            root,
            source: (SOURCE.to_owned(), source),
            account: self.account.0,
            administrator: ADMINISTRATOR.to_owned(),
            policy: ADMINISTRATOR_POLICY.to_owned(),
        };
        let made = engine.initialise(founding, clock.now()).map_err(&failed)?;
        let secret = String::from_utf8_lossy(made.secret.expose()).into_owned();
        Ok((made.id, secret))
    }

    #[expect(clippy::print_stdout, reason = "this is what the command is asked to print")]
    fn announce(
        &self,
        folder: &Folder,
        (access_key_id, secret_access_key): (String, String),
        listening: Listening,
    ) -> Result<(), Failure> {
        let access = Access {
            endpoint: format!("https://{}", listening.https),
            region: self.region.0.to_string(),
            account: self.account.0.to_string(),
            ca_file: folder.ca_certificate().display().to_string(),
            access_key_id,
            secret_access_key,
            metrics: format!("http://{}/metrics", listening.metrics),
        };
        let line = serde_json::to_string(&access)
            .map_err(|error| Failure::during("write how to reach the server", error))?;
        folder::write_private(&folder.admin(), line.as_bytes())?;
        match self.output {
            Output::Json => println!("{line}"),
            Output::Text => println!("{}", lines(&access)),
        }
        Ok(())
    }
}

fn unseal(engine: &Engine, folder: &Folder) -> Result<(), Failure> {
    let path = folder.unseal_key();
    let file = folder::read(&path)?.map(Secret::new).ok_or_else(|| {
        Failure::new(format!(
            "{} is missing: the server cannot be unsealed without it",
            path.display()
        ))
    })?;
    let sources = engine.unseal_sources().map_err(failure::engine("read the store"))?;
    let source = sources.into_iter().find(|(name, _)| name == SOURCE).ok_or_else(|| {
        Failure::new("the store has no key file among its unseal sources".to_owned())
    })?;
    let root = source
        .1
        .open_with_key_file(&file)
        .map_err(|failure| Failure::during(&format!("unseal with {}", path.display()), failure))?;
    engine.unseal(root).map_err(failure::engine("unseal the server"))
}

/// IAM policy JSON, for the engine.
const POLICY_LANGUAGE: PolicyLanguage = PolicyLanguage {
    key_policy: |text| iam::parse_key_policy(text).map_err(malformed),
    identity_policy: |text| iam::parse_identity_policy(text).map_err(malformed),
    default_key_policy: iam::default_key_policy,
};

fn malformed(malformed: iam::Malformed) -> Error {
    Error::Invalid(Invalid::Policy(malformed.sentence().to_owned()))
}

/// Lines to copy and paste.
fn lines(access: &Access) -> String {
    let Access { endpoint, region, ca_file, access_key_id, secret_access_key, metrics, .. } =
        access;
    format!(
        r#"Strongroom is ready at {endpoint} (metrics at {metrics}). Stop it with Ctrl-C.

AWS CLI, in another terminal:

  export AWS_ACCESS_KEY_ID={access_key_id}
  export AWS_SECRET_ACCESS_KEY={secret_access_key}
  export AWS_DEFAULT_REGION={region}
  export AWS_ENDPOINT_URL_KMS={endpoint}
  export AWS_CA_BUNDLE={ca_file}
  aws kms create-key --description "my first key"
  aws kms list-keys

Python, boto3:

  import boto3
  kms = boto3.client("kms", endpoint_url="{endpoint}", region_name="{region}", verify="{ca_file}",
      aws_access_key_id="{access_key_id}",
      aws_secret_access_key="{secret_access_key}")
  key = kms.create_key()["KeyMetadata"]["KeyId"]
  blob = kms.encrypt(KeyId=key, Plaintext=b"hello")["CiphertextBlob"]
  print(kms.decrypt(CiphertextBlob=blob)["Plaintext"])
"#
    )
}
