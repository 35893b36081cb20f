//! The steps: what each is called, needs and does.

use std::path::Path;

use super::{
    setup,
    shell::{self, Run},
};
use crate::{sabotage, tidy};

/// The scenarios, from the root.
const SCENARIOS: &str = "tests-e2e/run.py";
/// The built server, from the root.
const SERVER: &str = "target/release/strongroom";

/// A step of `cargo xtask test`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Step {
    Packages,
    Python,
    Fmt,
    Tidy,
    Build,
    Clippy,
    Unit,
    Doc,
    Sabotage,
    Scenarios,
    Bench,
}

/// How a step ended.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    Passed,
    /// With what to run by hand.
    Failed(String),
    /// With the reason.
    Skipped(String),
}

/// What a step's tests said they skipped, and why.
pub(super) type Notes = Vec<String>;

impl Step {
    /// All, in the order in which they run: the quick ones first.
    pub(super) const ALL: [Self; 11] = [
        Self::Packages,
        Self::Python,
        Self::Fmt,
        Self::Tidy,
        Self::Build,
        Self::Clippy,
        Self::Unit,
        Self::Doc,
        Self::Sabotage,
        Self::Scenarios,
        Self::Bench,
    ];

    /// The step of this name, or a sentence that lists the names.
    pub(super) fn named(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|step| step.name() == name).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|step| step.name()).collect();
            format!("there is no step `{name}`; the steps are {}", names.join(", "))
        })
    }

    /// Its name on the command line.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Packages => "packages",
            Self::Python => "python",
            Self::Fmt => "fmt",
            Self::Tidy => "tidy",
            Self::Build => "build",
            Self::Clippy => "clippy",
            Self::Unit => "unit",
            Self::Doc => "doc",
            Self::Sabotage => "sabotage",
            Self::Scenarios => "e2e",
            Self::Bench => "bench",
        }
    }

    /// What it does, in a line.
    pub(super) fn what(self) -> &'static str {
        match self {
            Self::Packages => "Debian packages that tests call",
            Self::Python => "a Python environment for the scenarios",
            Self::Fmt => "formatting",
            Self::Tidy => "the rules of the house",
            Self::Build => "the server as it is released",
            Self::Clippy => "lints, warnings denied",
            Self::Unit => "unit and integration tests",
            Self::Doc => "examples in the documentation",
            Self::Sabotage => "that tests notice what is broken on purpose",
            Self::Scenarios => "real clients against the built server",
            Self::Bench => "that the benchmark works, not how fast",
        }
    }

    /// The earlier steps that must have passed.
    pub(super) fn needs(self) -> &'static [Self] {
        match self {
            Self::Packages | Self::Fmt | Self::Tidy | Self::Build | Self::Clippy | Self::Doc => &[],
            Self::Unit | Self::Sabotage => &[],
            Self::Python => &[Self::Packages],
            Self::Scenarios => &[Self::Packages, Self::Python, Self::Build],
            Self::Bench => &[Self::Build],
        }
    }

    /// Does it.
    pub(super) fn run(self, root: &Path) -> (Outcome, Notes) {
        match self {
            Self::Packages => (setup::packages(root), Vec::new()),
            Self::Python => (setup::python(root), Vec::new()),
            Self::Tidy => (task("cargo xtask tidy", tidy::check()), Vec::new()),
            Self::Sabotage => (task("cargo xtask sabotage", sabotage::main(&[])), Vec::new()),
            Self::Unit => unit(root),
            Self::Scenarios => scenarios(root),
            Self::Fmt => command(root, &["cargo", "fmt", "--all", "--check"]),
            Self::Build => {
                command(root, &["cargo", "build", "--release", "--package", "strongroom"])
            }
            Self::Clippy => command(
                root,
                &["cargo", "clippy", "--workspace", "--all-targets", "--", "-D", "warnings"],
            ),
            Self::Doc => command(root, &["cargo", "test", "--workspace", "--doc"]),
            // The benchmark itself as for tests: its release build would take minutes.
            Self::Bench => {
                let words = ["cargo", "run", "--quiet", "--package", "strongroom-bench", "--"];
                command(root, &[&words[..], &["--quick", "--binary", SERVER]].concat())
            }
        }
    }
}

fn command(root: &Path, words: &[&str]) -> (Outcome, Notes) {
    outcome(Run::new(words), root)
}

fn outcome(run: Run<'_>, root: &Path) -> (Outcome, Notes) {
    match run.stream(root) {
        Ok((true, notes)) => (Outcome::Passed, notes),
        Ok((false, notes)) => (Outcome::Failed(run.line()), notes),
        Err(message) => {
            println!("{message}");
            (Outcome::Failed(run.line()), Vec::new())
        }
    }
}

/// How another task of this program ended, which by hand is `line`.
fn task(line: &str, ended: Result<bool, String>) -> Outcome {
    match ended {
        Ok(true) => Outcome::Passed,
        Ok(false) => Outcome::Failed(line.to_owned()),
        Err(message) => {
            println!("{message}");
            Outcome::Failed(line.to_owned())
        }
    }
}

/// Tests that pass may print what they skipped, so their output is shown, without the frame that
/// the test harness puts around each.
fn unit(root: &Path) -> (Outcome, Notes) {
    if shell::succeeds(&["cargo", "nextest", "--version"]) {
        let words = ["cargo", "nextest", "run", "--workspace", "--no-fail-fast"];
        let shown = ["--success-output", "immediate", "--no-output-indent"];
        return outcome(Run::new(&[&words[..], &shown[..]].concat()).without_harness_frame(), root);
    }
    println!("cargo nextest is not installed, so cargo test runs the same tests, more slowly");
    let words = ["cargo", "test", "--workspace", "--no-fail-fast", "--all-targets"];
    command(root, &[&words[..], &["--", "--show-output"]].concat())
}

fn scenarios(root: &Path) -> (Outcome, Notes) {
    if !root.join(SCENARIOS).is_file() {
        return (Outcome::Skipped(format!("{SCENARIOS} does not exist")), Vec::new());
    }
    let python = setup::PYTHON;
    // Unbuffered, so that its progress is seen as it comes.
    command(root, &[python, "-u", SCENARIOS, "--binary", SERVER])
}
