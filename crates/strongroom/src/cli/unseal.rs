//! `strongroom unseal`: gives a sealed server what opens its root key.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use clap::Args;
use client::Given;
use model::Secret;
use serde_json::Value;

use super::{Options, Reply, connection::Nobody, failure::Failure};
use crate::unseal::{is_interactive, line};

/// What a share starts with.
const SHARE: &[u8] = b"srshare1-";
/// Longest file with a passphrase, a share or a key, in bytes.
const FILE_LEN_MAX: u64 = 4096;

/// A share or the passphrase is asked for on the terminal and not shown, or read from standard
/// input, one a line.
#[derive(Args)]
#[command(after_help = "Example:\n  strongroom unseal --share-file share-1.txt")]
pub(crate) struct Unseal {
    /// A file with the passphrase in its first line.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// A file with a share in its first line; may be said several times.
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_file")]
    share_file: Vec<PathBuf>,
    /// The key file.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["passphrase_file", "share_file"])]
    key_file: Option<PathBuf>,
}

impl Unseal {
    /// Gives it, and says how far unsealing is.
    pub(super) fn run(&self, options: &Options) -> Result<Reply, Failure> {
        let server = options.connection.open_as_nobody()?;
        let progress = server.unseal(Given::Nothing)?;
        if !is_sealed(&progress) {
            return Ok(said(progress));
        }
        let Self { passphrase_file, share_file, key_file } = self;
        if let Some(path) = key_file {
            return server.unseal(Given::KeyFile(&content(path)?)).map(said);
        }
        if let Some(path) = passphrase_file {
            return server.unseal(Given::Passphrase(&first_line(path)?)).map(said);
        }
        if share_file.is_empty() {
            return asked(&server, progress).map(said);
        }
        let mut progress = progress;
        for path in share_file {
            if is_sealed(&progress) {
                progress = server.unseal(Given::Share(&first_line(path)?))?;
            }
        }
        Ok(said(progress))
    }
}

/// Asks for what the server needs until it is unsealed, or nobody gives more.
fn asked(server: &Nobody, mut progress: Value) -> Result<Value, Failure> {
    let mut count = 0;
    while is_sealed(&progress) {
        let typed =
            line(&prompt(&progress)?).map_err(|error| Failure::Failed(error.to_string()))?;
        let Some(typed) = typed else { break };
        let given = if typed.expose().starts_with(SHARE) {
            Given::Share(&typed)
        } else {
            Given::Passphrase(&typed)
        };
        progress = server.unseal(given)?;
        count += 1;
    }
    if count == 0 {
        return Err(Failure::Usage("nothing was given that could unseal the server".to_owned()));
    }
    Ok(progress)
}

fn prompt(progress: &Value) -> Result<String, Failure> {
    let ways = progress["ways"].as_array().map_or(&[] as &[Value], Vec::as_slice);
    let has = |kind: &str| ways.iter().any(|way| way["kind"] == kind);
    let share = match shares_needed(progress) {
        Some(needed) => {
            let next = progress["shares_given"].as_u64().unwrap_or_default() + 1;
            format!("Share {next} of {needed}")
        }
        None => String::new(),
    };
    let rest = if is_interactive() && !share.is_empty() { " (Enter to stop here): " } else { ": " };
    match (has("shares"), has("passphrase")) {
        (true, true) => Ok(format!("{share}, or the passphrase{rest}")),
        (true, false) => Ok(format!("{share}{rest}")),
        (false, true) => Ok("Passphrase: ".to_owned()),
        (false, false) => Err(Failure::Usage(
            "this server is unsealed by its key file; name it with --key-file".to_owned(),
        )),
    }
}

fn is_sealed(progress: &Value) -> bool {
    progress["sealed"] == true
}

/// How many shares are needed, where there are any.
pub(super) fn shares_needed(progress: &Value) -> Option<u64> {
    progress["ways"].as_array()?.iter().find_map(|way| way["needed"].as_u64())
}

fn said(progress: Value) -> Reply {
    let sentence = match (is_sealed(&progress), shares_needed(&progress)) {
        (false, _) => "The server is unsealed.".to_owned(),
        (true, Some(needed)) => {
            let given = progress["shares_given"].as_u64().unwrap_or_default();
            format!("The server is still sealed: {given} of {needed} shares are given.")
        }
        (true, None) => "The server is still sealed.".to_owned(),
    };
    Reply::line(progress, sentence)
}

/// All of a small file.
pub(super) fn content(path: &Path) -> Result<Secret, Failure> {
    let capacity = usize::try_from(FILE_LEN_MAX).unwrap_or_default() + 1;
    // Large enough that nothing is left behind by growing.
    let mut bytes = Vec::with_capacity(capacity);
    let read =
        File::open(path).and_then(|file| file.take(FILE_LEN_MAX + 1).read_to_end(&mut bytes));
    let bytes = Secret::new(bytes);
    read.map_err(|error| Failure::unreadable(path, error))?;
    if bytes.len() as u64 > FILE_LEN_MAX {
        return Err(Failure::unreadable(path, format!("it is longer than {FILE_LEN_MAX} bytes")));
    }
    Ok(bytes)
}

/// The first line of a small file, without its end.
pub(super) fn first_line(path: &Path) -> Result<Secret, Failure> {
    let content = content(path)?;
    let line = content.expose().split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() {
        return Err(Failure::unreadable(path, "there is nothing in its first line"));
    }
    Ok(Secret::new(line.to_vec()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn people_are_asked_for_what_the_server_needs() {
        let of =
            |ways: Value| prompt(&json!({ "sealed": true, "ways": ways, "shares_given": 1 })).ok();
        let shares = json!({ "kind": "shares", "needed": 2, "count": 3 });
        let passphrase = json!({ "kind": "passphrase" });
        assert!(of(json!([shares])).unwrap().starts_with("Share 2 of 2"));
        assert!(of(json!([shares, passphrase])).unwrap().contains(", or the passphrase"));
        assert_eq!(of(json!([passphrase])).as_deref(), Some("Passphrase: "));
        assert_eq!(of(json!([{ "kind": "key-file" }])), None);
    }

    #[test]
    fn a_file_gives_its_first_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("share");
        std::fs::write(&path, "one\r\ntwo\n").unwrap();
        assert_eq!(first_line(&path).unwrap().expose(), b"one");
        for wrong in ["", "\none", &"x".repeat(5000)] {
            std::fs::write(&path, wrong).unwrap();
            assert!(first_line(&path).is_err());
        }
    }
}
