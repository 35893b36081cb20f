//! What the tests need on the machine, installed only when missing.

use std::{fs, path::Path};

use super::{
    shell::{self, Run},
    steps::Outcome,
};

/// The interpreter of the environment, from the root.
pub(super) const PYTHON: &str = ".test-env/bin/python";
/// The environment, from the root.
const ENVIRONMENT: &str = ".test-env";
/// What is installed in it, from the root.
const REQUIREMENTS: &str = "tests-e2e/requirements.txt";
/// The record of what is installed in it, from the root.
const STAMP: &str = ".test-env/installed.txt";

/// A Debian package, a command that succeeds where it is installed, and what it is for.
const PACKAGES: [(&str, &[&str], &str); 7] = [
    ("python3-venv", &["python3", "-c", "import ensurepip, venv"], "runs the scenarios"),
    ("openssl", &["openssl", "version"], "verifies certificates independently"),
    ("gdb", &["gdb", "--version"], "has the kernel write a server's core"),
    (
        "libfaketime",
        &["sh", "-c", "ls /usr/lib/*/faketime/libfaketime.so.1"],
        "moves the clock of a server that is tested",
    ),
    ("ceph-mon", &["ceph-mon", "--version"], "watches over a cluster that fetches its keys"),
    ("ceph-osd", &["ceph-osd", "--version"], "keeps that cluster's objects"),
    ("radosgw", &["radosgw", "--version"], "is that cluster's client of KMIP"),
];

/// Installs the missing packages, with root's rights or through sudo.
pub(super) fn packages(root: &Path) -> Outcome {
    let missing: Vec<_> =
        PACKAGES.into_iter().filter(|(_, probe, _)| !shell::succeeds(probe)).collect();
    if missing.is_empty() {
        println!("all there: {}", PACKAGES.map(|(name, ..)| name).join(", "));
        return Outcome::Passed;
    }
    for (name, _, purpose) in &missing {
        println!("missing: {name}, which {purpose}");
    }
    let names: Vec<&str> = missing.iter().map(|(name, ..)| *name).collect();
    let by_hand = format!("apt-get install --yes {}", names.join(" "));
    if !shell::succeeds(&["apt-get", "--version"]) {
        let all = names.join(", ");
        return Outcome::Skipped(format!("this is no Debian; install the likes of {all} by hand"));
    }
    let is_root = shell::output(&["id", "-u"]).is_some_and(|id| id.trim() == "0");
    let prefix: &[&str] = match is_root {
        true => &[],
        false if shell::succeeds(&["sudo", "-n", "true"]) => &["sudo", "-n"],
        false => {
            return Outcome::Skipped(format!("installing needs root; run `sudo {by_hand}` first"));
        }
    };
    let update = [prefix, &["apt-get", "update"]].concat();
    let install = [prefix, &["apt-get", "install", "--yes"], &names].concat();
    for words in [update, install] {
        let run = Run::new(&words);
        if !run.stream(root).is_ok_and(|(good, _)| good) {
            return Outcome::Failed(run.line());
        }
    }
    Outcome::Passed
}

/// Makes the Python environment, unless it holds what is asked for already.
pub(super) fn python(root: &Path) -> Outcome {
    let requirements = match fs::read_to_string(root.join(REQUIREMENTS)) {
        Ok(text) => text,
        Err(e) => return Outcome::Skipped(format!("{REQUIREMENTS} cannot be read: {e}")),
    };
    let Some(version) = shell::output(&["python3", "--version"]) else {
        return Outcome::Skipped("there is no python3; run the step `packages`".to_owned());
    };
    // The content itself is the key, so nothing can collide and a person can compare.
    let wanted = format!("{version}{requirements}");
    if fs::read_to_string(root.join(STAMP)).is_ok_and(|stamp| stamp == wanted) {
        println!("{ENVIRONMENT} is up to date with {REQUIREMENTS}");
        return Outcome::Passed;
    }
    println!("installing {REQUIREMENTS} into {ENVIRONMENT}, once");
    let make = ["python3", "-m", "venv", "--clear", ENVIRONMENT];
    let pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"];
    let install = [&pip[..], &["--progress-bar", "off", "-r", REQUIREMENTS]].concat();
    for words in [&make[..], &install[..]] {
        let run = Run::new(words);
        if !run.stream(root).is_ok_and(|(good, _)| good) {
            return Outcome::Failed(run.line());
        }
    }
    match fs::write(root.join(STAMP), wanted) {
        Ok(()) => Outcome::Passed,
        Err(e) => {
            println!("cannot write {STAMP}: {e}");
            Outcome::Failed("cargo xtask test --only python".to_owned())
        }
    }
}
