//! The server's configuration: one table of settings, which reads the file and explains it.

use std::{
    fmt::Write as _,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use engine::Durability;
use model::{AccountId, Region, algorithm_policy::Profile};
use serde_json::json;
use toml::de::{DeTable, DeValue};
use x509::SubjectName;

use crate::{failure::Failure, folder, server::Listening};

/// The default of `dir`.
pub(crate) const DIR: &str = "./strongroom-data";
/// The default of `listen`.
pub(crate) const LISTEN: &str = "127.0.0.1:9443";
/// The default of `kmip`: the port that is registered for it (IANA).
pub(crate) const KMIP: &str = "127.0.0.1:5696";
/// The default of `account`.
pub(crate) const ACCOUNT: &str = "000000000001";
/// The default region.
pub(crate) const REGION: &str = "us-east-1";

/// How a server is set up.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Config {
    pub(crate) dir: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) kmip: SocketAddr,
    pub(crate) metrics: SocketAddr,
    pub(crate) account: AccountId,
    pub(crate) regions: Vec<Region>,
    pub(crate) audit: Durability,
    pub(crate) algorithms: Profile,
    pub(crate) names: Vec<SubjectName>,
    pub(crate) key_cache_count: usize,
    pub(crate) key_cache_age_ms: u64,
    pub(crate) secret_memory_bytes: usize,
    pub(crate) unseal: Method,
    pub(crate) key_file: PathBuf,
}

/// When the use of a key is durable in the audit log.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum AuditMode {
    /// In the log file before the reply, synchronised within 100 ms.
    Buffered,
    /// Synchronised before the reply.
    Durable,
}

impl From<AuditMode> for Durability {
    fn from(mode: AuditMode) -> Self {
        match mode {
            AuditMode::Buffered => Self::Buffered,
            AuditMode::Durable => Self::Durable,
        }
    }
}

/// Where a starting server has the way to its root key from.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Method {
    /// A file of 32 random bytes.
    KeyFile,
    /// Somebody types it.
    Passphrase,
    /// Enough holders type theirs.
    Shares,
}

/// What is wrong with a value: the rest of a sentence that starts with the setting's name.
type Wrong = String;

/// One setting.
struct Setting {
    name: &'static str,
    /// For people, in lines.
    about: &'static str,
    value: Value,
}

/// What a setting takes, and how it is set.
enum Value {
    Text { default: &'static str, set: fn(&mut Config, &str) -> Result<(), Wrong> },
    Texts { default: &'static [&'static str], set: fn(&mut Config, &[&str]) -> Result<(), Wrong> },
    Number { default: u64, set: fn(&mut Config, u64) -> Result<(), Wrong> },
}

static SETTINGS: &[Setting] = &[
    Setting {
        name: "dir",
        about: "The server's folder: its store, its audit log and its certificates.\n\
                It belongs to the user that the server runs as, and nobody else may look into it.",
        value: Value::Text { default: DIR, set: |config, text| put(&mut config.dir, path(text)) },
    },
    Setting {
        name: "listen",
        about: "Where the server answers, over TLS. Port 0 takes any free port.",
        value: Value::Text {
            default: LISTEN,
            set: |config, text| put(&mut config.listen, address(text)),
        },
    },
    Setting {
        name: "kmip",
        about: "Where it answers KMIP, over TLS, to clients that show a certificate. Port 0 takes any\n\
                free port.",
        value: Value::Text {
            default: KMIP,
            set: |config, text| put(&mut config.kmip, address(text)),
        },
    },
    Setting {
        name: "metrics",
        about: "Where metrics are read, over plain HTTP: GET /metrics. Keep it on this machine.",
        value: Value::Text {
            default: "127.0.0.1:9444",
            set: |config, text| put(&mut config.metrics, address(text)),
        },
    },
    Setting {
        name: "account",
        about: "The account that `strongroom init` makes: twelve digits, not all zero.\n\
                Once the server is founded, leave it as it is.",
        value: Value::Text {
            default: ACCOUNT,
            set: |config, text| put(&mut config.account, account(text)),
        },
    },
    Setting {
        name: "regions",
        about: "The regions that are served. A key lives in one of them.",
        value: Value::Texts {
            default: &[REGION],
            set: |config, texts| {
                let regions =
                    texts.iter().map(|text| region(text)).collect::<Result<Vec<_>, _>>()?;
                if regions.is_empty() {
                    return Err("needs one region or more".to_owned());
                }
                put(&mut config.regions, Ok(regions))
            },
        },
    },
    Setting {
        name: "audit",
        about: "When the use of a key is durable in the audit log. Changes always are.\n\
                \"buffered\": in the log file before the reply, synchronised within 100 ms.\n\
                \"durable\": synchronised before the reply; a power cut loses nothing.",
        value: Value::Text {
            default: "buffered",
            set: |config, text| {
                let mode = choice::<AuditMode>(text).map(Durability::from);
                put(&mut config.audit, mode)
            },
        },
    },
    Setting {
        name: "algorithm-policy",
        about: "Which algorithms may be used, and until when.\n\
                \"default\": all that there are. \"fips\": what NIST approves.\n\
                \"cnsa2\": the Commercial National Security Algorithm Suite 2.0.",
        value: Value::Text {
            default: "default",
            set: |config, text| put(&mut config.algorithms, profile(text)),
        },
    },
    Setting {
        name: "names",
        about: "The names and addresses that clients reach the server by: they stand in its\n\
                certificate. The addresses of `listen` and `kmip` are always among them.",
        value: Value::Texts {
            default: &["localhost", "127.0.0.1"],
            set: |config, texts| {
                let names = texts.iter().map(|text| subject_name(text)).collect();
                put(&mut config.names, names)
            },
        },
    },
    Setting {
        name: "key-cache-count",
        about: "How many keys are kept ready for use, from 1 to 1000000.",
        value: Value::Number {
            default: 4096,
            set: |config, number| {
                put(&mut config.key_cache_count, within(number, 1, 1_000_000).and_then(size))
            },
        },
    },
    Setting {
        name: "key-cache-age-seconds",
        about: "For how long a key is kept ready, from 1 to 86400, however often it is used; one that\n\
                nobody uses may stay for a minute longer.",
        value: Value::Number {
            default: 300,
            set: |config, number| {
                let seconds = within(number, 1, 86_400)?;
                put(&mut config.key_cache_age_ms, Ok(seconds * 1000))
            },
        },
    },
    Setting {
        name: "secret-memory-bytes",
        about: "How much memory is set apart for keys, never paged and never dumped, from 1048576\n\
                to 1073741824. It counts towards the limit on locked memory (LimitMEMLOCK=).",
        value: Value::Number {
            default: 4 << 20,
            set: |config, number| {
                put(
                    &mut config.secret_memory_bytes,
                    within(number, 1 << 20, 1 << 30).and_then(size),
                )
            },
        },
    },
    Setting {
        name: "unseal",
        about: "How the server gets at its root key when it starts.\n\
                \"key-file\": from the file that `key-file` names.\n\
                \"passphrase\", \"shares\": it starts sealed, and waits for those who have them to give\n\
                them with `strongroom unseal`.",
        value: Value::Text {
            default: "key-file",
            set: |config, text| put(&mut config.unseal, choice(text)),
        },
    },
    Setting {
        name: "key-file",
        about: "The key file; a path that is not absolute starts in `dir`. Who has this file and\n\
                the store has every key: keep it on another disk, or use another way.",
        value: Value::Text {
            default: "unseal.key",
            set: |config, text| put(&mut config.key_file, path(text)),
        },
    },
];

fn put<T>(field: &mut T, value: Result<T, Wrong>) -> Result<(), Wrong> {
    *field = value?;
    Ok(())
}

fn path(text: &str) -> Result<PathBuf, Wrong> {
    if text.is_empty() { Err("needs a path".to_owned()) } else { Ok(text.into()) }
}

fn address(text: &str) -> Result<SocketAddr, Wrong> {
    text.parse().map_err(|_| format!("needs an IP address and a port, as {LISTEN:?}"))
}

fn choice<T: ValueEnum>(text: &str) -> Result<T, Wrong> {
    T::from_str(text, false).map_err(|_| {
        let values = T::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let names: Vec<_> = values.map(|value| format!("{:?}", value.get_name())).collect();
        format!("is one of {}", names.join(", "))
    })
}

fn profile(text: &str) -> Result<Profile, Wrong> {
    let found = Profile::ALL.into_iter().find(|profile| profile.name() == text);
    found.ok_or_else(|| {
        let names = Profile::ALL.map(|profile| format!("{:?}", profile.name()));
        format!("is one of {}", names.join(", "))
    })
}

fn within(number: u64, least: u64, most: u64) -> Result<u64, Wrong> {
    if (least..=most).contains(&number) {
        Ok(number)
    } else {
        Err(format!("is a number from {least} to {most}"))
    }
}

fn size(number: u64) -> Result<usize, Wrong> {
    usize::try_from(number).map_err(|_| "is too large for this machine".to_owned())
}

fn subject_name(text: &str) -> Result<SubjectName, Wrong> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(SubjectName::Ip(address));
    }
    let usual = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.*".contains(&byte);
    if text.is_empty() || !text.bytes().all(usual) {
        return Err(format!("needs DNS names and IP addresses, and {text:?} is neither"));
    }
    Ok(SubjectName::Dns(text.to_owned()))
}

/// Reads an account.
pub(crate) fn account(text: &str) -> Result<AccountId, String> {
    if text == "000000000000" {
        return Err("000000000000 is the server's own account; choose another".to_owned());
    }
    text.parse().map_err(|_| "an account is twelve digits".to_owned())
}

/// Reads a region.
pub(crate) fn region(text: &str) -> Result<Region, String> {
    let wrong = "a region is 1 to 32 lower-case letters, digits and hyphens";
    text.parse().map_err(|_| wrong.to_owned())
}

impl Setting {
    fn set(&self, config: &mut Config, given: &DeValue<'_>) -> Result<(), Wrong> {
        match &self.value {
            Value::Text { set, .. } => set(config, given.as_str().ok_or("needs a text in quotes")?),
            Value::Texts { set, .. } => {
                let texts = given.as_array().ok_or("needs a list of texts in brackets")?;
                let texts: Option<Vec<_>> =
                    texts.iter().map(|text| text.get_ref().as_str()).collect();
                set(config, &texts.ok_or("needs a list of texts in quotes")?)
            }
            Value::Number { set, .. } => {
                let number = given
                    .as_integer()
                    .and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok());
                set(config, number.ok_or("needs a whole number")?)
            }
        }
    }

    fn set_default(&self, config: &mut Config) -> Result<(), Wrong> {
        match &self.value {
            Value::Text { default, set } => set(config, default),
            Value::Texts { default, set } => set(config, default),
            Value::Number { default, set } => set(config, *default),
        }
    }

    /// The default as TOML: texts in here need no escapes but those of Rust.
    fn default(&self) -> String {
        match &self.value {
            Value::Text { default, .. } => format!("{default:?}"),
            Value::Texts { default, .. } => format!("{default:?}"),
            Value::Number { default, .. } => default.to_string(),
        }
    }
}

impl Config {
    /// What holds where nothing is said.
    pub(crate) fn defaults() -> Result<Self, Failure> {
        let wrong = |wrong| Failure::during("set a default", wrong);
        let unset = SocketAddr::from(([0; 4], 0));
        let mut config = Self {
            dir: PathBuf::new(),
            listen: unset,
            kmip: unset,
            metrics: unset,
            account: account(ACCOUNT).map_err(wrong)?,
            regions: Vec::new(),
            audit: Durability::Buffered,
            algorithms: Profile::Default,
            names: Vec::new(),
            key_cache_count: 0,
            key_cache_age_ms: 0,
            secret_memory_bytes: 0,
            unseal: Method::KeyFile,
            key_file: PathBuf::new(),
        };
        SETTINGS.iter().try_for_each(|setting| setting.set_default(&mut config)).map_err(wrong)?;
        Ok(config)
    }

    /// Reads a configuration file.
    pub(crate) fn load(path: &Path) -> Result<Self, Failure> {
        let text = folder::read(path)?.ok_or_else(|| {
            Failure::new(format!(
                "there is no {}; make one with: strongroom config explain > {0}",
                path.display()
            ))
        })?;
        let text = str::from_utf8(&text)
            .map_err(|_| Failure::new(format!("{} is not a text (UTF-8)", path.display())))?;
        Self::parse(text).map_err(|wrong| Failure::new(format!("{} {wrong}", path.display())))
    }

    /// Reads a configuration; fails with the rest of a sentence that starts with the file's name.
    fn parse(text: &str) -> Result<Self, Wrong> {
        let mut config = Self::defaults().map_err(|failure| failure.to_string())?;
        let table = DeTable::parse(text).map_err(|error| {
            let line = line(text, error.span().map_or(0, |span| span.start));
            let message: Vec<_> = error.message().lines().map(str::trim).collect();
            format!("line {line} is not TOML: {}", message.join(", "))
        })?;
        for (name, value) in table.get_ref() {
            let (line, name) = (line(text, name.span().start), name.get_ref());
            let setting = SETTINGS.iter().find(|setting| setting.name == name.as_ref());
            let setting = setting.ok_or_else(|| {
                format!(
                    "line {line}: there is no setting {name:?}; `strongroom config explain` shows \
                     all there are"
                )
            })?;
            setting
                .set(&mut config, value.get_ref())
                .map_err(|wrong| format!("line {line}: {name}: {wrong}"))?;
        }
        Ok(config)
    }

    /// Where the key file is.
    pub(crate) fn key_file(&self) -> PathBuf {
        self.dir.join(&self.key_file)
    }

    /// Every name in the server's certificate, once.
    pub(crate) fn subject_names(&self) -> Vec<SubjectName> {
        let mut names = self.names.clone();
        for address in [self.listen.ip(), self.kmip.ip()] {
            let listening = SubjectName::Ip(address);
            if !names.contains(&listening) && !address.is_unspecified() {
                names.push(listening);
            }
        }
        names
    }

    /// Where the server is to listen.
    pub(crate) fn addresses(&self) -> Listening {
        Listening { https: self.listen, kmip: self.kmip, metrics: self.metrics }
    }
}

/// The line, from 1, of the byte at `at`.
fn line(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// A configuration file that says what holds anyway, with what each setting is for.
pub(crate) fn explained() -> String {
    let mut text = "# Strongroom's configuration. Every setting with its default: what you leave\n\
                    # out is as it stands here.\n"
        .to_owned();
    for setting in SETTINGS {
        let about = setting.about.replace('\n', "\n# ");
        // Writing to a string does not fail.
        let _ = write!(text, "\n# {about}\n{} = {}\n", setting.name, setting.default());
    }
    text
}

/// The same for programs: of each setting its name, its default and what it is for.
pub(crate) fn described() -> Vec<serde_json::Value> {
    let describe = |setting: &Setting| {
        let default = match &setting.value {
            Value::Text { default, .. } => json!(default),
            Value::Texts { default, .. } => json!(default),
            Value::Number { default, .. } => json!(default),
        };
        let about = setting.about.replace('\n', " ");
        json!({ "name": setting.name, "default": default, "about": about })
    };
    SETTINGS.iter().map(describe).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_is_explained_reads_back_as_the_defaults() {
        let defaults = Config::defaults().unwrap();
        assert_eq!(Config::parse("").unwrap(), defaults);
        assert_eq!(Config::parse(&explained()).unwrap(), defaults);
    }

    #[test]
    fn every_setting_is_explained_once_under_its_own_name() {
        let names: BTreeSet<_> = SETTINGS.iter().map(|setting| setting.name).collect();
        assert_eq!(names.len(), SETTINGS.len());
        let text = explained();
        for setting in SETTINGS {
            let at = format!("\n{} = ", setting.name);
            assert_eq!(text.matches(&at).count(), 1, "{}", setting.name);
            assert!(!setting.about.is_empty());
        }
        let described = described();
        assert_eq!(described.len(), SETTINGS.len());
        for (setting, described) in SETTINGS.iter().zip(described) {
            assert_eq!(described["name"], setting.name);
            assert_eq!(described["default"].to_string().replace(',', ", "), setting.default());
        }
        assert!(text.lines().all(|line| line.len() <= 100), "{text}");
    }

    /// Every setting with another value than its default.
    const OTHER: &str = r#"
        dir = "/var/lib/strongroom"
        listen = "[::1]:1"
        kmip = "[::1]:3"
        metrics = "10.0.0.1:2"
        account = "123456789012"
        regions = ["eu-west-1", "eu-west-2"]
        audit = "durable"
        algorithm-policy = "cnsa2"
        names = ["kms.example.org", "10.0.0.2"]
        key-cache-count = 7
        key-cache-age-seconds = 8
        secret-memory-bytes = 8_388_608
        unseal = "shares"
        key-file = "/etc/strongroom/unseal.key"
    "#;

    #[test]
    fn every_setting_sets_something_of_its_own() {
        let defaults = Config::defaults().unwrap();
        let lines: Vec<_> = OTHER.lines().filter(|line| !line.trim().is_empty()).collect();
        assert_eq!(lines.len(), SETTINGS.len());
        for line in lines {
            assert_ne!(Config::parse(line).unwrap(), defaults, "{line}");
        }
        let config = Config::parse(OTHER).unwrap();
        assert_eq!(config.key_cache_age_ms, 8000);
        assert_eq!(config.secret_memory_bytes, 8 << 20);
        assert_eq!(config.key_file(), Path::new("/etc/strongroom/unseal.key"));
        assert_eq!(config.subject_names().len(), 3);
    }

    #[test]
    fn each_mistake_is_told_in_a_sentence_with_its_line() {
        for (text, sentence) in [
            ("\nlisten-on = \"x\"", "line 2: there is no setting \"listen-on\"; "),
            ("[listen]\nport = 1", "line 1: listen: needs a text in quotes"),
            ("listen = \"localhost\"", "line 1: listen: needs an IP address and a port"),
            ("audit = \"off\"", "line 1: audit: is one of \"buffered\", \"durable\""),
            ("algorithm-policy = 1", "line 1: algorithm-policy: needs a text in quotes"),
            (
                "algorithm-policy = \"FIPS\"",
                "line 1: algorithm-policy: is one of \"default\", \"fips\", \"cnsa2\"",
            ),
            ("account = \"000000000000\"", "line 1: account: 000000000000 is the server's"),
            ("account = 1", "line 1: account: needs a text in quotes"),
            ("regions = []", "line 1: regions: needs one region or more"),
            ("regions = [1]", "line 1: regions: needs a list of texts in quotes"),
            ("names = [\"a b\"]", "line 1: names: needs DNS names and IP addresses, and \"a b\""),
            ("key-cache-count = 0", "line 1: key-cache-count: is a number from 1 to 1000000"),
            ("key-cache-count = -1", "line 1: key-cache-count: needs a whole number"),
            ("dir = \"a\"\ndir = \"b\"", "line 2 is not TOML: "),
            ("dir", "line 1 is not TOML: "),
        ] {
            let wrong = Config::parse(text).unwrap_err();
            assert!(wrong.starts_with(sentence), "{text:?}: {wrong}");
            assert!(!wrong.contains('\n'), "{wrong}");
        }
    }
}
