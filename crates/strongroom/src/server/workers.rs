//! The threads that serve connections: one a processor, each with a runtime of its own.
//!
//! A connection stays with its thread. So what comes at the same time is served one stage after
//! the other by one thread, with nobody to wake and nothing to share, and what is open in one
//! thread's cache stays there.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread::JoinHandle,
    time::Duration,
};

use tokio::{
    net::TcpStream,
    runtime::{Builder, Handle},
    sync::watch,
    task::JoinSet,
};

/// Longest time for what a connection left behind.
const ENDING_MAX: Duration = Duration::from_secs(1);

/// See the module's page. Dropping them ends what they still serve.
pub(crate) struct Workers {
    workers: Vec<Worker>,
    ending: watch::Sender<bool>,
}

struct Worker {
    runtime: Handle,
    load: Arc<AtomicUsize>,
    thread: JoinHandle<()>,
}

/// A connection's place on a thread; held as long as it is served.
struct Seat(Arc<AtomicUsize>);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Workers {
    /// Starts so many threads.
    pub(crate) fn start(count: usize) -> io::Result<Self> {
        let (ending, ended) = watch::channel(false);
        let start = |number| Worker::start(number, ended.clone());
        let workers = (0..count.max(1)).map(start).collect::<io::Result<_>>()?;
        Ok(Self { workers, ending })
    }

    /// Has the thread with the fewest connections serve one more, until it is done or `all` are
    /// aborted.
    pub(crate) fn serve<F>(
        &self,
        all: &mut JoinSet<()>,
        stream: TcpStream,
        serve: impl FnOnce(TcpStream) -> F + Send + 'static,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let Some(worker) = self.workers.iter().min_by_key(|worker| worker.load.load(Relaxed))
        else {
            return;
        };
        worker.load.fetch_add(1, Relaxed);
        let seat = Seat(worker.load.clone());
        // It is the thread's runtime that must hear of what comes in on it.
        let Ok(stream) = stream.into_std() else { return };
        let served = async move {
            let _seat = seat;
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
        for worker in self.workers.drain(..) {
            let _ = worker.thread.join();
        }
    }
}

impl Worker {
    fn start(number: usize, mut ended: watch::Receiver<bool>) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let work = move || {
            // An error says that there is nobody left to tell the end.
            let _ = runtime.block_on(ended.wait_for(|ended| *ended)).map(drop);
            runtime.shutdown_timeout(ENDING_MAX);
        };
        let thread = std::thread::Builder::new().name(format!("serve-{number}")).spawn(work)?;
        Ok(Self { runtime: handle, load: Arc::default(), thread })
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    /// Serves so many connections at the same time, and gives the names of the threads that did.
    async fn threads_of(workers: &Workers, count: usize) -> Vec<String> {
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
    async fn connections_are_shared_out_evenly_and_a_thread_serves_again_when_one_is_done() {
        let workers = Workers::start(2).unwrap();
        for _ in 0..2 {
            let names = threads_of(&workers, 4).await;
            assert_eq!(names, ["serve-0", "serve-0", "serve-1", "serve-1"]);
        }
    }

    #[tokio::test]
    async fn when_the_threads_end_so_does_what_they_serve() {
        let workers = Workers::start(1).unwrap();
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
