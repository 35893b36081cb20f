//! The rounds: floor and Strongroom in turn, each with the processor time its process used.

use client::Client;
use tokio::runtime::Runtime;

use crate::{
    Plan,
    alone::Alone,
    load, process,
    report::{Outcome, Round, Row},
    sample::sample,
    subject::{self, Folder, OPERATIONS, Server},
    vitals,
};

/// What the table of a whole run also has: durable uses, at this many connections.
const DURABLE: (&str, usize) = ("Encrypt", 64);

/// Both servers, under one load.
struct Pair<'a> {
    plan: &'a Plan,
    runtime: &'a Runtime,
    floor: &'a Server,
    server: &'a Server,
    client: &'a Client,
}

/// Measures everything in `plan`.
pub(crate) fn run(plan: &Plan) -> Result<Outcome, String> {
    crypto::start(crypto::Options::default()).map_err(|failure| failure.to_string())?;
    let runtime = runtime()?;
    progress("start-up and memory at rest");
    let vitals = vitals::measure(plan, &runtime)?;
    let mut outcome = Outcome { vitals, rows: Vec::new(), void: Vec::new(), rss_at_end_mib: 0.0 };
    let floor = subject::floor()?;
    let whole = plan.operations.is_empty();
    {
        let (server, client) = subject::strongroom(&plan.binary, &Folder::new(), plan.durable)?;
        let pair =
            Pair { plan, runtime: &runtime, floor: &floor, server: &server, client: &client };
        let names = OPERATIONS.iter().map(|(name, _)| *name);
        let chosen = |name: &&str| whole || plan.operations.iter().any(|one| one == name);
        for name in names.filter(chosen) {
            for &connections in &plan.connections {
                pair.measure(name, connections, plan.durable, &mut outcome);
            }
        }
        // Of a server that has died there is none; its rows are void.
        outcome.rss_at_end_mib = process::rss_mib(server.id()).unwrap_or(f64::NAN);
    }
    if whole && !plan.durable {
        let (server, client) = subject::strongroom(&plan.binary, &Folder::new(), true)?;
        let pair =
            Pair { plan, runtime: &runtime, floor: &floor, server: &server, client: &client };
        pair.measure(DURABLE.0, DURABLE.1, true, &mut outcome);
    }
    Ok(outcome)
}

impl Pair<'_> {
    /// One row; what voids it does not end the run.
    fn measure(&self, name: &str, connections: usize, durable: bool, outcome: &mut Outcome) {
        let durably = if durable { ", durable" } else { "" };
        let title = format!("{name}{durably}");
        progress(&format!("{title}, {connections} connections"));
        match self.row(name, connections) {
            Ok(row) => outcome.rows.push(Row { title, ..row }),
            Err(reason) => {
                progress(&format!("  void: {reason}"));
                outcome.void.push(format!("{title}, {connections} connections: {reason}"));
            }
        }
    }

    fn row(&self, name: &str, count: usize) -> Result<Row, String> {
        let (plan, runtime) = (self.plan, self.runtime);
        let requests = runtime.block_on(subject::requests(self.client, self.server, name))?;
        let alone = Alone::of(name)?;
        let mut floor_open = runtime.block_on(load::open(self.floor.address, count))?;
        let mut server_open = runtime.block_on(load::open(self.server.address, count))?;
        let mut rounds = Vec::with_capacity(plan.rounds);
        // The first round warms caches up and is not counted.
        for round in 0..=plan.rounds {
            let (floor, back) =
                runtime.block_on(sample(self.floor, floor_open, &requests, plan.round))?;
            floor_open = back;
            let (ours, back) =
                runtime.block_on(sample(self.server, server_open, &requests, plan.round))?;
            server_open = back;
            let alone = alone.as_ref().map(|alone| alone.cpu_us(plan.round / 4)).transpose()?;
            if round > 0 {
                rounds.push(Round { floor, ours, alone_cpu_us: alone });
            }
        }
        // While all the connections are still open.
        let rss_mib = process::rss_mib(self.server.id())?;
        Ok(Row { title: String::new(), connections: count, rounds, rss_mib })
    }
}

pub(crate) fn runtime() -> Result<Runtime, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| error.to_string())
}

#[expect(clippy::print_stderr, reason = "long work shows progress")]
pub(crate) fn progress(what: &str) {
    eprintln!("{what}");
}
