//! What a command prints: a table for people or JSON for scripts, never both.

use std::{
    fmt::Write as _,
    io::{self, Write},
    process::ExitCode,
};

use clap::ValueEnum;
use model::Wall;
use serde_json::{Value, json};

use super::failure::Failure;

/// The form of what is printed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Output {
    /// For people.
    Table,
    /// One JSON object, for scripts.
    Json,
}

/// What a command has to say, in both forms.
pub(super) struct Reply {
    /// One a line.
    json: Vec<Value>,
    shown: Shown,
    /// Standard output has what was asked for already.
    beside: bool,
}

/// The form for people.
enum Shown {
    Line(String),
    Fields(Vec<(String, String)>),
    Rows(Vec<Vec<String>>),
    /// As it is: a document of the user's own.
    Text(String),
}

impl Reply {
    /// A sentence, or a value alone on its line; as JSON, the answer.
    pub(super) fn line(answer: Value, line: impl Into<String>) -> Self {
        Self::of(vec![answer], Shown::Line(line.into()))
    }

    /// That it is done; as JSON, an empty object.
    pub(super) fn done(line: impl Into<String>) -> Self {
        Self::line(json!({}), line)
    }

    /// A document as it was written.
    pub(super) fn text(answer: Value, text: String) -> Self {
        Self::of(vec![answer], Shown::Text(text))
    }

    /// The members of the object `shown`, one a line.
    pub(super) fn fields(answer: Value, shown: &Value) -> Self {
        let members = shown.as_object().into_iter().flatten();
        let fields = members.map(|(name, value)| (name.clone(), cell(name, value))).collect();
        Self::of(vec![answer], Shown::Fields(fields))
    }

    /// The entries of the answer's list `member`, one a row, of each the members `columns`.
    pub(super) fn rows(answer: Value, member: &str, columns: &[(&str, &str)]) -> Self {
        let entries = answer.get(member).and_then(Value::as_array);
        let shown = table(entries.map_or(&[], Vec::as_slice), columns);
        Self::of(vec![answer], shown)
    }

    /// These entries one a row, of each the members `columns`.
    pub(super) fn table(answer: Value, entries: &[Value], columns: &[(&str, &str)]) -> Self {
        let shown = table(entries, columns);
        Self::of(vec![answer], shown)
    }

    /// A part of a list that may be long: one entry a row; as JSON, one object a line.
    pub(super) fn entries(entries: Vec<Value>, columns: &[(&str, &str)]) -> Self {
        let shown = table(&entries, columns);
        Self::of(entries, shown)
    }

    fn of(json: Vec<Value>, shown: Shown) -> Self {
        Self { json, shown, beside: false }
    }

    /// The same when standard output has what was asked for: as JSON to standard error, and for
    /// people not at all.
    pub(super) fn beside(self) -> Self {
        Self { beside: true, ..self }
    }
}

impl Output {
    /// Prints a reply, or why there is none, and says how to exit.
    pub(super) fn end_with(self, reply: Result<Reply, Failure>) -> ExitCode {
        match reply.and_then(|reply| self.print(&reply)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => self.report(&failure),
        }
    }

    /// Prints a reply to standard output, unless something else is there.
    pub(super) fn print(self, reply: &Reply) -> Result<(), Failure> {
        let text = match self {
            Self::Json => reply.json.iter().map(|value| escaped(value) + "\n").collect(),
            Self::Table => reply.shown.text(),
        };
        let (mut out, mut beside) = (io::stdout(), io::stderr());
        let to: &mut dyn Write = match (self, reply.beside) {
            (_, false) => &mut out,
            (Self::Json, true) => &mut beside,
            (Self::Table, true) => return Ok(()),
        };
        to.write_all(text.as_bytes())
            .and_then(|()| to.flush())
            .map_err(|error| Failure::Failed(format!("cannot write the reply: {error}")))
    }

    /// Prints a failure to standard error and says how to exit.
    pub(super) fn report(self, failure: &Failure) -> ExitCode {
        let text = match self {
            Self::Json => {
                let error = json!({ "code": failure.code(), "message": failure.message() });
                escaped(&json!({ "error": error }))
            }
            Self::Table => format!("strongroom: {}", plain(&failure.to_string())),
        };
        // If even this cannot be written, the exit code remains.
        let _ = writeln!(io::stderr(), "{text}");
        ExitCode::from(failure.exit_code())
    }
}

impl Shown {
    fn text(&self) -> String {
        match self {
            Self::Line(line) => format!("{}\n", plain(line)),
            Self::Text(text) => {
                let end = if text.ends_with('\n') { "" } else { "\n" };
                let keep = |c: char| !controls(c) || c == '\n' || c == '\t';
                let text: String = text.chars().filter(|c| keep(*c)).collect();
                format!("{text}{end}")
            }
            Self::Fields(fields) => {
                let rows: Vec<_> =
                    fields.iter().map(|(name, value)| vec![name.clone(), value.clone()]).collect();
                aligned(&rows)
            }
            Self::Rows(rows) => aligned(rows),
        }
    }
}

/// Entries one a row, of each the members `columns`.
fn table(entries: &[Value], columns: &[(&str, &str)]) -> Shown {
    let head = columns.iter().map(|(_, title)| (*title).to_owned()).collect();
    let row = |entry: &Value| {
        let cells = columns.iter().map(|(name, _)| (*name, entry.get(*name)));
        cells.map(|(name, value)| value.map_or_else(String::new, |v| cell(name, v))).collect()
    };
    Shown::Rows(std::iter::once(head).chain(entries.iter().map(row)).collect())
}

/// Columns as wide as their widest cell, two spaces apart.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            // Writing to a string does not fail.
            let _ = write!(line, "{cell:width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A value in a table.
fn cell(name: &str, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => plain(text),
        Value::Number(number) if name.ends_with("Date") => {
            let secs = number.as_f64().unwrap_or_default();
            Wall::from_secs(secs as u64).to_iso8601()
        }
        Value::Array(values) => {
            values.iter().map(|value| cell("", value)).collect::<Vec<_>>().join(", ")
        }
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => plain(&value.to_string()),
    }
}

/// Text that cannot move the cursor, colour the screen or turn what follows round.
fn plain(text: &str) -> String {
    text.chars().map(|c| if controls(c) { '\u{fffd}' } else { c }).collect()
}

/// JSON on one line that cannot either, and loses nothing: it has such characters within strings
/// only, where an escape means the same.
fn escaped(value: &Value) -> String {
    let mut text = String::new();
    for c in value.to_string().chars() {
        if controls(c) {
            // All of them are in the first plane. Writing to a string does not fail.
            let _ = write!(text, "\\u{:04x}", u32::from(c));
        } else {
            text.push(c);
        }
    }
    text
}

/// Whether a character is not shown, and changes how others are: controls, line and paragraph
/// separators, and those that set the direction of writing.
fn controls(c: char) -> bool {
    let direction = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2066}'..='\u{2069}');
    c.is_control() || direction || matches!(c, '\u{2028}'..='\u{202e}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_lines_have_no_trailing_space() {
        let answer = json!({ "Keys": [{"Id": "a", "On": true}, {"Id": "long"}] });
        let reply = Reply::rows(answer, "Keys", &[("Id", "ID"), ("On", "ENABLED")]);
        assert_eq!(reply.shown.text(), "ID    ENABLED\na     true\nlong\n");
    }

    #[test]
    fn dates_are_written_as_dates_and_lists_in_a_row() {
        let shown = json!({ "CreationDate": 1_800_000_000.25, "Uses": ["A", "B"], "X": null });
        let text = Reply::fields(json!({}), &shown).shown.text();
        assert_eq!(text, "CreationDate  2027-01-15T08:00:00Z\nUses          A, B\nX\n");
    }

    #[test]
    fn json_escapes_what_could_control_the_terminal_and_loses_nothing() {
        let value = json!({ "a": "\u{1b}[31m\r\n\u{7f}\u{9b}\u{202e}\u{2028}é\"" });
        let text = escaped(&value);
        assert!(!text.chars().any(controls), "{text:?}");
        assert!(text.contains(r"\u009b\u202e\u2028é"), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn what_a_server_says_cannot_control_the_terminal() {
        let reply = Reply::line(json!({}), "a\u{1b}[31mb");
        assert_eq!(reply.shown.text(), "a\u{fffd}[31mb\n");
        let reply = Reply::text(json!({}), "{\n\u{1b}]0;x\u{7}}".to_owned());
        assert_eq!(reply.shown.text(), "{\n]0;x}\n");
    }
}
