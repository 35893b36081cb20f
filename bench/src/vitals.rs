//! What a server needs before and without load: time to start, and memory.

use std::{thread, time::Duration};

use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::{
    Plan,
    load::{self, Connection, now},
    process,
    sample::sample,
    subject::{self, Folder, HEALTH},
};

/// Connections whose memory is looked at.
const CONNECTIONS: usize = 256;
/// How long a server is left alone before it counts as idle.
const REST: Duration = Duration::from_secs(1);

/// Figures of a server that is new.
pub(crate) struct Vitals {
    /// From the start of the process to its first answer over TLS, nothing being there yet.
    founding_ms: f64,
    /// The same on what it has founded before: the median of the starts.
    start_ms: f64,
    /// Memory at rest, without a connection.
    rss_idle_mib: f64,
    /// Memory with [`CONNECTIONS`] open that have just been used.
    rss_connected_mib: f64,
}

impl Vitals {
    /// As Markdown.
    pub(crate) fn table(&self) -> String {
        let rows = [
            ("founding and first answer, ms".to_owned(), self.founding_ms),
            ("start to first answer, ms".to_owned(), self.start_ms),
            ("RSS idle, MiB".to_owned(), self.rss_idle_mib),
            (format!("RSS with {CONNECTIONS} connections in use, MiB"), self.rss_connected_mib),
        ];
        let rows = rows.map(|(name, figure)| format!("| {name} | {figure:.1} |\n"));
        format!("| a new server | |\n| --- | --: |\n{}", rows.concat())
    }

    /// As JSON.
    pub(crate) fn json(&self) -> Value {
        json!({
            "founding_ms": self.founding_ms,
            "start_ms": self.start_ms,
            "rss_idle_mib": self.rss_idle_mib,
            "rss_256_connections_mib": self.rss_connected_mib,
        })
    }
}

/// Measures a server of its own.
pub(crate) fn measure(plan: &Plan, runtime: &Runtime) -> Result<Vitals, String> {
    let folder = Folder::new();
    let first_answer = || -> Result<_, String> {
        let started = now();
        let strongroom = subject::strongroom(&plan.binary, &folder, plan.durable)?;
        runtime.block_on(async {
            let mut connection = Connection::open(&strongroom.https).await?;
            match connection.exchange(HEALTH.as_bytes()).await? {
                (200, _) => Ok(()),
                (status, _) => Err(format!("/healthz answered {status}")),
            }
        })?;
        Ok((started.elapsed().as_secs_f64() * 1e3, strongroom))
    };
    let (founding_ms, ..) = first_answer()?;
    let mut starts = Vec::new();
    for _ in 1..plan.rounds {
        starts.push(first_answer()?.0);
    }
    let (last, strongroom) = first_answer()?;
    starts.push(last);
    starts.sort_by(f64::total_cmp);
    let start_ms = starts.get(starts.len() / 2).copied().unwrap_or(f64::NAN);
    thread::sleep(REST);
    let server = &strongroom.server;
    let rss_idle_mib = process::rss_mib(server.id())?;
    let rss_connected_mib = runtime.block_on(async {
        let requests = subject::requests(&strongroom, "Encrypt").await?;
        let open = load::open(&strongroom.https, CONNECTIONS).await?;
        let (_, _open) = sample(server, open, &requests, plan.round).await?;
        process::rss_mib(server.id())
    })?;
    Ok(Vitals { founding_ms, start_ms, rss_idle_mib, rss_connected_mib })
}
