//! The servers under load, and the requests they get.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use client::{Client, Credentials};
use model::{Secret, Wall};
use serde_json::{Value, json};

use crate::{
    floor::REPLY_LEN,
    load::{Connection, OK, Place, Protocol, Requests},
    tls,
};

/// What is measured over HTTPS: a name, the AWS operation, and how its input is made.
pub(crate) const OPERATIONS: &[(&str, &str)] = &[
    ("Health", "Health"),
    ("Encrypt", "Encrypt"),
    ("Decrypt", "Decrypt"),
    ("GenerateDataKey", "GenerateDataKey"),
    ("SignRsa2048", "Sign"),
    ("SignP256", "Sign"),
    ("SignEd25519", "Sign"),
    ("SignMlDsa65", "Sign"),
    ("GenerateMac", "GenerateMac"),
    ("CreateKey", "CreateKey"),
];

/// Where a server keeps what is its own; removed when dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// A new one, which the server will make.
    pub(crate) fn new() -> Arc<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let (process, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        Arc::new(Self(std::env::temp_dir().join(format!("strongroom-bench-{process}-{count}"))))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A server in a process of its own, ended when dropped.
pub(crate) struct Server {
    process: Child,
    /// Of one that ends with it.
    input: Option<ChildStdin>,
    _folder: Option<Arc<Folder>>,
}

impl Server {
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.input.take().is_none() {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

/// What a server gets on its standard input.
pub(crate) enum Input<'a> {
    None,
    /// These bytes and then its end.
    Bytes(&'a [u8]),
    /// Its end when the server shall end.
    Open,
}

/// Starts a server; its first line of output.
pub(crate) fn start(
    mut command: Command,
    folder: Option<Arc<Folder>>,
    input: Input<'_>,
) -> Result<(Server, String), String> {
    let stdin = if matches!(input, Input::None) { Stdio::null() } else { Stdio::piped() };
    let started = command.stdout(Stdio::piped()).stdin(stdin).spawn();
    let process = started
        .map_err(|error| format!("cannot start {}: {error}", command.get_program().display()))?;
    let mut server = Server { process, input: None, _folder: folder };
    let stdin = server.process.stdin.take();
    match (input, stdin) {
        (Input::Bytes(bytes), Some(mut stdin)) => {
            stdin.write_all(bytes).map_err(|error| error.to_string())?;
        }
        (Input::Open, stdin) => server.input = stdin,
        _ => {}
    }
    let mut line = String::new();
    if let Some(output) = server.process.stdout.take() {
        BufReader::new(output).read_line(&mut line).map_err(|error| error.to_string())?;
    }
    Ok((server, line.trim().to_owned()))
}

/// Starts the floor of HTTPS.
pub(crate) fn https_floor() -> Result<(Server, Place), String> {
    let (server, address) = floor(&[], Input::None)?;
    Ok((server, Place { address, tls: tls::https_client()?, protocol: Protocol::Http }))
}

/// Starts a floor of KMIP that answers as `like` has answered.
pub(crate) fn kmip_floor(like: &Place, answer: &[u8]) -> Result<(Server, Place), String> {
    let (server, address) = floor(&["kmip"], Input::Bytes(answer))?;
    Ok((server, Place { address, ..like.clone() }))
}

fn floor(arguments: &[&str], input: Input<'_>) -> Result<(Server, SocketAddr), String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command.arg("serve-floor").args(arguments);
    let (server, line) = start(command, None, input)?;
    let address = line.parse().map_err(|_| format!("the floor said {line:?}"))?;
    Ok((server, address))
}

/// Strongroom, and how to get at it.
pub(crate) struct Strongroom {
    pub(crate) server: Server,
    pub(crate) https: Place,
    pub(crate) kmip: Place,
    /// The certificate of its KMIP client: a PEM file.
    pub(crate) kmip_certificate: String,
    pub(crate) client: Client,
}

/// Starts Strongroom on a folder: founds it there, unless it has been started on it before.
pub(crate) fn strongroom(
    binary: &str,
    folder: &Arc<Folder>,
    durable: bool,
) -> Result<Strongroom, String> {
    let mut command = Command::new(binary);
    command.args(["quickstart", "--listen", "127.0.0.1:0", "--kmip", "127.0.0.1:0"]);
    command.args(["--output", "json", "--dir"]);
    command.arg(&folder.0).args(["--audit", if durable { "durable" } else { "buffered" }]);
    let (server, line) = start(command, Some(folder.clone()), Input::None)?;
    let access: Value =
        serde_json::from_str(&line).map_err(|_| format!("the server said {line:?}"))?;
    let text = |name: &str| access[name].as_str().unwrap_or_default().to_owned();
    let host = text("endpoint").trim_start_matches("https://").to_owned();
    let address = |text: &str| text.parse().map_err(|_| format!("{text} is not an address"));
    let https =
        Place { address: address(&host)?, tls: tls::https_client()?, protocol: Protocol::Http };
    let of_kmip = |name: &str| access["kmip"][name].as_str().unwrap_or_default().to_owned();
    let kmip_certificate = of_kmip("cert_file");
    let kmip = Place {
        address: address(&of_kmip("address"))?,
        tls: tls::kmip_client(&kmip_certificate, &of_kmip("key_file"))?,
        protocol: Protocol::Kmip,
    };
    let region = text("region").parse().map_err(|error| format!("{error:?}"))?;
    let secret = Secret::new(text("secret_access_key").into_bytes());
    let credentials =
        Credentials { access_key_id: text("access_key_id"), secret, session_token: None, region };
    let client = Client { host, credentials };
    Ok(Strongroom { server, https, kmip, kmip_certificate, client })
}

/// What needs no door and no engine: the listener's own answer, three bytes long.
pub(crate) const HEALTH: &str = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// Prepares an operation: its key is made, and it is tried once. What is returned is what both
/// sides get, byte for byte; it tells the floor how long a body to answer with.
pub(crate) async fn requests(strongroom: &Strongroom, name: &str) -> Result<Requests, String> {
    let Strongroom { client, https, .. } = strongroom;
    let operation = OPERATIONS.iter().find(|(known, _)| *known == name);
    let (_, operation) = operation.ok_or(format!("there is no operation {name}; see --help"))?;
    let mut connection = Connection::open(https).await?;
    if name == "Health" {
        let request = HEALTH.replace("\r\n\r\n", &format!("\r\n{REPLY_LEN}: 3\r\n\r\n"));
        return Ok(Arc::new(vec![request.into_bytes()]));
    }
    let input = input(client, &mut connection, name).await?;
    let request = signed(client, operation, &input, None)?;
    let (status, body) = connection.exchange(&request).await?;
    if status != OK {
        return Err(format!("{name} answered {status}: {}", String::from_utf8_lossy(body)));
    }
    let request = signed(client, operation, &input, Some(body.len()))?;
    Ok(Arc::new(vec![request]))
}

async fn input(client: &Client, connection: &mut Connection, name: &str) -> Result<Value, String> {
    let context = json!({ "purpose": "benchmark", "tenant": "0001" });
    let (spec, usage) = match name {
        "SignRsa2048" => ("RSA_2048", "SIGN_VERIFY"),
        "SignP256" => ("ECC_NIST_P256", "SIGN_VERIFY"),
        "SignEd25519" => ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY"),
        "SignMlDsa65" => ("ML_DSA_65", "SIGN_VERIFY"),
        "GenerateMac" => ("HMAC_256", "GENERATE_VERIFY_MAC"),
        _ => ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
    };
    if name == "CreateKey" {
        return Ok(json!({}));
    }
    let created = json!({ "KeySpec": spec, "KeyUsage": usage });
    let made = ask(client, connection, "CreateKey", &created).await?;
    let key = made["KeyMetadata"]["KeyId"].clone();
    let message = client::blob::to_value(&[7; 64]);
    let sign = |algorithm: &str| json!({ "KeyId": key, "Message": message, "SigningAlgorithm": algorithm });
    Ok(match name {
        "SignRsa2048" => sign("RSASSA_PSS_SHA_256"),
        "SignP256" => sign("ECDSA_SHA_256"),
        "SignEd25519" => sign("ED25519_SHA_512"),
        "SignMlDsa65" => sign("ML_DSA_SHAKE_256"),
        "GenerateMac" => {
            json!({ "KeyId": key, "Message": message, "MacAlgorithm": "HMAC_SHA_256" })
        }
        "GenerateDataKey" => {
            json!({ "KeyId": key, "KeySpec": "AES_256", "EncryptionContext": context })
        }
        _ => {
            let plain = encrypt_input(&key);
            if name == "Encrypt" {
                return Ok(plain);
            }
            let sealed = ask(client, connection, "Encrypt", &plain).await?;
            json!({ "CiphertextBlob": sealed["CiphertextBlob"], "EncryptionContext": context })
        }
    })
}

/// The input of an Encrypt under a key.
pub(crate) fn encrypt_input(key: &Value) -> Value {
    json!({
        "KeyId": key,
        "Plaintext": client::blob::to_value(&[7; 64]),
        "EncryptionContext": { "purpose": "benchmark", "tenant": "0001" },
    })
}

async fn ask(
    client: &Client,
    connection: &mut Connection,
    operation: &str,
    input: &Value,
) -> Result<Value, String> {
    let request = signed(client, operation, input, None)?;
    let (status, body) = connection.exchange(&request).await?;
    client::answer(status, body).map_err(|failure| format!("{operation}: {failure:?}"))
}

/// The bytes of a signed request. It is signed once and sent many times: within a quarter of an
/// hour the signature stays good, and the load costs the machine as little as it can.
pub(crate) fn signed(
    client: &Client,
    operation: &str,
    input: &Value,
    reply_len: Option<usize>,
) -> Result<Vec<u8>, String> {
    let signed = client.kms(operation, input, now()).map_err(|error| format!("{error:?}"))?;
    let body = signed.body.expose();
    let mut request = format!("{} {} HTTP/1.1\r\n", signed.method, signed.target).into_bytes();
    for (name, value) in &signed.headers {
        request.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    if let Some(len) = reply_len {
        request.extend_from_slice(format!("{REPLY_LEN}: {len}\r\n").as_bytes());
    }
    request.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    request.extend_from_slice(body);
    Ok(request)
}

#[expect(clippy::disallowed_methods, reason = "a request is signed for the time it is sent")]
fn now() -> Wall {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Wall::from_secs(since_epoch.as_secs())
}
