//! What a run says: a line for each case, and how many there were of each kind.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::replay::Failure;

/// How a case ended.
pub(crate) enum Outcome {
    /// Every answer was the case's.
    Passed,
    /// The same, though the case is named as a skip for this reason.
    PassedAnyway(String),
    /// An answer was not the case's.
    Failed(Failure),
    /// The same, and the case is named as a skip for this reason.
    Skipped(String, Failure),
}

/// A case's outcome.
pub(crate) struct Line {
    /// The case's name.
    pub(crate) case: String,
    /// What shall be said beside the outcome, e.g. that it was sent otherwise than it asks for.
    pub(crate) remark: Option<&'static str>,
    /// What there was beyond the case's answers, where that is allowed.
    pub(crate) beyond: Vec<String>,
    /// The outcome.
    pub(crate) outcome: Outcome,
}

impl Line {
    /// The outcome's name.
    fn kind(&self) -> &'static str {
        match self.outcome {
            Outcome::Passed | Outcome::PassedAnyway(_) => "passed",
            Outcome::Failed(_) => "failed",
            Outcome::Skipped(..) => "skipped",
        }
    }

    /// What differs and why that is known, as far as it is.
    fn detail(&self) -> Option<String> {
        match &self.outcome {
            Outcome::Passed => None,
            Outcome::PassedAnyway(reason) => Some(format!("though named as a skip: {reason}")),
            Outcome::Failed(failure) => Some(format!("step {}: {}", failure.step, failure.why)),
            Outcome::Skipped(reason, _) => Some(reason.clone()),
        }
    }

    /// The line, and with `verbose` what stands behind it.
    pub(crate) fn text(&self, verbose: bool) -> String {
        let mut text = format!("{}: {}", self.case, self.kind());
        if let Some(detail) = self.detail() {
            let _ = write!(text, ": {detail}");
        }
        if let Some(remark) = self.remark {
            let _ = write!(text, " ({remark})");
        }
        if !verbose {
            return text;
        }
        for beyond in &self.beyond {
            let _ = write!(text, "\n  {beyond}");
        }
        if let Outcome::Failed(failure) | Outcome::Skipped(_, failure) = &self.outcome {
            let _ = write!(text, "\n  step {}: {}", failure.step, failure.why);
            for (what, xml) in &failure.messages {
                let _ = write!(text, "\n  {what}:\n{xml}");
            }
        }
        text
    }

    fn json(&self) -> Value {
        let mut line = json!({"case": self.case, "outcome": self.kind()});
        if let Some(detail) = self.detail() {
            line["detail"] = detail.into();
        }
        if let Some(remark) = self.remark {
            line["remark"] = remark.into();
        }
        line
    }
}

/// Whether no case failed that is not named as a skip.
pub(crate) fn is_good(lines: &[Line]) -> bool {
    lines.iter().all(|line| !matches!(line.outcome, Outcome::Failed(_)))
}

/// How many there were of each kind.
pub(crate) fn summary(lines: &[Line]) -> String {
    let [passed, failed, skipped] = counts(lines);
    let mut text = format!("{passed} passed, {failed} failed, {skipped} skipped");
    let anyway = |line: &&Line| matches!(line.outcome, Outcome::PassedAnyway(_));
    let anyway = lines.iter().filter(anyway).count();
    if anyway > 0 {
        let _ = write!(text, "; {anyway} passed though named as skips");
    }
    text
}

/// Everything, for programs.
pub(crate) fn json(lines: &[Line]) -> Value {
    let [passed, failed, skipped] = counts(lines);
    let cases: Vec<Value> = lines.iter().map(Line::json).collect();
    json!({"cases": cases, "passed": passed, "failed": failed, "skipped": skipped})
}

fn counts(lines: &[Line]) -> [usize; 3] {
    ["passed", "failed", "skipped"]
        .map(|kind| lines.iter().filter(|line| line.kind() == kind).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(outcome: Outcome) -> Line {
        Line {
            case: "A".to_owned(),
            remark: None,
            beyond: vec!["step 0: has B".to_owned()],
            outcome,
        }
    }

    fn failure() -> Failure {
        let messages = vec![("sent", "<A/>".to_owned())];
        Failure { step: 2, why: "State is 1 instead of 2".to_owned(), messages }
    }

    #[test]
    fn a_case_is_a_line() {
        let reason = || "for now".to_owned();
        for (outcome, text) in [
            (Outcome::Passed, "A: passed"),
            (Outcome::PassedAnyway(reason()), "A: passed: though named as a skip: for now"),
            (Outcome::Failed(failure()), "A: failed: step 2: State is 1 instead of 2"),
            (Outcome::Skipped(reason(), failure()), "A: skipped: for now"),
        ] {
            assert_eq!(line(outcome).text(false), text);
        }
        let verbose = line(Outcome::Failed(failure())).text(true);
        assert!(verbose.contains("has B") && verbose.contains("<A/>"), "{verbose}");
    }

    #[test]
    fn only_a_failure_that_is_no_skip_is_bad() {
        let anyway = line(Outcome::PassedAnyway(String::new()));
        let mut lines = vec![line(Outcome::Passed), anyway];
        lines.push(line(Outcome::Skipped(String::new(), failure())));
        assert!(is_good(&lines));
        assert_eq!(
            summary(&lines),
            "2 passed, 0 failed, 1 skipped; 1 passed though named as skips"
        );
        lines.push(line(Outcome::Failed(failure())));
        assert!(!is_good(&lines));
        assert_eq!(json(&lines)["failed"], 1);
    }
}
