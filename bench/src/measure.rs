//! The rounds: floor and Strongroom in turn, each with the processor time its process used.

use std::{fs, sync::Arc};

use crate::{
    Plan,
    load::{self, Connection, Load},
    report::{Row, Side},
    subject::{self, OPERATIONS, Server},
};

/// Kernel ticks a second in `/proc/<pid>/stat` (fixed by the kernel's user interface).
const TICKS_PER_SEC: f64 = 100.0;

/// Measures everything in `plan`.
pub(crate) fn run(plan: &Plan) -> Result<Vec<Row>, String> {
    crypto::start(crypto::Options::default()).map_err(|failure| failure.to_string())?;
    let floor = subject::floor()?;
    let (server, client) = subject::strongroom(&plan.binary, plan.durable)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let names: Vec<&str> = if plan.operations.is_empty() {
        OPERATIONS.iter().map(|(name, _)| *name).collect()
    } else {
        plan.operations.iter().map(String::as_str).collect()
    };
    let mut rows = Vec::new();
    for name in names {
        for &connections in &plan.connections {
            progress(&format!("{name}, {connections} connections"));
            let exchange = runtime.block_on(subject::exchange(&client, &server, name))?;
            let mut floor_open = runtime.block_on(open(&floor, connections))?;
            let mut server_open = runtime.block_on(open(&server, connections))?;
            let mut row = Row::new(name, connections);
            for round in 0..=plan.rounds {
                let (side, back) =
                    runtime.block_on(one(&floor, floor_open, &exchange.floor, plan))?;
                floor_open = back;
                let (other, back) =
                    runtime.block_on(one(&server, server_open, &exchange.request, plan))?;
                server_open = back;
                // The first round warms caches up and is not counted.
                if round > 0 {
                    row.push(side, other);
                }
            }
            row.rss_kib = rss_kib(&server)?;
            rows.push(row);
        }
    }
    Ok(rows)
}

#[expect(clippy::print_stderr, reason = "long work shows progress")]
fn progress(what: &str) {
    eprintln!("{what}");
}

async fn open(server: &Server, count: usize) -> Result<Vec<Connection>, String> {
    let mut connections = Vec::with_capacity(count);
    for _ in 0..count {
        connections.push(Connection::open(server.address).await?);
    }
    Ok(connections)
}

async fn one(
    server: &Server,
    connections: Vec<Connection>,
    request: &Arc<Vec<u8>>,
    plan: &Plan,
) -> Result<(Side, Vec<Connection>), String> {
    let before = cpu_secs(server)?;
    let (load, back) = load::round(connections, request.clone(), plan.round).await?;
    let cpu = cpu_secs(server)? - before;
    Ok((side(&load, cpu), back))
}

fn side(load: &Load, cpu_secs: f64) -> Side {
    let requests = load.requests.max(1) as f64;
    let at = |share: f64| {
        let last = load.latencies_us.len().saturating_sub(1) as f64;
        load.latencies_us.get((last * share) as usize).copied().unwrap_or_default()
    };
    Side {
        per_sec: requests / load.elapsed.as_secs_f64(),
        cpu_us: cpu_secs * 1e6 / requests,
        p50_us: at(0.50),
        p99_us: at(0.99),
    }
}

/// User and system time of a process, all its threads together.
fn cpu_secs(server: &Server) -> Result<f64, String> {
    let path = format!("/proc/{}/stat", server.id());
    let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    // The name in parentheses may hold anything; the fields follow it.
    let fields: Vec<&str> =
        text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok());
    match (ticks(11), ticks(12)) {
        (Some(user), Some(system)) => Ok((user + system) / TICKS_PER_SEC),
        _ => Err(format!("{path} has another form than expected")),
    }
}

fn rss_kib(server: &Server) -> Result<u64, String> {
    let path = format!("/proc/{}/status", server.id());
    let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kib.ok_or(format!("{path} has another form than expected"))
}
