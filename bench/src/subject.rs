//! The servers under load, and the requests they get.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
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
    load::{Connection, Requests},
};

/// What is measured: a name, the AWS operation, and how its input is made.
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
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A server in a process of its own, killed when dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
    _folder: Option<Arc<Folder>>,
}

impl Server {
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn start(mut command: Command, folder: Option<Arc<Folder>>) -> Result<(Server, String), String> {
    let started = command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn();
    let mut process = started.map_err(|error| format!("cannot start {command:?}: {error}"))?;
    let mut line = String::new();
    if let Some(output) = process.stdout.take() {
        BufReader::new(output).read_line(&mut line).map_err(|error| error.to_string())?;
    }
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    Ok((Server { process, address, _folder: folder }, line.trim().to_owned()))
}

/// Starts the floor.
pub(crate) fn floor() -> Result<Server, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command.arg("serve-floor");
    let (mut server, line) = start(command, None)?;
    server.address = line.parse().map_err(|_| format!("the floor said {line:?}"))?;
    Ok(server)
}

/// Starts Strongroom on a folder: founds it there, unless it has been started on it before.
pub(crate) fn strongroom(
    binary: &str,
    folder: &Arc<Folder>,
    durable: bool,
) -> Result<(Server, Client), String> {
    let mut command = Command::new(binary);
    command.args(["quickstart", "--listen", "127.0.0.1:0", "--kmip", "127.0.0.1:0"]);
    command.args(["--output", "json", "--dir"]);
    command.arg(&folder.0).args(["--audit", if durable { "durable" } else { "buffered" }]);
    let (mut server, line) = start(command, Some(folder.clone()))?;
    let access: Value =
        serde_json::from_str(&line).map_err(|_| format!("the server said {line:?}"))?;
    let text = |name: &str| access[name].as_str().unwrap_or_default().to_owned();
    let host = text("endpoint").trim_start_matches("https://").to_owned();
    server.address = host.parse().map_err(|_| format!("{host} is not an address"))?;
    let region = text("region").parse().map_err(|error| format!("{error:?}"))?;
    let secret = Secret::new(text("secret_access_key").into_bytes());
    let credentials = Credentials { access_key_id: text("access_key_id"), secret, region };
    Ok((server, Client { host, credentials }))
}

/// What needs no door and no engine: the listener's own answer, three bytes long.
pub(crate) const HEALTH: &str = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// Prepares an operation: its key is made, and it is tried once. What is returned is what both
/// sides get, byte for byte; it tells the floor how long a body to answer with.
pub(crate) async fn requests(
    client: &Client,
    server: &Server,
    name: &str,
) -> Result<Requests, String> {
    let operation = OPERATIONS.iter().find(|(known, _)| *known == name);
    let (_, operation) = operation.ok_or(format!("there is no operation {name}; see --help"))?;
    let mut connection = Connection::open(server.address).await?;
    if name == "Health" {
        let request = HEALTH.replace("\r\n\r\n", &format!("\r\n{REPLY_LEN}: 3\r\n\r\n"));
        return Ok(Arc::new(vec![request.into_bytes()]));
    }
    let input = input(client, &mut connection, name).await?;
    let request = signed(client, operation, &input, None)?;
    let (status, body) = connection.exchange(&request).await?;
    if status != 200 {
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
