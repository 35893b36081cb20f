//! The way to the root key of a server that starts: from a file, or from people.

use std::{
    fs::File,
    io::{IsTerminal as _, Read as _},
    os::fd::AsFd as _,
    path::PathBuf,
};

use crypto::{
    root::RootKey,
    unseal::{Method as Kind, Share, Source, UnsealFailure},
};
use engine::Engine;
use model::Secret;

use crate::{
    config::{Config, Method},
    failure::{self, Failure},
    folder,
};

/// Longest line that is read, in bytes.
const LINE_LEN_MAX: usize = 1024;

/// What opens a source of the root key.
pub(crate) enum Given {
    /// A file's content, and where it was.
    KeyFile(PathBuf, Secret),
    /// A passphrase.
    Passphrase(Secret),
    /// As many shares as they say are needed.
    Shares(Vec<Share>),
}

/// Gets what the configuration says is used: reads the key file, or asks.
pub(crate) fn ask(config: &Config) -> Result<Given, Failure> {
    match config.unseal {
        Method::KeyFile => {
            let path = config.key_file();
            let file = folder::read(&path)?.ok_or_else(|| {
                let path = path.display();
                Failure::new(format!("{path} is missing: the server cannot be unsealed without it"))
            })?;
            Ok(Given::KeyFile(path, Secret::new(file)))
        }
        Method::Passphrase => {
            let typed = line("Passphrase: ")?;
            let missing = || Failure::new("no passphrase was given");
            Ok(Given::Passphrase(typed.ok_or_else(missing)?))
        }
        Method::Shares => shares().map(Given::Shares),
    }
}

/// Reads shares until there are as many as the first says are needed.
fn shares() -> Result<Vec<Share>, Failure> {
    let mut shares: Vec<Share> = Vec::new();
    let needed = |shares: &[Share]| shares.first().map(Share::threshold);
    while needed(&shares).is_none_or(|needed| shares.len() < usize::from(needed)) {
        let number = shares.len() + 1;
        let prompt = match needed(&shares) {
            Some(needed) => format!("Share {number} of {needed}: "),
            None => "A share: ".to_owned(),
        };
        let Some(typed) = line(&prompt)? else {
            return Err(match needed(&shares) {
                Some(needed) => {
                    let few = UnsealFailure::TooFewShares { given: shares.len(), needed };
                    Failure::during("unseal with shares", few)
                }
                None => Failure::new("no share was given; type them one a line"),
            });
        };
        let doing = format!("take share {number}");
        let share = str::from_utf8(typed.expose()).map_err(|_| UnsealFailure::NotAShare);
        let share = share.and_then(Share::parse).map_err(|wrong| Failure::during(&doing, wrong))?;
        if shares.first().is_some_and(|first| first.set() != share.set()) {
            return Err(Failure::during("unseal with shares", UnsealFailure::MixedShares));
        }
        if shares.iter().any(|earlier| earlier.index() == share.index()) {
            let repeated = UnsealFailure::RepeatedShare(share.index());
            return Err(Failure::during("unseal with shares", repeated));
        }
        shares.push(share);
    }
    Ok(shares)
}

/// Unseals with what was given.
pub(crate) fn unseal(engine: &Engine, given: &Given) -> Result<(), Failure> {
    let (kind, with) = match given {
        Given::KeyFile(path, _) => ("a key file", path.display().to_string()),
        Given::Passphrase(_) => ("a passphrase", "the passphrase".to_owned()),
        Given::Shares(_) => ("shares", "shares".to_owned()),
    };
    let sources = engine.unseal_sources().map_err(failure::engine("read the store"))?;
    let root = sources.iter().filter(|(_, source)| opens(given, source)).try_fold(
        None,
        |failed: Option<UnsealFailure>, (_, source)| match open(source, given) {
            Ok(root) => Err(root),
            Err(failure) => Ok(failed.or(Some(failure))),
        },
    );
    match root {
        // The fold stopped at the source that opened.
        Err(root) => engine.unseal(root).map_err(failure::engine("unseal the server")),
        Ok(Some(wrong)) => Err(Failure::during(&format!("unseal with {with}"), wrong)),
        Ok(None) => {
            let names: Vec<_> = sources.iter().map(|(name, _)| name.as_str()).collect();
            Err(Failure::new(format!(
                "this server is not unsealed by {kind} but by: {}; set `unseal` accordingly",
                names.join(", ")
            )))
        }
    }
}

fn opens(given: &Given, source: &Source) -> bool {
    matches!(
        (given, source.method()),
        (Given::KeyFile(..), Kind::KeyFile)
            | (Given::Passphrase(_), Kind::Passphrase)
            | (Given::Shares(_), Kind::Shares { .. })
    )
}

fn open(source: &Source, given: &Given) -> Result<RootKey, UnsealFailure> {
    match given {
        Given::KeyFile(_, file) => source.open_with_key_file(file),
        Given::Passphrase(passphrase) => source.open_with_passphrase(passphrase),
        Given::Shares(shares) => source.open_with_shares(shares),
    }
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
