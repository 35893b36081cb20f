//! `strongroom audit`: what the audit log says, and whether it is what was signed. It reads the
//! log's folder and asks no server, so it also works on a copy, on another machine.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use audit::{Checkpoint, Entry, Folder, VerifierKey, verify::Report};
use clap::{Args, Subcommand};
use model::Wall;
use serde_json::{Map, Value, json};

use super::{Output, Reply, failure::Failure};

/// The server's folder when nothing else is said.
const DIR: &str = "./strongroom-data";
/// How many entries are read, and kept in memory, at a time.
const PAGE_LEN: usize = 1000;
/// The columns of a table of entries.
const COLUMNS: [(&str, &str); 8] = [
    ("index", "INDEX"),
    ("time", "TIME"),
    ("outcome", "OUTCOME"),
    ("code", "CODE"),
    ("action", "ACTION"),
    ("principal", "PRINCIPAL"),
    ("source", "SOURCE"),
    ("resources", "RESOURCES"),
];

#[derive(Args)]
pub(crate) struct Audit {
    #[command(flatten)]
    place: Place,
    /// A table for people, or JSON for scripts.
    #[arg(long, global = true, value_enum, default_value_t = Output::Table)]
    output: Output,
    #[command(subcommand)]
    verb: Verb,
}

/// Which log. A server's folder has both of it; a copy may be anywhere.
#[derive(Args)]
#[command(next_help_heading = "Log")]
struct Place {
    /// The server's folder, for its audit log and the log's key [default: ./strongroom-data].
    #[arg(long, global = true, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// The log's folder, if it is not DIR/audit.
    #[arg(long, global = true, value_name = "FOLDER")]
    log: Option<PathBuf>,
    /// The log's verifier key, if it is not in DIR/audit.pub. Keep one elsewhere, and use that.
    #[arg(long, global = true, value_name = "FILE")]
    key: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Verb {
    /// Verify that the log has all its entries as they were signed; exits with 1 if it has not.
    #[command(
        after_help = "Example:\n  strongroom audit verify --log copy/audit --key audit.pub --checkpoint friday"
    )]
    Verify {
        /// A checkpoint that was kept elsewhere, older or newer; may be given several times.
        #[arg(long, value_name = "FILE")]
        checkpoint: Vec<PathBuf>,
    },
    /// Show entries, those that are signed already; as JSON, one object a line.
    #[command(after_help = "Example:\n  strongroom audit show --from 0 --limit 50 --output json")]
    Show {
        /// The index of the first; else the newest are shown.
        #[arg(long, value_name = "N")]
        from: Option<u64>,
        /// How many.
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: usize,
    },
    /// Print the newest signed checkpoint, to keep elsewhere.
    #[command(after_help = "Example:\n  strongroom audit checkpoint > friday")]
    Checkpoint,
}

/// A log whose key is known.
struct Log {
    dir: PathBuf,
    key: VerifierKey,
}

impl Audit {
    /// Does it, prints what it found or why it could not, and says how to exit.
    pub(super) fn run(&self) -> ExitCode {
        let outcome = self.place.open().and_then(|log| match &self.verb {
            Verb::Verify { checkpoint } => self.verify(&log, checkpoint),
            Verb::Show { from, limit } => self.show(&log, *from, *limit),
            Verb::Checkpoint => self.checkpoint(&log),
        });
        outcome.unwrap_or_else(|failure| self.output.report(&failure))
    }

    fn verify(&self, log: &Log, held: &[PathBuf]) -> Result<ExitCode, Failure> {
        let held = held.iter().map(|path| text(path)).collect::<Result<Vec<_>, _>>()?;
        let held: Vec<&str> = held.iter().map(String::as_str).collect();
        let report = audit::verify::verify(&log.dir, &log.key, &held);
        self.output.print(&report_reply(&report, held.len()))?;
        Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn show(&self, log: &Log, from: Option<u64>, limit: usize) -> Result<ExitCode, Failure> {
        let size = log.checkpoint()?.size;
        let limit = limit as u64;
        let first = from.unwrap_or(size.saturating_sub(limit));
        let end = first.saturating_add(limit).min(size);
        let folder = Folder::new(&log.dir);
        for next in (first..end).step_by(PAGE_LEN) {
            let count = usize::try_from(end - next).map_or(PAGE_LEN, |left| left.min(PAGE_LEN));
            let entries = folder.entries(next, count, size).map_err(broken)?;
            let entries = entries.iter().map(|(index, entry)| object(*index, entry)).collect();
            self.output.print(&Reply::entries(entries, &COLUMNS))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn checkpoint(&self, log: &Log) -> Result<ExitCode, Failure> {
        let checkpoint = log.checkpoint()?;
        self.output.print(&Reply::text(signed(&checkpoint), checkpoint.signed.clone()))?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Place {
    fn open(&self) -> Result<Log, Failure> {
        let options = crypto::Options { secret_memory_bytes: super::SECRET_MEMORY_LEN };
        crypto::start(options).map_err(Failure::module)?;
        let within = |name: &str| self.dir.as_deref().unwrap_or(Path::new(DIR)).join(name);
        let path = self.key.clone().unwrap_or_else(|| within("audit.pub"));
        let key = text(&path)?.trim_end().parse().map_err(|_| {
            Failure::unreadable(&path, "it is not the verifier key of an audit log")
        })?;
        Ok(Log { dir: self.log.clone().unwrap_or_else(|| within("audit")), key })
    }
}

impl Log {
    /// The newest checkpoint, its signature verified.
    fn checkpoint(&self) -> Result<Checkpoint, Failure> {
        Folder::new(&self.dir).checkpoint(&self.key).map_err(broken)
    }
}

fn text(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::unreadable(path, error))
}

fn broken(failure: audit::Failure) -> Failure {
    Failure::Failed(failure.to_string())
}

/// What a verification found; for people one sentence a finding, or that there is none.
fn report_reply(report: &Report, held: usize) -> Reply {
    let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    let sentences = match &report.checkpoint {
        Some(checkpoint) if findings.is_empty() => sound(checkpoint, report.tail.entries, held),
        _ => findings.join("\n"),
    };
    let answer = json!({
        "sound": report.is_clean(),
        "checkpoint": report.checkpoint.as_ref().map(signed),
        "entries": report.entries,
        "unsigned_entries": report.tail.entries,
        "torn_bytes": report.tail.torn_bytes,
        "findings": findings,
    });
    Reply::text(answer, sentences)
}

fn sound(Checkpoint { origin, size, .. }: &Checkpoint, unsigned: u64, held: usize) -> String {
    let mut text = format!("The log {origin} is sound: its {size} entries are as signed.");
    if held > 0 {
        text.push_str(&format!("\nIt goes with the given checkpoints ({held})."));
    }
    if unsigned > 0 {
        text.push_str(&format!("\nEntries after them that are not signed yet: {unsigned}."));
    }
    text
}

fn signed(Checkpoint { origin, size, root, signed }: &Checkpoint) -> Value {
    let root = client::blob::to_value(root);
    json!({ "origin": origin, "size": size, "root": root, "signed": signed })
}

/// An entry as an object, its resources a list, its context an object.
fn object(index: u64, entry: &Entry) -> Value {
    let (mut object, mut resources, mut context) = (Map::new(), Vec::new(), Map::new());
    object.insert("index".to_owned(), index.into());
    for (name, value) in entry.fields() {
        let value = Value::from(value);
        if name == "resource" {
            resources.push(value);
        } else if let Some(name) = name.strip_prefix("context.") {
            context.insert(name.to_owned(), value);
        } else {
            object.insert(name.into_owned(), value);
        }
    }
    object.insert("time".to_owned(), milliseconds(entry.time).into());
    object.insert("resources".to_owned(), resources.into());
    object.insert("context".to_owned(), context.into());
    Value::Object(object)
}

/// A moment in UTC, to the millisecond as the log has it (RFC 3339).
fn milliseconds(time: Wall) -> String {
    let seconds = time.to_iso8601();
    format!("{}.{:03}Z", seconds.trim_end_matches('Z'), time.0 % 1000)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use audit::Outcome;
    use model::{
        Action,
        claim::{Door, RequestId},
    };

    use super::*;

    fn entry() -> Entry {
        Entry {
            id: [1; 16],
            time: Wall(1_800_000_000_007),
            account: None,
            principal: Some("arn:aws:iam::111122223333:user/bob".into()),
            door: Door::Aws,
            source: Ipv4Addr::LOCALHOST.into(),
            action: Action::Encrypt,
            resources: vec!["one".to_owned(), "two".to_owned()],
            context: vec![("purpose".to_owned(), "index".to_owned())],
            outcome: Outcome::Denied("denied".into()),
            request: RequestId([2; 16]),
        }
    }

    #[test]
    fn an_entry_is_an_object_that_no_context_can_overwrite() {
        let mut one = entry();
        one.context.push(("outcome".to_owned(), "allowed".to_owned()));
        let object = object(7, &one);
        assert_eq!(object["index"], 7);
        assert_eq!(object["time"], "2027-01-15T08:00:00.007Z");
        assert_eq!(object["outcome"], "denied");
        assert_eq!(object["resources"], json!(["one", "two"]));
        assert_eq!(object["context"], json!({ "purpose": "index", "outcome": "allowed" }));
        assert_eq!(object.get("account"), None);
    }

    #[test]
    fn every_column_is_a_member_of_an_entry() {
        let object = object(0, &entry());
        for (name, _) in COLUMNS {
            assert!(object.get(name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_key_that_is_none_is_named_with_its_file() {
        let place = Place { dir: Some("no-such-folder".into()), log: None, key: None };
        let failure = place.open().err().unwrap();
        assert_eq!(failure.exit_code(), 2);
        assert!(failure.to_string().contains("no-such-folder/audit.pub"), "{failure}");
        let place = Place { key: Some("Cargo.toml".into()), ..place };
        let failure = place.open().err().unwrap();
        assert!(failure.to_string().contains("not the verifier key"), "{failure}");
    }
}
