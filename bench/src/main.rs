//! `strongroom-bench`: Strongroom and the floor, under the same load, in turn, in one run.
//!
//! The floor is a bare hyper and rustls server that answers every request with a fixed body as
//! long as Strongroom's. What Strongroom costs beyond it is what authentication, policy,
//! cryptography and audit cost. Figures are ratios of rounds that ran next to each other, so
//! that the machine's own drift does not count; the median of the rounds is reported.

mod floor;
mod load;
mod measure;
mod report;
mod stages;
mod subject;

use std::{process::ExitCode, time::Duration};

/// What is measured.
pub(crate) struct Plan {
    /// The server's binary.
    pub(crate) binary: String,
    /// Names of operations, as in `subject::OPERATIONS`; empty for all.
    pub(crate) operations: Vec<String>,
    /// Connections at the same time.
    pub(crate) connections: Vec<usize>,
    /// Rounds of each.
    pub(crate) rounds: usize,
    /// Length of a round.
    pub(crate) round: Duration,
    /// Whether uses are durable before the reply.
    pub(crate) durable: bool,
}

const HELP: &str = "\
usage: strongroom-bench [--binary PATH] [--operation NAME]... [--connections N]...
                        [--rounds N] [--seconds N] [--durable]

       strongroom-bench stages

Measures Strongroom against the floor and prints a Markdown table; or, with `stages`, where the
microseconds of one Encrypt go.

  --binary PATH      the server (target/release/strongroom)
  --operation NAME   Health, Encrypt, Decrypt, GenerateDataKey, SignRsa2048, SignP256, SignEd25519,
                     SignMlDsa65, GenerateMac, CreateKey; may be given several times (all)
  --connections N    may be given several times (1, 16, 64, 256)
  --rounds N         rounds of each (5)
  --seconds N        seconds a round (2)
  --durable          with the durable audit mode

example: strongroom-bench --operation Encrypt --connections 16 --rounds 5
";

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a command")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "serve-floor") {
        return floor::main(&arguments[1..]);
    }
    if arguments.first().is_some_and(|first| first == "stages") {
        return match stages::run() {
            Ok(()) => ExitCode::SUCCESS,
            Err(reason) => {
                eprintln!("strongroom-bench: {reason}");
                ExitCode::FAILURE
            }
        };
    }
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
    let outcome = plan(&arguments).and_then(|plan| measure::run(&plan));
    match outcome {
        Ok(rows) => {
            print!("{}", report::table(&rows));
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("strongroom-bench: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn plan(arguments: &[String]) -> Result<Plan, String> {
    let mut plan = Plan {
        binary: "target/release/strongroom".to_owned(),
        operations: Vec::new(),
        connections: Vec::new(),
        rounds: 5,
        round: Duration::from_secs(2),
        durable: false,
    };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if argument == "--durable" {
            plan.durable = true;
            continue;
        }
        let value = arguments.next().ok_or(format!("{argument} needs a value; see --help"))?;
        let number = || value.parse::<usize>().map_err(|_| format!("{value} is not a number"));
        match argument.as_str() {
            "--binary" => plan.binary.clone_from(value),
            "--operation" => plan.operations.push(value.clone()),
            "--connections" => plan.connections.push(number()?),
            "--rounds" => plan.rounds = number()?.max(1),
            "--seconds" => plan.round = Duration::from_secs(number()?.max(1) as u64),
            _ => return Err(format!("{argument} is not an option; see --help")),
        }
    }
    if plan.connections.is_empty() {
        plan.connections = vec![1, 16, 64, 256];
    }
    Ok(plan)
}
