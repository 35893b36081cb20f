//! Threads for what would hold up the threads that serve connections: key generation, RSA and
//! lattice signatures, reads and changes of the store. Each lane has its own, so that nobody's
//! search for primes keeps others from their keys, or the operator from sealing the server; and in
//! the slow one, principals take turns.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use engine::{Full, Job, Lane, Offload, Told};

use super::turns::Turns;

/// Threads of the usual lane: enough that changes waiting for the disk gather into one commit.
const USUAL_THREADS: usize = 8;
/// Threads of the lane of uses, a processor: their work is all on the processor.
const USE_THREADS_EACH: usize = 1;
/// Those whom a thread of that lane has answered are told together, so many at most, and no later
/// than when nothing waits: to tell one at a time wakes a thread that serves for each.
const TOLD_TOGETHER_MAX: usize = 4;
/// Threads of the slow lane, whose work is all on the processor.
const SLOW_THREADS: usize = 2;
/// Threads of the server's own lane: one may wait for a seal, another try a passphrase.
const SERVER_THREADS: usize = 2;
/// Jobs that may wait in a lane. Beyond, callers are told that the server is overloaded.
const WAITING_MAX: usize = 4096;
/// The same where each takes up to seconds: of all, and of one principal.
const SLOW_WAITING_MAX: (usize, usize) = (256, 64);

/// See the module's page.
pub(crate) struct Pool {
    server: SyncSender<Job>,
    uses: SyncSender<Job>,
    usual: SyncSender<Job>,
    slow: Arc<Turns>,
}

impl Pool {
    pub(crate) fn start() -> Self {
        Self {
            server: lane("server", SERVER_THREADS, WAITING_MAX),
            uses: lane_of_uses(),
            usual: lane("usual", USUAL_THREADS, WAITING_MAX),
            slow: slow_lane(),
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.slow.close();
    }
}

fn lane(name: &str, threads: usize, waiting: usize) -> SyncSender<Job> {
    let (sender, receiver) = sync_channel(waiting);
    let receiver = Arc::new(Mutex::new(receiver));
    start(name, threads, move || work(&receiver));
    sender
}

fn lane_of_uses() -> SyncSender<Job> {
    let (sender, receiver) = sync_channel(WAITING_MAX);
    let receiver = Arc::new(Mutex::new(receiver));
    let processors = thread::available_parallelism().map_or(1, usize::from);
    start("use", USE_THREADS_EACH * processors, move || work_and_gather(&receiver));
    sender
}

fn slow_lane() -> Arc<Turns> {
    let turns = Arc::new(Turns::new(SLOW_WAITING_MAX));
    let jobs = turns.clone();
    start("slow", SLOW_THREADS, move || jobs.work(|job| drop(run(job))));
    turns
}

/// Starts the threads of a lane.
fn start(name: &str, threads: usize, work: impl Fn() + Clone + Send + 'static) {
    for number in 0..threads {
        let thread = thread::Builder::new().name(format!("{name}-{number}"));
        // A thread that cannot be started leaves its work to the others.
        let _ = thread.spawn(work.clone());
    }
}

fn work(receiver: &Mutex<Receiver<Job>>) {
    loop {
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else {
            return;
        };
        drop(run(job));
    }
}

/// Works, and tells of what was done when nothing waits.
fn work_and_gather(receiver: &Mutex<Receiver<Job>>) {
    let mut told = Vec::new();
    loop {
        // Whoever has the lock waits for a job: then there is none.
        let at_hand = receiver.try_lock().ok().and_then(|receiver| receiver.try_recv().ok());
        let next = at_hand.map_or_else(
            || {
                told.clear();
                receiver.lock().unwrap_or_else(PoisonError::into_inner).recv()
            },
            Ok,
        );
        let Ok(job) = next else {
            return;
        };
        told.push(run(job));
        if told.len() == TOLD_TOGETHER_MAX {
            told.clear();
        }
    }
}

/// A job that panics answers its caller by being dropped, and takes no thread with it.
fn run(job: Job) -> Told {
    catch_unwind(AssertUnwindSafe(job)).unwrap_or_default()
}

impl Offload for Pool {
    fn offload(&self, lane: Lane, job: Job) -> Result<(), Full> {
        let sender = match lane {
            Lane::Server => &self.server,
            Lane::Use => &self.uses,
            Lane::Usual => &self.usual,
            Lane::Slow(whose) => return self.slow.add(whose, job),
        };
        sender.try_send(job).map_err(|_| Full)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::mpsc::{Sender, channel},
        task::Wake,
    };

    use model::PrincipalName;

    use super::*;

    /// What a job waits for until it is dropped, and such jobs.
    fn held() -> (Sender<()>, impl Fn() -> Job) {
        let (release, held) = channel::<()>();
        let held = Arc::new(Mutex::new(held));
        let job = move || {
            let held = held.clone();
            Box::new(move || {
                // Until the other end is dropped.
                let _ = held.lock().unwrap().recv();
                Told::default()
            }) as Job
        };
        (release, job)
    }

    struct Hears(Sender<()>);

    impl Wake for Hears {
        fn wake(self: Arc<Self>) {
            self.0.send(()).unwrap();
        }
    }

    fn principal(number: usize) -> PrincipalName {
        let account = "111122223333".parse().unwrap();
        PrincipalName::user(account, &format!("user-{number}")).unwrap()
    }

    fn is_done(pool: &Pool, lane: Lane) -> bool {
        let (done, told) = channel();
        pool.offload(
            lane,
            Box::new(move || {
                done.send(()).unwrap();
                Told::default()
            }),
        )
        .unwrap();
        told.recv().is_ok()
    }

    #[test]
    fn whoever_is_answered_hears_of_it_when_nothing_else_waits() {
        let pool = Pool::start();
        let (telling, told) = channel();
        for count in 1..=2 * TOLD_TOGETHER_MAX + 1 {
            for _ in 0..count {
                let waker = Arc::new(Hears(telling.clone())).into();
                pool.offload(Lane::Use, Box::new(|| Told::by(waker))).unwrap();
            }
            assert!((0..count).all(|_| told.recv().is_ok()));
        }
    }

    #[test]
    fn a_full_lane_holds_up_no_other() {
        let pool = Pool::start();
        let (release, held) = held();
        let (of_all_max, _) = SLOW_WAITING_MAX;
        let mut waiting = 0;
        while pool.offload(Lane::Slow(principal(waiting)), held()).is_ok() {
            waiting += 1;
        }
        assert!((of_all_max..=of_all_max + SLOW_THREADS).contains(&waiting));
        assert!(is_done(&pool, Lane::Usual) && is_done(&pool, Lane::Server));
        drop(release);
    }

    #[test]
    fn a_principal_who_asks_for_all_it_may_holds_up_no_other_in_the_slow_lane() {
        let pool = Pool::start();
        let (release, held) = held();
        let mut waiting = 0;
        while pool.offload(Lane::Slow(principal(0)), held()).is_ok() {
            waiting += 1;
        }
        let (_, of_one_max) = SLOW_WAITING_MAX;
        assert!((of_one_max..=of_one_max + 1).contains(&waiting));
        assert!(is_done(&pool, Lane::Slow(principal(1))));
        drop(release);
    }
}
