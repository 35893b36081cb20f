//! The built program is tried: its self-tests run when it starts.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use super::said;

/// Starts a server of the program in a folder of its own, asks it how it stands and ends it. How
/// many self-tests have passed.
pub(super) fn run(binary: &Path, version: &str) -> Result<u64, String> {
    let program = binary.to_str().ok_or("the path of the program is no text")?;
    let folder = binary.with_file_name("trial");
    let dir = folder.to_str().ok_or("the path of the trial is no text")?;
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|e| format!("cannot remove {dir}: {e}"))?;
    }
    let _server = Server::start(program, &folder)?;
    let status = said(Path::new("/"), &[program, "status", "--dir", dir, "--output", "json"])?;
    let status: Value = serde_json::from_str(&status).map_err(|e| format!("the status: {e}"))?;
    self_tests(&status, version)
}

/// How many self-tests a server has passed, which is to be of this version.
fn self_tests(status: &Value, version: &str) -> Result<u64, String> {
    if status["version"] != version {
        return Err(format!("the program calls itself {}, not {version}", status["version"]));
    }
    match status["crypto"]["self_tests"].as_u64() {
        Some(passed) if passed > 0 => Ok(passed),
        _ => Err("the program tells of no self-tests".to_owned()),
    }
}

/// A server that runs until this is dropped, with its folder.
struct Server {
    child: Child,
    folder: PathBuf,
}

impl Server {
    fn start(program: &str, folder: &Path) -> Result<Self, String> {
        let failed = |e| format!("cannot start {program}: {e}");
        let anywhere = ["--listen", "--kmip", "--metrics"].map(|door| [door, "127.0.0.1:0"]);
        let mut command = Command::new(program);
        command.args(["quickstart", "--output", "json", "--dir"]).arg(folder);
        command.args(anywhere.concat()).stdin(Stdio::null()).stdout(Stdio::piped());
        let child = command.spawn().map_err(failed)?;
        let mut server = Self { child, folder: folder.to_path_buf() };
        let mut ready = String::new();
        let stdout = server.child.stdout.take().ok_or("the program has no output")?;
        // Its one line comes when it serves; none when it does not start.
        let read = BufReader::new(stdout).read_line(&mut ready).map_err(failed)?;
        if read == 0 { Err("the program did not start".to_owned()) } else { Ok(server) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_program_of_another_version_or_without_self_tests_is_not_released() {
        let status = |tests: u64| json!({"version": "1.2.3", "crypto": {"self_tests": tests}});
        assert_eq!(self_tests(&status(55), "1.2.3"), Ok(55));
        assert!(self_tests(&status(55), "1.2.4").is_err());
        assert!(self_tests(&status(0), "1.2.3").is_err());
        assert!(self_tests(&json!({"version": "1.2.3"}), "1.2.3").is_err());
        assert!(run(Path::new("/no/such/program"), "1.2.3").is_err());
    }
}
