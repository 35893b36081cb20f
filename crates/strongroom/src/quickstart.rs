//! `strongroom quickstart`: `init` and `server` in one, on a local folder with its key file in it;
//! founded on the first run and gone on with on every later one.

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;
use model::{AccountId, Region};

use crate::{
    config::{self, AuditMode, Config},
    draft::Draft,
    failure::{self, Failure},
    folder::{self, Folder},
    harden,
    init::{self, Way},
    kmip_client,
    serve::{self, Access, AccessKey, KmipAccess, Output, Site},
    unseal,
};

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
    #[arg(long, default_value = config::DIR)]
    dir: PathBuf,
    /// The address to listen on; port 0 takes any free one.
    #[arg(long, default_value = config::LISTEN)]
    listen: SocketAddr,
    /// The address for KMIP; port 0 takes any free one.
    #[arg(long, default_value = config::KMIP)]
    kmip: SocketAddr,
    /// The address for metrics (plain HTTP).
    #[arg(long, default_value = "127.0.0.1:0")]
    metrics: SocketAddr,
    /// The account: twelve digits.
    #[arg(long, default_value = config::ACCOUNT, value_parser = config::account)]
    account: AccountId,
    /// The region.
    #[arg(long, default_value = config::REGION, value_parser = config::region)]
    region: Region,
    /// When the use of a key is durable in the audit log.
    #[arg(long, value_enum, default_value_t = AuditMode::Buffered)]
    audit: AuditMode,
    /// Text for people, or one line of JSON for scripts.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

impl Quickstart {
    pub(crate) fn run(self) -> Result<(), Failure> {
        harden::start()?;
        let (config, output) = (Config::defaults()?, self.output);
        let config = Config {
            dir: self.dir,
            listen: self.listen,
            kmip: self.kmip,
            metrics: self.metrics,
            account: self.account,
            regions: vec![self.region],
            audit: self.audit.into(),
            ..config
        };
        serve::start_crypto(&config)?;
        let folder = Folder::prepare(&config.dir)?;
        let ways = [Way::KeyFile(config.key_file())];
        let draft = Draft::begin(&folder, &init::key_files(&ways))?;
        let site = Site::open(config.clone(), folder)?;
        let administrator = administrator(&site, &config, &ways, draft)?;
        site.serve(administrator, |access| match output {
            Output::Json => serve::json(access),
            Output::Text => Ok(lines(access)),
        })
    }
}

/// Founds the server or unseals it; the administrator's access key.
fn administrator(
    site: &Site,
    config: &Config,
    ways: &[Way],
    draft: Draft,
) -> Result<Option<AccessKey>, Failure> {
    let Site { engine, folder, clock, .. } = site;
    if !engine.is_initialised().map_err(failure::engine("read the store"))? {
        let client = kmip_client::make(folder, clock.now().wall)?;
        let (made, _) = init::found(engine, folder, config, ways, Some(client), *clock)?;
        // Kept before anything else is done: it is written nowhere else.
        let access = serve::access(config, folder, Some(made.into()), config.addresses());
        folder::write_private(&folder.admin(), serve::json(&access)?.as_bytes())?;
        draft.keep();
        return Ok(access.administrator);
    }
    draft.keep();
    let known = serve::known(folder)?.and_then(|access| access.administrator);
    let known = known.ok_or_else(|| {
        Failure::new(format!(
            "{} does not say the administrator's access key; put the file back, start with \
             another --dir, or use `strongroom server` if `strongroom init` founded this one",
            folder.admin().display()
        ))
    })?;
    if let Some(key_file) = unseal::key_file(config)? {
        unseal::at_start(engine, key_file, *clock)?;
    }
    Ok(Some(known))
}

/// Lines to copy and paste.
fn lines(access: &Access) -> String {
    let Access { endpoint, region, ca_file, administrator, metrics, kmip, .. } = access;
    let (access_key_id, secret_access_key) = match administrator {
        Some(key) => (key.access_key_id.as_str(), key.secret_access_key.as_str()),
        None => ("", ""),
    };
    let text = format!(
        r#"Strongroom is ready at {endpoint} (metrics at {metrics}). Stop it with Ctrl-C.

AWS CLI, in another terminal:

  export AWS_ACCESS_KEY_ID={access_key_id}
  export AWS_SECRET_ACCESS_KEY={secret_access_key}
  export AWS_DEFAULT_REGION={region}
  export AWS_ENDPOINT_URL_KMS={endpoint}
  export AWS_ENDPOINT_URL_STS={endpoint}
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
    );
    text + &kmip_lines(kmip)
}

fn kmip_lines(kmip: &KmipAccess) -> String {
    let KmipAccess { address, ca_file, cert_file, key_file } = kmip;
    let mut text = format!(
        "\nKMIP, for databases, storage and backups:\n\n  address              {address}\n  \
         CA certificate       {ca_file}\n"
    );
    if let (Some(certificate), Some(key)) = (cert_file, key_file) {
        text += &format!("  client certificate   {certificate}\n  client key           {key}\n");
    }
    text
}
