//! `strongroom server`: unseals a server that was founded, and runs it.

use std::{io::Write as _, path::PathBuf, sync::Arc};

use clap::{Args, ValueEnum};
use engine::{Bounds, Confinement, Engine, Parts, PolicyLanguage, op::NewAccessKey};
use model::{Error, error::Invalid};
use serde::{Deserialize, Serialize};

use crate::{
    clock::Clock,
    config::Config,
    failure::{self, Failure},
    folder::{self, Folder},
    harden,
    server::{self, Listening, certificate::OwnCertificate},
    unseal,
};

/// Runs the server of a configuration until SIGINT or SIGTERM.
///
/// With a key file it unseals itself. If people unseal it, with a passphrase or shares, it starts
/// sealed and waits for `strongroom unseal`.
#[derive(Args)]
#[command(after_help = "Example:\n  strongroom server --config strongroom.toml")]
pub(crate) struct Serve {
    /// The configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Text for people, or one line of JSON for scripts.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// What is printed once there is something to say.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Text,
    /// One line of JSON.
    Json,
}

/// How to reach the server: what is printed, and what the command line reads.
#[derive(Deserialize, Serialize)]
pub(crate) struct Access {
    pub(crate) endpoint: String,
    pub(crate) region: String,
    pub(crate) account: String,
    pub(crate) ca_file: String,
    #[serde(flatten)]
    pub(crate) administrator: Option<AccessKey>,
    pub(crate) metrics: String,
    /// What an earlier version wrote says nothing of it.
    #[serde(default)]
    pub(crate) kmip: KmipAccess,
}

/// How to reach it by KMIP.
#[derive(Default, Deserialize, Serialize)]
pub(crate) struct KmipAccess {
    pub(crate) address: String,
    pub(crate) ca_file: String,
    /// The certificate of the first client and its key, where the folder has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cert_file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key_file: Option<String>,
}

/// The administrator's access key: kept beside the server by the quickstart alone.
#[derive(Deserialize, Serialize)]
pub(crate) struct AccessKey {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
}

/// What is printed when the server answers.
#[derive(Serialize)]
struct Ready<'a> {
    #[serde(flatten)]
    access: &'a Access,
    /// Said only when it is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sealed: bool,
}

fn said(access: &Access, sealed: bool, dir: &str) -> String {
    let Access { endpoint, metrics, ca_file, kmip, .. } = access;
    let state = if sealed { "sealed, and answers" } else { "ready" };
    let kmip = &kmip.address;
    let mut text = format!(
        "Strongroom is {state} at {endpoint} (KMIP at {kmip}, metrics at {metrics}). Its \
         certificate is vouched for by {ca_file}."
    );
    if sealed {
        text += &format!("\nUnseal it with: strongroom unseal --dir {dir}");
    }
    text
}

impl From<NewAccessKey> for AccessKey {
    fn from(made: NewAccessKey) -> Self {
        let secret_access_key = String::from_utf8_lossy(made.secret.expose()).into_owned();
        Self { access_key_id: made.id, secret_access_key }
    }
}

impl Serve {
    pub(crate) fn run(self) -> Result<(), Failure> {
        harden::start()?;
        let config = Config::load(&self.config)?;
        let unfounded = || {
            Failure::new(format!(
                "there is no server in {}; found one with: strongroom init --config {}",
                config.dir.display(),
                self.config.display()
            ))
        };
        if !config.dir.is_dir() {
            return Err(unfounded());
        }
        let folder = Folder::prepare(&config.dir)?;
        if !folder.store().exists() {
            return Err(unfounded());
        }
        start_crypto(&config)?;
        let key_file = unseal::key_file(&config)?;
        let administrator = known(&folder)?.and_then(|access| access.administrator);
        let site = Site::open(config.clone(), folder)?;
        if !site.engine.is_initialised().map_err(failure::engine("read the store"))? {
            return Err(unfounded());
        }
        match key_file {
            Some(key_file) => unseal::at_start(&site.engine, key_file, site.clock)?,
            None => unseal::can_be(&site.engine, config.unseal)?,
        }
        let sealed = site.engine.is_sealed();
        let dir = site.folder.path().display().to_string();
        site.serve(administrator, |access| match self.output {
            Output::Json => one_line(&Ready { access, sealed }),
            Output::Text => Ok(said(access, sealed, &dir)),
        })
    }
}

/// A server about to serve: its sockets are bound, the process is confined to its folder, and its
/// store is open.
pub(crate) struct Site {
    pub(crate) engine: Arc<Engine>,
    pub(crate) folder: Folder,
    pub(crate) clock: Clock,
    config: Config,
    sockets: server::Sockets,
}

impl Site {
    /// Binds, confines and opens, in this order: the threads that the store starts are confined
    /// too.
    pub(crate) fn open(config: Config, folder: Folder) -> Result<Self, Failure> {
        let sockets = server::bind(config.addresses())?;
        let confined = harden::confine(folder.path());
        let harden::Confinement { landlock, seccomp, privileges, lacks } = confined;
        lacks.iter().for_each(|lack| note(lack));
        let engine = Arc::new(engine(&config, &folder)?);
        engine.tell_confinement(Confinement { landlock, seccomp, privileges });
        Ok(Self { engine, folder, clock: Clock::start(), config, sockets })
    }

    /// Serves until SIGINT or SIGTERM. Once it does, how to reach it is written to the folder and
    /// printed as `words` put it.
    pub(crate) fn serve(
        self,
        administrator: Option<AccessKey>,
        words: impl FnOnce(&Access) -> Result<String, Failure>,
    ) -> Result<(), Failure> {
        let Self { engine, folder, clock, config, sockets } = self;
        let certificate = open_to_clients(&engine, &folder, &config, clock)?;
        server::run(engine, certificate, clock, sockets, |listening| {
            let access = access(&config, &folder, administrator, listening);
            folder::write_private(&folder.admin(), json(&access)?.as_bytes())?;
            writeln!(std::io::stdout(), "{}", words(&access)?)
                .map_err(|error| Failure::during("say that the server is ready", error))
        })
    }
}

/// The server's certificate; and, while it is unsealed, the file by which its log is verified.
pub(crate) fn open_to_clients(
    engine: &Engine,
    folder: &Folder,
    config: &Config,
    clock: Clock,
) -> Result<OwnCertificate, Failure> {
    if !engine.is_sealed() {
        let verifier = engine.log_verifier().map_err(failure::engine("read the log's key"))?;
        folder::write_private(&folder.audit_key(), format!("{verifier}\n").as_bytes())?;
    }
    OwnCertificate::open(engine, folder, config.subject_names(), clock.now())
}

pub(crate) fn access(
    config: &Config,
    folder: &Folder,
    administrator: Option<AccessKey>,
    listening: Listening,
) -> Access {
    let ca_file = folder.ca_certificate().display().to_string();
    let if_there = |path: PathBuf| path.exists().then(|| path.display().to_string());
    let kmip = KmipAccess {
        address: listening.kmip.to_string(),
        ca_file: ca_file.clone(),
        cert_file: if_there(folder.kmip_client_certificate()),
        key_file: if_there(folder.kmip_client_key()),
    };
    Access {
        endpoint: format!("https://{}", listening.https),
        region: config.regions.first().map(ToString::to_string).unwrap_or_default(),
        account: config.account.to_string(),
        ca_file,
        administrator,
        metrics: format!("http://{}/metrics", listening.metrics),
        kmip,
    }
}

/// One line of JSON.
pub(crate) fn json(access: &Access) -> Result<String, Failure> {
    one_line(access)
}

fn one_line(what: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(what)
        .map_err(|error| Failure::during("write how to reach the server", error))
}

/// What an earlier run wrote about how to reach the server.
pub(crate) fn known(folder: &Folder) -> Result<Option<Access>, Failure> {
    let path = folder.admin();
    let known = folder::read(&path)?.map(|text| serde_json::from_slice(&text)).transpose();
    known.map_err(|error| Failure::during(&format!("read {}", path.display()), error))
}

/// Starts the cryptographic module.
pub(crate) fn start_crypto(config: &Config) -> Result<(), Failure> {
    let options = crypto::Options { secret_memory_bytes: config.secret_memory_bytes };
    match crypto::start(options) {
        Ok(_) => Ok(()),
        Err(failure) => Err(Failure::during("start the cryptographic module", failure)),
    }
}

/// The engine on the store of a folder, which is made if it is not there; sealed.
pub(crate) fn engine(config: &Config, folder: &Folder) -> Result<Engine, Failure> {
    let store = store::sqlite::open(&folder.store(), store::sqlite::Options::default())
        .map_err(|failure| Failure::during("open the store", failure))?;
    let engine = Engine::new(Parts {
        store: Arc::new(store),
        log_dir: folder.audit(),
        log_origin: "strongroom/audit".to_owned(),
        durability: config.audit,
        regions: config.regions.clone(),
        language: POLICY_LANGUAGE,
        key_cache: Bounds { count: config.key_cache_count, age_ms: config.key_cache_age_ms },
    });
    Ok(engine.with_algorithms(config.algorithms))
}

/// IAM policy JSON, for the engine.
const POLICY_LANGUAGE: PolicyLanguage = PolicyLanguage {
    key_policy: |text| iam::parse_key_policy(text).map_err(malformed),
    identity_policy: |text| iam::parse_identity_policy(text).map_err(malformed),
    trust_policy: |text| iam::parse_trust_policy(text).map_err(malformed),
    default_key_policy: iam::default_key_policy,
    default_object_policy: iam::default_object_policy,
};

fn malformed(malformed: iam::Malformed) -> Error {
    Error::Invalid(Invalid::Policy(malformed.sentence().to_owned()))
}

#[expect(clippy::print_stderr, reason = "the operator is told what does not protect the server")]
fn note(sentence: &str) {
    eprintln!("strongroom: {sentence}");
}
