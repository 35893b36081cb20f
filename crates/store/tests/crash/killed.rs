//! A process that is killed under load has lost nothing it acknowledged.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Mutex,
    thread,
    time::Duration,
};

use store::{Batch, Store, commit_and_wait};

use crate::workload;

const WORKERS: u8 = 8;
/// How often the process is killed, unless the environment says otherwise.
const CYCLES: u64 = 400;
const CYCLES_VARIABLE: &str = "STRONGROOM_KILL_CYCLES";
/// Tells the process that is to be killed where its store is.
const STORE_VARIABLE: &str = "STRONGROOM_KILL_STORE";
/// Longest life after the first acknowledgement, in microseconds.
const LIFE_MAX: u64 = 40_000;

/// Not a test of its own: what the killed process runs. Without its variable it does nothing.
#[test]
fn a_process_that_commits_until_it_is_killed() {
    let Some(path) = variable(STORE_VARIABLE) else {
        return;
    };
    let store = workload::open(Path::new(&path)).unwrap();
    let output = Mutex::new(std::io::stdout());
    thread::scope(|scope| {
        for worker in 0..WORKERS {
            let (store, output) = (&store, &output);
            scope.spawn(move || {
                for turn in workload::turn(store, worker) + 1.. {
                    workload::commit(store, worker, turn).unwrap();
                    let mut output = output.lock().unwrap();
                    writeln!(output, "ack {worker} {turn}").unwrap();
                    output.flush().unwrap();
                }
            });
        }
    });
}

#[test]
fn nothing_acknowledged_is_lost_by_a_kill() {
    if variable(STORE_VARIABLE).is_some() {
        return;
    }
    let cycles = variable(CYCLES_VARIABLE).map_or(CYCLES, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut random = workload::Random::new(cycles);
    let mut settled = [0; WORKERS as usize];
    let mut acknowledged = 0;
    for cycle in 0..cycles {
        let child = start(&path);
        let acks = kill_after(child, Duration::from_micros(random.below(LIFE_MAX)));
        acknowledged += acks.len();
        verify(&path, cycle, &acks, &mut settled);
    }
    println!("{cycles} kills, {acknowledged} acknowledged commits, 0 lost");
    assert!(acknowledged as u64 >= cycles, "the load was real");
}

fn start(path: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::a_process_that_commits_until_it_is_killed"])
        .env(STORE_VARIABLE, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Kills the process some time after its first acknowledgement; gives all that it printed whole.
fn kill_after(mut child: Child, life: Duration) -> Vec<(u8, u64)> {
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut acks = Vec::new();
    let mut line = String::new();
    while acks.is_empty() && output.read_line(&mut line).unwrap() > 0 {
        acks.extend(parse(&line));
        line.clear();
    }
    let reader = thread::spawn(move || {
        acks.extend(output.lines().map_while(Result::ok).filter_map(|line| parse(&line)));
        acks
    });
    thread::sleep(life);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

/// An acknowledgement. A number cut short by the kill is a smaller one, which claims less.
fn parse(line: &str) -> Option<(u8, u64)> {
    let (worker, turn) = line.trim().strip_prefix("ack ")?.split_once(' ')?;
    Some((worker.parse().ok()?, turn.parse().ok()?))
}

fn verify(path: &Path, cycle: u64, acks: &[(u8, u64)], settled: &mut [u64]) {
    let store = workload::open(path).unwrap();
    let outbox = store.outbox().unwrap();
    for worker in 0..WORKERS {
        let before = &mut settled[usize::from(worker)];
        let acked = acks.iter().filter(|(w, _)| *w == worker).map(|(_, turn)| *turn);
        let acked = acked.max().unwrap_or(*before);
        let found = workload::turn(&store, worker);
        assert!(
            (acked..=acked + 1).contains(&found),
            "cycle {cycle}: worker {worker} was told of turn {acked} and is found at {found}"
        );
        workload::assert_recorded(&outbox, worker, *before, found);
        *before = found;
    }
    // The next cycle starts with an outbox that holds nothing of the workers.
    let ids: Vec<_> = outbox.iter().map(|entry| entry.id).collect();
    store.settle(&ids);
    let mut last = outbox[0].clone();
    last.id[0] = 0xff;
    commit_and_wait(&store, Batch::new(last)).unwrap();
}

#[expect(
    clippy::disallowed_methods,
    reason = "how one process of this test tells another what to do, and a run how long to be"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
