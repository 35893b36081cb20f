//! `cargo xtask release`: what is handed out, built so that another can build the same bytes.

mod build;
mod inventory;
mod pack;
mod trial;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use self::build::Build;
use crate::{output::Output, tree};

const HELP: &str = "\
Build the program as it is handed out, try it, and pack it.

Usage: cargo xtask release [--verify] [--output table|json]

The working tree has to be clean: what is packed is a commit. The program is built with the locked
dependencies, in a target folder of its own, without any path of this machine in it, and with the
commit's date wherever a date is. It is started once, so that its self-tests run. Then
target/release-VERSION/ has

  strongroom-VERSION-PLATFORM.tar.gz   the program, README, LICENSE, CHANGELOG, SECURITY, docs/,
                                       completions/ and a systemd unit
  strongroom-VERSION.cdx.json          its bill of materials (CycloneDX 1.6)
  SHA256SUMS                           the sums of both: `sha256sum --check SHA256SUMS`

The same commit, compiler and C compiler give the same bytes.

Options:
  --verify               Build twice, in two folders, and fail when the bytes differ
  --output table|json    For people (the default), or one JSON object for scripts

Examples:
  cargo xtask release            build, try and pack; some minutes
  cargo xtask release --verify   that it can be built again; twice as long
";

/// What a release is called after.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Name {
    version: String,
    /// `x86_64-linux`.
    platform: String,
}

impl Name {
    fn of_this_machine(version: &str) -> Self {
        let platform = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
        Self { version: version.to_owned(), platform }
    }

    /// The folder under `target`.
    fn folder(&self) -> String {
        format!("release-{}", self.version)
    }

    /// What the archive unpacks to.
    fn unpacked(&self) -> String {
        format!("strongroom-{}-{}", self.version, self.platform)
    }

    fn archive(&self) -> String {
        format!("{}.tar.gz", self.unpacked())
    }

    fn inventory(&self) -> String {
        format!("strongroom-{}.cdx.json", self.version)
    }
}

/// The commit that is released.
struct Commit {
    id: String,
    /// When it was made, in seconds since 1970 (`SOURCE_DATE_EPOCH`).
    epoch: String,
    /// The same as RFC 3339 has it, in UTC.
    moment: String,
}

/// Runs the task; whether the release is whole.
pub(crate) fn main(arguments: &[&str]) -> Result<bool, String> {
    if arguments.iter().any(|argument| ["--help", "-h"].contains(argument)) {
        print!("{HELP}");
        return Ok(true);
    }
    let (output, rest) = Output::taken("release", arguments)?;
    let verify = match rest.as_slice() {
        [] => false,
        ["--verify"] => true,
        [other, ..] => {
            return Err(format!("release knows no `{other}`; see `cargo xtask release --help`"));
        }
    };
    release(&tree::root(), verify, output)
}

fn release(root: &Path, verify: bool, output: Output) -> Result<bool, String> {
    let commit = commit(root)?;
    let metadata = metadata(root)?;
    let version = inventory::version(&metadata)?;
    let name = Name::of_this_machine(&version);
    let steps = if verify { 4 } else { 3 };
    eprintln!("[1/{steps}] build {} of commit {}", name.unpacked(), commit.id);
    let build = Build::new(root, &metadata, &commit.epoch)?;
    let binary = build.run("release-build")?;
    if verify {
        eprintln!("[2/{steps}] build it again, elsewhere");
        let again = build.run("release-verify")?;
        if fs::read(&binary).map_err(unreadable(&binary))?
            != fs::read(&again).map_err(unreadable(&again))?
        {
            let (one, other) = (binary.display(), again.display());
            return Err(format!("two builds of one commit differ: {one} and {other}"));
        }
    }
    if self::commit(root)?.id != commit.id {
        return Err("another commit was checked out meanwhile; nothing is packed".to_owned());
    }
    eprintln!("[{}/{steps}] start it, so that its self-tests run", steps - 1);
    let tests = trial::run(&binary, &version)?;
    eprintln!("[{steps}/{steps}] pack it");
    let folder = root.join("target").join(name.folder());
    let bill = inventory::of(&metadata, &locked(root)?, &commit.moment)?;
    pack::pack(root, &folder, &name, &binary, &bill, &commit.epoch)?;
    let sums = pack::write_sums(&folder, &[&name.archive(), &name.inventory()])?;
    tell(output, &folder, &commit, &sums, (tests, verify));
    Ok(true)
}

fn tell(
    output: Output,
    folder: &Path,
    commit: &Commit,
    sums: &str,
    (tests, verified): (u64, bool),
) {
    match output {
        Output::Table => {
            print!("{sums}");
            println!("in {}, of commit {}; {tests} self-tests passed", folder.display(), commit.id);
            if verified {
                println!("two builds gave the same bytes");
            }
        }
        Output::Json => {
            let files: Vec<Value> = sums
                .lines()
                .filter_map(|line| line.split_once("  "))
                .map(|(sum, file)| json!({"file": file, "sha256": sum}))
                .collect();
            let told = json!({
                "folder": folder, "commit": commit.id, "self_tests": tests,
                "verified": verified, "files": files,
            });
            println!("{told}");
        }
    }
}

/// The commit of a tree in which nothing is changed.
fn commit(root: &Path) -> Result<Commit, String> {
    let changed = said(root, &["git", "status", "--porcelain"])?;
    if !changed.is_empty() {
        return Err(format!("the working tree is not clean; commit or remove first:\n{changed}"));
    }
    let shown = said(root, &["git", "show", "--no-patch", "--format=%H %ct", "HEAD"])?;
    let (id, epoch) = shown.trim().split_once(' ').ok_or("git shows no commit")?;
    let moment = said(root, &["date", "--utc", "--date", &format!("@{epoch}"), "+%FT%TZ"])?;
    Ok(Commit { id: id.to_owned(), epoch: epoch.to_owned(), moment: moment.trim().to_owned() })
}

/// What cargo knows of the packages, as they are locked.
fn metadata(root: &Path) -> Result<Value, String> {
    let platform = said(root, &["rustc", "--print", "host-tuple"])?;
    let filter = format!("--filter-platform={}", platform.trim());
    let text = said(root, &["cargo", "metadata", "--locked", "--format-version=1", &filter])?;
    serde_json::from_str(&text).map_err(|e| format!("cargo metadata is no JSON: {e}"))
}

fn locked(root: &Path) -> Result<String, String> {
    let path = root.join("Cargo.lock");
    fs::read_to_string(&path).map_err(unreadable(&path))
}

fn unreadable(path: &Path) -> impl Fn(std::io::Error) -> String {
    move |error| format!("cannot read {}: {error}", path.display())
}

/// What a command says, where it succeeds.
fn said(folder: &Path, words: &[&str]) -> Result<String, String> {
    let line = words.join(" ");
    let (program, arguments) = words.split_first().ok_or("there is no command to run")?;
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).stderr(Stdio::inherit());
    let ended = command.output().map_err(|e| format!("cannot run {program}: {e}"))?;
    if !ended.status.success() {
        return Err(format!("`{line}` failed"));
    }
    String::from_utf8(ended.stdout).map_err(|_| format!("`{line}` does not say a text"))
}

/// Writes a file, and the folders that it stands in.
fn write(path: &PathBuf, content: impl AsRef<[u8]>) -> Result<(), String> {
    let failed = |e| format!("cannot write {}: {e}", path.display());
    path.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
    fs::write(path, content).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_handed_out_is_named_after_version_and_platform() {
        let name = Name { version: "1.2.3".to_owned(), platform: "x86_64-linux".to_owned() };
        assert_eq!(name.folder(), "release-1.2.3");
        assert_eq!(name.archive(), "strongroom-1.2.3-x86_64-linux.tar.gz");
        assert_eq!(name.inventory(), "strongroom-1.2.3.cdx.json");
    }

    #[test]
    fn a_word_that_is_not_known_builds_nothing() {
        assert!(main(&["--verfy"]).unwrap_err().contains("--help"));
        assert!(main(&["--output", "yaml"]).is_err());
    }
}
