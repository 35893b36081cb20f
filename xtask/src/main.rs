//! The tasks of the repository: `cargo xtask test`, `tidy`, `sabotage`, `vectors`, `bench` and
//! `release`.
//!
//! Whatever continuous integration checks is a task here, so that it can be run by hand.

mod bench;
mod output;
mod release;
mod sabotage;
mod source;
mod test;
mod tidy;
mod tree;
mod vectors;

use std::process::ExitCode;

const HELP: &str = "\
The tasks of the repository.

Usage: cargo xtask <TASK> [OPTIONS]

Tasks:
  test    Install what the tests need, build the server and run every check
  tidy    Check the rules of ARCHITECTURE.md and CONTRIBUTING.md that no compiler checks
  sabotage
          Break the product on purpose, a line at a time, and check that a test notices each
  vectors Run the published vectors and tell how many of which ran
  bench   Measure the server against a bare TLS server and print the tables
  release Build the program as it is handed out, try it, and pack it

Examples:
  cargo xtask test                 everything, as continuous integration runs it
  cargo xtask test --only clippy   one step
  cargo xtask tidy                 the rules alone, in a second
  cargo xtask vectors              what the algorithms were compared with
  cargo xtask bench --quick        whether the benchmark works
  cargo xtask test --help          the steps and options of a task
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(true)
        }
        ["help", task] => dispatch(task, &["--help"]),
        [task, rest @ ..] => dispatch(task, rest),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

/// Runs a task; whether all was well, or a sentence on why it could not run.
fn dispatch(task: &str, arguments: &[&str]) -> Result<bool, String> {
    match task {
        "test" => test::main(arguments),
        "tidy" => tidy::main(arguments),
        "sabotage" => sabotage::main(arguments),
        "vectors" => vectors::main(arguments),
        "bench" => bench::main(arguments),
        "release" => release::main(arguments),
        other => Err(format!("there is no task `{other}`; `cargo xtask --help` lists them")),
    }
}
