//! Accepts connections: at most as many at the same time as there is room for, each with an eye on
//! its pace, until it is told to stop; then waits for those that are open. What is spoken on them
//! is the listener's affair.

use std::{
    future::poll_fn,
    net::SocketAddr,
    pin::pin,
    sync::{Arc, Mutex, PoisonError, Weak, atomic::AtomicU64},
    task::Poll,
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinSet,
};

use super::{
    pace::{LOOK_INTERVAL, Looks, Order, Pace},
    workers::Workers,
};

/// How long nothing is accepted after nothing could be.
const PAUSE: Duration = Duration::from_millis(50);

/// What a listener counts.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) connections: AtomicU64,
    pub(crate) requests: AtomicU64,
    pub(crate) handshakes_failed: AtomicU64,
}

/// A socket that listens, and what its connections are served with.
pub(crate) struct Listener {
    pub(crate) socket: TcpListener,
    /// Most connections at the same time.
    pub(crate) room: usize,
    pub(crate) stopping: watch::Receiver<bool>,
    pub(crate) workers: Arc<Mutex<Workers>>,
}

impl Listener {
    /// Has `serve` serve each connection, until told to stop and they are done. Of what it is told,
    /// `serve` needs to heed [`Order::Finish`] alone.
    pub(crate) async fn run<F>(
        mut self,
        serve: impl Fn(TcpStream, SocketAddr, Arc<Pace>) -> F + Clone + Send + 'static,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let room = Arc::new(Semaphore::new(self.room));
        let mut connections = JoinSet::new();
        let looks = Looks::default();
        let mut paces: Vec<Weak<Pace>> = Vec::new();
        let mut interval = tokio::time::interval(LOOK_INTERVAL);
        loop {
            let accepted = tokio::select! {
                accepted = self.socket.accept() => accepted,
                _ = interval.tick() => {
                    looks.look();
                    look_after(&mut paces);
                    continue;
                }
                _ = self.stopping.changed() => break,
            };
            while connections.try_join_next().is_some() {}
            let Ok((stream, peer)) = accepted else {
                // Out of descriptors, most likely: let some connections end first.
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            let Ok(permit) = room.clone().try_acquire_owned() else {
                continue; // Dropped: more than can be served.
            };
            let pace = Arc::new(Pace::new(looks.clone()));
            paces.push(Arc::downgrade(&pace));
            let serve = serve.clone();
            let work = async move |stream| {
                unless_told_to_leave(&pace, serve(stream, peer, pace.clone())).await;
                drop(permit);
            };
            let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
            workers.serve(&mut connections, stream, work);
            drop(workers);
            if room.available_permits() == 0 {
                make_room(&paces);
            }
        }
        drop(self.socket);
        for pace in paces.iter().filter_map(Weak::upgrade) {
            pace.tell(Order::Finish);
        }
        while connections.join_next().await.is_some() {}
    }
}

/// Tells those that are too slow to leave, and forgets those that have ended.
fn look_after(paces: &mut Vec<Weak<Pace>>) {
    paces.retain(|pace| {
        pace.upgrade().is_some_and(|pace| {
            if pace.is_too_slow() {
                pace.tell(Order::Leave);
            }
            true
        })
    });
}

/// The connection that has been idle for longest ends, so that the next one that comes finds room:
/// whoever keeps connections for nothing keeps nobody out.
fn make_room(paces: &[Weak<Pace>]) {
    let idle = paces.iter().rev().filter_map(|pace| {
        let pace = pace.upgrade()?;
        Some((pace.idle_looks()?, pace))
    });
    if let Some((_, pace)) = idle.max_by_key(|(looks, _)| *looks) {
        pace.tell(Order::Finish);
    }
}

async fn unless_told_to_leave(pace: &Pace, work: impl Future<Output = ()>) {
    let mut work = pin!(work);
    poll_fn(|context| match pace.order(context) {
        Order::Serve | Order::Finish => work.as_mut().poll(context),
        Order::Leave => Poll::Ready(()),
    })
    .await;
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// A listener with so much room that keeps each connection once a byte came, and its end.
    async fn listener(room: usize) -> (SocketAddr, watch::Sender<bool>, impl Future<Output = ()>) {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let (stop, stopping) = watch::channel(false);
        let workers = Arc::new(Mutex::new(Workers::start(1).unwrap()));
        let serving = Listener { socket, room, stopping, workers }.run(
            async |mut stream: TcpStream, _, pace: Arc<Pace>| {
                let byte = stream.read_u8().await.unwrap();
                stream.write_u8(byte).await.unwrap();
                pace.idle();
                pace.ending().await;
            },
        );
        (address, stop, serving)
    }

    /// A connection that is idle.
    async fn idle(address: SocketAddr) -> TcpStream {
        let mut peer = TcpStream::connect(address).await.unwrap();
        peer.write_u8(7).await.unwrap();
        assert_eq!(peer.read_u8().await.unwrap(), 7);
        peer
    }

    #[tokio::test]
    async fn who_is_idle_for_longest_makes_room_for_who_comes_and_the_others_stay_till_the_end() {
        let (address, stop, serving) = listener(2).await;
        let serving = tokio::spawn(serving);
        let mut first = idle(address).await;
        let mut second = idle(address).await;
        // The second took the last place: the first is hung up on, and the third is let in.
        assert!(first.read_u8().await.is_err());
        let mut third = idle(address).await;
        assert!(second.read_u8().await.is_err());
        stop.send(true).unwrap();
        assert!(third.read_u8().await.is_err());
        serving.await.unwrap();
    }
}
