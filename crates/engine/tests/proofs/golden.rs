//! Files that say how the engine behaves: made again by the tests, compared, and changed by hand
//! alone, so that a change of behaviour is a change to review.

use std::{fs, path::Path};

/// Compares `actual` with `tests/golden/<name>`. A difference is shown, and the whole of what was
/// made is left in the target's folder for tests, to be looked at and copied.
pub(crate) fn compare(name: &str, actual: &str) {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let expected = fs::read_to_string(&golden).unwrap_or_default();
    if expected == actual {
        return;
    }
    let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name).with_extension("actual.txt");
    fs::write(&made, actual).unwrap();
    let (then, now): (Vec<_>, Vec<_>) = (expected.lines().collect(), actual.lines().collect());
    let gone = then.iter().filter(|line| !now.contains(line)).map(|line| format!("- {line}\n"));
    let new = now.iter().filter(|line| !then.contains(line)).map(|line| format!("+ {line}\n"));
    let difference: String = gone.chain(new).collect();
    panic!("{} says otherwise; see {}\n{difference}", golden.display(), made.display());
}

/// How an outcome is written in a golden file.
pub(crate) fn word(outcome: &Result<(), model::Error>) -> &'static str {
    use model::{Error, Obstacle};
    match outcome {
        Ok(()) => "yes",
        Err(Error::Denied(_)) => "-",
        Err(Error::NotFound(_)) => "not-found",
        Err(Error::AlreadyExists(_)) => "taken",
        Err(Error::WrongState { obstacle, .. }) => match obstacle {
            Obstacle::Suspended => "disabled",
            Obstacle::PendingDeletion => "pending-deletion",
            Obstacle::NotPendingDeletion => "not-pending-deletion",
            Obstacle::PreActive => "pre-active",
            Obstacle::NotPreActive => "not-pre-active",
            Obstacle::Active => "active",
            Obstacle::Deactivated => "deactivated",
            Obstacle::Compromised => "compromised",
            Obstacle::Destroyed => "destroyed",
            Obstacle::Archived => "archived",
            Obstacle::PendingImport => "pending-import",
            Obstacle::External => "external",
            Obstacle::NotExternal => "not-external",
            other => panic!("an obstacle that no golden file has a word for: {other:?}"),
        },
        Err(other) => panic!("an outcome that no golden file has a word for: {other:?}"),
    }
}

/// A table whose columns are as wide as they need to be.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or_default();
    let widths: Vec<_> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}
