//! `cargo xtask sabotage`: breaks the product on purpose, one line at a time, and checks that a
//! named test notices each time.
//!
//! The edits are made in a copy, `target/sabotage/src`, with a target folder of its own that begins
//! with what the ordinary one has of other people's code; the working tree is only read. What must
//! be noticed is said by the name of the test, not by its file, so tests may move.

mod seed;
mod table;

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use self::table::{SABOTAGES, Sabotage};
use crate::tree;

const HELP: &str = "\
Break the product on purpose, one line at a time, and check that the named test notices.

Usage: cargo xtask sabotage [--only TEXT] [--list]

Options:
  --only TEXT   Only the sabotages whose name contains this
  --list        Say what would be broken, where, and which test must notice; run nothing

It works in target/sabotage, with a target folder of its own: the first run compiles Strongroom's
own crates once more, and what else `cargo test` has not compiled before. It fails when a sabotage
goes unnoticed, when the line to break is not found exactly once, when what is broken does not
compile, or when a test fails although nothing is broken.

Examples:
  cargo xtask sabotage                 all of them
  cargo xtask sabotage --only journal  one
";

/// Where the copy and its builds are, from the root.
const WORKSHOP: &str = "target/sabotage";

/// Runs the task; whether every sabotage was noticed.
pub(crate) fn main(arguments: &[&str]) -> Result<bool, String> {
    let (only, list) = match arguments {
        [] => ("", false),
        ["--list"] => ("", true),
        ["--only", text] => (*text, false),
        ["--help" | "-h", ..] => {
            print!("{HELP}");
            return Ok(true);
        }
        _ => return Err("see `cargo xtask sabotage --help`".to_owned()),
    };
    let chosen: Vec<_> = SABOTAGES.iter().filter(|one| one.name.contains(only)).collect();
    if chosen.is_empty() {
        return Err(format!("no sabotage's name contains `{only}`; --list shows them"));
    }
    if list {
        for one in chosen {
            println!("{}: {}; noticed by {}, {}", one.name, one.file, one.package, one.test);
        }
        return Ok(true);
    }
    run(&chosen)
}

fn run(chosen: &[&Sabotage]) -> Result<bool, String> {
    let root = tree::root();
    let workshop = root.join(WORKSHOP);
    let copy = workshop.join("src");
    mirror(&root, &copy)?;
    seed::seed(&root.join("target/debug"), &workshop.join("target/debug"))?;
    // Before anything is compiled: a line that is gone costs nobody minutes.
    for one in chosen {
        broken(&copy, one)?;
    }
    let began = now();
    println!("building and testing what is whole, in {WORKSHOP}");
    let parts: BTreeSet<_> = chosen.iter().map(|one| (one.package, one.part)).collect();
    for (package, part) in parts {
        let there = chosen.iter().filter(|one| (one.package, one.part) == (package, part));
        let names: BTreeSet<_> = there.map(|one| one.test).collect();
        let names: Vec<_> = names.into_iter().collect();
        let said = Bench { copy: &copy, package, part }.test(&names)?;
        if let Some(name) = names.iter().find(|name| verdict(&said.text, name) != Some(true)) {
            return Err(format!(
                "{package}: the test {name} does not pass in the unbroken tree:\n{}",
                said.text
            ));
        }
    }
    println!("whole: all named tests pass ({:.0} s)", began.elapsed().as_secs_f64());
    let mut caught = 0;
    for one in chosen {
        let watch = now();
        let noticed = attempt(&copy, one)?;
        caught += usize::from(noticed);
        let word = if noticed { "caught" } else { "NOT CAUGHT" };
        println!("{} → {word} ({:.0} s)", one.name, watch.elapsed().as_secs_f64());
        if !noticed {
            println!("    {}: {} did not fail", one.package, one.test);
        }
    }
    let total: Duration = began.elapsed();
    println!("{caught} of {} sabotages caught in {:.0} s", chosen.len(), total.as_secs_f64());
    Ok(caught == chosen.len())
}

/// Breaks one line, runs the test that must notice, and mends the line.
fn attempt(copy: &Path, one: &Sabotage) -> Result<bool, String> {
    let file = copy.join(one.file);
    let whole = read(&file)?;
    write(&file, &broken(copy, one)?)?;
    let bench = Bench { copy, package: one.package, part: one.part };
    let outcome = bench.builds().and_then(|()| bench.test(&[one.test]));
    // Written, not put back with its old date: what was built of the broken one must not do.
    write(&file, &whole)?;
    let said = outcome.map_err(|message| format!("{}: {message}", one.name))?;
    // A process that died has no verdict of its own, and has not passed.
    Ok(!said.passed && verdict(&said.text, one.test) != Some(true))
}

/// The file of a sabotage with its line broken.
fn broken(copy: &Path, one: &Sabotage) -> Result<String, String> {
    let text = read(&copy.join(one.file))?;
    match text.matches(one.line).count() {
        1 => Ok(text.replacen(one.line, one.instead, 1)),
        count => Err(format!(
            "{}: the line to break is {count} times in {}, not once; correct \
             xtask/src/sabotage/table.rs",
            one.name, one.file
        )),
    }
}

/// Where a package of the copy is built and tested.
struct Bench<'a> {
    copy: &'a Path,
    package: &'a str,
    part: &'a [&'a str],
}

/// What a test run said.
struct Said {
    text: String,
    passed: bool,
}

impl Bench<'_> {
    fn cargo(&self, arguments: &[&str]) -> Result<Said, String> {
        let output = Command::new("cargo")
            .args(["test", "--package", self.package, "--no-fail-fast"])
            .args(self.part)
            .args(arguments)
            .current_dir(self.copy)
            .env("CARGO_TARGET_DIR", self.copy.with_file_name("target"))
            .env("CARGO_TERM_COLOR", "never")
            .stdin(Stdio::null())
            .output()
            .map_err(|e| format!("cannot run cargo: {e}"))?;
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        Ok(Said { text, passed: output.status.success() })
    }

    /// What does not compile is noticed by no test.
    fn builds(&self) -> Result<(), String> {
        let said = self.cargo(&["--no-run"])?;
        if said.passed {
            return Ok(());
        }
        Err(format!("the broken tree does not compile:\n{}", said.text))
    }

    fn test(&self, names: &[&str]) -> Result<Said, String> {
        self.cargo(&[&["--"], names].concat())
    }
}

/// What the test harness said of a test: passed, failed, or nothing.
fn verdict(text: &str, name: &str) -> Option<bool> {
    let mut verdict = None;
    for line in text.lines() {
        let Some((path, outcome)) =
            line.strip_prefix("test ").and_then(|line| line.split_once(" ... "))
        else {
            continue;
        };
        if path.rsplit("::").next() == Some(name) {
            let passed = outcome.trim() == "ok";
            verdict = Some(verdict.unwrap_or(true) && passed);
        }
    }
    verdict
}

/// Makes `copy` the same as the repository. What is the same already keeps its date, so that it
/// is not compiled again.
fn mirror(root: &Path, copy: &Path) -> Result<(), String> {
    let files = tree::files(root)?;
    for path in &files {
        let (from, to) = (root.join(path), copy.join(path));
        let bytes = fs::read(&from).map_err(|e| format!("cannot read {}: {e}", from.display()))?;
        if fs::read(&to).is_ok_and(|there| there == bytes) {
            continue;
        }
        let parent = to.parent().unwrap_or(copy);
        let made = fs::create_dir_all(parent).and_then(|()| fs::write(&to, bytes));
        made.map_err(|e| format!("cannot write {}: {e}", to.display()))?;
    }
    let wanted: BTreeSet<_> = files.into_iter().collect();
    for path in tree::files(copy)?.into_iter().filter(|path| !wanted.contains(path)) {
        let gone = copy.join(&path);
        fs::remove_file(&gone).map_err(|e| format!("cannot remove {}: {e}", gone.display()))?;
    }
    Ok(())
}

fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|e| format!("cannot read {}: {e}", file.display()))
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    fs::write(file, text).map_err(|e| format!("cannot write {}: {e}", file.display()))
}

#[expect(clippy::disallowed_methods, reason = "a task tells its user how long it took")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_to_break_is_there_once() {
        for one in &SABOTAGES {
            let text = broken(&tree::root(), one).unwrap();
            assert!(text.contains(one.instead), "{}", one.name);
        }
    }

    #[test]
    fn every_test_that_must_notice_exists_and_names_are_distinct() {
        let files = tree::text_files(&tree::root()).unwrap();
        let names: BTreeSet<_> = SABOTAGES.iter().map(|one| one.name).collect();
        assert_eq!(names.len(), SABOTAGES.len());
        for one in &SABOTAGES {
            let test = format!("fn {}()", one.test);
            assert!(files.iter().any(|file| file.text.contains(&test)), "{test}");
        }
    }

    #[test]
    fn a_verdict_is_that_of_the_named_test() {
        let text = "test a::tests::it_holds ... ok\ntest it_holds_too ... FAILED\n";
        assert_eq!(verdict(text, "it_holds"), Some(true));
        assert_eq!(verdict(text, "it_holds_too"), Some(false));
        assert_eq!(verdict(text, "holds"), None);
    }
}
