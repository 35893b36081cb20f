//! A disk that is full stops changes until there is space; one that fails stops them for good.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use store::{Failure, Store};

use crate::workload;

/// Tells a process where its store is, on a disk that is going to fail it.
const STORE_VARIABLE: &str = "STRONGROOM_FAILING_STORE";
/// More turns than any disk of these tests has space for.
const ENDLESS: u64 = 100_000;

#[test]
fn a_full_disk_stops_changes_until_there_is_space() {
    let Some(mount) = Mount::small() else {
        eprintln!("skipped: a small disk can be mounted only by root");
        return;
    };
    let path = mount.0.join("data/store.db");
    let ballast = mount.0.join("ballast");
    fs::write(&ballast, vec![1; 2 << 20]).unwrap();
    let store = workload::open(&path).unwrap();

    let (last, refusal) = commit_until_refused(&store, 1);
    assert!(refusal.to_string().contains("the disk is full"), "{refusal}");
    assert_eq!(workload::turn(&store, 0), last);
    assert!(workload::commit(&store, 0, last + 1).is_err());
    assert_eq!(store.outbox().unwrap().len() as u64, last);

    fs::remove_file(&ballast).unwrap();
    for turn in last + 1..=last + 5 {
        workload::commit(&store, 0, turn).unwrap();
    }
    drop(store);
    let store = workload::open(&path).unwrap();
    assert_eq!(workload::turn(&store, 0), last + 5);
    workload::assert_recorded(&store.outbox().unwrap(), 0, 0, last + 5);
}

/// Not a test of its own: it runs under a limit to the size of files, with the signal of it
/// ignored, so that a write fails with an error that is not that of a full disk.
#[test]
fn a_process_whose_disk_fails() {
    let Some(path) = variable(STORE_VARIABLE) else {
        return;
    };
    let path = Path::new(&path);
    let store = workload::open(path).unwrap();
    let (last, refusal) = commit_until_refused(&store, 1);
    let sentence = refusal.to_string();
    assert!(sentence.contains("none is accepted until the store is opened again"), "{sentence}");

    lift_limit();
    assert_eq!(workload::commit(&store, 0, last + 1), Err(refusal));
    assert_eq!(workload::turn(&store, 0), last);
    drop(store);

    let store = workload::open(path).unwrap();
    let found = workload::turn(&store, 0);
    assert!((last..=last + 1).contains(&found), "{last} → {found}");
    workload::assert_recorded(&store.outbox().unwrap(), 0, 0, found);
    workload::commit(&store, 0, found + 1).unwrap();
    writeln!(std::io::stdout(), "survived {last}").unwrap();
}

#[test]
fn a_failed_write_stops_changes_until_the_store_is_opened_again() {
    if variable(STORE_VARIABLE).is_some() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for blocks in (700..1700).step_by(250) {
        let path = folder.path().join(format!("{blocks}.db"));
        let output = Command::new("sh")
            .arg("-c")
            .arg(format!("trap '' XFSZ; ulimit -S -f {blocks}; exec \"$0\" \"$@\""))
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "failing_disk::a_process_whose_disk_fails", "--nocapture"])
            .env(STORE_VARIABLE, &path)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(text.contains("survived"), "{blocks} blocks: {text}{error}");
    }
}

fn commit_until_refused(store: &dyn Store, from: u64) -> (u64, Failure) {
    for turn in from..ENDLESS {
        if let Err(refusal) = workload::commit(store, 0, turn) {
            return (turn - 1, refusal);
        }
    }
    panic!("the disk had no end");
}

fn lift_limit() {
    let process = std::process::id().to_string();
    let lifted = Command::new("prlimit")
        .args(["--pid", &process, "--fsize=unlimited:unlimited"])
        .status()
        .unwrap();
    assert!(lifted.success());
}

/// A disk of four megabytes, while it lives.
struct Mount(PathBuf);

impl Mount {
    fn small() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap().keep();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs"])
            .arg(&folder)
            .output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(folder));
        }
        fs::remove_dir(&folder).unwrap();
        None
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Lazily: a failed test may still have files open.
        let unmounted = Command::new("umount").arg("-l").arg(&self.0).status();
        if unmounted.is_ok_and(|status| status.success()) {
            let _ = fs::remove_dir(&self.0);
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how one process of this test tells another where its store is"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
