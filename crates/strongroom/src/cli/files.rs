//! Files that a command reads and writes, within bounds.

use std::{
    fs,
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use model::Secret;
use serde_json::json;

use super::{failure::Failure, output::Reply};

/// Longest input that is read into memory, in bytes.
const INPUT_LEN_MAX: u64 = 1 << 30;

/// All of a file, or of standard input when it is not named or named `-`.
pub(super) fn input(path: Option<&Path>) -> Result<Secret, Failure> {
    let mut bytes = Vec::new();
    let named = path.filter(|path| *path != Path::new("-"));
    let read = match named {
        Some(path) => fs::File::open(path)
            .and_then(|file| file.take(INPUT_LEN_MAX + 1).read_to_end(&mut bytes)),
        None => io::stdin().lock().take(INPUT_LEN_MAX + 1).read_to_end(&mut bytes),
    };
    let path = named.unwrap_or(Path::new("standard input"));
    read.map_err(|error| Failure::unreadable(path, error))?;
    if bytes.len() as u64 > INPUT_LEN_MAX {
        return Err(Failure::unreadable(path, "it is longer than 1 GiB"));
    }
    Ok(Secret::new(bytes))
}

/// A policy document's text. The server judges it.
pub(super) fn policy(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::unreadable(path, error))
}

/// Policy documents, in their order.
pub(super) fn policies<P: AsRef<Path>>(paths: &[P]) -> Result<Vec<String>, Failure> {
    paths.iter().map(|path| policy(path.as_ref())).collect()
}

/// Bytes that come as a file, or as a text in base64; the command line has made sure of one.
pub(super) fn given(
    path: Option<&Path>,
    base64: Option<&str>,
    what: &str,
) -> Result<Secret, Failure> {
    match (path, base64) {
        (Some(path), _) => input(Some(path)),
        (None, Some(text)) => client::blob::from_text(text)
            .ok_or_else(|| Failure::Usage(format!("the {what} is not base64"))),
        (None, None) => Err(Failure::Usage(format!("no {what} is given"))),
    }
}

/// Bytes that a command was asked for: into a file that only its owner can read, or printed in
/// base64 under `name`.
pub(super) fn deliver(bytes: &Secret, to: Option<&Path>, name: &str) -> Result<Reply, Failure> {
    let Some(path) = to else {
        let text = client::blob::to_value(bytes.expose());
        let line = text.as_str().unwrap_or_default().to_owned();
        return Ok(Reply::line(json!({ name: text }), line));
    };
    let opened =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    opened
        .and_then(|mut file| file.write_all(bytes.expose()).and_then(|()| file.sync_all()))
        .map_err(|error| Failure::Failed(format!("cannot write {}: {error}", path.display())))?;
    let (len, shown) = (bytes.len(), path.display().to_string());
    let line = format!("Wrote {len} bytes to {shown}.");
    Ok(Reply::line(json!({ "file": shown, "bytes": len }), line))
}
