//! The way to the root key of a server that starts: from its key file, or later from people; and
//! how people are asked.

use std::{
    fs::File,
    io::{IsTerminal as _, Read as _},
    net::Ipv4Addr,
    os::fd::AsFd as _,
    path::PathBuf,
};

use engine::{Engine, Given, Refused, Way};
use model::{
    Secret,
    claim::{Door, Origin, RequestId},
};

use crate::{
    clock::Clock,
    config::{Config, Method},
    failure::{self, Failure},
    folder,
};

/// Longest line that is read, in bytes.
const LINE_LEN_MAX: usize = 1024;

/// The key file of a server, and where it was.
pub(crate) struct KeyFile {
    path: PathBuf,
    content: Secret,
}

/// Reads the key file, if the configuration says that the server unseals itself with it.
pub(crate) fn key_file(config: &Config) -> Result<Option<KeyFile>, Failure> {
    if config.unseal != Method::KeyFile {
        return Ok(None);
    }
    let path = config.key_file();
    let content = folder::read(&path)?.ok_or_else(|| {
        let path = path.display();
        Failure::new(format!("{path} is missing: the server cannot be unsealed without it"))
    })?;
    Ok(Some(KeyFile { path, content: Secret::new(content) }))
}

/// Unseals a server that starts with its key file.
pub(crate) fn at_start(engine: &Engine, file: KeyFile, clock: Clock) -> Result<(), Failure> {
    let KeyFile { path, content } = file;
    let failed = failure::engine("unseal the server");
    let request = RequestId(crypto::random::array().map_err(&failed)?);
    let source = Ipv4Addr::LOCALHOST.into();
    let origin = Origin { door: Door::System, source, request };
    let offered = engine.offer(&Given::KeyFile(content), origin, clock.now());
    offered.map(|_| ()).map_err(|refused| match refused {
        Refused::Failed(error) => failed(error),
        Refused::NoSuchWay => match can_be(engine, Method::KeyFile) {
            Err(failure) => failure,
            Ok(()) => Failure::new("the key file's place in the store changed; start again"),
        },
        Refused::NotSealed
        | Refused::NotAShare
        | Refused::DamagedShare
        | Refused::GivenAlready(_)
        | Refused::Wrong
        | Refused::WrongTogether
        | Refused::TooSoon => {
            let doing = format!("unseal with {}", path.display());
            Failure::during(&doing, "this is not the key file of this server")
        }
    })
}

/// Whether the server has the way to its root key that the configuration says.
pub(crate) fn can_be(engine: &Engine, method: Method) -> Result<(), Failure> {
    let ways = engine.unseal_progress().map_err(failure::engine("read the store"))?.ways;
    let (kind, is_there) = match method {
        Method::KeyFile => ("a key file", ways.iter().any(|(_, way)| *way == Way::KeyFile)),
        Method::Passphrase => ("a passphrase", ways.iter().any(|(_, way)| *way == Way::Passphrase)),
        Method::Shares => ("shares", ways.iter().any(|(_, way)| matches!(way, Way::Shares { .. }))),
    };
    if is_there {
        return Ok(());
    }
    let names: Vec<_> = ways.iter().map(|(name, _)| name.as_str()).collect();
    Err(Failure::new(format!(
        "this server is not unsealed by {kind} but by: {}; set `unseal` accordingly",
        names.join(", ")
    )))
}

/// Whether somebody sits at the terminal.
pub(crate) fn is_interactive() -> bool {
    std::io::stdin().is_terminal()
}

/// A line of standard input, without its end; `None` when there is none. From a terminal it is
/// asked for with `prompt` and not shown.
pub(crate) fn line(prompt: &str) -> Result<Option<Secret>, Failure> {
    let failed = |error| Failure::during("read standard input", error);
    if is_interactive() {
        let typed = rpassword::prompt_password(prompt)
            .map_err(|error| Failure::during("read from the terminal", error))?;
        return Ok((!typed.is_empty()).then(|| Secret::new(typed.into_bytes())));
    }
    // Byte by byte past the standard library's buffer, which would keep a copy.
    let input = std::io::stdin().as_fd().try_clone_to_owned().map_err(failed)?;
    read_line(File::from(input))
}

fn read_line(mut input: File) -> Result<Option<Secret>, Failure> {
    let mut line = Vec::with_capacity(LINE_LEN_MAX);
    let mut byte = [0];
    loop {
        let read =
            input.read(&mut byte).map_err(|error| Failure::during("read standard input", error))?;
        if read == 0 || byte == *b"\n" {
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            return Ok((read > 0 || !line.is_empty()).then(|| Secret::new(line)));
        }
        if line.len() == LINE_LEN_MAX {
            // Wiped like any other.
            drop(Secret::new(line));
            return Err(Failure::new(format!("a line is longer than {LINE_LEN_MAX} bytes")));
        }
        line.push(byte[0]);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, Write as _};

    use super::*;

    fn file(text: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text).unwrap();
        file.rewind().unwrap();
        file
    }

    #[test]
    fn a_line_is_read_without_its_end_and_no_further() {
        let input = file(b"one\r\n\nthree");
        for expected in [Some(b"one".as_slice()), Some(b""), Some(b"three"), None] {
            let line = read_line(input.try_clone().unwrap()).unwrap();
            assert_eq!(line.as_ref().map(Secret::expose), expected);
        }
    }

    #[test]
    fn a_line_that_does_not_end_is_refused() {
        assert!(read_line(file(&[b'x'; LINE_LEN_MAX])).unwrap().is_some());
        assert!(read_line(file(&[b'x'; LINE_LEN_MAX + 1])).is_err());
    }
}
