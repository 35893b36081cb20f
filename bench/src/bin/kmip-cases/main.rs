//! `kmip-cases`: the test cases of the KMIP profiles, replayed against a running server.
//!
//! ```text
//!   case ── a conversation in XML ──┐
//!   tree ── a message to compare    ├─ replay ── link     TLS, HTTPS
//!   values ── what is learnt        │    │
//!   compare ── variations ──────────┘    └─ report, skips
//! ```
//!
//! An answer is the case's but for what the profiles let a server choose; `variations` lists that,
//! also what Query may answer. Cases run in the order of their names, each over a connection of its
//! own, as one client: some find what others have left. A run begins with a server that is empty.

mod case;
mod compare;
mod link;
mod replay;
mod report;
mod skips;
mod tree;
mod values;
mod variations;

#[cfg(test)]
mod tests;

use std::{
    fs,
    path::Path,
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

use case::Case;
use kmip::Encoding;
use link::Client;
use replay::{Failure, Link, Run};
use report::{Line, Outcome};
use skips::Skips;

const HELP: &str = "\
Replays the test cases of the KMIP profiles against a running server that is empty.

Usage: kmip-cases --address HOST:PORT --ca FILE --cert FILE --key FILE [OPTIONS] DIR...

  DIR                Folders of cases: *.xml

Options:
  --address ADDR     Where the server takes messages over TLS, e.g. 127.0.0.1:5696
  --https ADDR       Where it takes them over HTTPS; without, cases about that go to --address
  --ca FILE          Authorities of the server's certificate, PEM
  --cert FILE        The client's certificate and those up to its authority, PEM
  --key FILE         Its key, PEM
  --skips FILE       Cases that are known to fail, with reasons, TOML
  --only NAME        Cases whose name has NAME in it
  --verbose          Show the messages of a difference, and what answers have beyond the cases'
  --output FORMAT    text or json [default: text]

The exit status is 0 when no case failed but those that are named as skips.

Example:
  kmip-cases --address 127.0.0.1:5696 --ca ca.pem --cert client.pem --key client.key \\
    --skips vectors/conformance/kmip.toml kmip-2.1/mandatory kmip-2.1/optional
";

/// What is asked for.
#[derive(Debug, Default, PartialEq)]
struct Plan {
    address: String,
    https: Option<String>,
    ca: String,
    certificate: String,
    key: String,
    skips: Option<String>,
    only: String,
    verbose: bool,
    json: bool,
    folders: Vec<String>,
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a command")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
    match plan(&arguments).and_then(|plan| run(&plan)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(reason) => {
            eprintln!("kmip-cases: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn plan(arguments: &[String]) -> Result<Plan, String> {
    let mut plan = Plan::default();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if argument == "--verbose" {
            plan.verbose = true;
            continue;
        }
        if !argument.starts_with('-') {
            plan.folders.push(argument.clone());
            continue;
        }
        let value = arguments.next().ok_or(format!("{argument} needs a value; see --help"))?;
        match argument.as_str() {
            "--address" => plan.address.clone_from(value),
            "--https" => plan.https = Some(value.clone()),
            "--ca" => plan.ca.clone_from(value),
            "--cert" => plan.certificate.clone_from(value),
            "--key" => plan.key.clone_from(value),
            "--skips" => plan.skips = Some(value.clone()),
            "--only" => plan.only.clone_from(value),
            "--output" if value == "text" || value == "json" => plan.json = value == "json",
            "--output" => return Err(format!("--output takes text or json, not {value}")),
            _ => return Err(format!("{argument} is not an option; see --help")),
        }
    }
    for (name, value) in [
        ("--address", &plan.address),
        ("--ca", &plan.ca),
        ("--cert", &plan.certificate),
        ("--key", &plan.key),
    ] {
        if value.is_empty() {
            return Err(format!("{name} is missing; see --help"));
        }
    }
    if plan.folders.is_empty() { Err("which cases? See --help".to_owned()) } else { Ok(plan) }
}

/// Replays and prints; whether nothing failed but what is known to.
#[expect(clippy::print_stdout, reason = "this is a command")]
fn run(plan: &Plan) -> Result<bool, String> {
    let skips = match &plan.skips {
        Some(path) => skips::read(&read(path)?).map_err(|why| format!("{path}: {why}"))?,
        None => Skips::new(),
    };
    let mut cases = Vec::new();
    for folder in &plan.folders {
        cases.extend(cases_in(Path::new(folder))?);
    }
    cases.retain(|case| case.name.contains(&plan.only));
    if cases.is_empty() {
        return Err("there is no such case".to_owned());
    }
    crypto::start(crypto::Options::default()).map_err(|failure| failure.to_string())?;
    let client = Client::new(&plan.ca, &plan.certificate, &plan.key)?;
    let mut run = Run::new(&clock);
    let mut lines = Vec::new();
    for case in &cases {
        let (played, remark) = play(plan, &client, &mut run, case);
        let line = line(&case.name, remark, played, skips.get(&case.name));
        if !plan.json {
            println!("{}", line.text(plan.verbose));
        }
        lines.push(line);
    }
    if plan.json {
        println!("{:#}", report::json(&lines));
    } else {
        println!("{}", report::summary(&lines));
    }
    Ok(report::is_good(&lines))
}

/// What a case ended with.
type Played = Result<Vec<String>, Failure>;

/// Replays a case over a connection of its own, and says if that was not how the case would go.
fn play(
    plan: &Plan,
    client: &Client,
    run: &mut Run<'_>,
    case: &Case,
) -> (Played, Option<&'static str>) {
    fn over(
        link: Result<impl Link, String>,
        run: &mut Run<'_>,
        case: &Case,
        encoding: Encoding,
    ) -> Played {
        let mut link = link.map_err(|why| Failure { step: 0, why, messages: vec![] })?;
        run.replay(case, &mut link, encoding)
    }
    match (case.over_https(), &plan.https) {
        (Some(encoding), Some(address)) => {
            (over(client.https(address, encoding), run, case, encoding), None)
        }
        (is_about_https, _) => {
            let remark = is_about_https.map(|_| "in TTLV and without HTTP: no --https");
            (over(client.raw(&plan.address), run, case, Encoding::Ttlv), remark)
        }
    }
}

fn line(case: &str, remark: Option<&'static str>, played: Played, skip: Option<&String>) -> Line {
    let (beyond, outcome) = match (played, skip.cloned()) {
        (Ok(beyond), None) => (beyond, Outcome::Passed),
        (Ok(beyond), Some(reason)) => (beyond, Outcome::PassedAnyway(reason)),
        (Err(failure), None) => (vec![], Outcome::Failed(failure)),
        (Err(failure), Some(reason)) => (vec![], Outcome::Skipped(reason, failure)),
    };
    Line { case: case.to_owned(), remark, beyond, outcome }
}

/// The cases in a folder, by name.
fn cases_in(folder: &Path) -> Result<Vec<Case>, String> {
    let failed = |why: std::io::Error| format!("{}: {why}", folder.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "xml") {
            paths.push(path);
        }
    }
    paths.sort();
    let case = |path: &std::path::PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        Case::read(&name, &read(&path.to_string_lossy())?)
    };
    paths.iter().map(case).collect()
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(path).map_err(|why| format!("{path}: {why}"))
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the cases have moments that are now")]
fn clock() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod plans {
    use super::*;

    const WHO: [&str; 8] = ["--address", "a:1", "--ca", "b", "--cert", "c", "--key", "d"];

    fn parsed(more: &[&str]) -> Result<Plan, String> {
        let all: Vec<String> = WHO.iter().chain(more).map(|it| (*it).to_owned()).collect();
        plan(&all)
    }

    #[test]
    fn folders_and_options_come_in_any_order() {
        let plan = parsed(&["x", "--verbose", "y", "--output", "json", "--only", "SKLC"]).unwrap();
        assert_eq!(plan.folders, ["x", "y"]);
        assert!(plan.verbose && plan.json && plan.only == "SKLC" && plan.https.is_none());
    }

    #[test]
    fn what_is_wrong_is_said_before_anything_is_sent() {
        for wrong in [
            &[][..],
            &["x", "--output", "xml"],
            &["x", "--only"],
            &["x", "--fast", "1"],
            &["x", "--ca", ""],
        ] {
            assert!(parsed(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_skips_of_this_repository_are_read() {
        let skips = skips::read(include_str!("../../../../vectors/conformance/kmip.toml"));
        assert!(skips.unwrap().contains_key("PKCS11-M-1-21"));
    }
}
