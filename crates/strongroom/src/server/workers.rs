//! The threads that serve connections: one a processor, each with a runtime of its own.
//!
//! A connection stays with its thread. So what comes at the same time is served one stage after
//! the other by one thread, with nobody to wake and nothing to share, and what is open in one
//! thread's cache stays there.

use std::{
    io,
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    time::Duration,
};

use tokio::{
    net::TcpStream,
    runtime::{Builder, Handle},
    sync::watch,
    task::JoinSet,
};

/// Longest time for what a connection left behind, and for a thread to end.
const ENDING_MAX: Duration = Duration::from_secs(1);
/// After how many steps of its own a thread looks for what others have told it: that an answer from
/// the pool has come, that there is a new connection. Each request is a few steps.
const LOOK_INTERVAL: u32 = 8;

/// See the module's page. Dropping them ends what they still serve.
pub(crate) struct Workers {
    workers: Vec<Worker>,
    /// Whose turn it is.
    next: usize,
    ending: watch::Sender<bool>,
}

struct Worker {
    runtime: Handle,
    /// Hears that the thread has ended.
    ended: Receiver<()>,
}

impl Workers {
    /// Starts so many threads.
    pub(crate) fn start(count: usize) -> io::Result<Self> {
        let (ending, told) = watch::channel(false);
        let start = |number| Worker::start(number, told.clone());
        let workers = (0..count.max(1)).map(start).collect::<io::Result<_>>()?;
        Ok(Self { workers, next: 0, ending })
    }

    /// Has the next thread serve one more connection, until it is done or `all` are aborted. They
    /// take turns whatever they have to do: who keeps connections open has no say in where the next
    /// one goes.
    pub(crate) fn serve<F>(
        &mut self,
        all: &mut JoinSet<()>,
        stream: TcpStream,
        serve: impl FnOnce(TcpStream) -> F + Send + 'static,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        self.next = (self.next + 1) % self.workers.len();
        // It is the thread's runtime that must hear of what comes in on it.
        let (Some(worker), Ok(stream)) = (self.workers.get(self.next), stream.into_std()) else {
            return;
        };
        let served = async move {
            if let Ok(stream) = TcpStream::from_std(stream) {
                serve(stream).await;
            }
        };
        all.spawn_on(served, &worker.runtime);
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        let _ = self.ending.send(true);
        // They end at the same time. One that hangs, in a write to a disk that does not answer, is
        // left behind, and so are those after it.
        let mut workers = self.workers.iter();
        let _ = workers.all(|worker| {
            let ended = worker.ended.recv_timeout(2 * ENDING_MAX);
            ended != Err(RecvTimeoutError::Timeout)
        });
    }
}

impl Worker {
    fn start(number: usize, mut told: watch::Receiver<bool>) -> io::Result<Self> {
        let runtime = Builder::new_current_thread()
            .global_queue_interval(LOOK_INTERVAL)
            .enable_all()
            .build()?;
        let handle = runtime.handle().clone();
        let (ending, ended): (SyncSender<()>, _) = sync_channel(1);
        let work = move || {
            // An error says that there is nobody left to tell the end.
            let _ = runtime.block_on(told.wait_for(|told| *told)).map(drop);
            runtime.shutdown_timeout(ENDING_MAX);
            drop(ending);
        };
        std::thread::Builder::new().name(format!("serve-{number}")).spawn(work)?;
        Ok(Self { runtime: handle, ended })
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    /// Serves so many connections at the same time, and gives the names of the threads that did.
    async fn threads_of(workers: &mut Workers, count: usize) -> Vec<String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (mut all, mut peers) = (JoinSet::new(), Vec::new());
        for _ in 0..count {
            peers.push(TcpStream::connect(address).await.unwrap());
            let (stream, _) = listener.accept().await.unwrap();
            workers.serve(&mut all, stream, async |mut stream| {
                let name = std::thread::current().name().unwrap_or_default().to_owned();
                stream.read_u8().await.unwrap();
                stream.write_all(name.as_bytes()).await.unwrap();
            });
        }
        let mut names = Vec::new();
        for mut peer in peers {
            peer.write_u8(0).await.unwrap();
            let mut name = String::new();
            peer.read_to_string(&mut name).await.unwrap();
            names.push(name);
        }
        while all.join_next().await.is_some() {}
        names.sort_unstable();
        names
    }

    #[tokio::test]
    async fn connections_are_shared_out_evenly() {
        let mut workers = Workers::start(2).unwrap();
        for _ in 0..2 {
            let names = threads_of(&mut workers, 4).await;
            assert_eq!(names, ["serve-0", "serve-0", "serve-1", "serve-1"]);
        }
    }

    /// A thread that always has something to do of its own.
    async fn busy() {
        loop {
            let mut is_polled = false;
            std::future::poll_fn(|context| {
                context.waker().wake_by_ref();
                if std::mem::replace(&mut is_polled, true) {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            })
            .await;
        }
    }

    #[tokio::test]
    async fn a_busy_thread_hears_of_new_connections() {
        let mut workers = Workers::start(1).unwrap();
        let mut all = JoinSet::new();
        all.spawn_on(busy(), &workers.workers[0].runtime);
        // So long only where it never does.
        let served = tokio::time::timeout(Duration::from_secs(60), threads_of(&mut workers, 2));
        assert_eq!(served.await.unwrap(), ["serve-0", "serve-0"]);
    }

    #[tokio::test]
    async fn when_the_threads_end_so_does_what_they_serve() {
        let mut workers = Workers::start(1).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut peer = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let mut all = JoinSet::new();
        workers.serve(&mut all, stream, async |stream| {
            std::future::pending::<()>().await;
            drop(stream);
        });
        drop(workers);
        assert!(all.join_next().await.unwrap().is_err());
        assert!(peer.read_u8().await.is_err());
    }
}
