//! The table: medians of the rounds' ratios.

use std::fmt::Write as _;

/// One side of one round.
#[derive(Clone, Copy)]
pub(crate) struct Side {
    /// Requests a second.
    pub(crate) per_sec: f64,
    /// The server's processor time a request, in microseconds.
    pub(crate) cpu_us: f64,
    /// Median latency, in microseconds.
    pub(crate) p50_us: u32,
    /// 99th percentile of latency, in microseconds.
    pub(crate) p99_us: u32,
}

/// All rounds of one operation at one number of connections.
pub(crate) struct Row {
    name: String,
    connections: usize,
    rounds: Vec<(Side, Side)>,
    /// Strongroom's resident memory at the end, in KiB.
    pub(crate) rss_kib: u64,
}

impl Row {
    pub(crate) fn new(name: &str, connections: usize) -> Self {
        Self { name: name.to_owned(), connections, rounds: Vec::new(), rss_kib: 0 }
    }

    pub(crate) fn push(&mut self, floor: Side, strongroom: Side) {
        self.rounds.push((floor, strongroom));
    }

    fn median(&self, figure: impl Fn(&(Side, Side)) -> f64) -> f64 {
        let mut figures: Vec<f64> = self.rounds.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

/// A Markdown table.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut table = String::from(
        "| operation | connections | requests/s, of floor | server CPU, of floor | floor, req/s | \
         Strongroom, req/s | floor, CPU µs | Strongroom, CPU µs | p50 µs | p99 µs | RSS MiB |\n\
         | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |\n",
    );
    for row in rows {
        // Writing to a string does not fail.
        let _ = writeln!(
            table,
            "| {} | {} | {:.2} | {:.2} | {:.0} | {:.0} | {:.1} | {:.1} | {:.0} | {:.0} | {:.1} |",
            row.name,
            row.connections,
            row.median(|(floor, ours)| ours.per_sec / floor.per_sec),
            row.median(|(floor, ours)| ours.cpu_us / floor.cpu_us),
            row.median(|(floor, _)| floor.per_sec),
            row.median(|(_, ours)| ours.per_sec),
            row.median(|(floor, _)| floor.cpu_us),
            row.median(|(_, ours)| ours.cpu_us),
            row.median(|(_, ours)| f64::from(ours.p50_us)),
            row.median(|(_, ours)| f64::from(ours.p99_us)),
            row.rss_kib as f64 / 1024.0,
        );
    }
    table
}
