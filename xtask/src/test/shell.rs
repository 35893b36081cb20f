//! Commands, run from the root with their output passed on line by line.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Command, Stdio},
    sync::Mutex,
    thread,
};

use super::steps::Notes;

/// How a test says on a line of its own that it leaves something out, followed by what and why.
const SKIPPED: &str = "skipped: ";

/// A command to run.
pub(super) struct Run<'a> {
    words: Vec<&'a str>,
    harness_frame: bool,
}

impl<'a> Run<'a> {
    /// The program and its arguments.
    pub(super) fn new(words: &[&'a str]) -> Self {
        Self { words: words.to_vec(), harness_frame: true }
    }

    /// Leaves out the lines that Rust's test harness prints around the output of each test.
    pub(super) fn without_harness_frame(mut self) -> Self {
        self.harness_frame = false;
        self
    }

    /// The command as one types it.
    pub(super) fn line(&self) -> String {
        let quoted = self.words.iter().map(|word| {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:+".contains(c);
            if word.chars().all(plain) { (*word).to_owned() } else { format!("'{word}'") }
        });
        quoted.collect::<Vec<_>>().join(" ")
    }

    /// Runs it; whether it succeeded, and what it said it skipped.
    pub(super) fn stream(&self, root: &Path) -> Result<(bool, Notes), String> {
        println!("$ {}", self.line());
        let (program, arguments) = self.words.split_first().ok_or("there is no command to run")?;
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir(root)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| format!("cannot run {program}: {e}"))?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let notes = Mutex::new(Vec::new());
        thread::scope(|scope| {
            scope.spawn(|| self.pass_on(stdout, &notes));
            self.pass_on(stderr, &notes);
        });
        let status = child.wait().map_err(|e| format!("lost {program}: {e}"))?;
        let mut notes = notes.into_inner().unwrap_or_default();
        notes.sort();
        notes.dedup();
        Ok((status.success(), notes))
    }

    fn pass_on(&self, stream: Option<impl Read>, notes: &Mutex<Notes>) {
        let Some(stream) = stream else { return };
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line);
            if self.harness_frame || !is_harness_frame(&line) {
                println!("{line}");
            }
            if let (Some(note), Ok(mut notes)) = (note(&line), notes.lock()) {
                notes.push(note.to_owned());
            }
        }
    }
}

/// Whether a command runs and succeeds, without showing anything.
pub(super) fn succeeds(words: &[&str]) -> bool {
    output(words).is_some()
}

/// What a command prints, when it succeeds.
pub(super) fn output(words: &[&str]) -> Option<String> {
    let (program, arguments) = words.split_first()?;
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What a line says was skipped.
fn note(line: &str) -> Option<&str> {
    line.trim().strip_prefix(SKIPPED)
}

fn is_harness_frame(line: &str) -> bool {
    let line = line.trim();
    line.is_empty()
        || line == "stdout ───"
        || (line.starts_with("running ") && line.ends_with(['t', 's']) && line.contains(" test"))
        || (line.starts_with("test ") && line.ends_with("... ok"))
        || line.starts_with("test result: ok.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_test_says_it_skipped_is_kept() {
        assert_eq!(note("  skipped: the TPM: there is none"), Some("the TPM: there is none"));
        assert_eq!(note("3 skipped: x"), None);
    }

    #[test]
    fn failure_and_absence_are_told_apart() {
        assert!(!Run::new(&["false"]).stream(Path::new(".")).unwrap().0);
        assert!(Run::new(&["no-such-program-here"]).stream(Path::new(".")).is_err());
    }

    #[test]
    fn a_line_can_be_pasted() {
        assert_eq!(Run::new(&["sh", "-c", "echo one"]).line(), "sh -c 'echo one'");
    }

    #[test]
    fn failures_are_no_frame() {
        assert!(is_harness_frame("    running 1 test"));
        assert!(is_harness_frame("test result: ok. 1 passed; 0 failed"));
        assert!(!is_harness_frame("test a ... FAILED"));
        assert!(!is_harness_frame("running as root"));
    }
}
