//! `strongroom-bench`: Strongroom and the floor, under the same load, in turn, in one run.
//!
//! The floor is a bare hyper and rustls server that answers every request with a fixed body as
//! long as Strongroom's; for KMIP one without hyper, that reads a message by its length and answers
//! with what Strongroom has answered. What Strongroom costs beyond it is what authentication, policy,
//! cryptography and audit cost. Figures are ratios of rounds that ran next to each other, so
//! that the machine's own drift does not count; the median of the rounds is reported.

mod alone;
mod floor;
mod keys;
mod load;
mod measure;
mod messages;
mod process;
mod pykmip;
mod report;
mod sample;
mod stages;
mod subject;
mod tls;
mod vitals;

use std::{process::ExitCode, time::Duration};

/// What is measured.
#[derive(Debug, PartialEq)]
pub(crate) struct Plan {
    /// The server's binary.
    pub(crate) binary: String,
    /// Names of operations, of `subject::OPERATIONS` and `messages::OPERATIONS`; empty for all.
    pub(crate) operations: Vec<String>,
    /// Connections at the same time; at least one number.
    pub(crate) connections: Vec<usize>,
    /// Rounds of each; at least one.
    pub(crate) rounds: usize,
    /// Length of a round.
    pub(crate) round: Duration,
    /// Whether uses are durable before the reply.
    pub(crate) durable: bool,
    /// The Python that has PyKMIP.
    pub(crate) pykmip: String,
    /// Stores of as many keys to compare, instead of operations.
    pub(crate) keys: Vec<usize>,
    /// Whether the result is JSON and not Markdown.
    pub(crate) json: bool,
}

const HELP: &str = "\
Measures Strongroom against the floor, a bare TLS server, and prints Markdown tables.

Usage: strongroom-bench [OPTIONS]
       strongroom-bench stages     where the microseconds of one Encrypt go

Options:
  --binary PATH      The server [default: target/release/strongroom]
  --operation NAME   Health, Encrypt, Decrypt, GenerateDataKey, SignRsa2048, SignP256, SignEd25519,
                     SignMlDsa65, GenerateMac, CreateKey, KmipGet, KmipLocateGet, KmipEncrypt,
                     KmipCreate; may be given several times [default: all, and a row of Encrypt
                     with durable audit]
  --connections N    May be given several times [default: 1, 16, 64, 256; with --keys 16]
  --rounds N         Rounds of each, after one that is not counted [default: 5]
  --seconds N        Length of a round [default: 2]
  --durable          With the durable audit mode
  --pykmip PYTHON    The Python that has PyKMIP, whose own server is measured beside the operations
                     of KMIP that it can do [default: .test-env/bin/python3]
  --keys N           Compare stores of as many keys instead, filled through the door at some
                     thousands a second; may be given several times
  --output FORMAT    text or json [default: text]
  --quick            One round of 0.3 s at 16 connections: whether it works, not how fast

Any answer but success and any broken connection voids its row; the exit status is then 1.

Examples:
  strongroom-bench                                     the whole table, some 28 minutes
  strongroom-bench --operation Encrypt --connections 16
  strongroom-bench --keys 1000 --keys 1000000          some ten minutes
";

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a command")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let first = arguments.first().map(String::as_str);
    if first == Some("serve-floor") {
        return floor::main(&arguments[1..]);
    }
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
    let outcome = match first {
        Some("stages") => stages::run().map(|()| true),
        _ => plan(&arguments).and_then(|plan| run(&plan)),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(reason) => {
            eprintln!("strongroom-bench: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// Measures and prints; whether no row is void.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a command")]
fn run(plan: &Plan) -> Result<bool, String> {
    if !plan.keys.is_empty() {
        let outcome = keys::run(plan)?;
        if plan.json {
            println!("{:#}", outcome.json());
        } else {
            print!("{}", outcome.table());
        }
        return Ok(true);
    }
    let outcome = measure::run(plan)?;
    if plan.json {
        println!("{:#}", outcome.json());
    } else {
        print!("{}", outcome.tables());
    }
    for skipped in &outcome.skipped {
        eprintln!("skipped: {skipped}");
    }
    for void in &outcome.void {
        eprintln!("strongroom-bench: void: {void}");
    }
    Ok(outcome.void.is_empty())
}

fn plan(arguments: &[String]) -> Result<Plan, String> {
    let mut plan = Plan {
        binary: "target/release/strongroom".to_owned(),
        operations: Vec::new(),
        connections: Vec::new(),
        rounds: 5,
        round: Duration::from_secs(2),
        durable: false,
        pykmip: ".test-env/bin/python3".to_owned(),
        keys: Vec::new(),
        json: false,
    };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--durable" => {
                plan.durable = true;
                continue;
            }
            "--quick" => {
                (plan.rounds, plan.round) = (1, Duration::from_millis(300));
                plan.connections = vec![16];
                continue;
            }
            _ => {}
        }
        let value = arguments.next().ok_or(format!("{argument} needs a value; see --help"))?;
        let number = || match value.parse::<usize>() {
            Ok(number) if number > 0 => Ok(number),
            _ => Err(format!("{argument} takes a number above zero, not {value}")),
        };
        match argument.as_str() {
            "--binary" => plan.binary.clone_from(value),
            "--operation" => plan.operations.push(operation(value)?),
            "--connections" => plan.connections.push(number()?),
            "--rounds" => plan.rounds = number()?,
            "--seconds" => plan.round = Duration::from_secs(number()? as u64),
            "--pykmip" => plan.pykmip.clone_from(value),
            "--keys" => plan.keys.push(number()?),
            "--output" if value == "text" || value == "json" => plan.json = value == "json",
            "--output" => return Err(format!("--output takes text or json, not {value}")),
            _ => return Err(format!("{argument} is not an option; see --help")),
        }
    }
    if plan.connections.is_empty() {
        plan.connections = if plan.keys.is_empty() { vec![1, 16, 64, 256] } else { vec![16] };
    }
    Ok(plan)
}

/// Before anything is started: a name that is wrong costs nobody minutes.
fn operation(name: &str) -> Result<String, String> {
    let known = measure::operations().any(|known| known == name);
    known.then(|| name.to_owned()).ok_or(format!("there is no operation {name}; see --help"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Plan, String> {
        plan(&arguments.iter().map(|argument| (*argument).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_not_said_is_the_whole_matrix() {
        let plan = parsed(&[]).unwrap();
        assert_eq!(plan.connections, [1, 16, 64, 256]);
        assert!(plan.operations.is_empty() && plan.keys.is_empty() && plan.rounds >= 5);
        assert_eq!(parsed(&["--keys", "1000"]).unwrap().connections, [16]);
    }

    #[test]
    fn what_is_wrong_is_said_before_anything_starts() {
        for wrong in [
            &["--operation", "Sing"][..],
            &["--operation", "KmipSing"],
            &["--rounds", "0"],
            &["--output", "xml"],
            &["--connections"],
            &["--fast", "1"],
        ] {
            assert!(parsed(wrong).is_err(), "{wrong:?}");
        }
    }
}
