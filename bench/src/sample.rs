//! One sample: what a server does under load, and what it costs.

use std::time::Duration;

use crate::{
    load::{self, Connection, Load, Requests},
    process,
    subject::Server,
};

/// One side of one round.
#[derive(Clone, Copy)]
pub(crate) struct Side {
    /// Requests a second.
    pub(crate) per_sec: f64,
    /// The server's processor time a request, user and system, in microseconds.
    pub(crate) cpu_us: f64,
    /// The same of the process that makes the load.
    pub(crate) load_cpu_us: f64,
    /// Median latency, in microseconds.
    pub(crate) p50_us: f64,
    /// 99th percentile of latency, in microseconds.
    pub(crate) p99_us: f64,
}

/// Puts a server under load for as long as `span`.
pub(crate) async fn sample(
    server: &Server,
    connections: Vec<Connection>,
    requests: &Requests,
    span: Duration,
) -> Result<(Side, Vec<Connection>), String> {
    let of_load = std::process::id();
    let before = (process::cpu_secs(server.id())?, process::cpu_secs(of_load)?);
    let (load, back) = load::round(connections, requests, span).await?;
    let after = (process::cpu_secs(server.id())?, process::cpu_secs(of_load)?);
    if load.requests == 0 {
        return Err("no request was answered".to_owned());
    }
    Ok((figures(&load, after.0 - before.0, after.1 - before.1), back))
}

fn figures(load: &Load, cpu_secs: f64, load_cpu_secs: f64) -> Side {
    let requests = load.requests as f64;
    let at = |share: f64| {
        let last = load.latencies_us.len().saturating_sub(1) as f64;
        load.latencies_us.get((last * share) as usize).copied().map_or(f64::NAN, f64::from)
    };
    Side {
        per_sec: requests / load.elapsed.as_secs_f64(),
        cpu_us: cpu_secs * 1e6 / requests,
        load_cpu_us: load_cpu_secs * 1e6 / requests,
        p50_us: at(0.50),
        p99_us: at(0.99),
    }
}
