//! Threads for what would hold up the threads that serve connections: key generation, RSA and
//! lattice signatures, reads and changes of the store. Each lane has its own, so that nobody's
//! search for primes keeps others from their keys, or the operator from sealing the server.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use engine::{Full, Job, Lane, Offload};

/// Threads of the usual lane: enough that changes waiting for the disk gather into one commit.
const USUAL_THREADS: usize = 8;
/// Threads of the slow lane, whose work is all on the processor.
const SLOW_THREADS: usize = 2;
/// Threads of the server's own lane: one may wait for a seal, another try a passphrase.
const SERVER_THREADS: usize = 2;
/// Jobs that may wait in a lane. Beyond, callers are told that the server is overloaded.
const WAITING_MAX: usize = 4096;
/// The same where each takes up to seconds.
const SLOW_WAITING_MAX: usize = 256;

/// See the module's page.
pub(crate) struct Pool {
    server: SyncSender<Job>,
    usual: SyncSender<Job>,
    slow: SyncSender<Job>,
}

impl Pool {
    pub(crate) fn start() -> Self {
        Self {
            server: lane("server", SERVER_THREADS, WAITING_MAX),
            usual: lane("usual", USUAL_THREADS, WAITING_MAX),
            slow: lane("slow", SLOW_THREADS, SLOW_WAITING_MAX),
        }
    }
}

fn lane(name: &str, threads: usize, waiting: usize) -> SyncSender<Job> {
    let (sender, receiver) = sync_channel(waiting);
    let receiver = Arc::new(Mutex::new(receiver));
    for number in 0..threads {
        let receiver = receiver.clone();
        let thread = thread::Builder::new().name(format!("{name}-{number}"));
        // A thread that cannot be started leaves its work to the others.
        let _ = thread.spawn(move || work(&receiver));
    }
    sender
}

fn work(receiver: &Mutex<Receiver<Job>>) {
    loop {
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else {
            return;
        };
        // A job that panics answers its caller by being dropped, and takes no thread with it.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

impl Offload for Pool {
    fn offload(&self, lane: Lane, job: Job) -> Result<(), Full> {
        let sender = match lane {
            Lane::Server => &self.server,
            Lane::Usual => &self.usual,
            Lane::Slow => &self.slow,
        };
        sender.try_send(job).map_err(|_| Full)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn a_full_lane_holds_up_no_other() {
        let pool = Pool::start();
        let (release, held) = channel::<()>();
        let held = Arc::new(Mutex::new(held));
        let hold = || {
            let held = held.clone();
            Box::new(move || {
                // Until the other end is dropped.
                let _ = held.lock().unwrap().recv();
            }) as Job
        };
        let mut waiting = 0;
        while pool.offload(Lane::Slow, hold()).is_ok() {
            waiting += 1;
        }
        assert!((SLOW_WAITING_MAX..=SLOW_WAITING_MAX + SLOW_THREADS).contains(&waiting));
        for lane in [Lane::Usual, Lane::Server] {
            let (done, told) = channel();
            pool.offload(lane, Box::new(move || done.send(lane).unwrap())).unwrap();
            assert_eq!(told.recv(), Ok(lane));
        }
        drop(release);
    }
}
