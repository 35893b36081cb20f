//! What happened, in a table, and what to run again.

use std::time::{Duration, Instant};

use super::steps::{Notes, Outcome, Step};

/// Measures how long a step takes.
pub(super) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "a task tells its user how long a step took")]
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The steps that have run.
#[derive(Default)]
pub(super) struct Report(Vec<Row>);

struct Row {
    step: Step,
    outcome: Outcome,
    took: Duration,
    notes: Notes,
}

impl Report {
    pub(super) fn add(&mut self, step: Step, outcome: Outcome, took: Duration, notes: Notes) {
        self.0.push(Row { step, outcome, took, notes });
    }

    /// The first of `needs` that has run and not passed.
    pub(super) fn unmet(&self, needs: &[Step]) -> Option<Step> {
        let unmet = |row: &&Row| needs.contains(&row.step) && row.outcome != Outcome::Passed;
        self.0.iter().find(unmet).map(|row| row.step)
    }

    /// Whether nothing failed and, when `strict`, nothing was skipped.
    pub(super) fn is_good(&self, strict: bool) -> bool {
        self.count("failed") == 0 && !(strict && self.count("skipped") > 0)
    }

    pub(super) fn print(&self) {
        print!("{}", self.text());
    }

    fn text(&self) -> String {
        let mut text = String::from("\nstep       outcome   seconds\n");
        for row in &self.0 {
            let (name, outcome) = (row.step.name(), word(&row.outcome));
            text += &format!("{name:<10} {outcome:<8} {:>8.1}\n", row.took.as_secs_f64());
        }
        for Row { step, outcome, notes, .. } in &self.0 {
            match outcome {
                Outcome::Passed => {}
                Outcome::Skipped(why) => text += &format!("skipped: {}: {why}\n", step.name()),
                Outcome::Failed(command) => {
                    let again = format!("cargo xtask test --only {}", step.name());
                    text += &format!("failed: {}; run again: {again}\n", step.name());
                    text += &format!("        or by itself: {command}\n");
                }
            }
            for note in notes {
                text += &format!("skipped in {}: {note}\n", step.name());
            }
        }
        let [passed, failed, skipped] = ["passed", "failed", "skipped"].map(|w| self.count(w));
        text + &format!("steps: {passed} passed, {failed} failed, {skipped} skipped\n")
    }

    fn count(&self, outcome: &str) -> usize {
        self.0.iter().filter(|row| word(&row.outcome) == outcome).count()
    }
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed(_) => "failed",
        Outcome::Skipped(_) => "skipped",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_how_to_run_it_again_and_a_skip_says_why() {
        let mut report = Report::default();
        let took = Duration::from_millis(1500);
        report.add(Step::Build, Outcome::Passed, took, vec!["the TPM: none".to_owned()]);
        assert!(report.is_good(true));
        report.add(Step::Python, Outcome::Skipped("no python".to_owned()), took, Vec::new());
        assert!(report.is_good(false) && !report.is_good(true));
        report.add(Step::Clippy, Outcome::Failed("cargo clippy".to_owned()), took, Vec::new());
        assert!(!report.is_good(false));
        let text = report.text();
        for part in [
            "build      passed        1.5",
            "skipped: python: no python",
            "run again: cargo xtask test --only clippy",
            "skipped in build: the TPM: none",
            "steps: 1 passed, 1 failed, 1 skipped",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        assert_eq!(report.unmet(&[Step::Build, Step::Python]), Some(Step::Python));
    }
}
