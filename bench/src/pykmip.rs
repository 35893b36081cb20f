//! PyKMIP's own server, if it is installed: the same requests, for comparison.

use std::{path::Path, process::Command, sync::Arc};

use crate::{
    load::{Place, Protocol},
    subject::{Folder, Input, Server, start},
};

/// The program that starts it: it writes what the server needs into a folder, prints the server's
/// address, and ends with its standard input.
const PROGRAM: &str = include_str!("../pykmip_server.py");

/// The server, and where it is.
pub(crate) struct Peer {
    pub(crate) server: Server,
    pub(crate) place: Place,
}

/// Starts it with this Python, for who comes from `like`, with this certificate.
///
/// # Errors
///
/// Why there is none, in words: it is not installed, or does not start.
pub(crate) fn start_with(python: &str, like: &Place, certificate: &str) -> Result<Peer, String> {
    if !Path::new(python).exists() {
        return Err(format!("there is no {python}"));
    }
    let folder = Folder::new();
    let mut command = Command::new(python);
    command.args(["-c", PROGRAM]).arg(folder.path()).arg(certificate);
    let (server, line) = start(command, Some(folder), Input::Open)?;
    let address = line.parse().map_err(|_| format!("{python} did not start it"))?;
    let place = Place { address, tls: Arc::clone(&like.tls), protocol: Protocol::Kmip };
    Ok(Peer { server, place })
}
