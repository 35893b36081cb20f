//! `cargo xtask test`: everything that must hold before a change lands, in one command.

mod report;
mod setup;
mod shell;
mod steps;

use std::path::Path;

use self::{
    report::Report,
    steps::{Outcome, Step},
};
use crate::tree;

const HELP: &str = "\
Install what the tests need, build the server and run every check.

Usage: cargo xtask test [--only STEP]... [--strict]

Steps, in this order; each brings along the earlier ones that it needs:
  packages   Debian packages that tests call, installed when missing (needs root or sudo)
  python     a Python environment in .test-env/ with tests-e2e/requirements.txt, made again only
             when that file or the Python version changes
  fmt        cargo fmt --all --check
  tidy       cargo xtask tidy
  build      the server as it is released, target/release/strongroom
  clippy     cargo clippy on everything, warnings denied
  unit       unit and integration tests, with cargo nextest where it is installed
  doc        the examples in the documentation
  sabotage   cargo xtask sabotage: that a test notices each line broken on purpose
  e2e        tests-e2e/run.py: real clients against the built server
  bench      the benchmark against the built server, quickly: any error reply fails it

Options:
  --only STEP    Run this step and what it needs; may be given several times
  --strict       Fail when a step is skipped (continuous integration does)

Examples:
  cargo xtask test                          everything
  cargo xtask test --only fmt --only tidy   what is quick
  cargo xtask test --only e2e               the scenarios, with all they need
";

/// What was asked for.
#[derive(Debug, Default, Eq, PartialEq)]
struct Options {
    only: Vec<Step>,
    strict: bool,
}

/// Runs the task; whether all was well.
pub(crate) fn main(arguments: &[&str]) -> Result<bool, String> {
    if arguments.iter().any(|argument| ["--help", "-h"].contains(argument)) {
        print!("{HELP}");
        return Ok(true);
    }
    let options = parse(arguments)?;
    Ok(run(&tree::root(), &options))
}

fn parse(arguments: &[&str]) -> Result<Options, String> {
    let mut options = Options::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match *argument {
            "--strict" => options.strict = true,
            "--only" => {
                let name = rest.next().ok_or("--only needs the name of a step")?;
                options.only.push(Step::named(name)?);
            }
            other => {
                return Err(format!("test knows no `{other}`; see `cargo xtask test --help`"));
            }
        }
    }
    Ok(options)
}

/// The steps to run, in order: those asked for and what they need, or all.
fn plan(only: &[Step]) -> Vec<Step> {
    let wanted =
        |step: &Step| only.is_empty() || only.iter().any(|o| o == step || o.needs().contains(step));
    Step::ALL.into_iter().filter(wanted).collect()
}

fn run(root: &Path, options: &Options) -> bool {
    let steps = plan(&options.only);
    let mut report = Report::default();
    for (at, step) in steps.iter().enumerate() {
        println!("\n[{}/{}] {}: {}", at + 1, steps.len(), step.name(), step.what());
        let watch = report::Stopwatch::start();
        let (outcome, notes) = match report.unmet(step.needs()) {
            Some(need) => {
                let why = format!("the step `{}` did not pass", need.name());
                (Outcome::Skipped(why), Vec::new())
            }
            None => step.run(root),
        };
        report.add(*step, outcome, watch.elapsed(), notes);
    }
    report.print();
    report.is_good(options.strict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_brings_along_what_it_needs_and_no_more() {
        assert_eq!(plan(&[]).len(), Step::ALL.len());
        assert_eq!(plan(&[Step::Fmt]), [Step::Fmt]);
        assert_eq!(
            plan(&[Step::Scenarios]),
            [Step::Packages, Step::Python, Step::Build, Step::Scenarios]
        );
    }

    #[test]
    fn a_need_comes_before_the_step_that_has_it() {
        let place = |step: &Step| Step::ALL.iter().position(|s| s == step);
        for step in Step::ALL {
            assert!(step.needs().iter().all(|need| place(need) < place(&step)));
        }
    }

    #[test]
    fn an_unknown_step_is_answered_with_the_known_ones() {
        assert_eq!(parse(&["--only", "tidy", "--strict"]).unwrap().only, [Step::Tidy]);
        assert!(parse(&["--only", "no"]).unwrap_err().contains("clippy"));
        assert!(parse(&["--only"]).is_err());
        assert!(parse(&["--no"]).is_err());
    }
}
