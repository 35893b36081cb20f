//! The server: sockets, tasks and signals around the engine.

mod https;
mod metrics;
mod pace;
mod pool;
pub(crate) mod tls;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use engine::Engine;
use tokio::{
    net::{TcpListener, TcpSocket},
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use crate::{clock::Clock, failure::Failure};

/// How often due work is looked for.
const SCHEDULE_INTERVAL: Duration = Duration::from_secs(60);
/// How long connections may take to finish what they are at when the server stops.
const GRACE: Duration = Duration::from_secs(10);

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;

/// The addresses in use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listening {
    pub(crate) https: SocketAddr,
    pub(crate) metrics: SocketAddr,
}

/// Sockets that are bound and do not listen yet.
pub(crate) struct Sockets {
    https: TcpSocket,
    metrics: TcpSocket,
    /// Threads to serve with: as many as the machine, or the share of it that is ours, runs at
    /// once. Asked before the process is confined, and so could not be told.
    threads: usize,
}

/// Binds the addresses for HTTPS and for metrics.
pub(crate) fn bind(https: SocketAddr, metrics: SocketAddr) -> Result<Sockets, Failure> {
    let threads = std::thread::available_parallelism().map_or(1, Into::into);
    Ok(Sockets { https: socket(https)?, metrics: socket(metrics)?, threads })
}

fn socket(address: SocketAddr) -> Result<TcpSocket, Failure> {
    let bind = || {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4(),
            SocketAddr::V6(_) => TcpSocket::new_v6(),
        }?;
        // A server that starts again does not wait for the connections of the one before.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        Ok(socket)
    };
    bind().map_err(|error: std::io::Error| Failure::during(&format!("listen on {address}"), error))
}

/// Listens, says so, and serves until SIGINT or SIGTERM; then lets connections finish.
pub(crate) fn run(
    engine: Arc<Engine>,
    tls: Arc<rustls::ServerConfig>,
    clock: Clock,
    sockets: Sockets,
    ready: impl FnOnce(Listening) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let Sockets { https, metrics, threads } = sockets;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .map_err(|error| Failure::during("start the runtime", error))?;
    let served = runtime.block_on(async {
        let (https, https_address) = listen(https)?;
        let (metrics, metrics_address) = listen(metrics)?;
        let (stop, stopping) = watch::channel(false);
        let pool = Arc::new(pool::Pool::start());
        let server = Arc::new(https::Server::new(engine.clone(), pool.clone(), clock, tls));
        let counters = server.counters();
        let serving = tokio::spawn(https::serve(server, https, stopping.clone()));
        tokio::spawn(metrics::serve(engine.clone(), counters, metrics, stopping.clone()));
        tokio::spawn(schedule(engine.clone(), pool, clock, stopping));
        ready(Listening { https: https_address, metrics: metrics_address })?;
        wait_for_signal().await?;
        let _ = stop.send(true);
        // Past the grace, connections are cut.
        let _ = tokio::time::timeout(GRACE, serving).await;
        engine.seal();
        Ok(())
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
    served
}

fn listen(socket: TcpSocket) -> Result<(TcpListener, SocketAddr), Failure> {
    let failed = |error| Failure::during("listen", error);
    let listener = socket.listen(BACKLOG).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

async fn wait_for_signal() -> Result<(), Failure> {
    let failed = |error| Failure::during("listen for signals", error);
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// Does what is due, from time to time, on the pool.
async fn schedule(
    engine: Arc<Engine>,
    pool: Arc<pool::Pool>,
    clock: Clock,
    mut stopping: watch::Receiver<bool>,
) {
    let mut interval = tokio::time::interval(SCHEDULE_INTERVAL);
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            _ = stopping.changed() => return,
        }
        let engine = engine.clone();
        let job = move || {
            // A failure stands in the audit log; what was due stays due.
            let _ = engine.destroy_due(clock.now());
        };
        // A pool that is full now has room at a later tick.
        let _ = engine::Offload::offload(&*pool, Box::new(job));
    }
}
