//! The server: sockets, tasks and signals around the engine.

mod accept;
mod body;
pub(crate) mod certificate;
mod crowd;
mod descriptors;
mod framing;
#[cfg(test)]
mod handshake;
mod handshakes;
mod http_kmip;
mod https;
mod kmip;
mod log;
mod metrics;
mod pace;
mod peer;
mod pool;
mod time;
mod tls;
mod turns;
mod workers;

use std::{
    io::{ErrorKind, Write as _},
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use engine::Engine;
use kmip_door::Door;
use tokio::{
    net::{TcpListener, TcpSocket},
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use self::{
    accept::{Counters, Listener},
    body::Bodies,
    certificate::OwnCertificate,
    descriptors::Room,
    kmip::Kmip,
    metrics::Counted,
    tls::{Protocol, Tls},
    workers::Workers,
};
use crate::{
    clock::Clock,
    failure::{self, Failure},
};

/// How often it is looked whether the server was unsealed.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// After how many of these looks due work is done, if not before.
const LOOKS_MAX: u32 = 60;
/// How far the time that is kept in the store may be behind, in milliseconds.
const TIME_KEPT_MS: u64 = 5 * 60 * 1000;
/// How long connections may take to finish what they are at when the server stops.
const GRACE: Duration = Duration::from_secs(10);

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;

/// The addresses in use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listening {
    pub(crate) https: SocketAddr,
    pub(crate) kmip: SocketAddr,
    pub(crate) metrics: SocketAddr,
}

/// Sockets that are bound and do not listen yet.
pub(crate) struct Sockets {
    https: TcpSocket,
    kmip: TcpSocket,
    metrics: TcpSocket,
    /// Threads to serve with: as many as the machine, or the share of it that is ours, runs at
    /// once. Asked before the process is confined, and so could not be told.
    threads: usize,
    room: Room,
}

/// Binds the addresses, and makes room for connections.
pub(crate) fn bind(addresses: Listening) -> Result<Sockets, Failure> {
    let Listening { https, kmip, metrics } = addresses;
    let threads = std::thread::available_parallelism().map_or(1, Into::into);
    let room = Room::make(threads);
    let (https, kmip) = (socket("listen", https)?, socket("kmip", kmip)?);
    Ok(Sockets { https, kmip, metrics: socket("metrics", metrics)?, threads, room })
}

/// A socket bound to the address of this setting.
fn socket(setting: &str, address: SocketAddr) -> Result<TcpSocket, Failure> {
    let bind = || {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4(),
            SocketAddr::V6(_) => TcpSocket::new_v6(),
        }?;
        // A server that starts again does not wait for the connections of the one before.
        socket.set_reuseaddr(true)?;
        // Connections inherit it: a peer that is gone without a word is noticed, in a few hours.
        socket.set_keepalive(true)?;
        socket.bind(address)?;
        Ok(socket)
    };
    bind().map_err(|error: std::io::Error| match error.kind() {
        ErrorKind::AddrInUse => Failure::new(format!(
            "{address} is in use by another program; choose another address for `{setting}`, with \
             port 0 for any that is free"
        )),
        _ => Failure::during(&format!("listen on {address}"), error),
    })
}

/// Listens, says so, and serves until SIGINT or SIGTERM; then lets connections finish.
pub(crate) fn run(
    engine: Arc<Engine>,
    certificate: OwnCertificate,
    clock: Clock,
    sockets: Sockets,
    ready: impl FnOnce(Listening) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let Sockets { https, kmip, metrics, threads, room } = sockets;
    if let Some(lack) = room.lack() {
        tell(&lack);
    }
    // This one accepts connections, and looks after the server.
    let failed = |error| Failure::during("start the threads that serve", error);
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let workers = Arc::new(Mutex::new(Workers::start(threads).map_err(failed)?));
    let certificate = Arc::new(certificate);
    let served = runtime.block_on(async {
        let (https, https_address) = listen(https)?;
        let (kmip, kmip_address) = listen(kmip)?;
        let (metrics, metrics_address) = listen(metrics)?;
        let (stop, stopping) = watch::channel(false);
        let pool = Arc::new(pool::Pool::start());
        let counted = Counted::default();
        let doors = Doors::open(&engine, &pool, clock, &certificate, &counted)?;
        let listener = |socket, room, makes_room| {
            let (stopping, workers) = (stopping.clone(), workers.clone());
            Listener { socket, room, makes_room, stopping, workers }
        };
        let https = listener(https, room.https, false);
        let serving = doors.serve(https, listener(kmip, room.kmip, true));
        drop(workers);
        let serving = tokio::spawn(serving);
        tokio::spawn(metrics::serve(engine.clone(), counted, metrics, room.metrics));
        tokio::spawn(schedule(engine.clone(), pool, certificate, clock, stopping));
        ready(Listening { https: https_address, kmip: kmip_address, metrics: metrics_address })?;
        wait_for_signal().await?;
        let _ = stop.send(true);
        // Past the grace, connections are cut.
        let _ = tokio::time::timeout(GRACE, serving).await;
        // As late as it can be said: a clock that is set back meanwhile is noticed at the start.
        let _ = engine.keep_time(clock.now(), 0);
        engine.seal();
        Ok(())
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
    served
}

/// What clients speak to.
struct Doors {
    https: Arc<https::Server>,
    kmip: Arc<kmip::Server>,
}

impl Doors {
    fn open(
        engine: &Arc<Engine>,
        pool: &Arc<pool::Pool>,
        clock: Clock,
        certificate: &Arc<OwnCertificate>,
        counted: &Counted,
    ) -> Result<Self, Failure> {
        let (engine, pool) = (engine.clone(), pool.clone());
        let kmip = Arc::new(Kmip::new(Door::new(engine.clone(), pool.clone()), clock));
        let bodies = Arc::new(Bodies::default());
        let tls = |protocol, counters: &Arc<Counters>| {
            Tls::new(protocol, certificate.clone(), counters.clone())
        };
        let over_tls = kmip::Server {
            kmip: kmip.clone(),
            clock,
            tls: tls(Protocol::Kmip, &counted.kmip)?,
            bodies: bodies.clone(),
            counters: counted.kmip.clone(),
        };
        let over_https = https::Server {
            engine,
            pool,
            clock,
            tls: tls(Protocol::Https, &counted.https)?,
            bodies,
            kmip,
            counters: counted.https.clone(),
        };
        Ok(Self { https: Arc::new(over_https), kmip: Arc::new(over_tls) })
    }

    /// Serves until told to stop and all connections have ended.
    async fn serve(self, https: Listener, kmip: Listener) {
        let Self { https: for_https, kmip: for_kmip } = self;
        let https =
            https.run(move |stream, peer, pace| for_https.clone().serve(stream, peer, pace));
        let kmip = kmip.run(move |stream, peer, pace| for_kmip.clone().serve(stream, peer, pace));
        tokio::join!(https, kmip);
    }
}

/// What the operator is told of a defect: the id of the request that met it, and words of ours.
fn defect(id: &str, detail: &str) -> String {
    format!("a defect met request {id}: {detail}")
}

/// Tells the operator.
fn tell(sentence: &str) {
    // Where nobody listens, there is nobody to tell that.
    let _ = writeln!(std::io::stderr(), "strongroom: {sentence}");
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

/// Does what is due, on the pool: as soon as the server is unsealed, and then from time to time.
/// Looks after the log meanwhile.
async fn schedule(
    engine: Arc<Engine>,
    pool: Arc<pool::Pool>,
    certificate: Arc<OwnCertificate>,
    clock: Clock,
    mut stopping: watch::Receiver<bool>,
) {
    let mut interval = tokio::time::interval(LOOK_INTERVAL);
    let (mut was_sealed, mut looks) = (true, 0);
    let (watch, mut log) = (Arc::new(time::Watch::new()), log::Watch::default());
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            _ = stopping.changed() => return,
        }
        if let Ok(status) = engine.log_status()
            && let Some(told) = log.look(status.failure)
        {
            tell(&told);
        }
        let is_sealed = engine.is_sealed();
        let is_unsealed_now = was_sealed && !is_sealed;
        was_sealed = is_sealed;
        looks += 1;
        if !is_unsealed_now && looks < LOOKS_MAX {
            continue;
        }
        looks = 0;
        let (engine, watch) = (engine.clone(), watch.clone());
        let certificate = certificate.clone();
        let job = move || {
            let at = clock.now();
            engine.expire(at);
            if let Ok(trust) = engine.trust(at) {
                watch.look(at.wall, trust);
            }
            if let Err(failure) = certificate.renew(&engine, at) {
                // It is tried again at the next tick.
                let _ = failure.report();
            }
            // What was due stays due.
            told("destroy every key that is due", engine.destroy_due(at));
            told("rotate every key that is due", engine.rotate_due(at));
            told("keep the time in the store", engine.keep_time(at, TIME_KEPT_MS));
            engine::Told::default()
        };
        // A pool that is full now has room at a later tick.
        let _ = engine::Offload::offload(&*pool, engine::Lane::Usual, Box::new(job));
    }
}

/// Tells the operator of what could not be done, unless the server was sealed meanwhile.
fn told<T>(doing: &str, outcome: model::Result<T>) {
    match outcome {
        Ok(_) | Err(model::Error::Sealed) => {}
        Err(error) => tell(&failure::engine(doing)(error).to_string()),
    }
}
