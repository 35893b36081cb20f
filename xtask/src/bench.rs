//! `cargo xtask bench`: builds the server and the benchmark as they are released and runs it.

use std::process::Command;

use crate::tree;

const HELP: &str = "\
Build the server and the benchmark as they are released, and measure one against a bare TLS server.

Usage: cargo xtask bench [OPTIONS]

Everything after `bench` is for the benchmark, `cargo xtask bench -- --help` too. It prints
Markdown; without an option, the tables of docs/performance.md. Keep the machine quiet meanwhile.

Examples:
  cargo xtask bench                                          everything, some 28 minutes
  cargo xtask bench --quick                                  whether it works, not how fast
  cargo xtask bench --operation Encrypt --connections 16     one row
  cargo xtask bench --keys 1000 --keys 1000000               how the number of keys tells
  cargo xtask bench stages                                   where the microseconds go
";

/// Runs the task; whether no sample was void.
pub(crate) fn main(arguments: &[&str]) -> Result<bool, String> {
    let arguments = match arguments {
        ["--", rest @ ..] => rest,
        ["--help" | "-h", ..] => {
            print!("{HELP}");
            return Ok(true);
        }
        all => all,
    };
    let root = tree::root();
    // Both in one: what they share is then compiled once, with the same features.
    let packages = ["--package", "strongroom", "--package", "strongroom-bench"];
    let mut build = Command::new("cargo");
    build.args(["build", "--release"]).args(packages).current_dir(&root);
    if !build.status().map_err(|e| format!("cannot run cargo: {e}"))?.success() {
        return Err("what is to be measured does not compile".to_owned());
    }
    let mut bench = Command::new(root.join("target/release/strongroom-bench"));
    let ran = bench.args(arguments).current_dir(&root).status();
    Ok(ran.map_err(|e| format!("cannot run the benchmark: {e}"))?.success())
}
