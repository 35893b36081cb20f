//! Threads for what would hold up the threads that serve connections: key generation, RSA and
//! lattice signatures, reads and changes of the store.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use engine::{Full, Job, Offload};

/// Threads: enough that changes waiting for the disk gather into one commit.
const THREADS: usize = 8;
/// Jobs that may wait. Beyond, callers are told that the server is overloaded.
const WAITING_MAX: usize = 4096;

/// See the module's page.
pub(crate) struct Pool(SyncSender<Job>);

impl Pool {
    pub(crate) fn start() -> Self {
        let (sender, receiver) = sync_channel(WAITING_MAX);
        let receiver = Arc::new(Mutex::new(receiver));
        for number in 0..THREADS {
            let receiver = receiver.clone();
            let thread = thread::Builder::new().name(format!("pool-{number}"));
            // A thread that cannot be started leaves its work to the others.
            let _ = thread.spawn(move || work(&receiver));
        }
        Self(sender)
    }
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
    fn offload(&self, job: Job) -> Result<(), Full> {
        self.0.try_send(job).map_err(|_| Full)
    }
}
