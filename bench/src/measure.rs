//! The rounds: floor and Strongroom in turn, each with the processor time its process used; in KMIP
//! PyKMIP's own server too.

use std::{mem, time::Duration};

use tokio::runtime::Runtime;

use crate::{
    Plan,
    alone::Alone,
    load::{self, Connection, Place, Requests},
    messages, process,
    pykmip::{self, Peer},
    report::{Outcome, Round, Row},
    sample::{Side, sample},
    subject::{self, Folder, OPERATIONS, Server, Strongroom},
    vitals,
};

/// What the table of a whole run also has: durable uses, at this many connections.
const DURABLE: (&str, usize) = ("Encrypt", 64);

/// The names of all that can be measured, in the order of the table.
pub(crate) fn operations() -> impl Iterator<Item = &'static str> {
    OPERATIONS.iter().map(|(name, _)| *name).chain(messages::OPERATIONS.iter().copied())
}

/// Floor and Strongroom, and how they are put under load.
struct Pair<'a> {
    plan: &'a Plan,
    runtime: &'a Runtime,
    /// Of HTTPS. Each operation of KMIP has one of its own, that answers as Strongroom has.
    floor: &'a (Server, Place),
    strongroom: &'a Strongroom,
    pykmip: Option<Peer>,
}

/// A server under load.
struct Contender<'a> {
    server: &'a Server,
    requests: Requests,
    open: Vec<Connection>,
}

/// Measures everything in `plan`.
pub(crate) fn run(plan: &Plan) -> Result<Outcome, String> {
    crypto::start(crypto::Options::default()).map_err(|failure| failure.to_string())?;
    let runtime = &runtime()?;
    progress("start-up and memory at rest");
    let vitals = vitals::measure(plan, runtime)?;
    let (rows, void, skipped) = Default::default();
    let mut outcome = Outcome { vitals, rows, void, skipped, rss_at_end_mib: 0.0 };
    let floor = &subject::https_floor()?;
    let whole = plan.operations.is_empty();
    {
        let chosen = |name: &&str| whole || plan.operations.iter().any(|one| one == name);
        let strongroom = &subject::strongroom(&plan.binary, &Folder::new(), plan.durable)?;
        let is_kmip = messages::OPERATIONS.iter().any(&chosen);
        let pykmip = is_kmip.then(|| start_pykmip(plan, strongroom, &mut outcome)).flatten();
        let pair = Pair { plan, runtime, floor, strongroom, pykmip };
        for name in operations().filter(chosen) {
            for &connections in &plan.connections {
                pair.measure(name, connections, plan.durable, &mut outcome);
            }
        }
        // Of a server that has died there is none; its rows are void.
        outcome.rss_at_end_mib = process::rss_mib(strongroom.server.id()).unwrap_or(f64::NAN);
    }
    if whole && !plan.durable {
        let strongroom = &subject::strongroom(&plan.binary, &Folder::new(), true)?;
        let pair = Pair { plan, runtime, floor, strongroom, pykmip: None };
        pair.measure(DURABLE.0, DURABLE.1, true, &mut outcome);
    }
    Ok(outcome)
}

fn start_pykmip(plan: &Plan, strongroom: &Strongroom, outcome: &mut Outcome) -> Option<Peer> {
    let Strongroom { kmip, kmip_certificate, .. } = strongroom;
    let started = pykmip::start_with(&plan.pykmip, kmip, kmip_certificate);
    started.map_err(|reason| outcome.skipped.push(format!("PyKMIP's own server: {reason}"))).ok()
}

impl Pair<'_> {
    /// One row; what voids it does not end the run.
    fn measure(&self, name: &str, connections: usize, durable: bool, outcome: &mut Outcome) {
        let durably = if durable { ", durable" } else { "" };
        let title = format!("{name}{durably}");
        progress(&format!("{title}, {connections} connections"));
        let row = if messages::OPERATIONS.contains(&name) {
            self.kmip_row(name, connections, &mut outcome.skipped)
        } else {
            self.https_row(name, connections)
        };
        match row {
            Ok(row) => outcome.rows.push(Row { title, ..row }),
            Err(reason) => {
                progress(&format!("  void: {reason}"));
                outcome.void.push(format!("{title}, {connections} connections: {reason}"));
            }
        }
    }

    fn https_row(&self, name: &str, count: usize) -> Result<Row, String> {
        let requests = self.runtime.block_on(subject::requests(self.strongroom, name))?;
        let (floor, place) = self.floor;
        let floor = self.contender(floor, place, &requests, count)?;
        let ours =
            self.contender(&self.strongroom.server, &self.strongroom.https, &requests, count)?;
        self.row(floor, ours, None, Alone::of(name)?.as_ref())
    }

    fn kmip_row(&self, name: &str, count: usize, skipped: &mut Vec<String>) -> Result<Row, String> {
        let Strongroom { server, kmip, .. } = self.strongroom;
        let (requests, answer) = self.runtime.block_on(messages::prepare(kmip, name))?;
        let (floor, place) = subject::kmip_floor(kmip, &answer)?;
        let floor = self.contender(&floor, &place, &requests, count)?;
        let ours = self.contender(server, kmip, &requests, count)?;
        let pykmip = self.pykmip.as_ref().map(|peer| self.peer(peer, name, count));
        let pykmip = pykmip.transpose().unwrap_or_else(|reason| {
            skipped.push(format!("{name}, {count} connections, of PyKMIP's own server: {reason}"));
            None
        });
        self.row(floor, ours, pykmip, None)
    }

    /// PyKMIP's server, with a key of its own.
    fn peer<'p>(&self, peer: &'p Peer, name: &str, count: usize) -> Result<Contender<'p>, String> {
        let (requests, _) = self.runtime.block_on(messages::prepare(&peer.place, name))?;
        self.contender(&peer.server, &peer.place, &requests, count)
    }

    fn contender<'s>(
        &self,
        server: &'s Server,
        place: &Place,
        requests: &Requests,
        count: usize,
    ) -> Result<Contender<'s>, String> {
        let open = self.runtime.block_on(load::open(place, count))?;
        Ok(Contender { server, requests: requests.clone(), open })
    }

    /// The rounds, of all in turn.
    fn row(
        &self,
        mut floor: Contender<'_>,
        mut ours: Contender<'_>,
        mut pykmip: Option<Contender<'_>>,
        alone: Option<&Alone>,
    ) -> Result<Row, String> {
        let Self { plan, runtime, .. } = self;
        let connections = ours.open.len();
        let mut rounds = Vec::with_capacity(plan.rounds);
        // The first round warms caches up and is not counted.
        for round in 0..=plan.rounds {
            let floor = floor.round(runtime, plan.round)?;
            let ours = ours.round(runtime, plan.round)?;
            let pykmip = pykmip.as_mut().map(|peer| peer.round(runtime, plan.round));
            let pykmip = pykmip.transpose().map_err(|why| format!("PyKMIP's own server: {why}"))?;
            let alone_cpu_us = alone.map(|alone| alone.cpu_us(plan.round / 4)).transpose()?;
            if round > 0 {
                rounds.push(Round { floor, ours, pykmip, alone_cpu_us });
            }
        }
        // While all the connections are still open.
        let rss_mib = process::rss_mib(ours.server.id())?;
        Ok(Row { title: String::new(), connections, rounds, rss_mib })
    }
}

impl Contender<'_> {
    fn round(&mut self, runtime: &Runtime, span: Duration) -> Result<Side, String> {
        let open = mem::take(&mut self.open);
        let sampled = runtime.block_on(sample(self.server, open, &self.requests, span));
        let (side, back) = sampled?;
        self.open = back;
        Ok(side)
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
