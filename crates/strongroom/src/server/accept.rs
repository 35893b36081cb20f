//! Accepts connections: at most as many at the same time as there is room for, each with an eye on
//! its pace, until it is told to stop; then waits for those that are open. What is spoken on them
//! is the listener's affair.

use std::{
    future::poll_fn,
    net::SocketAddr,
    pin::pin,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicU64},
    task::Poll,
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
};

use super::{
    crowd::Crowd,
    pace::{LOOK_INTERVAL, Looks, Order, Pace},
    workers::Workers,
};

/// How long nothing is accepted after nothing could be, and while those leave who have been told.
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
    /// Whether connections are kept for long, and some of them end for those that come.
    pub(crate) makes_room: bool,
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
        let mut crowd = Crowd::new(self.room);
        let mut interval = tokio::time::interval(LOOK_INTERVAL);
        loop {
            let accepted = tokio::select! {
                accepted = self.socket.accept() => accepted,
                _ = interval.tick() => {
                    looks.look();
                    crowd.look_after();
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
            let Some(permit) = self.place(&room).await else {
                // Dropped: more than can be served.
                if self.makes_room {
                    crowd.make_room(None);
                }
                continue;
            };
            let pace = Arc::new(Pace::new(looks.clone()));
            crowd.add(peer.ip(), &pace);
            let (serve, served) = (serve.clone(), pace.clone());
            let work = async move |stream| {
                unless_told_to_leave(&served, serve(stream, peer, served.clone())).await;
                drop(permit);
            };
            let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
            workers.serve(&mut connections, stream, work);
            drop(workers);
            let one_leaves = !self.makes_room || crowd.keep_to_share(peer.ip());
            if !one_leaves && room.available_permits() == 0 {
                crowd.make_room(Some(&pace));
            }
        }
        drop(self.socket);
        crowd.finish();
        while connections.join_next().await.is_some() {}
    }

    /// A place for one more. Those who were told to leave are given the time to do so.
    async fn place(&self, room: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
        match room.clone().try_acquire_owned() {
            Err(_) if self.makes_room => {
                tokio::time::timeout(PAUSE, room.clone().acquire_owned()).await.ok()?.ok()
            }
            tried => tried.ok(),
        }
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

    /// What somebody who is known says, and somebody who is not.
    const KNOWN: u8 = 7;
    const UNKNOWN: u8 = 8;

    /// A listener with so much room that keeps each connection once a byte came, and its end.
    async fn listener(room: usize) -> (SocketAddr, watch::Sender<bool>, impl Future<Output = ()>) {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let (stop, stopping) = watch::channel(false);
        let workers = Arc::new(Mutex::new(Workers::start(1).unwrap()));
        let serving = Listener { socket, room, makes_room: true, stopping, workers }.run(
            async |mut stream: TcpStream, _, pace: Arc<Pace>| {
                let byte = stream.read_u8().await.unwrap();
                if byte == KNOWN {
                    pace.know();
                }
                pace.idle();
                stream.write_u8(byte).await.unwrap();
                pace.ending().await;
            },
        );
        (address, stop, serving)
    }

    /// A connection that is idle.
    async fn idle(address: SocketAddr, who: u8) -> TcpStream {
        let mut peer = TcpStream::connect(address).await.unwrap();
        peer.write_u8(who).await.unwrap();
        assert_eq!(peer.read_u8().await.unwrap(), who);
        peer
    }

    #[tokio::test]
    async fn who_is_idle_for_longest_makes_room_for_who_comes_and_the_others_stay_till_the_end() {
        let (address, stop, serving) = listener(2).await;
        let serving = tokio::spawn(serving);
        let mut first = idle(address, KNOWN).await;
        let mut second = idle(address, KNOWN).await;
        // The second took the last place: the first is hung up on, and the third is let in.
        assert!(first.read_u8().await.is_err());
        let mut third = idle(address, KNOWN).await;
        assert!(second.read_u8().await.is_err());
        stop.send(true).unwrap();
        assert!(third.read_u8().await.is_err());
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn a_known_connection_that_is_idle_survives_a_flood_and_another_gets_in() {
        let (address, stop, serving) = listener(16).await;
        let serving = tokio::spawn(serving);
        let mut known = idle(address, KNOWN).await;
        let mut refused = idle(address, UNKNOWN).await;
        let mut flood = Vec::new();
        for _ in 0..100 {
            flood.push(TcpStream::connect(address).await.unwrap());
        }
        assert!(refused.read_u8().await.is_err());
        let mut second = idle(address, KNOWN).await;
        for peer in [&mut known, &mut second] {
            let silence = Duration::from_millis(20);
            assert!(tokio::time::timeout(silence, peer.read_u8()).await.is_err());
        }
        drop(flood);
        stop.send(true).unwrap();
        serving.await.unwrap();
    }
}
