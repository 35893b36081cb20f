//! How the number of keys tells: the same Encrypt, under many keys of a small and a large store.

use std::{fmt::Write as _, sync::Arc};

use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::{
    Plan,
    load::{self, Connection},
    measure::{self, progress},
    process,
    report::median,
    sample::{Side, sample},
    subject::{self, Folder, Strongroom},
};

/// Keys of a store that are used, picked evenly from all: more than a server keeps at hand.
const USED_MAX: usize = 8192;
/// Connections that fill a store.
const FILLERS: usize = 32;
/// Keys made with one signature, which is good for a quarter of an hour.
const BATCH: usize = 10_000;

/// A server with its keys, and what was measured of it.
struct Store {
    keys: usize,
    used: Vec<Value>,
    strongroom: Strongroom,
    rounds: Vec<Side>,
    rss_mib: f64,
}

/// What the stores have shown.
pub(crate) struct Outcome {
    connections: usize,
    stores: Vec<Store>,
}

/// Fills a store for each number of keys in the plan, then measures them in turn.
pub(crate) fn run(plan: &Plan) -> Result<Outcome, String> {
    crypto::start(crypto::Options::default()).map_err(|failure| failure.to_string())?;
    let runtime = measure::runtime()?;
    let mut stores = Vec::new();
    for &keys in &plan.keys {
        let strongroom = subject::strongroom(&plan.binary, &Folder::new(), plan.durable)?;
        let used = runtime.block_on(fill(&strongroom, keys))?;
        stores.push(Store { keys, used, strongroom, rounds: Vec::new(), rss_mib: 0.0 });
    }
    let connections = plan.connections.first().copied().unwrap_or(16);
    // The first round warms caches up and is not counted.
    for round in 0..=plan.rounds {
        progress(&format!("round {round} of {}", plan.rounds));
        for store in &mut stores {
            let side = store.round(plan, &runtime, connections)?;
            if round > 0 {
                store.rounds.push(side);
            }
        }
    }
    for store in &mut stores {
        store.rss_mib = process::rss_mib(store.strongroom.server.id())?;
    }
    Ok(Outcome { connections, stores })
}

impl Store {
    fn round(&self, plan: &Plan, runtime: &Runtime, count: usize) -> Result<Side, String> {
        // Signed again each time: to fill the other stores takes longer than a signature is good.
        let Strongroom { server, https, client, .. } = &self.strongroom;
        let sign = |key| subject::signed(client, "Encrypt", &subject::encrypt_input(key), None);
        let requests = Arc::new(self.used.iter().map(sign).collect::<Result<Vec<_>, _>>()?);
        runtime.block_on(async {
            let open = load::open(https, count).await?;
            let (side, _) = sample(server, open, &requests, plan.round).await?;
            Ok(side)
        })
    }
}

/// Makes keys through the door; those that will be used.
async fn fill(strongroom: &Strongroom, keys: usize) -> Result<Vec<Value>, String> {
    let mut open = load::open(&strongroom.https, FILLERS).await?;
    let stride = keys.div_ceil(USED_MAX).max(1);
    let mut used = Vec::new();
    let mut made = 0;
    while made < keys {
        progress(&format!("{made} of {keys} keys made"));
        let batch = BATCH.min(keys - made);
        let request = Arc::new(subject::signed(&strongroom.client, "CreateKey", &json!({}), None)?);
        let tasks: Vec<_> = open
            .into_iter()
            .enumerate()
            .map(|(at, connection)| {
                let share = batch / FILLERS + usize::from(at < batch % FILLERS);
                tokio::spawn(create(connection, request.clone(), share, stride))
            })
            .collect();
        open = Vec::with_capacity(FILLERS);
        for task in tasks {
            let (connection, some) = task.await.map_err(|error| error.to_string())??;
            open.push(connection);
            used.extend(some);
        }
        made += batch;
    }
    // Evenly again, where rounding made them more.
    let (all, wanted) = (used.len(), used.len().min(USED_MAX));
    let taken = |at: &usize| (at + 1) * wanted / all > at * wanted / all;
    Ok(used.into_iter().enumerate().filter(|(at, _)| taken(at)).map(|(_, key)| key).collect())
}

/// Makes `count` keys; every one of `stride`.
async fn create(
    mut connection: Connection,
    request: Arc<Vec<u8>>,
    count: usize,
    stride: usize,
) -> Result<(Connection, Vec<Value>), String> {
    let mut some = Vec::new();
    for at in 0..count {
        let (status, body) = connection.exchange(&request).await?;
        let answer = client::answer(status, body);
        let answer = answer.map_err(|failure| format!("CreateKey: {failure:?}"))?;
        if at % stride == 0 {
            some.push(answer["KeyMetadata"]["KeyId"].clone());
        }
    }
    Ok((connection, some))
}

impl Outcome {
    /// The median over the rounds of a store's figure as a share of the first store's.
    fn of_first(&self, store: &Store, figure: fn(&Side) -> f64) -> f64 {
        let first = self.stores.first().map_or(&[][..], |first| &first.rounds);
        median(store.rounds.iter().zip(first).map(|(one, first)| figure(one) / figure(first)))
    }

    /// As Markdown.
    pub(crate) fn table(&self) -> String {
        let mut table = String::from(
            "| keys | used | connections | p50 µs | p50, of the first row | p99 µs | \
             requests/s | CPU µs | RSS MiB |\n\
             | --: | --: | --: | --: | --: | --: | --: | --: | --: |\n",
        );
        for store in &self.stores {
            let of = |figure: fn(&Side) -> f64| median(store.rounds.iter().map(figure));
            // Writing to a string does not fail.
            let _ = writeln!(
                table,
                "| {} | {} | {} | {:.0} | {:.2} | {:.0} | {:.0} | {:.1} | {:.1} |",
                store.keys,
                store.used.len(),
                self.connections,
                of(|side| side.p50_us),
                self.of_first(store, |side| side.p50_us),
                of(|side| side.p99_us),
                of(|side| side.per_sec),
                of(|side| side.cpu_us),
                store.rss_mib,
            );
        }
        table
    }

    /// As JSON.
    pub(crate) fn json(&self) -> Value {
        let row = |store: &Store| {
            let of = |figure: fn(&Side) -> f64| median(store.rounds.iter().map(figure));
            json!({
                "keys": store.keys,
                "used": store.used.len(),
                "connections": self.connections,
                "p50_us": of(|side| side.p50_us),
                "p50_of_first": self.of_first(store, |side| side.p50_us),
                "p99_us": of(|side| side.p99_us),
                "requests_per_sec": of(|side| side.per_sec),
                "server_cpu_us": of(|side| side.cpu_us),
                "rss_mib": store.rss_mib,
            })
        };
        self.stores.iter().map(row).collect()
    }
}
