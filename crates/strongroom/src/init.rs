//! `strongroom init`: founds a server and says who its administrator is and how it is unsealed.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use clap::Args;
use crypto::{
    root::RootKey,
    unseal::{Share, Source},
};
use engine::{Engine, FirstClient, Founding, op::NewAccessKey};
use model::Secret;
use serde::Serialize;

use crate::{
    clock::Clock,
    config::{Config, Method},
    draft::{self, Draft},
    failure::{self, Failure},
    folder::{self, Folder},
    harden,
    serve::{self, AccessKey, Output},
    unseal,
};

/// The name of a server's first administrator.
const ADMINISTRATOR: &str = "admin";
/// What the administrator may do: everything.
const ADMINISTRATOR_POLICY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }]
}"#;
/// Length of a key file in bytes.
const KEY_FILE_LEN: usize = 32;
/// Shortest passphrase in bytes.
const PASSPHRASE_LEN_MIN: usize = 8;

/// Founds a server in the folder of a configuration.
///
/// Prints the administrator's access key and, for shares, the shares: once, they are kept nowhere.
/// A folder that holds a server already is left as it is.
#[derive(Args)]
#[command(after_help = "Example:\n  strongroom init --config strongroom.toml --unseal shares 2 3")]
pub(crate) struct Init {
    /// The configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// A way to unseal: `key-file PATH`, `passphrase` or `shares K N` (any K of N). May be said
    /// several times; without it, the way that the configuration says.
    #[arg(long, value_name = "WAY", num_args = 1..=3)]
    unseal: Vec<String>,
    /// Text for people, or one line of JSON for scripts.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// A way to the root key that a new server is given.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Way {
    /// A file; made unless it is there.
    KeyFile(PathBuf),
    /// A passphrase, asked for.
    Passphrase,
    /// Any `threshold` of `count` shares.
    Shares { threshold: u8, count: u8 },
}

impl Way {
    fn name(&self) -> &'static str {
        match self {
            Self::KeyFile(_) => "key-file",
            Self::Passphrase => "passphrase",
            Self::Shares { .. } => "shares",
        }
    }
}

/// What a new server's founder is told.
#[derive(Serialize)]
struct Founded {
    account: String,
    #[serde(flatten)]
    administrator: AccessKey,
    unseal: Vec<&'static str>,
    shares_needed: Option<u8>,
    shares: Vec<String>,
}

impl Init {
    pub(crate) fn run(self) -> Result<(), Failure> {
        harden::start()?;
        let config = Config::load(&self.config)?;
        let ways = ways(&self.unseal, &config)?;
        serve::start_crypto(&config)?;
        let clock = Clock::start();
        let is_new = !config.dir.exists();
        let folder = Folder::prepare(&config.dir)?;
        let founded = self.found(&config, &folder, &ways, clock);
        if founded.is_err() && is_new {
            // Only if it is empty, and whoever put something there will see that it is.
            let _ = std::fs::remove_file(folder.founding());
            let _ = std::fs::remove_dir(folder.path());
        }
        founded
    }

    fn found(
        &self,
        config: &Config,
        folder: &Folder,
        ways: &[Way],
        clock: Clock,
    ) -> Result<(), Failure> {
        let draft = Draft::begin(folder, &key_files(ways))?;
        let engine = serve::engine(config, folder)?;
        if engine.is_initialised().map_err(failure::engine("read the store"))? {
            draft.keep();
            return Err(Failure::new(format!(
                "{} holds a server already; nothing was changed",
                config.dir.display()
            )));
        }
        let (made, shares) = found(&engine, folder, config, ways, None, clock)?;
        serve::open_to_clients(&engine, folder, config, clock)?;
        let text = |share: &Share| String::from_utf8_lossy(share.text().expose()).into_owned();
        self.print(&Founded {
            account: config.account.to_string(),
            administrator: made.into(),
            unseal: ways.iter().map(Way::name).collect(),
            shares_needed: shares.first().map(Share::threshold),
            shares: shares.iter().map(text).collect(),
        })?;
        // Not before its access key was told: nobody could do anything with it.
        draft.keep();
        Ok(())
    }

    fn print(&self, founded: &Founded) -> Result<(), Failure> {
        let text = match self.output {
            Output::Text => lines(founded, &self.config),
            Output::Json => serde_json::to_string(founded)
                .map_err(|error| Failure::during("write what was founded", error))?,
        };
        writeln!(std::io::stdout(), "{text}")
            .map_err(|error| Failure::during("print the administrator's access key", error))
    }
}

/// Reads the words of `--unseal`; each way starts with its name.
fn ways(words: &[String], config: &Config) -> Result<Vec<Way>, Failure> {
    if words.is_empty() {
        return match config.unseal {
            Method::KeyFile => Ok(vec![Way::KeyFile(config.key_file())]),
            Method::Passphrase => Ok(vec![Way::Passphrase]),
            Method::Shares => {
                Err(Failure::new("say how many shares there are: --unseal shares K N"))
            }
        };
    }
    let mut ways: Vec<Way> = Vec::new();
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        let way = match word {
            "key-file" => {
                let path = words.next().ok_or_else(|| unclear("key-file needs a path"))?;
                Way::KeyFile(path.into())
            }
            "passphrase" => Way::Passphrase,
            "shares" => {
                let mut number = || words.next().and_then(|word| word.parse::<u8>().ok());
                match (number(), number()) {
                    (Some(threshold), Some(count)) if (1..=count).contains(&threshold) => {
                        Way::Shares { threshold, count }
                    }
                    _ => return Err(unclear("shares needs two numbers, 1 <= K <= N <= 255")),
                }
            }
            other => return Err(unclear(&format!("there is no way named {other:?}"))),
        };
        if ways.iter().any(|earlier| earlier.name() == way.name()) {
            return Err(unclear(&format!("{word} is said twice")));
        }
        ways.push(way);
    }
    Ok(ways)
}

fn unclear(what: &str) -> Failure {
    Failure::new(format!("--unseal: {what}; it is `key-file PATH`, `passphrase` or `shares K N`"))
}

/// The key files among the ways.
pub(crate) fn key_files(ways: &[Way]) -> Vec<&Path> {
    let mut paths = Vec::new();
    for way in ways {
        match way {
            Way::KeyFile(path) => paths.push(path.as_path()),
            Way::Passphrase | Way::Shares { .. } => {}
        }
    }
    paths
}

/// Founds a server on an empty store, with these ways to unseal it and this client. Gives the administrator's
/// access key and the shares. What has to be asked is asked before anything is made.
pub(crate) fn found(
    engine: &Engine,
    folder: &Folder,
    config: &Config,
    ways: &[Way],
    client: Option<FirstClient>,
    clock: Clock,
) -> Result<(NewAccessKey, Vec<Share>), Failure> {
    let failed = failure::engine("found the server");
    draft::is_not_cut_off(folder)?;
    let root = RootKey::generate().map_err(&failed)?;
    let (mut shares, mut new_key_file) = (Vec::new(), None);
    let sources = ways.iter().map(|way| {
        let source = match way {
            Way::KeyFile(path) => {
                let (file, is_new) = key_file(path)?;
                let source = Source::key_file(&root, &file).map_err(&failed)?;
                new_key_file = is_new.then_some((path, file));
                source
            }
            Way::Passphrase => Source::passphrase(&root, &new_passphrase()?).map_err(&failed)?,
            Way::Shares { threshold, count } => {
                let (source, made) = Source::shares(&root, *threshold, *count).map_err(&failed)?;
                shares = made;
                source
            }
        };
        Ok((way.name().to_owned(), source))
    });
    let sources = sources.collect::<Result<Vec<_>, Failure>>()?;
    // Before the store says that it opens: without it nothing would.
    if let Some((path, file)) = new_key_file {
        folder::write_private(path, file.expose())?;
    }
    let founding = Founding {
        root,
        sources,
        account: config.account,
        administrator: ADMINISTRATOR.to_owned(),
        policy: ADMINISTRATOR_POLICY.to_owned(),
        client,
    };
    let made = engine.initialise(founding, clock.now()).map_err(&failed)?;
    Ok((made, shares))
}

/// The key file at `path`, which is used as it is if it is there; and whether it is still to be
/// written.
fn key_file(path: &Path) -> Result<(Secret, bool), Failure> {
    match folder::read(path)?.map(Secret::new) {
        Some(file) if file.len() == KEY_FILE_LEN => Ok((file, false)),
        Some(_) => Err(Failure::new(format!(
            "{} is there and is not a key file, which has {KEY_FILE_LEN} bytes; name another",
            path.display()
        ))),
        None => {
            let made = crypto::unseal::new_key_file();
            made.map(|file| (file, true)).map_err(failure::engine("make a key file"))
        }
    }
}

/// Asks for a passphrase: on a terminal twice, since nobody sees what is typed.
fn new_passphrase() -> Result<Secret, Failure> {
    let missing = || Failure::new("no passphrase was given");
    let typed = unseal::line("New passphrase: ")?.ok_or_else(missing)?;
    if typed.len() < PASSPHRASE_LEN_MIN {
        let least = PASSPHRASE_LEN_MIN;
        return Err(Failure::new(format!("a passphrase has {least} characters or more")));
    }
    if unseal::is_interactive() {
        let again = unseal::line("The same again: ")?.ok_or_else(missing)?;
        if !crypto::mac::equal(typed.expose(), again.expose()) {
            return Err(Failure::new("these are two different passphrases"));
        }
    }
    Ok(typed)
}

fn lines(founded: &Founded, config: &Path) -> String {
    let Founded { account, administrator, unseal, shares_needed, shares } = founded;
    let AccessKey { access_key_id, secret_access_key } = administrator;
    let ways = unseal.join(", ");
    let mut text = format!(
        "A server is founded, with account {account}; it is unsealed by: {ways}.\n\n\
         The administrator's access key, which is not shown again:\n\n\
         \x20 export AWS_ACCESS_KEY_ID={access_key_id}\n\
         \x20 export AWS_SECRET_ACCESS_KEY={secret_access_key}\n\n"
    );
    if let Some(needed) = shares_needed {
        text += &format!(
            "The shares, which are not shown again. Any {needed} of them unseal the server; give \
             each to\nsomebody else:\n\n  {}\n\n",
            shares.join("\n  ")
        );
    }
    text += &format!("Start it with: strongroom server --config {}", config.display());
    if !unseal.contains(&"key-file") {
        text += "\nIt starts sealed; unseal it with: strongroom unseal";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &str) -> Result<Vec<Way>, String> {
        let words: Vec<_> = words.split_whitespace().map(str::to_owned).collect();
        ways(&words, &Config::defaults().unwrap()).map_err(|failure| failure.to_string())
    }

    #[test]
    fn ways_are_read_one_after_the_other() {
        assert_eq!(
            read("shares 2 3 passphrase key-file /k").unwrap(),
            [Way::Shares { threshold: 2, count: 3 }, Way::Passphrase, Way::KeyFile("/k".into())]
        );
    }

    #[test]
    fn without_a_word_the_configuration_says_the_way() {
        assert_eq!(read("").unwrap(), [Way::KeyFile("./strongroom-data/unseal.key".into())]);
    }

    #[test]
    fn an_unclear_way_is_told_in_a_sentence() {
        for (words, part) in [
            ("shares 4 3", "two numbers"),
            ("shares 0 3", "two numbers"),
            ("shares 2", "two numbers"),
            ("key-file", "needs a path"),
            ("tpm", "no way named \"tpm\""),
            ("passphrase passphrase", "said twice"),
        ] {
            let sentence = read(words).unwrap_err();
            assert!(sentence.contains(part), "{words}: {sentence}");
        }
    }
}
