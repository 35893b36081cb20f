//! The tables: medians of the rounds, and of the rounds' ratios.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::{sample::Side, vitals::Vitals};

/// Both sides, one right after the other.
pub(crate) struct Round {
    /// The floor.
    pub(crate) floor: Side,
    /// Strongroom.
    pub(crate) ours: Side,
    /// PyKMIP's own server, where it was measured too.
    pub(crate) pykmip: Option<Side>,
    /// Processor time of the signature alone, in microseconds, where the operation is one.
    pub(crate) alone_cpu_us: Option<f64>,
}

/// All rounds of one operation at one number of connections.
pub(crate) struct Row {
    /// The operation.
    pub(crate) title: String,
    /// Connections at the same time.
    pub(crate) connections: usize,
    /// At least one.
    pub(crate) rounds: Vec<Round>,
    /// Strongroom's resident memory at the end, the connections open.
    pub(crate) rss_mib: f64,
}

/// What a run has found.
pub(crate) struct Outcome {
    /// Start-up and memory.
    pub(crate) vitals: Vitals,
    /// What was measured.
    pub(crate) rows: Vec<Row>,
    /// What was not, since a request failed, and why.
    pub(crate) void: Vec<String>,
    /// What was not since something is not here, and why.
    pub(crate) skipped: Vec<String>,
    /// Strongroom's resident memory after everything but the durable row.
    pub(crate) rss_at_end_mib: f64,
}

/// The middle figure; of an even number, the upper of the two.
pub(crate) fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

impl Row {
    fn median(&self, figure: impl Fn(&Round) -> f64) -> f64 {
        median(self.rounds.iter().map(figure))
    }

    fn requests_ratio(&self) -> f64 {
        self.median(|round| round.ours.per_sec / round.floor.per_sec)
    }

    fn cpu_ratio(&self) -> f64 {
        self.median(|round| round.ours.cpu_us / round.floor.cpu_us)
    }

    /// The signature alone, in microseconds, and what the door adds to it, of the floor's.
    fn signature(&self) -> Option<(f64, f64)> {
        self.rounds.first()?.alone_cpu_us?;
        let alone = |round: &Round| round.alone_cpu_us.unwrap_or(f64::NAN);
        let added = |round: &Round| (round.ours.cpu_us - alone(round)) / round.floor.cpu_us;
        Some((self.median(alone), self.median(added)))
    }

    /// Requests a second of PyKMIP's own server, and how many times as many ours are.
    fn of_pykmip(&self) -> Option<(f64, f64)> {
        self.rounds.first()?.pykmip?;
        let per_sec = |round: &Round| round.pykmip.map_or(f64::NAN, |side| side.per_sec);
        let times = |round: &Round| round.ours.per_sec / per_sec(round);
        Some((self.median(per_sec), self.median(times)))
    }

    fn json(&self) -> Value {
        let side = |side: fn(&Round) -> Side| {
            json!({
                "requests_per_sec": self.median(|round| side(round).per_sec),
                "server_cpu_us": self.median(|round| side(round).cpu_us),
                "load_cpu_us": self.median(|round| side(round).load_cpu_us),
                "p50_us": self.median(|round| side(round).p50_us),
                "p99_us": self.median(|round| side(round).p99_us),
            })
        };
        let mut row = json!({
            "operation": self.title,
            "connections": self.connections,
            "rounds": self.rounds.len(),
            "requests_of_floor": self.requests_ratio(),
            "server_cpu_of_floor": self.cpu_ratio(),
            "floor": side(|round| round.floor),
            "strongroom": side(|round| round.ours),
            "rss_mib": self.rss_mib,
        });
        if let Some((alone, added)) = self.signature() {
            row["signature_alone_cpu_us"] = alone.into();
            row["server_cpu_beyond_signature_of_floor"] = added.into();
        }
        if let Some((per_sec, times)) = self.of_pykmip() {
            row["pykmip_requests_per_sec"] = per_sec.into();
            row["requests_of_pykmip"] = times.into();
        }
        row
    }
}

impl Outcome {
    /// All as JSON.
    pub(crate) fn json(&self) -> Value {
        json!({
            "vitals": self.vitals.json(),
            "rows": self.rows.iter().map(Row::json).collect::<Vec<_>>(),
            "rss_at_end_mib": self.rss_at_end_mib,
            "void": self.void,
            "skipped": self.skipped,
        })
    }

    /// All as Markdown.
    pub(crate) fn tables(&self) -> String {
        let mut text = table(&self.rows);
        if self.rows.iter().any(|row| row.signature().is_some()) {
            text += &format!("\n{}", signatures(&self.rows));
        }
        if self.rows.iter().any(|row| row.of_pykmip().is_some()) {
            text += &format!("\n{}", pykmip(&self.rows));
        }
        text += &format!("\n{}", self.vitals.table());
        let end = self.rss_at_end_mib;
        // Writing to a string does not fail.
        let _ = writeln!(text, "| RSS after all of the above, MiB | {end:.1} |");
        text
    }
}

fn table(rows: &[Row]) -> String {
    let mut table = String::from(
        "| operation | connections | requests/s, of floor | server CPU, of floor | floor, req/s | \
         Strongroom, req/s | floor, CPU µs | Strongroom, CPU µs | load, CPU µs: floor | \
         load, CPU µs: Strongroom | p50 µs | p99 µs | RSS MiB |\n\
         | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |\n",
    );
    for row in rows {
        // Writing to a string does not fail.
        let _ = writeln!(
            table,
            "| {} | {} | {:.2} | {:.2} | {:.0} | {:.0} | {:.1} | {:.1} | {:.1} | {:.1} | {:.0} | \
             {:.0} | {:.1} |",
            row.title,
            row.connections,
            row.requests_ratio(),
            row.cpu_ratio(),
            row.median(|round| round.floor.per_sec),
            row.median(|round| round.ours.per_sec),
            row.median(|round| round.floor.cpu_us),
            row.median(|round| round.ours.cpu_us),
            row.median(|round| round.floor.load_cpu_us),
            row.median(|round| round.ours.load_cpu_us),
            row.median(|round| round.ours.p50_us),
            row.median(|round| round.ours.p99_us),
            row.rss_mib,
        );
    }
    table
}

/// What the door adds to a signature.
fn signatures(rows: &[Row]) -> String {
    let mut table = String::from(
        "| signature | connections | alone in `crypto`, CPU µs | through the door, CPU µs | \
         what the door adds, of floor |\n| --- | --: | --: | --: | --: |\n",
    );
    for row in rows {
        let Some((alone, added)) = row.signature() else { continue };
        let through = row.median(|round| round.ours.cpu_us);
        let _ = writeln!(
            table,
            "| {} | {} | {alone:.1} | {through:.1} | {added:.2} |",
            row.title, row.connections
        );
    }
    table
}

/// The same beside PyKMIP's own server.
fn pykmip(rows: &[Row]) -> String {
    let mut table = String::from(
        "| operation | connections | PyKMIP's server, req/s | Strongroom, req/s | times as many |\n\
         | --- | --: | --: | --: | --: |\n",
    );
    for row in rows {
        let Some((per_sec, times)) = row.of_pykmip() else { continue };
        let ours = row.median(|round| round.ours.per_sec);
        let _ = writeln!(
            table,
            "| {} | {} | {per_sec:.0} | {ours:.0} | {times:.0} |",
            row.title, row.connections
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(floor: f64, ours: f64) -> Round {
        let side = |us: f64| Side {
            per_sec: 1e6 / us,
            cpu_us: us,
            load_cpu_us: 1.0,
            p50_us: us,
            p99_us: us,
        };
        let pykmip = Some(side(100.0 * ours));
        Round { floor: side(floor), ours: side(ours), pykmip, alone_cpu_us: Some(5.0) }
    }

    #[test]
    fn a_ratio_is_the_median_of_the_rounds_ratios_not_the_ratio_of_medians() {
        let rounds = vec![round(10.0, 20.0), round(1.0, 4.0), round(100.0, 110.0)];
        let row = Row { title: "Sign".to_owned(), connections: 1, rounds, rss_mib: 1.0 };
        assert!((row.cpu_ratio() - 2.0).abs() < 1e-9);
        assert!((row.requests_ratio() - 0.5).abs() < 1e-9);
        assert!(row.signature().is_some_and(|(_, added)| (added - 1.05).abs() < 1e-9));
        assert!(row.of_pykmip().is_some_and(|(_, times)| (times - 100.0).abs() < 1e-9));
    }

    #[test]
    fn every_line_of_a_table_has_as_many_columns_as_its_head() {
        let rounds = vec![round(10.0, 20.0)];
        let rows = [Row { title: "Sign".to_owned(), connections: 1, rounds, rss_mib: 1.0 }];
        for text in [table(&rows), signatures(&rows), pykmip(&rows)] {
            let columns: Vec<_> = text.lines().map(|line| line.matches('|').count()).collect();
            assert_eq!(columns.len(), 3);
            assert!(columns.iter().all(|count| *count == columns[0]), "{text}");
        }
    }
}
